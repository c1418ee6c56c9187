/* SPDX-License-Identifier: GPL-3.0-or-later */
/* batch.h - the records of an event, made once for all who wait for them */

/*
 * A thousand readers that have all seen the same get the same records next:
 * the last batch that was made is kept. It is known by its channel, where it
 * begins, and the head it was made at. Whoever lets go of a channel says so:
 * the next one may have its address.
 */

#ifndef SERVER_BATCH_H
#define SERVER_BATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"

struct channel;
struct err;

/*
 * A client moves its cursor when an event is whole. Over a link that keeps
 * breaking one of 32 KiB may never be, so a connection begins with small
 * ones, and each is twice the last (session-protocol 7.2).
 */
struct batch_size {
	int records;
	int64_t bytes;
};

#define BATCH_SIZE_INIT	{ 8, 1024 }

struct batch {
	struct channel *channel;	/* NULL: nothing is kept */
	struct batch_size max;		/* that it was made with */
	int64_t from, head;
	int64_t next;			/* behind its last record */
	int64_t records, bytes;
	struct buf data;		/* of the event, with the lines' ends */
};

void	batch_init(struct batch *b);
void	batch_clear(struct batch *b);
/* Up to that of a page, BATCH_RECORDS_MAX and BATCH_BYTES_MAX. */
void	batch_size_grow(struct batch_size *s);
bool	batch_size_is_full(const struct batch_size *s);
/* How many records there are from a number on; -1: they cannot be read. */
int64_t	batch_read(struct batch *b, struct channel *ch, int64_t from,
	    const struct batch_size *max, struct err *e) ATTR_MUST_USE;
/*
 * For one who is far behind: batch after batch is made and given to fn, until
 * that returns non-zero or the head is reached. None is kept.
 */
typedef int (*batch_fn)(const struct batch *b, void *arg);
int64_t	batch_run(struct batch *b, struct channel *ch, int64_t from,
	    batch_fn fn, void *arg, struct err *e) ATTR_MUST_USE;
/* This channel may be gone soon. */
void	batch_forget(struct batch *b, const struct channel *ch);

#endif
