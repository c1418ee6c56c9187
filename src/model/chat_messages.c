/* SPDX-License-Identifier: GPL-3.0-or-later */
/* chat_messages.c - ModelMessages as the messages of Chat Completions */

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/ability.h"
#include "model/chat_request.h"
#include "model/model_priv.h"
#include "model/part.h"
#include "model/tool_names.h"

enum { SHORT_ID = 9 };	/* Mistral (providers 11) */

struct messages {
	const struct model *model;
	const struct model_request *rq;
	struct json_w *w;
	bool strict;		/* Mistral's models, whoever serves them */
	bool after_tool;	/* the message before is a result */
};

static void
begin(struct messages *ms, const char *role)
{
	json_w_obj(ms->w);
	json_w_kstr(ms->w, "role", role);
	ms->after_tool = false;
}

/* "Unexpected role 'user' after role 'tool'": the model speaks between. */
static void
begin_user(struct messages *ms)
{
	if (ms->strict && ms->after_tool) {
		begin(ms, "assistant");
		json_w_kstr(ms->w, "content", "Understood.");
		json_w_obj_end(ms->w);
	}
	begin(ms, "user");
}

/* ------------------------------------------------------------------ system */

/* OpenAI's reasoning models want another name for it (providers 2.2). */
static const char *
system_role(const struct model *m)
{
	return m->provider->vendor && (ability_of(m).can & ABLE_REASON) != 0 ?
	    "developer" : "system";
}

/* Only one, and first: templates of local models fail on others. */
static void
write_system(struct messages *ms)
{
	char *text = system_text(ms->rq);

	if (text[0] != '\0') {
		begin(ms, system_role(ms->model));
		json_w_kstr(ms->w, "content", text);
		json_w_obj_end(ms->w);
	}
	free(text);
}

/* -------------------------------------------------------------------- user */

static void
write_text_part(struct messages *ms, const char *s, size_t len)
{
	json_w_obj(ms->w);
	json_w_kstr(ms->w, "type", "text");
	json_w_kstrn(ms->w, "text", s, len);
	json_w_obj_end(ms->w);
}

static void
write_image(struct messages *ms, const char *url)
{
	json_w_obj(ms->w);
	json_w_kstr(ms->w, "type", "image_url");
	json_w_key(ms->w, "image_url");
	json_w_obj(ms->w);
	json_w_kstr(ms->w, "url", url);
	json_w_obj_end(ms->w);
	json_w_obj_end(ms->w);
}

static void
write_audio(struct messages *ms, const char *payload, const char *media_type)
{
	json_w_obj(ms->w);
	json_w_kstr(ms->w, "type", "input_audio");
	json_w_key(ms->w, "input_audio");
	json_w_obj(ms->w);
	json_w_kstr(ms->w, "data", payload);
	json_w_kstr(ms->w, "format", strstr(media_type, "wav") != NULL ?
	    "wav" : "mp3");
	json_w_obj_end(ms->w);
	json_w_obj_end(ms->w);
}

static void
write_document(struct messages *ms, const char *url, const char *name)
{
	json_w_obj(ms->w);
	if (ms->model->provider->mistral) {
		json_w_kstr(ms->w, "type", "document_url");
		json_w_kstr(ms->w, "document_url", url);
		json_w_obj_end(ms->w);
		return;
	}
	json_w_kstr(ms->w, "type", "file");
	json_w_key(ms->w, "file");
	json_w_obj(ms->w);
	json_w_kstr(ms->w, "filename", name);
	json_w_kstr(ms->w, "file_data", url);
	json_w_obj_end(ms->w);
	json_w_obj_end(ms->w);
}

/* Text is understood by every model: written out, with its name. */
static void
write_text_file(struct messages *ms, const struct json *part,
    const char *payload)
{
	char *text = part_file_text(part, payload);

	write_text_part(ms, text, strlen(text));
	free(text);
}

