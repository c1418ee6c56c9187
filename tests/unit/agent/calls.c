/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calls.c - tools that run, wait for a person, and outlive a dead process */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <event2/event.h>
#include <sqlite3.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "store/channel.h"
#include "store/store.h"
#include "tool/tool_run.h"

#include "world.h"

enum { MANY = 50, PASSES_MAX = 400 };

/* tools: what they have done is looked at by the tests */
static struct {
	struct world *w;
	int running, most, started, stopped;
	char *path;		/* act() writes a line here */
} seen;

static void
look_stop(struct tool_run *run)
{
	(void)run;
	seen.running--;
}

static struct tool_run *
look_start(const struct tool *tool, const struct json *input,
    const struct tool_env *env, const struct tool_fns *fns,
    struct err *e ATTR_UNUSED)
{
	struct tool_run *run = tool_run_new(tool, env, fns);
	struct buf output = BUF_INIT, model = BUF_INIT;

	assert_true(json_is(input, JSON_OBJECT));
	/* what says that it starts is durable */
	if (seen.w != NULL)
		assert_non_null(strstr(world_out(seen.w, 0),
		    "tool-input-available"));
	seen.started++;
	if (++seen.running > seen.most)
		seen.most = seen.running;
	run->stop = look_stop;
	buf_adds(&output, "{\"for\":\"people\"}");
	buf_adds(&model, "for the model");
	tool_run_give(run, &output, &model);
	return run;
}

static void
forever_stop(struct tool_run *run)
{
	(void)run;
	seen.stopped++;
}

/* Says something, and never ends by itself. */
static struct tool_run *
forever_start(const struct tool *tool, const struct json *input ATTR_UNUSED,
    const struct tool_env *env, const struct tool_fns *fns,
    struct err *e ATTR_UNUSED)
{
	struct tool_run *run = tool_run_new(tool, env, fns);

	run->stop = forever_stop;
	seen.started++;
	return run;
}

/* The thing that must not be done twice. */
static struct tool_run *
act_start(const struct tool *tool, const struct json *input ATTR_UNUSED,
    const struct tool_env *env, const struct tool_fns *fns,
    struct err *e ATTR_UNUSED)
{
	struct tool_run *run = tool_run_new(tool, env, fns);
	struct buf output = BUF_INIT, model = BUF_INIT;
	int fd = open(seen.path, O_WRONLY | O_APPEND | O_CREAT, 0600);

	assert_true(fd != -1);
	assert_int_equal(write(fd, "x", 1), 1);
	close(fd);
	buf_adds(&output, "\"acted\"");
	buf_adds(&model, "acted");
	tool_run_give(run, &output, &model);
	return run;
}

#define ANY "{\"type\":\"object\"}"
static const struct tool look = { .name = "look", .title = "Look",
	.description = "Looks.", .schema = ANY, .effect = TOOL_READS,
	.start = look_start };
static const struct tool forever = { .name = "forever", .title = "Go on",
	.description = "Goes on.", .schema = ANY, .effect = TOOL_READS,
	.start = forever_start };
static const struct tool act = { .name = "act", .title = "Act",
	.description = "Acts.", .schema = ANY, .effect = TOOL_EDITS,
	.start = act_start };
static const struct tool *const tools[] = { &look, &act, &forever, NULL };

/* models */
#define CALL(i, n) { .type = MODEL_TOOL_CALL, .id = i, .name = n,	\
	.text = "{}", .len = 2 }
#define END(f) { .type = MODEL_FINISH, .finish = FINISH_##f }
static const struct model_event says_over[] = {
	{ .type = MODEL_TEXT_START, .id = "t" },
	{ .type = MODEL_TEXT_DELTA, .id = "t", .text = "over", .len = 4 },
	{ .type = MODEL_TEXT_END, .id = "t" }, END(STOP),
};
static const struct model_event acts[] = {
	CALL("c1", "act"), CALL("c2", "look"), END(TOOL_CALLS),
};
static const struct model_event goes_on[] = {
	CALL("c1", "forever"), END(TOOL_CALLS),
};
static const struct model_event *const act_then_over[] = { acts, says_over,
	says_over };
