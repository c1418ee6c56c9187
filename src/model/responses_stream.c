/* SPDX-License-Identifier: GPL-3.0-or-later */
/* responses_stream.c - answers of the Responses API, as events */

/*
 * Items are told apart by output_index: some servers give another item_id in
 * every event (providers 3.2). The whole item, in output_item.done, wins over
 * its pieces.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/model_priv.h"
#include "model/part.h"
#include "model/responses.h"

void
responses_stream_init(struct responses_stream *st, struct model_call *call,
    const char *asked)
{
	static const struct model_usage unknown = MODEL_USAGE_INIT;

	memset(st, 0, sizeof(*st));
	st->call = call;
	st->usage = unknown;
	st->item = st->summary = -1;
	stencil_init(&st->same);
	tool_calls_init(&st->tools, call, asked);
}

void
responses_stream_clear(struct responses_stream *st)
{
	tool_calls_clear(&st->tools);
	stencil_clear(&st->same);
}

static int64_t
number(const struct json *ev, const char *name)
{
	int64_t n;

	return json_int64(json_get(ev, name), &n) == 0 ? n : 0;
}

/* ---------------------------------------------------------------- metadata */

/* {"openai":{"itemId":..,}} and further members of the item. Caller frees. */
static char *
metadata_of(struct responses_stream *st, const struct json *item,
    const char *as, const char *member)
{
	const struct json *v = json_get(item, member);
	struct buf b = BUF_INIT;
	struct json_w w;

	if (json_get_str(item, "id") == NULL)
		return NULL;
	json_w_init(&w, &b);
	own_begin(&w, st->call->model, RESPONSES_KEY);
	json_w_kstr(&w, "itemId", json_get_str(item, "id"));
	if (json_is(v, JSON_STRING))
		json_w_kvalue(&w, as, v);
	json_w_obj_end(&w);
	json_w_obj_end(&w);
	return buf_take(&b);
}

/* -------------------------------------------------------------- the pieces */

/* Another item begins: what was open ends. */
static void
enter(struct responses_stream *st, const struct json *ev)
{
	int64_t item = number(ev, "output_index");

	if (item == st->item)
		return;
	model_close_text(st->call);
	model_close_reasoning(st->call, NULL);
	st->item = item;
	st->summary = -1;
}

static void
tell_text(struct responses_stream *st, const char *s, size_t len)
{
	if (len == 0)
		return;
	st->output = st->spoke = true;
	model_tell_text(st->call, s, len);
}

static int
on_text(struct responses_stream *st, const struct json *ev, struct fault *f)
{
	const struct json *delta = json_get(ev, "delta");

	(void)f;
	if (!json_is(delta, JSON_STRING) || json_len(delta) == 0)
		return 0;
	enter(st, ev);
	tell_text(st, json_str(delta), json_len(delta));
	st->only = delta;
	return 0;
}

static int
on_refusal(struct responses_stream *st, const struct json *ev,
    struct fault *f)
{
	st->refused = true;
	return on_text(st, ev, f);
}

/* Each summary is a paragraph: a part of its own, under one item. */
static void
enter_summary(struct responses_stream *st, const struct json *ev)
{
	int64_t summary = number(ev, "summary_index");
	struct buf b = BUF_INIT;
	struct json_w w;

	if (summary == st->summary)
		return;
	if (st->call->reasoning_open && json_get_str(ev, "item_id") != NULL) {
		json_w_init(&w, &b);
		own_begin(&w, st->call->model, RESPONSES_KEY);
		json_w_kstr(&w, "itemId", json_get_str(ev, "item_id"));
		json_w_obj_end(&w);
		json_w_obj_end(&w);
	}
	model_close_reasoning(st->call, b.len > 0 ? b.data : NULL);
	buf_clear(&b);
	st->summary = summary;
}

static int
on_reasoning(struct responses_stream *st, const struct json *ev,
    struct fault *f)
{
	const struct json *delta = json_get(ev, "delta");

