/* SPDX-License-Identifier: GPL-3.0-or-later */
/* view.h - a session's messages, as a client has come to know them */

/*
 * Starts from a transcript and goes on with the chunks that `out` brings: the
 * last message is open while a turn writes it. The same reducer as the
 * agent's (architecture.md 1.7), so what is shown is what is stored.
 */

#ifndef CLIENT_VIEW_H
#define CLIENT_VIEW_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "wire/message.h"

struct err;
struct json;

struct view;

struct view	*view_new(void);
void		 view_free(struct view *v);
/* Put the messages of a transcript (JSON array) behind what is there. What
 * cannot be read is left out. */
void		 view_load(struct view *v, const struct json *messages);
/* A chunk of `out`. res may be NULL. -1: it does not fit and changed nothing. */
int		 view_apply(struct view *v, const struct json *chunk,
		    struct reduce_result *res, struct err *e) ATTR_MUST_USE;
/* A person's answer ({id, approved, reason}) to a call of the newest answer.
 * That one, or NULL: it has no such call. */
const struct message *view_approval(struct view *v,
		    const struct json *answer);
/* The turn is complete: the open message is closed. */
void		 view_turn_complete(struct view *v);

/* Oldest first, the open one is the last. Borrowed. */
size_t		 view_count(const struct view *v);
const struct message *view_at(const struct view *v, size_t i);
/* The newest assistant message of this view, or NULL. */
const struct message *view_answer(const struct view *v);
/* Of the last turn: finishReason, or NULL. */
const char	*view_finish_reason(const struct view *v);

#endif
