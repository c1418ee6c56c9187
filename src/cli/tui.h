/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tui.h - the TUI: a screen, and a server half that outlives it */

#ifndef CLI_TUI_H
#define CLI_TUI_H

#include <stdbool.h>

#include "base/attr.h"

struct client;
struct err;
struct event_base;
struct json_doc;
struct opts;
struct screen;
struct session;
struct tui;

/* Words of the options are the first message. The exit status, or -1. */
int	tui_run(struct opts *o, struct err *e);
/* Can there be one here? */
bool	tui_possible(const struct opts *o);

/* for commands (tui_slash.c), which run outside of the event loop */
struct tui	*screen_tui(struct screen *s);
struct event_base *screen_base(struct screen *s);
struct session	*screen_session(struct screen *s);
struct opts	*screen_opts(struct screen *s);
/* The server, started if need be; NULL and why. */
struct client	*screen_client(struct screen *s, struct err *e);
/* ERR_USAGE if there is no session yet. */
int		 screen_has_session(struct screen *s, struct err *e)
		    ATTR_MUST_USE;
/* Show another one (NULL: a new one, made when something is said). */
int		 screen_open(struct screen *s, const char *id,
		    struct err *e) ATTR_MUST_USE;
/* As if it had been entered. */
int		 screen_say(struct screen *s, const char *text,
		    struct err *e) ATTR_MUST_USE;
void		 screen_leave(struct screen *s);

#endif
