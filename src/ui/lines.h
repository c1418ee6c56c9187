/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lines.h - text as an array of lines */

#ifndef UI_LINES_H
#define UI_LINES_H

#include <stddef.h>

#include "base/buf.h"

struct style;

struct lines {
	struct buf text;	/* each line ended by \n */
	size_t *starts;
	size_t count, room;
	size_t known;		/* bytes of text that starts tells of */
};

void	lines_init(struct lines *l);
void	lines_clear(struct lines *l);
/* Forget the lines, keep the memory. */
void	lines_reset(struct lines *l);
/* Something was appended to l->text: find its lines. */
void	lines_index(struct lines *l);
/* Line i without its newline. */
const char *lines_get(const struct lines *l, size_t i, size_t *len);
/*
 * Append text, filtered, wrapped to width, each line with prefix in front
 * (the first with first) and in style bits; at most max lines (0: all), the
 * last of which then tells how many more there are.
 */
struct lines_look {
	const struct style *style;
	const char *first, *prefix;	/* marks allowed; NULL: none */
	size_t indent;			/* cells of either */
	size_t width;			/* of all */
	unsigned bits;
	size_t max;
};
void	lines_wrap(struct lines *l, const char *text, size_t len,
	    const struct lines_look *look);

#endif
