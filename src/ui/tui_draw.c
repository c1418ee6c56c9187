/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tui_draw.c - where what stands on the screen */

/*
 *	transcript, or help, or the list of sessions
 *	question about a tool call
 *	candidates of a completion
 *	──────────────────────────────────── title ──
 *	❯ composer
 *	status
 */

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "client/presence.h"
#include "ui/compose.h"
#include "ui/help.h"
#include "ui/pane.h"
#include "ui/safe.h"
#include "ui/status.h"
#include "ui/tty.h"
#include "ui/tui_priv.h"
#include "ui/width.h"

enum {
	RULE_MIN = 8,		/* rows of a screen that has a rule */
	CANDIDATES = 6,
	COMPOSER_MAX = 10,
};

static const char *const welcome[] = {
	"chatd",
	"",
	"Type a message, Enter sends it.",
	"F1 or ? shows all keys, / the commands, @ attaches a file.",
	"Ctrl+X s lists your sessions. Leaving never ends a running turn.",
};

static void
draw_rule(struct tui *t, size_t row)
{
	struct buf clean = BUF_INIT, fit = BUF_INIT;
	size_t cols = t->next.cols;

	grid_fill(&t->next, row, 0, cols, "\u2500", STYLE_BIT(DIM));
	if (t->title != NULL && cols > 20) {
		safe_shows(&clean, t->title);
		width_fit(&fit, clean.data, clean.len, cols - 8);
		size_t cells = width_cells(fit.data, fit.len);
		if (cells > 0) {
			size_t at = cols - cells - 4;
			grid_puts(&t->next, row, at, " ", 0);
			grid_puts(&t->next, row, at + 1, fit.data,
			    STYLE_BIT(DIM));
			grid_puts(&t->next, row, at + 1 + cells, " ", 0);
		}
	}
	buf_clear(&clean);
	buf_clear(&fit);
}

static size_t
candidate_rows(struct tui *t, size_t *count, size_t *first, size_t max)
{
	size_t chosen, rows;
	const char *const *words = compose_candidates(t->compose, count,
	    &chosen);

	(void)words;
	rows = *count < CANDIDATES ? *count : CANDIDATES;
	if (rows > max)
		rows = max;
	*first = chosen < *count && chosen >= rows && rows > 0 ?
	    chosen + 1 - rows : 0;
	return rows;
}

static const char *
command_help(const struct tui *t, const char *word)
{
	for (size_t i = 0; i < t->opts.table.count; i++)
		if (strcmp(t->opts.table.commands[i].name, word) == 0)
			return t->opts.table.commands[i].help;
	return NULL;
}

static void
draw_candidates(struct tui *t, size_t top, size_t rows, size_t first)
{
	size_t count, chosen;
	const char *const *words = compose_candidates(t->compose, &count,
	    &chosen);

	for (size_t i = 0; i < rows && first + i < count; i++) {
		const char *word = words[first + i];
		const char *help = command_help(t, word);
		unsigned bits = first + i == chosen ? STYLE_BIT(REVERSE) : 0;
		size_t used = grid_puts(&t->next, top + i, 2, word, bits);

		if (help != NULL && t->next.cols > 40)
			grid_puts(&t->next, top + i, 2 + (used < 14 ? 14 :
			    used + 2), help, STYLE_BIT(DIM));
	}
	if (first + rows < count && rows > 0) {
		struct buf b = BUF_INIT;

		buf_addf(&b, " %zu more ", count - first - rows);
		if (t->next.cols > b.len + 2)
			grid_puts(&t->next, top + rows - 1, t->next.cols -
			    b.len, b.data, STYLE_BIT(DIM));
		buf_clear(&b);
	}
}

/* -1: all is well. */
static int64_t
retry_ms(const struct tui *t)
{
	int64_t left = t->retry_at - clock_mono_us();

	if (t->retry_at == 0)
		return -1;
	return left > 0 ? left / 1000 : 0;
}

