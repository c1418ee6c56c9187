/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rig.h - a scratch folder, a loop, and calls that run to their end */

#ifndef TOOL_RIG_H
#define TOOL_RIG_H

#include <stdbool.h>

#include <event2/event.h>

#include "base/buf.h"
#include "base/json.h"
#include "tool/reads.h"
#include "tool/tool.h"

struct rig {
	char dir[256], spill[300];
	struct event_base *base;
	struct tool_env env;
	struct tool_result res;		/* of the last call */
	struct json_doc *output;	/* the same, parsed */
	struct buf previews;		/* one a line */
	bool over;
	const char *fifo;	/* gets a line at the first preview */
};

int	rig_setup(void **state);
int	rig_teardown(void **state);
/* Write a file below dir, with the folders above it. */
void	rig_file(struct rig *r, const char *name, const char *content);
/* Its content, in a buffer that lasts until the next call. */
const char *rig_read(struct rig *r, const char *name);
char	*rig_path(struct rig *r, const char *name);
/* Call with JSON in which ' stands for ", and wait for the end. */
void	rig_call(struct rig *r, const char *tool, const char *input);
void	rig_run(struct rig *r, const struct tool *tool,
	    const struct json *input);
const char *rig_str(const struct rig *r, const char *name);
long	rig_int(const struct rig *r, const char *name);

#endif
