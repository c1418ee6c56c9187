/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cors.c - what a browser wants to read before it shows an answer */

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "server/cors.h"
#include "server/http_parse.h"

#define EXPOSED "X-Stream-Version, X-Session-Settled, x-chatd-version, "     \
	"x-trigger-jwt, x-trigger-jwt-claims, x-ratelimit-limit, "	     \
	"x-ratelimit-remaining, x-ratelimit-reset, retry-after"

static bool
is_let_in(const char *origin, const char *const *origins)
{
	if (origin == NULL || origins == NULL)
		return origin != NULL;
	while (*origins != NULL && strcmp(*origins, origin) != 0)
		origins++;
	return *origins != NULL;
}

void
cors_headers(struct buf *b, const struct http_head *head,
    const char *const *origins, const char *expose)
{
	const char *origin = http_header(head, "origin");

	if (!is_let_in(origin, origins)) {
		/* what a cache keeps for this one is not for others */
		if (origins != NULL)
			buf_adds(b, "Vary: Origin\r\n");
		/* the head of a stream has it for everybody (7.1) */
		if (origin == NULL && expose != NULL)
			buf_addf(b, "Access-Control-Expose-Headers: %s\r\n",
			    expose);
		return;
	}
	buf_addf(b, "Access-Control-Allow-Origin: %s\r\n"
	    "Access-Control-Expose-Headers: %s\r\nVary: Origin\r\n",
	    origin, expose != NULL ? expose : EXPOSED);
}

/* session-protocol 2 */
void
cors_preflight(struct buf *b, const struct http_head *head,
    const char *const *origins)
{
	const char *origin = http_header(head, "origin");
	const char *wanted = http_header(head,
	    "access-control-request-headers");
	const char *private = http_header(head,
	    "access-control-request-private-network");

	if (origins != NULL && !is_let_in(origin, origins)) {
		buf_adds(b, "Vary: Origin\r\n");
		return;
	}
	/* said twice it is an error, and cors_headers() says it */
	if (origin == NULL)
		buf_adds(b, "Access-Control-Allow-Origin: *\r\n");
	buf_adds(b, "Access-Control-Allow-Methods: "
	    "GET,HEAD,PUT,PATCH,POST,DELETE\r\n"
	    "Access-Control-Max-Age: 300\r\n"
	    "Vary: Access-Control-Request-Headers\r\n");
	if (wanted != NULL)
		buf_addf(b, "Access-Control-Allow-Headers: %s\r\n", wanted);
	if (private != NULL)
		buf_adds(b, "Access-Control-Allow-Private-Network: true\r\n");
}
