/* SPDX-License-Identifier: GPL-3.0-or-later */
/* wal.c - commits by way of the gathering VFS are those of SQLite */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <signal.h>
#include <unistd.h>

#include <sqlite3.h>

#include "scratch.h"
#include "store/store_sqlite_wal.h"

static sqlite3 *
open_db(const char *path, const char *vfs)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE |
	    SQLITE_OPEN_CREATE, vfs), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA journal_mode=WAL;"
	    "PRAGMA synchronous=FULL;PRAGMA cache_size=10;"
	    "PRAGMA wal_autocheckpoint=50;"
	    "CREATE TABLE IF NOT EXISTS t(k INTEGER PRIMARY KEY, v BLOB)",
	    NULL, NULL, NULL), SQLITE_OK);
	return db;
}

static int
run(sqlite3 *db, const char *sql)
{
	return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

/* One transaction, as the store makes them. */
static int
run_all(sqlite3 *db, const char *sql, const char *end)
{
	int r;

	assert_int_equal(run(db, "BEGIN IMMEDIATE"), SQLITE_OK);
	assert_int_equal(run(db, sql), SQLITE_OK);
	sq_wal_gather(db, true);
	r = run(db, end);
	sq_wal_gather(db, false);
	if (r != SQLITE_OK)
		(void)run(db, "ROLLBACK");	/* unless it is done already */
	return r;
}

static int64_t
number(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *s;
	int64_t n;

	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &s, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	n = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return n;
}

static void
is_sound(sqlite3 *db)
{
	sqlite3_stmt *s;

	assert_int_equal(sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1,
	    &s, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	assert_string_equal((const char *)sqlite3_column_text(s, 0), "ok");
	sqlite3_finalize(s);
}

/* What is committed is seen at once by who knows nothing of the VFS; with a
 * cache of ten pages most of a large one is written before its end, with a
 * larger one all at its end, in more than one piece. */
static void
another_reader_sees_each_commit(void **state)
{
	char *path = path_join(((struct scratch *)*state)->dir, "gather.db");
	sqlite3 *ours = open_db(path, sq_wal_vfs());
	sqlite3 *plain = open_db(path, NULL);

	for (int i = 1; i <= 200; i++) {
		char sql[200];

		assert_int_equal(run(ours, i % 2 == 0 ? "PRAGMA cache_size=10" :
		    "PRAGMA cache_size=1000"), SQLITE_OK);
		snprintf(sql, sizeof sql, "WITH RECURSIVE n(x) AS "
		    "(SELECT 1 UNION ALL SELECT x+1 FROM n WHERE x<%d) INSERT "
		    "INTO t(v) SELECT zeroblob(3000) FROM n", i % 60 + 1);
		assert_int_equal(run_all(ours, sql, "COMMIT"), SQLITE_OK);
		assert_int_equal(number(plain, "SELECT count(*) FROM t"),
		    number(ours, "SELECT count(*) FROM t"));
		if (i % 3 == 0)
			assert_int_equal(run(plain, "INSERT INTO t(v) "
			    "VALUES(zeroblob(100))"), SQLITE_OK);
	}
	is_sound(plain);
	sqlite3_close(ours);
	is_sound(plain);
	sqlite3_close(plain);
	free(path);
}

static void
what_is_taken_back_is_gone(void **state)
{
	char *path = path_join(((struct scratch *)*state)->dir, "back.db");
	sqlite3 *ours = open_db(path, sq_wal_vfs());

	for (int i = 0; i < 50; i++) {
		assert_int_equal(run_all(ours, "WITH RECURSIVE n(x) AS "
		    "(SELECT 1 UNION ALL SELECT x+1 FROM n WHERE x<60) INSERT "
		    "INTO t(v) SELECT zeroblob(3000) FROM n", "ROLLBACK"),
		    SQLITE_OK);
		assert_int_equal(run_all(ours, "INSERT INTO t(v) VALUES(1)",
		    "COMMIT"), SQLITE_OK);
	}
	assert_int_equal(number(ours, "SELECT count(*) FROM t"), 50);
	is_sound(ours);
	sqlite3_close(ours);
	free(path);
}

/*
 * Another process may write where it would have been; all is in the database
 * itself, so that nothing is read from the log meanwhile. Every other time
 * pages are written early in the COMMIT that fails.
 */
static void
what_is_taken_back_is_not_written_later(void **state)
{
	char *path = path_join(((struct scratch *)*state)->dir, "later.db");
	sqlite3 *ours = open_db(path, sq_wal_vfs());
	sqlite3 *plain = open_db(path, NULL);

	for (int i = 1; i <= 30; i++) {
		assert_int_equal(sqlite3_wal_checkpoint_v2(plain, NULL,
		    SQLITE_CHECKPOINT_PASSIVE, NULL, NULL), SQLITE_OK);
		sq_wal_gather(ours, i % 2 == 0);
		assert_int_equal(run(ours, "BEGIN;WITH RECURSIVE n(x) AS "
		    "(SELECT 1 UNION ALL SELECT x+1 FROM n WHERE x<20) INSERT "
		    "INTO t(v) SELECT zeroblob(3000) FROM n;ROLLBACK"),
		    SQLITE_OK);
		sq_wal_gather(ours, false);
		assert_int_equal(run(plain, "INSERT INTO t(v) "
		    "VALUES(randomblob(3000))"), SQLITE_OK);
		assert_int_equal(number(ours, "SELECT count(*) FROM t"), i);
	}
	sqlite3_close(ours);
	is_sound(plain);
	sqlite3_close(plain);
	free(path);
}

/* The write that fails comes late, yet before anyone is told of a commit. */
static void
a_full_disk_fails_the_commit(void **state)
{
	char *path = path_join(((struct scratch *)*state)->dir, "full.db");
	sqlite3 *ours = open_db(path, sq_wal_vfs());
	sqlite3 *plain = open_db(path, NULL);
	struct rlimit old, small;

	assert_int_equal(run(ours, "INSERT INTO t(v) VALUES(1)"), SQLITE_OK);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	signal(SIGXFSZ, SIG_IGN);
	small = old;
	small.rlim_cur = 40000;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_not_equal(run_all(ours, "INSERT INTO t(v) "
	    "VALUES(zeroblob(30000))", "COMMIT"), SQLITE_OK);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(run(plain, "INSERT INTO t(v) VALUES(2)"), SQLITE_OK);
	assert_int_equal(number(ours, "SELECT count(*) FROM t"), 2);
	assert_int_equal(run_all(ours, "INSERT INTO t(v) VALUES(3)",
	    "COMMIT"), SQLITE_OK);
	assert_int_equal(number(plain, "SELECT count(*) FROM t"), 3);
	is_sound(plain);
	sqlite3_close(plain);
	sqlite3_close(ours);
	free(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, scratch_setup, \
	    scratch_teardown)
		T(another_reader_sees_each_commit),
		T(what_is_taken_back_is_gone),
		T(what_is_taken_back_is_not_written_later),
		T(a_full_disk_fails_the_commit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
