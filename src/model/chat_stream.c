/* SPDX-License-Identifier: GPL-3.0-or-later */
/* chat_stream.c - answers of the Chat Completions API, as events */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/chat_stream.h"
#include "model/model_priv.h"

void
chat_stream_init(struct chat_stream *st, struct model_call *call,
    const char *asked)
{
	static const struct model_usage unknown = MODEL_USAGE_INIT;

	memset(st, 0, sizeof(*st));
	st->call = call;
	st->usage = unknown;
	stencil_init(&st->same);
	buf_init_max(&st->details, MODEL_ANSWER_MAX);
	tool_calls_init(&st->tools, call, asked);
	think_init(&st->think,
	    call->model->provider->think == THINK_OPEN);
}

void
chat_stream_clear(struct chat_stream *st)
{
	tool_calls_clear(&st->tools);
	stencil_clear(&st->same);
	buf_clear(&st->details);
}

/* ------------------------------------------------------------------- usage */

static void
count_read(int64_t *to, const struct json *v)
{
	int64_t n;

	if (json_int64(v, &n) == 0 && n >= 0)
		*to = n;
}

/* providers 8; every report replaces the one before */
static void
usage_read(struct chat_stream *st, const struct json *u)
{
	struct model_usage n = MODEL_USAGE_INIT;

	count_read(&n.input, json_get(u, "prompt_tokens"));
	count_read(&n.output, json_get(u, "completion_tokens"));
	count_read(&n.cache_read, json_get(u, "prompt_cache_hit_tokens"));
	count_read(&n.cache_read, json_path(u, "prompt_tokens_details",
	    "cached_tokens", NULL));
	count_read(&n.cache_write, json_path(u, "prompt_tokens_details",
	    "cache_write_tokens", NULL));
	count_read(&n.reasoning, json_path(u, "completion_tokens_details",
	    "reasoning_tokens", NULL));
	if (json_double(json_get(u, "cost"), &n.cost) == -1)
		n.cost = -1;
	if (n.input < 0 && n.output < 0)
		return;
	if (n.input >= 0)
		n.input_fresh = n.input - (n.cache_read > 0 &&
		    n.cache_read <= n.input ? n.cache_read : 0);
	if (n.output >= 0)
		n.output_text = n.output - (n.reasoning > 0 &&
		    n.reasoning <= n.output ? n.reasoning : 0);
	/* some count reasoning outside of completion_tokens */
	if (n.reasoning > n.output && n.output >= 0)
		n.output_text = 0;
	st->usage = n;
	st->used = true;
}

/* llama.cpp, where nobody asked for usage */
static void
timings_read(struct chat_stream *st, const struct json *t)
{
	struct model_usage n = MODEL_USAGE_INIT;
	int64_t cached = 0;

	count_read(&n.input, json_get(t, "prompt_n"));
	count_read(&n.output, json_get(t, "predicted_n"));
	count_read(&cached, json_get(t, "cache_n"));
	if (n.input < 0 || n.output < 0)
		return;
	n.input += cached;
	st->usage = n;
	st->used = true;
}

static void
usage_find(struct chat_stream *st, const struct json *root)
{
	const struct json *u = json_get(root, "usage");

	if (!json_is(u, JSON_OBJECT))
		u = json_path(root, "x_groq", "usage", NULL);
	if (json_is(u, JSON_OBJECT))
		usage_read(st, u);
	else if (!st->used)
		timings_read(st, json_get(root, "timings"));
}

/* -------------------------------------------------------- text, reasoning */

static void
tell_text(struct chat_stream *st, const char *s, size_t len)
{
	if (len == 0)
		return;
	st->output = true;
	if (st->call->model->provider->think != THINK_NONE)
		think_feed(&st->think, st->call, s, len);
	else
		model_tell_text(st->call, s, len);
}

static void
on_text(struct chat_stream *st, const struct json *v)
{
	if (json_is(v, JSON_STRING))
		tell_text(st, json_str(v), json_len(v));
}

static void
on_reasoning(struct chat_stream *st, const struct json *v)
{
	if (!json_is(v, JSON_STRING) || json_len(v) == 0)
		return;
	st->output = true;
	model_tell_reasoning(st->call, json_str(v), json_len(v));
}

