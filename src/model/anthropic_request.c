/* SPDX-License-Identifier: GPL-3.0-or-later */
/* anthropic_request.c - a request of the Messages API */

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/ability.h"
#include "model/anthropic.h"
#include "model/model_priv.h"
#include "model/part.h"
#include "model/schema_clean.h"
#include "model/tool_names.h"
#include "model/turns.h"

enum {
	OUTPUT_UNKNOWN = 8192,	/* max_tokens must be said */
	BUDGET_MIN = 1024,
};

static const char mark[] = "{\"type\":\"ephemeral\"}";

struct request {
	const struct model *model;
	const struct model_request *rq;
	struct ability able;
	int64_t budget;		/* of thinking, 0: none of that kind */
	bool adaptive, off;
	bool native;		/* the schema is held by the API */
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

static const struct {
	const char *effort;
	int64_t budget;
} budgets[] = {
	{ "minimal", 1024 }, { "low", 2048 }, { "medium", 8192 },
	{ "high", 24576 },
};

/* providers 4.2: what the model takes */
static void
settle_thinking(struct request *r)
{
	const char *effort = r->rq->reasoning;

	if (effort == NULL || (r->able.can & ABLE_REASON) == 0)
		return;
	if (strcmp(effort, "none") == 0) {
		r->off = (r->able.can & ABLE_ADAPTIVE) != 0 &&
		    (r->able.can & ABLE_ALWAYS) == 0;
		return;
	}
	r->adaptive = (r->able.can & ABLE_ADAPTIVE) != 0;
	for (size_t i = 0; !r->adaptive && i < NELEM(budgets); i++)
		if (strcmp(effort, budgets[i].effort) == 0)
			r->budget = budgets[i].budget;
}

/* The budget counts as output. */
static int64_t
max_tokens(struct request *r)
{
	int64_t limit = r->able.max_output > 0 ? r->able.max_output :
	    OUTPUT_UNKNOWN;
	int64_t n = r->rq->max_output > 0 ? r->rq->max_output + r->budget :
	    limit;

	if (r->able.max_output > 0 && n > limit)
		n = limit;
	if (r->budget >= n)
		r->budget = n - 1;
	if (r->budget < BUDGET_MIN)
		r->budget = 0;
	return n;
}

static void
write_thinking(struct request *r)
{
	if ((!r->adaptive && !r->off && r->budget == 0) ||
	    !field(r, "thinking"))
		return;
	json_w_obj(&r->w);
	json_w_kstr(&r->w, "type", r->adaptive ? "adaptive" : r->off ?
	    "disabled" : "enabled");
	if (r->budget > 0)
		json_w_kint(&r->w, "budget_tokens", r->budget);
	if (r->adaptive && (r->able.can & ABLE_DISPLAY) != 0)
		json_w_kstr(&r->w, "display", "summarized");
	json_w_obj_end(&r->w);
}

static void
write_output_config(struct request *r)
{
	if ((!r->adaptive && !r->native) || !field(r, "output_config"))
		return;
	json_w_obj(&r->w);
	if (r->adaptive)
		json_w_kstr(&r->w, "effort", r->rq->reasoning);
	if (r->native) {
		json_w_key(&r->w, "format");
		json_w_obj(&r->w);
		json_w_kstr(&r->w, "type", "json_schema");
		json_w_key(&r->w, "schema");
		schema_clean_write(&r->w, r->rq->schema, true);
		json_w_obj_end(&r->w);
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
		for (size_t i = 0; i < count; i++) {
			const char *says = json_get_str(tools[i],
			    "description");

			json_w_obj(&r->w);
			tool_name_write(&r->w, "name",
			    json_get_str(tools[i], "name"));
			if (says != NULL)
				json_w_kstr(&r->w, "description", says);
			json_w_key(&r->w, "input_schema");
			schema_clean_write(&r->w, json_get(tools[i],
			    "inputSchema"), r->model->provider->simple);
			if (i == count - 1)
				json_w_kraw(&r->w, "cache_control", mark);
			json_w_obj_end(&r->w);
		}
		json_w_arr_end(&r->w);
	}
	free(tools);
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
	if (text[0] != '\0' && field(r, "system")) {
		json_w_arr(&r->w);
		json_w_obj(&r->w);
		json_w_kstr(&r->w, "type", "text");
		json_w_kstr(&r->w, "text", text);
		json_w_kraw(&r->w, "cache_control", mark);
		json_w_obj_end(&r->w);
		json_w_arr_end(&r->w);
	}
	free(text);
}

/*
 * Marks at the ends of the last two turns of the user: the next request finds
 * in the cache what this one put there, or the one before it.
 */
static void
write_messages(struct request *r)
{
	struct turns ts = { 0 };
	size_t users = 0, marked = 0;

	if (!field(r, "messages"))
		return;
	anthropic_messages_read(r->model, r->rq, r->adaptive ||
	    r->budget > 0 || (r->able.can & ABLE_ALWAYS) != 0, &ts);
	for (size_t i = 0; i < ts.count; i++)
		users += ts.list[i].user;
	json_w_arr(&r->w);
	for (size_t i = 0; i < ts.count; i++) {
		bool user = ts.list[i].user;

		json_w_obj(&r->w);
		json_w_kstr(&r->w, "role", user ? "user" : "assistant");
		json_w_key(&r->w, "content");
		marked += user;
		turns_write(&ts, i, &r->w, user && marked + 2 > users ?
		    mark : NULL);
		json_w_obj_end(&r->w);
	}
	json_w_arr_end(&r->w);
	turns_clear(&ts);
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
anthropic_request_write(const struct model *m, const struct model_request *rq,
    struct buf *b, struct err *e)
{
	struct request r = { .model = m, .rq = rq, .able = ability_of(m) };

	if (!json_is(rq->messages, JSON_ARRAY))
		return err_set(e, ERR_INPUT, "%s: no messages", m->spec);
	r.native = rq->schema != NULL && (r.able.can & ABLE_SCHEMA) != 0 &&
	    schema_is_strict(rq->schema);
	settle_thinking(&r);
	json_w_init(&r.w, b);
	json_w_obj(&r.w);
	if (field(&r, "model"))
		json_w_str(&r.w, m->id);
	int64_t most = max_tokens(&r);
	if (field(&r, "max_tokens"))
		json_w_int(&r.w, most);
	write_tools(&r);
	write_system(&r);
	write_messages(&r);
	write_thinking(&r);
	write_output_config(&r);
	write_extra(&r);
	json_w_kbool(&r.w, "stream", true);
	json_w_obj_end(&r.w);
	return 0;
}
