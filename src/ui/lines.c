/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lines.c - text as an array of lines */

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ui/lines.h"
#include "ui/safe.h"
#include "ui/style.h"
#include "ui/width.h"

enum { WIDTH_LEAST = 4 };

void
lines_init(struct lines *l)
{
	*l = (struct lines){ .text = BUF_INIT };
}

void
lines_clear(struct lines *l)
{
	buf_clear(&l->text);
	free(l->starts);
	lines_init(l);
}

void
lines_reset(struct lines *l)
{
	buf_reset(&l->text);
	l->count = l->known = 0;
}

void
lines_index(struct lines *l)
{
	while (l->known < l->text.len) {
		const char *s = l->text.data + l->known;
		const char *end = memchr(s, '\n', l->text.len - l->known);

		if (l->count == l->room) {
			l->room = l->room * 2 + 8;
			l->starts = xreallocarray(l->starts, l->room,
			    sizeof(*l->starts));
		}
		l->starts[l->count++] = l->known;
		l->known = end != NULL ?
		    (size_t)(end - l->text.data) + 1 : l->text.len;
	}
}

const char *
lines_get(const struct lines *l, size_t i, size_t *len)
{
	size_t start = l->starts[i];
	size_t end = i + 1 < l->count ? l->starts[i + 1] : l->text.len;

	if (end > start && l->text.data[end - 1] == '\n')
		end--;
	*len = end - start;
	return l->text.data + start;
}

static size_t
count_lines(const char *s, size_t len, size_t width)
{
	size_t n = 0, next;

	for (; len > 0; s += next, len -= next, n++)
		width_break(s, len, width, &next);
	return n;
}

static void
add_line(struct lines *l, const char *s, size_t len,
    const struct lines_look *k, size_t number)
{
	const char *lead = number == 0 && k->first != NULL ? k->first :
	    k->prefix;

	if (lead != NULL)
		buf_adds(&l->text, lead);
	if (k->bits != 0)
		style_add(&l->text, k->style, k->bits);
	buf_add(&l->text, s, len);
	if (k->bits != 0)
		style_add(&l->text, k->style, 0);
	buf_addc(&l->text, '\n');
}

void
lines_wrap(struct lines *l, const char *text, size_t len,
    const struct lines_look *k)
{
	size_t width = k->width > k->indent + WIDTH_LEAST ?
	    k->width - k->indent : WIDTH_LEAST;
	struct buf clean = BUF_INIT, more = BUF_INIT;
	const char *s;
	size_t left, n = 0, next;

	safe_text(&clean, text, len);
	while (clean.len > 0 && clean.data[clean.len - 1] == '\n')
		buf_cut(&clean, clean.len - 1);
	for (s = clean.data, left = clean.len; left > 0; s += next,
	    left -= next, n++) {
		size_t take = width_break(s, left, width, &next);

		if (k->max > 0 && n + 1 == k->max && next < left) {
			buf_addf(&more, "\u2026 %zu more lines",
			    count_lines(s, left, width));
			add_line(l, more.data, more.len, k, n);
			break;
		}
		add_line(l, s, take, k, n);
	}
	if (clean.len == 0)
		add_line(l, "", 0, k, 0);
	lines_index(l);
	buf_clear(&clean);
	buf_clear(&more);
}
