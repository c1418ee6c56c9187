/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store_sqlite.c - the store in SQLite: the file, statements, transactions */

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "store/store_sqlite.h"
#include "store/store_sqlite_wal.h"

enum {
	/* for the commit of another process, which takes milliseconds */
	BUSY_MS = 3000,
	STATEMENTS_MAX = 128,
};

const char *
store_version(void)
{
	_Static_assert(SQ_SCHEMA == 4, "the number below");
	return "SQLite " SQLITE_VERSION ", schema 4";
}

/*
 * SQLite takes a lock that cannot be had at all for one that others hold, so
 * one is tried: of its log, since closing the database's own file would give
 * all of this process's locks back. 0: locks work, or nobody knows.
 */
static int
no_locks(const struct store_db *db)
{
	struct flock lock = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
	char *path = xasprintf("%s-wal", db->path);
	int fd = open(path, O_RDWR | O_CLOEXEC), errnum = 0;

	if (fd != -1 && fcntl(fd, F_SETLK, &lock) == -1 && errno != EAGAIN &&
	    errno != EACCES)
		errnum = errno;
	if (fd != -1)
		close(fd);
	free(path);
	return errnum;
}

static void
say_locked(const struct store_db *db, struct err *e)
{
	int errnum = no_locks(db);

	if (errnum != 0)
		(void)store_lock_failed(db->path, errnum, e);
	else
		err_set(e, ERR_IO, "%s: another process has kept it locked "
		    "for too long", db->path);
}

/* "disk I/O error" helps nobody: the system knows why. */
static void
say_io(const struct store_db *db, int code, struct err *e)
{
	int errnum = sqlite3_system_errno(db->sqlite);

	if (errnum != 0)
		err_errno(e, ERR_IO, errnum, "%s: %s", db->path,
		    sqlite3_errmsg(db->sqlite));
	else
		err_set(e, ERR_IO, "%s: %s (%d)", db->path,
		    sqlite3_errmsg(db->sqlite), code);
}

/* Reports SQLite's last error, and remembers it for the commit. */
int
sq_fail(struct store_db *db, struct err *e)
{
	struct err local = ERR_INIT;
	int code = sqlite3_errcode(db->sqlite);

	switch (code & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_PROTOCOL:	/* a lock for reading, tried for 10 s */
		say_locked(db, &local);
		break;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		err_set(&local, ERR_IO, "%s: %s", db->path,
		    sqlite3_errmsg(db->sqlite));
		err_hint(&local, "keep a copy of the file; sqlite3 can .recover "
		    "what is whole in it");
		break;
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
		say_io(db, code, &local);
		break;
	default:
		err_set(&local, ERR_IO, "%s: %s (%d)", db->path,
		    sqlite3_errmsg(db->sqlite), code);
	}
	if (db->open && !err_is_set(&db->failed))
		db->failed = local;
	if (e != NULL && !err_is_set(e))
		*e = local;
	return -1;
}

/* statements */

sqlite3_stmt *
sq_prepare(struct store_db *db, const char *sql, struct err *e)
{
	sqlite3_stmt *s;

	if (sqlite3_prepare_v3(db->sqlite, sql, -1, SQLITE_PREPARE_PERSISTENT,
	    &s, NULL) != SQLITE_OK) {
		sq_fail(db, e);
		return NULL;
	}
	return s;
}

void
sq_drop(sqlite3_stmt *s)
{
	/* says again what the last step said already */
	(void)sqlite3_finalize(s);
}

void
sq_done(sqlite3_stmt *s)
{
	(void)sqlite3_reset(s);
	(void)sqlite3_clear_bindings(s);
}

static sqlite3_stmt *
cached(struct store_db *db, const char *sql, struct err *e)
{
	sqlite3_stmt *s;
	size_t i;

	for (i = 0; i < db->cached; i++)
		if (db->cache[i].sql == sql)
			return db->cache[i].stmt;
	if (db->cached == STATEMENTS_MAX)
		fatal(__func__, "more than %d statements", STATEMENTS_MAX);
	s = sq_prepare(db, sql, e);
	if (s != NULL)
		db->cache[db->cached++] = (struct sq_cached){ sql, s };
	return s;
}

int
sq_bind(struct store_db *db, sqlite3_stmt *s, int at, char type, int64_t n,
    const char *text, size_t len, double d)
{
	int r;

	switch (type) {
	case 'i':
		r = sqlite3_bind_int64(s, at, n);
		break;
	case 'd':
		r = sqlite3_bind_double(s, at, d);
		break;
	default:
		r = sqlite3_bind_text64(s, at, text, len, SQLITE_STATIC,
		    SQLITE_UTF8);
	}
	return r == SQLITE_OK ? 0 : sq_fail(db, NULL);
}

