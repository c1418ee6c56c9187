/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bearer.c - keys and tokens of a client */

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "client/bearer.h"
#include "wire/fetch.h"
#include "wire/token.h"

enum { ADDITIONAL_LEN = 24 };	/* session-protocol 3.2 */

static void
forget(char **s)
{
	if (*s != NULL)
		mem_wipe(*s, strlen(*s));
	free(*s);
	*s = NULL;
}

void
bearer_init(struct bearer *a, const char *token, const char *secret)
{
	*a = (struct bearer){ 0 };
	if (token != NULL && !token_looks_public(token)) {
		secret = token;
		token = NULL;
	}
	str_replace(&a->token, token);
	str_replace(&a->secret, secret);
}

void
bearer_clear(struct bearer *a)
{
	forget(&a->secret);
	forget(&a->token);
	free(a->key);
	free(a->streams);
	free(a->create);
	*a = (struct bearer){ 0 };
}

void
bearer_set_session(struct bearer *a, const char *key, const char *create)
{
	/* the token given at the start is for the first session we name */
	if (a->key != NULL && a->secret != NULL && strcmp(a->key, key) != 0)
		bearer_set_token(a, NULL);
	str_replace(&a->key, key);
	str_replace(&a->create, create);
	char *escaped = fetch_escape(key);
	free(a->streams);
	a->streams = xasprintf("/realtime/v1/sessions/%s/", escaped);
	free(escaped);
}

void
bearer_set_token(struct bearer *a, const char *token)
{
	forget(&a->token);
	str_replace(&a->token, token);
	a->changes++;
}

bool
bearer_is_stream(const struct bearer *a, const char *path)
{
	return a->streams != NULL &&
	    strncmp(path, a->streams, strlen(a->streams)) == 0;
}

const char *
bearer_for(const struct bearer *a, const char *path)
{
	if (a->token != NULL && (a->secret == NULL || bearer_is_stream(a, path)))
		return a->token;
	return a->secret;
}

bool
bearer_can_mint(const struct bearer *a, const char *path)
{
	return a->secret != NULL && bearer_is_stream(a, path);
}

/* tr_ENV_sk_ and 24 more: such a key cannot sign (session-protocol 3.2). */
static bool
is_additional(const char *key)
{
	static const char *const envs[] = { "dev", "stg", "prod", "preview" };

	for (size_t i = 0; i < NELEM(envs); i++) {
		size_t len = strlen(envs[i]);

		if (strncmp(key, "tr_", 3) != 0 ||
		    strncmp(key + 3, envs[i], len) != 0 ||
		    strncmp(key + 3 + len, "_sk_", 4) != 0)
			continue;
		const char *rest = key + 3 + len + 4;
		for (len = 0; isalnum((unsigned char)rest[len]); len++)
			continue;
		return len == ADDITIONAL_LEN && rest[len] == '\0';
	}
	return false;
}

const char *
bearer_mint_request(const struct bearer *a, struct buf *b)
{
	struct json_w w;

	if (!is_additional(a->secret))
		return "/api/v1/auth/jwt/claims";	/* E11: no body */
	json_w_init(&w, b);
	json_w_obj(&w);
	json_w_key(&w, "scopes");
	json_w_arr(&w);
	char *read = xasprintf("read:sessions:%s", a->key);
	char *write = xasprintf("write:sessions:%s", a->key);
	json_w_str(&w, read);
	json_w_str(&w, write);
	free(read);
	free(write);
	json_w_arr_end(&w);
	json_w_kstr(&w, "expirationTime", "1h");
	json_w_obj_end(&w);
	return "/api/v1/auth/public-tokens";	/* E12 */
}

char *
bearer_mint_token(const struct bearer *a, const struct json *answer,
    struct err *e)
{
	const char *made = json_get_str(answer, "token");
	const char *sub = json_get_str(answer, "sub");

	if (made != NULL)
		return xstrdup(made);
	if (sub == NULL) {
		err_set(e, ERR_FAILED, "the server names no environment");
		return NULL;
	}
	return token_make_session(a->secret, sub, a->key, NULL,
	    clock_ms() / 1000, e);
}
