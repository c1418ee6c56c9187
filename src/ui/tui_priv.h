/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tui_priv.h - what the files of the screen share */

#ifndef UI_TUI_PRIV_H
#define UI_TUI_PRIV_H

#include <event2/event.h>
#include <sys/queue.h>

#include "base/buf.h"
#include "base/err.h"
#include "client/send.h"
#include "ui/approve.h"
#include "ui/draft.h"
#include "ui/grid.h"
#include "ui/sessions.h"
#include "ui/keys.h"
#include "ui/lines.h"
#include "ui/style.h"
#include "ui/subs.h"
#include "ui/tui.h"

struct client_call;
struct compose;
struct follow;
struct message;
struct pane;
struct presence;
struct view;

/* Something on its way to a session. */
struct letter {
	TAILQ_ENTRY(letter) entry;
	struct tui *t;
	struct place *place;
	char *message;		/* words of the person: its JSON, */
	char *id, *text;	/* id and text; else NULL */
	bool stops;
	send_fn fn;		/* told when that session is shown */
	struct client_call *call;
};

struct unsent {
	char *id, *text;
};

/* Where something is typed and sent (tui_draft.c). */
struct place {
	TAILQ_ENTRY(place) entry;
	char *key;		/* the session's, or NULL: none yet */
	struct draft file;
	char *text;		/* is not in the composer now */
	TAILQ_HEAD(, letter) letters;
	struct unsent *unsent;	/* of an earlier screen */
	size_t unsent_count;
};

enum tui_overlay {
	OVER_NONE,
	OVER_HELP,
	OVER_SESSIONS,
};

struct tui {
	struct tui_opts opts;
	struct tty *tty;
	struct style style;		/* the terminal's, with marks */
	struct grid next;
	struct keys keys;
	struct compose *compose;
	struct pane *pane;
	struct approve approve;
	struct sessions sessions;

	/* session */
	struct client *client;
	TAILQ_HEAD(, place) places;
	struct place *place;		/* what is typed is for it, or NULL */
	char *id, *key, *title, *model;
	char *mode, *sandbox;		/* of turns, or NULL */
	bool mode_said;			/* chosen here, for the next ones */
	struct follow *out, *in;
	struct presence *presence;	/* others, or NULL */
	bool ours;			/* the turn is, as others see it */
	struct view *view;		/* the newest page and what came */
	struct view **pages;		/* older ones */
	size_t page_count;
	char *older;			/* cursor of the page before */
	struct client_call *older_call, *list_call, *item_call;
	struct message **said;		/* messages of people, ours */
	size_t said_count;
	const struct message *live;	/* the message that is written to */
	struct subs subs;		/* of its calls */
	bool unclaimed;			/* its question was not seen yet */
	bool reload;			/* the transcript was cut */
	bool running;
	int64_t begun_us;
	int64_t done_in, own_in;
	int64_t tokens;
	double context;			/* how full, 0..1; < 0 unknown */
	double cost;
	const char *doing;
	int64_t retry_at;		/* the next try to connect, or 0 */

	/* what is shown */
	enum tui_overlay over;
	struct lines help;
	size_t help_first, help_rows;
	bool help_asked;		/* by a ?, which stands in the composer */
	bool finding;			/* the composer holds what to find */
	char *find;
	char *saved;			/* the composer's text meanwhile */
	char *kept;			/* could not be sent now */
	char *note;
	bool note_bad;
	bool note_unsent;	/* it is tui_send_waits()'s */
	unsigned spin;
	bool armed;			/* Ctrl+C once */
	bool esc;			/* Esc once */
	bool left;
	const char *wants;		/* in front of the title, or NULL */

	/* time */
	struct event *input, *esc_timer, *frame, *tick, *poll;
	struct event *keep;		/* what is typed */
	struct event *signals[3];
	int64_t last_frame, last_key;
	bool frame_due, ticking;
};

/* tui.c */
void	tui_dirty(struct tui *t, int ms);
/* The terminal says that its background is light (0: dark, -1: nothing). */
void	tui_background(struct tui *t, int light);
/* tui_notes.c. True: it is one of chatd's own, and no part of a message. */
bool	tui_take_note(struct tui *t, const struct json *chunk);
void	tui_suspend(struct tui *t);

/* tui_draw.c: the whole screen into t->next. */
void	tui_draw(struct tui *t);

/* tui_notice.c: say that it is their turn, to those who look elsewhere. */
void	tui_notice_ask(struct tui *t);
/* A turn of so many microseconds is over. */
void	tui_notice_end(struct tui *t, int64_t us);
/* A key, or the focus: somebody looks. */
void	tui_notice_seen(struct tui *t);
void	tui_notice_title(struct tui *t);

/* tui_keys.c */
void	tui_key(const struct key_event *ev, void *arg);
/* The composer has an entry. */
bool	tui_entered(void *arg, const char *text);

/* The composer's own text is back. */
void	tui_end_text(struct tui *t);

/* tui_ask.c */
void	tui_ask(struct tui *t);		/* look for an approval to ask */
void	tui_answer(struct tui *t);	/* send the approval's answer */
/* A message of somebody (JSON) answers calls. */
struct json;
void	tui_others_answer(struct tui *t, const struct json *message);
/* The message that ends the transcript, if it is an answer. */
const struct message *tui_last_answer(const struct tui *t);

/* tui_session.c */
/* tui_send.c: fn hears of it if the session is still the one shown. */
void	tui_post(struct tui *t, const struct input_message *m, send_fn fn);
/* They were for a screen that is no more. */
void	tui_drop_letters(struct tui *t);
void	tui_acted(int64_t seq, const struct err *e, void *arg);
void	tui_stop_turn(struct tui *t);
void	tui_want_older(struct tui *t);
bool	tui_busy(const struct tui *t);
void	tui_forget_said(struct tui *t);
/* Is there a server to ask? Says so if not. */
bool	tui_reach(struct tui *t);

/* tui_draft.c */
void	tui_draft_open(struct tui *t);	/* of what is shown now */
void	tui_draft_close(struct tui *t);	/* it is not shown any more */
void	tui_draft_soon(struct tui *t);	/* something was typed or sent */
void	tui_draft_keep(struct tui *t, struct place *p);
void	tui_draft_release(struct tui *t, struct place *p);
/* Its words make room in the composer, until that is empty again. */
void	tui_draft_hold(struct tui *t);
/* It could not be sent: for the composer again. */
void	tui_draft_back(struct tui *t, struct place *p, const char *text);
/* A message of this id is there. */
void	tui_draft_said(struct tui *t, const char *id);

/* tui_presence.c */
void	tui_presence_start(struct tui *t);
void	tui_presence_stop(struct tui *t);
/* May something be sent now? Says why not. */
bool	tui_may_send(struct tui *t);
/* Others keep still from now on; no more. */
void	tui_claim(struct tui *t);
void	tui_turn_is_over(struct tui *t);
/* "with NAME", or NULL; caller frees. */
char	*tui_company(struct tui *t);
void	tui_draw_held(struct tui *t, size_t row);

/* tui_sessions.c */
void	tui_sessions_open(struct tui *t, const char *query);
void	tui_sessions_close(struct tui *t);
void	tui_sessions_key(struct tui *t, const struct key_event *ev);
/* The session before or after, or of a number. */
void	tui_sessions_step(struct tui *t, int by, int number);
void	tui_sessions_free(struct tui *t);

#endif
