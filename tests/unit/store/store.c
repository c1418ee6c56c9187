/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store.c - the file, sessions, commits that fail, processes that die */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/buf.h"
#include "../../peers/nolock.h"
#include "scratch.h"

/* the file */

static void
the_file_is_private(void **state)
{
	struct scratch *s = *state;
	char *path = path_join(s->dir, "new/folder/chatd.db");
	struct store_opts opts = { .path = path, .run_dir = s->dir };
	struct store *st = store_open(&opts, NULL);
	struct stat sb;

	assert_non_null(st);
	assert_int_equal(stat(path, &sb), 0);
	assert_int_equal(sb.st_mode & 07777, 0600);
	scratch_create_in(st, NULL, NULL);
	store_close(st);
	unlink(path);
	*strrchr(path, '/') = '\0';
	assert_int_equal(stat(path, &sb), 0);
	assert_int_equal(sb.st_mode & 07777, 0700);
	rmdir(path);
	*strrchr(path, '/') = '\0';
	rmdir(path);
	free(path);
}

/* user_version and application_id, big-endian, in the file's first page */
static void
poke(const char *path, long at, int value)
{
	FILE *f = fopen(path, "r+");
	unsigned char bytes[4] = { 0, 0, 0, (unsigned char)value };

	assert_non_null(f);
	assert_int_equal(fseek(f, at, SEEK_SET), 0);
	assert_int_equal(fwrite(bytes, 1, 4, f), 4);
	assert_int_equal(fclose(f), 0);
}

static void
a_newer_database_is_refused(void **state)
{
	struct scratch *s = *state;
	struct err e = ERR_INIT;

	scratch_create_in(s->st, "kept", NULL);
	store_close(s->st);
	poke(s->path, 60, 99);
	s->st = scratch_open(s, &e);
	assert_null(s->st);
	assert_int_equal(e.code, ERR_IO);
	assert_non_null(strstr(e.text, "chatd.db: made by a newer chatd "
	    "(schema 99, this one knows 4)"));
	assert_string_not_equal(e.hint, "");
	poke(s->path, 60, 4);
	s->st = scratch_open(s, NULL);
	assert_non_null(s->st);
	assert_int_equal(store_check(s->st, NULL), 0);
}

