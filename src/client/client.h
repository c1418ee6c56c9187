/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client.h - one server, as a client sees it */

/*
 * All that a client knows without a screen. The same code talks to the server
 * half in this process, to another one over its Unix socket and to a remote
 * server (session-protocol 18).
 */

#ifndef CLIENT_CLIENT_H
#define CLIENT_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"

struct event_base;
struct fetch;
struct fetch_opts;
struct fetch_pool;
struct json;
struct json_doc;

struct client;

struct client_opts {
	struct event_base *base;
	struct fetch_pool *fetch;
	const char *unix_path;	/* a local server half, or NULL */
	const char *url;	/* "http://host:port"; NULL with unix_path */
	const char *token;	/* bearer, or NULL */
};
struct client	*client_new(const struct client_opts *opts);
void		 client_free(struct client *cl);
bool		 client_is_local(const struct client *cl);
struct event_base *client_base(const struct client *cl);
/*
 * Start a transfer at this server: url, unix_path and the token's header are
 * filled in, the rest of opts is the caller's. headers may be NULL.
 */
struct fetch	*client_fetch(struct client *cl, const char *path,
		    const char *const *headers, const struct fetch_opts *opts,
		    struct err *e) ATTR_MUST_USE;

/*
 * One JSON request. doc is the answer's body (NULL if empty or not JSON; then
 * err says so when the status was good), status 0 when there was none. err
 * holds the server's words for every status >= 400. Network errors and 5xx
 * are tried again (session-protocol 18.7) when the request may be repeated:
 * GET, or one with a part id.
 */
struct client_answer {
	int status;
	const struct json *body;
	struct err err;
};
typedef void (*client_answer_fn)(const struct client_answer *a, void *arg);

struct client_request {
	const char *method;
	const char *path;	/* "/api/v1/sessions", already encoded */
	const char *body;	/* JSON text or NULL */
	size_t body_len;
	const char *part_id;	/* X-Part-Id, or NULL */
	void (*on_cancel)(void *arg);	/* frees arg when cancelled, or NULL */
};
struct client_call;
struct client_call *client_start(struct client *cl,
		    const struct client_request *rq, client_answer_fn fn,
		    void *arg);
void		 client_cancel(struct client_call *call);
/* The same, running the loop until the answer is there. *doc (doc may be NULL)
 * is the caller's. -1 for every status >= 400, and ERR_INTERRUPTED when
 * somebody broke the loop. */
int		 client_sync(struct client *cl,
		    const struct client_request *rq, struct json_doc **doc,
		    struct err *e) ATTR_MUST_USE;

#endif
