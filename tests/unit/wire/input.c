/* SPDX-License-Identifier: GPL-3.0-or-later */
/* input.c - what people write into `in` */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "wire/input.h"

static void
a_message_is_written_and_read_back(void **state)
{
	const struct input_message m = {
		.chat_id = "chat", .trigger = TRIGGER_SUBMIT,
		.message = "{\"id\":\"u1\"}", .metadata = "{\"a\":1}",
		.message_id = "m1", .chatd = "{\"maxSteps\":3}",
	};
	struct buf b = BUF_INIT;
	struct input in;

	(void)state;
	input_write_message(&b, &m);
	assert_string_equal(b.data, "{\"kind\":\"message\",\"payload\":"
	    "{\"chatId\":\"chat\",\"trigger\":\"submit-message\","
	    "\"message\":{\"id\":\"u1\"},\"messageId\":\"m1\","
	    "\"metadata\":{\"a\":1},\"chatd\":{\"maxSteps\":3}}}");
	input_read(&in, b.data, b.len);
	assert_int_equal(in.kind, INPUT_MESSAGE);
	assert_int_equal(in.trigger, TRIGGER_SUBMIT);
	assert_string_equal(json_get_str(in.message, "id"), "u1");
	assert_string_equal(in.message_id, "m1");
	assert_non_null(in.metadata);
	assert_non_null(in.chatd);
	assert_null(in.action);
	input_clear(&in);
	buf_clear(&b);
}

static void
what_cannot_be_read_is_other(void **state)
{
	static const char *const others[] = {
		"", "{", "[]", "null", "{\"kind\":\"x\"}", "{\"kind\":1}",
		"{\"kind\":\"message\"}",
		"{\"kind\":\"message\",\"payload\":[]}",
		"{\"kind\":\"handover-skip\"}",
	};
	struct input in;
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(others); i++) {
		input_read(&in, others[i], strlen(others[i]));
		assert_int_equal(in.kind, INPUT_OTHER);
		assert_null(in.message);
		input_clear(&in);
	}
}

static void
stops_and_odd_payloads(void **state)
{
	static const char odd[] = "{\"kind\":\"message\",\"payload\":"
	    "{\"trigger\":\"x\",\"message\":[1],\"messageId\":2,"
	    "\"metadata\":null,\"action\":null}}";
	struct buf b = BUF_INIT;
	struct input in;

	(void)state;
	input_write_stop(&b, "enough");
	assert_string_equal(b.data,
	    "{\"kind\":\"stop\",\"message\":\"enough\"}");
	input_read(&in, b.data, b.len);
	assert_int_equal(in.kind, INPUT_STOP);
	input_clear(&in);
	input_read(&in, odd, strlen(odd));
	assert_int_equal(in.kind, INPUT_MESSAGE);
	assert_int_equal(in.trigger, TRIGGER_OTHER);
	assert_null(in.message);
	assert_null(in.message_id);
	assert_null(in.metadata);
	assert_non_null(in.action);	/* any JSON, null too */
	input_clear(&in);
	buf_clear(&b);
}

static void
turn_options_merge_and_travel(void **state)
{
	static const char base[] = "{\"model\":\"a\",\"system\":\"s\","
	    "\"maxSteps\":2,\"maxCost\":-1,\"dir\":7}";
	static const char over[] = "{\"model\":\"b\",\"jsonSchema\":"
	    "{\"type\":\"object\"},\"maxCost\":0.5,\"maxSteps\":0}";
	struct turn_opts o = { 0 }, from = { 0 };
	struct json_doc *doc;
	struct buf b = BUF_INIT;

	(void)state;
	doc = json_parse(base, strlen(base), 0, NULL);
	turn_opts_read(&o, json_root(doc));
	json_doc_free(doc);
	doc = json_parse(over, strlen(over), 0, NULL);
	turn_opts_read(&from, json_root(doc));
	json_doc_free(doc);
	turn_opts_merge(&o, &from);
	turn_opts_write(&o, &b);
	assert_string_equal(b.data, "{\"model\":\"b\",\"system\":\"s\","
	    "\"jsonSchema\":{\"type\":\"object\"},\"maxSteps\":2,"
	    "\"maxCost\":0.5}");
	turn_opts_clear(&o);
	turn_opts_clear(&from);
	buf_reset(&b);
	turn_opts_write(&o, &b);
	assert_string_equal(b.data, "{}");
	buf_clear(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_is_written_and_read_back),
		cmocka_unit_test(what_cannot_be_read_is_other),
		cmocka_unit_test(stops_and_odd_payloads),
		cmocka_unit_test(turn_options_merge_and_travel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
