/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ability.c - what is known of models: sizes, thinking, forbidden options */

#include <ctype.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "model/ability.h"
#include "model/list_cache.h"
#include "model/model_priv.h"

enum {
	/* of providers 4.2 */
	BUDGET = ABLE_REASON | ABLE_BUDGET,
	ADAPTIVE = ABLE_REASON | ABLE_ADAPTIVE | ABLE_SCHEMA,
	MODERN = ADAPTIVE | ABLE_DISPLAY | NOT_SAMPLING,
	GEMINI = ABLE_REASON | ABLE_SCHEMA,
	GPT = ABLE_REASON | ABLE_SCHEMA | NOT_SAMPLING,
};

/* The first that fits: longer names stand before shorter ones. */
static const struct ability table[] = {
	{ "claude-3-haiku", 200000, 4096, 0, NULL },
	{ "claude-3-5-", 200000, 8192, 0, NULL },
	{ "claude-3-7-", 200000, 64000, BUDGET, NULL },
	{ "claude-3-", 200000, 4096, 0, NULL },
	{ "claude-opus-4-5", 200000, 64000, BUDGET | ABLE_SCHEMA, NULL },
	{ "claude-sonnet-4-5", 200000, 64000, BUDGET | ABLE_SCHEMA, NULL },
	{ "claude-haiku-4-5", 200000, 64000, BUDGET | ABLE_SCHEMA, NULL },
	{ "claude-opus-4-6", 200000, 128000, ADAPTIVE, NULL },
	{ "claude-sonnet-4-6", 200000, 128000, ADAPTIVE, NULL },
	{ "claude-opus-4-7", 200000, 128000, MODERN, NULL },
	{ "claude-opus-4-8", 200000, 128000, MODERN, NULL },
	{ "claude-opus-4-1", 200000, 32000, BUDGET | ABLE_SCHEMA, NULL },
	{ "claude-opus-4-", 200000, 32000, BUDGET, NULL },
	{ "claude-sonnet-4-", 200000, 64000, BUDGET, NULL },
	{ "claude-haiku-5-5", 200000, 128000, MODERN, NULL },
	{ "claude-sonnet-5-5", 1000000, 128000,
	  MODERN | ABLE_ALWAYS | NOT_FORCED, NULL },
	{ "claude-sonnet-5", 1000000, 128000, MODERN, NULL },
	{ "claude-opus-5-5", 1000000, 128000,
	  MODERN | ABLE_ALWAYS | NOT_FORCED, NULL },
	{ "claude-fable-5-", 1000000, 128000,
	  MODERN | ABLE_ALWAYS | NOT_FORCED, NULL },
	{ "claude-fable-5", 1000000, 128000, MODERN | ABLE_ALWAYS, NULL },
	{ "claude-", 200000, 128000, MODERN, NULL },

	{ "gemini-1.", 1048576, 8192, ABLE_SCHEMA, NULL },
	{ "gemini-2.0", 1048576, 8192, ABLE_SCHEMA, NULL },
	{ "gemini-2.5-pro", 1048576, 65536,
	  GEMINI | ABLE_BUDGET | ABLE_ALWAYS, NULL },
	{ "gemini-2.5-", 1048576, 65536, GEMINI | ABLE_BUDGET, NULL },
	{ "gemini-3-flash", 1048576, 65536, GEMINI | ABLE_ALWAYS, "minimal" },
	{ "gemini-3.5-flash", 1048576, 65536, GEMINI | ABLE_ALWAYS,
	  "minimal" },
	{ "gemini-3.6-flash", 1048576, 65536, GEMINI | ABLE_ALWAYS,
	  "minimal" },
	{ "gemini-", 1048576, 65536, GEMINI | ABLE_ALWAYS, "low" },

	{ "gpt-5-chat", 128000, 16384, ABLE_SCHEMA, NULL },
	{ "gpt-5-", 400000, 128000, GPT | ABLE_ALWAYS, "minimal" },
	{ "gpt-5.", 400000, 128000, GPT, "none" },
	{ "gpt-5", 400000, 128000, GPT | ABLE_ALWAYS, "minimal" },
	{ "gpt-6", 1050000, 128000, GPT | ABLE_ALWAYS, "low" },
	{ "gpt-4.1", 1047576, 32768, ABLE_SCHEMA, NULL },
	{ "gpt-4o", 128000, 16384, ABLE_SCHEMA, NULL },
	{ "o1", 200000, 100000, GPT | ABLE_ALWAYS, "low" },
	{ "o3", 200000, 100000, GPT | ABLE_ALWAYS, "low" },
	{ "o4", 200000, 100000, GPT | ABLE_ALWAYS, "low" },

	{ "deepseek-v4-", 1000000, 0, 0, NULL },
	{ "deepseek-", 128000, 0, 0, NULL },
	{ "mistral-", 128000, 0, 0, NULL },
	{ "llama-3.", 131072, 0, 0, NULL },
};

static const char *const sampling[] = { "temperature", "top_p", "top_k",
    "presence_penalty", "frequency_penalty", "logprobs", "top_logprobs" };

static bool
fits(const struct ability *a, const char *id)
{
	size_t len = strlen(a->id);
	bool open = strchr("-.", a->id[len - 1]) != NULL;
	const char *p = id;

	for (; (p = strstr(p, a->id)) != NULL; p++)
		if ((p == id || strchr("/.:", p[-1]) != NULL) &&
		    /* "o3" is not "o30" */
		    (open || !isalnum((unsigned char)p[len])))
			return true;
	return false;
}

/* A local server decides for itself how large its context is. */
static void
overlay(struct ability *a, const struct model *m)
{
	const struct json *known = list_cache_find(m);
	int64_t n;

	if (m->provider->local)
		a->context = 0;
	if (json_int64(json_get(known, "context"), &n) == 0 && n > 0)
		a->context = n;
	if (json_int64(json_get(known, "maxOutput"), &n) == 0 && n > 0)
		a->max_output = n;
	if (json_int64(json_get(known, "thinking"), &n) == 0 && n > 0)
		a->can = (a->can & ~(unsigned)ABLE_THINKING) |
		    ((unsigned)n & ABLE_THINKING);
}

struct ability
ability_of(const struct model *m)
{
	struct ability a = { .id = m->id };

	for (size_t i = 0; i < NELEM(table); i++)
		if (fits(&table[i], m->id)) {
			a = table[i];
			break;
		}
	overlay(&a, m);
	return a;
}

bool
ability_allows(const struct ability *a, const char *field)
{
	for (size_t i = 0; i < NELEM(sampling); i++)
		if (strcmp(field, sampling[i]) == 0)
			return (a->can & NOT_SAMPLING) == 0;
	return true;
}
