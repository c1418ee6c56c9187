/* SPDX-License-Identifier: GPL-3.0-or-later */
/* origin.c - which server a URL means */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "wire/origin.h"

char *
origin_of(const char *url, const char *unix_path)
{
	const char *host = strstr(url, "://");
	const char *at;
	size_t len;

	if (unix_path != NULL)
		return xstrdup(unix_path);
	if (host == NULL)
		return xstrndup(url, strcspn(url, "/?#"));
	host += 3;
	len = strcspn(host, "/?#");
	at = memchr(host, '@', len);
	if (at == NULL)
		return xstrndup(url, (size_t)(host - url) + len);
	return xasprintf("%.*s%.*s", (int)(host - url), url,
	    (int)(len - (size_t)(at + 1 - host)), at + 1);
}

bool
origin_is_loopback(const char *origin)
{
	const char *host = strstr(origin, "://");
	char name[64];
	struct in_addr in;
	size_t len;

	if (host == NULL)
		return origin[0] == '/';
	host += 3;
	if (strncmp(host, "[::1]", 5) == 0)
		return true;
	len = strcspn(host, ":");
	if (len >= sizeof name)
		return false;
	memcpy(name, host, len);
	name[len] = '\0';
	return strcasecmp(name, "localhost") == 0 ||
	    (inet_pton(AF_INET, name, &in) == 1 &&
	    ntohl(in.s_addr) >> 24 == 127);
}