static void
an_older_database_is_brought_up_to_date(void **state)
{
	struct scratch *s = *state;
	sqlite3 *old;
	struct channel *ch;

	int64_t row = scratch_create_in(s->st, "kept", NULL);
	store_close(s->st);
	assert_int_equal(sqlite3_open(s->path, &old), SQLITE_OK);
	assert_int_equal(sqlite3_exec(old, "DROP TABLE side_record;"
	    "DROP TABLE side_part; DROP TABLE page; DROP TABLE work;"
	    "DROP INDEX session_parent;"
	    "DROP INDEX session_parent_call;"
	    "ALTER TABLE session DROP COLUMN parent;"
	    "ALTER TABLE session DROP COLUMN parent_call;"
	    "PRAGMA user_version=1", NULL, NULL, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_close(old), SQLITE_OK);
	s->st = scratch_open(s, NULL);
	assert_non_null(s->st);
	assert_int_equal(store_check(s->st, NULL), 0);
	ch = channel_open_side(s->st, row, "a", CHANNEL_IN, NULL);
	assert_non_null(ch);
	channel_close(ch);
}

static void
what_is_not_ours_is_refused(void **state)
{
	struct scratch *s = *state;
	struct err e = ERR_INIT;

	store_close(s->st);
	poke(s->path, 68, 7);
	assert_null(scratch_open(s, &e));
	assert_non_null(strstr(e.text, "not one of chatd"));
	err_clear(&e);
	assert_int_equal(path_write_whole(s->path, "no database at all, but a "
	    "text that is long enough to have been one, if only its first "
	    "bytes had said so.......", 100, 0600, NULL), 0);
	assert_null(scratch_open(s, &e));
	assert_int_equal(e.code, ERR_IO);
	s->st = NULL;
}

/* sessions */

static void
an_external_id_makes_one_session(void **state)
{
	struct scratch *s = *state;
	struct store *other = scratch_open(s, NULL);
	int64_t row = scratch_create_in(s->st, "x", NULL);

	assert_int_equal(scratch_create_in(s->st, "x", NULL), row);
	assert_int_equal(store_commit(s->st, NULL), 0);
	assert_int_equal(scratch_create_in(other, "x", NULL), row);
	assert_int_not_equal(scratch_create_in(other, NULL, NULL), row);
	store_close(other);
}

static void
an_update_changes_what_is_given(void **state)
{
	struct scratch *s = *state;
	int64_t row = scratch_create_in(s->st, "x", "old");
	struct store_update u = { .title = "new", .metadata = "{\"a\":1}",
	    .model = "m", .expires_at = -1 };
	struct item it;

	assert_int_equal(store_update(s->st, row, &u, NULL), 0);
	assert_int_equal(store_find(s->st, "x", &it, NULL), 0);
	assert_string_equal(it.title, "new");
	assert_string_equal(it.metadata, "{\"a\":1}");
	assert_string_equal(it.model, "m");
	assert_string_equal(it.dir, "/work");
	assert_string_equal(it.tags, "[\"a\",\"b\"]");
	assert_string_equal(it.config, "{\"basePayload\":{}}");
	assert_int_equal(it.expires_at, 0);
	item_clear(&it);
	u = (struct store_update){ .title = "", .metadata = "null",
	    .dir = "", .tags = "[\"c\"]", .expires_at = 5 };
	assert_int_equal(store_update(s->st, row, &u, NULL), 0);
	assert_int_equal(store_find(s->st, "x", &it, NULL), 0);
	assert_null(it.title);
	assert_null(it.metadata);
	assert_null(it.dir);
	assert_string_equal(it.model, "m");
	assert_string_equal(it.tags, "[\"c\"]");
	assert_int_equal(it.expires_at, 5);
	item_clear(&it);
	assert_int_equal(store_check(s->st, NULL), 0);
}

static void
check_resolve(struct store *st, const char *word, const char *want,
    enum err_code code)
{
	struct err e = ERR_INIT;
	struct item it;

	if (store_resolve(st, word, &it, &e) == 0) {
		assert_string_equal(item_key(&it), want);
		item_clear(&it);
	}
	assert_int_equal(e.code, code);
	if (code == ERR_USAGE)
		assert_non_null(strstr(e.text, want));
}

static void
a_session_is_found_as_people_write_it(void **state)
{
	struct scratch *s = *state;
	struct item it;
	char id[64];

	scratch_create_in(s->st, "alpha-1", "Same");
	scratch_create_in(s->st, "alpha-2", "same");
	scratch_create_in(s->st, "beta%_", "The other");
	assert_int_equal(store_find(s->st, "alpha-1", &it, NULL), 0);
	snprintf(id, sizeof id, "%s", it.id);
	item_clear(&it);
	check_resolve(s->st, id, "alpha-1", ERR_NONE);
	check_resolve(s->st, "alpha-1", "alpha-1", ERR_NONE);
	check_resolve(s->st, "b", "beta%_", ERR_NONE);
	check_resolve(s->st, "the OTHER", "beta%_", ERR_NONE);
	check_resolve(s->st, "alpha", "alpha-1, alpha-2", ERR_USAGE);
	check_resolve(s->st, "SAME", "alpha-1", ERR_USAGE);
	check_resolve(s->st, "%", "", ERR_NOT_FOUND);
	check_resolve(s->st, "", "", ERR_NOT_FOUND);
	id[strlen(id) - 1] = '\0';
	check_resolve(s->st, id, "alpha-1", ERR_NONE);
	assert_int_equal(store_find(s->st, id, &it, NULL), -1);
	assert_int_equal(store_newest(s->st, "/none", &it, NULL), -1);
	assert_int_equal(store_newest(s->st, "/work", &it, NULL), 0);
	item_clear(&it);
}

static int
take_key(const struct item *it, void *arg)
{
	buf_addf(arg, "%s;", item_key(it));
	return 0;
}

static void
check_list(struct store *st, const struct store_list *q, const char *want,
    bool want_more)
{
	struct buf got = BUF_INIT;
	struct err e = ERR_INIT;
	bool more = !want_more;

	assert_int_equal(store_list(st, q, take_key, &got, &more, &e), 0);
	assert_string_equal(got.data, want);
	assert_int_equal(more, want_more);
	buf_clear(&got);
}

/* All of them have the same place among those peeked at; four find room near
 * it at a time. */
static void
names_that_meet_are_told_apart(void **state)
{
	struct scratch *s = *state;
	static const char *const names[] = { "ababab", "ababbA", "abbAab",
	    "abbAbA", "bAabab", "bAabbA" };
	const struct item *at[6], *it;
	int64_t rows[6];
	int i;

	for (i = 0; i < 6; i++)
		rows[i] = scratch_create_in(s->st, names[i], NULL);
	for (i = 0; i < 4; i++)
		at[i] = store_peek(s->st, names[i], NULL);
	assert_ptr_not_equal(at[0], at[1]);
	for (i = 0; i < 4; i++)
		assert_ptr_equal(store_peek(s->st, names[i], NULL), at[i]);
	for (i = 0; i < 12; i++) {
		it = store_peek(s->st, names[i % 6], NULL);
		assert_non_null(it);
		assert_int_equal(it->row, rows[i % 6]);
		assert_string_equal(it->external_id, names[i % 6]);
	}
	assert_int_equal(store_close_session(s->st, rows[1], NULL, NULL), 0);
	it = store_peek(s->st, names[1], NULL);
	assert_true(it != NULL && it->closed_at != 0);
	assert_null(store_peek(s->st, "bAbAab", NULL));
}

static void
lists_are_filtered_and_paged(void **state)
{
	struct scratch *s = *state;
	static const char *const names[] = { "a", "b", "c", "d", "e" };
	const char *tags[] = { "b", "none", NULL }, *none[] = { "z", NULL };
	struct store_update untag = { .tags = "[]", .expires_at = 1 };
	int64_t rows[5];
	char now[24];
	int i;

	for (i = 0; i < 5; i++) {
		snprintf(now, sizeof now, "%d", 1000 + i);
		setenv("CHATD_TEST_CLOCK", now, 1);
		rows[i] = scratch_create_in(s->st, names[i], NULL);
	}
	setenv("CHATD_TEST_CLOCK", "2000", 1);
	assert_int_equal(store_update(s->st, rows[2], &untag, NULL), 0);
	setenv("CHATD_TEST_CLOCK", "2001", 1);
	assert_int_equal(store_close_session(s->st, rows[1], NULL, NULL), 0);
	unsetenv("CHATD_TEST_CLOCK");
#define Q(...) &(struct store_list){ .state = -1, __VA_ARGS__ }
	check_list(s->st, Q(.limit = 5), "e;d;c;b;a;", false);
	check_list(s->st, Q(.limit = 0), "e;d;c;b;a;", false);
	check_list(s->st, Q(.limit = 2), "e;d;", true);
	check_list(s->st, Q(.limit = 2, .after = "d"), "c;b;", true);
	check_list(s->st, Q(.limit = 2, .after = "b"), "a;", false);
	check_list(s->st, Q(.limit = 2, .before = "a"), "c;b;", true);
	check_list(s->st, Q(.limit = 2, .before = "c"), "e;d;", false);
	check_list(s->st, Q(.limit = 9, .tags = tags), "e;d;b;a;", false);
	check_list(s->st, Q(.limit = 9, .tags = none), "", false);
	check_list(s->st, Q(.limit = 9, .types = none), "", false);
	check_list(s->st, Q(.limit = 9, .external_id = "c"), "c;", false);
	check_list(s->st, Q(.limit = 9, .dir = "/other"), "", false);
	check_list(s->st, Q(.limit = 9, .dir = "/work", .created_from = 1001,
	    .created_to = 1003), "d;c;b;", false);
	check_list(s->st, Q(.limit = 9, .status = STATUS_CLOSED), "b;", false);
	check_list(s->st, Q(.limit = 9, .status = STATUS_EXPIRED), "c;",
	    false);
	check_list(s->st, Q(.limit = 9, .status = STATUS_ACTIVE |
	    STATUS_EXPIRED), "e;d;c;a;", false);
	check_list(s->st, &(struct store_list){ .limit = 9, .state =
	    ITEM_CLOSED }, "b;", false);
	check_list(s->st, &(struct store_list){ .limit = 9, .state =
	    ITEM_IDLE }, "e;d;c;a;", false);
	check_list(s->st, Q(.limit = 2, .by_activity = true), "b;c;", true);
}

/* the states of sessions that run are not in the database alone */
static void
lists_know_who_is_alive(void **state)
{
	struct scratch *s = *state;
	struct store_turn turn = { .message_id = "m" };
	struct owned *a = scratch_own(s->st, scratch_create_in(s->st, "a",
	    NULL)), *b = scratch_own(s->st, scratch_create_in(s->st, "b",
	    NULL));
	struct store *other;

	assert_int_equal(store_set_turn(a, &turn, ITEM_RUNNING, NULL), 0);
	assert_int_equal(store_set_turn(b, &turn, ITEM_RUNNING, NULL), 0);
	store_disown(b);
	assert_int_equal(store_commit(s->st, NULL), 0);
	other = scratch_open(s, NULL);
	check_list(other, &(struct store_list){ .limit = 1, .state =
	    ITEM_RUNNING }, "a;", false);
	check_list(other, &(struct store_list){ .limit = 1, .state =
	    ITEM_INTERRUPTED }, "b;", false);
	check_list(s->st, &(struct store_list){ .limit = 1, .state =
	    ITEM_INTERRUPTED }, "b;", false);
	store_close(other);
	store_disown(a);
}

/* commits */

static void
note(const struct err *e, void *arg)
{
	buf_adds(arg, e == NULL ? "c" : "e");
}

static void
calls_can_be_cancelled(void **state)
{
	struct scratch *s = *state;
	struct buf a = BUF_INIT, b = BUF_INIT;

	store_on_commit(s->st, note, &a);
	scratch_loop(s);
	assert_string_equal(a.data, "c");
	scratch_create_in(s->st, NULL, NULL);
	store_on_commit(s->st, note, &a);
	store_on_commit(s->st, note, &b);
	store_on_commit(s->st, note, &a);
	store_cancel_commit(s->st, &a);
	assert_int_equal(store_commit(s->st, NULL), 0);
	assert_string_equal(b.data, "");
	store_on_commit(s->st, note, &a);
	store_cancel_commit(s->st, &a);
	scratch_loop(s);
	assert_string_equal(a.data, "c");
	assert_string_equal(b.data, "c");
	buf_clear(&a);
	buf_clear(&b);
}

/* No file may grow: the disk is full. */
static void
fill_disk(bool full)
{
	struct rlimit lim;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &lim), 0);
	lim.rlim_cur = full ? 1 : lim.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &lim), 0);
}

