/* SPDX-License-Identifier: GPL-3.0-or-later */
/* turn.c - tests of turns: what goes to out, and how they end */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/path.h"
#include "store/store.h"

#include "world.h"

static void
answers(void **state ATTR_UNUSED)
{
	struct world w;
	struct item it;

	world_open(&w, NULL, NULL);
	world_say(&w, "u1", "Hello  there");
	world_until_asked(&w, 1);
	world_find(&w, &it);
	assert_int_equal(it.state, ITEM_RUNNING);
	assert_string_equal(it.title, "Hello there");
	item_clear(&it);
	assert_string_equal(world_transcript(&w), "user:Hello  there");
	assert_true(agent_busy(w.host, w.item.row));
	model_answers(&w, "Good day");
	world_until_complete(&w, 1);
	assert_string_equal(world_out(&w, 0),
	    HEAD TEXT TAIL "[turn-complete:0+]");
	assert_has(world_bodies(&w, 0), "\"messageMetadata\":{\"model\":"
	    "\"fake:one\",\"usage\":{\"inputTokens\":10,\"outputTokens\":5},"
	    "\"contextTokens\":15,\"contextWindow\":1000,"
	    "\"permissionMode\":\"default\",\"sandbox\":\"workspace-write\","
	    "\"steps\":1,\"durationMs\":");
	assert_string_equal(world_transcript(&w),
	    "user:Hello  there assistant:Good day");
	world_check_reduced(&w, 0, -1);
	assert_int_equal(world_in_cursor(&w), 0);
	world_find(&w, &it);
	assert_int_equal(it.state, ITEM_IDLE);
	assert_string_equal(it.model, "fake:one");
	item_clear(&it);
	assert_int_equal(agent_running(w.host), 0);
	assert_false(agent_busy(w.host, w.item.row));
	world_close(&w);
}

/* The second turn tells the first to the model. */
static void
remembers(void **state ATTR_UNUSED)
{
	struct world w;

	world_open(&w, NULL, NULL);
	world_say(&w, "u1", "one");
	world_say(&w, "u2", "two");
	world_until_asked(&w, 1);
	model_answers(&w, "first");
	world_until_asked(&w, 2);
	assert_has(w.models.messages, "one");
	assert_has(w.models.messages, "first");
	assert_has(w.models.messages, "two");
	model_answers(&w, "second");
	world_until_complete(&w, 2);
	assert_string_equal(world_out(&w, 0),
	    HEAD TEXT TAIL "[turn-complete:0+] "
	    HEAD TEXT TAIL "[turn-complete:1+]");
	world_close(&w);
}

static void
waits_for_the_default_model(void **state ATTR_UNUSED)
{
	struct world w;

	world_open(&w, NULL, NULL);
	free(w.defaults.model);
	w.defaults.model = NULL;
	world_say(&w, "u1", "one");
	while (w.models.default_fn == NULL)
		world_pass(&w);
	w.models.default_fn("fake:found", "it was there",
	    w.models.default_arg);
	w.models.default_fn = NULL;
	world_until_asked(&w, 1);
	model_answers(&w, "x");
	world_until_complete(&w, 1);
	assert_string_equal(world_out(&w, 0),
	    "start data-chatd-model start-step " TEXT TAIL
	    "[turn-complete:0+]");
	world_close(&w);
}

static void
takes_the_default_at_once(void **state ATTR_UNUSED)
{
	struct world w;

	world_open(&w, NULL, NULL);
	free(w.defaults.model);
	w.defaults.model = NULL;
	w.models.defaults = true;
	world_say(&w, "u1", "one");
	world_until_asked(&w, 1);
	assert_string_equal(w.models.model.spec, "fake:default");
	model_answers(&w, "x");
	world_until_complete(&w, 1);
	/* the session remembers it */
	w.defaults.model = xstrdup("fake:other");
	world_say(&w, "u2", "two");
	world_until_asked(&w, 2);
	assert_string_equal(w.models.model.spec, "fake:default");
	/* a record that names one is obeyed */
	model_answers(&w, "x");
	world_send(&w, "{\"kind\":\"message\",\"payload\":{\"trigger\":"
	    "\"regenerate-message\",\"chatd\":{\"model\":\"fake:said\"}}}");
	world_until_asked(&w, 3);
	assert_string_equal(w.models.model.spec, "fake:said");
	model_answers(&w, "x");
	world_until_complete(&w, 3);
	world_close(&w);
}

