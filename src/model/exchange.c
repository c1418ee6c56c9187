/* SPDX-License-Identifier: GPL-3.0-or-later */
/* exchange.c - a call over HTTP: tries, bytes, the end */

/*
 *	try -> head -> body: SSE, one JSON document, or an error
 *	  ^                        |
 *	  +--- wait <--- fault <---+---> end()
 *
 * Another try follows a fault only while nothing was shown (providers 9.3).
 */

#include <event2/event.h>

#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "base/clock.h"
#include "base/mem.h"
#include "model/exchange.h"
#include "model/fault.h"
#include "model/key.h"
#include "model/model_priv.h"
#include "model/omit.h"
#include "model/retry.h"
#include "model/tool_names.h"
#include "wire/fetch.h"
#include "wire/sse.h"

enum {
	AFTER_DONE_MS = 200,	/* [DONE] came, the body's end should too */
	PAUSES_MAX = 8,		/* of one answer */
};

enum body_form {
	BODY_UNKNOWN,		/* only blanks so far */
	BODY_SSE,
	BODY_WHOLE,		/* kept until it is complete */
};

struct exchange {
	const struct exchange_api *api;
	struct model_call *call;
	struct fetch *fetch;
	struct event *timer;	/* the next try, or the end after [DONE] */
	struct key_wait *key;	/* it is being asked for */
	bool keyed;		/* it was asked for this exchange */
	struct buf request;
	struct retry retry;
	int64_t began_us;	/* this try */
	int status;
	enum body_form form;
	struct buf body;	/* of an error, or a whole answer */
	struct sse_parser *sse;
	void *stream;		/* of api */
	struct fault fault;
	bool forced, forbidden;	/* x-should-retry */
	int pauses;
	bool goes_on;		/* the next try does, behind a pause */
};

static void	exchange_try(struct exchange *x);
static void	exchange_send(struct exchange *x);

static void
exchange_timer(struct exchange *x, int64_t ms)
{
	struct timeval tv = {
		.tv_sec = (time_t)(ms / 1000),
		.tv_usec = (suseconds_t)(ms % 1000 * 1000),
	};

	event_add(x->timer, &tv);
}

static void
exchange_fresh(struct exchange *x)
{
	static const struct fault none = FAULT_INIT;

	sse_free(x->sse);
	x->sse = NULL;
	buf_clear(&x->body);
	if (!x->goes_on) {
		x->api->clear(x->stream);
		x->api->begin(x->stream, x->call, x->request.data);
	}
	x->goes_on = false;
	x->fault = none;
	x->form = BODY_UNKNOWN;
	x->status = 0;
	x->forced = x->forbidden = false;
}

/* ------------------------------------------------------------- after a try */

static void
exchange_wait(struct exchange *x, int64_t wait)
{
	struct model_event ev = {
		.type = MODEL_RETRY, .wait_ms = wait, .error = &x->fault.err,
	};

	model_tell(x->call, &ev);
	if (!x->call->over)
		exchange_timer(x, retry_scale(wait));
}

static void
exchange_faulted(struct exchange *x)
{
	int64_t took = (clock_mono_us() - x->began_us) / 1000;

	if (x->call->over)
		return;
	if (x->forbidden)
		x->fault.retry = false;
	else if (x->forced)
		x->fault.retry = true;
	if (x->status == 401 && !x->keyed &&
	    x->call->model->provider->key_command != NULL) {
		key_forget(x->call->model->provider);
		exchange_try(x);
		return;
	}
	if (!x->call->shown && x->api->learn(x->call->model, &x->fault,
	    &x->request)) {
		exchange_try(x);
		return;
	}
	int64_t wait = x->call->shown ? -1 :
	    retry_wait(&x->retry, &x->fault, took);
	if (wait >= 0)
		exchange_wait(x, wait);
	else
		model_fail(x->call, &x->fault.err);
}

/* The answer is whole; -1: it is none. */
static int
answer_end(struct exchange *x)
{
	if (x->api->more == NULL || x->pauses >= PAUSES_MAX ||
	    !x->api->more(x->stream, &x->request))
		return x->api->end(x->stream, &x->fault);
	x->pauses++;
	x->goes_on = true;
	exchange_try(x);
	return 0;
}

static void
body_end(struct exchange *x)
{
	if (x->form == BODY_SSE &&
	    sse_finish(x->sse, &x->fault.err) == -1)
		return;
	if (x->form == BODY_WHOLE && x->body.full)
		err_set(&x->fault.err, ERR_TOO_BIG, "%s: the answer is too "
		    "long", x->call->model->provider->name);
	else if (x->form == BODY_WHOLE)
		(void)x->api->feed(x->stream, x->body.data, x->body.len,
		    &x->fault);
	if (!x->call->over && !err_is_set(&x->fault.err))
		(void)answer_end(x);
}

static void
exchange_done(const struct fetch_result *res, void *arg)
{
	struct exchange *x = arg;
	const struct model *m = x->call->model;

	x->fetch = NULL;
	event_del(x->timer);
	model_hold(x->call);
	if (err_is_set(&x->fault.err))
		;	/* it stopped the transfer itself */
	else if (err_is_set(&res->err) && !x->api->done(x->stream))
		fault_transfer(&x->fault, m->provider, res);
	else if (x->status >= 200 && x->status < 300)
		body_end(x);
	else
		fault_status(&x->fault, m->provider, m->id, x->status,
		    x->body.data, x->body.len);
	if (err_is_set(&x->fault.err))
		exchange_faulted(x);
	model_release(x->call);
}

/* --------------------------------------------------------------- its bytes */

