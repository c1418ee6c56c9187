/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ring.h - the newest records of a channel, in memory */

/*
 * Records in a row of numbers, the oldest of which go when their bytes pass a
 * ceiling; the newest always stays. A caller who looks at one pins the ring,
 * and nothing goes until it is unpinned.
 *
 *	first                 first + count
 *	| 41 | 42 | 43 | 44 |
 */

#ifndef STORE_RING_H
#define STORE_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/record.h"

enum { RING_BYTES_MAX = 256 * 1024 };

struct ring {
	struct record **slots;	/* a circle, NULL as long as it is empty */
	size_t cap, start, count;
	int64_t first;		/* number of the oldest */
	size_t bytes;
	int pins;
	bool stale;		/* to be cleared when unpinned */
};

/* A record with all that it points to, in one block for free(). */
struct record	*ring_copy(const struct record *rec);

/* A pinned ring only looks empty until it is unpinned. */
void	ring_clear(struct ring *r);
/* A number that does not follow the last one empties the ring first. */
void	ring_push(struct ring *r, const struct record *rec);
/* NULL if it is not here. */
const struct record	*ring_get(const struct ring *r, int64_t seq);
void	ring_pin(struct ring *r);
void	ring_unpin(struct ring *r);

#endif
