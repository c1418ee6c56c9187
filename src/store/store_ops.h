/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store_ops.h - what a database must be able to do for the store */

/*
 * The seam between the store's rules (transactions, numbers, owners, wakes)
 * and a database. Everything above it is free of SQL, everything below it is
 * free of rules. Changes are made between begin and commit only; one that
 * fails spoils the transaction: the rest of it and its commit fail as well.
 *
 * Lookups return how many were found, 0 for none, -1 with e set. Nothing is
 * left open in the database when one of them returns, so the caller may call
 * whatever it likes with the result.
 */

#ifndef STORE_STORE_OPS_H
#define STORE_STORE_OPS_H

#include <stdbool.h>
#include <stdint.h>

#include "store/store.h"
#include "wire/record.h"

struct store_db;	/* a database's own */

enum { STORE_DIRS = 2 };	/* enum channel_dir */

struct store_heads {
	int64_t head[STORE_DIRS];
	int64_t time[STORE_DIRS];
};

struct store_place {	/* a side channel */
	int64_t row;
	const char *name;
	int dir;
};

struct store_span {	/* records from..to-1 */
	int64_t row;
	int dir;
	int64_t from, to;
	int max;
	size_t max_bytes;	/* after the first */
};

enum store_key {
	STORE_KEY_ID,
	STORE_KEY_EXTERNAL,
	STORE_KEY_PREFIX,	/* of id or external id */
	STORE_KEY_TITLE,	/* whole, in any case */
	STORE_KEY_DIR,		/* the newest first, no sub-agents */
	STORE_KEY_CALL,		/* the sub-agent of a call */
};

/* A piece of a list: the rows behind a boundary. */
struct store_page {
	const struct store_list *q;
	int64_t now;
	bool newer;		/* walk towards the newer ones */
	int64_t time;		/* the boundary */
	const char *id;		/* NULL: from the end */
};

struct store_found {	/* strings are owned: store_found_clear */
	int64_t row;
	char *message_id;	/* NULL: the title */
	char *role;
	char *snippet;
};

struct store_message {	/* strings are owned: store_message_clear */
	char *id;
	char *json;
};

struct store_put {
	const char *id, *role, *json, *text;
	int64_t out_seq;
};

struct store_sum {
	char *usage;		/* JSON or NULL */
	double cost;
};

struct store_page_of {	/* BATCH_RECORDS_MAX records of `out` */
	int64_t first;		/* number of the first */
	int64_t bytes;		/* of their bodies */
	const char *data;	/* record_batch_begin(), record_batch_add().. */
	size_t len;
};
typedef int (*store_page_fn)(const struct store_page_of *p, void *arg);

struct store_ops {
	struct store_db *(*open)(const char *path, struct err *e);
	void	(*close)(struct store_db *db);
	/* 1: another process keeps it locked; e is set then too */
	int	(*begin)(struct store_db *db, int wait_ms, struct err *e);
	int	(*commit)(struct store_db *db, struct err *e);
	/* changes when another process has committed since the last call;
	 * asked in a transaction */
	int	(*version)(struct store_db *db, int64_t *version,
		    struct err *e);
	void	(*rollback)(struct store_db *db);
	void	(*tidy)(struct store_db *db);	/* there is time for it now */
	int	(*check)(struct store_db *db, struct err *e);

	int	(*create)(struct store_db *db, const struct store_new *n,
		    const char *id, int64_t now, struct err *e);
	int	(*get)(struct store_db *db, int64_t row, struct item *out,
		    struct err *e);
	int	(*find)(struct store_db *db, enum store_key by,
		    const char *key, struct item *out, int max,
		    struct err *e);
	int	(*update)(struct store_db *db, int64_t row,
		    const struct store_update *u, int64_t now, struct err *e);
	int	(*shut)(struct store_db *db, int64_t row, const char *reason,
		    int64_t now, struct err *e);
	int	(*remove)(struct store_db *db, int64_t row, struct err *e);
	int	(*list)(struct store_db *db, const struct store_page *page,
		    struct item *out, int max, struct err *e);
	int	(*search)(struct store_db *db, const char *words,
		    struct store_found *out, int max, struct err *e);

	int	(*claim)(struct store_db *db, int64_t row,
		    const struct owner *who, int64_t *epoch, struct err *e);
	int	(*epoch)(struct store_db *db, int64_t row, int64_t *epoch,
		    struct err *e);
	int	(*owner)(struct store_db *db, int64_t row, struct owner *who,
		    struct err *e);
	int	(*set_owner)(struct store_db *db, int64_t row,
		    const struct owner *who, struct err *e);