	(void)f;
	if (!json_is(delta, JSON_STRING) || json_len(delta) == 0)
		return 0;
	enter(st, ev);
	enter_summary(st, ev);
	st->output = st->thought = true;
	model_tell_reasoning(st->call, json_str(delta), json_len(delta));
	return 0;
}

static int
on_arguments(struct responses_stream *st, const struct json *ev,
    struct fault *f)
{
	const struct json *delta = json_get(ev, "delta");
	struct tool_piece p = { .index = number(ev, "output_index") };

	(void)f;
	if (!json_is(delta, JSON_STRING))
		return 0;
	p.args = json_str(delta);
	p.len = json_len(delta);
	tool_calls_piece(&st->tools, &p);
	return 0;
}

static int
on_annotation(struct responses_stream *st, const struct json *ev,
    struct fault *f)
{
	const struct json *a = json_get(ev, "annotation");
	struct model_event source = {
		.type = MODEL_SOURCE, .text = json_get_str(a, "url"),
		.name = json_get_str(a, "title"),
	};

	(void)f;
	if (!part_is(a, "url_citation") || source.text == NULL)
		return 0;
	source.len = strlen(source.text);
	model_tell(st->call, &source);
	return 0;
}

/* --------------------------------------------------------------- the items */

static void
call_open(struct responses_stream *st, const struct json *ev,
    const struct json *item)
{
	char *metadata = metadata_of(st, item, "", "");
	struct tool_piece p = { .index = number(ev, "output_index"),
	    .id = json_get_str(item, "call_id"),
	    .name = json_get_str(item, "name"), .metadata = metadata };

	enter(st, ev);
	st->output = true;
	tool_calls_piece(&st->tools, &p);
	free(metadata);
}

static int
on_added(struct responses_stream *st, const struct json *ev, struct fault *f)
{
	const struct json *item = json_get(ev, "item");

	(void)f;
	if (part_is(item, "function_call"))
		call_open(st, ev, item);
	else
		enter(st, ev);
	return 0;
}

static void
reasoning_done(struct responses_stream *st, const struct json *item)
{
	char *metadata = metadata_of(st, item, "reasoningEncryptedContent",
	    "encrypted_content");
	const struct json *s;

	/* no pieces came: the summary, or an empty thought to hold the rest */
	if (!st->thought)
		JSON_EACH(s, json_get(item, "summary"))
			model_tell_reasoning(st->call, part_str(s, "text"),
			    json_len(json_get(s, "text")));
	if (!st->call->reasoning_open && metadata != NULL)
		model_tell_reasoning(st->call, "", 0);
	model_close_reasoning(st->call, metadata);
	st->thought = false;
	free(metadata);
}

static void
message_done(struct responses_stream *st, const struct json *item)
{
	char *metadata = metadata_of(st, item, "phase", "phase");
	const struct json *c;

	/* servers that say it all at once */
	if (!st->spoke)
		JSON_EACH(c, json_get(item, "content")) {
			const char *s = part_is(c, "refusal") ?
			    part_str(c, "refusal") : part_str(c, "text");

			st->refused = st->refused || part_is(c, "refusal");
			if (s[0] != '\0')
				model_tell_text(st->call, s, strlen(s));
		}
	model_end_text(st->call, metadata);
	st->spoke = false;
	free(metadata);
}

static void
call_done(struct responses_stream *st, const struct json *ev,
    const struct json *item)
{
	const struct json *args = json_get(item, "arguments");

	call_open(st, ev, item);
	if (json_is(args, JSON_STRING) && json_len(args) > 0)
		tool_calls_whole(&st->tools, number(ev, "output_index"),
		    json_str(args), json_len(args));
}

static void
image_done(struct responses_stream *st, const struct json *item)
{
	const char *data = json_get_str(item, "result");
	char *url;

	if (data == NULL)
		return;
	url = xasprintf("data:image/png;base64,%s", data);
	struct model_event ev = {
		.type = MODEL_FILE, .text = url, .len = strlen(url),
		.name = "image/png",
	};
	model_tell(st->call, &ev);
	free(url);
}

