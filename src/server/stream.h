/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stream.h - a channel read over SSE */

/*
 * A stream is a position and nothing else: it reads the channel when the
 * socket has taken what was written, and waits in the channel when there is
 * nothing behind the position (session-protocol 7). An idle one costs its
 * struct, its connection's and four events. Over TCP it sends a ping after
 * each STREAM_PING_SECONDS of silence; over the Unix socket it wakes nobody.
 */

#ifndef SERVER_STREAM_H
#define SERVER_STREAM_H

#include <stdbool.h>
#include <stdint.h>

struct channel;
struct err;
struct item;
struct request;
struct server;

enum { STREAM_PING_SECONDS = 10 };

struct stream_opts {
	struct channel *channel;	/* taken over; NULL: wait for key */
	const char *key;		/* an external id nobody has yet */
	const char *side;		/* which channel key will mean: */
	bool in;			/* a side channel's name or NULL */
	int64_t row;
	int64_t from;			/* the first number to give */
	int timeout;			/* seconds of silence (7.3) */
	bool settled;			/* end when all is given (7.6) */
};

/* Does who reads sit elsewhere? Also when another process of ours has passed
 * it on. Then pings tell him that we live. */
bool	stream_is_remote(const struct request *rq);
/* Answers the request. */
void	stream_start(struct request *rq, const struct stream_opts *opts);
/* A session was made: who waits for its key begins to read. */
void	stream_created(struct server *srv, const struct item *it);
/* A session was removed: its readers end. */
void	stream_removed(struct server *srv, int64_t row);
/* Its turn could not be written: who reads `out` is told, and comes back. */
void	stream_lost(struct server *srv, int64_t row, const struct err *why);
void	stream_end_all(struct server *srv);

#endif
