/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tui.c - the screen's events: input, time, signals, frames */

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/mem.h"
#include "client/follow.h"
#include "client/view.h"
#include "client/client.h"
#include "ui/compose.h"
#include "ui/pane.h"
#include "ui/tty.h"
#include "ui/tui_priv.h"

enum {
	READ_MAX = 16384,
	TICK_MS = 250,
	TICK_WRITING_MS = 1000,	/* words that come show that it works */
	NOTE_MAX = 512,
};

static const int signals[] = { SIGWINCH, SIGCONT, SIGTSTP };

static void
add_ms(struct event *ev, int64_t ms)
{
	struct timeval tv = { .tv_sec = ms / 1000,
	    .tv_usec = ms % 1000 * 1000 };

	event_add(ev, &tv);
}

/* ---------------------------------------------------------------- frame */

static void
leave(struct tui *t)
{
	if (t->left)
		return;
	t->left = true;
	t->opts.ops->leave(t->opts.arg);
}

static int64_t
tick_ms(const struct tui *t)
{
	return t->running && t->doing != NULL &&
	    strcmp(t->doing, "writing") == 0 ? TICK_WRITING_MS : TICK_MS;
}

/* Seconds are counted only while there is something to count. */
static void
set_tick(struct tui *t)
{
	bool want = tui_busy(t) || pane_ticks(t->pane) || t->retry_at != 0;

	if (want && !t->ticking)
		add_ms(t->tick, tick_ms(t));
	else if (!want && t->ticking)
		event_del(t->tick);
	t->ticking = want;
}

int
tui_frame(struct tui *t)
{
	t->frame_due = false;
	event_del(t->frame);
	if (!t->tty->started)
		return 0;
	if (t->next.rows != t->tty->front.rows ||
	    t->next.cols != t->tty->front.cols)
		grid_resize(&t->next, t->tty->front.rows,
		    t->tty->front.cols);
	grid_erase(&t->next);
	tui_draw(t);
	t->last_frame = clock_mono_us();
	set_tick(t);
	return tty_draw(t->tty, &t->next);
}

static void
frame_due(evutil_socket_t fd, short what, void *arg)
{
	struct tui *t = arg;

	(void)fd;
	(void)what;
	if (tui_frame(t) != 0)
		leave(t);	/* the terminal is gone */
}

/* Something changed: draw soon, but not before ms after the last frame. What
 * comes in one pass of the loop is drawn at once. */
void
tui_dirty(struct tui *t, int ms)
{
	int64_t since = (clock_mono_us() - t->last_frame) / 1000;

	if (t->frame_due && ms > TUI_FRAME_MS)
		return;
	t->frame_due = true;
	add_ms(t->frame, since >= ms ? 0 : ms - since);
}

static void
tick(evutil_socket_t fd, short what, void *arg)
{
	struct tui *t = arg;

	(void)fd;
	(void)what;
	t->spin++;
	/* with what comes, not in between */
	tui_dirty(t, TUI_STREAM_MS);
	if (t->ticking)
		add_ms(t->tick, tick_ms(t));
}

/* ---------------------------------------------------------------- input */

static void
esc_waited(evutil_socket_t fd, short what, void *arg)
{
	struct tui *t = arg;

	(void)fd;
	(void)what;
	keys_timeout(&t->keys, tui_key, t);
	tui_dirty(t, TUI_FRAME_MS);
}

static void
readable(evutil_socket_t fd, short what, void *arg)
{
	struct tui *t = arg;
	char bytes[READ_MAX];
	ssize_t n = read(fd, bytes, sizeof(bytes));

	(void)what;
	if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN)) {
		leave(t);
		return;
	}
	if (n < 0)
		return;
	for (ssize_t i = 0; i < n && t->tty->ahead > 0; i++, t->tty->ahead--)
		if (bytes[i] == '\n')
			bytes[i] = '\r';
	event_del(t->esc_timer);
	keys_feed(&t->keys, bytes, (size_t)n, tui_key, t);
	if (keys_waiting(&t->keys))
		add_ms(t->esc_timer, keys_wait_ms(&t->keys));
	tui_dirty(t, TUI_FRAME_MS);
}

/* -------------------------------------------------------------- signals */

static void
restart(struct tui *t)
{
	struct err e = ERR_INIT;

	if (tty_start(t->tty, &e) != 0) {
		leave(t);
		return;
	}
	t->style = t->tty->style;
	t->style.marks = true;
	tui_dirty(t, 0);
}

/* The whole group stops, the guard with us, as the shell expects. */
void
tui_suspend(struct tui *t)
{
	tty_stop(t->tty);
	kill(0, SIGSTOP);
	restart(t);
}

static void
resized(struct tui *t)
{
	tty_resize(t->tty);
	t->style = t->tty->style;
	t->style.marks = true;
	tui_dirty(t, TUI_FRAME_MS);
}

static void
signalled(evutil_socket_t sig, short what, void *arg)
{
	struct tui *t = arg;

	(void)what;
	if (sig == SIGTSTP) {
		tui_suspend(t);
	} else if (sig == SIGCONT && t->tty->started) {
		/* stopped behind our back: the modes are the shell's */
		t->tty->started = false;
		restart(t);
	} else if (sig == SIGWINCH && t->tty->started) {
		resized(t);
	}
}

