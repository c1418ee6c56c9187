/* SPDX-License-Identifier: GPL-3.0-or-later */
/* chat.c - a call over the Chat Completions API: tries, bytes, the end */

/*
 *	try -> head -> body: SSE, one JSON document, or an error
 *	  ^                        |
 *	  +--- wait <--- fault <---+---> chat_stream_end()
 *
 * Another try follows a fault only while nothing was shown (providers 9.3).
 */

#include <event2/event.h>

#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "base/clock.h"
#include "base/mem.h"
#include "model/chat_request.h"
#include "model/chat_stream.h"
#include "model/fault.h"
#include "model/model_priv.h"
#include "model/retry.h"
#include "wire/fetch.h"
#include "wire/sse.h"

enum {
	AFTER_DONE_MS = 200,	/* [DONE] came, the body's end should too */
};

enum body_form {
	BODY_UNKNOWN,		/* only blanks so far */
	BODY_SSE,
	BODY_WHOLE,		/* kept until it is complete */
};

struct chat {
	struct model_call *call;
	struct fetch *fetch;
	struct event *timer;	/* the next try, or the end after [DONE] */
	struct buf request;
	struct retry retry;
	int64_t began_us;	/* this try */
	int status;
	enum body_form form;
	struct buf body;	/* of an error, or a whole answer */
	struct sse_parser *sse;
	struct chat_stream stream;
	struct fault fault;
	bool forced, forbidden;	/* x-should-retry */
};

static void	chat_try(struct chat *c);

static void
chat_timer(struct chat *c, int64_t ms)
{
	struct timeval tv = {
		.tv_sec = (time_t)(ms / 1000),
		.tv_usec = (suseconds_t)(ms % 1000 * 1000),
	};

	event_add(c->timer, &tv);
}

static void
chat_fresh(struct chat *c)
{
	static const struct fault none = FAULT_INIT;

	sse_free(c->sse);
	c->sse = NULL;
	buf_clear(&c->body);
	chat_stream_clear(&c->stream);
	chat_stream_init(&c->stream, c->call, c->request.data);
	c->fault = none;
	c->form = BODY_UNKNOWN;
	c->status = 0;
	c->forced = c->forbidden = false;
}

/* ------------------------------------------------------------- after a try */

static void
chat_wait(struct chat *c, int64_t wait)
{
	struct model_event ev = {
		.type = MODEL_RETRY, .wait_ms = wait, .error = &c->fault.err,
	};

	model_tell(c->call, &ev);
	if (!c->call->over)
		chat_timer(c, retry_scale(wait));
}

/* Some old servers do not know stream_options (providers 2.2). */
static bool
learn_stream_options(struct chat *c)
{
	struct model_entry *en = c->call->model->provider;

	if (!c->fault.no_stream_options || en->no_stream_options)
		return false;
	en->no_stream_options = true;
	chat_request_plain(&c->request);
	return true;
}

static void
chat_faulted(struct chat *c)
{
	int64_t took = (clock_mono_us() - c->began_us) / 1000;

	if (c->call->over)
		return;
	if (c->forbidden)
		c->fault.retry = false;
	else if (c->forced)
		c->fault.retry = true;
	if (!c->call->shown && learn_stream_options(c)) {
		chat_try(c);
		return;
	}
	int64_t wait = c->call->shown ? -1 :
	    retry_wait(&c->retry, &c->fault, took);
	if (wait >= 0)
		chat_wait(c, wait);
	else
		model_fail(c->call, &c->fault.err);
}

static void
body_end(struct chat *c)
{
	if (c->form == BODY_SSE &&
	    sse_finish(c->sse, &c->fault.err) == -1)
		return;
	if (c->form == BODY_WHOLE && c->body.full)
		err_set(&c->fault.err, ERR_TOO_BIG, "%s: the answer is too "
		    "long", c->call->model->provider->name);
	else if (c->form == BODY_WHOLE)
		(void)chat_stream_feed(&c->stream, c->body.data, c->body.len,
		    &c->fault);
	if (!c->call->over && !err_is_set(&c->fault.err))
		(void)chat_stream_end(&c->stream, &c->fault);
}

static void
chat_done(const struct fetch_result *res, void *arg)
{
	struct chat *c = arg;
	const struct model *m = c->call->model;

	c->fetch = NULL;
	event_del(c->timer);
	model_hold(c->call);
	if (err_is_set(&c->fault.err))
		;	/* it stopped the transfer itself */
	else if (err_is_set(&res->err) && !c->stream.done)
		fault_transfer(&c->fault, m->provider, res);
	else if (c->status >= 200 && c->status < 300)
		body_end(c);
	else
		fault_status(&c->fault, m->provider, m->id, c->status,
		    c->body.data, c->body.len);
	if (err_is_set(&c->fault.err))
		chat_faulted(c);
	model_release(c->call);
}

/* --------------------------------------------------------------- its bytes */

