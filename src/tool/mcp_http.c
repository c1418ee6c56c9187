/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mcp_http.c - an MCP server behind Streamable HTTP (mcp 5.3) */

/*
 * Each message is a POST of its own, an "exchange", whose answer is nothing,
 * JSON or a stream. A stream that ends before the answer is taken up again by
 * GET with the last event's id. One more exchange, a GET without a message,
 * brings what the server has to say unasked; it is opened when the server is
 * ready, and given up when there is none.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>

#include <event2/event.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "tool/mcp_priv.h"
#include "tool/mcp_renewal.h"
#include "tool/mcp_token.h"
#include "tool/mcp_transport.h"
#include "tool/oauth.h"
#include "wire/fetch.h"
#include "wire/jsonrpc.h"
#include "wire/sse.h"
#include "wire/url.h"

enum {
	RETRY_MS = 1000,
	RETRY_MAX_MS = 30000,
	RESUMES_MAX = 20,	/* of one exchange, without any event between */
	MOVES_MAX = 5,		/* of a server, one redirect behind the other */
	ERROR_TEXT_MAX = 300,
};

struct http;

struct exchange {
	TAILQ_ENTRY(exchange) entry;
	struct http *http;
	struct fetch *fetch;
	struct sse_parser *sse;
	struct event *again;
	struct buf body;
	char *last_id;		/* of the stream's events */
	char *scope;		/* a 403 wants it, or NULL */
	char *location;		/* of a redirect, or NULL */
	char *text;		/* the message: it may be sent again */
	size_t len;
	int64_t id;		/* of the request; -1: none */
	long retry_ms;
	int status, resumes;
	bool answered, unasked;	/* unasked: the GET */
	bool renewed, waits;	/* its 401 led, or leads, to a new token */
};

struct http {
	struct mcp_transport t;
	struct event_base *base;
	struct fetch_pool *pool;
	char *name, *url, *session, *version;
	char **headers;
	char *login;		/* what to say to chatd mcp login */
	struct mcp_token token;	/* access NULL: there is none */
	bool own_auth;		/* the configuration has a header */
	bool last;		/* no loop of ours runs any more */
	struct mcp_renewal *renewal;	/* under way, or NULL */
	int moves;		/* since something else came */
	TAILQ_HEAD(, exchange) exchanges;
	struct event *lost;	/* the session: told from the loop */
	struct err why;
};

static void exchange_start(struct exchange *x, const char *text, size_t len);
static void renew(struct http *h);

static void
exchange_free(struct exchange *x)
{
	TAILQ_REMOVE(&x->http->exchanges, x, entry);
	if (x->fetch != NULL)
		fetch_cancel(x->fetch);
	sse_free(x->sse);
	event_free(x->again);
	buf_clear(&x->body);
	free(x->last_id);
	free(x->text);
	free(x->scope);
	free(x->location);
	free(x);
}

/* The request will have no answer. */
static void
exchange_fail(struct exchange *x, const struct err *e)
{
	struct http *h = x->http;
	int64_t id = x->answered ? -1 : x->id;
	struct err copy = *e;

	exchange_free(x);
	if (id != -1)
		h->t.fns.on_lost(id, &copy, h->t.fns.arg);
}

/* ----------------------------------------------------------------- answers */

/* Is it the answer that this exchange waits for? */
static void
note_answer(struct exchange *x, const char *text, size_t len)
{
	struct json_doc *doc = json_parse(text, len, JSON_REPLACE_UTF8, NULL);
	const struct json *root = json_root(doc);
	int64_t id;

	if (json_get(root, "method") == NULL &&
	    json_int64(json_get(root, "id"), &id) == 0 && id == x->id)
		x->answered = true;
	json_doc_free(doc);
}

static int
event_came(const struct sse_event *ev, void *arg)
{
	struct exchange *x = arg;

	if (*ev->id != '\0')
		str_replace(&x->last_id, ev->id);
	/* An event with an id alone is there for resuming (mcp 5.3). */
	if (ev->len == 0)
		return 0;
	x->resumes = 0;
	note_answer(x, ev->data, ev->len);
	mcp_transport_take(&x->http->t, ev->data, ev->len);
	return 0;
}

