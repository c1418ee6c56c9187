/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gemini_request.c - a request of Gemini's generateContent */

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/ability.h"
#include "model/gemini.h"
#include "model/model_priv.h"
#include "model/part.h"
#include "model/schema_clean.h"
#include "model/tool_names.h"

struct request {
	const struct model *model;
	const struct model_request *rq;
	struct ability able;
	bool native;		/* the schema is held by the API */
	struct json_w w;
};

bool
gemini_checks(const struct model *m)
{
	unsigned can = ability_of(m).can;

	return (can & ABLE_REASON) != 0 && (can & ABLE_BUDGET) == 0;
}

/* Begin a member, unless the configuration has its own. */
static bool
field(struct request *r, const char *name)
{
	if (json_get(r->model->provider->body, name) != NULL)
		return false;
	json_w_key(&r->w, name);
	return true;
}

static void
write_system(struct request *r)
{
	char *text = system_text(r->rq);

	if (r->rq->schema != NULL && !r->native) {
		char *more = schema_words(r->rq->schema);
		char *both = xasprintf("%s%s%s", text, text[0] != '\0' ?
		    "\n\n" : "", more);

		free(text);
		free(more);
		text = both;
	}
	if (text[0] != '\0' && field(r, "systemInstruction")) {
		json_w_obj(&r->w);
		json_w_key(&r->w, "parts");
		json_w_arr(&r->w);
		json_w_obj(&r->w);
		json_w_kstr(&r->w, "text", text);
		json_w_obj_end(&r->w);
		json_w_arr_end(&r->w);
		json_w_obj_end(&r->w);
	}
	free(text);
}

static void
write_tool(struct request *r, const struct json *tool)
{
	const struct json *schema = json_get(tool, "inputSchema");

	json_w_obj(&r->w);
	tool_name_write(&r->w, "name", json_get_str(tool, "name"));
	json_w_kstr(&r->w, "description", part_str(tool, "description"));
	/* one without properties is refused */
	if (json_len(json_get(schema, "properties")) > 0) {
		json_w_key(&r->w, "parametersJsonSchema");
		schema_clean_write(&r->w, schema, r->model->provider->simple);
	}
	json_w_obj_end(&r->w);
}

static void
write_tools(struct request *r)
{
	size_t count;
	const struct json **tools = tools_sorted(r->rq, &count);

	if (count > 0 && field(r, "tools")) {
		json_w_arr(&r->w);
		json_w_obj(&r->w);
		json_w_key(&r->w, "functionDeclarations");
		json_w_arr(&r->w);
		for (size_t i = 0; i < count; i++)
			write_tool(r, tools[i]);
		json_w_arr_end(&r->w);
		json_w_obj_end(&r->w);
		json_w_arr_end(&r->w);
	}
	free(tools);
}

static const struct {
	const char *effort, *level;
	int64_t budget;
} efforts[] = {
	{ "none", "minimal", 0 }, { "minimal", "minimal", 512 },
	{ "low", "low", 2048 }, { "medium", "medium", 8192 },
	{ "high", "high", 24576 },
};

enum { BUDGET_LEAST = 128 };	/* where thinking cannot be switched off */

/* Never both of level and budget: a 400 (providers 5.2). */
static void
write_thinking(struct request *r)
{
	const char *effort = r->rq->reasoning;
	bool budget = (r->able.can & ABLE_BUDGET) != 0;
	bool none = effort != NULL && strcmp(effort, "none") == 0;

	if ((r->able.can & ABLE_REASON) == 0)
		return;
	json_w_key(&r->w, "thinkingConfig");
	json_w_obj(&r->w);
	for (size_t i = 0; effort != NULL && i < NELEM(efforts); i++) {
		int64_t n = efforts[i].budget;

		if (strcmp(effort, efforts[i].effort) != 0)
			continue;
		if (n == 0 && (r->able.can & ABLE_ALWAYS) != 0)
			n = BUDGET_LEAST;
		if (budget)
			json_w_kint(&r->w, "thinkingBudget", n);
		else
			json_w_kstr(&r->w, "thinkingLevel", none &&
			    r->able.least != NULL ? r->able.least :
			    efforts[i].level);
	}
	if (!none)
		json_w_kbool(&r->w, "includeThoughts", true);
	json_w_obj_end(&r->w);
}

