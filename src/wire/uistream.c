/* SPDX-License-Identifier: GPL-3.0-or-later */
/* uistream.c - a UI message stream as the body of an HTTP answer */

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "wire/chunk.h"
#include "wire/sse.h"
#include "wire/uistream.h"

struct uistream {
	struct sse_parser *sse;
	uistream_fn fn;
	void *arg;
};

static const char done[] = "[DONE]";

const char *const uistream_headers[] = {
	"content-type", "text/event-stream",
	"cache-control", "no-cache",
	"connection", "keep-alive",
	"x-vercel-ai-ui-message-stream", "v1",
	"x-accel-buffering", "no",
	NULL
};

static int
take_event(const struct sse_event *ev, void *arg)
{
	struct uistream *u = arg;
	struct err e = ERR_INIT;
	const struct json *chunk;
	struct json_doc *doc;
	enum chunk_type type;
	int status;

	if (ev->len == strlen(done) && memcmp(ev->data, done, ev->len) == 0)
		return 0;
	doc = json_parse(ev->data, ev->len,
	    JSON_REFUSE_PROTO | JSON_REPLACE_UTF8, &e);
	chunk = json_root(doc);
	if (doc != NULL && chunk_check(chunk, &type, &e) == -1)
		chunk = NULL;
	status = u->fn(chunk, chunk == NULL ? &e : NULL, u->arg);
	json_doc_free(doc);
	return status;
}

struct uistream *
uistream_new(uistream_fn fn, void *arg)
{
	struct uistream *u = xcalloc(1, sizeof *u);

	u->sse = sse_new(0, take_event, u);
	u->fn = fn;
	u->arg = arg;
	return u;
}

void
uistream_free(struct uistream *u)
{
	if (u == NULL)
		return;
	sse_free(u->sse);
	free(u);
}

int
uistream_feed(struct uistream *u, const char *bytes, size_t len,
    struct err *e)
{
	return sse_feed(u->sse, bytes, len, e);
}

void
uistream_write(struct buf *b, const char *chunk, size_t len)
{
	sse_write(b, NULL, NULL, chunk, len);
}

void
uistream_write_done(struct buf *b)
{
	sse_write(b, NULL, NULL, done, strlen(done));
}
