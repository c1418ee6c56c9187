/* SPDX-License-Identifier: GPL-3.0-or-later */
/* subagent.h - the session of a sub-agent: made, bound, answered, read */

/*
 *	parent   out: .. tool-input-available (Task)  data-subagent ..  output
 *	                           |                        ^
 *	child     in: basePayload: prompt, bounds           | forwarded
 *	         out:              start ... finish turn-complete
 *
 * A sub-agent is a session like any other, made in the same store by the call
 * that wants it and known by that call (parent_call), so that after a crash
 * the call finds it again. What its parent is bound to (mode, rules, sandbox,
 * what is left of the budget) is written into its basePayload.chatd, and so
 * are the ids of the sessions above it: "for this session" holds for all
 * below.
 *
 * When one of its calls waits for a person, so does the Task call above: its
 * approval's descriptor names both,
 *
 *	{"rule":..,"reason":..,...,"subagent":{"session":ID,"toolCallId":CALL,
 *	"toolName":..,"input":..,"approvalId":..,"seq":N,"next":N}}
 *
 * and the answer is passed on to the sub-agent, yes or no, with the arguments
 * that a person changed and what the parent has been forbidden since. Where
 * the talk above goes on without one, the sub-agent is told to abandon what
 * waits (task_abandon()).
 */

#ifndef AGENT_SUBAGENT_H
#define AGENT_SUBAGENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "model/model.h"

struct agent;
struct agent_host;
struct buf;
struct call;
struct err;
struct item;
struct json;
struct message;
struct part;
struct store;
struct turn_opts;

enum { SUBAGENT_DEPTH_MAX = 3 };

/* Find or make that of the call; ERR_INPUT in words for the model. */
int	subagent_open(struct call *c, struct item *out, struct err *e)
	    ATTR_MUST_USE;
/* Its last message, or NULL: there is none, or not the assistant's. */
struct message	*subagent_last(struct store *st, int64_t row);
/* The first call of it that waits for a person, or NULL. */
const struct part *subagent_waiting(const struct message *m);
/* Has this approval (JSON text) been asked for a sub-agent's call? */
bool	subagent_asked(const char *approval);
/* What the parent's call asks for part, which waits; it goes on from seq and
 * next (task.h). */
void	subagent_descriptor(struct buf *b, const char *session,
	    const struct part *part, int64_t seq, int64_t next);
struct subagent_reply {
	bool approved;
	const char *reason;		/* or NULL */
	const struct json *input;	/* other arguments, or NULL */
	const struct turn_opts *now;	/* of the parent: what narrows counts */
};
/*
 * Pass on what a person said to the descriptor above, unless the call has its
 * answer already; now as in struct subagent_reply. The number of the record, -1: nothing to pass on, -2: e.
 */
int64_t	subagent_answer(struct agent *ag, const struct item *child,
	    const struct json *approval, const struct turn_opts *now,
	    struct err *e);
/* An `in` record that answers an approval. */
int64_t	subagent_write_answer(struct agent_host *host, const struct item *it,
	    const struct message *m, const struct part *part,
	    const struct subagent_reply *reply, struct err *e);
/* What it has used in all, over all its turns. */
void	subagent_usage(const struct item *it, struct model_usage *u);
/* The message as the tool's output, JSON, cut down if it is large; and its
 * last words, for the model. */
void	subagent_output(const struct message *m, struct buf *out);
void	subagent_words(const struct message *m, struct buf *out);

#endif
