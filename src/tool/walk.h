/* SPDX-License-Identifier: GPL-3.0-or-later */
/* walk.h - the files below a folder, a few at a time */

/*
 * Depth first, each folder in the order of names. Symlinks are not followed.
 * .git is never entered; what .gitignore files below the start ignore is left
 * out, unless all is set.
 */

#ifndef TOOL_WALK_H
#define TOOL_WALK_H

#include <stdbool.h>

struct walk;

struct walk	*walk_new(const char *dir, bool all);
void		 walk_free(struct walk *w);
/*
 * The next file's path relative to the start, borrowed until the next call;
 * NULL at the end. At most *budget entries are looked at: when that is used
 * up first, the answer is "" and the walk goes on with the next call.
 */
const char	*walk_next(struct walk *w, unsigned *budget);

#endif
