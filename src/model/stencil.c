/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stencil.c - events of an answer that differ only in what they say */

#include <string.h>

#include "base/json.h"
#include "base/utf8.h"
#include "model/stencil.h"

void
stencil_init(struct stencil *s)
{
	memset(s, 0, sizeof *s);
	buf_init(&s->event);
}

void
stencil_clear(struct stencil *s)
{
	buf_clear(&s->event);
	s->count = 0;
}

void
stencil_forget(struct stencil *s)
{
	buf_reset(&s->event);
	s->count = 0;
}

/* ------------------------------------------------------------------- learn */

static bool
is_digits(const char *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (p[i] < '0' || p[i] > '9')
			return false;
	return len > 0 && (len == 1 || p[0] != '0');
}

/* False: v is not as it was written, or no room is left. */
static bool
add_hole(struct stencil *s, const struct stencil_event *ev,
    const struct json *v, bool text)
{
	const char *p = json_source(ev->doc, v, ev->data, ev->len);
	struct stencil_hole hole = { .len = json_len(v), .text = text,
	    .number = json_is(v, JSON_NUMBER) };
	size_t i = s->count;

	if (p == NULL || i == STENCIL_HOLES ||
	    (hole.number && !is_digits(p, hole.len)))
		return false;
	hole.at = (size_t)(p - ev->data);
	for (; i > 0 && s->holes[i - 1].at > hole.at; i--)
		s->holes[i] = s->holes[i - 1];
	s->holes[i] = hole;
	s->count++;
	return true;
}

void
stencil_learn(struct stencil *s, const struct stencil_event *ev,
    const struct json *text, const struct json *of,
    const char *const others[])
{
	stencil_forget(s);
	if (!json_is(text, JSON_STRING) || !add_hole(s, ev, text, true))
		return;
	for (; *others != NULL; others++)	/* without it, it must not differ */
		(void)add_hole(s, ev, json_get(of, *others), false);
	buf_add(&s->event, ev->data, ev->len);
}

/* -------------------------------------------------------------------- fits */

/* How many bytes stand for themselves up to the quote; -1: not all do. */
static ptrdiff_t
plain(const char *p, const char *end)
{
	const char *start = p;
	bool ascii = true;

	for (; p < end && *p != '"'; p++) {
		unsigned char c = (unsigned char)*p;

		if (c < 0x20 || c == '\\')
			return -1;
		ascii = ascii && c < 0x80;
	}
	if (!ascii && !utf8_valid(start, (size_t)(p - start)))
		return -1;
	return p - start;
}

static ptrdiff_t
number(const char *p, const char *end)
{
	const char *start = p;

	while (p < end && *p >= '0' && *p <= '9')
		p++;
	return is_digits(start, (size_t)(p - start)) ? p - start : -1;
}

/* Does p begin as the event is from there to there? */
static bool
same(const struct stencil *s, size_t from, size_t to, const char *p,
    const char *end)
{
	return (size_t)(end - p) >= to - from &&
	    memcmp(p, s->event.data + from, to - from) == 0;
}

bool
stencil_fits(const struct stencil *s, const char *data, size_t len,
    const char **text, size_t *text_len)
{
	const char *p = data, *end = data + len;
	const struct stencil_hole *hole;
	size_t from = 0;
	ptrdiff_t n;

	if (s->event.len == 0)
		return false;
	for (hole = s->holes; hole < s->holes + s->count; hole++) {
		if (!same(s, from, hole->at, p, end))
			return false;
		p += hole->at - from;
		n = hole->number ? number(p, end) : plain(p, end);
		if (n == -1)
			return false;
		if (hole->text) {
			*text = p;
			*text_len = (size_t)n;
		}
		p += n;
		from = hole->at + hole->len;
	}
	return (size_t)(end - p) == s->event.len - from &&
	    same(s, from, s->event.len, p, end);
}
