/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pane.c - entries, what of them is seen, and finding in them */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "ui/grid.h"
#include "ui/lines.h"
#include "ui/piece.h"
#include "ui/style.h"
#include "ui/pane.h"
#include "wire/message.h"

enum {
	MARGIN = 2,
	LAID_MAX = 400,		/* entries that stay laid out */
};

struct entry {
	const struct message *m;
	char *note;
	unsigned bits;
	struct piece *pieces;	/* one for each part; a note has one */
	size_t count;
	size_t height;		/* with the blank line below */
	bool laid, pending;
};

struct pane {
	const struct style *style;
	struct entry *list;
	size_t count, room, pending, laid;
	const struct message *live;
	const struct subs *subs;
	size_t width, rows;
	bool follow, reasoning, output, ticks;
	size_t top, line;	/* what the first row shows, if !follow */
	size_t last;		/* the last entry seen */
	int64_t now;
	char *words;
};

struct pane *
pane_new(const struct style *style)
{
	struct pane *t = xcalloc(1, sizeof(*t));

	t->style = style;
	t->follow = true;
	t->width = 80;
	return t;
}

static void
unlay(struct pane *t, struct entry *en)
{
	for (size_t i = 0; i < en->count; i++)
		piece_clear(&en->pieces[i]);
	free(en->pieces);
	en->pieces = NULL;
	en->count = 0;
	if (en->laid)
		t->laid--;
	en->laid = false;
}

void
pane_reset(struct pane *t)
{
	for (size_t i = 0; i < t->count; i++) {
		unlay(t, &t->list[i]);
		free(t->list[i].note);
	}
	t->count = t->pending = t->top = t->line = t->last = 0;
	t->live = NULL;
	t->follow = true;
	str_replace(&t->words, NULL);
}

void
pane_free(struct pane *t)
{
	if (t == NULL)
		return;
	pane_reset(t);
	free(t->list);
	free(t);
}

/* -------------------------------------------------------------- entries */

static struct entry *
insert(struct pane *t, size_t at)
{
	struct entry *en;

	if (t->count == t->room) {
		t->room = t->room * 2 + 64;
		t->list = xreallocarray(t->list, t->room, sizeof(*t->list));
	}
	en = &t->list[at];
	memmove(en + 1, en, (t->count - at) * sizeof(*en));
	*en = (struct entry){ .m = NULL };
	t->count++;
	if (at < t->top || (at == t->top && t->line > 0))
		t->top++;
	return en;
}

void
pane_add(struct pane *t, const struct message *m)
{
	insert(t, t->count - t->pending)->m = m;
}

void
pane_prepend(struct pane *t, const struct message *const *list,
    size_t count)
{
	size_t old = t->count;

	if (count == 0)
		return;
	while (t->count < old + count)
		insert(t, t->count);
	memmove(t->list + count, t->list, old * sizeof(*t->list));
	for (size_t i = 0; i < count; i++)
		t->list[i] = (struct entry){ .m = list[i] };
	t->top += count;
}

void
pane_add_pending(struct pane *t, const struct message *m)
{
	struct entry *en = insert(t, t->count);

	en->m = m;
	en->pending = true;
	t->pending++;
}

static size_t
place_of(const struct pane *t, const struct message *m)
{
	size_t i = t->count;

	while (i > 0 && t->list[i - 1].m != m)
		i--;
	return i == 0 ? t->count : i - 1;
}

void
pane_insert(struct pane *t, const struct message *m,
    const struct message *before)
{
	size_t at = place_of(t, before);

	insert(t, at < t->count ? at : t->count - t->pending)->m = m;
}

/* The pending entry of this id (NULL: the oldest), or count. */
static size_t
find_pending(const struct pane *t, const char *id)
{
	size_t i = t->count - t->pending;

	while (i < t->count && id != NULL &&
	    strcmp(t->list[i].m->id, id) != 0)
		i++;
	return i;
}

bool
pane_take_up(struct pane *t, const char *id)
{
	size_t i = find_pending(t, id), first = t->count - t->pending;

	if (i >= t->count)
		return false;
	struct entry en = t->list[i];
	memmove(&t->list[first + 1], &t->list[first],
	    (i - first) * sizeof(en));
	unlay(t, &en);
	en.pending = false;
	t->list[first] = en;
	t->pending--;
	return true;
}

static void
drop(struct pane *t, size_t i)
{
	unlay(t, &t->list[i]);
	free(t->list[i].note);
	memmove(&t->list[i], &t->list[i + 1],
	    (t->count - i - 1) * sizeof(*t->list));
	t->count--;
}

