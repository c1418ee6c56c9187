/* SPDX-License-Identifier: GPL-3.0-or-later */
/* trigger.h - what a record of `in` makes the agent do */

/*
 * The table of session-protocol 9. What gets an answer ends in one
 * turn-complete; everything else is consumed and nothing is written.
 */

#ifndef AGENT_TRIGGER_H
#define AGENT_TRIGGER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

struct agent;
struct err;
struct input;
struct json;
struct message;

/* seq -1: the payload of a create. -1: the store failed. */
int	trigger_run(struct agent *ag, int64_t seq, const struct input *in,
	    struct err *e) ATTR_MUST_USE;

/* for actions and steering */

/* A user message that may stand in the transcript, or NULL and why. */
struct message	*trigger_user_message(const struct json *message,
		    struct err *why) ATTR_MUST_USE;

/* An error chunk and a turn-complete. */
int	trigger_refuse(struct agent *ag, int64_t seq, const struct err *why,
	    struct err *e) ATTR_MUST_USE;
/* Answer the last message of the user again; only in->chatd counts. */
int	trigger_regenerate(struct agent *ag, int64_t seq,
	    const struct input *in, struct err *e) ATTR_MUST_USE;
/* Into the transcript; out_seq: the last number of `out` it covers. */
int	trigger_put_message(struct agent *ag, const struct message *m,
	    int64_t out_seq, struct err *e) ATTR_MUST_USE;
bool	trigger_has_program(struct agent *ag, const struct json *chatd);
int	trigger_action_turn(struct agent *ag, int64_t seq,
	    const struct json *chatd) ATTR_MUST_USE;
/* A user message is stored and answered. */
struct trigger_user {
	const struct json *message;
	const struct json *chatd;	/* payload.chatd or NULL */
	const char *cut;	/* goes with all behind it, or NULL */
};
int	trigger_user_turn(struct agent *ag, int64_t seq,
	    const struct trigger_user *u, struct err *e) ATTR_MUST_USE;

#endif
