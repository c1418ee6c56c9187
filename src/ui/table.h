/* SPDX-License-Identifier: GPL-3.0-or-later */
/* table.h - cells in columns that fit a width */

/*
 * Cells are added row by row; the first row is the header. Columns get what
 * they need, or, if that is too wide, share what there is, their cells being
 * wrapped. With less than TABLE_COLUMN_MIN cells for a column each row is
 * written as lines "header: cell".
 */

#ifndef UI_TABLE_H
#define UI_TABLE_H

#include <stddef.h>

#include "ui/runs.h"

enum { TABLE_COLUMN_MIN = 4 };

enum table_align {
	TABLE_LEFT,
	TABLE_CENTER,
	TABLE_RIGHT,
};

struct table_cell {
	struct runs runs;
	enum table_align align;
};

struct table {
	struct table_cell *cells;	/* row by row */
	size_t count, room;
	size_t columns;
};

void	table_init(struct table *t, size_t columns);
void	table_clear(struct table *t);
/* The next cell; its runs are to be filled before the next call. */
struct table_cell *table_add(struct table *t, enum table_align align);
/* Append the lines, each ended by \n and at most width cells. */
void	table_write(struct buf *out, const struct table *t,
	    const struct style *style, size_t width);

#endif