static int
exchange_event(const struct sse_event *ev, void *arg)
{
	struct exchange *x = arg;

	if (x->api->feed(x->stream, ev->data, ev->len, &x->fault) == -1)
		return -1;
	/* do not wait for a server that keeps the body open */
	if (x->api->done(x->stream) && !event_pending(x->timer, EV_TIMEOUT, NULL))
		exchange_timer(x, AFTER_DONE_MS);
	return x->call->over ? -1 : 0;
}

static int
exchange_head(const struct fetch_head *head, void *arg)
{
	struct exchange *x = arg;
	bool well = head->status >= 200 && head->status < 300;

	x->status = head->status;
	fault_headers(&x->fault, head->fetch, &x->forced, &x->forbidden);
	buf_init_max(&x->body, well ? MODEL_ANSWER_MAX :
	    MODEL_ERROR_BODY_MAX);
	if (!well)
		x->form = BODY_WHOLE;
	return 0;
}

/*
 * The content type is not to be trusted: no line of SSE begins with what a
 * JSON document or a page of HTML begins with.
 */
static void
find_form(struct exchange *x, const char *bytes, size_t len)
{
	for (; len > 0 && strchr(" \t\r\n", *bytes) != NULL; len--)
		bytes++;
	if (len == 0)
		return;
	if (strchr("{[<\"", *bytes) != NULL) {
		x->form = BODY_WHOLE;
		return;
	}
	x->form = BODY_SSE;
	x->sse = sse_new(0, exchange_event, x);
}

static int
exchange_bytes(const char *bytes, size_t len, void *arg)
{
	struct exchange *x = arg;
	int result = 0;

	if (x->form == BODY_UNKNOWN)
		find_form(x, bytes, len);
	if (x->form == BODY_WHOLE) {
		size_t room = x->body.max - x->body.len;

		(void)buf_add(&x->body, bytes, x->status < 300 || len < room ?
		    len : room);
		return 0;
	}
	if (x->form == BODY_SSE) {
		model_hold(x->call);
		result = sse_feed(x->sse, bytes, len, &x->fault.err);
		if (x->call->over)
			result = -1;
		model_release(x->call);
	}
	return result;
}

/* ------------------------------------------------------------------- a try */

static void
exchange_ran_out(evutil_socket_t fd, short what, void *arg)
{
	struct exchange *x = arg;

	(void)fd;
	(void)what;
	model_hold(x->call);
	if (x->fetch == NULL) {
		exchange_try(x);
	} else {
		fetch_cancel(x->fetch);
		x->fetch = NULL;
		if (answer_end(x) == -1)
			exchange_faulted(x);
	}
	model_release(x->call);
}

static void
exchange_keyed(const struct err *e, void *arg)
{
	struct exchange *x = arg;

	x->key = NULL;
	x->keyed = true;
	model_hold(x->call);
	if (e != NULL)
		model_fail(x->call, e);
	else
		exchange_try(x);
	model_release(x->call);
}

static void
exchange_ask_key(struct exchange *x)
{
	struct err e = ERR_INIT;

	x->key = key_ask(x->call->model->models, x->call->model->provider,
	    exchange_keyed, x, &e);
	if (x->key == NULL)
		model_fail(x->call, &e);
}

static void
exchange_try(struct exchange *x)
{
	if (key_wanted(x->call->model->provider))
		exchange_ask_key(x);
	else
		exchange_send(x);
}

static void
exchange_send(struct exchange *x)
{
	struct model_entry *en = x->call->model->provider;
	static const char *const more[] = { "Accept: text/event-stream",
	    "Content-Type: application/json", NULL };
	char **headers = entry_headers(en, more);
	char *url = x->api->url(x->call->model);
	struct fetch_opts o = {
		.url = url, .headers = (const char *const *)headers,
		.body = x->request.data, .body_len = x->request.len,
		.ca_file = en->ca_file, .connect_ms = en->connect_ms,
		.first_byte_ms = en->first_byte_ms, .idle_ms = en->idle_ms,
		.on_head = exchange_head,
		.on_body = exchange_bytes, .on_done = exchange_done, .arg = x,
	};

	exchange_fresh(x);
	x->began_us = clock_mono_us();
	x->fetch = fetch_start(x->call->model->models->opts.fetch, &o,
	    &x->fault.err);
	headers_free(headers);
	free(url);
	if (x->fetch == NULL)
		model_fail(x->call, &x->fault.err);
}

int
exchange_ask(const struct exchange_api *api, struct model_call *call,
    const struct model_request *rq, struct err *e)
{
	struct model_entry *en = call->model->provider;
	struct exchange *x = xcalloc(1, sizeof(*x));

	call->state = x;
	x->api = api;
	x->call = call;
	x->stream = xcalloc(1, api->stream_size);
	buf_init(&x->request);
	buf_init(&x->body);
	api->begin(x->stream, call, NULL);
	x->timer = event_new(call->model->models->opts.base, -1, 0,
	    exchange_ran_out, x);
	retry_init(&x->retry, en->tries, en->retry_ms,
	    url_is_loopback(en->base_url));
	if (api->write(call->model, rq, &x->request, e) == -1)
		return -1;
	omit_apply(call->model, &x->request);
	tool_names_keep(call, rq);
	list_refresh(call->model->models, en);
	event_active(x->timer, EV_TIMEOUT, 1);
	return 0;
}

void
exchange_stop(struct model_call *call)
{
	struct exchange *x = call->state;

	fetch_cancel(x->fetch);
	key_cancel(x->key);
	event_free(x->timer);
	sse_free(x->sse);
	x->api->clear(x->stream);
	free(x->stream);
	tool_names_clear(call);
	buf_clear(&x->request);
	buf_clear(&x->body);
	free(x);
}
