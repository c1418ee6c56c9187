/* SPDX-License-Identifier: GPL-3.0-or-later */
/* permit.c - may this call run: rules in layers, and a mode */

#include <stdlib.h>
#include <string.h>

#include "agent/permit.h"
#include "agent/permit_rules.h"
#include "agent/setup.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "tool/mcp.h"
#include "tool/plan.h"
#include "tool/realname.h"
#include "tool/rule.h"
#include "tool/sandbox.h"
#include "tool/tool_run.h"

#define PERMIT_MODES(X)							\
	X(DEFAULT, "default") X(ACCEPT_EDITS, "accept-edits")		\
	X(PLAN, "plan") X(DENY, "deny") X(ALLOW_ALL, "allow-all")
enum permit_mode {
#define X(id, name) MODE_##id,
	PERMIT_MODES(X)
#undef X
};

static const char *const mode_names[] = {
#define X(id, name) [MODE_##id] = name,
	PERMIT_MODES(X)
#undef X
};

struct permit {
	enum permit_mode mode;
	char *dir;		/* the workspace, symlinks resolved */
	enum sandbox_mode reach;	/* of what a mode alone allows */
	struct rules rules;
};

static int
mode_of(const char *name, enum permit_mode *out, struct err *e)
{
	*out = MODE_DEFAULT;
	if (name == NULL)
		return 0;
	for (size_t i = 0; i < NELEM(mode_names); i++)
		if (strcmp(mode_names[i], name) == 0) {
			*out = (enum permit_mode)i;
			return 0;
		}
	return err_set(e, ERR_CONFIG, "no permission mode %.32s", name);
}

struct permit *
permit_new(const struct setup *s, const struct item *it, struct err *e)
{
	struct permit *p = xcalloc(1, sizeof(*p));

	p->dir = realname(s->dir);
	if (permit_rules_load(&p->rules, s, it, e) == -1 ||
	    mode_of(s->opts.permission_mode, &p->mode, e) == -1) {
		permit_free(p);
		return NULL;
	}
	/* even where commands run free, accept-edits means the workspace */
	p->reach = setup_sandbox(s);
	if (p->reach == SANDBOX_OFF && p->mode != MODE_ALLOW_ALL)
		p->reach = SANDBOX_WORKSPACE_WRITE;
	return p;
}

void
permit_free(struct permit *p)
{
	if (p == NULL)
		return;
	rules_clear(&p->rules);
	free(p->dir);
	free(p);
}

static bool
rule_same(const struct rule *a, const struct rule *b)
{
	if ((a->definition == NULL) != (b->definition == NULL))
		return false;
	return a->effect == b->effect && a->layer == b->layer &&
	    strcmp(a->text, b->text) == 0 && (a->definition == NULL ||
	    strcmp(a->definition, b->definition) == 0);
}

bool
permit_same(const struct permit *a, const struct permit *b)
{
	if (a->mode != b->mode || a->reach != b->reach ||
	    strcmp(a->dir, b->dir) != 0 || a->rules.count != b->rules.count)
		return false;
	for (size_t i = 0; i < a->rules.count; i++)
		if (!rule_same(&a->rules.v[i], &b->rules.v[i]))
			return false;
	return true;
}

/* ruling */

static void
rule_by_mode(struct ruling *r, enum permit_verdict v, const char *reason)
{
	r->verdict = v;
	r->by = "mode";
	free(r->reason);
	r->reason = reason != NULL ? xstrdup(reason) : NULL;
}

/* A mode lets the tools of ours write what a sandboxed command could. */
static bool
is_in_reach(const struct permit *p, const struct tool *tool,
    const struct json *input)
{
	const struct tool_env env = { .dir = p->dir };
	const char *path = tool->subject != NULL ?
	    json_get_str(input, tool->subject) : NULL;
	char *whole, *real;
	bool reached;

	if (path == NULL)
		return false;
	whole = tool_path(&env, path);
	real = realname(whole);
	reached = sandbox_reaches(p->reach, p->dir, real);
	free(whole);
	free(real);
	return reached;
}

static bool
mode_allows(const struct permit *p, const struct tool *tool,
    const struct json *input)
{
	if (tool->effect != TOOL_EDITS)
		return p->mode == MODE_ALLOW_ALL;
	return (p->mode == MODE_ALLOW_ALL || p->mode == MODE_ACCEPT_EDITS) &&
	    is_in_reach(p, tool, input);
}

