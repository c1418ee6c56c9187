/* SPDX-License-Identifier: GPL-3.0-or-later */
/* route.c - which handler answers which method and path */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "server/api.h"
#include "server/auth.h"
#include "server/conn.h"
#include "server/cors.h"
#include "server/limit.h"
#include "server/park.h"
#include "server/request.h"
#include "server/response.h"
#include "server/route.h"
#include "server/server_priv.h"

#define API "/api/v1/sessions"
#define REALTIME "/realtime/v1/sessions"
#define OWN "/api/chatd/v1"
#define SIDE "/:key/channels/:name"	/* session-protocol 14 */

/* session-protocol 15 */
enum {
	ROW_MAX = 32 * 1024,
	CLOSE_MAX = 1024,
	CLAIMS_MAX = 1024,	/* the SDK sends none */
	APPEND_MAX = 1024 * 1024,
	IMPORT_MAX = 256 * 1024 * 1024,
	CHANNEL_MAX = 128,
	BODY_USUAL = 4096,	/* not made larger step by step */
};

/* The busiest come first. */
static const struct route routes[] = {
	{ "POST", REALTIME "/:key/in/append", api_append, APPEND_MAX,
	    ROUTE_LENGTH | ROUTE_IN, "write" },
	{ "POST", REALTIME "/:key/out/append", api_append, APPEND_MAX,
	    ROUTE_LENGTH, "write" },
	{ "POST", API, api_sessions_create, ROW_MAX, ROUTE_LENGTH, "write" },
	{ "GET", API, api_sessions_list, 0, 0, "read" },
	{ "GET", API "/:key", api_sessions_get, 0, 0, "read" },
	{ "PATCH", API "/:key", api_sessions_update, ROW_MAX,
	    ROUTE_ONE_NAME, "admin" },
	{ "POST", API "/:key/close", api_sessions_close, CLOSE_MAX,
	    ROUTE_ONE_NAME, "admin" },
	{ "GET", API "/:key/transcript", api_transcript, 0, 0, NULL },
	{ "GET", REALTIME "/:key/in", api_stream, 0, ROUTE_IN, "read" },
	{ "GET", REALTIME "/:key/out", api_stream, 0, 0, "read" },
	{ "PUT", REALTIME "/:key/in", api_direct, CLAIMS_MAX,
	    ROUTE_IN | ROUTE_ONE_NAME | ROUTE_UNSTORED, "write" },
	{ "PUT", REALTIME "/:key/out", api_direct, CLAIMS_MAX,
	    ROUTE_ONE_NAME | ROUTE_UNSTORED, "write" },
	{ "GET", REALTIME "/:key/in/records", api_records, 0, ROUTE_IN,
	    "read" },
	{ "GET", REALTIME "/:key/out/records", api_records, 0, 0, "read" },
	{ "POST", REALTIME SIDE "/in/append", api_append, APPEND_MAX,
	    ROUTE_LENGTH | ROUTE_IN, "write" },
	{ "POST", REALTIME SIDE "/out/append", api_append, APPEND_MAX,
	    ROUTE_LENGTH, "write" },
	{ "GET", REALTIME SIDE "/in", api_stream, 0, ROUTE_IN, "read" },
	{ "GET", REALTIME SIDE "/out", api_stream, 0, 0, "read" },
	{ "GET", REALTIME SIDE "/in/records", api_records, 0, ROUTE_IN,
	    "read" },
	{ "GET", REALTIME SIDE "/out/records", api_records, 0, 0, "read" },
	{ "GET", OWN "/resolve", api_chatd_resolve, 0, 0, NULL },
	{ "GET", OWN "/newest", api_chatd_newest, 0, 0, NULL },
	{ "GET", OWN "/search", api_chatd_search, 0, 0, NULL },
	{ "GET", OWN "/sessions", api_chatd_list, 0, 0, NULL },
	{ "GET", OWN "/sessions/:key", api_chatd_get, 0, 0, NULL },
	{ "PATCH", OWN "/sessions/:key", api_chatd_update, ROW_MAX, 0, NULL },
	{ "DELETE", OWN "/sessions/:key", api_chatd_delete, CLOSE_MAX, 0,
	    NULL },
	{ "POST", OWN "/sessions/:key/fork", api_chatd_fork, ROW_MAX, 0,
	    NULL },
	{ "GET", OWN "/sessions/:key/presence", api_presence, 0, 0, NULL },
	{ "POST", OWN "/sessions/:key/claim", api_claim, CLOSE_MAX,
	    ROUTE_UNSTORED, NULL },
	{ "POST", OWN "/sessions/:key/release", api_release, CLOSE_MAX,
	    ROUTE_UNSTORED, NULL },
	{ "GET", OWN "/sessions/:key/servers", api_servers, 0, 0, NULL },
	{ "GET", OWN "/sessions/:key/export", api_export, 0, 0, NULL },
	{ "POST", OWN "/import", api_import, IMPORT_MAX, 0, NULL },
	{ "GET", "/healthz", api_health, 0, ROUTE_OPEN, NULL },
	{ "POST", "/api/v1/auth/jwt/claims", api_auth_claims, CLAIMS_MAX,
	    ROUTE_UNSTORED, NULL },
	{ "POST", "/api/v1/auth/public-tokens", api_auth_public_token,
	    ROW_MAX, ROUTE_UNSTORED, NULL },
};

