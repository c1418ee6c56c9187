/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store_priv.h - what the store's own files know of each other */

#ifndef STORE_STORE_PRIV_H
#define STORE_STORE_PRIV_H

#include <sys/queue.h>

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "store/channel.h"
#include "store/ring.h"
#include "store/store_ops.h"
#include "wire/item.h"

struct event;

enum {
	STORE_BUCKETS = 1024,	/* of open channels, by row */
	STORE_LATE_US = 4000,	/* 64 appends: one commit, not two */
	STORE_PEEKED = 1024,
	STORE_PEEK_WAYS = 4,
	/* for the commit of another process, which takes milliseconds */
	STORE_LOCKED_MS = 3000,
};

/*
 * head is what has been committed and may be seen, next what the open
 * transaction has come to; they differ only while it is open.
 */
struct channel {
	LIST_ENTRY(channel) entry;
	LIST_ENTRY(channel) change;	/* in the store's list of changed */
	bool is_changed;
	TAILQ_ENTRY(channel) woken;
	struct store *store;		/* NULL: closed before the channel */
	int64_t row;
	enum channel_dir dir;
	char *name;			/* of a side channel, else NULL */
	SLIST_ENTRY(channel) side;	/* in its owner's list */
	bool is_grown;			/* is it in that? */
	int refs;
	int64_t head, next;
	int64_t head_time, next_time;
	struct ring ring;
	TAILQ_HEAD(channel_waiters, channel_waiter) waiters, ready;
	bool is_woken;			/* in the store's list */
};

struct owned {
	TAILQ_ENTRY(owned) entry;
	struct store *store;
	int64_t row;
	char id[64];
	int refs;		/* 0: goes when the transaction ends */
	int lock;		/* descriptor, -1: none */
	LIST_ENTRY(owned) bucket;
	LIST_ENTRY(owned) touch;	/* in the list of touched */
	bool is_touched;
	LIST_ENTRY(owned) growth;	/* in the list of grown */
	bool is_grown;		/* heads to be written down some time */
	int64_t epoch;		/* 0: not yet written down */
	uint64_t claimed;	/* the transaction that wrote it */
	uint64_t checked;	/* st->changes when it was compared, or 0 */
	bool lost;		/* somebody else has taken over */
	bool works;		/* it is among those that have work left */
	int64_t bytes;		/* to be added to the session's */
	int64_t new_bytes;	/* the same, by the open transaction */
	bool flushed;		/* by the open transaction */
	const char *reader;	/* whose cursor is not written down, or NULL */
	int64_t cursor;
	int64_t touched;	/* updatedAt as last written */
	struct channel *channels[STORE_DIRS];
	/* side channels to which the open transaction has added, held open:
	 * what the database says of them is not yet to be seen */
	SLIST_HEAD(, channel) sides;
};

/* Somebody who waits for the commit. */
struct store_call {
	TAILQ_ENTRY(store_call) entry;
	store_done_fn fn;
	void *arg;
	struct err *e;		/* NULL: it went well */
};
TAILQ_HEAD(store_calls, store_call);

/* A session as store_peek() has found it. */
struct peek {
	char *key;		/* NULL: none */
	struct item item;
	uint64_t serial;	/* st->peek_serial of then */
};

struct store {
	const struct store_ops *ops;
	struct store_db *db;
	struct event *commit_event;	/* when all else is done */
	struct event *late_event;	/* when all else takes too long */
	struct event *wake_event;	/* tell about commits */
	struct event *tidy_event;	/* when there was nothing for a while */
	char *run_dir;			/* NULL: in memory, no locks */
	char *socket;
	bool open;			/* a transaction is */
	uint64_t serial;		/* of the last one opened */
	int64_t opened;			/* clock_mono_us */
	int64_t locked;			/* by another since then, or 0 */
	struct store_calls waiting, done;
	int64_t version;		/* of the database, as last seen */
	uint64_t changes;		/* by others: so often, and 1 */
	TAILQ_HEAD(, owned) owned;
	LIST_HEAD(, owned) by_row[STORE_BUCKETS];
	LIST_HEAD(, owned) touched;	/* by the open transaction */
	LIST_HEAD(, owned) grown;
	struct peek peeked[STORE_PEEKED];
	uint64_t peek_serial;		/* what was peeked at is as it was */
	LIST_HEAD(, channel) channels[STORE_BUCKETS];
	LIST_HEAD(, channel) changed;	/* by the open transaction */
	TAILQ_HEAD(, channel) woken;
};

/* store.c */
/* Before each change. */
int	store_begin(struct store *st, struct err *e);
/* For appends that nothing must be committed together with what was before:
 * commits what has waited for long enough. */
int	store_commit_late(struct store *st, struct err *e);
/* There is something to tell from the loop. */
void	store_wake(struct store *st);

/* owner.c */
/* Before each change of a session: opens the transaction, compares the
 * epoch. */
int	owned_touch(struct owned *own, struct err *e);
/* Before what a dead process would leave undone: note the session. */
int	owned_work(struct owned *own, struct err *e);
struct owned	*owned_find(struct store *st, int64_t row);
/* Can sessions be locked at all? -1: no. */
int	owned_try(struct store *st, struct err *e);
bool	owned_elsewhere(struct store *st, int64_t row, const char *id);
/* What was added: heads are written down with some commit (owner.c). */
void	owned_grew(struct owned *own, int64_t bytes);
/* Write the heads of those that grew a while ago. */
int	owned_flush(struct store *st, struct err *e);
/* Its row is gone. */
void	owned_removed(struct owned *own);
/* The transaction has ended. */
void	owned_settle(struct store *st, bool committed);
void	owned_free(struct owned *own);

/* channel.c */
/* Let go of the side channels that grew. */
void	channel_release_sides(struct owned *own);
void	channel_settle(struct channel *ch, bool committed);
/* It is not in the list of changed ones any more. */
void	channel_unchange(struct channel *ch);
/* Take the head as the database has it. */
int	channel_load(struct channel *ch, struct err *e);
/* The session is being removed in this transaction. */
void	channel_remove_all(struct store *st, int64_t row);
/* Call one waiter that is due; false: none was. */
bool	channel_call_one(struct store *st);

/* store_session.c */
/* What store_peek() has seen may be different now. */
void	store_unpeek(struct store *st);
void	store_forget_peeked(struct store *st);
/* An item as the database has it becomes what it is: closed, interrupted. */
void	store_finish_item(struct store *st, struct item *it);

#endif