/* "retry: 500" is not for the parser's user; it is looked for here. */
static void
note_retry(struct exchange *x, const char *bytes, size_t len)
{
	const char *p = memmem(bytes, len, "retry:", 6);
	char digits[16] = "";
	size_t n;

	if (p == NULL || (p != bytes && p[-1] != '\n' && p[-1] != '\r'))
		return;
	p += 6;
	while (p < bytes + len && *p == ' ')
		p++;
	for (n = 0; n < sizeof digits - 1 && p < bytes + len && *p >= '0' &&
	    *p <= '9'; n++)
		digits[n] = *p++;
	if (n > 0)
		x->retry_ms = strtol(digits, NULL, 10);
	if (x->retry_ms > RETRY_MAX_MS)
		x->retry_ms = RETRY_MAX_MS;
}

/* Which scopes would do, if that is what is missing (mcp 5.5). */
static void
note_scope(struct exchange *x, const char *header)
{
	char *error = oauth_challenge(header, "error");

	free(x->scope);
	x->scope = error != NULL && strcmp(error, "insufficient_scope") == 0 ?
	    oauth_challenge(header, "scope") : NULL;
	/* it is to be pasted into a shell */
	if (x->scope != NULL && strchr(x->scope, '\'') != NULL)
		str_replace(&x->scope, NULL);
	free(error);
}

static int
head_came(const struct fetch_head *head, void *arg)
{
	struct exchange *x = arg;
	struct http *h = x->http;
	const char *session = fetch_header(head->fetch, "mcp-session-id");

	x->status = head->status;
	str_replace(&x->location, x->status / 100 == 3 ?
	    fetch_header(head->fetch, "location") : NULL);
	if (x->status == 403)
		note_scope(x, fetch_header(head->fetch, "www-authenticate"));
	if (session != NULL && h->session == NULL && head->status / 100 == 2)
		h->session = xstrdup(session);
	sse_free(x->sse);
	x->sse = NULL;
	buf_clear(&x->body);
	if (head->status == 200 && strncasecmp(head->content_type,
	    "text/event-stream", 17) == 0)
		x->sse = sse_new(MCP_MESSAGE_MAX, event_came, x);
	return 0;
}

static int
body_came(const char *bytes, size_t len, void *arg)
{
	struct exchange *x = arg;

	if (x->sse == NULL)
		return buf_add(&x->body, bytes, len);
	note_retry(x, bytes, len);
	return sse_feed(x->sse, bytes, len, NULL);
}

/* What the server says is wrong, from a JSON-RPC error or plain text. */
static void
describe_failure(struct exchange *x, struct err *e)
{
	if (x->status == 401)
		err_set(e, ERR_AUTH, "MCP server %s wants a sign-in: chatd "
		    "mcp login %s", x->http->name, x->http->login);
	else if (x->scope != NULL)
		err_set(e, ERR_FORBIDDEN, "MCP server %s wants more rights: "
		    "chatd mcp login --scope '%s' %s", x->http->name,
		    x->scope, x->http->login);
	else if (x->location != NULL)
		err_set(e, ERR_FAILED, "MCP server %s has moved to %.300s: "
		    "change its url, if that is right", x->http->name,
		    x->location);
	if (err_is_set(e))
		return;
	struct json_doc *doc = json_parse(x->body.data, x->body.len,
	    JSON_REPLACE_UTF8, NULL);
	const struct json *error = json_get(json_root(doc), "error");
	const char *message = json_get_str(error, "message");
	struct buf words = BUF_INIT;
	int64_t code = 0;

	(void)(json_int64(json_get(error, "code"), &code) == 0);
	/* before a revision is agreed on: the answer to "initialize" */
	if (x->http->version == NULL && error != NULL)
		mcp_revision_refused(&words, code, json_get(error, "data"));
	err_set(e, err_code_of_http(x->status), "MCP server %s answered with "
	    "status %d%s%.*s%s", x->http->name, x->status,
	    message != NULL || x->body.len > 0 ? ": " : "", ERROR_TEXT_MAX,
	    message != NULL ? message : x->body.data, words.data);
	buf_clear(&words);
	json_doc_free(doc);
}

