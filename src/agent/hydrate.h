/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hydrate.h - a history from elsewhere, told in the place of the transcript */

/*
 * The hook HydrateMessages (hydrateMessages of a chat.agent) is asked once in
 * a turn, before anything is told:
 *
 *	{..,"trigger":"submit-message","incoming_messages":[..],
 *	"previous_messages":[..],"client_data":{..}}  ─►  [UIMessage, ..]
 *
 * What it gives is what the model, or the agent's program, is told, with the
 * answer that goes on behind it; the transcript stays as it is. One that gives
 * nothing changes nothing; one that fails, or gives what is no list of UI
 * messages, ends the turn.
 */

#ifndef AGENT_HYDRATE_H
#define AGENT_HYDRATE_H

#include <stdbool.h>

#include "base/attr.h"

struct err;
struct history;
struct turn;

/* The hook runs; its end goes on with turn_next(). */
bool	hydrate_begin(struct turn *t);
/* What the turn is about: what the hook gave, else the transcript. */
int	hydrate_history(const struct turn *t, struct history *h,
	    struct err *e) ATTR_MUST_USE;

#endif
