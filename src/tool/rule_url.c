/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rule_url.c - patterns of addresses */

#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"
#include "tool/match.h"
#include "tool/rule.h"
#include "tool/rule_url.h"
#include "wire/url.h"

struct parts {
	char *scheme, *host, *rest;	/* host with its port */
	bool user;
};

static void
parts_clear(struct parts *p)
{
	free(p->scheme);
	free(p->host);
	free(p->rest);
}

static bool
take_parts(struct parts *p, const char *s)
{
	const char *host = strstr(s, "://"), *at;
	size_t n;

	memset(p, 0, sizeof *p);
	if (host == NULL)
		return false;
	p->scheme = xstrndup(s, (size_t)(host - s));
	host += 3;
	n = strcspn(host, "/?#");
	at = memrchr(host, '@', n);
	p->user = at != NULL;
	if (at != NULL) {
		n -= (size_t)(at + 1 - host);
		host = at + 1;
	}
	p->host = xstrndup(host, n);
	p->rest = xstrdup(host[n] == '\0' ? "/" : host + n);
	return true;
}

static bool
is_domain(const char *host, const char *domain)
{
	size_t h = strcspn(host, ":"), d = strlen(domain);

	while (h > 0 && host[h - 1] == '.')
		h--;
	if (h == d)
		return strncasecmp(host, domain, d) == 0;
	return h > d && host[h - d - 1] == '.' &&
	    strncasecmp(host + h - d, domain, d) == 0;
}

static bool
parts_match(const struct rule *r, const struct parts *url)
{
	struct parts p;
	bool yes = false;

	if (strncmp(r->pattern, "domain:", 7) == 0)
		return strncmp(r->pattern + 7, "*.", 2) == 0 ?
		    is_domain(url->host, r->pattern + 9) :
		    is_domain(url->host, r->pattern + 7);
	if (take_parts(&p, r->pattern))
		yes = match_text(p.scheme, url->scheme) &&
		    match_text(p.host, url->host) &&
		    match_text(p.rest, url->rest);
	parts_clear(&p);
	return yes;
}

bool
rule_matches_url(const struct rule *r, const char *url)
{
	struct buf normal = BUF_INIT;
	struct parts p;
	bool yes = false;

	if (url_normalise(url, strlen(url), &normal) == -1)
		buf_adds(&normal, url);
	if (take_parts(&p, normal.data) &&
	    (!p.user || r->effect != RULE_ALLOW))
		yes = parts_match(r, &p);
	/* A denial also holds for how it was written. */
	if (r->effect != RULE_ALLOW)
		yes |= match_text(r->pattern, url) ||
		    match_text(r->pattern, normal.data);
	parts_clear(&p);
	buf_clear(&normal);
	return yes;
}

void
rule_url_host(struct buf *out, const char *url)
{
	struct buf normal = BUF_INIT;
	struct parts p;

	if (url_normalise(url, strlen(url), &normal) == 0 &&
	    take_parts(&p, normal.data))
		buf_addf(out, "domain:%.*s", (int)strcspn(p.host, ":"),
		    p.host);
	else
		memset(&p, 0, sizeof p);
	parts_clear(&p);
	buf_clear(&normal);
}
