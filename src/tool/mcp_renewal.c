/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mcp_renewal.c - a new token for an old one */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "tool/mcp_renewal.h"
#include "tool/mcp_token.h"
#include "tool/oauth.h"
#include "wire/fetch.h"

enum { RENEWAL_MS = 30 * 1000, ANSWER_MAX = 1024 * 1024 };

struct mcp_renewal {
	struct mcp_token *token;
	struct fetch *fetch;
	struct event *taken;	/* from the file: told from the loop */
	struct buf body;
	void (*fn)(const struct err *e, void *arg);
	void *arg;
};

void
mcp_renewal_cancel(struct mcp_renewal *r)
{
	if (r == NULL)
		return;
	if (r->fetch != NULL)
		fetch_cancel(r->fetch);
	event_free(r->taken);
	mem_wipe(r->body.data, r->body.len);
	buf_clear(&r->body);
	free(r);
}

static void
over(struct mcp_renewal *r, const struct err *e)
{
	void (*fn)(const struct err *, void *) = r->fn;
	void *arg = r->arg;

	mcp_renewal_cancel(r);
	fn(e, arg);
}

static int
body_came(const char *bytes, size_t len, void *arg)
{
	struct mcp_renewal *r = arg;

	return buf_add(&r->body, bytes, len);
}

static void
fetched(const struct fetch_result *res, void *arg)
{
	struct mcp_renewal *r = arg;
	struct err e = res->err;

	r->fetch = NULL;
	if (!err_is_set(&e) && mcp_token_take(r->token, r->body.data,
	    res->status, &e) == 0)
		(void)(mcp_token_put(r->token, &e) == 0);
	over(r, err_is_set(&e) ? &e : NULL);
}

static void
taken(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	over(arg, NULL);
}

static bool
take_newer(struct mcp_token *t)
{
	struct mcp_token kept;
	bool newer = mcp_token_get(&kept, t->url, NULL) == 0 &&
	    strcmp(kept.access, t->access) != 0;

	if (newer) {
		struct mcp_token old = *t;

		*t = kept;
		kept = old;
	}
	mcp_token_clear(&kept);
	return newer;
}

static int
send_form(struct mcp_renewal *r, struct fetch_pool *pool, struct err *e)
{
	struct buf form = BUF_INIT;

	mcp_token_refresh_form(r->token, &form);
	char *header = mcp_token_authenticate(r->token, &form);
	const char *headers[] = {
		"Content-Type: application/x-www-form-urlencoded",
		"Accept: application/json", header, NULL,
	};
	struct fetch_opts fo = {
		.url = r->token->endpoint, .headers = headers,
		.body = form.data, .body_len = form.len,
		.first_byte_ms = RENEWAL_MS, .idle_ms = RENEWAL_MS,
		.on_body = body_came, .on_done = fetched, .arg = r,
	};

	r->fetch = fetch_start(pool, &fo, e);
	free(header);
	mem_wipe(form.data, form.len);
	buf_clear(&form);
	return r->fetch != NULL ? 0 : -1;
}

struct mcp_renewal *
mcp_renewal_start(struct mcp_token *t, struct event_base *base,
    struct fetch_pool *pool, void (*fn)(const struct err *e, void *arg),
    void *arg, struct err *e)
{
	struct mcp_renewal *r;

	if (oauth_check_url(t->endpoint, e) == -1)
		return NULL;
	r = xcalloc(1, sizeof *r);
	r->token = t;
	r->fn = fn;
	r->arg = arg;
	r->taken = event_new(base, -1, 0, taken, r);
	buf_init_max(&r->body, ANSWER_MAX);
	if (take_newer(t)) {
		event_active(r->taken, EV_TIMEOUT, 0);
		return r;
	}
	if (send_form(r, pool, e) == 0)
		return r;
	mcp_renewal_cancel(r);
	return NULL;
}
