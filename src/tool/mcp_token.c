/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mcp_token.c - what a person's sign-in at an MCP server gave */

#include "config.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "tool/mcp_token.h"
#include "tool/oauth.h"
#include "wire/fetch.h"

enum {
	TOKENS_MAX = 4 * 1024 * 1024,
	OLD_MS = 60 * 1000,
};

static const struct {
	const char *name;
	size_t offset;
} members[] = {
	{ "url", offsetof(struct mcp_token, url) },
	{ "issuer", offsetof(struct mcp_token, issuer) },
	{ "tokenEndpoint", offsetof(struct mcp_token, endpoint) },
	{ "clientId", offsetof(struct mcp_token, client_id) },
	{ "clientSecret", offsetof(struct mcp_token, client_secret) },
	{ "method", offsetof(struct mcp_token, method) },
	{ "accessToken", offsetof(struct mcp_token, access) },
	{ "refreshToken", offsetof(struct mcp_token, refresh) },
	{ "scope", offsetof(struct mcp_token, scope) },
};

static char **
member(struct mcp_token *t, size_t i)
{
	return (char **)(void *)((char *)t + members[i].offset);
}

void
mcp_token_clear(struct mcp_token *t)
{
	for (size_t i = 0; i < NELEM(members); i++) {
		char **s = member(t, i);

		if (*s != NULL)
			mem_wipe(*s, strlen(*s));
		free(*s);
	}
	memset(t, 0, sizeof *t);
}

/* ---------------------------------------------------------------- the file */

/* NULL and e unset: there is none. */
static struct json_doc *
file_read(const char *path, struct err *e)
{
	struct err why = ERR_INIT;
	struct json_doc *doc = NULL;
	struct buf b = BUF_INIT;

	if (buf_read_file(&b, path, TOKENS_MAX, &why) == 0)
		doc = json_parse(b.data, b.len, 0, &why);
	if (doc == NULL && why.code != ERR_NOT_FOUND)
		err_set(e, ERR_CONFIG, "%s: %s", path, why.text);
	mem_wipe(b.data, b.len);
	buf_clear(&b);
	return doc;
}

int
mcp_token_get(struct mcp_token *t, const char *url, struct err *e)
{
	char *path = path_data("mcp-tokens.json");
	struct err why = ERR_INIT;
	struct json_doc *doc = file_read(path, &why);
	const struct json *v;

	memset(t, 0, sizeof *t);
	JSON_EACH(v, json_get(json_root(doc), "tokens")) {
		if (!json_streq(json_get(v, "url"), url))
			continue;
		for (size_t i = 0; i < NELEM(members); i++)
			str_replace(member(t, i),
			    json_get_str(v, members[i].name));
		(void)json_int64(json_get(v, "expires"), &t->expires);
	}
	json_doc_free(doc);
	free(path);
	if (t->access != NULL && t->endpoint != NULL && t->client_id != NULL)
		return 0;
	return err_set(e, ERR_NOT_FOUND, "%s", err_is_set(&why) ? why.text :
	    "nobody has signed in there");
}

static void
write_token(struct json_w *w, const struct mcp_token *t)
{
	struct mcp_token copy = *t;

	json_w_obj(w);
	for (size_t i = 0; i < NELEM(members); i++)
		if (*member(&copy, i) != NULL)
			json_w_kstr(w, members[i].name, *member(&copy, i));
	json_w_kint(w, "expires", t->expires);
	json_w_obj_end(w);
}

/* Without the one of url, and with t, if there is one. */
static int
file_change(const char *path, const char *url, const struct mcp_token *t,
    struct err *e)
{
	struct err why = ERR_INIT;
	struct json_doc *doc = file_read(path, &why);
	struct buf b = BUF_INIT;
	const struct json *v;
	struct json_w w;
	int r;

