/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gemini_stream.c - answers of Gemini's generateContent, as events */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/gemini.h"
#include "model/model_priv.h"
#include "model/part.h"

void
gemini_stream_init(struct gemini_stream *st, struct model_call *call,
    const char *asked)
{
	static const struct model_usage unknown = MODEL_USAGE_INIT;

	memset(st, 0, sizeof(*st));
	st->call = call;
	st->usage = unknown;
	stencil_init(&st->same);
	buf_init(&st->late);
	tool_calls_init(&st->tools, call, asked);
}

void
gemini_stream_clear(struct gemini_stream *st)
{
	tool_calls_clear(&st->tools);
	stencil_clear(&st->same);
	buf_clear(&st->late);
}

/* ------------------------------------------------------------------- usage */

static void
count_read(int64_t *to, const struct json *u, const char *name)
{
	int64_t n;

	if (json_int64(json_get(u, name), &n) == 0 && n >= 0)
		*to = n;
}

/* providers 8: thoughts are not in candidatesTokenCount; the last one wins */
static void
usage_read(struct gemini_stream *st, const struct json *u)
{
	struct model_usage n = MODEL_USAGE_INIT;
	int64_t tools = 0;

	count_read(&n.input, u, "promptTokenCount");
	count_read(&tools, u, "toolUsePromptTokenCount");
	count_read(&n.output_text, u, "candidatesTokenCount");
	count_read(&n.reasoning, u, "thoughtsTokenCount");
	count_read(&n.cache_read, u, "cachedContentTokenCount");
	if (n.input < 0)
		return;
	n.input += tools;
	n.input_fresh = n.input - (n.cache_read > 0 &&
	    n.cache_read <= n.input ? n.cache_read : 0);
	if (n.output_text >= 0 || n.reasoning >= 0)
		n.output = (n.output_text > 0 ? n.output_text : 0) +
		    (n.reasoning > 0 ? n.reasoning : 0);
	st->usage = n;
	st->used = true;
}

/* ------------------------------------------------------------------- parts */

/* {"google":{"thoughtSignature":..}}; caller frees. */
static char *
metadata_of(struct gemini_stream *st, const char *signature, const char *id)
{
	struct buf b = BUF_INIT;
	struct json_w w;

	json_w_init(&w, &b);
	own_begin(&w, st->call->model, GEMINI_KEY);
	if (id != NULL)
		json_w_kstr(&w, "functionCallId", id);
	if (signature != NULL)
		json_w_kstr(&w, "thoughtSignature", signature);
	json_w_obj_end(&w);
	json_w_obj_end(&w);
	return buf_take(&b);
}

static void
close_all(struct gemini_stream *st)
{
	char *metadata;

	model_close_text(st->call);
	if (!st->call->reasoning_open)
		return;
	metadata = metadata_of(st, NULL, NULL);
	model_close_reasoning(st->call, metadata);
	free(metadata);
}

/* A signed part is not to be merged with others: it is a block of its own. */
static void
on_text(struct gemini_stream *st, const struct json *part)
{
	const struct json *text = json_get(part, "text");
	bool thought = json_bool(json_get(part, "thought"), false);
	const char *signature = json_get_str(part, "thoughtSignature");
	char *metadata;

	if (json_len(text) == 0 && signature == NULL)
		return;
	if (signature != NULL || (thought ? st->call->text_open :
	    st->call->reasoning_open))
		close_all(st);
	st->output = true;
	if (thought)
		model_tell_reasoning(st->call, json_str(text), json_len(text));
	else
		model_tell_text(st->call, json_str(text), json_len(text));
	if (signature == NULL)
		return;
	metadata = metadata_of(st, signature, NULL);
	model_end_text(st->call, metadata);
	model_close_reasoning(st->call, metadata);
	free(metadata);
}

/* Whole, one part each; there is no index, so the order is one. */
static void
on_call(struct gemini_stream *st, const struct json *part)
{
	const struct json *fc = json_get(part, "functionCall");
	const struct json *args = json_get(fc, "args");
	const char *id = json_get_str(fc, "id");
	char *text = json_is(args, JSON_OBJECT) ? json_text(args) :
	    xstrdup("{}");
	char *metadata = metadata_of(st, json_get_str(part,
	    "thoughtSignature"), id);
	struct tool_piece p = {
		.index = (int64_t)st->tools.count, .id = id,
		.name = json_get_str(fc, "name"), .args = text,
		.len = strlen(text), .metadata = metadata,
	};

	close_all(st);
	st->output = true;
	tool_calls_piece(&st->tools, &p);
	free(metadata);
	free(text);
}

