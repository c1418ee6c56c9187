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
	const char *token;	/* bearer: a key or a public token, or NULL */
	const char *secret;	/* the key behind a public token, or NULL */
};
struct client	*client_new(const struct client_opts *opts);
/* Cancels the requests that are under way; what follows its sessions is to be
 * stopped before. */
void		 client_free(struct client *cl);
/* The local server half has another socket now: the next request goes there,
 * and the next try of those under way. */
void		 client_move(struct client *cl, const char *unix_path);
bool		 client_is_local(const struct client *cl);
struct event_base *client_base(const struct client *cl);
const char	*client_url(const struct client *cl);
/* Has the server said that it is a chatd (which has our own endpoints)? Known
 * after the first answer. */
bool		 client_is_chatd(const struct client *cl);

/*
 * The session that this client is about: token (or NULL) is for its streams,
 * create (or NULL) the body of a POST /api/v1/sessions that makes it again
 * when it has vanished (session-protocol 18.10).
 */
void		 client_set_session(struct client *cl, const char *key,
		    const char *token, const char *create);
/* Its key, or NULL. */
const char	*client_session(const struct client *cl);
/* A turn-complete brought a new one (18.11). */
void		 client_take_token(struct client *cl, const char *token);
/*
 * Another try for a refused path: fn(true) when there is something new to
 * show. NULL: there is not, fn is not called.
 */
struct client_call;
typedef void (*client_refreshed_fn)(bool ok, void *arg);
struct client_call *client_refresh(struct client *cl, const char *path,
		    client_refreshed_fn fn, void *arg);

/* What befalls sends, and all that is patient; members may be NULL. */
struct client_hooks {
	/* not handed over yet, tried again in ms */
	void (*on_wait)(int64_t ms, const struct err *why, void *arg);
	/* the session had vanished; it is there again, and empty */
	void (*on_recreated)(void *arg);
	void *arg;
};
void		 client_set_hooks(struct client *cl,
		    const struct client_hooks *hooks);
/* For how long a send is tried again while the server cannot be reached; 0:
 * a few times only. With all, so is what may be repeated while a gateway
 * answers for the server: that one is there, and will be back. */
void		 client_set_patience(struct client *cl, int64_t ms, bool all);
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
 * GET, one with a part id, or one whose maker says so. 401 and 403 are tried
 * once more with a new token (18.6).
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
	bool repeat;		/* twice is as good as once */
	void (*on_cancel)(void *arg);	/* frees arg when cancelled, or NULL */
};
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
