/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calls_hooks.h - the hooks of a tool call: before, when asked, behind */

/*
 *	rules ─► PreToolUse ─► rules again ─► PermissionRequest, if asked ─►
 *	started, asked or denied ... result ─► PostToolUse ─► told
 *
 * A hook never turns a no into a yes: a rule, a mode or a sandbox that is
 * missing are heard after it, over the arguments as it left them; its "allow"
 * counts where no rule speaks. A failed one lets nothing pass by itself: what
 * would have been allowed is asked.
 */

#ifndef AGENT_CALLS_HOOKS_H
#define AGENT_CALLS_HOOKS_H

#include <stdbool.h>

#include "agent/hook_run.h"

struct call;
struct ruling;
struct tool_result;

/* A hook runs; done() comes when it is over. */
bool	call_hook(struct call *c, enum hook_event event,
	    void (*done)(struct hook_outcome *o, void *call));
/* What the hooks said, laid over what the rules say. */
void	call_hook_rule(const struct call *c, struct ruling *r);
/* Keep what was said for call_hook_rule(). */
void	call_hook_keep(struct call *c, struct hook_outcome *o);
/* PostToolUse runs over the result, which is taken; call_hook_result() comes
 * with it. */
bool	call_hook_after(struct call *c, struct tool_result *res);

/* calls_run.c: the result with all that hooks had to add. */
void	call_hook_result(struct call *c, struct tool_result *res);

#endif
