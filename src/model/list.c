/* SPDX-License-Identifier: GPL-3.0-or-later */
/* list.c - which models a provider has */

/*
 * All of them answer GET {base}/models, Anthropic and Google page by page;
 * local servers are then asked in their own interface what they know of each
 * (providers 10). Ids that cannot chat are left out.
 */

#include "config.h"

#include <event2/event.h>

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/time.h>

#include "base/mem.h"
#include "model/ability.h"
#include "model/fault.h"
#include "model/key.h"
#include "model/list_cache.h"
#include "model/list_native.h"
#include "model/model_priv.h"
#include "model/price.h"
#include "wire/fetch.h"

enum { LIST_CONNECT_MS = 3000, LIST_MS = 15000, PAGES_MAX = 32 };

struct model_lister {
	TAILQ_ENTRY(model_lister) entry;
	struct models *models;
	struct model_entry *provider;
	models_list_fn fn;
	void *arg;
	struct key_wait *key;
	struct fetch *fetch;
	struct event *later;
	struct buf body;
	struct json_doc *pages[PAGES_MAX];
	size_t count;
	struct model_info *infos;	/* what they say; ids lie in them */
	size_t info_count;
	struct native_ask native;	/* what is being asked */
	size_t natives;			/* how often that was */
	struct err failed;
};

static const char *const not_chat[] = { "embed", "whisper", "tts", "dall-e",
    "moderation", "-image", "transcribe", "rerank", "sora", "realtime" };

static bool
can_chat(const char *id)
{
	for (size_t i = 0; i < NELEM(not_chat); i++)
		if (strcasestr(id, not_chat[i]) != NULL)
			return false;
	return true;
}

/* The first of these members that is a number above 0. */
static int64_t
first_of(const struct json *m, const char *const *names)
{
	int64_t n;

	for (; *names != NULL; names++)
		if (json_int64(json_get(m, *names), &n) == 0 && n > 0)
			return n;
	return 0;
}

static int64_t
context_of(const struct json *m)
{
	static const char *const names[] = { "context", "context_length",
	    "context_window", "max_context_length", "max_model_len",
	    "loaded_context_length", "max_input_tokens", "inputTokenLimit",
	    NULL };
	static const char *const meta[] = { "n_ctx", "n_ctx_train", NULL };
	int64_t n = first_of(m, names);

	return n > 0 ? n : first_of(json_get(m, "meta"), meta);
}

static int64_t
output_of(const struct json *m)
{
	static const char *const names[] = { "maxOutput", "max_tokens",
	    "outputTokenLimit", NULL };
	static const char *const top[] = { "max_completion_tokens", NULL };
	int64_t n = first_of(m, names);

	return n > 0 ? n : first_of(json_get(m, "top_provider"), top);
}

/* OpenRouter: USD for one token, as text; in our own cache for a million. */
static double
usd(const struct json *m, const char *ours, const char *theirs)
{
	const char *s = json_get_str(json_get(m, "pricing"), theirs);
	char *end;
	double d;

	if (json_double(json_get(m, ours), &d) == 0)
		return d;
	if (s == NULL)
		return -1;
	d = strtod(s, &end);
	return end != s && *end == '\0' && d >= 0 ? d * 1e6 : -1;
}

/* Google lists what can only embed, too. */
static bool
generates(const struct json *m)
{
	const struct json *ways = json_get(m, "supportedGenerationMethods");

	return ways == NULL || json_lists(ways, "generateContent");
}

