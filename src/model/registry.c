/* SPDX-License-Identifier: GPL-3.0-or-later */
/* registry.c - the providers: a table, the environment, the configuration */

/*
 * An entry of the configuration changes the row of its name or adds one:
 *
 *	providers:
 *	  NAME:
 *	    api: openai-chat
 *	    base_url: http://127.0.0.1:9000/v1
 *	    key_env: NAME_API_KEY	# never the key itself
 *	    key_command: [pass, show, NAME]	# or what tells it (key.h)
 *	    headers: {X-Test-Id: a}
 *	    body: {temperature: 0}
 *	    max_tokens_field: max_tokens
 *	    connect_seconds: 10
 *	    first_byte_seconds: 120
 *	    idle_seconds: 120	# between two pieces of an answer
 *	    ca_file: ~/gateway.pem
 *	    api_version: 2024-10-21	# Azure with dated versions
 *	    simple: true	# schemas without pattern, format, maxItems
 *	    think_tags: true	# or "open": reasoning between tags in the text
 *	    model: NAME		# when none is said
 *	retry: {tries: 4, seconds: 30}
 *
 * NAME_BASE_URL in the environment wins over both.
 */

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "model/key.h"
#include "model/model_priv.h"
#include "model/retry.h"

enum {
	FIRST_BYTE_MS = 120 * 1000,
	FIRST_BYTE_LOCAL_MS = 600 * 1000,	/* a model must load first */
};

#define OPENAI_URL "https://api.openai.com/v1"

/* All names of a key, in the order in which they count (providers 5.1). */
static const char *const anthropic_keys[] = { "ANTHROPIC_API_KEY",
    "ANTHROPIC_AUTH_TOKEN", NULL };
static const char *const google_keys[] = { "GOOGLE_GENERATIVE_AI_API_KEY",
    "GEMINI_API_KEY", "GOOGLE_API_KEY", NULL };
static const char *const azure_keys[] = { "AZURE_OPENAI_API_KEY",
    "AZURE_API_KEY", NULL };

/*
 * In the order in which a key makes one the default (cli.md 8). The models are
 * those that the vendors recommended in November 2026; they retire old ones.
 */
static const struct row {
	const char *name;
	const struct model_ops *ops;
	const char *base_url;
	const char *env;	/* ENV_BASE_URL; NULL: as the name */
	const char *key_env;
	const char *const *key_names;
	const char *key_header;	/* NULL: as the API has it */
	const char *max_tokens_field;
	const char *default_model;
	enum model_effort effort;
	bool local, simple, mistral, usage_anyway, reasoning_back, native,
	    telling;
} rows[] = {
	{ .name = "openai", .ops = &model_chat_ops, .base_url = OPENAI_URL,
	  .key_env = "OPENAI_API_KEY", .default_model = "gpt-6.1-sol",
	  .native = true },
	{ .name = "openai-chat", .ops = &model_chat_ops,
	  .base_url = OPENAI_URL, .env = "OPENAI",
	  .key_env = "OPENAI_API_KEY", .default_model = "gpt-6.1-sol" },
	{ .name = "openai-responses", .ops = &model_responses_ops,
	  .base_url = OPENAI_URL, .env = "OPENAI",
	  .key_env = "OPENAI_API_KEY", .default_model = "gpt-6.1-sol" },
	{ .name = "anthropic", .ops = &model_anthropic_ops,
	  .base_url = "https://api.anthropic.com/v1",
	  .key_env = "ANTHROPIC_API_KEY", .key_names = anthropic_keys,
	  .default_model = "claude-sonnet-5-5", .telling = true },
	{ .name = "google", .ops = &model_gemini_ops, .env = "GEMINI",
	  .base_url = "https://generativelanguage.googleapis.com/v1beta",
	  .key_env = "GEMINI_API_KEY", .key_names = google_keys,
	  .default_model = "gemini-3.8-flash", .telling = true },
	{ .name = "openrouter", .ops = &model_chat_ops,
	  .base_url = "https://openrouter.ai/api/v1",
	  .key_env = "OPENROUTER_API_KEY",
	  .default_model = "openrouter/auto", .effort = EFFORT_OBJECT,
	  .telling = true },
	{ .name = "groq", .ops = &model_chat_ops,
	  .base_url = "https://api.groq.com/openai/v1",
	  .key_env = "GROQ_API_KEY",
	  .default_model = "openai/gpt-oss-120b", .simple = true,
	  .telling = true },
	{ .name = "deepseek", .ops = &model_chat_ops,
	  .base_url = "https://api.deepseek.com",
	  .key_env = "DEEPSEEK_API_KEY",
	  .default_model = "deepseek-v4-flash",
	  .effort = EFFORT_SWITCH, .reasoning_back = true },
	{ .name = "mistral", .ops = &model_chat_ops,
	  .base_url = "https://api.mistral.ai/v1",
	  .key_env = "MISTRAL_API_KEY",
	  .default_model = "mistral-large-latest", .effort = EFFORT_ENDS,
	  .mistral = true, .usage_anyway = true, .telling = true },
	{ .name = "xai", .ops = &model_chat_ops,
	  .base_url = "https://api.x.ai/v1", .key_env = "XAI_API_KEY",
	  .default_model = "grok-latest" },
	{ .name = "together", .ops = &model_chat_ops,
	  .base_url = "https://api.together.ai/v1",
	  .key_env = "TOGETHER_API_KEY" },
	{ .name = "azure", .ops = &model_chat_ops,
	  .key_env = "AZURE_OPENAI_API_KEY", .key_names = azure_keys,
	  .key_header = "api-key",
	  .max_tokens_field = "max_completion_tokens" },
	{ .name = "ollama", .ops = &model_chat_ops,
	  .base_url = "http://127.0.0.1:11434/v1",
	  .key_env = "OLLAMA_API_KEY", .local = true },
	{ .name = "llamacpp", .ops = &model_chat_ops,
	  .base_url = "http://127.0.0.1:8080/v1",
	  .key_env = "LLAMA_API_KEY", .default_model = "default",
	  .effort = EFFORT_NONE, .local = true, .simple = true },
	{ .name = "lmstudio", .ops = &model_chat_ops,
	  .base_url = "http://127.0.0.1:1234/v1",
	  .key_env = "LM_API_TOKEN", .local = true, .simple = true },
	{ .name = "vllm", .ops = &model_chat_ops,
	  .base_url = "http://127.0.0.1:8000/v1",
	  .key_env = "VLLM_API_KEY", .local = true },
	{ .name = "demo", .ops = &model_demo_ops, .local = true },
	{ .name = "script", .ops = &model_script_ops, .local = true },
};

