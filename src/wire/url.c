/* SPDX-License-Identifier: GPL-3.0-or-later */
/* url.c - URLs as browsers write them */

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "wire/url_host.h"
#include "wire/url.h"

/*
 * The parts of a URL under way, each already encoded:
 *
 *	scheme ":" ["//" user host port] path ["?" query] ["#" fragment]
 */
struct url {
	struct buf scheme;
	struct buf user;	/* "name:password@" */
	struct buf host;
	struct buf port;	/* ":8080" */
	struct buf path;
	bool special;
	bool file;
	bool has_host;
	bool opaque;		/* the path is not cut at slashes */
	const char *default_port;
};

static const struct {
	const char *scheme;
	const char *port;
} specials[] = {
	{ "http", "80" }, { "https", "443" }, { "ws", "80" },
	{ "wss", "443" }, { "ftp", "21" }, { "file", "" },
};

/* The ASCII characters that each part's percent-encode set has beside the
 * controls; all above ASCII is encoded. */
static const char set_none[] = "";
static const char set_fragment[] = " \"<>`";
static const char set_query[] = " \"#<>";
static const char set_special_query[] = " \"#<>'";
static const char set_path[] = " \"#<>?`{}";	/* "^" stays, as in Node 20 */
static const char set_user[] = " \"#<>?^`{}/:;=@[\\]|";

static void
add_encoded(struct buf *b, const char *s, size_t len, const char *set)
{
	unsigned char c;
	size_t i;

	for (i = 0; i < len; i++) {
		c = (unsigned char)s[i];
		if (c < 0x20 || c > 0x7e || strchr(set, c) != NULL)
			buf_addf(b, "%%%02X", c);
		else
			buf_addc(b, (char)c);
	}
}

static bool
is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Without the blanks around it, without tabs and line ends, valid UTF-8. */
static void
clean(struct buf *b, const char *s, size_t len)
{
	struct buf kept = BUF_INIT;
	size_t i;

	while (len > 0 && (unsigned char)s[len - 1] <= ' ')
		len--;
	while (len > 0 && (unsigned char)*s <= ' ') {
		s++;
		len--;
	}
	for (i = 0; i < len; i++)
		if (s[i] != '\t' && s[i] != '\n' && s[i] != '\r')
			buf_addc(&kept, s[i]);
	/* a lone surrogate is one U+FFFD, not three */
	for (i = 0; i < kept.len; ) {
		uint32_t cp;
		char out[4];

		i += utf8_decode_wtf(kept.data + i, kept.len - i, &cp);
		if (cp >= 0xd800 && cp <= 0xdfff)
			cp = UTF8_REPLACEMENT;
		buf_add(b, out, utf8_encode(cp, out));
	}
	buf_clear(&kept);
}

/* Returns what is behind the colon, or NULL. */
static const char *
take_scheme(struct url *u, const char *s)
{
	size_t i;

	if (!is_alpha(*s))
		return NULL;
	for (; *s != ':'; s++) {
		if (!is_alpha(*s) && !is_digit(*s) &&
		    (*s == '\0' || strchr("+-.", *s) == NULL))
			return NULL;
		buf_addc(&u->scheme, *s >= 'A' && *s <= 'Z' ?
		    (char)(*s + ('a' - 'A')) : *s);
	}
	for (i = 0; i < NELEM(specials); i++) {
		if (strcmp(u->scheme.data, specials[i].scheme) == 0) {
			u->special = true;
			u->default_port = specials[i].port;
		}
	}
	u->file = strcmp(u->scheme.data, "file") == 0;
	return s + 1;
}

static bool
is_slash(const struct url *u, char c)
{
	return c == '/' || (c == '\\' && u->special);
}

static size_t
until_slash(const struct url *u, const char *s, const char *end)
{
	const char *at = s;

	while (at < end && !is_slash(u, *at))
		at++;
	return (size_t)(at - s);
}

static void
take_user(struct url *u, const char *s, size_t len)
{
	const char *colon = memchr(s, ':', len);
	size_t name = colon == NULL ? len : (size_t)(colon - s);

	add_encoded(&u->user, s, name, set_user);
	if (colon != NULL && name + 1 < len) {
		buf_addc(&u->user, ':');
		add_encoded(&u->user, colon + 1, len - name - 1, set_user);
	}
	if (u->user.len > 0)
		buf_addc(&u->user, '@');
}

