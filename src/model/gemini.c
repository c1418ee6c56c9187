/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gemini.c - Gemini's generateContent API */

#include "config.h"

#include <string.h>

#include "base/mem.h"
#include "model/gemini.h"
#include "model/exchange.h"
#include "model/model_priv.h"
#include "model/omit.h"

/* The id is a path segment or two ("tunedModels/x"); the key is no part of
 * the URL, which ends up in logs. */
static char *
gemini_url(const struct model *m)
{
	return xasprintf("%s/%s%s:streamGenerateContent?alt=sse",
	    m->provider->base_url, strchr(m->id, '/') != NULL ? "" :
	    "models/", m->id);
}

/* Signatures of another model or key (providers 5.4). */
static bool
gemini_learn(struct model *m, const struct fault *f, struct buf *b)
{
	bool refused = f->err.code == ERR_REFUSED;

	if (refused && (strcasestr(f->err.text, "thought signature") != NULL ||
	    strcasestr(f->err.text, "thought_signature") != NULL))
		return gemini_unsign(m, b);
	return omit_learn(m, f, b);
}

static void
gemini_begin(void *stream, struct model_call *call, const char *asked)
{
	gemini_stream_init(stream, call, asked);
}

static void
gemini_clear(void *stream)
{
	gemini_stream_clear(stream);
}

static int
gemini_feed(void *stream, const char *data, size_t len, struct fault *f)
{
	return gemini_stream_feed(stream, data, len, f);
}

/* Only the end of the body says so. */
static bool
gemini_done(const void *stream)
{
	(void)stream;
	return false;
}

static int
gemini_end(void *stream, struct fault *f)
{
	return gemini_stream_end(stream, f);
}

static const struct exchange_api gemini_api = {
	.url = gemini_url,
	.write = gemini_request_write,
	.learn = gemini_learn,
	.stream_size = sizeof(struct gemini_stream),
	.begin = gemini_begin,
	.clear = gemini_clear,
	.feed = gemini_feed,
	.done = gemini_done,
	.end = gemini_end,
};

static int
gemini_ask(struct model_call *call, const struct model_request *rq,
    struct err *e)
{
	return exchange_ask(&gemini_api, call, rq, e);
}

const struct model_ops model_gemini_ops = {
	.api = "google",
	.root = "/v1beta",
	.root_when = ROOT_BARE,
	.key_header = "x-goog-api-key",
	.list_size = "pageSize=1000",
	.list_after = "pageToken",
	.ask = gemini_ask,
	.stop = exchange_stop,
};