/* -------------------------------------------------------------------- URLs */

bool
url_is_loopback(const char *url)
{
	const char *host = url != NULL ? strstr(url, "://") : NULL;

	if (host == NULL)
		return false;
	host += 3;
	size_t len = strcspn(host, ":/?#");
	return strncmp(host, "[::1]", 5) == 0 ||
	    (len == 9 && strncasecmp(host, "localhost", 9) == 0) ||
	    (strncmp(host, "127.", 4) == 0 &&
	    strspn(host, "0123456789.") == len);
}

static bool
ends_in(const char *s, size_t len, const char *tail)
{
	size_t n = tail != NULL ? strlen(tail) : 0;

	return n > 0 && len >= n && memcmp(s + len - n, tail, n) == 0;
}

/*
 * providers 2.1: no slash at the end, no endpoint, and the API's root behind
 * an address that does not say it.
 */
static char *
base_url_of(const struct model_ops *ops, const char *url, bool local)
{
	size_t len = strlen(url);

	while (len > 0 && url[len - 1] == '/')
		len--;
	if (ends_in(url, len, ops->tail))
		len -= strlen(ops->tail);
	char *base = xstrndup(url, len);
	const char *host = strstr(base, "://");
	bool bare = host != NULL && strchr(host + 3, '/') == NULL;
	bool wanted = ops->root_when == ROOT_ALWAYS ?
	    !ends_in(base, len, ops->root) :
	    bare && (ops->root_when == ROOT_BARE || local ||
	    url_is_loopback(base));

	if (!wanted || ops->root == NULL)
		return base;
	char *with = xasprintf("%s%s", base, ops->root);
	free(base);
	return with;
}

/* OLLAMA_HOST: host, host:port or a URL (providers 2.1) */
static char *
ollama_url(const char *host)
{
	const char *name = strstr(host, "://");
	size_t len;
	bool port;

	if (name != NULL)
		return xstrdup(host);
	len = strcspn(host, "/");
	port = memchr(host, ':', len) != NULL;
	if (strncmp(host, "0.0.0.0", 7) == 0)	/* where it listens */
		return xasprintf("http://127.0.0.1%.*s%s", (int)(len - 7),
		    host + 7, port ? "" : ":11434");
	return xasprintf("http://%.*s%s", (int)len, host,
	    port ? "" : ":11434");
}

