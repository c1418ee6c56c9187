/* SPDX-License-Identifier: GPL-3.0-or-later */
/* limit.h - how many requests a caller may make in a minute */

/*
 * A window for all callers begins with its first request; a caller is a key
 * or a token (session-protocol 15). The table has a ceiling: past it callers
 * share one count, so that many tokens are no way around a limit.
 */

#ifndef SERVER_LIMIT_H
#define SERVER_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

enum { LIMIT_WINDOW_MS = 60 * 1000, LIMIT_SLOTS = 4096 };

struct limit;

struct limit_state {
	int limit, remaining;
	int64_t reset;		/* unix ms: the window's end */
};

struct limit	*limit_new(int per_minute);
void		 limit_free(struct limit *l);
/* One request more; false: it is one too many. */
bool		 limit_take(struct limit *l, const char *caller, int64_t now,
		    struct limit_state *out);

#endif
