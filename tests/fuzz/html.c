/* SPDX-License-Identifier: GPL-3.0-or-later */
/* html.c - any page has a text, not much longer than the page */

#include <string.h>

#include "base/buf.h"
#include "fuzz.h"
#include "tool/html.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf out = BUF_INIT, title = BUF_INIT;

	buf_adds(&out, "before");
	html_text(&out, (const char *)data, size, &title);
	FUZZ_CHECK(strncmp(out.data, "before", 6) == 0);
	FUZZ_CHECK(out.len <= 16 + 8 * size);
	FUZZ_CHECK(title.len <= size + 16);
	buf_clear(&out);
	buf_clear(&title);
	return 0;
}
