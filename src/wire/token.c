/* SPDX-License-Identifier: GPL-3.0-or-later */
/* token.c - public access tokens: made and checked */

/*
 * The one file that knows libjwt. It is loaded when the first token is made
 * or checked: with OpenSSL and Jansson behind it, it would cost every start of
 * the program a millisecond.
 *
 * libjwt only settles the signature; what the claims say is read with our
 * JSON. Its ways that matter here:
 *  - It takes every algorithm the header names, HS512 with our key too: so
 *    the algorithm is asked before anything else is.
 *  - Without a key it "decodes" any token: so an empty key is never handed in.
 *  - It compares signatures in constant time since 1.15.4 (CVE-2024-25189);
 *    Debian's 1.10.2 has the fix.
 */

#include <dlfcn.h>
#include <jwt.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "wire/token.h"

#define ISSUER		"https://id.trigger.dev"
#define AUDIENCE	"https://api.trigger.dev"

/* session-protocol 3.5: what a client is told */
#define INVALID		"Public Access Token is invalid"
#define UNKNOWN		"Invalid Public Access Token"

#define JWT_FUNCTIONS(X)						\
	X(jwt_new) X(jwt_free) X(jwt_decode) X(jwt_get_alg)		\
	X(jwt_get_header)						\
	X(jwt_set_alg) X(jwt_add_grants_json) X(jwt_get_grants_json)	\
	X(jwt_encode_str)

struct jwt_lib {
	void *handle;
#define X(name) __typeof__(name) *name;
	JWT_FUNCTIONS(X)
#undef X
};

struct token {
	int64_t exp;
	struct json_doc *doc;		/* owns the scopes' text */
	const char **scopes;
};

