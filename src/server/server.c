/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server.c - the sessions wire over HTTP */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/id.h"
#include "base/mem.h"
#include "server/conn.h"
#include "server/limit.h"
#include "server/listener.h"
#include "server/park.h"
#include "server/room.h"
#include "server/server.h"
#include "server/server_priv.h"
#include "server/stream.h"
#include "store/store.h"
#include "wire/item.h"

struct server *
server_new(const struct server_opts *opts)
{
	struct server *srv = xcalloc(1, sizeof(*srv));

	srv->opts = *opts;
	snprintf(srv->mark, sizeof(srv->mark), "%08" PRIx32,
	    id_random_below(UINT32_MAX));
	if (opts->rate_limit > 0)
		srv->limit = limit_new(opts->rate_limit);
	SLIST_INIT(&srv->tcp_listeners);
	TAILQ_INIT(&srv->conns);
	TAILQ_INIT(&srv->streams);
	TAILQ_INIT(&srv->rooms);
	srv->park = park_new(srv);
	batch_init(&srv->batch);
	buf_init(&srv->text);
	return srv;
}

void
server_free(struct server *srv)
{
	struct conn *c;

	if (srv == NULL)
		return;
	listener_close(srv->unix_listener);
	listener_close_tcp(srv);
	/* nobody wants to hear how many are left */
	srv->opts.on_clients = NULL;
	while ((c = TAILQ_FIRST(&srv->conns)) != NULL)
		conn_free(c);
	room_end_all(srv);	/* claims without a looker */
	park_free(srv->park);
	batch_clear(&srv->batch);
	buf_clear(&srv->text);
	limit_free(srv->limit);
	free(srv);
}

int
server_listen_unix(struct server *srv, const char *path, struct err *e)
{
	if (srv->unix_listener != NULL)
		return err_set(e, ERR_CONFLICT, "%s: listening already",
		    path);
	srv->unix_listener = listener_unix(srv, path, e);
	return srv->unix_listener == NULL ? -1 : 0;
}

void
server_lost(struct server *srv, const char *id, const struct err *why)
{
	struct item it = { 0 };

	if (store_find(srv->opts.store, id, &it, NULL) == 0)
		stream_lost(srv, it.row, why);
	item_clear(&it);
}

void
server_stop(struct server *srv)
{
	struct conn *c, *next;

	srv->stopping = true;
	listener_close(srv->unix_listener);
	srv->unix_listener = NULL;
	listener_close_tcp(srv);
	stream_end_all(srv);
	room_end_all(srv);
	for (c = TAILQ_FIRST(&srv->conns); c != NULL; c = next) {
		next = conn_next(c);
		conn_stop(c);
	}
}

void
server_count(struct server *srv, int change)
{
	srv->conn_count += change;
	if (srv->opts.on_clients != NULL)
		srv->opts.on_clients(srv->conn_count, srv->opts.arg);
}
