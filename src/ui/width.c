/* SPDX-License-Identifier: GPL-3.0-or-later */
/* width.c - grapheme clusters, cells of a terminal, wrapping */

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <utf8proc.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "ui/width.h"

#define ELLIPSIS "\xe2\x80\xa6"

enum {
	VS_EMOJI = 0xfe0f,
	REGIONAL_A = 0x1f1e6,
	REGIONAL_Z = 0x1f1ff,
};

static bool
is_ascii(unsigned char c)
{
	return c >= 0x20 && c < 0x7f;
}

static bool
is_regional(uint32_t cp)
{
	return cp >= REGIONAL_A && cp <= REGIONAL_Z;
}

static size_t
cell_of(uint32_t cp)
{
	int w = utf8proc_charwidth((utf8proc_int32_t)cp);

	/* utf8proc has private use characters as wide as nothing. */
	if (w == 0 && utf8proc_category((utf8proc_int32_t)cp) ==
	    UTF8PROC_CATEGORY_CO)
		return 1;
	return w < 0 ? 0 : (size_t)w;
}

size_t
width_cluster(const char *s, size_t len, size_t col, size_t *cells)
{
	utf8proc_int32_t state = 0;
	uint32_t prev, cp;
	size_t n, wide, w;

	if (s[0] == '\t') {
		*cells = WIDTH_TAB - col % WIDTH_TAB;
		return 1;
	}
	*cells = 1;
	if (is_ascii((unsigned char)s[0]) &&
	    (len == 1 || (unsigned char)s[1] < 0x80))
		return 1;
	n = utf8_decode(s, len, &prev);
	wide = cell_of(prev);
	while (n < len) {
		size_t step = utf8_decode(s + n, len - n, &cp);

		if (utf8proc_grapheme_break_stateful((utf8proc_int32_t)prev,
		    (utf8proc_int32_t)cp, &state))
			break;
		w = cell_of(cp);
		if (cp == VS_EMOJI || is_regional(cp))
			wide = 2;
		else if (w > wide)
			wide = w;
		prev = cp;
		n += step;
	}
	*cells = wide;
	return n;
}

size_t
width_cells(const char *s, size_t len)
{
	size_t col = 0, pos = 0, cells;

	while (pos < len) {
		pos += width_cluster(s + pos, len - pos, col, &cells);
		col += cells;
	}
	return col;
}

size_t
width_prefix(const char *s, size_t len, size_t max)
{
	size_t col = 0, pos = 0, n, cells;

	while (pos < len) {
		n = width_cluster(s + pos, len - pos, col, &cells);
		if (col + cells > max)
			break;
		col += cells;
		pos += n;
	}
	return pos;
}

/* What the cluster in front says about breaking behind it. */
enum after {
	AFTER_WORD,	/* no */
	AFTER_BLANK,	/* yes */
	AFTER_HYPHEN,	/* in front of a letter */
	AFTER_WIDE,	/* yes, but for closing marks */
};

/* CJK marks that do not begin a line. */
static const char closing[] = "\u3001\u3002\uff0c\uff0e\uff01\uff1f"
    "\uff1a\uff1b\u300d\u300f\uff09\u3011\u30fc\u3009\u300b";

static enum after
after_cluster(const char *s, size_t pos, size_t cells)
{
	if (cells == 2)
		return AFTER_WIDE;
	if (s[pos] == '-' && pos > 0 && isalnum((unsigned char)s[pos - 1]))
		return AFTER_HYPHEN;
	return AFTER_WORD;
}

static bool
is_closing(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i + 3 < sizeof(closing); i += 3)
		if (n == 3 && memcmp(closing + i, s, 3) == 0)
			return true;
	return false;
}

static bool
may_break(enum after after, const char *s, size_t n, size_t cells)
{
	switch (after) {
	case AFTER_BLANK:
		return true;
	case AFTER_HYPHEN:
		return isalpha((unsigned char)s[0]) != 0;
	case AFTER_WIDE:
		return !is_closing(s, n);
	default:
		return cells == 2 && !is_closing(s, n);
	}
}

static size_t
skip_blanks(const char *s, size_t len, size_t pos)
{
	while (pos < len && (s[pos] == ' ' || s[pos] == '\t'))
		pos++;
	return pos;
}

static size_t
trim_blanks(const char *s, size_t len)
{
	while (len > 0 && (s[len - 1] == ' ' || s[len - 1] == '\t'))
		len--;
	return len;
}

/* The end of a line that was cut at pos; best is a good break, or 0. */
static size_t
cut_line(const char *s, size_t len, size_t pos, size_t best, size_t *next)
{
	size_t end;

	if (best == 0)
		best = pos;
	*next = skip_blanks(s, len, best);
	if (*next < len && s[*next] == '\n' && *next > best)
		(*next)++;
	end = trim_blanks(s, best);
	return end > 0 ? end : best;
}

size_t
width_break(const char *s, size_t len, size_t max, size_t *next)
{
	size_t col = 0, pos = 0, best = 0, cells, n;
	enum after after = AFTER_WORD;

	for (; pos < len && s[pos] != '\n'; pos += n, col += cells) {
		n = width_cluster(s + pos, len - pos, col, &cells);
		if (s[pos] == ' ' || s[pos] == '\t') {
			if (col + cells > max)
				return cut_line(s, len, pos, pos, next);
			after = AFTER_BLANK;
			continue;
		}
		if (pos > 0 && may_break(after, s + pos, n, cells))
			best = pos;
		if (col + cells > max && pos > 0)
			return cut_line(s, len, pos, best, next);
		after = after_cluster(s, pos, cells);
	}
	*next = pos < len ? pos + 1 : pos;
	return pos;
}

void
width_fit(struct buf *out, const char *s, size_t len, size_t max)
{
	size_t n = width_prefix(s, len, max);

	if (n == len) {
		buf_add(out, s, len);
		return;
	}
	if (max == 0)
		return;
	n = trim_blanks(s, width_prefix(s, len, max - 1));
	buf_add(out, s, n);
	buf_adds(out, ELLIPSIS);
}
