/* SPDX-License-Identifier: GPL-3.0-or-later */
/* anthropic_messages.c - ModelMessages as turns of the Messages API */

/*
 * The results of a message's calls follow at once, in the order of the calls,
 * one for each (providers 4.2); the tool messages are then passed over.
 */

#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/mem.h"
#include "model/anthropic.h"
#include "model/model_priv.h"
#include "model/part.h"
#include "model/tool_names.h"
#include "model/turns.h"

enum { CALL_ID_MAX = 64 };

struct messages {
	const struct model *model;
	struct turns *turns;
	bool thinking;
};

static bool
is_blank(const char *s, size_t len)
{
	return strspn(s, " \t\r\n") >= len;
}

/* ------------------------------------------------------------------- files */

static bool
is_shown(const char *type)
{
	static const char *const types[] = { "image/jpeg", "image/png",
	    "image/gif", "image/webp", "application/pdf" };

	for (size_t i = 0; i < NELEM(types); i++)
		if (strcmp(type, types[i]) == 0)
			return true;
	return false;
}

static void
write_source(struct json_w *w, const char *url, const char *type)
{
	const char *payload = url_payload(url);

	json_w_key(w, "source");
	json_w_obj(w);
	json_w_kstr(w, "type", payload != NULL ? "base64" : "url");
	if (payload != NULL)
		json_w_kstr(w, "media_type", type);
	json_w_kstr(w, payload != NULL ? "data" : "url",
	    payload != NULL ? payload : url);
	json_w_obj_end(w);
}

static void
write_plain(struct json_w *w, const char *payload)
{
	struct buf text = BUF_INIT;

	/* of what breaks off, what came before is still worth telling */
	if (base64_decode(&text, payload, strlen(payload)) == -1)
		buf_adds(&text, "\n[the rest cannot be read]");
	json_w_kstr(w, "type", "document");
	json_w_key(w, "source");
	json_w_obj(w);
	json_w_kstr(w, "type", "text");
	json_w_kstr(w, "media_type", "text/plain");
	json_w_kstrn(w, "data", text.data, text.len);
	json_w_obj_end(w);
	buf_clear(&text);
}

/* The members of a file's block. */
static void
write_file(struct json_w *w, const struct json *part)
{
	const char *type = part_media_type(part);
	const char *name = json_get_str(part, "filename");
	char *url = part_url(part);
	const char *payload = url != NULL ? url_payload(url) : NULL;

	if (url != NULL && is_shown(type)) {
		bool image = strncmp(type, "image/", 6) == 0;

		json_w_kstr(w, "type", image ? "image" : "document");
		write_source(w, url, type);
		if (!image && name != NULL)
			json_w_kstr(w, "title", name);
	} else if (payload != NULL && type_is_text(type)) {
		write_plain(w, payload);
		if (name != NULL)
			json_w_kstr(w, "title", name);
	} else {
		char *words = xasprintf("[%s (%s) cannot be shown here]",
		    name != NULL ? name : "a file", type);

		json_w_kstr(w, "type", "text");
		json_w_kstr(w, "text", words);
		free(words);
	}
	free(url);
}

/* -------------------------------------------------------------------- user */

static void
write_text(struct messages *ms, bool user, const char *s, size_t len)
{
	struct json_w *w;

	if (is_blank(s, len))	/* a 400 */
		return;
	w = turns_block(ms->turns, user);
	json_w_kstr(w, "type", "text");
	json_w_kstrn(w, "text", s, len);
}

static void
read_user(struct messages *ms, const struct json *m)
{
	const struct json *content = json_get(m, "content"), *p;

	if (json_is(content, JSON_STRING)) {
		write_text(ms, true, json_str(content), json_len(content));
		return;
	}
	JSON_EACH(p, content) {
		if (part_is(p, "text"))
			write_text(ms, true, part_str(p, "text"),
			    json_len(json_get(p, "text")));
		else if (part_is(p, "file") || part_is(p, "image"))
			write_file(turns_block(ms->turns, true), p);
	}
}

/* --------------------------------------------------------------- assistant */

