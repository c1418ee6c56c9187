/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lookalike.c - words that are not what they look like */

#include <stdbool.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/utf8.h"
#include "ui/lookalike.h"
#include "ui/safe.h"

enum { WORD_MAX = 256 };	/* bytes of a word that are shown */

/*
 * Letters that most fonts draw as an ASCII letter (after the confusables of
 * Unicode's UTS 39), in order.
 */
static const uint16_t letters[] = {
	/* Latin */
	0x131, 0x1c0, 0x1c3, 0x251, 0x261, 0x269,
	/* Greek */
	0x391, 0x392, 0x395, 0x396, 0x397, 0x399, 0x39a, 0x39c, 0x39d, 0x39f,
	0x3a1, 0x3a4, 0x3a5, 0x3a7, 0x3b1, 0x3b3, 0x3b9, 0x3bd, 0x3bf, 0x3c1,
	0x3c3, 0x3c5, 0x3f2, 0x3f3, 0x3f9,
	/* Cyrillic */
	0x405, 0x406, 0x408, 0x410, 0x412, 0x415, 0x41a, 0x41c, 0x41d, 0x41e,
	0x420, 0x421, 0x422, 0x423, 0x425, 0x430, 0x433, 0x435, 0x43e, 0x440,
	0x441, 0x443, 0x445, 0x455, 0x456, 0x458, 0x475, 0x4ae, 0x4af, 0x4bb,
	0x4c0, 0x4cf, 0x501, 0x50c, 0x51b, 0x51c, 0x51d,
	/* Armenian */
	0x54d, 0x54f, 0x555, 0x561, 0x563, 0x566, 0x570, 0x578, 0x57c, 0x57d,
	0x581, 0x582, 0x585,
};

/* What passes for a blank or a mark that means something, wherever it is. */
static const uint16_t marks[] = {
	0xa0, 0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006, 0x2007,
	0x2008, 0x2009, 0x200a, 0x2024, 0x202f, 0x2044, 0x205f, 0x2215,
	0xa789, 0xff0e, 0xff0f,
};

static bool
is_in(const uint16_t *list, size_t count, uint32_t cp)
{
	size_t from = 0;

	while (from < count) {
		size_t half = from + (count - from) / 2;

		if (list[half] == cp)
			return true;
		if (list[half] < cp)
			from = half + 1;
		else
			count = half;
	}
	return false;
}

static bool
is_ascii_letter(uint32_t cp)
{
	return (cp | 0x20) >= 'a' && (cp | 0x20) <= 'z';
}

static bool
is_like_letter(uint32_t cp)
{
	return (cp >= 0xff21 && cp <= 0xff3a) ||
	    (cp >= 0xff41 && cp <= 0xff5a) ||
	    (cp >= 0x1d400 && cp <= 0x1d6a3) ||
	    is_in(letters, NELEM(letters), cp);
}

/* A run between blanks; a label is a run of letters and digits in it. */
struct word {
	bool ascii;		/* has such a letter */
	bool like;		/* has a label of nothing but look-alikes */
	bool mixed;		/* has a label of both */
	bool mark;
	struct {
		bool ascii, other;
		size_t like;
	} label;
};

static void
end_label(struct word *w)
{
	w->ascii = w->ascii || w->label.ascii;
	w->mixed = w->mixed || (w->label.ascii && w->label.like > 0);
	w->like = w->like || (!w->label.other && w->label.like > 1);
	w->label.ascii = w->label.other = false;
	w->label.like = 0;
}

static void
add_letter(struct word *w, uint32_t cp)
{
	if (is_in(marks, NELEM(marks), cp))
		w->mark = true;
	if (is_ascii_letter(cp))
		w->label.ascii = true;
	else if (is_like_letter(cp))
		w->label.like++;
	else if (cp >= 0x80)
		w->label.other = true;
	else if (cp < '0' || cp > '9')
		end_label(w);
}

static bool
deceives(const struct word *w)
{
	return w->mark || w->mixed || (w->ascii && w->like);
}

/* The word, with what is not ASCII by its number. */
static void
show(struct buf *out, const char *s, size_t len)
{
	uint32_t cp;

	for (size_t pos = 0; pos < len;) {
		size_t n = utf8_decode(s + pos, len - pos, &cp);

		if (is_like_letter(cp) || is_in(marks, NELEM(marks), cp))
			buf_addf(out, "\\u{%x}", cp);
		else
			safe_show(out, s + pos, n);
		pos += n;
	}
}

static void
found(struct buf *out, size_t *count, const char *s, size_t len)
{
	if (++*count > LOOKALIKE_MAX) {
		if (*count == LOOKALIKE_MAX + 1)
			buf_adds(out, ", \u2026");
		return;
	}
	if (*count > 1)
		buf_adds(out, ", ");
	show(out, s, utf8_prefix(s, len, WORD_MAX));
}

void
lookalike_text(struct buf *out, size_t *count, const char *s, size_t len)
{
	struct word w = { .mark = false };
	size_t start = 0;
	uint32_t cp;

	for (size_t pos = 0; pos <= len;) {
		bool end = pos == len || strchr(" \t\r\n", s[pos]) != NULL;
		size_t n = end ? 1 : utf8_decode(s + pos, len - pos, &cp);

		if (!end) {
			add_letter(&w, cp);
		} else {
			end_label(&w);
			if (deceives(&w))
				found(out, count, s + start, pos - start);
			w = (struct word){ .mark = false };
			start = pos + n;
		}
		pos += n;
	}
}

void
lookalike_json(struct buf *out, size_t *count, const struct json *v)
{
	const struct json *in;
	const char *s = json_str(v);

	if (s != NULL) {
		lookalike_text(out, count, s, json_len(v));
		return;
	}
	JSON_EACH(in, v) {
		if (json_is(v, JSON_OBJECT))
			lookalike_text(out, count, json_name(in),
			    json_name_len(in));
		lookalike_json(out, count, in);
	}
}