/* Its members and those of the configuration's generationConfig. */
static void
write_config(struct request *r)
{
	const struct json *own = json_get(r->model->provider->body,
	    "generationConfig"), *v;
	size_t begun;

	json_w_key(&r->w, "generationConfig");
	json_w_obj(&r->w);
	begun = r->w.buf->len;
	if (r->rq->max_output > 0 && json_get(own, "maxOutputTokens") == NULL)
		json_w_kint(&r->w, "maxOutputTokens", r->rq->max_output);
	if (r->native) {
		json_w_kstr(&r->w, "responseMimeType", "application/json");
		json_w_key(&r->w, "responseJsonSchema");
		schema_clean_write(&r->w, r->rq->schema, false);
	}
	if (json_get(own, "thinkingConfig") == NULL)
		write_thinking(r);
	JSON_EACH(v, own)
		json_w_kvalue(&r->w, json_name(v), v);
	json_w_obj_end(&r->w);
	if (r->w.buf->len == begun + 1)	/* nothing stands in it */
		buf_cut(r->w.buf, begun - strlen(",\"generationConfig\":{"));
}

int
gemini_request_write(const struct model *m, const struct model_request *rq,
    struct buf *b, struct err *e)
{
	struct request r = { .model = m, .rq = rq, .able = ability_of(m) };
	const struct json *v;

	if (!json_is(rq->messages, JSON_ARRAY))
		return err_set(e, ERR_INPUT, "%s: no messages", m->spec);
	/* older ones refuse tools and a schema together */
	r.native = rq->schema != NULL && (r.able.can & ABLE_SCHEMA) != 0 &&
	    (gemini_checks(m) || json_len(rq->tools) == 0);
	json_w_init(&r.w, b);
	json_w_obj(&r.w);
	write_tools(&r);
	write_system(&r);
	if (field(&r, "contents"))
		gemini_contents_write(m, rq, &r.w);
	write_config(&r);
	JSON_EACH(v, m->provider->body)
		if (strcmp(json_name(v), "generationConfig") != 0)
			json_w_kvalue(&r.w, json_name(v), v);
	json_w_obj_end(&r.w);
	return 0;
}

/* ------------------------------------------------------- another signature */

static uint64_t
hash_of(const char *s)
{
	uint64_t h = 0xcbf29ce484222325u;	/* FNV-1a */

	for (; *s != '\0'; s++)
		h = (h ^ (unsigned char)*s) * 0x100000001b3u;
	return h;
}

bool
gemini_refused(const struct model *m, const char *signature)
{
	uint64_t h = hash_of(signature);

	for (size_t i = 0; i < m->refused_count; i++)
		if (m->refused[i] == h)
			return true;
	return false;
}

static void
refused_add(struct model *m, const struct json *signature)
{
	const char *s = json_str(signature);

	if (s == NULL || strcmp(s, GEMINI_UNSIGNED) == 0 ||
	    gemini_refused(m, s))
		return;
	m->refused = xreallocarray(m->refused, m->refused_count + 1,
	    sizeof(*m->refused));
	m->refused[m->refused_count++] = hash_of(s);
}

static void
write_unsigned(struct model *model, struct json_w *w, const struct json *v,
    bool call)
{
	const struct json *m;

	if (json_is(v, JSON_ARRAY)) {
		json_w_arr(w);
		JSON_EACH(m, v)
			write_unsigned(model, w, m, false);
		json_w_arr_end(w);
	} else if (json_is(v, JSON_OBJECT)) {
		call = json_get(v, "functionCall") != NULL;
		json_w_obj(w);
		JSON_EACH(m, v) {
			bool signature = strcmp(json_name(m),
			    "thoughtSignature") == 0;

			if (signature)
				refused_add(model, m);
			if (signature && !call)
				continue;
			json_w_key(w, json_name(m));
			if (signature)
				json_w_str(w, GEMINI_UNSIGNED);
			else if (call)
				json_w_value(w, m);
			else
				write_unsigned(model, w, m, false);
		}
		json_w_obj_end(w);
	} else {
		json_w_value(w, v);
	}
}

bool
gemini_unsign(struct model *m, struct buf *request)
{
	struct json_doc *doc = json_parse(request->data, request->len, 0,
	    NULL);
	struct buf b = BUF_INIT;
	struct json_w w;
	bool changed;

	if (doc == NULL)
		return false;
	json_w_init(&w, &b);
	write_unsigned(m, &w, json_root(doc), false);
	changed = strcmp(b.data, request->data) != 0;
	buf_clear(request);
	*request = b;
	json_doc_free(doc);
	return changed;
}
