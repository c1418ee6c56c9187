/* SPDX-License-Identifier: GPL-3.0-or-later */
/* record.c - records and batches, written and read */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "wire/record.h"

static const struct record_header control[] = {
	{ "trigger-control", "turn-complete" },
	{ "session-in-event-id", "3" },
};

static int
note(const struct record *r, void *arg)
{
	const char *subtype = record_control(r);

	buf_addf(arg, "%" PRId64 " %s %.*s%s;", r->seq,
	    subtype == NULL ? "-" : subtype, (int)r->body_len, r->body,
	    record_is_command(r) ? "!" : "");
	return 0;
}

static int
read_batch(const char *text, struct buf *out, int64_t *tail, struct err *e)
{
	struct json_doc *doc = json_parse(text, strlen(text), 0, NULL);
	int status;

	if (doc == NULL)
		fail_msg("not JSON: %s", text);
	status = record_batch_read(json_root(doc), note, out, tail, e);
	json_doc_free(doc);
	return status;
}

static void
a_batch_is_written_and_read_back(void **state)
{
	const struct record data = { .seq = 41, .time = 5,
	    .body = "{\"data\":1}", .body_len = 10 };
	const struct record end = { .seq = 42, .time = 6,
	    .headers = control, .header_count = 2, .body = "" };
	struct buf b = BUF_INIT, out = BUF_INIT;
	int64_t tail;

	(void)state;
	record_batch_begin(&b);
	record_batch_add(&b, &data);
	record_batch_add(&b, &end);
	record_batch_end(&b, 43, 6);
	assert_string_equal(b.data, "{\"records\":["
	    "{\"seq_num\":41,\"timestamp\":5,\"body\":"
	    "\"{\\\"data\\\":1}\"},{\"seq_num\":42,\"timestamp\":6,"
	    "\"headers\":[[\"trigger-control\",\"turn-complete\"],"
	    "[\"session-in-event-id\",\"3\"]],\"body\":\"\"}],"
	    "\"tail\":{\"seq_num\":43,\"timestamp\":6}}");
	assert_int_equal(read_batch(b.data, &out, &tail, NULL), 0);
	assert_int_equal(tail, 43);
	assert_string_equal(out.data, "41 - {\"data\":1};42 turn-complete ;");
	assert_string_equal(record_header(&end, "session-in-event-id"), "3");
	assert_null(record_header(&end, "x"));
	buf_clear(&b);
	buf_clear(&out);
}

static void
what_others_leave_out_or_add_is_read(void **state)
{
	struct buf out = BUF_INIT;
	int64_t tail;

	(void)state;
	assert_int_equal(read_batch("{\"records\":[{\"seq_num\":0,"
	    "\"headers\":[[\"\",\"trim\"]]},{\"seq_num\":1,\"headers\":null,"
	    "\"body\":null,\"x\":1}]}", &out, &tail, NULL), 0);
	assert_int_equal(tail, -1);
	assert_string_equal(out.data, "0 - !;1 - ;");
	buf_clear(&out);
}

static void
records_that_are_none_are_errors(void **state)
{
	static const char *const bad[] = {
		"{}", "{\"records\":[{}]}", "{\"records\":[{\"seq_num\":-1}]}",
		"{\"records\":[{\"seq_num\":1,\"body\":{}}]}",
		"{\"records\":[{\"seq_num\":1,\"headers\":[\"a\"]}]}",
		"{\"records\":[{\"seq_num\":1,\"headers\":[[\"a\",1]]}]}",
	};
	struct buf out = BUF_INIT;
	int64_t tail;
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(bad); i++) {
		struct err e = ERR_INIT;

		assert_int_equal(read_batch(bad[i], &out, &tail, &e), -1);
		assert_int_equal(e.code, ERR_INPUT);
	}
	assert_int_equal(out.len, 0);
	buf_clear(&out);
}

static void
bodies_headers_and_pings(void **state)
{
	const struct record end = { .headers = control, .header_count = 2 };
	struct record_header headers[RECORD_HEADERS_MAX];
	struct buf b = BUF_INIT;
	struct json_doc *doc;
	size_t count;

	(void)state;
	record_body_chunk(&b, "{\"type\":\"start\"}", 16, "p1");
	assert_string_equal(b.data,
	    "{\"data\":{\"type\":\"start\"},\"id\":\"p1\"}");
	buf_reset(&b);
	record_body_text(&b, "{\"a\":1}", 7, "p2");
	assert_string_equal(b.data,
	    "{\"data\":\"{\\\"a\\\":1}\",\"id\":\"p2\"}");
	buf_reset(&b);
	record_ping(&b, 9, 2, 8);
	assert_string_equal(b.data, "{\"timestamp\":9,\"tail\":"
	    "{\"seq_num\":2,\"timestamp\":8}}");
	buf_reset(&b);
	record_headers_write(&b, &end);
	doc = json_parse(b.data, b.len, 0, NULL);
	assert_int_equal(record_headers_read(json_root(doc), headers, &count,
	    NULL), 0);
	assert_int_equal(count, 2);
	assert_string_equal(headers[1].value, "3");
	json_doc_free(doc);
	buf_clear(&b);
}

static void
cursors_are_digits_up_to_a_dash(void **state)
{
	(void)state;
	assert_int_equal(record_parse_cursor("0"), 0);
	assert_int_equal(record_parse_cursor("12-0"), 12);
	assert_int_equal(record_parse_cursor("99999999999999999999"),
	    INT64_MAX);
	assert_int_equal(record_parse_cursor(""), -1);
	assert_int_equal(record_parse_cursor("-1"), -1);
	assert_int_equal(record_parse_cursor("0,1,106"), -1);
	assert_int_equal(record_parse_cursor("abc"), -1);
	assert_int_equal(record_parse_cursor(NULL), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_batch_is_written_and_read_back),
		cmocka_unit_test(what_others_leave_out_or_add_is_read),
		cmocka_unit_test(records_that_are_none_are_errors),
		cmocka_unit_test(bodies_headers_and_pings),
		cmocka_unit_test(cursors_are_digits_up_to_a_dash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
