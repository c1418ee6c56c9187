/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gemini_contents.c - ModelMessages as contents of generateContent */

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/gemini.h"
#include "model/model_priv.h"
#include "model/part.h"
#include "model/tool_names.h"
#include "model/turns.h"

struct contents {
	const struct model *model;
	struct turns *turns;
	bool checks;		/* the model wants calls signed */
};

static void
write_text(struct contents *c, bool user, const char *s, size_t len)
{
	if (len > 0)
		json_w_kstrn(turns_block(c->turns, user), "text", s, len);
}

static void
write_data(struct json_w *w, const struct json *part, const char *url)
{
	const char *payload = url_payload(url);

	json_w_key(w, payload != NULL ? "inlineData" : "fileData");
	json_w_obj(w);
	json_w_kstr(w, "mimeType", part_media_type(part));
	json_w_kstr(w, payload != NULL ? "data" : "fileUri",
	    payload != NULL ? payload : url);
	json_w_obj_end(w);
}

static void
write_file(struct contents *c, bool user, const struct json *part)
{
	char *url = part_url(part);

	if (url != NULL)
		write_data(turns_block(c->turns, user), part, url);
	free(url);
}

static void
read_user(struct contents *c, const struct json *m)
{
	const struct json *content = json_get(m, "content"), *p;

	if (json_is(content, JSON_STRING)) {
		write_text(c, true, json_str(content), json_len(content));
		return;
	}
	JSON_EACH(p, content) {
		if (part_is(p, "text"))
			write_text(c, true, part_str(p, "text"),
			    json_len(json_get(p, "text")));
		else if (part_is(p, "file") || part_is(p, "image"))
			write_file(c, true, p);
	}
}

/* --------------------------------------------------------------- the model */

static const char *
signature_of(const struct contents *c, const struct json *part)
{
	const char *s = json_get_str(part_own(c->model, part, GEMINI_KEY),
	    "thoughtSignature");

	return s != NULL && gemini_refused(c->model, s) ? NULL : s;
}

static void
write_signature(struct json_w *w, const char *signature)
{
	if (signature != NULL)
		json_w_kstr(w, "thoughtSignature", signature);
}

/* An empty text is kept if it carries a signature. */
static void
write_said(struct contents *c, const struct json *p, bool thought)
{
	const char *signature = signature_of(c, p);
	const struct json *text = json_get(p, "text");
	struct json_w *w;

	/* thoughts of others are nothing to it */
	if (thought && part_own(c->model, p, GEMINI_KEY) == NULL)
		return;
	if (json_len(text) == 0 && signature == NULL)
		return;
	w = turns_block(c->turns, false);
	json_w_kstrn(w, "text", part_str(p, "text"), json_len(text));
	if (thought)
		json_w_kbool(w, "thought", true);
	write_signature(w, signature);
}

/* Only if the call came with one: others pair by order and name. */
static void
write_id(struct contents *c, struct json_w *w, const struct json *call)
{
	const char *id = json_get_str(part_own(c->model, call, GEMINI_KEY),
	    "functionCallId");

	if (id != NULL)
		json_w_kstr(w, "id", id);
}

/* Of an answer's calls only the first is signed, and must be. */
static void
write_call(struct contents *c, const struct json *call, bool first)
{
	const struct json *input = json_get(call, "input");
	struct json_w *w = turns_block(c->turns, false);
	const char *signature = signature_of(c, call);

	json_w_key(w, "functionCall");
	json_w_obj(w);
	write_id(c, w, call);
	tool_name_write(w, "name", part_str(call, "toolName"));
	if (json_is(input, JSON_OBJECT))
		json_w_kvalue(w, "args", input);
	else
		json_w_kraw(w, "args", "{}");
	json_w_obj_end(w);
	if (signature == NULL && first && c->checks)
		signature = GEMINI_UNSIGNED;
	write_signature(w, signature);
}

/* Since Gemini 3 a result may hold pictures itself. */
static void
write_pictures(struct json_w *w, const struct json *blocks)
{
	const struct json *b;
	bool any = false;

	JSON_EACH(b, blocks) {
		char *url = json_get_str(b, "text") == NULL ? part_url(b) :
		    NULL;

		if (url == NULL)
			continue;
		if (!any) {
			json_w_key(w, "parts");
			json_w_arr(w);
		}
		any = true;
		json_w_obj(w);
		write_data(w, b, url);
		json_w_obj_end(w);
		free(url);
	}
	if (any)
		json_w_arr_end(w);
}

static void
write_result(struct contents *c, const struct json *call,
    const struct json *output)
{
	struct json_w *w = turns_block(c->turns, true);
	bool failed = output == NULL || output_is_error(output) ||
	    part_is(output, "execution-denied");
	char *text = output_string(output);

	json_w_key(w, "functionResponse");
	json_w_obj(w);
	write_id(c, w, call);
	tool_name_write(w, "name", part_str(call, "toolName"));
	json_w_key(w, "response");
	json_w_obj(w);
	if (part_is(output, "json") && output_blocks(output) == NULL)
		json_w_kvalue(w, "output", json_get(output, "value"));
	else
		json_w_kstr(w, failed ? "error" : "output", text);
	json_w_obj_end(w);
	if (c->checks)
		write_pictures(w, output_blocks(output));
	json_w_obj_end(w);
	free(text);
}

/* All answers first, then the pictures that could not stand in them. */
static void
write_results(struct contents *c, const struct json *m)
{
	const struct json *p, *b, *content = json_get(m, "content");

	JSON_EACH(p, content)
		if (part_is_call(p))
			write_result(c, p, json_get(result_find(m,
			    part_str(p, "toolCallId")), "output"));
	JSON_EACH(p, content) {
		if (!part_is_call(p) || c->checks)
			continue;
		JSON_EACH(b, output_blocks(json_get(result_find(m,
		    part_str(p, "toolCallId")), "output")))
			if (json_get_str(b, "text") == NULL)
				write_file(c, true, b);
	}
}

static void
read_model(struct contents *c, const struct json *m)
{
	const struct json *content = json_get(m, "content"), *p;
	bool called = false;

	if (json_is(content, JSON_STRING)) {
		write_text(c, false, json_str(content), json_len(content));
		return;
	}
	JSON_EACH(p, content) {
		if (part_is(p, "text") || part_is(p, "reasoning"))
			write_said(c, p, part_is(p, "reasoning"));
		else if (part_is(p, "file"))
			write_file(c, false, p);
		if (!part_is_call(p))
			continue;
		write_call(c, p, !called);
		called = true;
	}
	write_results(c, m);
}

void
gemini_contents_write(const struct model *m, const struct model_request *rq,
    struct json_w *w)
{
	struct turns ts = { 0 };
	struct contents c = { .model = m, .turns = &ts,
	    .checks = gemini_checks(m) };
	const struct json *msg;

	JSON_EACH(msg, rq->messages) {
		const struct json *role = json_get(msg, "role");

		/* the user comes first */
		if (json_streq(role, "assistant") && ts.count == 0)
			write_text(&c, true, "(continued)", 11);
		if (json_streq(role, "assistant"))
			read_model(&c, msg);
		else if (json_streq(role, "user"))
			read_user(&c, msg);
	}
	json_w_arr(w);
	for (size_t i = 0; i < ts.count; i++) {
		json_w_obj(w);
		json_w_kstr(w, "role", ts.list[i].user ? "user" : "model");
		json_w_key(w, "parts");
		turns_write(&ts, i, w, NULL);
		json_w_obj_end(w);
	}
	json_w_arr_end(w);
	turns_clear(&ts);
}
