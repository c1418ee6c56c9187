/* SPDX-License-Identifier: GPL-3.0-or-later */
/* chunk.c - chunks checked and written */

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

static int
check(const char *text, enum chunk_type *type, struct err *e)
{
	struct json_doc *doc = json_parse(text, strlen(text), 0, NULL);
	int status;

	if (doc == NULL)
		fail_msg("not JSON: %s", text);
	status = chunk_check(json_root(doc), type, e);
	json_doc_free(doc);
	return status;
}

static void
good_chunks_pass(void **state)
{
	static const struct {
		const char *text;
		enum chunk_type type;
	} cases[] = {
		{ "{\"type\":\"start\",\"messageMetadata\":null}", CHUNK_START },
		{ "{\"type\":\"text-end\",\"id\":\"\",\"citations\":[]}",
		    CHUNK_TEXT_END },
		{ "{\"type\":\"data-\",\"data\":1}", CHUNK_DATA },
		{ "{\"type\":\"data-x-y\",\"data\":{},\"more\":1}", CHUNK_DATA },
		{ "{\"type\":\"finish\",\"finishReason\":\"interrupted\"}",
		    CHUNK_FINISH },
		{ "{\"type\":\"file\",\"url\":\"u\",\"mediaType\":\"m\","
		    "\"providerMetadata\":{\"p\":{}}}", CHUNK_FILE },
		{ "{\"type\":\"tool-output-available\",\"toolCallId\":\"c\","
		    "\"output\":null}", CHUNK_TOOL_OUTPUT_AVAILABLE },
	};
	struct err e = ERR_INIT;
	enum chunk_type type;
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(cases); i++) {
		if (check(cases[i].text, &type, &e) == -1)
			fail_msg("%s: %s", cases[i].text, e.text);
		assert_int_equal(type, cases[i].type);
	}
}

static void
bad_chunks_are_named(void **state)
{
	static const char *const cases[][2] = {
		{ "[]", "chunk: not an object" },
		{ "{}", "chunk: unknown type \"\"" },
		{ "{\"type\":\"Start\"}", "chunk: unknown type \"Start\"" },
		{ "{\"type\":\"start\",\"messageId\":null}", "messageId" },
		{ "{\"type\":\"text-delta\",\"id\":\"t\"}", "delta" },
		{ "{\"type\":\"text-start\",\"id\":\"t\","
		    "\"providerMetadata\":{\"p\":1}}", "providerMetadata" },
		{ "{\"type\":\"finish\",\"finishReason\":\"unknown\"}",
		    "finishReason" },
		{ "{\"type\":\"data-x\",\"data\":1,\"transient\":1}",
		    "transient" },
		{ "{\"type\":\"text-end\",\"id\":\"t\",\"citations\":"
		    "[{\"source\":{\"type\":\"source\",\"sourceType\":\"url\","
		    "\"id\":\"1\",\"url\":\"u\"},\"startIndex\":-1}]}",
		    "citations" },
		{ "{\"type\":\"steering-message\",\"id\":\"s\",\"parts\":"
		    "[{\"type\":\"reasoning\",\"text\":\"\"}]}", "parts" },
	};
	enum chunk_type type;
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(cases); i++) {
		struct err e = ERR_INIT;

		if (check(cases[i][0], &type, &e) == 0)
			fail_msg("taken: %s", cases[i][0]);
		assert_int_equal(e.code, ERR_INPUT);
		if (strstr(e.text, cases[i][1]) == NULL)
			fail_msg("%s: %s", cases[i][0], e.text);
	}
}

static void
names_and_types_belong_together(void **state)
{
	enum chunk_type type;
	char text[64];
	int i;

	(void)state;
	for (i = 0; i < CHUNK_TYPE_COUNT; i++) {
		struct json_doc *doc;

		(void)snprintf(text, sizeof text, "{\"type\":\"%s\"}",
		    chunk_type_name((enum chunk_type)i));
		doc = json_parse(text, strlen(text), 0, NULL);
		assert_int_equal(chunk_type_of(json_root(doc), &type), 0);
		assert_int_equal(type, i);
		json_doc_free(doc);
	}
}

/* Each writer's text, which must also pass the check. */
static void
check_written(struct buf *b, const char *want)
{
	struct err e = ERR_INIT;
	enum chunk_type type;

	assert_string_equal(b->data, want);
	if (check(b->data, &type, &e) == -1)
		fail_msg("%s: %s", b->data, e.text);
	buf_reset(b);
}

