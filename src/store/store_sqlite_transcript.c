/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store_sqlite_transcript.c - messages, the running turn, cursors, usage */

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "store/store_sqlite.h"

int
sq_cursor(struct store_db *db, int64_t row, const char *reader, int64_t *seq,
    struct err *e)
{
	return sq_one(db, e, "SELECT seq FROM cursor WHERE session = ? AND"
	    " reader = ?", seq, "it", row, reader);
}

int
sq_set_cursor(struct store_db *db, int64_t row, const char *reader,
    int64_t seq, struct err *e)
{
	return sq_exec(db, e, "INSERT INTO cursor (session, reader, seq)"
	    " VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET seq = excluded.seq",
	    "iti", row, reader, seq) == -1 ? -1 : 0;
}

int
sq_turn(struct store_db *db, int64_t row, struct store_turn *out,
    struct err *e)
{
	sqlite3_stmt *s = sq_query(db, e, "SELECT turn_in, turn_message,"
	    " turn_attempts FROM session WHERE row = ?", "i", row);
	int r;

	if (s == NULL)
		return -1;
	r = sq_step(db, s, e);
	if (r == 1) {
		out->in_seq = sqlite3_column_int64(s, 0);
		snprintf(out->message_id, sizeof out->message_id, "%s",
		    (const char *)sqlite3_column_text(s, 1));
		out->attempts = sqlite3_column_int(s, 2);
		sq_done(s);
	}
	return r;
}

int
sq_set_turn(struct store_db *db, int64_t row, const struct store_turn *turn,
    enum item_state state, struct err *e)
{
	return sq_exec(db, e, "UPDATE session SET turn_in = ?,"
	    " turn_message = ?, turn_attempts = ?, state = ? WHERE row = ?",
	    "itiii", turn->in_seq, turn->message_id, (int64_t)turn->attempts,
	    (int64_t)state, row) == -1 ? -1 : 0;
}

/* messages */

static int
add_message(struct store_db *db, int64_t row, const struct store_put *put,
    struct err *e)
{
	if (sq_exec(db, e, "INSERT INTO message (session, n, id, role, json)"
	    " VALUES (?1, (SELECT coalesce(max(n), -1) + 1 FROM message"
	    " WHERE session = ?1), ?2, ?3, ?4)", "ittt", row, put->id,
	    put->role, put->json) == -1)
		return -1;
	return sq_exec(db, e, "UPDATE session SET messages = messages + 1"
	    " WHERE row = ?", "i", row);
}

int
sq_cover(struct store_db *db, int64_t row, int64_t seq, struct err *e)
{
	return sq_exec(db, e, "UPDATE session SET covered = max(covered, ?)"
	    " WHERE row = ?", "ii", seq, row) == -1 ? -1 : 0;
}

int
sq_put_message(struct store_db *db, int64_t row, const struct store_put *put,
    struct err *e)
{
	int n = sq_exec(db, e, "UPDATE message SET role = ?, json = ?"
	    " WHERE session = ? AND id = ?", "ttit", put->role, put->json,
	    row, put->id);

	if (n == -1 || (n == 0 && add_message(db, row, put, e) == -1))
		return -1;
	if (sq_cover(db, row, put->out_seq, e) == -1)
		return -1;
	return sq_index(db, row, put->id, put->role,
	    put->text == NULL ? "" : put->text, e);
}

int
sq_cut_messages(struct store_db *db, int64_t row, const char *from_id,
    struct err *e)
{
	int64_t n;
	int r = sq_one(db, e, "SELECT n FROM message WHERE session = ? AND"
	    " id = ?", &n, "it", row, from_id);

	if (r != 1)
		return r;
	if (sq_exec(db, e, "DELETE FROM entry WHERE session = ?1 AND message"
	    " IN (SELECT id FROM message WHERE session = ?1 AND n >= ?2)",
	    "ii", row, n) == -1)
		return -1;
	r = sq_exec(db, e, "DELETE FROM message WHERE session = ? AND n >= ?",
	    "ii", row, n);
	if (r == -1 || sq_exec(db, e, "UPDATE session SET messages ="
	    " messages - ? WHERE row = ?", "ii", (int64_t)r, row) == -1)
		return -1;
	return r;
}

int
sq_messages(struct store_db *db, int64_t row, const char *before,
    struct store_message *out, int max, struct err *e)
{
	sqlite3_stmt *s = sq_query(db, e, "SELECT id, json FROM message"
	    " WHERE session = ?1 AND n < iif(?2 IS NULL, 9e18, (SELECT n"
	    " FROM message WHERE session = ?1 AND id = ?2))"
	    " ORDER BY n DESC LIMIT ?3", "iti", row, before, (int64_t)max);
	int count = 0, r;

	if (s == NULL)
		return -1;
	while ((r = sq_step(db, s, e)) == 1) {
		out[count].id = sq_text(s, 0);
		out[count++].json = sq_text(s, 1);
	}
	if (r != -1)
		return count;
	while (count > 0)
		store_message_clear(&out[--count]);
	return -1;
}

int
sq_covered(struct store_db *db, int64_t row, int64_t *seq, struct err *e)
{
	return sq_one(db, e, "SELECT covered FROM session WHERE row = ?", seq,
	    "i", row);
}

int
sq_copy_messages(struct store_db *db, int64_t from, int64_t to,
    const char *at, struct err *e)
{
	int64_t last = INT64_MAX;
	int r;

	if (at != NULL) {
		r = sq_one(db, e, "SELECT n FROM message WHERE session = ?"
		    " AND id = ?", &last, "it", from, at);
		if (r != 1)
			return r == 0 ? err_set(e, ERR_NOT_FOUND,
			    "no message %s", at) : -1;
	}
	r = sq_exec(db, e, "INSERT INTO message (session, n, id, role, json)"
	    " SELECT ?2, n, id, role, json FROM message WHERE session = ?1"
	    " AND n <= ?3", "iii", from, to, last);
	if (r == -1 || sq_exec(db, e, "UPDATE session SET messages = ?"
	    " WHERE row = ?", "ii", (int64_t)r, to) == -1)
		return -1;
	return sq_exec(db, e, "INSERT INTO entry (session, message, role,"
	    " text) SELECT ?2, message, role, text FROM entry WHERE session"
	    " = ?1 AND message IN (SELECT id FROM message WHERE session = ?2)"
	    " ORDER BY n", "ii", from, to) == -1 ? -1 : 0;
}

/* usage */

int
sq_sum(struct store_db *db, int64_t row, struct store_sum *out,
    struct err *e)
{
	sqlite3_stmt *s = sq_query(db, e, "SELECT usage, cost FROM session"
	    " WHERE row = ?", "i", row);
	int r;

	if (s == NULL)
		return -1;
	r = sq_step(db, s, e);
	if (r == 1) {
		out->usage = sq_text(s, 0);
		out->cost = sqlite3_column_double(s, 1);
		sq_done(s);
	}
	return r;
}

int
sq_set_sum(struct store_db *db, int64_t row, const struct store_sum *sum,
    struct err *e)
{
	return sq_exec(db, e, "UPDATE session SET usage = ?, cost = ?"
	    " WHERE row = ?", "tdi", sum->usage, sum->cost, row) == -1 ?
	    -1 : 0;
}