static char *
env_name(const char *name, const char *suffix)
{
	char *s = xasprintf("%s%s", name, suffix);

	for (char *p = s; *p != '\0'; p++)
		*p = isalnum((unsigned char)*p) ?
		    (char)toupper((unsigned char)*p) : '_';
	return s;
}

static const char *
env_filled(const char *name)
{
	const char *s = name != NULL ? getenv(name) : NULL;

	return s != NULL && s[0] != '\0' ? s : NULL;
}

static void
set_base_url(struct model_entry *en, const char *url)
{
	free(en->base_url);
	en->base_url = base_url_of(en->ops, url, en->local);
}

/* Its newer interface is below v1, the dated ones are not. */
static char *
azure_url(const struct model_entry *en)
{
	const char *at = env_filled("AZURE_OPENAI_ENDPOINT");
	const char *name = env_filled("AZURE_RESOURCE_NAME");
	const char *v1 = en->api_version != NULL ? "" : "/v1";

	if (at != NULL && strstr(at, "/openai") == NULL)
		return xasprintf("%.*s/openai%s", (int)(strlen(at) -
		    ends_in(at, strlen(at), "/")), at, v1);
	if (at != NULL)
		return xstrdup(at);
	return name == NULL ? NULL :
	    xasprintf("https://%s.openai.azure.com/openai%s", name, v1);
}

/* Where a provider's own variables say it is, or NULL. Caller frees. */
static char *
env_own_url(const struct model_entry *en)
{
	if (strcmp(en->name, "ollama") == 0 &&
	    env_filled("OLLAMA_HOST") != NULL)
		return ollama_url(env_filled("OLLAMA_HOST"));
	if (strcmp(en->name, "llamacpp") == 0 &&
	    env_filled("LLAMA_ARG_PORT") != NULL)
		return xasprintf("http://127.0.0.1:%s",
		    env_filled("LLAMA_ARG_PORT"));
	return strcmp(en->name, "azure") == 0 ? azure_url(en) : NULL;
}

static void
env_apply(struct model_entry *en, const char *prefix)
{
	char *name = env_name(en->name, "_BASE_URL");
	char *shared = env_name(prefix != NULL ? prefix : en->name,
	    "_BASE_URL");
	const char *url = env_filled(name);
	const char *version = env_filled("AZURE_OPENAI_API_VERSION");

	if (version == NULL)
		version = env_filled("OPENAI_API_VERSION");
	if (strcmp(en->name, "azure") == 0 && version != NULL)
		str_replace(&en->api_version, version);
	char *own = env_own_url(en);
	if (url == NULL)
		url = env_filled(shared);
	if (url == NULL)
		url = own;
	if (url != NULL && en->ops->root != NULL) {
		set_base_url(en, url);
		en->moved = true;
	}
	free(own);
	free(shared);
	free(name);
}

/* ----------------------------------------------------------------- entries */

const char *
entry_key_variable(const struct model_entry *en)
{
	const char *const *name = en->key_names;

	if (name == NULL)
		return env_filled(en->key_env) != NULL ? en->key_env : NULL;
	for (; *name != NULL; name++)
		if (env_filled(*name) != NULL)
			return *name;
	return NULL;
}

const char *
entry_key(const struct model_entry *en)
{
	const char *name = entry_key_variable(en);

	if (en->key_command != NULL)
		return en->key_told;
	return name != NULL ? getenv(name) : NULL;
}

struct model_entry *
registry_find(struct models *ms, const char *name)
{
	struct model_entry *en;

	TAILQ_FOREACH(en, &ms->entries, entry)
		if (strcmp(en->name, name) == 0)
			return en;
	return NULL;
}

static struct model_entry *
entry_add(struct models *ms, const struct row *row)
{
	struct model_entry *en = xcalloc(1, sizeof(*en));

	en->name = xstrdup(row->name);
	en->ops = row->ops;
	en->local = en->server = row->local;
	en->effort = row->effort;
	en->simple = row->simple;
	en->mistral = row->mistral;
	en->no_stream_options = row->usage_anyway;
	en->reasoning_back = row->reasoning_back;
	en->native = row->native;
	en->telling = row->telling;
	en->key_names = row->key_names;
	en->key_header = row->key_header;
	str_replace(&en->max_tokens_field, row->max_tokens_field);
	str_replace(&en->base_url, row->base_url);
	str_replace(&en->key_env, row->key_env);
	str_replace(&en->default_model, row->default_model);
	TAILQ_INSERT_TAIL(&ms->entries, en, entry);
	return en;
}

