/* SPDX-License-Identifier: GPL-3.0-or-later */
/* slash.h - what begins with a slash in line mode */

#ifndef CLI_SLASH_H
#define CLI_SLASH_H

#include <stddef.h>

struct chat;
struct complete_table;
struct err;

/* For ui/complete and /help. */
void	slash_table(struct complete_table *t);
/* "/name words": 0, or -1 and why. */
int	slash_run(struct chat *c, const char *text, struct err *e);

#endif
