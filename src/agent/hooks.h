/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hooks.h - commands that a person wants run at fixed points of a turn */

/*
 *	hooks:
 *	  PreToolUse:
 *	    - matcher: Bash(git push *)
 *	      command: ~/bin/look-at-push
 *	      timeout: 10
 *
 * They stand in config.yaml and in a project's .chatd/config.yaml; those of a
 * project are run only after a person has agreed to that very command
 * (tool/trust.h). The form of other programs, a list "hooks" of commands below
 * a matcher, is read too.
 *
 * A matcher is a list of rules (tool/rule.h) and fits as a deny rule does: a
 * compound command by any of its pieces, and one whose doings cannot be seen.
 */

#ifndef AGENT_HOOKS_H
#define AGENT_HOOKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "tool/rule.h"
#include "tool/trust.h"

struct buf;
struct err;
struct json;

#define HOOK_EVENTS(X)							\
	X(SESSION_START, "SessionStart")				\
	X(ACTION, "Action")						\
	X(HYDRATE, "HydrateMessages")					\
	X(PROMPT, "UserPromptSubmit")					\
	X(PRE_TOOL, "PreToolUse")					\
	X(POST_TOOL, "PostToolUse")					\
	X(PERMISSION, "PermissionRequest")				\
	X(STOP, "Stop")							\
	X(TURN_COMPLETE, "TurnComplete")
enum hook_event {
#define X(id, name) HOOK_##id,
	HOOK_EVENTS(X)
#undef X
	HOOK_EVENT_COUNT
};
const char	*hook_event_name(enum hook_event event);

enum { HOOK_TIMEOUT_MS = 60 * 1000 };

struct hook {
	enum hook_event event;
	char *matcher;		/* as it was written, or NULL: all */
	struct rules rules;
	char *command;		/* for /bin/sh */
	int64_t timeout_ms;
	bool project;		/* it can only narrow */
	enum trust trust;	/* of a project's */
	bool said;		/* that it is not run */
};
struct hooks {
	struct hook *v;		/* the user's first */
	size_t count;
};
#define HOOKS_INIT { 0 }

/* dir: the working folder. ERR_CONFIG: nobody knows what would be blocked. */
int	hooks_load(struct hooks *hs, const char *dir, struct err *e)
	    ATTR_MUST_USE;
void	hooks_clear(struct hooks *hs);
/* call: its tool and arguments, or NULL where there is none. */
bool	hook_fits(const struct hook *h, enum hook_event event,
	    const struct rule_call *call);
/* Is there one for the event that may run? */
bool	hooks_any(const struct hooks *hs, enum hook_event event);
/* May it run? */
bool	hook_agreed(const struct hook *h);
/* What a person agrees to; name (a buffer of the caller's) is kept in it. */
void	hook_key(const struct hook *h, const char *dir, struct buf *name,
	    struct trust_key *out);

#endif
