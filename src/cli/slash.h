/* SPDX-License-Identifier: GPL-3.0-or-later */
/* slash.h - what begins with a slash, on the screen and in line mode */

/*
 * One table for both. What a command does to the session is the same; what
 * it does to what a person sees is in struct slash_ops, which each of the two
 * has for itself. Commands run outside of callbacks of the event loop and may
 * wait for the server.
 */

#ifndef CLI_SLASH_H
#define CLI_SLASH_H

#include <stdbool.h>

#include "base/attr.h"
#include "ui/style.h"

struct client;
struct complete_table;
struct err;
struct opts;
struct session;

struct slash_ops {
	/* The server; NULL and why. */
	struct client *(*client)(void *arg, struct err *e);
	/* Go over to a session (NULL: a new one, made when it is used). */
	int (*open)(void *arg, const char *id, struct err *e);
	/* An action (JSON) that changes the transcript. */
	int (*act)(void *arg, const char *action, struct err *e);
	/* As if it had been typed. */
	int (*say)(void *arg, const char *text, struct err *e);
	/* Lines of ours, made safe by who shows them. */
	void (*tell)(void *arg, const char *text);
	int (*help)(void *arg, struct err *e);
	/* Sessions, or with words those where they are found. */
	int (*list)(void *arg, const char *words, struct err *e);
	int (*wipe)(void *arg, struct err *e);
	int (*copy)(void *arg, const char *text, struct err *e);
	int (*theme)(void *arg, enum style_theme theme, struct err *e);
	/* What is typed, in $EDITOR. */
	int (*editor)(void *arg, struct err *e);
	/* The turn that somebody else has. */
	int (*take)(void *arg, struct err *e);
	/* Who else looks: caller frees. */
	char *(*company)(void *arg);
	/* model, permission mode or title are others now */
	void (*changed)(void *arg);
	void (*leave)(void *arg);
};

struct slash {
	const struct slash_ops *ops;
	void *arg;
	struct session *session;	/* item.id NULL: none yet */
	struct opts *opts;
	char *undone;			/* what /redo says again, or NULL */
};

/* For ui/complete and the help; s is asked for words. */
void	slash_table(struct slash *s, struct complete_table *t);
/* "/name words": 0, or -1 and why. */
int	slash_run(struct slash *s, const char *text, struct err *e)
	    ATTR_MUST_USE;
void	slash_end(struct slash *s);

/* The mode that the next message asks for. */
const char *slash_mode(const struct slash *s);
/* The one after it becomes that. */
int	slash_next_mode(struct slash *s, struct err *e) ATTR_MUST_USE;

#endif