static void
blocks_are_written_as_checked(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	chunk_start(&b, "m", "{\"a\":1}");
	check_written(&b, "{\"type\":\"start\",\"messageId\":\"m\","
	    "\"messageMetadata\":{\"a\":1}}");
	chunk_finish(&b, NULL, NULL);
	check_written(&b, "{\"type\":\"finish\"}");
	chunk_message_metadata(&b, "{}");
	check_written(&b,
	    "{\"type\":\"message-metadata\",\"messageMetadata\":{}}");
	chunk_bare(&b, CHUNK_START_STEP);
	check_written(&b, "{\"type\":\"start-step\"}");
	chunk_abort(&b, NULL);
	check_written(&b, "{\"type\":\"abort\"}");
	chunk_error(&b, "no \"x\"");
	check_written(&b,
	    "{\"type\":\"error\",\"errorText\":\"no \\\"x\\\"\"}");
	chunk_block(&b, CHUNK_REASONING_START, "r", NULL);
	check_written(&b, "{\"type\":\"reasoning-start\",\"id\":\"r\"}");
	chunk_delta(&b, CHUNK_TEXT_DELTA, "t", "abc", 2, "{\"p\":{}}");
	check_written(&b, "{\"type\":\"text-delta\",\"id\":\"t\","
	    "\"delta\":\"ab\",\"providerMetadata\":{\"p\":{}}}");
	chunk_source_url(&b, "s", "u", NULL);
	check_written(&b,
	    "{\"type\":\"source-url\",\"sourceId\":\"s\",\"url\":\"u\"}");
	chunk_file(&b, "data:,", "text/plain", NULL);
	check_written(&b, "{\"type\":\"file\",\"url\":\"data:,\","
	    "\"mediaType\":\"text/plain\"}");
	chunk_data(&b, "x", NULL, "[1]", true);
	check_written(&b,
	    "{\"type\":\"data-x\",\"data\":[1],\"transient\":true}");
	buf_clear(&b);
}

static void
tool_chunks_are_written_as_checked(void **state)
{
	const struct chunk_tool t = { .call_id = "c", .name = "Read" };
	const struct chunk_tool d = { .call_id = "c", .name = "w",
	    .dynamic = true, .title = "W", .provider_metadata = "{}" };
	struct buf b = BUF_INIT;

	(void)state;
	chunk_tool_input_start(&b, &d);
	check_written(&b, "{\"type\":\"tool-input-start\",\"toolCallId\":"
	    "\"c\",\"toolName\":\"w\",\"title\":\"W\","
	    "\"providerMetadata\":{},\"dynamic\":true}");
	chunk_tool_input_delta(&b, "c", "{", 1);
	check_written(&b, "{\"type\":\"tool-input-delta\",\"toolCallId\":"
	    "\"c\",\"inputTextDelta\":\"{\"}");
	chunk_tool_input_available(&b, &t, "{}");
	check_written(&b, "{\"type\":\"tool-input-available\","
	    "\"toolCallId\":\"c\",\"toolName\":\"Read\",\"input\":{}}");
	chunk_tool_input_error(&b, &t, NULL, "bad");
	check_written(&b, "{\"type\":\"tool-input-error\",\"toolCallId\":"
	    "\"c\",\"toolName\":\"Read\",\"input\":null,"
	    "\"errorText\":\"bad\"}");
	chunk_tool_approval_request(&b, "a", "c", "{\"rule\":\"x\"}");
	check_written(&b, "{\"type\":\"tool-approval-request\","
	    "\"approvalId\":\"a\",\"toolCallId\":\"c\","
	    "\"approvalDescriptor\":{\"rule\":\"x\"}}");
	chunk_tool_output_available(&b, &t, "1", true);
	check_written(&b, "{\"type\":\"tool-output-available\","
	    "\"toolCallId\":\"c\",\"output\":1,\"preliminary\":true}");
	chunk_tool_output_error(&b, &t, "no");
	check_written(&b, "{\"type\":\"tool-output-error\",\"toolCallId\":"
	    "\"c\",\"errorText\":\"no\"}");
	chunk_tool_output_denied(&b, "c");
	check_written(&b,
	    "{\"type\":\"tool-output-denied\",\"toolCallId\":\"c\"}");
	buf_clear(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_chunks_pass),
		cmocka_unit_test(bad_chunks_are_named),
		cmocka_unit_test(names_and_types_belong_together),
		cmocka_unit_test(blocks_are_written_as_checked),
		cmocka_unit_test(tool_chunks_are_written_as_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
