/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tool.h - what a model can have done for it */

/*
 * A tool has a name and a description for the model, a JSON Schema for its
 * arguments, and start(). A call is a struct tool_run. Its result always has
 * two forms: output, JSON for people and programs, and model, text (and
 * pictures) for the model. A failure is an err whose text tells the model what
 * to do instead; it may come with an output (an exit status, say).
 *
 * on_output() and on_done() come from the loop, never from within
 * tool_start(). After on_done(), or tool_cancel(), the run is gone.
 *
 * Nothing here asks whether a call is allowed: that is rule.h, and the
 * agent's work, before tool_start().
 */

#ifndef TOOL_TOOL_H
#define TOOL_TOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"

struct event_base;
struct fetch_pool;
struct json;
struct reads;
struct sandbox;

struct tool;
struct tool_run;

#define TOOL_TASK "Task"	/* the one that the agent itself runs */

/* What a tool does to the world; permission modes go by it. */
enum tool_effect {
	TOOL_NOTES,	/* keeps notes of its own */
	TOOL_READS,	/* files */
	TOOL_EDITS,	/* files */
	TOOL_RUNS,	/* programs, or code that we do not know */
	TOOL_REACHES,	/* the network */
};

enum {
	TOOL_MODEL_MAX = 100 * 1024,	/* bytes of text to the model */
	TOOL_MEDIA_MAX = 8 * 1024 * 1024,	/* bytes of one picture */
};

struct tool_media {
	char *media_type;	/* image/png */
	char *data;		/* base64 */
};

struct tool_result {
	struct err err;
	char *output;		/* JSON; NULL: only an err */
	char *model;		/* text; NULL: only an err */
	struct tool_media *media;
	size_t media_count;
};

struct tool_fns {
	/* A newer output, whole, while the call goes on; may be NULL. */
	void (*on_output)(const char *json, void *arg);
	/* res is borrowed; what the callback wants to keep it takes, leaving
	 * NULL there. */
	void (*on_done)(struct tool_result *res, void *arg);
	void *arg;
};

/* Everything borrowed, and in place until the last run is over. */
struct tool_env {
	struct event_base *base;
	struct fetch_pool *pool;
	const char *dir;		/* absolute; where relative paths start */
	const char *spill_dir;		/* for what is too long; made if needed */
	struct reads *reads;		/* reads.h; one a session */
	const struct sandbox *sandbox;	/* sandbox.h; NULL: none */
	bool allow_private;		/* WebFetch may reach this network */
	/*
	 * May this (resolved) file be read, or written? Asked where a tool
	 * meets a file that its arguments do not name, and once more when it
	 * is open. NULL: all may. -1 and err otherwise.
	 */
	int (*may)(const char *path, bool write, void *arg, struct err *e);
	void *may_arg;
	/* Begins a sub-agent, in place of Task's own start(); fns are those
	 * of tool_start(). NULL: there are none. */
	struct tool_run *(*task)(const struct tool *tool,
	    const struct json *input, const struct tool_env *env,
	    const struct tool_fns *fns, struct err *e);
};

struct tool {
	const char *name;
	const char *title;		/* for people: "Run a command" */
	const char *description;	/* for the model */
	const char *schema;		/* JSON Schema, as text */
	enum tool_effect effect;
	const char *subject;	/* the argument that rules match, or NULL */
	/* A sum of what it says of itself, where a stranger says it (mcp 4.1);
	 * else NULL. */
	const char *definition;
	bool outside;	/* runs where no sandbox of ours holds it */
	struct tool_run *(*start)(const struct tool *tool,
	    const struct json *input, const struct tool_env *env,
	    const struct tool_fns *fns, struct err *e);
	/* What the call would do, as its output, for who is asked; caller
	 * frees. NULL, or gives NULL and err if it would fail. */
	char *(*preview)(const struct json *input, const struct tool_env *env,
	    struct err *e);
	void *arg;		/* whose tool it is: an MCP server, a program */
};

/* The built-in ones, in the order they are shown; ends with NULL. */
const struct tool *const *tool_builtins(void);
const struct tool	 *tool_builtin(const char *name);

/* ERR_INPUT, in words for the model, if input does not fit the schema. */
struct tool_run	*tool_start(const struct tool *tool, const struct json *input,
		    const struct tool_env *env, const struct tool_fns *fns,
		    struct err *e) ATTR_MUST_USE;
/* Ends it with no further callback; children are killed. */
void		 tool_cancel(struct tool_run *run);

/* Makes res ready for use again. */
void	tool_result_clear(struct tool_result *res);

#endif