static bool
is_method(const struct route *r, const char *method)
{
	return strcmp(r->method, method) == 0 ||
	    (strcmp(r->method, "GET") == 0 && strcmp(method, "HEAD") == 0);
}

/* What stands for ":key" and ":name", not decoded. */
struct found {
	const char *at[2];
	size_t len[2];
};

static bool
fits(const char *pattern, const char *path, size_t len, struct found *f)
{
	const char *end = path + len;

	memset(f, 0, sizeof(*f));
	while (*pattern != '\0' && path < end) {
		size_t want = strcspn(pattern + 1, "/");
		const char *slash = memchr(path + 1, '/',
		    (size_t)(end - path - 1));
		size_t have = (size_t)((slash != NULL ? slash : end) - path) -
		    1;

		if (*path != '/')
			return false;
		if (pattern[1] == ':') {
			int i = pattern[2] == 'n';

			f->at[i] = path + 1;
			f->len[i] = have;
		} else if (want != have ||
		    memcmp(pattern + 1, path + 1, want) != 0) {
			return false;
		}
		pattern += want + 1;
		path += have + 1;
	}
	return *pattern == '\0' && path == end;
}

static char *
decode(const struct found *f, int i)
{
	return f->at[i] == NULL ? NULL :
	    query_decode(f->at[i], f->len[i], false);
}

const struct route *
route_match(const char *method, const char *path, size_t len,
    struct route_names *names, bool *known)
{
	struct found f;

	*names = (struct route_names){ NULL, NULL };
	*known = false;
	for (size_t i = 0; i < NELEM(routes); i++) {
		if (!fits(routes[i].pattern, path, len, &f))
			continue;
		*known = true;
		if (!is_method(&routes[i], method))
			continue;
		names->key = decode(&f, 0);
		names->channel = decode(&f, 1);
		return &routes[i];
	}
	return NULL;
}

void
route_allow(struct buf *b, const char *path, size_t len)
{
	for (size_t i = 0; i < NELEM(routes); i++) {
		struct found f;

		if (!fits(routes[i].pattern, path, len, &f))
			continue;
		buf_addf(b, "%s,", routes[i].method);
		if (strcmp(routes[i].method, "GET") == 0)
			buf_adds(b, "HEAD,");
	}
	buf_adds(b, "OPTIONS");
}

/* The path and query of "/path?query" or "http://host/path?query". */
static const char *
path_of(const char *target)
{
	if (strncmp(target, "http://", 7) == 0) {
		const char *slash = strchr(target + 7, '/');

		return slash != NULL ? slash : "/";
	}
	return target;
}

static void
answer_preflight(struct request *rq)
{
	struct buf extra = BUF_INIT;

	cors_preflight(&extra, rq->head, rq->srv->opts.origins);
	respond(rq, 204, RESPOND_CLOSE, extra.data, NULL, NULL);
	buf_clear(&extra);
}

static void
answer_method(struct request *rq, const char *path, size_t len)
{
	struct buf allow = BUF_INIT, body = BUF_INIT;

	buf_adds(&allow, "Allow: ");
	route_allow(&allow, path, len);
	buf_adds(&allow, "\r\n");
	buf_adds(&body, "{\"error\":\"Method not allowed\"}");
	respond(rq, 405, RESPOND_CLOSE, allow.data, "application/json",
	    &body);
	buf_clear(&allow);
	buf_clear(&body);
}

void
route_refuse(struct request *rq, int status, const char *why)
{
	struct buf body = BUF_INIT;

	buf_addf(&body, "{\"error\":\"%s\"}", why);
	respond(rq, status,
	    RESPOND_CLOSE | (status == 404 ? RESPOND_NO_RETRY : 0), NULL,
	    "application/json", &body);
	buf_clear(&body);
}

/* Content-Length: session-protocol 3.7's order has it before the rest. */
static int
check_length(struct request *rq)
{
	const struct route *r = rq->route;
	const struct http_head *head = rq->head;
	bool missing = (r->flags & ROUTE_LENGTH) != 0 && head->length < 0;

	if (!missing && head->length <= (int64_t)r->body_max)
		return 0;
	route_refuse(rq, 413, "Request body too large");
	return -1;
}

