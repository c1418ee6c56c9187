/* SPDX-License-Identifier: GPL-3.0-or-later */
/* approval.h - calls that wait for a person, and what the person says */

/*
 * The answer is the slim assistant message of session-protocol 10. What only
 * our own server takes from us stands beside it, in payload.chatd: changed
 * arguments, and a rule to remember.
 */

#ifndef CLI_APPROVAL_H
#define CLI_APPROVAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

struct buf;
struct err;
struct json;
struct message;

/* The newest message of a transcript, if one of its calls waits, or NULL. */
const struct json *approval_message(const struct json *transcript);
/* The next part that waits, behind one (NULL: the first), or NULL. */
const struct json *approval_next(const struct json *message,
		    const struct json *part);

struct approval_answer {
	const struct json *part;	/* of the message */
	bool approved;
	const char *reason;	/* or NULL */
	const char *scope;	/* "session", "always", or NULL: once */
	const char *input;	/* changed arguments, JSON, or NULL */
};
/* The message to send as one of the submit trigger. */
void	approval_write(struct buf *b, const struct json *message,
	    const struct approval_answer *a, size_t count);
/* payload.chatd; with nothing to say it stays empty, to be sent as none. */
void	approval_write_chatd(struct buf *b, const struct approval_answer *a,
	    size_t count);
/* Of any tool part: a static one has its name in its type. Never NULL. */
const char	*approval_tool(const struct json *part);
/* The rule that "always" would store, or NULL. */
const char	*approval_rule(const struct json *part);

#endif
