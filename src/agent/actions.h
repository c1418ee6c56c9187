/* SPDX-License-Identifier: GPL-3.0-or-later */
/* actions.h - edits of a session that are no messages */

/*
 *	{"type":"undo"}				the last exchange goes
 *	{"type":"rollback","messageId":ID}	that message and all behind
 *	{"type":"edit","messageId":ID,"text":T}	the same, then T is asked
 *	{"type":"rename","title":T}
 *	{"type":"abandon"}			what waits is denied, and that
 *						is all
 *
 * What is cut is told to every screen by a transient data-chatd-cut
 * {"from":ID}.
 */

#ifndef AGENT_ACTIONS_H
#define AGENT_ACTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

struct agent;
struct err;
struct input;
struct json;

bool	action_is_ours(const struct json *action);
/* Hooks are heard first (action_hook.h). */
int	action_run(struct agent *ag, int64_t seq, const struct input *in,
	    struct err *e) ATTR_MUST_USE;
/* Without them. */
int	action_go(struct agent *ag, int64_t seq, const struct input *in,
	    struct err *e) ATTR_MUST_USE;

#endif
