/* SPDX-License-Identifier: GPL-3.0-or-later */
/* history.c - tests of what a model is told of the transcript */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "agent/history.h"
#include "base/buf.h"
#include "base/err.h"

/* One assistant message with these parts, as fake:x is told. */
static void
check(const char *metadata, const char *parts, const char *want)
{
	struct buf json = BUF_INIT, out = BUF_INIT;
	struct err e = ERR_INIT;

	buf_addf(&json, "{\"id\":\"a\",\"metadata\":%s,\"role\":\"assistant\","
	    "\"parts\":[{\"type\":\"step-start\"}%s]}", metadata, parts);
	char id[] = "a";
	struct history_entry entry = {
		.id = id, .json = json.data, .role = ROLE_ASSISTANT,
	};
	struct history h = { &entry, 1 };
	struct history_ask ask = { .model = "fake:x" };

	if (history_prompt(&h, &ask, &out, &e) == -1)
		fail_msg("%s", e.text);
	assert_string_equal(out.data, want);
	buf_clear(&json);
	buf_clear(&out);
}

#define TEXT(s) ",{\"type\":\"text\",\"text\":\"" s "\"}"
#define REASONING(s) ",{\"type\":\"reasoning\",\"text\":\"" s "\"}"
#define MARK ",{\"type\":\"data-chatd-interrupted\",\"data\":{}}"
#define TOLD(s) "[{\"role\":\"assistant\",\"content\":[" s "]}]"
#define TOLD_TEXT(s) "{\"type\":\"text\",\"text\":\"" s "\"}"

static void
leaves_out_what_broke(void **state ATTR_UNUSED)
{
	check("null", TEXT("one"), TOLD(TOLD_TEXT("one")));
	check("null", ",{\"type\":\"text\",\"text\":\"half\","
	    "\"providerMetadata\":{\"chatd\":{\"interrupted\":true}}}"
	    TEXT("one"), TOLD(TOLD_TEXT("one")));
	check("null", REASONING("hm") TEXT("half") MARK
	    ",{\"type\":\"step-start\"}" TEXT("one"), TOLD(TOLD_TEXT("one")));
	/* the mark is for its own step only */
	check("null", TEXT("one") ",{\"type\":\"step-start\"}" TEXT("half")
	    MARK, TOLD(TOLD_TEXT("one")));
}

static void
keeps_reasoning_at_home(void **state ATTR_UNUSED)
{
	check("{\"model\":\"fake:y\"}", REASONING("hm") TEXT("one"),
	    TOLD("{\"type\":\"reasoning\",\"text\":\"hm\"},"
	    TOLD_TEXT("one")));
	check("{\"model\":\"faker:x\"}", REASONING("hm") TEXT("one"),
	    TOLD(TOLD_TEXT("one")));
}

/* A provider refuses a call without a result. */
static void
leaves_no_call_open(void **state ATTR_UNUSED)
{
	static const char *const states[] = {
		"\"input-streaming\"", "\"input-available\"",
		"\"approval-requested\",\"approval\":{\"id\":\"x\"}",
	};

	for (size_t i = 0; i < NELEM(states); i++) {
		struct buf b = BUF_INIT;

		buf_addf(&b, TEXT("one") ",{\"type\":\"tool-x\","
		    "\"toolCallId\":\"c\",\"input\":{},\"state\":%s}",
		    states[i]);
		check("null", b.data, TOLD(TOLD_TEXT("one")));
		buf_clear(&b);
	}
	check("null", ",{\"type\":\"tool-x\",\"toolCallId\":\"c\",\"state\":"
	    "\"approval-responded\",\"input\":{},\"approval\":{\"id\":\"x\","
	    "\"approved\":true}}",
	    "[{\"role\":\"assistant\",\"content\":[{\"type\":\"tool-call\","
	    "\"toolCallId\":\"c\",\"toolName\":\"x\",\"input\":{}},"
	    "{\"type\":\"tool-approval-request\",\"approvalId\":\"x\","
	    "\"toolCallId\":\"c\"}]},{\"role\":\"tool\",\"content\":[{"
	    "\"type\":\"tool-approval-response\",\"approvalId\":\"x\","
	    "\"approved\":true},{\"type\":\"tool-result\",\"toolCallId\":"
	    "\"c\",\"toolName\":\"x\",\"output\":{\"type\":\"error-text\","
	    "\"value\":\"interrupted\"}}]}]");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leaves_out_what_broke),
		cmocka_unit_test(keeps_reasoning_at_home),
		cmocka_unit_test(leaves_no_call_open),
	};

	return cmocka_run_group_tests_name("agent/history", tests, NULL, NULL);
}
