/* SPDX-License-Identifier: GPL-3.0-or-later */
/* grid.c - puts lines with marks into cells */

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "ui/grid.h"
#include "ui/style.h"
#include "ui/width.h"

void
grid_init(struct grid *g)
{
	*g = (struct grid){ .rows = 0 };
}

static void
forget_links(struct grid *g)
{
	for (size_t i = 0; i < g->link_count; i++)
		free(g->links[i]);
	g->link_count = 0;
}

void
grid_clear(struct grid *g)
{
	forget_links(g);
	free(g->links);
	free(g->cells);
	grid_init(g);
}

static struct cell *
cell_at(struct grid *g, size_t row, size_t col)
{
	return &g->cells[row * g->cols + col];
}

static void
blank(struct cell *c, unsigned bits)
{
	memset(c, 0, sizeof(*c));
	c->bits = bits;
	c->width = 1;
	c->len = 1;
	c->text[0] = ' ';
}

static size_t
row_size(const struct grid *g)
{
	return g->cols * sizeof(*g->cells);
}

static void
blank_rows(struct grid *g, size_t row, size_t count)
{
	for (size_t col = 0; count > 0 && col < g->cols; col++)
		blank(cell_at(g, row, col), 0);
	for (size_t i = 1; i < count; i++)
		memcpy(cell_at(g, row + i, 0), cell_at(g, row, 0),
		    row_size(g));
}

void
grid_erase(struct grid *g)
{
	forget_links(g);
	blank_rows(g, 0, g->rows);
	g->cursor = false;
	g->scroll_rows = 0;
}

void
grid_scroll(struct grid *g, size_t top, size_t rows, long n)
{
	size_t by = (size_t)labs(n) < rows ? (size_t)labs(n) : rows;
	size_t from = top + (n > 0 ? by : 0), to = top + (n > 0 ? 0 : by);

	memmove(cell_at(g, to, 0), cell_at(g, from, 0),
	    (rows - by) * row_size(g));
	blank_rows(g, n > 0 ? top + rows - by : top, by);
}

void
grid_resize(struct grid *g, size_t rows, size_t cols)
{
	g->rows = rows < 1 ? 1 : rows < GRID_SIZE_MAX ? rows : GRID_SIZE_MAX;
	g->cols = cols < 1 ? 1 : cols < GRID_SIZE_MAX ? cols : GRID_SIZE_MAX;
	g->cells = xreallocarray(g->cells, g->rows * g->cols,
	    sizeof(*g->cells));
	grid_erase(g);
}

static uint16_t
add_link(struct grid *g, const char *url, size_t len)
{
	if (len == 0 || g->link_count == UINT16_MAX)
		return 0;
	g->links = xreallocarray(g->links, g->link_count + 1,
	    sizeof(*g->links));
	g->links[g->link_count++] = xstrndup(url, len);
	return (uint16_t)g->link_count;
}

/* What shares a cell with a half of something wide becomes blank. */
static void
break_wide(struct grid *g, size_t row, size_t col)
{
	struct cell *c = cell_at(g, row, col);

	if (c->width == 0 && col > 0)
		blank(cell_at(g, row, col - 1), c->bits);
	if (c->width == 2 && col + 1 < g->cols)
		blank(cell_at(g, row, col + 1), c->bits);
}

struct pen {
	size_t row, col, end;
	unsigned bits, own;
	uint16_t link;
};

static void
put_cell(struct grid *g, struct pen *pen, const char *s, size_t len,
    size_t width)
{
	struct cell *c = cell_at(g, pen->row, pen->col);

	break_wide(g, pen->row, pen->col);
	if (width == 2)
		break_wide(g, pen->row, pen->col + 1);
	blank(c, pen->bits | pen->own);
	c->link = pen->link;
	c->width = (uint8_t)width;
	c->len = (uint8_t)utf8_prefix(s, len, CELL_TEXT);
	memcpy(c->text, s, c->len);
	if (width == 2) {
		struct cell *right = c + 1;

		blank(right, c->bits);
		right->width = right->len = 0;
		right->text[0] = '\0';
		right->link = pen->link;
	}
	pen->col += width;
}

/* A mark without a base character goes to the one in front of it. */
static void
put_mark(struct grid *g, struct pen *pen, const char *s, size_t len)
{
	struct cell *c;

	if (pen->col == 0)
		return;
	c = cell_at(g, pen->row, pen->col - 1);
	if (c->width == 0 && pen->col > 1)
		c--;
	if (c->len + len > CELL_TEXT)
		return;
	memcpy(c->text + c->len, s, len);
	c->len = (uint8_t)(c->len + len);
}

