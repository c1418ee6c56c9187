/* SPDX-License-Identifier: GPL-3.0-or-later */
/* compact.h - a summary takes the place of what the context cannot hold */

/*
 * Between two steps, when what a model is told comes near to what it can hold
 * (or it said that it cannot hold it, or a person asks by the action compact),
 * it is asked for a summary. That becomes a data part of the answer that is
 * being written (HISTORY_COMPACTION): the log and the transcript keep
 * everything, told.h begins at the last summary, and undo, fork and import
 * need to know nothing of it.
 *
 * What is to be summarised is given as one text, with long results of tools
 * cut: so it fits, and no provider minds calls without tools.
 */

#ifndef AGENT_COMPACT_H
#define AGENT_COMPACT_H

#include <stdbool.h>

#include "base/attr.h"

struct err;
struct input;
struct json;
struct model;
struct model_event;
struct turn;

enum {
	COMPACT_WINDOW = 128 * 1024,	/* tokens, if nobody knows */
	COMPACT_STEPS = 3,	/* at least so many from one to the next */
};

/* {"type":"compact","text":..}: what a person asked for; else NULL. */
const struct json *compact_action(const struct input *in);

/* One that did not help is not tried again at once. */
bool	compact_may(const struct turn *t);
/* Is it time? Needs t->told. */
bool	compact_due(const struct turn *t, const struct model *m);
/* Ask for the summary. */
int	compact_ask(struct turn *t, struct model *m, struct err *e)
	    ATTR_MUST_USE;
/* Is there a summary in the answer? */
bool	compact_done(const struct turn *t);
void	compact_clear(struct turn *t);

#endif
