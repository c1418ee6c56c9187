/* SPDX-License-Identifier: GPL-3.0-or-later */
/* grep_own.h - searching files where there is no ripgrep */

#ifndef TOOL_GREP_OWN_H
#define TOOL_GREP_OWN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

struct err;
struct event_base;
struct grep_own;

struct grep_opts {
	char *path;		/* file or folder, absolute */
	char *pattern;
	char *glob;		/* or NULL */
	bool any_case;
	int context;
};

/* mark: ':' a match, '-' a line around one; number: its digits */
typedef void (*grep_line_fn)(const char *path, const char *number, char mark,
    const char *text, size_t len, void *arg);

/* opts stay in place. done() comes from the loop. */
struct grep_own	*grep_own_start(struct event_base *base,
		    const struct grep_opts *opts, grep_line_fn fn,
		    void (*done)(void *arg), void *arg, struct err *e)
		    ATTR_MUST_USE;
void		 grep_own_free(struct grep_own *g);

#endif
