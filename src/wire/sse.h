/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sse.h - server-sent events, read and written */

/*
 * The parser takes bytes cut anywhere and calls back for each event: LF, CRLF
 * or CR line ends in any mix, several data lines, comments, a BOM at the
 * start (ui-message-stream 1.2, providers 1.2). It hands out bytes as they
 * came; who wants UTF-8 parses with JSON_REPLACE_UTF8.
 *
 * Linear in its input; memory is bounded by the event ceiling.
 */

#ifndef WIRE_SSE_H
#define WIRE_SSE_H

#include <stddef.h>

#include "base/attr.h"

struct buf;
struct err;

enum {
	SSE_EVENT_MAX = 16 * 1024 * 1024,
};

struct sse_event {
	const char *type;	/* "message" unless an event: line says else */
	const char *id;		/* "" without an id: line in this event */
	const char *data;	/* lines joined by LF; NUL-terminated */
	size_t len;
};

/* Borrowed until it returns. Non-zero stops the parser: sse_feed gives -1. */
typedef int (*sse_event_fn)(const struct sse_event *ev, void *arg);

struct sse_parser;

/* max: bytes in one event, 0 = SSE_EVENT_MAX */
struct sse_parser	*sse_new(size_t max, sse_event_fn fn, void *arg);
void			 sse_free(struct sse_parser *p);
/* -1: the callback stopped, or an event passed the ceiling (then e is set). */
int	sse_feed(struct sse_parser *p, const char *bytes, size_t len,
	    struct err *e) ATTR_MUST_USE;
/* The body ended: deliver an event that lacks its blank line (providers). */
int	sse_finish(struct sse_parser *p, struct err *e) ATTR_MUST_USE;
/* Any bytes held that belong to an unfinished event? */
size_t	sse_pending(const struct sse_parser *p);

/* One event; type and id may be NULL. data has no line ends. */
void	sse_write(struct buf *b, const char *type, const char *id,
	    const char *data, size_t len);

#endif
