/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calls_hooks.c - the hooks of a tool call: before, when asked, behind */

#include <stdlib.h>
#include <string.h>

#include "agent/agent_priv.h"
#include "agent/calls.h"
#include "agent/calls_hooks.h"
#include "agent/permit.h"
#include "agent/turn.h"
#include "agent/turn_hooks.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "tool/tool.h"

static void
call_say(const char *json, void *arg)
{
	struct call *c = arg;

	turn_hooks_say(json, c->turn);
}

static void
write_result(struct json_w *w, const struct tool_result *res)
{
	if (res->output != NULL)
		json_w_kraw(w, "tool_response", res->output);
	if (err_is_set(&res->err))
		json_w_kstr(w, "error", res->err.text);
}

static void
write_about(const struct call *c, enum hook_event event, struct buf *b)
{
	struct json_w w;

	json_w_init(&w, b);
	turn_hooks_about(c->turn, event, &w);
	json_w_kstr(&w, "tool_name", c->name);
	json_w_kstr(&w, "tool_use_id", c->id);
	if (c->result != NULL)
		write_result(&w, c->result);
	json_w_obj_end(&w);
}

bool
call_hook(struct call *c, enum hook_event event,
    void (*done)(struct hook_outcome *o, void *call))
{
	struct turn *t = c->turn;
	struct rule_call rc = {
		.tool = c->tool, .input = json_root(c->args),
		.dir = t->setup.dir,
	};
	struct buf about = BUF_INIT;

	if (t->hooks.count == 0)
		return false;
	write_about(c, event, &about);
	struct hook_ask ask = {
		.base = agent_opts(t->ag)->base, .hooks = &t->hooks,
		.event = event, .call = &rc, .dir = t->setup.dir,
		.about = about.data, .input = call_input(c), .done = done,
		.say = call_say, .arg = c,
	};

	c->hook = hook_run_start(&ask);
	buf_clear(&about);
	return c->hook != NULL;
}

void
call_hook_keep(struct call *c, struct hook_outcome *o)
{
	c->hook_failed = c->hook_failed || o->failed;
	if (o->decision > c->said) {
		c->said = o->decision;
		str_replace(&c->said_why, o->reason);
	}
	if (o->context.len > 0) {
		char *all = c->context == NULL ? xstrdup(o->context.data) :
		    xasprintf("%s\n%s", c->context, o->context.data);

		free(c->context);
		c->context = all;
	}
}

static void
rule_by_hook(struct ruling *r, enum permit_verdict v, const char *reason)
{
	r->verdict = v;
	r->by = "hook";
	free(r->reason);
	r->reason = reason != NULL ? xstrdup(reason) : NULL;
}

void
call_hook_rule(const struct call *c, struct ruling *r)
{
	char *why;

	if (r->verdict == PERMIT_DENY)
		return;
	if (c->said == HOOK_DENY) {
		why = xasprintf("denied by a hook%s%s", c->said_why != NULL ?
		    ": " : "", c->said_why != NULL ? c->said_why : "");
		rule_by_hook(r, PERMIT_DENY, why);
		free(why);
	} else if (r->verdict == PERMIT_ALLOW &&
	    (c->said == HOOK_ASK || c->hook_failed)) {
		rule_by_hook(r, PERMIT_ASK, c->said == HOOK_ASK &&
		    c->said_why != NULL ? c->said_why : c->said == HOOK_ASK ?
		    "a hook wants it asked" : "a hook failed");
		if (c->turn->permit != NULL)
			permit_no_asking(c->turn->permit, r);
	} else if (r->verdict == PERMIT_ASK && r->open &&
	    c->said == HOOK_ALLOW && !c->hook_failed) {
		rule_by_hook(r, PERMIT_ALLOW, NULL);
	}
}

/* behind */

static void
add_words(struct tool_result *res, const char *words)
{
	char *all;

	if (words == NULL || *words == '\0')
		return;
	all = xasprintf("%s\n[hook: %s]", res->model != NULL ? res->model :
	    res->err.text, words);
	free(res->model);
	res->model = all;
}

static void
after_done(struct hook_outcome *o, void *arg)
{
	struct call *c = arg;
	struct tool_result *res = c->result;

	c->hook = NULL;
	c->result = NULL;
	if (o->decision == HOOK_DENY)
		add_words(res, o->reason);
	add_words(res, o->context.data);
	call_hook_result(c, res);
	tool_result_clear(res);
	free(res);
}

bool
call_hook_after(struct call *c, struct tool_result *res)
{
	add_words(res, c->context);
	c->result = xcalloc(1, sizeof(*c->result));
	*c->result = *res;
	if (call_hook(c, HOOK_POST_TOOL, after_done)) {
		memset(res, 0, sizeof(*res));
		return true;
	}
	free(c->result);
	c->result = NULL;
	return false;
}