/* No rule speaks of it. */
static void
judge_silence(const struct permit *p, const struct tool *tool,
    const struct json *input, struct ruling *r)
{
	r->verdict = PERMIT_ALLOW;
	r->by = "default";
	if (tool->effect == TOOL_NOTES || tool->effect == TOOL_READS)
		return;
	if (mode_allows(p, tool, input)) {
		rule_by_mode(r, PERMIT_ALLOW, NULL);
		return;
	}
	r->verdict = PERMIT_ASK;
	r->open = true;
	if (p->mode == MODE_ALLOW_ALL)
		r->reason = xasprintf("the sandbox (%s) lets nobody write "
		    "there unasked", sandbox_mode_name(p->reach));
	else
		r->reason = xasprintf("%s asks unless a rule allows it",
		    tool->name);
}

void
permit_no_asking(const struct permit *p, struct ruling *r)
{
	if (p->mode == MODE_DENY && r->verdict == PERMIT_ASK)
		rule_by_mode(r, PERMIT_DENY, "permission denied: this would "
		    "have to be asked, and nobody is asked here. Go on "
		    "without it.");
}

/* What a mode makes of it, in the end. */
static void
judge_mode(const struct permit *p, const struct tool *tool, struct ruling *r)
{
	if (r->verdict == PERMIT_DENY)
		return;
	if (p->mode == MODE_PLAN && tool->effect != TOOL_NOTES &&
	    tool->effect != TOOL_READS)
		rule_by_mode(r, PERMIT_DENY, "plan mode: nothing is changed "
		    "or run now. Read, and write down the plan as your "
		    "answer.");
	else
		permit_no_asking(p, r);
}

/* "Always" was said of a tool that said something else of itself. */
static void
judge_outdated(const struct rule *r, struct ruling *out)
{
	if (out->verdict != PERMIT_ASK || !out->open)
		return;
	out->open = false;
	free(out->reason);
	out->reason = xasprintf("its server describes this tool otherwise now "
	    "than when it was allowed by %s (%s)", r->text,
	    rule_layer_name(r->layer));
}

static void
judge_rules(const struct permit *p, const struct rule_call *call,
    struct ruling *r)
{
	static const enum permit_verdict verdicts[] = {
		[RULE_ALLOWED] = PERMIT_ALLOW, [RULE_ASKED] = PERMIT_ASK,
		[RULE_DENIED] = PERMIT_DENY,
	};
	struct rule_answer a = { 0 };
	struct buf why = BUF_INIT;

	rule_decide(&p->rules, call, &a);
	if (a.decision != RULE_UNDECIDED) {
		r->verdict = verdicts[a.decision];
		r->by = "rule";
		if (a.rule != NULL) {
			r->rule = xstrdup(a.rule->text);
			r->layer = rule_layer_name(a.rule->layer);
		}
		rule_answer_text(&why, &a);
		if (r->verdict != PERMIT_ALLOW)
			r->reason = buf_take(&why);
	}
	buf_clear(&why);
	if (a.decision == RULE_UNDECIDED)
		judge_silence(p, call->tool, call->input, r);
	if (a.outdated != NULL)
		judge_outdated(a.outdated, r);
	rule_answer_clear(&a);
}

/* No rule answers for the person here. */
static void
judge_plan(struct ruling *r)
{
	if (r->verdict != PERMIT_ALLOW)
		return;
	str_replace(&r->rule, NULL);
	r->layer = NULL;
	r->verdict = PERMIT_ASK;
	r->by = "mode";
	r->reason = xstrdup("who agrees ends plan mode");
}

/* Where the sandbox does not hold all, a mode lets nothing run by itself. What
 * a person said counts as long as nothing needs what is missing. */
static void
judge_hold(const struct permit *p, enum sandbox_hold hold, struct ruling *r)
{
	bool word = hold >= SANDBOX_HOLDS_ALL ||
	    (hold == SANDBOX_HOLDS_WRITES && !rule_denies_paths(&p->rules));
	bool said = strcmp(r->by, "rule") == 0;

	r->open &= word;
	if (r->verdict != PERMIT_ALLOW || hold >= SANDBOX_HOLDS_ALL ||
	    (word && said))
		return;
	r->verdict = PERMIT_ASK;
	r->by = "default";
	r->reason = xstrdup(hold == SANDBOX_HOLDS_NOT ?
	    "no sandbox of this system can hold it" : said ?
	    "the sandbox of this system keeps no denied path from it" :
	    "the sandbox of this system is not whole (chatd doctor): only a "
	    "rule allows it unasked");
}

