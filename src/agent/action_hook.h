/* SPDX-License-Identifier: GPL-3.0-or-later */
/* action_hook.h - the hook Action: it may refuse an action before it is done */

/*
 * onAction of a chat.agent, as far as a refusal goes. The record is not
 * consumed while the hook runs: after a crash it is asked again. One that
 * fails refuses, since nobody knows what it would have said.
 */

#ifndef AGENT_ACTION_HOOK_H
#define AGENT_ACTION_HOOK_H

#include <stdint.h>

#include "base/attr.h"

struct action_hook;
struct agent;
struct err;
struct input;

/* 1: it runs (ag->asking), and action_go() or a refusal follows; 0: there is
 * none; -1: why it cannot be known. */
int	action_hook_start(struct agent *ag, int64_t seq,
	    const struct input *in, struct err *why) ATTR_MUST_USE;
/* Which record it is about. */
int64_t	action_hook_seq(const struct action_hook *h);
/* It is killed and nothing follows. */
void	action_hook_cancel(struct agent *ag);

#endif
