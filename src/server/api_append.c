/* SPDX-License-Identifier: GPL-3.0-or-later */
/* api_append.c - E6 and E7: a record is numbered, durable, then answered */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agent/agent.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/id.h"
#include "base/json.h"
#include "server/answer.h"
#include "server/api.h"
#include "server/request.h"
#include "server/response.h"
#include "server/route.h"
#include "server/server_priv.h"
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

/* A copy of an object without the member named so. */
static void
write_without(struct json_w *w, const struct json *obj, const char *name,
    const struct json *within)
{
	const struct json *v;

	json_w_obj(w);
	JSON_EACH(v, obj) {
		if (v == within) {
			json_w_key(w, json_name(v));
			write_without(w, v, name, NULL);
		} else if (within != NULL ||
		    strcmp(json_name(v), name) != 0) {
			json_w_keyn(w, json_name(v), json_name_len(v));
			json_w_value(w, v);
		}
	}
	json_w_obj_end(w);
}

/* Only our own webhooks may claim to be one (6.1). */
static void
drop_webhook_claim(struct request *rq)
{
	struct buf clean = BUF_INIT;
	struct json_doc *doc;
	struct json_w w;
	const struct json *payload;

	if (strstr(rq->body.data, "actionSource") == NULL)
		return;
	doc = json_parse(rq->body.data, rq->body.len, 0, NULL);
	payload = json_get(json_root(doc), "payload");
	if (json_is(payload, JSON_OBJECT) && json_streq(
	    json_get(payload, "actionSource"), "webhook")) {
		json_w_init(&w, &clean);
		write_without(&w, json_root(doc), "actionSource", payload);
		buf_reset(&rq->body);
		buf_add(&rq->body, clean.data, clean.len);
		buf_clear(&clean);
	}
	json_doc_free(doc);
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
append(struct request *rq, const struct item *it, const struct buf *record)
{
	struct owned *own = agent_owned(rq->srv->opts.agents, it->row);
	struct record rec = { .body = record->data,
	    .body_len = record->len };
	bool replayed = false;
	struct err e = ERR_INIT;
	struct buf body = BUF_INIT;
	int64_t seq;

	seq = channel_append(own, (rq->route->flags & ROUTE_IN) != 0 ?
	    CHANNEL_IN : CHANNEL_OUT, &rec, rq->part_id, &replayed, &e);
	if (seq < 0) {
		refuse(rq, 500, "Something went wrong, please try again.");
		return;
	}
	buf_addf(&body, "{\"ok\":true,\"seq\":%" PRId64 "}", seq);
	/* a replay waits too: the first one may not be durable yet (6.3) */
	answer_committed(rq, 200, &body);
}

void
api_append(struct request *rq)
{
	struct item it = { 0 };
	struct buf record = BUF_INIT;
	struct err e = ERR_INIT;

	if (store_find(rq->srv->opts.store, rq->key, &it, &e) != 0) {
		if (e.code == ERR_NOT_FOUND)
			respond_error(rq, 404, "Resource not found");
		else
			refuse(rq, 500,
			    "Something went wrong, please try again.");
		goto done;
	}
	if (!check_open(rq, &it))
		goto done;
	drop_webhook_claim(rq);
	if (rq->part_id[0] == '\0')
		id_uuid(rq->part_id);
	record_body_text(&record, rq->body.data, rq->body.len, rq->part_id);
	if (record.len + RECORD_OVERHEAD > RECORD_BODY_MAX)
		refuse(rq, 413, "The record is too large");
	else if (request_own(rq, &it) == 0)
		append(rq, &it, &record);
done:
	buf_clear(&record);
	item_clear(&it);
}
