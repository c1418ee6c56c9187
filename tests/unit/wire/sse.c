/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sse.c - server-sent events, cut anywhere (session-protocol 18.2) */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "wire/sse.h"
#include "wire/uistream.h"

static int
note(const struct sse_event *ev, void *arg)
{
	buf_addf(arg, "%s|%s|%.*s;", ev->type, ev->id, (int)ev->len,
	    ev->data);
	assert_int_equal(ev->data[ev->len], '\0');
	return 0;
}

/* Feed text in pieces of n bytes (0: at once); finish as providers do. */
static char *
events(const char *text, size_t len, size_t n, bool finish)
{
	struct buf out = BUF_INIT;
	struct sse_parser *p = sse_new(0, note, &out);
	size_t i, m;

	if (n == 0)
		n = len;
	for (i = 0; i < len; i += m) {
		m = len - i < n ? len - i : n;
		assert_int_equal(sse_feed(p, text + i, m, NULL), 0);
	}
	if (finish)
		assert_int_equal(sse_finish(p, NULL), 0);
	sse_free(p);
	return buf_take(&out);
}

static void
line_ends_and_fields_as_the_standard_has_them(void **state)
{
	static const char *const cases[][2] = {
		{ "data: a\n\n", "message||a;" },
		{ "data: a\r\n\r\ndata: b\r\rdata: c\n\n",
		    "message||a;message||b;message||c;" },
		{ "data:x\ndata:  y\n\n", "message||x\n y;" },
		{ "data\n\ndata:\n\n", "message||;message||;" },
		{ ": comment\nevent: batch\nid: 4,1\nretry: 9\nfoo: bar\n"
		    "data: z\n\n", "batch|4,1|z;" },
		{ "id: 7\n\ndata: a\n\n", "message||a;" },
		{ "event: x\n\ndata: a\n\n", "message||a;" },
		{ "\xef\xbb\xbf" "data: a\n\n", "message||a;" },
		{ "\xef\xbb" "data: a\n\n", "" },
		{ "data: \xc3\xa9\n\n", "message||\xc3\xa9;" },
		{ "data: cut", "" },
		{ "data: cut\n", "" },
		{ "\n\n\n", "" },
	};
	size_t i, n, len;
	char *got;

	(void)state;
	for (i = 0; i < NELEM(cases); i++) {
		len = strlen(cases[i][0]);
		for (n = 0; n <= len; n++) {
			got = events(cases[i][0], len, n, false);
			assert_string_equal(got, cases[i][1]);
			free(got);
		}
	}
}

static void
two_reads_cut_at_every_byte(void **state)
{
	static const char text[] = "\xef\xbb\xbf" "event: a\r\ndata: 1\r\n"
	    "data: \xe2\x82\xac\r\n\r\n: ping\r\rdata: 2\n\nid: 3\ndata: 3\n";
	const char want[] = "a||1\n\xe2\x82\xac;message||2;message|3|3;";
	struct buf out = BUF_INIT;
	struct sse_parser *p;
	size_t cut;

	(void)state;
	for (cut = 0; cut < sizeof text; cut++) {
		p = sse_new(0, note, &out);
		assert_int_equal(sse_feed(p, text, cut, NULL), 0);
		assert_int_equal(sse_feed(p, text + cut,
		    sizeof text - 1 - cut, NULL), 0);
		assert_true(sse_pending(p) > 0);
		assert_int_equal(sse_finish(p, NULL), 0);
		assert_int_equal(sse_pending(p), 0);
		assert_string_equal(out.data, want);
		buf_reset(&out);
		sse_free(p);
		if (cut == sizeof text - 2)
			break;
	}
	buf_clear(&out);
}

static void
an_event_has_a_ceiling(void **state)
{
	struct err e = ERR_INIT;
	struct buf out = BUF_INIT;
	struct sse_parser *p = sse_new(16, note, &out);

	(void)state;
	assert_int_equal(sse_feed(p, "data: 12345\n\n", 13, &e), 0);
	assert_string_equal(out.data, "message||12345;");
	assert_int_equal(sse_feed(p, "data: 12345\ndata:", 17, &e), 0);
	assert_int_equal(sse_feed(p, "1234567890", 10, &e), -1);
	assert_int_equal(e.code, ERR_TOO_BIG);
	assert_int_equal(sse_feed(p, "\n\n", 2, &e), -1);
	sse_free(p);
	buf_clear(&out);
}

static int
stop(const struct sse_event *ev, void *arg)
{
	(void)ev;
	++*(int *)arg;
	return 1;
}

static void
the_callback_can_stop(void **state)
{
	struct err e = ERR_INIT;
	int calls = 0;
	struct sse_parser *p = sse_new(0, stop, &calls);

	(void)state;
	assert_int_equal(sse_feed(p, "data: a\n\ndata: b\n\n", 18, &e), -1);
	assert_int_equal(calls, 1);
	assert_false(err_is_set(&e));
	assert_int_equal(sse_finish(p, &e), -1);
	sse_free(p);
}

static void
what_is_written_can_be_read(void **state)
{
	struct buf b = BUF_INIT;
	char *got;

	(void)state;
	sse_write(&b, "batch", "1,2,3", "{}", 2);
	sse_write(&b, NULL, NULL, "x", 1);
	assert_string_equal(b.data,
	    "event: batch\nid: 1,2,3\ndata: {}\n\ndata: x\n\n");
	got = events(b.data, b.len, 1, false);
	assert_string_equal(got, "batch|1,2,3|{};message||x;");
	free(got);
	buf_clear(&b);
}

static int
note_chunk(const struct json *chunk, const struct err *why, void *arg)
{
	buf_addc(arg, chunk != NULL ? 'c' : why->code == ERR_INPUT ? 'f' :
	    '?');
	return chunk == NULL;
}

static void
a_ui_stream_ends_at_what_is_no_chunk(void **state)
{
	static const char text[] = "data: {\"type\":\"start\"}\n\n"
	    "data: [DONE]\n\ndata: {\"type\":\"start-step\"}\n\n"
	    "data: {\"type\":\"nothing\"}\n\ndata: {\"type\":\"start\"}\n\n";
	struct buf out = BUF_INIT;
	struct uistream *u = uistream_new(note_chunk, &out);

	(void)state;
	assert_int_equal(uistream_feed(u, text, sizeof text - 1, NULL), -1);
	assert_string_equal(out.data, "ccf");
	uistream_free(u);
	buf_clear(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(line_ends_and_fields_as_the_standard_has_them),
		cmocka_unit_test(two_reads_cut_at_every_byte),
		cmocka_unit_test(an_event_has_a_ceiling),
		cmocka_unit_test(the_callback_can_stop),
		cmocka_unit_test(what_is_written_can_be_read),
		cmocka_unit_test(a_ui_stream_ends_at_what_is_no_chunk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
