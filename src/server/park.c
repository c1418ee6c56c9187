/* SPDX-License-Identifier: GPL-3.0-or-later */
/* park.c - requests that wait until the database can be written */

#include <sys/queue.h>
#include <sys/time.h>

#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/err.h"
#include "base/mem.h"
#include "server/conn.h"
#include "server/http_parse.h"
#include "server/park.h"
#include "server/request.h"
#include "server/route.h"
#include "server/server_priv.h"
#include "store/store.h"

struct parked {
	TAILQ_ENTRY(parked) entry;
	struct park *park;
	struct request *rq;
};

struct park {
	struct server *srv;
	TAILQ_HEAD(, parked) list;
	struct event *timer;
};

static void
on_gone(void *arg)
{
	struct parked *one = arg;

	TAILQ_REMOVE(&one->park->list, one, entry);
	free(one);
}

static const struct conn_source source = { NULL, on_gone };

static void
wait_more(struct park *p)
{
	struct timeval tv = { .tv_usec = STORE_RETRY_MS * 1000 };

	if (!evtimer_pending(p->timer, NULL))
		evtimer_add(p->timer, &tv);
}

/* In the order in which they came. */
static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct park *p = arg;
	struct parked *one;

	(void)fd, (void)what;
	while ((one = TAILQ_FIRST(&p->list)) != NULL) {
		struct request *rq = one->rq;

		if (!store_ready(p->srv->opts.store)) {
			wait_more(p);
			return;
		}
		on_gone(one);
		conn_hold(rq->conn, NULL, NULL, false);
		route_run(rq);
	}
}

struct park *
park_new(struct server *srv)
{
	struct park *p = xcalloc(1, sizeof(*p));

	p->srv = srv;
	TAILQ_INIT(&p->list);
	p->timer = evtimer_new(srv->opts.base, on_timer, p);
	if (p->timer == NULL)
		fatal(__func__, "no memory for an event");
	return p;
}

void
park_free(struct park *p)
{
	event_free(p->timer);
	free(p);
}

bool
park_request(struct request *rq)
{
	struct park *p = rq->srv->park;
	struct parked *one;

	if (store_ready(rq->srv->opts.store))
		return false;
	one = xcalloc(1, sizeof(*one));
	one->park = p;
	one->rq = rq;
	TAILQ_INSERT_TAIL(&p->list, one, entry);
	conn_hold(rq->conn, &source, one,
	    strcmp(rq->head->method, "GET") == 0);
	wait_more(p);
	return true;
}
