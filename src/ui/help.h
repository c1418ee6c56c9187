/* SPDX-License-Identifier: GPL-3.0-or-later */
/* help.h - keys and commands on the screen, from their tables */

#ifndef UI_HELP_H
#define UI_HELP_H

#include <stddef.h>

struct complete_table;
struct lines;
struct style;

void	help_lines(struct lines *l, const struct complete_table *commands,
	    const struct style *st, size_t width);

#endif
