/* SPDX-License-Identifier: GPL-3.0-or-later */
/* http_parse.c - requests, whole and cut in two, and their queries */

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "fuzz.h"
#include "server/http_parse.h"
#include "server/query.h"

static int
on_head(const struct http_head *head, void *arg)
{
	const char *target = head->target;
	size_t len = strcspn(target, "?");
	struct query *q = query_new(target[len] == '?' ? target + len + 1 :
	    "");
	char *key = query_decode(target, len, false);

	(void)arg;
	FUZZ_CHECK(head->header_count <= HTTP_HEADERS_MAX);
	for (size_t i = 0; i < head->header_count; i++)
		FUZZ_CHECK(http_header(head, http_header_name(head, i)) !=
		    NULL && http_header_value(head, i) != NULL);
	FUZZ_CHECK(key == NULL || strlen(key) <= len);
	free(key);
	query_free(q);
	return 0;
}

static int
on_body(const char *bytes, size_t len, void *arg)
{
	return buf_add(arg, bytes, len);
}

static const struct http_fns fns = { on_head, on_body };

/* All requests in the bytes; cut: where the first feed ends. */
static enum http_result
parse(const char *text, size_t size, size_t cut, struct buf *body)
{
	struct http_parse *p = http_parse_new(&fns, body);
	enum http_result res = HTTP_MORE;
	size_t at = 0;

	while (at < size && (res == HTTP_MORE || res == HTTP_WHOLE)) {
		size_t end = at < cut ? cut : size, used = 0;

		if (res == HTTP_WHOLE)
			http_parse_reset(p);
		res = http_parse_feed(p, text + at, end - at, &used);
		FUZZ_CHECK(used <= end - at);
		FUZZ_CHECK(res != HTTP_MORE || used == end - at);
		FUZZ_CHECK(res != HTTP_WHOLE || http_parse_has_head(p));
		at += used;
		if (res == HTTP_WHOLE && used == 0)
			break;
	}
	http_parse_free(p);
	return res;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf whole = BUF_INIT, cut = BUF_INIT;
	const char *text = (const char *)data;
	enum http_result a, b;

	if (size == 0)
		return 0;
	a = parse(text, size, size, &whole);
	b = parse(text, size, data[0] % size, &cut);
	FUZZ_CHECK(a == b);
	FUZZ_CHECK(whole.len == cut.len &&
	    memcmp(whole.data, cut.data, cut.len) == 0);
	buf_clear(&whole);
	buf_clear(&cut);
	return 0;
}
