/* SPDX-License-Identifier: GPL-3.0-or-later */
/* list_cache.c - lists of models, kept for an hour */

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "model/list_cache.h"
#include "model/model_priv.h"

enum {
	KEEP_MS = 60 * 60 * 1000,
	CACHE_MAX = 16 * 1024 * 1024,
};

static char *
cache_path(const struct model_entry *en)
{
	char *name = xasprintf("models/%s.json", en->name);
	char *path;

	/* an entry of the configuration may be called anything */
	for (char *p = name + strlen("models/"); *p != '\0'; p++)
		if (*p == '/')
			*p = '_';
	path = path_state(name);
	free(name);
	return path;
}

static void
price_write(struct json_w *w, const char *name, double usd)
{
	if (usd < 0)
		return;
	json_w_key(w, name);
	json_w_double(w, usd);
}

static void
info_write(struct json_w *w, const struct model_info *info)
{
	json_w_obj(w);
	json_w_kstr(w, "id", info->id);
	if (info->context > 0)
		json_w_kint(w, "context", info->context);
	if (info->max_output > 0)
		json_w_kint(w, "maxOutput", info->max_output);
	if (info->can != 0)
		json_w_kint(w, "can", info->can);
	if (info->thinking != 0)
		json_w_kint(w, "thinking", info->thinking);
	price_write(w, "inputPrice", info->price.input);
	price_write(w, "outputPrice", info->price.output);
	price_write(w, "cacheReadPrice", info->price.cache_read);
	price_write(w, "cacheWritePrice", info->price.cache_write);
	json_w_obj_end(w);
}

void
list_cache_write(struct model_entry *en, const struct model_info *infos,
    size_t count)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	struct json_w w;
	char *path;

	if (en->local || count == 0)
		return;
	json_w_init(&w, &b);
	json_w_obj(&w);
	json_w_kint(&w, "at", clock_ms());
	json_w_kstr(&w, "url", en->base_url);
	json_w_key(&w, "models");
	json_w_arr(&w);
	for (size_t i = 0; i < count; i++)
		info_write(&w, &infos[i]);
	json_w_arr_end(&w);
	json_w_obj_end(&w);
	path = cache_path(en);
	if (path_make_parent(path, &e) == -1 ||
	    path_write_whole(path, b.data, b.len, 0600, &e) == -1)
		log_msg(LOG_MODEL, LOG_WARN, "%s", e.text);
	json_doc_free(en->list);
	en->list = json_parse(b.data, b.len, 0, NULL);
	en->list_looked = true;
	free(path);
	buf_clear(&b);
}

static const struct json *
cache_read(struct model_entry *en)
{
	struct buf b = BUF_INIT;
	char *path;

	if (en->list_looked || en->local || en->base_url == NULL)
		return en->list != NULL ? json_root(en->list) : NULL;
	en->list_looked = true;
	path = cache_path(en);
	/* none yet is the usual case */
	if (buf_read_file(&b, path, CACHE_MAX, NULL) == 0)
		en->list = json_parse(b.data, b.len, 0, NULL);
	if (en->list != NULL && !json_streq(json_get(json_root(en->list),
	    "url"), en->base_url)) {
		json_doc_free(en->list);
		en->list = NULL;
	}
	buf_clear(&b);
	free(path);
	return en->list != NULL ? json_root(en->list) : NULL;
}

const struct json *
list_cache_fresh(struct model_entry *en)
{
	const struct json *list = cache_read(en);
	int64_t at;

	if (json_int64(json_get(list, "at"), &at) == -1 ||
	    at > clock_ms() || clock_ms() - at > KEEP_MS)
		return NULL;
	return json_get(list, "models");
}

const struct json *
list_cache_find(const struct model *m)
{
	const struct json *info;

	JSON_EACH(info, json_get(cache_read(m->provider), "models"))
		if (json_streq(json_get(info, "id"), m->id))
			return info;
	return NULL;
}
