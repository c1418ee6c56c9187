/* SPDX-License-Identifier: GPL-3.0-or-later */
/* safe.c - the filter between untrusted text and a terminal */

#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "ui/safe.h"

enum {
	BEL = 0x07,
	CAN = 0x18,
	SUB = 0x1a,
	ESC = 0x1b,
	DEL = 0x7f,
	ST = 0x9c,
	ZWNJ = 0x200c,
	ZWJ = 0x200d,
	LINE_SEP = 0x2028,
	PARA_SEP = 0x2029,
	VS_TEXT = 0xfe0e,
	VS_EMOJI = 0xfe0f,
};

struct range {
	uint32_t lo, hi;
};

/* Characters without a shape of their own, or which move others; sorted. */
static const struct range hidden[] = {
	{ 0x00ad, 0x00ad },	/* soft hyphen */
	{ 0x034f, 0x034f },	/* grapheme joiner */
	{ 0x061c, 0x061c },	/* Arabic letter mark */
	{ 0x115f, 0x1160 },	/* Hangul fillers */
	{ 0x17b4, 0x17b5 },	/* Khmer inherent vowels */
	{ 0x180b, 0x180f },	/* Mongolian selectors */
	{ 0x200b, 0x200f },	/* zero width, joiners, marks */
	{ 0x2028, 0x202e },	/* separators, embeddings, overrides */
	{ 0x2060, 0x206f },	/* word joiner to deprecated formats */
	{ 0x3164, 0x3164 },	/* Hangul filler */
	{ 0xfdd0, 0xfdef },	/* not characters */
	{ 0xfe00, 0xfe0f },	/* variation selectors */
	{ 0xfeff, 0xfeff },	/* byte order mark */
	{ 0xffa0, 0xffa0 },	/* Hangul filler */
	{ 0xfff0, 0xfffb },	/* annotation and unassigned */
	{ 0x13430, 0x1345f },	/* hieroglyph formats */
	{ 0x1bca0, 0x1bca3 },	/* shorthand formats */
	{ 0x1d173, 0x1d17a },	/* musical formats */
	{ 0xe0000, 0xe0fff },	/* tags, more selectors */
};

/* What an emoji may be made of, roughly; sorted. */
static const struct range pictures[] = {
	{ 0x00a9, 0x00a9 }, { 0x00ae, 0x00ae }, { 0x203c, 0x203c },
	{ 0x2049, 0x2049 }, { 0x2122, 0x2122 }, { 0x2139, 0x2139 },
	{ 0x2190, 0x21ff }, { 0x2300, 0x23ff }, { 0x24c2, 0x24c2 },
	{ 0x25a0, 0x27bf }, { 0x2900, 0x297f }, { 0x2b00, 0x2bff },
	{ 0x3030, 0x3030 }, { 0x303d, 0x303d }, { 0x3297, 0x3299 },
	{ 0x1f000, 0x1faff },
};

/* Scripts whose spelling needs joiners; sorted. */
static const struct range joining[] = {
	{ 0x0600, 0x08ff },	/* Arabic, Syriac, N'Ko, Mandaic */
	{ 0x0900, 0x0dff },	/* Indic */
	{ 0x1000, 0x109f },	/* Myanmar */
	{ 0x1780, 0x18af },	/* Khmer, Mongolian */
	{ 0xa8e0, 0xa8ff },	/* Devanagari extended */
	{ 0xfb50, 0xfdcf }, { 0xfe70, 0xfefc },	/* Arabic forms */
	{ 0x10d00, 0x10d3f }, { 0x11000, 0x1193f },	/* more Indic */
	{ 0x1e900, 0x1e95f },	/* Adlam */
};

#define IN(table, cp) in_ranges((table), NELEM(table), (cp))

static bool
in_ranges(const struct range *r, size_t n, uint32_t cp)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (cp > r[mid].hi)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < n && cp >= r[lo].lo;
}

static bool
is_control(uint32_t cp)
{
	return cp < 0x20 || (cp >= DEL && cp < 0xa0);
}

static bool
is_hidden(uint32_t cp)
{
	return IN(hidden, cp) || (cp & 0xfffe) == 0xfffe;
}

/* Not '*', which markdown would take away in front of its selector. */
static bool
takes_selector(uint32_t cp)
{
	return IN(pictures, cp) || (cp >= '0' && cp <= '9') || cp == '#';
}

static bool
joins(uint32_t left, uint32_t joiner, uint32_t right)
{
	if (joiner == ZWJ && IN(pictures, left) && IN(pictures, right))
		return true;
	return IN(joining, left) && IN(joining, right);
}