/* Mistral: content is a list of parts */
static void
on_parts(struct chat_stream *st, const struct json *parts)
{
	const struct json *p, *t;

	JSON_EACH(p, parts) {
		if (json_streq(json_get(p, "type"), "text"))
			on_text(st, json_get(p, "text"));
		if (!json_streq(json_get(p, "type"), "thinking"))
			continue;
		on_reasoning(st, json_get(p, "thinking"));
		if (json_is(json_get(p, "thinking"), JSON_ARRAY))
			JSON_EACH(t, json_get(p, "thinking"))
				on_reasoning(st, json_get(t, "text"));
	}
}

/* Kept as they came, in order; joined when they are sent back. */
static void
on_details(struct chat_stream *st, const struct json *details, bool show)
{
	const struct json *d;

	if (!json_is(details, JSON_ARRAY))
		return;
	JSON_EACH(d, details) {
		char *text;

		if (!json_is(d, JSON_OBJECT))
			continue;
		text = json_text(d);
		(void)buf_addf(&st->details, "%s%s",
		    st->details.len > 0 ? "," : "", text);
		free(text);
		if (show) {
			on_reasoning(st, json_get(d, "text"));
			on_reasoning(st, json_get(d, "summary"));
		}
	}
}

/* Entries of one text, cut into pieces, become one; the signature is last. */
static const struct json *
detail_write(struct json_w *w, const struct json *first)
{
	const struct json *v, *next = json_next(first);
	const char *signature = json_get_str(first, "signature");
	struct buf text = BUF_INIT;

	buf_adds(&text, json_get_str(first, "text") != NULL ?
	    json_get_str(first, "text") : "");
	while (json_streq(json_get(first, "type"), "reasoning.text") &&
	    json_streq(json_get(next, "type"), "reasoning.text") &&
	    json_equal(json_get(first, "index"), json_get(next, "index"))) {
		if (json_get_str(next, "text") != NULL)
			buf_adds(&text, json_get_str(next, "text"));
		if (json_get_str(next, "signature") != NULL)
			signature = json_get_str(next, "signature");
		next = json_next(next);
	}
	json_w_obj(w);
	JSON_EACH(v, first)
		if (strcmp(json_name(v), "text") != 0 &&
		    strcmp(json_name(v), "signature") != 0)
			json_w_kvalue(w, json_name(v), v);
	if (text.len > 0)
		json_w_kstrn(w, "text", text.data, text.len);
	if (signature != NULL)
		json_w_kstr(w, "signature", signature);
	json_w_obj_end(w);
	buf_clear(&text);
	return next;
}

static void
details_write(struct json_w *w, const struct buf *elements)
{
	char *text = xasprintf("[%s]", elements->data);
	struct json_doc *doc = json_parse(text, strlen(text), 0, NULL);
	const struct json *d = doc != NULL ? json_first(json_root(doc)) : NULL;

	json_w_arr(w);
	while (d != NULL)
		d = detail_write(w, d);
	json_w_arr_end(w);
	json_doc_free(doc);
	free(text);
}

/*
 * What the provider wants to see again, with the model it comes from
 * (providers 1.4), or NULL. Caller frees.
 */
static char *
reasoning_metadata(struct chat_stream *st)
{
	const struct model *m = st->call->model;
	struct buf b = BUF_INIT;
	struct json_w w;

	if (st->details.len == 0 && !m->provider->reasoning_back)
		return NULL;
	json_w_init(&w, &b);
	json_w_obj(&w);
	json_w_key(&w, m->provider->name);
	json_w_obj(&w);
	json_w_kstr(&w, "model", m->id);
	if (st->details.len > 0) {
		json_w_key(&w, "reasoning_details");
		details_write(&w, &st->details);
	}
	json_w_obj_end(&w);
	json_w_obj_end(&w);
	buf_reset(&st->details);
	return buf_take(&b);
}

static void
reasoning_end(struct chat_stream *st)
{
	char *metadata;

	if (st->call->reasoning_open) {
		metadata = reasoning_metadata(st);
		model_close_reasoning(st->call, metadata);
		free(metadata);
	}
}

/* Details without any text, or that came behind it: a block of their own. */
static void
details_flush(struct chat_stream *st)
{
	if (st->details.len == 0)
		return;
	if (!st->call->reasoning_open)
		model_tell_reasoning(st->call, "", 0);
	reasoning_end(st);
}

