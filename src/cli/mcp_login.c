/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mcp_login.c - chatd mcp login and logout: OAuth for MCP servers (mcp 5.5) */

/*
 *	challenge ─► resource metadata ─► issuer's metadata ─► client id
 *	    ─► the person's page ─► code ─► token
 */

#include <event2/event.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "cli/halves.h"
#include "cli/mcp.h"
#include "cli/mcp_callback.h"
#include "cli/opts.h"
#include "cli/out.h"
#include "tool/mcp_token.h"
#include "tool/oauth.h"
#include "wire/fetch.h"

enum { ANSWER_MAX = 1024 * 1024 };

/* A request that is waited for. */
struct ask {
	struct event_base *base;
	struct buf body;
	char *challenge;	/* WWW-Authenticate */
	int status;
	bool done;
	struct err err;
};

struct login {
	struct halves h;
	const struct opts *opts;
	struct mcp_config config;
	const struct mcp_entry *entry;
	char *challenge;
	struct json_doc *resource, *issuer;	/* metadata, or NULL */
	struct mcp_token token;
	struct callback callback;
	char *redirect;
	char *register_at, *authorize_at;
	char state[OAUTH_SECRET_MAX], verifier[OAUTH_SECRET_MAX];
};

/* requests */

static int
head_came(const struct fetch_head *head, void *arg)
{
	struct ask *a = arg;

	str_replace(&a->challenge, fetch_header(head->fetch,
	    "www-authenticate"));
	return 0;
}

static int
body_came(const char *bytes, size_t len, void *arg)
{
	struct ask *a = arg;

	return buf_add(&a->body, bytes, len);
}

static void
fetched(const struct fetch_result *res, void *arg)
{
	struct ask *a = arg;

	a->status = res->status;
	a->err = res->err;
	a->done = true;
	event_base_loopbreak(a->base);
}

static void
ask_clear(struct ask *a)
{
	mem_wipe(a->body.data, a->body.len);
	buf_clear(&a->body);
	free(a->challenge);
}

/* Clear a with ask_clear() in any case. */
static int
ask(struct login *l, struct ask *a, const char *url, const char *type,
    const struct buf *body, const char *header, struct err *e)
{
	char *kind = xasprintf("Content-Type: %s", type);
	const char *headers[] = {
		"Accept: application/json, text/event-stream", kind, header,
		NULL,
	};
	struct fetch_opts fo = {
		.url = url, .headers = headers, .on_head = head_came,
		.on_body = body_came, .on_done = fetched, .arg = a,
		.first_byte_ms = 30 * 1000, .idle_ms = 30 * 1000,
	};

	memset(a, 0, sizeof(*a));
	a->base = l->h.base;
	buf_init_max(&a->body, ANSWER_MAX);
	if (body != NULL) {
		fo.body = body->data;
		fo.body_len = body->len;
	}
	struct fetch *f = fetch_start(l->h.fetch, &fo, e);

	while (f != NULL && !a->done)
		event_base_dispatch(a->base);
	free(kind);
	if (f == NULL)
		return -1;
	if (err_is_set(&a->err))
		return err_set(e, a->err.code, "%s: %s", url, a->err.text);
	return 0;
}

/* A document, or NULL where there is none. */
static struct json_doc *
get_json(struct login *l, const char *url)
{
	struct json_doc *doc = NULL;
	struct err e = ERR_INIT;
	struct ask a;

	if (oauth_check_url(url, &e) == -1)
		return NULL;
	if (ask(l, &a, url, "application/json", NULL, NULL, &e) == 0 &&
	    a.status == 200)
		doc = json_parse(a.body.data, a.body.len, 0, NULL);
	ask_clear(&a);
	return doc;
}

/* metadata */

/* What does the server say to one who has no token? */
static int
get_challenge(struct login *l, struct err *e)
{
	struct buf body = BUF_INIT;
	struct ask a;
	int r;

	buf_adds(&body, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":"
	    "\"initialize\",\"params\":{\"protocolVersion\":\"2025-11-25\","
	    "\"capabilities\":{},\"clientInfo\":{\"name\":\"chatd\","
	    "\"version\":\"1\"}}}");
	r = ask(l, &a, l->entry->url, "application/json", &body, NULL, e);
	if (r == 0)
		str_replace(&l->challenge, a.challenge);
	ask_clear(&a);
	buf_clear(&body);
	return r;
}

