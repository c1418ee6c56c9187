/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_models.c - chatd models: providers, and the models they have */

#include <event2/event.h>
#include <stdio.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "cli/cmd.h"
#include "cli/columns.h"
#include "cli/halves.h"
#include "cli/out.h"
#include "model/model.h"

static const struct column provider_columns[] = {
	{ "PROVIDER", 0, 0 },
	{ "API", 0, 0 },
	{ "READY", 0, 0 },
	{ "KEY", 0, 0 },
	{ "URL", 0, 1 },
};

static const struct column model_columns[] = {
	{ "MODEL", 0, 1 },
	{ "CONTEXT", 1, 0 },
	{ "IN $/M", 1, 0 },
	{ "OUT $/M", 1, 0 },
	{ "CAN", 0, 0 },
};

static int
providers_json(struct models *ms, struct err *e)
{
	struct buf b = BUF_INIT;
	struct json_w w;
	const struct models_provider *p;

	json_w_init(&w, &b);
	json_w_arr(&w);
	for (size_t i = 0; (p = models_entry(ms, i)) != NULL; i++) {
		json_w_obj(&w);
		json_w_kstr(&w, "provider", p->name);
		json_w_kstr(&w, "api", p->api);
		json_w_kstr(&w, "url", p->base_url);
		json_w_kstr(&w, "keyVariable", p->key_env);
		json_w_kbool(&w, "ready", p->ready);
		json_w_kbool(&w, "local", p->local);
		json_w_obj_end(&w);
	}
	json_w_arr_end(&w);
	buf_addc(&b, '\n');
	return out_json(&b, e);
}

static int
providers(struct models *ms, struct err *e)
{
	struct columns *c = columns_new(provider_columns,
	    NELEM(provider_columns));
	const struct models_provider *p;

	for (size_t i = 0; (p = models_entry(ms, i)) != NULL; i++) {
		columns_add(c, p->name);
		columns_add(c, p->api);
		columns_add(c, p->local ? "local" : p->ready ? "yes" :
		    "no key");
		columns_add(c, p->key_env);
		columns_add(c, p->base_url);
	}
	int r = columns_print(c, e);
	columns_free(c);
	return r;
}

/* The answer to models_list(), which is only good inside the callback. */
struct listing {
	struct event_base *base;
	const struct opts *opts;
	struct err err;
	bool done;
};

static const struct {
	unsigned bit;
	const char *name;
} cans[] = {
#define X(id, word) { MODEL_CAN_##id, word },
	MODEL_CANS(X)
#undef X
};

static void
write_usd(struct json_w *w, const char *name, double usd)
{
	if (usd < 0)
		return;
	json_w_key(w, name);
	json_w_double(w, usd);
}

/* What not every provider tells; prices are for a million tokens. */
static void
write_more(struct json_w *w, const struct model_info *info)
{
	if (info->max_output > 0)
		json_w_kint(w, "maxOutput", info->max_output);
	json_w_key(w, "can");
	json_w_arr(w);
	for (size_t i = 0; i < NELEM(cans); i++)
		if ((info->can & cans[i].bit) != 0)
			json_w_str(w, cans[i].name);
	json_w_arr_end(w);
	write_usd(w, "inputPrice", info->price.input);
	write_usd(w, "outputPrice", info->price.output);
}

static int
models_json(const struct model_info *infos, size_t count, struct err *e)
{
	struct buf b = BUF_INIT;
	struct json_w w;

	json_w_init(&w, &b);
	json_w_arr(&w);
	for (size_t i = 0; i < count; i++) {
		json_w_obj(&w);
		json_w_kstr(&w, "provider", infos[i].provider);
		json_w_kstr(&w, "id", infos[i].id);
		if (infos[i].context > 0)
			json_w_kint(&w, "context", infos[i].context);
		else
			json_w_knull(&w, "context");
		write_more(&w, &infos[i]);
		json_w_obj_end(&w);
	}
	json_w_arr_end(&w);
	buf_addc(&b, '\n');
	return out_json(&b, e);
}

static void
add_usd(struct columns *c, double usd)
{
	char text[32] = "";

	if (usd >= 0)
		snprintf(text, sizeof(text), "%.2f", usd);
	columns_add(c, text);
}

static void
add_cans(struct columns *c, unsigned can)
{
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < NELEM(cans); i++)
		if ((can & cans[i].bit) != 0)
			buf_addf(&b, "%s%s", b.len > 0 ? " " : "",
			    cans[i].name);
	columns_add(c, b.data);
	buf_clear(&b);
}

static int
models_table(const struct model_info *infos, size_t count, struct err *e)
{
	struct columns *c = columns_new(model_columns, NELEM(model_columns));

	for (size_t i = 0; i < count; i++) {
		struct buf spec = BUF_INIT;
		char context[32] = "";

		buf_addf(&spec, "%s:%s", infos[i].provider, infos[i].id);
		if (infos[i].context > 0)
			snprintf(context, sizeof(context), "%lld",
			    (long long)infos[i].context);
		columns_add(c, spec.data);
		columns_add(c, context);
		add_usd(c, infos[i].price.input);
		add_usd(c, infos[i].price.output);
		add_cans(c, infos[i].can);
		buf_clear(&spec);
	}
	int r = columns_print(c, e);
	columns_free(c);
	return r;
}

static void
listed(const struct model_info *infos, size_t count, const struct err *e,
    void *arg)
{
	struct listing *l = arg;

	l->done = true;
	event_base_loopbreak(l->base);
	if (e != NULL && err_is_set(e))
		l->err = *e;
	else if (l->opts->json)
		(void)(models_json(infos, count, &l->err) == 0);
	else
		(void)(models_table(infos, count, &l->err) == 0);
}

static int
list_models(struct halves *h, const struct opts *o, struct err *e)
{
	struct listing l = { .base = h->base, .opts = o, .err = ERR_INIT };

	models_list(h->models, o->words.items[0], listed, &l);
	if (!l.done)
		event_base_dispatch(h->base);
	if (!err_is_set(&l.err))
		return 0;
	*e = l.err;
	return -1;
}

static int
models_run(struct opts *o, struct err *e)
{
	struct halves h;
	int r;

	if (halves_open(&h, HALVES_LOOP, o, e) != 0)
		return -1;
	if (o->words.count > 0)
		r = list_models(&h, o, e);
	else
		r = o->json ? providers_json(h.models, e) :
		    providers(h.models, e);
	halves_close(&h);
	return r;
}

const struct command cmd_models = {
	.name = "models",
	.args = "[PROVIDER]",
	.help = "list the providers, or the models that one has",
	.opts = opts_json,
	.flags = CMD_LOCAL,
	.words_max = 1,
	.run = models_run,
};
