/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client.c - one server: JSON requests, tried again when that is allowed */

#include <event2/event.h>

#include <sys/queue.h>

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/json.h"
#include "base/mem.h"
#include "client/bearer.h"
#include "client/client.h"
#include "wire/fetch.h"

enum {
	ANSWER_MAX = 256 * 1024 * 1024,
	TRIES_MAX = 5,
	WAIT_FIRST_MS = 250,
	WAIT_MAX_MS = 30 * 1000,
	RESET_MAX_MS = 10 * 60 * 1000,	/* x-ratelimit-reset, believed */
	WAIT_SEND_MS = 5 * 1000,	/* a send with patience */
	HEADERS_MAX = 8,
};

TAILQ_HEAD(client_calls, client_call);

struct client {
	struct event_base *base;
	struct client_calls calls;	/* under way, oldest first */
	struct fetch_pool *fetch;
	char *unix_path;
	char *url;
	struct bearer bearer;
	bool chatd;		/* it has said so */
	struct client_hooks hooks;
	int64_t patience_ms;
	bool all_patient;
};

struct client_call {
	TAILQ_ENTRY(client_call) entry;
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
	int64_t begun_us;
	bool repeat;
	bool no_retry;		/* x-should-retry: false */
	bool refreshed, recreated;	/* each once */
	int refused;		/* the status that led to the detour */
	unsigned shown;		/* which token: bearer.changes */
	struct client_call *detour;	/* a new token, or the session again */
	int64_t wait_until;	/* x-ratelimit-reset, or 0 */
	struct err failed;	/* could not even start */
};

struct client *
client_new(const struct client_opts *opts)
{
	struct client *cl = xcalloc(1, sizeof(*cl));

	TAILQ_INIT(&cl->calls);
	cl->base = opts->base;
	cl->fetch = opts->fetch;
	str_replace(&cl->unix_path, opts->unix_path);
	str_replace(&cl->url, opts->unix_path != NULL ? "http://localhost" :
	    opts->url);
	size_t len = strlen(cl->url);
	if (len > 0 && cl->url[len - 1] == '/')
		cl->url[len - 1] = '\0';	/* session-protocol 1.1 */
	bearer_init(&cl->bearer, opts->token, opts->secret);
	cl->chatd = opts->unix_path != NULL;
	return cl;
}

void
client_free(struct client *cl)
{
	if (cl == NULL)
		return;
	/* a detour is younger than the call that takes it along */
	while (!TAILQ_EMPTY(&cl->calls))
		client_cancel(TAILQ_FIRST(&cl->calls));
	bearer_clear(&cl->bearer);
	free(cl->unix_path);
	free(cl->url);
	free(cl);
}

