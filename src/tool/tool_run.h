/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tool_run.h - a call that goes on, as the tools see it */

/*
 * A tool's start() makes a run with tool_run_new(), fills in state and stop,
 * begins, and ends it by tool_run_done(), at once or later: the callback comes
 * from the loop in any case.
 */

#ifndef TOOL_TOOL_RUN_H
#define TOOL_TOOL_RUN_H

#include <event2/event.h>

#include "base/buf.h"
#include "base/json.h"
#include "tool/tool.h"

struct tool_run {
	const struct tool *tool;
	const struct tool_env *env;
	struct tool_fns fns;
	struct tool_result res;
	struct event *over;
	void *state;
	/* Ends what is under way and frees state; may be NULL. */
	void (*stop)(struct tool_run *run);
};

struct tool_run	*tool_run_new(const struct tool *tool,
		    const struct tool_env *env, const struct tool_fns *fns);
/* With both forms (taken from the bufs), or with res.err set. */
void	tool_run_done(struct tool_run *run);
void	tool_run_give(struct tool_run *run, struct buf *output,
	    struct buf *model);
/* Done with this error; text is copied. */
void	tool_run_fail(struct tool_run *run, enum err_code code,
	    const char *fmt, ...) ATTR_PRINTF(3, 4);
void	tool_run_output(struct tool_run *run, const char *json);
/* Adds a picture; bytes are encoded here. */
void	tool_run_media(struct tool_run *run, const char *media_type,
	    const char *bytes, size_t len);

/* The argument as an absolute path without "." and ".."; caller frees. */
char	*tool_path(const struct tool_env *env, const char *path);
/* 0 if env lets the file, symlinks resolved, be read or written. */
int	tool_may(const struct tool_env *env, const char *path, bool write,
	    struct err *e) ATTR_MUST_USE;
/* How people and the model know the path: below dir, relative to it. */
const char *tool_short_path(const struct tool_env *env, const char *path);

/* A new file below spill_dir; its path (caller frees), the descriptor in *fd.
 * NULL if it cannot be made. */
char	*tool_spill(const struct tool_env *env, const char *what, int *fd);
/* Append at most max bytes of s, made valid, with a note if it was cut. */
void	tool_add_text(struct buf *b, const char *s, size_t len, size_t max);

#endif