static const struct model_event *const over[] = { says_over, says_over };
static const struct model_event *const forever_then[] = { goes_on,
	says_over };

/* Another process that keeps the database locked until it is closed. */
static sqlite3 *
lock_out(const char *dir)
{
	char *path = path_join(dir, "chatd.db");
	sqlite3 *db;

	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE,
	    NULL), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL,
	    NULL), SQLITE_OK);
	free(path);
	return db;
}

static int
count(const char *text, const char *part)
{
	int n = 0;

	while ((text = strstr(text, part)) != NULL) {
		text += strlen(part);
		n++;
	}
	return n;
}

static void
open_with(struct world *w, const char *dir,
    const struct model_event *const *scripts, int scripts_count)
{
	memset(&seen, 0, sizeof(seen));
	world_open_store(w, dir, NULL);
	w->tools = tools;
	world_own(w);
	w->models.scripts = scripts;
	w->models.scripts_count = scripts_count;
}

static void
runs_side_by_side(void **state ATTR_UNUSED)
{
	static struct model_event many[MANY + 1];
	static char ids[MANY][16];
	const struct model_event *const scripts[] = { many, says_over };
	struct world w;
	char *json;

	for (int i = 0; i < MANY; i++) {
		(void)snprintf(ids[i], sizeof(ids[i]), "c%d", i);
		many[i] = (struct model_event)CALL(ids[i], "look");
	}
	many[MANY] = (struct model_event)END(TOOL_CALLS);
	open_with(&w, NULL, scripts, 2);
	seen.w = &w;
	world_say(&w, "u1", "go");
	world_until_complete(&w, 1);
	assert_int_equal(seen.started, MANY);
	assert_int_equal(seen.running, 0);
	assert_in_range(seen.most, 2, 16);
	assert_int_equal(count(world_out(&w, 0), "tool-output-available"),
	    MANY);
	assert_int_equal(count(w.models.messages, "for the model"), MANY);
	assert_null(strstr(w.models.messages, "for\":\"people"));
	json = world_message(&w, -1);
	assert_int_equal(count(json, "\"for\":\"people\""), MANY);
	free(json);
	world_check_reduced(&w, 0, -1);
	world_close(&w);
}

static void
stops_what_runs(void **state ATTR_UNUSED)
{
	struct world w;
	char *json;

	open_with(&w, NULL, forever_then, 2);
	world_say(&w, "u1", "go");
	while (seen.started == 0)
		(void)event_base_loop(w.base, EVLOOP_ONCE);
	world_stop(&w);
	world_until_complete(&w, 1);
	assert_int_equal(seen.stopped, 1);
	assert_int_equal(w.models.asked, 1);
	assert_string_equal(world_out(&w, 0), "start start-step "
	    "tool-input-available tool-output-error finish-step "
	    "message-metadata abort [turn-complete:1+]");
	json = world_message(&w, -1);
	assert_has(json, "stopped by the user");
	free(json);
	world_close(&w);
}

/* The answer that a client would send, with more in payload.chatd. */
static char *
answer_of(const char *message, const char *approved, const char *chatd)
{
	struct json_doc *doc = json_parse(message, strlen(message), 0, NULL);
	const struct json *p, *id = NULL;
	char *text;

	JSON_EACH(p, json_get(json_root(doc), "parts"))
		if (json_streq(json_get(p, "state"), "approval-requested"))
			id = json_path(p, "approval", "id", NULL);
	assert_non_null(json_str(id));
	text = xasprintf("{\"kind\":\"message\",\"payload\":{\"trigger\":"
	    "\"submit-message\",\"message\":{\"id\":\"%s\",\"role\":"
	    "\"assistant\",\"parts\":[{\"type\":\"dynamic-tool\","
	    "\"toolName\":\"act\",\"toolCallId\":\"c1\",\"state\":"
	    "\"approval-responded\",\"input\":{\"forged\":1},\"approval\":{"
	    "\"id\":\"%s\",\"approved\":%s}}]}%s}}",
	    json_get_str(json_root(doc), "id"), json_str(id), approved, chatd);
	json_doc_free(doc);
	return text;
}

