/* SPDX-License-Identifier: GPL-3.0-or-later */
/* uistream.h - a UI message stream as the body of an HTTP answer */

/*
 * What AI SDK servers send and useChat reads (ui-message-stream 1). The
 * reader gives each event's chunk, checked; an event that is no chunk is
 * given as NULL and a reason, and ends the stream for an ordinary reader. The
 * last event counts only with its blank line; [DONE] is skipped.
 */

#ifndef WIRE_UISTREAM_H
#define WIRE_UISTREAM_H

#include <stddef.h>

#include "base/attr.h"

struct buf;
struct err;
struct json;

/* chunk is borrowed, NULL for a failure. Non-zero ends the reading. */
typedef int (*uistream_fn)(const struct json *chunk, const struct err *why,
	    void *arg);

struct uistream;

struct uistream	*uistream_new(uistream_fn fn, void *arg);
void		 uistream_free(struct uistream *u);
/* -1: fn ended it, or an event passed the ceiling (then e is set). */
int		 uistream_feed(struct uistream *u, const char *bytes,
		    size_t len, struct err *e) ATTR_MUST_USE;

/* The headers of such an answer: name, value, ..., NULL. */
extern const char *const uistream_headers[];
/* One chunk given as JSON text; then, at the end, [DONE]. */
void		 uistream_write(struct buf *b, const char *chunk, size_t len);
void		 uistream_write_done(struct buf *b);

#endif
