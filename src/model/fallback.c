/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fallback.c - another model answers when the one asked cannot */

/*
 *	fallback: [anthropic:claude-sonnet-4-5, ollama:qwen3]
 *
 * A call around a call. When the inner one has failed for good and nothing of
 * an answer was shown, the next model of the list is asked the same, and a
 * data part says so. A request that was refused as wrong is not passed on: it
 * would be wrong there, too.
 */

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "model/fallback.h"
#include "model/model_priv.h"

struct fallback {
	struct model_call *outer;
	struct model_call *inner;
	struct model *current;
	struct model_request rq;	/* a copy: the asker's is gone */
	char *system, *reasoning, *session;
	struct json_doc *messages, *tools, *schema;
	size_t next;			/* of the list */
};

static const struct json *
list_of(const struct models *ms)
{
	return json_get(ms->opts.config, "fallback");
}

bool
fallback_wanted(const struct model *m)
{
	const struct json *list = list_of(m->models);

	return m->provider->base_url != NULL && (json_is(list, JSON_STRING) ||
	    (json_is(list, JSON_ARRAY) && json_len(list) > 0));
}

/* Entry i of the list, NULL at the end. */
static const char *
list_at(const struct models *ms, size_t i)
{
	const struct json *list = list_of(ms);

	if (json_is(list, JSON_STRING))
		return i == 0 ? json_str(list) : NULL;
	return json_str(json_at(list, i));
}

static bool
may_help(enum err_code code)
{
	return code != ERR_REFUSED && code != ERR_INVALID &&
	    code != ERR_INPUT && code != ERR_TOO_BIG;
}

/* ----------------------------------------------------------------- a copy */

static struct json_doc *
copy_json(const struct json *v)
{
	char *text = v != NULL ? json_text(v) : NULL;
	struct json_doc *doc = text != NULL ?
	    json_parse(text, strlen(text), 0, NULL) : NULL;

	free(text);
	return doc;
}

static const struct json *
root_of(const struct json_doc *doc)
{
	return doc != NULL ? json_root(doc) : NULL;
}

static void
copy_request(struct fallback *fb, const struct model_request *rq)
{
	str_replace(&fb->system, rq->system);
	str_replace(&fb->reasoning, rq->reasoning);
	str_replace(&fb->session, rq->session);
	fb->messages = copy_json(rq->messages);
	fb->tools = copy_json(rq->tools);
	fb->schema = copy_json(rq->schema);
	fb->rq = (struct model_request){
		.system = fb->system, .reasoning = fb->reasoning,
		.session = fb->session, .max_output = rq->max_output,
		.messages = root_of(fb->messages),
		.tools = root_of(fb->tools), .schema = root_of(fb->schema),
	};
}

/* --------------------------------------------------------------- switching */

static void	fallback_event(const struct model_event *ev, void *arg);

static void
tell_switch(struct fallback *fb, const struct model *from,
    const struct err *why)
{
	struct buf b = BUF_INIT;
	struct json_w w;

	json_w_init(&w, &b);
	json_w_obj(&w);
	json_w_kstr(&w, "from", from->spec);
	json_w_kstr(&w, "to", fb->current->spec);
	json_w_kstr(&w, "text", why->text);
	json_w_obj_end(&w);
	struct model_event ev = {
		.type = MODEL_DATA, .name = "chatd-fallback", .text = b.data,
		.len = b.len, .model = fb->current->spec,
	};
	model_tell(fb->outer, &ev);
	buf_clear(&b);
}

/* Ask the next model that can be asked. */
static bool
fallback_switch(struct fallback *fb, const struct err *why)
{
	struct models *ms = fb->outer->model->models;
	const struct model *from = fb->current;
	const char *spec;

	while ((spec = list_at(ms, fb->next)) != NULL) {
		struct err e = ERR_INIT;
		struct model *m = models_get(ms, spec, &e);

		fb->next++;
		if (m == fb->outer->model)
			continue;
		if (m != NULL)
			fb->inner = model_ask_only(m, &fb->rq, fallback_event,
			    fb, &e);
		if (fb->inner != NULL) {
			fb->current = m;
			tell_switch(fb, from, why);
			return true;
		}
		log_msg(LOG_MODEL, LOG_WARN, "fallback %s: %s", spec, e.text);
	}
	return false;
}

static void
fallback_event(const struct model_event *ev, void *arg)
{
	struct fallback *fb = arg;
	struct model_call *outer = fb->outer;
	bool last = ev->type == MODEL_FINISH || ev->type == MODEL_ERROR;

	model_hold(outer);
	if (last)
		fb->inner = NULL;
	if (ev->type != MODEL_ERROR || ev->shown ||
	    !may_help(ev->error->code) || !fallback_switch(fb, ev->error)) {
		model_tell(outer, ev);
		outer->over = outer->over || last;
	}
	model_release(outer);
}

static int
fallback_ask(struct model_call *call, const struct model_request *rq,
    struct err *e)
{
	struct fallback *fb = xcalloc(1, sizeof(*fb));

	call->state = fb;
	fb->outer = call;
	fb->current = call->model;
	copy_request(fb, rq);
	fb->inner = model_ask_only(call->model, rq, fallback_event, fb, e);
	return fb->inner != NULL ? 0 : -1;
}

static void
fallback_stop(struct model_call *call)
{
	struct fallback *fb = call->state;

	model_cancel(fb->inner);
	json_doc_free(fb->messages);
	json_doc_free(fb->tools);
	json_doc_free(fb->schema);
	free(fb->system);
	free(fb->reasoning);
	free(fb->session);
	free(fb);
}

const struct model_ops model_fallback_ops = {
	.api = "fallback",
	.ask = fallback_ask,
	.stop = fallback_stop,
};