	if (err_is_set(&why))
		return err_pass(e, &why);
	json_w_init(&w, &b);
	json_w_obj(&w);
	json_w_key(&w, "tokens");
	json_w_arr(&w);
	JSON_EACH(v, json_get(json_root(doc), "tokens"))
		if (!json_streq(json_get(v, "url"), url))
			json_w_value(&w, v);
	if (t != NULL)
		write_token(&w, t);
	json_w_arr_end(&w);
	json_w_obj_end(&w);
	buf_addc(&b, '\n');
	r = path_write_whole(path, b.data, b.len, 0600, e);
	mem_wipe(b.data, b.len);
	buf_clear(&b);
	json_doc_free(doc);
	return r;
}

static int
change_locked(const char *url, const struct mcp_token *t, struct err *e)
{
	char *path = path_data("mcp-tokens.json");
	char *lock = path_data("mcp-tokens.lock");
	int fd, r = path_make_parent(path, e);

	if (r == 0) {
		/* without the lock two at the same time would lose one */
		fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		if (fd != -1)
			(void)flock(fd, LOCK_EX);
		r = file_change(path, url, t, e);
		if (fd != -1)
			close(fd);
	}
	free(path);
	free(lock);
	return r;
}

int
mcp_token_put(const struct mcp_token *t, struct err *e)
{
	return change_locked(t->url, t, e);
}

int
mcp_token_remove(const char *url, struct err *e)
{
	return change_locked(url, NULL, e);
}

/* ------------------------------------------------------------ the endpoint */

bool
mcp_token_is_old(const struct mcp_token *t)
{
	return t->expires != 0 && t->expires - clock_ms() < OLD_MS;
}

char *
mcp_token_authenticate(const struct mcp_token *t, struct buf *form)
{
	struct buf b = BUF_INIT, pair = BUF_INIT;
	char *id, *secret;

	if (t->client_secret == NULL || t->method == NULL ||
	    strcmp(t->method, "client_secret_basic") != 0) {
		oauth_add(form, "client_id", t->client_id);
		if (t->method == NULL || strcmp(t->method, "none") != 0)
			oauth_add(form, "client_secret", t->client_secret);
		return NULL;
	}
	id = fetch_escape(t->client_id);
	secret = fetch_escape(t->client_secret);
	buf_addf(&pair, "%s:%s", id, secret);
	buf_adds(&b, "Authorization: Basic ");
	base64_encode(&b, pair.data, pair.len);
	mem_wipe(pair.data, pair.len);
	buf_clear(&pair);
	free(id);
	free(secret);
	return buf_take(&b);
}

void
mcp_token_refresh_form(const struct mcp_token *t, struct buf *form)
{
	oauth_add(form, "grant_type", "refresh_token");
	oauth_add(form, "refresh_token", t->refresh);
	oauth_add(form, "resource", t->url);
	oauth_add(form, "scope", t->scope);
}

static int
take_failure(const struct json *root, int status, struct err *e)
{
	const char *what = json_get_str(root, "error");
	const char *text = json_get_str(root, "error_description");

	return err_set(e, ERR_AUTH, "no token was given: %s%s%s (status %d)",
	    what != NULL ? what : "", text != NULL ? ": " : "",
	    text != NULL ? text : "", status);
}

int
mcp_token_take(struct mcp_token *t, const char *text, int status,
    struct err *e)
{
	struct json_doc *doc = json_parse(text, strlen(text), 0, NULL);
	const struct json *root = json_root(doc);
	int64_t seconds;
	int r = 0;

	if (status != 200 || json_get_str(root, "access_token") == NULL) {
		r = take_failure(root, status, e);
	} else {
		str_replace(&t->access, json_get_str(root, "access_token"));
		/* a new one takes the place of the old one, if there is one */
		if (json_get_str(root, "refresh_token") != NULL)
			str_replace(&t->refresh,
			    json_get_str(root, "refresh_token"));
		if (json_get_str(root, "scope") != NULL)
			str_replace(&t->scope, json_get_str(root, "scope"));
		t->expires = json_int64(json_get(root, "expires_in"),
		    &seconds) == 0 ? clock_ms() + seconds * 1000 : 0;
	}
	json_doc_free(doc);
	return r;
}