static void
a_failed_commit_is_nobodys_success(void **state)
{
	struct scratch *s = *state;
	int64_t row = scratch_create_in(s->st, "x", NULL);
	struct owned *own = scratch_own(s->st, row);
	struct channel *out = scratch_channel(s->st, row, CHANNEL_OUT);
	struct buf told = BUF_INIT;
	bool again;

	assert_int_equal(scratch_chunk(own, "1"), 0);
	assert_int_equal(store_commit(s->st, NULL), 0);
	signal(SIGXFSZ, SIG_IGN);
	fill_disk(true);
	assert_int_equal(scratch_append(own, CHANNEL_IN, "x", "p", &again), 0);
	assert_int_equal(scratch_chunk(own, "2"), 1);
	store_on_commit(s->st, note, &told);
	scratch_loop(s);
	fill_disk(false);
	assert_string_equal(told.data, "e");
	assert_int_equal(channel_head(out), 1);
	/* the numbers and the part id are free again */
	assert_int_equal(scratch_append(own, CHANNEL_IN, "x", "p", &again), 0);
	assert_false(again);
	assert_int_equal(scratch_chunk(own, "3"), 1);
	assert_int_equal(store_commit(s->st, NULL), 0);
	assert_int_equal(channel_head(out), 2);
	assert_int_equal(store_check(s->st, NULL), 0);
	buf_clear(&told);
	channel_close(out);
	store_disown(own);
}

