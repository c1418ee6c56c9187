/* SPDX-License-Identifier: GPL-3.0-or-later */
/* reducer.c - messages built from chunks: what the vectors do not say */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "wire/chunk.h"
#include "wire/message.h"

static int
apply(struct reducer *r, const char *text, struct reduce_result *res)
{
	struct json_doc *doc = json_parse(text, strlen(text), 0, NULL);
	int status;

	if (doc == NULL)
		fail_msg("not JSON: %s", text);
	status = reducer_apply(r, json_root(doc), res, NULL);
	json_doc_free(doc);
	return status;
}

static void
must_apply(struct reducer *r, const char *text)
{
	if (apply(r, text, NULL) == -1)
		fail_msg("failed: %s", text);
}

static char *
text_of(struct reducer *r)
{
	struct buf b = BUF_INIT;
	struct json_w w;

	json_w_init(&w, &b);
	message_write(reducer_message(r), &w);
	return buf_take(&b);
}

static void
check_message(struct reducer *r, const char *want)
{
	char *got = text_of(r);

	assert_string_equal(got, want);
	free(got);
}

static void
a_failed_chunk_changes_nothing(void **state)
{
	static const char *const bad[] = {
		"{\"type\":\"text-delta\",\"id\":\"x\",\"delta\":\"y\"}",
		"{\"type\":\"text-end\",\"id\":\"x\"}",
		"{\"type\":\"reasoning-end\",\"id\":\"t\"}",
		"{\"type\":\"tool-input-delta\",\"toolCallId\":\"x\","
		    "\"inputTextDelta\":\"\"}",
		"{\"type\":\"tool-output-denied\",\"toolCallId\":\"x\"}",
		"{\"type\":\"tool-approval-response\",\"approvalId\":\"x\","
		    "\"approved\":true}",
		"{\"type\":\"start\",\"messageId\":\"n\","
		    "\"messageMetadata\":{\"a\":1}}",
		"{\"type\":\"finish\",\"finishReason\":\"stop\","
		    "\"messageMetadata\":{\"a\":1}}",
		"{\"type\":\"unknown\"}",
	};
	static const char want[] = "{\"id\":\"m\",\"metadata\":\"text\","
	    "\"role\":\"assistant\",\"parts\":[{\"type\":\"text\","
	    "\"text\":\"a\",\"state\":\"streaming\"}]}";
	struct reducer *r = reducer_new(NULL, 0);
	struct reduce_result res;
	size_t i;

	(void)state;
	must_apply(r, "{\"type\":\"start\",\"messageId\":\"m\","
	    "\"messageMetadata\":\"text\"}");
	must_apply(r, "{\"type\":\"text-start\",\"id\":\"t\"}");
	must_apply(r, "{\"type\":\"text-delta\",\"id\":\"t\","
	    "\"delta\":\"a\"}");
	for (i = 0; i < NELEM(bad); i++) {
		assert_int_equal(apply(r, bad[i], &res), -1);
		assert_int_equal(res.layer, i == NELEM(bad) - 1 ?
		    REDUCE_SCHEMA : REDUCE_STATE);
		assert_null(reducer_finish_reason(r));
		check_message(r, want);
	}
	reducer_free(r);
}

static void
ids_on_start_reset_only_when_asked(void **state)
{
	static const struct {
		unsigned flags;
		const char *second;
		const char *want;
	} cases[] = {
		{ 0, "n", "{\"id\":\"n\",\"role\":\"assistant\",\"parts\":"
		    "[{\"type\":\"step-start\"}]}" },
		{ REDUCE_RESET_ON_START, "m", "{\"id\":\"m\",\"role\":"
		    "\"assistant\",\"parts\":[{\"type\":\"step-start\"}]}" },
		{ REDUCE_RESET_ON_START, "n",
		    "{\"id\":\"n\",\"role\":\"assistant\",\"parts\":[]}" },
		{ REDUCE_REPLAY, "m",
		    "{\"id\":\"m\",\"role\":\"assistant\",\"parts\":[]}" },
	};
	struct message *m;
	struct reducer *r;
	char chunk[64];
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(cases); i++) {
		m = message_new("m", ROLE_ASSISTANT);
		r = reducer_new(m, cases[i].flags);
		must_apply(r, "{\"type\":\"start-step\"}");
		(void)snprintf(chunk, sizeof chunk,
		    "{\"type\":\"start\",\"messageId\":\"%s\"}",
		    cases[i].second);
		must_apply(r, chunk);
		check_message(r, cases[i].want);
		reducer_free(r);
	}
}

