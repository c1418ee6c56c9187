/* SPDX-License-Identifier: GPL-3.0-or-later */
/* chat_slash.h - what slash commands do in line mode */

#ifndef CLI_CHAT_SLASH_H
#define CLI_CHAT_SLASH_H

struct chat;
struct slash;

void	chat_slash_init(struct slash *slash, struct chat *c);

#endif
