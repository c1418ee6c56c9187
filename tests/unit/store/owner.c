/* SPDX-License-Identifier: GPL-3.0-or-later */
/* owner.c - one writer a session, whoever dies or deletes files */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

#include "base/buf.h"
#include "scratch.h"

enum { ROUNDS = 20, RECORDS = 10, FIGHTERS = 3 };

static void
another_process_is_told_who_it_is(void **state)
{
	struct scratch *s = *state;
	int64_t row = scratch_create_in(s->st, "x", NULL);
	struct owned *own = scratch_own(s->st, row), *twice, *theirs = NULL;
	struct store *other = NULL;
	struct owner who = { 0 };
	struct err e = ERR_INIT;

	assert_int_equal(store_commit(s->st, NULL), 0);
	other = scratch_open(s, NULL);
	assert_int_equal(store_own(other, row, &theirs, &who, &e), -1);
	assert_int_equal(e.code, ERR_CONFLICT);
	assert_null(theirs);
	assert_int_equal(who.pid, getpid());
	assert_string_equal(who.socket, "/here");
	store_set_socket(s->st, "/there");
	assert_int_equal(store_commit(s->st, NULL), 0);
	assert_int_equal(store_owner(other, row, &who), 0);
	assert_string_equal(who.socket, "/there");
	/* owning twice is giving back twice */
	twice = scratch_own(s->st, row);
	assert_ptr_equal(twice, own);
	store_disown(twice);
	assert_int_equal(store_commit(s->st, NULL), 0);
	assert_int_equal(store_owner(other, row, &who), 0);
	store_disown(own);
	assert_int_equal(store_commit(s->st, NULL), 0);
	assert_int_equal(store_owner(other, row, &who), -1);
	/* who it is, is known with the commit; that it is somebody, at once */
	theirs = scratch_own(other, row);
	assert_int_equal(store_owner(s->st, row, &who), 0);
	assert_string_equal(who.socket, "");
	assert_int_equal(store_commit(other, NULL), 0);
	assert_int_equal(store_owner(s->st, row, &who), 0);
	assert_int_equal(who.pid, getpid());
	assert_string_equal(who.socket, "/here");
	store_disown(theirs);
	store_close(other);
}

static void
what_is_given_back_can_be_had_again_at_once(void **state)
{
	struct scratch *s = *state;
	int64_t row = scratch_create_in(s->st, "x", NULL);
	struct owned *own = scratch_own(s->st, row);
	struct owner who;

	assert_int_equal(scratch_chunk(own, "1"), 0);
	store_disown(own);
	own = scratch_own(s->st, row);
	assert_int_equal(scratch_chunk(own, "1"), 1);
	assert_int_equal(store_commit(s->st, NULL), 0);
	assert_int_equal(store_owner(s->st, row, &who), 0);
	assert_int_equal(who.pid, getpid());
	assert_int_equal(scratch_chunk(own, "1"), 2);
	store_disown(own);
}

static void
forget_lock(struct scratch *s, struct store *st, const char *key)
{
	struct item it;
	char *path;

	assert_int_equal(store_find(st, key, &it, NULL), 0);
	path = xasprintf("%s/%s.lock", s->dir, it.id);
	assert_int_equal(unlink(path), 0);
	free(path);
	item_clear(&it);
}

/* As a cleaner of temporary files would do it. */
static void
without_a_lock_the_epoch_decides(void **state)
{
	struct scratch *s = *state;
	int64_t row = scratch_create_in(s->st, "x", NULL);
	int64_t side = scratch_create_in(s->st, "y", NULL);
	struct owned *old = scratch_own(s->st, row);
	struct owned *mine = scratch_own(s->st, side), *young;
	struct store *other = scratch_open(s, NULL);
	struct channel *out = scratch_channel(s->st, side, CHANNEL_OUT);
	struct err e = ERR_INIT;

	assert_int_equal(scratch_chunk(old, "1"), 0);
	assert_int_equal(store_commit(s->st, NULL), 0);
	forget_lock(s, s->st, "x");
	young = scratch_own(other, row);
	assert_int_equal(scratch_chunk(young, "2"), 1);
	assert_int_equal(store_commit(other, NULL), 0);
	/* it hits this session and no other */
	assert_int_equal(scratch_chunk(mine, "3"), 0);
	assert_int_equal(channel_append_chunk(old, "4", 1, &e), -1);
	assert_int_equal(e.code, ERR_CONFLICT);
	assert_int_equal(store_set_cursor(old, "agent", 1, NULL), -1);
	assert_int_equal(store_commit(s->st, NULL), 0);
	assert_int_equal(channel_head(out), 1);
	assert_int_equal(scratch_chunk(young, "5"), 2);
	assert_int_equal(store_commit(other, NULL), 0);
	store_disown(old);
	store_disown(mine);
	assert_int_equal(store_commit(s->st, NULL), 0);
	/* what was lost is not given back */
	assert_int_equal(scratch_chunk(young, "6"), 3);
	store_disown(young);
	channel_close(out);
	store_close(other);
	assert_int_equal(store_check(s->st, NULL), 0);
}

