/* SPDX-License-Identifier: GPL-3.0-or-later */
/* skill.c - the Skill tool: load instructions for a kind of work */

#include <stdlib.h>

#include "base/path.h"
#include "tool/skill.h"
#include "tool/skills.h"
#include "tool/tool_run.h"

static void
give(struct tool_run *run, const struct skill *sk)
{
	struct buf out = BUF_INIT, model = BUF_INIT;
	struct json_w w;

	json_w_init(&w, &out);
	json_w_obj(&w);
	json_w_kstr(&w, "name", sk->name);
	json_w_kstr(&w, "dir", sk->dir);
	json_w_kstr(&w, "from", sk->project ? "project" : "user");
	json_w_obj_end(&w);
	buf_addf(&model, "The skill %s. Its other files are in %s.\n\n",
	    sk->name, sk->dir);
	tool_add_text(&model, sk->body, strlen(sk->body), TOOL_MODEL_MAX);
	tool_run_give(run, &out, &model);
}

static struct tool_run *
start(const struct tool *tool, const struct json *input,
    const struct tool_env *env, const struct tool_fns *fns, struct err *e)
{
	struct tool_run *run = tool_run_new(tool, env, fns);
	struct skills *s = skills_load(env->dir);
	const struct skill *sk = skills_find(s, json_get_str(input, "name"));
	struct err why = ERR_INIT;
	struct buf names = BUF_INIT;

	(void)e;
	if (sk == NULL) {
		skills_write(s, &names);
		tool_run_fail(run, ERR_INPUT, "There is no such skill. %s",
		    names.len > 0 ? names.data : "There are none.");
	} else {
		char *path = path_join(sk->dir, "SKILL.md");

		if (tool_may(env, path, false, &why) == -1)
			tool_run_fail(run, why.code, "%s", why.text);
		else
			give(run, sk);
		free(path);
	}
	buf_clear(&names);
	skills_free(s);
	return run;
}

const struct tool tool_skill = {
	.name = "Skill",
	.title = "Load instructions",
	.description = "Loads a skill: instructions for a kind of work, of "
	    "which names and descriptions are known. Load one before you do "
	    "work that it is for, once.",
	.schema = "{\"type\":\"object\",\"properties\":{"
	    "\"name\":{\"type\":\"string\",\"minLength\":1}},"
	    "\"required\":[\"name\"],\"additionalProperties\":false}",
	.effect = TOOL_NOTES,
	.subject = "name",
	.start = start,
};
