/* SPDX-License-Identifier: GPL-3.0-or-later */
/* files.h - the files below a folder, and those that somebody may mean */

/*
 * Listed in width, so that what is near comes first; never more than FILES_MAX
 * names, never for longer than FILES_MS. Hidden ones are left out, and what a
 * .gitignore names. Listed anew when older than FILES_FRESH_MS.
 */

#ifndef UI_FILES_H
#define UI_FILES_H

#include <stddef.h>
#include <stdint.h>

struct complete_list;

enum {
	FILES_MAX = 50000,
	FILES_MS = 40,
	FILES_FRESH_MS = 5000,
	FILES_BEST = 50,	/* are offered */
};

struct files {
	char **paths;		/* relative to the folder; folders end in / */
	size_t count, room;
	int64_t at_us;		/* when they were listed; 0: never */
};

void	files_refresh(struct files *f, const char *dir);
void	files_clear(struct files *f);
/*
 * How well does a path fit what was typed: its letters in this order, better
 * side by side and where words begin. -1: not at all.
 */
int	files_score(const char *path, const char *typed);
/* Offer the best, the best first, but none that is in the list already. */
void	files_offer(const struct files *f, const char *typed,
	    struct complete_list *list);

#endif