	int	(*heads)(struct store_db *db, int64_t row,
		    struct store_heads *out, struct err *e);
	/* also: bytes more, and touched at (0: leave) */
	int	(*set_heads)(struct store_db *db, int64_t row,
		    const struct store_heads *heads, int64_t bytes,
		    int64_t touched, struct err *e);
	int	(*append)(struct store_db *db, int64_t row, int dir,
		    const struct record *rec, const char *part_id,
		    struct err *e);
	int	(*part)(struct store_db *db, int64_t row, int dir,
		    const char *part_id, int64_t *seq, struct err *e);
	/* Each out[i] is one block of memory, the caller's. */
	int	(*read)(struct store_db *db, const struct store_span *span,
		    struct record **out, struct err *e);
	/* fn gets each as it lies there, and must leave the store alone */
	int	(*scan)(struct store_db *db, const struct store_span *span,
		    record_fn fn, void *arg, struct err *e);
	int	(*put_page)(struct store_db *db, int64_t row,
		    const struct store_page_of *p, struct err *e);
	/* those from a number on, until fn returns non-zero; as scan */
	int	(*pages)(struct store_db *db, int64_t row, int64_t first,
		    store_page_fn fn, void *arg, struct err *e);
	/* is there, or may there be, something to do in this session? */
	int	(*set_work)(struct store_db *db, int64_t row, bool left,
		    struct err *e);
	/* the next such one behind a row */
	int	(*work)(struct store_db *db, int64_t after, int64_t *row,
		    struct err *e);
	int	(*control)(struct store_db *db, int64_t row, int dir,
		    const char *subtype, int64_t before, int n, int64_t *seq,
		    struct err *e);
	/* The same for a side channel; its head is behind its last record,
	 * also one of the open transaction. */
	int	(*side_head)(struct store_db *db,
		    const struct store_place *at, int64_t *head,
		    int64_t *time, struct err *e);
	int	(*side_append)(struct store_db *db,
		    const struct store_place *at, const struct record *rec,
		    const char *part_id, struct err *e);
	int	(*side_part)(struct store_db *db,
		    const struct store_place *at, const char *part_id,
		    int64_t *seq, struct err *e);
	/* row and dir of the span are not looked at */
	/* the name behind another one ("": the first); freed by the caller */
	int	(*side_next)(struct store_db *db, int64_t row,
		    const char *after, char **name, struct err *e);
	int	(*side_read)(struct store_db *db,
		    const struct store_place *at,
		    const struct store_span *span, struct record **out,
		    struct err *e);

	int	(*cursor)(struct store_db *db, int64_t row,
		    const char *reader, int64_t *seq, struct err *e);
	int	(*set_cursor)(struct store_db *db, int64_t row,
		    const char *reader, int64_t seq, struct err *e);
	int	(*turn)(struct store_db *db, int64_t row,
		    struct store_turn *out, struct err *e);
	int	(*set_turn)(struct store_db *db, int64_t row,
		    const struct store_turn *turn, enum item_state state,
		    struct err *e);
	int	(*put_message)(struct store_db *db, int64_t row,
		    const struct store_put *put, struct err *e);
	int	(*cut_messages)(struct store_db *db, int64_t row,
		    const char *from_id, struct err *e);
	/* The newest before one, newest first; before NULL: the end. */
	int	(*messages)(struct store_db *db, int64_t row,
		    const char *before, struct store_message *out, int max,
		    struct err *e);
	int	(*cover)(struct store_db *db, int64_t row, int64_t seq,
		    struct err *e);
	int	(*covered)(struct store_db *db, int64_t row, int64_t *seq,
		    struct err *e);
	int	(*sum)(struct store_db *db, int64_t row,
		    struct store_sum *out, struct err *e);
	int	(*set_sum)(struct store_db *db, int64_t row,
		    const struct store_sum *sum, struct err *e);
	/* Copy the messages up to and with one (NULL: all). */
	int	(*copy_messages)(struct store_db *db, int64_t from,
		    int64_t to, const char *at, struct err *e);
	/* all side channels, to a session that has none */
	int	(*copy_sides)(struct store_db *db, int64_t from, int64_t to,
		    struct err *e);
};

const struct store_ops	*store_sqlite(void);

void	store_found_clear(struct store_found *f);
void	store_message_clear(struct store_message *m);

/* owner.c: says that path cannot be locked, and what to do. */
int	store_lock_failed(const char *path, int errnum, struct err *e);

#endif
