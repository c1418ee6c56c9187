/* SPDX-License-Identifier: GPL-3.0-or-later */
/* trigger.c - tests of what records of `in` make the agent do */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "store/store.h"

#include "world.h"

#define ANSWER HEAD TEXT TAIL
#define PAYLOAD(s) "{\"kind\":\"message\",\"payload\":{" s "}}"

/* One exchange to begin with. */
static void
exchange(struct world *w, const char *id, const char *text)
{
	int n = world_completes(w);

	world_say(w, id, text);
	world_until_asked(w, w->models.asked + 1);
	model_answers(w, "fine");
	world_until_complete(w, n + 1);
}

static void
until_consumed(struct world *w, int64_t seq)
{
	while (world_in_cursor(w) < seq || agent_busy(w->host, w->item.row))
		world_pass(w);
	world_pass(w);
}

/* Consumed, the cursor moved, and nothing on out. */
static void
takes_in_silence(void **state ATTR_UNUSED)
{
	static const char *const records[] = {
		"garbage", "", "[]", "{\"kind\":\"dance\"}",
		"{\"kind\":\"stop\"}", "{\"kind\":\"message\"}",
		PAYLOAD("\"trigger\":\"preload\""),
		PAYLOAD("\"trigger\":\"close\""),
		PAYLOAD("\"trigger\":\"nonsense\",\"message\":{}"),
		"{\"kind\":\"handover-skip\"}",
	};
	struct world w;

	world_open(&w, NULL, NULL);
	for (size_t i = 0; i < NELEM(records); i++) {
		int64_t seq = world_send(&w, records[i]);

		until_consumed(&w, seq);
		assert_int_equal(world_in_cursor(&w), seq);
		assert_string_equal(world_out(&w, 0), "");
	}
	assert_int_equal(w.models.asked, 0);
	exchange(&w, "u1", "one");
	assert_string_equal(world_out(&w, 0), ANSWER "[turn-complete:10+]");
	world_close(&w);
}

static void
takes_a_message_once(void **state ATTR_UNUSED)
{
	struct world w;

	world_open(&w, NULL, NULL);
	exchange(&w, "u1", "one");
	world_say(&w, "u1", "one");
	world_until_complete(&w, 2);
	assert_string_equal(world_out(&w, 0),
	    ANSWER "[turn-complete:0+] [turn-complete:1]");
	assert_int_equal(w.models.asked, 1);
	assert_string_equal(world_transcript(&w), "user:one assistant:fine");
	world_close(&w);
}

static void
refuses_wrong_messages(void **state ATTR_UNUSED)
{
	static const char *const records[] = {
		PAYLOAD("\"trigger\":\"submit-message\""),
		PAYLOAD("\"trigger\":\"submit-message\",\"message\":{\"id\":"
		    "\"u1\",\"role\":\"user\",\"parts\":[]}"),
		PAYLOAD("\"trigger\":\"submit-message\",\"message\":{\"id\":"
		    "\"u1\",\"role\":\"user\"}"),
		PAYLOAD("\"trigger\":\"submit-message\",\"message\":{\"id\":"
		    "\"u1\",\"role\":\"king\",\"parts\":[]}"),
		PAYLOAD("\"trigger\":\"regenerate-message\""),
		PAYLOAD("\"trigger\":\"action\""),
		PAYLOAD("\"trigger\":\"action\",\"action\":{\"type\":"
		    "\"fly\"}"),
		PAYLOAD("\"trigger\":\"action\",\"action\":{\"type\":"
		    "\"undo\"}"),
		PAYLOAD("\"trigger\":\"action\",\"action\":{\"type\":"
		    "\"rename\"}"),
		PAYLOAD("\"trigger\":\"action\",\"action\":{\"type\":"
		    "\"rollback\",\"messageId\":\"nobody\"}"),
	};
	struct world w;

	world_open(&w, NULL, NULL);
	for (size_t i = 0; i < NELEM(records); i++) {
		int64_t from = world_head(&w);
		char want[64];

		world_send(&w, records[i]);
		world_until_complete(&w, (int)i + 1);
		(void)snprintf(want, sizeof(want), "data-chatd-error error "
		    "[turn-complete:%zu]", i);
		assert_string_equal(world_out(&w, from), want);
	}
	assert_string_equal(world_transcript(&w), "");
	assert_int_equal(w.models.asked, 0);
	world_close(&w);
}

static void
regenerates(void **state ATTR_UNUSED)
{
	struct world w;
	int64_t from;

	world_open(&w, NULL, NULL);
	exchange(&w, "u1", "one");
	from = world_head(&w);
	world_send(&w, PAYLOAD("\"trigger\":\"regenerate-message\""));
	world_until_asked(&w, 2);
	assert_null(strstr(w.models.messages, "fine"));
	model_answers(&w, "better");
	world_until_complete(&w, 2);
	assert_string_equal(world_out(&w, from), ANSWER "[turn-complete:1+]");
	assert_string_equal(world_transcript(&w), "user:one assistant:better");
	world_close(&w);
}

/* actions */

