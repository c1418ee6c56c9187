/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mcp_renewal.h - a new token for an old one */

#ifndef TOOL_MCP_RENEWAL_H
#define TOOL_MCP_RENEWAL_H

#include "base/attr.h"

struct err;
struct event_base;
struct fetch_pool;
struct mcp_renewal;
struct mcp_token;

/*
 * Another process may have renewed it already: then that one is taken. The
 * new one is kept. fn comes from the loop, e NULL: t is new; the renewal is
 * gone after it.
 */
struct mcp_renewal *mcp_renewal_start(struct mcp_token *t,
	    struct event_base *base, struct fetch_pool *pool,
	    void (*fn)(const struct err *e, void *arg), void *arg,
	    struct err *e) ATTR_MUST_USE;
void	mcp_renewal_cancel(struct mcp_renewal *r);

#endif