/* OpenRouter, Mistral, Google, Anthropic, llama.cpp; ours from the cache */
static unsigned
can_of(const struct json *m)
{
	const struct json *params = json_get(m, "supported_parameters");
	const struct json *has = json_get(m, "capabilities");
	const struct json *in = json_path(m, "architecture",
	    "input_modalities", NULL);
	int64_t ours = 0;
	unsigned can;

	(void)json_int64(json_get(m, "can"), &ours);
	can = (unsigned)ours;
	if (json_lists(params, "reasoning") ||
	    json_bool(json_get(m, "thinking"), false) || json_bool(
	    json_path(has, "thinking", "supported", NULL), false))
		can |= MODEL_CAN_THINK;
	if (json_lists(params, "tools") ||
	    json_bool(json_get(has, "function_calling"), false))
		can |= MODEL_CAN_TOOLS;
	if (json_lists(in, "image") ||
	    json_bool(json_get(has, "vision"), false))
		can |= MODEL_CAN_SEE;
	return can;
}

/* Anthropic tells the ways of thinking that a model takes (providers 4.2). */
static unsigned
thinking_of(const struct json *m)
{
	const struct json *types = json_path(m, "capabilities", "thinking",
	    "types", NULL);
	int64_t ours = 0;
	unsigned can = 0;

	if (types == NULL) {
		(void)json_int64(json_get(m, "thinking"), &ours);
		return (unsigned)ours;
	}
	if (json_bool(json_path(types, "adaptive", "supported", NULL), false))
		can |= ABLE_REASON | ABLE_ADAPTIVE;
	else if (json_bool(json_path(types, "enabled", "supported", NULL),
	    false))
		can |= ABLE_REASON | ABLE_BUDGET;
	if (can != 0 && !json_bool(json_path(types, "disabled", "supported",
	    NULL), false))
		can |= ABLE_ALWAYS;
	return can;
}

static bool
info_read(struct model_info *info, const struct model_entry *en,
    const struct json *m)
{
	const char *id = json_get_str(m, "id");

	if (id == NULL)
		id = json_get_str(m, "name");
	if (id == NULL || !can_chat(id) || !generates(m))
		return false;
	if (strncmp(id, "models/", 7) == 0)
		id += 7;
	*info = (struct model_info){
		.provider = en->name, .id = id, .context = context_of(m),
		.max_output = output_of(m), .can = can_of(m),
		.thinking = thinking_of(m), .price = {
			.input = usd(m, "inputPrice", "prompt"),
			.output = usd(m, "outputPrice", "completion"),
			.cache_read = usd(m, "cacheReadPrice",
			    "input_cache_read"),
			.cache_write = usd(m, "cacheWritePrice",
			    "input_cache_write") },
	};
	return true;
}

/* What the list leaves open and the tables know. */
static void
info_complete(struct models *ms, struct model_entry *en,
    struct model_info *info)
{
	struct model m = { .models = ms, .provider = en, .id = info->id };
	struct ability able = ability_of(&m);

	if (info->context == 0)
		info->context = able.context;
	if (info->max_output == 0)
		info->max_output = able.max_output;
	if ((able.can & ABLE_REASON) != 0 || info->thinking != 0)
		info->can |= MODEL_CAN_THINK;
	if (info->price.input < 0)
		(void)price_of(&m, &info->price);
}

static void
lister_drop(struct model_lister *l)
{
	fetch_cancel(l->fetch);
	key_cancel(l->key);
	if (l->later != NULL)
		event_free(l->later);
	buf_clear(&l->body);
	for (size_t i = 0; i < l->count; i++)
		json_doc_free(l->pages[i]);
	free(l->native.url);
	free(l->native.body);
	free(l->infos);
	free(l);
}

void
listers_clear(struct models *ms)
{
	struct model_lister *l;

	while ((l = TAILQ_FIRST(&ms->listers)) != NULL) {
		TAILQ_REMOVE(&ms->listers, l, entry);
		lister_drop(l);
	}
}

static const struct json *
page_models(const struct json *page)
{
	const struct json *data = json_get(page, "data");

	if (data == NULL)
		data = json_get(page, "models");
	return json_is(page, JSON_ARRAY) ? page : data;	/* Together */
}