static int
find_resource(struct login *l, struct err *e)
{
	char *url = oauth_challenge(l->challenge, "resource_metadata");
	const char *resource;

	if (url != NULL)
		l->resource = get_json(l, url);
	for (size_t i = 0; l->resource == NULL; i++) {
		free(url);
		url = oauth_resource_url(l->entry->url, i);
		if (url == NULL)
			break;
		l->resource = get_json(l, url);
	}
	free(url);
	resource = json_get_str(json_root(l->resource), "resource");
	/* else a token for it would be given to somebody else */
	if (resource != NULL && !oauth_is_resource(resource, l->entry->url))
		return err_set(e, ERR_FAILED, "%s says it is %s: not trusted",
		    l->entry->url, resource);
	return 0;
}

static int
find_issuer(struct login *l, struct err *e)
{
	const char *named = json_str(json_at(json_get(json_root(l->resource),
	    "authorization_servers"), 0));
	const char *issuer;
	char *url;

	/* servers of 2025-03-26 are their own */
	l->token.issuer = named != NULL ? xstrdup(named) :
	    oauth_origin(l->entry->url);
	for (size_t i = 0; l->issuer == NULL; i++) {
		url = oauth_issuer_url(l->token.issuer, i);
		if (url == NULL)
			break;
		l->issuer = get_json(l, url);
		free(url);
	}
	issuer = json_get_str(json_root(l->issuer), "issuer");
	if (l->issuer == NULL && named != NULL)
		return err_set(e, ERR_FAILED, "%s tells nothing about itself",
		    named);
	if (issuer != NULL && named != NULL && (!oauth_is_resource(issuer,
	    named) || !oauth_is_resource(named, issuer)))
		return err_set(e, ERR_FAILED, "%s says it is %s: not trusted",
		    named, issuer);
	return 0;
}

/* An address that the issuer gives, or the one of old servers. */
static char *
endpoint(struct login *l, const char *name, const char *otherwise)
{
	const char *given = json_get_str(json_root(l->issuer), name);

	if (given != NULL || l->issuer != NULL)
		return given == NULL ? NULL : xstrdup(given);
	return xasprintf("%s%s", l->token.issuer, otherwise);
}

static int
find_endpoints(struct login *l, struct err *e)
{
	const struct json *root = json_root(l->issuer);

	l->authorize_at = endpoint(l, "authorization_endpoint", "/authorize");
	l->register_at = endpoint(l, "registration_endpoint", "/register");
	l->token.endpoint = endpoint(l, "token_endpoint", "/token");
	if (oauth_check_url(l->authorize_at, e) == -1 ||
	    oauth_check_url(l->token.endpoint, e) == -1)
		return -1;
	if (l->issuer != NULL && !json_lists(json_get(root,
	    "code_challenge_methods_supported"), "S256"))
		return err_set(e, ERR_FAILED, "%s does not offer PKCE with "
		    "S256", l->token.issuer);
	return 0;
}

/* who we are */

static const char *
best_method(const struct login *l, bool secret)
{
	static const char *const methods[] = {
		"none", "client_secret_basic", "client_secret_post",
	};
	const struct json *list = json_get(json_root(l->issuer),
	    "token_endpoint_auth_methods_supported");

	if (!json_is(list, JSON_ARRAY))
		return secret ? "client_secret_basic" : "none";
	for (size_t i = secret ? 1 : 0; i < NELEM(methods); i++)
		if (json_lists(list, methods[i]))
			return methods[i];
	return secret ? "client_secret_basic" : "none";
}

static void
write_client(const struct login *l, struct buf *b)
{
	struct json_w w;

	json_w_init(&w, b);
	json_w_obj(&w);
	json_w_kstr(&w, "client_name", "chatd");
	json_w_key(&w, "redirect_uris");
	json_w_arr(&w);
	json_w_str(&w, l->redirect);
	json_w_arr_end(&w);
	json_w_kraw(&w, "grant_types",
	    "[\"authorization_code\",\"refresh_token\"]");
	json_w_kraw(&w, "response_types", "[\"code\"]");
	json_w_kstr(&w, "token_endpoint_auth_method", best_method(l, false));
	json_w_obj_end(&w);
}

