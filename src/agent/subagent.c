/* SPDX-License-Identifier: GPL-3.0-or-later */
/* subagent.c - the session of a sub-agent: made, bound, answered, read */

#include <stdlib.h>
#include <string.h>

#include "agent/agent_priv.h"
#include "agent/calls.h"
#include "agent/persona.h"
#include "agent/subagent.h"
#include "agent/tally.h"
#include "agent/turn.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/id.h"
#include "base/json.h"
#include "base/mem.h"
#include "store/store.h"
#include "tool/tool.h"
#include "tool/tool_run.h"
#include "wire/message.h"

enum { SUBAGENT_OUTPUT_MAX = 256 * 1024 };	/* bytes kept as output */

/* binding */

static int
task_calls(const struct turn *t)
{
	const struct call *c;
	int n = 0;

	TAILQ_FOREACH(c, &t->step.calls, entry)
		n += strcmp(c->name, TOOL_TASK) == 0;
	TAILQ_FOREACH(c, &t->step.over, entry)
		n += strcmp(c->name, TOOL_TASK) == 0;
	return n;
}

/* Its part of what is left of the turn's; one step is kept for the parent. */
static int
bind_budget(const struct turn *t, const struct turn_opts *own,
    struct turn_opts *o, struct err *e)
{
	const struct turn_opts *above = &t->setup.opts;
	int n = task_calls(t);
	double spent = t->usage.cost > 0 ? t->usage.cost : 0;

	o->max_steps = (above->max_steps - t->steps - 1) / n;
	if (above->max_cost > 0)
		o->max_cost = (above->max_cost - spent) / n;
	if (above->max_tokens > 0)
		o->max_tokens = (above->max_tokens -
		    tally_tokens(&t->usage)) / n;
	if (o->max_steps < 1 || (above->max_cost > 0 && o->max_cost <= 0) ||
	    (above->max_tokens > 0 && o->max_tokens <= 0))
		return err_set(e, ERR_LIMIT, "What is left of this turn's "
		    "budget is not enough for a sub-agent. Do it yourself.");
	if (own->max_steps > 0 && own->max_steps < o->max_steps)
		o->max_steps = own->max_steps;
	if (own->max_cost > 0 && (o->max_cost <= 0 ||
	    own->max_cost < o->max_cost))
		o->max_cost = own->max_cost;
	if (own->max_tokens > 0 && (o->max_tokens <= 0 ||
	    own->max_tokens < o->max_tokens))
		o->max_tokens = own->max_tokens;
	return 0;
}

static char *
copy(const char *s)
{
	return s != NULL ? xstrdup(s) : NULL;
}

/* Rules and modes are the parent's; what the agent's file says of model and
 * reasoning is its own. */
static int
bind_opts(const struct turn *t, const char *agent, struct turn_opts *o,
    struct err *e)
{
	const struct turn_opts *above = &t->setup.opts;
	struct err why = ERR_INIT;
	struct persona p;
	int rc;

	memset(o, 0, sizeof(*o));
	if (persona_load(&p, agent, t->setup.dir, &why) == -1) {
		persona_clear(&p);
		return err_set(e, ERR_INPUT, "%s. Name one that there is, or "
		    "leave the agent out.", why.text);
	}
	o->agent = xstrdup(agent);
	if (p.opts.model == NULL)
		o->model = copy(t->setup.spec);
	if (p.opts.reasoning == NULL)
		o->reasoning = copy(above->reasoning);
	o->dir = copy(t->setup.dir);
	o->permission_mode = copy(above->permission_mode);
	o->allowed = copy(above->allowed);
	o->disallowed = copy(above->disallowed);
	o->sandbox = copy(above->sandbox);
	o->network = above->network;
	rc = bind_budget(t, &p.opts, o, e);
	persona_clear(&p);
	return rc;
}

/* making */

static void
write_ancestors(struct json_w *w, const struct turn *t)
{
	const char *above = t->setup.ancestors;
	struct json_doc *doc = above == NULL ? NULL :
	    json_parse(above, strlen(above), 0, NULL);
	const struct json *v;

	json_w_key(w, "ancestors");
	json_w_arr(w);
	JSON_EACH(v, json_root(doc))
		json_w_value(w, v);
	json_w_str(w, t->ag->id);
	json_w_arr_end(w);
	json_doc_free(doc);
}