/* 404, or 400 that speaks of the session: it is gone (mcp 5.3). */
static bool
is_session_lost(const struct exchange *x)
{
	if (x->http->session == NULL)
		return false;
	return x->status == 404 || (x->status == 400 &&
	    strcasestr(x->body.data, "session") != NULL);
}

static void
session_lost(evutil_socket_t fd, short what, void *arg)
{
	struct http *h = arg;

	(void)fd;
	(void)what;
	h->t.fns.on_closed(&h->why, true, h->t.fns.arg);
}

static void
take_up_again(struct exchange *x)
{
	struct timeval tv = { x->retry_ms / 1000, x->retry_ms % 1000 * 1000 };

	event_add(x->again, &tv);
}

static void
again(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	exchange_start(arg, NULL, 0);
}

/* The stream is over without the answer. */
static void
stream_over(struct exchange *x, const struct fetch_result *res)
{
	struct err e = ERR_INIT;

	if (x->unasked || (x->last_id != NULL && x->resumes++ < RESUMES_MAX)) {
		if (x->unasked && x->retry_ms < RETRY_MAX_MS)
			x->retry_ms *= 2;
		take_up_again(x);
		return;
	}
	err_set(&e, ERR_UNREACHABLE, "MCP server %s broke off its answer%s%s",
	    x->http->name, res->err.text[0] != '\0' ? ": " : "",
	    res->err.text);
	exchange_fail(x, &e);
}

/* 307 and 308 within the origin: there the same once more, with all that it
 * had. Nothing of it is for others (mcp 5.3). */
static bool
follow(struct exchange *x)
{
	struct http *h = x->http;
	struct buf from = BUF_INIT, to = BUF_INIT;
	bool follows = (x->status == 307 || x->status == 308) &&
	    x->location != NULL && x->last_id == NULL &&
	    h->moves++ < MOVES_MAX &&
	    url_normalise(h->url, strlen(h->url), &from) == 0 &&
	    url_join(&to, from.data, x->location) == 0 &&
	    url_same_origin(from.data, to.data);

	if (follows) {
		str_replace(&h->url, to.data);
		exchange_start(x, x->text, x->len);
	}
	buf_clear(&from);
	buf_clear(&to);
	return follows && x->fetch != NULL;
}

/* ---------------------------------------------------------------- the token */

static bool
may_renew(const struct exchange *x)
{
	return !x->renewed && x->http->token.refresh != NULL;
}

/* Those that wait are sent again, or fail as they would have. */
static void
renewed(const struct err *e, void *arg)
{
	struct http *h = arg;
	struct exchange *x, *next;
	struct err why = ERR_INIT;

	h->renewal = NULL;
	for (x = TAILQ_FIRST(&h->exchanges); x != NULL; x = next) {
		next = TAILQ_NEXT(x, entry);
		if (!x->waits)
			continue;
		x->waits = false;
		if (e == NULL) {
			buf_reset(&x->body);
			/* not a second time, once an answer has begun */
			exchange_start(x, x->last_id != NULL ? NULL : x->text,
			    x->last_id != NULL ? 0 : x->len);
			continue;
		}
		err_set(&why, ERR_AUTH, "MCP server %s wants a sign-in: chatd "
		    "mcp login %s (%s)", h->name, h->login, e->text);
		exchange_fail(x, &why);
	}
}

static void
renew(struct http *h)
{
	struct err e = ERR_INIT;

	if (h->renewal != NULL)
		return;
	h->renewal = mcp_renewal_start(&h->token, h->base, h->pool, renewed,
	    h, &e);
	if (h->renewal == NULL)
		renewed(&e, h);
}

