/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oauth.h - the texts of OAuth 2.1 as MCP servers use it (mcp 5.5) */

/*
 * No input or output: challenges read, addresses of metadata and of the
 * person's page made, what came back looked at.
 */

#ifndef TOOL_OAUTH_H
#define TOOL_OAUTH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

struct buf;
struct err;

enum { OAUTH_SECRET_MAX = 64 };

/* A parameter of a WWW-Authenticate header, or NULL; caller frees. */
char	*oauth_challenge(const char *header, const char *name);
/* Where metadata may lie, in the order of asking; i from 0, NULL: there are
 * no more. Caller frees. */
char	*oauth_resource_url(const char *server, size_t i);
char	*oauth_issuer_url(const char *issuer, size_t i);
/* "https://host:1" of a URL; caller frees. */
char	*oauth_origin(const char *url);
/* Is `resource` what the server at this URL may call itself? */
bool	 oauth_is_resource(const char *resource, const char *server);
/* https, or this machine. */
int	 oauth_check_url(const char *url, struct err *e) ATTR_MUST_USE;
/* Characters that nobody can guess: state, code verifier. */
void	 oauth_secret(char out[OAUTH_SECRET_MAX]);
/* The S256 challenge of a verifier; caller frees. */
char	*oauth_s256(const char *verifier);
/* "name=value", escaped, behind what is there. NULL adds nothing. */
void	 oauth_add(struct buf *out, const char *name, const char *value);
/* The value of a parameter of a URL's query, or NULL; caller frees. */
char	*oauth_query(const char *url, const char *name);

#endif