static void
write_file(struct messages *ms, const struct json *part)
{
	const char *type = part_media_type(part);
	const char *name = json_get_str(part, "filename");
	char *url = part_url(part);

	if (url == NULL)
		return;
	const char *payload = url_payload(url);
	if (strncmp(type, "image/", 6) == 0)
		write_image(ms, url);
	else if (strncmp(type, "audio/", 6) == 0 && payload != NULL)
		write_audio(ms, payload, type);
	else if (type_is_text(type) && payload != NULL)
		write_text_file(ms, part, payload);
	else
		write_document(ms, url, name != NULL ? name : "file");
	free(url);
}

static void
write_user(struct messages *ms, const struct json *m)
{
	const struct json *content = json_get(m, "content");
	const struct json *p = json_first(content);

	begin_user(ms);
	json_w_key(ms->w, "content");
	/* a plain string where it will do: templates of small servers */
	if (json_is(content, JSON_STRING)) {
		json_w_value(ms->w, content);
	} else if (p == NULL) {
		json_w_str(ms->w, "");
	} else if (json_next(p) == NULL && part_is(p, "text")) {
		json_w_value(ms->w, json_get(p, "text"));
	} else {
		json_w_arr(ms->w);
		JSON_EACH(p, content) {
			const struct json *text = json_get(p, "text");

			if (part_is(p, "text") && json_is(text, JSON_STRING))
				write_text_part(ms, json_str(text),
				    json_len(text));
			else if (part_is(p, "file") || part_is(p, "image"))
				write_file(ms, p);
		}
		json_w_arr_end(ms->w);
	}
	json_w_obj_end(ms->w);
}

/* --------------------------------------------------------------- assistant */

static bool
is_short(const char *id)
{
	size_t n = 0;

	while (isalnum((unsigned char)id[n]))
		n++;
	return n == SHORT_ID && id[n] == '\0';
}

/* Mistral refuses ids of another form: the same id gives the same new one. */
static void
write_id(struct messages *ms, const char *name, const char *id)
{
	static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
	char made[SHORT_ID + 1] = "";
	uint64_t hash = 14695981039346656037u;	/* FNV-1a */

	if (id == NULL)
		id = "";
	if (ms->strict && !is_short(id)) {
		for (const char *p = id; *p != '\0'; p++)
			hash = (hash ^ (unsigned char)*p) * 1099511628211u;
		for (size_t i = 0; i < SHORT_ID; i++, hash /= 36)
			made[i] = digits[hash % 36];
		id = made;
	}
	json_w_kstr(ms->w, name, id);
}

/* What this provider and model gave with a part (providers 1.4), or NULL. */
static const struct json *
own_options(const struct messages *ms, const struct json *part)
{
	const struct json *o = json_path(part, "providerOptions",
	    ms->model->provider->name, NULL);

	return json_streq(json_get(o, "model"), ms->model->id) ? o : NULL;
}

static void
write_call(struct messages *ms, const struct json *call)
{
	const struct json *input = json_get(call, "input");
	const struct json *extra = json_get(own_options(ms, call),
	    "extra_content");
	char *args = json_is(input, JSON_OBJECT) ? json_text(input) :
	    xstrdup("{}");

	json_w_obj(ms->w);
	write_id(ms, "id", json_get_str(call, "toolCallId"));
	json_w_kstr(ms->w, "type", "function");
	json_w_key(ms->w, "function");
	json_w_obj(ms->w);
	tool_name_write(ms->w, "name", json_get_str(call, "toolName"));
	json_w_kstr(ms->w, "arguments", args);
	json_w_obj_end(ms->w);
	if (extra != NULL)
		json_w_kvalue(ms->w, "extra_content", extra);
	json_w_obj_end(ms->w);
	free(args);
}

/* DeepSeek wants its reasoning in every message, "" where there was none. */
static void
write_reasoning(struct messages *ms, const struct json *content)
{
	struct buf b = BUF_INIT;
	const struct json *p;

	JSON_EACH(p, content)
		if (part_is(p, "reasoning") && own_options(ms, p) != NULL &&
		    json_get_str(p, "text") != NULL)
			buf_adds(&b, json_get_str(p, "text"));
	json_w_kstrn(ms->w, "reasoning_content", b.data, b.len);
	buf_clear(&b);
}

