/* SPDX-License-Identifier: GPL-3.0-or-later */
/* task.c - the Task tool: hand a piece of work to a sub-agent */

#include "tool/builtin.h"
#include "tool/tool_run.h"

/* What a sub-agent is, only the agent knows (tool_env's task()). */
static struct tool_run *
start(const struct tool *tool, const struct json *input,
    const struct tool_env *env, const struct tool_fns *fns, struct err *e)
{
	if (env->task != NULL)
		return env->task(tool, input, env, fns, e);
	err_set(e, ERR_FAILED, "There are no sub-agents here. Do the work "
	    "yourself.");
	return NULL;
}

const struct tool tool_task = {
	.name = TOOL_TASK,
	.title = "Hand work to a sub-agent",
	.description = "Hands a piece of work to a sub-agent, which has a "
	    "conversation of its own and the same tools and permissions. It "
	    "sees nothing of this conversation: the prompt must say all that "
	    "it has to know, and what it is to answer. Its last answer is "
	    "the result. Good for searches and surveys whose details are not "
	    "needed here; several calls in one step run side by side.",
	.schema = "{\"type\":\"object\",\"properties\":{"
	    "\"description\":{\"type\":\"string\",\"minLength\":1,"
	    "\"maxLength\":200,"
	    "\"description\":\"three to six words, for people\"},"
	    "\"prompt\":{\"type\":\"string\",\"minLength\":1},"
	    "\"agent\":{\"type\":\"string\",\"description\":"
	    "\"the name of an agent file; without it, the common agent\"}},"
	    "\"required\":[\"description\",\"prompt\"],"
	    "\"additionalProperties\":false}",
	.effect = TOOL_NOTES,
	.subject = "agent",
	.start = start,
};
