/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store_sqlite_schema.c - tables, how they came about, and their check */

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "store/store_sqlite.h"

enum {
	APPLICATION_ID = 0x63686174,	/* "chat" */
	RETRIES = 50,
	RETRY_MS = 20,
};

/*
 * session: what a list shows comes first; what may be large comes last, for
 * SQLite walks a row from its beginning. The indexes of the lists also hold
 * what is filtered by, so that rows which do not fit are never read.
 *
 * entry: what search finds, a text for each message and, with message '',
 * the title. Its number grows, so that the newest is found first.
 *
 * parent, parent_call: of a sub-agent, the id of the session whose tool call it
 * answers, and which call that is (SESSION/MESSAGE/CALL).
 *
 * side_record, side_part: the side channels. They have no heads of their own:
 * a channel's head is behind its last record.
 *
 * page: records of `out` once more, as they are sent (store_sqlite_page.c).
 *
 * work: the sessions in which something may have been left to do, so that
 * who starts need not look at all.
 */
static const char *const migrations[SQ_SCHEMA] = {
	"CREATE TABLE session ("
	" row INTEGER PRIMARY KEY AUTOINCREMENT,"
	" id TEXT NOT NULL UNIQUE,"
	" external_id TEXT UNIQUE,"
	" type TEXT NOT NULL,"
	" task TEXT NOT NULL,"
	" created_at INTEGER NOT NULL,"
	" updated_at INTEGER NOT NULL,"
	" expires_at INTEGER NOT NULL DEFAULT 0,"
	" closed_at INTEGER NOT NULL DEFAULT 0,"
	" state INTEGER NOT NULL DEFAULT 0,"
	" messages INTEGER NOT NULL DEFAULT 0,"
	" bytes INTEGER NOT NULL DEFAULT 0,"
	" cost REAL NOT NULL DEFAULT 0,"
	" in_head INTEGER NOT NULL DEFAULT 0,"
	" in_time INTEGER NOT NULL DEFAULT 0,"
	" out_head INTEGER NOT NULL DEFAULT 0,"
	" out_time INTEGER NOT NULL DEFAULT 0,"
	" covered INTEGER NOT NULL DEFAULT -1,"
	" turn_in INTEGER NOT NULL DEFAULT -1,"
	" turn_message TEXT NOT NULL DEFAULT '',"
	" turn_attempts INTEGER NOT NULL DEFAULT 0,"
	" epoch INTEGER NOT NULL DEFAULT 0,"
	" owner_pid INTEGER NOT NULL DEFAULT 0,"
	" owner_socket TEXT NOT NULL DEFAULT '',"
	" run_id TEXT,"
	" title TEXT,"
	" dir TEXT,"
	" model TEXT,"
	" closed_reason TEXT,"
	" usage TEXT,"
	" tags TEXT NOT NULL,"
	" metadata TEXT,"
	" config TEXT NOT NULL);"
	"CREATE INDEX session_created ON session (created_at, id,"
	" type, task, state, closed_at, expires_at);"
	"CREATE INDEX session_updated ON session (updated_at, id,"
	" type, task, state, closed_at, expires_at);"
	"CREATE INDEX session_dir_created ON session (dir, created_at, id,"
	" type, task, state, closed_at, expires_at);"
	"CREATE INDEX session_dir_updated ON session (dir, updated_at, id,"
	" type, task, state, closed_at, expires_at);"
	"CREATE INDEX session_title ON session (title COLLATE NOCASE);"
	"CREATE TABLE tag ("
	" tag TEXT NOT NULL,"
	" session INTEGER NOT NULL REFERENCES session ON DELETE CASCADE,"
	" PRIMARY KEY (tag, session)) WITHOUT ROWID;"
	"CREATE INDEX tag_session ON tag (session);"
	"CREATE TABLE record ("
	" session INTEGER NOT NULL REFERENCES session ON DELETE CASCADE,"
	" dir INTEGER NOT NULL,"
	" seq INTEGER NOT NULL,"
	" time INTEGER NOT NULL,"
	" control TEXT,"
	" headers TEXT,"
	" body TEXT NOT NULL,"
	" PRIMARY KEY (session, dir, seq)) WITHOUT ROWID;"
	"CREATE INDEX record_control ON record (session, dir, control, seq)"
	" WHERE control IS NOT NULL;"
	"CREATE TABLE part ("
	" session INTEGER NOT NULL REFERENCES session ON DELETE CASCADE,"
	" dir INTEGER NOT NULL,"
	" part_id TEXT NOT NULL,"
	" seq INTEGER NOT NULL,"
	" PRIMARY KEY (session, dir, part_id)) WITHOUT ROWID;"
	"CREATE TABLE cursor ("
	" session INTEGER NOT NULL REFERENCES session ON DELETE CASCADE,"
	" reader TEXT NOT NULL,"
	" seq INTEGER NOT NULL,"
	" PRIMARY KEY (session, reader)) WITHOUT ROWID;"
	"CREATE TABLE message ("
	" session INTEGER NOT NULL REFERENCES session ON DELETE CASCADE,"
	" n INTEGER NOT NULL,"
	" id TEXT NOT NULL,"
	" role TEXT NOT NULL,"
	" json TEXT NOT NULL,"
	" UNIQUE (session, n),"
	" UNIQUE (session, id));"
	"CREATE TABLE entry ("
	" n INTEGER PRIMARY KEY AUTOINCREMENT,"
	" session INTEGER NOT NULL REFERENCES session ON DELETE CASCADE,"
	" message TEXT NOT NULL,"
	" role TEXT,"
	" text TEXT NOT NULL,"
	" UNIQUE (session, message));"
	"CREATE VIRTUAL TABLE search USING fts5 (text, content='entry',"
	" content_rowid='n',"
	" tokenize='unicode61 remove_diacritics 2');"
	"CREATE TRIGGER entry_added AFTER INSERT ON entry BEGIN"
	" INSERT INTO search (rowid, text) VALUES (new.n, new.text); END;"
	"CREATE TRIGGER entry_removed AFTER DELETE ON entry BEGIN"
	" INSERT INTO search (search, rowid, text)"
	" VALUES ('delete', old.n, old.text); END;",
	"CREATE TABLE side_record ("
	" session INTEGER NOT NULL REFERENCES session ON DELETE CASCADE,"
	" name TEXT NOT NULL,"
	" dir INTEGER NOT NULL,"
	" seq INTEGER NOT NULL,"
	" time INTEGER NOT NULL,"
	" headers TEXT,"
	" body TEXT NOT NULL,"
	" PRIMARY KEY (session, name, dir, seq)) WITHOUT ROWID;"
	"CREATE TABLE side_part ("
	" session INTEGER NOT NULL REFERENCES session ON DELETE CASCADE,"
	" name TEXT NOT NULL,"
	" dir INTEGER NOT NULL,"
	" part_id TEXT NOT NULL,"
	" seq INTEGER NOT NULL,"
	" PRIMARY KEY (session, name, dir, part_id)) WITHOUT ROWID;",
	"CREATE TABLE page ("
	" session INTEGER NOT NULL REFERENCES session ON DELETE CASCADE,"
	" first INTEGER NOT NULL,"
	" bytes INTEGER NOT NULL,"
	" data TEXT NOT NULL,"
	" PRIMARY KEY (session, first)) WITHOUT ROWID;"
	"CREATE TABLE work ("
	" session INTEGER PRIMARY KEY REFERENCES session ON DELETE CASCADE);"
	"INSERT INTO work SELECT row FROM session WHERE in_head > 0 OR"
	" turn_message <> '';",
	"ALTER TABLE session ADD COLUMN parent TEXT;"
	"ALTER TABLE session ADD COLUMN parent_call TEXT;"
	"CREATE INDEX session_parent ON session (parent)"
	" WHERE parent IS NOT NULL;"
	"CREATE UNIQUE INDEX session_parent_call ON session (parent_call)"
	" WHERE parent_call IS NOT NULL;",
};

