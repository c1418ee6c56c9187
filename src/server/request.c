/* SPDX-License-Identifier: GPL-3.0-or-later */
/* request.c - what a handler is given */

#include <stdlib.h>
#include <string.h>

#include "agent/agent.h"
#include "base/err.h"
#include "base/json.h"
#include "server/relay.h"
#include "server/request.h"
#include "server/response.h"
#include "server/server_priv.h"
#include "store/store.h"
#include "wire/item.h"

void
request_clear(struct request *rq)
{
	struct server *srv = rq->srv;
	struct conn *conn = rq->conn;

	free(rq->key);
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

	if (store_find(rq->srv->opts.store, rq->key, it, &e) == 0)
		return 0;
	if (e.code == ERR_NOT_FOUND)
		respond_error(rq, 404, "Not found");
	else
		respond_err(rq, &e);
	return -1;
}

int
request_own(struct request *rq, const struct item *it)
{
	struct owner other = { 0 };
	struct err e = ERR_INIT;

	if (agent_own(rq->srv->opts.agents, it, &other, &e) == 0)
		return 0;
	if (e.code == ERR_CONFLICT)
		relay_start(rq, &other);
	else
		respond_err(rq, &e);
	return -1;
}