static void
a_users_message_is_not_continued(void **state)
{
	struct reducer *r = reducer_new(message_user_text("u", "x", 1), 0);

	(void)state;
	check_message(r, "{\"id\":\"u\",\"role\":\"assistant\",\"parts\":[]}");
	reducer_free(r);
}

static void
input_is_guessed_when_looked_at(void **state)
{
	struct reducer *r = reducer_new(NULL, 0);
	struct reduce_result res;
	const char *first;

	(void)state;
	must_apply(r, "{\"type\":\"tool-input-start\",\"toolCallId\":\"c\","
	    "\"toolName\":\"w\"}");
	assert_int_equal(apply(r, "{\"type\":\"tool-input-delta\","
	    "\"toolCallId\":\"c\",\"inputTextDelta\":\"{\\\"a\\\":\\\"b\"}",
	    &res), 0);
	assert_non_null(res.part);
	assert_null(res.part->tool->input);	/* nobody has looked */
	first = part_tool_input(res.part);
	assert_string_equal(first, "{\"a\":\"b\"}");
	assert_ptr_equal(part_tool_input(res.part), first);
	must_apply(r, "{\"type\":\"tool-input-delta\",\"toolCallId\":\"c\","
	    "\"inputTextDelta\":\"c\\\"\"}");
	assert_string_equal(part_tool_input(res.part), "{\"a\":\"bc\"}");
	check_message(r, "{\"id\":\"\",\"role\":\"assistant\",\"parts\":"
	    "[{\"type\":\"tool-w\",\"toolCallId\":\"c\",\"state\":"
	    "\"input-streaming\",\"input\":{\"a\":\"bc\"},"
	    "\"rawInput\":\"{\\\"a\\\":\\\"bc\\\"\"}]}");
	/* an output keeps the guess as the input */
	must_apply(r, "{\"type\":\"tool-output-available\","
	    "\"toolCallId\":\"c\",\"output\":1}");
	check_message(r, "{\"id\":\"\",\"role\":\"assistant\",\"parts\":"
	    "[{\"type\":\"tool-w\",\"toolCallId\":\"c\",\"state\":"
	    "\"output-available\",\"input\":{\"a\":\"bc\"},\"output\":1}]}");
	/* and the text goes on where it was */
	must_apply(r, "{\"type\":\"tool-input-delta\",\"toolCallId\":\"c\","
	    "\"inputTextDelta\":\",\\\"d\\\":1\"}");
	assert_string_equal(part_tool_input(res.part),
	    "{\"a\":\"bc\",\"d\":1}");
	reducer_free(r);
}

