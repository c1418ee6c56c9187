/* SPDX-License-Identifier: GPL-3.0-or-later */
/* api_chatd.c - our own endpoints: what the protocol has no word for */

/*
 * Below /api/chatd/v1; an ITEM is a SessionItem with chatd's own members.
 *
 *	GET    resolve?q=WORD			ITEM
 *	GET    newest?dir=DIR			ITEM
 *	GET    sessions?limit&dir&tag&state&all	{"data":[ITEM],"more":BOOL}
 *	GET    sessions/KEY			ITEM + "live", "owner"
 *	PATCH  sessions/KEY {title}		ITEM
 *	DELETE sessions/KEY			{"ok":true}
 *	POST   sessions/KEY/fork {at?}		ITEM
 *	GET    search?q&limit		[{session,messageId,role,snippet}]
 *	GET    sessions/KEY/presence, servers, POST claim, release:
 *						api_presence.c
 *	GET    sessions/KEY/export	see api_export.c
 *	POST   import			ITEM
 */

#include <stdlib.h>
#include <string.h>

#include "agent/agent.h"
#include "agent/leftover.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/utf8.h"
#include "server/answer.h"
#include "server/api.h"
#include "server/list_query.h"
#include "server/request.h"
#include "server/response.h"
#include "server/room.h"
#include "server/server_priv.h"
#include "server/stream.h"
#include "store/store.h"
#include "wire/item.h"

enum {
	SHOWN = 50,		/* without a limit */
	SHOWN_MAX = 10000,
	TITLE_MAX = 256,
};

static void
write_item(struct buf *b, const struct item *it)
{
	struct json_w w;

	json_w_init(&w, b);
	item_write(it, &w, true);
}

static void
answer_item(struct request *rq, int status, struct item *it)
{
	struct buf body = BUF_INIT;

	write_item(&body, it);
	respond_json(rq, status, &body);
	item_clear(it);
}

/* What a query must say; NULL: answered. */
static const char *
wanted(struct request *rq, const char *name)
{
	const char *s = query_get(rq->query, name);

	if (s != NULL && s[0] != '\0')
		return s;
	respond_error(rq, 400, "%s is missing", name);
	return NULL;
}

void
api_chatd_resolve(struct request *rq)
{
	const char *word = wanted(rq, "q");
	struct item it = { 0 };
	struct err e = ERR_INIT;

	if (word == NULL)
		return;
	if (store_resolve(rq->srv->opts.store, word, &it, &e) != 0)
		respond_err(rq, &e);
	else
		answer_item(rq, 200, &it);
}

void
api_chatd_newest(struct request *rq)
{
	const char *dir = wanted(rq, "dir");
	struct item it = { 0 };
	struct err e = ERR_INIT;

	if (dir == NULL)
		return;
	if (store_newest(rq->srv->opts.store, dir, &it, &e) != 0)
		respond_err(rq, &e);
	else
		answer_item(rq, 200, &it);
}

static int
add_item(const struct item *it, void *arg)
{
	item_write(it, arg, true);
	return 0;
}

static int
read_list(struct request *rq, struct store_list *l)
{
	const char *state = query_get(rq->query, "state");
	int64_t limit;

	l->state = -1;
	l->by_activity = true;
	l->dir = query_get(rq->query, "dir");
	if (query_int(rq->query, "limit", 1, SHOWN_MAX, SHOWN, &limit) != 0) {
		respond_error(rq, 400, "limit: a number from 1 to %d",
		    SHOWN_MAX);
		return -1;
	}
	l->limit = (int)limit;
	l->children = query_flag(rq->query, "all");
	if (state != NULL && (l->state = item_state_by_name(state)) < 0) {
		respond_error(rq, 400, "state: there is no state '%s'",
		    state);
		return -1;
	}
	if (state == NULL && !query_flag(rq->query, "all"))
		l->status = STATUS_ACTIVE;
	return 0;
}

void
api_chatd_list(struct request *rq)
{
	struct store_list l = { 0 };
	char **tags = list_query_split(query_get(rq->query, "tag"));
	struct buf body = BUF_INIT;
	struct err e = ERR_INIT;
	struct json_w w;
	bool more = false;

	l.tags = (const char *const *)tags;
	if (read_list(rq, &l) != 0)
		goto done;
	json_w_init(&w, &body);
	json_w_obj(&w);
	json_w_key(&w, "data");
	json_w_arr(&w);
	if (store_list(rq->srv->opts.store, &l, add_item, &w, &more,
	    &e) != 0) {
		respond_err(rq, &e);
		goto done;
	}
	json_w_arr_end(&w);
	json_w_kbool(&w, "more", more);
	json_w_obj_end(&w);
	respond_json(rq, 200, &body);
done:
	buf_clear(&body);
	list_query_free_names(tags);
}

