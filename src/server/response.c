/* SPDX-License-Identifier: GPL-3.0-or-later */
/* response.c - answers: JSON, errors, streams */

#include "config.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "server/answer.h"
#include "server/conn.h"
#include "server/cors.h"
#include "server/request.h"
#include "server/response.h"
#include "server/route.h"
#include "server/server_priv.h"

enum {
	CHUNK_FRAME = 24,	/* of a chunk, around its bytes */
	HEAD_USUAL = 512,	/* of an answer */
	TARGET_MAX = 512,	/* of a path in the log */
};

static const struct { int status; const char *words; } reasons[] = {
	{ 200, "OK" }, { 201, "Created" }, { 204, "No Content" },
	{ 400, "Bad Request" }, { 401, "Unauthorized" },
	{ 403, "Forbidden" }, { 404, "Not Found" },
	{ 405, "Method Not Allowed" }, { 408, "Request Timeout" },
	{ 409, "Conflict" }, { 413, "Content Too Large" },
	{ 422, "Unprocessable Content" }, { 429, "Too Many Requests" },
	{ 431, "Request Header Fields Too Large" },
	{ 500, "Internal Server Error" }, { 501, "Not Implemented" },
	{ 502, "Bad Gateway" },
	{ 503, "Service Unavailable" }, { 504, "Gateway Timeout" },
	{ 505, "HTTP Version Not Supported" },
};

static const char *
reason_of(int status)
{
	for (size_t i = 0; i < NELEM(reasons); i++) {
		if (reasons[i].status == status)
			return reasons[i].words;
	}
	return "Answer";
}

/* "GET /path", without the query and without what a log cannot show. */
static void
add_target(struct buf *b, const struct http_head *head)
{
	size_t len, at;

	if (head == NULL) {
		buf_addc(b, '-');
		return;
	}
	buf_adds(b, head->method);
	buf_addc(b, ' ');
	at = b->len;
	len = strcspn(head->target, "?");
	buf_add(b, head->target, len < TARGET_MAX ? len : TARGET_MAX);
	for (; at < b->len; at++)
		if (b->data[at] <= ' ' || b->data[at] >= 0x7f)
			b->data[at] = '.';
}

/* Of the answer under way. */
static void
add_id(struct buf *b, const struct server *srv)
{
	buf_adds(b, srv->mark);
	buf_addc(b, '-');
	buf_add_int(b, srv->requests);
}

/* One line for each answer: whose, what, how it ended. Never a secret. */
static void
log_access(struct request *rq, int status)
{
	struct buf b = BUF_INIT;

	if (!log_wants(LOG_SERVER, LOG_INFO))
		return;
	(void)buf_reserve(&b, TARGET_MAX);
	add_id(&b, rq->srv);
	buf_addc(&b, ' ');
	buf_adds(&b, conn_peer(rq->conn));
	buf_addc(&b, ' ');
	add_target(&b, rq->head);
	buf_addc(&b, ' ');
	buf_add_int(&b, status);
	log_text(LOG_SERVER, LOG_INFO, &b);
	buf_clear(&b);
}

/* Nothing is given to a token whose scopes nobody has looked at. */
static void
check_judged(const struct request *rq, int status)
{
	if (status < 300 && rq->token != NULL && !rq->judged)
		fatal(__func__, "%s: scopes were not asked",
		    rq->route->pattern);
}

/* session-protocol 15 */
static void
add_rate(struct buf *b, const struct limit_state *s)
{
	buf_addf(b, "x-ratelimit-limit: %d\r\n"
	    "x-ratelimit-remaining: %d\r\nx-ratelimit-reset: %" PRId64
	    "\r\n", s->limit, s->remaining, s->reset);
}

static void
add_status(struct buf *b, struct request *rq, int status)
{
	check_judged(rq, status);
	rq->srv->requests++;
	/* without printf here and below: it was a tenth of an append */
	buf_addl(b, "HTTP/1.1 ");
	buf_add_int(b, status);
	buf_addc(b, ' ');
	buf_adds(b, reason_of(status));
	buf_addl(b, "\r\nx-chatd-version: " PACKAGE_VERSION
	    "\r\nx-request-id: ");
	add_id(b, rq->srv);
	buf_addl(b, "\r\n");
	if (rq->rate.limit > 0)
		add_rate(b, &rq->rate);
	log_access(rq, status);
}

