/* SPDX-License-Identifier: GPL-3.0-or-later */
/* diff.h - what changed between two texts, line by line */

#ifndef TOOL_DIFF_H
#define TOOL_DIFF_H

#include <stddef.h>

struct buf;

struct diff_stat {
	size_t added, removed;	/* lines */
};

/*
 * Append the unified form (three lines around, no file names). Texts that
 * differ in very many lines get one hunk that takes all out and puts all in.
 */
void	diff_unified(struct buf *out, const char *a, size_t a_len,
	    const char *b, size_t b_len, struct diff_stat *stat);

#endif
