/* SPDX-License-Identifier: GPL-3.0-or-later */
/* model.c - models by name, and the events of a call */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/ability.h"
#include "model/fallback.h"
#include "model/model_priv.h"
#include "model/price.h"

const char *
model_finish_name(enum model_finish f)
{
	static const char *const names[] = {
#define X(id, name) [FINISH_##id] = name,
		MODEL_FINISHES(X)
#undef X
	};

	return names[f];
}

static void
write_count(struct json_w *w, const char *name, int64_t n)
{
	if (n >= 0)
		json_w_kint(w, name, n);
}

void
model_usage_write(const struct model_usage *u, struct buf *b)
{
	struct json_w w;

	json_w_init(&w, b);
	json_w_obj(&w);
	write_count(&w, "inputTokens", u->input);
	write_count(&w, "outputTokens", u->output);
	if (u->input >= 0 && u->output >= 0)
		json_w_kint(&w, "totalTokens", u->input + u->output);
	write_count(&w, "reasoningTokens", u->reasoning);
	write_count(&w, "cachedInputTokens", u->cache_read);
	json_w_obj_end(&w);
}

static int64_t
count_of(const struct json *v)
{
	int64_t n;

	return json_int64(v, &n) == 0 && n >= 0 ? n : -1;
}

/* The one that is there; both AI SDKs write one and the same number. */
static int64_t
either(const struct json *a, const struct json *b)
{
	return count_of(a) >= 0 ? count_of(a) : count_of(b);
}

bool
model_usage_read(struct model_usage *u, const struct json *v)
{
	static const struct model_usage unknown = MODEL_USAGE_INIT;

	*u = unknown;
	u->input = count_of(json_get(v, "inputTokens"));
	u->output = count_of(json_get(v, "outputTokens"));
	u->reasoning = either(json_get(v, "reasoningTokens"),
	    json_path(v, "outputTokenDetails", "reasoningTokens", NULL));
	u->cache_read = either(json_get(v, "cachedInputTokens"),
	    json_path(v, "inputTokenDetails", "cacheReadTokens", NULL));
	return u->input >= 0 || u->output >= 0;
}

/* ------------------------------------------------------------ the registry */

struct models *
models_new(const struct models_opts *opts)
{
	struct models *ms = xcalloc(1, sizeof(*ms));

	ms->opts = *opts;
	TAILQ_INIT(&ms->entries);
	TAILQ_INIT(&ms->all);
	TAILQ_INIT(&ms->finders);
	TAILQ_INIT(&ms->listers);
	registry_fill(ms);
	return ms;
}

void
models_free(struct models *ms)
{
	struct model *m;

	if (ms == NULL)
		return;
	finders_clear(ms);
	listers_clear(ms);
	while ((m = TAILQ_FIRST(&ms->all)) != NULL) {
		TAILQ_REMOVE(&ms->all, m, entry);
		free(m->spec);
		free(m->refused);
		free(m);
	}
	registry_clear(ms);
	json_doc_free(ms->prices);
	free(ms);
}

static int
unknown_provider(struct models *ms, const char *spec, struct err *e)
{
	struct model_entry *en;
	struct buf names = BUF_INIT;

	TAILQ_FOREACH(en, &ms->entries, entry)
		buf_addf(&names, "%s%s", names.len > 0 ? ", " : "", en->name);
	err_set(e, ERR_USAGE, "no such model provider: %.*s",
	    (int)strcspn(spec, ":"), spec);
	err_hint(e, "PROVIDER:MODEL, where PROVIDER is one of %s",
	    names.data);
	buf_clear(&names);
	return -1;
}

