/* SPDX-License-Identifier: GPL-3.0-or-later */
/* anthropic_stream.c - answers of the Messages API, as events */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/anthropic.h"
#include "model/model_priv.h"
#include "model/part.h"

void
anthropic_stream_init(struct anthropic_stream *st, struct model_call *call,
    const char *asked)
{
	static const struct model_usage unknown = MODEL_USAGE_INIT;

	memset(st, 0, sizeof(*st));
	st->call = call;
	st->usage = st->earlier = unknown;
	/* only tools of its own make it pause */
	st->echo.on = json_get(call->model->provider->body, "tools") != NULL;
	st->fresh = -1;
	st->index = st->whole = -1;
	buf_init_max(&st->signature, MODEL_ANSWER_MAX);
	buf_init_max(&st->redacted, MODEL_ANSWER_MAX);
	stencil_init(&st->same);
	tool_calls_init(&st->tools, call, asked);
}

void
anthropic_stream_clear(struct anthropic_stream *st)
{
	tool_calls_clear(&st->tools);
	echo_clear(&st->echo);
	stencil_clear(&st->same);
	buf_clear(&st->signature);
	buf_clear(&st->redacted);
}

static int64_t
index_of(const struct json *ev)
{
	int64_t n;

	return json_int64(json_get(ev, "index"), &n) == 0 ? n : 0;
}

/* ------------------------------------------------------------------- usage */

static void
count_read(int64_t *to, const struct json *u, const char *name)
{
	int64_t n;

	if (json_int64(json_get(u, name), &n) == 0 && n >= 0)
		*to = n;
}

/* providers 8: what the cache held is not in input_tokens; later reports are
 * of the whole and may correct earlier ones */
static void
usage_read(struct anthropic_stream *st, const struct json *u)
{
	struct model_usage *n = &st->usage;

	if (!json_is(u, JSON_OBJECT))
		return;
	st->used = true;
	count_read(&st->fresh, u, "input_tokens");
	count_read(&n->cache_read, u, "cache_read_input_tokens");
	count_read(&n->cache_write, u, "cache_creation_input_tokens");
	count_read(&n->output, u, "output_tokens");
	count_read(&n->reasoning, json_get(u, "output_tokens_details"),
	    "thinking_tokens");
	if (st->fresh >= 0) {
		n->input_fresh = st->fresh;
		n->input = st->fresh + (n->cache_read > 0 ? n->cache_read :
		    0) + (n->cache_write > 0 ? n->cache_write : 0);
	}
	n->output_text = n->output;
	if (n->reasoning >= 0 && n->output >= 0)
		n->output_text = n->reasoning < n->output ?
		    n->output - n->reasoning : 0;
}

/* --------------------------------------------------------------- reasoning */

static void
reasoning_end(struct anthropic_stream *st)
{
	struct buf b = BUF_INIT;
	struct json_w w;

	if (st->signature.len > 0 || st->redacted.len > 0) {
		/* without any text, or when something came between */
		if (!st->call->reasoning_open)
			model_tell_reasoning(st->call, "", 0);
		json_w_init(&w, &b);
		own_begin(&w, st->call->model, ANTHROPIC_KEY);
		if (st->signature.len > 0)
			json_w_kstrn(&w, "signature", st->signature.data,
			    st->signature.len);
		else
			json_w_kstrn(&w, "redactedData", st->redacted.data,
			    st->redacted.len);
		json_w_obj_end(&w);
		json_w_obj_end(&w);
	}
	model_close_reasoning(st->call, b.len > 0 ? b.data : NULL);
	buf_clear(&b);
	buf_reset(&st->signature);
	buf_reset(&st->redacted);
}

/* Text of another block than the one before is another part. */
static void
enter(struct anthropic_stream *st, const struct json *ev)
{
	if (index_of(ev) == st->index)
		return;
	st->index = index_of(ev);
	model_close_text(st->call);
	reasoning_end(st);
}

static void
tell_text(struct anthropic_stream *st, const char *s, size_t len)
{
	if (len == 0)
		return;
	st->output = true;
	model_tell_text(st->call, s, len);
}

