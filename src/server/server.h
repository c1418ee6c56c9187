/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server.h - the sessions wire over HTTP */

/*
 * The server half: listeners, a table of routes, one file for each group of
 * endpoints (session-protocol 1; our own below /api/chatd/v1: api_chatd.c).
 * Local trust: who comes over the Unix socket with our uid may do everything;
 * nobody else is let in there.
 *
 * A request about a session that another process owns is passed on to that
 * one's socket, byte for byte (server/relay), so no client need know.
 */

#ifndef SERVER_SERVER_H
#define SERVER_SERVER_H

#include <stdbool.h>

#include "base/attr.h"

struct agent_host;
struct err;
struct event_base;
struct keyfile;
struct store;
struct tls;

struct server;

struct server_opts {
	struct event_base *base;
	struct store *store;
	struct agent_host *agents;
	/* who may come over TCP; NULL: nobody. It may change between calls. */
	const struct keyfile *keys;
	/* pages of which origins may read answers, NULL-terminated; NULL: all
	 * (what protects a session is its token, not its address) */
	const char *const *origins;
	struct tls *tls;	/* of all who come over TCP, or NULL */
	/* requests below /api a minute and key or token; 0: no limit */
	int rate_limit;
	/* a taskIdentifier that names no agent is refused */
	bool strict_agents;
	const char *dir;	/* whose project's agents count, or NULL */
	int head_ms;	/* how long a request's head may take; 0: 10 s */
	int ping_ms;	/* between pings of a silent stream; 0: 10 s */
	int silent_ms;	/* a peer that confirms nothing is gone; 0: 60 s */
	/* no client is connected any more, or the first one came */
	void (*on_clients)(int count, void *arg);
	void *arg;
};

struct server	*server_new(const struct server_opts *opts);
/* Closes all connections. */
void		 server_free(struct server *srv);
/*
 * Listen on a Unix socket, mode 0600. A dead socket file in the way is
 * removed, a live one is ERR_CONFLICT.
 */
int		 server_listen_unix(struct server *srv, const char *path,
		    struct err *e) ATTR_MUST_USE;
/*
 * Listen on "HOST:PORT" ("[::1]:80", ":80"; port 0: any free one), at each
 * address that HOST has. What was taken is written to bound as "HOST:PORT".
 * Without keys it is refused: nobody listens beyond the Unix socket without.
 */
enum { SERVER_ADDRESS_MAX = 300 };
int		 server_listen_tcp(struct server *srv, const char *address,
		    char bound[SERVER_ADDRESS_MAX], struct err *e)
		    ATTR_MUST_USE;
/* A turn of this session could not be written: who reads it is told. */
void		 server_lost(struct server *srv, const char *id,
		    const struct err *why);
/* Take no new requests; end the readers' streams cleanly. */
void		 server_stop(struct server *srv);

#endif
