/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tui_slash.h - what slash commands do to the screen */

#ifndef CLI_TUI_SLASH_H
#define CLI_TUI_SLASH_H

struct screen;
struct slash;

void	tui_slash_init(struct slash *slash, struct screen *s);

#endif
