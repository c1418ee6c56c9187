/* SPDX-License-Identifier: GPL-3.0-or-later */
/* syntax.h - code in colour, line by line */

/*
 * What the common languages look like is a table (ui/syntax_langs.c): words,
 * and spans from one mark to another. A line is read once, from left to
 * right; what goes on over its end (a comment, a string, a tag) is the state
 * that the next line begins in. It is a plain value: a line that is still
 * being written is drawn with a copy.
 *
 *	syntax_begin(&sx, "c", 1);
 *	syntax_line(&sx, line, len, &runs);	for each line
 *
 * The text of the runs is the line, byte for byte.
 */

#ifndef UI_SYNTAX_H
#define UI_SYNTAX_H

#include <stdbool.h>
#include <stddef.h>

struct runs;
struct syntax_lang;
struct syntax_span;

struct syntax {
	const struct syntax_lang *lang;		/* NULL: not known */
	const struct syntax_span *open;		/* we are in it, or NULL */
	bool tag;				/* in <tag ...> */
};

/* What stands behind the fence ("c", "python title=x") or a file's ending. */
void	syntax_begin(struct syntax *sx, const char *info, size_t len);
/* A line without its newline, added to out. */
void	syntax_line(struct syntax *sx, const char *line, size_t len,
	    struct runs *out);

#endif
