/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calls.c - the tool calls of a step: judged, refused, asked about */

#include <stdlib.h>
#include <string.h>

#include "agent/agent_priv.h"
#include "agent/calls.h"
#include "agent/calls_hooks.h"
#include "agent/calls_run.h"
#include "agent/permit.h"
#include "agent/relay.h"
#include "agent/subagent.h"
#include "agent/toolset.h"
#include "agent/turn.h"
#include "agent/turn_tools.h"
#include "base/id.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/schema.h"
#include "base/tree.h"
#include "store/store.h"
#include "tool/tool.h"
#include "wire/message.h"

struct call *
call_new(struct turn *t, const char *id, const char *name)
{
	struct call *c = xcalloc(1, sizeof(*c));

	c->turn = t;
	c->id = xstrdup(id);
	c->name = xstrdup(name != NULL ? name : "");
	TAILQ_INSERT_TAIL(&t->step.calls, c, entry);
	(void)tree_put(&t->step.by_id, c);
	return c;
}

static void
call_free(struct call *c)
{
	call_cancel(c);
	json_doc_free(c->args);
	free(c->id);
	free(c->name);
	free(c->input);
	free(c->metadata);
	free(c->ruling);
	free(c->approval);
	free(c->said_why);
	free(c->context);
	free(c);
}

void
calls_clear(struct turn *t)
{
	struct call *c;

	calls_cancel(t);
	tree_clear(&t->step.by_id, NULL);
	TAILQ_CONCAT(&t->step.calls, &t->step.over, entry);
	while ((c = TAILQ_FIRST(&t->step.calls)) != NULL) {
		TAILQ_REMOVE(&t->step.calls, c, entry);
		call_free(c);
	}
}

void
calls_cancel(struct turn *t)
{
	struct call *c;

	store_cancel_commit(agent_opts(t->ag)->store, t);
	TAILQ_FOREACH(c, &t->step.calls, entry)
		call_cancel(c);
}

struct call *
call_find(struct turn *t, const char *id)
{
	return tree_find(&t->step.by_id, id);
}

const char *
call_input(const struct call *c)
{
	return c->input != NULL ? c->input : "{}";
}

struct chunk_tool
call_chunk(const struct call *c)
{
	return (struct chunk_tool){
		.call_id = c->id, .name = c->name, .dynamic = true,
		.provider_metadata = c->metadata, .tool_metadata = c->ruling,
	};
}

bool
calls_unsettled(const struct turn *t)
{
	const struct call *c;

	TAILQ_FOREACH(c, &t->step.calls, entry)
		if (!c->settled)
			return true;
	return false;
}

/* judging */

void
call_refuse(struct call *c, const char *why)
{
	struct chunk_tool ct = call_chunk(c);

	chunk_tool_input_error(emit_begin(&c->turn->emit), &ct, call_input(c),
	    why);
	emit_end(&c->turn->emit);
	c->settled = true;
	c->turn->step.again = true;
}

/* Words from which a model learns to call it rightly. */
static char *
schema_complaint(const struct call *c)
{
	struct json_doc *schema = json_parse(c->tool->schema,
	    strlen(c->tool->schema), 0, NULL);
	struct err none = ERR_INIT, why = ERR_INIT;
	char *text = NULL;

	/* a schema that we cannot judge is its server's own affair */
	if (schema != NULL && schema_valid(json_root(schema), &none) == 0 &&
	    schema_check(json_root(schema), json_root(c->args), &why) == -1)
		text = xasprintf("The arguments of %s do not fit its schema: "
		    "%s. Correct them and call it again.", c->name, why.text);
	json_doc_free(schema);
	return text;
}

/* NULL: it may be judged. Caller frees. */
static char *
call_complaint(struct call *c)
{
	c->tool = toolset_find(c->turn->toolset, c->name);
	json_doc_free(c->args);
	c->args = NULL;
	if (c->tool == NULL)
		return xasprintf("there is no tool %s here: use one of those "
		    "you were given, or answer without it", c->name);
	c->args = json_parse(call_input(c), strlen(call_input(c)), 0, NULL);
	if (!json_is(json_root(c->args), JSON_OBJECT))
		return xasprintf("The arguments of %s must be a JSON object.",
		    c->name);
	return schema_complaint(c);
}

static void
call_deny(struct call *c)
{
	chunk_tool_output_denied(emit_begin(&c->turn->emit), c->id);
	emit_end(&c->turn->emit);
	c->settled = true;
	c->turn->step.again = true;
}

/* The descriptor lets a screen show which rule "always" would store, and what
 * the call would do. */
