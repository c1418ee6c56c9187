/* SPDX-License-Identifier: GPL-3.0-or-later */
/* on_session.h - commands whose first word names a session */

#ifndef CLI_ON_SESSION_H
#define CLI_ON_SESSION_H

#include "base/attr.h"
#include "wire/item.h"

struct err;
struct halves;
struct input_message;
struct opts;

typedef int (*on_session_fn)(struct halves *h, const struct item *it,
    const struct opts *o, struct err *e);
/* Compose, find the session of the first word, do it, take apart. */
int	on_session(const struct opts *o, on_session_fn fn, struct err *e);
/* The words behind the first, joined by blanks. Caller frees. */
char	*on_session_words(const struct opts *o);

/* Append a message, or a stop, and wait for no more than that it is stored. */
int	on_session_message(struct halves *h, const struct item *it,
	    const struct input_message *m, struct err *e) ATTR_MUST_USE;
int	on_session_stop(struct halves *h, const struct item *it,
	    const char *why, struct err *e) ATTR_MUST_USE;

/*
 * Put an action (JSON) or another message-like record into a session and wait
 * for the turn-complete that covers it. ERR_* when it was refused.
 */
int	on_session_action(struct halves *h, const struct item *it,
	    const char *action, struct err *e) ATTR_MUST_USE;

#endif
