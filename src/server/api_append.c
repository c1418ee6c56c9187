/* SPDX-License-Identifier: GPL-3.0-or-later */
/* api_append.c - E6, E7: a record is numbered, durable, then answered; E17 */

#include <stdlib.h>
#include <string.h>

#include "agent/agent.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "server/answer.h"
#include "server/api.h"
#include "server/request.h"
#include "server/response.h"
#include "server/route.h"
#include "server/server_priv.h"
#include "server/strip.h"
#include "store/channel.h"
#include "store/store.h"
#include "wire/item.h"
#include "wire/record.h"

enum { RECORD_OVERHEAD = 8 };	/* session-protocol 6.2, metered size */

/* session-protocol 6.2: here errors say "ok" too. */
static void
refuse(struct request *rq, int status, const char *why)
{
	struct buf body = BUF_INIT;
	struct json_w w;

	json_w_init(&w, &body);
	json_w_obj(&w);
	json_w_kbool(&w, "ok", false);
	json_w_kstr(&w, "error", why);
	json_w_obj_end(&w);
	respond_json(rq, status, &body);
}

static void
refuse_closed(struct request *rq, const struct item *it)
{
	struct buf body = BUF_INIT;
	struct json_w w;

	json_w_init(&w, &body);
	json_w_obj(&w);
	json_w_kbool(&w, "ok", false);
	json_w_kstr(&w, "error", "Cannot append to a closed session");
	json_w_kstr(&w, "code", "session_closed");
	json_w_kstr(&w, "closedReason", it->closed_reason);
	json_w_obj_end(&w);
	respond_json(rq, 409, &body);
}

/*
 * Only our own webhooks may claim to be one (6.1), and only who sits at this
 * machine says how a turn is run (HACKING).
 */
static void
drop_claims(struct request *rq)
{
	static const char *const source[] = { "payload", "actionSource",
	    NULL };
	static const char *const how[] = { "payload", "chatd", NULL };

	strip_member(&rq->body, source, "webhook");
	if (!rq->caller.local)
		strip_member(&rq->body, how, NULL);
}

/* `out` is for those with the secret key (6.2). */
static int
check_scope(struct request *rq, const struct item *it)
{
	if ((rq->route->flags & ROUTE_IN) != 0 || rq->caller.all)
		return request_allowed(rq, it);
	refuse(rq, 403, "Appending to the out channel requires secret key "
	    "authentication");
	return -1;
}

static bool
check_open(struct request *rq, const struct item *it)
{
	if (it->closed_at != 0)
		refuse_closed(rq, it);
	else if (it->expires_at != 0 && it->expires_at <= clock_ms())
		refuse(rq, 400, "Cannot append to an expired session");
	else
		return true;
	return false;
}

static void
append(struct request *rq, const struct item *it, const struct buf *record,
    const char *part_id)
{
	struct owned *own = agent_owned(rq->srv->opts.agents, it->row);
	struct record rec = { .body = record->data,
	    .body_len = record->len };
	bool replayed = false;
	struct err e = ERR_INIT;
	struct buf body = BUF_INIT;
	int64_t seq;

	seq = channel_append_side(own, rq->channel,
	    (rq->route->flags & ROUTE_IN) != 0 ? CHANNEL_IN : CHANNEL_OUT, &rec,
	    part_id, &replayed, &e);
	if (seq < 0) {
		answer_failed(rq, &e);
		return;
	}
	buf_addl(&body, "{\"ok\":true,\"seq\":");
	buf_add_int(&body, seq);
	buf_addc(&body, '}');
	/* a replay waits too: the first one may not be durable yet (6.3) */
	answer_committed(rq, 200, &body);
}

/* NULL: answered. */
static const struct item *
find(struct request *rq)
{
	struct err e = ERR_INIT;
	const struct item *it = store_peek(rq->srv->opts.store, rq->key, &e);

	/* a token for another session is told so before 404 (6.2) */
	if (check_scope(rq, it) != 0)
		return NULL;
	if (it == NULL && e.code == ERR_NOT_FOUND)
		respond_error(rq, 404, "Resource not found");
	else if (it == NULL)
		answer_failed(rq, &e);
	return it;
}

/* session-protocol 13: who asks where to write by himself */
void
api_direct(struct request *rq)
{
	const struct item *it = find(rq);

	if (it == NULL)
		return;
	if (it->closed_at != 0)
		refuse(rq, 400, "Cannot append to a closed session");
	else
		refuse(rq, 501, "Records are added by POST to .../append; "
		    "chatd has no S2 to write to");
}

void
api_append(struct request *rq)
{
	struct buf record = BUF_INIT, made = BUF_INIT;
	const struct item *it = find(rq);
	/* one that nobody can send again need not be remembered; a relay
	 * that failed has left one here */
	const char *given = rq->part_id[0] != '\0' ? rq->part_id : NULL;

	if (it == NULL || !check_open(rq, it))
		return;
	/* on a side channel nobody reads them, and they may be anything */
	if (rq->channel == NULL)
		drop_claims(rq);
	buf_adds(&made, rq->srv->mark);
	buf_addc(&made, '-');
	buf_add_int(&made, ++rq->srv->parts);
	record_body_text(&record, rq->body.data, rq->body.len,
	    given != NULL ? given : made.data);
	if (record.len + RECORD_OVERHEAD > RECORD_BODY_MAX)
		refuse(rq, 413, "The record is too large");
	else if (request_own(rq, it) == 0)
		append(rq, it, &record, given);
	buf_clear(&record);
	buf_clear(&made);
}
