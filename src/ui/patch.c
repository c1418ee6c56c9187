/* SPDX-License-Identifier: GPL-3.0-or-later */
/* patch.c - a unified diff as lines with their numbers */

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "ui/lines.h"
#include "ui/patch.h"
#include "ui/safe.h"
#include "ui/style.h"
#include "ui/width.h"

enum { GUTTER = 2 };

struct patch {
	struct lines *out;
	const struct patch_look *look;
	bool hunk;		/* we are in one: lines have numbers */
	bool more;		/* there was one before */
	unsigned old, new;
	unsigned old_left, new_left;
	int digits;
};

bool
patch_is(const char *s)
{
	return strncmp(s, "--- ", 4) == 0 || strncmp(s, "diff ", 5) == 0 ||
	    strncmp(s, "@@ ", 3) == 0;
}

/* "@@ -12,3 +14 @@": a count that is not there is 1. */
static bool
read_hunk(const char *s, size_t len, struct patch *p)
{
	char line[80];
	int end = 0;

	snprintf(line, sizeof(line), "%.*s", (int)(len < sizeof(line) ? len :
	    sizeof(line) - 1), s);
	p->old_left = p->new_left = 1;
	if (sscanf(line, "@@ -%7u,%7u%n", &p->old, &p->old_left, &end) < 2 &&
	    sscanf(line, "@@ -%7u%n", &p->old, &end) < 1)
		return false;
	return sscanf(line + end, " +%7u,%7u", &p->new, &p->new_left) >= 1;
}

/* The digits of the largest number in the diff. */
static int
digits_of(const char *diff)
{
	unsigned most = 0, digits = 1;
	struct patch p = { .old = 0 };

	for (const char *s = diff; s != NULL && *s != '\0';) {
		size_t len = strcspn(s, "\n");
		if (read_hunk(s, len, &p)) {
			unsigned end = p.old + p.old_left;
			if (p.new + p.new_left > end)
				end = p.new + p.new_left;
			most = end > most ? end : most;
		}
		s += len + (s[len] == '\n');
	}
	for (; most >= 10; most /= 10)
		digits++;
	return (int)digits;
}

/* Our margin has moved the stops. */
static void
expand_tabs(struct buf *out, const char *s, size_t len)
{
	size_t col = 0, pos, n, cells;

	for (pos = 0; pos < len; pos += n, col += cells) {
		n = width_cluster(s + pos, len - pos, col, &cells);
		if (s[pos] == '\t')
			buf_addf(out, "%*s", (int)cells, "");
		else
			buf_add(out, s + pos, n);
	}
}

/* One line of the file; sign is ' ', '+' or '-'. */
static void
put_line(struct patch *p, char sign, const char *s, size_t len)
{
	static const unsigned bits[] = { ['+'] = STYLE_BIT(ADD),
	    ['-'] = STYLE_BIT(DEL), [' '] = STYLE_BIT(DIM) };
	struct lines_look k = { .style = p->look->style, .width =
	    p->look->width, .bits = bits[(unsigned char)sign],
	    .max = p->look->whole ? 0 : 1 };
	struct buf lead = BUF_INIT, rest = BUF_INIT, text = BUF_INIT,
	    shown = BUF_INIT;

	buf_adds(&lead, "  ");
	k.indent = GUTTER;
	if (p->hunk) {
		style_add(&lead, k.style, STYLE_BIT(DIM));
		buf_addf(&lead, "%*u ", p->digits, sign == '-' ? p->old :
		    p->new);
		style_add(&lead, k.style, 0);
		k.indent += (size_t)p->digits + 1;
	}
	style_add(&lead, k.style, k.bits);
	buf_addf(&lead, "%c ", sign);
	style_add(&lead, k.style, 0);
	k.indent += 2;
	buf_addf(&rest, "%*s", (int)k.indent, "");
	k.first = lead.data;
	k.prefix = rest.data;
	expand_tabs(&text, s, len);
	if (p->look->whole)
		safe_show(&shown, text.data, text.len);
	else
		buf_add(&shown, text.data, text.len);
	lines_wrap(p->out, shown.data, shown.len, &k);
	buf_clear(&shown);
	buf_clear(&rest);
	buf_clear(&text);
	buf_clear(&lead);
}

/* What is no line of a file: its name, a gap between hunks. */
static void
put_head(struct patch *p, const char *s, size_t len, unsigned bits)
{
	struct lines_look k = { .style = p->look->style, .prefix = "  ",
	    .indent = GUTTER, .width = p->look->width, .bits = bits,
	    .max = p->look->whole ? 0 : 1 };

	lines_wrap(p->out, s, len, &k);
}

/* Does this line show anything? */
static bool
is_shown(const struct patch *p, const char *s, size_t len)
{
	if (p->hunk && (p->old_left > 0 || p->new_left > 0))
		return true;
	return !(len >= 4 && (memcmp(s, "--- ", 4) == 0 ||
	    memcmp(s, "+++ ", 4) == 0 || memcmp(s, "inde", 4) == 0)) &&
	    !(len > 0 && s[0] == '\\');
}

static void
count_down(struct patch *p, char sign)
{
	if (sign != '+' && p->old_left > 0) {
		p->old++;
		p->old_left--;
	}
	if (sign != '-' && p->new_left > 0) {
		p->new++;
		p->new_left--;
	}
}

static void
take_line(struct patch *p, const char *s, size_t len)
{
	bool in = p->hunk && (p->old_left > 0 || p->new_left > 0);
	char sign = len > 0 ? s[0] : ' ';

	if (!in && read_hunk(s, len, p)) {
		p->hunk = true;
		if (p->more)
			put_head(p, "\u22ef", strlen("\u22ef"),
			    STYLE_BIT(DIM));
		p->more = true;
		return;
	}
	if (!is_shown(p, s, len))
		return;
	if (!in && strncmp(s, "diff ", 5) == 0) {
		p->hunk = p->more = false;
		put_head(p, s, len, STYLE_BIT(BOLD));
	} else if (sign == '+' || sign == '-' || sign == ' ') {
		put_line(p, sign, len > 0 ? s + 1 : s, len - (len > 0));
		count_down(p, sign);
	} else {
		put_head(p, s, len, STYLE_BIT(DIM));
	}
}

static size_t
lines_of(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; n++) {
		s += strcspn(s, "\n");
		s += *s == '\n';
	}
	return n;
}

void
patch_lines(struct lines *out, const char *diff,
    const struct patch_look *look)
{
	struct patch p = { .out = out, .look = look,
	    .digits = digits_of(diff) };
	size_t before = out->count;
	char more[48];

	while (*diff != '\0' && out->count - before < look->max) {
		size_t len = strcspn(diff, "\n");

		take_line(&p, diff, len);
		diff += len + (diff[len] == '\n');
	}
	if (*diff == '\0')
		return;
	snprintf(more, sizeof(more), "\u2026 %zu more lines",
	    lines_of(diff));
	put_head(&p, more, strlen(more), STYLE_BIT(DIM));
}