static void
stops_before_the_model_is_found(void **state ATTR_UNUSED)
{
	struct world w;

	world_open(&w, NULL, NULL);
	free(w.defaults.model);
	w.defaults.model = NULL;
	world_say(&w, "u1", "one");
	while (w.models.default_fn == NULL)
		world_pass(&w);
	world_stop(&w);
	world_until_complete(&w, 1);
	assert_string_equal(world_out(&w, 0),
	    "start message-metadata abort [turn-complete:1]");
	assert_string_equal(world_transcript(&w), "user:one");
	world_close(&w);
}

static void
fails(void **state ATTR_UNUSED)
{
	struct world w;

	world_open(&w, NULL, NULL);
	world_say(&w, "u1", "one");
	world_until_asked(&w, 1);
	model_text(&w, "t1", "some");
	model_broke(&w, ERR_UNREACHABLE, "no route");
	world_until_complete(&w, 1);
	assert_string_equal(world_out(&w, 0), HEAD TEXT
	    "data-chatd-error error " TAIL "[turn-complete:0+]");
	assert_has(world_bodies(&w, 0), "{\"type\":\"data-chatd-error\","
	    "\"data\":{\"code\":\"UNREACHABLE\",\"text\":\"no route\"}");
	assert_has(world_bodies(&w, 0), "\"finishReason\":\"error\"");
	assert_string_equal(world_transcript(&w), "user:one assistant:some");
	world_check_reduced(&w, 0, -1);
	world_close(&w);
}

/* Without anything to show no message of the assistant is kept. */
static void
fails_without_a_model(void **state ATTR_UNUSED)
{
	struct world w;

	world_open(&w, NULL, NULL);
	err_set(&w.models.get, ERR_AUTH, "no key");
	world_say(&w, "u1", "one");
	world_until_complete(&w, 1);
	assert_string_equal(world_out(&w, 0),
	    "start data-chatd-error error finish [turn-complete:0]");
	assert_string_equal(world_transcript(&w), "user:one");
	err_clear(&w.models.get);
	world_say(&w, "u2", "two");
	world_until_asked(&w, 1);
	model_answers(&w, "ok");
	world_until_complete(&w, 2);
	assert_string_equal(world_transcript(&w),
	    "user:one user:two assistant:ok");
	world_close(&w);
}

/* stops */

static void
stops_in_the_text(void **state ATTR_UNUSED)
{
	struct world w;
	int64_t stop;

	world_open(&w, NULL, NULL);
	world_say(&w, "u1", "one");
	world_until_asked(&w, 1);
	model_event(&w, MODEL_TEXT_START, "t1", NULL);
	model_event(&w, MODEL_TEXT_DELTA, "t1", "par");
	model_event(&w, MODEL_TEXT_DELTA, "t1", "tial");
	stop = world_stop(&w);
	assert_int_equal(stop, 1);
	world_until_complete(&w, 1);
	assert_int_equal(w.models.cancelled, 1);
	assert_string_equal(world_out(&w, 0), HEAD
	    "text-start text-delta text-delta text-end finish-step "
	    "message-metadata abort [turn-complete:1+]");
	assert_string_equal(world_transcript(&w), "user:one assistant:partial");
	world_check_reduced(&w, 0, -1);
	/* a stop kept for nobody: nothing is written */
	world_stop(&w);
	world_say(&w, "u2", "two");
	world_until_asked(&w, 2);
	assert_has(w.models.messages, "partial");
	model_answers(&w, "x");
	world_until_complete(&w, 2);
	world_close(&w);
}

