/* SPDX-License-Identifier: GPL-3.0-or-later */
/* width.h - grapheme clusters, cells of a terminal, wrapping */

/*
 * Text here is what ui/safe lets through. A cluster is what a person calls a
 * character: a base with its marks, an emoji with its joiners, a flag; it is
 * never cut. Cells: 0 for marks alone, 2 for CJK and emoji, 1 for the rest;
 * a tab goes to the next multiple of WIDTH_TAB, counted from col.
 */

#ifndef UI_WIDTH_H
#define UI_WIDTH_H

#include <stddef.h>

struct buf;

enum { WIDTH_TAB = 8 };

/* The cluster at s (len > 0): its bytes, and its cells if it begins at col. */
size_t	width_cluster(const char *s, size_t len, size_t col, size_t *cells);
/* Cells of one line of text that begins at column 0. */
size_t	width_cells(const char *s, size_t len);
/* The bytes of the longest prefix of whole clusters in at most max cells. */
size_t	width_prefix(const char *s, size_t len, size_t max);

/*
 * One step of wrapping: how many bytes of s belong on a line of max cells
 * (max > 0). Breaks at a newline, else behind the last space or hyphen or
 * beside a CJK character, else hard between two clusters. *next is where the
 * following line begins (> 0 for len > 0): the newline or the spaces at the
 * break are in neither line.
 */
size_t	width_break(const char *s, size_t len, size_t max, size_t *next);
/* s in at most max cells; what does not fit is replaced by an ellipsis. */
void	width_fit(struct buf *out, const char *s, size_t len, size_t max);

#endif
