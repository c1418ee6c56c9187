/* SPDX-License-Identifier: GPL-3.0-or-later */
/* conn.h - one connection: requests in, answers out */

/*
 *	reading --> answering --> reading ...      keep-alive
 *	               |
 *	               +--> draining --> closed
 *
 * A handler answers at once, or holds the connection with a struct
 * conn_source and answers later. A source with pull is asked for more each
 * time the socket has taken what was there: nothing is queued for a slow
 * reader. While a source streams, the request's own memory is gone.
 *
 * A connection is freed only from its own events, never inside a call made
 * by a handler.
 */

#ifndef SERVER_CONN_H
#define SERVER_CONN_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct caller;
struct request;
struct server;

struct conn;

enum {
	CONN_OUT_MARK = 64 * 1024,	/* no pull while more is unsent */
	CONN_HEAD_MS = 10 * 1000,	/* a request's head */
	CONN_BODY_MS = 60 * 1000,
	CONN_DRAIN_MS = 2 * 1000,
	CONN_IDLE_MS = 75 * 1000,	/* between requests, over TCP */
};

struct conn_source {
	/* Write more, or nothing; conn_want() asks to be called again. */
	void (*pull)(void *arg);
	/* The peer went away, or the server ends: forget the connection. */
	void (*gone)(void *arg);
};

struct conn	*conn_new(struct server *srv, int fd,
		    const struct caller *who);
void		 conn_free(struct conn *c);
/* The server stops: without a request under way it ends at once. */
void		 conn_stop(struct conn *c);
struct conn	*conn_next(struct conn *c);

/* Answer later (NULL: no more). With watch the peer's end is noticed at once. */
void		 conn_hold(struct conn *c, const struct conn_source *src,
		    void *arg, bool watch);
/* "127.0.0.1:4711", or "local". */
const char	*conn_peer(struct conn *c);
/* What it has shown before (server/auth). */
struct auth_memo	*conn_memo(struct conn *c);
/* The request's own memory is not needed any more. */
void		 conn_shed(struct conn *c);
/* Bytes for the peer: add, then conn_flush(). */
struct buf	*conn_out(struct conn *c);
size_t		 conn_unsent(const struct conn *c);
void		 conn_flush(struct conn *c);
/* Call pull from the loop as soon as the socket takes more. */
void		 conn_want(struct conn *c);
/* The answer is whole. */
void		 conn_answered(struct conn *c, bool keep_alive);
/* It broke in the middle: end the connection. */
void		 conn_break(struct conn *c);

#endif
