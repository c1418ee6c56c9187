/* SPDX-License-Identifier: GPL-3.0-or-later */
/* line.c - the prompt of line mode */

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "ui/line_priv.h"
#include "ui/safe.h"
#include "ui/style.h"

static const char again[] = "\r\n(Ctrl+C again to leave)\n";

/* Between these two line_free() only makes a note. */
static void
enter(struct line *ln)
{
	ln->busy++;
}

static void
leave(struct line *ln)
{
	ln->busy--;
	if (ln->freed && ln->busy == 0)
		line_free(ln);
}

void
line_leave(struct line *ln)
{
	if (ln->left || ln->freed)
		return;
	line_hide(ln);
	ln->left = true;
	event_del(ln->input);
	ln->opts.ops->eof(ln->opts.arg);
}

void
line_entered(struct line *ln, const char *text)
{
	struct err e = ERR_INIT;

	if (*text == '\0' || ln->freed)
		return;
	if (ln->opts.history != NULL &&
	    history_add(&ln->history, text, &e) == -1)
		log_msg(LOG_UI, LOG_WARN, "%s", e.text);
	ln->opts.ops->submit(ln->opts.arg, text, strlen(text));
}

static void
say_again(struct line *ln)
{
	/* Behind a prompt that could not be erased a line has to end. */
	size_t skip = ln->way == &line_plain ? 0 : 2;
	bool shown = ln->shown;

	if (shown)
		line_hide(ln);
	/* To the person at the keyboard; a failure leaves nothing to do. */
	if (ln->opts.style->tty && write(STDOUT_FILENO, again + skip,
	    sizeof(again) - 1 - skip) == -1)
		log_msg(LOG_UI, LOG_WARN, "cannot write to the terminal");
	if (shown)
		line_show(ln);
}

static void
interrupted(evutil_socket_t fd, short what, void *arg)
{
	struct line *ln = arg;
	const struct line_ops *ops = ln->opts.ops;

	(void)fd;
	(void)what;
	enter(ln);
	if (ln->way->discard(ln) || (ops->interrupt != NULL &&
	    ops->interrupt(ln->opts.arg))) {
		ln->armed = false;
	} else if (ln->armed) {
		line_leave(ln);
	} else {
		ln->armed = true;
		say_again(ln);
	}
	leave(ln);
}

static void
readable(evutil_socket_t fd, short what, void *arg)
{
	struct line *ln = arg;

	(void)fd;
	(void)what;
	enter(ln);
	ln->armed = false;
	ln->way->readable(ln);
	leave(ln);
}

static void
resized(evutil_socket_t fd, short what, void *arg)
{
	struct line *ln = arg;

	(void)fd;
	(void)what;
	enter(ln);
	style_resize(ln->opts.style, STDOUT_FILENO);
	ln->way->resized(ln);
	if (ln->opts.ops->resize != NULL)
		ln->opts.ops->resize(ln->opts.arg);
	leave(ln);
}

static int
open_events(struct line *ln, struct err *e)
{
	struct event_base *base = ln->opts.base;

	ln->input = event_new(base, STDIN_FILENO, EV_READ | EV_PERSIST,
	    readable, ln);
	ln->sigint = evsignal_new(base, SIGINT, interrupted, ln);
	ln->sigwinch = evsignal_new(base, SIGWINCH, resized, ln);
	if (ln->input == NULL || ln->sigint == NULL ||
	    ln->sigwinch == NULL || evsignal_add(ln->sigint, NULL) == -1 ||
	    evsignal_add(ln->sigwinch, NULL) == -1)
		return err_set(e, ERR_FAILED, "cannot wait for input");
	return 0;
}

struct line *
line_new(const struct line_opts *opts, struct err *e)
{
	struct line *ln = xcalloc(1, sizeof(*ln));
	bool edit = isatty(STDIN_FILENO) && !opts->style->dumb;

	ln->opts = *opts;
	ln->way = edit ? &line_edit : &line_plain;
	ln->prompt = xstrdup("> ");
	buf_init(&ln->pending);
	if (open_events(ln, e) == -1 || (opts->history != NULL &&
	    history_open(&ln->history, opts->history, e) == -1)) {
		ln->way = NULL;
		line_free(ln);
		return NULL;
	}
	ln->way->open(ln);
	return ln;
}

static void
free_event(struct event *ev)
{
	if (ev != NULL)
		event_free(ev);
}

void
line_free(struct line *ln)
{
	if (ln == NULL)
		return;
	if (ln->busy > 0) {
		ln->freed = true;
		return;
	}
	if (ln->way != NULL) {
		line_hide(ln);
		ln->way->close(ln);
	}
	free_event(ln->input);
	free_event(ln->sigint);
	free_event(ln->sigwinch);
	history_close(&ln->history);
	buf_clear(&ln->pending);
	free(ln->prompt);
	free(ln);
}

void
line_set_prompt(struct line *ln, const char *prompt)
{
	struct buf b = BUF_INIT;

	safe_shows(&b, prompt);
	free(ln->prompt);
	ln->prompt = buf_take(&b);
	ln->way->prompt(ln);
}

void
line_show(struct line *ln)
{
	if (ln->shown || ln->left)
		return;
	ln->shown = true;
	ln->way->show(ln);
}

void
line_hide(struct line *ln)
{
	if (!ln->shown)
		return;
	ln->way->hide(ln);
	ln->shown = false;
}

void
line_set_text(struct line *ln, const char *text)
{
	ln->way->set_text(ln, text);
}

void
line_drop_input(struct line *ln)
{
	if (isatty(STDIN_FILENO))
		(void)tcflush(STDIN_FILENO, TCIFLUSH);	/* nothing to lose */
	ln->way->set_text(ln, "");
}
