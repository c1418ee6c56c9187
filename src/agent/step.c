/* SPDX-License-Identifier: GPL-3.0-or-later */
/* step.c - what a model says, as chunks */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/agent_priv.h"
#include "agent/calls.h"
#include "agent/step.h"
#include "agent/tally.h"
#include "agent/turn.h"
#include "base/json.h"
#include "base/mem.h"
#include "wire/message.h"

/* The input as JSON: text that is none becomes a string. */
static char *
input_json(const char *text, size_t len)
{
	struct buf b = BUF_INIT;
	struct json_doc *doc = json_parse(text, len, JSON_REPLACE_UTF8, NULL);

	if (doc != NULL) {
		json_doc_free(doc);
		return xstrndup(text, len);
	}
	json_add_quoted(&b, text, len);
	return buf_take(&b);
}

static struct call *
call_add(struct turn *t, const struct model_event *ev)
{
	struct call *c = call_new(t, ev->id, ev->name);

	if (ev->text != NULL)
		c->input = input_json(ev->text, ev->len);
	str_replace(&c->metadata, ev->metadata);
	return c;
}

static void
on_block(struct turn *t, const struct model_event *ev)
{
	static const enum chunk_type types[] = {
		[MODEL_TEXT_START] = CHUNK_TEXT_START,
		[MODEL_TEXT_END] = CHUNK_TEXT_END,
		[MODEL_REASONING_START] = CHUNK_REASONING_START,
		[MODEL_REASONING_END] = CHUNK_REASONING_END,
	};

	/* an answer that must fit a schema stays open until it is judged */
	if (ev->type == MODEL_TEXT_END && t->setup.opts.json_schema != NULL)
		return;
	chunk_block(emit_begin(&t->emit), types[ev->type], ev->id,
	    ev->metadata);
	emit_end(&t->emit);
}

static void
on_delta(struct turn *t, const struct model_event *ev)
{
	emit_delta(&t->emit, ev->type == MODEL_TEXT_DELTA ? CHUNK_TEXT_DELTA :
	    CHUNK_REASONING_DELTA, ev->id, ev->text != NULL ? ev->text : "",
	    ev->text != NULL ? ev->len : 0, ev->metadata);
}

static void
on_tool_start(struct turn *t, const struct model_event *ev)
{
	struct chunk_tool ct = {
		.call_id = ev->id, .name = ev->name != NULL ? ev->name : "",
		.dynamic = true, .provider_metadata = ev->metadata,
	};

	chunk_tool_input_start(emit_begin(&t->emit), &ct);
	emit_end(&t->emit);
}

static void
on_tool_delta(struct turn *t, const struct model_event *ev)
{
	if (ev->text != NULL)
		emit_delta(&t->emit, CHUNK_TOOL_INPUT_DELTA, ev->id, ev->text,
		    ev->len, NULL);
}

static void
on_tool_call(struct turn *t, const struct model_event *ev)
{
	if (call_find(t, ev->id) == NULL)
		(void)call_add(t, ev);
}

static void
on_tool_bad(struct turn *t, const struct model_event *ev)
{
	struct call *c = call_find(t, ev->id);

	if (c == NULL)
		c = call_add(t, ev);
	call_refuse(c, ev->error != NULL ? ev->error->text :
	    "the arguments cannot be read");
}

static void
on_tool_result(struct turn *t, const struct model_event *ev)
{
	struct call *c = call_find(t, ev->id);

	if (c == NULL) {
		struct model_event call = *ev;

		call.text = NULL;
		call.metadata = NULL;
		c = call_add(t, &call);
	}
	struct chunk_tool ct = call_chunk(c);

	ct.provider_executed = true;
	chunk_tool_input_available(emit_begin(&t->emit), &ct, call_input(c));
	emit_end(&t->emit);
	ct.provider_metadata = ev->metadata;
	if (ev->error != NULL) {
		chunk_tool_output_error(emit_begin(&t->emit), &ct,
		    ev->error->text);
	} else {
		char *output = input_json(ev->text != NULL ? ev->text : "null",
		    ev->text != NULL ? ev->len : 4);

		chunk_tool_output_available(emit_begin(&t->emit), &ct, output,
		    false);
		free(output);
	}
	emit_end(&t->emit);
	c->settled = true;
}

static void
on_source(struct turn *t, const struct model_event *ev)
{
	char id[32];

	if (ev->text == NULL)
		return;
	(void)snprintf(id, sizeof(id), "s%d", ++t->sources);
	chunk_source_url(emit_begin(&t->emit), ev->id != NULL ? ev->id : id,
	    ev->text, ev->name);
	emit_end(&t->emit);
}

static void
on_file(struct turn *t, const struct model_event *ev)
{
	if (ev->text == NULL || ev->name == NULL)
		return;
	chunk_file(emit_begin(&t->emit), ev->text, ev->name, ev->metadata);
	emit_end(&t->emit);
}