/* The queued message keeps its own turn, and the stop does not hit it. */
static void
stops_only_its_turn(void **state ATTR_UNUSED)
{
	struct world w;
	int64_t from;

	world_open(&w, NULL, NULL);
	world_say(&w, "u1", "one");
	world_until_asked(&w, 1);
	world_say(&w, "u2", "two");
	world_stop(&w);
	world_until_asked(&w, 2);
	assert_int_equal(world_completes(&w), 1);
	assert_has(world_out(&w, 0), "abort [turn-complete:0+]");
	from = world_head(&w);
	model_answers(&w, "second");
	world_until_complete(&w, 2);
	assert_has(world_out(&w, from), "[turn-complete:1+]");
	assert_has_not(world_out(&w, from), "abort");
	assert_string_equal(world_transcript(&w),
	    "user:one user:two assistant:second");
	assert_int_equal(w.models.cancelled, 1);
	while (world_in_cursor(&w) < 2)
		world_pass(&w);
	assert_int_equal(world_completes(&w), 2);
	world_close(&w);
}

/* Wherever it comes, the turn ends once, and the next one is not hit. */
static void
stops_at_every_pass(void **state ATTR_UNUSED)
{
	static const struct model_event one[] = {
		{ .type = MODEL_TEXT_START, .id = "t" },
		{ .type = MODEL_TEXT_DELTA, .id = "t", .text = "a", .len = 1 },
		{ .type = MODEL_TEXT_END, .id = "t" },
		{ .type = MODEL_TOOL_START, .id = "c", .name = "n" },
		{ .type = MODEL_TOOL_DELTA, .id = "c", .text = "{", .len = 1 },
		{ .type = MODEL_TOOL_CALL, .id = "c", .name = "n",
		    .text = "{}", .len = 2 },
		{ .type = MODEL_FINISH, .finish = FINISH_TOOL_CALLS },
	};
	static const struct model_event two[] = {
		{ .type = MODEL_TEXT_START, .id = "t" },
		{ .type = MODEL_TEXT_END, .id = "t" },
		{ .type = MODEL_FINISH, .finish = FINISH_STOP },
	};
	static const struct model_event *const scripts[] = { one, two };
	bool over = false;

	for (int n = 0; !over; n++) {
		struct world w;

		assert_true(n < 100);
		world_open(&w, NULL, NULL);
		w.models.scripts = scripts;
		w.models.scripts_count = 2;
		world_say(&w, "u1", "one");
		for (int i = 0; i < n; i++)
			world_pass(&w);
		over = world_completes(&w) == 1;
		world_stop(&w);
		while (world_in_cursor(&w) < 1)
			world_pass(&w);
		world_until_complete(&w, 1);
		assert_has(world_out(&w, 0), over ? "[turn-complete:0+]" :
		    "[turn-complete:");
		if (strstr(world_transcript(&w), "assistant") != NULL)
			world_check_reduced(&w, 0, -1);
		w.models.scripts_count = 0;
		world_say(&w, "u2", "two");
		while (w.models.call == NULL)
			world_pass(&w);
		model_answers(&w, "x");
		world_until_complete(&w, 2);
		assert_has(world_out(&w, 0), "finish [turn-complete:2+]");
		world_close(&w);
	}
}

/* tools */

