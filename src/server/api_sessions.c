/* SPDX-License-Identifier: GPL-3.0-or-later */
/* api_sessions.c - E1, E3, E4, E5: one session */

#include <stdlib.h>
#include <string.h>

#include "agent/agent.h"
#include "agent/persona.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/id.h"
#include "base/json.h"
#include "base/utf8.h"
#include "server/answer.h"
#include "server/api.h"
#include "server/request.h"
#include "server/response.h"
#include "server/server_priv.h"
#include "server/session_body.h"
#include "server/stream.h"
#include "server/strip.h"
#include "store/store.h"
#include "wire/input.h"
#include "wire/item.h"
#include "wire/scope.h"

enum { REASON_MAX = 256 };

#define NOT_REUSABLE "use a different externalId to create a new session"

static void
write_item(struct buf *b, const struct item *it)
{
	struct json_w w;

	json_w_init(&w, b);
	item_write(it, &w, false);
}

/* The row as it is now, after the commit. */
static void
answer_item(struct request *rq, const char *id)
{
	struct item now = { 0 };
	struct buf body = BUF_INIT;
	struct err e = ERR_INIT;

	if (store_find(rq->srv->opts.store, id, &now, &e) != 0) {
		respond_err(rq, &e);
		return;
	}
	write_item(&body, &now);
	answer_committed(rq, 200, &body);
	item_clear(&now);
}

/* E1: SessionItem + runId, publicAccessToken, isCached */
static void
answer_created(struct request *rq, const struct item *it, bool existed)
{
	char *token = auth_session_token(rq->srv->opts.keys, it, false);
	struct buf body = BUF_INIT;
	struct json_w w;

	json_w_init(&w, &body);
	json_w_obj(&w);
	item_write_members(it, &w, false);
	json_w_kstr(&w, "runId", it->run_id);
	/* without keys there are local callers only, who need none */
	json_w_kstr(&w, "publicAccessToken", token != NULL ? token : "");
	json_w_kbool(&w, "isCached", existed);
	json_w_obj_end(&w);
	free(token);
	answer_committed(rq, existed ? 200 : 201, &body);
}

/* session-protocol 3.6: for its task, or for sessions at all */
static int
check_scope(struct request *rq, const char *task)
{
	const struct scope_resource res[] = {
		{ "tasks", task }, { "sessions", NULL },
	};

	return request_allowed_any(rq, res, NELEM(res));
}

/* session-protocol 5.1.5 */
static int
check_reusable(struct request *rq, const struct item *it)
{
	if (it->closed_at != 0)
		respond_error(rq, 409, "Session is closed; " NOT_REUSABLE);
	else if (it->expires_at != 0 && it->expires_at <= clock_ms())
		respond_error(rq, 409, "Session is expired; " NOT_REUSABLE);
	else
		return 0;
	return -1;
}

static int
create_row(struct request *rq, const struct session_body *b,
    struct item *it, bool *existed, struct err *e)
{
	struct turn_opts turn = { 0 };
	struct store_new n = {
		.external_id = b->external_id,
		.type = b->type,
		.task = b->task,
		.config = b->config,
		.tags = b->tags,
		.metadata = b->metadata,
		.expires_at = b->expires_at < 0 ? 0 : b->expires_at,
	};
	int rc;

	turn_opts_read(&turn, json_get(b->payload, "chatd"));
	n.dir = turn.dir;
	n.model = turn.model;
	if (n.metadata != NULL && strcmp(n.metadata, "null") == 0)
		n.metadata = NULL;
	rc = store_create(rq->srv->opts.store, &n, it, existed, e);
	turn_opts_clear(&turn);
	return rc;
}

/* What a create says about a row that is there (5.1.3), and its run. */
static int
update_row(struct request *rq, const struct session_body *b,
    struct item *it, bool existed, struct err *e)
{
	struct store *st = rq->srv->opts.store;
	struct store_update u = { .expires_at = -1 };
	char run[ID_MAX];

	if (existed) {
		u.config = b->config;
		u.tags = b->tags;
		u.metadata = b->metadata;
		u.expires_at = b->expires_at;
	}
	if (it->run_id == NULL) {
		id_make("run", run);
		u.run_id = run;
	}
	if (!existed && u.run_id == NULL)
		return 0;
	if (store_update(st, it->row, &u, e) != 0)
		return -1;
	char *id = it->id;
	it->id = NULL;
	item_clear(it);
	int rc = store_find(st, id, it, e);
	free(id);
	return rc;
}

static void
create(struct request *rq, const struct session_body *b)
{
	struct item it = { 0 };
	struct err e = ERR_INIT;
	bool existed = false;

	if (create_row(rq, b, &it, &existed, &e) != 0) {
		respond_err(rq, &e);
		goto done;
	}
	if (existed && check_reusable(rq, &it) != 0)
		goto done;
	if (update_row(rq, b, &it, existed, &e) != 0) {
		respond_err(rq, &e);
		goto done;
	}
	if (!existed) {
		if (request_own(rq, &it) != 0)
			goto done;
		if (agent_boot(rq->srv->opts.agents, &it, &e) != 0) {
			respond_err(rq, &e);
			goto done;
		}
		stream_created(rq->srv, &it);
	}
	answer_created(rq, &it, existed);
done:
	item_clear(&it);
}