/* The cluster at s; false when it does not fit any more. */
static bool
put_cluster(struct grid *g, struct pen *pen, const char *s, size_t len,
    size_t width, size_t start)
{
	if (s[0] == '\t') {
		width = WIDTH_TAB - (pen->col - start) % WIDTH_TAB;
		while (width-- > 0 && pen->col < pen->end)
			put_cell(g, pen, " ", 1, 1);
		return true;
	}
	if ((unsigned char)s[0] < 0x20)
		return true;	/* not safe: cannot be */
	if (width == 0) {
		put_mark(g, pen, s, len);
		return true;
	}
	if (pen->col + width > pen->end)
		return false;
	put_cell(g, pen, s, len, width);
	return true;
}

/* A mark at s: what it says, and its length. */
static size_t
take_mark(struct grid *g, struct pen *pen, const char *s, size_t len)
{
	const char *end;

	if (s[0] == STYLE_MARK) {
		if (len < STYLE_MARK_LEN)
			return len;
		pen->own = style_mark_bits(s);
		return STYLE_MARK_LEN;
	}
	end = memchr(s + 1, STYLE_MARK_LINK, len - 1);
	if (end == NULL)
		return len;
	pen->link = add_link(g, s + 1, (size_t)(end - s) - 1);
	return (size_t)(end - s) + 1;
}

size_t
grid_put(struct grid *g, size_t row, size_t col, size_t max,
    const char *line, size_t len, unsigned bits)
{
	struct pen pen = { .row = row, .col = col, .bits = bits };
	size_t pos = 0, cells;

	if (row >= g->rows || col >= g->cols)
		return 0;
	pen.end = max < g->cols - col ? col + max : g->cols;
	while (pos < len) {
		const char *s = line + pos;

		if (*s == STYLE_MARK || *s == STYLE_MARK_LINK) {
			pos += take_mark(g, &pen, s, len - pos);
			continue;
		}
		size_t n = width_cluster(s, len - pos, pen.col - col, &cells);
		if (!put_cluster(g, &pen, s, n, cells, col))
			break;
		pos += n;
	}
	return pen.col - col;
}

size_t
grid_puts(struct grid *g, size_t row, size_t col, const char *s,
    unsigned bits)
{
	return grid_put(g, row, col, g->cols, s, strlen(s), bits);
}

void
grid_fill(struct grid *g, size_t row, size_t col, size_t count,
    const char *s, unsigned bits)
{
	while (count-- > 0 && col < g->cols)
		col += grid_put(g, row, col, 1, s, strlen(s), bits);
}

void
grid_mark(struct grid *g, size_t row, size_t col, size_t count,
    unsigned bits)
{
	for (; row < g->rows && count > 0 && col < g->cols; col++, count--)
		cell_at(g, row, col)->bits |= bits;
}

const struct cell *
grid_at(const struct grid *g, size_t row, size_t col)
{
	return &g->cells[row * g->cols + col];
}

const char *
grid_link(const struct grid *g, const struct cell *c)
{
	return c->link == 0 ? NULL : g->links[c->link - 1];
}

/* What is behind the text of a cell is zero, so the usual is two words. */
enum { SHORT_CELL = offsetof(struct cell, text) + 8 };

bool
grid_same(const struct grid *a, const struct cell *x, const struct grid *b,
    const struct cell *y)
{
	if (x->link == 0 && y->link == 0)
		return memcmp(x, y, SHORT_CELL) == 0 && (x->len <= 8 ||
		    memcmp(x->text, y->text, x->len) == 0);
	return x->link != 0 && y->link != 0 && x->bits == y->bits &&
	    x->len == y->len && x->width == y->width &&
	    memcmp(x->text, y->text, x->len) == 0 &&
	    strcmp(grid_link(a, x), grid_link(b, y)) == 0;
}

bool
grid_same_row(const struct grid *a, size_t row, const struct grid *b,
    size_t other)
{
	const struct cell *x = grid_at(a, row, 0), *y = grid_at(b, other, 0);

	/* all bytes of a cell mean something, but a link's number by itself */
	if (a->link_count == 0 && b->link_count == 0)
		return memcmp(x, y, row_size(a)) == 0;
	for (size_t col = 0; col < a->cols; col++)
		if (!grid_same(a, x + col, b, y + col))
			return false;
	return true;
}

void
grid_row_text(const struct grid *g, size_t row, struct buf *out)
{
	size_t start = out->len;

	for (size_t col = 0; col < g->cols; col++) {
		const struct cell *c = grid_at(g, row, col);
		buf_add(out, c->text, c->len);
	}
	while (out->len > start && out->data[out->len - 1] == ' ')
		buf_cut(out, out->len - 1);
}

void
grid_text(const struct grid *g, struct buf *out)
{
	for (size_t row = 0; row < g->rows; row++) {
		grid_row_text(g, row, out);
		buf_addc(out, '\n');
	}
}

void
grid_swap(struct grid *a, struct grid *b)
{
	struct grid t = *a;

	*a = *b;
	*b = t;
}
