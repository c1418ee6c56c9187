/* SPDX-License-Identifier: GPL-3.0-or-later */
/* demo.c - what the demo model asks about: it does nothing */

#include "tool/demo.h"
#include "tool/tool_run.h"

static struct tool_run *
start(const struct tool *tool, const struct json *input,
    const struct tool_env *env, const struct tool_fns *fns, struct err *e)
{
	struct tool_run *run = tool_run_new(tool, env, fns);
	struct buf out = BUF_INIT, model = BUF_INIT;

	(void)input;
	(void)e;
	buf_adds(&out, "{\"done\":\"nothing\"}");
	buf_adds(&model, "nothing was done");
	tool_run_give(run, &out, &model);
	return run;
}

/* Its effect is one that is asked about. */
const struct tool tool_demo = {
	.name = "demo_act",
	.title = "Pretend to act",
	.description = "Does nothing.",
	.schema = "{\"type\":\"object\"}",
	.effect = TOOL_REACHES,
	.start = start,
};
