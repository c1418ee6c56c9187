/* SPDX-License-Identifier: GPL-3.0-or-later */
/* told.h - what a model is told in a turn, kept from step to step */

/*
 * The way from the transcript to ModelMessages: parts marked interrupted are
 * left out, no tool call stays without a result (providers 11), and a turn
 * that Anthropic refused is not told at all, since it would be refused again
 * (providers 9.4). What came during a turn (HISTORY_PENDING) stands at its
 * place; a summary (HISTORY_COMPACTION) stands for all before it.
 *
 *	history  | step 1 | step 2 | ...	each converted once
 *
 * The same bytes come first in every step of a turn, and in the turns behind
 * it: prompt caches live on that.
 */

#ifndef AGENT_TOLD_H
#define AGENT_TOLD_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct err;
struct history;
struct json;
struct message;
struct told;

/* current: the message being written, whose stored form does not count;
 * model: "provider:model", reasoning of others goes; or NULL. */
struct told	*told_new(const struct history *h,
		    const struct message *current, const char *model,
		    struct err *e) ATTR_MUST_USE;
void		 told_free(struct told *td);
/*
 * An array of ModelMessages, borrowed until the next call. The parts of
 * current are taken as they are now: only call it between steps. extra: one
 * more text of the user behind all, or NULL.
 */
const struct json *told_now(struct told *td, const struct message *current,
		    const char *extra, struct err *e) ATTR_MUST_USE;
/* Tokens counted by who made the last answer of the history, 0: unknown. */
int64_t		 told_counted(const struct told *td);
/* About how many it is now, going by its length. */
int64_t		 told_guess(const struct told *td);

#endif
