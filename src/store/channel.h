/* SPDX-License-Identifier: GPL-3.0-or-later */
/* channel.h - a durable, numbered list of records, and who reads it */

/*
 * A session has two channels, `in` and `out`, and any number of side channels
 * (session-protocol 14), each a name with an `in` and an `out` of its own,
 * there as soon as somebody writes or reads it. A record gets its number, from
 * 0 and without holes, in the open transaction; it is seen when that has been
 * committed. A reader is a position: it reads what lies behind it, at its own
 * speed, and waits to be woken when there is nothing.
 *
 *	out:  0 1 2 3 4 5 | 6 7        committed | appended, not yet seen
 *	          ^               ^
 *	          a reader        channel_next() of an owner
 *
 * The newest records are kept in memory (a ring of bytes with a ceiling), the
 * rest is read from the database in batches, with no statement left open.
 */

#ifndef STORE_CHANNEL_H
#define STORE_CHANNEL_H

#include <sys/queue.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "wire/record.h"

struct err;
struct owned;
struct store;

enum channel_dir {
	CHANNEL_IN,
	CHANNEL_OUT,
};

struct channel;

/* Shared within the process, counted. For reading no ownership is needed. */
struct channel	*channel_open(struct store *st, int64_t row,
		    enum channel_dir dir, struct err *e) ATTR_MUST_USE;
/* name NULL: the same as channel_open(). */
struct channel	*channel_open_side(struct store *st, int64_t row,
		    const char *name, enum channel_dir dir, struct err *e)
		    ATTR_MUST_USE;
void		 channel_close(struct channel *ch);
/* The session's side channel whose name comes behind another ("": the first)
 * and that has records: 1, or 0 and there is none. Caller frees. */
int		 channel_next_side(struct store *st, int64_t row,
		    const char *after, char **name, struct err *e)
		    ATTR_MUST_USE;

/*
 * Append; returns the number, -1 on error. rec->seq and rec->time are
 * ignored. part_id (or NULL) makes it idempotent: for a known one *replayed is
 * set and the old number returned (it may not be committed yet:
 * store_on_commit() tells).
 */
int64_t	channel_append(struct owned *own, enum channel_dir dir,
	    const struct record *rec, const char *part_id, bool *replayed,
	    struct err *e) ATTR_MUST_USE;
/* The same for a side channel; name NULL: as above. */
int64_t	channel_append_side(struct owned *own, const char *name,
	    enum channel_dir dir, const struct record *rec,
	    const char *part_id, bool *replayed, struct err *e)
	    ATTR_MUST_USE;
/* A data record on `out`: the id is made from the number. */
int64_t	channel_append_chunk(struct owned *own, const char *chunk,
	    size_t len, struct err *e) ATTR_MUST_USE;

/* The number the next committed record will have (= how many there are). */
int64_t	channel_head(const struct channel *ch);
/* Time of the last committed record, 0 if none. */
int64_t	channel_time(const struct channel *ch);
/* When the owner is another process: look again how far it has come. */
int	channel_refresh(struct channel *ch, struct err *e) ATTR_MUST_USE;
/*
 * Records from a number on, at most max records and, after the first,
 * max_bytes of bodies. fn is called for each in order; returning non-zero
 * ends. Returns how many were given, -1 on error.
 */
int	channel_read(struct channel *ch, int64_t from, int max,
	    size_t max_bytes, record_fn fn, void *arg, struct err *e)
	    ATTR_MUST_USE;
/*
 * The same for one with a long way to go, without a copy of each record: fn
 * must not touch the store. There is no limit but what fn returns.
 */
int	channel_scan(struct channel *ch, int64_t from, record_fn fn, void *arg,
	    struct err *e) ATTR_MUST_USE;
/*
 * Still faster, where `out` has them: whole pages of BATCH_RECORDS_MAX
 * records, each the text of a batch without its end. from is a multiple of
 * that (else there is none). Ends where one is missing, or when fn, which
 * must not touch the store, returns non-zero.
 */
struct channel_page {
	int64_t first;		/* number of the first record */
	int64_t bytes;		/* of the bodies */
	const char *text;	/* record_batch_begin(), record_batch_add().. */
	size_t len;
};
typedef int (*channel_page_fn)(const struct channel_page *p, void *arg);
int	channel_pages(struct channel *ch, int64_t from, channel_page_fn fn,
	    void *arg, struct err *e) ATTR_MUST_USE;
/* The number of the last-but-nth control record of a subtype (n = 0: the
 * last), or -1. */
int64_t	channel_last_control(struct channel *ch, const char *subtype, int n,
	    struct err *e);

/* Waiting: fn is called once, from the loop, when the head is past from. */
typedef void (*channel_wake_fn)(void *arg);
struct channel_waiter {
	TAILQ_ENTRY(channel_waiter) entry;
	struct channel *channel;	/* NULL: not waiting */
	int64_t from;
	channel_wake_fn fn;
	void *arg;
	bool ready;		/* the channel's own */
};
void	channel_wait(struct channel *ch, struct channel_waiter *w,
	    int64_t from);
void	channel_unwait(struct channel_waiter *w);

#endif
