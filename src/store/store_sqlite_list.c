/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store_sqlite_list.c - rows of sessions, filtered, page by page */

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "store/store_sqlite.h"

enum { VALUES_MAX = 512 };	/* of one query */


void
sq_item(sqlite3_stmt *s, struct item *out)
{
	memset(out, 0, sizeof *out);
	out->row = sqlite3_column_int64(s, 0);
	out->id = sq_text(s, 1);
	out->external_id = sq_text(s, 2);
	out->type = sq_text(s, 3);
	out->task = sq_text(s, 4);
	out->config = sq_text(s, 5);
	out->run_id = sq_text(s, 6);
	out->tags = sq_text(s, 7);
	out->metadata = sq_text(s, 8);
	out->closed_reason = sq_text(s, 9);
	out->closed_at = sqlite3_column_int64(s, 10);
	out->expires_at = sqlite3_column_int64(s, 11);
	out->created_at = sqlite3_column_int64(s, 12);
	out->updated_at = sqlite3_column_int64(s, 13);
	out->title = sq_text(s, 14);
	out->dir = sq_text(s, 15);
	out->model = sq_text(s, 16);
	out->usage = sq_text(s, 17);
	out->cost = sqlite3_column_double(s, 18);
	out->state = (enum item_state)sqlite3_column_int(s, 19);
	out->messages = sqlite3_column_int64(s, 20);
	out->bytes = sqlite3_column_int64(s, 21);
	out->parent = sq_text(s, 22);
}

/* A condition and the values for its question marks. */
struct filter {
	struct buf sql;
	size_t count;
	struct {
		const char *text;	/* NULL: n */
		int64_t n;
	} values[VALUES_MAX];
};

static void
add_text(struct filter *f, const char *text)
{
	if (f->count == VALUES_MAX)
		return;
	f->values[f->count].text = text;
	f->values[f->count++].n = 0;
}

static void
add_int(struct filter *f, int64_t n)
{
	if (f->count == VALUES_MAX)
		return;
	f->values[f->count].text = NULL;
	f->values[f->count++].n = n;
}

/* before(?,?,..)after for a list of words; an empty list is no filter. */
static void
add_any(struct filter *f, const char *before, const char *const *words,
    const char *after)
{
	size_t i;

	if (words == NULL || words[0] == NULL)
		return;
	buf_adds(&f->sql, before);
	for (i = 0; words[i] != NULL && f->count < VALUES_MAX / 2; i++) {
		buf_adds(&f->sql, i == 0 ? "(?" : ",?");
		add_text(f, words[i]);
	}
	buf_addc(&f->sql, ')');
	buf_adds(&f->sql, after);
}

/* Closed wins over expired (session-protocol 5.5). */
static void
add_status(struct filter *f, unsigned status, int64_t now)
{
	if (status == 0)
		return;
	buf_adds(&f->sql, " AND (0");
	if (status & STATUS_CLOSED)
		buf_adds(&f->sql, " OR closed_at > 0");
	if (status & STATUS_ACTIVE) {
		buf_adds(&f->sql, " OR (closed_at = 0 AND"
		    " (expires_at = 0 OR expires_at > ?))");
		add_int(f, now);
	}
	if (status & STATUS_EXPIRED) {
		buf_adds(&f->sql, " OR (closed_at = 0 AND expires_at > 0"
		    " AND expires_at <= ?)");
		add_int(f, now);
	}
	buf_addc(&f->sql, ')');
}

/*
 * What a row says; whether a running one has an owner is not known here, so
 * running ones are given for interrupted too.
 */
static void
add_state(struct filter *f, int state)
{
	if (state < 0)
		return;
	if (state == ITEM_CLOSED) {
		buf_adds(&f->sql, " AND closed_at > 0");
		return;
	}
	buf_adds(&f->sql, " AND closed_at = 0 AND state IN (?, ?)");
	add_int(f, state);
	add_int(f, state == ITEM_INTERRUPTED ? ITEM_RUNNING : state);
}

static void
add_since(struct filter *f, const char *sql, int64_t n)
{
	if (n == 0)
		return;
	buf_adds(&f->sql, sql);
	add_int(f, n);
}

/*
 * The unary plus keeps SQLite from walking the tags and sorting what it
 * finds: it walks the order asked for and looks each row up in the set.
 */
static void
build(struct filter *f, const struct store_page *page, int max)
{
	const struct store_list *q = page->q;
	const char *time = q->by_activity ? "updated_at" : "created_at";
	const char *way = page->newer ? "ASC" : "DESC";

	buf_addf(&f->sql, "SELECT " SQ_ITEM_COLUMNS " FROM session WHERE 1");
	if (page->id != NULL) {
		buf_addf(&f->sql, " AND (%s, id) %c (?, ?)", time,
		    page->newer ? '>' : '<');
		add_int(f, page->time);
		add_text(f, page->id);
	}
	add_any(f, " AND type IN ", q->types, "");
	add_any(f, " AND task IN ", q->tasks, "");
	add_any(f, " AND +row IN (SELECT session FROM tag WHERE tag IN ",
	    q->tags, ")");
	if (q->external_id != NULL) {
		buf_adds(&f->sql, " AND external_id = ?");
		add_text(f, q->external_id);
	}
	if (q->parent != NULL) {
		buf_adds(&f->sql, " AND parent = ?");
		add_text(f, q->parent);
	} else if (!q->children) {
		buf_adds(&f->sql, " AND parent IS NULL");
	}
	if (q->dir != NULL) {
		buf_adds(&f->sql, " AND dir = ?");
		add_text(f, q->dir);
	}
	add_status(f, q->status, page->now);
	add_state(f, q->state);
	add_since(f, " AND created_at >= ?", q->created_from);
	add_since(f, " AND created_at <= ?", q->created_to);
	buf_addf(&f->sql, " ORDER BY %s %s, id %s LIMIT %d", time, way, way,
	    max);
}

static int
bind_values(struct store_db *db, sqlite3_stmt *s, const struct filter *f,
    struct err *e)
{
	size_t i;

	for (i = 0; i < f->count; i++) {
		const char *text = f->values[i].text;

		if (sq_bind(db, s, (int)i + 1, text == NULL ? 'i' : 't',
		    f->values[i].n, text, text == NULL ? 0 : strlen(text),
		    0) == -1)
			return sq_fail(db, e);
	}
	return 0;
}

int
sq_list(struct store_db *db, const struct store_page *page, struct item *out,
    int max, struct err *e)
{
	struct filter *f = xcalloc(1, sizeof *f);
	sqlite3_stmt *s;
	int count = 0, r = -1;

	buf_init(&f->sql);
	build(f, page, max);
	s = sq_prepare(db, f->sql.data, e);
	if (s != NULL && bind_values(db, s, f, e) == 0)
		while ((r = sq_step(db, s, e)) == 1 && count < max)
			sq_item(s, &out[count++]);
	sq_drop(s);
	buf_clear(&f->sql);
	free(f);
	if (r != -1)
		return count;
	while (count > 0)
		item_clear(&out[--count]);
	return -1;
}
