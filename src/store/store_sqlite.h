/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store_sqlite.h - what the files that speak SQL share */

/*
 * Statements are prepared once and found again by the address of their text,
 * so the text must be a literal. Values are bound by a string of types:
 *
 *	i int64_t	t text or NULL		z text, "" as NULL
 *	b text and size_t		d double
 */

#ifndef STORE_STORE_SQLITE_H
#define STORE_STORE_SQLITE_H

#include <sqlite3.h>

#include "base/err.h"
#include "store/store_ops.h"

enum { SQ_SCHEMA = 4 };		/* the newest this program knows */

struct sq_cached {
	const char *sql;
	sqlite3_stmt *stmt;
};

struct store_db {
	sqlite3 *sqlite;
	char *path;		/* for messages */
	struct sq_cached *cache;
	size_t cached;
	bool open;		/* between begin and commit */
	struct err failed;	/* what spoiled the transaction */
};

/* store_sqlite.c */
int	sq_fail(struct store_db *db, struct err *e);
/* A statement with its values, for reading; NULL: e is set. */
sqlite3_stmt	*sq_query(struct store_db *db, struct err *e,
		    const char *sql, const char *types, ...);
/* 1: a row, 0: the end, -1: e is set. After 0 and -1 it is put back. */
int	sq_step(struct store_db *db, sqlite3_stmt *s, struct err *e);
/* Put back before the end. */
void	sq_done(sqlite3_stmt *s);
/* Change something; how many rows, or -1. */
int	sq_exec(struct store_db *db, struct err *e, const char *sql,
	    const char *types, ...);
/* One row of whole numbers into the int64_t pointers: 1, 0 or -1. */
int	sq_one(struct store_db *db, struct err *e, const char *sql,
	    int64_t *out, const char *types, ...);
int	sq_bind(struct store_db *db, sqlite3_stmt *s, int at, char type,
	    int64_t n, const char *text, size_t len, double d);
/* Prepared for this once; sq_drop() it. */
sqlite3_stmt	*sq_prepare(struct store_db *db, const char *sql,
		    struct err *e);
void	sq_drop(sqlite3_stmt *s);
/* Any number of statements without values. */
int	sq_script(struct store_db *db, const char *sql, struct err *e);
/* A copy of a text column, NULL for null. */
char	*sq_text(sqlite3_stmt *s, int column);

/* store_sqlite_schema.c */
int	sq_setup(struct store_db *db, struct err *e);
int	sq_check(struct store_db *db, struct err *e);

/* store_sqlite_session.c */
int	sq_create(struct store_db *db, const struct store_new *n,
	    const char *id, int64_t now, struct err *e);
int	sq_get(struct store_db *db, int64_t row, struct item *out,
	    struct err *e);
int	sq_find(struct store_db *db, enum store_key by, const char *key,
	    struct item *out, int max, struct err *e);
int	sq_update(struct store_db *db, int64_t row,
	    const struct store_update *u, int64_t now, struct err *e);
int	sq_shut(struct store_db *db, int64_t row, const char *reason,
	    int64_t now, struct err *e);
int	sq_remove(struct store_db *db, int64_t row, struct err *e);
int	sq_claim(struct store_db *db, int64_t row, const struct owner *who,
	    int64_t *epoch, struct err *e);
int	sq_epoch(struct store_db *db, int64_t row, int64_t *epoch,
	    struct err *e);
int	sq_owner(struct store_db *db, int64_t row, struct owner *who,
	    struct err *e);
int	sq_set_owner(struct store_db *db, int64_t row,
	    const struct owner *who, struct err *e);

/* store_sqlite_list.c */
/* The columns of an item, and how to take them. */
#define SQ_ITEM_COLUMNS \
	"row, id, external_id, type, task, config, run_id, tags, metadata," \
	" closed_reason, closed_at, expires_at, created_at, updated_at," \
	" title, dir, model, usage, cost, state, messages, bytes, parent"
void	sq_item(sqlite3_stmt *s, struct item *out);
int	sq_list(struct store_db *db, const struct store_page *page,
	    struct item *out, int max, struct err *e);

