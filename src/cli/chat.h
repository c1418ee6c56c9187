/* SPDX-License-Identifier: GPL-3.0-or-later */
/* chat.h - line mode: a prompt, answers above it, slash commands */

#ifndef CLI_CHAT_H
#define CLI_CHAT_H

struct chat;
struct err;
struct opts;

/* Words of the options are the first message. The exit status. */
int	chat_run(struct opts *o, struct err *e);

/* for slash commands (slash.c), which run outside of the event loop */
struct halves	*chat_halves(struct chat *c);
struct session	*chat_session(struct chat *c);
struct opts	*chat_opts(struct chat *c);
/* Is there a session yet? Says so if not. */
int		 chat_has_session(struct chat *c);
/* Go over to another session (ID; NULL: a new one, made when used). */
int		 chat_switch(struct chat *c, const char *id, struct err *e);
void		 chat_quit(struct chat *c);
/* Show the transcript again. */
int		 chat_show(struct chat *c, struct err *e);

#endif