static void
call_ask(struct call *c, const struct ruling *r)
{
	char *preview = c->tool->preview == NULL ? NULL : c->tool->preview(
	    json_root(c->args), &c->turn->tool_env, NULL);
	struct buf b = BUF_INIT;
	struct json_w w;
	char id[ID_MAX];

	id_make("apr", id);
	json_w_init(&w, &b);
	json_w_obj(&w);
	if (r->suggest != NULL)
		json_w_kstr(&w, "rule", r->suggest);
	if (c->tool->definition != NULL)
		json_w_kstr(&w, "definition", c->tool->definition);
	json_w_kstr(&w, "reason", r->reason);
	json_w_kstr(&w, "title", c->tool->title);
	json_w_kstr(&w, "dir", c->turn->setup.dir);
	if (c->tool->effect == TOOL_RUNS)
		json_w_kstr(&w, "sandbox", c->tool->outside ? "none" :
		    turn_tools_sandbox(c->turn));
	json_w_kbool(&w, "edit", true);
	if (preview != NULL)
		json_w_kraw(&w, "preview", preview);
	json_w_obj_end(&w);
	free(preview);
	chunk_tool_approval_request(emit_begin(&c->turn->emit), id, c->id,
	    b.data);
	emit_end(&c->turn->emit);
	buf_clear(&b);
	c->settled = true;
}

static void
call_show(struct call *c)
{
	struct chunk_tool ct = call_chunk(c);

	chunk_tool_input_available(emit_begin(&c->turn->emit), &ct,
	    call_input(c));
	emit_end(&c->turn->emit);
	c->shown = true;
}

static void
call_rule(const struct call *c, struct ruling *r)
{
	enum sandbox_hold hold = c->tool->effect != TOOL_RUNS ||
	    c->tool->outside ? SANDBOX_HOLDS_ALL : turn_tools_contain(c->turn);

	permit_judge(c->turn->permit, c->tool, json_root(c->args), hold, r);
}

static void	call_hook_done(struct hook_outcome *o, void *arg);

/* Hooks may still have a say in what is to be asked. */
static void
call_decide(struct call *c)
{
	struct ruling r = { 0 };

	call_rule(c, &r);
	call_hook_rule(c, &r);
	if (r.verdict == PERMIT_ASK && !c->hooked) {
		c->hooked = true;
		if (call_hook(c, HOOK_PERMISSION, call_hook_done)) {
			ruling_clear(&r);
			return;
		}
	}
	c->undecided = false;
	str_replace(&c->ruling, NULL);
	c->ruling = ruling_json(&r);
	c->unasked = r.verdict == PERMIT_ALLOW && strcmp(r.by, "mode") == 0;
	call_show(c);
	if (r.verdict == PERMIT_DENY)
		call_deny(c);
	else if (r.verdict == PERMIT_ASK)
		call_ask(c, &r);
	else
		c->ready = true;
	ruling_clear(&r);
}

/* Other arguments are judged like the first. False: refused. */
static bool
call_change(struct call *c, const char *input)
{
	char *why;

	str_replace(&c->input, input);
	why = call_complaint(c);
	if (why != NULL)
		call_refuse(c, why);
	free(why);
	return why == NULL;
}

/* Those before a call; who hears one end comes here again. */
static void
calls_hear(struct turn *t)
{
	struct call *c;
	int asked = 0;

	TAILQ_FOREACH(c, &t->step.calls, entry) {
		if (asked >= CALLS_AT_ONCE)
			break;
		if (c->unheard)
			(void)call_hook(c, HOOK_PRE_TOOL, call_hook_done);
		c->unheard = false;
		asked += c->undecided && c->hook != NULL;
	}
}

/* In the order in which the model wanted them, whatever the hooks take. */
static void
calls_decide(struct turn *t)
{
	struct call *c;

	TAILQ_FOREACH(c, &t->step.calls, entry) {
		if (c->undecided && !c->unheard && c->hook == NULL)
			call_decide(c);
		if (c->undecided)
			break;
	}
}

static void
call_hook_done(struct hook_outcome *o, void *arg)
{
	struct call *c = arg;
	struct turn *t = c->turn;

	c->hook = NULL;
	call_hook_keep(c, o);
	if (o->input != NULL && !call_change(c, o->input))
		c->undecided = false;
	calls_hear(t);
	calls_decide(t);
	if (calls_open(t))
		calls_start(t);
	else
		turn_calls_done(t);
}

static void
call_judge(struct call *c)
{
	struct ruling r = { 0 };
	char *why = call_complaint(c);

	if (why != NULL) {
		call_refuse(c, why);
		free(why);
		return;
	}
	call_rule(c, &r);
	c->undecided = true;
	c->unheard = r.verdict != PERMIT_DENY;
	ruling_clear(&r);
}

