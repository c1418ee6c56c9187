/* SPDX-License-Identifier: GPL-3.0-or-later */
/* responses_input.c - ModelMessages as items of the Responses API */

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/model_priv.h"
#include "model/part.h"
#include "model/responses.h"
#include "model/tool_names.h"

enum { CALL_ID_MAX = 64 };

struct input {
	const struct model *model;
	struct json_w *w;
	bool reasons;
};

/* ------------------------------------------------------------------- parts */

static void
write_text(struct json_w *w, const char *type, const char *s, size_t len)
{
	json_w_obj(w);
	json_w_kstr(w, "type", type);
	json_w_kstrn(w, "text", s, len);
	json_w_obj_end(w);
}

static void
write_document(struct json_w *w, const struct json *part, const char *url)
{
	const char *name = json_get_str(part, "filename");

	json_w_obj(w);
	json_w_kstr(w, "type", "input_file");
	if (url_payload(url) != NULL) {
		json_w_kstr(w, "filename", name != NULL ? name : "file.pdf");
		json_w_kstr(w, "file_data", url);
	} else {
		json_w_kstr(w, "file_url", url);
	}
	json_w_obj_end(w);
}

static void
write_file(struct json_w *w, const struct json *part)
{
	const char *type = part_media_type(part);
	char *url = part_url(part);

	if (url == NULL)
		return;
	if (strncmp(type, "image/", 6) == 0) {
		json_w_obj(w);
		json_w_kstr(w, "type", "input_image");
		json_w_kstr(w, "image_url", url);
		json_w_obj_end(w);
	} else if (type_is_text(type) && url_payload(url) != NULL) {
		char *text = part_file_text(part, url_payload(url));

		write_text(w, "input_text", text, strlen(text));
		free(text);
	} else {
		write_document(w, part, url);
	}
	free(url);
}

static void
write_user(struct input *in, const struct json *m)
{
	const struct json *content = json_get(m, "content"), *p;

	json_w_obj(in->w);
	json_w_kstr(in->w, "role", "user");
	json_w_key(in->w, "content");
	json_w_arr(in->w);
	if (json_is(content, JSON_STRING))
		write_text(in->w, "input_text", json_str(content),
		    json_len(content));
	else
		JSON_EACH(p, content) {
			if (part_is(p, "text"))
				write_text(in->w, "input_text",
				    part_str(p, "text"),
				    json_len(json_get(p, "text")));
			else if (part_is(p, "file") || part_is(p, "image"))
				write_file(in->w, p);
		}
	json_w_arr_end(in->w);
	json_w_obj_end(in->w);
}

/* --------------------------------------------------------------- assistant */

static const char *
item_id(const struct input *in, const struct json *part)
{
	return json_get_str(part_own(in->model, part, RESPONSES_KEY),
	    "itemId");
}

static bool
same_item(const struct input *in, const struct json *a, const struct json *b)
{
	const char *x = item_id(in, a), *y = item_id(in, b);

	return part_is(b, "reasoning") && x != NULL && y != NULL &&
	    strcmp(x, y) == 0;
}

/* Reasoning alone at the end, of a turn that broke off, is a 400. */
static bool
something_follows(const struct json *p)
{
	for (; p != NULL; p = json_next(p))
		if ((part_is(p, "text") && part_str(p, "text")[0] != '\0') ||
		    part_is_call(p))
			return true;
	return false;
}

/*
 * One item stands in as many parts as it has paragraphs; the encrypted text
 * is at one of them. Without it nothing can be sent back. Gives the last part
 * of the item.
 */
static const struct json *
write_reasoning(struct input *in, const struct json *first, bool *wrote)
{
	const struct json *p, *last = first;
	const char *secret = NULL, *s;

	for (p = first; same_item(in, first, p); p = json_next(p)) {
		last = p;
		s = json_get_str(part_own(in->model, p, RESPONSES_KEY),
		    "reasoningEncryptedContent");
		if (s != NULL)
			secret = s;
	}
	if (secret == NULL || !something_follows(json_next(last)))
		return last;
	json_w_obj(in->w);
	json_w_kstr(in->w, "type", "reasoning");
	json_w_kstr(in->w, "id", item_id(in, first));
	json_w_kstr(in->w, "encrypted_content", secret);
	json_w_key(in->w, "summary");
	json_w_arr(in->w);
	for (p = first; p != json_next(last); p = json_next(p))
		if (part_str(p, "text")[0] != '\0')
			write_text(in->w, "summary_text", part_str(p, "text"),
			    json_len(json_get(p, "text")));
	json_w_arr_end(in->w);
	json_w_obj_end(in->w);
	*wrote = true;
	return last;
}