static void
on_file(struct gemini_stream *st, const struct json *part)
{
	const struct json *d = json_get(part, "inlineData");
	const char *type = json_get_str(d, "mimeType");
	const char *data = json_get_str(d, "data");
	const char *signature = json_get_str(part, "thoughtSignature");
	char *url, *metadata;

	if (type == NULL || data == NULL ||
	    json_bool(json_get(part, "thought"), false))
		return;
	close_all(st);
	st->output = true;
	url = xasprintf("data:%s;base64,%s", type, data);
	metadata = signature != NULL ? metadata_of(st, signature, NULL) :
	    NULL;
	struct model_event ev = {
		.type = MODEL_FILE, .text = url, .len = strlen(url),
		.name = type, .metadata = metadata,
	};
	model_tell(st->call, &ev);
	free(metadata);
	free(url);
}

static void
on_grounding(struct gemini_stream *st, const struct json *grounding)
{
	const struct json *c;

	JSON_EACH(c, json_get(grounding, "groundingChunks")) {
		const struct json *web = json_get(c, "web");
		struct model_event ev = {
			.type = MODEL_SOURCE, .text = json_get_str(web, "uri"),
			.name = json_get_str(web, "title"),
		};

		if (ev.text == NULL)
			continue;
		ev.len = strlen(ev.text);
		model_tell(st->call, &ev);
	}
}

/* A candidate may lack content, and content its parts. */
static void
on_candidate(struct gemini_stream *st, const struct json *c)
{
	const char *reason = json_get_str(c, "finishReason");
	const char *says = json_get_str(c, "finishMessage");
	const struct json *p;

	JSON_EACH(p, json_path(c, "content", "parts", NULL)) {
		if (json_is(json_get(p, "text"), JSON_STRING))
			on_text(st, p);
		else if (json_is(json_get(p, "functionCall"), JSON_OBJECT))
			on_call(st, p);
		else if (json_is(json_get(p, "inlineData"), JSON_OBJECT))
			on_file(st, p);
	}
	on_grounding(st, json_get(c, "groundingMetadata"));
	if (reason != NULL)
		(void)snprintf(st->reason, sizeof st->reason, "%s", reason);
	if (says != NULL)
		(void)snprintf(st->model_said, sizeof st->model_said, "%s",
		    says);
}

static void
on_response(struct gemini_stream *st, const struct json *r)
{
	const char *block = json_get_str(json_get(r, "promptFeedback"),
	    "blockReason");

	usage_read(st, json_get(r, "usageMetadata"));
	on_candidate(st, json_first(json_get(r, "candidates")));
	if (block != NULL) {
		st->blocked = true;
		(void)snprintf(st->reason, sizeof st->reason,
		    "prompt blocked: %s", block);
	}
}

/* Events that were not parsed have counts, too: those of the last one hold. */
static void
count_late(struct gemini_stream *st)
{
	struct json_doc *doc;

	if (st->late.len == 0)
		return;
	doc = json_parse(st->late.data, st->late.len, 0, NULL);
	usage_read(st, json_get(json_root(doc), "usageMetadata"));
	json_doc_free(doc);
	buf_reset(&st->late);
}

/* The text of an event that tells nothing but that, and counts. */
static const struct json *
only_text(const struct json *r)
{
	const struct json *all = json_get(r, "candidates");
	const struct json *c = json_first(all);
	const struct json *parts = json_path(c, "content", "parts", NULL);
	const struct json *part = json_first(parts);

	if (json_len(all) != 1 || json_len(parts) != 1 ||
	    json_get(r, "promptFeedback") != NULL ||
	    json_get(c, "finishReason") != NULL ||
	    json_get(c, "finishMessage") != NULL ||
	    json_get(c, "groundingMetadata") != NULL ||
	    json_get(part, "thought") != NULL ||
	    json_get(part, "thoughtSignature") != NULL)
		return NULL;
	return json_len(json_get(part, "text")) > 0 ? json_get(part, "text") :
	    NULL;
}

