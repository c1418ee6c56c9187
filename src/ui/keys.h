/* SPDX-License-Identifier: GPL-3.0-or-later */
/* keys.h - bytes from a terminal become keys */

/*
 * Stands before readline: what has a name in the table is a key, a paste is
 * one event, what nobody knows goes on as bytes (to readline). A lone Esc is
 * only known by silence: while keys_waiting(), call keys_timeout() after
 * KEYS_ESC_MS. The table below is what the parser, the help and the manual
 * go by.
 */

#ifndef UI_KEYS_H
#define UI_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum {
	KEYS_ESC_MS = 30,
	KEYS_ANSWER_MS = 1000,		/* a terminal's, in two pieces */
	KEYS_PASTE_MAX = 900 * 1024,	/* an append takes 1 MiB */
};

/* name, as people write it, what it does ("": not in the help) */
#define KEYS(X)								\
	X(ENTER, "Enter", "send")					\
	X(NEWLINE, "Alt+Enter, Ctrl+J", "new line")			\
	X(ESC, "Esc", "stop the turn; close what is open")		\
	X(ESC_ESC, "Esc Esc", "go back to an earlier message")		\
	X(CTRL_C, "Ctrl+C", "clear the line or stop; twice: leave")	\
	X(CTRL_D, "Ctrl+D", "leave, when nothing is typed")		\
	X(UP, "Up Down", "lines, then history")				\
	X(DOWN, "Down", "")						\
	X(SEARCH, "Ctrl+R", "search the history")			\
	X(EDITOR, "Ctrl+X Ctrl+E", "edit in $EDITOR")			\
	X(TAB, "Tab", "complete /command or @file")			\
	X(PAGE_UP, "PgUp PgDn", "scroll a page; the wheel, lines")	\
	X(PAGE_DOWN, "PgDn", "")					\
	X(HOME, "Home End", "top and bottom, when nothing is typed")	\
	X(END, "End", "")						\
	X(FIND, "/", "while scrolled: search; n N: next, previous")	\
	X(REASONING, "Ctrl+T", "fold or unfold reasoning")		\
	X(OUTPUT, "Ctrl+O", "fold or unfold tool output")		\
	X(MODE, "Shift+Tab", "next permission mode")			\
	X(SESSIONS, "Ctrl+X s", "list of sessions")			\
	X(SESSION_PREV, "Alt+PgUp Alt+PgDn", "session before, after")	\
	X(SESSION_NEXT, "Alt+PgDn", "")					\
	X(SESSION_N, "Alt+1 ... 9", "session of that number")		\
	X(TAKE, "Ctrl+X t", "take over a turn that somebody else has")	\
	X(HELP, "F1, Ctrl+X h, ?", "this help (? with nothing typed)")		\
	X(REDRAW, "Ctrl+L", "draw the screen anew")			\
	X(SUSPEND, "Ctrl+Z", "suspend; fg comes back")			\
	X(LEFT, "Left", "") X(RIGHT, "Right", "")			\
	X(WHEEL_UP, "wheel", "") X(WHEEL_DOWN, "wheel", "")		\
	X(FOCUS_IN, "", "") X(FOCUS_OUT, "", "") X(BACKGROUND, "", "")	\
	X(PASTE, "paste", "") X(BYTES, "", "")

enum key {
#define X(id, name, help) KEY_##id,
	KEYS(X)
#undef X
	KEY_COUNT
};

const char	*key_name(enum key key);
const char	*key_help(enum key key);

struct key_event {
	enum key key;
	int n;			/* SESSION_N: which; wheel: lines */
	const char *bytes;	/* as they came; PASTE: its text */
	size_t len;
	bool cut;		/* PASTE: there was more */
};
typedef void keys_fn(const struct key_event *ev, void *arg);

struct keys {
	struct buf pending;
	bool pasting;
};

void	keys_init(struct keys *k);
void	keys_clear(struct keys *k);
/* What one read() gave. */
void	keys_feed(struct keys *k, const char *p, size_t len, keys_fn *fn,
	    void *arg);
bool	keys_waiting(const struct keys *k);
/* For how long. */
int	keys_wait_ms(const struct keys *k);
void	keys_timeout(struct keys *k, keys_fn *fn, void *arg);

#endif