static void
write_chatd(struct json_w *w, const struct turn *t, const struct turn_opts *o)
{
	struct buf b = BUF_INIT;
	struct json_doc *doc;
	const struct json *m;

	turn_opts_write(o, &b);
	doc = json_parse(b.data, b.len, 0, NULL);
	json_w_key(w, "chatd");
	json_w_obj(w);
	JSON_EACH(m, json_root(doc)) {
		json_w_keyn(w, json_name(m), json_name_len(m));
		json_w_value(w, m);
	}
	write_ancestors(w, t);
	json_w_obj_end(w);
	json_doc_free(doc);
	buf_clear(&b);
}

/* The prompt is the first message: agent_boot() answers it. */
static void
write_config(struct buf *b, const struct call *c, const struct turn_opts *o)
{
	const char *prompt = json_get_str(json_root(c->args), "prompt");
	struct message *m;
	struct json_w w;
	char id[ID_MAX];

	id_make("msg", id);
	m = message_user_text(id, prompt, strlen(prompt));
	json_w_init(&w, b);
	json_w_obj(&w);
	json_w_key(&w, "basePayload");
	json_w_obj(&w);
	json_w_kstr(&w, "trigger", "submit-message");
	json_w_key(&w, "message");
	message_write(m, &w);
	write_chatd(&w, c->turn, o);
	json_w_obj_end(&w);
	json_w_obj_end(&w);
	message_free(m);
}

static int
subagent_depth(const struct turn *t)
{
	const char *above = t->setup.ancestors;
	struct json_doc *doc = above == NULL ? NULL :
	    json_parse(above, strlen(above), 0, NULL);
	int depth = (int)json_len(json_root(doc));

	json_doc_free(doc);
	return depth;
}

static int
subagent_make(struct call *c, const char *key, struct item *out,
    struct err *e)
{
	const struct agent *ag = c->turn->ag;
	const char *agent = json_get_str(json_root(c->args), "agent");
	struct buf config = BUF_INIT;
	struct turn_opts o = { 0 };
	bool existed;
	int rc = -1;

	if (agent == NULL)
		agent = PERSONA_DEFAULT;
	if (subagent_depth(c->turn) >= SUBAGENT_DEPTH_MAX)
		return err_set(e, ERR_INPUT, "Sub-agents are not nested deeper "
		    "than %d. Do it yourself.", SUBAGENT_DEPTH_MAX);
	if (bind_opts(c->turn, agent, &o, e) == 0) {
		write_config(&config, c, &o);
		struct store_new n = {
			.type = "chat.agent", .task = agent,
			.config = config.data, .tags = "[\"subagent\"]",
			.dir = c->turn->setup.dir,
			.title = json_get_str(json_root(c->args),
			    "description"),
			.parent = ag->id, .parent_call = key,
		};

		rc = store_create(agent_opts(ag)->store, &n, out, &existed, e);
	}
	turn_opts_clear(&o);
	buf_clear(&config);
	return rc;
}

int
subagent_open(struct call *c, struct item *out, struct err *e)
{
	char *key = xasprintf("%s/%s/%s", c->turn->ag->id, c->turn->id, c->id);
	int r = store_find_call(agent_opts(c->turn->ag)->store, key, out, e);

	if (r == 0)
		r = subagent_make(c, key, out, e);
	else if (r == 1)
		r = 0;
	free(key);
	return r;
}

/* reading */

static int
keep_last(const char *id ATTR_UNUSED, const char *json, void *arg)
{
	str_replace(arg, json);
	return 0;
}

struct message *
subagent_last(struct store *st, int64_t row)
{
	struct err e = ERR_INIT;	/* no message is no message */
	char *json = NULL;
	struct message *m = NULL;
	bool more;

	if (store_messages(st, row, 1, NULL, keep_last, &json, &more,
	    &e) == 0 && json != NULL) {
		struct json_doc *doc = json_parse(json, strlen(json), 0, NULL);

		m = message_read(json_root(doc), &e);
		json_doc_free(doc);
	}
	free(json);
	if (m != NULL && m->role != ROLE_ASSISTANT) {
		message_free(m);
		m = NULL;
	}
	return m;
}

const struct part *
subagent_waiting(const struct message *m)
{
	const struct part *p;

	TAILQ_FOREACH(p, &m->parts, entry)
		if (p->type == PART_TOOL && p->tool->approval != NULL &&
		    p->state == STATE_APPROVAL_REQUESTED)
			return p;
	return NULL;
}

bool
subagent_asked(const char *approval)
{
	struct json_doc *doc = json_parse(approval, strlen(approval), 0, NULL);
	bool yes = json_is(json_path(json_root(doc), "descriptor", "subagent",
	    NULL), JSON_OBJECT);

	json_doc_free(doc);
	return yes;
}