static void
infos_read(struct model_lister *l, const struct json *list)
{
	const struct json *m;

	l->infos = xreallocarray(l->infos, l->info_count + json_len(list) + 1,
	    sizeof(*l->infos));
	JSON_EACH(m, list)
		if (info_read(&l->infos[l->info_count], l->provider, m))
			l->info_count++;
}

/*
 * Its last words: it is no longer in the registry's list when the caller
 * hears them, who may free the registry. cached: the list, if it was not asked
 * for.
 */
static void
lister_tell(struct model_lister *l, const struct json *cached,
    const struct err *e)
{
	struct err err = ERR_INIT;

	if (e != NULL)
		err = *e;
	if (e != NULL)
		l->info_count = 0;	/* half a list is none */
	else if (cached != NULL)
		infos_read(l, cached);
	else if (l->provider != NULL)
		list_cache_write(l->provider, l->infos, l->info_count);
	for (size_t i = 0; i < l->info_count; i++)
		info_complete(l->models, l->provider, &l->infos[i]);
	TAILQ_REMOVE(&l->models->listers, l, entry);
	event_free(l->later);
	l->later = NULL;
	l->fn(l->infos, l->info_count, e != NULL ? &err : NULL, l->arg);
	lister_drop(l);
}

static void	list_ask(struct model_lister *l, const char *cursor);
static void	native_next(struct model_lister *l);

/* The word that asks for the page behind this one, or NULL. */
static const char *
next_page(const struct json *page)
{
	if (json_bool(json_get(page, "has_more"), false))
		return json_get_str(page, "last_id");
	return json_get_str(page, "nextPageToken");
}

static void
list_done(const struct fetch_result *res, void *arg)
{
	struct model_lister *l = arg;
	struct model_entry *en = l->provider;
	struct fault f = FAULT_INIT;
	struct json_doc *doc = NULL;

	l->fetch = NULL;
	if (err_is_set(&res->err))
		fault_transfer(&f, en, res);
	else if (res->status != 200)
		fault_status(&f, en, "list of models", res->status,
		    l->body.data, l->body.len);
	else
		doc = json_parse(l->body.data, l->body.len,
		    JSON_REPLACE_UTF8, NULL);
	if (!err_is_set(&f.err) && (doc == NULL ||
	    !json_is(page_models(json_root(doc)), JSON_ARRAY)))
		err_set(&f.err, ERR_FAILED, "%s: the list of models cannot "
		    "be read", en->name);
	if (err_is_set(&f.err)) {
		json_doc_free(doc);
		lister_tell(l, NULL, &f.err);
		return;
	}
	l->pages[l->count++] = doc;
	infos_read(l, page_models(json_root(doc)));
	if (next_page(json_root(doc)) != NULL && l->count < PAGES_MAX)
		list_ask(l, next_page(json_root(doc)));
	else
		native_next(l);
}

static int
list_bytes(const char *bytes, size_t len, void *arg)
{
	struct model_lister *l = arg;

	return buf_add(&l->body, bytes, len);
}

static void
list_later(evutil_socket_t fd, short what, void *arg)
{
	struct model_lister *l = arg;

	(void)fd;
	(void)what;
	lister_tell(l, l->provider != NULL ? list_cache_fresh(l->provider) :
	    NULL, err_is_set(&l->failed) ? &l->failed : NULL);
}

static char *
list_url(const struct model_entry *en, const char *cursor)
{
	const char *size = en->ops->list_size, *after = en->ops->list_after;
	char *word = cursor != NULL ? fetch_escape(cursor) : NULL;
	char *url = en->api_version != NULL ?
	    xasprintf("%s/models?api-version=%s", en->base_url,
	    en->api_version) : word != NULL && after != NULL ?
	    xasprintf("%s/models?%s&%s=%s", en->base_url, size, after, word) :
	    xasprintf("%s/models%s%s", en->base_url, size != NULL ? "?" : "",
	    size != NULL ? size : "");

	free(word);
	return url;
}

