/* SPDX-License-Identifier: GPL-3.0-or-later */
/* request.c - what a handler is given */

#include <stdlib.h>
#include <string.h>

#include "agent/agent.h"
#include "base/err.h"
#include "base/json.h"
#include "server/answer.h"
#include "server/park.h"
#include "server/relay.h"
#include "server/request.h"
#include "server/response.h"
#include "server/route.h"
#include "server/server_priv.h"
#include "store/store.h"
#include "wire/item.h"
#include "wire/scope.h"
#include "wire/token.h"

void
request_clear(struct request *rq)
{
	struct server *srv = rq->srv;
	struct conn *conn = rq->conn;

	free(rq->key);
	free(rq->channel);
	query_free(rq->query);
	buf_clear(&rq->body);
	memset(rq, 0, sizeof(*rq));
	rq->srv = srv;
	rq->conn = conn;
	buf_init(&rq->body);
}

struct json_doc *
request_json(struct request *rq)
{
	struct json_doc *doc;

	if (rq->body.len == 0) {
		respond_error(rq, 400, "Request body is empty");
		return NULL;
	}
	doc = json_parse(rq->body.data, rq->body.len, JSON_REPLACE_UTF8,
	    NULL);
	if (doc == NULL)
		respond_error(rq, 400, "Invalid JSON");
	return doc;
}

int
request_find(struct request *rq, struct item *it)
{
	struct err e = ERR_INIT;

	if (store_find(rq->srv->opts.store, rq->key, it, &e) == 0) {
		if (request_allowed(rq, it) == 0)
			return 0;
		item_clear(it);
		return -1;
	}
	if (e.code == ERR_NOT_FOUND)
		respond_error(rq, 404, "Not found");
	else
		answer_failed(rq, &e);
	return -1;
}

static int
refuse_scope(struct request *rq)
{
	struct buf body = BUF_INIT;

	buf_adds(&body, "{\"error\":\"Unauthorized\",\"code\":\"unauthorized\","
	    "\"param\":\"access_token\",\"type\":\"authorization\"}");
	respond_json(rq, 403, &body);
	return -1;
}

int
request_allowed_any(struct request *rq, const struct scope_resource *res,
    int n)
{
	rq->judged = true;
	if (rq->caller.all || (rq->token != NULL && scope_allows_any(
	    token_scopes(rq->token), rq->route->action, res, n)))
		return 0;
	return refuse_scope(rq);
}

/* A side channel is allowed with its session, or by its own name (14). */
static char *
side_id(const struct request *rq, const char *session, bool with_dir)
{
	bool in = (rq->route->flags & ROUTE_IN) != 0;
	struct buf id = BUF_INIT;

	buf_addf(&id, "%s:channels:%s%s", session, rq->channel,
	    !with_dir ? "" : in ? ":in" : ":out");
	return buf_take(&id);
}

int
request_allowed(struct request *rq, const struct item *it)
{
	struct scope_resource res[9] = { { "sessions", rq->key } };
	char *made[6];
	int n = 1, sides = 0, rc;

	/* a session has two names, but is closed by the one in the path */
	if (it != NULL && (rq->route->flags & ROUTE_ONE_NAME) == 0) {
		res[n++] = (struct scope_resource){ "sessions", it->id };
		if (it->external_id != NULL)
			res[n++] = (struct scope_resource){ "sessions",
			    it->external_id };
	}
	for (int i = 0; rq->channel != NULL && i < 2 * n; i++)
		made[sides++] = side_id(rq, res[i / 2].id, i % 2 != 0);
	for (int i = 0; i < sides; i++)
		res[n++] = (struct scope_resource){ "sessions", made[i] };
	rc = request_allowed_any(rq, res, n);
	for (int i = 0; i < sides; i++)
		free(made[i]);
	return rc;
}

int
request_own(struct request *rq, const struct item *it)
{
	struct owner other = { 0 };
	struct err e = ERR_INIT;

	if (agent_owned(rq->srv->opts.agents, it->row) == NULL &&
	    park_request(rq))
		return -1;
	if (agent_own(rq->srv->opts.agents, it, &other, &e) == 0)
		return 0;
	if (e.code == ERR_CONFLICT)
		relay_start(rq, &other);
	else
		answer_failed(rq, &e);
	return -1;
}
