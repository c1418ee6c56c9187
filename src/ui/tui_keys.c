/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tui_keys.c - what each key does, by what is on the screen */

#include <termios.h>

#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/mem.h"
#include "ui/compose.h"
#include "ui/pane.h"
#include "ui/tty.h"
#include "ui/tui_priv.h"

enum { QUESTION_PAGE = 8 };

typedef void key_fn(struct tui *t, const struct key_event *ev);

static long
page(const struct tui *t)
{
	size_t rows = pane_rows(t->pane);

	return rows > 3 ? (long)rows - 2 : 1;
}

static void
scroll_by(struct tui *t, long lines)
{
	pane_scroll(t->pane, lines);
	if (lines < 0 && pane_at_start(t->pane))
		tui_want_older(t);
}

/* ----------------------------------------------------------------- find */

static void
find_next(struct tui *t, bool up)
{
	if (!pane_find(t->pane, t->find, up))
		tui_note(t, false, "no more '%s' %s", t->find,
		    up ? "above" : "below");
}

static void
begin_find(struct tui *t)
{
	str_replace(&t->saved, NULL);
	t->saved = compose_text(t->compose);
	(void)compose_discard(t->compose);
	t->finding = true;
}

static void
end_find(struct tui *t)
{
	if (t->finding) {
		compose_set(t->compose, t->saved != NULL ? t->saved : "");
		str_replace(&t->saved, NULL);
	}
	t->finding = false;
	str_replace(&t->find, NULL);
	(void)pane_find(t->pane, NULL, true);
}

/* ------------------------------------------------------------- approval */

static void
ask_text(struct tui *t, bool arguments)
{
	struct buf b = BUF_INIT;

	str_replace(&t->saved, NULL);
	t->saved = compose_text(t->compose);
	(void)compose_discard(t->compose);
	if (arguments) {
		approve_input(&t->approve, &b);
		compose_set(t->compose, b.data);
	}
	buf_clear(&b);
}

void
tui_end_text(struct tui *t)
{
	compose_set(t->compose, t->saved != NULL ? t->saved : "");
	str_replace(&t->saved, NULL);
}

static void
approval_key(struct tui *t, const struct key_event *ev)
{
	char key = ev->key == KEY_BYTES && ev->len == 1 ? ev->bytes[0] : 0;

	if (ev->key == KEY_ESC) {
		t->approve.state = APPROVE_LATER;
		return;
	}
	/* what is looked at only may be read, not answered */
	if (key != 0 && key != 'd' && !tui_may_send(t))
		return;
	switch (approve_key(&t->approve, key, clock_mono_us())) {
	case ANSWER_SEND:
		tui_answer(t);
		break;
	case ANSWER_REASON:
		ask_text(t, false);
		break;
	case ANSWER_EDIT:
		ask_text(t, true);
		break;
	case ANSWER_WAIT:
	case ANSWER_NO_KEY:
		break;
	}
}

/* The reason or the new arguments are there (text may be empty). */
static void
approval_text(struct tui *t, const char *text)
{
	approve_text(&t->approve, text);
	tui_end_text(t);
	tui_answer(t);
}

/* ------------------------------------------------------- keys by their name */

static void
key_enter(struct tui *t, const struct key_event *ev)
{
	(void)ev;
	if (t->approve.state == APPROVE_LATER &&
	    compose_is_empty(t->compose)) {
		t->approve.state = APPROVE_ASK;
		t->approve.listening = true;	/* it was asked for */
		return;
	}
	if (t->approve.state == APPROVE_REASON &&
	    compose_is_empty(t->compose)) {
		approval_text(t, "");
		return;
	}
	if (t->finding && compose_is_empty(t->compose)) {
		end_find(t);
		return;
	}
	compose_enter(t->compose);
	if (t->kept != NULL)
		compose_set(t->compose, t->kept);
	str_replace(&t->kept, NULL);
}

static void
key_newline(struct tui *t, const struct key_event *ev)
{
	(void)ev;
	compose_newline(t->compose);
}

/* Twice with nothing to stop: an earlier message comes back. */
static void
edit_earlier(struct tui *t)
{
	char *id, *text;

	if (!t->esc) {
		t->esc = true;
		tui_note(t, false, "Esc again: edit your last message");
		return;
	}
	t->esc = false;
	text = tui_last_said(t, &id);
	if (text == NULL) {
		tui_note(t, false, "there is nothing to go back to");
		return;
	}
	char *line = xasprintf("/edit %s", text);
	compose_set(t->compose, line);
	tui_note(t, false, "Enter sends it anew, what followed it goes; Esc "
	    "leaves it");
	free(line);
	free(text);
	free(id);
}

