/* SPDX-License-Identifier: GPL-3.0-or-later */
/* turn_tools.c - what the tools of a turn are given: rules, folders, a cage */

#include <stdlib.h>
#include <string.h>

#include "agent/agent_priv.h"
#include "agent/leftover.h"
#include "agent/permit.h"
#include "agent/task.h"
#include "agent/toolset.h"
#include "agent/turn.h"
#include "agent/turn_servers.h"
#include "agent/turn_tools.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "tool/cmdtools.h"
#include "tool/plan.h"
#include "tool/reads.h"
#include "tool/rule.h"
#include "tool/sandbox.h"
#include "tool/skills.h"
#include "wire/message.h"

/* Has a person agreed to a plan of this answer? It may be going on with it,
 * in another turn or after a crash. */
static bool
plan_agreed(const struct message *m)
{
	const struct part *p;
	bool agreed = false;

	TAILQ_FOREACH(p, &m->parts, entry) {
		if (p->type != PART_TOOL || p->tool->approval == NULL ||
		    p->tool->name == NULL ||
		    strcmp(p->tool->name, tool_plan.name) != 0)
			continue;
		struct json_doc *doc = json_parse(p->tool->approval,
		    strlen(p->tool->approval), 0, NULL);

		agreed = agreed || json_bool(json_get(json_root(doc),
		    "approved"), false);
		json_doc_free(doc);
	}
	return agreed;
}

static void
plan_init(struct turn *t, const struct item *it)
{
	char **mode = &t->setup.opts.permission_mode;

	if (*mode == NULL || strcmp(*mode, "plan") != 0)
		return;
	t->plans = it->parent == NULL;
	if (plan_agreed(reducer_message(t->emit.reducer)))
		str_replace(mode, "default");
}

int
turn_tools_init(struct turn *t, const struct item *it, struct err *e)
{
	const struct agent_opts *opts = agent_opts(t->ag);

	if (t->setup.dir == NULL) {
		t->setup.dir = path_cwd(e);
		if (t->setup.dir == NULL)
			return -1;
	}
	plan_init(t, it);
	t->toolset = toolset_new();
	t->permit = permit_new(&t->setup, it, e);
	if (t->permit == NULL)
		return -1;
	t->spill = leftover_outputs(t->ag->id);
	t->tool_env = (struct tool_env){
		.base = opts->base,
		.pool = opts->fetch,
		.dir = t->setup.dir,
		.spill_dir = t->spill,
		.reads = t->ag->reads,
		.may = permit_may,
		.may_arg = t->permit,
		.task = task_start,
	};
	return 0;
}

int
turn_tools_rules(struct turn *t, struct err *e)
{
	struct item it = { 0 };
	struct permit *now = NULL;

	if (agent_item(t->ag, &it, e) == 0)
		now = permit_new(&t->setup, &it, e);
	item_clear(&it);
	if (now == NULL)
		return -1;
	if (permit_same(now, t->permit)) {
		permit_free(now);
		return 0;
	}
	permit_free(t->permit);
	t->permit = now;
	t->tool_env.may_arg = now;
	/* it holds what they deny */
	sandbox_free(t->sandbox);
	t->sandbox = NULL;
	t->tool_env.sandbox = NULL;
	t->no_sandbox = false;
	return 0;
}

static void
turn_tools_told(const char *name, const char *why, void *arg)
{
	struct turn *t = arg;
	struct buf b = BUF_INIT;
	struct json_w w;

	json_w_init(&w, &b);
	json_w_obj(&w);
	json_w_kstr(&w, "tool", name);
	json_w_kstr(&w, "text", why);
	json_w_obj_end(&w);
	emit_note(&t->emit, "chatd-tool", b.data);
	buf_clear(&b);
}

bool
turn_tools_ready(struct turn *t)
{
	static const struct tool *const plan[] = { &tool_plan, NULL };
	const struct tool *const *given = agent_opts(t->ag)->tools;

	if (!turn_servers_ready(t))
		return false;
	if (given == NULL && t->programs == NULL) {
		t->programs = cmdtools_load(t->setup.dir);
		cmdtools_complain(t->programs, turn_tools_told, t);
	}
	if (t->skills == NULL)
		t->skills = skills_load(t->setup.dir);
	toolset_free(t->toolset);
	t->toolset = toolset_new();
	toolset_add(t->toolset, given != NULL ? given : tool_builtins());
	toolset_add(t->toolset, skills_tools(t->skills));
	if (t->plans)
		toolset_add(t->toolset, plan);
	if (t->programs != NULL)
		toolset_add(t->toolset, cmdtools_tools(t->programs));
	toolset_add(t->toolset, turn_servers_tools(t));
	return true;
}

void
turn_tools_clear(struct turn *t)
{
	turn_servers_close(t);
	cmdtools_free(t->programs);
	skills_free(t->skills);
	toolset_free(t->toolset);
	permit_free(t->permit);
	sandbox_free(t->sandbox);
	free(t->spill);
}

/* -1: there is none to be had. */
static int
sandbox_make(struct turn *t, enum sandbox_mode mode, struct err *e)
{
	char **hidden, **fixed;

	t->all_paths = permit_paths(t->permit, &hidden, &fixed);
	struct sandbox_opts so = {
		.mode = mode,
		.network = t->setup.opts.network,
		.dir = t->setup.dir,
		.fixed = (const char *const *)fixed,
		.hidden = (const char *const *)hidden,
	};

	t->sandbox = sandbox_new(&so, e);
	t->tool_env.sandbox = t->sandbox;
	rule_paths_free(hidden);
	rule_paths_free(fixed);
	return t->sandbox != NULL ? 0 : -1;
}

enum sandbox_hold
turn_tools_contain(struct turn *t)
{
	enum sandbox_mode mode = setup_sandbox(&t->setup);
	struct err e = ERR_INIT;

	if (t->sandbox == NULL && !t->no_sandbox &&
	    sandbox_make(t, mode, &e) == -1) {
		t->no_sandbox = true;
		log_msg(LOG_AGENT, LOG_WARN, "sandbox: %s", e.text);
	}
	if (mode == SANDBOX_OFF)
		return SANDBOX_UNWANTED;
	if (t->sandbox == NULL)
		return SANDBOX_HOLDS_NOT;
	enum sandbox_hold hold = sandbox_holds(t->sandbox);

	return hold == SANDBOX_HOLDS_ALL && !t->all_paths ?
	    SANDBOX_HOLDS_WRITES : hold;
}

const char *
turn_tools_bounds(const struct turn *t)
{
	return t->no_sandbox ? "none" : sandbox_mode_name(setup_sandbox(&t->setup));
}

const char *
turn_tools_sandbox(const struct turn *t)
{
	return t->sandbox == NULL ? "none" :
	    sandbox_mode_name(setup_sandbox(&t->setup));
}
