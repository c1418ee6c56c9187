/* SPDX-License-Identifier: GPL-3.0-or-later */
/* change.h - a file before and after: what Write and Edit have in common */

/*
 * The tool's plan() opens the change, which reads the file and refuses one
 * that the model has not seen as it is, and fills in `after`. Then it is
 * written: by a temporary file and rename, with the mode kept, through a
 * symlink to the file it points to.
 */

#ifndef TOOL_CHANGE_H
#define TOOL_CHANGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "tool/tool.h"

struct change {
	char *path;		/* absolute, as asked for */
	char *real;		/* the file that is written */
	int folder;		/* the one it stands in; -1: none yet */
	bool exists;
	int mode;
	struct buf before, after;
	size_t replaced;	/* places, for Edit */
};

typedef int (*change_plan_fn)(struct change *c, const struct json *input,
    const struct tool_env *env, struct err *e);

int	change_open(struct change *c, const struct tool_env *env,
	    const char *path, struct err *e) ATTR_MUST_USE;
struct tool_run *change_start(const struct tool *tool,
	    const struct json *input, const struct tool_env *env,
	    const struct tool_fns *fns, change_plan_fn plan);
char	*change_preview(const struct json *input, const struct tool_env *env,
	    change_plan_fn plan, struct err *e);

#endif
