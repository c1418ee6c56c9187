/* SPDX-License-Identifier: GPL-3.0-or-later */
/* grid.h - a screen in memory: cells with a character, a style, a link */

/*
 * Lines of text with marks (ui/style) are put into a grid; ui/tty makes the
 * terminal look like it. A cell holds a whole cluster: a base character with
 * its marks, an emoji with its joiners. Of one that takes two cells the right
 * one has width 0 and no text.
 *
 *	| a | 名    |   |		text "a" "名" ""	width 1 2 0
 */

#ifndef UI_GRID_H
#define UI_GRID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

enum {
	CELL_TEXT = 40,		/* bytes; longer clusters lose their last marks */
	GRID_SIZE_MAX = 1000,	/* rows, columns */
};

struct cell {
	uint32_t bits;		/* STYLE_BIT()s */
	uint16_t link;		/* 0, or 1 + its place in links */
	uint8_t width;
	uint8_t len;
	char text[CELL_TEXT];
};

struct grid {
	size_t rows, cols;
	struct cell *cells;
	char **links;
	size_t link_count;
	size_t cursor_row, cursor_col;
	bool cursor;		/* it is to be seen */
	size_t scroll_top, scroll_rows;	/* what moves up and down as one */
};

void	grid_init(struct grid *g);
void	grid_clear(struct grid *g);
/* Another size; all is blank after. */
void	grid_resize(struct grid *g, size_t rows, size_t cols);
/* All blank, no cursor. */
void	grid_erase(struct grid *g);
/*
 * Put one line at row and col, at most max cells of it, bits added to its
 * own styles. Returns the cells it took. Outside the grid nothing happens.
 */
size_t	grid_put(struct grid *g, size_t row, size_t col, size_t max,
	    const char *line, size_t len, unsigned bits);
size_t	grid_puts(struct grid *g, size_t row, size_t col, const char *s,
	    unsigned bits);
/* The character s, count times. */
void	grid_fill(struct grid *g, size_t row, size_t col, size_t count,
	    const char *s, unsigned bits);
/* Add bits to cells that are there. */
void	grid_mark(struct grid *g, size_t row, size_t col, size_t count,
	    unsigned bits);
const struct cell *grid_at(const struct grid *g, size_t row, size_t col);
bool	grid_same(const struct grid *a, const struct cell *x,
	    const struct grid *b, const struct cell *y);
/* Are whole rows the same? The grids have the same columns. */
bool	grid_same_row(const struct grid *a, size_t row, const struct grid *b,
	    size_t other);
/* So many rows from top on move up by n (n < 0: down), blank ones follow. */
void	grid_scroll(struct grid *g, size_t top, size_t rows, long n);
const char *grid_link(const struct grid *g, const struct cell *c);
/* A row as plain text without trailing blanks; all rows with newlines. */
void	grid_row_text(const struct grid *g, size_t row, struct buf *out);
void	grid_text(const struct grid *g, struct buf *out);
void	grid_swap(struct grid *a, struct grid *b);

#endif
