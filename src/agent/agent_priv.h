/* SPDX-License-Identifier: GPL-3.0-or-later */
/* agent_priv.h - what the files of the agent share */

#ifndef AGENT_AGENT_PRIV_H
#define AGENT_AGENT_PRIV_H

#include <sys/queue.h>

#include <stdbool.h>
#include <stdint.h>

#include "agent/agent.h"
#include "agent/inbox.h"
#include "store/channel.h"

struct action_hook;
struct event;
struct program;
struct reads;
struct turn;

/* One session's reader of `in`. */
struct agent {
	TAILQ_ENTRY(agent) entry;
	LIST_ENTRY(agent) bucket;
	struct agent_host *host;
	int64_t row;
	char *id;			/* session_... */
	char *parent;			/* the session it is a sub-agent of */
	struct owned *own;
	struct channel *in, *out;
	struct channel_waiter waiter;	/* on `in`, always */
	struct inbox inbox;
	struct turn *turn;		/* running, or ended and not freed */
	struct action_hook *asking;	/* whether an action may be, or NULL */
	struct program *program;	/* that is the agent, or NULL */
	struct reads *reads;		/* files the model has seen */
	struct event *kick;		/* go on, from the loop */
	bool watching;			/* agent_committed() will be called */
	bool closed;
	bool lost;	/* writing failed: left as after a crash */
};

const struct agent_opts *agent_opts(const struct agent *ag);
/* The session's row as it is now. */
int	agent_item(struct agent *ag, struct item *it, struct err *e)
	    ATTR_MUST_USE;
/* Something was written: want to know whether its commit goes well. */
void	agent_wrote(struct agent *ag);
/* Writing failed. The agent goes away as if the process had died. */
void	agent_lost(struct agent *ag, const struct err *e);
/* Read what is new in another session's `in`, without waiting for the loop. */
void	agent_pump(struct agent_host *host, int64_t row);
/* The running turn has written its turn-complete. */
void	agent_turn_done(struct agent *ag);
/* Somebody must ask models_default(); the answer comes by turn_model(). */
void	agent_want_default(struct agent *ag);
/*
 * The control record that ends a turn, and the cursor, in one go: covered is
 * the last `in` number consumed (-1: none), stop the stop that hit or -1.
 * Returns the record's number.
 */
int64_t	agent_complete(struct agent *ag, int64_t covered, int64_t stop,
	    bool token, struct err *e) ATTR_MUST_USE;

#endif
