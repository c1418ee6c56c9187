/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mcp_transport.h - how messages get to an MCP server and back */

/*
 * Two of them: mcp_stdio.c, a child and its pipes; mcp_http.c, Streamable
 * HTTP. Callbacks come from the loop. After on_closed() nothing more comes,
 * and the transport is to be freed. free() may be called at any time but from
 * within on_message(), and ends the server politely, in the background.
 */

#ifndef TOOL_MCP_TRANSPORT_H
#define TOOL_MCP_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct err;
struct event_base;
struct fetch_pool;
struct json;
struct mcp_entry;
struct mcp_transport;

enum {
	MCP_MESSAGE_MAX = 64 * 1024 * 1024,
};

struct mcp_transport_fns {
	void (*on_message)(const struct json *message, void *arg);
	/* One request got no answer and never will; e says why. */
	void (*on_lost)(int64_t id, const struct err *e, void *arg);
	/* The session is over. again: a new one may be begun at once. */
	void (*on_closed)(const struct err *e, bool again, void *arg);
	void *arg;
};

struct mcp_transport_ops {
	/* id of the request that text is, or -1 */
	int (*send)(struct mcp_transport *t, const char *text, size_t len,
	    int64_t id, struct err *e);
	/* initialize was answered: which revision is spoken */
	void (*ready)(struct mcp_transport *t, const char *version);
	void (*free)(struct mcp_transport *t);
	/* free() is next, and is to wait for the end; may be NULL */
	void (*hang_up)(struct mcp_transport *t);
};

struct mcp_transport {
	const struct mcp_transport_ops *ops;
	struct mcp_transport_fns fns;
};

struct mcp_transport *mcp_stdio_new(struct event_base *base,
	    const struct mcp_entry *entry, const char *dir,
	    const struct mcp_transport_fns *fns, struct err *e) ATTR_MUST_USE;
struct mcp_transport *mcp_http_new(struct event_base *base,
	    struct fetch_pool *pool, const struct mcp_entry *entry,
	    const struct mcp_transport_fns *fns, struct err *e) ATTR_MUST_USE;

/* Parse text and hand out its message, or each of an array (2025-03-26). */
void	mcp_transport_take(struct mcp_transport *t, const char *text,
	    size_t len);

#endif