/* The line is that again, or like it: nothing is sent for a slip. */
static void
leave_edit(struct tui *t)
{
	char *text = compose_text(t->compose);

	if (strncmp(text, "/edit ", 6) == 0)
		(void)compose_put_by(t->compose);
	free(text);
}

static void
key_esc(struct tui *t, const struct key_event *ev)
{
	if (t->approve.state == APPROVE_REASON ||
	    t->approve.state == APPROVE_EDIT) {
		t->approve.state = APPROVE_ASK;
		tui_end_text(t);
	} else if (t->finding || t->find != NULL) {
		end_find(t);
	} else if (compose_is_vi(t->compose) ||
	    compose_is_busy(t->compose)) {
		compose_bytes(t->compose, compose_is_vi(t->compose) ?
		    ev->bytes : "\a", 1);
	} else if (compose_dismiss(t->compose) ||
	    t->opts.ops->interrupt(t->opts.arg)) {
		return;
	} else if (tui_busy(t)) {
		tui_stop_turn(t);
	} else if (!pane_following(t->pane)) {
		pane_end(t->pane);
	} else if (compose_is_empty(t->compose)) {
		edit_earlier(t);
	} else {
		leave_edit(t);
	}
}

static void
key_ctrl_c(struct tui *t, const struct key_event *ev)
{
	(void)ev;
	if (t->finding) {
		end_find(t);
	} else if (t->approve.state == APPROVE_REASON ||
	    t->approve.state == APPROVE_EDIT) {
		t->approve.state = APPROVE_ASK;
		tui_end_text(t);
	} else if (compose_put_by(t->compose) ||
	    t->opts.ops->interrupt(t->opts.arg)) {
		return;
	} else if (tui_busy(t) && !t->armed) {
		tui_stop_turn(t);
		t->armed = true;
	} else if (t->armed) {
		t->opts.ops->leave(t->opts.arg);
	} else {
		t->armed = true;
		tui_note(t, false, "Ctrl+C again leaves");
	}
}

static void
key_ctrl_d(struct tui *t, const struct key_event *ev)
{
	if (compose_is_empty(t->compose))
		t->opts.ops->leave(t->opts.arg);
	else
		compose_bytes(t->compose, ev->bytes, ev->len);
}

static void
key_up_down(struct tui *t, const struct key_event *ev)
{
	if (!compose_line(t->compose, ev->key == KEY_UP))
		compose_bytes(t->compose, ev->bytes, ev->len);
}

static void
key_tab(struct tui *t, const struct key_event *ev)
{
	(void)ev;
	compose_tab(t->compose);
}

static void
key_page(struct tui *t, const struct key_event *ev)
{
	scroll_by(t, ev->key == KEY_PAGE_UP ? -page(t) : page(t));
}

static void
key_wheel(struct tui *t, const struct key_event *ev)
{
	scroll_by(t, ev->key == KEY_WHEEL_UP ? -ev->n : ev->n);
}

static void
key_home_end(struct tui *t, const struct key_event *ev)
{
	if (!compose_is_empty(t->compose)) {
		compose_bytes(t->compose, ev->bytes, ev->len);
	} else if (ev->key == KEY_HOME) {
		pane_home(t->pane);
		tui_want_older(t);
	} else {
		pane_end(t->pane);
	}
}

static void
key_fold(struct tui *t, const struct key_event *ev)
{
	bool reasoning = pane_reasoning(t->pane);
	bool output = pane_output(t->pane);

	if (ev->key == KEY_REASONING)
		reasoning = !reasoning;
	else
		output = !output;
	pane_fold(t->pane, reasoning, output);
}

static void
key_mode(struct tui *t, const struct key_event *ev)
{
	(void)ev;
	t->opts.ops->mode(t->opts.arg);
}

static void
key_sessions(struct tui *t, const struct key_event *ev)
{
	(void)ev;
	tui_sessions_open(t, NULL);
}

static void
key_session_step(struct tui *t, const struct key_event *ev)
{
	tui_sessions_step(t, ev->key == KEY_SESSION_PREV ? -1 :
	    ev->key == KEY_SESSION_NEXT ? 1 : 0, ev->n);
}

static void
key_take(struct tui *t, const struct key_event *ev)
{
	(void)ev;
	tui_take_over(t);
}

static void
key_help_page(struct tui *t, const struct key_event *ev)
{
	(void)ev;
	tui_show_help(t);
}