static int64_t
count_of(const struct json *usage, const char *name)
{
	int64_t n;

	return json_int64(json_get(usage, name), &n) == 0 ? n : -1;
}

void
subagent_usage(const struct item *it, struct model_usage *u)
{
	static const struct model_usage unknown = MODEL_USAGE_INIT;
	struct json_doc *doc = it->usage == NULL ? NULL :
	    json_parse(it->usage, strlen(it->usage), 0, NULL);
	const struct json *v = json_root(doc);

	*u = unknown;
	u->input = count_of(v, "inputTokens");
	u->output = count_of(v, "outputTokens");
	u->reasoning = count_of(v, "reasoningTokens");
	u->cache_read = count_of(v, "cachedInputTokens");
	u->cost = it->cost;
	json_doc_free(doc);
}

/* Only its words. */
static void
write_short(const struct message *m, struct buf *out)
{
	struct buf text = BUF_INIT, cut = BUF_INIT;
	struct message *brief;
	struct json_w w;

	message_text(m, &text);
	tool_add_text(&cut, text.data, text.len, SUBAGENT_OUTPUT_MAX / 2);
	brief = message_user_text(m->id, cut.data, cut.len);
	brief->role = ROLE_ASSISTANT;
	str_replace(&brief->metadata, m->metadata);
	json_w_init(&w, out);
	message_write(brief, &w);
	message_free(brief);
	buf_clear(&text);
	buf_clear(&cut);
}

void
subagent_output(const struct message *m, struct buf *out)
{
	struct json_w w;

	json_w_init(&w, out);
	message_write(m, &w);
	if (out->len <= SUBAGENT_OUTPUT_MAX)
		return;
	buf_reset(out);
	write_short(m, out);
}

void
subagent_words(const struct message *m, struct buf *out)
{
	struct buf last = BUF_INIT;
	const struct part *p;

	TAILQ_FOREACH(p, &m->parts, entry) {
		if (p->type == PART_STEP_START)
			buf_reset(&last);
		else if (p->type == PART_TEXT && !part_is_interrupted(p))
			buf_add(&last, p->text.data, p->text.len);
	}
	if (last.len == 0)
		message_text(m, &last);
	tool_add_text(out, last.data, last.len, TOOL_MODEL_MAX);
	buf_clear(&last);
}

/* asking and answering */

void
subagent_descriptor(struct buf *b, const char *session,
    const struct part *part, int64_t seq, int64_t next)
{
	const char *text = part->tool->approval;
	struct json_doc *doc = json_parse(text, strlen(text), 0, NULL);
	const struct json *d = json_get(json_root(doc), "descriptor"), *m;
	const struct json *inner = json_get(d, "subagent");
	struct json_w w;

	json_w_init(&w, b);
	json_w_obj(&w);
	JSON_EACH(m, d) {
		if (strcmp(json_name(m), "subagent") == 0)
			continue;
		json_w_keyn(&w, json_name(m), json_name_len(m));
		json_w_value(&w, m);
	}
	json_w_key(&w, "subagent");
	json_w_obj(&w);
	json_w_kstr(&w, "session", session);
	json_w_kstr(&w, "toolCallId", part->tool->call_id);
	json_w_kvalue(&w, "approvalId", json_get(json_root(doc), "id"));
	/* what is to be done, however deep */
	json_w_kstr(&w, "toolName", inner == NULL ? part->tool->name :
	    json_get_str(inner, "toolName"));
	if (inner != NULL)
		json_w_kvalue(&w, "input", json_get(inner, "input"));
	else if (part->tool->input != NULL)
		json_w_kraw(&w, "input", part->tool->input);
	json_w_kint(&w, "seq", seq);
	json_w_kint(&w, "next", next);
	json_w_obj_end(&w);
	json_w_obj_end(&w);
	json_doc_free(doc);
}