/* store_sqlite_search.c */
int	sq_search(struct store_db *db, const char *words,
	    struct store_found *out, int max, struct err *e);
/* What search finds for a message, or for the title (message ""). */
int	sq_index(struct store_db *db, int64_t row, const char *message,
	    const char *role, const char *text, struct err *e);

/* store_sqlite_record.c */
int	sq_heads(struct store_db *db, int64_t row, struct store_heads *out,
	    struct err *e);
int	sq_set_heads(struct store_db *db, int64_t row,
	    const struct store_heads *heads, int64_t bytes, int64_t touched,
	    struct err *e);
int	sq_append(struct store_db *db, int64_t row, int dir,
	    const struct record *rec, const char *part_id, struct err *e);
int	sq_part(struct store_db *db, int64_t row, int dir,
	    const char *part_id, int64_t *seq, struct err *e);
int	sq_read(struct store_db *db, const struct store_span *span,
	    struct record **out, struct err *e);
int	sq_scan(struct store_db *db, const struct store_span *span,
	    record_fn fn, void *arg, struct err *e);
int	sq_control(struct store_db *db, int64_t row, int dir,
	    const char *subtype, int64_t before, int n, int64_t *seq,
	    struct err *e);

/* The records of a statement of seq, time, headers, body; it is put back. */
int	sq_take_records(struct store_db *db, sqlite3_stmt *s,
	    size_t max_bytes, struct record **out, struct err *e);

/* store_sqlite_page.c */
int	sq_put_page(struct store_db *db, int64_t row,
	    const struct store_page_of *p, struct err *e);
int	sq_pages(struct store_db *db, int64_t row, int64_t first,
	    store_page_fn fn, void *arg, struct err *e);
int	sq_set_work(struct store_db *db, int64_t row, bool left,
	    struct err *e);
int	sq_work(struct store_db *db, int64_t after, int64_t *row,
	    struct err *e);

/* store_sqlite_side.c */
int	sq_copy_sides(struct store_db *db, int64_t from, int64_t to,
	    struct err *e);
int	sq_side_next(struct store_db *db, int64_t row, const char *after,
	    char **name, struct err *e);
int	sq_side_head(struct store_db *db, const struct store_place *at,
	    int64_t *head, int64_t *time, struct err *e);
int	sq_side_append(struct store_db *db, const struct store_place *at,
	    const struct record *rec, const char *part_id, struct err *e);
int	sq_side_part(struct store_db *db, const struct store_place *at,
	    const char *part_id, int64_t *seq, struct err *e);
int	sq_side_read(struct store_db *db, const struct store_place *at,
	    const struct store_span *span, struct record **out,
	    struct err *e);

/* store_sqlite_transcript.c */
int	sq_cursor(struct store_db *db, int64_t row, const char *reader,
	    int64_t *seq, struct err *e);
int	sq_set_cursor(struct store_db *db, int64_t row, const char *reader,
	    int64_t seq, struct err *e);
int	sq_turn(struct store_db *db, int64_t row, struct store_turn *out,
	    struct err *e);
int	sq_set_turn(struct store_db *db, int64_t row,
	    const struct store_turn *turn, enum item_state state,
	    struct err *e);
int	sq_put_message(struct store_db *db, int64_t row,
	    const struct store_put *put, struct err *e);
int	sq_cut_messages(struct store_db *db, int64_t row,
	    const char *from_id, struct err *e);
int	sq_messages(struct store_db *db, int64_t row, const char *before,
	    struct store_message *out, int max, struct err *e);
int	sq_cover(struct store_db *db, int64_t row, int64_t seq,
	    struct err *e);
int	sq_covered(struct store_db *db, int64_t row, int64_t *seq,
	    struct err *e);
int	sq_sum(struct store_db *db, int64_t row, struct store_sum *out,
	    struct err *e);
int	sq_set_sum(struct store_db *db, int64_t row,
	    const struct store_sum *sum, struct err *e);
int	sq_copy_messages(struct store_db *db, int64_t from, int64_t to,
	    const char *at, struct err *e);

#endif
