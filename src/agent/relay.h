/* SPDX-License-Identifier: GPL-3.0-or-later */
/* relay.h - a turn that a program answers (chatd-agent(7)) */

/*
 * The program is told of the turn in one line and its chunks are passed on,
 * checked, in the place of a model's steps:
 *
 *	relay_begin ─► chunks ─► finish or turn-complete ─► turn_commit()
 *	                  └► a bad line, an exit ─► turn_fail()
 *
 * turn-complete ends the answer. Silence behind finish, abort or error is
 * taken for it, soon from a program that has never written it.
 */

#ifndef AGENT_RELAY_H
#define AGENT_RELAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct buf;
struct err;
struct relay;
struct turn;

enum {
	RELAY_TOTAL_MAX = 64 * 1024 * 1024,	/* bytes of one turn */
	RELAY_SETTLE_MS = 100,	/* silence behind finish or abort */
	RELAY_ERROR_MS = 1000,	/* and behind error, which may have a tail */
	/* behind any of them, of one that is known to write turn-complete */
	RELAY_EXACT_MS = 5000,
	/* to end by itself when it is stopped; callers wait for 2 s */
	RELAY_STOP_MS = 1000,
};

/* Does a program answer this turn? */
bool	relay_wanted(const struct turn *t);
/* The turn begins for its program, or fails. */
void	relay_begin(struct turn *t);
/* It is told to stop; false if there is nothing more to be waited for. */
bool	relay_stop(struct turn *t, int64_t stop);
/* The turn ends without it: the program is ended. */
void	relay_cut(struct turn *t);
/* The same with no chunk written: the turn stays as it is. */
void	relay_leave(struct turn *t);

/* The line that tells of the turn, with its newline (relay_request.c). */
struct relay_asked {
	int number;		/* of the turn in the program's life */
	bool continuation;	/* a fresh program of a session that has begun */
};
int	relay_request(struct turn *t, const struct relay_asked *asked,
	    struct buf *out, struct err *e) ATTR_MUST_USE;

#endif