void
client_move(struct client *cl, const char *unix_path)
{
	str_replace(&cl->unix_path, unix_path);
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

const char *
client_url(const struct client *cl)
{
	return cl->url;
}

bool
client_is_chatd(const struct client *cl)
{
	return cl->chatd;
}

void
client_set_session(struct client *cl, const char *key, const char *token,
    const char *create)
{
	bearer_set_session(&cl->bearer, key, create);
	if (token != NULL)
		bearer_set_token(&cl->bearer, token);
}

const char *
client_session(const struct client *cl)
{
	return cl->bearer.key;
}

void
client_take_token(struct client *cl, const char *token)
{
	if (cl->unix_path == NULL)
		bearer_set_token(&cl->bearer, token);
}

void
client_set_hooks(struct client *cl, const struct client_hooks *hooks)
{
	cl->hooks = *hooks;
}

void
client_set_patience(struct client *cl, int64_t ms, bool all)
{
	cl->patience_ms = ms;
	cl->all_patient = all;
}

struct fetch *
client_fetch(struct client *cl, const char *path, const char *const *headers,
    const struct fetch_opts *opts, struct err *e)
{
	const char *all[HEADERS_MAX + 2];
	size_t n = 0;

	for (; headers != NULL && headers[n] != NULL && n < HEADERS_MAX; n++)
		all[n] = headers[n];
	const char *key = bearer_for(&cl->bearer, path);
	char *line = key == NULL ? NULL :
	    xasprintf("Authorization: Bearer %s", key);
	if (line != NULL)
		all[n++] = line;
	all[n] = NULL;

	char *url = xasprintf("%s%s", cl->url, path);
	struct fetch_opts o = *opts;
	o.url = url;
	o.unix_path = cl->unix_path;
	o.headers = all;
	struct fetch *f = fetch_start(cl->fetch, &o, e);
	if (line != NULL)
		mem_wipe(line, strlen(line));
	free(line);
	free(url);
	return f;
}

static void
call_free(struct client_call *call)
{
	TAILQ_REMOVE(&call->client->calls, call, entry);
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
	enum err_code kind = code != NULL ? err_code_by_name(code) :
	    err_code_of_http(status);
	if (text != NULL)
		err_set(e, kind, "%s", text);
	else
		err_set(e, kind, "the server answered %d", status);
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

/* A send waits longer than a question. */
static bool
waits_long(const struct client_call *call, int status)
{
	return call->part_header != NULL ||
	    (call->client->all_patient && status >= 502 && status <= 504);
}

static bool
is_patient(const struct client_call *call, int status)
{
	return waits_long(call, status) &&
	    (clock_mono_us() - call->begun_us) / 1000 <
	    call->client->patience_ms;
}

static bool
may_repeat(const struct client_call *call, int status)
{
	if (call->no_retry || (call->tries >= TRIES_MAX &&
	    !is_patient(call, status)))
		return false;
	if (strcmp(call->method, "GET") != 0 && call->part_header == NULL &&
	    !call->repeat)
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
next_wait(const struct client_call *call, int status)
{
	int shift = call->tries < 8 ? call->tries - 1 : 7;
	int64_t ms = (int64_t)WAIT_FIRST_MS << shift;

	if (waits_long(call, status) && ms > WAIT_SEND_MS)
		ms = WAIT_SEND_MS;
	if (ms > WAIT_MAX_MS)
		ms = WAIT_MAX_MS;
	ms += id_random_below((uint32_t)(ms / 4) + 1);
	int64_t reset = call->wait_until > 0 ?
	    call->wait_until - clock_ms() : 0;
	if (reset > RESET_MAX_MS)
		reset = RESET_MAX_MS;
	return reset > ms ? reset : ms;
}

static int
call_head(const struct fetch_head *head, void *arg)
{
	struct client_call *call = arg;
	const char *retry = fetch_header(head->fetch, "x-should-retry");
	const char *reset = fetch_header(head->fetch, "x-ratelimit-reset");

	/* once is enough: a proxy's 502 does not say it */
	if (fetch_header(head->fetch, "x-chatd-version") != NULL)
		call->client->chatd = true;
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

/* Over to the next try, and those who care are told. */
static void
call_again(struct client_call *call, const struct fetch_result *res)
{
	const struct client_hooks *hooks = &call->client->hooks;
	int64_t ms = next_wait(call, res->status);
	struct err why = res->err;

	if (!err_is_set(&why))
		err_set(&why, err_code_of_http(res->status),
		    "the server answered %d", res->status);
	call_later(call, ms);
	if (waits_long(call, res->status) && hooks->on_wait != NULL)
		hooks->on_wait(ms, &why, hooks->arg);
}

static void
call_refreshed(bool ok, void *arg)
{
	struct client_call *call = arg;

	call->detour = NULL;
	if (ok)
		call_try(call);
	else
		call_answer(call, call->refused, NULL);
}

/* 401 and 403: once more with another token. */
static bool
call_refresh(struct client_call *call, int status)
{
	if ((status != 401 && status != 403) || call->refreshed)
		return false;
	call->refreshed = true;
	call->refused = status;
	if (call->shown != call->client->bearer.changes) {
		call_later(call, 0);	/* it came meanwhile */
		return true;
	}
	call->detour = client_refresh(call->client, call->path,
	    call_refreshed, call);
	return call->detour != NULL;
}

static void
call_recreated(const struct client_answer *a, void *arg)
{
	struct client_call *call = arg;
	struct client *cl = call->client;

	call->detour = NULL;
	if (err_is_set(&a->err)) {
		call_answer(call, call->refused, NULL);
		return;
	}
	const char *token = json_get_str(a->body, "publicAccessToken");
	if (token != NULL)
		bearer_set_token(&cl->bearer, token);
	if (cl->hooks.on_recreated != NULL)
		cl->hooks.on_recreated(cl->hooks.arg);
	call_try(call);
}

/* 404 to a send: make the session again and send the same (3.8, 18.10). */
static bool
call_recreate(struct client_call *call, int status)
{
	const struct bearer *a = &call->client->bearer;

	if (status != 404 || call->recreated || call->part_header == NULL ||
	    a->create == NULL || a->secret == NULL ||
	    !bearer_is_stream(a, call->path))
		return false;
	call->recreated = true;
	call->refused = status;
	struct client_request rq = { .method = "POST",
	    .path = "/api/v1/sessions", .body = a->create,
	    .body_len = strlen(a->create), .repeat = true };
	call->detour = client_start(call->client, &rq, call_recreated, call);
	return true;
}

static void
call_done(const struct fetch_result *res, void *arg)
{
	struct client_call *call = arg;
	bool broken = err_is_set(&res->err) && !call->answer.full;

	call->fetch = NULL;
	if (may_repeat(call, broken ? 0 : res->status))
		call_again(call, res);
	else if (broken || (!call_refresh(call, res->status) &&
	    !call_recreate(call, res->status)))
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
	call->shown = call->client->bearer.changes;
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
	TAILQ_INSERT_TAIL(&cl->calls, call, entry);
	call->method = xstrdup(rq->method);
	call->path = xstrdup(rq->path);
	if (rq->body != NULL) {
		call->body_len = rq->body_len;
		call->body = xstrndup(rq->body, rq->body_len);
	}
	if (rq->part_id != NULL)
		call->part_header = xasprintf("X-Part-Id: %s", rq->part_id);
	call->repeat = rq->repeat;
	call->begun_us = clock_mono_us();
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
	client_cancel(call->detour);
	if (call->on_cancel != NULL)
		call->on_cancel(call->arg);
	call_free(call);
}

/* A new token on its way. */
struct minting {
	struct client *client;
	client_refreshed_fn fn;
	void *arg;
};

static void
minted(const struct client_answer *a, void *arg)
{
	struct minting *m = arg;
	struct bearer *bearer = &m->client->bearer;
	bool had = bearer->token != NULL;
	char *token = err_is_set(&a->err) ? NULL :
	    bearer_mint_token(bearer, a->body, NULL);

	/* without a new one, the key itself may be let in */
	bearer_set_token(bearer, token);
	m->fn(token != NULL || had, m->arg);
	if (token != NULL)
		mem_wipe(token, strlen(token));
	free(token);
	free(m);
}

struct client_call *
client_refresh(struct client *cl, const char *path, client_refreshed_fn fn,
    void *arg)
{
	struct buf body = BUF_INIT;

	if (!bearer_can_mint(&cl->bearer, path))
		return NULL;
	struct minting *m = xcalloc(1, sizeof(*m));
	*m = (struct minting){ .client = cl, .fn = fn, .arg = arg };
	struct client_request rq = { .method = "POST", .repeat = true,
	    .on_cancel = free };
	rq.path = bearer_mint_request(&cl->bearer, &body);
	rq.body = body.len > 0 ? body.data : "";
	rq.body_len = body.len;
	struct client_call *call = client_start(cl, &rq, minted, m);
	buf_clear(&body);
	return call;
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
		return err_pass(e, &w.err);
	}
	int ret = 0;
	if (doc != NULL && w.body != NULL) {
		*doc = json_parse(w.body, strlen(w.body), 0, e);
		ret = *doc != NULL ? 0 : -1;
	}
	free(w.body);
	return ret;
}
