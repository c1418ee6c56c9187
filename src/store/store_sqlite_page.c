/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store_sqlite_page.c - pages of `out`, and who has work left */

#include "base/buf.h"
#include "store/store_sqlite.h"

/*
 * A page is what a reader far behind is sent: the text of as many records as
 * go into one batch, made when the last of them was added. It says nothing
 * that the records do not say, so one that is missing is no loss.
 */
int
sq_put_page(struct store_db *db, int64_t row, const struct store_page_of *p,
    struct err *e)
{
	return sq_exec(db, e, "INSERT OR REPLACE INTO page (session, first,"
	    " bytes, data) VALUES (?, ?, ?, ?)", "iiib", row, p->first,
	    p->bytes, p->data, p->len) == -1 ? -1 : 0;
}

int
sq_pages(struct store_db *db, int64_t row, int64_t first, store_page_fn fn,
    void *arg, struct err *e)
{
	sqlite3_stmt *s = sq_query(db, e, "SELECT first, bytes, data FROM page"
	    " WHERE session = ? AND first >= ? ORDER BY first", "ii", row,
	    first);
	struct store_page_of p;
	int count = 0, ended = 0, r = s == NULL ? -1 : 1;

	while (r == 1 && !ended && (r = sq_step(db, s, e)) == 1) {
		p.first = sqlite3_column_int64(s, 0);
		p.bytes = sqlite3_column_int64(s, 1);
		p.data = (const char *)sqlite3_column_text(s, 2);
		p.len = (size_t)sqlite3_column_bytes(s, 2);
		ended = fn(&p, arg);
		count++;
	}
	if (s != NULL)
		sq_done(s);
	return r == -1 ? -1 : count;
}

int
sq_set_work(struct store_db *db, int64_t row, bool left, struct err *e)
{
	int r = left ? sq_exec(db, e, "INSERT OR IGNORE INTO work (session)"
	    " VALUES (?)", "i", row) :
	    sq_exec(db, e, "DELETE FROM work WHERE session = ?", "i", row);

	return r == -1 ? -1 : 0;
}

int
sq_work(struct store_db *db, int64_t after, int64_t *row, struct err *e)
{
	return sq_one(db, e, "SELECT session FROM work WHERE session > ?"
	    " ORDER BY session LIMIT 1", row, "i", after);
}
