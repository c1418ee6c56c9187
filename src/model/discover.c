/* SPDX-License-Identifier: GPL-3.0-or-later */
/* discover.c - local servers that answer, and the model when nobody says */

/*
 * All probes run at the same time and all are over when the limit comes
 * (providers 10). Something else may own these ports: only the expected JSON
 * counts. Where a server is found its first model is asked for.
 */

#include <event2/event.h>

#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "base/mem.h"
#include "model/model_priv.h"
#include "wire/fetch.h"

enum {
	DEFAULT_MS = 100,		/* cli.md 8 */
	PROBE_BODY_MAX = 4 * 1024 * 1024,
	PROBES_MAX = 8,
};

struct probe {
	struct model_finder *finder;
	const char *provider;
	char *origin;
	bool (*known)(const struct json *root, struct probe *p);
	struct fetch *fetch;
	struct buf body;
	bool found;
	char *version;
	char *first_model;
};

struct model_finder {
	TAILQ_ENTRY(model_finder) entry;
	struct models *models;
	models_found_fn found_fn;	/* one of these */
	models_default_fn default_fn;
	void *arg;
	struct event *timer;
	struct probe probes[PROBES_MAX];
	size_t count, open;
	char *spec, *why;		/* already known */
};

/* ------------------------------------------------------- who is it (10) */

static void
take_first(struct probe *p, const struct json *list)
{
	const struct json *m;

	JSON_EACH(m, list) {
		const char *id = json_get_str(m, "id");

		if (id == NULL)
			id = json_get_str(m, "name");
		if (id == NULL)
			id = json_get_str(m, "key");
		if (id == NULL || strstr(id, "embed") != NULL)
			continue;
		str_replace(&p->first_model, id);
		return;
	}
}

static bool
owned_by(const struct json *root, const char *owner)
{
	return json_streq(json_get(json_first(json_get(root, "data")),
	    "owned_by"), owner);
}

static bool
known_ollama(const struct json *root, struct probe *p)
{
	const struct json *list = json_get(root, "models");

	take_first(p, list);
	return json_is(list, JSON_ARRAY);
}

static bool
known_llamacpp(const struct json *root, struct probe *p)
{
	take_first(p, json_get(root, "data"));
	return owned_by(root, "llamacpp");
}

static bool
known_vllm(const struct json *root, struct probe *p)
{
	take_first(p, json_get(root, "data"));
	return owned_by(root, "vllm");
}

static bool
known_lmstudio(const struct json *root, struct probe *p)
{
	const struct json *list = json_get(root, "models");

	if (list == NULL)
		list = json_get(root, "data");
	take_first(p, list);
	return json_is(list, JSON_ARRAY);
}

static const struct {
	const char *provider;
	int port;		/* 0: where the entry points */
	const char *path;
	bool (*known)(const struct json *, struct probe *);
} places[] = {
	{ "ollama", 0, "/api/tags", known_ollama },
	{ "llamacpp", 0, "/v1/models", known_llamacpp },
	{ "llamacpp", 9931, "/v1/models", known_llamacpp },
	{ "lmstudio", 0, "/api/v1/models", known_lmstudio },
	{ "lmstudio", 0, "/api/v0/models", known_lmstudio },
	{ "vllm", 0, "/v1/models", known_vllm },
};

/* ----------------------------------------------------------------- the end */

static void
finder_free(struct model_finder *fi)
{
	TAILQ_REMOVE(&fi->models->finders, fi, entry);
	for (size_t i = 0; i < fi->count; i++) {
		struct probe *p = &fi->probes[i];

		fetch_cancel(p->fetch);
		buf_clear(&p->body);
		free(p->origin);
		free(p->version);
		free(p->first_model);
	}
	event_free(fi->timer);
	free(fi->spec);
	free(fi->why);
	free(fi);
}

/* The last word of default is said even now: its caller waits for it. */
void
finders_clear(struct models *ms)
{
	struct model_finder *fi;

	while ((fi = TAILQ_FIRST(&ms->finders)) != NULL) {
		models_default_fn fn = fi->default_fn;
		void *arg = fi->arg;

		finder_free(fi);
		if (fn != NULL)
			fn("demo", "nothing else was found", arg);
	}
}

static bool
is_second(const struct model_finder *fi, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (fi->probes[j].found && strcmp(fi->probes[j].provider,
		    fi->probes[i].provider) == 0)
			return true;
	return false;
}

static void
tell_found(struct model_finder *fi)
{
	models_found_fn fn = fi->found_fn;
	void *arg = fi->arg;
	struct buf b = BUF_INIT;
	struct json_w w;

	json_w_init(&w, &b);
	json_w_arr(&w);
	for (size_t i = 0; i < fi->count; i++) {
		const struct probe *p = &fi->probes[i];

		if (!p->found || is_second(fi, i))
			continue;
		json_w_obj(&w);
		json_w_kstr(&w, "provider", p->provider);
		json_w_kstr(&w, "url", p->origin);
		if (p->first_model != NULL)
			json_w_kstr(&w, "model", p->first_model);
		json_w_obj_end(&w);
	}
	json_w_arr_end(&w);
	finder_free(fi);
	fn(b.data, arg);
	buf_clear(&b);
}

/* Point the entry to where its server was found. */
static void
entry_move(struct model_finder *fi, const struct probe *p)
{
	struct model_entry *en = registry_find(fi->models, p->provider);

	free(en->base_url);
	en->base_url = xasprintf("%s/v1", p->origin);
}