static int
take_client(struct login *l, const struct ask *a, struct err *e)
{
	struct json_doc *doc = json_parse(a->body.data, a->body.len, 0, NULL);
	const struct json *root = json_root(doc);
	const char *method = json_get_str(root, "token_endpoint_auth_method");
	int r = 0;

	str_replace(&l->token.client_id, json_get_str(root, "client_id"));
	str_replace(&l->token.client_secret,
	    json_get_str(root, "client_secret"));
	str_replace(&l->token.method, method != NULL ? method :
	    best_method(l, l->token.client_secret != NULL));
	if (a->status / 100 != 2 || l->token.client_id == NULL)
		r = err_set(e, ERR_AUTH, "%s does not take us as a client "
		    "(status %d)", l->token.issuer, a->status);
	json_doc_free(doc);
	return r;
}

static int
find_client(struct login *l, struct err *e)
{
	const struct mcp_entry *entry = l->entry;
	struct buf body = BUF_INIT;
	struct ask a;
	int r;

	/* the address of a document about us is only good where it is read */
	if (entry->client_id != NULL && (strncmp(entry->client_id, "https://",
	    8) != 0 || json_bool(json_get(json_root(l->issuer),
	    "client_id_metadata_document_supported"), false))) {
		str_replace(&l->token.client_id, entry->client_id);
		str_replace(&l->token.client_secret, entry->client_secret);
		str_replace(&l->token.method, best_method(l,
		    entry->client_secret != NULL));
		return 0;
	}
	if (l->register_at == NULL) {
		err_set(e, ERR_AUTH, "%s wants to know its clients "
		    "beforehand", l->token.issuer);
		return err_hint(e, "put \"oauth\": {\"clientId\": ...} into "
		    "mcp.json");
	}
	if (oauth_check_url(l->register_at, e) == -1)
		return -1;
	write_client(l, &body);
	r = ask(l, &a, l->register_at, "application/json", &body, NULL, e);
	if (r == 0)
		r = take_client(l, &a, e);
	ask_clear(&a);
	buf_clear(&body);
	return r;
}

/* Said on the command line or in the file; asked for; all there are. */
static char *
find_scope(const struct login *l)
{
	char *asked = oauth_challenge(l->challenge, "scope");
	struct buf b = BUF_INIT;
	const struct json *v;

	if (l->opts->scope != NULL || l->entry->scope != NULL) {
		free(asked);
		return xstrdup(l->opts->scope != NULL ? l->opts->scope :
		    l->entry->scope);
	}
	if (asked != NULL)
		return asked;
	JSON_EACH(v, json_get(json_root(l->resource), "scopes_supported"))
		if (json_is(v, JSON_STRING))
			buf_addf(&b, "%s%s", b.len > 0 ? " " : "",
			    json_str(v));
	return b.len > 0 ? buf_take(&b) : NULL;
}

/* the page, the code, the token */

static void
write_page(const struct login *l, struct buf *b)
{
	char *s256 = oauth_s256(l->verifier);

	buf_addf(b, "%s%c", l->authorize_at,
	    strchr(l->authorize_at, '?') != NULL ? '&' : '?');
	oauth_add(b, "response_type", "code");
	oauth_add(b, "client_id", l->token.client_id);
	oauth_add(b, "redirect_uri", l->redirect);
	oauth_add(b, "code_challenge", s256);
	oauth_add(b, "code_challenge_method", "S256");
	oauth_add(b, "state", l->state);
	oauth_add(b, "resource", l->entry->url);
	oauth_add(b, "scope", l->token.scope);
	free(s256);
}

