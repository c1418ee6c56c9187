/* SPDX-License-Identifier: GPL-3.0-or-later */
/* todo.c - the Todo tool: a list of what is to be done, for all to see */

#include <string.h>

#include "base/mem.h"
#include "tool/builtin.h"
#include "tool/tool_run.h"

/*
 * The list lives in the call itself: the last call of a session holds it
 * whole, so that it survives whatever the session survives.
 */

static size_t
count_status(const struct json *todos, const char *status)
{
	const struct json *t;
	size_t n = 0;

	JSON_EACH(t, todos)
		n += json_streq(json_get(t, "status"), status);
	return n;
}

static struct tool_run *
start(const struct tool *tool, const struct json *input,
    const struct tool_env *env, const struct tool_fns *fns, struct err *e)
{
	const struct json *todos = json_get(input, "todos");
	struct tool_run *run = tool_run_new(tool, env, fns);
	struct buf out = BUF_INIT, model = BUF_INIT;
	struct json_w j;

	(void)e;
	if (count_status(todos, "in_progress") > 1) {
		tool_run_fail(run, ERR_INPUT, "More than one item is in "
		    "progress. Work on one at a time, and send the list "
		    "again.");
		return run;
	}
	json_w_init(&j, &out);
	json_w_obj(&j);
	json_w_kvalue(&j, "todos", todos);
	json_w_obj_end(&j);
	buf_addf(&model, "The list is noted: %zu done, %zu open. Go on with "
	    "the work.", count_status(todos, "completed"),
	    json_len(todos) - count_status(todos, "completed"));
	tool_run_give(run, &out, &model);
	return run;
}

const struct tool tool_todo = {
	.name = "Todo",
	.title = "Keep a list of things to do",
	.description = "Keeps the list of what is to be done, for work of "
	    "three steps or more. Send the whole list each time. At most one "
	    "item is in_progress; mark an item completed as soon as it is.",
	.schema = "{\"type\":\"object\",\"properties\":{\"todos\":{"
	    "\"type\":\"array\",\"maxItems\":200,\"items\":{"
	    "\"type\":\"object\",\"properties\":{"
	    "\"content\":{\"type\":\"string\",\"minLength\":1},"
	    "\"status\":{\"enum\":[\"pending\",\"in_progress\","
	    "\"completed\"]}},"
	    "\"required\":[\"content\",\"status\"]}}},"
	    "\"required\":[\"todos\"],\"additionalProperties\":false}",
	.effect = TOOL_NOTES,
	.start = start,
};
