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
static void
put(struct grid *g, size_t row, size_t *col, size_t end, const char *s,
    unsigned bits)
{
	size_t cells = width_cells(s, strlen(s));
	size_t gap = *col > 1 ? 3 : 0;

	if (*col + gap + cells > end)
		return;
	if (gap > 0)
		grid_puts(g, row, *col + 1, "\u00b7", STYLE_BIT(DIM));
	*col += gap;
	*col += grid_puts(g, row, *col, s, bits);
}

static void
put_running(const struct status *s, struct grid *g, size_t row, size_t *col,
    size_t end)
{
	struct buf b = BUF_INIT;

	buf_addf(&b, "%s ", spinner[s->spin % 4]);
	if (s->doing != NULL)
		buf_addf(&b, "%s ", s->doing);
	card_time(&b, s->elapsed_ms / 1000 * 1000);
	if (s->elapsed_ms < 10000) {	/* whole seconds */
		buf_cut(&b, b.len - 3);
		buf_addc(&b, 's');
	}
	put(g, row, col, end, b.data, STYLE_BIT(OK));
	buf_reset(&b);
	buf_adds(&b, "Esc stops");
	put(g, row, col, end, b.data, STYLE_BIT(DIM));
	buf_clear(&b);
}

static void
put_facts(const struct status *s, struct grid *g, size_t row, size_t *col,
    size_t end)
{
	char n[32], text[64];
	struct buf model = BUF_INIT;

	safe_shows(&model, s->model != NULL ? s->model : "");
	if (model.len > 0)
		put(g, row, col, end, model.data, STYLE_BIT(DIM));
	buf_clear(&model);
	if (s->mode != NULL)
		put(g, row, col, end, s->mode, STYLE_BIT(WARN));
	if (s->tokens > 0) {
		status_count(n, sizeof(n), s->tokens);
		snprintf(text, sizeof(text), "%s tokens", n);
		put(g, row, col, end, text, STYLE_BIT(DIM));
	}
	if (s->context >= 0) {
		snprintf(text, sizeof(text), "%.0f%% of context",
		    s->context * 100);
		put(g, row, col, end, text, s->context > 0.8 ?
		    STYLE_BIT(WARN) : STYLE_BIT(DIM));
	}
	if (s->cost > 0) {
		snprintf(text, sizeof(text), "$%.2f", s->cost);
		put(g, row, col, end, text, STYLE_BIT(DIM));
	}
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
	if (s->connection != NULL)
		put(g, row, &col, end, s->connection, STYLE_BIT(WARN));
	if (s->running)
		put_running(s, g, row, &col, end);
	if (s->read_only)
		put(g, row, &col, end, "read-only", STYLE_BIT(WARN));
	if (s->company != NULL)
		put(g, row, &col, end, s->company, STYLE_BIT(OK));
	put_facts(s, g, row, &col, end);
}
