/* SPDX-License-Identifier: GPL-3.0-or-later */
/* steer.h - what comes in while a turn runs, told at its next step */

/*
 *	in:   m0   m1   inject   undo   m2
 *	      |    |____|         waits: each gets its own turn-complete
 *	      |     told at the next step, covered by the turn of m0
 *
 * Between two steps the records behind the turn's own are looked at, in order,
 * up to the first that cannot wait its turn inside this one
 * (session-protocol 9.2). Each becomes a data part of the answer
 * (HISTORY_PENDING, HISTORY_BACKGROUND), which names its record: so it is
 * consumed when, and only when, that chunk is durable, and a process that goes
 * on with the turn finds it there. What is not taken begins the next turn.
 */

#ifndef AGENT_STEER_H
#define AGENT_STEER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

struct buf;
struct err;
struct input;
struct json;
struct message;
struct turn;

/* "inject" (also when nobody says) or "queue". */
#define STEER_QUEUE "queue"

/* Take what may be taken. -1: `in` cannot be read. */
int	steer_take(struct turn *t, struct err *e) ATTR_MUST_USE;
/* {"type":"inject","text":..}: context, not a turn. Its text, or NULL. */
const char *steer_context(const struct input *in);
/* The chunk of context that came with record seq. */
void	steer_write_context(struct buf *chunk, int64_t seq, const char *text);
/* The record that a data-* chunk says is in it, or -1. */
int64_t	steer_covered(const struct json *chunk);
/* What people have said in this message, for the search: appended. */
void	steer_text(const struct message *m, struct buf *out);

#endif
