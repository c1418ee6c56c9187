/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tty.h - the terminal: made ours, drawn upon, given back */

/*
 * Of curses only terminfo is used: the screen is our grid, for curses knows
 * neither links, nor true colour, nor joined emoji. A frame is one write of
 * what differs from the frame before.
 */

#ifndef UI_TTY_H
#define UI_TTY_H

#include <termios.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "ui/grid.h"
#include "ui/style.h"

struct err;

enum { TTY_COPY_MAX = 70000 };	/* bytes of OSC 52, before base64 */

/* Does somebody look? Many terminals never say. */
enum tty_focus {
	TTY_FOCUS_UNKNOWN,
	TTY_FOCUS_IN,
	TTY_FOCUS_OUT,
};

struct tty {
	int in, out;
	struct style style;	/* of out */
	bool utf8;
	bool started;
	bool scrolls;		/* it has scroll regions */
	bool saves;		/* it can remember a place */
	bool sync;		/* DECSET 2026 is harmless here */
	bool tmux;
	bool titles;		/* it has a title */
	int64_t asked_us;	/* for its background, once; or 0 */
	enum tty_focus focus;
	struct termios saved;
	size_t ahead;		/* bytes typed before it was raw: Enter is \n */
	struct grid front;	/* what the terminal shows */
	struct buf bytes;	/* to be written */
	size_t row, col;	/* its cursor; row SIZE_MAX: unknown */
	bool cursor;
	unsigned bits;
	char *link;		/* that is open, or NULL */
	size_t region_top, region_end;	/* what scrolls; end 0: all */
	size_t home_row, home_col;	/* where the cursor was put last */
	bool home_saved;		/* and the terminal remembers it */
	char *title;
};

/* Look, change nothing. ERR_FAILED: it cannot be moved about in. */
int	tty_open(struct tty *t, int in, int out, struct err *e)
	    ATTR_MUST_USE;
void	tty_close(struct tty *t);
/* Take it over (raw, second screen); give it back. Both may be repeated. */
int	tty_start(struct tty *t, struct err *e) ATTR_MUST_USE;
void	tty_stop(struct tty *t);
/* Ask for the size again; the next frame is whole. */
void	tty_resize(struct tty *t);
/* Nothing is known of what the terminal shows. */
void	tty_forget(struct tty *t);
/* Make it look like next (swapped with what it was). -1: it is gone. */
int	tty_draw(struct tty *t, struct grid *next);
/* These go out with the next frame, or tty_flush(). */
void	tty_title(struct tty *t, const char *title);
/* Bell, and a notification (OSC 9) where that is known. */
void	tty_notify(struct tty *t, const char *text);
/* Ask the terminal to take text as its clipboard. False: too long. */
bool	tty_copy(struct tty *t, const char *text, size_t len);
int	tty_flush(struct tty *t);
/* What gives a terminal back, whatever it is; for ui/guard. */
const char *tty_goodbye(void);

#endif
