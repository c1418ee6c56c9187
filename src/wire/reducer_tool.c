/* SPDX-License-Identifier: GPL-3.0-or-later */
/* reducer_tool.c - tool parts built from chunks (ui-message-stream 4.3) */

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/tree.h"
#include "wire/reducer_priv.h"

/*
 * What a chunk says about a tool part. All fields but these are rewritten,
 * so that what is not supplied disappears: input with keep_input, the raw
 * input with keep_raw, the title, the tool metadata and provider_executed
 * where there is no new value, and the approval.
 */
struct update {
	const char *call_id;
	const char *name;
	bool dynamic;
	enum part_state state;
	const struct json *input;
	bool keep_input;
	bool keep_raw;
	const char *encoding;
	const struct json *output;
	const char *error_text;
	const char *title;
	const struct json *tool_metadata;
	const struct json *provider_metadata;
	const struct json *provider_executed;
	const struct json *preliminary;
};

/* A new, empty entry in place of one there may be. */
static struct call *
renew_call(struct reducer *r, const char *id)
{
	struct call *c = tree_find(&r->calls, id);

	if (c == NULL) {
		c = xcalloc(1, sizeof *c);
		c->id = xstrdup(id);
		buf_init(&c->text);
		(void)tree_put(&r->calls, c);
	}
	buf_reset(&c->text);
	c->synced = NULL;
	return c;
}

static void
call_free(void *arg)
{
	struct call *c = arg;

	buf_clear(&c->text);
	free(c->id);
	free(c->name);
	free(c->encoding);
	free(c->title);
	free(c->metadata);
	free(c);
}

void
reducer_forget_calls(struct reducer *r)
{
	tree_clear(&r->calls, call_free);
}

static void
note_tool(struct reducer *r, struct part *p)
{
	struct tool_at *at = xcalloc(1, sizeof *at);

	*at = (struct tool_at){
		.id = p->tool->call_id, .part = p, .step = r->step,
	};
	at->older = tree_put(&r->tools, at);
}

static void
tool_free(void *arg)
{
	struct tool_at *at = arg, *older;

	for (; at != NULL; at = older) {
		older = at->older;
		free(at);
	}
}

void
reducer_forget_tools(struct reducer *r)
{
	tree_clear(&r->tools, tool_free);
	r->step = 0;
}

void
reducer_drop_last(struct reducer *r)
{
	struct part *p = TAILQ_LAST(&r->message->parts, part_list);
	struct tool_at *at;

	if (p->type == PART_TOOL) {
		at = tree_find(&r->tools, p->tool->call_id);
		if (at->older != NULL)
			(void)tree_put(&r->tools, at->older);
		else
			tree_remove(&r->tools, at->id);
		free(at);
	}
	message_remove(r->message, p);
}

static void
restore_text(struct call *c, const struct part *p)
{
	struct json_doc *doc;
	const struct json *raw;

	if (p->tool->lazy) {
		buf_add(&c->text, p->text.data, p->text.len);
		return;
	}
	if (p->tool->raw_input == NULL)
		return;
	doc = json_parse(p->tool->raw_input, strlen(p->tool->raw_input),
	    JSON_REPLACE_UTF8, NULL);
	raw = json_root(doc);
	if (json_is(raw, JSON_STRING))
		buf_add(&c->text, json_str(raw), json_len(raw));
	json_doc_free(doc);
}

static void
restore_call(struct reducer *r, const struct part *p)
{
	struct call *c = renew_call(r, p->tool->call_id);

	str_replace(&c->name, p->tool->name);
	str_replace(&c->encoding, p->tool->input_encoding);
	str_replace(&c->title, p->tool->title);
	str_replace(&c->metadata, p->tool->tool_metadata);
	c->dynamic = p->tool->dynamic;
	restore_text(c, p);
}

void
reducer_restore_tools(struct reducer *r)
{
	struct part *p;

	TAILQ_FOREACH(p, &r->message->parts, entry) {
		if (p->type == PART_STEP_START) {
			r->step++;
			reducer_forget_calls(r);	/* of the step before */
		} else if (p->type == PART_TOOL) {
			note_tool(r, p);
			if (p->state == STATE_INPUT_STREAMING)
				restore_call(r, p);
		}
	}
}

