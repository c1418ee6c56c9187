/* SPDX-License-Identifier: GPL-3.0-or-later */
/* inbox.h - which record of `in` is next, and which stop hits a turn */

/*
 *	in:  0 1 2 3 4 5 6
 *	         ^     ^
 *	      next     seen
 *
 * Records before `next` are consumed (the cursor is next - 1); those
 * before `seen` have been looked at for a stop. A stop hits only the turn that
 * runs when it is seen, and only if that turn's record has a smaller number
 * (session-protocol 9.3); `stopped` is stored too, so that one that has hit
 * does not hit the next turn after a crash.
 */

#ifndef AGENT_INBOX_H
#define AGENT_INBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "wire/input.h"

struct channel;
struct err;
struct owned;
struct store;

struct inbox {
	struct channel *in;
	int64_t next, seen;
	int64_t stopped;	/* the last stop that hit a turn, or -1 */
};

void	inbox_init(struct inbox *ib, struct channel *in, struct store *st,
	    int64_t row);
/* Clear with input_clear(), also after -1. */
int	inbox_read(struct inbox *ib, int64_t seq, struct input *in,
	    struct err *e) ATTR_MUST_USE;
/* Does a record of this kind get a turn-complete? */
bool	inbox_answered(const struct input *in);
/* Look at what is new for a stop of the turn begun by in_seq; its number,
 * or -1. */
int64_t	inbox_find_stop(struct inbox *ib, int64_t in_seq);
/*
 * The last number that a turn which has come to in_seq may cover when stop
 * (or -1) ended it: never one that waits for its own answer, nor one behind such
 * (session-protocol 8.2).
 */
int64_t	inbox_covered(struct inbox *ib, int64_t in_seq, int64_t stop);
/* seq is consumed, and nothing came of it: stored some time. */
void	inbox_skip(struct inbox *ib, struct owned *own, int64_t seq);
/* Everything up to seq is consumed; stop (or -1) has hit. Stored. */
int	inbox_consume(struct inbox *ib, struct owned *own, int64_t seq,
	    int64_t stop, struct err *e) ATTR_MUST_USE;

#endif
