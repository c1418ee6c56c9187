/* SPDX-License-Identifier: GPL-3.0-or-later */
/* steer.c - tests of what comes in while a turn runs */

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
#include "store/channel.h"
#include "store/store.h"

#include "world.h"

/* A call that nobody knows is answered at once: so there is a next step. */
static void
model_calls(struct world *w, const char *id)
{
	struct model_event ev = { .type = MODEL_TOOL_CALL, .id = id,
	    .name = "nothing", .text = "{}", .len = 2 };
	struct err e = ERR_INIT;

	/* what was sent is there */
	if (store_commit(w->store, &e) == -1)
		fail_msg("%s", e.text);
	model_give(w, &ev);
	model_done(w, FINISH_TOOL_CALLS);
}

/* session-protocol 9.2: told at the next step, covered by the same end. */
static void
takes_messages_in(void **state ATTR_UNUSED)
{
	struct world w;
	struct item it;

	world_open(&w, NULL, NULL);
	world_say(&w, "u1", "one");
	world_until_asked(&w, 1);
	world_say(&w, "u2", "hurry");
	world_say(&w, "u2", "hurry");	/* a client that sends it twice */
	world_send(&w, "{\"kind\":\"message\",\"payload\":{\"trigger\":"
	    "\"action\",\"action\":{\"type\":\"inject\",\"text\":"
	    "\"it rains\"}}}");
	world_send(&w, "{\"kind\":\"what\"}");
	world_say(&w, "u3", "and more");
	model_calls(&w, "c1");
	world_until_asked(&w, 2);
	assert_has(w.models.messages, "[{\"type\":\"text\",\"text\":\"hurry\"}]"
	    "},{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":"
	    "\"[Context that was added in the background, not by the user]");
	assert_has(w.models.messages, "and more\"}]}]");
	assert_int_equal(world_in_cursor(&w), -1);
	model_answers(&w, "done");
	world_until_complete(&w, 1);
	assert_string_equal(world_out(&w, 0), HEAD "tool-input-error "
	    "finish-step data-pending-message-injected "
	    "data-background-injected data-pending-message-injected "
	    "start-step " TEXT TAIL "[turn-complete:5+]");
	assert_has(world_bodies(&w, 0), "\"data\":{\"messageIds\":[\"u2\"],"
	    "\"messages\":[{\"id\":\"u2\",\"text\":\"hurry\"}],"
	    "\"inEventId\":1}");
	assert_int_equal(world_in_cursor(&w), 5);
	world_find(&w, &it);
	assert_int_equal(it.state, ITEM_IDLE);
	item_clear(&it);
	/* it is known, and told to the next turn at its place */
	world_say(&w, "u2", "hurry");
	world_until_complete(&w, 2);
	world_say(&w, "u4", "next");
	world_until_asked(&w, 3);
	assert_has(w.models.messages, "\"hurry\"");
	model_answers(&w, "x");
	world_until_complete(&w, 3);
	world_close(&w);
}

/* What gets its own turn-complete is not overtaken. */
static void
leaves_the_rest_for_later(void **state ATTR_UNUSED)
{
	struct world w;

	world_open(&w, NULL, NULL);
	world_say(&w, "u1", "one");
	world_until_asked(&w, 1);
	world_say(&w, "u2", "first");
	world_send(&w, "{\"kind\":\"message\",\"payload\":{\"trigger\":"
	    "\"action\",\"action\":{\"type\":\"rename\",\"title\":\"t\"}}}");
	world_say(&w, "u3", "second");
	model_calls(&w, "c1");
	world_until_asked(&w, 2);
	assert_has(w.models.messages, "first");
	assert_has_not(w.models.messages, "second");
	world_say(&w, "u5", "too late");
	model_answers(&w, "x");
	world_until_asked(&w, 3);
	assert_has(w.models.messages, "second");
	assert_has_not(w.models.messages, "too late");
	model_answers(&w, "y");
	world_until_asked(&w, 4);
	assert_has(w.models.messages, "too late");
	model_answers(&w, "z");
	world_until_complete(&w, 4);
	world_close(&w);
}

static void
queues_when_told_to(void **state ATTR_UNUSED)
{
	struct world w;

	world_open(&w, NULL, NULL);
	w.defaults.steering = xstrdup("queue");
	world_say(&w, "u1", "one");
	world_until_asked(&w, 1);
	world_say(&w, "u2", "later");
	model_calls(&w, "c1");
	world_until_asked(&w, 2);
	assert_has_not(w.models.messages, "later");
	model_answers(&w, "x");
	world_until_asked(&w, 3);
	assert_has(w.models.messages, "later");
	model_calls(&w, "c2");
	world_send(&w, "{\"kind\":\"message\",\"payload\":{\"trigger\":"
	    "\"submit-message\",\"chatd\":{\"steering\":\"inject\"},"
	    "\"message\":{\"id\":\"u3\",\"role\":\"user\",\"parts\":[{\"type\":"
	    "\"text\",\"text\":\"now\"}]}}}");
	world_until_asked(&w, 4);
	model_calls(&w, "c3");
	world_until_asked(&w, 5);
	assert_has(w.models.messages, "\"now\"");
	model_answers(&w, "x");
	world_until_complete(&w, 2);
	world_close(&w);
}

static const char context[] = "{\"kind\":\"message\",\"payload\":{\"trigger\":"
    "\"action\",\"action\":{\"type\":\"inject\",\"text\":\"it rains\"}}}";