/* The row of a claim that was rolled back is claimed by the next change. */
static void
a_first_commit_may_fail_too(void **state)
{
	struct scratch *s = *state;
	int64_t row = scratch_create_in(s->st, "x", NULL);
	struct owned *own;

	assert_int_equal(store_commit(s->st, NULL), 0);
	signal(SIGXFSZ, SIG_IGN);
	fill_disk(true);
	own = scratch_own(s->st, row);
	assert_int_equal(scratch_chunk(own, "1"), 0);
	assert_int_equal(store_commit(s->st, NULL), -1);
	fill_disk(false);
	assert_int_equal(scratch_chunk(own, "1"), 0);
	assert_int_equal(store_commit(s->st, NULL), 0);
	assert_int_equal(store_check(s->st, NULL), 0);
	store_disown(own);
}

static void
one_priority_is_enough(void **state)
{
	struct scratch *s = *state;
	struct event_base *base = event_base_new();
	struct store_opts opts = { .base = base };
	struct store *st = store_open(&opts, NULL);
	struct buf told = BUF_INIT;

	(void)s;
	scratch_create_in(st, NULL, NULL);
	store_on_commit(st, note, &told);
	event_base_loop(base, EVLOOP_NONBLOCK);
	event_base_loop(base, EVLOOP_NONBLOCK);
	assert_string_equal(told.data, "c");
	buf_clear(&told);
	store_close(st);
	event_base_free(base);
}

