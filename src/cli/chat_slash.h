/* SPDX-License-Identifier: GPL-3.0-or-later */
/* chat_slash.h - what slash commands do in line mode */

#ifndef CLI_CHAT_SLASH_H
#define CLI_CHAT_SLASH_H

struct bang;
struct chat;
struct err;
struct slash;

/* Run the user's command to its end; *now is it meanwhile, for who ends it. */
int	chat_bang(struct chat *c, const char *command, struct bang **now,
	    struct err *e);
void	chat_slash_init(struct slash *slash, struct chat *c);

#endif
