/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tui_slash.h - what begins with a slash in the TUI */

#ifndef CLI_TUI_SLASH_H
#define CLI_TUI_SLASH_H

struct complete_table;
struct err;
struct screen;

/* For ui/complete and the help. */
void	tui_slash_table(struct complete_table *t);
/* "/name words": 0, or -1 and why. */
int	tui_slash_run(struct screen *s, const char *text, struct err *e);

#endif
