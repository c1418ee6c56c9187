/* SPDX-License-Identifier: GPL-3.0-or-later */
/* setup.h - how a turn is to run: agent, model, options, from all who say */

/*
 * Options: the host's defaults, then the agent's, the session's
 * basePayload.chatd, the record's payload.chatd; the later wins.
 * The model: the record's, that of an agent named in the record, the one the
 * session used last, the session's first, the agent's, the host's; and when
 * nobody says, spec is NULL and models_default() is to be asked.
 *
 * The basePayload of a sub-agent is what its parent was bound to when it asked
 * (subagent.h); its own agent file can only narrow that.
 *
 * A turn that goes on after a person has answered for a call runs as the one
 * that asked did: before is the payload.chatd of that one's record.
 */

#ifndef AGENT_SETUP_H
#define AGENT_SETUP_H

#include "agent/persona.h"
#include "base/attr.h"
#include "tool/sandbox.h"
#include "wire/input.h"

struct err;
struct item;
struct json;

enum { SETUP_MAX_STEPS = 50 };	/* when nobody says */

struct setup {
	struct turn_opts opts;
	struct persona persona;
	char *spec;		/* NULL: nobody said */
	char *dir;		/* or NULL */
	char *ancestors;	/* of a sub-agent: ids of the sessions above it,
				 * the root first, a JSON array; or NULL */
};

/* before, chatd: payload.chatd of records, or NULL. */
int	setup_init(struct setup *s, const struct turn_opts *defaults,
	    const struct item *it, const struct json *before,
	    const struct json *chatd, struct err *e) ATTR_MUST_USE;
void	setup_clear(struct setup *s);
/* workspace-write when nobody says */
enum sandbox_mode setup_sandbox(const struct setup *s);
/* The client data of a message, or else that of its session. ERR_INVALID: not
 * what the session's agent wants. */
int	setup_check_data(const struct setup *s, const struct item *it,
	    const struct json *metadata, struct err *e) ATTR_MUST_USE;

#endif