static int
chat_event(const struct sse_event *ev, void *arg)
{
	struct chat *c = arg;

	if (chat_stream_feed(&c->stream, ev->data, ev->len, &c->fault) == -1)
		return -1;
	/* do not wait for a server that keeps the body open */
	if (c->stream.done && !event_pending(c->timer, EV_TIMEOUT, NULL))
		chat_timer(c, AFTER_DONE_MS);
	return c->call->over ? -1 : 0;
}

static int
chat_head(const struct fetch_head *head, void *arg)
{
	struct chat *c = arg;
	bool well = head->status >= 200 && head->status < 300;

	c->status = head->status;
	fault_headers(&c->fault, head->fetch, &c->forced, &c->forbidden);
	buf_init_max(&c->body, well ? MODEL_ANSWER_MAX :
	    MODEL_ERROR_BODY_MAX);
	if (!well)
		c->form = BODY_WHOLE;
	return 0;
}

/*
 * The content type is not to be trusted: no line of SSE begins with what a
 * JSON document or a page of HTML begins with.
 */
static void
find_form(struct chat *c, const char *bytes, size_t len)
{
	for (; len > 0 && strchr(" \t\r\n", *bytes) != NULL; len--)
		bytes++;
	if (len == 0)
		return;
	if (strchr("{[<\"", *bytes) != NULL) {
		c->form = BODY_WHOLE;
		return;
	}
	c->form = BODY_SSE;
	c->sse = sse_new(0, chat_event, c);
}

static int
chat_bytes(const char *bytes, size_t len, void *arg)
{
	struct chat *c = arg;
	int result = 0;

	if (c->form == BODY_UNKNOWN)
		find_form(c, bytes, len);
	if (c->form == BODY_WHOLE) {
		size_t room = c->body.max - c->body.len;

		(void)buf_add(&c->body, bytes, c->status < 300 || len < room ?
		    len : room);
		return 0;
	}
	if (c->form == BODY_SSE) {
		model_hold(c->call);
		result = sse_feed(c->sse, bytes, len, &c->fault.err);
		if (c->call->over)
			result = -1;
		model_release(c->call);
	}
	return result;
}

/* ------------------------------------------------------------------- a try */

static void
chat_ran_out(evutil_socket_t fd, short what, void *arg)
{
	struct chat *c = arg;

	(void)fd;
	(void)what;
	model_hold(c->call);
	if (c->fetch == NULL) {
		chat_try(c);
	} else {
		fetch_cancel(c->fetch);
		c->fetch = NULL;
		if (chat_stream_end(&c->stream, &c->fault) == -1)
			chat_faulted(c);
	}
	model_release(c->call);
}

static void
chat_try(struct chat *c)
{
	struct model_entry *en = c->call->model->provider;
	static const char *const more[] = { "Accept: text/event-stream",
	    "Content-Type: application/json", NULL };
	char **headers = entry_headers(en, more);
	char *url = xasprintf("%s/chat/completions", en->base_url);
	struct fetch_opts o = {
		.url = url, .headers = (const char *const *)headers,
		.body = c->request.data, .body_len = c->request.len,
		.first_byte_ms = en->first_byte_ms,
		/* some local servers send the head, then read the prompt */
		.idle_ms = en->local ? en->first_byte_ms : 0,
		.on_head = chat_head,
		.on_body = chat_bytes, .on_done = chat_done, .arg = c,
	};

	chat_fresh(c);
	c->began_us = clock_mono_us();
	c->fetch = fetch_start(c->call->model->models->opts.fetch, &o,
	    &c->fault.err);
	headers_free(headers);
	free(url);
	if (c->fetch == NULL)
		model_fail(c->call, &c->fault.err);
}

static int
chat_ask(struct model_call *call, const struct model_request *rq,
    struct err *e)
{
	struct model_entry *en = call->model->provider;
	struct chat *c = xcalloc(1, sizeof(*c));

	call->state = c;
	c->call = call;
	buf_init(&c->request);
	buf_init(&c->body);
	chat_stream_init(&c->stream, call, NULL);
	c->timer = event_new(call->model->models->opts.base, -1, 0,
	    chat_ran_out, c);
	retry_init(&c->retry, en->tries, en->retry_ms,
	    url_is_loopback(en->base_url));
	if (chat_request_write(call->model, rq, &c->request, e) == -1)
		return -1;
	event_active(c->timer, EV_TIMEOUT, 1);
	return 0;
}

static void
chat_stop(struct model_call *call)
{
	struct chat *c = call->state;

	fetch_cancel(c->fetch);
	event_free(c->timer);
	sse_free(c->sse);
	chat_stream_clear(&c->stream);
	buf_clear(&c->request);
	buf_clear(&c->body);
	free(c);
}

const struct model_ops model_chat_ops = {
	.api = "openai-chat",
	.ask = chat_ask,
	.stop = chat_stop,
};
