/* SPDX-License-Identifier: GPL-3.0-or-later */
/* overlay.h - what a person answered to tool calls, laid over a message */

/*
 * A client sends back an assistant message whose tool parts are resolved
 * (session-protocol 10). Of it only state, output, error and approval of calls
 * that wait in the stored message are taken: never an input, a text, a call
 * that is not there or that has its answer already.
 *
 * An approved call stays in state approval-responded: the turn that follows
 * runs it.
 */

#ifndef AGENT_OVERLAY_H
#define AGENT_OVERLAY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"

struct err;
struct json;
struct message;

struct overlay_chunk {
	struct buf json;
	bool denied;			/* tool-output-denied */
};

struct overlay {
	struct message *message;	/* stored form with the approvals */
	struct overlay_chunk *chunks;	/* results that follow from it */
	size_t chunk_count;
	int answered;			/* calls that got something new */
	int waiting;			/* calls still without an answer */
};

/*
 * chatd: payload.chatd or NULL, which only local callers have. In it
 * {"editedInput":{CALL:{..}},"remember":{"toolCallId":CALL,"scope":"session"
 * or "always","rule":..}} (or a list of the latter).
 */
int	overlay_init(struct overlay *ov, const struct json *stored,
	    const struct json *sent, const struct json *chatd,
	    struct err *e) ATTR_MUST_USE;
void	overlay_clear(struct overlay *ov);
/* The message with the results in it too, for when no turn follows. Takes
 * ov->message. */
struct message	*overlay_settled(struct overlay *ov);

#endif
