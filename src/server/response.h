/* SPDX-License-Identifier: GPL-3.0-or-later */
/* response.h - answers: JSON, errors, streams */

/*
 * Every answer names our version and a request id, which the log has too; every answer to a request with an Origin
 * carries the CORS headers, errors too (session-protocol 2).
 */

#ifndef SERVER_RESPONSE_H
#define SERVER_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

struct buf;
struct conn;
struct err;
struct request;

enum respond_flags {
	RESPOND_CLOSE = 1,	/* the connection ends behind it */
	RESPOND_NO_RETRY = 2,	/* x-should-retry: false */
};

/* extra: whole header lines with CRLF, or NULL. */
void	respond(struct request *rq, int status, unsigned flags,
	    const char *extra, const char *type, const struct buf *body);
/* Takes what is in the buffer and clears it. */
void	respond_json(struct request *rq, int status, struct buf *body);
/* {"error":TEXT}; 404 and 409 tell the client not to try again. */
void	respond_error(struct request *rq, int status, const char *fmt, ...)
	    ATTR_PRINTF(3, 4);
void	respond_err(struct request *rq, const struct err *e);

/* The head of an answer that comes in pieces; then conn_hold(). */
void	respond_stream(struct request *rq, const char *type,
	    const char *extra);
/* The same without conn_flush(): more follows at once. */
void	respond_add(struct conn *c, bool chunked, const struct buf *piece,
	    const struct buf *more);
void	respond_piece(struct conn *c, bool chunked, const struct buf *piece);
void	respond_end(struct conn *c, bool chunked);

#endif