static void
draw_status(struct tui *t, size_t row)
{
	char *company = tui_company(t);
	struct status s = {
		.model = t->model,
		.mode = t->mode,
		.sandbox = t->sandbox,
		.note = t->note,
		.note_bad = t->note_bad,
		.tokens = t->tokens,
		.context = t->context,
		.cost = t->cost,
		.running = tui_busy(t),
		.elapsed_ms = t->begun_us > 0 ?
		    (clock_mono_us() - t->begun_us) / 1000 : 0,
		.spin = t->spin,
		.doing = t->doing,
		.retry_ms = retry_ms(t),
		.below = pane_below(t->pane),
		.scrolled = !pane_following(t->pane) &&
		    t->over == OVER_NONE,
		.read_only = t->opts.read_only ||
		    presence_holder(t->presence) != NULL,
		.company = company,
	};

	if (t->note == NULL && t->approve.state == APPROVE_LATER)
		s.note = "a tool call waits for you: Enter shows it";
	if (t->note == NULL && t->over == OVER_SESSIONS)
		s.note = "Enter opens, n new, r rename, f fork, / search, Esc";
	if (t->note == NULL && t->over == OVER_HELP)
		s.note = "PgUp PgDn scroll, Esc closes";
	status_draw(&s, &t->next, row);
	free(company);
}

static void
draw_help(struct tui *t, size_t rows)
{
	size_t width = t->next.cols > 4 ? t->next.cols - 4 : 1;

	lines_reset(&t->help);
	help_lines(&t->help, &t->opts.table, &t->style, width);
	t->help_rows = rows;
	if (t->help_first + rows > t->help.count)
		t->help_first = t->help.count > rows ? t->help.count - rows :
		    0;
	for (size_t i = 0; i < rows && t->help_first + i < t->help.count;
	    i++) {
		size_t len;
		const char *s = lines_get(&t->help, t->help_first + i, &len);
		grid_put(&t->next, i, 2, width, s, len, 0);
	}
}

static void
draw_welcome(struct tui *t, size_t rows)
{
	size_t top = rows > 12 ? 2 : 0;

	for (size_t i = 0; i < sizeof(welcome) / sizeof(welcome[0]) &&
	    i + top < rows; i++)
		grid_puts(&t->next, top + i, 2, welcome[i],
		    i == 0 ? STYLE_BIT(HEADING) : STYLE_BIT(DIM));
}

static void
draw_main(struct tui *t, size_t rows)
{
	switch (t->over) {
	case OVER_HELP:
		draw_help(t, rows);
		return;
	case OVER_SESSIONS:
		sessions_draw(&t->sessions, &t->next, 0, rows, t->id, clock_ms());
		return;
	case OVER_NONE:
		/* not while a session is being opened */
		if (t->place != NULL && pane_count(t->pane) == 0)
			draw_welcome(t, rows);
		pane_draw(t->pane, &t->next, 0, rows,
		    clock_mono_us());
		return;
	}
}

static void
draw_find(struct tui *t, size_t row)
{
	const char *words = t->finding ? "search: Enter goes up, Esc ends" :
	    "n up, N down, Esc ends the search";

	if (t->next.cols > 50)
		grid_puts(&t->next, row, 2, words, STYLE_BIT(WARN));
}

void
tui_draw(struct tui *t)
{
	struct grid *g = &t->next;
	size_t rows = g->rows, left, compose, ask = 0, count, first;
	bool rule = rows >= RULE_MIN;
	bool asks = approve_is_open(&t->approve) && t->over == OVER_NONE;
	size_t max = rows / 3 < COMPOSER_MAX ? rows / 3 : COMPOSER_MAX;

	compose = t->opts.read_only ? 0 :
	    compose_rows(t->compose, g->cols, max > 0 ? max : 1);
	if (asks && t->approve.state == APPROVE_ASK)
		compose = 0;
	left = rows > compose + 1 + rule ? rows - compose - 1 - rule : 0;
	if (asks)
		ask = approve_rows(&t->approve, &t->style, g->cols,
		    left > 4 ? left - 2 : left);
	size_t cand = asks ? 0 : candidate_rows(t, &count, &first,
	    left > 2 ? left - 2 : 0);
	left -= ask < left ? ask : left;
	left -= cand < left ? cand : left;
	draw_main(t, left);
	if (asks)
		approve_draw(&t->approve, &t->style, g, left, ask);
	if (cand > 0)
		draw_candidates(t, left, cand, first);
	size_t row = left + ask + cand;
	if (rule) {
		draw_rule(t, row);
		if (t->finding || t->find != NULL)
			draw_find(t, row);
		row++;
	}
	if (compose > 0) {
		compose_draw(t->compose, g, row, compose);
		tui_draw_held(t, row);
	}
	draw_status(t, rows - 1);
	if (t->over == OVER_SESSIONS)
		g->cursor = false;
}