static void
woken(void *arg)
{
	++*(int *)arg;
}

static void
others_see_what_the_owner_has_done(void **state)
{
	struct scratch *s = *state;
	int64_t row = scratch_create_in(s->st, "x", NULL);
	struct owned *own = scratch_own(s->st, row);
	struct store *other;
	struct channel *out;
	int count = 0;
	struct channel_waiter w = { .fn = woken, .arg = &count };

	assert_int_equal(store_commit(s->st, NULL), 0);
	other = scratch_open(s, NULL);
	out = scratch_channel(other, row, CHANNEL_OUT);
	channel_wait(out, &w, 0);
	assert_int_equal(scratch_chunk(own, "1"), 0);
	assert_int_equal(channel_refresh(out, NULL), 0);
	assert_int_equal(channel_head(out), 0);
	assert_int_equal(store_commit(s->st, NULL), 0);
	assert_int_equal(channel_refresh(out, NULL), 0);
	assert_int_equal(channel_head(out), 1);
	scratch_loop(s);
	assert_int_equal(count, 1);
	channel_close(out);
	store_close(other);
	store_disown(own);
}

/* Own, append, give back; again when it is somebody else's turn. */
static void
fight(struct scratch *s)
{
	struct store *st = scratch_open(s, NULL);
	struct owned *own;
	int round = 0, i;

	while (st != NULL && round < ROUNDS) {
		struct err e = ERR_INIT;

		if (store_own(st, 1, &own, NULL, &e) == -1) {
			if (e.code != ERR_CONFLICT)
				_exit(1);
			sched_yield();
			continue;
		}
		for (i = 0; i < RECORDS; i++)
			if (scratch_chunk(own, "{}") == -1)
				_exit(2);
		store_disown(own);
		if (store_commit(st, NULL) == -1)
			_exit(3);
		round++;
	}
	store_close(st);
	_exit(st == NULL ? 4 : 0);
}

static void
processes_that_fight_make_no_holes(void **state)
{
	struct scratch *s = *state;
	struct channel *out;
	pid_t pids[FIGHTERS];
	int i, status;

	assert_int_equal(scratch_create_in(s->st, "x", NULL), 1);
	store_close(s->st);
	for (i = 0; i < FIGHTERS; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			fight(s);
	}
	for (i = 0; i < FIGHTERS; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	s->st = scratch_open(s, NULL);
	out = scratch_channel(s->st, 1, CHANNEL_OUT);
	assert_int_equal(channel_head(out), FIGHTERS * ROUNDS * RECORDS);
	assert_int_equal(store_check(s->st, NULL), 0);
	channel_close(out);
}

static void
run_turn_until_killed(struct scratch *s, int fd)
{
	struct store_turn turn = { .message_id = "m" };
	struct owned *own;

	s->st = scratch_open(s, NULL);
	own = scratch_own(s->st, 1);
	if (store_set_turn(own, &turn, ITEM_RUNNING, NULL) == -1 ||
	    store_commit(s->st, NULL) == -1 || write(fd, "x", 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

static void
a_dead_owner_owns_nothing(void **state)
{
	struct scratch *s = *state;
	struct owner who = { 0 };
	struct owned *own;
	struct item it;
	int fds[2];
	char c;
	pid_t pid;

	assert_int_equal(scratch_create_in(s->st, "x", NULL), 1);
	store_close(s->st);
	assert_int_equal(pipe(fds), 0);
	pid = fork();
	if (pid == 0)
		run_turn_until_killed(s, fds[1]);
	assert_int_equal(read(fds[0], &c, 1), 1);
	s->st = scratch_open(s, NULL);
	assert_int_equal(store_find(s->st, "x", &it, NULL), 0);
	assert_int_equal(it.state, ITEM_RUNNING);
	item_clear(&it);
	assert_int_equal(store_owner(s->st, 1, &who), 0);
	assert_int_equal(who.pid, pid);
	assert_int_equal(store_remove(s->st, 1, NULL), -1);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_int_equal(store_owner(s->st, 1, &who), -1);
	assert_int_equal(store_find(s->st, "x", &it, NULL), 0);
	assert_int_equal(it.state, ITEM_INTERRUPTED);
	item_clear(&it);
	own = scratch_own(s->st, 1);
	assert_int_equal(store_find(s->st, "x", &it, NULL), 0);
	assert_int_equal(it.state, ITEM_RUNNING);
	item_clear(&it);
	store_disown(own);
	close(fds[0]);
	close(fds[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(another_process_is_told_who_it_is),
		scratch_test(what_is_given_back_can_be_had_again_at_once),
		scratch_test(without_a_lock_the_epoch_decides),
		scratch_test(others_see_what_the_owner_has_done),
		scratch_test(processes_that_fight_make_no_holes),
		scratch_test(a_dead_owner_owns_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