/* ------------------------------------------------------ sources and files */

static void
on_annotations(struct chat_stream *st, const struct json *list)
{
	const struct json *a;

	if (!json_is(list, JSON_ARRAY))
		return;
	JSON_EACH(a, list) {
		const struct json *c = json_get(a, "url_citation");
		struct model_event ev = {
			.type = MODEL_SOURCE, .text = json_get_str(c, "url"),
			.name = json_get_str(c, "title"),
		};

		if (ev.text == NULL)
			continue;
		ev.len = strlen(ev.text);
		model_tell(st->call, &ev);
	}
}

static void
on_images(struct chat_stream *st, const struct json *list)
{
	const struct json *i;

	if (!json_is(list, JSON_ARRAY))
		return;
	JSON_EACH(i, list) {
		const struct json *url = json_path(i, "image_url", "url", NULL);
		const char *s = json_is(url, JSON_STRING) ? json_str(url) : "";

		if (strncmp(s, "data:", 5) != 0)
			continue;
		char *type = xstrndup(s + 5, strcspn(s + 5, ";,"));
		struct model_event ev = {
			.type = MODEL_FILE, .text = s, .len = json_len(url),
			.name = type,
		};
		st->output = true;
		model_tell(st->call, &ev);
		free(type);
	}
}

/* --------------------------------------------------------------- a choice */

static void
on_tools(struct chat_stream *st, const struct json *delta)
{
	const struct json *t, *list = json_get(delta, "tool_calls");
	const struct json *old = json_get(delta, "function_call");

	if (json_is(list, JSON_ARRAY) && json_len(list) > 0) {
		reasoning_end(st);
		JSON_EACH(t, list)
			tool_calls_fragment(&st->tools, t);
	}
	if (json_is(old, JSON_OBJECT)) {
		/* the form before tools: one call, without an id */
		struct buf b = BUF_INIT;
		char *text = json_text(old);
		struct json_doc *doc;

		reasoning_end(st);
		buf_addf(&b, "{\"index\":0,\"function\":%s}", text);
		doc = json_parse(b.data, b.len, 0, NULL);
		tool_calls_fragment(&st->tools,
		    doc != NULL ? json_root(doc) : NULL);
		json_doc_free(doc);
		buf_clear(&b);
		free(text);
	}
	st->output = st->output || st->tools.count > 0;
}

static void
on_delta_of(struct chat_stream *st, const struct json *delta)
{
	const struct json *content = json_get(delta, "content");

	/* most of them, by far */
	if (json_len(delta) == (json_get(delta, "role") == NULL ? 1 : 2) &&
	    json_len(content) > 0 && json_is(content, JSON_STRING)) {
		reasoning_end(st);
		on_text(st, content);
		st->only = content;
		return;
	}
	const struct json *details = json_get(delta, "reasoning_details");
	const struct json *why = json_get(delta, "reasoning_content");
	const struct json *no = json_get(delta, "refusal");
	if (!json_is(why, JSON_STRING) || json_len(why) == 0)
		why = json_get(delta, "reasoning");
	bool spoken = json_is(why, JSON_STRING) && json_len(why) > 0;
	on_reasoning(st, why);
	on_details(st, details, !spoken);
	if ((json_is(content, JSON_STRING) && json_len(content) > 0) ||
	    (json_is(no, JSON_STRING) && json_len(no) > 0))
		reasoning_end(st);
	if (json_is(content, JSON_ARRAY))
		on_parts(st, content);
	else
		on_text(st, content);
	if (json_is(no, JSON_STRING) && json_len(no) > 0) {
		st->refused = true;
		on_text(st, no);
	}
	on_annotations(st, json_get(delta, "annotations"));
	on_images(st, json_get(delta, "images"));
	on_tools(st, delta);
}

/* The one of index 0: others come only where somebody asked for n > 1. */
static const struct json *
first_choice(const struct json *choices)
{
	const struct json *c;
	int64_t index;

	if (!json_is(choices, JSON_ARRAY))
		return NULL;
	JSON_EACH(c, choices)
		if (json_int64(json_get(c, "index"), &index) == -1 ||
		    index == 0)
			return c;
	return NULL;
}