/* ----------------------------------------------------------- life cycle */

static void
open_events(struct tui *t)
{
	struct event_base *base = t->opts.base;

	t->input = event_new(base, t->tty->in, EV_READ | EV_PERSIST, readable,
	    t);
	t->esc_timer = event_new(base, -1, 0, esc_waited, t);
	t->frame = event_new(base, -1, 0, frame_due, t);
	t->tick = event_new(base, -1, 0, tick, t);
	for (size_t i = 0; i < NELEM(signals); i++) {
		t->signals[i] = evsignal_new(base, signals[i], signalled, t);
		event_add(t->signals[i], NULL);
	}
	event_add(t->input, NULL);
}

struct tui *
tui_new(const struct tui_opts *opts, struct err *e)
{
	struct tui *t = xcalloc(1, sizeof(*t));
	struct compose_opts co = { .table = opts->table,
	    .history = opts->history, .submit = tui_entered, .arg = t };

	t->opts = *opts;
	t->tty = opts->tty;
	t->style = t->tty->style;
	t->style.marks = true;
	t->own_in = t->done_in = -1;
	TAILQ_INIT(&t->places);
	t->context = t->cost = -1;
	grid_init(&t->next);
	keys_init(&t->keys);
	approve_init(&t->approve);
	sessions_init(&t->sessions);
	lines_init(&t->help);
	t->pane = pane_new(&t->style);
	pane_subs(t->pane, &t->subs);
	open_events(t);
	t->compose = compose_new(&co, e);
	if (t->compose == NULL) {
		tui_free(t);
		return NULL;
	}
	return t;
}

void
tui_free(struct tui *t)
{
	struct event **events[] = { &t->input, &t->esc_timer, &t->frame,
	    &t->tick, &t->poll, &t->keep, &t->signals[0],
	    &t->signals[1], &t->signals[2] };

	tui_detach(t);
	tui_drop_letters(t);
	tui_sessions_free(t);
	for (size_t i = 0; i < NELEM(events); i++)
		if (*events[i] != NULL)
			event_free(*events[i]);
	pane_free(t->pane);
	tui_forget_said(t);
	compose_free(t->compose);
	approve_clear(&t->approve);
	sessions_clear(&t->sessions);
	lines_clear(&t->help);
	keys_clear(&t->keys);
	grid_clear(&t->next);
	free(t->find);
	free(t->saved);
	free(t->kept);
	free(t->note);
	free(t->title);
	free(t->model);
	free(t->mode);
	free(t->sandbox);
	free(t);
}

/* ---------------------------------------------------------------- words */

void
tui_note(struct tui *t, bool bad, const char *fmt, ...)
{
	char text[NOTE_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	str_replace(&t->note, text);
	t->note_bad = bad;
	t->note_unsent = false;
	tui_dirty(t, TUI_FRAME_MS);
}

void
tui_note_clear(struct tui *t)
{
	str_replace(&t->note, NULL);
	t->note_unsent = false;
	tui_dirty(t, TUI_FRAME_MS);
}

void
tui_send_waits(struct tui *t, int64_t ms, const struct err *why)
{
	tui_note(t, true, "not sent yet, trying again in %d s: %s",
	    (int)((ms + 999) / 1000), why->text);
	t->note_unsent = true;
}

void
tui_say(struct tui *t, const char *text)
{
	pane_note(t->pane, text, STYLE_BIT(DIM));
	tui_dirty(t, TUI_FRAME_MS);
}

void
tui_set_model(struct tui *t, const char *model)
{
	str_replace(&t->model, model);
	tui_dirty(t, TUI_FRAME_MS);
}

void
tui_set_mode(struct tui *t, const char *mode)
{
	str_replace(&t->mode, mode);
	t->mode_said = true;
	tui_dirty(t, TUI_FRAME_MS);
}

void
tui_set_sandbox(struct tui *t, const char *sandbox)
{
	str_replace(&t->sandbox, sandbox);
	tui_dirty(t, TUI_FRAME_MS);
}

void
tui_set_title(struct tui *t, const char *title)
{
	str_replace(&t->title, title);
	tui_notice_title(t);
	tui_dirty(t, TUI_FRAME_MS);
}

void
tui_set_text(struct tui *t, const char *text)
{
	compose_set(t->compose, text);
	tui_dirty(t, TUI_FRAME_MS);
}

void
tui_edit(struct tui *t)
{
	struct err e = ERR_INIT;
	char *old = compose_text(t->compose), *new;

	tty_stop(t->tty);
	new = t->opts.ops->edit(t->opts.arg, old, &e);
	restart(t);
	if (new != NULL)
		compose_set(t->compose, new);
	else if (err_is_set(&e))
		tui_note(t, true, "%s", e.text);
	free(new);
	free(old);
}

void
tui_theme(struct tui *t, enum style_theme theme)
{
	style_set_theme(&t->tty->style, theme);
	style_set_theme(&t->style, theme);
	pane_forget(t->pane);
	tty_forget(t->tty);
	tui_dirty(t, TUI_FRAME_MS);
}

void
tui_background(struct tui *t, int light)
{
	if (light >= 0 && t->style.depth != STYLE_MONO &&
	    t->style.light != (light > 0))
		tui_theme(t, light > 0 ? STYLE_LIGHT : STYLE_DARK);
}