void
pane_drop_pending(struct pane *t, const char *id)
{
	size_t i = find_pending(t, id);

	if (i >= t->count)
		return;
	drop(t, i);
	t->pending--;
}

void
pane_cut(struct pane *t, const char *id)
{
	size_t end = t->count - t->pending, i = end;

	while (i > 0 && (t->list[i - 1].m == NULL ||
	    strcmp(t->list[i - 1].m->id, id) != 0))
		i--;
	if (i == 0)
		return;
	while (end-- > i - 1)
		drop(t, end);
	t->follow = true;
}

size_t
pane_pending(const struct pane *t)
{
	return t->pending;
}

void
pane_note(struct pane *t, const char *text, unsigned bits)
{
	struct entry *en = insert(t, t->count - t->pending);

	en->note = xstrdup(text);
	en->bits = bits;
}

static void
need_pieces(struct entry *en, size_t count)
{
	if (count < en->count)
		for (size_t i = count; i < en->count; i++)
			piece_clear(&en->pieces[i]);
	if (count == en->count)
		return;
	en->pieces = xreallocarray(en->pieces, count > 0 ? count : 1,
	    sizeof(*en->pieces));
	for (size_t i = en->count; i < count; i++)
		piece_init(&en->pieces[i]);
	en->count = count;
}

void
pane_touch(struct pane *t, const struct message *m)
{
	size_t i = place_of(t, m);

	if (i >= t->count)
		return;
	/* parts that are gone: others may come in their places */
	if (m->part_count < t->list[i].count)
		need_pieces(&t->list[i], m->part_count);
	if (t->list[i].laid)
		t->laid--;
	t->list[i].laid = false;
}

void
pane_live(struct pane *t, const struct message *m)
{
	const struct message *old = t->live;
	size_t i = old != NULL ? place_of(t, old) : t->count;

	t->live = m;
	if (old == m || i >= t->count)
		return;
	/* what was cut off is finished in its look */
	for (size_t n = 0; n < t->list[i].count; n++)
		t->list[i].pieces[n].laid = false;
	pane_touch(t, old);
}

void
pane_subs(struct pane *t, const struct subs *subs)
{
	t->subs = subs;
}

bool
pane_has(const struct pane *t, const char *id)
{
	for (size_t i = t->count; i > 0; i--) {
		const struct message *m = t->list[i - 1].m;
		if (m != NULL && strcmp(m->id, id) == 0)
			return true;
	}
	return false;
}

size_t
pane_count(const struct pane *t)
{
	return t->count;
}

const struct message *
pane_message(const struct pane *t, size_t i)
{
	return t->list[i].m;
}

void
pane_forget(struct pane *t)
{
	for (size_t i = 0; i < t->count; i++) {
		struct entry *en = &t->list[i];

		for (size_t n = 0; n < en->count; n++)
			piece_forget(&en->pieces[n]);
		if (en->laid)
			t->laid--;
		en->laid = false;
	}
}

void
pane_fold(struct pane *t, bool reasoning, bool output)
{
	t->reasoning = reasoning;
	t->output = output;
	pane_forget(t);
}

bool
pane_reasoning(const struct pane *t)
{
	return t->reasoning;
}

bool
pane_output(const struct pane *t)
{
	return t->output;
}

/* --------------------------------------------------------------- layout */

/* A blank line stands in front of each piece, but not between two cards.
 * before is the one that is seen above, or NULL. */
static bool
gap_between(const struct part *before, const struct part *p)
{
	return before != NULL && (before->type != p->type ||
	    p->type == PART_TEXT || p->type == PART_REASONING);
}

static void
lay_note(struct pane *t, struct entry *en)
{
	struct lines_look k = { .style = t->style, .width = t->width - MARGIN,
	    .bits = en->bits };

	need_pieces(en, 1);
	lines_reset(&en->pieces[0].done);
	lines_wrap(&en->pieces[0].done, en->note, strlen(en->note), &k);
	en->height = piece_height(&en->pieces[0]) + 1;
}

static void
lay_message(struct pane *t, struct entry *en)
{
	struct piece_look look = {
		.style = t->style,
		.width = t->width - MARGIN,
		.reasoning = t->reasoning,
		.output = t->output,
		.now_us = t->now,
		.live = en->m == t->live,
		.subs = en->m == t->live ? t->subs : NULL,
		.plain = en->m->role != ROLE_ASSISTANT,
	};
	const struct part *before = NULL;
	struct part *p;
	size_t i = 0;

	need_pieces(en, en->m->part_count);
	en->height = 0;
	TAILQ_FOREACH(p, &en->m->parts, entry) {
		struct piece *pc = &en->pieces[i++];

		(void)piece_update(pc, p, &look);
		if (piece_ticks(pc, p))
			t->ticks = true;
		if (piece_height(pc) == 0)
			continue;
		pc->gap = gap_between(before, p);
		en->height += piece_height(pc) + pc->gap;
		before = p;
	}
	if (en->height > 0)
		en->height++;
}