/* Something that may not pass as it is: visible in SAFE_SHOW, else gone. */
static void
refuse(struct safe *s, struct buf *out, uint32_t cp)
{
	if (s->mode != SAFE_SHOW)
		return;
	s->prev = 0;
	if (cp < 0x20 || cp == DEL)
		buf_addf(out, "^%c", (int)(cp ^ 0x40));
	else
		buf_addf(out, "\\u{%x}", (unsigned)cp);
}

static void
emit(struct safe *s, struct buf *out, uint32_t cp)
{
	char bytes[4];

	buf_add(out, bytes, utf8_encode(cp, bytes));
	s->prev = cp;
	s->selected = false;
}

/* What waited for its right side, now that it is cp (0 for the end). */
static void
settle(struct safe *s, struct buf *out, uint32_t cp)
{
	uint32_t joiner = s->joiner;
	bool cr = s->cr;

	s->joiner = 0;
	s->cr = false;
	if (joiner != 0 && joins(s->prev, joiner, cp))
		buf_add(out, joiner == ZWJ ? "\xe2\x80\x8d" : "\xe2\x80\x8c",
		    3);
	else if (joiner != 0)
		refuse(s, out, joiner);
	if (cr && cp != '\n')
		emit(s, out, '\n');
}

static void
put(struct safe *s, struct buf *out, uint32_t cp)
{
	settle(s, out, cp);
	emit(s, out, cp);
}

static void
selector(struct safe *s, struct buf *out, uint32_t cp)
{
	uint32_t base;

	settle(s, out, cp);
	base = s->prev;
	if (s->selected || !takes_selector(base)) {
		refuse(s, out, cp);
		return;
	}
	emit(s, out, cp);
	s->prev = base;
	s->selected = true;
}

static void
special(struct safe *s, struct buf *out, uint32_t cp)
{
	bool show = s->mode == SAFE_SHOW;

	if (show && s->joiner != 0)
		settle(s, out, 0);
	if (cp == VS_TEXT || cp == VS_EMOJI)
		selector(s, out, cp);
	else if ((cp == ZWJ || cp == ZWNJ) && !s->cr && s->joiner == 0)
		s->joiner = cp;
	else if ((cp == LINE_SEP || cp == PARA_SEP) && !show)
		put(s, out, '\n');
	else
		refuse(s, out, cp);
}

static void
control(struct safe *s, struct buf *out, uint32_t cp)
{
	if (s->mode == SAFE_SHOW) {
		settle(s, out, 0);
		refuse(s, out, cp);
	} else if (cp == '\n' || cp == '\t') {
		put(s, out, cp);
	} else if (cp == '\r') {
		s->joiner = 0;
		s->cr = true;
	}
}

/* What a control character begins, if it begins a sequence. */
static enum safe_state
opens(uint32_t cp)
{
	switch (cp) {
	case ESC:
		return SAFE_ESC;
	case 0x9b:
		return SAFE_CSI;
	case 0x9d:
		return SAFE_OSC;
	case 0x90:
	case 0x98:
	case 0x9e:
	case 0x9f:
		return SAFE_STR;
	default:
		return SAFE_GROUND;
	}
}

static void
ground(struct safe *s, struct buf *out, uint32_t cp)
{
	if (is_control(cp)) {
		if (s->mode != SAFE_SHOW)
			s->state = opens(cp);
		s->seq = 0;
		if (s->state == SAFE_GROUND)
			control(s, out, cp);
	} else if (is_hidden(cp)) {
		special(s, out, cp);
	} else {
		put(s, out, cp);
	}
}

/*
 * One function per state: it says where the sequence goes on. What cannot
 * be part of it goes back to SAFE_GROUND with *again, to be looked at there.
 */
static enum safe_state
in_esc(const struct safe *s, uint32_t cp, bool *again)
{
	if (cp >= 0x20 && cp < 0x30)
		return SAFE_ESC;
	*again = cp < 0x30 || cp >= DEL;
	if (s->seq > 1 || *again)
		return SAFE_GROUND;
	switch (cp) {
	case '[':
		return SAFE_CSI;
	case ']':
		return SAFE_OSC;
	case 'P':
	case 'X':
	case '^':
	case '_':
		return SAFE_STR;
	default:
		return SAFE_GROUND;
	}
}

static enum safe_state
in_csi(uint32_t cp, bool *again)
{
	if (cp >= 0x20 && cp < 0x40)
		return SAFE_CSI;
	*again = cp < 0x20 || cp >= DEL;
	return SAFE_GROUND;
}

