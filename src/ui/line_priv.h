/* SPDX-License-Identifier: GPL-3.0-or-later */
/* line_priv.h - the two ways in which a line is read */

#ifndef UI_LINE_PRIV_H
#define UI_LINE_PRIV_H

#include <event2/event.h>
#include <stdbool.h>

#include "base/buf.h"
#include "ui/history.h"
#include "ui/line.h"

/* line_edit with readline, line_plain without. */
struct line_way {
	void (*open)(struct line *ln);
	void (*close)(struct line *ln);
	void (*readable)(struct line *ln);
	void (*show)(struct line *ln);
	void (*hide)(struct line *ln);
	void (*prompt)(struct line *ln);
	void (*resized)(struct line *ln);
	/* Is something typed? Throw it away. */
	bool (*discard)(struct line *ln);
	void (*set_text)(struct line *ln, const char *text);
};

struct line {
	struct line_opts opts;
	const struct line_way *way;
	struct event *input, *sigint, *sigwinch;
	struct history history;
	char *prompt;		/* safe */
	struct buf pending;	/* line_plain: what has been read */
	bool ended;		/* line_plain: nothing more can be read */
	bool shown;
	bool drawn;		/* line_edit: the prompt is on the screen */
	bool accepting;		/* line_edit: readline hands a line over */
	bool armed;		/* Ctrl+C was just pressed on nothing */
	bool left;		/* eof() was called */
	unsigned busy;		/* callbacks under way */
	bool freed;		/* by one of them */
};

extern const struct line_way line_edit;
extern const struct line_way line_plain;

/* An entry was typed (an empty one is ignored); the input is at its end. */
void	line_entered(struct line *ln, const char *text);
void	line_leave(struct line *ln);

#endif