/* Input chunks: the first in this step, and of the same kind. */
static struct part *
find_input(struct reducer *r, const char *id, bool dynamic)
{
	const struct tool_at *at = tree_find(&r->tools, id);
	struct part *found = NULL;

	for (; at != NULL && at->step == r->step; at = at->older)
		if (at->part->tool->dynamic == dynamic)
			found = at->part;
	return found;
}

/* The first in this step, of either kind; else the last one anywhere. */
static struct part *
find_part(struct reducer *r, const char *id, bool anywhere)
{
	const struct tool_at *at = tree_find(&r->tools, id);

	if (at == NULL || (at->step != r->step && !anywhere))
		return NULL;
	while (at->older != NULL && at->step == r->step &&
	    at->older->step == r->step)
		at = at->older;
	return at->part;
}

static struct part *
need_part(struct reducer *r, const struct json *chunk, struct err *e)
{
	const char *id = json_get_str(chunk, "toolCallId");
	struct part *p = find_part(r, id, true);

	if (p == NULL)
		err_set(e, ERR_INPUT, "chunk %s: no tool call \"%.64s\"",
		    json_get_str(chunk, "type"), id);
	return p;
}

static void
replace_json(char **field, const struct json *v)
{
	free(*field);
	*field = v == NULL ? NULL : json_text(v);
}

static void
replace_flag(int8_t *flag, const struct json *v)
{
	*flag = json_is_bool(v) ? json_bool(v, false) : FLAG_ABSENT;
}

static struct part *
add_tool_part(struct reducer *r, const struct update *u)
{
	struct part *p;

	p = part_new(PART_TOOL, u->dynamic ? "dynamic-tool" : "tool-");
	p->tool->call_id = xstrdup(u->call_id);
	message_push(r->message, p);
	note_tool(r, p);
	return p;
}

static void
update_input(struct part *p, const struct update *u)
{
	struct part_tool *t = p->tool;

	if (u->keep_input)
		part_settle(p);
	else
		replace_json(&t->input, u->input);
	if (!u->keep_raw)
		str_replace(&t->raw_input, NULL);
	str_replace(&t->input_encoding, u->encoding);
	t->lazy = false;
	buf_clear(&p->text);
}

static void
update_part(struct part *p, const struct update *u, struct reduce_result *res)
{
	struct part_tool *t = p->tool;
	bool over = u->state == STATE_OUTPUT_AVAILABLE ||
	    u->state == STATE_OUTPUT_ERROR;

	p->state = u->state;
	part_name_tool(p, u->name);
	update_input(p, u);
	replace_json(&t->output, u->output);
	str_replace(&t->error_text, u->error_text);
	replace_flag(&t->preliminary, u->preliminary);
	if (u->title != NULL)
		str_replace(&t->title, u->title);
	if (u->tool_metadata != NULL)
		replace_json(&t->tool_metadata, u->tool_metadata);
	if (json_is_bool(u->provider_executed))
		replace_flag(&t->provider_executed, u->provider_executed);
	if (json_is_set(u->provider_metadata))
		replace_json(over ? &t->result_metadata : &t->call_metadata,
		    u->provider_metadata);
	reducer_touch(p, res);
}

/* What all chunks that name a tool have in common. */
static struct update
update_of(const struct json *chunk, enum part_state state)
{
	return (struct update){
		.call_id = json_get_str(chunk, "toolCallId"),
		.name = json_get_str(chunk, "toolName"),
		.dynamic = json_bool(json_get(chunk, "dynamic"), false),
		.state = state,
		.tool_metadata = json_get(chunk, "toolMetadata"),
		.provider_metadata = json_get(chunk, "providerMetadata"),
		.provider_executed = json_get(chunk, "providerExecuted"),
	};
}

static void
update_found(struct reducer *r, const struct update *u,
    struct reduce_result *res)
{
	struct part *p = find_input(r, u->call_id, u->dynamic);

	update_part(p != NULL ? p : add_tool_part(r, u), u, res);
}

int
reduce_tool_input_start(struct reducer *r, const struct json *chunk,
    struct reduce_result *res, struct err *e ATTR_UNUSED)
{
	struct update u = update_of(chunk, STATE_INPUT_STREAMING);
	struct call *c = renew_call(r, u.call_id);

	u.title = json_get_str(chunk, "title");
	u.encoding = json_get_str(chunk, "inputEncoding");
	str_replace(&c->name, u.name);
	str_replace(&c->encoding, u.encoding);
	str_replace(&c->title, u.title);
	replace_json(&c->metadata, u.tool_metadata);
	c->dynamic = u.dynamic;
	update_found(r, &u, res);
	return 0;
}

