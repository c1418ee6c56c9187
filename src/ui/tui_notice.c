/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tui_notice.c - bell, notification and title when it is a person's turn */

/*
 * A question is always told, unless somebody looks; the end of a turn only
 * if it was a long one. Terminals that never say whether somebody looks (many
 * inside tmux) are taken by the keys: who has just typed is there.
 */

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "ui/tty.h"
#include "ui/tui_priv.h"

enum {
	LONG_US = 10 * 1000 * 1000,	/* a turn that one leaves alone */
	THERE_US = 5 * 1000 * 1000,	/* after a key */
};

static bool
looks_on(const struct tui *t)
{
	return t->tty->focus == TTY_FOCUS_IN ||
	    (t->tty->focus == TTY_FOCUS_UNKNOWN && t->last_key > 0 &&
	    clock_mono_us() - t->last_key < THERE_US);
}

void
tui_notice_title(struct tui *t)
{
	bool named = t->title != NULL && *t->title != '\0';
	char *whole = xasprintf("%schatd%s%s", t->wants != NULL ? t->wants :
	    "", named ? ": " : "", named ? t->title : "");

	tty_title(t->tty, whole);
	free(whole);
}

static void
want(struct tui *t, const char *mark)
{
	if (t->wants == mark)
		return;
	t->wants = mark;
	tui_notice_title(t);
	tui_dirty(t, TUI_FRAME_MS);
}

static void
tell(struct tui *t, const char *what)
{
	bool named = t->title != NULL && *t->title != '\0';
	char *text = xasprintf("chatd %s%s%s", what, named ? ": " : "",
	    named ? t->title : "");

	tty_notify(t->tty, text);
	free(text);
}

void
tui_notice_ask(struct tui *t)
{
	want(t, "[?] ");
	if (!looks_on(t))
		tell(t, "waits for your approval");
}

void
tui_notice_end(struct tui *t, int64_t us)
{
	if (looks_on(t) || (us < LONG_US && t->tty->focus != TTY_FOCUS_OUT))
		return;
	want(t, "[*] ");
	if (us >= LONG_US)
		tell(t, "has answered");
}

void
tui_notice_seen(struct tui *t)
{
	/* a question waits on until it is answered */
	want(t, t->approve.state != APPROVE_NONE ? "[?] " : NULL);
}
