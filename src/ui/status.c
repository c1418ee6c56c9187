/* SPDX-License-Identifier: GPL-3.0-or-later */
/* status.c - the last line of the screen */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "ui/card.h"
#include "ui/grid.h"
#include "ui/safe.h"
#include "ui/status.h"
#include "ui/style.h"
#include "ui/width.h"

static const char *const spinner[] = { "|", "/", "-", "\\" };

void
status_count(char *out, size_t size, int64_t n)
{
	if (n < 1000)
		snprintf(out, size, "%" PRId64, n);
	else if (n < 1000000)
		snprintf(out, size, "%.1fk", (double)n / 1000);
	else
		snprintf(out, size, "%.1fM", (double)n / 1000000);
}

/* A fact, if there is room for all of it. */
static bool
put(struct grid *g, size_t row, size_t *col, size_t end, const char *s,
    unsigned bits)
{
	size_t cells = width_cells(s, strlen(s));
	size_t gap = *col > 1 ? 3 : 0;

	if (*col + gap + cells >= end)
		return false;
	if (gap > 0)
		grid_puts(g, row, *col + 1, "\u00b7", STYLE_BIT(DIM));
	*col += gap;
	*col += grid_puts(g, row, *col, s, bits);
	return true;
}

static void
put_running(const struct status *s, struct grid *g, size_t row, size_t *col,
    size_t end)
{
	struct buf time = BUF_INIT, b = BUF_INIT;

	card_time(&time, s->elapsed_ms / 1000 * 1000);
	if (s->elapsed_ms < 10000) {	/* whole seconds */
		buf_cut(&time, time.len - 3);
		buf_addc(&time, 's');
	}
	buf_addf(&b, "%s %s%s%s", spinner[s->spin % 4],
	    s->doing != NULL ? s->doing : "", s->doing != NULL ? " " : "",
	    time.data);
	if (!put(g, row, col, end, b.data, STYLE_BIT(OK)))
		put(g, row, col, end, time.data, STYLE_BIT(OK));
	if (!s->read_only)
		put(g, row, col, end, "Esc stops", STYLE_BIT(DIM));
	buf_clear(&time);
	buf_clear(&b);
}

static bool
is(const char *s, const char *word)
{
	return s != NULL && strcmp(s, word) == 0;
}

/* What a person must not miss comes first, however narrow it is. */
static void
put_bounds(const struct status *s, struct grid *g, size_t row, size_t *col,
    size_t end)
{
	if (s->mode != NULL && !is(s->mode, "default"))
		put(g, row, col, end, s->mode, is(s->mode, "allow-all") ?
		    STYLE_BIT(ERROR) : STYLE_BIT(WARN));
	if (is(s->sandbox, "off") || is(s->sandbox, "none"))
		put(g, row, col, end, "no sandbox", STYLE_BIT(ERROR));
}

static void
put_model(const struct status *s, struct grid *g, size_t row, size_t *col,
    size_t end)
{
	struct buf clean = BUF_INIT, fit = BUF_INIT;

	safe_shows(&clean, s->model != NULL ? s->model : "");
	width_fit(&fit, clean.data, clean.len, g->cols / 3);
	if (fit.len > 0)
		put(g, row, col, end, fit.data, STYLE_BIT(DIM));
	buf_clear(&clean);
	buf_clear(&fit);
}

static void
put_facts(const struct status *s, struct grid *g, size_t row, size_t *col,
    size_t end)
{
	char n[32], text[64];

	if (s->context >= 0) {
		snprintf(text, sizeof(text), "%.0f%% of context",
		    s->context * 100);
		put(g, row, col, end, text, s->context > 0.8 ?
		    STYLE_BIT(WARN) : STYLE_BIT(DIM));
	}
	if (s->cost > 0) {
		snprintf(text, sizeof(text), "$%.2f", s->cost);
		put(g, row, col, end, s->cost < 0.005 ? "<$0.01" : text,
		    STYLE_BIT(DIM));
	}
	if (s->tokens > 0) {
		status_count(n, sizeof(n), s->tokens);
		snprintf(text, sizeof(text), "%s tokens", n);
		put(g, row, col, end, text, STYLE_BIT(DIM));
	}
	put_model(s, g, row, col, end);
	if (is(s->mode, "default"))
		put(g, row, col, end, "default", STYLE_BIT(DIM));
	if (s->sandbox != NULL && !is(s->sandbox, "off") &&
	    !is(s->sandbox, "none"))
		put(g, row, col, end, s->sandbox, STYLE_BIT(DIM));
}

static void
put_note(const struct status *s, struct grid *g, size_t row, size_t end)
{
	struct buf clean = BUF_INIT, fit = BUF_INIT;

	safe_shows(&clean, s->note);
	width_fit(&fit, clean.data, clean.len, end > 2 ? end - 2 : 1);
	grid_puts(g, row, 1, fit.data, s->note_bad ? STYLE_BIT(ERROR) :
	    STYLE_BIT(WARN));
	buf_clear(&clean);
	buf_clear(&fit);
}

static void
put_connection(const struct status *s, struct grid *g, size_t row,
    size_t *col, size_t end)
{
	char text[64];

	if (s->retry_ms < 0)
		return;
	snprintf(text, sizeof(text), "reconnecting in %" PRId64 " s",
	    (s->retry_ms + 999) / 1000);
	put(g, row, col, end, s->retry_ms > 0 ? text : "reconnecting",
	    STYLE_BIT(WARN));
}

void
status_draw(const struct status *s, struct grid *g, size_t row)
{
	char right[64] = "F1 help ";
	size_t col = 1, end;

	if (s->scrolled && s->below > 0)
		snprintf(right, sizeof(right), "%zu more below, End ",
		    s->below);
	else if (s->scrolled)
		snprintf(right, sizeof(right), "more below, End ");
	end = g->cols > strlen(right) + 2 ? g->cols - strlen(right) : g->cols;
	if (end < g->cols)
		grid_puts(g, row, end, right, s->scrolled ? STYLE_BIT(WARN) :
		    STYLE_BIT(DIM));
	if (s->note != NULL) {
		put_note(s, g, row, end);
		return;
	}
	put_connection(s, g, row, &col, end);
	put_bounds(s, g, row, &col, end);
	if (s->running)
		put_running(s, g, row, &col, end);
	if (s->read_only)
		put(g, row, &col, end, "read-only", STYLE_BIT(WARN));
	if (s->company != NULL)
		put(g, row, &col, end, s->company, STYLE_BIT(OK));
	put_facts(s, g, row, &col, end);
}
