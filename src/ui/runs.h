/* SPDX-License-Identifier: GPL-3.0-or-later */
/* runs.h - text whose pieces have styles and links */

/*
 *	text   a sentence with code in it
 *	runs   ^0              ^16  ^20
 *	       plain           CODE plain
 *
 * The text is measured and wrapped as one; a slice of it is then written
 * with its styles, plain again at the slice's end.
 */

#ifndef UI_RUNS_H
#define UI_RUNS_H

#include <stddef.h>

#include "base/buf.h"

struct style;

struct run {
	size_t start;		/* in text */
	size_t link;		/* 0, or 1 + where its URL begins in urls */
	unsigned bits;		/* STYLE_BIT()s */
};

struct runs {
	struct buf text;
	struct buf urls;	/* each ended by a NUL */
	struct run *list;
	size_t count, room;
};

void	runs_init(struct runs *r);
/* Frees all and leaves r ready for use. */
void	runs_clear(struct runs *r);
void	runs_reset(struct runs *r);
void	runs_add(struct runs *r, const char *s, size_t len, unsigned bits,
	    size_t link);
/* Remember a URL; what it returns is a link for runs_add(). */
size_t	runs_link(struct runs *r, const char *url, size_t len);
/* Write text[from..to). */
void	runs_write(struct buf *out, const struct style *style,
	    const struct runs *r, size_t from, size_t to);

#endif