/* processes that die */

/* Appends for ever, and tells of each commit how far it has come. */
static void
write_until_killed(struct scratch *s, int fd)
{
	struct owned *own;
	struct channel *out;
	int64_t head;
	int i;

	s->st = scratch_open(s, NULL);
	own = scratch_own(s->st, scratch_create_in(s->st, "x", NULL));
	out = scratch_channel(s->st, 1, CHANNEL_OUT);
	for (;;) {
		for (i = 0; i < 3; i++)
			(void)scratch_chunk(own, "\"some text\"");
		if (store_put_message(own, "m", "user", "{}", "some text",
		    channel_head(out), NULL) == -1 ||
		    store_commit(s->st, NULL) == -1)
			_exit(1);
		head = channel_head(out);
		if (write(fd, &head, sizeof head) != sizeof head)
			_exit(1);
	}
}

static int64_t
kill_a_writer(struct scratch *s, int commits)
{
	int64_t head = -1, last = -1;
	int fds[2], status, i = 0;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	if (pid == 0)
		write_until_killed(s, fds[1]);
	close(fds[1]);
	while (read(fds[0], &head, sizeof head) == sizeof head) {
		last = head;
		if (++i == commits)
			kill(pid, SIGKILL);	/* wherever it is now */
	}
	close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_true(i >= commits);
	return last;
}

static void
what_was_told_outlives_a_kill(void **state)
{
	struct scratch *s = *state;
	struct channel *out;
	int64_t told;
	int i;

	store_close(s->st);
	for (i = 1; i <= 8; i++) {
		told = kill_a_writer(s, i * 3 - 2);
		s->st = scratch_open(s, NULL);
		assert_non_null(s->st);
		out = scratch_channel(s->st, 1, CHANNEL_OUT);
		assert_true(told > 0);
		assert_true(channel_head(out) >= told);
		assert_int_equal(channel_head(out) % 3, 0);
		assert_int_equal(store_check(s->st, NULL), 0);
		channel_close(out);
		store_close(s->st);
	}
	s->st = NULL;
}

/* What a person is told; the process cannot go back to locks that work. */
static void
write_without_locks(struct scratch *s, struct err *e)
{
	struct store_new n = { .external_id = "b", .type = "chat.agent",
	    .task = "chat", .config = "{}" };
	struct item it;
	bool existed;

	(void)scratch_create_in(s->st, "a", NULL);
	if (store_commit(s->st, e) == -1 || nolock_refuse(F_SETLK) == -1)
		_exit(3);
	if (store_create(s->st, &n, &it, &existed, e) != -1)
		_exit(4);
}

static void
locks_that_begin_to_fail_are_told_as_such(void **state)
{
	struct scratch *s = *state;
	int fds[2], status;
	char got[600];
	size_t n = 0;
	ssize_t r;
	pid_t pid;

	store_close(s->st);	/* SQLite's locks are not inherited */
	s->st = NULL;
	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		struct err e = ERR_INIT;

		s->st = scratch_open(s, &e);
		if (s->st == NULL)
			_exit(2);
		write_without_locks(s, &e);
		dprintf(fds[1], "%s\n%s", e.text, e.hint);
		_exit(0);
	}
	close(fds[1]);
	while (n < sizeof got - 1 &&
	    (r = read(fds[0], got + n, sizeof got - 1 - n)) > 0)
		n += (size_t)r;
	got[n] = '\0';
	close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_non_null(strstr(got, s->path));
	assert_non_null(strstr(got, strerror(ENOLCK)));
	assert_non_null(strstr(got, "CHATD_HOME"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(the_file_is_private),
		scratch_test(a_newer_database_is_refused),
		scratch_test(an_older_database_is_brought_up_to_date),
		scratch_test(what_is_not_ours_is_refused),
		scratch_test(an_external_id_makes_one_session),
		scratch_test(an_update_changes_what_is_given),
		scratch_test(a_session_is_found_as_people_write_it),
		scratch_test(names_that_meet_are_told_apart),
		scratch_test(lists_are_filtered_and_paged),
		scratch_test(lists_know_who_is_alive),
		scratch_test(calls_can_be_cancelled),
		scratch_test(a_failed_commit_is_nobodys_success),
		scratch_test(a_first_commit_may_fail_too),
		scratch_test(one_priority_is_enough),
		scratch_test(what_was_told_outlives_a_kill),
		scratch_test(locks_that_begin_to_fail_are_told_as_such),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
