/* SPDX-License-Identifier: GPL-3.0-or-later */
/* api_list.c - E2: sessions, page by page */

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/id.h"
#include "base/json.h"
#include "server/api.h"
#include "server/list_query.h"
#include "server/request.h"
#include "server/response.h"
#include "server/route.h"
#include "server/server_priv.h"
#include "wire/item.h"
#include "wire/scope.h"
#include "wire/token.h"

struct page {
	struct json_w w;
	char first[ID_MAX], last[ID_MAX];
};

static void
answer_query_error(struct request *rq, const struct err *e)
{
	struct buf body = BUF_INIT;
	struct json_w w;

	json_w_init(&w, &body);
	json_w_obj(&w);
	json_w_kstr(&w, "error", "Query Error");
	json_w_key(&w, "details");
	json_w_arr(&w);
	json_w_str(&w, e->text);
	json_w_arr_end(&w);
	json_w_obj_end(&w);
	respond_json(rq, 400, &body);
}

static void
note_id(char out[ID_MAX], const char *id)
{
	strncpy(out, id, ID_MAX - 1);
	out[ID_MAX - 1] = '\0';
}

static int
add_item(const struct item *it, void *arg)
{
	struct page *p = arg;

	item_write(it, &p->w, false);
	if (p->first[0] == '\0')
		note_id(p->first, it->id);
	note_id(p->last, it->id);
	return 0;
}

/* A cursor is the id of the boundary row; an absent one is left out. */
static void
write_cursors(struct page *p, const struct store_list *l, bool more)
{
	bool back = l->before != NULL;
	bool older = back ? p->last[0] != '\0' : more;
	bool newer = back ? more :
	    l->after != NULL && p->first[0] != '\0';

	json_w_key(&p->w, "pagination");
	json_w_obj(&p->w);
	if (older)
		json_w_kstr(&p->w, "next", p->last);
	if (newer)
		json_w_kstr(&p->w, "previous", p->first);
	json_w_obj_end(&p->w);
}

/* session-protocol 3.6: every task asked for, or any at all */
static int
check_scope(struct request *rq, const char *const *tasks)
{
	static const struct scope_resource all[] = {
		{ "sessions", NULL }, { "tasks", NULL },
	};
	bool each = tasks != NULL && *tasks != NULL && rq->token != NULL;

	for (; each && *tasks != NULL; tasks++) {
		struct scope_resource res = { "tasks", *tasks };

		each = scope_allows_any(token_scopes(rq->token),
		    rq->route->action, &res, 1);
	}
	rq->judged = each;
	return each ? 0 : request_allowed_any(rq, all, NELEM(all));
}

void
api_sessions_list(struct request *rq)
{
	struct list_query lq;
	struct buf body = BUF_INIT;
	struct page p = { 0 };
	struct err e = ERR_INIT;
	bool more = false;

	if (list_query_read(&lq, rq->query, clock_ms(), &e) != 0) {
		answer_query_error(rq, &e);
		goto done;
	}
	if (check_scope(rq, lq.list.tasks) != 0)
		goto done;
	json_w_init(&p.w, &body);
	json_w_obj(&p.w);
	json_w_key(&p.w, "data");
	json_w_arr(&p.w);
	if (store_list(rq->srv->opts.store, &lq.list, add_item, &p, &more,
	    &e) != 0) {
		if (e.code == ERR_IO)
			respond_err(rq, &e);
		else
			answer_query_error(rq, &e);
		goto done;
	}
	json_w_arr_end(&p.w);
	write_cursors(&p, &lq.list, more);
	json_w_obj_end(&p.w);
	respond_json(rq, 200, &body);
done:
	buf_clear(&body);
	list_query_clear(&lq);
}
