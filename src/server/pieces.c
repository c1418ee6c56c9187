/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pieces.c - a long answer, made while it is read */

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "server/conn.h"
#include "server/pieces.h"
#include "server/request.h"
#include "server/response.h"

struct pieces {
	struct conn *conn;
	bool chunked;
	const struct pieces_fns *fns;
	void *arg;
};

static void
on_gone(void *arg)
{
	struct pieces *p = arg;

	p->fns->free(p->arg);
	free(p);
}

static void
on_pull(void *arg)
{
	struct pieces *p = arg;
	struct conn *conn = p->conn;
	bool chunked = p->chunked;
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	int more = p->fns->next(&b, p->arg, &e);

	respond_piece(conn, chunked, &b);
	buf_clear(&b);
	if (more > 0) {
		conn_want(conn);
		return;
	}
	if (more < 0) {
		/* without its last chunk the reader knows that it is cut */
		log_msg(LOG_SERVER, LOG_WARN, "answer broke off: %s",
		    e.text);
		conn_break(conn);
		return;
	}
	on_gone(p);
	respond_end(conn, chunked);
}

static const struct conn_source source = { on_pull, on_gone };

void
pieces_start(struct request *rq, const struct pieces_fns *fns, void *arg)
{
	struct pieces *p;
	struct conn *conn = rq->conn;

	if (strcmp(rq->head->method, "HEAD") == 0) {
		fns->free(arg);
		respond(rq, 200, 0, NULL, "application/json", NULL);
		return;
	}
	p = xcalloc(1, sizeof(*p));
	p->conn = conn;
	p->chunked = !rq->head->http10;
	p->fns = fns;
	p->arg = arg;
	respond_stream(rq, "application/json", NULL);
	conn_hold(conn, &source, p, true);
	conn_shed(conn);
	conn_want(conn);
}