/* The part takes over the whole text that the call has so far. */
static void
sync_part(struct reducer *r, struct call *c, struct part *p,
    struct reduce_result *res)
{
	struct update u = {
		.call_id = c->id,
		.name = c->name,
		.dynamic = c->dynamic,
		.state = STATE_INPUT_STREAMING,
		.encoding = c->encoding,
		.title = c->title,
	};
	bool fresh = p == NULL;

	if (fresh)
		p = add_tool_part(r, &u);
	update_part(p, &u, res);
	if (c->metadata != NULL)
		str_replace(&p->tool->tool_metadata, c->metadata);
	p->tool->lazy = true;
	buf_add(&p->text, c->text.data, c->text.len);
	c->synced = p;
	if (fresh && c->dynamic) {
		/* as the original does: only the next delta brings rawInput */
		part_settle(p);
		str_replace(&p->tool->raw_input, NULL);
	}
}

int
reduce_tool_input_delta(struct reducer *r, const struct json *chunk,
    struct reduce_result *res, struct err *e)
{
	const char *id = json_get_str(chunk, "toolCallId");
	const struct json *delta = json_get(chunk, "inputTextDelta");
	struct call *c = tree_find(&r->calls, id);
	struct part *p;

	if (c == NULL)
		return err_set(e, ERR_INPUT,
		    "chunk tool-input-delta: no tool call \"%.64s\"", id);
	buf_add(&c->text, json_str(delta), json_len(delta));
	p = find_input(r, id, c->dynamic);
	if (p == NULL || p != c->synced || !p->tool->lazy) {
		sync_part(r, c, p, res);
		return 0;
	}
	buf_add(&p->text, json_str(delta), json_len(delta));
	str_replace(&p->tool->input, NULL);
	p->state = STATE_INPUT_STREAMING;
	reducer_touch(p, res);
	return 0;
}

int
reduce_tool_input_available(struct reducer *r, const struct json *chunk,
    struct reduce_result *res, struct err *e ATTR_UNUSED)
{
	struct update u = update_of(chunk, STATE_INPUT_AVAILABLE);

	u.title = json_get_str(chunk, "title");
	u.input = json_get(chunk, "input");
	update_found(r, &u, res);
	return 0;
}

int
reduce_tool_input_error(struct reducer *r, const struct json *chunk,
    struct reduce_result *res, struct err *e ATTR_UNUSED)
{
	struct update u = update_of(chunk, STATE_OUTPUT_ERROR);
	const struct part *p = find_part(r, u.call_id, false);

	/* a part that is there says which kind it is, not the flag */
	if (p != NULL)
		u.dynamic = p->tool->dynamic;
	u.input = json_get(chunk, "input");
	u.error_text = json_get_str(chunk, "errorText");
	update_found(r, &u, res);
	return 0;
}

int
reduce_tool_output_available(struct reducer *r, const struct json *chunk,
    struct reduce_result *res, struct err *e)
{
	struct update u = update_of(chunk, STATE_OUTPUT_AVAILABLE);
	struct part *p = need_part(r, chunk, e);

	if (p == NULL)
		return -1;
	u.name = p->tool->name;
	u.keep_input = true;
	u.output = json_get(chunk, "output");
	u.preliminary = json_get(chunk, "preliminary");
	update_part(p, &u, res);
	return 0;
}

int
reduce_tool_output_error(struct reducer *r, const struct json *chunk,
    struct reduce_result *res, struct err *e)
{
	struct update u = update_of(chunk, STATE_OUTPUT_ERROR);
	struct part *p = need_part(r, chunk, e);

	if (p == NULL)
		return -1;
	u.name = p->tool->name;
	u.keep_input = true;
	u.keep_raw = !p->tool->dynamic;
	u.error_text = json_get_str(chunk, "errorText");
	update_part(p, &u, res);
	return 0;
}

int
reduce_tool_output_denied(struct reducer *r, const struct json *chunk,
    struct reduce_result *res, struct err *e)
{
	struct part *p = need_part(r, chunk, e);

	if (p == NULL)
		return -1;
	p->state = STATE_OUTPUT_DENIED;
	reducer_touch(p, res);
	return 0;
}