static void
on_data(struct turn *t, const struct model_event *ev)
{
	if (ev->model != NULL)
		str_replace(&t->step.model, ev->model);
	if (ev->name == NULL || ev->text == NULL)
		return;
	chunk_data(emit_begin(&t->emit), ev->name, ev->id, ev->text, false);
	emit_end(&t->emit);
}

static void
on_retry(struct turn *t, const struct model_event *ev)
{
	struct buf b = BUF_INIT;
	struct json_w w;

	json_w_init(&w, &b);
	json_w_obj(&w);
	json_w_kint(&w, "waitMs", ev->wait_ms);
	json_w_kstr(&w, "text", ev->error != NULL ? ev->error->text : "");
	json_w_obj_end(&w);
	emit_note(&t->emit, "chatd-retry", b.data);
	buf_clear(&b);
}

static void
on_usage(struct turn *t, const struct model_event *ev)
{
	if (ev->usage != NULL)
		t->step.usage = *ev->usage;
}

void
step_event(struct turn *t, const struct model_event *ev)
{
	static void (*const handlers[])(struct turn *,
	    const struct model_event *) = {
		[MODEL_TEXT_START] = on_block,
		[MODEL_TEXT_DELTA] = on_delta,
		[MODEL_TEXT_END] = on_block,
		[MODEL_REASONING_START] = on_block,
		[MODEL_REASONING_DELTA] = on_delta,
		[MODEL_REASONING_END] = on_block,
		[MODEL_TOOL_START] = on_tool_start,
		[MODEL_TOOL_DELTA] = on_tool_delta,
		[MODEL_TOOL_CALL] = on_tool_call,
		[MODEL_TOOL_BAD] = on_tool_bad,
		[MODEL_TOOL_RESULT] = on_tool_result,
		[MODEL_SOURCE] = on_source,
		[MODEL_FILE] = on_file,
		[MODEL_DATA] = on_data,
		[MODEL_RETRY] = on_retry,
		[MODEL_USAGE] = on_usage,
	};

	if ((size_t)ev->type < NELEM(handlers) && handlers[ev->type] != NULL)
		handlers[ev->type](t, ev);
}

static bool
part_unsettled(const struct part *p)
{
	return p->type == PART_TOOL && (p->state == STATE_INPUT_STREAMING ||
	    p->state == STATE_INPUT_AVAILABLE ||
	    (p->state == STATE_OUTPUT_AVAILABLE &&
	    p->tool->preliminary == 1));
}

/* The chunk that settles a part: a call whose input never came whole has no
 * input a provider would take back, so it gets one. */
static void
part_interrupt(struct turn *t, const struct part *p, const char *why)
{
	struct chunk_tool ct = {
		.call_id = p->tool->call_id, .name = p->tool->name,
		.dynamic = p->tool->dynamic,
		.provider_executed = p->tool->provider_executed == 1,
	};

	if (p->state == STATE_INPUT_STREAMING)
		chunk_tool_input_error(emit_begin(&t->emit), &ct, "{}", why);
	else
		chunk_tool_output_error(emit_begin(&t->emit), &ct, why);
	emit_end(&t->emit);
}

static void
interrupt(struct turn *t, const char *why, bool tasks)
{
	struct part *p;
	struct call *c;

	emit_flush(&t->emit);
	/* those that began are seen in the message */
	TAILQ_FOREACH(c, &t->step.calls, entry)
		if (!c->settled && !c->shown)
			call_refuse(c, why);
	TAILQ_FOREACH(p, &reducer_message(t->emit.reducer)->parts, entry)
		if (part_unsettled(p) && (tasks ||
		    p->state != STATE_INPUT_AVAILABLE ||
		    strcmp(p->tool->name, TOOL_TASK) != 0))
			part_interrupt(t, p, why);
}

void
step_interrupt(struct turn *t, const char *why)
{
	interrupt(t, why, true);
}

void
step_interrupt_but_tasks(struct turn *t, const char *why)
{
	interrupt(t, why, false);
}

void
step_clear(struct turn *t)
{
	static const struct model_usage none = MODEL_USAGE_INIT;

	calls_clear(t);
	str_replace(&t->step.model, NULL);
	t->step.again = t->step.postponed = false;
	t->step.usage = none;
}

const char *
step_model(const struct turn *t)
{
	return t->step.model != NULL ? t->step.model : t->setup.spec;
}

void
step_count_usage(struct turn *t)
{
	static const struct model_usage unknown = MODEL_USAGE_INIT;
	const struct model_usage *u = &t->step.usage;

	if (u->input >= 0)
		t->context = u->input + (u->output > 0 ? u->output : 0);
	tally_add(&t->usage, u);
	t->step.usage = unknown;
}

void
step_write_context(const struct turn *t, struct json_w *w)
{
	struct err e = ERR_INIT;	/* then there is nothing to say */
	struct model *m = t->context <= 0 || step_model(t) == NULL ? NULL :
	    models_get(agent_opts(t->ag)->models, step_model(t), &e);

	if (m == NULL || model_context(m) <= 0)
		return;
	json_w_kint(w, "contextTokens", t->context);
	json_w_kint(w, "contextWindow", model_context(m));
}