/* The id of a message may only stand behind its reasoning. */
static void
write_answer(struct input *in, const struct json *p, bool reasoned)
{
	const struct json *own = part_own(in->model, p, RESPONSES_KEY);
	const char *id = json_get_str(own, "itemId");

	if (part_str(p, "text")[0] == '\0')
		return;
	json_w_obj(in->w);
	json_w_kstr(in->w, "role", "assistant");
	json_w_key(in->w, "content");
	json_w_arr(in->w);
	write_text(in->w, "output_text", part_str(p, "text"),
	    json_len(json_get(p, "text")));
	json_w_arr_end(in->w);
	if (id != NULL && (reasoned || !in->reasons))
		json_w_kstr(in->w, "id", id);
	if (json_get_str(own, "phase") != NULL)
		json_w_kstr(in->w, "phase", json_get_str(own, "phase"));
	json_w_obj_end(in->w);
}

static void
write_call(struct input *in, const struct json *call)
{
	const struct json *input = json_get(call, "input");
	char *args = json_is(input, JSON_OBJECT) ? json_text(input) :
	    xstrdup("{}");
	char *id = call_id_plain(part_str(call, "toolCallId"), CALL_ID_MAX);

	json_w_obj(in->w);
	json_w_kstr(in->w, "type", "function_call");
	json_w_kstr(in->w, "call_id", id);
	tool_name_write(in->w, "name", part_str(call, "toolName"));
	json_w_kstr(in->w, "arguments", args);
	json_w_obj_end(in->w);
	free(id);
	free(args);
}

/* Texts and pictures; a result of one text alone is a string. */
static void
write_output(struct input *in, const struct json *output)
{
	const struct json *blocks = output_blocks(output), *p;
	char *text;

	if (blocks == NULL) {
		text = output_string(output);
		json_w_kstr(in->w, "output", text);
		free(text);
		return;
	}
	json_w_key(in->w, "output");
	json_w_arr(in->w);
	JSON_EACH(p, blocks) {
		if (json_get_str(p, "text") != NULL)
			write_text(in->w, "input_text", part_str(p, "text"),
			    json_len(json_get(p, "text")));
		else
			write_file(in->w, p);
	}
	json_w_arr_end(in->w);
}

static void
write_result(struct input *in, const struct json *m, const struct json *call)
{
	const char *call_id = part_str(call, "toolCallId");
	char *id = call_id_plain(call_id, CALL_ID_MAX);

	json_w_obj(in->w);
	json_w_kstr(in->w, "type", "function_call_output");
	json_w_kstr(in->w, "call_id", id);
	write_output(in, json_get(result_find(m, call_id), "output"));
	json_w_obj_end(in->w);
	free(id);
}

static void
write_assistant(struct input *in, const struct json *m)
{
	const struct json *content = json_get(m, "content"), *p;
	bool reasoned = false;

	if (json_is(content, JSON_STRING)) {
		json_w_obj(in->w);
		json_w_kstr(in->w, "role", "assistant");
		json_w_kvalue(in->w, "content", content);
		json_w_obj_end(in->w);
		return;
	}
	JSON_EACH(p, content) {
		if (part_is(p, "text"))
			write_answer(in, p, reasoned);
		else if (part_is_call(p))
			write_call(in, p);
		else if (part_is(p, "reasoning") && item_id(in, p) != NULL)
			p = write_reasoning(in, p, &reasoned);
	}
	JSON_EACH(p, content)
		if (part_is_call(p))
			write_result(in, m, p);
}

void
responses_input_write(const struct model *m, const struct model_request *rq,
    bool reasons, struct json_w *w)
{
	struct input in = { .model = m, .w = w, .reasons = reasons };
	char *system = system_text(rq);
	const struct json *msg;

	json_w_arr(w);
	if (system[0] != '\0') {
		json_w_obj(w);
		json_w_kstr(w, "role", reasons ? "developer" : "system");
		json_w_kstr(w, "content", system);
		json_w_obj_end(w);
	}
	free(system);
	JSON_EACH(msg, rq->messages) {
		if (json_streq(json_get(msg, "role"), "user"))
			write_user(&in, msg);
		else if (json_streq(json_get(msg, "role"), "assistant"))
			write_assistant(&in, msg);
	}
	json_w_arr_end(w);
}