void
permit_judge(const struct permit *p, const struct tool *tool,
    const struct json *input, enum sandbox_hold hold, struct ruling *r)
{
	struct rule_call call = {
		.tool = tool, .input = input, .dir = p->dir,
		.held = hold == SANDBOX_HOLDS_ALL,
		.alone = hold == SANDBOX_UNWANTED,
	};
	struct buf exact = BUF_INIT;

	memset(r, 0, sizeof(*r));
	judge_rules(p, &call, r);
	judge_hold(p, hold, r);
	if (tool == &tool_plan)
		judge_plan(r);
	judge_mode(p, tool, r);
	if (r->verdict == PERMIT_ASK && tool != &tool_plan) {
		rule_for(&exact, &call);
		r->suggest = buf_take(&exact);
	}
}

bool
permit_forbids(const struct permit *p, const struct tool *tool)
{
	for (size_t i = 0; i < p->rules.count; i++) {
		const struct rule *r = &p->rules.v[i];

		if (r->effect == RULE_DENY && rule_is_for_all(r, tool->name))
			return true;
	}
	return false;
}

/* A rule that holds for "mcp__NAME__*" as it stands holds for whatever the
 * star could be, since only a star of its own can match that one. */
bool
permit_forbids_server(const struct permit *p, const char *server)
{
	struct buf name = BUF_INIT;
	struct tool any = { 0 };
	bool forbids;

	mcp_tool_name(&name, server, "");
	buf_addc(&name, '*');
	any.name = name.data;
	forbids = permit_forbids(p, &any);
	buf_clear(&name);
	return forbids;
}

int
permit_may(const char *path, bool write, void *permit, struct err *e)
{
	const struct permit *p = permit;
	const struct rule *r = rule_denies_path(&p->rules, path, write,
	    p->dir, NULL);

	if (r == NULL && sandbox_hides(path))
		return err_set(e, ERR_DENIED, "%s: chatd keeps this to itself",
		    path);
	if (r == NULL)
		return 0;
	return err_set(e, ERR_DENIED, "%s: denied by the rule %s (%s)", path,
	    r->text, rule_layer_name(r->layer));
}

int
permit_may_unasked(const char *path, bool write, void *permit, struct err *e)
{
	const struct permit *p = permit;

	if (permit_may(path, write, permit, e) == -1)
		return -1;
	if (!write || sandbox_reaches(p->reach, p->dir, path))
		return 0;
	return err_set(e, ERR_DENIED, "%s: the sandbox (%s) lets nobody write "
	    "there unasked", path, sandbox_mode_name(p->reach));
}

bool
permit_paths(const struct permit *p, char ***hidden, char ***fixed)
{
	return rule_paths(&p->rules, p->dir, NULL, hidden, fixed);
}

const char *
permit_verdict_name(enum permit_verdict v)
{
	static const char *const names[] = {
		[PERMIT_ALLOW] = "allow", [PERMIT_ASK] = "ask",
		[PERMIT_DENY] = "deny",
	};

	return names[v];
}

void
ruling_clear(struct ruling *r)
{
	free(r->rule);
	free(r->reason);
	free(r->suggest);
	memset(r, 0, sizeof(*r));
}

char *
ruling_json(const struct ruling *r)
{
	struct buf b = BUF_INIT;
	struct json_w w;

	json_w_init(&w, &b);
	json_w_obj(&w);
	json_w_key(&w, "chatd");
	json_w_obj(&w);
	json_w_kstr(&w, "decision", permit_verdict_name(r->verdict));
	json_w_kstr(&w, "by", r->by);
	if (r->layer != NULL)
		json_w_kstr(&w, "layer", r->layer);
	if (r->rule != NULL)
		json_w_kstr(&w, "rule", r->rule);
	if (r->reason != NULL)
		json_w_kstr(&w, "reason", r->reason);
	json_w_kint(&w, "at", clock_ms());
	json_w_obj_end(&w);
	json_w_obj_end(&w);
	return buf_take(&b);
}