static void
tell_default(struct model_finder *fi)
{
	models_default_fn fn = fi->default_fn;
	void *arg = fi->arg;
	char *spec = fi->spec, *why = fi->why;

	fi->spec = fi->why = NULL;
	for (size_t i = 0; i < fi->count && spec == NULL; i++) {
		struct probe *p = &fi->probes[i];

		if (!p->found || p->first_model == NULL)
			continue;
		entry_move(fi, p);
		spec = xasprintf("%s:%s", p->provider, p->first_model);
		why = xasprintf("%s answers at %s", p->provider, p->origin);
	}
	if (spec == NULL) {
		spec = xstrdup("demo");
		why = xstrdup("no key is set and no local server answers");
	}
	finder_free(fi);
	fn(spec, why, arg);
	free(spec);
	free(why);
}

static void
finder_tell(struct model_finder *fi)
{
	if (fi->found_fn != NULL)
		tell_found(fi);
	else
		tell_default(fi);
}

static void
finder_ran_out(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	finder_tell(arg);
}

/* --------------------------------------------------------------- the probes */

static int
probe_bytes(const char *bytes, size_t len, void *arg)
{
	struct probe *p = arg;

	return buf_add(&p->body, bytes, len);
}

static void
probe_done(const struct fetch_result *res, void *arg)
{
	struct probe *p = arg;
	struct model_finder *fi = p->finder;
	struct json_doc *doc = NULL;

	p->fetch = NULL;
	fi->open--;
	if (!err_is_set(&res->err) && res->status == 200)
		doc = json_parse(p->body.data, p->body.len,
		    JSON_REPLACE_UTF8, NULL);
	p->found = doc != NULL && p->known(json_root(doc), p);
	json_doc_free(doc);
	if (fi->open == 0)
		finder_tell(fi);
}

static char *
origin_of(const struct model_entry *en, int port)
{
	const char *host;

	if (port != 0)
		return xasprintf("http://127.0.0.1:%d", port);
	host = strstr(en->base_url, "://");
	if (host == NULL)
		return xstrdup(en->base_url);
	host += 3;
	return xstrndup(en->base_url, (size_t)(host - en->base_url) +
	    strcspn(host, "/"));
}

static void
probe_start(struct model_finder *fi, size_t place, long within_ms)
{
	struct model_entry *en = registry_find(fi->models,
	    places[place].provider);
	struct probe *p = &fi->probes[fi->count];
	char *url;

	/* this machine only, whatever the entry says */
	if (!url_is_loopback(en->base_url))
		return;
	fi->count++;
	p->finder = fi;
	p->provider = en->name;
	p->known = places[place].known;
	p->origin = origin_of(en, places[place].port);
	buf_init_max(&p->body, PROBE_BODY_MAX);
	url = xasprintf("%s%s", p->origin, places[place].path);
	struct fetch_opts o = {
		.url = url, .connect_ms = within_ms,
		.first_byte_ms = within_ms, .idle_ms = within_ms,
		.on_body = probe_bytes, .on_done = probe_done, .arg = p,
	};
	p->fetch = fetch_start(fi->models->opts.fetch, &o, NULL);
	if (p->fetch != NULL)
		fi->open++;
	free(url);
}

static struct model_finder *
finder_new(struct models *ms, void *arg)
{
	struct model_finder *fi = xcalloc(1, sizeof(*fi));

	fi->models = ms;
	fi->arg = arg;
	fi->timer = event_new(ms->opts.base, -1, 0, finder_ran_out, fi);
	TAILQ_INSERT_TAIL(&ms->finders, fi, entry);
	return fi;
}

static void
finder_start(struct model_finder *fi, long within_ms)
{
	struct timeval tv = {
		.tv_sec = within_ms / 1000,
		.tv_usec = within_ms % 1000 * 1000,
	};
	const char *off = getenv("CHATD_NO_DISCOVERY");

	if (fi->spec == NULL && (off == NULL || strcmp(off, "1") != 0))
		for (size_t i = 0; i < NELEM(places); i++)
			probe_start(fi, i, within_ms);
	if (fi->open == 0)
		event_active(fi->timer, EV_TIMEOUT, 1);
	else
		event_add(fi->timer, &tv);
}

void
models_discover(struct models *ms, long within_ms, models_found_fn fn,
    void *arg)
{
	struct model_finder *fi = finder_new(ms, arg);

	fi->found_fn = fn;
	finder_start(fi, within_ms);
}

/* ------------------------------------------------------------- the default */

void
models_default(struct models *ms, models_default_fn fn, void *arg)
{
	struct model_finder *fi = finder_new(ms, arg);
	const char *said = json_get_str(ms->opts.config, "model");
	struct model_entry *en;

	fi->default_fn = fn;
	if (said != NULL) {
		fi->spec = xstrdup(said);
		fi->why = xstrdup("the configuration says so");
	}
	TAILQ_FOREACH(en, &ms->entries, entry) {
		if (fi->spec != NULL)
			break;
		if (en->server || en->default_model == NULL)
			continue;
		if (en->key_command != NULL)
			fi->why = xasprintf("%s has a key_command", en->name);
		else if (entry_key(en) != NULL)
			fi->why = xasprintf("%s is set",
			    entry_key_variable(en));
		else if (en->moved && en->local)
			fi->why = xasprintf("%s is at %s", en->name,
			    en->base_url);
		else
			continue;
		fi->spec = xasprintf("%s:%s", en->name, en->default_model);
	}
	finder_start(fi, DEFAULT_MS);
}