/* One statement without values that gives one number. */
static int
number(struct store_db *db, const char *sql, int64_t *out, struct err *e)
{
	sqlite3_stmt *s = sq_prepare(db, sql, e);
	int r;

	if (s == NULL)
		return -1;
	r = sq_step(db, s, e);
	if (r == 1)
		*out = sqlite3_column_int64(s, 0);
	sq_drop(s);
	return r == 1 ? 0 : -1;
}

static int
newer(const struct store_db *db, int64_t version, struct err *e)
{
	err_set(e, ERR_IO, "%s: made by a newer chatd (schema %" PRId64
	    ", this one knows %d)", db->path, version, SQ_SCHEMA);
	return err_hint(e, "use the newer chatd, or another folder "
	    "(CHATD_HOME)");
}

static int
migrate_from(struct store_db *db, int64_t version, struct err *e)
{
	char pragma[96];

	for (; version < SQ_SCHEMA; version++)
		if (sq_script(db, migrations[version], e) == -1)
			return -1;
	snprintf(pragma, sizeof pragma, "PRAGMA user_version=%d;"
	    "PRAGMA application_id=%d", SQ_SCHEMA, APPLICATION_ID);
	return sq_script(db, pragma, e);
}

/* Two processes may come here at once: the second finds nothing to do. */
static int
migrate(struct store_db *db, struct err *e)
{
	int64_t version = 0;
	int r;

	if (sq_script(db, "BEGIN IMMEDIATE", e) == -1)
		return -1;
	r = number(db, "PRAGMA user_version", &version, e);
	if (r == 0 && version < SQ_SCHEMA)
		r = migrate_from(db, version, e);
	if (r == 0)
		r = sq_script(db, "COMMIT", e);
	if (r == -1)
		(void)sq_script(db, "ROLLBACK", NULL);	/* e has the cause */
	return r;
}

