/* SPDX-License-Identifier: GPL-3.0-or-later */
/* think.c - reasoning that stands between tags at the start of the text */

#include <string.h>

#include "base/attr.h"
#include "model/model_priv.h"
#include "model/think.h"

static const char start_tag[] = "<think>";
static const char end_tag[] = "</think>";

void
think_init(struct think *t, bool open)
{
	*t = (struct think){ .inside = open };
}

static void
out(struct think *t, struct model_call *call, const char *s, size_t len)
{
	while (t->trim && len > 0 && strchr(" \t\r\n", *s) != NULL) {
		s++;
		len--;
	}
	if (len == 0)
		return;
	t->trim = false;
	if (t->inside)
		model_tell_reasoning(call, s, len);
	else
		model_tell_text(call, s, len);
}

/* What was held back is no tag. */
static void
let_go(struct think *t, struct model_call *call)
{
	size_t len = t->held_len;

	t->held_len = 0;
	out(t, call, t->held, len);
}

/*
 * One more byte at the start: blanks, then perhaps a tag. True as long as it
 * is not decided.
 */
static bool
at_start(struct think *t, struct model_call *call, char c)
{
	if (t->held_len == 0 && strchr(" \t\r\n", c) != NULL) {
		t->trim = true;
		return true;
	}
	if (c == start_tag[t->held_len]) {
		t->held[t->held_len++] = c;
		if (t->held_len < sizeof start_tag - 1)
			return true;
		t->held_len = 0;
		t->inside = t->decided = t->trim = true;
		return true;
	}
	t->decided = true;
	let_go(t, call);
	return false;
}

static void
inside(struct think *t, struct model_call *call, const char *c)
{
	if (*c != end_tag[t->held_len]) {
		let_go(t, call);
		if (*c != end_tag[0]) {
			out(t, call, c, 1);
			return;
		}
	}
	t->held[t->held_len++] = *c;
	if (t->held_len == sizeof end_tag - 1) {
		t->held_len = 0;
		t->inside = false;
		t->trim = true;
	}
}

void
think_feed(struct think *t, struct model_call *call, const char *s,
    size_t len)
{
	size_t i = 0, run;

	while (i < len && !t->decided)
		if (at_start(t, call, s[i]))
			i++;
	while (i < len && t->inside) {
		/* all up to the next "<" in one piece */
		const char *lt = memchr(s + i, '<', len - i);

		run = lt == NULL ? len - i : (size_t)(lt - (s + i));
		if (t->held_len == 0 && run > 0) {
			out(t, call, s + i, run);
			i += run;
			continue;
		}
		inside(t, call, s + i++);
	}
	if (i < len)
		out(t, call, s + i, len - i);
}

void
think_end(struct think *t, struct model_call *call)
{
	if (t->held_len > 0)
		let_go(t, call);
}