static void
answer(struct world *w, const char *approved, const char *chatd)
{
	char *json = world_message(w, -1);
	char *text = answer_of(json, approved, chatd);

	world_send(w, text);
	free(json);
	free(text);
}

static long
acted(const char *path)
{
	FILE *f = fopen(path, "r");
	long n;

	if (f == NULL)
		return 0;
	assert_int_equal(fseek(f, 0, SEEK_END), 0);
	n = ftell(f);
	(void)fclose(f);
	return n;
}

static void
asks_and_goes_on(void **state ATTR_UNUSED)
{
	struct world w;
	struct item it;
	struct err e = ERR_INIT;
	char *dir = world_dir(), *json;
	int64_t from;

	open_with(&w, NULL, act_then_over, 3);
	seen.path = path_join(dir, "acts");
	world_say(&w, "u1", "go");
	world_until_complete(&w, 1);
	assert_string_equal(world_out(&w, 0), "start start-step "
	    "tool-input-available tool-approval-request tool-input-available "
	    "tool-output-available finish-step finish [turn-complete:0+]");
	assert_has(world_bodies(&w, 0), "\"finishReason\":\"tool-calls\"");
	assert_int_equal(store_find(w.store, w.item.id, &it, &e), 0);
	assert_int_equal(it.state, ITEM_WAITING);
	item_clear(&it);
	from = world_head(&w);
	answer(&w, "true", "");
	world_until_complete(&w, 2);
	assert_string_equal(world_out(&w, from), "start data-chatd-started "
	    "tool-output-available start-step text-start text-delta text-end "
	    "finish-step finish [turn-complete:1+]");
	assert_int_equal(acted(seen.path), 1);
	assert_has(w.models.messages, "\"value\":\"acted\"");
	json = world_message(&w, -1);
	assert_null(strstr(json, "forged"));
	assert_has(json, "\"approved\":true");
	free(json);
	assert_int_equal(store_find(w.store, w.item.id, &it, &e), 0);
	assert_int_equal(it.state, ITEM_IDLE);
	item_clear(&it);
	world_close(&w);
	free(seen.path);
	world_dir_remove(dir);
}

static void
denies(void **state ATTR_UNUSED)
{
	struct world w;
	char *dir = world_dir();
	int64_t from;

	open_with(&w, NULL, act_then_over, 3);
	seen.path = path_join(dir, "acts");
	world_say(&w, "u1", "go");
	world_until_complete(&w, 1);
	from = world_head(&w);
	answer(&w, "false", "");
	world_until_complete(&w, 2);
	assert_has(world_out(&w, from), "start tool-output-denied start-step");
	assert_int_equal(acted(seen.path), 0);
	assert_has(w.models.messages, "Tool call execution denied.");
	world_close(&w);
	free(seen.path);
	world_dir_remove(dir);
}

/* death */

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

/* What the person does, as soon as it can be done. */
static void
person(struct world *w)
{
	if (in_head(w) == 0)
		world_say(w, "u1", "go");
	else if (in_head(w) == 1 && world_completes(w) == 1)
		answer(w, "true", "");
}