static void
fetched(const struct fetch_result *res, void *arg)
{
	struct exchange *x = arg;
	struct http *h = x->http;
	struct err e = ERR_INIT;

	x->fetch = NULL;
	if (x->status / 100 != 3)
		h->moves = 0;
	if (x->sse != NULL) {
		if (sse_finish(x->sse, NULL) == -1)
			log_msg(LOG_TOOL, LOG_WARN, "mcp: a broken event");
		if (x->answered || (x->id == -1 && !x->unasked))
			exchange_free(x);
		else
			stream_over(x, res);
		return;
	}
	if (x->unasked) {		/* not offered: fine */
		exchange_free(x);
		return;
	}
	if (res->err.code != ERR_NONE) {
		err_set(&e, res->err.code, "MCP server %s: %s", h->name,
		    res->err.text);
		exchange_fail(x, &e);
	} else if (x->status == 401 && may_renew(x)) {
		x->renewed = x->waits = true;
		renew(h);
	} else if (follow(x)) {
		return;
	} else if (x->status / 100 != 2) {
		describe_failure(x, &e);
		if (is_session_lost(x) && !err_is_set(&h->why)) {
			h->why = e;
			event_active(h->lost, EV_TIMEOUT, 0);
		}
		exchange_fail(x, &e);
	} else {
		if (x->body.len > 0) {
			note_answer(x, x->body.data, x->body.len);
			mcp_transport_take(&h->t, x->body.data, x->body.len);
		}
		err_set(&e, ERR_INPUT, "MCP server %s gave no answer",
		    h->name);
		exchange_fail(x, &e);
	}
}

/* ---------------------------------------------------------------- requests */

/* The headers of a request; free with headers_free(). */
static char **
make_headers(const struct http *h, const char *last_id)
{
	size_t n = 0;
	char **v;

	while (h->headers != NULL && h->headers[n] != NULL)
		n++;
	v = xcalloc(n + 7, sizeof *v);
	for (n = 0; h->headers != NULL && h->headers[n] != NULL; n++)
		v[n] = xstrdup(h->headers[n]);
	v[n++] = xstrdup("Accept: application/json, text/event-stream");
	v[n++] = xstrdup("Content-Type: application/json");
	if (h->token.access != NULL && !h->own_auth)
		v[n++] = xasprintf("Authorization: Bearer %s",
		    h->token.access);
	if (h->version != NULL)
		v[n++] = xasprintf("MCP-Protocol-Version: %s", h->version);
	if (h->session != NULL)
		v[n++] = xasprintf("Mcp-Session-Id: %s", h->session);
	if (last_id != NULL)
		v[n++] = xasprintf("Last-Event-ID: %s", last_id);
	return v;
}

static void
headers_free(char **v)
{
	size_t i;

	for (i = 0; v[i] != NULL; i++)
		free(v[i]);
	free(v);
}

/* POST text, or GET what is still to come. */
static void
exchange_start(struct exchange *x, const char *text, size_t len)
{
	struct http *h = x->http;
	char **headers = make_headers(h, text == NULL ? x->last_id : NULL);
	struct fetch_opts opts = { .url = h->url, .body = text,
	    .body_len = len, .headers = (const char *const *)headers,
	    .first_byte_ms = -1, .idle_ms = -1, .on_head = head_came,
	    .on_body = body_came, .on_done = fetched, .arg = x };
	struct err e = ERR_INIT;

	x->fetch = fetch_start(h->pool, &opts, &e);
	headers_free(headers);
	if (x->fetch == NULL) {
		log_msg(LOG_TOOL, LOG_WARN, "mcp: %s", e.text);
		x->sse = NULL;
	}
}

static struct exchange *
exchange_new(struct http *h, int64_t id)
{
	struct exchange *x = xcalloc(1, sizeof *x);

	x->http = h;
	x->id = id;
	x->retry_ms = RETRY_MS;
	x->again = event_new(h->base, -1, 0, again, x);
	buf_init_max(&x->body, MCP_MESSAGE_MAX);
	TAILQ_INSERT_TAIL(&h->exchanges, x, entry);
	return x;
}

static int
http_send(struct mcp_transport *t, const char *text, size_t len, int64_t id,
    struct err *e)
{
	struct http *h = (struct http *)t;
	struct exchange *x = exchange_new(h, id);

	x->text = xstrndup(text, len);
	x->len = len;
	if (mcp_token_is_old(&h->token) && may_renew(x)) {
		x->renewed = x->waits = true;
		renew(h);
		return 0;
	}
	exchange_start(x, text, len);
	if (x->fetch != NULL)
		return 0;
	exchange_free(x);
	return err_set(e, ERR_FAILED, "cannot reach MCP server %s", h->name);
}

