/* SPDX-License-Identifier: GPL-3.0-or-later */
/* line_out.h - an answer's text on stdout as it arrives */

/*
 * On a terminal that can: markdown, finished blocks for good and the open
 * one drawn anew, only from the first line that differs and at most every
 * LINE_OUT_MS. Else the text itself, each piece written at once: through
 * SAFE_TEXT on a dumb terminal; byte for byte into a pipe or file, or with
 * raw.
 *
 * The screen is the answer's between line_out_add() and line_out_end(): hide
 * the prompt and the progress line before. What must be said in between
 * (a tool call) comes after line_out_flush().
 *
 * A write that fails (EPIPE) is remembered: line_out_add() and
 * line_out_end() return -1 from then on.
 */

#ifndef UI_LINE_OUT_H
#define UI_LINE_OUT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

struct err;
struct event_base;
struct style;

enum { LINE_OUT_MS = 30 };

struct line_out_opts {
	struct event_base *base;
	int fd;
	const struct style *style;	/* of fd; borrowed */
	bool raw;			/* filter no terminal either */
};

struct line_out;

struct line_out *line_out_new(const struct line_out_opts *opts);
void	line_out_free(struct line_out *lo);
int	line_out_add(struct line_out *lo, const char *text, size_t len,
	    struct err *e) ATTR_MUST_USE;
/* Finish what is open; the cursor stands at the start of a line after it
 * (terminal), or nothing happens (pipe). The next text begins a new block. */
int	line_out_flush(struct line_out *lo, struct err *e);
/* The answer is whole: exactly one newline behind it. Ready for another. */
int	line_out_end(struct line_out *lo, struct err *e) ATTR_MUST_USE;
/* The terminal's size has changed and style knows it. */
void	line_out_resize(struct line_out *lo);

#endif