static enum safe_state
in_string(enum safe_state state, uint32_t cp, bool *again)
{
	bool osc = state == SAFE_OSC;

	if (cp == ST || cp == CAN || cp == SUB || (osc && cp == BEL))
		return SAFE_GROUND;
	*again = opens(cp) != SAFE_GROUND || (osc && cp == '\n');
	return *again ? SAFE_GROUND : state;
}

static void
step(struct safe *s, struct buf *out, uint32_t cp, size_t bytes)
{
	bool again = false;

	if (s->state == SAFE_GROUND) {
		ground(s, out, cp);
		return;
	}
	s->seq += bytes;
	if (s->seq > SAFE_SEQ_MAX) {
		s->state = SAFE_GROUND;
		again = true;
	} else if (s->state == SAFE_ESC) {
		s->state = in_esc(s, cp, &again);
	} else if (s->state == SAFE_CSI) {
		s->state = in_csi(cp, &again);
	} else {
		s->state = in_string(s->state, cp, &again);
	}
	if (again)
		ground(s, out, cp);
}

/* The malformed bytes at the start of s->part, n of them. */
static void
malformed(struct safe *s, struct buf *out, size_t n)
{
	unsigned char first = (unsigned char)s->part[0];
	size_t i;

	/* A lone byte of this range is C1 to an 8-bit terminal. */
	if (s->mode != SAFE_SHOW && n == 1 && first >= 0x80 && first < 0xa0) {
		step(s, out, first, 1);
		return;
	}
	if (s->mode != SAFE_SHOW) {
		step(s, out, UTF8_REPLACEMENT, n);
		return;
	}
	settle(s, out, 0);
	s->prev = 0;
	for (i = 0; i < n; i++)
		buf_addf(out, "\\x{%02x}", (unsigned char)s->part[i]);
}

static bool
is_replacement(const char *p, size_t n)
{
	return n == 3 && memcmp(p, "\xef\xbf\xbd", 3) == 0;
}

/* Decode what s->part holds, but for a sequence that is still growing. */
static void
drain(struct safe *s, struct buf *out, bool last)
{
	while (s->part_len > 0) {
		uint32_t cp;
		size_t n;

		if (!last && utf8_incomplete(s->part, s->part_len) ==
		    s->part_len)
			return;
		n = utf8_decode(s->part, s->part_len, &cp);
		if (cp == UTF8_REPLACEMENT && !is_replacement(s->part, n))
			malformed(s, out, n);
		else
			step(s, out, cp, n);
		s->part_len -= n;
		memmove(s->part, s->part + n, s->part_len);
	}
}

/* How many bytes from p on are plain ASCII that needs no thought. */
static size_t
plain_run(const struct safe *s, const char *p, size_t len)
{
	size_t n = 0;

	if (s->state != SAFE_GROUND || s->part_len > 0 || s->joiner != 0 ||
	    s->cr)
		return 0;
	while (n < len && p[n] >= 0x20 && p[n] < DEL)
		n++;
	return n;
}

void
safe_init(struct safe *s, enum safe_mode mode)
{
	*s = (struct safe){ .mode = mode };
}

void
safe_add(struct safe *s, struct buf *out, const char *p, size_t len)
{
	while (len > 0) {
		size_t n = plain_run(s, p, len);

		if (n > 0) {
			buf_add(out, p, n);
			s->prev = (unsigned char)p[n - 1];
			s->selected = false;
		} else {
			s->part[s->part_len++] = *p;
			drain(s, out, false);
			n = 1;
		}
		p += n;
		len -= n;
	}
}

void
safe_finish(struct safe *s, struct buf *out)
{
	drain(s, out, true);
	settle(s, out, 0);
	safe_init(s, s->mode);
}

static void
safe_all(enum safe_mode mode, struct buf *out, const char *p, size_t len)
{
	struct safe s;

	safe_init(&s, mode);
	safe_add(&s, out, p, len);
	safe_finish(&s, out);
}

void
safe_text(struct buf *out, const char *p, size_t len)
{
	safe_all(SAFE_TEXT, out, p, len);
}

void
safe_show(struct buf *out, const char *p, size_t len)
{
	safe_all(SAFE_SHOW, out, p, len);
}

void
safe_shows(struct buf *out, const char *s)
{
	safe_show(out, s, strlen(s));
}

bool
safe_is_clean(const char *p, size_t len)
{
	struct buf out = BUF_INIT;
	bool clean;

	safe_text(&out, p, len);
	clean = out.len == len && memcmp(out.data, p, len) == 0;
	buf_clear(&out);
	return clean;
}