static int
refuse_path(struct request *rq, const char *path, size_t len, bool known)
{
	if (strcmp(rq->head->method, "OPTIONS") == 0)
		answer_preflight(rq);
	else if (known)
		answer_method(rq, path, len);
	else
		route_refuse(rq, 404, "Not found");
	return -1;
}

/* Over TCP each request shows who sends it; -1: answered with 401. */
static int
authenticate(struct request *rq)
{
	struct err e = ERR_INIT;
	int rc;

	if (rq->caller.all || (rq->route->flags & ROUTE_OPEN) != 0)
		return 0;
	rc = auth_bearer(rq->srv->opts.keys,
	    http_header(rq->head, "authorization"), clock_ms() / 1000,
	    conn_memo(rq->conn), &rq->caller, &rq->token, &e);
	if (rc == 0 && !rq->caller.all && rq->route->action == NULL)
		rc = err_set(&e, ERR_AUTH, "Invalid API key");
	if (rc != 0)
		route_refuse(rq, err_http_status(e.code), e.text);
	return rc;
}

static void
answer_limit(struct request *rq, int64_t now)
{
	struct buf extra = BUF_INIT, body = BUF_INIT;

	buf_addf(&extra, "Retry-After: %" PRId64 "\r\n",
	    (rq->rate.reset - now + 999) / 1000);
	buf_adds(&body, "{\"error\":\"Too many requests\"}");
	respond(rq, 429, RESPOND_CLOSE, extra.data, "application/json",
	    &body);
	buf_clear(&extra);
	buf_clear(&body);
}

/* session-protocol 15: below /api, for those who come over TCP */
static int
check_rate(struct request *rq)
{
	const char *who;
	int64_t now;

	if (rq->srv->limit == NULL || rq->caller.local ||
	    strncmp(rq->route->pattern, "/api/", 5) != 0 ||
	    (who = http_header(rq->head, "authorization")) == NULL)
		return 0;
	now = clock_ms();
	if (limit_take(rq->srv->limit, who, now, &rq->rate))
		return 0;
	answer_limit(rq, now);
	return -1;
}

/* session-protocol 14: [A-Za-z0-9._-]{1,128} */
bool
route_is_channel_name(const char *s)
{
	size_t len = s == NULL ? 0 : strlen(s);

	return len >= 1 && len <= CHANNEL_MAX &&
	    s[strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	    "0123456789._-")] == '\0';
}

static int
check_names(struct request *rq)
{
	const char *pattern = rq->route->pattern;

	if (strstr(pattern, ":key") != NULL &&
	    (rq->key == NULL || rq->key[0] == '\0')) {
		route_refuse(rq, 400, "The session's name cannot be read");
		return -1;
	}
	if (strstr(pattern, ":name") != NULL &&
	    !route_is_channel_name(rq->channel)) {
		route_refuse(rq, 400, "The channel's name may have letters, "
		    "digits, '.', '_' and '-'");
		return -1;
	}
	return 0;
}

int
route_find(struct request *rq)
{
	const char *path = path_of(rq->head->target);
	size_t len = strcspn(path, "?#");
	const char *part = http_header(rq->head, "x-part-id");
	struct route_names names;
	bool known;

	if (rq->srv->stopping) {
		route_refuse(rq, 503, "The server is stopping");
		return -1;
	}
	rq->route = route_match(rq->head->method, path, len, &names,
	    &known);
	rq->key = names.key;
	rq->channel = names.channel;
	if (rq->route == NULL)
		return refuse_path(rq, path, len, known);
	if (authenticate(rq) != 0 || check_rate(rq) != 0 ||
	    check_length(rq) != 0)
		return -1;
	if (check_names(rq) != 0)
		return -1;
	if (part != NULL && strlen(part) >= sizeof(rq->part_id)) {
		route_refuse(rq, 400, "X-Part-Id is too long");
		return -1;
	}
	if (part != NULL)
		memcpy(rq->part_id, part, strlen(part) + 1);
	rq->query = query_new(path[len] == '?' ? path + len + 1 : "");
	buf_init_max(&rq->body, rq->route->body_max);
	if (rq->head->length > 0 && rq->head->length <= BODY_USUAL)
		(void)buf_reserve(&rq->body, (size_t)rq->head->length);
	return 0;
}

int
route_body(struct request *rq, const char *bytes, size_t len)
{
	if (rq->route->body_max > 0 && buf_add(&rq->body, bytes, len) == 0)
		return 0;
	route_refuse(rq, 413, "Request body too large");
	return -1;
}

void
route_run(struct request *rq)
{
	bool reads = strcmp(rq->route->method, "GET") == 0 ||
	    (rq->route->flags & ROUTE_UNSTORED) != 0;

	if (reads || !park_request(rq))
		rq->route->fn(rq);
}