void
respond(struct request *rq, int status, unsigned flags, const char *extra,
    const char *type, const struct buf *body)
{
	struct buf *out = conn_out(rq->conn);
	bool keep = rq->head != NULL && rq->head->keep_alive &&
	    (flags & RESPOND_CLOSE) == 0;
	bool head_only = rq->head != NULL &&
	    strcmp(rq->head->method, "HEAD") == 0;

	(void)buf_reserve(out, HEAD_USUAL + (body == NULL ? 0 : body->len));
	add_status(out, rq, status);
	if (rq->head != NULL)
		cors_headers(out, rq->head, rq->srv->opts.origins, NULL);
	if ((flags & RESPOND_NO_RETRY) != 0)
		buf_adds(out, "x-should-retry: false\r\n");
	if (extra != NULL)
		buf_adds(out, extra);
	if (type != NULL) {
		buf_addl(out, "Content-Type: ");
		buf_adds(out, type);
		buf_addl(out, "\r\n");
	}
	if (status != 204) {
		buf_addl(out, "Content-Length: ");
		buf_add_int(out, body == NULL ? 0 : (int64_t)body->len);
		buf_addl(out, "\r\n");
	}
	buf_adds(out, keep ? "Connection: keep-alive\r\n\r\n" :
	    "Connection: close\r\n\r\n");
	if (body != NULL && !head_only)
		buf_add(out, body->data, body->len);
	conn_answered(rq->conn, keep);
}

void
respond_json(struct request *rq, int status, struct buf *body)
{
	unsigned flags = status == 404 || status == 409 || status == 501 ?
	    RESPOND_NO_RETRY : 0;

	respond(rq, status, flags, NULL, "application/json", body);
	buf_clear(body);
}

void
respond_error(struct request *rq, int status, const char *fmt, ...)
{
	struct buf text = BUF_INIT, body = BUF_INIT;
	struct json_w w;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	json_w_init(&w, &body);
	json_w_obj(&w);
	json_w_kstrn(&w, "error", text.data, text.len);
	json_w_obj_end(&w);
	respond_json(rq, status, &body);
	buf_clear(&text);
}

void
respond_err(struct request *rq, const struct err *e)
{
	int status = err_http_status(e->code);
	struct buf body = BUF_INIT;
	struct json_w w;

	if (status == 500 && !rq->caller.local) {
		answer_failed(rq, e);
		return;
	}
	json_w_init(&w, &body);
	json_w_obj(&w);
	json_w_kstr(&w, "error", e->text);
	/* a client of ours ends with a status that HTTP has no word for */
	if (err_code_of_http(status) != e->code)
		json_w_kstr(&w, "errorCode", err_code_name(e->code));
	if (e->hint[0] != '\0')
		json_w_kstr(&w, "hint", e->hint);
	json_w_obj_end(&w);
	respond_json(rq, status, &body);
	buf_clear(&body);
}

void
respond_stream(struct request *rq, const char *type, const char *extra)
{
	struct buf *out = conn_out(rq->conn);

	add_status(out, rq, 200);
	/* a browser that cannot read X-Stream-Version reads nothing */
	cors_headers(out, rq->head, rq->srv->opts.origins, "*");
	buf_addf(out, "Content-Type: %s\r\n", type);
	if (extra != NULL)
		buf_adds(out, extra);
	if (!rq->head->http10)
		buf_adds(out, "Transfer-Encoding: chunked\r\n");
	buf_adds(out, "Connection: close\r\n\r\n");
	conn_flush(rq->conn);
}

void
respond_add(struct conn *c, bool chunked, const struct buf *piece,
    const struct buf *more)
{
	struct buf *out = conn_out(c);
	size_t len = piece->len + more->len;

	if (len == 0)
		return;
	/* at once, and not by doubling */
	(void)buf_reserve(out, len + CHUNK_FRAME);
	if (chunked)
		buf_addf(out, "%zx\r\n", len);
	buf_add(out, piece->data, piece->len);
	buf_add(out, more->data, more->len);
	if (chunked)
		buf_addl(out, "\r\n");
}

void
respond_piece(struct conn *c, bool chunked, const struct buf *piece)
{
	static const struct buf nothing = BUF_INIT;

	respond_add(c, chunked, piece, &nothing);
	conn_flush(c);
}

void
respond_end(struct conn *c, bool chunked)
{
	if (chunked)
		buf_adds(conn_out(c), "0\r\n\r\n");
	conn_answered(c, false);
}