static void
on_text(struct anthropic_stream *st, const struct json *text)
{
	if (json_is(text, JSON_STRING))
		tell_text(st, json_str(text), json_len(text));
}

static void
on_thinking(struct anthropic_stream *st, const struct json *text)
{
	if (!json_is(text, JSON_STRING) || json_len(text) == 0)
		return;
	st->output = true;
	model_tell_reasoning(st->call, json_str(text), json_len(text));
}

static void
on_signature(struct buf *to, const struct json *v)
{
	if (json_is(v, JSON_STRING))
		(void)buf_add(to, json_str(v), json_len(v));
}

/* ------------------------------------------------------------------ blocks */

static void
tool_start(struct anthropic_stream *st, const struct json *ev,
    const struct json *block)
{
	const struct json *input = json_get(block, "input");
	struct tool_piece p = { .index = index_of(ev),
	    .id = json_get_str(block, "id"),
	    .name = json_get_str(block, "name") };

	st->output = true;
	tool_calls_piece(&st->tools, &p);
	/* compatible servers say all at once, unless pieces follow */
	if (json_is(input, JSON_OBJECT) && json_len(input) > 0) {
		char *text = json_text(input);

		tool_calls_whole(&st->tools, p.index, text, strlen(text));
		st->whole = p.index;
		free(text);
	}
}

static int
on_block_start(struct anthropic_stream *st, const struct json *ev,
    struct fault *f)
{
	const struct json *block = json_get(ev, "content_block");

	(void)f;
	enter(st, ev);
	echo_start(&st->echo, (size_t)index_of(ev), block);
	if (part_is(block, "tool_use"))
		tool_start(st, ev, block);
	else if (part_is(block, "text"))
		on_text(st, json_get(block, "text"));
	else if (part_is(block, "thinking")) {
		on_thinking(st, json_get(block, "thinking"));
		on_signature(&st->signature, json_get(block, "signature"));
	} else if (part_is(block, "redacted_thinking")) {
		st->output = true;
		on_signature(&st->redacted, json_get(block, "data"));
	}
	return 0;
}

static void
on_citation(struct anthropic_stream *st, const struct json *c)
{
	struct model_event ev = {
		.type = MODEL_SOURCE, .text = json_get_str(c, "url"),
		.name = json_get_str(c, "title"),
	};

	if (ev.text == NULL)
		return;
	ev.len = strlen(ev.text);
	model_tell(st->call, &ev);
}

static int
on_block_delta(struct anthropic_stream *st, const struct json *ev,
    struct fault *f)
{
	const struct json *d = json_get(ev, "delta");
	const struct json *piece = json_get(d, "partial_json");

	(void)f;
	enter(st, ev);
	echo_delta(&st->echo, (size_t)index_of(ev), d);
	if (part_is(d, "text_delta")) {
		st->only = json_get(d, "text");
		on_text(st, st->only);
	} else if (part_is(d, "thinking_delta")) {
		on_thinking(st, json_get(d, "thinking"));
	} else if (part_is(d, "signature_delta")) {
		on_signature(&st->signature, json_get(d, "signature"));
	} else if (part_is(d, "citations_delta")) {
		on_citation(st, json_get(d, "citation"));
	} else if (part_is(d, "input_json_delta") &&
	    json_is(piece, JSON_STRING) &&
	    tool_calls_has(&st->tools, index_of(ev))) {
		struct tool_piece p = { .index = index_of(ev),
		    .args = json_str(piece), .len = json_len(piece) };

		if (p.len > 0 && p.index == st->whole) {
			tool_calls_whole(&st->tools, p.index, "", 0);
			st->whole = -1;
		}
		tool_calls_piece(&st->tools, &p);
	}
	return 0;
}

static int
on_block_stop(struct anthropic_stream *st, const struct json *ev,
    struct fault *f)
{
	(void)f;
	if (index_of(ev) == st->index) {
		model_close_text(st->call);
		reasoning_end(st);
		st->index = -1;
	}
	return 0;
}

/* ----------------------------------------------------------------- message */

static void
keep(char *to, size_t size, const struct json *v)
{
	if (json_is(v, JSON_STRING))
		(void)snprintf(to, size, "%s", json_str(v));
}