static int
on_item_done(struct responses_stream *st, const struct json *ev,
    struct fault *f)
{
	const struct json *item = json_get(ev, "item");

	(void)f;
	enter(st, ev);
	st->output = true;
	if (part_is(item, "reasoning"))
		reasoning_done(st, item);
	else if (part_is(item, "message"))
		message_done(st, item);
	else if (part_is(item, "function_call"))
		call_done(st, ev, item);
	else if (part_is(item, "image_generation_call"))
		image_done(st, item);
	st->item = -1;
	return 0;
}

/* ----------------------------------------------------------------- the end */

static void
count_read(int64_t *to, const struct json *v)
{
	int64_t n;

	if (json_int64(v, &n) == 0 && n >= 0)
		*to = n;
}

/* providers 8 */
static void
usage_read(struct responses_stream *st, const struct json *u)
{
	struct model_usage *n = &st->usage;

	if (!json_is(u, JSON_OBJECT))
		return;
	st->used = true;
	count_read(&n->input, json_get(u, "input_tokens"));
	count_read(&n->output, json_get(u, "output_tokens"));
	count_read(&n->cache_read, json_path(u, "input_tokens_details",
	    "cached_tokens", NULL));
	count_read(&n->cache_write, json_path(u, "input_tokens_details",
	    "cache_write_tokens", NULL));
	count_read(&n->reasoning, json_path(u, "output_tokens_details",
	    "reasoning_tokens", NULL));
	if (json_double(json_get(u, "cost"), &n->cost) == -1)
		n->cost = -1;
	n->input_fresh = n->input;
	if (n->cache_read > 0 && n->cache_read <= n->input)
		n->input_fresh -= n->cache_read;
	if (n->cache_write > 0 && n->cache_write <= n->input_fresh)
		n->input_fresh -= n->cache_write;
	n->output_text = n->output;
	if (n->reasoning > 0 && n->output >= 0)
		n->output_text = n->reasoning < n->output ?
		    n->output - n->reasoning : 0;
}

/* A server that does not stream gives all items here, and only here. */
static void
items_read(struct responses_stream *st, const struct json *r)
{
	const struct json *item;
	size_t i = 0;

	if (st->output)
		return;
	JSON_EACH(item, json_get(r, "output")) {
		char *text = json_text(item);
		struct buf b = BUF_INIT;
		struct json_doc *doc;

		buf_addf(&b, "{\"output_index\":%zu,\"item\":%s}", i++, text);
		doc = json_parse(b.data, b.len, 0, NULL);
		if (doc != NULL)
			(void)on_item_done(st, json_root(doc), NULL);
		json_doc_free(doc);
		buf_clear(&b);
		free(text);
	}
}

static int
response_end(struct responses_stream *st, const struct json *r,
    struct fault *f)
{
	const char *status = part_str(r, "status");
	const char *why = json_get_str(json_get(r, "incomplete_details"),
	    "reason");

	usage_read(st, json_get(r, "usage"));
	items_read(st, r);
	if (strcmp(status, "failed") == 0 || strcmp(status, "cancelled") == 0) {
		if (json_is(json_get(r, "error"), JSON_OBJECT)) {
			fault_object(f, st->call->model->provider, r);
			return -1;
		}
		return err_set(&f->err, ERR_UNREACHABLE, "%s: the response "
		    "%s", st->call->model->provider->name, status);
	}
	st->incomplete = strcmp(status, "incomplete") == 0;
	(void)snprintf(st->reason, sizeof st->reason, "%s",
	    why != NULL ? why : status);
	st->done = true;
	return 0;
}

/* The status counts, whatever the event is called. */
static int
on_end(struct responses_stream *st, const struct json *ev, struct fault *f)
{
	return response_end(st, json_get(ev, "response"), f);
}

