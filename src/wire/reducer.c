/* SPDX-License-Identifier: GPL-3.0-or-later */
/* reducer.c - UI messages built from chunks (ui-message-stream 4) */

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "wire/reducer_priv.h"

static void
forget_open(struct open_list *list)
{
	struct open *o;

	while ((o = TAILQ_FIRST(list)) != NULL) {
		TAILQ_REMOVE(list, o, entry);
		free(o->id);
		free(o);
	}
}

static void
forget_all(struct reducer *r)
{
	forget_open(&r->texts);
	forget_open(&r->reasonings);
	reducer_forget_calls(r);
}

struct reducer *
reducer_new(struct message *initial, unsigned flags)
{
	struct reducer *r = xcalloc(1, sizeof *r);

	TAILQ_INIT(&r->texts);
	TAILQ_INIT(&r->reasonings);
	r->flags = flags;
	if (initial != NULL && initial->role == ROLE_ASSISTANT) {
		r->message = initial;
		reducer_restore_tools(r);
		return r;
	}
	r->message = message_new(initial == NULL ? "" : initial->id,
	    ROLE_ASSISTANT);
	message_free(initial);
	return r;
}

void
reducer_free(struct reducer *r)
{
	if (r == NULL)
		return;
	forget_all(r);
	reducer_forget_tools(r);
	message_free(r->message);
	free(r->finish_reason);
	free(r);
}

struct message *
reducer_message(struct reducer *r)
{
	return r->message;
}

struct message *
reducer_take(struct reducer *r)
{
	struct message *m = r->message;

	forget_all(r);
	reducer_forget_tools(r);
	r->message = message_new(m->id, ROLE_ASSISTANT);
	return m;
}

const char *
reducer_finish_reason(const struct reducer *r)
{
	return r->finish_reason;
}

static void
each_open(const struct open_list *list, int chunk_type, reducer_open_fn fn,
    void *arg)
{
	struct open *o, *next;

	/* fn may well apply the end, which takes o away */
	for (o = TAILQ_LAST(list, open_list); o != NULL; o = next) {
		next = TAILQ_PREV(o, open_list, entry);
		fn(chunk_type, o->id, arg);
	}
}

void
reducer_each_open(const struct reducer *r, reducer_open_fn fn, void *arg)
{
	each_open(&r->texts, CHUNK_TEXT_END, fn, arg);
	each_open(&r->reasonings, CHUNK_REASONING_END, fn, arg);
}

void
reducer_touch(struct part *p, struct reduce_result *res)
{
	p->version++;
	res->updated = true;
	res->part = p;
}

static void
append_part(struct reducer *r, struct part *p, struct reduce_result *res)
{
	message_push(r->message, p);
	reducer_touch(p, res);
}

/* 4.2: *merged is NULL when there is nothing to merge. */
static int
merge_metadata(const struct reducer *r, bool afresh, const struct json *chunk,
    char **merged, struct err *e)
{
	const struct json *over = json_get(chunk, "messageMetadata");

	*merged = NULL;
	if (!json_is_set(over))
		return 0;
	return metadata_merge(afresh ? NULL : r->message->metadata, over,
	    merged, e);
}

static bool
set_metadata(struct reducer *r, char *merged)
{
	if (merged == NULL)
		return false;
	free(r->message->metadata);
	r->message->metadata = merged;
	return true;
}

static void
discard_message(struct reducer *r)
{
	struct message *m = r->message;

	forget_all(r);
	reducer_forget_tools(r);
	while (!TAILQ_EMPTY(&m->parts))
		message_remove(m, TAILQ_FIRST(&m->parts));
	str_replace(&m->metadata, NULL);
	str_replace(&r->finish_reason, NULL);
}

static int
reduce_start(struct reducer *r, const struct json *chunk,
    struct reduce_result *res, struct err *e)
{
	const char *id = json_get_str(chunk, "messageId");
	bool reset = (r->flags & REDUCE_REPLAY && !r->started) ||
	    (r->flags & REDUCE_RESET_ON_START && id != NULL &&
	    strcmp(id, r->message->id) != 0);
	char *merged;