/* --strict-agents: a task that names no agent is not the default one's. */
static int
check_agent(struct request *rq, const char *task)
{
	const struct server_opts *o = &rq->srv->opts;
	struct persona p;
	struct err e = ERR_INIT;
	int rc;

	if (!o->strict_agents)
		return 0;
	rc = persona_load(&p, task, o->dir, &e);
	persona_clear(&p);
	if (rc != 0)
		respond_error(rq, 422, "taskIdentifier: %s", e.text);
	return rc;
}

void
api_sessions_create(struct request *rq)
{
	static const char *const how[] = { "triggerConfig", "basePayload",
	    "chatd", NULL };
	struct json_doc *doc;
	struct session_body b = { 0 };
	struct err e = ERR_INIT;

	/* only who sits at this machine says how a turn is run */
	if (!rq->caller.local)
		strip_member(&rq->body, how, NULL);
	doc = request_json(rq);
	if (doc == NULL)
		return;
	if (session_body_create(&b, json_root(doc), &e) != 0)
		respond_err(rq, &e);
	else if (check_scope(rq, b.task) != 0 || check_agent(rq, b.task) != 0)
		;	/* answered */
	else if (json_streq(json_get(b.payload, "trigger"),
	    "handover-prepare"))
		respond_error(rq, 422, "handover-prepare is not supported");
	else
		create(rq, &b);
	session_body_clear(&b);
	json_doc_free(doc);
}

void
api_sessions_get(struct request *rq)
{
	struct item it = { 0 };
	struct buf body = BUF_INIT;

	if (request_find(rq, &it) != 0)
		return;
	write_item(&body, &it);
	respond_json(rq, 200, &body);
	item_clear(&it);
}

static bool
same_external_id(const struct session_body *b, const struct item *it)
{
	if (!b->has_external_id)
		return true;
	if (b->external_id == NULL || it->external_id == NULL)
		return b->external_id == it->external_id;
	return strcmp(b->external_id, it->external_id) == 0;
}

static void
update(struct request *rq, const struct session_body *b)
{
	struct store_update u = { .tags = b->tags, .metadata = b->metadata,
	    .expires_at = -1 };
	struct item it = { 0 };
	struct err e = ERR_INIT;

	if (request_allowed(rq, NULL) != 0)
		return;
	if (store_find(rq->srv->opts.store, rq->key, &it, &e) != 0) {
		if (e.code == ERR_NOT_FOUND)
			respond_error(rq, 404, "Session not found");
		else
			respond_err(rq, &e);
	} else if (!same_external_id(b, &it)) {
		respond_error(rq, 422, "externalId cannot be changed after "
		    "creation; " NOT_REUSABLE);
	} else if (store_update(rq->srv->opts.store, it.row, &u, &e) != 0) {
		respond_err(rq, &e);
	} else {
		answer_item(rq, it.id);
	}
	item_clear(&it);
}

void
api_sessions_update(struct request *rq)
{
	struct json_doc *doc = request_json(rq);
	struct session_body b = { 0 };
	struct err e = ERR_INIT;

	if (doc == NULL)
		return;
	if (session_body_update(&b, json_root(doc), &e) != 0)
		respond_err(rq, &e);
	else
		update(rq, &b);
	session_body_clear(&b);
	json_doc_free(doc);
}

/* The reason of a close; -1: answered. */
static int
read_reason(struct request *rq, const struct json *json, const char **reason)
{
	const struct json *v = json_get(json, "reason");

	*reason = NULL;
	if (!json_is(json, JSON_OBJECT)) {
		respond_error(rq, 400, "an object is wanted");
		return -1;
	}
	if (!json_is_set(v))
		return 0;
	if (!json_is(v, JSON_STRING) ||
	    utf8_count(json_str(v), json_len(v)) > REASON_MAX) {
		respond_error(rq, 400,
		    "reason: a string of at most 256 characters is wanted");
		return -1;
	}
	*reason = json_str(v);
	return 0;
}

static void
close_session(struct request *rq, const char *reason)
{
	struct item it = { 0 };
	struct err e = ERR_INIT;

	if (request_allowed(rq, NULL) != 0)
		return;
	if (store_find(rq->srv->opts.store, rq->key, &it, &e) != 0) {
		if (e.code == ERR_NOT_FOUND)
			respond_error(rq, 404, "Session not found");
		else
			respond_err(rq, &e);
		return;
	}
	if (it.closed_at != 0) {
		/* write-once: the first values (5.4) */
		answer_item(rq, it.id);
	} else if (request_own(rq, &it) == 0) {
		if (store_close_session(rq->srv->opts.store, it.row, reason,
		    &e) != 0) {
			respond_err(rq, &e);
		} else {
			agent_closed(rq->srv->opts.agents, it.row);
			answer_item(rq, it.id);
		}
	}
	item_clear(&it);
}

void
api_sessions_close(struct request *rq)
{
	struct json_doc *doc;
	const char *reason;

	if (rq->body.len == 0)
		buf_adds(&rq->body, "{}");
	doc = request_json(rq);
	if (doc == NULL)
		return;
	if (read_reason(rq, json_root(doc), &reason) == 0)
		close_session(rq, reason);
	json_doc_free(doc);
}
