/* SPDX-License-Identifier: GPL-3.0-or-later */
/* table.c - cells in columns that fit a width */

#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"
#include "ui/style.h"
#include "ui/table.h"
#include "ui/width.h"

#define BAR "\u2502"
#define DASH "\u2500"
#define CROSS "\u253c"

enum { TABLE_GAP = 3 };		/* cells between two columns */

void
table_init(struct table *t, size_t columns)
{
	*t = (struct table){ .columns = columns == 0 ? 1 : columns };
}

void
table_clear(struct table *t)
{
	size_t i;

	for (i = 0; i < t->count; i++)
		runs_clear(&t->cells[i].runs);
	free(t->cells);
	table_init(t, 0);
}

struct table_cell *
table_add(struct table *t, enum table_align align)
{
	struct table_cell *cell;

	if (t->count == t->room) {
		t->room = t->room == 0 ? 16 : t->room * 2;
		t->cells = xreallocarray(t->cells, t->room,
		    sizeof(*t->cells));
	}
	cell = &t->cells[t->count++];
	runs_init(&cell->runs);
	cell->align = align;
	return cell;
}

static const struct table_cell *
cell_at(const struct table *t, size_t row, size_t column)
{
	size_t i = row * t->columns + column;

	return i < t->count ? &t->cells[i] : NULL;
}

static size_t
row_count(const struct table *t)
{
	return (t->count + t->columns - 1) / t->columns;
}

static void
pad(struct buf *out, size_t n)
{
	while (n-- > 0)
		buf_addc(out, ' ');
}

static void
repeat(struct buf *out, const char *s, size_t n)
{
	while (n-- > 0)
		buf_adds(out, s);
}

static void
natural_widths(const struct table *t, size_t *widths)
{
	size_t i, w;

	for (i = 0; i < t->columns; i++)
		widths[i] = 1;
	for (i = 0; i < t->count; i++) {
		const struct buf *text = &t->cells[i].runs.text;

		w = width_cells(text->data, text->len);
		if (w > widths[i % t->columns])
			widths[i % t->columns] = w;
	}
}

/*
 * Narrow columns keep what they need, the others share the rest evenly:
 * the fair share grows as long as somebody needs less than it.
 */
static void
share_widths(size_t *widths, size_t n, size_t room)
{
	size_t i, share = 0, wide = n, left = room;

	for (;;) {
		size_t next = left / wide;
		size_t used = 0, more = 0;

		if (next <= share)
			break;
		share = next;
		for (i = 0; i < n; i++) {
			if (widths[i] <= share)
				used += widths[i];
			else
				more++;
		}
		if (more == 0)
			return;
		wide = more;
		left = room - used;
	}
	left -= share * wide;
	for (i = 0; i < n; i++)
		if (widths[i] > share) {
			widths[i] = share + (left > 0 ? 1 : 0);
			left -= left > 0 ? 1 : 0;
		}
}

static void
write_rule(struct buf *out, const struct table *t, const struct style *style,
    const size_t *widths)
{
	size_t i;

	style_add(out, style, STYLE_BIT(DIM));
	for (i = 0; i < t->columns; i++) {
		repeat(out, DASH, widths[i]);
		if (i + 1 < t->columns)
			buf_adds(out, DASH CROSS DASH);
	}
	style_add(out, style, 0);
	buf_addc(out, '\n');
}

/* One line of a cell, from *pos on, padded unless it is the row's last. */
static void
write_part(struct buf *out, const struct table_cell *cell,
    const struct style *style, size_t width, size_t *pos, bool last)
{
	const struct buf *text = &cell->runs.text;
	size_t n = 0, next = 0, gap, left = 0;

	if (*pos < text->len)
		n = width_break(text->data + *pos, text->len - *pos, width,
		    &next);
	gap = width_cells(text->data + *pos, n);
	gap = gap < width ? width - gap : 0;
	if (cell->align == TABLE_RIGHT)
		left = gap;
	else if (cell->align == TABLE_CENTER)
		left = gap / 2;
	if (n > 0 || !last)
		pad(out, left);
	runs_write(out, style, &cell->runs, *pos, *pos + n);
	if (!last)
		pad(out, gap - left);
	*pos += next;
}

static void
write_row(struct buf *out, const struct table *t, const struct style *style,
    const size_t *widths, size_t row)
{
	size_t *pos = xcalloc(t->columns, sizeof(*pos));
	size_t i;
	bool more;

	do {
		more = false;
		for (i = 0; i < t->columns; i++) {
			const struct table_cell *cell = cell_at(t, row, i);
			bool last = i + 1 == t->columns;

			if (cell == NULL)
				break;
			write_part(out, cell, style, widths[i], &pos[i],
			    last);
			if (!last)
				style_adds(out, style, STYLE_BIT(DIM),
				    " " BAR " ");
			if (pos[i] < cell->runs.text.len)
				more = true;
		}
		buf_addc(out, '\n');
	} while (more);
	free(pos);
}

static void
write_record(struct buf *out, const struct table *t,
    const struct style *style, size_t width, size_t row)
{
	struct runs line;
	size_t i, pos, n, next;

	runs_init(&line);
	for (i = 0; i < t->columns; i++) {
		const struct table_cell *head = cell_at(t, 0, i);
		const struct table_cell *cell = cell_at(t, row, i);

		if (cell == NULL)
			break;
		runs_reset(&line);
		runs_add(&line, head->runs.text.data, head->runs.text.len,
		    STYLE_BIT(BOLD), 0);
		runs_add(&line, ": ", 2, STYLE_BIT(BOLD), 0);
		runs_add(&line, cell->runs.text.data, cell->runs.text.len,
		    0, 0);
		for (pos = 0; pos < line.text.len; pos += next) {
			n = width_break(line.text.data + pos,
			    line.text.len - pos, width, &next);
			runs_write(out, style, &line, pos, pos + n);
			buf_addc(out, '\n');
		}
	}
	runs_clear(&line);
}

void
table_write(struct buf *out, const struct table *t, const struct style *style,
    size_t width)
{
	size_t *widths = xcalloc(t->columns, sizeof(*widths));
	size_t gaps = TABLE_GAP * (t->columns - 1);
	size_t row, rows = row_count(t);

	if (width < gaps + TABLE_COLUMN_MIN * t->columns) {
		for (row = 1; row < rows; row++) {
			if (row > 1)
				buf_addc(out, '\n');
			write_record(out, t, style, width, row);
		}
	} else {
		natural_widths(t, widths);
		share_widths(widths, t->columns, width - gaps);
		for (row = 0; row < rows; row++) {
			write_row(out, t, style, widths, row);
			if (row == 0)
				write_rule(out, t, style, widths);
		}
	}
	free(widths);
}