static void
answers_unknown_tools(void **state ATTR_UNUSED)
{
	struct world w;

	world_open(&w, NULL, NULL);
	world_say(&w, "u1", "one");
	world_until_asked(&w, 1);
	model_event(&w, MODEL_TOOL_START, "c1", NULL);
	model_event(&w, MODEL_TOOL_DELTA, "c1", "{\"a\":1}");
	model_event(&w, MODEL_TOOL_CALL, "c1", "{\"a\":1}");
	model_event(&w, MODEL_TOOL_BAD, "c2", "{\"a\":");
	model_done(&w, FINISH_TOOL_CALLS);
	world_until_asked(&w, 2);
	assert_has(w.models.messages, "there is no tool lookup here");
	assert_has(w.models.messages, "\"c2\"");
	model_answers(&w, "well");
	world_until_complete(&w, 1);
	assert_string_equal(world_out(&w, 0), HEAD
	    "tool-input-start tool-input-delta tool-input-error "
	    "tool-input-error finish-step start-step " TEXT TAIL
	    "[turn-complete:0+]");
	assert_has(world_bodies(&w, 0), "\"inputTokens\":20");
	world_check_reduced(&w, 0, -1);
	world_close(&w);
}

static void
shows_what_the_provider_ran(void **state ATTR_UNUSED)
{
	struct world w;

	world_open(&w, NULL, NULL);
	world_say(&w, "u1", "one");
	world_until_asked(&w, 1);
	model_event(&w, MODEL_TOOL_CALL, "c1", "{\"a\":1}");
	model_event(&w, MODEL_TOOL_RESULT, "c1", "{\"b\":2}");
	model_answers(&w, "so");
	world_until_complete(&w, 1);
	assert_int_equal(w.models.asked, 1);
	assert_string_equal(world_out(&w, 0), HEAD
	    "tool-input-available tool-output-available " TEXT TAIL
	    "[turn-complete:0+]");
	char *json = world_message(&w, -1);

	assert_has(json, "\"providerExecuted\":true");
	assert_has(json, "dynamic-tool");
	free(json);
	world_close(&w);
}

static void
ends_at_the_step_limit(void **state ATTR_UNUSED)
{
	struct world w;

	world_open(&w, NULL, NULL);
	w.defaults.max_steps = 2;
	world_say(&w, "u1", "one");
	for (int i = 1; i <= 2; i++) {
		world_until_asked(&w, i);
		model_event(&w, MODEL_TOOL_CALL, i == 1 ? "c1" : "c2", "{}");
		model_done(&w, FINISH_TOOL_CALLS);
	}
	world_until_complete(&w, 1);
	assert_has(world_bodies(&w, 0), "\"code\":\"LIMIT\"");
	assert_has(world_bodies(&w, 0), "step limit");
	assert_has(world_out(&w, 0), "error finish [turn-complete:0+]");
	world_close(&w);
}

/* other events */

static void
shows_other_events(void **state ATTR_UNUSED)
{
	struct world w;

	world_open(&w, NULL, NULL);
	world_say(&w, "u1", "one");
	world_until_asked(&w, 1);
	model_event(&w, MODEL_RETRY, NULL, NULL);
	model_event(&w, MODEL_REASONING_START, "r1", NULL);
	model_event(&w, MODEL_REASONING_DELTA, "r1", "hm");
	model_event(&w, MODEL_REASONING_END, "r1", NULL);
	model_event(&w, MODEL_SOURCE, NULL, "https://example.org/");
	model_event(&w, MODEL_FILE, NULL, "data:text/plain;base64,eA==");
	model_event(&w, MODEL_DATA, "d1", "{\"x\":1}");
	model_answers(&w, "so");
	world_until_complete(&w, 1);
	assert_string_equal(world_out(&w, 0), HEAD "data-chatd-retry "
	    "reasoning-start reasoning-delta reasoning-end source-url file "
	    "data-lookup " TEXT TAIL "[turn-complete:0+]");
	world_check_reduced(&w, 0, -1);
	world_close(&w);
}

