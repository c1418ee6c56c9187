/* SPDX-License-Identifier: GPL-3.0-or-later */
/* chat.h - line mode: a prompt, answers above it, slash commands */

#ifndef CLI_CHAT_H
#define CLI_CHAT_H

struct chat;
struct err;
struct halves;
struct line;
struct opts;
struct session;
struct slash;
struct style;

/* Words of the options are the first message. The exit status. */
int	chat_run(struct opts *o, struct err *e);

/* for slash commands (chat_slash.c), which run outside of the event loop */
struct halves	*chat_halves(struct chat *c);
struct session	*chat_session(struct chat *c);
struct opts	*chat_opts(struct chat *c);
struct slash	*chat_slash(struct chat *c);
struct style	*chat_style(struct chat *c);
struct line	*chat_line(struct chat *c);
/* Go over to another session (ID; NULL: a new one, made when used). */
int		 chat_switch(struct chat *c, const char *id, struct err *e);
/* There is a session after this, made if there was none. */
int		 chat_begin(struct chat *c, struct err *e);
/* As if it had been typed. */
int		 chat_say(struct chat *c, const char *text, struct err *e);
/* Who else looks (caller frees); the turn that somebody else has. */
char		*chat_company(struct chat *c);
int		 chat_take_over(struct chat *c, struct err *e);
void		 chat_quit(struct chat *c);
/* Show the transcript again. */
int		 chat_show(struct chat *c, struct err *e);

#endif
