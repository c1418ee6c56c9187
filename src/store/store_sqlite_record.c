/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store_sqlite_record.c - records, part ids and heads */

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "store/ring.h"
#include "store/store_sqlite.h"

int
sq_heads(struct store_db *db, int64_t row, struct store_heads *out,
    struct err *e)
{
	int64_t n[2];
	int dir, r;

	/* behind the last record: the row may not have heard of it */
	for (dir = 0; dir < STORE_DIRS; dir++) {
		r = sq_one(db, e, "SELECT seq + 1, time FROM record"
		    " WHERE session = ? AND dir = ? ORDER BY seq DESC LIMIT 1",
		    n, "ii", row, (int64_t)dir);
		if (r == -1)
			return -1;
		out->head[dir] = r == 1 ? n[0] : 0;
		out->time[dir] = r == 1 ? n[1] : 0;
	}
	return 1;
}

int
sq_set_heads(struct store_db *db, int64_t row,
    const struct store_heads *heads, int64_t bytes, int64_t touched,
    struct err *e)
{
	if (sq_exec(db, e, "UPDATE session SET in_head = ?, out_head = ?,"
	    " in_time = ?, out_time = ?, bytes = bytes + ? WHERE row = ?",
	    "iiiiii", heads->head[0], heads->head[1], heads->time[0],
	    heads->time[1], bytes, row) == -1)
		return -1;
	if (touched == 0)
		return 0;
	return sq_exec(db, e, "UPDATE session SET updated_at ="
	    " max(updated_at, ?) WHERE row = ?", "ii", touched, row) == -1 ?
	    -1 : 0;
}

int
sq_append(struct store_db *db, int64_t row, int dir,
    const struct record *rec, const char *part_id, struct err *e)
{
	struct buf headers = BUF_INIT;
	int r;

	if (rec->header_count > 0)
		record_headers_write(&headers, rec);
	r = sq_exec(db, e, "INSERT INTO record (session, dir, seq, time,"
	    " control, headers, body) VALUES (?, ?, ?, ?, ?, ?, ?)",
	    "iiiitzb", row, (int64_t)dir, rec->seq, rec->time,
	    record_control(rec), headers.data,
	    rec->body == NULL ? "" : rec->body, rec->body_len);
	buf_clear(&headers);
	if (r == -1 || part_id == NULL)
		return r == -1 ? -1 : 0;
	return sq_exec(db, e, "INSERT INTO part (session, dir, part_id, seq)"
	    " VALUES (?, ?, ?, ?)", "iiti", row, (int64_t)dir, part_id,
	    rec->seq) == -1 ? -1 : 0;
}

int
sq_part(struct store_db *db, int64_t row, int dir, const char *part_id,
    int64_t *seq, struct err *e)
{
	return sq_one(db, e, "SELECT seq FROM part WHERE session = ? AND"
	    " dir = ? AND part_id = ?", seq, "iit", row, (int64_t)dir,
	    part_id);
}

/* [["name","value"],..]; the strings are the document's. */
static void
read_headers(struct record *rec, struct record_header *headers,
    const struct json *list)
{
	const struct json *pair;

	rec->headers = headers;
	JSON_EACH(pair, list) {
		const char *name = json_str(json_at(pair, 0));
		const char *value = json_str(json_at(pair, 1));

		if (rec->header_count == RECORD_HEADERS_MAX)
			break;
		if (name == NULL || value == NULL)
			continue;
		headers[rec->header_count].name = name;
		headers[rec->header_count++].value = value;
	}
}

/* A record as it lies in a row; its headers are the document's. */
struct row_record {
	struct record rec;
	struct record_header headers[RECORD_HEADERS_MAX];
	struct json_doc *doc;		/* NULL: it has none */
};

/* seq, time, headers, body */
static int
see_record(struct row_record *r, sqlite3_stmt *s, struct err *e)
{
	sqlite3_value *body = sqlite3_column_value(s, 3);
	const char *text = (const char *)sqlite3_column_text(s, 2);

	r->doc = NULL;
	r->rec = (struct record){ .seq = sqlite3_column_int64(s, 0),
	    .time = sqlite3_column_int64(s, 1) };
	if (text != NULL) {
		r->doc = json_parse(text, strlen(text), 0, e);
		if (r->doc == NULL)
			return -1;
		read_headers(&r->rec, r->headers, json_root(r->doc));
	}
	r->rec.body = (const char *)sqlite3_value_text(body);
	r->rec.body_len = (size_t)sqlite3_value_bytes(body);
	return 0;
}

static struct record *
take_record(sqlite3_stmt *s, struct err *e)
{
	struct row_record r;
	struct record *copy;

	if (see_record(&r, s, e) == -1)
		return NULL;
	copy = ring_copy(&r.rec);
	json_doc_free(r.doc);
	return copy;
}

int
sq_take_records(struct store_db *db, sqlite3_stmt *s, size_t max_bytes,
    struct record **out, struct err *e)
{
	size_t bytes = 0;
	int count = 0, r;

	while ((r = sq_step(db, s, e)) == 1) {
		bytes += (size_t)sqlite3_column_bytes(s, 3);
		if (count > 0 && bytes > max_bytes)
			break;
		out[count] = take_record(s, e);
		if (out[count] == NULL) {
			r = -1;
			break;
		}
		count++;
	}
	sq_done(s);
	if (r != -1)
		return count;
	while (count > 0)
		free(out[--count]);
	return -1;
}

static sqlite3_stmt *
query_records(struct store_db *db, const struct store_span *span,
    struct err *e)
{
	return sq_query(db, e, "SELECT seq, time, headers, body"
	    " FROM record WHERE session = ? AND dir = ? AND seq >= ? AND"
	    " seq < ? ORDER BY seq LIMIT ?", "iiiii", span->row,
	    (int64_t)span->dir, span->from, span->to, (int64_t)span->max);
}

int
sq_read(struct store_db *db, const struct store_span *span,
    struct record **out, struct err *e)
{
	sqlite3_stmt *s = query_records(db, span, e);

	return s == NULL ? -1 :
	    sq_take_records(db, s, span->max_bytes, out, e);
}

int
sq_scan(struct store_db *db, const struct store_span *span, record_fn fn,
    void *arg, struct err *e)
{
	sqlite3_stmt *s = query_records(db, span, e);
	struct row_record row;
	int count = 0, ended = 0, r = s == NULL ? -1 : 1;

	while (r == 1 && !ended && (r = sq_step(db, s, e)) == 1) {
		if (see_record(&row, s, e) == -1) {
			r = -1;
			break;
		}
		ended = fn(&row.rec, arg);
		json_doc_free(row.doc);
		count++;
	}
	if (s != NULL)
		sq_done(s);
	return r == -1 ? -1 : count;
}

int
sq_control(struct store_db *db, int64_t row, int dir, const char *subtype,
    int64_t before, int n, int64_t *seq, struct err *e)
{
	return sq_one(db, e, "SELECT seq FROM record WHERE session = ? AND"
	    " dir = ? AND control = ? AND seq < ? ORDER BY seq DESC"
	    " LIMIT 1 OFFSET ?", seq, "iitii", row, (int64_t)dir, subtype,
	    before, (int64_t)n);
}
