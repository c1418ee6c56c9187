/* SPDX-License-Identifier: GPL-3.0-or-later */
/* md_stream.h - markdown that is still arriving */

/*
 * All content passes ui/safe. The stream knows which blocks are finished;
 * these are rendered once, for good. The open block is rendered anew when
 * asked, and inside a fence only the last line is open.
 *
 *	md_stream_add(ms, piece, len);
 *	md_stream_take(ms, &done);	lines that stay
 *	md_stream_open(ms, &open);	what follows them for now
 *
 * All that was taken, once md_stream_finish() was called, is the same
 * however the text was cut into pieces: it is what md_render() gives. A
 * link's definition is only known within its block, and a block of more than
 * MD_OPEN_MAX bytes is cut between lines (a table gets its header again, a
 * list goes on counting). Adding costs as much as the piece is long; opening
 * costs as much as the open block, which that ceiling bounds.
 */

#ifndef UI_MD_STREAM_H
#define UI_MD_STREAM_H

#include <stddef.h>

#include "ui/markdown.h"

struct buf;

enum { MD_OPEN_MAX = 16384 };

/* The whole of a text. */
void	md_render(struct buf *out, const char *text, size_t len,
	    const struct md_opts *opts);

struct md_stream;

struct md_stream *md_stream_new(const struct md_opts *opts);
void	md_stream_free(struct md_stream *ms);
void	md_stream_add(struct md_stream *ms, const char *text, size_t len);
/* The text is whole: what was open is finished. Ready for another text. */
void	md_stream_finish(struct md_stream *ms);
/* From now on render to this width (the open block anew). */
void	md_stream_resize(struct md_stream *ms, size_t width);
/* Append what has become final since the last call. */
void	md_stream_take(struct md_stream *ms, struct buf *out);
/* Append the open block as it looks now. */
void	md_stream_open(struct md_stream *ms, struct buf *out);

#endif
