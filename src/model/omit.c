/* SPDX-License-Identifier: GPL-3.0-or-later */
/* omit.c - fields of a request that a model turned out to refuse */

#include "config.h"

#include <string.h>

#include "base/log.h"
#include "model/fault.h"
#include "model/model_priv.h"
#include "model/omit.h"

/* What the message says, and the member that goes; at most 32. */
static const struct {
	const char *word;
	const char *field, *within;	/* within: a member of field, or NULL */
} rules[] = {
	{ "reasoning.summary", "reasoning", "summary" },
	{ "verified to generate reasoning summaries", "reasoning", "summary" },
	{ "reasoning.effort", "reasoning", "effort" },
	{ "reasoning_effort", "reasoning_effort", NULL },
	{ "reasoningEffort", "reasoning_effort", NULL },	/* xAI */
	{ "encrypted content is not supported", "include", NULL },
	{ "display", "thinking", "display" },
	{ "thinking", "thinking", NULL },
	{ "effort", "output_config", "effort" },
	{ "thinking", "generationConfig", "thinkingConfig" },
	{ "temperature", "temperature", NULL },
	{ "top_p", "top_p", NULL },
	{ "top_k", "top_k", NULL },
	{ "prompt_cache_key", "prompt_cache_key", NULL },
	{ "cache_control", "cache_control", NULL },
};

static bool
has_field(const struct json *request, size_t rule)
{
	const struct json *v = json_get(request, rules[rule].field);

	return rules[rule].within == NULL ? v != NULL :
	    json_get(v, rules[rule].within) != NULL;
}

/* All of v but one member; what is left of an empty object is left out. */
static void
write_without(struct json_w *w, const struct json *v, size_t rule)
{
	const struct json *m, *n;

	json_w_obj(w);
	JSON_EACH(m, v) {
		if (strcmp(json_name(m), rules[rule].field) != 0) {
			json_w_kvalue(w, json_name(m), m);
			continue;
		}
		if (rules[rule].within == NULL || json_len(m) < 2)
			continue;
		json_w_key(w, json_name(m));
		json_w_obj(w);
		JSON_EACH(n, m)
			if (strcmp(json_name(n), rules[rule].within) != 0)
				json_w_kvalue(w, json_name(n), n);
		json_w_obj_end(w);
	}
	json_w_obj_end(w);
}

static bool
take_out(struct buf *request, size_t rule)
{
	struct json_doc *doc = json_parse(request->data, request->len, 0,
	    NULL);
	bool found = doc != NULL && has_field(json_root(doc), rule);
	struct buf b = BUF_INIT;
	struct json_w w;

	if (found) {
		json_w_init(&w, &b);
		write_without(&w, json_root(doc), rule);
		buf_clear(request);
		*request = b;
	}
	json_doc_free(doc);
	return found;
}

void
omit_apply(const struct model *m, struct buf *request)
{
	for (size_t i = 0; m->omitted != 0 && i < NELEM(rules); i++)
		if ((m->omitted & (1u << i)) != 0)
			(void)take_out(request, i);
}

bool
omit_learn(struct model *m, const struct fault *f, struct buf *request)
{
	if (f->err.code != ERR_REFUSED && f->err.code != ERR_INVALID)
		return false;
	/* it complains of what was said, not of how it was asked */
	if (strstr(f->err.text, "messages.") != NULL)
		return false;
	for (size_t i = 0; i < NELEM(rules); i++) {
		if ((m->omitted & (1u << i)) != 0 ||
		    strcasestr(f->err.text, rules[i].word) == NULL ||
		    !take_out(request, i))
			continue;
		m->omitted |= 1u << i;
		log_msg(LOG_MODEL, LOG_WARN, "%s refuses %s: sent without",
		    m->spec, rules[i].field);
		return true;
	}
	return false;
}
