/* SPDX-License-Identifier: GPL-3.0-or-later */
/* chat.c - the Chat Completions API */

#include <stdlib.h>

#include "base/mem.h"
#include "model/chat_request.h"
#include "model/chat_stream.h"
#include "model/exchange.h"
#include "model/model_priv.h"
#include "model/omit.h"
#include "wire/fetch.h"

/* Azure has a path for each deployment, and its version in the query. */
static char *
chat_url(const struct model *m)
{
	const struct model_entry *en = m->provider;
	char *id, *version, *url;

	if (en->api_version == NULL)
		return xasprintf("%s/chat/completions", en->base_url);
	id = fetch_escape(m->id);
	version = fetch_escape(en->api_version);
	url = xasprintf("%s/deployments/%s/chat/completions?api-version=%s",
	    en->base_url, id, version);
	free(version);
	free(id);
	return url;
}

/* Some old servers do not know stream_options (providers 2.2). */
static bool
chat_learn(struct model *m, const struct fault *f, struct buf *b)
{
	struct model_entry *en = m->provider;

	if (!f->no_stream_options || en->no_stream_options)
		return omit_learn(m, f, b);
	en->no_stream_options = true;
	chat_request_plain(b);
	return true;
}

static void
chat_begin(void *stream, struct model_call *call, const char *asked)
{
	chat_stream_init(stream, call, asked);
}

static void
chat_clear(void *stream)
{
	chat_stream_clear(stream);
}

static int
chat_feed(void *stream, const char *data, size_t len, struct fault *f)
{
	return chat_stream_feed(stream, data, len, f);
}

static bool
chat_done(const void *stream)
{
	const struct chat_stream *st = stream;

	return st->done;
}

static int
chat_end(void *stream, struct fault *f)
{
	return chat_stream_end(stream, f);
}

static const struct exchange_api chat_api = {
	.url = chat_url,
	.write = chat_request_write,
	.learn = chat_learn,
	.stream_size = sizeof(struct chat_stream),
	.begin = chat_begin,
	.clear = chat_clear,
	.feed = chat_feed,
	.done = chat_done,
	.end = chat_end,
};

static int
chat_ask(struct model_call *call, const struct model_request *rq,
    struct err *e)
{
	return exchange_ask(&chat_api, call, rq, e);
}

const struct model_ops model_chat_ops = {
	.api = "openai-chat",
	.root = "/v1",
	.tail = "/chat/completions",
	.ask = chat_ask,
	.stop = exchange_stop,
};
