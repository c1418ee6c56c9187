/* SPDX-License-Identifier: GPL-3.0-or-later */
/* runs.c - text whose pieces have styles and links */

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ui/runs.h"
#include "ui/style.h"

enum { RUNS_FIRST = 8 };

void
runs_init(struct runs *r)
{
	*r = (struct runs){ .count = 0 };
	buf_init(&r->text);
	buf_init(&r->urls);
}

void
runs_clear(struct runs *r)
{
	buf_clear(&r->text);
	buf_clear(&r->urls);
	free(r->list);
	runs_init(r);
}

void
runs_reset(struct runs *r)
{
	buf_reset(&r->text);
	buf_reset(&r->urls);
	r->count = 0;
}

void
runs_add(struct runs *r, const char *s, size_t len, unsigned bits,
    size_t link)
{
	struct run *last = r->count > 0 ? &r->list[r->count - 1] : NULL;

	if (len == 0)
		return;
	if (last == NULL || last->bits != bits || last->link != link) {
		if (r->count == r->room) {
			r->room = r->room == 0 ? RUNS_FIRST : r->room * 2;
			r->list = xreallocarray(r->list, r->room,
			    sizeof(*r->list));
		}
		r->list[r->count++] = (struct run){ .start = r->text.len,
		    .bits = bits, .link = link };
	}
	buf_add(&r->text, s, len);
}

size_t
runs_link(struct runs *r, const char *url, size_t len)
{
	size_t at = r->urls.len;

	buf_add(&r->urls, url, len);
	buf_addc(&r->urls, '\0');
	return at + 1;
}

/* The run that holds text[pos]. */
static size_t
find_run(const struct runs *r, size_t pos)
{
	size_t lo = 0, hi = r->count;

	while (hi - lo > 1) {
		size_t mid = lo + (hi - lo) / 2;

		if (r->list[mid].start <= pos)
			lo = mid;
		else
			hi = mid;
	}
	return lo;
}

static void
write_run(struct buf *out, const struct style *style, const struct runs *r,
    const struct run *run, size_t from, size_t to)
{
	const char *url;
	bool linked = false;

	if (run->link > 0) {
		url = r->urls.data + run->link - 1;
		linked = style_link(out, style, url, strlen(url));
	}
	if (run->bits != 0)
		style_add(out, style, run->bits);
	buf_add(out, r->text.data + from, to - from);
	if (run->bits != 0)
		style_add(out, style, 0);
	if (linked)
		style_link_end(out, style);
}

void
runs_write(struct buf *out, const struct style *style, const struct runs *r,
    size_t from, size_t to)
{
	size_t i;

	if (from >= to)
		return;
	for (i = find_run(r, from); i < r->count && from < to; i++) {
		size_t end = i + 1 < r->count ? r->list[i + 1].start :
		    r->text.len;

		if (end > to)
			end = to;
		write_run(out, style, r, &r->list[i], from, end);
		from = end;
	}
}