static int
bind_all(struct store_db *db, sqlite3_stmt *s, const char *types, va_list ap)
{
	int at;

	for (at = 1; *types != '\0'; types++, at++) {
		const char *text = NULL;
		int64_t n = 0;
		size_t len = 0;
		double d = 0;

		switch (*types) {
		case 'i':
			n = va_arg(ap, int64_t);
			break;
		case 'd':
			d = va_arg(ap, double);
			break;
		case 'b':
			text = va_arg(ap, const char *);
			len = va_arg(ap, size_t);
			break;
		default:
			text = va_arg(ap, const char *);
			len = text == NULL ? 0 : strlen(text);
			if (*types == 'z' && len == 0)
				text = NULL;
		}
		if (sq_bind(db, s, at, *types, n, text, len, d) == -1)
			return -1;
	}
	return 0;
}

static sqlite3_stmt *
vquery(struct store_db *db, struct err *e, const char *sql,
    const char *types, va_list ap)
{
	sqlite3_stmt *s = cached(db, sql, e);

	if (s == NULL)
		return NULL;
	if (bind_all(db, s, types, ap) == -1) {
		sq_fail(db, e);
		sq_done(s);
		return NULL;
	}
	return s;
}

sqlite3_stmt *
sq_query(struct store_db *db, struct err *e, const char *sql,
    const char *types, ...)
{
	sqlite3_stmt *s;
	va_list ap;

	va_start(ap, types);
	s = vquery(db, e, sql, types, ap);
	va_end(ap);
	return s;
}

int
sq_step(struct store_db *db, sqlite3_stmt *s, struct err *e)
{
	int r = sqlite3_step(s);

	if (r == SQLITE_ROW)
		return 1;
	if (r != SQLITE_DONE)
		sq_fail(db, e);
	sq_done(s);
	return r == SQLITE_DONE ? 0 : -1;
}

int
sq_exec(struct store_db *db, struct err *e, const char *sql,
    const char *types, ...)
{
	sqlite3_stmt *s;
	va_list ap;
	int r;

	if (err_is_set(&db->failed)) {
		/* SQLite may have rolled back: this would stand alone */
		if (e != NULL && !err_is_set(e))
			*e = db->failed;
		return -1;
	}
	va_start(ap, types);
	s = vquery(db, e, sql, types, ap);
	va_end(ap);
	if (s == NULL)
		return -1;
	while ((r = sq_step(db, s, e)) == 1)
		continue;
	return r == 0 ? sqlite3_changes(db->sqlite) : -1;
}

int
sq_one(struct store_db *db, struct err *e, const char *sql, int64_t *out,
    const char *types, ...)
{
	sqlite3_stmt *s;
	va_list ap;
	int r;

	va_start(ap, types);
	s = vquery(db, e, sql, types, ap);
	va_end(ap);
	if (s == NULL)
		return -1;
	r = sq_step(db, s, e);
	if (r == 1) {
		int i, n = sqlite3_column_count(s);

		for (i = 0; i < n; i++)
			out[i] = sqlite3_column_int64(s, i);
		sq_done(s);
	}
	return r;
}

int
sq_script(struct store_db *db, const char *sql, struct err *e)
{
	if (sqlite3_exec(db->sqlite, sql, NULL, NULL, NULL) != SQLITE_OK)
		return sq_fail(db, e);
	return 0;
}

char *
sq_text(sqlite3_stmt *s, int column)
{
	const char *text = (const char *)sqlite3_column_text(s, column);

	if (text == NULL)
		return NULL;
	return xstrndup(text, (size_t)sqlite3_column_bytes(s, column));
}

/* the file */

/*
 * SQLite gives its other files the mode of this one. Where locks do not work
 * (no_locks()) that is said at once: a byte is tried that SQLite does not
 * lock, to be in nobody's way.
 */
static int
make_file(const char *path, struct err *e)
{
	struct flock lock = { .l_type = F_RDLCK, .l_whence = SEEK_SET,
	    .l_len = 1 };
	int fd, r = 0;

	if (path_make_parent(path, e) == -1)
		return -1;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd == -1)
		return err_errno(e, ERR_IO, errno, "cannot open %s", path);
	if (fcntl(fd, F_SETLK, &lock) == -1 && errno != EAGAIN &&
	    errno != EACCES)
		r = store_lock_failed(path, errno, e);
	close(fd);
	return r;
}

static void
db_close(struct store_db *db)
{
	size_t i;

	for (i = 0; i < db->cached; i++)
		sq_drop(db->cache[i].stmt);
	if (sqlite3_close(db->sqlite) != SQLITE_OK)
		log_msg(LOG_STORE, LOG_ERROR, "%s: %s", db->path,
		    sqlite3_errmsg(db->sqlite));
	free(db->cache);
	free(db->path);
	free(db);
}

