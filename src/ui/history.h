/* SPDX-License-Identifier: GPL-3.0-or-later */
/* history.h - what was typed before, in a file */

/*
 * One entry a line; a newline inside an entry is written \n, a backslash \\.
 * The file has mode 0600 and holds the newest HISTORY_MAX entries: it is
 * rewritten when it is loaded with more. Several programs may append.
 */

#ifndef UI_HISTORY_H
#define UI_HISTORY_H

#include <stddef.h>

#include "base/attr.h"

struct err;

enum {
	HISTORY_MAX = 1000,		/* entries */
	HISTORY_ENTRY_MAX = 65536,	/* bytes; longer ones are not kept */
	HISTORY_FILE_MAX = 16 << 20,
};

struct history {
	char *path;
	char **entries;		/* oldest first */
	size_t count;
};

/* Load path (a missing file is an empty history). */
int	history_open(struct history *h, const char *path, struct err *e)
	    ATTR_MUST_USE;
void	history_close(struct history *h);
/* Remember an entry here and in the file; a repetition of the last is not. */
int	history_add(struct history *h, const char *text, struct err *e);

#endif