void
api_chatd_get(struct request *rq)
{
	struct owner who = { 0 };
	struct buf body = BUF_INIT;
	struct item it = { 0 };
	struct json_w w;
	bool live;

	if (request_find(rq, &it) != 0)
		return;
	live = store_owner(rq->srv->opts.store, it.row, &who) == 0;
	json_w_init(&w, &body);
	json_w_obj(&w);
	item_write_members(&it, &w, true);
	json_w_kbool(&w, "live", live);
	json_w_key(&w, "owner");
	if (live) {
		json_w_obj(&w);
		json_w_kint(&w, "pid", who.pid);
		json_w_kstr(&w, "socket", who.socket);
		json_w_obj_end(&w);
	} else {
		json_w_null(&w);
	}
	json_w_obj_end(&w);
	respond_json(rq, 200, &body);
	item_clear(&it);
}

static void
set_title(struct request *rq, const char *title)
{
	struct store_update u = { .title = title, .expires_at = -1 };
	struct item it = { 0 }, now = { 0 };
	struct buf body = BUF_INIT;
	struct err e = ERR_INIT;

	if (request_find(rq, &it) != 0)
		return;
	if (store_update(rq->srv->opts.store, it.row, &u, &e) != 0 ||
	    store_find(rq->srv->opts.store, it.id, &now, &e) != 0) {
		respond_err(rq, &e);
	} else {
		write_item(&body, &now);
		answer_committed(rq, 200, &body);
	}
	item_clear(&it);
	item_clear(&now);
}

void
api_chatd_update(struct request *rq)
{
	struct json_doc *doc = request_json(rq);
	const struct json *title = json_get(json_root(doc), "title");

	if (doc == NULL)
		return;
	if (!json_is(title, JSON_STRING) ||
	    utf8_count(json_str(title), json_len(title)) > TITLE_MAX)
		respond_error(rq, 400,
		    "title: a string of at most %d characters is wanted",
		    TITLE_MAX);
	else
		set_title(rq, json_str(title));
	json_doc_free(doc);
}

void
api_chatd_delete(struct request *rq)
{
	struct buf body = BUF_INIT;
	struct item it = { 0 };
	struct err e = ERR_INIT;

	if (request_find(rq, &it) != 0)
		return;
	/* its owner ends the turn, so that nothing is written behind it */
	if (request_own(rq, &it) == 0) {
		agent_drop(rq->srv->opts.agents, it.row);
		leftover_remove(rq->srv->opts.store, it.id);
		if (store_remove(rq->srv->opts.store, it.row, &e) != 0) {
			respond_err(rq, &e);
		} else {
			stream_removed(rq->srv, it.row);
			room_removed(rq->srv, it.row);
			buf_adds(&body, "{\"ok\":true}");
			answer_committed(rq, 200, &body);
		}
	}
	item_clear(&it);
}

static void
fork_at(struct request *rq, const char *at)
{
	struct item it = { 0 }, copy = { 0 };
	struct buf body = BUF_INIT;
	struct err e = ERR_INIT;

	if (request_find(rq, &it) != 0)
		return;
	if (store_fork(rq->srv->opts.store, it.row, at, &copy, &e) != 0) {
		respond_err(rq, &e);
	} else {
		write_item(&body, &copy);
		answer_committed(rq, 201, &body);
	}
	item_clear(&it);
	item_clear(&copy);
}

void
api_chatd_fork(struct request *rq)
{
	struct json_doc *doc;

	if (rq->body.len == 0)
		buf_adds(&rq->body, "{}");
	doc = request_json(rq);
	if (doc == NULL)
		return;
	fork_at(rq, json_get_str(json_root(doc), "at"));
	json_doc_free(doc);
}

static int
add_hit(const struct store_hit *hit, void *arg)
{
	struct json_w *w = arg;

	json_w_obj(w);
	json_w_key(w, "session");
	item_write(hit->item, w, true);
	json_w_kstr(w, "messageId", hit->message_id);
	json_w_kstr(w, "role", hit->role);
	json_w_kstr(w, "snippet", hit->snippet);
	json_w_obj_end(w);
	return 0;
}

void
api_chatd_search(struct request *rq)
{
	const char *words = wanted(rq, "q");
	struct buf body = BUF_INIT;
	struct err e = ERR_INIT;
	struct json_w w;
	int64_t limit;

	if (words == NULL)
		return;
	if (query_int(rq->query, "limit", 1, SHOWN_MAX, SHOWN, &limit) != 0) {
		respond_error(rq, 400, "limit: a number from 1 to %d",
		    SHOWN_MAX);
		return;
	}
	json_w_init(&w, &body);
	json_w_arr(&w);
	if (store_search(rq->srv->opts.store, words, (int)limit, add_hit,
	    &w, &e) != 0) {
		respond_err(rq, &e);
	} else {
		json_w_arr_end(&w);
		respond_json(rq, 200, &body);
	}
	buf_clear(&body);
}

void
api_health(struct request *rq)
{
	struct buf body = BUF_INIT;

	buf_adds(&body, "{\"ok\":true}");
	respond_json(rq, 200, &body);
}