void
calls_settle(struct turn *t)
{
	bool cut = t->finish != FINISH_STOP && t->finish != FINISH_TOOL_CALLS &&
	    t->finish != FINISH_OTHER;
	struct call *c;

	TAILQ_FOREACH(c, &t->step.calls, entry) {
		if (c->settled)
			continue;
		if (cut)	/* ui-message-stream 9 */
			call_refuse(c, "not run: the answer was cut off");
		else
			call_judge(c);
	}
	calls_hear(t);
	calls_decide(t);
	calls_start(t);
}

/* approved by a person */

static bool
approval_bool(const struct part *p, const char *name)
{
	struct json_doc *doc = json_parse(p->tool->approval,
	    strlen(p->tool->approval), 0, NULL);
	bool yes = json_bool(json_get(json_root(doc), name), false);

	json_doc_free(doc);
	return yes;
}

/* Also a no to what a sub-agent asked: the sub-agent goes on with it. */
static bool
part_approved(const struct part *p)
{
	return p->type == PART_TOOL &&
	    p->state == STATE_APPROVAL_RESPONDED &&
	    p->tool->approval != NULL && (approval_bool(p, "approved") ||
	    subagent_asked(p->tool->approval));
}

static bool
part_task_open(const struct part *p)
{
	return p->type == PART_TOOL && p->state == STATE_INPUT_AVAILABLE &&
	    strcmp(p->tool->name, TOOL_TASK) == 0;
}

bool
calls_task_open(const struct message *m)
{
	const struct part *p;

	TAILQ_FOREACH(p, &m->parts, entry)
		if (part_task_open(p))
			return true;
	return false;
}

static struct call *
call_of_part(struct turn *t, const struct part *p)
{
	struct call *c = call_new(t, p->tool->call_id, p->tool->name);

	if (p->tool->input != NULL)
		c->input = xstrdup(p->tool->input);
	str_replace(&c->ruling, p->tool->tool_metadata);
	str_replace(&c->approval, p->tool->approval);
	c->shown = true;
	c->edited = p->tool->approval != NULL && approval_bool(p, "edited");
	return c;
}

/* Its input is shown already: what goes wrong now is an output. */
static void
call_fail_approved(struct call *c, const char *why)
{
	call_failed(c, why);
	c->turn->step.again = true;
}

/* A rule that denies now wins over the person who did not know it, and so does
 * a hook; whatever else it says, the person has been asked. */
static char *
resume_denied(const struct call *c)
{
	struct ruling r = { 0 };
	char *why = NULL;

	call_rule(c, &r);
	if (r.verdict == PERMIT_DENY && strcmp(r.by, "rule") == 0)
		why = xstrdup(r.reason);
	if (why == NULL && c->said == HOOK_DENY)
		why = xasprintf("denied by a hook%s%s", c->said_why != NULL ?
		    ": " : "", c->said_why != NULL ? c->said_why : "");
	ruling_clear(&r);
	return why;
}

/* What there is against it, or NULL. Caller frees. */
static char *
resume_complaint(struct call *c)
{
	char *why = call_complaint(c);

	return why != NULL ? why : resume_denied(c);
}

static void
call_resume_decided(struct call *c)
{
	char *why = resume_complaint(c);

	c->undecided = false;
	if (why != NULL)
		call_fail_approved(c, why);
	else
		c->ready = true;
	free(why);
}

static void	calls_resume_ready(struct turn *t);

static void
resume_hook_done(struct hook_outcome *o, void *arg)
{
	struct call *c = arg;
	struct turn *t = c->turn;

	c->hook = NULL;
	call_hook_keep(c, o);
	if (o->input != NULL)
		str_replace(&c->input, o->input);
	call_resume_decided(c);
	calls_resume_ready(t);
	if (!calls_open(t))
		turn_calls_done(t);
}

/* Arguments that a person wrote have not been seen by any hook. */
static void
call_resume(struct call *c)
{
	char *why = resume_complaint(c);

	if (why != NULL)
		call_fail_approved(c, why);
	else if (c->edited && call_hook(c, HOOK_PRE_TOOL, resume_hook_done))
		c->undecided = true;
	else
		c->ready = true;
	free(why);
}

/* A sub-agent goes on by itself (subagent.h): its call only follows it. */
static void
call_resume_task(struct call *c)
{
	struct ruling r = { 0 };
	char *why = call_complaint(c);

	if (why == NULL)
		call_rule(c, &r);
	if (why != NULL)
		call_fail_approved(c, why);
	else if (r.verdict == PERMIT_DENY)
		call_deny(c);
	else if (r.verdict == PERMIT_ASK && c->approval == NULL)
		call_ask(c, &r);
	else
		c->ready = true;
	free(why);
	ruling_clear(&r);
}

