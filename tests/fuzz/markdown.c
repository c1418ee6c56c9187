/* SPDX-License-Identifier: GPL-3.0-or-later */
/* markdown.c - a rendering is safe, and the same however the text arrives */

#include <string.h>

#include "base/buf.h"
#include "fuzz.h"
#include "ui/md_stream.h"
#include "ui/safe.h"
#include "ui/style.h"

static const struct style plain = { .columns = 80, .rows = 24 };

/*
 * Joiners and selectors apart: they are harmless, and wrapping may part one
 * from its neighbour where Unicode does not see a cluster.
 */
static bool
is_safe(const struct buf *b)
{
	static const char *const harmless[] = { "\u200c", "\u200d", "\ufe0e",
	    "\ufe0f" };
	struct buf rest = BUF_INIT;
	size_t pos, i;
	bool safe;

	for (pos = 0; pos < b->len; pos++) {
		for (i = 0; i < 4; i++)
			if (strncmp(b->data + pos, harmless[i], 3) == 0)
				break;
		if (i < 4)
			pos += 2;
		else
			buf_addc(&rest, b->data[pos]);
	}
	safe = safe_is_clean(rest.data, rest.len);
	buf_clear(&rest);
	return safe;
}

static void
check(const char *text, size_t len, size_t width)
{
	struct md_opts opts = { .style = &plain, .width = width };
	struct md_stream *ms = md_stream_new(&opts);
	struct buf whole = BUF_INIT, cut = BUF_INIT, open = BUF_INIT;

	md_render(&whole, text, len, &opts);
	md_stream_add(ms, text, len / 2);
	md_stream_open(ms, &open);
	md_stream_take(ms, &cut);
	md_stream_add(ms, text + len / 2, len - len / 2);
	md_stream_finish(ms);
	md_stream_take(ms, &cut);
	FUZZ_CHECK(is_safe(&open));
	FUZZ_CHECK(is_safe(&whole));
	FUZZ_CHECK(whole.len == cut.len);
	FUZZ_CHECK(memcmp(whole.data, cut.data, cut.len) == 0);
	md_stream_free(ms);
	buf_clear(&whole);
	buf_clear(&cut);
	buf_clear(&open);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check((const char *)data, size, 1 + size % 50);
	return 0;
}