static int
take_port(struct url *u, const char *s, size_t len)
{
	unsigned long port = 0;
	char text[8];
	size_t i;

	if (len == 0)
		return 0;
	for (i = 0; i < len; i++) {
		if (!is_digit(s[i]))
			return -1;
		port = port * 10 + (unsigned long)(s[i] - '0');
		if (port > 65535)
			return -1;
	}
	(void)snprintf(text, sizeof text, "%lu", port);
	if (u->default_port == NULL || strcmp(text, u->default_port) != 0)
		buf_addf(&u->port, ":%s", text);
	return 0;
}

static int
take_authority(struct url *u, const char *s, size_t len)
{
	const char *at = NULL, *colon = NULL, *p;
	bool bracket = false;

	for (p = s; p < s + len; p++)
		if (*p == '@')
			at = p;
	if (at != NULL) {
		take_user(u, s, (size_t)(at - s));
		len -= (size_t)(at + 1 - s);
		s = at + 1;
	}
	for (p = s; p < s + len && colon == NULL; p++) {
		if (*p == '[' || *p == ']')
			bracket = *p == '[';
		else if (*p == ':' && !bracket)
			colon = p;
	}
	if (colon != NULL) {
		if (colon == s ||
		    take_port(u, colon + 1, len - (size_t)(colon + 1 - s)) ==
		    -1)
			return -1;
		len = (size_t)(colon - s);
	}
	if (len == 0 && (u->special || at != NULL))
		return -1;
	return url_host(&u->host, s, len, u->special);
}

static int
take_file_host(struct url *u, const char *s, size_t len)
{
	/* file://C:/x: a drive, no host */
	if (len == 2 && is_alpha(s[0]) && (s[1] == ':' || s[1] == '|'))
		return 1;
	if (len > 0 && url_host(&u->host, s, len, true) == -1)
		return -1;
	if (strcmp(u->host.data, "localhost") == 0)
		buf_reset(&u->host);
	return 0;
}

/* Moves *s past the authority, if there is one. */
static int
take_host(struct url *u, const char **s, const char *end)
{
	size_t slashes = 0, len;
	int status;

	while (*s + slashes < end && is_slash(u, (*s)[slashes]))
		slashes++;
	if (u->file) {
		u->has_host = true;
		if (slashes < 2)
			return 0;
		*s += 2;
		len = until_slash(u, *s, end);
		status = take_file_host(u, *s, len);
		if (status == 0)
			*s += len;
		return status == -1 ? -1 : 0;
	}
	if (!u->special && slashes < 2)
		return 0;
	*s += u->special ? slashes : 2;
	u->has_host = true;
	len = until_slash(u, *s, end);
	if (take_authority(u, *s, len) == -1)
		return -1;
	*s += len;
	return 0;
}

/* "." and ".." also as %2e: 1, 2 or 0 dots */
static int
dots(const char *s, size_t len)
{
	int n = 0;

	while (len > 0) {
		if (*s == '.') {
			s++;
			len--;
		} else if (len >= 3 && s[0] == '%' && s[1] == '2' &&
		    (s[2] == 'e' || s[2] == 'E')) {
			s += 3;
			len -= 3;
		} else {
			return 0;
		}
		n++;
	}
	return n <= 2 ? n : 0;
}

static bool
is_drive(const char *s, size_t len)
{
	return len == 2 && is_alpha(s[0]) && (s[1] == ':' || s[1] == '|');
}

static void
shorten(struct url *u)
{
	size_t n = u->path.len;

	if (u->file && is_drive(u->path.data + 1, n > 0 ? n - 1 : 0))
		return;		/* the drive stays */
	while (n > 0 && u->path.data[n - 1] != '/')
		n--;
	buf_cut(&u->path, n > 0 ? n - 1 : 0);
}

static void
add_segment(struct url *u, const char *s, size_t len, bool last)
{
	int n = dots(s, len);

	if (n == 2)
		shorten(u);
	if (n > 0) {
		if (last)
			buf_addc(&u->path, '/');
		return;
	}
	buf_addc(&u->path, '/');
	if (u->file && u->path.len == 1 && is_drive(s, len)) {
		buf_addf(&u->path, "%c:", s[0]);
		return;
	}
	add_encoded(&u->path, s, len, set_path);
}

