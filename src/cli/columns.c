/* SPDX-License-Identifier: GPL-3.0-or-later */
/* columns.c - measures cells, then writes them */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "cli/columns.h"
#include "cli/out.h"
#include "ui/safe.h"
#include "ui/style.h"
#include "ui/width.h"

enum { GAP = 2, CUT_MIN = 8 };

struct columns {
	const struct column *cols;
	size_t count;
	char **cells;
	size_t cell_count;
};

struct columns *
columns_new(const struct column *cols, size_t count)
{
	struct columns *c = xcalloc(1, sizeof(*c));

	c->cols = cols;
	c->count = count;
	return c;
}

void
columns_free(struct columns *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->cell_count; i++)
		free(c->cells[i]);
	free(c->cells);
	free(c);
}

void
columns_add(struct columns *c, const char *text)
{
	struct buf b = BUF_INIT;

	if (text != NULL)
		safe_shows(&b, text);
	c->cells = xreallocarray(c->cells, c->cell_count + 1,
	    sizeof(*c->cells));
	c->cells[c->cell_count++] = buf_take(&b);
}

static size_t
cells_of(const char *s)
{
	return width_cells(s, strlen(s));
}

/* Shorten the widest column that may be, until the row fits. */
static void
fit(const struct columns *c, size_t *width, size_t room)
{
	size_t sum = GAP * (c->count - 1);
	size_t widest = c->count;

	for (size_t i = 0; i < c->count; i++) {
		sum += width[i];
		if (c->cols[i].cut && (widest == c->count ||
		    width[i] > width[widest]))
			widest = i;
	}
	if (sum <= room || widest == c->count)
		return;
	size_t over = sum - room;
	width[widest] = width[widest] > over + CUT_MIN ? width[widest] - over :
	    CUT_MIN;
}

static size_t *
measure(const struct columns *c, const struct style *st)
{
	size_t *width = xcalloc(c->count, sizeof(*width));

	for (size_t i = 0; i < c->count; i++)
		width[i] = cells_of(c->cols[i].title);
	for (size_t i = 0; i < c->cell_count; i++) {
		size_t w = cells_of(c->cells[i]);
		if (w > width[i % c->count])
			width[i % c->count] = w;
	}
	if (st->tty)
		fit(c, width, st->columns);
	return width;
}

static void
add_cell(struct buf *b, const char *text, size_t width, int right, int last)
{
	struct buf cut = BUF_INIT;

	width_fit(&cut, text, strlen(text), width);
	size_t pad = width - width_cells(cut.data, cut.len);
	if (right)
		buf_addf(b, "%*s", (int)pad, "");
	buf_add(b, cut.data, cut.len);
	if (!right && !last)
		buf_addf(b, "%*s", (int)pad, "");
	if (!last)
		buf_addf(b, "%*s", GAP, "");
	buf_clear(&cut);
}

int
columns_print(struct columns *c, struct err *e)
{
	struct buf b = BUF_INIT;
	struct style st;

	if (c->cell_count == 0)
		return 0;
	style_init(&st, STDOUT_FILENO);
	size_t *width = measure(c, &st);
	style_add(&b, &st, STYLE_BIT(BOLD));
	for (size_t i = 0; i < c->count; i++)
		add_cell(&b, c->cols[i].title, width[i], c->cols[i].right,
		    i + 1 == c->count);
	style_add(&b, &st, 0);
	buf_addc(&b, '\n');
	for (size_t i = 0; i < c->cell_count; i++) {
		size_t col = i % c->count;
		add_cell(&b, c->cells[i], width[col], c->cols[col].right,
		    col + 1 == c->count);
		if (col + 1 == c->count)
			buf_addc(&b, '\n');
	}
	free(width);
	return out_result(&b, e);
}