/* {"toolCallIds":[..]} is written around these ids. */
static void
tell_begin(struct json_w *w, struct buf *b)
{
	json_w_init(w, b);
	json_w_obj(w);
	json_w_key(w, "toolCallIds");
	json_w_arr(w);
}

static void
tell_end(struct turn *t, struct json_w *w, struct buf *b, bool some)
{
	json_w_arr_end(w);
	json_w_obj_end(w);
	if (some)
		emit_note(&t->emit, CALLS_STARTED, b->data);
	buf_clear(b);
}

static void
tell_started(struct turn *t)
{
	struct buf b = BUF_INIT;
	struct json_w w;
	const struct call *c;
	bool some = false;

	tell_begin(&w, &b);
	TAILQ_FOREACH(c, &t->step.calls, entry) {
		if (c->ready)
			json_w_str(&w, c->id);
		some = some || c->ready;
	}
	tell_end(t, &w, &b, some);
}

void
calls_tell_approved(struct turn *t)
{
	struct buf b = BUF_INIT;
	struct json_w w;
	const struct part *p;
	bool some = false;

	tell_begin(&w, &b);
	TAILQ_FOREACH(p, &reducer_message(t->emit.reducer)->parts, entry)
		if (part_approved(p)) {
			json_w_str(&w, p->tool->call_id);
			some = true;
		}
	tell_end(t, &w, &b, some);
}

/* A program runs its own calls, but none twice. */
static void
calls_break(struct turn *t, const struct json_doc *started)
{
	struct chunk_tool ct = { .dynamic = true };
	const struct part *p, *next;

	for (p = TAILQ_FIRST(&reducer_message(t->emit.reducer)->parts);
	    p != NULL; p = next) {
		next = TAILQ_NEXT(p, entry);
		if (!part_approved(p) || !json_lists(json_root(started),
		    p->tool->call_id))
			continue;
		ct.call_id = p->tool->call_id;
		chunk_tool_output_error(emit_begin(&t->emit), &ct,
		    CALLS_BROKEN);
		emit_end(&t->emit);
	}
}

/* All of them, once hooks have been heard. */
static void
calls_resume_ready(struct turn *t)
{
	struct call *c;

	TAILQ_FOREACH(c, &t->step.calls, entry)
		if (c->undecided)
			return;
	TAILQ_FOREACH(c, &t->step.calls, entry)
		if (c->ready && c->edited)
			call_show(c);
	tell_started(t);
	calls_start(t);
}

void
calls_resume(struct turn *t, const struct json_doc *started)
{
	const struct part *p;

	if (relay_wanted(t)) {
		calls_break(t, started);
		return;
	}
	TAILQ_FOREACH(p, &reducer_message(t->emit.reducer)->parts, entry)
		if (part_approved(p) || part_task_open(p))
			(void)call_of_part(t, p);
	struct call *c;

	TAILQ_FOREACH(c, &t->step.calls, entry) {
		if (strcmp(c->name, TOOL_TASK) == 0)
			call_resume_task(c);
		else if (json_lists(json_root(started), c->id))
			call_fail_approved(c, CALLS_BROKEN);
		else
			call_resume(c);
	}
	calls_resume_ready(t);
}

/* The ids of parts that fit, each with a NUL: collected first, since writing
 * changes what is walked. */
static void
ids_of_parts(struct turn *t, bool (*fits)(const struct part *),
    struct buf *ids)
{
	const struct part *p;

	TAILQ_FOREACH(p, &reducer_message(t->emit.reducer)->parts, entry)
		if (fits(p)) {
			buf_adds(ids, p->tool->call_id);
			buf_addc(ids, '\0');
		}
}

void
calls_abandon(struct turn *t, const char *why)
{
	struct buf ids = BUF_INIT;

	ids_of_parts(t, part_approved, &ids);
	for (size_t i = 0; i < ids.len; i += strlen(ids.data + i) + 1) {
		struct chunk_tool ct = {
			.call_id = ids.data + i, .dynamic = true,
		};

		chunk_tool_output_error(emit_begin(&t->emit), &ct, why);
		emit_end(&t->emit);
	}
	buf_clear(&ids);
}

static bool
part_refused(const struct part *p)
{
	return p->type == PART_TOOL &&
	    p->state == STATE_APPROVAL_RESPONDED &&
	    p->tool->approval != NULL && !approval_bool(p, "approved");
}

void
calls_deny(struct turn *t)
{
	struct buf ids = BUF_INIT;

	ids_of_parts(t, part_refused, &ids);
	for (size_t i = 0; i < ids.len; i += strlen(ids.data + i) + 1) {
		chunk_tool_output_denied(emit_begin(&t->emit), ids.data + i);
		emit_end(&t->emit);
	}
	buf_clear(&ids);
}