static bool
dies_after(const char *dir, int passes)
{
	int status;
	pid_t pid = fork();

	assert_true(pid != -1);
	if (pid == 0) {
		struct world w;
		char *path = seen.path;

		open_with(&w, dir, act_then_over, 3);
		seen.path = path;
		for (int i = 0; i < passes; i++) {
			person(&w);
			world_pass(&w);
		}
		_exit(world_completes(&w));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_in_range(WEXITSTATUS(status), 0, 2);
	return WEXITSTATUS(status) == 2;
}

/* Whoever comes next brings it to its end. */
static void
recover_here(const char *dir, int passes)
{
	struct world w;
	char *path = seen.path, *json;
	bool first;

	world_open_store(&w, dir, NULL);
	first = world_completes(&w) == 0 && in_head(&w) == 0;
	world_close(&w);
	open_with(&w, dir, first ? act_then_over : over, first ? 3 : 2);
	seen.path = path;
	for (int i = 0; i < PASSES_MAX && world_completes(&w) < 2; i++) {
		person(&w);
		(void)event_base_loop(w.base, EVLOOP_ONCE);
		json = world_completes(&w) == 1 && in_head(&w) == 1 ?
		    world_message(&w, -1) : NULL;
		/* the call was cut off before it was asked about */
		first = json != NULL &&
		    strstr(json, "approval-requested") == NULL;
		free(json);
		if (first)
			break;
	}
	json = world_message(&w, -1);
	if (strstr(json, "\"output\":\"acted\"") != NULL)
		assert_int_equal(acted(path), 1);
	else if (strstr(json, "\"interrupted: chatd ended") == NULL)
		assert_int_equal(acted(path), 0);
	else
		assert_in_range(acted(path), 0, 1);
	if (strstr(json, "approval-responded") != NULL ||
	    strstr(json, "\"state\":\"input-") != NULL)
		fail_msg("after %d passes: %s", passes, json);
	assert_has(json, "over");
	free(json);
	world_close(&w);
	seen.path = path;
}

static void
survives_at_every_pass(void **state ATTR_UNUSED)
{
	bool whole = false;

	for (int passes = 1; !whole; passes++) {
		char *dir = world_dir();

		assert_true(passes < PASSES_MAX);
		seen.path = path_join(dir, "acts");
		whole = dies_after(dir, passes);
		recover_here(dir, passes);
		free(seen.path);
		world_dir_remove(dir);
	}
}

/* Nobody waits in place: what happens meanwhile is written when it can be,
 * and a call starts behind that. */
static void
a_locked_database_is_waited_for(void **state ATTR_UNUSED)
{
	struct model_event call = CALL("c1", "look");
	char *dir = world_dir();
	struct world w;
	sqlite3 *other;

	open_with(&w, dir, NULL, 0);
	world_say(&w, "u1", "go");
	world_until_asked(&w, 1);
	assert_int_equal(store_commit(w.store, NULL), 0);
	other = lock_out(dir);
	model_give(&w, &call);
	model_done(&w, FINISH_TOOL_CALLS);
	assert_string_equal(world_out(&w, 0), "start start-step");
	assert_int_equal(seen.started, 0);
	sqlite3_close(other);
	world_until_asked(&w, 2);
	assert_int_equal(seen.started, 1);
	model_text(&w, "t", "over");
	assert_int_equal(store_commit(w.store, NULL), 0);
	other = lock_out(dir);
	model_done(&w, FINISH_STOP);
	assert_int_equal(world_completes(&w), 0);
	assert_true(agent_busy(w.host, w.item.row));
	sqlite3_close(other);
	world_until_complete(&w, 1);
	assert_string_equal(world_out(&w, 0), HEAD "tool-input-available "
	    "tool-output-available finish-step start-step text-start "
	    "text-delta text-end " TAIL "[turn-complete:0+]");
	world_check_reduced(&w, 0, 1);
	world_close(&w);
	world_dir_remove(dir);
}

/* The lock is gone, but nobody has looked yet: the end is written all the
 * same before the session is closed. */
static void
a_close_comes_behind_what_waits(void **state ATTR_UNUSED)
{
	char *dir = world_dir();
	struct world w;
	sqlite3 *other;

	open_with(&w, dir, NULL, 0);
	world_say(&w, "u1", "go");
	world_until_asked(&w, 1);
	model_text(&w, "t", "over");
	assert_int_equal(store_commit(w.store, NULL), 0);
	other = lock_out(dir);
	model_done(&w, FINISH_STOP);
	assert_int_equal(world_completes(&w), 0);
	sqlite3_close(other);
	agent_closed(w.host, w.item.row);
	world_until_complete(&w, 1);
	assert_string_equal(world_out(&w, 0), HEAD "text-start text-delta "
	    "text-end " TAIL "[turn-complete:0+] [session-closed:-]");
	world_close(&w);
	world_dir_remove(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runs_side_by_side),
		cmocka_unit_test(stops_what_runs),
		cmocka_unit_test(asks_and_goes_on),
		cmocka_unit_test(denies),
		cmocka_unit_test(a_locked_database_is_waited_for),
		cmocka_unit_test(a_close_comes_behind_what_waits),
		cmocka_unit_test(survives_at_every_pass),
	};

	return cmocka_run_group_tests_name("agent/calls", tests, NULL, NULL);
}