static int
entry_check(const struct model_entry *en, struct err *e)
{
	if (en->base_url != NULL && strncmp(en->base_url, "http://", 7) != 0 &&
	    strncmp(en->base_url, "https://", 8) != 0)
		return err_set(e, ERR_CONFIG,
		    "%s: the base URL %s is no http URL", en->name,
		    en->base_url);
	if (en->base_url == NULL && en->ops->root != NULL) {
		err_set(e, ERR_CONFIG, "%s: no address is known", en->name);
		return err_hint(e, "set %s, or base_url in the configuration",
		    strcmp(en->name, "azure") == 0 ? "AZURE_OPENAI_ENDPOINT" :
		    "its _BASE_URL");
	}
	if (en->local || en->key_env == NULL || en->key_command != NULL ||
	    entry_key(en) != NULL)
		return 0;
	err_set(e, ERR_AUTH, "%s: no key: %s is not set", en->name,
	    en->key_env);
	return err_hint(e, "export %s=...", en->key_env);
}

struct model *
models_get(struct models *ms, const char *spec, struct err *e)
{
	size_t len = strcspn(spec, ":");
	char *name = xstrndup(spec, len);
	struct model_entry *en = registry_find(ms, name);
	const char *id = spec[len] == ':' ? spec + len + 1 : "";
	struct model *m;

	free(name);
	if (en == NULL) {
		unknown_provider(ms, spec, e);
		return NULL;
	}
	if (entry_check(en, e) == -1)
		return NULL;
	if (id[0] == '\0' && en->default_model != NULL)
		id = en->default_model;
	if (id[0] == '\0' && en->ops != &model_demo_ops) {
		err_set(e, ERR_USAGE, "%s: which model? %s:MODEL is wanted",
		    en->name, en->name);
		err_hint(e, "chatd models %s lists them", en->name);
		return NULL;
	}
	TAILQ_FOREACH(m, &ms->all, entry)
		if (m->provider == en && strcmp(m->id, id) == 0)
			return m;
	m = xcalloc(1, sizeof(*m));
	m->models = ms;
	m->provider = en;
	m->spec = id[0] == '\0' ? xstrdup(en->name) :
	    xasprintf("%s:%s", en->name, id);
	m->id = m->spec + strlen(en->name) + (id[0] != '\0');
	TAILQ_INSERT_TAIL(&ms->all, m, entry);
	return m;
}

const char *
model_spec(const struct model *m)
{
	return m->spec;
}

int64_t
model_context(const struct model *m)
{
	return ability_of(m).context;
}

const struct models_provider *
models_entry(struct models *ms, size_t i)
{
	struct model_entry *en;

	TAILQ_FOREACH(en, &ms->entries, entry) {
		if (i-- > 0)
			continue;
		en->shown = (struct models_provider){
			.name = en->name, .api = en->api,
			.base_url = en->base_url, .key_env = en->key_env,
			.key_from = entry_key_variable(en),
			.key_told = en->key_command != NULL,
			.ready = en->local || en->key_env == NULL ||
			    en->key_command != NULL || entry_key(en) != NULL,
			.local = en->local,
		};
		return &en->shown;
	}
	return NULL;
}

/* ------------------------------------------------------------------ a call */

static struct model_call *
ask_by(const struct model_ops *ops, struct model *m,
    const struct model_request *rq, model_event_fn fn, void *arg,
    struct err *e)
{
	struct model_call *call = xcalloc(1, sizeof(*call));

	call->model = m;
	call->ops = ops;
	call->fn = fn;
	call->arg = arg;
	if (ops->ask(call, rq, e) == 0)
		return call;
	ops->stop(call);
	free(call);
	return NULL;
}

struct model_call *
model_ask_only(struct model *m, const struct model_request *rq,
    model_event_fn fn, void *arg, struct err *e)
{
	return ask_by(m->provider->ops, m, rq, fn, arg, e);
}

struct model_call *
model_ask(struct model *m, const struct model_request *rq, model_event_fn fn,
    void *arg, struct err *e)
{
	return ask_by(fallback_wanted(m) ? &model_fallback_ops :
	    m->provider->ops, m, rq, fn, arg, e);
}

void
model_hold(struct model_call *call)
{
	call->held++;
}

void
model_release(struct model_call *call)
{
	if (--call->held > 0 || !call->over)
		return;
	call->ops->stop(call);
	free(call);
}

