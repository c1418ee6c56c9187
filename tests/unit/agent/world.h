/* SPDX-License-Identifier: GPL-3.0-or-later */
/* world.h - a store, an agent host and a model that says what it is told to */

/*
 * The model layer is replaced: models_get() and its kin are defined in
 * world.c, so that a test decides when each event comes.
 */

#ifndef TESTS_UNIT_AGENT_WORLD_H
#define TESTS_UNIT_AGENT_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "agent/agent.h"
#include "base/buf.h"
#include "model/model.h"
#include "wire/item.h"

struct event;
struct tool;

struct model {
	char spec[64];
};
struct models {
	struct event_base *base;
	struct model model;
	struct err get;		/* what models_get() fails with */
	bool defaults;		/* models_default() answers at once */
	models_default_fn default_fn;
	void *default_arg;
	/* the call */
	struct model_call *call;	/* open, or NULL */
	int asked, cancelled;
	char *messages, *system;	/* of the last request */
	bool has_schema;
	/* a script that plays itself: events one a pass */
	const struct model_event *const *scripts;	/* one a call */
	int scripts_count;
};

struct world {
	struct event_base *base;
	struct store *store;
	struct models models;
	struct agent_host *host;
	struct item item;
	struct turn_opts defaults;
	const struct tool *const *tools;	/* NULL: none */
	char *dir;		/* of the store's file, or NULL */
	int idle;		/* calls of on_idle */
};

/* dir NULL: in memory. A session is made, or found, and owned. */
void	world_open(struct world *w, const char *dir, const char *config);
/* The same in steps: without host, then with. */
void	world_open_store(struct world *w, const char *dir, const char *config);
void	world_own(struct world *w);
void	world_close(struct world *w);
/* A scratch folder, and its end. */
char	*world_dir(void);
void	world_dir_remove(char *dir);

/* One pass of the loop, without waiting. */
void	world_pass(struct world *w);
/* Run the loop until so many calls / turn-completes / records are there. */
void	world_until_asked(struct world *w, int n);
void	world_until_complete(struct world *w, int n);
void	world_until_idle(struct world *w);

/* Append to in; returns the number. */
int64_t	world_send(struct world *w, const char *text);
int64_t	world_say(struct world *w, const char *id, const char *text);
int64_t	world_stop(struct world *w);

/* Events of the open call. */
void	model_give(struct world *w, const struct model_event *ev);
void	model_event(struct world *w, enum model_event_type type,
	    const char *id, const char *text);
void	model_text(struct world *w, const char *id, const char *text);
void	model_done(struct world *w, enum model_finish finish);
void	model_broke(struct world *w, enum err_code code, const char *text);
void	model_answers(struct world *w, const char *text);

/*
 * What is on out from a number on, one word a record: chunk types, and
 * [subtype:session-in-event-id] for control records. Borrowed until the next
 * call.
 */
const char	*world_out(struct world *w, int64_t from);
#define HEAD "start start-step "
#define TEXT "text-start text-delta text-end "
#define TAIL "finish-step finish "
/* All bodies, one a line. */
const char	*world_bodies(struct world *w, int64_t from);
int	world_completes(struct world *w);
int64_t	world_head(struct world *w);
int64_t	world_in_cursor(struct world *w);
/* What the store says of the session; the caller clears it. */
void	world_find(struct world *w, struct item *it);
/* The transcript as "role:text role:text", borrowed. */
const char	*world_transcript(struct world *w);
/* The JSON of message i (from the end when negative), caller frees. */
char	*world_message(struct world *w, int i);
/* Reduces the records of out between two turn-completes and compares with
 * the stored message of this index. */
void	world_check_reduced(struct world *w, int64_t from, int message);
/* A text with this in it, or without. */
void	assert_has(const char *text, const char *part);
void	assert_has_not(const char *text, const char *part);

#endif