/* Ids come again in each step, and in one for a call of each kind. */
static void
a_call_is_found_by_its_id_and_step(void **state)
{
	static const char input[] = "{\"type\":\"tool-input-available\","
	    "\"toolCallId\":\"c\",\"toolName\":\"w\",\"input\":1}";
	static const char dynamic[] = "{\"type\":\"tool-input-available\","
	    "\"toolCallId\":\"c\",\"toolName\":\"w\",\"input\":1,"
	    "\"dynamic\":true}";
	static const char denied[] = "{\"type\":\"tool-output-denied\","
	    "\"toolCallId\":\"c\"}";
	struct reducer *r = reducer_new(NULL, 0);
	struct reduce_result first, again, other, out;

	(void)state;
	assert_int_equal(apply(r, input, &first), 0);
	must_apply(r, "{\"type\":\"start-step\"}");
	assert_int_equal(apply(r, denied, &out), 0);
	assert_ptr_equal(out.part, first.part);
	assert_int_equal(apply(r, dynamic, &again), 0);
	assert_ptr_not_equal(again.part, first.part);
	assert_int_equal(apply(r, input, &other), 0);
	assert_ptr_not_equal(other.part, again.part);
	assert_int_equal(apply(r, denied, &out), 0);
	assert_ptr_equal(out.part, again.part);
	must_apply(r, "{\"type\":\"reset-step\"}");
	assert_int_equal(apply(r, denied, &out), 0);
	assert_ptr_equal(out.part, first.part);
	assert_int_equal(reducer_message(r)->part_count, 2);

	/* a stored message is gone on with in the same way */
	assert_int_equal(apply(r, input, &again), 0);
	struct reducer *next = reducer_new(reducer_take(r), 0);

	assert_int_equal(apply(next, denied, &out), 0);
	assert_ptr_equal(out.part, again.part);
	must_apply(next, "{\"type\":\"reset-step\"}");
	must_apply(next, "{\"type\":\"start\",\"messageId\":\"n\"}");
	assert_int_equal(apply(next, denied, &out), 0);
	assert_ptr_equal(out.part, first.part);
	assert_int_equal(apply(r, denied, &out), -1);
	reducer_free(next);
	reducer_free(r);
}

static void
note_open(int type, const char *id, void *arg)
{
	buf_addf(arg, "%s %s;", chunk_type_name((enum chunk_type)type), id);
}

static void
open_blocks_are_told_in_order(void **state)
{
	struct reducer *r = reducer_new(NULL, 0);
	struct buf b = BUF_INIT;

	(void)state;
	must_apply(r, "{\"type\":\"reasoning-start\",\"id\":\"r\"}");
	must_apply(r, "{\"type\":\"text-start\",\"id\":\"a\"}");
	must_apply(r, "{\"type\":\"text-start\",\"id\":\"b\"}");
	must_apply(r, "{\"type\":\"text-start\",\"id\":\"c\"}");
	must_apply(r, "{\"type\":\"text-end\",\"id\":\"b\"}");
	must_apply(r, "{\"type\":\"finish-step\"}");
	reducer_each_open(r, note_open, &b);
	assert_string_equal(b.data, "text-end a;text-end c;reasoning-end r;");
	must_apply(r, "{\"type\":\"reset-step\"}");
	buf_reset(&b);
	reducer_each_open(r, note_open, &b);
	assert_string_equal(b.data, "");
	buf_clear(&b);
	reducer_free(r);
}

static void
a_taken_message_leaves_an_empty_one(void **state)
{
	struct reducer *r = reducer_new(NULL, 0);
	struct reduce_result res;
	struct message *m;

	(void)state;
	must_apply(r, "{\"type\":\"start\",\"messageId\":\"m\"}");
	must_apply(r, "{\"type\":\"text-start\",\"id\":\"t\"}");
	assert_int_equal(apply(r, "{\"type\":\"error\",\"errorText\":\"\"}",
	    &res), 0);
	assert_false(res.updated);
	must_apply(r, "{\"type\":\"finish\",\"finishReason\":\"length\"}");
	assert_string_equal(reducer_finish_reason(r), "length");
	m = reducer_take(r);
	assert_int_equal(m->part_count, 1);
	check_message(r, "{\"id\":\"m\",\"role\":\"assistant\",\"parts\":[]}");
	assert_int_equal(apply(r, "{\"type\":\"text-end\",\"id\":\"t\"}",
	    NULL), -1);
	message_free(m);
	reducer_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_failed_chunk_changes_nothing),
		cmocka_unit_test(ids_on_start_reset_only_when_asked),
		cmocka_unit_test(a_users_message_is_not_continued),
		cmocka_unit_test(input_is_guessed_when_looked_at),
		cmocka_unit_test(a_call_is_found_by_its_id_and_step),
		cmocka_unit_test(open_blocks_are_told_in_order),
		cmocka_unit_test(a_taken_message_leaves_an_empty_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
