/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store_sqlite_session.c - one session: made, found, changed, owned */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "store/store_sqlite.h"

static int
set_tags(struct store_db *db, int64_t row, const char *tags, struct err *e)
{
	struct json_doc *doc = json_parse(tags, strlen(tags), 0, e);
	const struct json *tag;
	int r = 0;

	if (doc == NULL)
		return -1;
	if (sq_exec(db, e, "DELETE FROM tag WHERE session = ?", "i",
	    row) == -1)
		r = -1;
	JSON_EACH(tag, json_root(doc))
		if (r == 0 && json_str(tag) != NULL && sq_exec(db, e,
		    "INSERT OR IGNORE INTO tag (tag, session) VALUES (?, ?)",
		    "bi", json_str(tag), json_len(tag), row) == -1)
			r = -1;
	json_doc_free(doc);
	return r;
}

int
sq_create(struct store_db *db, const struct store_new *n, const char *id,
    int64_t now, struct err *e)
{
	const char *tags = n->tags == NULL ? "[]" : n->tags;
	int64_t row;

	if (sq_exec(db, e, "INSERT INTO session (id, external_id, type, task,"
	    " config, tags, metadata, expires_at, created_at, updated_at,"
	    " dir, title, model, parent, parent_call)"
	    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	    "ttttttziiizzzzz", id, n->external_id, n->type, n->task, n->config,
	    tags, n->metadata, n->expires_at, now, now, n->dir, n->title,
	    n->model, n->parent, n->parent_call) == -1)
		return -1;
	row = sqlite3_last_insert_rowid(db->sqlite);
	if (set_tags(db, row, tags, e) == -1)
		return -1;
	return n->title == NULL ? 0 : sq_index(db, row, "", NULL, n->title, e);
}

int
sq_get(struct store_db *db, int64_t row, struct item *out, struct err *e)
{
	sqlite3_stmt *s = sq_query(db, e, "SELECT " SQ_ITEM_COLUMNS
	    " FROM session WHERE row = ?", "i", row);
	int r = s == NULL ? -1 : sq_step(db, s, e);

	if (r == 1) {
		sq_item(s, out);
		sq_done(s);
	}
	return r;
}

/*
 * ?1 is the key, ?2 how many are wanted, ?3 the first text behind all that
 * begin with the key. The texts are constant, so that each is prepared once.
 */
#define SQ_PREFIX							\
	"(id >= ?1 AND id < ?3) OR (external_id >= ?1 AND external_id < ?3)"
#define FIND(WHERE) \
	"SELECT " SQ_ITEM_COLUMNS " FROM session WHERE " WHERE " LIMIT ?2"
static const char *const find_sql[] = {
	[STORE_KEY_ID] = FIND("id = ?1"),
	[STORE_KEY_EXTERNAL] = FIND("external_id = ?1"),
	[STORE_KEY_PREFIX] = FIND(SQ_PREFIX),
	[STORE_KEY_TITLE] = FIND("title = ?1 COLLATE NOCASE"),
	[STORE_KEY_DIR] = FIND("dir = ?1 AND parent IS NULL"
	    " ORDER BY updated_at DESC, id DESC"),
	[STORE_KEY_CALL] = FIND("parent_call = ?1"),
};

/* The bytes of UTF-8 end before 0xff. */
static char *
text_behind(const char *key)
{
	return xasprintf("%s\xff", key);
}

int
sq_find(struct store_db *db, enum store_key by, const char *key,
    struct item *out, int max, struct err *e)
{
	char *behind = by == STORE_KEY_PREFIX ? text_behind(key) : NULL;
	sqlite3_stmt *s = sq_query(db, e, find_sql[by],
	    behind != NULL ? "tit" : "ti", key, (int64_t)max, behind);
	int count = 0, r = s == NULL ? -1 : 0;

	while (s != NULL && count < max && (r = sq_step(db, s, e)) == 1)
		sq_item(s, &out[count++]);
	if (r == 1)
		sq_done(s);
	free(behind);
	if (r != -1)
		return count;
	while (count > 0)
		item_clear(&out[--count]);
	return -1;
}

