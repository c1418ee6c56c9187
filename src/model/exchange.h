/* SPDX-License-Identifier: GPL-3.0-or-later */
/* exchange.h - a call over HTTP: tries, bytes, the end */

/*
 * What all APIs have in common: one POST, an answer of server-sent events or
 * one JSON document, another try after a fault while nothing was shown. What
 * they differ in is a struct exchange_api.
 */

#ifndef MODEL_EXCHANGE_H
#define MODEL_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

struct buf;
struct err;
struct fault;
struct model;
struct model_call;
struct model_request;

struct exchange_api {
	/* Where to post. Caller frees. */
	char *(*url)(const struct model *m);
	int (*write)(const struct model *m, const struct model_request *rq,
	    struct buf *b, struct err *e);
	/* The request was refused: change it and say true to try it again. */
	bool (*learn)(struct model *m, const struct fault *f, struct buf *b);
	/* The answer; its reader takes stream_size bytes. */
	size_t stream_size;
	void (*begin)(void *stream, struct model_call *call,
	    const char *asked);
	void (*clear)(void *stream);
	/* One document; -1: f says what is wrong. */
	int (*feed)(void *stream, const char *data, size_t len,
	    struct fault *f);
	/* The last document has come, whether or not the body goes on. */
	bool (*done)(const void *stream);
	/* The body ended well. May be NULL; true: the request was changed and
	 * is to be asked again, and what comes goes on in the same stream. */
	bool (*more)(void *stream, struct buf *request);
	/* The body ended well: tell what is left and finish the call. */
	int (*end)(void *stream, struct fault *f);
};

int	exchange_ask(const struct exchange_api *api, struct model_call *call,
	    const struct model_request *rq, struct err *e) ATTR_MUST_USE;
void	exchange_stop(struct model_call *call);

#endif
