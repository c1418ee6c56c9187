/* SPDX-License-Identifier: GPL-3.0-or-later */
/* price.c - what a call costs, where the provider does not say it */

#include <stdlib.h>
#include <string.h>

#include "base/conf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "model/list_cache.h"
#include "model/model_priv.h"
#include "model/price.h"
#include "model/prices_built_in.h"

#define PER 1e6		/* prices are for a million tokens */

/* The first of these that is there; one that cannot be read is said. */
static struct json_doc *
table_read(void)
{
	char *paths[] = { path_config("prices.yaml"),
	    xstrdup(PKGDATADIR "/prices.yaml") };
	struct json_doc *doc = NULL;

	for (size_t i = 0; i < NELEM(paths); i++) {
		struct err e = ERR_INIT;

		if (doc == NULL && path_exists(paths[i]) &&
		    (doc = conf_read(paths[i], &e)) == NULL)
			log_msg(LOG_MODEL, LOG_WARN, "%s", e.text);
		free(paths[i]);
	}
	return doc != NULL ? doc : conf_parse(prices_built_in,
	    strlen(prices_built_in), "built-in prices", NULL);
}

static const struct json *
table(struct models *ms)
{
	if (ms->prices == NULL)
		ms->prices = table_read();
	return ms->prices != NULL ? json_root(ms->prices) : NULL;
}

const char *
price_date(struct models *ms)
{
	const char *date = json_get_str(table(ms), "date");

	return date != NULL ? date : "";
}

/* The longest name that the id begins with: dates follow names. */
static const struct json *
row_for(const struct json *rows, const char *id)
{
	const struct json *row, *best = NULL;

	JSON_EACH(row, rows)
		if (strncmp(id, json_name(row), json_name_len(row)) == 0 &&
		    (id[json_name_len(row)] == '\0' ||
		    id[json_name_len(row)] == '-') && (best == NULL ||
		    json_name_len(row) > json_name_len(best)))
			best = row;
	return best;
}

static double
usd(const struct json *row, const char *name)
{
	double d;

	return json_double(json_get(row, name), &d) == 0 && d >= 0 ? d : -1;
}

static void
price_read(struct model_price *p, const struct json *row,
    const char *const names[4])
{
	p->input = usd(row, names[0]);
	p->output = usd(row, names[1]);
	p->cache_read = usd(row, names[2]);
	p->cache_write = usd(row, names[3]);
}

bool
price_of(const struct model *m, struct model_price *p)
{
	static const char *const listed[4] = { "inputPrice", "outputPrice",
	    "cacheReadPrice", "cacheWritePrice" };
	static const char *const tabled[4] = { "input", "output",
	    "cache_read", "cache_write" };
	const char *name = m->provider->name;
	const struct json *providers;

	price_read(p, list_cache_find(m), listed);
	if (p->input >= 0)
		return true;
	if (m->provider->local || m->provider->base_url == NULL)
		return false;
	if (strncmp(name, "openai-", 7) == 0)
		name = "openai";
	providers = json_get(table(m->models), "providers");
	price_read(p, row_for(json_get(providers, name), m->id), tabled);
	return p->input >= 0;
}

/* n tokens at a price, or at the one for fresh input */
static double
part_cost(int64_t n, double price, double otherwise)
{
	return n <= 0 ? 0 : (double)n * (price >= 0 ? price : otherwise) /
	    PER;
}

double
price_cost(const struct model_price *p, const struct model_usage *u)
{
	int64_t cached = u->cache_read > 0 ? u->cache_read : 0;
	int64_t written = u->cache_write > 0 ? u->cache_write : 0;

	if (p->input < 0 || p->output < 0 || u->input < 0 || u->output < 0)
		return -1;
	if (cached + written > u->input)
		return -1;
	return part_cost(u->input - cached - written, p->input, p->input) +
	    part_cost(cached, p->cache_read, p->input) +
	    part_cost(written, p->cache_write, p->input) +
	    part_cost(u->output, p->output, p->output);
}
