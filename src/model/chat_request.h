/* SPDX-License-Identifier: GPL-3.0-or-later */
/* chat_request.h - ModelMessages as a request of the Chat Completions API */

/*
 * Pure. The same messages give the same bytes, so that prefixes stay in the
 * providers' caches (providers 2.2).
 */

#ifndef MODEL_CHAT_REQUEST_H
#define MODEL_CHAT_REQUEST_H

#include "base/attr.h"

struct buf;
struct err;
struct json;
struct json_w;
struct model;
struct model_request;

int	chat_request_write(const struct model *m,
	    const struct model_request *rq, struct buf *b, struct err *e)
	    ATTR_MUST_USE;
/* Take stream_options out of a written request. */
void	chat_request_plain(struct buf *b);
/* chat_messages.c: the value of "messages" */
void	chat_messages_write(const struct model *m,
	    const struct model_request *rq, struct json_w *w);

#endif