/* OpenRouter: unchanged and in order */
static void
write_details(struct messages *ms, const struct json *content)
{
	const struct json *p, *d;
	bool any = false;

	JSON_EACH(p, content)
		JSON_EACH(d, json_get(own_options(ms, p),
		    "reasoning_details")) {
			if (!any) {
				json_w_key(ms->w, "reasoning_details");
				json_w_arr(ms->w);
				any = true;
			}
			json_w_value(ms->w, d);
		}
	if (any)
		json_w_arr_end(ms->w);
}

static void
write_calls(struct messages *ms, const struct json *content)
{
	const struct json *p;

	json_w_key(ms->w, "tool_calls");
	json_w_arr(ms->w);
	JSON_EACH(p, content)
		if (part_is_call(p))
			write_call(ms, p);
	json_w_arr_end(ms->w);
}

static void
write_assistant(struct messages *ms, const struct json *m)
{
	const struct json *content = json_get(m, "content"), *p;
	struct buf text = BUF_INIT;
	bool calls = false, own = false;

	if (json_is(content, JSON_STRING))
		buf_add(&text, json_str(content), json_len(content));
	if (!json_is(content, JSON_ARRAY))
		content = NULL;
	JSON_EACH(p, content) {
		if (part_is(p, "text") && json_get_str(p, "text") != NULL)
			buf_add(&text, json_get_str(p, "text"),
			    json_len(json_get(p, "text")));
		calls = calls || part_is_call(p);
		own = own || own_options(ms, p) != NULL;
	}
	if (text.len == 0 && !calls && !own) {	/* a 400 at Mistral's */
		buf_clear(&text);
		return;
	}
	begin(ms, "assistant");
	json_w_key(ms->w, "content");
	if (text.len == 0 && calls)
		json_w_null(ms->w);
	else
		json_w_strn(ms->w, text.data, text.len);
	if (ms->model->provider->reasoning_back)
		write_reasoning(ms, content);
	write_details(ms, content);
	if (calls)
		write_calls(ms, content);
	json_w_obj_end(ms->w);
	buf_clear(&text);
}

/* -------------------------------------------------------------------- tool */

static void
write_results(struct messages *ms, const struct json *m)
{
	const struct json *p;

	JSON_EACH(p, json_get(m, "content")) {
		char *text;

		if (!part_is(p, "tool-result"))
			continue;
		text = output_string(json_get(p, "output"));
		begin(ms, "tool");
		write_id(ms, "tool_call_id", json_get_str(p, "toolCallId"));
		json_w_kstr(ms->w, "content", text);
		json_w_obj_end(ms->w);
		ms->after_tool = true;
		free(text);
	}
}

/* Pictures cannot stand in a result: a user message behind shows them. */
static void
write_pictures(struct messages *ms, const struct json *m)
{
	const struct json *p, *c;

	JSON_EACH(p, json_get(m, "content")) {
		JSON_EACH(c, output_blocks(json_get(p, "output"))) {
			char *line;

			if (!part_is_picture(c))
				continue;
			line = xasprintf("The picture that %s gave (call %s):",
			    json_get_str(p, "toolName"),
			    json_get_str(p, "toolCallId"));
			begin_user(ms);
			json_w_key(ms->w, "content");
			json_w_arr(ms->w);
			write_text_part(ms, line, strlen(line));
			write_file(ms, c);
			json_w_arr_end(ms->w);
			json_w_obj_end(ms->w);
			free(line);
		}
	}
}

static void
write_tool_message(struct messages *ms, const struct json *m)
{
	write_results(ms, m);
	write_pictures(ms, m);
}

static const struct {
	const char *role;
	void (*write)(struct messages *, const struct json *);
} roles[] = {
	{ "user", write_user },
	{ "assistant", write_assistant },
	{ "tool", write_tool_message },
};

void
chat_messages_write(const struct model *m, const struct model_request *rq,
    struct json_w *w)
{
	struct messages ms = { .model = m, .rq = rq, .w = w,
	    .strict = m->provider->mistral || strstr(m->id, "stral") != NULL };
	const struct json *msg;

	json_w_arr(w);
	write_system(&ms);
	JSON_EACH(msg, rq->messages)
		for (size_t i = 0; i < NELEM(roles); i++)
			if (json_streq(json_get(msg, "role"), roles[i].role))
				roles[i].write(&ms, msg);
	json_w_arr_end(w);
}