/* Somebody else's database is not ours to fill with tables. */
static int
check_identity(struct store_db *db, int64_t version, struct err *e)
{
	int64_t id = 0, tables = 0;

	if (number(db, "PRAGMA application_id", &id, e) == -1)
		return -1;
	if (id == APPLICATION_ID)
		return 0;
	if (number(db, "SELECT count(*) FROM sqlite_schema", &tables, e) == -1)
		return -1;
	if (id != 0 || version != 0 || tables != 0)
		return err_set(e, ERR_IO, "%s: a database, but not one of "
		    "chatd", db->path);
	return 0;
}

/*
 * Turning WAL on needs the file for itself for a moment and does not heed
 * the busy timeout; it happens once in the life of a database.
 */
static int
use_wal(struct store_db *db, struct err *e)
{
	int i, r = SQLITE_BUSY;

	for (i = 0; i < RETRIES && (r & 0xff) == SQLITE_BUSY; i++) {
		if (i > 0)
			(void)poll(NULL, 0, RETRY_MS);
		r = sqlite3_exec(db->sqlite, "PRAGMA journal_mode=WAL", NULL,
		    NULL, NULL);
	}
	return r == SQLITE_OK ? 0 : sq_fail(db, e);
}

/*
 * The versions are looked at before anything is changed. Checkpoints are
 * made when there is time for them; the automatic one is for when there
 * never is.
 */
