/* SPDX-License-Identifier: GPL-3.0-or-later */
/* persona.h - an agent as a file: agents/NAME.md */

/*
 * Front matter with the keys of payload.chatd (model, reasoning, ...), and a
 * body that is the system prompt (cli.md 8). The user's own configuration is
 * looked at before the project's .chatd: a project cannot replace an agent
 * that its user has made.
 */

#ifndef AGENT_PERSONA_H
#define AGENT_PERSONA_H

#include "base/attr.h"
#include "wire/input.h"

struct err;

/* The one that needs no file. */
#define PERSONA_DEFAULT "chat"

struct persona {
	struct turn_opts opts;
	char *body;		/* NULL: the common system prompt */
};

/* ERR_NOT_FOUND: no such agent; ERR_CONFIG: its file is wrong. */
int	persona_load(struct persona *p, const char *name, const char *dir,
	    struct err *e) ATTR_MUST_USE;
/* Of what it says about permissions only what narrows is left: a project's
 * file, and that of a sub-agent, never widens what may be done. */
void	persona_narrow(struct turn_opts *o);
void	persona_clear(struct persona *p);

#endif