static size_t
height(struct pane *t, size_t i)
{
	struct entry *en = &t->list[i];

	if (en->laid && !(en->m != NULL && en->m == t->live))
		return en->height;
	if (en->m != NULL)
		lay_message(t, en);
	else
		lay_note(t, en);
	if (!en->laid)
		t->laid++;
	en->laid = true;
	return en->height;
}

/* Line n of entry i; NULL for a blank one. */
static const char *
line_of(const struct entry *en, size_t n, size_t *len)
{
	for (size_t i = 0; i < en->count; i++) {
		size_t h = piece_height(&en->pieces[i]);

		if (h == 0)
			continue;
		if (en->pieces[i].gap) {
			if (n == 0)
				return NULL;
			n--;
		}
		if (n < h)
			return piece_line(&en->pieces[i], n, len);
		n -= h;
	}
	return NULL;
}

/* The place of the first row when the end is seen. */
static void
find_end(struct pane *t, size_t *top, size_t *line)
{
	size_t i = t->count, sum = 0;

	while (i > 0 && sum <= t->rows) {
		i--;
		sum += height(t, i);
	}
	*top = i;
	/* the blank line below the last one need not be seen */
	*line = sum > t->rows + 1 ? sum - t->rows - 1 : 0;
}

static void
forget_far(struct pane *t, size_t first, size_t last)
{
	if (t->laid <= LAID_MAX)
		return;
	for (size_t i = 0; i < t->count; i++)
		if (t->list[i].laid && t->list[i].m != t->live &&
		    (i + LAID_MAX / 4 < first || i > last + LAID_MAX / 4))
			unlay(t, &t->list[i]);
}

/* ----------------------------------------------------------------- draw */

static void
mark_words(const struct pane *t, struct grid *g, size_t row)
{
	size_t len = strlen(t->words);

	for (size_t col = MARGIN; col < g->cols; col++) {
		size_t at = col, done = 0;

		while (at < g->cols && done < len) {
			const struct cell *c = grid_at(g, row, at);
			if (c->len > len - done || strncasecmp(c->text,
			    t->words + done, c->len) != 0)
				break;
			done += c->len;
			at++;
		}
		if (done == len)
			grid_mark(g, row, col, at - col,
			    STYLE_BIT(REVERSE));
	}
}

static void
draw_margin(const struct entry *en, struct grid *g, size_t row)
{
	if (en->m != NULL && en->m->role == ROLE_USER)
		grid_puts(g, row, 0, "\u276f", en->pending ? STYLE_BIT(DIM) :
		    STYLE_BIT(PROMPT));
	else if (en->m != NULL && en->m->role == ROLE_SYSTEM)
		grid_puts(g, row, 0, "\u25b8", STYLE_BIT(DIM));
}

static unsigned
bits_of(const struct entry *en)
{
	if (en->m == NULL || en->m->role != ROLE_USER)
		return 0;
	return en->pending ? STYLE_BIT(DIM) : STYLE_BIT(BOLD);
}

static void
draw_line(struct pane *t, struct grid *g, size_t row, size_t i,
    size_t n)
{
	const struct entry *en = &t->list[i];
	size_t len = 0;
	const char *line = line_of(en, n, &len);

	if (line == NULL)
		return;
	if (n == 0)
		draw_margin(en, g, row);
	grid_put(g, row, MARGIN, g->cols, line, len, bits_of(en));
	if (en->pending && n == 0 && g->cols > 30)
		grid_puts(g, row, g->cols - 8, " waiting",
		    STYLE_BIT(DIM) | STYLE_BIT(ITALIC));
	if (t->words != NULL && t->words[0] != '\0')
		mark_words(t, g, row);
}

void
pane_draw(struct pane *t, struct grid *g, size_t top,
    size_t rows, int64_t now_us)
{
	size_t i, n, row;

	t->now = now_us;
	t->rows = rows;
	t->ticks = false;
	if (t->width != g->cols) {
		t->width = g->cols > MARGIN + 1 ? g->cols : MARGIN + 1;
		pane_forget(t);
	}
	g->scroll_top = top;
	g->scroll_rows = rows;
	if (t->follow)
		find_end(t, &t->top, &t->line);
	if (t->count == 0)
		return;
	for (i = t->top, n = t->line, row = 0; i < t->count && row < rows;) {
		if (n >= height(t, i)) {
			n = 0;
			i++;
			continue;
		}
		draw_line(t, g, top + row++, i, n++);
	}
	t->last = i < t->count ? i : t->count - 1;
	forget_far(t, t->top, t->last);
}