	if (merge_metadata(r, reset, chunk, &merged, e) == -1)
		return -1;
	r->started = true;
	if (reset)
		discard_message(r);
	if (id != NULL)
		str_replace(&r->message->id, id);
	res->updated = set_metadata(r, merged) || reset || id != NULL;
	return 0;
}

static int
reduce_finish(struct reducer *r, const struct json *chunk,
    struct reduce_result *res, struct err *e)
{
	const char *reason = json_get_str(chunk, "finishReason");
	char *merged;

	if (merge_metadata(r, false, chunk, &merged, e) == -1)
		return -1;
	if (reason != NULL)
		str_replace(&r->finish_reason, reason);
	res->updated = set_metadata(r, merged);
	return 0;
}

static int
reduce_metadata(struct reducer *r, const struct json *chunk,
    struct reduce_result *res, struct err *e)
{
	char *merged;

	if (merge_metadata(r, false, chunk, &merged, e) == -1)
		return -1;
	res->updated = set_metadata(r, merged);
	return 0;
}

static int
reduce_start_step(struct reducer *r, const struct json *chunk ATTR_UNUSED,
    struct reduce_result *res ATTR_UNUSED, struct err *e ATTR_UNUSED)
{
	r->step++;
	message_push(r->message, part_new(PART_STEP_START, "step-start"));
	return 0;
}

static int
reduce_nothing(struct reducer *r ATTR_UNUSED,
    const struct json *chunk ATTR_UNUSED,
    struct reduce_result *res ATTR_UNUSED, struct err *e ATTR_UNUSED)
{
	return 0;
}

static int
reduce_reset_step(struct reducer *r, const struct json *chunk ATTR_UNUSED,
    struct reduce_result *res, struct err *e ATTR_UNUSED)
{
	struct part *p;

	forget_all(r);
	while ((p = TAILQ_LAST(&r->message->parts, part_list)) != NULL &&
	    p->type != PART_STEP_START) {
		reducer_drop_last(r);
		res->updated = true;
	}
	return 0;
}

static int
reduce_error(struct reducer *r ATTR_UNUSED, const struct json *chunk,
    struct reduce_result *res, struct err *e ATTR_UNUSED)
{
	res->error_text = json_get_str(chunk, "errorText");
	return 0;
}

/* A set providerMetadata replaces the part's. */
static void
replace_metadata(struct part *p, const struct json *chunk)
{
	const struct json *v = json_get(chunk, "providerMetadata");

	if (!json_is_set(v))
		return;
	free(p->metadata);
	p->metadata = json_text(v);
}

static struct open *
find_open(struct open_list *list, const struct json *chunk)
{
	const char *id = json_get_str(chunk, "id");
	struct open *o;

	TAILQ_FOREACH(o, list, entry)
		if (strcmp(o->id, id) == 0)
			return o;
	return NULL;
}

static void
block_start(struct reducer *r, struct open_list *list, struct part *p,
    const struct json *chunk, struct reduce_result *res)
{
	struct open *o = find_open(list, chunk);

	if (o == NULL) {
		o = xcalloc(1, sizeof *o);
		o->id = xstrdup(json_get_str(chunk, "id"));
		TAILQ_INSERT_HEAD(list, o, entry);
	}
	o->part = p;
	p->state = STATE_STREAMING;
	replace_metadata(p, chunk);
	append_part(r, p, res);
}

static int
block_missing(const struct json *chunk, struct err *e)
{
	return err_set(e, ERR_INPUT, "chunk %s: no block \"%.64s\" is open",
	    json_get_str(chunk, "type"), json_get_str(chunk, "id"));
}

static int
block_delta(struct open_list *list, const struct json *chunk,
    struct reduce_result *res, struct err *e)
{
	struct open *o = find_open(list, chunk);
	const struct json *delta = json_get(chunk, "delta");

	if (o == NULL)
		return block_missing(chunk, e);
	utf8_add_wtf(&o->part->text, json_str(delta), json_len(delta));
	replace_metadata(o->part, chunk);
	reducer_touch(o->part, res);
	return 0;
}

static int
block_end(struct open_list *list, const struct json *chunk,
    struct reduce_result *res, struct err *e)
{
	struct open *o = find_open(list, chunk);

