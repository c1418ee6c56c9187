/* SPDX-License-Identifier: GPL-3.0-or-later */
/* history.h - the transcript, and what of it a model is told */

/*
 * The messages of a session as the store holds them, and the way from them
 * to ModelMessages: parts marked interrupted are left out, no tool call stays
 * without a result (providers 11), and a turn that Anthropic refused is not
 * told at all, since it would be refused again (providers 9.4).
 */

#ifndef AGENT_HISTORY_H
#define AGENT_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "wire/message.h"

struct buf;
struct err;
struct json;
struct store;

/* The data part that marks a step whose answer broke off. */
#define HISTORY_INTERRUPTED "chatd-interrupted"
/* providerMetadata of a block that broke off */
#define HISTORY_INTERRUPTED_PM "{\"chatd\":{\"interrupted\":true}}"

struct history_entry {
	char *id;
	char *json;
	enum message_role role;
	bool refused;		/* the answer was withdrawn */
};
struct history {
	struct history_entry *entries;	/* oldest first */
	size_t count;
};

int	history_load(struct history *h, struct store *st, int64_t row,
	    struct err *e) ATTR_MUST_USE;
void	history_clear(struct history *h);
/* The entry with this id, or NULL. */
const struct history_entry *history_find(const struct history *h,
	    const char *id);
/* The newest entry of this role, or NULL. */
const struct history_entry *history_last(const struct history *h,
	    enum message_role role);

struct history_ask {
	/* being written: takes the place of its stored form, or the end */
	const struct message *current;	/* or NULL */
	const char *extra;	/* one more user text behind all, or NULL */
	const char *model;	/* "provider:model": reasoning of others goes */
};
/* Appends the JSON array of ModelMessages to out. */
int	history_prompt(const struct history *h, const struct history_ask *ask,
	    struct buf *out, struct err *e) ATTR_MUST_USE;

#endif
