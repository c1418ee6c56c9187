/* SPDX-License-Identifier: GPL-3.0-or-later */
/* responses.c - the Responses API */

#include "base/mem.h"
#include "model/responses.h"
#include "model/exchange.h"
#include "model/model_priv.h"
#include "model/omit.h"

static char *
responses_url(const struct model *m)
{
	return xasprintf("%s/responses", m->provider->base_url);
}

static void
responses_begin(void *stream, struct model_call *call, const char *asked)
{
	responses_stream_init(stream, call, asked);
}

static void
responses_clear(void *stream)
{
	responses_stream_clear(stream);
}

static int
responses_feed(void *stream, const char *data, size_t len, struct fault *f)
{
	return responses_stream_feed(stream, data, len, f);
}

static bool
responses_done(const void *stream)
{
	const struct responses_stream *st = stream;

	return st->done;
}

static int
responses_end(void *stream, struct fault *f)
{
	return responses_stream_end(stream, f);
}

static const struct exchange_api responses_api = {
	.url = responses_url,
	.write = responses_request_write,
	.learn = omit_learn,
	.stream_size = sizeof(struct responses_stream),
	.begin = responses_begin,
	.clear = responses_clear,
	.feed = responses_feed,
	.done = responses_done,
	.end = responses_end,
};

static int
responses_ask(struct model_call *call, const struct model_request *rq,
    struct err *e)
{
	return exchange_ask(&responses_api, call, rq, e);
}

const struct model_ops model_responses_ops = {
	.api = "openai-responses",
	.root = "/v1",
	.tail = "/responses",
	.ask = responses_ask,
	.stop = exchange_stop,
};
