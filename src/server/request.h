/* SPDX-License-Identifier: GPL-3.0-or-later */
/* request.h - what a handler is given */

#ifndef SERVER_REQUEST_H
#define SERVER_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/id.h"
#include "server/auth.h"
#include "server/http_parse.h"
#include "server/limit.h"
#include "server/query.h"

struct conn;
struct item;
struct json_doc;
struct route;
struct server;
struct token;

struct request {
	struct server *srv;
	struct conn *conn;
	struct caller caller;
	const struct token *token;	/* shown by a caller without all rights */
	bool judged;			/* its scopes were asked */
	const struct http_head *head;	/* NULL: it could not be read */
	const struct route *route;
	char *key;			/* of the path, decoded once */
	char *channel;			/* likewise: a side channel, or NULL */
	struct query *query;
	struct buf body;
	char part_id[ID_MAX + 1];	/* X-Part-Id, or made for a relay */
	int attempts;			/* how often it was passed on */
	struct limit_state rate;	/* limit 0: this one is not counted */
};

void	request_clear(struct request *rq);

/* These answer the request when they fail (-1): the caller just returns. */
struct json_doc *request_json(struct request *rq) ATTR_MUST_USE;
/* The session of the path, which the caller may read. */
int	request_find(struct request *rq, struct item *it) ATTR_MUST_USE;
/*
 * Does the token allow the route's action on this session (NULL: one of the
 * path's name that is not there)? With all rights always (3.6).
 */
int	request_allowed(struct request *rq, const struct item *it)
	    ATTR_MUST_USE;
/* The same for any of n things. */
struct scope_resource;
int	request_allowed_any(struct request *rq,
	    const struct scope_resource *res, int n) ATTR_MUST_USE;
/*
 * Make sure this process owns the session, or pass the request on to the
 * process that does (-1 too: somebody answers).
 */
int	request_own(struct request *rq, const struct item *it) ATTR_MUST_USE;

#endif
