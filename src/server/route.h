/* SPDX-License-Identifier: GPL-3.0-or-later */
/* route.h - which handler answers which method and path */

#ifndef SERVER_ROUTE_H
#define SERVER_ROUTE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

struct request;

typedef void (*route_fn)(struct request *rq);

enum route_flags {
	ROUTE_LENGTH = 1,	/* no Content-Length: 413 (session-protocol 5.1) */
	ROUTE_IN = 2,		/* of the two channels the one named `in` */
	ROUTE_OPEN = 4,		/* nobody is asked who he is */
	ROUTE_ONE_NAME = 8,	/* only the name in the path counts (3.6) */
	ROUTE_UNSTORED = 16,	/* changes nothing in the store */
};

struct route {
	const char *method;
	const char *pattern;	/* ":key", ":name": one path segment each */
	route_fn fn;
	size_t body_max;
	unsigned flags;
	/* What a token's scope must say; NULL: the secret key only. A handler
	 * that lets tokens in asks request_allowed(). */
	const char *action;
};

/* Of a session and of its side channel; NULL: not in the path, or a bad
 * escape. */
struct route_names {
	char *key, *channel;
};

/*
 * The path is split at "/" as it came; only then are names decoded, once, so
 * that an encoded slash stays in it (session-protocol 1.1).
 * HEAD finds the route of GET. *known: another method would have done.
 */
const struct route *route_match(const char *method, const char *path,
		    size_t len, struct route_names *names,
		    bool *known);
/* "GET,HEAD,OPTIONS" of a known path, for Allow. */
struct buf;
void	route_allow(struct buf *b, const char *path, size_t len);
/* session-protocol 14 */
bool	route_is_channel_name(const char *s);

/*
 * The head is here: find the route and judge what can be judged. -1: the
 * request is answered, and its body will not be read.
 */
int	route_find(struct request *rq) ATTR_MUST_USE;
/* A piece of the body; -1: too much, answered. */
int	route_body(struct request *rq, const char *bytes, size_t len)
	    ATTR_MUST_USE;
/* All is here. */
void	route_run(struct request *rq);
/* A request that cannot be understood; the connection ends. */
void	route_refuse(struct request *rq, int status, const char *why);

#endif