/* The same as an action: screens are told what goes. */
static void
regenerates_by_action(void **state ATTR_UNUSED)
{
	struct world w;

	world_open(&w, NULL, NULL);
	exchange(&w, "u1", "hello");
	world_send(&w, PAYLOAD("\"trigger\":\"action\",\"action\":{\"type\":"
	    "\"regenerate\"}"));
	world_until_asked(&w, 2);
	model_answers(&w, "another");
	world_until_complete(&w, 2);
	assert_has(world_out(&w, 0), "data-chatd-cut start ");
	assert_string_equal(world_transcript(&w),
	    "user:hello assistant:another");
	world_close(&w);
}

static void
undoes(void **state ATTR_UNUSED)
{
	struct world w;
	int64_t from;

	world_open(&w, NULL, NULL);
	exchange(&w, "u1", "one");
	exchange(&w, "u2", "two");
	from = world_head(&w);
	world_send(&w, PAYLOAD("\"trigger\":\"action\",\"action\":"
	    "{\"type\":\"undo\"}"));
	world_until_complete(&w, 3);
	assert_string_equal(world_out(&w, from),
	    "data-chatd-cut [turn-complete:2]");
	assert_has(world_bodies(&w, from), "{\"from\":\"u2\"}");
	assert_string_equal(world_transcript(&w), "user:one assistant:fine");
	world_send(&w, PAYLOAD("\"trigger\":\"action\",\"action\":"
	    "{\"type\":\"rollback\",\"messageId\":\"u1\"}"));
	world_until_complete(&w, 4);
	assert_string_equal(world_transcript(&w), "");
	world_close(&w);
}

static void
renames(void **state ATTR_UNUSED)
{
	struct world w;
	struct item it;
	struct err e = ERR_INIT;

	world_open(&w, NULL, NULL);
	world_send(&w, PAYLOAD("\"trigger\":\"action\",\"action\":"
	    "{\"type\":\"rename\",\"title\":\"A name\"}"));
	world_until_complete(&w, 1);
	exchange(&w, "u1", "one");
	assert_int_equal(store_find(w.store, w.item.id, &it, &e), 0);
	assert_string_equal(it.title, "A name");
	item_clear(&it);
	world_close(&w);
}

static void
edits(void **state ATTR_UNUSED)
{
	struct world w;
	int64_t from;

	world_open(&w, NULL, NULL);
	exchange(&w, "u1", "one");
	exchange(&w, "u2", "two");
	from = world_head(&w);
	world_send(&w, PAYLOAD("\"trigger\":\"action\",\"action\":{\"type\":"
	    "\"edit\",\"messageId\":\"u1\",\"text\":\"new\"}"));
	world_until_asked(&w, 3);
	model_answers(&w, "other");
	world_until_complete(&w, 3);
	assert_string_equal(world_out(&w, from),
	    "data-chatd-cut " ANSWER "[turn-complete:2+]");
	assert_string_equal(world_transcript(&w), "user:new assistant:other");
	world_close(&w);
}

/* answers to tool calls */

#define TOOL(id, state, more) "{\"type\":\"tool-x\",\"toolCallId\":\"" id \
	"\",\"state\":\"" state "\",\"input\":{\"n\":1}" more "}"

static void
put_assistant(struct world *w, const char *parts)
{
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;

	buf_addf(&b, "{\"id\":\"a1\",\"role\":\"assistant\",\"parts\":"
	    "[{\"type\":\"step-start\"},%s]}", parts);
	assert_int_equal(store_put_message(agent_owned(w->host, w->item.row),
	    "u1", "user", "{\"id\":\"u1\",\"role\":\"user\",\"parts\":[{"
	    "\"type\":\"text\",\"text\":\"go\"}]}", "go", -1, &e), 0);
	assert_int_equal(store_put_message(agent_owned(w->host, w->item.row),
	    "a1", "assistant", b.data, "", -1, &e), 0);
	buf_clear(&b);
}

#define ANSWERS(id, parts) PAYLOAD("\"trigger\":\"submit-message\"," \
	"\"messageId\":\"" id "\",\"message\":{\"id\":\"" id "\"," \
	"\"role\":\"assistant\",\"parts\":[" parts "]}")
#define APPROVE(call, id, yes) "{\"type\":\"tool-x\",\"toolCallId\":\"" \
	call "\",\"state\":\"approval-responded\",\"input\":{\"n\":66600666}," \
	"\"approval\":{\"id\":\"" id "\",\"approved\":" yes \
	",\"reason\":\"why not\"}}"
#define OUTPUT(call) "{\"type\":\"tool-x\",\"toolCallId\":\"" call \
	"\",\"state\":\"output-available\",\"output\":{\"r\":7}}"

