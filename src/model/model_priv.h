/* SPDX-License-Identifier: GPL-3.0-or-later */
/* model_priv.h - what the files of model/ share: entries, calls, events */

#ifndef MODEL_MODEL_PRIV_H
#define MODEL_MODEL_PRIV_H

#include <sys/queue.h>

#include "base/buf.h"
#include "base/json.h"
#include "model/model.h"

enum {
	MODEL_ID_MAX = 48,		/* of blocks and calls we name */
	MODEL_ANSWER_MAX = 64 * 1024 * 1024,
	MODEL_ERROR_BODY_MAX = 64 * 1024,	/* providers 1.1 */
};

/* How a provider wants to hear how much to think. */
enum model_effort {
	EFFORT_FIELD,		/* reasoning_effort */
	EFFORT_OBJECT,		/* reasoning: {effort} (OpenRouter) */
	EFFORT_SWITCH,		/* thinking: {type} (DeepSeek) */
	EFFORT_ENDS,		/* reasoning_effort: none or high (Mistral) */
	EFFORT_NONE,		/* cannot be told */
};

/* Does the text begin with reasoning between tags (providers 2.5)? */
enum model_think {
	THINK_NONE,
	THINK_LEADING,		/* if it begins with <think> */
	THINK_OPEN,		/* the template has opened it already */
};

/* A provider: a row of the table in registry.c, or of the configuration. */
struct model_entry {
	TAILQ_ENTRY(model_entry) entry;
	char *name;
	const struct model_ops *ops;
	const char *api;
	char *base_url;
	char *key_env;
	const char *const *key_names;	/* all of it, or NULL: key_env */
	const char *key_header;		/* NULL: as ops says */
	char **key_command;		/* key.h; NULL: the environment */
	char *key_told;
	int64_t key_told_us;
	struct key_run *key_run;
	char *max_tokens_field;
	char *default_model;
	char *ca_file;		/* NULL: the system's */
	char *api_version;	/* Azure's dated interface; NULL: v1 */
	const struct json *headers;	/* {name: value}, or NULL */
	const struct json *body;	/* fields to add, or NULL */
	enum model_effort effort;
	enum model_think think;
	long connect_ms, first_byte_ms, idle_ms;	/* 0: as fetch.h */
	int tries;			/* retry.h */
	long retry_ms;
	bool vendor;		/* OpenAI at its own address */
	bool native;		/* there it speaks Responses (cli.md 2) */
	bool local;		/* no key wanted */
	bool server;		/* a kind that runs on people's machines */
	bool moved;		/* the environment says where it is */
	bool simple;		/* schemas without what grammars fail on */
	bool mistral;		/* ids, order and files as it wants them */
	bool reasoning_back;	/* wants its reasoning again (DeepSeek) */
	bool no_stream_options;	/* known or learned: it refuses them */
	struct json_doc *list;	/* of its models (list_cache.h) */
	bool list_looked, list_asked;
	bool telling;		/* its list says what models can */
	struct models_provider shown;
};
TAILQ_HEAD(model_entries, model_entry);

struct model {
	TAILQ_ENTRY(model) entry;
	struct models *models;
	struct model_entry *provider;
	char *spec;
	const char *id;			/* behind the colon of spec */
	uint32_t omitted;		/* rules of omit.c */
	uint64_t *refused;		/* signatures (gemini.h), as hashes */
	size_t refused_count;
};

struct model_finder;
struct model_lister;

struct models {
	struct models_opts opts;
	struct model_entries entries;
	struct json_doc *prices;	/* price.h */
	TAILQ_HEAD(, model) all;
	TAILQ_HEAD(, model_finder) finders;
	TAILQ_HEAD(, model_lister) listers;
};

/*
 * What an API does for a call: begin it, and end it before its time. ask()
 * sends nothing from within.
 */
enum model_root {
	ROOT_LOCAL,		/* behind a bare origin of this machine */
	ROOT_BARE,		/* behind any bare origin */
	ROOT_ALWAYS,		/* behind all that does not end in it */
};

struct model_ops {
	const char *api;
	/* how the URLs that people give become base URLs; NULL: it has none */
	const char *root;
	enum model_root root_when;
	const char *tail;		/* comes off: people copy endpoints */
	const char *key_header;		/* NULL: Authorization: Bearer */
	const char *const *headers;	/* of each request, or NULL */
	const char *list_size;		/* query of a list, and of a page */
	const char *list_after;		/* behind another */
	int (*ask)(struct model_call *call, const struct model_request *rq,
	    struct err *e);
	void (*stop)(struct model_call *call);
};

extern const struct model_ops model_anthropic_ops;
extern const struct model_ops model_chat_ops;
extern const struct model_ops model_demo_ops;
extern const struct model_ops model_gemini_ops;
extern const struct model_ops model_responses_ops;
extern const struct model_ops model_script_ops;

/*
 * A call. Who enters from the loop holds it, so that a callback may cancel it
 * in the midst of things: from then on over is true, nothing is told any
 * more, and the last release frees it.
 */
struct model_call {
	struct model *model;
	const struct model_ops *ops;
	model_event_fn fn;
	void *arg;
	void *state;		/* of ops */
	int held;
	bool over;
	bool shown;		/* output has come: no silent second try */
	bool text_open, reasoning_open;
	unsigned blocks;	/* counted, for ids */
	struct tool_name *names;	/* tool_names.h */
	size_t name_count;
	char text_id[16], reasoning_id[16];
};

/* model_ask() without the fallbacks of the configuration. */
struct model_call *model_ask_only(struct model *m,
	    const struct model_request *rq, model_event_fn fn, void *arg,
	    struct err *e);
void	model_hold(struct model_call *call);
void	model_release(struct model_call *call);

/* Events. Text and reasoning open and close their blocks by themselves. */
void	model_tell(struct model_call *call, const struct model_event *ev);
void	model_tell_text(struct model_call *call, const char *s, size_t len);
void	model_tell_reasoning(struct model_call *call, const char *s,
	    size_t len);
void	model_close_text(struct model_call *call);
void	model_end_text(struct model_call *call, const char *metadata);
void	model_close_reasoning(struct model_call *call, const char *metadata);
void	model_tell_usage(struct model_call *call,
	    const struct model_usage *usage);
/* A filter cut the answer, or let none begin: told to people, why. */
void	model_tell_filter(struct model_call *call, const char *why);
/* One of these ends the call. */
void	model_finish(struct model_call *call, enum model_finish finish,
	    const char *raw);
void	model_fail(struct model_call *call, const struct err *e);

/* registry.c */
int	registry_fill(struct models *ms);
void	registry_clear(struct models *ms);
struct model_entry *registry_find(struct models *ms, const char *name);
/* The key, or NULL: none, or it is still to be asked for (key.h). */
const char *entry_key(const struct model_entry *en);
/* The name of the variable that holds it, or NULL. */
const char *entry_key_variable(const struct model_entry *en);
/* The headers of any request to it. Caller frees both array and strings. */
char	**entry_headers(const struct model_entry *en,
	    const char *const *more);
void	headers_free(char **headers);
bool	url_is_loopback(const char *url);

/* list.c, discover.c */
/* Ask for the list if ours is old: once a process, nobody waits for it. */
void	list_refresh(struct models *ms, struct model_entry *en);
void	listers_clear(struct models *ms);
void	finders_clear(struct models *ms);

#endif
