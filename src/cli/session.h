/* SPDX-License-Identifier: GPL-3.0-or-later */
/* session.h - which session a chat is about, and what it sends with it */

#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include <stdbool.h>

#include "base/attr.h"
#include "wire/item.h"

struct client;
struct err;
struct opts;

struct session {
	struct item item;
	bool made;		/* did not exist before */
	char *chatd;		/* payload.chatd of each message, JSON */
	bool remote;		/* the server takes no payload.chatd of us */
	char *metadata;		/* payload.metadata, JSON, or NULL */
};

/* Are the options about the session consistent? ERR_USAGE. */
int	session_check(const struct opts *o, struct err *e) ATTR_MUST_USE;
/* By -c, -r, -s, --fork, or a new one. */
int	session_pick(struct session *s, struct client *cl,
	    const struct opts *o, struct err *e) ATTR_MUST_USE;
/* What is sent wants an answer of its own, unless --steering says else. */
void	session_own_turns(struct session *s);
/* What goes with each message: payload.chatd, or NULL. */
const char	*session_told(const struct session *s);
void	session_clear(struct session *s);
/* What messages say from now on, if there is a session. */
struct turn_opts;
void	session_change(struct session *s, const struct turn_opts *with);

/*
 * The agent says (data-chatd-mode) that a person agreed to a plan: messages do
 * not ask for plan mode any more, unless somebody chose another since. o: what
 * the person sees, or NULL. True: they are sent otherwise now.
 */
struct json;
bool	session_plan_over(struct session *s, struct opts *o,
	    const struct json *chunk);

/* How turns are to run, as the options say. Clear it after a failure too. */
int	session_turn_opts(struct turn_opts *t, const struct opts *o,
	    struct err *e) ATTR_MUST_USE;

/* The members of base (JSON object or NULL), then KEY=VALUE and objects of
 * the options. Caller frees; NULL if there is nothing. */
struct strlist;
int	session_metadata(const char *base, const struct strlist *given,
	    char **out, struct err *e) ATTR_MUST_USE;

#endif