void
model_cancel(struct model_call *call)
{
	if (call == NULL)
		return;
	model_hold(call);
	call->over = true;
	model_release(call);
}

/* ------------------------------------------------------------------ events */

void
model_tell(struct model_call *call, const struct model_event *ev)
{
	if (call->over)
		return;
	if (ev->type != MODEL_RETRY && ev->type != MODEL_USAGE)
		call->shown = true;
	call->fn(ev, call->arg);
}

static void
tell_block(struct model_call *call, enum model_event_type type,
    const char *id, const char *metadata)
{
	struct model_event ev = {
		.type = type, .id = id, .metadata = metadata,
	};

	model_tell(call, &ev);
}

void
model_end_text(struct model_call *call, const char *metadata)
{
	if (!call->text_open)
		return;
	call->text_open = false;
	tell_block(call, MODEL_TEXT_END, call->text_id, metadata);
}

void
model_close_text(struct model_call *call)
{
	model_end_text(call, NULL);
}

void
model_close_reasoning(struct model_call *call, const char *metadata)
{
	if (!call->reasoning_open)
		return;
	call->reasoning_open = false;
	tell_block(call, MODEL_REASONING_END, call->reasoning_id, metadata);
}

void
model_tell_text(struct model_call *call, const char *s, size_t len)
{
	struct model_event ev = {
		.type = MODEL_TEXT_DELTA, .id = call->text_id, .text = s,
		.len = len,
	};

	model_close_reasoning(call, NULL);
	if (!call->text_open) {
		snprintf(call->text_id, sizeof call->text_id, "t%u",
		    ++call->blocks);
		call->text_open = true;
		tell_block(call, MODEL_TEXT_START, call->text_id, NULL);
	}
	model_tell(call, &ev);
}

void
model_tell_reasoning(struct model_call *call, const char *s, size_t len)
{
	struct model_event ev = {
		.type = MODEL_REASONING_DELTA, .id = call->reasoning_id,
		.text = s, .len = len,
	};

	model_close_text(call);
	if (!call->reasoning_open) {
		snprintf(call->reasoning_id, sizeof call->reasoning_id, "r%u",
		    ++call->blocks);
		call->reasoning_open = true;
		tell_block(call, MODEL_REASONING_START, call->reasoning_id,
		    NULL);
	}
	model_tell(call, &ev);
}

void
model_tell_filter(struct model_call *call, const char *why)
{
	struct buf b = BUF_INIT;
	struct json_w w;

	model_close_text(call);
	json_w_init(&w, &b);
	json_w_obj(&w);
	json_w_kbool(&w, "cut", call->shown);
	json_w_kstr(&w, "category", why);
	json_w_obj_end(&w);
	struct model_event ev = {
		.type = MODEL_DATA, .name = "chatd-refusal", .text = b.data,
		.len = b.len,
	};
	model_tell(call, &ev);
	buf_clear(&b);
}

void
model_tell_usage(struct model_call *call, const struct model_usage *usage)
{
	struct model_usage u = *usage;
	struct model_event ev = { .type = MODEL_USAGE, .usage = &u };
	struct model_price price;

	if (u.cost < 0 && price_of(call->model, &price))
		u.cost = price_cost(&price, &u);
	model_tell(call, &ev);
}

void
model_finish(struct model_call *call, enum model_finish finish,
    const char *raw)
{
	struct model_event ev = {
		.type = MODEL_FINISH, .finish = finish,
		.text = raw != NULL ? raw : "",
		.len = raw != NULL ? strlen(raw) : 0,
	};

	model_close_reasoning(call, NULL);
	model_close_text(call);
	model_tell(call, &ev);
	call->over = true;
}

void
model_fail(struct model_call *call, const struct err *e)
{
	struct model_event ev = {
		.type = MODEL_ERROR, .error = e, .finish = FINISH_ERROR,
		.shown = call->shown,
	};

	model_close_reasoning(call, NULL);
	model_close_text(call);
	model_tell(call, &ev);
	call->over = true;
}
