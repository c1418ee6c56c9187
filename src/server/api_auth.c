/* SPDX-License-Identifier: GPL-3.0-or-later */
/* api_auth.c - E11, E12: what a holder of the key needs to make tokens */

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "server/api.h"
#include "server/request.h"
#include "server/response.h"
#include "server/server_priv.h"
#include "wire/keyfile.h"
#include "wire/token.h"

enum {
	TTL_DEFAULT = 15 * 60,		/* seconds; as the SDK's */
	TTL_MAX = 30 * 24 * 3600,
};

static const struct keyfile *
keys_of(struct request *rq)
{
	if (rq->srv->opts.keys == NULL)
		respond_error(rq, 404, "This server has no key");
	return rq->srv->opts.keys;
}

/* The SDK signs for itself, with the secret key (session-protocol 3.3). */
void
api_auth_claims(struct request *rq)
{
	const struct keyfile *keys = keys_of(rq);
	struct buf body = BUF_INIT;
	struct json_w w;

	if (keys == NULL)
		return;
	json_w_init(&w, &body);
	json_w_obj(&w);
	json_w_kstr(&w, "sub", keys->env);
	json_w_kbool(&w, "pub", true);
	json_w_obj_end(&w);
	respond_json(rq, 200, &body);
}

/* A unix time, or a span from now; -1 if it is neither or out of bounds. */
static int
read_expiry(const struct json *v, int64_t now, int64_t *exp)
{
	int64_t span;

	if (v == NULL) {
		*exp = now + TTL_DEFAULT;
	} else if (json_is(v, JSON_STRING)) {
		span = clock_parse_span(json_str(v));
		if (span < 0)
			return -1;
		*exp = now + span / 1000;
	} else if (!json_is(v, JSON_NUMBER) || json_int64(v, exp) != 0) {
		return -1;
	}
	return *exp > now && *exp <= now + TTL_MAX ? 0 : -1;
}

/* The scopes as a list that ends in NULL; NULL if they are not such. */
static const char **
read_scopes(const struct json *v)
{
	const char **scopes;
	const struct json *one;
	size_t n = 0;

	if (!json_is(v, JSON_ARRAY) || json_len(v) == 0)
		return NULL;
	scopes = xcalloc(json_len(v) + 1, sizeof(*scopes));
	JSON_EACH(one, v) {
		if (!json_is(one, JSON_STRING) || json_len(one) == 0 ||
		    strlen(json_str(one)) != json_len(one)) {
			free(scopes);
			return NULL;
		}
		scopes[n++] = json_str(one);
	}
	return scopes;
}

static void
answer_token(struct request *rq, const struct token_claims *c)
{
	struct buf body = BUF_INIT;
	struct err e = ERR_INIT;
	struct json_w w;
	char *text = token_make(rq->srv->opts.keys->keys[0], c, &e);

	if (text == NULL) {
		respond_err(rq, &e);
		return;
	}
	json_w_init(&w, &body);
	json_w_obj(&w);
	json_w_kstr(&w, "token", text);
	json_w_obj_end(&w);
	free(text);
	respond_json(rq, 200, &body);
}

static void
make_token(struct request *rq, const struct json *body)
{
	const struct json *realtime = json_get(body, "realtime"),
	    *once = json_get(body, "oneTimeUse");
	int64_t now = clock_ms() / 1000;
	const char **scopes = read_scopes(json_get(body, "scopes"));
	struct token_claims c = { .sub = rq->srv->opts.keys->env,
	    .scopes = scopes, .iat = now, .otu = json_bool(once, false) };
	char *text = NULL;

	if (scopes == NULL)
		respond_error(rq, 400, "scopes: one string or more is wanted");
	else if (read_expiry(json_get(body, "expirationTime"), now,
	    &c.exp) != 0)
		respond_error(rq, 400, "expirationTime: a time to come is "
		    "wanted, of at most 30 days");
	else if (once != NULL && !json_is_bool(once))
		respond_error(rq, 400, "oneTimeUse: true or false is wanted");
	else if (realtime != NULL && !json_is(realtime, JSON_OBJECT))
		respond_error(rq, 400, "realtime: an object is wanted");
	else {
		if (realtime != NULL)
			c.realtime = text = json_text(realtime);
		answer_token(rq, &c);
	}
	free(text);
	free(scopes);
}

/* session-protocol 3.4: for keys that cannot sign */
void
api_auth_public_token(struct request *rq)
{
	struct json_doc *doc;

	if (keys_of(rq) == NULL)
		return;
	doc = request_json(rq);
	if (doc == NULL)
		return;
	make_token(rq, json_root(doc));
	json_doc_free(doc);
}
