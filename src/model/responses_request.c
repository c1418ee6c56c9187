/* SPDX-License-Identifier: GPL-3.0-or-later */
/* responses_request.c - a request of the Responses API */

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/ability.h"
#include "model/model_priv.h"
#include "model/part.h"
#include "model/responses.h"
#include "model/schema_clean.h"
#include "model/tool_names.h"

struct request {
	const struct model *model;
	const struct model_request *rq;
	struct ability able;
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

/* strict must be said: left out it means yes (providers 3.1). */
static void
write_tools(struct request *r)
{
	size_t count;
	const struct json **tools = tools_sorted(r->rq, &count);

	if (count > 0 && field(r, "tools")) {
		json_w_arr(&r->w);
		for (size_t i = 0; i < count; i++) {
			const char *says = json_get_str(tools[i],
			    "description");

			json_w_obj(&r->w);
			json_w_kstr(&r->w, "type", "function");
			tool_name_write(&r->w, "name",
			    json_get_str(tools[i], "name"));
			if (says != NULL)
				json_w_kstr(&r->w, "description", says);
			json_w_key(&r->w, "parameters");
			schema_clean_write(&r->w, json_get(tools[i],
			    "inputSchema"), r->model->provider->simple);
			json_w_kbool(&r->w, "strict", false);
			json_w_obj_end(&r->w);
		}
		json_w_arr_end(&r->w);
	}
	free(tools);
}

static void
write_format(struct request *r)
{
	if (r->rq->schema == NULL || !field(r, "text"))
		return;
	json_w_obj(&r->w);
	json_w_key(&r->w, "format");
	json_w_obj(&r->w);
	json_w_kstr(&r->w, "type", "json_schema");
	json_w_kstr(&r->w, "name", "answer");
	json_w_kbool(&r->w, "strict", schema_is_strict(r->rq->schema));
	json_w_key(&r->w, "schema");
	if (json_streq(json_get(r->rq->schema, "type"), "object"))
		schema_clean_write(&r->w, r->rq->schema,
		    r->model->provider->simple);
	else
		json_w_value(&r->w, r->rq->schema);
	json_w_obj_end(&r->w);
	json_w_obj_end(&r->w);
}

/* Asked of models that are known to reason; others may answer 400. */
static void
write_reasoning(struct request *r)
{
	const char *effort = r->rq->reasoning;
	bool none = effort != NULL && strcmp(effort, "none") == 0;

	if ((r->able.can & ABLE_REASON) == 0 && effort == NULL)
		return;
	if (none)
		effort = r->able.least;
	if (!none && field(r, "include")) {
		json_w_arr(&r->w);
		json_w_str(&r->w, "reasoning.encrypted_content");
		json_w_arr_end(&r->w);
	}
	if ((none && effort == NULL) || !field(r, "reasoning"))
		return;
	json_w_obj(&r->w);
	if (effort != NULL)
		json_w_kstr(&r->w, "effort", effort);
	if (!none)
		json_w_kstr(&r->w, "summary", "auto");
	json_w_obj_end(&r->w);
}

static void
write_extra(struct request *r)
{
	const struct json *v;

	JSON_EACH(v, r->model->provider->body)
		if (ability_allows(&r->able, json_name(v)))
			json_w_kvalue(&r->w, json_name(v), v);
}

int
responses_request_write(const struct model *m, const struct model_request *rq,
    struct buf *b, struct err *e)
{
	struct request r = { .model = m, .rq = rq, .able = ability_of(m) };

	if (!json_is(rq->messages, JSON_ARRAY))
		return err_set(e, ERR_INPUT, "%s: no messages", m->spec);
	json_w_init(&r.w, b);
	json_w_obj(&r.w);
	if (field(&r, "model"))
		json_w_str(&r.w, m->id);
	write_tools(&r);
	if (field(&r, "input"))
		responses_input_write(m, rq,
		    (r.able.can & ABLE_REASON) != 0, &r.w);
	if (rq->max_output > 0 && field(&r, "max_output_tokens"))
		json_w_int(&r.w, rq->max_output);
	write_reasoning(&r);
	write_format(&r);
	if (field(&r, "store"))
		json_w_bool(&r.w, false);
	if (m->provider->vendor && rq->session != NULL &&
	    field(&r, "prompt_cache_key"))
		json_w_str(&r.w, rq->session);
	write_extra(&r);
	json_w_kbool(&r.w, "stream", true);
	json_w_obj_end(&r.w);
	return 0;
}
