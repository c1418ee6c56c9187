/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sessions.c - the list of sessions on the screen */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "ui/grid.h"
#include "ui/sessions.h"
#include "ui/safe.h"
#include "ui/style.h"
#include "ui/width.h"

static const struct {
	const char *mark, *word;
	unsigned bits;
} states[ITEM_STATE_COUNT] = {
	[ITEM_IDLE] = { " ", "", 0 },
	[ITEM_RUNNING] = { "\u25b8", "running", STYLE_BIT(OK) },
	[ITEM_WAITING] = { "?", "asks you", STYLE_BIT(WARN) },
	[ITEM_INTERRUPTED] = { "!", "broken off", STYLE_BIT(ERROR) },
	[ITEM_CLOSED] = { "\u2717", "closed", STYLE_BIT(DIM) },
};

void
sessions_init(struct sessions *ib)
{
	*ib = (struct sessions){ .list = NULL };
}

static void
drop_list(struct sessions *ib)
{
	for (size_t i = 0; i < ib->count; i++) {
		item_clear(&ib->list[i]);
		if (ib->snippets != NULL)
			free(ib->snippets[i]);
	}
	free(ib->list);
	free(ib->snippets);
	ib->list = NULL;
	ib->snippets = NULL;
	ib->count = 0;
	str_replace(&ib->query, NULL);
}

void
sessions_clear(struct sessions *ib)
{
	drop_list(ib);
	sessions_init(ib);
}

void
sessions_choose(struct sessions *ib, const char *id)
{
	for (size_t i = 0; id != NULL && i < ib->count; i++)
		if (strcmp(ib->list[i].id, id) == 0)
			ib->chosen = i;
	if (ib->chosen >= ib->count)
		ib->chosen = ib->count > 0 ? ib->count - 1 : 0;
}

static bool
add_item(struct sessions *ib, const struct json *v)
{
	struct item it = { 0 };

	if (item_read(&it, v, NULL) != 0) {
		item_clear(&it);
		return false;
	}
	ib->list[ib->count++] = it;
	return true;
}

void
sessions_load(struct sessions *ib, const struct json *answer)
{
	const struct json *data = json_get(answer, "data"), *v;
	const struct item *old = sessions_chosen(ib);
	char *id = old != NULL ? xstrdup(old->id) : NULL;

	drop_list(ib);
	ib->list = xcalloc(json_len(data) + 1, sizeof(*ib->list));
	JSON_EACH(v, data)
		add_item(ib, v);
	ib->loaded = true;
	sessions_choose(ib, id);
	free(id);
}

void
sessions_load_hits(struct sessions *ib, const struct json *answer,
    const char *query)
{
	const struct json *v;

	drop_list(ib);
	ib->list = xcalloc(json_len(answer) + 1, sizeof(*ib->list));
	ib->snippets = xcalloc(json_len(answer) + 1, sizeof(*ib->snippets));
	JSON_EACH(v, answer) {
		const char *s = json_get_str(v, "snippet");
		if (add_item(ib, json_get(v, "session")))
			ib->snippets[ib->count - 1] =
			    xstrdup(s != NULL ? s : "");
	}
	ib->query = xstrdup(query);
	ib->loaded = true;
	ib->chosen = ib->first = 0;
}

void
sessions_move(struct sessions *ib, long by)
{
	long to = (long)ib->chosen + by;

	if (ib->count == 0)
		return;
	if (to < 0)
		to = 0;
	if (to >= (long)ib->count)
		to = (long)ib->count - 1;
	ib->chosen = (size_t)to;
}

const struct item *
sessions_chosen(const struct sessions *ib)
{
	return ib->chosen < ib->count ? &ib->list[ib->chosen] : NULL;
}

static void
put_fit(struct grid *g, size_t row, size_t col, size_t max, const char *s,
    unsigned bits)
{
	struct buf clean = BUF_INIT, fit = BUF_INIT;

	safe_shows(&clean, s);
	width_fit(&fit, clean.data, clean.len, max);
	grid_put(g, row, col, max, fit.data, fit.len, bits);
	buf_clear(&clean);
	buf_clear(&fit);
}

static void
draw_item(const struct sessions *ib, size_t i, struct grid *g, size_t row,
    const char *current, int64_t now_ms)
{
	const struct item *it = &ib->list[i];
	const char *title = it->title != NULL && it->title[0] != '\0' ?
	    it->title : item_key(it);
	unsigned bits = i == ib->chosen ? STYLE_BIT(REVERSE) : 0;
	bool wide = g->cols >= 60;
	size_t right = wide ? 22 : 6, end = g->cols - right;
	char age[16], number[8] = "";

	if (bits != 0)
		grid_fill(g, row, 0, g->cols, " ", bits);
	if (i < 9)
		snprintf(number, sizeof(number), "%zu", i + 1);
	grid_puts(g, row, 1, number, STYLE_BIT(DIM) | bits);
	grid_puts(g, row, 3, states[it->state].mark,
	    states[it->state].bits | bits);
	put_fit(g, row, 5, end - 6, title, bits | (current != NULL &&
	    strcmp(current, it->id) == 0 ? STYLE_BIT(BOLD) : 0));
	if (wide)
		grid_puts(g, row, end, states[it->state].word,
		    states[it->state].bits | bits);
	clock_age(it->updated_at, now_ms, age, sizeof(age));
	grid_puts(g, row, g->cols - 1 - strlen(age), age,
	    STYLE_BIT(DIM) | bits);
	if (wide && it->messages > 0) {
		struct buf b = BUF_INIT;
		buf_addf(&b, "%" PRId64, it->messages);
		grid_puts(g, row, g->cols - 7 - b.len, b.data,
		    STYLE_BIT(DIM) | bits);
		buf_clear(&b);
	}
}

static void
draw_empty(const struct sessions *ib, struct grid *g, size_t row)
{
	if (!ib->loaded)
		grid_puts(g, row, 2, "looking\u2026", STYLE_BIT(DIM));
	else if (ib->query != NULL)
		grid_puts(g, row, 2, "nothing was found", STYLE_BIT(DIM));
	else
		grid_puts(g, row, 2, "no sessions yet", STYLE_BIT(DIM));
}

void
sessions_draw(struct sessions *ib, struct grid *g, size_t top, size_t rows,
    const char *current, int64_t now_ms)
{
	size_t each = ib->snippets != NULL ? 2 : 1, row = top + 2;
	size_t fit = rows > 3 ? (rows - 2) / each : 1;
	struct buf head = BUF_INIT;

	if (ib->query != NULL) {
		buf_adds(&head, "Found: ");
		safe_shows(&head, ib->query);
	} else {
		buf_adds(&head, "Sessions");
	}
	put_fit(g, top, 1, g->cols - 2, head.data, STYLE_BIT(BOLD));
	buf_clear(&head);
	if (ib->count == 0)
		draw_empty(ib, g, row);
	if (ib->chosen < ib->first)
		ib->first = ib->chosen;
	if (ib->chosen >= ib->first + fit)
		ib->first = ib->chosen + 1 - fit;
	for (size_t i = ib->first; i < ib->count && i < ib->first + fit;
	    i++) {
		draw_item(ib, i, g, row++, current, now_ms);
		if (ib->snippets != NULL)
			put_fit(g, row++, 5, g->cols - 6, ib->snippets[i],
			    STYLE_BIT(DIM));
	}
}