static void
take_path(struct url *u, const char *s, const char *end)
{
	size_t len;

	if (s < end && is_slash(u, *s))
		s++;
	else if (s == end && !u->special)
		return;
	for (;;) {
		len = until_slash(u, s, end);
		add_segment(u, s, len, s + len == end);
		if (s + len == end)
			return;
		s += len + 1;
	}
}

static void
take_opaque(struct url *u, const char *s, const char *end)
{
	u->opaque = true;
	add_encoded(&u->path, s, (size_t)(end - s), set_none);
}

static void
write_url(const struct url *u, struct buf *out)
{
	buf_addf(out, "%s:", u->scheme.data);
	if (u->has_host)
		buf_addf(out, "//%s%s%s", u->user.data, u->host.data,
		    u->port.data);
	else if (!u->opaque && strncmp(u->path.data, "//", 2) == 0)
		buf_adds(out, "/.");	/* or it would read as a host */
	buf_add(out, u->path.data, u->path.len);
}

static int
parse(struct url *u, const char *s, struct buf *out)
{
	const char *hash, *query, *end;

	s = take_scheme(u, s);
	if (s == NULL)
		return -1;
	end = s + strlen(s);
	hash = strchr(s, '#');
	query = strchr(s, '?');
	if (hash != NULL && query != NULL && query > hash)
		query = NULL;
	end = query != NULL ? query : hash != NULL ? hash : end;
	if (!u->special && *s != '/')
		take_opaque(u, s, end);
	else if (take_host(u, &s, end) == -1)
		return -1;
	else
		take_path(u, s, end);
	write_url(u, out);
	if (query != NULL) {
		end = hash != NULL ? hash : query + strlen(query);
		buf_addc(out, '?');
		add_encoded(out, query + 1, (size_t)(end - query - 1),
		    u->special ? set_special_query : set_query);
	}
	if (hash != NULL) {
		buf_addc(out, '#');
		add_encoded(out, hash + 1, strlen(hash + 1), set_fragment);
	}
	return 0;
}

int
url_normalise(const char *s, size_t len, struct buf *out)
{
	struct buf text = BUF_INIT;
	struct url u = { .special = false };
	int status;

	buf_init(&u.scheme);
	buf_init(&u.user);
	buf_init(&u.host);
	buf_init(&u.port);
	buf_init(&u.path);
	clean(&text, s, len);
	status = parse(&u, text.data, out);
	buf_clear(&text);
	buf_clear(&u.scheme);
	buf_clear(&u.user);
	buf_clear(&u.host);
	buf_clear(&u.port);
	buf_clear(&u.path);
	return status;
}

static size_t
origin_len(const char *url)
{
	const char *host = strstr(url, "://");

	return host == NULL ? 0 : (size_t)(host - url) + 3 +
	    strcspn(host + 3, "/?#");
}

int
url_join(struct buf *out, const char *base, const char *to)
{
	struct buf b = BUF_INIT;
	size_t n = origin_len(base);
	int r;

	if (strstr(to, "://") != NULL && strcspn(to, "/?#") >=
	    strcspn(to, ":")) {
		buf_adds(&b, to);
	} else if (strncmp(to, "//", 2) == 0) {
		buf_add(&b, base, strcspn(base, "/"));
		buf_adds(&b, to);
	} else if (to[0] == '/') {
		buf_add(&b, base, n);
		buf_adds(&b, to);
	} else if (to[0] == '?') {
		buf_add(&b, base, n + strcspn(base + n, "?#"));
		buf_adds(&b, to);
	} else {
		size_t path = n + strcspn(base + n, "?#");

		while (path > n && base[path - 1] != '/')
			path--;
		buf_add(&b, base, path);
		buf_addf(&b, "%s%s", path == n ? "/" : "", to);
	}
	r = url_normalise(b.data, b.len, out);
	buf_clear(&b);
	return r;
}

bool
url_same_origin(const char *a, const char *b)
{
	size_t n = origin_len(a);

	return n > 0 && origin_len(b) == n && strncmp(a, b, n) == 0;
}
