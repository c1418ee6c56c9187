/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client.c - one server: JSON requests, tried again when that is allowed */

#include <event2/event.h>

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/json.h"
#include "base/mem.h"
#include "client/client.h"
#include "wire/fetch.h"

enum {
	ANSWER_MAX = 256 * 1024 * 1024,
	TRIES_MAX = 5,
	WAIT_FIRST_MS = 250,
	WAIT_MAX_MS = 30 * 1000,
	HEADERS_MAX = 8,
};

struct client {
	struct event_base *base;
	struct fetch_pool *fetch;
	char *unix_path;
	char *url;
	char *auth;		/* the whole header line, or NULL */
};

struct client_call {
	struct client *client;
	char *method;
	char *path;
	char *body;
	size_t body_len;
	char *part_header;
	client_answer_fn fn;
	void *arg;
	void (*on_cancel)(void *arg);
	struct fetch *fetch;
	struct event *timer;	/* the next try, or an error at once */
	struct buf answer;
	int tries;
	bool no_retry;		/* x-should-retry: false */
	int64_t wait_until;	/* x-ratelimit-reset, or 0 */
	struct err failed;	/* could not even start */
};

struct client *
client_new(const struct client_opts *opts)
{
	struct client *cl = xcalloc(1, sizeof(*cl));

	cl->base = opts->base;
	cl->fetch = opts->fetch;
	str_replace(&cl->unix_path, opts->unix_path);
	str_replace(&cl->url, opts->unix_path != NULL ? "http://localhost" :
	    opts->url);
	size_t len = strlen(cl->url);
	if (len > 0 && cl->url[len - 1] == '/')
		cl->url[len - 1] = '\0';	/* session-protocol 1.1 */
	if (opts->token != NULL)
		cl->auth = xasprintf("Authorization: Bearer %s", opts->token);
	return cl;
}

void
client_free(struct client *cl)
{
	if (cl == NULL)
		return;
	if (cl->auth != NULL)
		mem_wipe(cl->auth, strlen(cl->auth));
	free(cl->auth);
	free(cl->unix_path);
	free(cl->url);
	free(cl);
}

bool
client_is_local(const struct client *cl)
{
	return cl->unix_path != NULL;
}

struct event_base *
client_base(const struct client *cl)
{
	return cl->base;
}

struct fetch *
client_fetch(struct client *cl, const char *path, const char *const *headers,
    const struct fetch_opts *opts, struct err *e)
{
	const char *all[HEADERS_MAX + 2];
	size_t n = 0;

	for (; headers != NULL && headers[n] != NULL && n < HEADERS_MAX; n++)
		all[n] = headers[n];
	if (cl->auth != NULL)
		all[n++] = cl->auth;
	all[n] = NULL;

	char *url = xasprintf("%s%s", cl->url, path);
	struct fetch_opts o = *opts;
	o.url = url;
	o.unix_path = cl->unix_path;
	o.headers = all;
	struct fetch *f = fetch_start(cl->fetch, &o, e);
	free(url);
	return f;
}

static void
call_free(struct client_call *call)
{
	if (call->timer != NULL)
		event_free(call->timer);
	buf_clear(&call->answer);
	free(call->method);
	free(call->path);
	free(call->body);
	free(call->part_header);
	free(call);
}

/* The server's own words become the error. */
static void
error_of_body(const struct json *body, int status, struct err *e)
{
	const char *text = json_get_str(body, "error");
	const char *code = json_get_str(body, "errorCode");
	const char *hint = json_get_str(body, "hint");

	if (text == NULL)
		text = json_get_str(body, "message");
	err_set(e, code != NULL ? err_code_by_name(code) :
	    err_code_of_http(status), "%s", text != NULL ? text :
	    "the server gave no reason");
	if (text == NULL)
		err_hint(e, "the answer's status was %d", status);
	if (hint != NULL)
		err_hint(e, "%s", hint);
}

/* Tell the caller; the call is gone after. */
static void
call_answer(struct client_call *call, int status, const struct err *failed)
{
	struct client_answer a = { .status = status, .err = ERR_INIT };
	struct json_doc *doc = NULL;

	if (failed != NULL && err_is_set(failed)) {
		a.err = *failed;
	} else {
		struct err bad = ERR_INIT;
		if (call->answer.len > 0)
			doc = json_parse(call->answer.data, call->answer.len,
			    JSON_REPLACE_UTF8, &bad);
		a.body = doc != NULL ? json_root(doc) : NULL;
		if (status >= 400)
			error_of_body(a.body, status, &a.err);
		else if (call->answer.full)
			err_set(&a.err, ERR_TOO_BIG, "the answer is too big");
		else if (err_is_set(&bad))
			err_set(&a.err, ERR_FAILED,
			    "the server's answer cannot be read: %s", bad.text);
	}
	client_answer_fn fn = call->fn;
	void *arg = call->arg;
	call_free(call);
	fn(&a, arg);
	json_doc_free(doc);
}

static bool
may_repeat(const struct client_call *call, int status)
{
	if (call->no_retry || call->tries >= TRIES_MAX)
		return false;
	if (strcmp(call->method, "GET") != 0 && call->part_header == NULL)
		return false;
	/* our own half's disk does not get better by asking */
	if (status == 500 && client_is_local(call->client))
		return false;
	return status == 0 || status == 429 || status >= 500;
}

