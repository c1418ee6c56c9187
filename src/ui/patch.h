/* SPDX-License-Identifier: GPL-3.0-or-later */
/* patch.h - a unified diff as lines with their numbers */

/*
 *	--- a/main.c			 11   int
 *	+++ b/main.c			 12 - main()
 *	@@ -11,2 +11,2 @@	gives	 12 + main(void)
 *	 int				 ⋯
 *	-main()
 *	+main(void)
 *
 * Numbers are the old file's for what goes, else the new one's. Without
 * hunks (only + and - lines) there are none.
 */

#ifndef UI_PATCH_H
#define UI_PATCH_H

#include <stdbool.h>
#include <stddef.h>

struct lines;
struct style;

struct patch_look {
	const struct style *style;
	size_t width;
	size_t max;		/* lines; then how many more there are */
	bool whole;		/* wrap what is too long and show what is
				 * invisible: somebody decides by it */
};

bool	patch_is(const char *text);
void	patch_lines(struct lines *out, const char *diff,
	    const struct patch_look *look);

#endif