static void
conf_str(char **field, const struct json *conf, const char *name)
{
	if (json_get_str(conf, name) != NULL)
		str_replace(field, json_get_str(conf, name));
}

static void
conf_think(struct model_entry *en, const struct json *v)
{
	if (json_streq(v, "open"))
		en->think = THINK_OPEN;
	else if (json_bool(v, false) || json_streq(v, "true"))
		en->think = THINK_LEADING;
}

static const struct model_ops *
ops_by_name(const char *api)
{
	static const struct model_ops *const all[] = { &model_chat_ops,
	    &model_responses_ops, &model_anthropic_ops, &model_gemini_ops,
	    &model_demo_ops, &model_script_ops };

	for (size_t i = 0; i < NELEM(all); i++)
		if (api == NULL || strcmp(all[i]->api, api) == 0)
			return all[i];
	return NULL;
}

static void
conf_seconds(long *ms, const struct json *conf, const char *name)
{
	int64_t seconds;

	if (json_int64(json_get(conf, name), &seconds) == 0 && seconds > 0 &&
	    seconds < 24 * 60 * 60)
		*ms = (long)seconds * 1000;
}

static void
conf_apply(struct model_entry *en, const struct json *conf)
{
	const struct model_ops *ops = ops_by_name(json_get_str(conf, "api"));

	if (json_get_str(conf, "api") != NULL && ops != NULL) {
		en->ops = ops;
		en->native = false;
	}
	if (json_get_str(conf, "key_env") != NULL)
		en->key_names = NULL;
	if (json_get_str(conf, "base_url") != NULL)
		set_base_url(en, json_get_str(conf, "base_url"));
	key_conf(en, json_get(conf, "key_command"));
	conf_str(&en->key_env, conf, "key_env");
	conf_str(&en->max_tokens_field, conf, "max_tokens_field");
	conf_str(&en->default_model, conf, "model");
	conf_str(&en->api_version, conf, "api_version");
	if (json_get_str(conf, "ca_file") != NULL) {
		free(en->ca_file);
		en->ca_file = path_expand(json_get_str(conf, "ca_file"));
	}
	if (json_is(json_get(conf, "headers"), JSON_OBJECT))
		en->headers = json_get(conf, "headers");
	if (json_is(json_get(conf, "body"), JSON_OBJECT))
		en->body = json_get(conf, "body");
	en->simple = json_bool(json_get(conf, "simple"), en->simple);
	conf_think(en, json_get(conf, "think_tags"));
	conf_seconds(&en->connect_ms, conf, "connect_seconds");
	conf_seconds(&en->first_byte_ms, conf, "first_byte_seconds");
	conf_seconds(&en->idle_ms, conf, "idle_seconds");
}

static void
conf_entries(struct models *ms, const struct json *providers)
{
	const struct json *conf;

	JSON_EACH(conf, providers) {
		const char *name = json_name(conf);
		struct model_entry *en;

		if (name == NULL || !json_is(conf, JSON_OBJECT))
			continue;
		en = registry_find(ms, name);
		if (en == NULL) {
			struct row row = { .name = name,
			    .ops = ops_by_name(json_get_str(conf, "api")) };

			if (row.ops == NULL) {
				log_msg(LOG_MODEL, LOG_ERROR, "provider %s: "
				    "no such api", name);
				continue;
			}
			en = entry_add(ms, &row);
		}
		conf_apply(en, conf);
	}
}

/* What follows from where the entry points. */
static void
entry_settle(struct model_entry *en, const struct json *retry)
{
	int64_t n;

	en->vendor = en->base_url != NULL &&
	    strncmp(en->base_url, "https://api.openai.com/", 23) == 0;
	if (en->native && en->vendor)
		en->ops = &model_responses_ops;
	en->api = en->ops->api;
	en->local = en->local || url_is_loopback(en->base_url);
	if (en->max_tokens_field == NULL)
		en->max_tokens_field = xstrdup(en->vendor ?
		    "max_completion_tokens" : "max_tokens");
	if (en->first_byte_ms == 0)
		en->first_byte_ms = en->local ? FIRST_BYTE_LOCAL_MS :
		    FIRST_BYTE_MS;
	/* some local servers send the head, then read the prompt */
	if (en->idle_ms == 0 && en->local)
		en->idle_ms = en->first_byte_ms;
	if (json_int64(json_get(retry, "tries"), &n) == 0 && n > 0 && n <= 100)
		en->tries = (int)n;
	if (json_int64(json_get(retry, "seconds"), &n) == 0 && n > 0 &&
	    n <= 24 * 60 * 60)
		en->retry_ms = (long)n * 1000;
}