static int
update_lists(struct store_db *db, int64_t row, const struct store_update *u,
    struct err *e)
{
	const char *tags = u->tags != NULL && u->tags[0] == '\0' ? "[]" :
	    u->tags;
	const char *metadata = u->metadata;

	if (metadata != NULL && strcmp(metadata, "null") == 0)
		metadata = "";
	if (metadata != NULL && sq_exec(db, e, "UPDATE session SET"
	    " metadata = ? WHERE row = ?", "zi", metadata, row) == -1)
		return -1;
	if (tags == NULL)
		return 0;
	if (sq_exec(db, e, "UPDATE session SET tags = ? WHERE row = ?", "ti",
	    tags, row) == -1)
		return -1;
	return set_tags(db, row, tags, e);
}

static int
update_title(struct store_db *db, int64_t row, const char *title,
    struct err *e)
{
	if (title == NULL)
		return 0;
	if (sq_exec(db, e, "UPDATE session SET title = ? WHERE row = ?", "zi",
	    title, row) == -1)
		return -1;
	return sq_index(db, row, "", NULL, title, e);
}

int
sq_update(struct store_db *db, int64_t row, const struct store_update *u,
    int64_t now, struct err *e)
{
	if (sq_exec(db, e, "UPDATE session SET"
	    " model = iif(?2 IS NULL, model, nullif(?2, '')),"
	    " run_id = iif(?3 IS NULL, run_id, nullif(?3, '')),"
	    " dir = iif(?4 IS NULL, dir, nullif(?4, '')),"
	    " config = coalesce(?5, config),"
	    " expires_at = iif(?6 < 0, expires_at, ?6),"
	    " updated_at = max(updated_at, ?7) WHERE row = ?1", "itttzii",
	    row, u->model, u->run_id, u->dir, u->config, u->expires_at,
	    now) == -1)
		return -1;
	if (update_title(db, row, u->title, e) == -1)
		return -1;
	return update_lists(db, row, u, e);
}

int
sq_shut(struct store_db *db, int64_t row, const char *reason, int64_t now,
    struct err *e)
{
	return sq_exec(db, e, "UPDATE session SET closed_at = ?, "
	    " closed_reason = ?, updated_at = max(updated_at, ?)"
	    " WHERE row = ? AND closed_at = 0", "izii", now, reason, now,
	    row) == -1 ? -1 : 0;
}

/* What belongs to it goes by ON DELETE CASCADE, the index by a trigger. */
int
sq_remove(struct store_db *db, int64_t row, struct err *e)
{
	return sq_exec(db, e, "DELETE FROM session WHERE row = ?", "i", row);
}

/* owners */

int
sq_epoch(struct store_db *db, int64_t row, int64_t *epoch, struct err *e)
{
	return sq_one(db, e, "SELECT epoch FROM session WHERE row = ?", epoch,
	    "i", row);
}

int
sq_claim(struct store_db *db, int64_t row, const struct owner *who,
    int64_t *epoch, struct err *e)
{
	if (sq_exec(db, e, "UPDATE session SET epoch = epoch + 1,"
	    " owner_pid = ?, owner_socket = ? WHERE row = ?", "iti",
	    who->pid, who->socket, row) == -1)
		return -1;
	return sq_epoch(db, row, epoch, e);
}

int
sq_owner(struct store_db *db, int64_t row, struct owner *who, struct err *e)
{
	sqlite3_stmt *s = sq_query(db, e, "SELECT owner_pid, owner_socket"
	    " FROM session WHERE row = ?", "i", row);
	int r;

	if (s == NULL)
		return -1;
	r = sq_step(db, s, e);
	if (r == 1) {
		who->pid = sqlite3_column_int64(s, 0);
		snprintf(who->socket, sizeof who->socket, "%s",
		    (const char *)sqlite3_column_text(s, 1));
		sq_done(s);
	}
	return r;
}

int
sq_set_owner(struct store_db *db, int64_t row, const struct owner *who,
    struct err *e)
{
	return sq_exec(db, e, "UPDATE session SET owner_pid = ?,"
	    " owner_socket = ? WHERE row = ?", "iti", who->pid, who->socket,
	    row) == -1 ? -1 : 0;
}
