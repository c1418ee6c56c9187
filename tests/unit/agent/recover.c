/* SPDX-License-Identifier: GPL-3.0-or-later */
/* recover.c - tests of turns whose process died, at every commit */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/path.h"
#include "store/channel.h"
#include "store/store.h"

#include "world.h"

#define EV(t, i, s) { .type = MODEL_##t, .id = i, .name = "lookup", \
	.text = s, .len = sizeof(s) - 1 }
#define END(f) { .type = MODEL_FINISH, .finish = FINISH_##f }

static const struct model_event step_one[] = {
	EV(REASONING_START, "r1", ""), EV(REASONING_DELTA, "r1", "thought"),
	EV(REASONING_END, "r1", ""),
	EV(TEXT_START, "t1", ""), EV(TEXT_DELTA, "t1", "half "),
	EV(TEXT_DELTA, "t1", "said"), EV(TEXT_END, "t1", ""),
	EV(TOOL_START, "c1", ""), EV(TOOL_DELTA, "c1", "{}"),
	EV(TOOL_CALL, "c1", "{}"), END(TOOL_CALLS),
};
static const struct model_event step_two[] = {
	EV(TEXT_START, "t1", ""), EV(TEXT_DELTA, "t1", "done"),
	EV(TEXT_END, "t1", ""), END(STOP),
};
static const struct model_event *const two_steps[] = { step_one, step_two };
static const struct model_event *const one_step[] = { step_two, step_two };

static int64_t
in_head(struct world *w)
{
	struct err e = ERR_INIT;
	struct channel *in = channel_open(w->store, w->item.row, CHANNEL_IN,
	    &e);
	int64_t head = channel_head(in);

	channel_close(in);
	return head;
}

/*
 * A process that sends the message (if the one before did not get so far),
 * plays the model and dies after so many passes of the loop. True when the
 * turn was over by then.
 */