/*
 * There is no other thread: without locks and figures around each of its
 * allocations an append into SQLite takes 7 % fewer instructions. It is said
 * before all else, so a second store of the process is told that it is late.
 */
static void
use_one_thread(void)
{
	(void)sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static struct store_db *
db_open(const char *path, struct err *e)
{
	struct store_db *db;
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
	    SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;

	if (path != NULL && make_file(path, e) == -1)
		return NULL;
	use_one_thread();
	db = xcalloc(1, sizeof *db);
	db->path = xstrdup(path == NULL ? ":memory:" : path);
	db->cache = xcalloc(STATEMENTS_MAX, sizeof *db->cache);
	if (sqlite3_open_v2(db->path, &db->sqlite, flags,
	    sq_wal_vfs()) != SQLITE_OK)
		goto failed;
	if (sqlite3_busy_timeout(db->sqlite, BUSY_MS) != SQLITE_OK)
		goto failed;
	if (sq_setup(db, e) == -1) {
		db_close(db);
		return NULL;
	}
	return db;
failed:
	sq_fail(db, e);
	db_close(db);
	return NULL;
}

/* transactions */

/* Only here others keep us out, but for a moment when they open the file. */
static int
db_begin(struct store_db *db, int wait_ms, struct err *e)
{
	int r;

	err_clear(&db->failed);
	(void)sqlite3_busy_timeout(db->sqlite, wait_ms);
	r = sq_exec(db, e, "BEGIN IMMEDIATE", "") == -1 ? -1 : 0;
	if (r == -1 && (sqlite3_errcode(db->sqlite) & 0xff) == SQLITE_BUSY)
		r = 1;
	(void)sqlite3_busy_timeout(db->sqlite, BUSY_MS);
	db->open = r == 0;
	return r;
}

static int
db_commit(struct store_db *db, struct err *e)
{
	int r;

	sq_wal_gather(db->sqlite, true);
	r = sq_exec(db, e, "COMMIT", "") == -1 ? -1 : 0;
	sq_wal_gather(db->sqlite, false);
	if (r == 0)
		db->open = false;
	return r;
}

static int
db_version(struct store_db *db, int64_t *version, struct err *e)
{
	return sq_one(db, e, "PRAGMA data_version", version, "") == 1 ? 0 :
	    -1;
}

static void
db_rollback(struct store_db *db)
{
	db->open = false;
	err_clear(&db->failed);
	if (sqlite3_get_autocommit(db->sqlite))
		return;		/* SQLite has done it already */
	if (sq_exec(db, NULL, "ROLLBACK", "") == -1)
		log_msg(LOG_STORE, LOG_ERROR, "%s: rollback: %s", db->path,
		    sqlite3_errmsg(db->sqlite));
}

static void
db_tidy(struct store_db *db)
{
	/* passive: takes what it gets, waits for nobody */
	(void)sqlite3_wal_checkpoint_v2(db->sqlite, NULL,
	    SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}

static const struct store_ops ops = {
	.open = db_open,
	.close = db_close,
	.begin = db_begin,
	.commit = db_commit,
	.version = db_version,
	.rollback = db_rollback,
	.tidy = db_tidy,
	.check = sq_check,
	.create = sq_create,
	.get = sq_get,
	.find = sq_find,
	.update = sq_update,
	.shut = sq_shut,
	.remove = sq_remove,
	.list = sq_list,
	.search = sq_search,
	.claim = sq_claim,
	.epoch = sq_epoch,
	.owner = sq_owner,
	.set_owner = sq_set_owner,
	.heads = sq_heads,
	.set_heads = sq_set_heads,
	.append = sq_append,
	.part = sq_part,
	.read = sq_read,
	.scan = sq_scan,
	.put_page = sq_put_page,
	.pages = sq_pages,
	.set_work = sq_set_work,
	.work = sq_work,
	.control = sq_control,
	.side_head = sq_side_head,
	.side_append = sq_side_append,
	.side_part = sq_side_part,
	.side_next = sq_side_next,
	.side_read = sq_side_read,
	.cursor = sq_cursor,
	.set_cursor = sq_set_cursor,
	.turn = sq_turn,
	.set_turn = sq_set_turn,
	.put_message = sq_put_message,
	.cut_messages = sq_cut_messages,
	.messages = sq_messages,
	.cover = sq_cover,
	.covered = sq_covered,
	.sum = sq_sum,
	.set_sum = sq_set_sum,
	.copy_messages = sq_copy_messages,
	.copy_sides = sq_copy_sides,
};

const struct store_ops *
store_sqlite(void)
{
	return &ops;
}