int
gemini_stream_feed(struct gemini_stream *st, const char *data, size_t len,
    struct fault *f)
{
	static const char *const counts[] = { "candidatesTokenCount",
	    "totalTokenCount", "thoughtsTokenCount", NULL };
	struct stencil_event event = { data, len, NULL };
	struct err e = ERR_INIT;
	struct json_doc *doc;
	const struct json *r;
	const char *text;
	size_t text_len;
	int result = 0;

	if (stencil_fits(&st->same, data, len, &text, &text_len)) {
		if (text_len > 0)
			model_tell_text(st->call, text, text_len);
		buf_reset(&st->late);
		buf_add(&st->late, data, len);
		return 0;
	}
	count_late(st);
	if (strspn(data, " \t\r\n") == len || strcmp(data, "[DONE]") == 0)
		return 0;
	doc = json_parse(data, len, JSON_REPLACE_UTF8, &e);
	if (doc == NULL)
		return err_set(&f->err, ERR_FAILED,
		    "%s: the answer cannot be read: %s",
		    st->call->model->provider->name, e.text);
	const struct json *root = json_root(doc);
	/* without alt=sse: all of them in one array */
	const struct json *first = json_is(root, JSON_ARRAY) ?
	    json_first(root) : root;
	if (fault_is_object(first)) {
		fault_object(f, st->call->model->provider, first);
		result = -1;
	} else if (first == root) {
		on_response(st, root);
	} else {
		JSON_EACH(r, root)
			on_response(st, r);
	}
	event.doc = doc;
	stencil_learn(&st->same, &event, first == root && result == 0 ?
	    only_text(root) : NULL, json_get(root, "usageMetadata"), counts);
	json_doc_free(doc);
	return result;
}

/* ----------------------------------------------------------------- the end */

/* providers 7 */
static const struct {
	const char *reason;
	enum model_finish finish;
} finishes[] = {
	{ "STOP", FINISH_STOP },
	{ "MAX_TOKENS", FINISH_LENGTH }, { "CONTINUATION", FINISH_LENGTH },
	{ "SAFETY", FINISH_CONTENT_FILTER },
	{ "RECITATION", FINISH_CONTENT_FILTER },
	{ "BLOCKLIST", FINISH_CONTENT_FILTER },
	{ "PROHIBITED_CONTENT", FINISH_CONTENT_FILTER },
	{ "SPII", FINISH_CONTENT_FILTER },
	{ "IMAGE_SAFETY", FINISH_CONTENT_FILTER },
	{ "MALFORMED_FUNCTION_CALL", FINISH_ERROR },
};

static enum model_finish
finish_of(const struct gemini_stream *st)
{
	if (st->blocked)
		return FINISH_CONTENT_FILTER;
	for (size_t i = 0; i < NELEM(finishes); i++)
		if (strcmp(st->reason, finishes[i].reason) == 0)
			return finishes[i].finish;
	return FINISH_OTHER;
}

int
gemini_stream_end(struct gemini_stream *st, struct fault *f)
{
	enum model_finish finish = finish_of(st);
	const char *name = st->call->model->provider->name;

	count_late(st);
	if (!st->output && st->reason[0] == '\0')
		return err_set(&f->err, ERR_FAILED, "%s: empty answer", name);
	if (finish == FINISH_ERROR && st->tools.count == 0) {
		f->retry = true;
		return err_set(&f->err, ERR_FAILED,
		    "%s: the model broke off: %s%s%s", name, st->reason,
		    st->model_said[0] != '\0' ? ": " : "", st->model_said);
	}
	close_all(st);
	size_t calls = tool_calls_finish(&st->tools, finish == FINISH_LENGTH);
	if (finish == FINISH_CONTENT_FILTER)
		model_tell_filter(st->call, st->reason);
	if (st->used)
		model_tell_usage(st->call, &st->usage);
	/* calls decide: the reason is STOP with them, too (providers 1.3) */
	if (calls > 0 && finish != FINISH_LENGTH &&
	    finish != FINISH_CONTENT_FILTER)
		finish = FINISH_TOOL_CALLS;
	model_finish(st->call, finish, st->reason);
	return 0;
}