static void
names_who_answered(void **state ATTR_UNUSED)
{
	struct model_event ev = {
		.type = MODEL_DATA, .name = "chatd-fallback", .text = "{}",
		.len = 2, .model = "other:y",
	};
	struct world w;
	char *json;

	world_open(&w, NULL, NULL);
	world_say(&w, "u1", "one");
	world_until_asked(&w, 1);
	model_give(&w, &ev);
	model_answers(&w, "so");
	world_until_complete(&w, 1);
	json = world_message(&w, -1);
	assert_has(json, "\"model\":\"other:y\"");
	assert_has(json, "\"contextTokens\":15,\"contextWindow\":1000");
	free(json);

	/* the next turn asks the first again */
	world_say(&w, "u2", "two");
	world_until_asked(&w, 2);
	model_answers(&w, "so");
	world_until_complete(&w, 2);
	json = world_message(&w, -1);
	assert_has_not(json, "other:y");
	assert_has(json, "\"model\":");
	free(json);
	world_close(&w);
}

/* providers 9.4 */
static void
does_not_tell_what_was_refused(void **state ATTR_UNUSED)
{
	struct model_event refused = {
		.type = MODEL_FINISH, .finish = FINISH_CONTENT_FILTER,
		.text = "refusal: bio", .len = 12,
	};
	struct world w;

	world_open(&w, NULL, NULL);
	world_say(&w, "u1", "harmless");
	world_until_asked(&w, 1);
	model_answers(&w, "fine");
	world_until_complete(&w, 1);
	world_say(&w, "u2", "terrible");
	world_until_asked(&w, 2);
	assert_has(w.models.messages, "terrible");
	model_text(&w, "t", "partly");
	model_give(&w, &refused);
	world_until_complete(&w, 2);
	world_say(&w, "u3", "other");
	world_until_asked(&w, 3);
	assert_has(w.models.messages, "harmless");
	assert_has(w.models.messages, "fine");
	assert_has_not(w.models.messages, "terrible");
	assert_has_not(w.models.messages, "partly");
	assert_has(w.models.messages, "other");
	model_answers(&w, "so");
	world_until_complete(&w, 3);
	world_close(&w);
}

static void
joins_deltas(void **state ATTR_UNUSED)
{
	struct world w;
	char *json;

	world_open(&w, NULL, NULL);
	world_say(&w, "u1", "one");
	world_until_asked(&w, 1);
	model_event(&w, MODEL_TEXT_START, "t1", NULL);
	for (int i = 0; i < 10000; i++)
		model_event(&w, MODEL_TEXT_DELTA, "t1", "d\xc3\xa4s ");
	model_event(&w, MODEL_TEXT_END, "t1", NULL);
	model_done(&w, FINISH_STOP);
	world_until_complete(&w, 1);
	/* the first alone, then ceil(49995 / 8 KiB), and 9 others */
	assert_int_equal(world_head(&w), 1 + 7 + 7);
	assert_has(world_out(&w, 0), HEAD "text-start text-delta text-delta");
	json = world_message(&w, -1);
	assert_true(strlen(json) > 50000);
	free(json);
	world_check_reduced(&w, 0, -1);
	world_close(&w);
}

/* A delta that waits is shown though nothing follows. */
static void
shows_what_waits(void **state ATTR_UNUSED)
{
	struct world w;

	world_open(&w, NULL, NULL);
	world_say(&w, "u1", "one");
	world_until_asked(&w, 1);
	model_event(&w, MODEL_TEXT_START, "t1", NULL);
	model_event(&w, MODEL_TEXT_DELTA, "t1", "a");
	model_event(&w, MODEL_TEXT_DELTA, "t1", "b");
	model_event(&w, MODEL_TEXT_DELTA, "t1", "c");
	while (world_head(&w) < 5)
		world_pass(&w);
	assert_has(world_bodies(&w, 4), "\"delta\":\"bc\"");
	model_event(&w, MODEL_TEXT_END, "t1", NULL);
	model_done(&w, FINISH_STOP);
	world_until_complete(&w, 1);
	world_close(&w);
}