/* Unchanged, or not at all: the signature covers the text. */
static void
write_reasoning(struct messages *ms, const struct json *p)
{
	const struct json *own = part_own(ms->model, p, ANTHROPIC_KEY);
	const char *signature = json_get_str(own, "signature");
	const char *redacted = json_get_str(own, "redactedData");
	struct json_w *w;

	if (!ms->thinking || (signature == NULL && redacted == NULL))
		return;
	w = turns_block(ms->turns, false);
	if (redacted != NULL) {
		json_w_kstr(w, "type", "redacted_thinking");
		json_w_kstr(w, "data", redacted);
		return;
	}
	json_w_kstr(w, "type", "thinking");
	json_w_kstrn(w, "thinking", part_str(p, "text"),
	    json_len(json_get(p, "text")));
	json_w_kstr(w, "signature", signature);
}

static void
write_call(struct messages *ms, const struct json *call)
{
	const struct json *input = json_get(call, "input");
	struct json_w *w = turns_block(ms->turns, false);
	char *id = call_id_plain(part_str(call, "toolCallId"), CALL_ID_MAX);

	json_w_kstr(w, "type", "tool_use");
	json_w_kstr(w, "id", id);
	tool_name_write(w, "name", part_str(call, "toolName"));
	if (json_is(input, JSON_OBJECT))
		json_w_kvalue(w, "input", input);
	else
		json_w_kraw(w, "input", "{}");
	free(id);
}

static void
write_blocks(struct json_w *w, const struct json *blocks)
{
	const struct json *p;

	json_w_arr(w);
	JSON_EACH(p, blocks) {
		const struct json *text = json_get(p, "text");

		if (json_is(text, JSON_STRING) &&
		    is_blank(json_str(text), json_len(text)))
			continue;
		json_w_obj(w);
		if (json_is(text, JSON_STRING)) {
			json_w_kstr(w, "type", "text");
			json_w_kvalue(w, "text", text);
		} else {
			write_file(w, p);
		}
		json_w_obj_end(w);
	}
	json_w_arr_end(w);
}

static void
write_result(struct messages *ms, const char *call_id,
    const struct json *output)
{
	struct json_w *w = turns_block(ms->turns, true);
	const struct json *blocks = output_blocks(output);
	char *id = call_id_plain(call_id, CALL_ID_MAX);
	char *text = output_string(output);

	json_w_kstr(w, "type", "tool_result");
	json_w_kstr(w, "tool_use_id", id);
	json_w_key(w, "content");
	if (blocks != NULL)
		write_blocks(w, blocks);
	else
		json_w_str(w, text);
	if (output == NULL || output_is_error(output))
		json_w_kbool(w, "is_error", true);
	free(text);
	free(id);
}

/* A prefix for the answer must not end in blanks. */
static size_t
trimmed(const struct json *m, const struct json *p)
{
	const char *s = part_str(p, "text");
	size_t len = json_len(json_get(p, "text"));

	if (json_next(m) == NULL && json_next(p) == NULL)
		while (len > 0 && strchr(" \t\r\n", s[len - 1]) != NULL)
			len--;
	return len;
}

static void
read_assistant(struct messages *ms, const struct json *m)
{
	const struct json *content = json_get(m, "content"), *p;

	if (json_is(content, JSON_STRING)) {
		write_text(ms, false, json_str(content), json_len(content));
		return;
	}
	JSON_EACH(p, content) {
		if (part_is(p, "text"))
			write_text(ms, false, part_str(p, "text"),
			    trimmed(m, p));
		else if (part_is(p, "reasoning"))
			write_reasoning(ms, p);
		else if (part_is_call(p))
			write_call(ms, p);
	}
	JSON_EACH(p, content)
		if (part_is_call(p))
			write_result(ms, part_str(p, "toolCallId"), json_get(
			    result_find(m, part_str(p, "toolCallId")),
			    "output"));
}

void
anthropic_messages_read(const struct model *m, const struct model_request *rq,
    bool thinking, struct turns *ts)
{
	struct messages ms = { .model = m, .turns = ts, .thinking = thinking };
	const struct json *msg;

	JSON_EACH(msg, rq->messages) {
		const struct json *role = json_get(msg, "role");

		if (json_streq(role, "assistant") && ts->count == 0)
			write_text(&ms, true, "(continued)", 11);
		if (json_streq(role, "assistant"))
			read_assistant(&ms, msg);
		else if (json_streq(role, "user"))
			read_user(&ms, msg);
	}
}