static int
on_message_start(struct anthropic_stream *st, const struct json *ev,
    struct fault *f)
{
	const struct json *m = json_get(ev, "message"), *p;

	(void)f;
	usage_read(st, json_get(m, "usage"));
	echo_container(&st->echo, json_get(m, "container"));
	keep(st->reason, sizeof st->reason, json_get(m, "stop_reason"));
	JSON_EACH(p, json_get(m, "content"))
		if (part_is(p, "text"))
			on_text(st, json_get(p, "text"));
	return 0;
}

static int
on_message_delta(struct anthropic_stream *st, const struct json *ev,
    struct fault *f)
{
	const struct json *d = json_get(ev, "delta");

	(void)f;
	keep(st->reason, sizeof st->reason, json_get(d, "stop_reason"));
	echo_container(&st->echo, json_get(d, "container"));
	keep(st->category, sizeof st->category, json_path(d, "stop_details",
	    "category", NULL));
	keep(st->explanation, sizeof st->explanation, json_path(d,
	    "stop_details", "explanation", NULL));
	usage_read(st, json_get(ev, "usage"));
	return 0;
}

static int
on_message_stop(struct anthropic_stream *st, const struct json *ev,
    struct fault *f)
{
	(void)ev;
	(void)f;
	st->done = true;
	return 0;
}

static int
on_error(struct anthropic_stream *st, const struct json *ev, struct fault *f)
{
	fault_object(f, st->call->model->provider, ev);
	return -1;
}

/* A server that does not stream answers with the whole message. */
static int
on_message(struct anthropic_stream *st, const struct json *m, struct fault *f)
{
	const struct json *block;
	size_t i = 0;

	JSON_EACH(block, json_get(m, "content")) {
		char *text = json_text(block);
		struct buf b = BUF_INIT;
		struct json_doc *doc;

		buf_addf(&b, "{\"index\":%zu,\"content_block\":%s}", i++,
		    text);
		doc = json_parse(b.data, b.len, 0, NULL);
		if (doc != NULL) {
			(void)on_block_start(st, json_root(doc), f);
			(void)on_block_stop(st, json_root(doc), f);
		}
		json_doc_free(doc);
		buf_clear(&b);
		free(text);
	}
	usage_read(st, json_get(m, "usage"));
	keep(st->reason, sizeof st->reason, json_get(m, "stop_reason"));
	st->done = true;
	return 0;
}

static const struct {
	const char *type;
	int (*on)(struct anthropic_stream *, const struct json *,
	    struct fault *);
} kinds[] = {
	{ "content_block_delta", on_block_delta },
	{ "content_block_start", on_block_start },
	{ "content_block_stop", on_block_stop },
	{ "message_start", on_message_start },
	{ "message_delta", on_message_delta },
	{ "message_stop", on_message_stop },
	{ "message", on_message },
	{ "error", on_error },
};

int
anthropic_stream_feed(struct anthropic_stream *st, const char *data,
    size_t len, struct fault *f)
{
	static const char *const no_others[] = { NULL };
	struct stencil_event event = { data, len, NULL };
	struct err e = ERR_INIT;
	struct json_doc *doc;
	const char *text;
	size_t text_len;
	int result = 0;

	if (!st->done && stencil_fits(&st->same, data, len, &text, &text_len)) {
		echo_text(&st->echo, (size_t)st->index, text, text_len);
		tell_text(st, text, text_len);
		return 0;
	}
	if (st->done || strspn(data, " \t\r\n") == len)
		return 0;
	doc = json_parse(data, len, JSON_REPLACE_UTF8, &e);
	if (doc == NULL)
		return err_set(&f->err, ERR_FAILED,
		    "%s: the answer cannot be read: %s",
		    st->call->model->provider->name, e.text);
	const struct json *root = json_root(doc);
	const struct json *type = json_get(root, "type");
	bool known = false;

	st->only = NULL;
	for (size_t i = 0; i < NELEM(kinds) && !known; i++)
		if (json_streq(type, kinds[i].type)) {
			known = true;
			result = kinds[i].on(st, root, f);
		}
	if (!known && fault_is_object(root))
		result = on_error(st, root, f);
	event.doc = doc;
	stencil_learn(&st->same, &event, st->only, NULL, no_others);
	json_doc_free(doc);
	return result;
}