static void
takes_client_results(void **state ATTR_UNUSED)
{
	struct world w;
	char *json;

	world_open(&w, NULL, NULL);
	put_assistant(&w, TOOL("c1", "input-available", ""));
	world_send(&w, ANSWERS("a1", OUTPUT("c1") "," OUTPUT("c9")));
	world_until_asked(&w, 1);
	assert_has(w.models.messages, "\"r\":7");
	assert_null(strstr(w.models.messages, "c9"));
	model_answers(&w, "seven");
	world_until_complete(&w, 1);
	assert_string_equal(world_out(&w, 0), "start tool-output-available "
	    "start-step text-start text-delta text-end finish-step finish "
	    "[turn-complete:0+]");
	assert_has(world_bodies(&w, 0), "\"messageId\":\"a1\"");
	json = world_message(&w, -1);
	assert_has(json, "seven");
	assert_has(json, "\"input\":{\"n\":1}");
	free(json);
	assert_string_equal(world_transcript(&w), "user:go assistant:seven");
	/* the same again is nothing new */
	world_send(&w, ANSWERS("a1", OUTPUT("c1")));
	world_send(&w, ANSWERS("nobody", OUTPUT("c1")));
	world_until_complete(&w, 3);
	assert_int_equal(w.models.asked, 1);
	world_close(&w);
}

static void
waits_for_all_answers(void **state ATTR_UNUSED)
{
	struct world w;
	char *json;

	world_open(&w, NULL, NULL);
	put_assistant(&w, TOOL("c1", "approval-requested",
	    ",\"approval\":{\"id\":\"ap1\"}") ","
	    TOOL("c2", "input-available", ""));
	/* a forged id decides nothing */
	world_send(&w, ANSWERS("a1", APPROVE("c1", "forged", "true")));
	world_until_complete(&w, 1);
	json = world_message(&w, -1);
	assert_has(json, "approval-requested");
	free(json);
	world_send(&w, ANSWERS("a1", APPROVE("c1", "ap1", "false")));
	world_until_complete(&w, 2);
	assert_int_equal(w.models.asked, 0);
	assert_string_equal(world_out(&w, 0),
	    "[turn-complete:0] [turn-complete:1]");
	json = world_message(&w, -1);
	assert_has(json, "approval-responded");
	assert_has(json, "why not");
	assert_null(strstr(json, "66600666"));
	free(json);
	world_send(&w, ANSWERS("a1", OUTPUT("c2")));
	world_until_asked(&w, 1);
	model_answers(&w, "then");
	world_until_complete(&w, 3);
	assert_has(world_out(&w, 2), "start tool-output-available "
	    "tool-output-denied start-step");
	json = world_message(&w, -1);
	assert_has(json, "output-denied");
	free(json);
	world_close(&w);
}

/* creates */

static const char with_message[] = "{\"basePayload\":{\"trigger\":"
    "\"submit-message\",\"message\":{\"id\":\"u0\",\"role\":\"user\","
    "\"parts\":[{\"type\":\"text\",\"text\":\"boot\"}]}}}";

static void
boots(void **state ATTR_UNUSED)
{
	struct world w;
	struct err e = ERR_INIT;

	world_open(&w, NULL, with_message);
	assert_int_equal(agent_boot(w.host, &w.item, &e), 0);
	world_until_asked(&w, 1);
	model_answers(&w, "up");
	world_until_complete(&w, 1);
	assert_string_equal(world_out(&w, 0), ANSWER "[turn-complete:-+]");
	assert_string_equal(world_transcript(&w), "user:boot assistant:up");
	/* not twice */
	assert_int_equal(agent_boot(w.host, &w.item, &e), 0);
	exchange(&w, "u1", "one");
	assert_int_equal(w.models.asked, 2);
	assert_has(world_out(&w, 0), ANSWER "[turn-complete:0+]");
	world_close(&w);
}

static void
boots_and_stops(void **state ATTR_UNUSED)
{
	struct world w;
	struct err e = ERR_INIT;

	world_open(&w, NULL, with_message);
	assert_int_equal(agent_boot(w.host, &w.item, &e), 0);
	world_until_asked(&w, 1);
	world_stop(&w);
	world_until_complete(&w, 1);
	assert_has(world_out(&w, 0), "abort [turn-complete:0+]");
	assert_int_equal(world_in_cursor(&w), 0);
	world_close(&w);
}

static void
warms_up_only(void **state ATTR_UNUSED)
{
	struct world w;
	struct err e = ERR_INIT;

	world_open(&w, NULL, "{\"basePayload\":{\"trigger\":\"preload\"}}");
	assert_int_equal(agent_boot(w.host, &w.item, &e), 0);
	exchange(&w, "u1", "one");
	assert_string_equal(world_out(&w, 0), ANSWER "[turn-complete:0+]");
	world_close(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_in_silence),
		cmocka_unit_test(takes_a_message_once),
		cmocka_unit_test(refuses_wrong_messages),
		cmocka_unit_test(regenerates),
		cmocka_unit_test(regenerates_by_action),
		cmocka_unit_test(undoes),
		cmocka_unit_test(renames),
		cmocka_unit_test(edits),
		cmocka_unit_test(takes_client_results),
		cmocka_unit_test(waits_for_all_answers),
		cmocka_unit_test(boots),
		cmocka_unit_test(boots_and_stops),
		cmocka_unit_test(warms_up_only),
	};

	return cmocka_run_group_tests_name("agent/trigger", tests, NULL, NULL);
}
