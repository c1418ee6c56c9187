/* SPDX-License-Identifier: GPL-3.0-or-later */
/* history.h - the transcript of a session */

/*
 * The messages of a session as the store holds them, and the names of the
 * data parts in them that mean something for what a model is told (told.h).
 */

#ifndef AGENT_HISTORY_H
#define AGENT_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "wire/message.h"

struct err;
struct json;
struct store;

/* The data part that marks a step whose answer broke off. */
#define HISTORY_INTERRUPTED "chatd-interrupted"
/* providerMetadata of a block that broke off */
#define HISTORY_INTERRUPTED_PM "{\"chatd\":{\"interrupted\":true}}"

/* Messages that came during the turn (session-protocol 9.2), and context that
 * was added: {"messageIds":[..],"messages":[{"id":..,"text":..}],
 * "inEventId":N}, N being the last record of `in` that is in it. */
#define HISTORY_PENDING "pending-message-injected"
#define HISTORY_BACKGROUND "background-injected"
/* {"summary":..,"from":ID}: told instead of what was before, but for the
 * messages from this one on. */
#define HISTORY_COMPACTION "chatd-compaction"

struct history_entry {
	char *id;
	char *json;
	enum message_role role;
	bool refused;		/* the answer was withdrawn */
	bool compacted;		/* there is a summary in it */
	bool steered;		/* there are messages that came during it */
};
struct history {
	struct history_entry *entries;	/* oldest first */
	size_t count;
};

int	history_load(struct history *h, struct store *st, int64_t row,
	    struct err *e) ATTR_MUST_USE;
/* Of a list that fits message_validate(). */
void	history_of_list(struct history *h, const struct json *list);
void	history_clear(struct history *h);
/* The entry with this id, or NULL. */
const struct history_entry *history_find(const struct history *h,
	    const char *id);
/* Is there a message with this id, also one that came during a turn? */
bool	history_knows(const struct history *h, const char *id);
/* The newest entry of this role, or NULL. */
const struct history_entry *history_last(const struct history *h,
	    enum message_role role);

#endif
