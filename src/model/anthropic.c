/* SPDX-License-Identifier: GPL-3.0-or-later */
/* anthropic.c - the Messages API */

#include "base/mem.h"
#include "model/anthropic.h"
#include "model/exchange.h"
#include "model/model_priv.h"
#include "model/omit.h"

static char *
anthropic_url(const struct model *m)
{
	return xasprintf("%s/messages", m->provider->base_url);
}

static void
anthropic_begin(void *stream, struct model_call *call, const char *asked)
{
	anthropic_stream_init(stream, call, asked);
}

static void
anthropic_clear(void *stream)
{
	anthropic_stream_clear(stream);
}

static int
anthropic_feed(void *stream, const char *data, size_t len, struct fault *f)
{
	return anthropic_stream_feed(stream, data, len, f);
}

static bool
anthropic_done(const void *stream)
{
	const struct anthropic_stream *st = stream;

	return st->done;
}

static int
anthropic_end(void *stream, struct fault *f)
{
	return anthropic_stream_end(stream, f);
}

static bool
anthropic_more(void *stream, struct buf *request)
{
	return anthropic_stream_more(stream, request);
}

static const struct exchange_api anthropic_api = {
	.url = anthropic_url,
	.write = anthropic_request_write,
	.learn = omit_learn,
	.stream_size = sizeof(struct anthropic_stream),
	.begin = anthropic_begin,
	.clear = anthropic_clear,
	.feed = anthropic_feed,
	.done = anthropic_done,
	.more = anthropic_more,
	.end = anthropic_end,
};

static int
anthropic_ask(struct model_call *call, const struct model_request *rq,
    struct err *e)
{
	return exchange_ask(&anthropic_api, call, rq, e);
}

/* The version that all servers of this API know (providers 4.1). */
static const char *const headers[] = { "anthropic-version: 2023-06-01", NULL };

const struct model_ops model_anthropic_ops = {
	.api = "anthropic",
	.root = "/v1",
	.root_when = ROOT_ALWAYS,
	.tail = "/messages",
	.key_header = "x-api-key",
	.headers = headers,
	.list_size = "limit=1000",
	.list_after = "after_id",
	.ask = anthropic_ask,
	.stop = exchange_stop,
};
