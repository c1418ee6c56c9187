/* SPDX-License-Identifier: GPL-3.0-or-later */
/* task.h - a Task call that runs: follows its sub-agent, chunk by chunk */

/*
 * The call is a reader of the sub-agent's `out`. Each chunk it finds there is
 * written once to the parent's, in batches, as the SDK's forwardSubAgent()
 * does:
 *
 *	{"type":"data-subagent","transient":true,"data":{"toolCallId":CALL,
 *	"seq":N,"chunks":[..],"session":ID,"next":M}}
 *
 * seq counts the batches of a call from 0; session and next (behind the last
 * record of the sub-agent's `out` that is in it) are ours: after a crash, and
 * after a person was asked, the call goes on behind the last batch. The
 * sub-agent's last message becomes the output.
 */

#ifndef AGENT_TASK_H
#define AGENT_TASK_H

#include "base/attr.h"

struct agent;
struct err;
struct json;
struct tool;
struct tool_env;
struct tool_fns;
struct tool_run;
struct turn;

enum {
	TASK_BATCH_MAX = 128 * 1024,	/* bytes of chunks in one record */
	TASK_WAIT_MS = 50,		/* between two batches */
};

/* tool_env's task() */
struct tool_run	*task_start(const struct tool *tool, const struct json *input,
		    const struct tool_env *env, const struct tool_fns *fns,
		    struct err *e) ATTR_MUST_USE;
/* Stop the sub-agents of a turn that is cut, and count what they used. */
void	task_halt_all(struct turn *t);
/* A sub-agent's turn has ended while nobody follows it: a person has answered
 * it in its own session. Its parent goes on. */
void	task_tell_parent(struct agent *child);
/* What the sub-agents of this session ask is not answered any more: before the
 * talk goes on without it, or what asks is cut. */
void	task_abandon(struct agent *ag);
/* Own the sub-agents that this session waits for, too. */
void	task_own_waiting(struct agent *ag);

#endif
