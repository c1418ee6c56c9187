/* SPDX-License-Identifier: GPL-3.0-or-later */
/* draft.h - what was typed and not sent, in a file that outlives a crash */

/*
 * The text of one place (a session) is one line in a file of its own, whose
 * name tells nothing. Whoever has it open holds a lock on it, which ends with
 * the process; a second screen at the same place has a second file, and both
 * are found again later. There is no file while there is no text.
 */

#ifndef UI_DRAFT_H
#define UI_DRAFT_H

#include <stddef.h>

#include "base/buf.h"

struct err;

enum {
	DRAFT_MAX = 16 << 20,	/* bytes */
	DRAFT_FILES = 8,	/* of one place */
};

struct draft {
	char *stem;		/* of the files' names; NULL: keeps nothing */
	char *path;		/* the file that is open, or NULL */
	int fd;
	struct buf kept;	/* what is in it */
};

struct client;
/* The place of a session at a server. Caller frees. */
char	*draft_place(const struct client *cl, const char *id);
/* What was left at the place into found. dir NULL: nothing is ever kept. */
void	draft_open(struct draft *d, const char *dir, const char *place,
	    struct buf *found);
/* Keep this line instead (len 0: nothing). */
int	draft_keep(struct draft *d, const char *line, size_t len,
	    struct err *e);
void	draft_close(struct draft *d);
/* The place is no more. */
void	draft_forget(const char *dir, const char *place);

#endif
