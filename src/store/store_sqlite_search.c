/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store_sqlite_search.c - finding words in messages and titles */

#include <string.h>

#include "base/buf.h"
#include "store/store_sqlite.h"

/*
 * Taken out and put in again, not updated: the new text gets the highest
 * number, and the newest is found first. The same text stays where it is.
 */
int
sq_index(struct store_db *db, int64_t row, const char *message,
    const char *role, const char *text, struct err *e)
{
	int64_t one;
	int r;

	r = sq_one(db, e, "SELECT 1 FROM entry WHERE session = ? AND"
	    " message = ? AND text = ?", &one, "itt", row, message, text);
	if (r != 0)
		return r == 1 ? 0 : -1;
	if (sq_exec(db, e, "DELETE FROM entry WHERE session = ? AND"
	    " message = ?", "it", row, message) == -1)
		return -1;
	if (message[0] == '\0' && text[0] == '\0')
		return 0;		/* no title */
	return sq_exec(db, e, "INSERT INTO entry (session, message, role,"
	    " text) VALUES (?, ?, ?, ?)", "ittt", row, message, role,
	    text) == -1 ? -1 : 0;
}

/* words as "words" "in" "quotes"*: nothing in them is grammar then. */
static void
quote_words(struct buf *b, const char *words)
{
	static const char blanks[] = " \t\r\n\v\f";

	for (;;) {
		size_t i, len;

		words += strspn(words, blanks);
		len = strcspn(words, blanks);
		if (len == 0)
			break;
		buf_adds(b, b->len == 0 ? "\"" : " \"");
		for (i = 0; i < len; i++) {
			if (words[i] == '"')
				buf_addc(b, '"');
			buf_addc(b, words[i]);
		}
		buf_addc(b, '"');
		words += len;
	}
	if (b->len > 0)
		buf_addc(b, '*');
}

static void
take_hit(sqlite3_stmt *s, struct store_found *out)
{
	out->row = sqlite3_column_int64(s, 0);
	out->message_id = sq_text(s, 1);
	out->role = sq_text(s, 2);
	out->snippet = sq_text(s, 3);
}

int
sq_search(struct store_db *db, const char *words, struct store_found *out,
    int max, struct err *e)
{
	struct buf match = BUF_INIT;
	sqlite3_stmt *s = NULL;
	int count = 0, r = 0;

	quote_words(&match, words);
	if (match.len > 0) {
		s = sq_query(db, e, "SELECT entry.session,"
		    " nullif(entry.message, ''), entry.role, snippet(search,"
		    " 0, char(1), char(2), '…', 16) FROM search"
		    " JOIN entry ON entry.n = search.rowid"
		    " WHERE search MATCH ? ORDER BY search.rowid DESC"
		    " LIMIT ?", "ti", match.data, (int64_t)max);
		r = s == NULL ? -1 : 1;
	}
	while (r == 1 && (r = sq_step(db, s, e)) == 1)
		take_hit(s, &out[count++]);
	buf_clear(&match);
	if (r != -1)
		return count;
	while (count > 0)
		store_found_clear(&out[--count]);
	return -1;
}
