/* SPDX-License-Identifier: GPL-3.0-or-later */
/* line.h - the prompt of line mode */

/*
 * Reads entries from stdin in the caller's event loop. On a terminal that
 * can, with readline: ~/.inputrc, history, completion, bracketed paste, Alt+
 * Enter, Ctrl+J or a trailing backslash for a new line. From a pipe or with
 * TERM=dumb it reads plain lines (a trailing backslash goes on with the
 * next), and the prompt is written only to a terminal.
 *
 * Output goes above the prompt: line_hide(), write, line_show(). Hidden, it
 * still takes keys; what was typed is there when the prompt comes back. It
 * starts hidden.
 *
 * While it is open, it owns SIGINT and SIGWINCH of this event base. Ctrl+C
 * throws away what is typed; with nothing typed it calls interrupt(), and
 * when that had nothing to stop, the next Ctrl+C means eof(). There can be
 * one struct line in a process, because readline has one state.
 *
 * line_free() may be called from within a callback.
 */

#ifndef UI_LINE_H
#define UI_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "ui/complete.h"

struct err;
struct event_base;
struct style;

struct line_ops {
	/* An entry: not empty, may have newlines. */
	void (*submit)(void *arg, const char *text, size_t len);
	/* Ctrl+C on nothing. True: something was stopped. May be NULL. */
	bool (*interrupt)(void *arg);
	/* Ctrl+D on nothing, Ctrl+C twice, end of the input: once. */
	void (*eof)(void *arg);
	/* The terminal has another size (style is updated). May be NULL. */
	void (*resize)(void *arg);
};

struct line_opts {
	struct event_base *base;
	struct style *style;		/* of stdout; borrowed */
	struct complete_table table;
	const char *history;		/* path_state("history"), NULL: none */
	const struct line_ops *ops;
	void *arg;
};

struct line;

struct line *line_new(const struct line_opts *opts, struct err *e)
	    ATTR_MUST_USE;
void	line_free(struct line *ln);
/* What stands before the input; plain text, shown in STYLE_PROMPT. */
void	line_set_prompt(struct line *ln, const char *prompt);
void	line_show(struct line *ln);
void	line_hide(struct line *ln);
/* Put text into the line to be edited (replaces what is there). */
void	line_set_text(struct line *ln, const char *text);
/* Forget the keys typed ahead: before a question that needs care. */
void	line_drop_input(struct line *ln);

#endif
