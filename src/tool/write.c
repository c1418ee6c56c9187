/* SPDX-License-Identifier: GPL-3.0-or-later */
/* write.c - the Write tool: a whole file */

#include "tool/builtin.h"
#include "tool/change.h"
#include "tool/tool_run.h"

static int
plan(struct change *c, const struct json *input, const struct tool_env *env,
    struct err *e)
{
	const struct json *content = json_get(input, "content");

	if (change_open(c, env, json_get_str(input, "file_path"), e) == -1)
		return -1;
	buf_add(&c->after, json_str(content), json_len(content));
	return 0;
}

static struct tool_run *
start(const struct tool *tool, const struct json *input,
    const struct tool_env *env, const struct tool_fns *fns, struct err *e)
{
	(void)e;
	return change_start(tool, input, env, fns, plan);
}

static char *
preview(const struct json *input, const struct tool_env *env, struct err *e)
{
	return change_preview(input, env, plan, e);
}

const struct tool tool_write = {
	.name = "Write",
	.title = "Write a file",
	.description = "Writes a whole file, and makes the folders above it. A "
	    "file that is there already must have been read before with Read; "
	    "it is replaced. To change a part of a file use Edit.",
	.schema = "{\"type\":\"object\",\"properties\":{"
	    "\"file_path\":{\"type\":\"string\",\"minLength\":1,"
	    "\"description\":\"absolute, or relative to the working folder\"},"
	    "\"content\":{\"type\":\"string\"}},"
	    "\"required\":[\"file_path\",\"content\"],"
	    "\"additionalProperties\":false}",
	.effect = TOOL_EDITS,
	.subject = "file_path",
	.start = start,
	.preview = preview,
};
