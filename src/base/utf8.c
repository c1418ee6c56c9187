/* SPDX-License-Identifier: GPL-3.0-or-later */
/* utf8.c - bytes to code points and back */

#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"

/* How long a sequence with this first byte is; 0 if none begins so. */
static size_t
sequence_len(unsigned char c)
{
	if (c < 0x80)
		return 1;
	if (c < 0xc2 || c > 0xf4)
		return 0;
	return c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

/* Unicode, table 3-7: only the second byte has bounds of its own. */
static size_t
decode(const char *s, size_t len, bool surrogates, uint32_t *cp)
{
	unsigned char c = (unsigned char)s[0], lo = 0x80, hi = 0xbf;
	size_t i, n = sequence_len(c);
	uint32_t v;

	*cp = UTF8_REPLACEMENT;
	if (n == 0)
		return 1;
	if (n == 1) {
		*cp = c;
		return 1;
	}
	if (c == 0xe0)
		lo = 0xa0;
	else if (c == 0xed && !surrogates)
		hi = 0x9f;
	else if (c == 0xf0)
		lo = 0x90;
	else if (c == 0xf4)
		hi = 0x8f;
	v = c & (0x7fu >> n);
	for (i = 1; i < n; i++) {
		c = i < len ? (unsigned char)s[i] : 0;
		if (c < lo || c > hi)
			return i;
		v = v << 6 | (c & 0x3f);
		lo = 0x80;
		hi = 0xbf;
	}
	*cp = v;
	return n;
}

size_t
utf8_decode(const char *s, size_t len, uint32_t *cp)
{
	return decode(s, len, false, cp);
}

size_t
utf8_decode_wtf(const char *s, size_t len, uint32_t *cp)
{
	return decode(s, len, true, cp);
}

size_t
utf8_encode(uint32_t cp, char out[4])
{
	if (cp > 0x10ffff)
		cp = UTF8_REPLACEMENT;
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		out[0] = (char)(0xc0 | cp >> 6);
		out[1] = (char)(0x80 | (cp & 0x3f));
		return 2;
	}
	if (cp < 0x10000) {
		out[0] = (char)(0xe0 | cp >> 12);
		out[1] = (char)(0x80 | (cp >> 6 & 0x3f));
		out[2] = (char)(0x80 | (cp & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | cp >> 18);
	out[1] = (char)(0x80 | (cp >> 12 & 0x3f));
	out[2] = (char)(0x80 | (cp >> 6 & 0x3f));
	out[3] = (char)(0x80 | (cp & 0x3f));
	return 4;
}

/* The bytes at the beginning of s that are ASCII, eight at a time. */
static size_t
ascii_run(const char *s, size_t len)
{
	size_t i = 0;
	uint64_t word;

	for (; len - i >= sizeof word; i += sizeof word) {
		memcpy(&word, s + i, sizeof word);
		if ((word & 0x8080808080808080u) != 0)
			break;
	}
	while (i < len && (unsigned char)s[i] < 0x80)
		i++;
	return i;
}

/* A replacement that was decoded from something else than itself. */
static bool
is_malformed(const char *s, size_t n, uint32_t cp)
{
	return cp == UTF8_REPLACEMENT &&
	    (n != 3 || memcmp(s, "\xef\xbf\xbd", 3) != 0);
}

/* The well-formed bytes at the beginning of s. */
static size_t
valid_run(const char *s, size_t len)
{
	size_t i = 0, n;
	uint32_t cp;

	for (;;) {
		i += ascii_run(s + i, len - i);
		if (i == len)
			return i;
		n = utf8_decode(s + i, len - i, &cp);
		if (is_malformed(s + i, n, cp))
			return i;
		i += n;
	}
}

bool
utf8_valid(const char *s, size_t len)
{
	return valid_run(s, len) == len;
}

/* step() says how much one U+FFFD stands for. */
static void
add_valid(struct buf *b, const char *s, size_t len,
    size_t (*step)(const char *s, size_t len, uint32_t *cp))
{
	size_t i = 0, n;
	uint32_t cp;

	for (;;) {
		n = valid_run(s + i, len - i);
		buf_add(b, s + i, n);
		i += n;
		if (i == len)
			return;
		i += step(s + i, len - i, &cp);
		buf_adds(b, "\xef\xbf\xbd");
	}
}

void
utf8_add_valid(struct buf *b, const char *s, size_t len)
{
	add_valid(b, s, len, utf8_decode);
}

size_t
utf8_half(const char *s, size_t len)
{
	uint32_t cp;

	if (len < 3 || (unsigned char)s[len - 3] != 0xed)
		return 0;
	utf8_decode_wtf(s + len - 3, 3, &cp);
	return cp >= 0xd800 && cp < 0xdc00 ? 3 : 0;
}

void
utf8_add_wtf(struct buf *b, const char *s, size_t len)
{
	char whole[4];
	uint32_t high, low;

	if (utf8_half(b->data, b->len) > 0 && len >= 3 &&
	    utf8_decode_wtf(s, len, &low) == 3 &&
	    low >= 0xdc00 && low < 0xe000) {
		utf8_decode_wtf(b->data + b->len - 3, 3, &high);
		buf_cut(b, b->len - 3);
		buf_add(b, whole, utf8_encode(0x10000 +
		    ((high - 0xd800) << 10) + (low - 0xdc00), whole));
		s += 3;
		len -= 3;
	}
	buf_add(b, s, len);
}

void
utf8_add_whole(struct buf *b, const char *s, size_t len)
{
	add_valid(b, s, len, utf8_decode_wtf);
}

size_t
utf8_incomplete(const char *s, size_t len)
{
	uint32_t cp;
	size_t k;

	for (k = 1; k <= 3 && k <= len; k++) {
		const char *p = s + len - k;

		if (((unsigned char)*p & 0xc0) == 0x80)
			continue;
		if (sequence_len((unsigned char)*p) > k &&
		    utf8_decode(p, k, &cp) == k)
			return k;
		return 0;
	}
	return 0;
}

size_t
utf8_count(const char *s, size_t len)
{
	size_t count = 0, i = 0, n;
	uint32_t cp;

	for (;;) {
		n = ascii_run(s + i, len - i);
		count += n;
		i += n;
		if (i == len)
			return count;
		i += utf8_decode_wtf(s + i, len - i, &cp);
		count++;
	}
}

size_t
utf8_units(const char *s, size_t len)
{
	size_t count = 0, i = 0, n;
	uint32_t cp;

	for (;;) {
		n = ascii_run(s + i, len - i);
		count += n;
		i += n;
		if (i == len)
			return count;
		i += utf8_decode_wtf(s + i, len - i, &cp);
		count += cp >= 0x10000 ? 2 : 1;
	}
}

size_t
utf8_prefix(const char *s, size_t len, size_t max)
{
	size_t i = max;
	uint32_t cp;

	if (len <= max)
		return len;
	while (i > 0 && max - i < 3 && ((unsigned char)s[i] & 0xc0) == 0x80)
		i--;
	/* stray continuation bytes belong to nothing: cut there */
	return i + utf8_decode_wtf(s + i, len - i, &cp) > max ? i : max;
}
