/* SPDX-License-Identifier: GPL-3.0-or-later */
/* entity.c - "&amp;" and its like as characters */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "ui/entity.h"
#include "ui/safe.h"

/* Those that people and models write; HTML has two thousand. */
static const struct {
	const char *name, *text;
} named[] = {
	{ "amp", "&" }, { "apos", "'" }, { "bull", "\u2022" },
	{ "cent", "\u00a2" }, { "copy", "\u00a9" }, { "deg", "\u00b0" },
	{ "divide", "\u00f7" }, { "emsp", " " }, { "ensp", " " },
	{ "euro", "\u20ac" }, { "ge", "\u2265" }, { "gt", ">" },
	{ "harr", "\u2194" }, { "hellip", "\u2026" }, { "infin", "\u221e" },
	{ "laquo", "\u00ab" }, { "larr", "\u2190" }, { "ldquo", "\u201c" },
	{ "le", "\u2264" }, { "lsquo", "\u2018" }, { "lt", "<" },
	{ "mdash", "\u2014" }, { "micro", "\u00b5" }, { "middot", "\u00b7" },
	{ "minus", "\u2212" }, { "nbsp", "\u00a0" }, { "ndash", "\u2013" },
	{ "ne", "\u2260" }, { "para", "\u00b6" }, { "plusmn", "\u00b1" },
	{ "pound", "\u00a3" }, { "quot", "\"" }, { "raquo", "\u00bb" },
	{ "rarr", "\u2192" }, { "rdquo", "\u201d" }, { "reg", "\u00ae" },
	{ "rsquo", "\u2019" }, { "sect", "\u00a7" }, { "thinsp", " " },
	{ "times", "\u00d7" }, { "trade", "\u2122" }, { "yen", "\u00a5" },
};

/* "#65" or "#x41" without & and ; */
static uint32_t
number(const char *s)
{
	unsigned long n;

	if (s[1] == 'x' || s[1] == 'X')
		n = strtoul(s + 2, NULL, 16);
	else
		n = strtoul(s + 1, NULL, 10);
	if (n == 0 || n > 0x10ffff || (n >= 0xd800 && n < 0xe000))
		return UTF8_REPLACEMENT;
	return (uint32_t)n;
}

void
entity_add(struct buf *out, const char *s, size_t len)
{
	char name[16], bytes[4];
	size_t i;

	if (len < 3 || len - 2 >= sizeof(name)) {
		buf_add(out, s, len);
		return;
	}
	memcpy(name, s + 1, len - 2);
	name[len - 2] = '\0';
	if (name[0] == '#') {
		/* It may stand for the very things that safe keeps out. */
		safe_text(out, bytes, utf8_encode(number(name), bytes));
		return;
	}
	for (i = 0; i < NELEM(named); i++)
		if (strcmp(named[i].name, name) == 0) {
			buf_adds(out, named[i].text);
			return;
		}
	buf_add(out, s, len);
}