static void
write_answer(struct buf *b, const struct message *m, const struct part *part,
    const struct subagent_reply *reply)
{
	const char *text = part->tool->approval;
	struct json_doc *doc = json_parse(text, strlen(text), 0, NULL);
	struct json_w w;

	json_w_init(&w, b);
	json_w_obj(&w);
	json_w_kstr(&w, "id", m->id);
	json_w_kstr(&w, "role", "assistant");
	json_w_key(&w, "parts");
	json_w_arr(&w);
	json_w_obj(&w);
	json_w_kstr(&w, "type", "dynamic-tool");
	json_w_kstr(&w, "toolName", part->tool->name);
	json_w_kstr(&w, "toolCallId", part->tool->call_id);
	json_w_kstr(&w, "state", "approval-responded");
	json_w_key(&w, "approval");
	json_w_obj(&w);
	json_w_kvalue(&w, "id", json_get(json_root(doc), "id"));
	json_w_kbool(&w, "approved", reply->approved);
	if (reply->reason != NULL)
		json_w_kstr(&w, "reason", reply->reason);
	json_w_obj_end(&w);
	json_w_obj_end(&w);
	json_w_arr_end(&w);
	json_w_obj_end(&w);
	json_doc_free(doc);
}

/* Rules that have come since, and a mode that only narrows: a wider one is for
 * who was asked, since an agent's own file may be narrower. */
static void
write_bounds(struct json_w *w, const struct turn_opts *now)
{
	const char *mode = now->permission_mode;

	if (mode != NULL && (strcmp(mode, "plan") == 0 ||
	    strcmp(mode, "deny") == 0))
		json_w_kstr(w, "permissionMode", mode);
	if (now->disallowed != NULL)
		json_w_kstr(w, "disallowedTools", now->disallowed);
}

static void
write_reply_chatd(struct buf *b, const struct part *part,
    const struct subagent_reply *reply)
{
	struct json_w w;

	json_w_init(&w, b);
	json_w_obj(&w);
	if (reply->now != NULL)
		write_bounds(&w, reply->now);
	if (json_is(reply->input, JSON_OBJECT)) {
		json_w_key(&w, "editedInput");
		json_w_obj(&w);
		json_w_kvalue(&w, part->tool->call_id, reply->input);
		json_w_obj_end(&w);
	}
	json_w_obj_end(&w);
}

/* The approval's id makes the record one of a kind: it is not written again
 * after a crash. */
int64_t
subagent_write_answer(struct agent_host *host, const struct item *it,
    const struct message *m, const struct part *part,
    const struct subagent_reply *reply, struct err *e)
{
	const char *text = part->tool->approval;
	struct json_doc *doc = json_parse(text, strlen(text), 0, NULL);
	struct owned *own = agent_owned(host, it->row);
	struct buf message = BUF_INIT, body = BUF_INIT, record = BUF_INIT;
	struct buf chatd = BUF_INIT;
	bool replayed = false;
	int64_t seq = -1;

	write_answer(&message, m, part, reply);
	write_reply_chatd(&chatd, part, reply);
	input_write_message(&body, &(struct input_message){
		.chat_id = item_key(it), .trigger = TRIGGER_SUBMIT,
		.message = message.data, .message_id = m->id,
		.chatd = chatd.data });
	record_body_text(&record, body.data, body.len,
	    json_get_str(json_root(doc), "id"));
	struct record rec = { .body = record.data, .body_len = record.len };

	if (own == NULL)
		err_set(e, ERR_CONFLICT, "%s is not owned here", it->id);
	else
		seq = channel_append(own, CHANNEL_IN, &rec,
		    json_get_str(json_root(doc), "id"), &replayed, e);
	buf_clear(&message);
	buf_clear(&chatd);
	buf_clear(&body);
	buf_clear(&record);
	json_doc_free(doc);
	return seq;
}

int64_t
subagent_answer(struct agent *ag, const struct item *child,
    const struct json *approval, const struct turn_opts *now, struct err *e)
{
	const struct json *about = json_path(approval, "descriptor",
	    "subagent", NULL);
	struct message *m = about == NULL ? NULL :
	    subagent_last(agent_opts(ag)->store, child->row);
	const char *call = json_get_str(about, "toolCallId");
	const struct part *p, *waits = NULL;
	int64_t seq = -1;

	if (m == NULL || call == NULL) {
		message_free(m);
		return -1;
	}
	TAILQ_FOREACH(p, &m->parts, entry)
		if (p->type == PART_TOOL && p->tool->approval != NULL &&
		    p->state == STATE_APPROVAL_REQUESTED &&
		    strcmp(p->tool->call_id, call) == 0)
			waits = p;
	if (waits != NULL) {
		const struct subagent_reply reply = {
			.approved = json_bool(json_get(approval, "approved"),
			    false),
			.reason = json_get_str(approval, "reason"),
			.input = json_get(approval, "editedInput"),
			.now = now,
		};

		seq = subagent_write_answer(ag->host, child, m, waits, &reply,
		    e);
		if (seq == -1)
			seq = -2;
	}
	message_free(m);
	return seq;
}
