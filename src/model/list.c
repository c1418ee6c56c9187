/* SPDX-License-Identifier: GPL-3.0-or-later */
/* list.c - which models a provider has */

/*
 * All of them answer GET {base}/models in OpenAI's form; where the native
 * interface of a local server knows more, that would only change the context
 * (providers 10). Ids that cannot chat are left out.
 */

#include "config.h"

#include <event2/event.h>

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/time.h>

#include "base/mem.h"
#include "model/fault.h"
#include "model/model_priv.h"
#include "wire/fetch.h"

enum { LIST_CONNECT_MS = 3000, LIST_MS = 15000 };

struct model_lister {
	TAILQ_ENTRY(model_lister) entry;
	struct models *models;
	struct model_entry *provider;
	models_list_fn fn;
	void *arg;
	struct fetch *fetch;
	struct event *later;
	struct buf body;
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

static int64_t
context_of(const struct json *m)
{
	static const char *const names[] = { "context_length",
	    "context_window", "max_context_length", "max_model_len",
	    "loaded_context_length" };
	int64_t n;

	for (size_t i = 0; i < NELEM(names); i++)
		if (json_int64(json_get(m, names[i]), &n) == 0 && n > 0)
			return n;
	if (json_int64(json_path(m, "meta", "n_ctx", NULL), &n) == 0 ||
	    json_int64(json_path(m, "meta", "n_ctx_train", NULL), &n) == 0)
		return n;
	return 0;
}

static void
lister_free(struct model_lister *l)
{
	TAILQ_REMOVE(&l->models->listers, l, entry);
	fetch_cancel(l->fetch);
	event_free(l->later);
	buf_clear(&l->body);
	free(l);
}

void
listers_clear(struct models *ms)
{
	while (!TAILQ_EMPTY(&ms->listers))
		lister_free(TAILQ_FIRST(&ms->listers));
}

/* Its last words: the lister is gone before the caller hears them. */
static void
lister_tell(struct model_lister *l, const struct json *data,
    const struct err *e)
{
	models_list_fn fn = l->fn;
	void *arg = l->arg;
	struct model_info *infos;
	const struct json *m;
	size_t count = 0;

	infos = xcalloc(json_len(data) + 1, sizeof(*infos));
	JSON_EACH(m, data) {
		const char *id = json_get_str(m, "id");

		if (id == NULL)
			id = json_get_str(m, "name");
		if (id != NULL && can_chat(id))
			infos[count++] = (struct model_info){
				.provider = l->provider->name, .id = id,
				.context = context_of(m) };
	}
	lister_free(l);
	fn(infos, count, e, arg);
	free(infos);
}

static void
list_done(const struct fetch_result *res, void *arg)
{
	struct model_lister *l = arg;
	struct model_entry *en = l->provider;
	struct fault f = FAULT_INIT;
	struct json_doc *doc = NULL;
	const struct json *data = NULL;

	l->fetch = NULL;
	if (err_is_set(&res->err))
		fault_transfer(&f, en, res);
	else if (res->status != 200)
		fault_status(&f, en, "list of models", res->status,
		    l->body.data, l->body.len);
	else if ((doc = json_parse(l->body.data, l->body.len,
	    JSON_REPLACE_UTF8, NULL)) != NULL) {
		data = json_get(json_root(doc), "data");
		if (data == NULL)
			data = json_get(json_root(doc), "models");
		if (data == NULL && json_is(json_root(doc), JSON_ARRAY))
			data = json_root(doc);	/* Together */
	}
	if (!err_is_set(&f.err) && !json_is(data, JSON_ARRAY))
		err_set(&f.err, ERR_FAILED, "%s: the list of models cannot "
		    "be read", en->name);
	lister_tell(l, data, err_is_set(&f.err) ? &f.err : NULL);
	json_doc_free(doc);
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
	lister_tell(l, NULL, err_is_set(&l->failed) ? &l->failed : NULL);
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
	if (l->provider == NULL) {
		err_set(&l->failed, ERR_USAGE, "no such model provider: %s",
		    provider);
	} else if (l->provider->base_url != NULL) {
		char **headers = entry_headers(l->provider, NULL);
		char *url = xasprintf("%s/models", l->provider->base_url);
		struct fetch_opts o = {
			.url = url, .connect_ms = LIST_CONNECT_MS,
			.headers = (const char *const *)headers,
			.first_byte_ms = LIST_MS, .idle_ms = LIST_MS,
			.on_body = list_bytes, .on_done = list_done, .arg = l,
		};

		l->fetch = fetch_start(ms->opts.fetch, &o, &l->failed);
		headers_free(headers);
		free(url);
	}
	if (l->fetch == NULL)
		event_active(l->later, EV_TIMEOUT, 1);
}
