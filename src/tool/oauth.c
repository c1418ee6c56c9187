/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oauth.c - the texts of OAuth 2.1 as MCP servers use it (mcp 5.5) */

#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/sha256.h"
#include "tool/oauth.h"
#include "wire/fetch.h"

#define WELL_KNOWN "/.well-known/"

/* ---------------------------------------------------------------- headers */

/* The value that begins at s: "in quotes" or bare. */
static char *
value_at(const char *s)
{
	struct buf b = BUF_INIT;

	if (*s != '"')
		return xstrndup(s, strcspn(s, ", \t"));
	for (s++; *s != '\0' && *s != '"'; s++) {
		if (*s == '\\' && s[1] != '\0')
			s++;
		buf_addc(&b, *s);
	}
	return buf_take(&b);
}

char *
oauth_challenge(const char *header, const char *name)
{
	size_t len = strlen(name);

	if (header == NULL || strncasecmp(header, "Bearer", 6) != 0)
		return NULL;
	for (const char *s = header + 6; *s != '\0'; ) {
		s += strspn(s, ", \t");
		if (strncasecmp(s, name, len) == 0 && s[len] == '=')
			return value_at(s + len + 1);
		/* past this one, quotes and all */
		while (*s != '\0' && *s != ',') {
			if (*s == '"')
				for (s++; *s != '\0' && *s != '"'; s++)
					s += *s == '\\' && s[1] != '\0';
			s += *s != '\0';
		}
	}
	return NULL;
}

/* -------------------------------------------------------------- addresses */

/* The length of "https://host:1". */
static size_t
origin_len(const char *url)
{
	const char *host = strstr(url, "://");

	return host == NULL ? strlen(url) :
	    (size_t)(host + 3 - url) + strcspn(host + 3, "/?#");
}

/* Without query, fragment and a slash at the end. */
static char *
path_of(const char *url)
{
	const char *path = url + origin_len(url);
	size_t len = strcspn(path, "?#");

	while (len > 0 && path[len - 1] == '/')
		len--;
	return xstrndup(path, len);
}

char *
oauth_origin(const char *url)
{
	return xstrndup(url, origin_len(url));
}

static char *
well_known(const char *origin, const char *what, const char *path)
{
	return xasprintf("%s" WELL_KNOWN "%s%s", origin, what, path);
}

char *
oauth_resource_url(const char *server, size_t i)
{
	char *origin = oauth_origin(server), *path = path_of(server);
	char *url = NULL;

	if (i == 0 && *path != '\0')
		url = well_known(origin, "oauth-protected-resource", path);
	else if (i < 2 && (i == 0) == (*path == '\0'))
		url = well_known(origin, "oauth-protected-resource", "");
	free(origin);
	free(path);
	return url;
}

char *
oauth_issuer_url(const char *issuer, size_t i)
{
	char *origin = oauth_origin(issuer), *path = path_of(issuer);
	char *url = NULL;

	if (i == 0)
		url = well_known(origin, "oauth-authorization-server", path);
	else if (i == 1)
		url = well_known(origin, "openid-configuration", path);
	else if (i == 2 && *path != '\0')
		url = xasprintf("%s%s" WELL_KNOWN "openid-configuration",
		    origin, path);
	free(origin);
	free(path);
	return url;
}

bool
oauth_is_resource(const char *resource, const char *server)
{
	size_t len = strlen(resource);

	while (len > 0 && resource[len - 1] == '/')
		len--;
	return len >= origin_len(server) &&
	    strncmp(resource, server, len) == 0 &&
	    strchr("/?#", server[len]) != NULL;
}

int
oauth_check_url(const char *url, struct err *e)
{
	static const char *const here[] = {
		"http://localhost", "http://127.0.0.1", "http://[::1]",
	};
	bool fine = url != NULL && strncmp(url, "https://", 8) == 0;

	for (size_t i = 0; url != NULL && i < NELEM(here); i++) {
		size_t len = strlen(here[i]);

		fine = fine || (strncmp(url, here[i], len) == 0 &&
		    strchr(":/?#", url[len]) != NULL);
	}
	if (fine)
		return 0;
	return err_set(e, ERR_FAILED, "signing in needs https, not %s",
	    url != NULL ? url : "nothing");
}

/* ---------------------------------------------------------------- secrets */

static char *
base64url(const void *bytes, size_t len)
{
	struct buf b = BUF_INIT;

	base64_encode(&b, bytes, len);
	while (b.len > 0 && b.data[b.len - 1] == '=')
		buf_cut(&b, b.len - 1);
	for (size_t i = 0; i < b.len; i++)
		b.data[i] = b.data[i] == '+' ? '-' : b.data[i] == '/' ? '_' :
		    b.data[i];
	return buf_take(&b);
}

void
oauth_secret(char out[OAUTH_SECRET_MAX])
{
	unsigned char bytes[32];
	char *text;

	if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
		fatal(__func__, "no random numbers");
	text = base64url(bytes, sizeof bytes);
	memcpy(out, text, strlen(text) + 1);
	mem_wipe(text, strlen(text));
	free(text);
}

char *
oauth_s256(const char *verifier)
{
	char hex[SHA256_HEX];
	unsigned char sum[32];

	sha256_hex(verifier, strlen(verifier), hex);
	for (size_t i = 0; i < sizeof sum; i++) {
		char pair[3] = { hex[2 * i], hex[2 * i + 1], '\0' };

		sum[i] = (unsigned char)strtoul(pair, NULL, 16);
	}
	return base64url(sum, sizeof sum);
}

/* ------------------------------------------------------------------ forms */

void
oauth_add(struct buf *out, const char *name, const char *value)
{
	char *escaped;

	if (value == NULL)
		return;
	escaped = fetch_escape(value);
	buf_addf(out, "%s%s=%s", out->len == 0 ||
	    strchr("?&", out->data[out->len - 1]) != NULL ? "" : "&", name,
	    escaped);
	free(escaped);
}

static int
hex_digit(char c)
{
	const char *digits = "0123456789abcdef";
	const char *at = c == '\0' ? NULL :
	    strchr(digits, c >= 'A' && c <= 'F' ? c + 32 : c);

	return at == NULL ? -1 : (int)(at - digits);
}

char *
oauth_query(const char *url, const char *name)
{
	const char *s = strchr(url, '?');
	struct buf b = BUF_INIT;
	size_t len = strlen(name);

	while (s != NULL && (strncmp(s + 1, name, len) != 0 ||
	    s[1 + len] != '='))
		s = strchr(s + 1, '&');
	if (s == NULL)
		return NULL;
	for (s += len + 2; *s != '\0' && strchr("&# ", *s) == NULL; s++) {
		if (*s == '%' && hex_digit(s[1]) >= 0 &&
		    hex_digit(s[2]) >= 0) {
			buf_addc(&b, (char)(hex_digit(s[1]) * 16 +
			    hex_digit(s[2])));
			s += 2;
		} else {
			buf_addc(&b, *s == '+' ? ' ' : *s);
		}
	}
	return buf_take(&b);
}
