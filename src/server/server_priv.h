/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server_priv.h - what the files of this layer share of a server */

#ifndef SERVER_SERVER_PRIV_H
#define SERVER_SERVER_PRIV_H

#include <sys/queue.h>

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "server/batch.h"
#include "server/server.h"

struct conn;
struct limit;
struct listener;
struct park;
struct room;
struct stream;

SLIST_HEAD(listener_list, listener);
TAILQ_HEAD(conn_list, conn);
TAILQ_HEAD(room_list, room);
TAILQ_HEAD(stream_list, stream);

struct server {
	struct server_opts opts;
	struct listener *unix_listener;
	struct listener_list tcp_listeners;
	struct conn_list conns;
	int conn_count;
	struct stream_list streams;	/* SSE answers under way */
	struct room_list rooms;		/* sessions looked at (presence) */
	struct batch batch;		/* the last one of any of them */
	struct buf text;		/* the head of an event */
	struct limit *limit;		/* NULL: there is none */
	struct park *park;
	char mark[9];			/* begins every id of ours */
	int64_t requests;
	int64_t parts;			/* records named by us */
	bool stopping;
};

/* A connection came (+1) or went (-1). */
void	server_count(struct server *srv, int change);

#endif
