/* SPDX-License-Identifier: GPL-3.0-or-later */
/* answer.c - an answer that waits until what it tells is durable */

#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "server/answer.h"
#include "server/conn.h"
#include "server/request.h"
#include "server/response.h"
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
	if (rq->caller.local)
		respond_err(rq, e);
	else
		respond_error(rq, 500,
		    "Something went wrong, please try again.");
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
