/* SPDX-License-Identifier: GPL-3.0-or-later */
/* columns.h - a table for people: aligned by cells, cut to the terminal */

/*
 * Cells are untrusted text and pass ui/safe. The widest column that may be cut
 * gives way when a row is wider than the terminal; into a pipe nothing is cut.
 */

#ifndef CLI_COLUMNS_H
#define CLI_COLUMNS_H

#include <stddef.h>

#include "base/attr.h"

struct err;

struct column {
	const char *title;
	int right;	/* aligned to the right */
	int cut;	/* may be shortened */
};

struct columns;

struct columns	*columns_new(const struct column *cols, size_t count);
void		 columns_free(struct columns *c);
/* The next cell, row by row; NULL is empty. */
void		 columns_add(struct columns *c, const char *text);
/* Write header and rows to stdout; nothing at all without rows. */
int		 columns_print(struct columns *c, struct err *e)
		    ATTR_MUST_USE;

#endif
