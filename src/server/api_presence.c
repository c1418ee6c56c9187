/* SPDX-License-Identifier: GPL-3.0-or-later */
/* api_presence.c - our own: who looks at a session, whose turn runs, on what */

/*
 *	GET    sessions/KEY/presence?client&name	SSE, see room.h
 *	POST   sessions/KEY/claim {client, name, take?}	200 or 409, the state
 *	POST   sessions/KEY/release {client}		200, the state
 *	GET    sessions/KEY/servers			the MCP servers there
 *
 * The process that owns the session knows; others pass the request on.
 */

#include <string.h>

#include "agent/agent.h"
#include "base/buf.h"
#include "base/json.h"
#include "server/api.h"
#include "server/query.h"
#include "server/request.h"
#include "server/response.h"
#include "server/room.h"
#include "server/server_priv.h"
#include "wire/item.h"

static bool
is_name(const char *s)
{
	return s != NULL && *s != '\0' && strlen(s) <= ROOM_NAME_MAX;
}

/* The session, owned here; -1: answered. */
static int
find_owned(struct request *rq, int64_t *row)
{
	struct item it = { 0 };

	if (request_find(rq, &it) != 0)
		return -1;
	int r = request_own(rq, &it);
	*row = it.row;
	item_clear(&it);
	return r;
}

void
api_presence(struct request *rq)
{
	const char *id = query_get(rq->query, "client");
	const char *name = query_get(rq->query, "name");
	int64_t row;

	if (!is_name(id) || !is_name(name))
		respond_error(rq, 400, "client and name: 1 to %d bytes each "
		    "are wanted", ROOM_NAME_MAX);
	else if (strcmp(rq->head->method, "HEAD") == 0)
		respond(rq, 200, 0, NULL, "text/event-stream", NULL);
	else if (find_owned(rq, &row) == 0)
		room_look(rq, row, id, name);
}

static void
answer_state(struct request *rq, int status, int64_t row)
{
	struct buf body = BUF_INIT;

	room_write(rq->srv, row, &body);
	respond_json(rq, status, &body);
}

void
api_claim(struct request *rq)
{
	struct json_doc *doc = request_json(rq);
	const char *id = json_get_str(json_root(doc), "client");
	const char *name = json_get_str(json_root(doc), "name");
	bool take = json_bool(json_get(json_root(doc), "take"), false);
	int64_t row;

	if (doc == NULL)
		return;
	if (!is_name(id) || !is_name(name))
		respond_error(rq, 400, "client and name: 1 to %d bytes each "
		    "are wanted", ROOM_NAME_MAX);
	else if (find_owned(rq, &row) == 0)
		answer_state(rq, room_claim(rq->srv, row, id, name,
		    take) ? 200 : 409, row);
	json_doc_free(doc);
}

void
api_release(struct request *rq)
{
	struct json_doc *doc = request_json(rq);
	const char *id = json_get_str(json_root(doc), "client");
	int64_t row;

	if (doc == NULL)
		return;
	if (!is_name(id)) {
		respond_error(rq, 400, "client is missing");
	} else if (find_owned(rq, &row) == 0) {
		room_release(rq->srv, row, id);
		answer_state(rq, 200, row);
	}
	json_doc_free(doc);
}

void
api_servers(struct request *rq)
{
	struct buf body = BUF_INIT;
	int64_t row;

	if (find_owned(rq, &row) != 0)
		return;
	agent_servers(rq->srv->opts.agents, &body);
	respond_json(rq, 200, &body);
}
