/* SPDX-License-Identifier: GPL-3.0-or-later */
/* anthropic_echo.c - an answer's blocks as they came, to be sent back */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "model/anthropic_echo.h"
#include "model/model_priv.h"
#include "model/part.h"

enum { BLOCKS_MAX = 1024 };

void
echo_clear(struct echo *ec)
{
	for (size_t i = 0; i < ec->count; i++) {
		free(ec->list[i].start);
		buf_clear(&ec->list[i].text);
		buf_clear(&ec->list[i].signature);
		buf_clear(&ec->list[i].input);
		buf_clear(&ec->list[i].citations);
	}
	free(ec->list);
	ec->list = NULL;
	ec->count = 0;
}

static struct echo_block *
block_at(struct echo *ec, size_t index)
{
	if (!ec->on || index >= BLOCKS_MAX)
		return NULL;
	while (ec->count <= index) {
		struct echo_block *b;

		ec->list = xreallocarray(ec->list, ec->count + 1,
		    sizeof(*ec->list));
		b = &ec->list[ec->count++];
		b->start = NULL;
		buf_init_max(&b->text, MODEL_ANSWER_MAX);
		buf_init_max(&b->signature, MODEL_ANSWER_MAX);
		buf_init_max(&b->input, MODEL_ANSWER_MAX);
		buf_init_max(&b->citations, MODEL_ANSWER_MAX);
	}
	return &ec->list[index];
}

void
echo_start(struct echo *ec, size_t index, const struct json *block)
{
	struct echo_block *b = block_at(ec, index);

	if (b == NULL || !json_is(block, JSON_OBJECT))
		return;
	free(b->start);
	b->start = json_text(block);
}

static void
add(struct buf *to, const struct json *v)
{
	if (json_is(v, JSON_STRING))
		(void)buf_add(to, json_str(v), json_len(v));
}

void
echo_delta(struct echo *ec, size_t index, const struct json *delta)
{
	struct echo_block *b = block_at(ec, index);
	const struct json *citation = json_get(delta, "citation");

	if (b == NULL)
		return;
	add(&b->text, json_get(delta, "text"));
	add(&b->text, json_get(delta, "thinking"));
	add(&b->signature, json_get(delta, "signature"));
	add(&b->input, json_get(delta, "partial_json"));
	if (citation != NULL) {
		char *text = json_text(citation);

		(void)buf_addf(&b->citations, "%s%s",
		    b->citations.len > 0 ? "," : "", text);
		free(text);
	}
}

void
echo_text(struct echo *ec, size_t index, const char *s, size_t len)
{
	struct echo_block *b = block_at(ec, index);

	if (b != NULL)
		(void)buf_add(&b->text, s, len);
}

void
echo_container(struct echo *ec, const struct json *container)
{
	const char *id = json_get_str(container, "id");

	if (id != NULL)
		(void)snprintf(ec->container, sizeof ec->container, "%s", id);
}

/* ------------------------------------------------------------- sent back */

/* A member of the beginning with what the deltas added. */
static void
write_grown(struct json_w *w, const struct json *first, const struct buf *more)
{
	struct buf b = BUF_INIT;

	add(&b, first);
	(void)buf_add(&b, more->data, more->len);
	json_w_kstrn(w, json_name(first), b.data, b.len);
	buf_clear(&b);
}

static void
write_block(struct json_w *w, const struct echo_block *b,
    const struct json *start)
{
	const struct json *m;

	json_w_obj(w);
	JSON_EACH(m, start) {
		const char *name = json_name(m);

		if (strcmp(name, "text") == 0 || strcmp(name, "thinking") == 0)
			write_grown(w, m, &b->text);
		else if (strcmp(name, "signature") == 0 &&
		    b->signature.len > 0)
			write_grown(w, m, &b->signature);
		else if ((strcmp(name, "input") != 0 || b->input.len == 0) &&
		    (strcmp(name, "citations") != 0 || b->citations.len == 0))
			json_w_kvalue(w, name, m);
	}
	if (b->input.len > 0)
		json_w_kraw(w, "input", b->input.data);
	if (b->signature.len > 0 && json_get(start, "signature") == NULL)
		json_w_kstrn(w, "signature", b->signature.data,
		    b->signature.len);
	if (b->citations.len > 0) {
		json_w_key(w, "citations");
		json_w_arr(w);
		json_w_raw(w, b->citations.data, b->citations.len);
		json_w_arr_end(w);
	}
	json_w_obj_end(w);
}

/* Text that is empty is a 400, input that is no JSON is nothing. */
static bool
is_whole(const struct echo_block *b, const struct json *start)
{
	struct json_doc *input = b->input.len == 0 ? NULL :
	    json_parse(b->input.data, b->input.len, 0, NULL);
	bool well = b->input.len == 0 || input != NULL;

	json_doc_free(input);
	return well && !b->text.full && (!part_is(start, "text") ||
	    b->text.len + json_len(json_get(start, "text")) > 0);
}

static size_t
write_blocks(struct json_w *w, const struct echo *ec)
{
	size_t wrote = 0;

	for (size_t i = 0; i < ec->count; i++) {
		const struct echo_block *b = &ec->list[i];
		struct json_doc *doc = b->start == NULL ? NULL :
		    json_parse(b->start, strlen(b->start), 0, NULL);

		if (doc != NULL && is_whole(b, json_root(doc))) {
			write_block(w, b, json_root(doc));
			wrote++;
		}
		json_doc_free(doc);
	}
	return wrote;
}

/* Behind what was said before another pause, or as a message of its own. */
static size_t
write_messages(struct json_w *w, const struct echo *ec,
    const struct json *messages)
{
	const struct json *m, *b, *last = NULL;

	json_w_key(w, "messages");
	json_w_arr(w);
	JSON_EACH(m, messages) {
		last = m;
		if (json_next(m) != NULL ||
		    !json_streq(json_get(m, "role"), "assistant"))
			json_w_value(w, m);
	}
	json_w_obj(w);
	json_w_kstr(w, "role", "assistant");
	json_w_key(w, "content");
	json_w_arr(w);
	if (json_streq(json_get(last, "role"), "assistant"))
		JSON_EACH(b, json_get(last, "content"))
			json_w_value(w, b);
	size_t wrote = write_blocks(w, ec);
	json_w_arr_end(w);
	json_w_obj_end(w);
	json_w_arr_end(w);
	return wrote;
}

bool
echo_append(const struct echo *ec, struct buf *request)
{
	struct json_doc *doc = json_parse(request->data, request->len, 0,
	    NULL);
	const struct json *m;
	struct buf b = BUF_INIT;
	struct json_w w;
	size_t wrote = 0;

	if (doc == NULL || !ec->on)
		goto done;
	json_w_init(&w, &b);
	json_w_obj(&w);
	JSON_EACH(m, json_root(doc)) {
		if (strcmp(json_name(m), "messages") == 0)
			wrote = write_messages(&w, ec, m);
		else if (strcmp(json_name(m), "container") != 0 ||
		    ec->container[0] == '\0')
			json_w_kvalue(&w, json_name(m), m);
	}
	if (ec->container[0] != '\0')
		json_w_kstr(&w, "container", ec->container);
	json_w_obj_end(&w);
	if (wrote > 0) {
		buf_clear(request);
		*request = b;
		b = (struct buf)BUF_INIT;
	}
done:
	buf_clear(&b);
	json_doc_free(doc);
	return wrote > 0;
}