static void
http_ready(struct mcp_transport *t, const char *version)
{
	struct http *h = (struct http *)t;
	struct exchange *x;

	str_replace(&h->version, version);
	x = exchange_new(h, -1);
	x->unasked = true;
	exchange_start(x, NULL, 0);
	if (x->fetch == NULL)
		exchange_free(x);
}

/* arg: the loop that only waits for this, or NULL. */
static void
session_ended(const struct fetch_result *res, void *arg)
{
	(void)res;
	if (arg != NULL)
		event_base_loopbreak(arg);
}

/* DELETE ends the session; whether that is offered does not matter. */
static void
end_session(const struct http *h, struct fetch_pool *pool,
    struct event_base *wait)
{
	char **headers = make_headers(h, NULL);
	struct fetch_opts opts = { .method = "DELETE", .url = h->url,
	    .headers = (const char *const *)headers, .first_byte_ms = 2000,
	    .idle_ms = 2000, .on_done = session_ended, .arg = wait };

	if (fetch_start(pool, &opts, NULL) == NULL)
		log_msg(LOG_TOOL, LOG_WARN, "mcp: %s stays open", h->name);
	else if (wait != NULL)
		event_base_dispatch(wait);
	headers_free(headers);
}

/* The process ends: in a loop of its own, for ours would go on with all that
 * is being taken down. */
static void
end_session_now(const struct http *h)
{
	struct timeval limit = { .tv_usec = MCP_END_MS % 1000 * 1000,
	    .tv_sec = MCP_END_MS / 1000 };
	struct event_base *base = event_base_new();
	struct fetch_pool *pool = fetch_pool_new(base);

	event_base_loopexit(base, &limit);
	end_session(h, pool, base);
	fetch_pool_free(pool);
	event_base_free(base);
}

static void
http_hang_up(struct mcp_transport *t)
{
	((struct http *)t)->last = true;
}

static void
http_free(struct mcp_transport *t)
{
	struct http *h = (struct http *)t;
	bool open = h->session != NULL && !err_is_set(&h->why);
	size_t i;

	if (open && h->last)
		end_session_now(h);
	else if (open)
		end_session(h, h->pool, NULL);
	while (!TAILQ_EMPTY(&h->exchanges))
		exchange_free(TAILQ_FIRST(&h->exchanges));
	mcp_renewal_cancel(h->renewal);
	mcp_token_clear(&h->token);
	free(h->login);
	event_free(h->lost);
	for (i = 0; h->headers != NULL && h->headers[i] != NULL; i++)
		free(h->headers[i]);
	free(h->headers);
	free(h->name);
	free(h->url);
	free(h->session);
	free(h->version);
	free(h);
}

static const struct mcp_transport_ops http_ops = {
	.send = http_send,
	.ready = http_ready,
	.free = http_free,
	.hang_up = http_hang_up,
};

struct mcp_transport *
mcp_http_new(struct event_base *base, struct fetch_pool *pool,
    const struct mcp_entry *entry, const struct mcp_transport_fns *fns,
    struct err *e)
{
	struct http *h;
	size_t n = 0;

	if (strncmp(entry->url, "http://", 7) != 0 &&
	    strncmp(entry->url, "https://", 8) != 0) {
		err_set(e, ERR_CONFIG, "MCP server %s: not an address: %s",
		    entry->name, entry->url);
		return NULL;
	}
	h = xcalloc(1, sizeof *h);
	h->t.ops = &http_ops;
	h->t.fns = *fns;
	h->base = base;
	h->pool = pool;
	h->name = xstrdup(entry->name);
	h->url = xstrdup(entry->url);
	h->lost = event_new(base, -1, 0, session_lost, h);
	TAILQ_INIT(&h->exchanges);
	while (entry->headers != NULL && entry->headers[n] != NULL)
		n++;
	h->headers = xcalloc(n + 1, sizeof *h->headers);
	while (n-- > 0) {
		h->headers[n] = xstrdup(entry->headers[n]);
		h->own_auth |= strncasecmp(h->headers[n], "authorization:",
		    14) == 0;
	}
	h->login = xstrdup(entry->file != NULL ? entry->name : entry->url);
	/* most have none */
	(void)(mcp_token_get(&h->token, entry->url, NULL) == 0);
	return &h->t;
}
