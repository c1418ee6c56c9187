/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store_sqlite_side.c - the records of side channels */

#include "base/buf.h"
#include "store/store_sqlite.h"

int
sq_side_head(struct store_db *db, const struct store_place *at,
    int64_t *head, int64_t *time, struct err *e)
{
	int64_t n[2] = { 0, 0 };
	int r = sq_one(db, e, "SELECT seq + 1, time FROM side_record WHERE"
	    " session = ? AND name = ? AND dir = ? ORDER BY seq DESC LIMIT 1",
	    n, "iti", at->row, at->name, (int64_t)at->dir);

	*head = n[0];
	*time = n[1];
	return r;
}

int
sq_side_append(struct store_db *db, const struct store_place *at,
    const struct record *rec, const char *part_id, struct err *e)
{
	struct buf headers = BUF_INIT;
	int r;

	if (rec->header_count > 0)
		record_headers_write(&headers, rec);
	r = sq_exec(db, e, "INSERT INTO side_record (session, name, dir, seq,"
	    " time, headers, body) VALUES (?, ?, ?, ?, ?, ?, ?)", "itiiizb",
	    at->row, at->name, (int64_t)at->dir, rec->seq, rec->time,
	    headers.data, rec->body == NULL ? "" : rec->body, rec->body_len);
	buf_clear(&headers);
	if (r == -1 || part_id == NULL)
		return r == -1 ? -1 : 0;
	return sq_exec(db, e, "INSERT INTO side_part (session, name, dir,"
	    " part_id, seq) VALUES (?, ?, ?, ?, ?)", "ititi", at->row,
	    at->name, (int64_t)at->dir, part_id, rec->seq) == -1 ? -1 : 0;
}

int
sq_side_part(struct store_db *db, const struct store_place *at,
    const char *part_id, int64_t *seq, struct err *e)
{
	return sq_one(db, e, "SELECT seq FROM side_part WHERE session = ?"
	    " AND name = ? AND dir = ? AND part_id = ?", seq, "itit", at->row,
	    at->name, (int64_t)at->dir, part_id);
}

int
sq_side_next(struct store_db *db, int64_t row, const char *after,
    char **name, struct err *e)
{
	sqlite3_stmt *s = sq_query(db, e, "SELECT name FROM side_record WHERE"
	    " session = ? AND name > ? ORDER BY name LIMIT 1", "it", row,
	    after);
	int r = s == NULL ? -1 : sq_step(db, s, e);

	if (r == 1) {
		*name = sq_text(s, 0);
		sq_done(s);
	}
	return r;
}

int
sq_copy_sides(struct store_db *db, int64_t from, int64_t to, struct err *e)
{
	if (sq_exec(db, e, "INSERT INTO side_record (session, name, dir, seq,"
	    " time, headers, body) SELECT ?2, name, dir, seq, time, headers,"
	    " body FROM side_record WHERE session = ?1", "ii", from, to) == -1)
		return -1;
	return sq_exec(db, e, "UPDATE session SET bytes = bytes + (SELECT"
	    " coalesce(sum(length(CAST(body AS BLOB))), 0) FROM side_record"
	    " WHERE session = row) WHERE row = ?", "i", to) == -1 ? -1 : 0;
}

int
sq_side_read(struct store_db *db, const struct store_place *at,
    const struct store_span *span, struct record **out, struct err *e)
{
	sqlite3_stmt *s = sq_query(db, e, "SELECT seq, time, headers, body"
	    " FROM side_record WHERE session = ? AND name = ? AND dir = ?"
	    " AND seq >= ? AND seq < ? ORDER BY seq LIMIT ?", "itiiii",
	    at->row, at->name, (int64_t)at->dir, span->from, span->to,
	    (int64_t)span->max);

	return s == NULL ? -1 :
	    sq_take_records(db, s, span->max_bytes, out, e);
}