int
registry_fill(struct models *ms)
{
	const struct json *conf = ms->opts.config;
	struct model_entry *en;

	for (size_t i = 0; i < NELEM(rows); i++)
		entry_add(ms, &rows[i]);
	conf_entries(ms, json_get(conf, "providers"));
	TAILQ_FOREACH(en, &ms->entries, entry) {
		const char *prefix = NULL;

		for (size_t i = 0; i < NELEM(rows); i++)
			if (strcmp(rows[i].name, en->name) == 0)
				prefix = rows[i].env;
		env_apply(en, prefix);
		entry_settle(en, json_get(conf, "retry"));
	}
	return 0;
}

void
registry_clear(struct models *ms)
{
	struct model_entry *en;

	while ((en = TAILQ_FIRST(&ms->entries)) != NULL) {
		TAILQ_REMOVE(&ms->entries, en, entry);
		free(en->name);
		free(en->base_url);
		free(en->key_env);
		free(en->max_tokens_field);
		free(en->default_model);
		free(en->ca_file);
		free(en->api_version);
		json_doc_free(en->list);
		key_clear(en);
		free(en);
	}
}

/* ----------------------------------------------------------------- headers */

static void
header_add(char ***list, size_t *count, char *line)
{
	*list = xreallocarray(*list, *count + 2, sizeof(**list));
	(*list)[(*count)++] = line;
	(*list)[*count] = NULL;
}

static void
vendor_headers(const struct model_entry *en, char ***list, size_t *count)
{
	static const char *const from[][2] = {
		{ "OpenAI-Organization", "OPENAI_ORG_ID" },
		{ "OpenAI-Project", "OPENAI_PROJECT_ID" },
	};

	for (size_t i = 0; en->vendor && i < NELEM(from); i++)
		if (env_filled(from[i][1]) != NULL)
			header_add(list, count, xasprintf("%s: %s",
			    from[i][0], env_filled(from[i][1])));
}

/* Does the configuration have this header ("Name: value")? */
static bool
conf_has_header(const struct model_entry *en, const char *line)
{
	const struct json *h;

	JSON_EACH(h, en->headers)
		if (json_name_len(h) == strcspn(line, ":") &&
		    strncasecmp(json_name(h), line, json_name_len(h)) == 0)
			return true;
	return false;
}

/* None rather than an empty one (providers 2.1). */
static void
key_header(const struct model_entry *en, char ***list, size_t *count)
{
	const char *name = en->key_header != NULL ? en->key_header :
	    en->ops->key_header;
	const char *variable = entry_key_variable(en), *key = entry_key(en);

	if (key == NULL)
		return;
	if (name == NULL || (en->key_command == NULL &&
	    strstr(variable, "_AUTH_TOKEN") != NULL))
		header_add(list, count, xasprintf("Authorization: Bearer %s",
		    key));
	else
		header_add(list, count, xasprintf("%s: %s", name, key));
}

char **
entry_headers(const struct model_entry *en, const char *const *more)
{
	const char *const *own = en->ops->headers;
	char **list = NULL;
	size_t count = 0;
	const struct json *h;

	for (; more != NULL && *more != NULL; more++)
		header_add(&list, &count, xstrdup(*more));
	for (; own != NULL && *own != NULL; own++)
		if (!conf_has_header(en, *own))
			header_add(&list, &count, xstrdup(*own));
	key_header(en, &list, &count);
	vendor_headers(en, &list, &count);
	JSON_EACH(h, en->headers) {
		const char *value = json_str(h);

		if (value != NULL && strpbrk(value, "\r\n") == NULL &&
		    strpbrk(json_name(h), "\r\n:") == NULL)
			header_add(&list, &count, xasprintf("%s: %s",
			    json_name(h), value));
	}
	if (list == NULL)
		list = xcalloc(1, sizeof(*list));
	return list;
}

void
headers_free(char **headers)
{
	for (size_t i = 0; headers[i] != NULL; i++) {
		mem_wipe(headers[i], strlen(headers[i]));
		free(headers[i]);
	}
	free(headers);
}
