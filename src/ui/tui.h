/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tui.h - the screen of one session */

/*
 * Draws what client/follow brings and turns keys into records. It is only a
 * client: what needs more than the wire of one session (making one, finding
 * others, files) it asks of its owner through struct tui_ops, whose functions
 * are called from the event loop and should return soon.
 *
 * Nothing is written but a frame, and no frame sooner than TUI_FRAME_MS after
 * the one before; without events there are no timers.
 */

#ifndef UI_TUI_H
#define UI_TUI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "ui/complete.h"
#include "ui/style.h"

struct client;
struct err;
struct event_base;
struct item;
struct json;
struct tty;

enum {
	TUI_FRAME_MS = 12,	/* after a key */
	TUI_STREAM_MS = 64,	/* while an answer comes */
	TUI_PAGE = 100,		/* messages loaded at once */
};

struct tui_ops {
	/* A message, or "/command words", was entered. */
	void (*submit)(void *arg, const char *text);
	/* Another session is wanted (NULL: a new one). */
	void (*open)(void *arg, const char *id);
	/* The server, started if it has to be; NULL and why. It is the one of
	 * tui_attach() as long as that answers. */
	struct client *(*reach)(void *arg, struct err *e);
	/* The session's server does not answer any more. */
	void (*lost)(void *arg);
	/* A turn has ended. */
	void (*turned)(void *arg);
	void (*leave)(void *arg);
	/* End what the user runs here; false: nothing does. */
	bool (*interrupt)(void *arg);
	/* Edit text elsewhere; the terminal is free meanwhile. The result is
	 * the caller's; NULL: as it was. */
	char *(*edit)(void *arg, const char *text, struct err *e);
	/* The next permission mode is wanted. */
	void (*mode)(void *arg);
	/* The agent says how the next messages are to be sent. */
	void (*told)(void *arg, const struct json *chunk);
};

struct tui_opts {
	struct event_base *base;
	struct tty *tty;
	struct complete_table table;
	const char *history;		/* a file, or NULL */
	const char *drafts;		/* a folder, or NULL */
	bool read_only;
	const char *who;		/* what others see of us */
	const struct tui_ops *ops;
	void *arg;
};

struct tui;

struct tui *tui_new(const struct tui_opts *opts, struct err *e)
	    ATTR_MUST_USE;
void	tui_free(struct tui *t);
/* Draw now, whatever was. */
int	tui_frame(struct tui *t);

/*
 * Show this session from now on: transcript is the answer of /transcript
 * with at most TUI_PAGE messages. What was echoed stays.
 */
void	tui_attach(struct tui *t, struct client *cl, const struct item *it,
	    const struct json *transcript);
/* Nothing is shown. */
void	tui_detach(struct tui *t);
/* There is none yet; the first words begin it. */
void	tui_fresh(struct tui *t);
/* The id of the session that is shown, or NULL. */
const char *tui_session(const struct tui *t);

/* Show a message (JSON) that will be sent; send it. */
void	tui_echo(struct tui *t, const char *message);
void	tui_send(struct tui *t, const char *message, const char *metadata,
	    const char *chatd);
/* It could not be: take it back into the composer. */
void	tui_unsend(struct tui *t, const char *text);
/* Words that are still on their way, or NULL; caller frees. */
char	*tui_unsent(const struct tui *t);
/* An action (JSON) that changes the transcript. */
void	tui_action(struct tui *t, const char *action);

/* A word in the status line until the next key; lines in the transcript. */
void	tui_note(struct tui *t, bool bad, const char *fmt, ...)
	    ATTR_PRINTF(3, 4);
void	tui_note_clear(struct tui *t);
/* What is being sent has to wait; gone when it is sent. */
void	tui_send_waits(struct tui *t, int64_t ms, const struct err *why);
void	tui_say(struct tui *t, const char *text);
void	tui_set_model(struct tui *t, const char *model);
/* Permission mode of the next turns; what holds programs, until a turn says
 * it better. */
void	tui_set_mode(struct tui *t, const char *mode);
void	tui_set_sandbox(struct tui *t, const char *sandbox);
void	tui_set_title(struct tui *t, const char *title);
void	tui_set_text(struct tui *t, const char *text);

/* for commands */
void	tui_show_help(struct tui *t);
void	tui_show_sessions(struct tui *t, const char *query);
void	tui_copy(struct tui *t, const char *text);
void	tui_theme(struct tui *t, enum style_theme theme);
/* What is typed, by tui_ops.edit. */
void	tui_edit(struct tui *t);
/* Names of the others that look at the session; caller frees. */
char	*tui_company_names(struct tui *t);
/* The turn that somebody else has becomes ours. */
void	tui_take_over(struct tui *t);
/* Why nothing may be sent now, or NULL; caller frees. */
char	*tui_refusal(struct tui *t);
/* The text of the last message of the person, or NULL; its id. */
char	*tui_last_said(struct tui *t, char **id);

#endif
