/* SPDX-License-Identifier: GPL-3.0-or-later */
/* subs.h - what the sub-agents of running calls have said so far */

/*
 * A call that runs a sub-agent forwards its chunks in transient
 * data-subagent parts ({"toolCallId":CALL,"chunks":[...]}), which are in no
 * message. Here they become one. When the call ends its output has it all.
 */

#ifndef UI_SUBS_H
#define UI_SUBS_H

#include <stddef.h>

struct json;
struct message;
struct sub;

struct subs {
	struct sub *list;
	size_t count;
};

enum { SUBS_MAX = 64 };		/* of a turn; more are not followed */

/* The data of a part. */
void	subs_take(struct subs *s, const struct json *data);
/* What the sub-agent of this call has said, or NULL. */
const struct message *subs_get(const struct subs *s, const char *call_id);
void	subs_clear(struct subs *s);

#endif