static void	call_try(struct client_call *call);

static void
call_timer(int fd, short what, void *arg)
{
	struct client_call *call = arg;

	(void)fd;
	(void)what;
	if (err_is_set(&call->failed))
		call_answer(call, 0, &call->failed);
	else
		call_try(call);
}

static void
call_later(struct client_call *call, int64_t ms)
{
	struct timeval tv = { .tv_sec = (time_t)(ms / 1000),
	    .tv_usec = (suseconds_t)(ms % 1000 * 1000) };

	event_add(call->timer, &tv);
}

/* session-protocol 18.7; a quarter of jitter so that clients spread */
static int64_t
next_wait(const struct client_call *call)
{
	int64_t ms = (int64_t)WAIT_FIRST_MS << (call->tries - 1);

	ms += id_random_below((uint32_t)(ms / 4) + 1);
	if (call->wait_until > 0 && call->wait_until - clock_ms() > ms)
		ms = call->wait_until - clock_ms();
	return ms > WAIT_MAX_MS ? WAIT_MAX_MS : ms;
}

static int
call_head(const struct fetch_head *head, void *arg)
{
	struct client_call *call = arg;
	const char *retry = fetch_header(head->fetch, "x-should-retry");
	const char *reset = fetch_header(head->fetch, "x-ratelimit-reset");

	call->no_retry = retry != NULL && strcmp(retry, "false") == 0;
	call->wait_until = reset != NULL ? strtoll(reset, NULL, 10) : 0;
	return 0;
}

static int
call_body(const char *bytes, size_t len, void *arg)
{
	struct client_call *call = arg;

	return buf_add(&call->answer, bytes, len);
}

static void
call_done(const struct fetch_result *res, void *arg)
{
	struct client_call *call = arg;
	bool broken = err_is_set(&res->err) && !call->answer.full;

	call->fetch = NULL;
	if (may_repeat(call, broken ? 0 : res->status))
		call_later(call, next_wait(call));
	else
		call_answer(call, res->status, broken ? &res->err : NULL);
}

static void
call_try(struct client_call *call)
{
	const char *headers[] = { "Content-Type: application/json",
	    call->part_header, NULL };
	struct fetch_opts opts = {
		.method = call->method,
		.body = call->body,
		.body_len = call->body_len,
		.on_head = call_head,
		.on_body = call_body,
		.on_done = call_done,
		.arg = call,
	};

	call->tries++;
	call->no_retry = false;
	buf_reset(&call->answer);
	call->answer.full = false;
	call->fetch = client_fetch(call->client, call->path, headers, &opts,
	    &call->failed);
	if (call->fetch == NULL)
		call_later(call, 0);	/* never from within the caller */
}

struct client_call *
client_start(struct client *cl, const struct client_request *rq,
    client_answer_fn fn, void *arg)
{
	struct client_call *call = xcalloc(1, sizeof(*call));

	call->client = cl;
	call->method = xstrdup(rq->method);
	call->path = xstrdup(rq->path);
	if (rq->body != NULL) {
		call->body_len = rq->body_len;
		call->body = xstrndup(rq->body, rq->body_len);
	}
	if (rq->part_id != NULL)
		call->part_header = xasprintf("X-Part-Id: %s", rq->part_id);
	call->fn = fn;
	call->arg = arg;
	call->on_cancel = rq->on_cancel;
	buf_init_max(&call->answer, ANSWER_MAX);
	call->timer = event_new(cl->base, -1, 0, call_timer, call);
	call_try(call);
	return call;
}

void
client_cancel(struct client_call *call)
{
	if (call == NULL)
		return;
	if (call->fetch != NULL)
		fetch_cancel(call->fetch);
	if (call->on_cancel != NULL)
		call->on_cancel(call->arg);
	call_free(call);
}

struct sync_wait {
	bool done;
	int status;
	char *body;
	struct err err;
};

static void
sync_answer(const struct client_answer *a, void *arg)
{
	struct sync_wait *w = arg;

	w->done = true;
	w->status = a->status;
	w->err = a->err;
	if (a->body != NULL)
		w->body = json_text(a->body);
}

int
client_sync(struct client *cl, const struct client_request *rq,
    struct json_doc **doc, struct err *e)
{
	struct sync_wait w = { .err = ERR_INIT };
	struct client_call *call = client_start(cl, rq, sync_answer, &w);

	if (doc != NULL)
		*doc = NULL;
	while (!w.done) {
		int r = event_base_loop(cl->base, EVLOOP_ONCE);
		if (!w.done && (r != 0 || event_base_got_break(cl->base))) {
			client_cancel(call);
			return err_set(e, ERR_INTERRUPTED, "interrupted");
		}
	}
	if (err_is_set(&w.err)) {
		free(w.body);
		err_set(e, w.err.code, "%s", w.err.text);
		if (w.err.hint[0] != '\0')
			err_hint(e, "%s", w.err.hint);
		return -1;
	}
	int ret = 0;
	if (doc != NULL && w.body != NULL) {
		*doc = json_parse(w.body, strlen(w.body), 0, e);
		ret = *doc != NULL ? 0 : -1;
	}
	free(w.body);
	return ret;
}
