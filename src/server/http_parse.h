/* SPDX-License-Identifier: GPL-3.0-or-later */
/* http_parse.h - one request out of bytes cut anywhere */

/*
 * Over llhttp or http-parser, whichever configure found; nobody else knows.
 * A parser reads one request at a time and stops behind it, so that what was
 * sent ahead stays with the caller. Everything a stranger sizes has a ceiling.
 */

#ifndef SERVER_HTTP_PARSE_H
#define SERVER_HTTP_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum {
	HTTP_HEAD_MAX = 32 * 1024,	/* bytes of target, names, values */
	HTTP_HEADERS_MAX = 100,
};

struct http_head {
	const char *method;
	const char *target;		/* as it came, not decoded */
	size_t header_count;
	bool keep_alive;
	bool chunked;
	bool http10;
	int64_t length;			/* Content-Length, -1: none */
	/* inside: where names and values begin in text */
	struct buf text;
	struct { size_t name, value; } at[HTTP_HEADERS_MAX];
};

enum http_result {
	HTTP_MORE,	/* all bytes taken, the request is not whole */
	HTTP_WHOLE,	/* *used bytes were taken, the rest is behind it */
	HTTP_STOPPED,	/* a callback said so */
	HTTP_BAD,
	HTTP_VERSION,	/* none that we speak */
	HTTP_TOO_LARGE,	/* a head past its ceiling */
};

struct http_fns {
	/* The head is whole. Non-zero stops. */
	int (*on_head)(const struct http_head *head, void *arg);
	int (*on_body)(const char *bytes, size_t len, void *arg);
};

struct http_parse;

struct http_parse	*http_parse_new(const struct http_fns *fns, void *arg);
void			 http_parse_free(struct http_parse *p);
/* Ready for the next request. */
void			 http_parse_reset(struct http_parse *p);
enum http_result	 http_parse_feed(struct http_parse *p,
			    const char *bytes, size_t len, size_t *used);
/* Has the head been given to on_head? */
bool			 http_parse_has_head(const struct http_parse *p);
const struct http_head	*http_parse_head(const struct http_parse *p);

/* The first header of that name (case ignored), or NULL. */
const char	*http_header(const struct http_head *head, const char *name);
const char	*http_header_name(const struct http_head *head, size_t i);
const char	*http_header_value(const struct http_head *head, size_t i);

#endif