/* The code; caller frees. */
static char *
read_callback(const struct login *l, const char *url, struct err *e)
{
	char *state = oauth_query(url, "state");
	char *issuer = oauth_query(url, "iss");
	char *code = oauth_query(url, "code");
	char *error = oauth_query(url, "error");
	bool ours = state != NULL && strcmp(state, l->state) == 0 &&
	    (issuer == NULL || strcmp(issuer, l->token.issuer) == 0);

	if (!ours)
		err_set(e, ERR_AUTH, "an answer came that is not to our "
		    "question");
	else if (code == NULL)
		err_set(e, ERR_AUTH, "signing in failed: %s",
		    error != NULL ? error : "no code");
	if (!ours) {
		free(code);
		code = NULL;
	}
	free(state);
	free(issuer);
	free(error);
	return code;
}

static char *
get_code(struct login *l, struct err *e)
{
	struct buf page = BUF_INIT;
	char *url, *code = NULL;

	write_page(l, &page);
	url = callback_wait(&l->callback, page.data, e);
	if (url != NULL)
		code = read_callback(l, url, e);
	free(url);
	buf_clear(&page);
	return code;
}

static int
get_token(struct login *l, const char *code, struct err *e)
{
	struct buf form = BUF_INIT;
	char *header;
	struct ask a;
	int r;

	oauth_add(&form, "grant_type", "authorization_code");
	oauth_add(&form, "code", code);
	oauth_add(&form, "redirect_uri", l->redirect);
	oauth_add(&form, "code_verifier", l->verifier);
	oauth_add(&form, "resource", l->entry->url);
	header = mcp_token_authenticate(&l->token, &form);
	r = ask(l, &a, l->token.endpoint, "application/x-www-form-urlencoded",
	    &form, header, e);
	if (r == 0)
		r = mcp_token_take(&l->token, a.body.data, a.status, e);
	ask_clear(&a);
	free(header);
	mem_wipe(form.data, form.len);
	buf_clear(&form);
	return r;
}

static int
sign_in(struct login *l, struct err *e)
{
	char *code;
	int r;

	if (oauth_check_url(l->entry->url, e) == -1 ||
	    get_challenge(l, e) == -1 || find_resource(l, e) == -1 ||
	    find_issuer(l, e) == -1 || find_endpoints(l, e) == -1 ||
	    callback_open(&l->callback, e) == -1)
		return -1;
	l->redirect = xasprintf("http://127.0.0.1:%d/callback",
	    l->callback.port);
	if (find_client(l, e) == -1)
		return -1;
	l->token.scope = find_scope(l);
	l->token.url = xstrdup(l->entry->url);
	oauth_secret(l->state);
	oauth_secret(l->verifier);
	code = get_code(l, e);
	if (code == NULL)
		return -1;
	r = get_token(l, code, e);
	free(code);
	return r == 0 ? mcp_token_put(&l->token, e) : -1;
}

static void
login_clear(struct login *l)
{
	free(l->challenge);
	json_doc_free(l->resource);
	json_doc_free(l->issuer);
	mcp_token_clear(&l->token);
	callback_close(&l->callback);
	free(l->redirect);
	free(l->register_at);
	free(l->authorize_at);
	mem_wipe(l->verifier, sizeof(l->verifier));
	halves_close(&l->h);
	mcp_config_clear(&l->config);
}

int
mcp_cli_login(const struct opts *o, char *const *words, struct err *e)
{
	struct login l = { .opts = o, .callback = { .fd = -1 } };
	int r = -1;

	if (mcp_cli_load(&l.config, e) == 0) {
		l.entry = mcp_cli_address(&l.config, words[0], e);
		if (l.entry != NULL && halves_open(&l.h, HALVES_LOOP, o,
		    e) == 0)
			r = sign_in(&l, e);
	}
	if (r == 0)
		out_note("signed in at %s", l.entry->url);
	login_clear(&l);
	return r;
}

int
mcp_cli_logout(const struct opts *o, char *const *words, struct err *e)
{
	struct mcp_config config = { 0 };
	const struct mcp_entry *entry;
	int r = mcp_cli_load(&config, e);

	(void)o;
	if (r == 0) {
		entry = mcp_cli_address(&config, words[0], e);
		r = entry == NULL ? -1 : mcp_token_remove(entry->url, e);
	}
	mcp_config_clear(&config);
	return r;
}