static void
key_redraw(struct tui *t, const struct key_event *ev)
{
	(void)ev;
	tty_forget(t->tty);
}

static void
key_suspend(struct tui *t, const struct key_event *ev)
{
	(void)ev;
	tui_suspend(t);
}

static void
key_editor(struct tui *t, const struct key_event *ev)
{
	(void)ev;
	tui_edit(t);
}

static void
key_paste(struct tui *t, const struct key_event *ev)
{
	compose_paste(t->compose, ev->bytes, ev->len);
	if (ev->cut)
		tui_note(t, true, "only the first %d KiB of the paste were "
		    "taken", KEYS_PASTE_MAX / 1024);
}

/* Letters that mean something while scrolled, with nothing typed. */
static bool
scroll_letter(struct tui *t, const struct key_event *ev)
{
	if (t->finding || !compose_is_empty(t->compose))
		return false;
	if (ev->len == 1 && t->find != NULL && (ev->bytes[0] == 'n' || ev->bytes[0] == 'N')) {
		find_next(t, ev->bytes[0] == 'n');
		return true;
	}
	if (pane_following(t->pane) || ev->bytes[0] != '/')
		return false;
	begin_find(t);
	/* on a slow line words come in one piece */
	if (ev->len > 1)
		compose_bytes(t->compose, ev->bytes + 1, ev->len - 1);
	return true;
}

/* A ? with nothing typed asks for help, and is text for those who go on. */
static bool
is_question(const struct tui *t, const struct key_event *ev)
{
	return ev->len == 1 && ev->bytes[0] == '?' && !t->finding &&
	    t->approve.state != APPROVE_REASON &&
	    t->approve.state != APPROVE_EDIT &&
	    compose_is_empty(t->compose) && !compose_is_command(t->compose);
}

static void
key_bytes(struct tui *t, const struct key_event *ev)
{
	bool asks = is_question(t, ev);

	if (!scroll_letter(t, ev))
		compose_bytes(t->compose, ev->bytes, ev->len);
	if (asks) {
		tui_show_help(t);
		t->help_asked = true;
	}
}

static key_fn *const actions[KEY_COUNT] = {
	[KEY_ENTER] = key_enter,
	[KEY_NEWLINE] = key_newline,
	[KEY_ESC] = key_esc,
	[KEY_CTRL_C] = key_ctrl_c,
	[KEY_CTRL_D] = key_ctrl_d,
	[KEY_UP] = key_up_down,
	[KEY_DOWN] = key_up_down,
	[KEY_EDITOR] = key_editor,
	[KEY_TAB] = key_tab,
	[KEY_PAGE_UP] = key_page,
	[KEY_PAGE_DOWN] = key_page,
	[KEY_HOME] = key_home_end,
	[KEY_END] = key_home_end,
	[KEY_REASONING] = key_fold,
	[KEY_OUTPUT] = key_fold,
	[KEY_MODE] = key_mode,
	[KEY_SESSIONS] = key_sessions,
	[KEY_SESSION_PREV] = key_session_step,
	[KEY_SESSION_NEXT] = key_session_step,
	[KEY_SESSION_N] = key_session_step,
	[KEY_TAKE] = key_take,
	[KEY_HELP] = key_help_page,
	[KEY_REDRAW] = key_redraw,
	[KEY_SUSPEND] = key_suspend,
	[KEY_LEFT] = key_bytes,
	[KEY_RIGHT] = key_bytes,
	[KEY_WHEEL_UP] = key_wheel,
	[KEY_WHEEL_DOWN] = key_wheel,
	[KEY_PASTE] = key_paste,
	[KEY_BYTES] = key_bytes,
};

/* ------------------------------------------------------------- overlays */

/* Whoever writes on did not ask. */
static void
end_question(struct tui *t, const struct key_event *ev)
{
	t->help_asked = false;
	if (ev->key == KEY_BYTES || ev->key == KEY_PASTE)
		actions[ev->key](t, ev);
	else if (ev->key == KEY_ESC || ev->key == KEY_ENTER ||
	    ev->key == KEY_HELP)
		(void)compose_discard(t->compose);
}

static void
help_key(struct tui *t, const struct key_event *ev)
{
	size_t rows = t->help_rows > 2 ? t->help_rows - 1 : 1;

	switch (ev->key) {
	case KEY_PAGE_DOWN:
	case KEY_DOWN:
	case KEY_WHEEL_DOWN:
		t->help_first += ev->key == KEY_PAGE_DOWN ? rows : 1;
		break;
	case KEY_PAGE_UP:
	case KEY_UP:
	case KEY_WHEEL_UP:
		rows = ev->key == KEY_PAGE_UP ? rows : 1;
		t->help_first -= rows < t->help_first ? rows : t->help_first;
		break;
	default:
		t->over = OVER_NONE;
		if (t->help_asked)
			end_question(t, ev);
		break;
	}
}

