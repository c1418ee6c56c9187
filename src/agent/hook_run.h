/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hook_run.h - the hooks of one event, run one after the other */

/*
 * Each gets one JSON object on its stdin,
 *
 *	{"hook_event_name":..,"session_id":..,"cwd":..,...,"tool_input":{..}}
 *
 * and answers by its exit status and stdout, as those of other programs do:
 *
 *	0, JSON		{"decision":"allow"|"ask"|"deny","reason":..,
 *			 "updatedInput":{..},"additionalContext":..}, also
 *			 below hookSpecificOutput
 *	0, text		context, where an event takes some
 *	0, JSON list	of HydrateMessages: what the model is told, also
 *			as {"messages":[..]}
 *	2		deny; stderr is the reason
 *	other		it failed: that never allows anything
 *
 * Deny beats ask beats allow; a deny is the last. A hook of a project cannot
 * allow. One that is not over in time, or writes too much, has failed.
 */

#ifndef AGENT_HOOK_RUN_H
#define AGENT_HOOK_RUN_H

#include <stdbool.h>

#include "agent/hooks.h"
#include "base/buf.h"

struct event_base;

enum {
	HOOK_OUT_MAX = 64 * 1024,	/* bytes of stdout */
	HOOK_MESSAGES_MAX = 32 * 1024 * 1024,	/* the same of a history */
	HOOK_TEXT_MAX = 16 * 1024,	/* bytes of context or reason */
};

enum hook_decision {
	HOOK_SILENT,
	HOOK_ALLOW,
	HOOK_ASK,
	HOOK_DENY,
};

struct hook_outcome {
	enum hook_decision decision;
	char *reason;		/* or NULL */
	char *input;		/* the arguments as a hook wants them, or NULL */
	char *messages;		/* of HydrateMessages: a JSON list, or NULL */
	struct buf context;	/* for the model */
	bool failed;		/* one of them ... */
	char *failure;		/* ... the first, and why */
};

struct hook_ask {
	struct event_base *base;
	struct hooks *hooks;
	enum hook_event event;
	const struct rule_call *call;	/* or NULL */
	const char *dir;
	const char *about;	/* JSON object: all but tool_input */
	const char *input;	/* tool_input, JSON, or NULL */
	/* from the loop; what it keeps of the outcome it takes */
	void (*done)(struct hook_outcome *o, void *arg);
	/* something for people: {"event","command","outcome","text"} */
	void (*say)(const char *json, void *arg);
	void *arg;
};

struct hook_run;

/* NULL: no hook fits. One that nobody has agreed to is said, not run. */
struct hook_run	*hook_run_start(const struct hook_ask *ask);
/* What runs is killed, nothing is called. */
void		 hook_run_cancel(struct hook_run *run);

#endif
