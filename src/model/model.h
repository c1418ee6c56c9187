/* SPDX-License-Identifier: GPL-3.0-or-later */
/* model.h - a model that is asked and answers in parts */

/*
 * One file a provider API stands behind struct model_ops; the registry knows
 * which provider entry ("openai", "ollama", one of the configuration) uses
 * which. A call asks once: it retries by itself as long as nothing was shown
 * (providers 9.2) and ends in exactly one MODEL_FINISH or MODEL_ERROR event,
 * after which the call is gone. All events come from the loop.
 *
 * Blocks may interleave; every delta lies between its start and end. Closing
 * what is open before the end is the provider file's duty, also before an
 * error.
 */

#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"

struct buf;
struct event_base;
struct fetch_pool;
struct json;

enum model_event_type {
	MODEL_TEXT_START,
	MODEL_TEXT_DELTA,
	MODEL_TEXT_END,
	MODEL_REASONING_START,
	MODEL_REASONING_DELTA,
	MODEL_REASONING_END,
	MODEL_TOOL_START,	/* id = call id, name */
	MODEL_TOOL_DELTA,	/* id, text = a piece of the arguments */
	MODEL_TOOL_CALL,	/* id, name, text = whole arguments, JSON */
	MODEL_TOOL_BAD,		/* id, name, text = arguments as they came,
				   error = what is wrong with them */
	MODEL_TOOL_RESULT,	/* the provider ran it: id, text = output, JSON */
	MODEL_SOURCE,		/* id, text = url, name = title or NULL */
	MODEL_FILE,		/* text = data: URL, name = media type */
	MODEL_DATA,		/* a data part: name, id, text = JSON (demo) */
	MODEL_RETRY,		/* wait_ms, error = why: for people, no output */
	MODEL_USAGE,		/* usage: the newest numbers of this call */
	MODEL_FINISH,		/* finish, raw reason in text */
	MODEL_ERROR,		/* error; shown is true if output had come */
};

/* providers 7 */
#define MODEL_FINISHES(X)						\
	X(STOP, "stop") X(LENGTH, "length")				\
	X(CONTENT_FILTER, "content-filter") X(TOOL_CALLS, "tool-calls")	\
	X(ERROR, "error") X(OTHER, "other")
enum model_finish {
#define X(id, name) FINISH_##id,
	MODEL_FINISHES(X)
#undef X
};
const char	*model_finish_name(enum model_finish f);

/* Tokens; -1 = the provider did not say (providers 8). */
struct model_usage {
	int64_t input, input_fresh, cache_read, cache_write;
	int64_t output, output_text, reasoning;
	double cost;		/* USD as the provider says it, or by the
				   table of prices; < 0: unknown */
};
#define MODEL_USAGE_INIT { -1, -1, -1, -1, -1, -1, -1, -1.0 }
/* {"inputTokens":..,"outputTokens":..,"totalTokens":..,"reasoningTokens":..,
 * "cachedInputTokens":..}: what is unknown is left out. */
void	model_usage_write(const struct model_usage *u, struct buf *b);
/* What stands there, also as AI SDK 6 and later say it; false: no count. */
bool	model_usage_read(struct model_usage *u, const struct json *v);

/* USD for a million tokens, < 0: unknown */
struct model_price {
	double input, output, cache_read, cache_write;
};

struct model_event {
	enum model_event_type type;
	const char *id;
	const char *name;
	const char *text;
	size_t len;
	const char *metadata;	/* providerMetadata, JSON text, or NULL */
	const char *model;	/* with MODEL_DATA: the spec of the model that
				   answers from here on, or NULL: the same */
	enum model_finish finish;
	const struct model_usage *usage;
	const struct err *error;
	int64_t wait_ms;
	bool shown;
};
typedef void (*model_event_fn)(const struct model_event *ev, void *arg);

/* What is asked. All borrowed for the time of model_ask(). */
struct model_request {
	const char *system;		/* or NULL */
	const struct json *messages;	/* array of ModelMessages (convert.h) */
	const struct json *tools;	/* [{name,description,inputSchema}], NULL */
	const struct json *schema;	/* the answer must fit it, or NULL */
	const char *reasoning;		/* none, low, medium, high, or NULL */
	const char *session;		/* for prompt caches, or NULL */
	int64_t max_output;		/* tokens, 0: the model's own limit */
};

struct models;		/* the registry */
struct model;		/* a provider entry and a model id, resolved */
struct model_call;

struct models_opts {
	struct event_base *base;
	struct fetch_pool *fetch;
	const struct json *config;	/* the configuration's root, or NULL */
};
struct models	*models_new(const struct models_opts *opts);
void		 models_free(struct models *ms);

/*
 * "PROVIDER:MODEL", "demo", "script:FILE". Borrowed from the registry.
 * ERR_USAGE: no such provider (hint lists them); ERR_AUTH: its key is not set
 * (hint names the variable); ERR_CONFIG.
 */
struct model	*models_get(struct models *ms, const char *spec,
		    struct err *e) ATTR_MUST_USE;
/* "openai:gpt-5" */
const char	*model_spec(const struct model *m);
/* Tokens the context holds, 0: unknown. */
int64_t		 model_context(const struct model *m);

/*
 * The model to use when nobody says (cli.md 8): the configuration's, by the
 * first key that is set, a local server found within 100 ms, "demo". fn is
 * called once with a spec and where it comes from, for people.
 */
typedef void (*models_default_fn)(const char *spec, const char *why,
	    void *arg);
void		 models_default(struct models *ms, models_default_fn fn,
		    void *arg);

struct model_call *model_ask(struct model *m, const struct model_request *rq,
		    model_event_fn fn, void *arg, struct err *e)
		    ATTR_MUST_USE;
/* End it without a further event. */
void		 model_cancel(struct model_call *call);

/* listing (chatd models, doctor) */
#define MODEL_CANS(X)							\
	X(THINK, "think") X(TOOLS, "tools") X(SEE, "see")
enum model_can {
#define X(id, name) MODEL_CAN_BIT_##id,
	MODEL_CANS(X)
#undef X
#define X(id, name) MODEL_CAN_##id = 1 << MODEL_CAN_BIT_##id,
	MODEL_CANS(X)
#undef X
};

struct model_info {
	const char *provider;
	const char *id;
	int64_t context;		/* 0: unknown */
	int64_t max_output;		/* 0: unknown */
	struct model_price price;
	unsigned can;			/* what is known that it can */
	unsigned thinking;		/* how: of ability.h, 0: unknown */
};
struct models_provider {
	const char *name;
	const char *api;		/* openai-chat, demo, ... */
	const char *base_url;		/* or NULL */
	const char *key_env;		/* the variable looked at, or NULL */
	const char *key_from;		/* the one that is set, or NULL */
	bool key_told;			/* a command tells the key */
	bool ready;			/* key there, or none needed */
	bool local;
};
/* The known entries, in order; i from 0; NULL at the end. */
const struct models_provider *models_entry(struct models *ms, size_t i);
typedef void (*models_list_fn)(const struct model_info *infos, size_t count,
	    const struct err *e, void *arg);
/* Ask the provider which models it has; fn is called once. */
void		 models_list(struct models *ms, const char *provider,
		    models_list_fn fn, void *arg);
/* Which local servers answer (doctor): fn once, with a JSON array
 * [{"provider":..,"url":..,"version":..}]. */
typedef void (*models_found_fn)(const char *json, void *arg);
void		 models_discover(struct models *ms, long within_ms,
		    models_found_fn fn, void *arg);

#endif