/* ----------------------------------------------------------------- the end */

/* providers 7 */
static const struct {
	const char *reason;
	enum model_finish finish;
} finishes[] = {
	{ "end_turn", FINISH_STOP }, { "stop_sequence", FINISH_STOP },
	{ "pause_turn", FINISH_STOP }, { "tool_use", FINISH_STOP },
	{ "max_tokens", FINISH_LENGTH },
	{ "model_context_window_exceeded", FINISH_LENGTH },
	{ "refusal", FINISH_CONTENT_FILTER },
};

/*
 * What it said before it refused is withdrawn: the data part marks the answer,
 * and the history leaves the turn out (providers 9.4).
 */
static void
tell_refusal(struct anthropic_stream *st)
{
	struct buf b = BUF_INIT;
	struct json_w w;

	json_w_init(&w, &b);
	json_w_obj(&w);
	json_w_kbool(&w, "withdrawn", st->output);
	if (st->category[0] != '\0')
		json_w_kstr(&w, "category", st->category);
	if (st->explanation[0] != '\0')
		json_w_kstr(&w, "text", st->explanation);
	json_w_obj_end(&w);
	struct model_event ev = {
		.type = MODEL_DATA, .name = "chatd-refusal", .text = b.data,
		.len = b.len,
	};
	model_tell(st->call, &ev);
	buf_clear(&b);
}

static void
count_add(int64_t *to, int64_t n)
{
	if (n >= 0)
		*to = (*to > 0 ? *to : 0) + n;
}

/* Each answer of a paused turn was paid for. */
static void
usage_add(struct model_usage *to, const struct model_usage *u)
{
	count_add(&to->input, u->input);
	count_add(&to->input_fresh, u->input_fresh);
	count_add(&to->cache_read, u->cache_read);
	count_add(&to->cache_write, u->cache_write);
	count_add(&to->output, u->output);
	count_add(&to->output_text, u->output_text);
	count_add(&to->reasoning, u->reasoning);
}

bool
anthropic_stream_more(struct anthropic_stream *st, struct buf *request)
{
	static const struct model_usage unknown = MODEL_USAGE_INIT;

	if (strcmp(st->reason, "pause_turn") != 0 || st->tools.count > 0 ||
	    !echo_append(&st->echo, request))
		return false;
	reasoning_end(st);
	model_close_text(st->call);
	usage_add(&st->earlier, &st->usage);
	st->usage = unknown;
	st->fresh = -1;
	st->index = st->whole = -1;
	st->reason[0] = '\0';
	st->done = false;
	st->tools.asked = request->data;
	echo_clear(&st->echo);
	stencil_forget(&st->same);
	return true;
}

int
anthropic_stream_end(struct anthropic_stream *st, struct fault *f)
{
	enum model_finish finish = FINISH_OTHER;
	char raw[160];

	if (!st->output && st->reason[0] == '\0')
		return err_set(&f->err, ERR_FAILED, "%s: empty answer",
		    st->call->model->provider->name);
	for (size_t i = 0; i < NELEM(finishes); i++)
		if (strcmp(st->reason, finishes[i].reason) == 0)
			finish = finishes[i].finish;
	reasoning_end(st);
	size_t calls = tool_calls_finish(&st->tools, finish == FINISH_LENGTH);
	if (strcmp(st->reason, "refusal") == 0) {
		model_close_text(st->call);
		tell_refusal(st);
	}
	usage_add(&st->usage, &st->earlier);
	if (st->used)
		model_tell_usage(st->call, &st->usage);
	if (calls > 0 && finish != FINISH_LENGTH &&
	    finish != FINISH_CONTENT_FILTER)
		finish = FINISH_TOOL_CALLS;
	(void)snprintf(raw, sizeof raw, "%s%s%s", st->reason,
	    st->category[0] != '\0' ? ": " : "", st->category);
	model_finish(st->call, finish, raw);
	return 0;
}
