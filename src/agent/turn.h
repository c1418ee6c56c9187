/* SPDX-License-Identifier: GPL-3.0-or-later */
/* turn.h - one answer: steps, each a call of the model and what it wanted */

/*
 *	start
 *	  start-step  text, reasoning, tool calls  results  finish-step   x N
 *	finish  [turn-complete]
 *
 * A step ends with its tool calls, their results follow, and the next step
 * tells them to the model; a step without calls is the last, and so is one
 * with a call that waits for a person (session-protocol 10).
 *
 * turn_new() writes `start`; what belongs into the same commit is written by
 * the caller before turn_go(). A turn ends in exactly one commit with its
 * message, its turn-complete, the cursor and the session's state
 * (session-protocol 8.2), and then calls agent_turn_done().
 */

#ifndef AGENT_TURN_H
#define AGENT_TURN_H

#include <stdbool.h>
#include <stdint.h>

#include "agent/calls.h"
#include "agent/emit.h"
#include "agent/hook_run.h"
#include "agent/setup.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/id.h"
#include "model/model.h"
#include "tool/tool.h"

struct agent;
struct cmdtools;
struct event;
struct item;
struct json;
struct json_doc;
struct message;
struct permit;
struct reducer;
struct relay;
struct sandbox;
struct skills;
struct told;
struct toolset;
struct turn_servers;

struct step {
	struct call_list calls;	/* but for those ... */
	struct call_list over;	/* ... of which nothing more will come */
	void *by_id;		/* tree of all of them */
	bool postponed;		/* calls_start(), until the database is free */
	bool again;		/* results for the model: one more step */
	struct model_usage usage;
	char *model;		/* the fallback that answers it, or NULL */
};

/* See compact.h. */
struct compaction {
	bool wanted;		/* by a person, or by what the model said */
	bool only;		/* and then the turn is over */
	bool failed;
	int step;		/* when the last one was, or -1 */
	char *words;		/* what the person said about it, or NULL */
	struct buf text;	/* the summary, as far as it has come */
	struct err why;		/* the step that could not be asked */
};

enum turn_state {
	TURN_NEW,
	TURN_MODEL,		/* waits for models_default() */
	TURN_TOOLS,		/* waits for MCP servers (turn_kick()) */
	TURN_READY,		/* the next step comes with the loop */
	TURN_COMPACTING,	/* the model makes a summary */
	TURN_ASKING,		/* a call of the model runs */
	TURN_CALLS,		/* tools run */
	TURN_HOOKS,		/* hooks run */
	TURN_ENDING,		/* its end waits for the database */
	TURN_ENDED,
};

struct turn {
	struct agent *ag;
	enum turn_state state;
	int64_t in_seq;		/* the record that began it; -1: a create */
	int64_t covered;	/* the last record that is in it (steer.h) */
	int64_t asked_by;	/* the one whose options count, or the same */
	int64_t stop;		/* the stop that hit it, or -1 */
	char id[ID_MAX];	/* of the assistant message */
	int attempts;
	struct emit emit;
	struct setup setup;
	struct model_call *call;
	struct relay *relay;	/* a program answers, or NULL */
	struct step step;
	bool plans;		/* it began in plan mode, which a person may end */
	struct skills *skills;	/* as they were at the first step */
	struct toolset *toolset;	/* made anew for each step */
	struct cmdtools *programs;	/* tools that files describe */
	struct turn_servers *servers;	/* NULL: not needed yet */
	bool approved;		/* calls are to be resumed first ... */
	struct json_doc *started;	/* ... but for these */
	struct permit *permit;	/* NULL: its files are wrong (err) */
	struct tool_env tool_env;
	struct sandbox *sandbox;	/* made when first needed */
	bool no_sandbox;	/* there is none to be had */
	bool all_paths;		/* it knows all that rules deny */
	char *spill;		/* tool_env.spill_dir */
	bool step_open;
	bool asked;		/* a model was reached */
	bool corrected;		/* the answer did not fit the schema once */
	int steps;
	int sources;
	struct model_usage usage;
	int64_t context;	/* tokens the last step left in it, 0: unknown */
	enum model_finish finish;
	char *raw_finish;	/* in the provider's words, or NULL */
	int64_t begun_us;
	struct hooks hooks;
	struct hook_run *hook;	/* of the turn itself, or NULL */
	char *prompt;		/* that hooks have yet to see, or NULL */
	bool hydrate_heard;	/* see hydrate.h */
	char *hydrated;		/* JSON list, or NULL: the transcript */
	bool first;		/* it is the session's first */
	bool finished;		/* its finish is written */
	int stops;		/* how often a hook wanted more */
	char *extra;		/* a word to the model behind everything */
	struct compaction compact;
	struct told *told;	/* NULL: not yet */
	char *system;		/* the system prompt; NULL: not yet */
	struct event *next;	/* the next step */
	struct event *late;	/* maxSeconds are over */
	struct event *quiet;	/* keep-alive (session-protocol 7.7) */
	struct err err;		/* why it cannot go on */
};

struct turn_start {
	int64_t in_seq;
	const struct json *chatd;	/* payload.chatd or NULL */
	const struct json *compact;	/* only a summary (compact.h), or NULL */
	const struct message *prompt;	/* for hooks, or NULL */
	struct message *initial;	/* to be continued, taken; or NULL */
	/* of a recovery, else 0 */
	const char *id;
	struct reducer *reducer;	/* taken; instead of initial */
	int64_t covered;
	int attempts;
	int steps;
	bool step_open;
};

struct turn	*turn_new(struct agent *ag, const struct turn_start *ts);
/* Leaves everything as it is: as after a crash if it has not ended. */
void		 turn_free(struct turn *t);
void		 turn_go(struct turn *t);
/*
 * The same, where a person has answered: calls_resume() first, once the tools
 * are there. started is taken.
 */
void		 turn_go_approved(struct turn *t, struct json_doc *started);
/* What was waited for may have come. */
void		 turn_kick(struct turn *t);
/* The model found by models_default(). */
void		 turn_model(struct turn *t, const char *spec, const char *why);
/* End now (session-protocol 9.3); stop is the record's number or -1. A
 * program is given a moment if there is a record. */
void		 turn_stop(struct turn *t, int64_t stop);
/* Nothing runs any more of what calls_start() began. */
void		 turn_calls_done(struct turn *t);
/* Say e and end. */
void		 turn_fail(struct turn *t, const struct err *e);
/* No new step: it stays as it is, to be resumed by the next owner. */
void		 turn_leave(struct turn *t);

/* used by recovery */

/* The end is written but for the turn-complete. */
void	turn_settle_cut(struct turn *t);
/* So is the last step, and that was all. */
void	turn_resume_ended(struct turn *t);
/* Calls wait for a person: the turn ends until there is an answer. */
void		 turn_pause(struct turn *t);
/* Close what a dead process left open, marked as interrupted. */
void		 turn_close_broken(struct turn *t);
/* `start` (again: readers without a cursor then merge). */
void		 turn_write_start(struct turn *t);

#endif