/* session-protocol 7.7 */
static void
keeps_alive(void **state ATTR_UNUSED)
{
	struct world w;
	struct err e = ERR_INIT;
	struct owner other;

	world_open_store(&w, NULL, NULL);
	struct agent_opts ao = {
		.base = w.base, .store = w.store, .models = &w.models,
		.defaults = &w.defaults, .quiet_ms = 1,
	};

	w.host = agent_host_new(&ao);
	assert_int_equal(agent_own(w.host, &w.item, &other, &e), 0);
	world_say(&w, "u1", "one");
	world_until_asked(&w, 1);
	while (world_head(&w) < 4)
		world_pass(&w);
	assert_has(world_out(&w, 0),
	    HEAD "data-chatd-keepalive data-chatd-keepalive");
	model_answers(&w, "x");
	world_until_complete(&w, 1);
	assert_has_not(world_out(&w, 0), "[turn-complete:0+]");	/* no mint */
	world_close(&w);
}

/* schema */

static const char with_schema[] = "{\"basePayload\":{\"chatd\":{"
    "\"jsonSchema\":{\"type\":\"object\",\"required\":[\"city\"]}}}}";

static void
corrects_by_schema(void **state ATTR_UNUSED)
{
	struct world w;
	int64_t from;

	world_open(&w, NULL, with_schema);
	world_say(&w, "u1", "one");
	world_until_asked(&w, 1);
	assert_true(w.models.has_schema);
	model_answers(&w, "Paris");
	world_until_asked(&w, 2);
	assert_has(w.models.messages, "does not fit the JSON Schema");
	model_answers(&w, "{}");
	world_until_complete(&w, 1);
	from = world_head(&w);
	assert_has(world_bodies(&w, 0), "\"code\":\"INPUT\"");
	world_say(&w, "u2", "two");
	world_until_asked(&w, 3);
	assert_has_not(w.models.messages, "does not fit the JSON Schema");
	assert_has_not(w.models.messages, "Paris");
	model_answers(&w, "{\"city\":1}");
	world_until_complete(&w, 2);
	assert_int_equal(w.models.asked, 3);
	/* what did not fit is no answer */
	assert_string_equal(world_transcript(&w),
	    "user:one assistant: user:two assistant:{\"city\":1}");
	world_check_reduced(&w, from, -1);
	world_close(&w);
}

/* agents */

static void
takes_agents(void **state ATTR_UNUSED)
{
	struct world w;
	struct err e = ERR_INIT;
	char *dir = world_dir();
	char *path = path_join(dir, "config/agents/poet.md");
	const char poet[] = "---\nmodel: fake:poet\n---\nYou write verse.\n";

	assert_int_equal(path_make_parent(path, &e), 0);
	assert_int_equal(path_write_whole(path, poet, strlen(poet), 0600, &e),
	    0);
	free(path);
	world_open(&w, NULL,
	    "{\"basePayload\":{\"chatd\":{\"agent\":\"poet\"}}}");
	world_say(&w, "u1", "one");
	world_until_asked(&w, 1);
	assert_string_equal(w.models.model.spec, "fake:poet");
	assert_has(w.models.system, "You write verse.");
	model_answers(&w, "x");
	world_until_complete(&w, 1);
	world_send(&w, "{\"kind\":\"message\",\"payload\":{\"trigger\":"
	    "\"submit-message\",\"chatd\":{\"agent\":\"nobody\"},\"message\":"
	    "{\"id\":\"u2\",\"role\":\"user\",\"parts\":[{\"type\":\"text\","
	    "\"text\":\"two\"}]}}}");
	world_until_complete(&w, 2);
	assert_int_equal(w.models.asked, 1);
	assert_has(world_bodies(&w, 0), "no agent nobody");
	assert_has(world_bodies(&w, 0), "\"code\":\"NOT_FOUND\"");
	world_close(&w);
	world_dir_remove(dir);
}

/* the host */

