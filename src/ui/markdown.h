/* SPDX-License-Identifier: GPL-3.0-or-later */
/* markdown.h - markdown as lines of a terminal */

/*
 * Text as models write it (GitHub's dialect; HTML is shown as text) becomes
 * styled lines of at most `width` cells, each ended by \n and each plain at
 * its end. One blank line stands between two blocks, none before the first
 * or behind the last. A link is an OSC 8 link where the terminal has them
 * and ui/style likes its address; else, and where its text looks like
 * another address, the address stands behind it.
 *
 * Callers want md_render() and the stream of ui/md_stream.h, which filter
 * the text. These here draw some blocks of a text that is safe already.
 */

#ifndef UI_MARKDOWN_H
#define UI_MARKDOWN_H

#include <stddef.h>

struct buf;
struct style;
struct syntax;

enum { MD_WIDTH = 80 };

struct md_opts {
	const struct style *style;	/* borrowed */
	size_t width;			/* cells; 0 is taken as MD_WIDTH */
};

/*
 * *number is what an ordered list that begins the text starts with (0: what
 * it says) and becomes the number that would follow its last item.
 */
void	md_render_safe(struct buf *out, const char *text, size_t len,
	    const struct md_opts *opts, unsigned *number);
/* One line of a fenced block, without its newline; sx is its language. */
void	md_render_code(struct buf *out, const char *line, size_t len,
	    const struct md_opts *opts, struct syntax *sx);

#endif
