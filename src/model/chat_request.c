/* SPDX-License-Identifier: GPL-3.0-or-later */
/* chat_request.c - a request of the Chat Completions API */

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/ability.h"
#include "model/chat_request.h"
#include "model/model_priv.h"
#include "model/part.h"
#include "model/schema_clean.h"
#include "model/tool_names.h"

/* Last in the request, so that it can be taken out again. */
static const char stream_options[] =
    ",\"stream_options\":{\"include_usage\":true}}";

struct request {
	const struct model *model;
	const struct model_request *rq;
	struct json_w w;
};

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
write_tool(struct request *r, const struct json *tool)
{
	json_w_obj(&r->w);
	json_w_kstr(&r->w, "type", "function");
	json_w_key(&r->w, "function");
	json_w_obj(&r->w);
	tool_name_write(&r->w, "name", json_get_str(tool, "name"));
	if (json_get_str(tool, "description") != NULL)
		json_w_kstr(&r->w, "description",
		    json_get_str(tool, "description"));
	json_w_key(&r->w, "parameters");
	schema_clean_write(&r->w, json_get(tool, "inputSchema"),
	    r->model->provider->simple);
	json_w_obj_end(&r->w);
	json_w_obj_end(&r->w);
}

/* Sorted by name; none at all rather than an empty list, which is a 400. */
static void
write_tools(struct request *r)
{
	size_t count;
	const struct json **sorted = tools_sorted(r->rq, &count);

	if (count > 0 && field(r, "tools")) {
		json_w_arr(&r->w);
		for (size_t i = 0; i < count; i++)
			write_tool(r, sorted[i]);
		json_w_arr_end(&r->w);
	}
	free(sorted);
}

static bool
no_thoughts(const struct request *r)
{
	const struct model *m = r->model;

	return m->provider->vendor && strncmp(m->id, "gpt-5.", 6) == 0 &&
	    m->id[6] >= '6' && m->id[6] <= '9' && json_len(r->rq->tools) > 0;
}

static void
write_effort(struct request *r)
{
	const char *effort = r->rq->reasoning;
	bool none = effort != NULL && strcmp(effort, "none") == 0;

	/* these take functions and thoughts together over Responses only */
	if (no_thoughts(r)) {
		if (field(r, "reasoning_effort"))
			json_w_str(&r->w, "none");
		return;
	}
	if (effort == NULL)
		return;
	/* OpenAI's own models each have another word for as little as can be */
	if (none && r->model->provider->vendor &&
	    ability_of(r->model).least != NULL)
		effort = ability_of(r->model).least;
	switch (r->model->provider->effort) {
	case EFFORT_FIELD:
		if (field(r, "reasoning_effort"))
			json_w_str(&r->w, effort);
		break;
	case EFFORT_OBJECT:
		if (!field(r, "reasoning"))
			break;
		json_w_obj(&r->w);
		json_w_kstr(&r->w, "effort", effort);
		json_w_obj_end(&r->w);
		break;
	case EFFORT_SWITCH:
		if (!field(r, "thinking"))
			break;
		json_w_obj(&r->w);
		json_w_kstr(&r->w, "type", none ? "disabled" : "enabled");
		json_w_obj_end(&r->w);
		if (!none && field(r, "reasoning_effort"))
			json_w_str(&r->w, effort);
		break;
	case EFFORT_ENDS:
		if (field(r, "reasoning_effort"))
			json_w_str(&r->w, none ? "none" : "high");
		break;
	case EFFORT_NONE:
		break;
	}
}

static void
write_format(struct request *r)
{
	if (r->rq->schema == NULL || !field(r, "response_format"))
		return;
	json_w_obj(&r->w);
	json_w_kstr(&r->w, "type", "json_schema");
	json_w_key(&r->w, "json_schema");
	json_w_obj(&r->w);
	json_w_kstr(&r->w, "name", "answer");
	json_w_key(&r->w, "schema");
	if (json_streq(json_get(r->rq->schema, "type"), "object"))
		schema_clean_write(&r->w, r->rq->schema,
		    r->model->provider->simple);
	else
		json_w_value(&r->w, r->rq->schema);
	/* OpenAI answers 400 to a schema that its strict mode cannot take */
	json_w_kbool(&r->w, "strict", schema_is_strict(r->rq->schema));
	json_w_obj_end(&r->w);
	json_w_obj_end(&r->w);
}

static void
write_extra(struct request *r)
{
	const struct json *v;
	struct ability able = ability_of(r->model);
	bool able_known = r->model->provider->vendor;

	JSON_EACH(v, r->model->provider->body)
		if (strcmp(json_name(v), "stream_options") != 0 &&
		    (!able_known || ability_allows(&able, json_name(v))))
			json_w_kvalue(&r->w, json_name(v), v);
}

int
chat_request_write(const struct model *m, const struct model_request *rq,
    struct buf *b, struct err *e)
{
	struct request r = { .model = m, .rq = rq };
	const struct model_entry *en = m->provider;

	if (!json_is(rq->messages, JSON_ARRAY))
		return err_set(e, ERR_INPUT, "%s: no messages", m->spec);
	json_w_init(&r.w, b);
	json_w_obj(&r.w);
	if (field(&r, "model"))
		json_w_str(&r.w, m->id);
	write_tools(&r);
	if (field(&r, "messages"))
		chat_messages_write(m, rq, &r.w);
	if (rq->max_output > 0 && field(&r, en->max_tokens_field))
		json_w_int(&r.w, rq->max_output);
	write_effort(&r);
	write_format(&r);
	if (en->vendor && rq->session != NULL && field(&r,
	    "prompt_cache_key"))
		json_w_str(&r.w, rq->session);
	write_extra(&r);
	json_w_kbool(&r.w, "stream", true);
	json_w_obj_end(&r.w);
	if (!en->no_stream_options) {
		buf_cut(b, b->len - 1);
		buf_adds(b, stream_options);
	}
	return 0;
}

void
chat_request_plain(struct buf *b)
{
	size_t len = sizeof stream_options - 1;

	if (b->len < len ||
	    memcmp(b->data + b->len - len, stream_options, len) != 0)
		return;
	buf_cut(b, b->len - len);
	buf_addc(b, '}');
}