static bool
jwt_lib_load(struct jwt_lib *lib)
{
	/* the interfaces of 1.10 to 2.x, as far as used here, are one */
	static const char *const names[] = {
		"libjwt.so.2", "libjwt.so.1", "libjwt.so.0",
	};

	for (size_t i = 0; i < NELEM(names) && lib->handle == NULL; i++)
		lib->handle = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
	if (lib->handle == NULL)
		return false;
#define X(name)								\
	lib->name = (__typeof__(name) *)dlsym(lib->handle, #name);	\
	if (lib->name == NULL)						\
		goto incomplete;
	JWT_FUNCTIONS(X)
#undef X
	return true;
incomplete:
	(void)dlclose(lib->handle);
	lib->handle = NULL;
	return false;
}

/* Loaded once in a process, and stays. */
static const struct jwt_lib *
jwt_lib(struct err *e)
{
	static struct jwt_lib lib;

	if (lib.handle == NULL && !jwt_lib_load(&lib)) {
		err_set(e, ERR_CONFIG, "cannot load libjwt, "
		    "which makes and checks access tokens");
		err_hint(e, "install libjwt0 (Debian) or libjwt");
		return NULL;
	}
	return &lib;
}

static char *
claims_text(const struct token_claims *c)
{
	struct buf b = BUF_INIT;
	struct json_w w;

	json_w_init(&w, &b);
	json_w_obj(&w);
	json_w_kstr(&w, "sub", c->sub);
	json_w_kbool(&w, "pub", true);
	json_w_key(&w, "scopes");
	json_w_arr(&w);
	for (const char *const *s = c->scopes; *s != NULL; s++)
		json_w_str(&w, *s);
	json_w_arr_end(&w);
	if (c->otu)
		json_w_kbool(&w, "otu", true);
	if (c->realtime != NULL)
		json_w_kraw(&w, "realtime", c->realtime);
	json_w_kstr(&w, "iss", ISSUER);
	json_w_kstr(&w, "aud", AUDIENCE);
	json_w_kint(&w, "iat", c->iat);
	json_w_kint(&w, "exp", c->exp);
	json_w_obj_end(&w);
	return buf_take(&b);
}

char *
token_make(const char *key, const struct token_claims *c, struct err *e)
{
	const struct jwt_lib *lib = jwt_lib(e);
	char *claims, *text = NULL;
	jwt_t *jwt = NULL;

	if (lib == NULL)
		return NULL;
	claims = claims_text(c);
	if (*key != '\0' && lib->jwt_new(&jwt) == 0 &&
	    lib->jwt_add_grants_json(jwt, claims) == 0 &&
	    lib->jwt_set_alg(jwt, JWT_ALG_HS256, (const unsigned char *)key,
	    (int)strlen(key)) == 0)
		text = lib->jwt_encode_str(jwt);
	lib->jwt_free(jwt);
	free(claims);
	if (text == NULL)
		err_set(e, ERR_FAILED, "cannot sign an access token");
	return text;
}

char *
token_make_session(const char *key, const char *env, const char *id,
    const char *run, int64_t now, struct err *e)
{
	char *scope[4] = { NULL, NULL, NULL, NULL }, *text;
	const char *scopes[5] = { NULL, NULL, NULL, NULL, NULL };
	struct token_claims c = { .sub = env, .scopes = scopes, .iat = now,
	    .exp = now + TOKEN_TTL_DEFAULT };
	int n = 0;

	if (run != NULL)
		scope[n++] = xasprintf("read:runs:%s", run);
	scope[n++] = xasprintf("read:sessions:%s", id);
	if (run != NULL)
		scope[n++] = xasprintf("write:inputStreams:%s", run);
	scope[n++] = xasprintf("write:sessions:%s", id);
	for (int i = 0; i < n; i++)
		scopes[i] = scope[i];
	text = token_make(key, &c, e);
	for (int i = 0; i < n; i++)
		free(scope[i]);
	return text;
}

/* Its own word for it too: libjwt takes "hs256" for the same. */
static bool
is_hs256(const struct jwt_lib *lib, jwt_t *jwt)
{
	const char *alg = lib->jwt_get_header(jwt, "alg");

	return lib->jwt_get_alg(jwt) == JWT_ALG_HS256 && alg != NULL &&
	    strcmp(alg, "HS256") == 0;
}

/* The claims as JSON, of a token that one of the keys has signed, or NULL. */
static char *
signed_claims(const struct jwt_lib *lib, const char *text,
    const char *const *keys)
{
	for (; *keys != NULL; keys++) {
		jwt_t *jwt = NULL;
		char *claims = NULL;

		if (**keys == '\0' || lib->jwt_decode(&jwt, text,
		    (const unsigned char *)*keys, (int)strlen(*keys)) != 0)
			continue;
		if (is_hs256(lib, jwt))
			claims = lib->jwt_get_grants_json(jwt, NULL);
		lib->jwt_free(jwt);
		if (claims != NULL)
			return claims;
	}
	return NULL;
}

static bool
audience_is_ours(const struct json *aud)
{
	const struct json *v;

	if (json_is(aud, JSON_STRING))
		return json_streq(aud, AUDIENCE);
	if (!json_is(aud, JSON_ARRAY))
		return false;
	JSON_EACH(v, aud)
		if (json_is(v, JSON_STRING) && json_streq(v, AUDIENCE))
			return true;
	return false;
}

/* Seconds, whole or not; a claim of another kind is a wrong one. */
static bool
seconds(const struct json *v, double *out)
{
	return json_is(v, JSON_NUMBER) && json_double(v, out) == 0;
}

static bool
claims_hold(const struct json *claims, int64_t now)
{
	const struct json *nbf = json_get(claims, "nbf");
	const char *iss = json_get_str(claims, "iss");
	double exp, from;

	return json_is(claims, JSON_OBJECT) &&
	    json_is(json_get(claims, "pub"), JSON_TRUE) &&
	    iss != NULL && strcmp(iss, ISSUER) == 0 &&
	    audience_is_ours(json_get(claims, "aud")) &&
	    seconds(json_get(claims, "exp"), &exp) && exp > (double)now &&
	    (nbf == NULL || (seconds(nbf, &from) && from <= (double)now));
}

/* A scope with a NUL in it would be read as a shorter one, which says more. */
static void
scopes_read(struct token *t, const struct json *scopes)
{
	const struct json *v;
	size_t n = 0;

	if (!json_is(scopes, JSON_ARRAY))
		scopes = NULL;
	t->scopes = xcalloc(json_len(scopes) + 1, sizeof(*t->scopes));
	JSON_EACH(v, scopes)
		if (json_is(v, JSON_STRING) &&
		    strlen(json_str(v)) == json_len(v))
			t->scopes[n++] = json_str(v);
}

static struct token *
token_read(struct json_doc *doc, const char *env, int64_t now, struct err *e)
{
	const struct json *claims = json_root(doc);
	const char *sub = json_get_str(claims, "sub");
	struct token *t;
	double exp;

	if (json_is(claims, JSON_OBJECT) &&
	    (sub == NULL || strcmp(sub, env) != 0)) {
		err_set(e, ERR_AUTH, UNKNOWN);
		return NULL;
	}
	if (!claims_hold(claims, now)) {
		err_set(e, ERR_AUTH, INVALID);
		return NULL;
	}
	t = xcalloc(1, sizeof(*t));
	t->doc = doc;
	(void)json_double(json_get(claims, "exp"), &exp);
	t->exp = exp < (double)(INT64_MAX / 1024) ? (int64_t)exp :
	    INT64_MAX / 1024;
	scopes_read(t, json_get(claims, "scopes"));
	return t;
}

struct token *
token_check(const char *text, const char *const *keys, const char *env,
    int64_t now, struct err *e)
{
	const struct jwt_lib *lib = jwt_lib(e);
	struct json_doc *doc = NULL;
	struct token *t = NULL;
	char *claims = NULL;

	if (lib == NULL)
		return NULL;
	if (strlen(text) <= TOKEN_MAX)
		claims = signed_claims(lib, text, keys);
	if (claims != NULL)
		doc = json_parse(claims, strlen(claims), 0, NULL);
	if (doc == NULL)
		err_set(e, ERR_AUTH, INVALID);
	else if ((t = token_read(doc, env, now, e)) == NULL)
		json_doc_free(doc);
	free(claims);
	return t;
}

void
token_free(struct token *t)
{
	if (t == NULL)
		return;
	json_doc_free(t->doc);
	free(t->scopes);
	free(t);
}

/* What stands between two dots, as JSON. NULL: it is none. */
static struct json_doc *
claims_unchecked(const char *text)
{
	const char *dot = strchr(text, '.');
	size_t len = dot == NULL ? 0 : strcspn(dot + 1, ".");
	struct buf letters = BUF_INIT, plain = BUF_INIT;
	struct json_doc *doc = NULL;

	if (dot == NULL || dot[1 + len] != '.')
		return NULL;
	for (const char *s = dot + 1; s <= dot + len; s++)
		buf_addc(&letters, *s == '-' ? '+' : *s == '_' ? '/' : *s);
	if (base64_decode(&plain, letters.data, letters.len) == 0)
		doc = json_parse(plain.data, plain.len, 0, NULL);
	buf_clear(&letters);
	buf_clear(&plain);
	return doc;
}

/* Whatever its head says: what it is comes before whether it is good (3.5). */
bool
token_looks_public(const char *text)
{
	struct json_doc *doc = strlen(text) > TOKEN_MAX ? NULL :
	    claims_unchecked(text);
	bool yes = doc != NULL && json_is(json_get(json_root(doc), "pub"),
	    JSON_TRUE);

	json_doc_free(doc);
	return yes;
}

const char *const *
token_scopes(const struct token *t)
{
	return t->scopes;
}

int64_t
token_expires(const struct token *t)
{
	return t->exp;
}