static void
adds_context_without_a_turn(void **state ATTR_UNUSED)
{
	struct world w;

	world_open(&w, NULL, NULL);
	world_send(&w, context);
	world_until_complete(&w, 1);
	assert_string_equal(world_out(&w, 0),
	    "start data-background-injected [turn-complete:0]");
	world_say(&w, "u1", "one");
	world_until_asked(&w, 1);
	assert_has(w.models.messages, "it rains\"}]},{\"role\":\"user\"");
	model_answers(&w, "x");
	world_until_complete(&w, 2);
	world_send(&w, context);
	world_until_complete(&w, 3);
	/* a part of the answer before: undo takes both */
	assert_string_equal(world_transcript(&w),
	    "assistant: user:one assistant:x");
	world_send(&w, "{\"kind\":\"message\",\"payload\":{\"trigger\":"
	    "\"action\",\"action\":{\"type\":\"inject\"}}}");
	world_until_complete(&w, 4);
	assert_has(world_out(&w, 0), "error [turn-complete:3]");
	world_close(&w);
}

static void
ends_at_limits(void **state ATTR_UNUSED)
{
	struct world w;

	world_open(&w, NULL, NULL);
	w.defaults.max_tokens = 20;
	world_say(&w, "u1", "one");
	world_until_asked(&w, 1);
	model_calls(&w, "c1");		/* 15 tokens */
	world_until_asked(&w, 2);
	model_calls(&w, "c2");
	world_until_complete(&w, 1);
	assert_has(world_bodies(&w, 0), "token limit: 30 tokens taken");
	w.defaults.max_tokens = 0;
	w.defaults.max_seconds = 1;
	world_say(&w, "u2", "two");
	world_until_complete(&w, 2);
	assert_has(world_bodies(&w, 0), "time limit: 1 seconds are over");
	assert_int_equal(w.models.cancelled, 1);
	world_close(&w);
}

#define EV(t, i, s) { .type = MODEL_##t, .id = i, .name = "nothing", \
	.text = s, .len = sizeof(s) - 1 }
#define END(f) { .type = MODEL_FINISH, .finish = FINISH_##f }

static const struct model_event calls[] = {
	EV(TOOL_CALL, "c1", "{}"), END(TOOL_CALLS),
};
static const struct model_event says[] = {
	EV(TEXT_START, "t1", ""), EV(TEXT_DELTA, "t1", "done"),
	EV(TEXT_END, "t1", ""), END(STOP),
};
static const struct model_event *const scripts[] = {
	calls, says, says, says,
};

static void
say_missing(struct world *w)
{
	struct err e = ERR_INIT;
	struct channel *in = channel_open(w->store, w->item.row, CHANNEL_IN,
	    &e);

	if (channel_head(in) == 0)
		world_say(w, "u1", "one");
	if (store_commit(w->store, &e) == -1)
		fail_msg("%s", e.text);
	if (channel_head(in) == 1)
		world_say(w, "u2", "hurry");
	channel_close(in);
}

/* A process that dies after so many passes, the message coming at one. */
static bool
dies_after(const char *dir, int passes, int at)
{
	int status;
	pid_t pid = fork();

	assert_true(pid != -1);
	if (pid == 0) {
		struct world w;

		world_open(&w, dir, NULL);
		w.models.scripts = scripts;
		w.models.scripts_count = NELEM(scripts);
		for (int i = 0; i < passes; i++) {
			if (i == 0)
				world_say(&w, "u1", "one");
			if (i == at)
				world_say(&w, "u2", "hurry");
			world_pass(&w);
		}
		_exit(world_in_cursor(&w) == 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status) == 1;
}

/* How often it stands in what the store has. */
static int
count_in_transcript(struct world *w, const char *what)
{
	static const char *const roles[] = { "user:", "assistant:" };
	int n = 0, messages = 0;

	for (size_t i = 0; i < NELEM(roles); i++)
		for (const char *s = world_transcript(w);
		    (s = strstr(s, roles[i])) != NULL; s++)
			messages++;
	for (int i = 0; i < messages; i++) {
		char *json = world_message(w, i);

		n += strstr(json, what) != NULL;
		free(json);
	}
	return n;
}

static void
check_once(const char *dir)
{
	struct world w;

	world_open(&w, dir, NULL);
	w.models.scripts = scripts + 1;
	w.models.scripts_count = NELEM(scripts) - 1;
	say_missing(&w);
	while (world_in_cursor(&w) < 1)
		(void)world_pass(&w);
	assert_int_equal(count_in_transcript(&w, "hurry"), 1);
	assert_int_equal(world_completes(&w),
	    strstr(world_out(&w, 0), "data-pending") != NULL ? 1 : 2);
	assert_int_equal(world_in_cursor(&w), 1);
	world_close(&w);
}

/* Neither lost nor answered twice, wherever the process dies. */
static void
survives_at_every_pass(void **state ATTR_UNUSED)
{
	for (int at = 0; at < 8; at += 3) {
		bool over = false;

		for (int n = 1; !over; n++) {
			char *dir = world_dir();

			assert_true(n < 200);
			over = dies_after(dir, n, at);
			check_once(dir);
			world_dir_remove(dir);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_messages_in),
		cmocka_unit_test(leaves_the_rest_for_later),
		cmocka_unit_test(queues_when_told_to),
		cmocka_unit_test(adds_context_without_a_turn),
		cmocka_unit_test(ends_at_limits),
		cmocka_unit_test(survives_at_every_pass),
	};

	return cmocka_run_group_tests_name("agent/steer", tests, NULL, NULL);
}
