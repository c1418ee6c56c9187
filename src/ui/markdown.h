/* SPDX-License-Identifier: GPL-3.0-or-later */
/* markdown.h - markdown as lines of a terminal */

/*
 * Text as models write it (GitHub's dialect; HTML is shown as text) becomes
 * styled lines of at most `width` cells, each ended by \n and each plain at
 * its end. All content passes ui/safe. One blank line stands between two
 * blocks, none before the first or behind the last.
 *
 * An answer that is still arriving goes through an md_stream. It knows which
 * blocks are finished; these are rendered once, for good. The open block is
 * rendered anew when asked, and inside a fence only the last line is open.
 *
 *	md_stream_add(ms, piece, len);
 *	md_stream_take(ms, &done);	lines that stay
 *	md_stream_open(ms, &open);	what follows them for now
 *
 * All that was taken, once md_stream_finish() was called, equals
 * md_render() of the whole; except that a link's definition must precede its
 * use, and that a block of more than MD_OPEN_MAX bytes is cut between lines
 * (a table gets its header again, a list goes on counting). Adding costs as
 * much as the piece is long; opening costs as much as the open block, which
 * that ceiling bounds.
 */

#ifndef UI_MARKDOWN_H
#define UI_MARKDOWN_H

#include <stddef.h>

struct buf;
struct style;

enum { MD_OPEN_MAX = 16384 };

struct md_opts {
	const struct style *style;	/* borrowed */
	size_t width;			/* cells; 0 is taken as 80 */
};

void	md_render(struct buf *out, const char *text, size_t len,
	    const struct md_opts *opts);

struct md_stream;

struct md_stream *md_stream_new(const struct md_opts *opts);
void	md_stream_free(struct md_stream *ms);
void	md_stream_add(struct md_stream *ms, const char *text, size_t len);
/* The text is whole: what was open is finished. */
void	md_stream_finish(struct md_stream *ms);
/* From now on render to this width (the open block anew). */
void	md_stream_resize(struct md_stream *ms, size_t width);
/* Append what has become final since the last call. */
void	md_stream_take(struct md_stream *ms, struct buf *out);
/* Append the open block as it looks now; it may end without \n. */
void	md_stream_open(struct md_stream *ms, struct buf *out);

#endif
