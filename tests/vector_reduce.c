/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vector_reduce.c - vectors that build a message from chunks */

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "vector.h"
#include "wire/message.h"
#include "wire/uistream.h"

/* A run: the chunks go through an event stream, as they would in life. */
struct run {
	struct reducer *reducer;
	int64_t at;			/* number of the chunk at hand */
	bool failed;
	enum reduce_layer layer;
	struct buf errors;		/* JSON arrays being written */
	struct buf updates;
	struct buf trace;
	struct json_w errors_w;
	struct json_w updates_w;
	struct json_w trace_w;
	bool wants_trace;
};

static void
note_update(struct run *r)
{
	json_w_int(&r->updates_w, r->at);
	if (!r->wants_trace)
		return;
	json_w_obj(&r->trace_w);
	json_w_kint(&r->trace_w, "after", r->at);
	json_w_key(&r->trace_w, "message");
	message_write(reducer_message(r->reducer), &r->trace_w);
	json_w_obj_end(&r->trace_w);
}

static int
take_chunk(const struct json *chunk, const struct err *why ATTR_UNUSED,
    void *arg)
{
	struct run *r = arg;
	struct reduce_result res = { .layer = REDUCE_SCHEMA };

	if (chunk == NULL || reducer_apply(r->reducer, chunk, &res, NULL) ==
	    -1) {
		r->failed = true;
		r->layer = res.layer;
		return -1;
	}
	if (res.error_text != NULL)
		json_w_value(&r->errors_w, json_get(chunk, "errorText"));
	if (res.updated)
		note_update(r);
	r->at++;
	return 0;
}

static struct buf
body_of(const struct json *chunks)
{
	struct buf body = BUF_INIT;
	const struct json *chunk;
	char *text;

	JSON_EACH(chunk, chunks) {
		text = json_text(chunk);
		uistream_write(&body, text, strlen(text));
		free(text);
	}
	uistream_write_done(&body);
	return body;
}

/* What came out, in the form of expect. */
static void
write_outcome(struct run *r, const struct json *expect, struct buf *out)
{
	struct json_w w;

	json_w_init(&w, out);
	json_w_obj(&w);
	if (r->failed) {
		json_w_kbool(&w, "error", true);
		json_w_kint(&w, "at", r->at);
		json_w_kstr(&w, "layer", r->layer == REDUCE_SCHEMA ?
		    "schema" : "reducer");
	}
	json_w_key(&w, "message");
	message_write(reducer_message(r->reducer), &w);
	if (strcmp(r->errors.data, "[]") != 0)
		json_w_kraw(&w, "streamErrors", r->errors.data);
	if (json_get(expect, "updates") != NULL)
		json_w_kraw(&w, "updates", r->updates.data);
	if (r->wants_trace)
		json_w_kraw(&w, "trace", r->trace.data);
	json_w_obj_end(&w);
}

static void
begin_list(struct json_w *w, struct buf *b)
{
	buf_init(b);
	json_w_init(w, b);
	json_w_arr(w);
}

static int
begin_run(struct run *r, struct vector *v)
{
	const struct json *initial = json_get(v->root, "initialMessage");
	struct message *message = NULL;
	struct err e = ERR_INIT;

	*r = (struct run){ .at = 0 };
	if (json_is_set(initial)) {
		message = message_read(initial, &e);
		if (message == NULL) {
			vector_fail(v, "initialMessage: %s", e.text);
			return -1;
		}
	}
	r->reducer = reducer_new(message, REDUCE_RESET_ON_START);
	r->wants_trace = json_get(v->expect, "trace") != NULL;
	begin_list(&r->errors_w, &r->errors);
	begin_list(&r->updates_w, &r->updates);
	begin_list(&r->trace_w, &r->trace);
	return 0;
}

void
vector_reduce(struct vector *v)
{
	struct buf body = body_of(json_get(v->root, "chunks"));
	struct buf outcome = BUF_INIT;
	struct uistream *stream;
	struct err e = ERR_INIT;
	struct run r;

	if (begin_run(&r, v) == -1) {
		buf_clear(&body);
		return;
	}
	stream = uistream_new(take_chunk, &r);
	if (uistream_feed(stream, body.data, body.len, &e) == -1 && !r.failed)
		vector_fail(v, "the stream broke: %s", e.text);
	json_w_arr_end(&r.errors_w);
	json_w_arr_end(&r.updates_w);
	json_w_arr_end(&r.trace_w);
	write_outcome(&r, v->expect, &outcome);
	vector_compare_text(v, "expect", v->expect, &outcome);
	uistream_free(stream);
	reducer_free(r.reducer);
	buf_clear(&body);
	buf_clear(&outcome);
	buf_clear(&r.errors);
	buf_clear(&r.updates);
	buf_clear(&r.trace);
}