int
sq_setup(struct store_db *db, struct err *e)
{
	int64_t version = 0;

	if (number(db, "PRAGMA user_version", &version, e) == -1)
		return -1;
	if (version > SQ_SCHEMA)
		return newer(db, version, e);
	if (check_identity(db, version, e) == -1 || use_wal(db, e) == -1)
		return -1;
	if (sq_script(db, "PRAGMA synchronous=FULL;"
	    "PRAGMA foreign_keys=ON;"
	    "PRAGMA temp_store=MEMORY;"
	    "PRAGMA cache_size=-8192;"
	    "PRAGMA wal_autocheckpoint=4000;"
	    "PRAGMA journal_size_limit=16777216", e) == -1)
		return -1;
	return version == SQ_SCHEMA ? 0 : migrate(db, e);
}

/*
 * Each gives rows of text: a complaint each. The records of a channel have
 * no holes and do not end before the head that was written down last; rows that count others count right.
 */
static const char *const rules[] = {
	"SELECT integrity_check FROM pragma_integrity_check"
	" WHERE integrity_check <> 'ok'",
	"SELECT 'a row of ' || \"table\" || ' without its session'"
	" FROM pragma_foreign_key_check",
	"SELECT s.id || ': ' || CASE r.dir WHEN 0 THEN 'in' ELSE 'out' END ||"
	" ': ' || r.c || ' records of ' || CASE r.dir WHEN 0 THEN s.in_head"
	" ELSE s.out_head END"
	" FROM (SELECT session, dir, count(*) c, max(seq) hi"
	"  FROM record GROUP BY session, dir) r JOIN session s"
	" ON s.row = r.session WHERE r.c <> r.hi + 1 OR r.hi + 1 <"
	" CASE r.dir WHEN 0 THEN s.in_head ELSE s.out_head END",
	"SELECT s.id || ': ' || r.name || ': ' || r.c || ' records of ' ||"
	" (r.hi + 1) FROM (SELECT session, name, dir, count(*) c, max(seq) hi"
	"  FROM side_record GROUP BY session, name, dir) r JOIN session s"
	" ON s.row = r.session WHERE r.c <> r.hi + 1",
	"SELECT s.id || ': no records at all' FROM session s WHERE"
	" (s.in_head > 0 AND NOT EXISTS (SELECT 1 FROM record"
	"  WHERE session = s.row AND dir = 0)) OR"
	" (s.out_head > 0 AND NOT EXISTS (SELECT 1 FROM record"
	"  WHERE session = s.row AND dir = 1))",
	"SELECT s.id || ': ' || (SELECT count(*) FROM message m"
	"  WHERE m.session = s.row) || ' messages of ' || s.messages"
	" FROM session s WHERE s.messages <>"
	" (SELECT count(*) FROM message m WHERE m.session = s.row)",
	"SELECT id || ': message ' || m.id || ' cannot be found' FROM"
	" (SELECT message.id, session.id sid, message.session FROM message"
	"  JOIN session ON session.row = message.session) m"
	" WHERE NOT EXISTS (SELECT 1 FROM entry WHERE entry.session ="
	" m.session AND entry.message = m.id)",
	"SELECT 'search has ' || (SELECT count(*) FROM search_docsize) ||"
	" ' texts of ' || count(*) FROM entry HAVING count(*) <>"
	" (SELECT count(*) FROM search_docsize)",
};

static int
check_rule(struct store_db *db, const char *sql, struct err *e)
{
	sqlite3_stmt *s = sq_prepare(db, sql, e);
	int r;

	if (s == NULL)
		return -1;
	r = sq_step(db, s, e);
	if (r == 1) {
		r = err_set(e, ERR_IO, "%s: %s", db->path,
		    (const char *)sqlite3_column_text(s, 0));
		err_hint(e, "keep a copy of the file before anything else");
	}
	sq_drop(s);
	return r;
}

int
sq_check(struct store_db *db, struct err *e)
{
	size_t i;

	for (i = 0; i < NELEM(rules); i++)
		if (check_rule(db, rules[i], e) == -1)
			return -1;
	/* the index against the texts (1) it was made from */
	return sq_script(db, "INSERT INTO search (search, rank)"
	    " VALUES ('integrity-check', 1)", e);
}
