/* SPDX-License-Identifier: GPL-3.0-or-later */
/* result.c - collects what a run's turns brought */

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/schema.h"
#include "cli/approval.h"
#include "cli/result.h"
#include "client/view.h"
#include "wire/input.h"
#include "wire/item.h"

void
result_init(struct result *r)
{
	*r = (struct result){ .denied = BUF_INIT, .err = ERR_INIT };
	r->view = view_new();
	r->begun_us = clock_mono_us();
}

void
result_clear(struct result *r)
{
	view_free(r->view);
	buf_clear(&r->denied);
	str_replace(&r->denied_id, NULL);
	r->view = NULL;
}

static void
take_error(struct result *r, const struct json *data)
{
	const char *code = json_get_str(data, "code");
	const char *text = json_get_str(data, "text");
	const char *hint = json_get_str(data, "hint");

	err_set(&r->err, code != NULL ? err_code_by_name(code) : ERR_FAILED,
	    "%s", text != NULL ? text : "the turn failed");
	if (hint != NULL)
		err_hint(&r->err, "%s", hint);
}

void
result_chunk(struct result *r, const struct json *chunk)
{
	const char *type = json_get_str(chunk, "type");

	/* one that does not fit changes nothing, and is no reason to end */
	(void)!view_apply(r->view, chunk, &r->changed, NULL);
	if (type == NULL)
		return;
	if (strcmp(type, "start") == 0)
		r->begun = true;
	else if (strcmp(type, "finish") == 0)
		r->finished = true;
	else if (strcmp(type, "data-chatd-error") == 0)
		take_error(r, json_get(chunk, "data"));
	else if (strcmp(type, "error") == 0)
		err_set(&r->err, ERR_FAILED, "%s",
		    json_get_str(chunk, "errorText") != NULL ?
		    json_get_str(chunk, "errorText") : "the turn failed");
}

static struct json_doc *
parse(const char *json)
{
	return json == NULL ? NULL : json_parse(json, strlen(json), 0, NULL);
}

/* A person's reason, or what the rule or mode has said. */
static void
add_denied(struct result *r, const struct part *p)
{
	struct json_doc *doc = parse(p->tool->approval);
	struct json_doc *ruling = parse(p->tool->tool_metadata);
	const char *reason = json_get_str(json_root(doc), "reason");
	bool pending = p->state == STATE_APPROVAL_REQUESTED;
	struct json_w w;

	if (p->tool->approval == NULL)
		reason = json_str(json_path(json_root(ruling), "chatd",
		    "reason", NULL));

	if (r->denied_count++ > 0)
		buf_addc(&r->denied, ',');
	json_w_init(&w, &r->denied);
	json_w_obj(&w);
	json_w_kstr(&w, "toolCallId", p->tool->call_id);
	json_w_kstr(&w, "toolName", p->tool->name);
	json_w_kraw(&w, "input", p->tool->input);
	json_w_kstr(&w, "reason", reason != NULL ? reason :
	    pending ? "waits for an answer" : "denied");
	json_w_obj_end(&w);
	r->pending = r->pending || pending;
	json_doc_free(doc);
	json_doc_free(ruling);
}

/* What a sub-agent was denied: its message is the result of its call. */
static void
add_denied_below(struct result *r, const struct json *message)
{
	static const char *const same[] = { "toolCallId", "input" };
	const struct json *p;
	struct json_w w;

	JSON_EACH(p, json_get(message, "parts")) {
		const char *reason = json_str(json_path(p, "approval",
		    "reason", NULL));

		add_denied_below(r, json_get(p, "output"));
		if (!json_streq(json_get(p, "state"), "output-denied"))
			continue;
		if (reason == NULL)
			reason = json_str(json_path(p, "toolMetadata",
			    "chatd", "reason", NULL));
		if (r->denied_count++ > 0)
			buf_addc(&r->denied, ',');
		json_w_init(&w, &r->denied);
		json_w_obj(&w);
		for (size_t i = 0; i < NELEM(same); i++)
			if (json_get(p, same[i]) != NULL)
				json_w_kvalue(&w, same[i],
				    json_get(p, same[i]));
		json_w_kstr(&w, "toolName", approval_tool(p));
		json_w_kstr(&w, "reason", reason != NULL ? reason : "denied");
		json_w_obj_end(&w);
	}
}

static void
add_denied_of_agent(struct result *r, const struct part *p)
{
	struct json_doc *doc = strcmp(p->tool->name, "Task") == 0 ?
	    parse(p->tool->output) : NULL;

	if (doc != NULL)
		add_denied_below(r, json_root(doc));
	json_doc_free(doc);
}

/* A message that goes on after an answer is looked at anew. */
static void
collect_denied(struct result *r, const struct message *m)
{
	const struct part *p;

	if (r->denied_id == NULL || strcmp(r->denied_id, m->id) != 0) {
		str_replace(&r->denied_id, m->id);
		r->denied_before = r->denied.len;
		r->count_before = r->denied_count;
	}
	buf_cut(&r->denied, r->denied_before);
	r->denied_count = r->count_before;
	r->pending = false;
	TAILQ_FOREACH(p, &m->parts, entry) {
		if (p->type != PART_TOOL)
			continue;
		if (p->state == STATE_APPROVAL_REQUESTED ||
		    p->state == STATE_OUTPUT_DENIED)
			add_denied(r, p);
		else
			add_denied_of_agent(r, p);
	}
}

