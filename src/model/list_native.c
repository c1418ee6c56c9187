/* SPDX-License-Identifier: GPL-3.0-or-later */
/* list_native.c - what local servers tell of models in their own interface */

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/list_native.h"
#include "model/model_priv.h"

enum { EACH_MAX = 64 };		/* models that are asked about one by one */

static const struct {
	const char *provider;
	const char *path;
	bool each;		/* POST {"model": ID} for each of them */
} asks[] = {
	{ "ollama", "/api/show", true },
	{ "llamacpp", "/props", false },
	{ "lmstudio", "/api/v0/models", false },	/* before 0.4 */
	{ "lmstudio", "/api/v1/models", false },
};

/* The address without the root of the API. Caller frees. */
static char *
url_of(const struct model_entry *en, const char *path)
{
	size_t len = strlen(en->base_url), root = strlen(en->ops->root);

	if (len > root &&
	    strcmp(en->base_url + len - root, en->ops->root) == 0)
		len -= root;
	return xasprintf("%.*s%s", (int)len, en->base_url, path);
}

static char *
question(const struct model_info *info)
{
	struct buf b = BUF_INIT;
	struct json_w w;

	json_w_init(&w, &b);
	json_w_obj(&w);
	json_w_kstr(&w, "model", info->id);
	json_w_obj_end(&w);
	return buf_take(&b);
}

bool
list_native_ask(const struct model_entry *en, const struct model_info *infos,
    size_t count, size_t step, struct native_ask *ask)
{
	for (size_t i = 0; en->server && i < NELEM(asks); i++) {
		size_t steps = !asks[i].each ? 1 :
		    count < EACH_MAX ? count : EACH_MAX;

		if (strcmp(asks[i].provider, en->name) != 0)
			continue;
		if (step >= steps) {
			step -= steps;
			continue;
		}
		*ask = (struct native_ask){
			.url = url_of(en, asks[i].path),
			.body = asks[i].each ? question(&infos[step]) : NULL,
			.first = asks[i].each ? step : 0,
			.count = asks[i].each ? 1 : count,
		};
		return true;
	}
	return false;
}

/* ----------------------------------------------------------- their answers */

static void
count_read(int64_t *to, const struct json *v)
{
	int64_t n;

	if (json_int64(v, &n) == 0 && n > 0)
		*to = n;
}

static void
words_read(struct model_info *info, const struct json *words)
{
	static const struct {
		const char *word;
		unsigned can;
	} known[] = {
		{ "thinking", MODEL_CAN_THINK }, { "tools", MODEL_CAN_TOOLS },
		{ "tool_use", MODEL_CAN_TOOLS }, { "vision", MODEL_CAN_SEE },
	};

	for (size_t i = 0; i < NELEM(known); i++)
		if (json_lists(words, known[i].word))
			info->can |= known[i].can;
}

/* "num_ctx 8192" among other lines: what this model is run with */
static void
parameters_read(struct model_info *info, const char *s)
{
	while (s != NULL && (s = strstr(s, "num_ctx")) != NULL) {
		s += strlen("num_ctx");
		if (*s == ' ' || *s == '\t') {
			long long n = strtoll(s, NULL, 10);

			if (n > 0)
				info->context = n;
		}
	}
}

/* Ollama: the member is called after the architecture. */
static void
show_read(struct model_info *info, const struct json *show)
{
	static const char tail[] = ".context_length";
	const struct json *v;

	JSON_EACH(v, json_get(show, "model_info")) {
		size_t len = json_name_len(v), n = sizeof tail - 1;

		if (len > n && strcmp(json_name(v) + len - n, tail) == 0)
			count_read(&info->context, v);
	}
	parameters_read(info, json_get_str(show, "parameters"));
	words_read(info, json_get(show, "capabilities"));
}

/* llama.cpp: what the server was started with, not what the model could */
static void
props_read(struct model_info *info, const struct json *props)
{
	count_read(&info->context, json_path(props,
	    "default_generation_settings", "n_ctx", NULL));
	if (json_bool(json_path(props, "modalities", "vision", NULL), false))
		info->can |= MODEL_CAN_SEE;
}

/* LM Studio; a model that is loaded has the context it was loaded with */
static void
studio_read(struct model_info *info, const struct json *m)
{
	const struct json *has = json_get(m, "capabilities"), *i;

	count_read(&info->context, json_get(m, "max_context_length"));
	count_read(&info->context, json_get(m, "loaded_context_length"));
	JSON_EACH(i, json_get(m, "loaded_instances"))
		count_read(&info->context, json_path(i, "config",
		    "context_length", NULL));
	words_read(info, has);
	if (json_bool(json_get(has, "trained_for_tool_use"), false))
		info->can |= MODEL_CAN_TOOLS;
	if (json_bool(json_get(has, "vision"), false) ||
	    json_streq(json_get(m, "type"), "vlm"))
		info->can |= MODEL_CAN_SEE;
}

void
list_native_read(struct model_info *info, const struct json *answer)
{
	const struct json *list = json_get(answer, "models"), *m;

	if (list == NULL)
		list = json_get(answer, "data");
	if (json_is(json_get(answer, "model_info"), JSON_OBJECT))
		show_read(info, answer);
	else if (list == NULL)
		props_read(info, answer);
	JSON_EACH(m, list)
		if (json_streq(json_get(m, "id"), info->id) ||
		    json_streq(json_get(m, "key"), info->id))
			studio_read(info, m);
}