/* Keys that mean the same wherever one is. */
static bool
is_everywhere(enum key key)
{
	return key == KEY_SUSPEND || key == KEY_REDRAW ||
	    key == KEY_SESSION_PREV || key == KEY_SESSION_NEXT ||
	    key == KEY_SESSION_N || key == KEY_TAKE;
}

/* What the question lets through to the transcript. */
static bool
is_looking(enum key key)
{
	return key == KEY_PAGE_UP || key == KEY_PAGE_DOWN ||
	    key == KEY_WHEEL_UP || key == KEY_WHEEL_DOWN ||
	    key == KEY_CTRL_C || key == KEY_HELP || key == KEY_OUTPUT ||
	    key == KEY_REASONING || key == KEY_SESSIONS;
}

/* A question that does not fit is what one wants to read. */
static bool
scrolls_question(struct tui *t, const struct key_event *ev)
{
	switch (ev->key) {
	case KEY_UP:
		return approve_scroll(&t->approve, -1);
	case KEY_DOWN:
		return approve_scroll(&t->approve, 1);
	case KEY_PAGE_UP:
		return approve_scroll(&t->approve, -QUESTION_PAGE);
	case KEY_PAGE_DOWN:
		return approve_scroll(&t->approve, QUESTION_PAGE);
	case KEY_WHEEL_UP:
		return approve_scroll(&t->approve, -ev->n);
	case KEY_WHEEL_DOWN:
		return approve_scroll(&t->approve, ev->n);
	default:
		return false;
	}
}

static void
dispatch(struct tui *t, const struct key_event *ev)
{
	if (!is_everywhere(ev->key) && t->over == OVER_HELP)
		help_key(t, ev);
	else if (!is_everywhere(ev->key) && t->over == OVER_SESSIONS)
		tui_sessions_key(t, ev);
	else if (t->approve.state == APPROVE_ASK && scrolls_question(t, ev))
		return;
	else if (t->approve.state == APPROVE_ASK && !is_everywhere(ev->key) &&
	    !is_looking(ev->key))
		approval_key(t, ev);
	else if (actions[ev->key] != NULL)
		actions[ev->key](t, ev);
}

void
tui_key(const struct key_event *ev, void *arg)
{
	struct tui *t = arg;
	bool armed = t->armed, esc = t->esc;

	if (ev->key == KEY_FOCUS_IN || ev->key == KEY_FOCUS_OUT) {
		t->tty->focus = ev->key == KEY_FOCUS_IN ? TTY_FOCUS_IN :
		    TTY_FOCUS_OUT;
		if (ev->key == KEY_FOCUS_IN)
			tui_notice_seen(t);
		return;
	}
	if (ev->key == KEY_BACKGROUND) {
		tui_background(t, style_answer_light(ev->bytes, ev->len));
		return;
	}
	t->last_key = clock_mono_us();
	tui_notice_seen(t);
	str_replace(&t->note, NULL);
	if (ev->key != KEY_CTRL_C)
		t->armed = false;
	if (ev->key != KEY_ESC)
		t->esc = false;
	dispatch(t, ev);
	/* it counts only when it is pressed twice in a row */
	if (armed && ev->key == KEY_CTRL_C)
		t->armed = true;
	if (esc && ev->key == KEY_ESC)
		t->esc = false;
	tui_draft_soon(t);
}

bool
tui_entered(void *arg, const char *text)
{
	struct tui *t = arg;

	if (t->approve.state == APPROVE_REASON ||
	    t->approve.state == APPROVE_EDIT) {
		approval_text(t, text);
	} else if (t->finding) {
		str_replace(&t->find, text);
		compose_set(t->compose, t->saved != NULL ? t->saved : "");
		str_replace(&t->saved, NULL);
		t->finding = false;
		find_next(t, true);
	} else if (!complete_is_command(text) && !tui_may_send(t)) {
		str_replace(&t->kept, text);
	} else {
		pane_end(t->pane);
		t->opts.ops->submit(t->opts.arg, text);
		return true;
	}
	return false;
}

void
tui_show_help(struct tui *t)
{
	t->over = t->over == OVER_HELP ? OVER_NONE : OVER_HELP;
	t->help_asked = false;
	t->help_first = 0;
	tui_dirty(t, TUI_FRAME_MS);
}
