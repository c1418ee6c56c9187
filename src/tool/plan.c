/* SPDX-License-Identifier: GPL-3.0-or-later */
/* plan.c - the Plan tool: the way out of plan mode */

#include "tool/plan.h"
#include "tool/tool_run.h"

static struct tool_run *
start(const struct tool *tool, const struct json *input,
    const struct tool_env *env, const struct tool_fns *fns,
    struct err *e ATTR_UNUSED)
{
	struct tool_run *run = tool_run_new(tool, env, fns);
	struct buf out = BUF_INIT, model = BUF_INIT;
	struct json_w w;

	json_w_init(&w, &out);
	json_w_obj(&w);
	json_w_kvalue(&w, "plan", json_get(input, "plan"));
	json_w_obj_end(&w);
	buf_adds(&model, "The user agrees to the plan. Plan mode is over: "
	    "carry it out.");
	tool_run_give(run, &out, &model);
	return run;
}

const struct tool tool_plan = {
	.name = "Plan",
	.title = "Agree to a plan",
	.description = "Shows the user the plan and asks whether it is to be "
	    "carried out. Use it in plan mode, once you know what to do; if "
	    "the user agrees, plan mode is over.",
	.schema = "{\"type\":\"object\",\"properties\":{"
	    "\"plan\":{\"type\":\"string\",\"minLength\":1,"
	    "\"description\":\"Markdown\"}},"
	    "\"required\":[\"plan\"],\"additionalProperties\":false}",
	.effect = TOOL_NOTES,
	.start = start,
};