static void
kvalue_if(struct json_w *w, const char *name, const struct json *v, bool yes)
{
	if (yes)
		json_w_kvalue(w, name, v);
}

int
reduce_tool_approval_request(struct reducer *r, const struct json *chunk,
    struct reduce_result *res, struct err *e)
{
	struct part *p = need_part(r, chunk, e);
	const struct json *descriptor = json_get(chunk, "approvalDescriptor");
	const struct json *input = json_get(chunk, "inputSchemaInput");
	const struct json *reason = json_get(chunk, "reason");
	const struct json *automatic = json_get(chunk, "isAutomatic");
	const struct json *signature = json_get(chunk, "signature");
	struct buf b = BUF_INIT;
	struct json_w w;

	if (p == NULL)
		return -1;
	json_w_init(&w, &b);
	json_w_obj(&w);
	json_w_kvalue(&w, "id", json_get(chunk, "approvalId"));
	kvalue_if(&w, "descriptor", descriptor, json_is_set(descriptor));
	kvalue_if(&w, "inputSchemaInput", input, input != NULL);
	kvalue_if(&w, "requestReason", reason, json_is_set(reason));
	kvalue_if(&w, "isAutomatic", automatic, json_bool(automatic, false));
	kvalue_if(&w, "signature", signature, json_is_set(signature));
	json_w_obj_end(&w);
	free(p->tool->approval);
	p->tool->approval = buf_take(&b);
	p->state = STATE_APPROVAL_REQUESTED;
	reducer_touch(p, res);
	return 0;
}

/* The part with this approval id anywhere, and its approval, parsed. */
static struct part *
find_approval(struct message *m, const char *id, struct json_doc **doc)
{
	struct part *p;
	const char *approval;

	TAILQ_FOREACH(p, &m->parts, entry) {
		if (p->type != PART_TOOL || p->tool->approval == NULL)
			continue;
		approval = p->tool->approval;
		*doc = json_parse(approval, strlen(approval),
		    JSON_REPLACE_UTF8, NULL);
		if (json_streq(json_get(json_root(*doc), "id"), id))
			return p;
		json_doc_free(*doc);
	}
	return NULL;
}

static char *
answered(const struct json *approval, const struct json *answer)
{
	const struct json *reason = json_get(answer, "reason"), *v;
	bool replaced = json_is_set(reason);
	struct buf b = BUF_INIT;
	struct json_w w;

	json_w_init(&w, &b);
	json_w_obj(&w);
	JSON_EACH(v, approval) {
		if (strcmp(json_name(v), "approved") == 0 ||
		    (replaced && strcmp(json_name(v), "reason") == 0))
			continue;
		json_w_keyn(&w, json_name(v), json_name_len(v));
		json_w_value(&w, v);
	}
	json_w_kvalue(&w, "approved", json_get(answer, "approved"));
	kvalue_if(&w, "reason", reason, replaced);
	json_w_obj_end(&w);
	return buf_take(&b);
}

int
reduce_tool_approval_response(struct reducer *r, const struct json *chunk,
    struct reduce_result *res, struct err *e)
{
	const char *id = json_get_str(chunk, "approvalId");
	const struct json *executed = json_get(chunk, "providerExecuted");
	const struct json *metadata = json_get(chunk, "providerMetadata");
	struct json_doc *doc;
	struct part *p = find_approval(r->message, id, &doc);

	if (p == NULL)
		return err_set(e, ERR_INPUT,
		    "chunk tool-approval-response: no approval \"%.64s\"",
		    id);
	free(p->tool->approval);
	p->tool->approval = answered(json_root(doc), chunk);
	json_doc_free(doc);
	p->state = STATE_APPROVAL_RESPONDED;
	if (json_is_bool(executed))
		replace_flag(&p->tool->provider_executed, executed);
	if (json_is_set(metadata))
		replace_json(&p->tool->call_metadata, metadata);
	reducer_touch(p, res);
	return 0;
}

bool
message_approval(struct message *m, const struct json *answer)
{
	const char *id = json_get_str(answer, "id");
	struct json_doc *doc;
	struct part *p = id == NULL ? NULL : find_approval(m, id, &doc);

	if (p == NULL)
		return false;
	free(p->tool->approval);
	p->tool->approval = answered(json_root(doc), answer);
	json_doc_free(doc);
	p->version++;
	return true;
}