static void
request(struct model_lister *l, const char *url, const char *body,
    fetch_done_fn done)
{
	static const char *const json[] = { "Content-Type: application/json",
	    NULL };
	char **headers = entry_headers(l->provider, body != NULL ? json :
	    NULL);
	struct fetch_opts o = {
		.url = url, .body = body,
		.body_len = body != NULL ? strlen(body) : 0,
		.connect_ms = LIST_CONNECT_MS, .ca_file = l->provider->ca_file,
		.headers = (const char *const *)headers,
		.first_byte_ms = LIST_MS, .idle_ms = LIST_MS,
		.on_body = list_bytes, .on_done = done, .arg = l,
	};

	buf_reset(&l->body);
	l->fetch = fetch_start(l->models->opts.fetch, &o, &l->failed);
	headers_free(headers);
	if (l->fetch == NULL)
		event_active(l->later, EV_TIMEOUT, 1);
}

static void
list_ask(struct model_lister *l, const char *cursor)
{
	char *url = list_url(l->provider, cursor);

	request(l, url, NULL, list_done);
	free(url);
}

static void
list_keyed(const struct err *e, void *arg)
{
	struct model_lister *l = arg;

	l->key = NULL;
	if (e == NULL) {
		list_ask(l, NULL);
		return;
	}
	l->failed = *e;
	event_active(l->later, EV_TIMEOUT, 1);
}

static void
list_begin(struct model_lister *l)
{
	if (!key_wanted(l->provider)) {
		list_ask(l, NULL);
		return;
	}
	l->key = key_ask(l->models, l->provider, list_keyed, l, &l->failed);
	if (l->key == NULL)
		event_active(l->later, EV_TIMEOUT, 1);
}

static void
native_done(const struct fetch_result *res, void *arg)
{
	struct model_lister *l = arg;
	struct json_doc *doc = NULL;

	l->fetch = NULL;
	if (!err_is_set(&res->err) && res->status == 200)
		doc = json_parse(l->body.data, l->body.len,
		    JSON_REPLACE_UTF8, NULL);
	for (size_t i = 0; doc != NULL && i < l->native.count; i++)
		list_native_read(&l->infos[l->native.first + i],
		    json_root(doc));
	json_doc_free(doc);
	native_next(l);
}

static void
native_next(struct model_lister *l)
{
	free(l->native.url);
	free(l->native.body);
	l->native = (struct native_ask){ .url = NULL };
	if (list_native_ask(l->provider, l->infos, l->info_count,
	    l->natives++, &l->native))
		request(l, l->native.url, l->native.body, native_done);
	else
		lister_tell(l, NULL, NULL);
}

static void
nobody(const struct model_info *infos, size_t count, const struct err *e,
    void *arg)
{
	(void)infos;
	(void)count;
	(void)e;
	(void)arg;
}

void
list_refresh(struct models *ms, struct model_entry *en)
{
	if (!en->telling || en->local || en->list_asked ||
	    list_cache_fresh(en) != NULL)
		return;
	en->list_asked = true;
	models_list(ms, en->name, nobody, NULL);
}

void
models_list(struct models *ms, const char *provider, models_list_fn fn,
    void *arg)
{
	struct model_lister *l = xcalloc(1, sizeof(*l));

	l->models = ms;
	l->provider = registry_find(ms, provider);
	l->fn = fn;
	l->arg = arg;
	l->later = event_new(ms->opts.base, -1, 0, list_later, l);
	buf_init_max(&l->body, MODEL_ANSWER_MAX);
	TAILQ_INSERT_TAIL(&ms->listers, l, entry);
	if (l->provider == NULL)
		err_set(&l->failed, ERR_USAGE, "no such model provider: %s",
		    provider);
	if (l->provider == NULL || l->provider->base_url == NULL ||
	    list_cache_fresh(l->provider) != NULL)
		event_active(l->later, EV_TIMEOUT, 1);
	else
		list_begin(l);
}