static bool
dies_after(const char *dir, int passes, const char *config)
{
	int status;
	pid_t pid = fork();

	assert_true(pid != -1);
	if (pid == 0) {
		struct world w;
		struct err e = ERR_INIT;

		world_open(&w, dir, config);
		w.models.scripts = two_steps;
		w.models.scripts_count = 2;
		if (config != NULL && world_head(&w) == 0 &&
		    agent_boot(w.host, &w.item, &e) == -1)
			_exit(2);
		if (config == NULL && in_head(&w) == 0)
			world_say(&w, "u1", "ask");
		for (int i = 0; i < passes; i++)
			world_pass(&w);
		_exit(world_completes(&w));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_in_range(WEXITSTATUS(status), 0, 1);
	return WEXITSTATUS(status) == 1;
}

/* All that must hold once a turn has ended, however often it broke. */
static void
check_whole(struct world *w, bool boot)
{
	const char *out = world_out(w, 0);
	char *json;

	assert_int_equal(world_completes(w), 1);
	assert_has(out, boot ? "[turn-complete:-+]" : "[turn-complete:0+]");
	assert_int_equal(world_in_cursor(w), boot ? -1 : 0);
	world_check_reduced(w, 0, -1);
	json = world_message(w, -1);
	assert_has_not(json, "\"state\":\"streaming\"");
	assert_has_not(json, "\"state\":\"input-");
	assert_has(json, "done");
	free(json);
	json = world_message(w, 0);
	assert_has(json, boot ? "\"u0\"" : "\"u1\"");
	free(json);
}

static void
recover_here(struct world *w, const char *dir, const char *config)
{
	struct err e = ERR_INIT;

	world_open(w, dir, config);
	w->models.scripts = one_step;
	w->models.scripts_count = 2;
	if (config != NULL && world_head(w) == 0)
		assert_int_equal(agent_boot(w->host, &w->item, &e), 0);
	if (config == NULL && in_head(w) == 0)
		world_say(w, "u1", "ask");
	world_until_complete(w, 1);
}

static void
at_every_pass(const char *config)
{
	bool over = false;

	for (int n = 0; !over; n++) {
		char *dir = world_dir();
		struct world w;

		assert_true(n < 200);
		over = dies_after(dir, n, config);
		recover_here(&w, dir, config);
		check_whole(&w, config != NULL);
		world_close(&w);
		world_dir_remove(dir);
	}
}

static void
recovers_at_every_commit(void **state ATTR_UNUSED)
{
	at_every_pass(NULL);
}

static void
recovers_boots(void **state ATTR_UNUSED)
{
	at_every_pass("{\"basePayload\":{\"trigger\":\"submit-message\","
	    "\"message\":{\"id\":\"u0\",\"role\":\"user\",\"parts\":"
	    "[{\"type\":\"text\",\"text\":\"boot\"}]}}}");
}

/* Twice in a row, at all places. */
static void
recovers_twice(void **state ATTR_UNUSED)
{
	for (int n = 1; n < 40; n += 3)
		for (int m = 1; m < 40; m += 5) {
			char *dir = world_dir();
			struct world w;

			(void)dies_after(dir, n, NULL);
			(void)dies_after(dir, m, NULL);
			recover_here(&w, dir, NULL);
			check_whole(&w, false);
			world_close(&w);
			world_dir_remove(dir);
		}
}

/* A process that dies in the middle of the first step's text. */
static void
die_in_the_text(const char *dir)
{
	int status;
	pid_t pid = fork();

	assert_true(pid != -1);
	if (pid == 0) {
		struct world w;
		int64_t head;

		world_open(&w, dir, NULL);
		if (in_head(&w) == 0)
			world_say(&w, "u1", "ask");
		world_until_asked(&w, 1);
		head = world_head(&w);
		model_event(&w, MODEL_REASONING_START, "r1", NULL);
		model_event(&w, MODEL_REASONING_DELTA, "r1", "thought");
		model_event(&w, MODEL_REASONING_END, "r1", NULL);
		model_event(&w, MODEL_TEXT_START, "t1", NULL);
		model_event(&w, MODEL_TEXT_DELTA, "t1", "half");
		while (world_head(&w) < head + 5)
			world_pass(&w);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void
marks_what_broke(void **state ATTR_UNUSED)
{
	char *dir = world_dir(), *json;
	struct world w;
	struct item it;
	struct err e = ERR_INIT;

	die_in_the_text(dir);
	world_open_store(&w, dir, NULL);
	assert_int_equal(store_find(w.store, "c1", &it, &e), 0);
	assert_int_equal(it.state, ITEM_INTERRUPTED);
	item_clear(&it);
	world_own(&w);
	world_until_asked(&w, 1);
	assert_has(w.models.messages, "ask");
	assert_has_not(w.models.messages, "half");
	assert_has_not(w.models.messages, "thought");
	model_answers(&w, "whole");
	world_until_complete(&w, 1);
	assert_string_equal(world_out(&w, 0), "start start-step "
	    "reasoning-start reasoning-delta reasoning-end text-start "
	    "text-delta text-end data-chatd-interrupted finish-step "
	    "start start-step text-start text-delta text-end finish-step "
	    "finish [turn-complete:0+]");
	assert_string_equal(world_transcript(&w), "user:ask assistant:whole");
	json = world_message(&w, -1);
	assert_has(json, "half");
	assert_has(json, "{\"chatd\":{\"interrupted\":true}}");
	free(json);
	/* and the next turn does not hear of it either */
	world_say(&w, "u2", "more");
	world_until_asked(&w, 2);
	assert_has_not(w.models.messages, "half");
	assert_has(w.models.messages, "whole");
	model_answers(&w, "x");
	world_until_complete(&w, 2);
	world_close(&w);
	world_dir_remove(dir);
}

static void
gives_up_after_three(void **state ATTR_UNUSED)
{
	char *dir = world_dir();
	struct world w;

	for (int i = 0; i < 3; i++)
		die_in_the_text(dir);
	world_open(&w, dir, NULL);
	world_until_complete(&w, 1);
	assert_int_equal(w.models.asked, 0);
	assert_has(world_out(&w, 0),
	    "data-chatd-error error finish [turn-complete:0]");
	world_check_reduced(&w, 0, -1);
	world_say(&w, "u2", "again");
	world_until_asked(&w, 1);
	model_answers(&w, "x");
	world_until_complete(&w, 2);
	world_close(&w);
	world_dir_remove(dir);
}

/* What waits behind a broken turn comes after it. */
static void
finishes_first(void **state ATTR_UNUSED)
{
	char *dir = world_dir();
	struct world w;

	die_in_the_text(dir);
	world_open(&w, dir, NULL);
	world_say(&w, "u2", "later");
	world_until_asked(&w, 1);
	assert_has_not(w.models.messages, "later");
	model_answers(&w, "first");
	world_until_asked(&w, 2);
	assert_has(w.models.messages, "later");
	model_answers(&w, "second");
	world_until_complete(&w, 2);
	assert_has(world_out(&w, 0), "[turn-complete:1+]");
	assert_string_equal(world_transcript(&w),
	    "user:ask assistant:first user:later assistant:second");
	world_close(&w);
	world_dir_remove(dir);
}

static void
stops_what_it_recovers(void **state ATTR_UNUSED)
{
	char *dir = world_dir();
	struct world w;

	die_in_the_text(dir);
	world_open(&w, dir, NULL);
	world_stop(&w);
	world_until_complete(&w, 1);
	assert_has(world_out(&w, 0), "abort [turn-complete:1");
	assert_int_equal(world_in_cursor(&w), 1);
	world_close(&w);
	world_dir_remove(dir);
}

/* A stop that has hit the turn before does not hit the one it finds. */
static void
forgets_no_stop(void **state ATTR_UNUSED)
{
	char *dir = world_dir();
	struct world w;

	world_open(&w, dir, NULL);
	world_say(&w, "u1", "one");
	world_until_asked(&w, 1);
	world_say(&w, "u2", "two");
	world_stop(&w);
	world_until_asked(&w, 2);
	assert_int_equal(world_in_cursor(&w), 0);
	world_close(&w);
	world_open(&w, dir, NULL);
	world_until_asked(&w, 1);
	model_answers(&w, "x");
	world_until_complete(&w, 2);
	assert_has(world_out(&w, 0), "finish [turn-complete:1+]");
	world_close(&w);
	world_dir_remove(dir);
}

/* Somebody else took the session: what runs here writes no more. */
static void
gives_way(void **state ATTR_UNUSED)
{
	char *dir = world_dir(), *path, *name;
	struct world w, other;
	int64_t row;

	world_open(&w, dir, NULL);
	row = w.item.row;
	world_say(&w, "u1", "one");
	world_until_asked(&w, 1);
	model_event(&w, MODEL_TEXT_START, "t1", NULL);
	while (world_head(&w) < 3)
		world_pass(&w);
	/* only a removed lock lets a second owner in */
	name = xasprintf("run/%s.lock", w.item.id);
	path = path_join(dir, name);
	assert_int_equal(unlink(path), 0);
	free(path);
	free(name);
	world_open(&other, dir, NULL);
	world_until_asked(&other, 1);
	model_event(&w, MODEL_TEXT_DELTA, "t1", "lost");
	while (agent_owned(w.host, row) != NULL || w.models.call != NULL)
		world_pass(&w);
	model_answers(&other, "mine");
	world_until_complete(&other, 1);
	assert_string_equal(world_transcript(&other),
	    "user:one assistant:mine");
	world_close(&w);
	world_close(&other);
	world_dir_remove(dir);
}

/* Closed while nobody owned it: the turn ends, and readers are told. */
static void
ends_what_was_closed(void **state ATTR_UNUSED)
{
	char *dir = world_dir();
	struct world w;
	struct err e = ERR_INIT;

	die_in_the_text(dir);
	world_open_store(&w, dir, NULL);
	assert_int_equal(store_close_session(w.store, w.item.row, "enough",
	    &e), 0);
	w.item.closed_at = 1;
	world_own(&w);
	world_until_complete(&w, 1);
	assert_int_equal(w.models.asked, 0);
	assert_has(world_out(&w, 0), "abort [turn-complete:0] "
	    "[session-closed:-]");
	world_close(&w);
	/* and told once */
	world_open_store(&w, dir, NULL);
	w.item.closed_at = 1;
	world_own(&w);
	for (int i = 0; i < 5; i++)
		world_pass(&w);
	assert_has_not(strstr(world_out(&w, 0), "[session-closed:-]") + 1,
	    "[session-closed");
	world_close(&w);
	world_dir_remove(dir);
}

static void
respects_the_owner(void **state ATTR_UNUSED)
{
	char *dir = world_dir();
	struct world w, other;
	struct err e = ERR_INIT;
	struct owner who = { 0 };
	struct agent_opts ao = { 0 };

	world_open(&w, dir, NULL);
	world_say(&w, "u1", "one");
	world_until_asked(&w, 1);
	world_open_store(&other, dir, NULL);
	ao.base = other.base;
	ao.store = other.store;
	ao.models = &other.models;
	other.host = agent_host_new(&ao);
	assert_int_equal(agent_own(other.host, &other.item, &who, &e), -1);
	assert_int_equal(e.code, ERR_CONFLICT);
	err_clear(&e);
	assert_int_equal(who.pid, getpid());
	assert_null(agent_owned(other.host, other.item.row));
	assert_false(agent_pending(other.host, &other.item));
	/* an open transaction would keep the owner from writing */
	assert_int_equal(store_commit(other.store, &e), 0);
	model_answers(&w, "x");
	world_until_complete(&w, 1);
	world_close(&other);
	world_close(&w);
	world_dir_remove(dir);
}

/* A turn left in good order counts no crash. */
static void
note_stopped(void *arg)
{
	++*(int *)arg;
}

static void
is_left_in_order(void **state ATTR_UNUSED)
{
	char *dir = world_dir();
	struct world w;

	for (int i = 0; i < 5; i++) {
		int stopped = 0;

		world_open(&w, dir, NULL);
		if (i == 0)
			world_say(&w, "u1", "ask");
		world_until_asked(&w, 1);
		model_event(&w, MODEL_TEXT_START, "t1", NULL);
		model_event(&w, MODEL_TEXT_DELTA, "t1", "ha");
		model_event(&w, MODEL_TEXT_DELTA, "t1", "lf");
		agent_host_stop(w.host, 0, note_stopped, &stopped);
		while (stopped == 0)
			world_pass(&w);
		assert_int_equal(world_completes(&w), 0);
		assert_false(agent_running(w.host) > 0);
		world_close(&w);
	}
	world_open_store(&w, dir, NULL);
	world_own(&w);
	world_until_asked(&w, 1);
	model_answers(&w, "whole");
	world_until_complete(&w, 1);
	assert_string_equal(world_transcript(&w), "user:ask assistant:whole");
	world_close(&w);
	world_dir_remove(dir);
}

/* Is this session among those with work left? */
static bool
is_noted(struct world *w)
{
	struct item it = { 0 };
	int r = store_work(w->store, 0, &it, NULL);
	bool noted = r == 1 && it.row == w->item.row;

	item_clear(&it);
	assert_true(r == 0 || noted);
	return noted;
}

static void
knows_what_is_pending(void **state ATTR_UNUSED)
{
	char *dir = world_dir();
	struct world w;
	struct agent_opts ao = { 0 };

	die_in_the_text(dir);
	world_open_store(&w, dir, NULL);
	ao.base = w.base;
	ao.store = w.store;
	ao.models = &w.models;
	w.host = agent_host_new(&ao);
	assert_true(agent_pending(w.host, &w.item));
	assert_true(is_noted(&w));
	world_close(&w);
	world_open(&w, dir, NULL);
	world_until_asked(&w, 1);
	assert_false(agent_pending(w.host, &w.item));
	model_answers(&w, "x");
	world_until_complete(&w, 1);
	assert_false(agent_pending(w.host, &w.item));
	assert_true(is_noted(&w));
	world_close(&w);
	/* its owner has ended in peace */
	world_open_store(&w, dir, NULL);
	assert_false(is_noted(&w));
	world_close(&w);
	world_dir_remove(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recovers_at_every_commit),
		cmocka_unit_test(recovers_boots),
		cmocka_unit_test(recovers_twice),
		cmocka_unit_test(marks_what_broke),
		cmocka_unit_test(gives_up_after_three),
		cmocka_unit_test(finishes_first),
		cmocka_unit_test(stops_what_it_recovers),
		cmocka_unit_test(forgets_no_stop),
		cmocka_unit_test(gives_way),
		cmocka_unit_test(ends_what_was_closed),
		cmocka_unit_test(respects_the_owner),
		cmocka_unit_test(is_left_in_order),
		cmocka_unit_test(knows_what_is_pending),
	};

	return cmocka_run_group_tests_name("agent/recover", tests, NULL, NULL);
}