	if (o == NULL)
		return block_missing(chunk, e);
	o->part->state = STATE_DONE;
	replace_metadata(o->part, chunk);
	reducer_touch(o->part, res);
	TAILQ_REMOVE(list, o, entry);
	free(o->id);
	free(o);
	return 0;
}

static int
reduce_text_start(struct reducer *r, const struct json *chunk,
    struct reduce_result *res, struct err *e ATTR_UNUSED)
{
	block_start(r, &r->texts, part_new(PART_TEXT, "text"), chunk, res);
	return 0;
}

static int
reduce_text_delta(struct reducer *r, const struct json *chunk,
    struct reduce_result *res, struct err *e)
{
	return block_delta(&r->texts, chunk, res, e);
}

/* Copies the members named. */
static void
write_named(struct json_w *w, const struct json *v, const char *const *names)
{
	const struct json *m;

	json_w_obj(w);
	for (; *names != NULL; names++) {
		m = json_get(v, *names);
		if (m != NULL)
			json_w_kvalue(w, *names, m);
	}
	json_w_obj_end(w);
}

static void
write_citation(struct json_w *w, const struct json *v)
{
	static const char *const url[] = { "type", "sourceType", "id", "url",
		"title", "providerMetadata", NULL };
	static const char *const document[] = { "type", "sourceType", "id",
		"mediaType", "title", "filename", "providerMetadata", NULL };
	static const char *const rest[] = { "startIndex", "endIndex",
		"citedText", NULL };
	const struct json *source = json_get(v, "source"), *m;
	size_t i;

	json_w_obj(w);
	json_w_key(w, "source");
	write_named(w, source,
	    json_streq(json_get(source, "sourceType"), "url") ? url :
	    document);
	for (i = 0; rest[i] != NULL; i++) {
		m = json_get(v, rest[i]);
		if (m != NULL)
			json_w_kvalue(w, rest[i], m);
	}
	json_w_obj_end(w);
}

/* Unlike chunks, citations are not loose: what is unknown falls away. */
static char *
citations_text(const struct json *list)
{
	struct buf b = BUF_INIT;
	const struct json *v;
	struct json_w w;

	json_w_init(&w, &b);
	json_w_arr(&w);
	JSON_EACH(v, list)
		write_citation(&w, v);
	json_w_arr_end(&w);
	return buf_take(&b);
}

static int
reduce_text_end(struct reducer *r, const struct json *chunk,
    struct reduce_result *res, struct err *e)
{
	const struct json *citations = json_get(chunk, "citations");

	if (block_end(&r->texts, chunk, res, e) == -1)
		return -1;
	if (json_is_set(citations)) {
		free(res->part->citations);
		res->part->citations = citations_text(citations);
	}
	return 0;
}

static int
reduce_reasoning_start(struct reducer *r, const struct json *chunk,
    struct reduce_result *res, struct err *e ATTR_UNUSED)
{
	struct part *p = part_new(PART_REASONING, "reasoning");

	p->id = xstrdup(json_get_str(chunk, "id"));
	block_start(r, &r->reasonings, p, chunk, res);
	return 0;
}

static int
reduce_reasoning_delta(struct reducer *r, const struct json *chunk,
    struct reduce_result *res, struct err *e)
{
	return block_delta(&r->reasonings, chunk, res, e);
}

static int
reduce_reasoning_end(struct reducer *r, const struct json *chunk,
    struct reduce_result *res, struct err *e)
{
	return block_end(&r->reasonings, chunk, res, e);
}

/* Chunks that become a part of only these fields, always a new one. */
static int
reduce_copied(struct reducer *r, const struct json *chunk,
    struct reduce_result *res, struct err *e ATTR_UNUSED)
{
	static const struct {
		enum part_type type;
		const char *names[7];
	} copied[] = {
		{ PART_CUSTOM, { "type", "kind", "providerMetadata" } },
		{ PART_SOURCE_URL, { "type", "sourceId", "url", "title",
		    "providerMetadata" } },
		{ PART_SOURCE_DOCUMENT, { "type", "sourceId", "mediaType",
		    "title", "filename", "providerMetadata" } },
		{ PART_FILE, { "type", "mediaType", "url",
		    "providerMetadata" } },
		{ PART_REASONING_FILE, { "type", "mediaType", "url",
		    "providerMetadata" } },
		{ PART_STEERING, { "type", "id", "parts" } },
	};
	const char *name = json_get_str(chunk, "type");
	enum part_type type = part_type_of(name);
	struct buf b = BUF_INIT;
	struct json_w w;
	size_t i = 0;

