/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mcp_token.h - what a person's sign-in at an MCP server gave */

/*
 * Kept in mcp-tokens.json of the data folder, mode 0600, one for each server's
 * address. They come from chatd mcp login; when one is about to end it is
 * renewed with its refresh token.
 */

#ifndef TOOL_MCP_TOKEN_H
#define TOOL_MCP_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

struct buf;
struct err;
struct json;

struct mcp_token {
	char *url;		/* of the MCP server */
	char *issuer;
	char *endpoint;		/* that gives tokens */
	char *client_id, *client_secret;	/* secret: or NULL */
	char *method;		/* none, client_secret_post, .._basic */
	char *access, *refresh;		/* refresh: or NULL */
	char *scope;		/* or NULL */
	int64_t expires;	/* milliseconds since 1970; 0: not said */
};

/* ERR_NOT_FOUND: nobody signed in there. Clear it in any case. */
int	mcp_token_get(struct mcp_token *t, const char *url, struct err *e)
	    ATTR_MUST_USE;
int	mcp_token_put(const struct mcp_token *t, struct err *e) ATTR_MUST_USE;
int	mcp_token_remove(const char *url, struct err *e) ATTR_MUST_USE;
void	mcp_token_clear(struct mcp_token *t);
/* It has ended, or will in a minute. */
bool	mcp_token_is_old(const struct mcp_token *t);
/* The body of a request to the endpoint gets what says who we are; an
 * Authorization header, if the method wants one, is returned (caller frees) */
char	*mcp_token_authenticate(const struct mcp_token *t, struct buf *form);
/* The body of a request to renew it. */
void	mcp_token_refresh_form(const struct mcp_token *t, struct buf *form);
/* The endpoint's answer. */
int	mcp_token_take(struct mcp_token *t, const char *text, int status,
	    struct err *e) ATTR_MUST_USE;

#endif