bool
pane_ticks(const struct pane *t)
{
	return t->ticks;
}

/* --------------------------------------------------------------- scroll */

static void
scroll_up(struct pane *t, size_t lines)
{
	while (lines > t->line) {
		if (t->top == 0) {
			t->line = 0;
			return;
		}
		lines -= t->line;
		t->line = height(t, --t->top);
	}
	t->line -= lines;
}

static void
scroll_down(struct pane *t, size_t lines)
{
	size_t end_top, end_line;

	t->line += lines;
	while (t->top < t->count && t->line >= height(t, t->top))
		t->line -= height(t, t->top++);
	find_end(t, &end_top, &end_line);
	if (t->top > end_top || (t->top == end_top && t->line >= end_line))
		t->follow = true;
}

void
pane_scroll(struct pane *t, long lines)
{
	size_t end_top, end_line;

	if (t->count == 0 || (t->follow && lines > 0))
		return;
	if (t->follow) {
		find_end(t, &end_top, &end_line);
		t->top = end_top;
		t->line = end_line;
		if (end_top == 0 && end_line == 0)
			return;		/* all of it is seen */
		t->follow = false;
	}
	if (lines < 0)
		scroll_up(t, (size_t)-lines);
	else
		scroll_down(t, (size_t)lines);
}

size_t
pane_rows(const struct pane *t)
{
	return t->rows;
}

void
pane_home(struct pane *t)
{
	pane_scroll(t, -1);
	t->top = t->line = 0;
}

void
pane_end(struct pane *t)
{
	t->follow = true;
}

bool
pane_following(const struct pane *t)
{
	return t->follow;
}

bool
pane_at_start(const struct pane *t)
{
	return t->top == 0;
}

size_t
pane_below(const struct pane *t)
{
	return t->count == 0 ? 0 : t->count - 1 - t->last;
}

/* ----------------------------------------------------------------- find */

/* The line as a reader sees it. */
static bool
line_has(const char *line, size_t len, const char *words)
{
	struct buf plain = BUF_INIT;
	bool has;

	for (size_t i = 0; i < len; i++) {
		if (line[i] == STYLE_MARK) {
			i += STYLE_MARK_LEN - 1;
		} else if (line[i] == STYLE_MARK_LINK) {
			const char *end = memchr(line + i + 1,
			    STYLE_MARK_LINK, len - i - 1);
			i = end != NULL ? (size_t)(end - line) : len;
		} else {
			buf_addc(&plain, line[i]);
		}
	}
	has = strcasestr(plain.data, words) != NULL;
	buf_clear(&plain);
	return has;
}

/* Is it worth a look? Cheaper than laying it out. */
static bool
entry_has(const struct entry *en, const char *words)
{
	const struct part *p;

	if (en->m == NULL)
		return strcasestr(en->note, words) != NULL;
	TAILQ_FOREACH(p, &en->m->parts, entry)
		if (p->type == PART_TOOL || (p->text.len > 0 &&
		    strcasestr(p->text.data, words) != NULL))
			return true;
	return false;
}

/* One step from (i, n) up or down over whole entries; false at the ends. */
static bool
step(struct pane *t, size_t *i, size_t *n, bool up, const char *words)
{
	if (up && *n > 0) {
		--*n;
		return true;
	}
	if (!up && *n + 1 < height(t, *i)) {
		++*n;
		return true;
	}
	do {
		if (up ? *i == 0 : *i + 1 >= t->count)
			return false;
		*i += up ? (size_t)-1 : 1;
	} while (!entry_has(&t->list[*i], words) || height(t, *i) == 0);
	*n = up ? height(t, *i) - 1 : 0;
	return true;
}

bool
pane_find(struct pane *t, const char *words, bool up)
{
	size_t i, n, len;

	str_replace(&t->words, words);
	if (words == NULL || *words == '\0' || t->count == 0)
		return false;
	if (t->follow)
		find_end(t, &t->top, &t->line);
	i = t->top;
	n = t->line;
	/* what is found stands in the second row */
	if (!up && t->line + 1 < height(t, i))
		n++;
	while (step(t, &i, &n, up, words)) {
		const char *line = line_of(&t->list[i], n, &len);

		if (line == NULL || !line_has(line, len, words))
			continue;
		t->follow = false;
		t->top = i;
		t->line = n;
		scroll_up(t, 1);
		return true;
	}
	return false;
}
