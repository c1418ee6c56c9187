/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calls.h - the tool calls of a step: judged, run side by side, settled */

/*
 *	judged ─► refused (tool-input-error) or denied (tool-output-denied)
 *	       ─► asked: tool-approval-request; the turn ends and waits
 *	       ─► started ─► preliminary outputs ─► output or error
 *
 * A call starts only after the record that says so is durable
 * (architecture.md 5): tool-input-available, or for one that a person has
 * approved the transient data-chatd-started {"toolCallIds":[..]}. So a dead
 * process leaves it known which calls may have done something, and those are
 * never run again.
 */

#ifndef AGENT_CALLS_H
#define AGENT_CALLS_H

#include <sys/queue.h>

#include <stdbool.h>
#include <stddef.h>

#include "agent/hook_run.h"
#include "tool/tool.h"
#include "wire/chunk.h"

struct agent;
struct event;
struct json_doc;
struct message;
struct strings;
struct tool;
struct tool_result;
struct tool_run;
struct turn;

#define CALLS_STARTED "chatd-started"

enum { CALLS_AT_ONCE = 16 };	/* or their hooks: more wait for one of them */

/* A tool call of the running step, or an approved one before it. */
struct call {
	char *id;
	TAILQ_ENTRY(call) entry;
	struct turn *turn;
	char *name;
	char *input;		/* JSON text, or as it came when bad */
	char *metadata;		/* providerMetadata, JSON text or NULL */
	char *ruling;		/* toolMetadata: who decided, JSON text */
	char *approval;		/* what a person answered, JSON text, or NULL */
	bool settled;		/* has its result, or waits for a person */
	bool ready;		/* to be started ... */
	bool durable;		/* ... as has been written */
	bool edited;		/* a person changed its arguments */
	bool unasked;		/* allowed by a mode alone */
	const struct tool *tool;
	struct json_doc *args;	/* input, parsed */
	struct hook_run *hook;	/* is asked about it, or NULL */
	enum hook_decision said;	/* by hooks, so far */
	char *said_why;
	char *context;		/* theirs, for the model, or NULL */
	bool hook_failed;
	bool undecided;		/* hooks are heard, or those of one before */
	bool unheard;		/* and they have not been asked yet */
	bool hooked;		/* PermissionRequest was asked */
	bool shown;		/* its input stands in the message */
	struct tool_result *result;	/* that a hook looks at, or NULL */
	struct tool_env env;	/* of the run */
	struct tool_run *run;	/* or NULL */
	struct event *pause;	/* no preliminary output while it is pending */
	char *latest;		/* preliminary output not yet shown */
};
TAILQ_HEAD(call_list, call);

struct call	*call_new(struct turn *t, const char *id, const char *name);
struct call	*call_find(struct turn *t, const char *id);
const char	*call_input(const struct call *c);
struct chunk_tool call_chunk(const struct call *c);
/* tool-input-error: it will not be run. */
void		 call_refuse(struct call *c, const char *why);

/* Is one of them without a result? */
bool	calls_unsettled(const struct turn *t);
/* The model has ended: judge all, start those that may. */
void	calls_settle(struct turn *t);
/*
 * What a person has approved in the message that goes on: started, or told
 * why not. Those whose ids are in started (may be NULL) had begun when a
 * process died.
 */
void	calls_resume(struct turn *t, const struct json_doc *started);
/* Some run, or are about to. */
bool	calls_open(const struct turn *t);
/* A sub-agent's call that a dead process left: it can go on. */
bool	calls_task_open(const struct message *m);
/* End what runs, with no word about it. */
void	calls_cancel(struct turn *t);
/* Approved calls that will not be run after all. */
void	calls_abandon(struct turn *t, const char *why);
/* tool-output-denied for what a person refused and nobody has told yet. */
void	calls_deny(struct turn *t);
/* A program is about to be told what was approved: it counts as started. */
void	calls_tell_approved(struct turn *t);
void	calls_clear(struct turn *t);

#endif
