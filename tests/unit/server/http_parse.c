/* SPDX-License-Identifier: GPL-3.0-or-later */
/* http_parse.c - requests cut at every byte, and what is none */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "base/buf.h"
#include "server/http_parse.h"

struct seen {
	struct buf body;
	int heads;
	bool stop;
};

static int
on_head(const struct http_head *head, void *arg)
{
	struct seen *s = arg;

	assert_non_null(head->method);
	s->heads++;
	return s->stop ? -1 : 0;
}

static int
on_body(const char *bytes, size_t len, void *arg)
{
	return buf_add(&((struct seen *)arg)->body, bytes, len);
}

static const struct http_fns fns = { on_head, on_body };

static const char request[] =
    "POST /a%2Fb?c=d HTTP/1.1\r\nHost: x\r\nX-Empty:\r\n"
    "x-part-ID: 7\r\nContent-Length: 5\r\n\r\nhello";

static void
check_request(struct http_parse *p, struct seen *s)
{
	const struct http_head *h = http_parse_head(p);

	assert_int_equal(s->heads, 1);
	assert_string_equal(h->method, "POST");
	assert_string_equal(h->target, "/a%2Fb?c=d");
	assert_string_equal(http_header(h, "host"), "x");
	assert_string_equal(http_header(h, "x-empty"), "");
	assert_string_equal(http_header(h, "X-Part-Id"), "7");
	assert_null(http_header(h, "x-none"));
	assert_true(h->length == 5 && h->keep_alive && !h->chunked);
	assert_string_equal(s->body.data, "hello");
}

static void
cut_anywhere(void **state)
{
	size_t len = sizeof(request) - 1, used;

	(void)state;
	for (size_t cut = 1; cut < len; cut++) {
		struct seen s = { .body = BUF_INIT };
		struct http_parse *p = http_parse_new(&fns, &s);

		assert_int_equal(http_parse_feed(p, request, cut, &used),
		    HTTP_MORE);
		assert_int_equal(used, cut);
		assert_int_equal(http_parse_feed(p, request + cut,
		    len - cut, &used), HTTP_WHOLE);
		assert_int_equal(used, len - cut);
		check_request(p, &s);
		http_parse_free(p);
		buf_clear(&s.body);
	}
}

static void
stops_behind_a_request(void **state)
{
	static const char two[] = "GET /1 HTTP/1.1\r\nUpgrade: h2c\r\n"
	    "Connection: Upgrade\r\n\r\nGET /2 HTTP/1.0\r\n\r\n";
	struct seen s = { .body = BUF_INIT };
	struct http_parse *p = http_parse_new(&fns, &s);
	size_t used, first;

	(void)state;
	assert_int_equal(http_parse_feed(p, two, sizeof(two) - 1, &first),
	    HTTP_WHOLE);
	assert_string_equal(http_parse_head(p)->target, "/1");
	assert_true(http_parse_head(p)->length == -1);
	http_parse_reset(p);
	assert_int_equal(http_parse_feed(p, two + first,
	    sizeof(two) - 1 - first, &used), HTTP_WHOLE);
	assert_string_equal(http_parse_head(p)->target, "/2");
	assert_true(http_parse_head(p)->http10);
	assert_false(http_parse_head(p)->keep_alive);
	http_parse_free(p);
}

static enum http_result
feed(const char *text, bool stop)
{
	struct seen s = { .body = BUF_INIT, .stop = stop };
	struct http_parse *p = http_parse_new(&fns, &s);
	size_t used;
	enum http_result r = http_parse_feed(p, text, strlen(text), &used);

	assert_true(used <= strlen(text));
	http_parse_free(p);
	buf_clear(&s.body);
	return r;
}

static void
refuses(void **state)
{
	(void)state;
	assert_int_equal(feed("nonsense\r\n\r\n", false), HTTP_BAD);
	assert_int_equal(feed("GET / HTTP/1.1\r\nContent-Length: 1\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n", false), HTTP_BAD);
	assert_int_equal(feed(request, true), HTTP_STOPPED);
	assert_int_equal(feed("GET / HTTP/9.9\r\n\r\n", false),
	    HTTP_VERSION);
	assert_int_equal(feed("GET / HTTP/2.0\r\nHost: x\r\n\r\n", false),
	    HTTP_VERSION);
}

static void
has_ceilings(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	buf_adds(&b, "GET / HTTP/1.1\r\n");
	for (int i = 0; i <= HTTP_HEADERS_MAX; i++)
		buf_addf(&b, "h%d: x\r\n", i);
	buf_adds(&b, "\r\n");
	assert_int_equal(feed(b.data, false), HTTP_TOO_LARGE);
	buf_reset(&b);
	buf_adds(&b, "GET / HTTP/1.1\r\nh: ");
	for (int i = 0; i < HTTP_HEAD_MAX; i++)
		buf_addc(&b, 'x');
	buf_adds(&b, "\r\n\r\n");
	assert_int_equal(feed(b.data, false), HTTP_TOO_LARGE);
	buf_clear(&b);
}

static void
unchunks(void **state)
{
	static const char text[] = "POST / HTTP/1.1\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n"
	    "X-Trailer: 1\r\n\r\n";
	struct seen s = { .body = BUF_INIT };
	struct http_parse *p = http_parse_new(&fns, &s);
	size_t used;

	(void)state;
	assert_int_equal(http_parse_feed(p, text, sizeof(text) - 1, &used),
	    HTTP_WHOLE);
	assert_true(http_parse_head(p)->chunked);
	assert_true(http_parse_head(p)->length == -1);
	assert_string_equal(s.body.data, "abcde");
	assert_null(http_header(http_parse_head(p), "x-trailer"));
	http_parse_free(p);
	buf_clear(&s.body);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cut_anywhere),
		cmocka_unit_test(stops_behind_a_request),
		cmocka_unit_test(refuses),
		cmocka_unit_test(has_ceilings),
		cmocka_unit_test(unchunks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
