/* SPDX-License-Identifier: GPL-3.0-or-later */
/* safe.c - nothing that moves a terminal gets through, however it is cut */

#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "fuzz.h"
#include "ui/safe.h"

/* Said without the tables of ui/safe.c. */
static int
is_bad(uint32_t cp)
{
	return (cp < 0x20 && cp != '\n' && cp != '\t') ||
	    (cp >= 0x7f && cp < 0xa0) || cp == 0xad || cp == 0x61c ||
	    cp == 0x200b || cp == 0x200e || cp == 0x200f ||
	    (cp >= 0x2028 && cp <= 0x202e) ||
	    (cp >= 0x2060 && cp <= 0x2069) || cp == 0xfeff ||
	    (cp >= 0xfe00 && cp <= 0xfe0d) ||
	    (cp >= 0xfff9 && cp <= 0xfffb) ||
	    (cp >= 0xe0000 && cp <= 0xe01ef);
}

static void
run(enum safe_mode mode, struct buf *out, const char *p, size_t len,
    size_t cut)
{
	struct safe s;

	safe_init(&s, mode);
	safe_add(&s, out, p, cut);
	safe_add(&s, out, p + cut, len - cut);
	safe_finish(&s, out);
}

static void
check(enum safe_mode mode, const char *p, size_t len)
{
	struct buf once = BUF_INIT, twice = BUF_INIT, cut = BUF_INIT;
	size_t pos;
	uint32_t cp;

	run(mode, &once, p, len, 0);
	run(mode, &twice, once.data, once.len, once.len / 2);
	run(mode, &cut, p, len, len / 3);
	FUZZ_CHECK(once.len == twice.len && once.len == cut.len);
	FUZZ_CHECK(memcmp(once.data, twice.data, once.len) == 0);
	FUZZ_CHECK(memcmp(once.data, cut.data, once.len) == 0);
	FUZZ_CHECK(utf8_valid(once.data, once.len));
	for (pos = 0; pos < once.len;) {
		pos += utf8_decode(once.data + pos, once.len - pos, &cp);
		FUZZ_CHECK(!is_bad(cp));
		FUZZ_CHECK(mode == SAFE_TEXT || cp >= 0x20);
	}
	buf_clear(&once);
	buf_clear(&twice);
	buf_clear(&cut);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check(SAFE_TEXT, (const char *)data, size);
	check(SAFE_SHOW, (const char *)data, size);
	return 0;
}