static void
on_choice(struct chat_stream *st, const struct json *choice)
{
	const struct json *delta = json_get(choice, "delta");
	const struct json *reason = json_get(choice, "finish_reason");

	if (!json_is(delta, JSON_OBJECT))
		delta = json_get(choice, "message");
	if (json_is(delta, JSON_OBJECT))
		on_delta_of(st, delta);
	if (json_is(reason, JSON_STRING) && json_len(reason) > 0)
		(void)snprintf(st->reason, sizeof st->reason, "%s",
		    json_str(reason));
}

static int
unreadable(struct chat_stream *st, const char *what, struct fault *f)
{
	return err_set(&f->err, ERR_FAILED,
	    "%s: the answer cannot be read: %s",
	    st->call->model->provider->name, what);
}

int
chat_stream_feed(struct chat_stream *st, const char *data, size_t len,
    struct fault *f)
{
	static const char *const others[] = { "created", "obfuscation", NULL };
	struct stencil_event ev = { data, len, NULL };
	struct json_doc *doc;
	struct err e = ERR_INIT;
	const char *text;
	size_t text_len;

	if (!st->done && stencil_fits(&st->same, data, len, &text, &text_len)) {
		tell_text(st, text, text_len);
		return 0;
	}
	if (st->done || strspn(data, " \t\r\n") == len)
		return 0;
	if (strcmp(data, "[DONE]") == 0) {
		st->done = true;
		return 0;
	}
	doc = json_parse(data, len, JSON_REPLACE_UTF8, &e);
	if (doc == NULL)
		return unreadable(st, e.text, f);
	const struct json *root = json_root(doc);
	st->only = NULL;
	usage_find(st, root);
	if (fault_is_object(root)) {
		fault_object(f, st->call->model->provider, root);
		json_doc_free(doc);
		return -1;
	}
	on_choice(st, first_choice(json_get(root, "choices")));
	ev.doc = doc;
	stencil_learn(&st->same, &ev, st->only, root, others);
	json_doc_free(doc);
	return 0;
}

/* ----------------------------------------------------------------- the end */

/* providers 7 */
static const struct {
	const char *reason;
	enum model_finish finish;
} finishes[] = {
	{ "stop", FINISH_STOP }, { "eos", FINISH_STOP },
	{ "end_turn", FINISH_STOP }, { "stop_sequence", FINISH_STOP },
	/* calls decide, not this word: without any it is a plain end */
	{ "tool_calls", FINISH_STOP }, { "function_call", FINISH_STOP },
	{ "length", FINISH_LENGTH }, { "model_length", FINISH_LENGTH },
	{ "max_tokens", FINISH_LENGTH },
	{ "content_filter", FINISH_CONTENT_FILTER },
	{ "error", FINISH_ERROR },
	{ "insufficient_system_resource", FINISH_ERROR },
};

static enum model_finish
finish_of(const struct chat_stream *st)
{
	for (size_t i = 0; i < NELEM(finishes); i++)
		if (strcmp(st->reason, finishes[i].reason) == 0)
			return finishes[i].finish;
	return FINISH_OTHER;
}

int
chat_stream_end(struct chat_stream *st, struct fault *f)
{
	const char *name = st->call->model->provider->name;
	enum model_finish finish = finish_of(st);

	think_end(&st->think, st->call);
	details_flush(st);
	if (finish == FINISH_ERROR) {
		f->retry = true;
		return err_set(&f->err, ERR_UNREACHABLE,
		    "%s: the model broke off: %s", name, st->reason);
	}
	if (!st->output && st->reason[0] == '\0')
		return err_set(&f->err, ERR_FAILED, "%s: empty answer", name);
	reasoning_end(st);
	size_t calls = tool_calls_finish(&st->tools, finish == FINISH_LENGTH);
	if (finish == FINISH_CONTENT_FILTER)
		model_tell_filter(st->call, st->reason);
	if (st->used)
		model_tell_usage(st->call, &st->usage);
	/* calls decide, whatever the server says (providers 1.3) */
	if (calls > 0 && finish != FINISH_LENGTH)
		finish = FINISH_TOOL_CALLS;
	else if (st->refused && finish == FINISH_STOP)
		finish = FINISH_CONTENT_FILTER;
	model_finish(st->call, finish, st->reason);
	return 0;
}
