/* SPDX-License-Identifier: GPL-3.0-or-later */
/* told.c - tests of what a model is told of the transcript */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/history.h"
#include "agent/told.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "wire/chunk.h"
#include "wire/message.h"

/* From nothing, as fake:x is told. Caller frees. */
static char *
told_once(const struct history *h, const struct message *current,
    const char *extra)
{
	struct message *none = message_new("none", ROLE_ASSISTANT);
	struct err e = ERR_INIT;
	struct told *td = told_new(h, current != NULL ? current : none,
	    "fake:x", &e);
	const struct json *v = td == NULL ? NULL :
	    told_now(td, current != NULL ? current : none, extra, &e);

	if (v == NULL)
		fail_msg("%s", e.text);
	char *text = json_text(v);

	told_free(td);
	message_free(none);
	return text;
}

/* One assistant message with these parts. */
static void
check(const char *metadata, const char *parts, const char *want)
{
	struct buf json = BUF_INIT;

	buf_addf(&json, "{\"id\":\"a\",\"metadata\":%s,\"role\":\"assistant\","
	    "\"parts\":[{\"type\":\"step-start\"}%s]}", metadata, parts);
	char id[] = "a";
	struct history_entry entry = {
		.id = id, .json = json.data, .role = ROLE_ASSISTANT,
	};
	struct history h = { &entry, 1 };
	char *got = told_once(&h, NULL, NULL);

	assert_string_equal(got, want);
	free(got);
	buf_clear(&json);
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

static void
apply(struct reducer *r, const char *chunk)
{
	struct err e = ERR_INIT;
	struct json_doc *doc = json_parse(chunk, strlen(chunk), 0, &e);

	if (doc == NULL || reducer_apply(r, json_root(doc), NULL, &e) == -1)
		fail_msg("%s: %s", chunk, e.text);
	json_doc_free(doc);
}

/* A step that reads twice. */
static void
apply_step(struct reducer *r, int n)
{
	char b[256];

	apply(r, "{\"type\":\"start-step\"}");
	for (int i = 0; i < 2; i++) {
		(void)snprintf(b, sizeof(b), "{\"type\":\"tool-input-available\","
		    "\"toolCallId\":\"c%d_%d\",\"toolName\":\"Read\","
		    "\"input\":{\"n\":%d}}", n, i, n);
		apply(r, b);
	}
	for (int i = 2; i-- > 0;) {
		(void)snprintf(b, sizeof(b), "{\"type\":\"tool-output-available\","
		    "\"toolCallId\":\"c%d_%d\",\"output\":\"text %d\"}", n, i,
		    i);
		apply(r, b);
	}
	apply(r, "{\"type\":\"finish-step\"}");
}

static const char user_json[] = "{\"id\":\"u\",\"role\":\"user\",\"parts\":"
    "[{\"type\":\"text\",\"text\":\"look\"}]}";

/*
 * What was told in one step comes first, byte for byte, in the next; and it is
 * what somebody would be told who hears all of it at once.
 */
static void
grows_only_at_its_end(void **state ATTR_UNUSED)
{
	char id[] = "u", json[sizeof(user_json)];
	struct history_entry entry = { .id = id, .json = json,
	    .role = ROLE_USER };
	struct history h = { &entry, 1 };
	struct reducer *r = reducer_new(message_new("a", ROLE_ASSISTANT), 0);
	const struct message *m = reducer_message(r);
	struct err e = ERR_INIT;
	char *before = xstrdup("[");

	memcpy(json, user_json, sizeof(json));
	struct told *td = told_new(&h, m, "fake:x", &e);

	assert_non_null(td);
	for (int n = 0; n < 20; n++) {
		const char *extra = n % 3 == 1 ? "and this" : NULL;
		char *now, *whole = told_once(&h, m, extra);

		assert_non_null(told_now(td, m, extra, &e));
		now = json_text(told_now(td, m, extra, &e));
		assert_string_equal(now, whole);
		free(now);
		now = json_text(told_now(td, m, NULL, &e));
		/* all but the closing bracket */
		assert_memory_equal(now, before, strlen(before) - (n > 0));
		assert_in_range(told_guess(td), strlen(now) / 10,
		    strlen(now));
		free(before);
		free(whole);
		before = now;
		apply_step(r, n);
		if (n == 7)
			apply(r, "{\"type\":\"data-pending-message-injected\","
			    "\"id\":\"i\",\"data\":{\"messageIds\":[\"u2\"],"
			    "\"messages\":[{\"id\":\"u2\",\"text\":\"hurry\"}"
			    "]}}");
	}
	assert_non_null(strstr(before, "\"toolCallId\":\"c7_1\",\"toolName\":"
	    "\"Read\",\"output\":{\"type\":\"text\",\"value\":\"text 1\"}}]},"
	    "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":"
	    "\"hurry\"}]},{\"role\":\"assistant\""));
	free(before);
	told_free(td);
	reducer_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leaves_out_what_broke),
		cmocka_unit_test(keeps_reasoning_at_home),
		cmocka_unit_test(leaves_no_call_open),
		cmocka_unit_test(grows_only_at_its_end),
	};

	return cmocka_run_group_tests_name("agent/told", tests, NULL, NULL);
}