	while (copied[i].type != type)
		i++;
	json_w_init(&w, &b);
	write_named(&w, chunk, copied[i].names);
	append_part(r, part_new_raw(name, buf_take(&b)), res);
	return 0;
}

static struct part *
find_data(struct reducer *r, const struct json *chunk)
{
	const char *name = json_get_str(chunk, "type");
	const char *id = json_get_str(chunk, "id");
	struct part *p;

	if (id == NULL)
		return NULL;
	TAILQ_FOREACH(p, &r->message->parts, entry)
		if (p->type == PART_DATA && p->id != NULL &&
		    strcmp(p->type_name, name) == 0 && strcmp(p->id, id) == 0)
			return p;
	return NULL;
}

static int
reduce_data(struct reducer *r, const struct json *chunk,
    struct reduce_result *res, struct err *e ATTR_UNUSED)
{
	const struct json *data = json_get(chunk, "data");
	struct part *p;

	if (json_bool(json_get(chunk, "transient"), false))
		return 0;
	p = find_data(r, chunk);
	if (p == NULL) {
		append_part(r, part_read(chunk), res);
		return 0;
	}
	free(p->data);
	p->data = data == NULL ? NULL : json_text(data);
	reducer_touch(p, res);
	return 0;
}

static const reduce_fn handlers[CHUNK_TYPE_COUNT] = {
	[CHUNK_START] = reduce_start,
	[CHUNK_FINISH] = reduce_finish,
	[CHUNK_MESSAGE_METADATA] = reduce_metadata,
	[CHUNK_START_STEP] = reduce_start_step,
	[CHUNK_FINISH_STEP] = reduce_nothing,
	[CHUNK_RESET_STEP] = reduce_reset_step,
	[CHUNK_ABORT] = reduce_nothing,
	[CHUNK_ERROR] = reduce_error,
	[CHUNK_TEXT_START] = reduce_text_start,
	[CHUNK_TEXT_DELTA] = reduce_text_delta,
	[CHUNK_TEXT_END] = reduce_text_end,
	[CHUNK_REASONING_START] = reduce_reasoning_start,
	[CHUNK_REASONING_DELTA] = reduce_reasoning_delta,
	[CHUNK_REASONING_END] = reduce_reasoning_end,
	[CHUNK_CUSTOM] = reduce_copied,
	[CHUNK_SOURCE_URL] = reduce_copied,
	[CHUNK_SOURCE_DOCUMENT] = reduce_copied,
	[CHUNK_FILE] = reduce_copied,
	[CHUNK_REASONING_FILE] = reduce_copied,
	[CHUNK_STEERING_MESSAGE] = reduce_copied,
	[CHUNK_TOOL_INPUT_START] = reduce_tool_input_start,
	[CHUNK_TOOL_INPUT_DELTA] = reduce_tool_input_delta,
	[CHUNK_TOOL_INPUT_AVAILABLE] = reduce_tool_input_available,
	[CHUNK_TOOL_INPUT_ERROR] = reduce_tool_input_error,
	[CHUNK_TOOL_APPROVAL_REQUEST] = reduce_tool_approval_request,
	[CHUNK_TOOL_APPROVAL_RESPONSE] = reduce_tool_approval_response,
	[CHUNK_TOOL_OUTPUT_AVAILABLE] = reduce_tool_output_available,
	[CHUNK_TOOL_OUTPUT_ERROR] = reduce_tool_output_error,
	[CHUNK_TOOL_OUTPUT_DENIED] = reduce_tool_output_denied,
	[CHUNK_DATA] = reduce_data,
};

int
reducer_apply(struct reducer *r, const struct json *chunk,
    struct reduce_result *res, struct err *e)
{
	struct reduce_result unused;
	enum chunk_type type;

	if (res == NULL)
		res = &unused;
	*res = (struct reduce_result){ .layer = REDUCE_SCHEMA };
	if (chunk_check(chunk, &type, e) == -1)
		return -1;
	res->layer = REDUCE_STATE;
	return handlers[type](r, chunk, res, e);
}