void
result_turn_end(struct result *r, bool by_us)
{
	view_turn_complete(r->view);
	const struct message *m = view_answer(r->view);

	if (m != NULL && r->begun)
		collect_denied(r, m);
	if (r->begun && !r->finished && !by_us)
		err_set(&r->err, ERR_INTERRUPTED,
		    "the turn was stopped from elsewhere");
	r->begun = r->finished = false;
}

void
result_text(const struct result *r, struct buf *out)
{
	const struct message *m = view_answer(r->view);

	if (m != NULL)
		message_text(m, out);
}

void
result_check_schema(struct result *r, const char *told)
{
	struct turn_opts t = { .max_cost = -1 };
	struct buf text = BUF_INIT;
	struct json_doc *chatd = NULL, *schema = NULL, *answer = NULL;
	struct err why = ERR_INIT;

	if (err_is_set(&r->err))
		return;
	chatd = json_parse(told, strlen(told), 0, NULL);
	turn_opts_read(&t, json_root(chatd));
	if (t.json_schema != NULL)
		schema = json_parse(t.json_schema, strlen(t.json_schema), 0,
		    NULL);
	result_text(r, &text);
	answer = json_parse(text.data, text.len, 0, &why);
	if (answer == NULL)
		err_set(&r->err, ERR_INPUT, "the answer is no JSON: %s",
		    why.text);
	else if (schema != NULL && schema_check(json_root(schema),
	    json_root(answer), &why) != 0)
		err_set(&r->err, ERR_INPUT,
		    "the answer does not fit the schema: %s", why.text);
	json_doc_free(answer);
	json_doc_free(schema);
	json_doc_free(chatd);
	turn_opts_clear(&t);
	buf_clear(&text);
}

static void
write_error(const struct err *e, struct json_w *w)
{
	json_w_key(w, "error");
	if (!err_is_set(e)) {
		json_w_null(w);
		return;
	}
	json_w_obj(w);
	json_w_kstr(w, "code", err_code_name(e->code));
	json_w_kint(w, "status", err_exit_status(e->code));
	json_w_kstr(w, "message", e->text);
	if (e->hint[0] != '\0')
		json_w_kstr(w, "hint", e->hint);
	json_w_obj_end(w);
}

static int64_t
count_steps(const struct message *m)
{
	const struct part *p;
	int64_t n = 0;

	TAILQ_FOREACH(p, &m->parts, entry)
		n += p->type == PART_STEP_START;
	return n;
}

/* What the agent put into the message's metadata. */
static void
write_numbers(const struct message *m, struct json_w *w)
{
	struct json_doc *doc = m == NULL || m->metadata == NULL ? NULL :
	    json_parse(m->metadata, strlen(m->metadata), 0, NULL);
	const struct json *meta = doc != NULL ? json_root(doc) : NULL;
	const struct json *usage = json_get(meta, "usage");
	const struct json *cost = json_get(meta, "cost");
	int64_t steps;

	json_w_key(w, "usage");
	if (usage != NULL)
		json_w_value(w, usage);
	else
		json_w_raw(w, "{}", 2);
	if (cost != NULL)
		json_w_kvalue(w, "cost", cost);
	else
		json_w_knull(w, "cost");
	if (json_int64(json_get(meta, "steps"), &steps) != 0)
		steps = m != NULL ? count_steps(m) : 0;
	json_w_kint(w, "steps", steps);
	json_doc_free(doc);
}

void
result_write(const struct result *r, const struct item *it, struct json_w *w)
{
	const struct message *m = view_answer(r->view);
	struct buf text = BUF_INIT;

	result_text(r, &text);
	json_w_kstr(w, "session", it->id);
	json_w_kstr(w, "externalId", it->external_id);
	json_w_kstrn(w, "result", text.data, text.len);
	json_w_key(w, "message");
	if (m != NULL)
		message_write(m, w);
	else
		json_w_null(w);
	json_w_kstr(w, "finishReason", view_finish_reason(r->view));
	write_numbers(m, w);
	json_w_key(w, "denied");
	json_w_arr(w);
	if (r->denied.len > 0)
		json_w_raw(w, r->denied.data, r->denied.len);
	json_w_arr_end(w);
	write_error(&r->err, w);
	json_w_kint(w, "durationMs", (clock_mono_us() - r->begun_us) / 1000);
	buf_clear(&text);
}

int
result_keep(const struct result *r, const char *path, struct err *e)
{
	struct buf text = BUF_INIT;
	int ret = 0;

	if (path == NULL)
		return 0;
	result_text(r, &text);
	ret = path_write_whole(path, text.data, text.len, 0666, e);
	buf_clear(&text);
	return ret;
}