/* The flat form of today, or the nested one of yesterday. */
static int
on_error(struct responses_stream *st, const struct json *ev, struct fault *f)
{
	fault_object(f, st->call->model->provider, ev);
	return -1;
}

static const struct {
	const char *type;
	int (*on)(struct responses_stream *, const struct json *,
	    struct fault *);
} kinds[] = {
	{ "response.output_text.delta", on_text },
	{ "response.function_call_arguments.delta", on_arguments },
	{ "response.reasoning_summary_text.delta", on_reasoning },
	{ "response.reasoning_text.delta", on_reasoning },
	{ "response.refusal.delta", on_refusal },
	{ "response.output_item.added", on_added },
	{ "response.output_item.done", on_item_done },
	{ "response.output_text.annotation.added", on_annotation },
	{ "response.completed", on_end },
	{ "response.incomplete", on_end },
	{ "response.failed", on_end },
	{ "error", on_error },
};

int
responses_stream_feed(struct responses_stream *st, const char *data,
    size_t len, struct fault *f)
{
	static const char *const others[] = { "sequence_number",
	    "obfuscation", NULL };
	struct stencil_event event = { data, len, NULL };
	struct err e = ERR_INIT;
	struct json_doc *doc;
	const char *text;
	size_t text_len;
	int result = 0;

	if (!st->done && stencil_fits(&st->same, data, len, &text, &text_len)) {
		tell_text(st, text, text_len);
		return 0;
	}
	if (st->done || strspn(data, " \t\r\n") == len)
		return 0;
	if (strcmp(data, "[DONE]") == 0)	/* of compatible servers */
		return 0;
	doc = json_parse(data, len, JSON_REPLACE_UTF8, &e);
	if (doc == NULL)
		return err_set(&f->err, ERR_FAILED,
		    "%s: the answer cannot be read: %s",
		    st->call->model->provider->name, e.text);
	const struct json *root = json_root(doc);
	bool known = false;

	st->only = NULL;
	for (size_t i = 0; i < NELEM(kinds) && !known; i++)
		if (part_is(root, kinds[i].type)) {
			known = true;
			result = kinds[i].on(st, root, f);
		}
	if (!known && json_streq(json_get(root, "object"), "response"))
		result = response_end(st, root, f);
	else if (!known && json_get(root, "type") == NULL &&
	    fault_is_object(root))
		result = on_error(st, root, f);
	event.doc = doc;
	stencil_learn(&st->same, &event, st->only, root, others);
	json_doc_free(doc);
	return result;
}

static enum model_finish
finish_of(const struct responses_stream *st)
{
	if (!st->incomplete)
		return strcmp(st->reason, "completed") == 0 ? FINISH_STOP :
		    FINISH_OTHER;
	if (strcmp(st->reason, "max_output_tokens") == 0 ||
	    strcmp(st->reason, "incomplete") == 0)	/* no reason said */
		return FINISH_LENGTH;
	return strcmp(st->reason, "content_filter") == 0 ?
	    FINISH_CONTENT_FILTER : FINISH_OTHER;
}

int
responses_stream_end(struct responses_stream *st, struct fault *f)
{
	enum model_finish finish = finish_of(st);

	if (!st->output && st->reason[0] == '\0')
		return err_set(&f->err, ERR_FAILED, "%s: empty answer",
		    st->call->model->provider->name);
	size_t calls = tool_calls_finish(&st->tools, st->incomplete);
	if (finish == FINISH_CONTENT_FILTER)
		model_tell_filter(st->call, st->reason);
	if (st->used)
		model_tell_usage(st->call, &st->usage);
	/* calls decide (providers 1.3, 7) */
	if (calls > 0 && !st->incomplete)
		finish = FINISH_TOOL_CALLS;
	else if (st->refused && finish == FINISH_STOP)
		finish = FINISH_CONTENT_FILTER;
	model_finish(st->call, finish, st->reason);
	return 0;
}
