/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sse.c - an event stream means the same however it is cut */

#include <string.h>

#include "base/buf.h"
#include "fuzz.h"
#include "wire/sse.h"

static int
note(const struct sse_event *ev, void *arg)
{
	FUZZ_CHECK(ev->data[ev->len] == '\0');
	buf_addf(arg, "%s\n%s\n%zu\n", ev->type, ev->id, ev->len);
	buf_add(arg, ev->data, ev->len);
	return 0;
}

static void
run(const char *bytes, size_t size, size_t piece, struct buf *out)
{
	struct sse_parser *p = sse_new(0, note, out);
	size_t i, n;

	for (i = 0; i < size; i += n) {
		n = size - i < piece ? size - i : piece;
		FUZZ_CHECK(sse_feed(p, bytes + i, n, NULL) == 0);
		FUZZ_CHECK(sse_pending(p) <= i + n + 1);
	}
	FUZZ_CHECK(sse_finish(p, NULL) == 0);
	FUZZ_CHECK(sse_pending(p) == 0);
	sse_free(p);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf whole = BUF_INIT, cut = BUF_INIT;
	size_t piece;

	run((const char *)data, size, size == 0 ? 1 : size, &whole);
	for (piece = 1; piece < 4; piece++) {
		buf_reset(&cut);
		run((const char *)data, size, piece, &cut);
		FUZZ_CHECK(cut.len == whole.len);
		FUZZ_CHECK(memcmp(cut.data, whole.data, cut.len) == 0);
	}
	buf_clear(&whole);
	buf_clear(&cut);
	return 0;
}
