/* SPDX-License-Identifier: GPL-3.0-or-later */
/* answer.c - an answer that waits until what it tells is durable */

#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "server/answer.h"
#include "server/api.h"
#include "server/conn.h"
#include "server/request.h"
#include "server/response.h"
#include "server/route.h"
#include "server/server_priv.h"
#include "store/store.h"

struct answer {
	struct request *rq;
	int status;
	struct buf body;
};

static void
answer_free(struct answer *a)
{
	buf_clear(&a->body);
	free(a);
}

static void
on_gone(void *arg)
{
	struct answer *a = arg;

	store_cancel_commit(a->rq->srv->opts.store, a);
	answer_free(a);
}

static const struct conn_source source = { NULL, on_gone };

void
answer_failed(struct request *rq, const struct err *e)
{
	static const char any[] = "{\"error\":\"Something went wrong\"}",
	    append[] = "{\"ok\":false,\"error\":\"Something went wrong, "
	    "please try again.\"}";
	struct buf body = BUF_INIT;

	if (rq->caller.local) {
		respond_err(rq, e);
		return;
	}
	log_msg(LOG_SERVER, LOG_ERROR, "%s", e->text);
	/* session-protocol 5.1, 6.2 */
	buf_adds(&body, rq->route->fn == api_append ? append : any);
	respond_json(rq, 500, &body);
}

static void
on_commit(const struct err *e, void *arg)
{
	struct answer *a = arg;

	if (e != NULL)
		answer_failed(a->rq, e);
	else
		respond_json(a->rq, a->status, &a->body);
	answer_free(a);
}

void
answer_committed(struct request *rq, int status, struct buf *body)
{
	struct answer *a = xcalloc(1, sizeof(*a));

	a->rq = rq;
	a->status = status;
	a->body = *body;
	buf_init(body);
	conn_hold(rq->conn, &source, a, false);
	store_on_commit(rq->srv->opts.store, on_commit, a);
}
