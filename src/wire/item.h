/* SPDX-License-Identifier: GPL-3.0-or-later */
/* item.h - a session as the wire shows it */

/*
 * SessionItem of session-protocol 4.2, with what chatd adds: title, state,
 * messages, directory, model, usage. Strings are owned (item_clear); times
 * are ms since 1970, 0 = null. Values marked JSON are compact JSON text.
 */

#ifndef WIRE_ITEM_H
#define WIRE_ITEM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

struct err;
struct json;
struct json_w;

#define ITEM_STATES(X)							\
	X(IDLE, "idle")							\
	X(RUNNING, "running")						\
	X(WAITING, "waiting for approval")				\
	X(INTERRUPTED, "interrupted")	/* its owner died in a turn */	\
	X(CLOSED, "closed")

enum item_state {
#define X(id, name) ITEM_##id,
	ITEM_STATES(X)
#undef X
	ITEM_STATE_COUNT
};

struct item {
	int64_t row;		/* the store's key; never on the wire */
	char *id;		/* "session_..." */
	char *external_id;	/* or NULL */
	char *type;		/* "chat.agent" */
	char *task;		/* taskIdentifier: the agent's name */
	char *config;		/* triggerConfig, JSON */
	char *run_id;		/* currentRunId, or NULL */
	char *tags;		/* JSON array */
	char *metadata;		/* JSON object or NULL */
	char *closed_reason;
	int64_t closed_at;
	int64_t expires_at;
	int64_t created_at;
	int64_t updated_at;
	char *title;		/* or NULL */
	char *dir;		/* or NULL */
	char *model;		/* last model used, or NULL */
	char *parent;		/* the session this is a sub-agent of, or NULL */
	char *usage;		/* JSON object, sum of all turns, or NULL */
	double cost;		/* USD, sum; < 0 = unknown */
	enum item_state state;
	int64_t messages;
	int64_t bytes;		/* stored record bodies */
};

const char	*item_state_name(enum item_state state);
int		 item_state_by_name(const char *name);	/* -1: none */
/* The external id if there is one, else the id. */
const char	*item_key(const struct item *it);
void		 item_clear(struct item *it);
/* Every key of 4.2, nulls too; with extra: chatd's own keys behind them. */
void		 item_write(const struct item *it, struct json_w *w,
		    bool extra);
/* The members alone, inside an object the caller has opened. */
void		 item_write_members(const struct item *it, struct json_w *w,
		    bool extra);
int		 item_read(struct item *it, const struct json *json,
		    struct err *e) ATTR_MUST_USE;

#endif