static void
closes(void **state ATTR_UNUSED)
{
	struct world w;
	struct err e = ERR_INIT;

	world_open(&w, NULL, NULL);
	world_say(&w, "u1", "one");
	world_until_asked(&w, 1);
	world_say(&w, "u2", "never answered");
	assert_int_equal(store_close_session(w.store, w.item.row, "enough",
	    &e), 0);
	agent_closed(w.host, w.item.row);
	agent_closed(w.host, w.item.row);
	world_until_complete(&w, 1);
	while (world_in_cursor(&w) < 0)
		world_pass(&w);
	assert_has(world_out(&w, 0),
	    "abort [turn-complete:0+] [session-closed:-]");
	assert_int_equal(w.models.cancelled, 1);
	world_close(&w);
}

static void
note_stopped(void *arg)
{
	++*(int *)arg;
}

static void
host_stops_after_the_turn(void **state ATTR_UNUSED)
{
	struct world w;
	int stopped = 0;

	world_open(&w, NULL, NULL);
	world_say(&w, "u1", "one");
	world_until_asked(&w, 1);
	agent_host_stop(w.host, 60000, note_stopped, &stopped);
	world_say(&w, "u2", "later");
	world_pass(&w);
	assert_int_equal(stopped, 0);
	model_answers(&w, "x");
	while (stopped == 0)
		world_pass(&w);
	world_pass(&w);
	assert_int_equal(stopped, 1);
	assert_int_equal(world_completes(&w), 1);
	assert_int_equal(w.models.asked, 1);
	world_close(&w);
}

static void
tells_when_idle(void **state ATTR_UNUSED)
{
	struct world w;

	world_open(&w, NULL, NULL);
	world_until_idle(&w);
	world_say(&w, "u1", "one");
	world_until_asked(&w, 1);
	model_answers(&w, "x");
	world_until_idle(&w);
	assert_int_equal(world_completes(&w), 1);
	agent_drop(w.host, w.item.row);
	assert_null(agent_owned(w.host, w.item.row));
	world_close(&w);
}

static void
drops_running_turns(void **state ATTR_UNUSED)
{
	struct world w;

	world_open(&w, NULL, NULL);
	world_say(&w, "u1", "one");
	world_until_asked(&w, 1);
	assert_false(agent_pending(w.host, &w.item));
	agent_drop(w.host, w.item.row);
	while (world_completes(&w) == 0)
		world_pass(&w);
	assert_has(world_out(&w, 0), "abort [turn-complete:0+]");
	assert_false(agent_pending(w.host, &w.item));
	world_close(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers),
		cmocka_unit_test(remembers),
		cmocka_unit_test(waits_for_the_default_model),
		cmocka_unit_test(takes_the_default_at_once),
		cmocka_unit_test(stops_before_the_model_is_found),
		cmocka_unit_test(fails),
		cmocka_unit_test(fails_without_a_model),
		cmocka_unit_test(stops_in_the_text),
		cmocka_unit_test(stops_only_its_turn),
		cmocka_unit_test(stops_at_every_pass),
		cmocka_unit_test(answers_unknown_tools),
		cmocka_unit_test(shows_what_the_provider_ran),
		cmocka_unit_test(ends_at_the_step_limit),
		cmocka_unit_test(shows_other_events),
		cmocka_unit_test(names_who_answered),
		cmocka_unit_test(does_not_tell_what_was_refused),
		cmocka_unit_test(joins_deltas),
		cmocka_unit_test(shows_what_waits),
		cmocka_unit_test(keeps_alive),
		cmocka_unit_test(corrects_by_schema),
		cmocka_unit_test(takes_agents),
		cmocka_unit_test(closes),
		cmocka_unit_test(host_stops_after_the_turn),
		cmocka_unit_test(tells_when_idle),
		cmocka_unit_test(drops_running_turns),
	};

	return cmocka_run_group_tests_name("agent/turn", tests, NULL, NULL);
}
