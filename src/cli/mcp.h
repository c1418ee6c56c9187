/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mcp.h - the parts of chatd mcp */

#ifndef CLI_MCP_H
#define CLI_MCP_H

#include "base/attr.h"
#include "tool/mcp_config.h"

struct err;
struct opts;

/* What is configured for this folder. Clear it after -1, too. */
int	mcp_cli_load(struct mcp_config *config, struct err *e) ATTR_MUST_USE;
/* "on", "off", "needs consent", ... */
const char	*mcp_cli_state(const struct mcp_entry *entry);
/* NULL: ERR_NOT_FOUND */
const struct mcp_entry *mcp_cli_find(const struct mcp_config *config,
	    const char *name, struct err *e) ATTR_MUST_USE;

/* The same, or an address as it stands, which then is all of config. */
const struct mcp_entry *mcp_cli_find_any(struct mcp_config *config,
	    const char *name, struct err *e) ATTR_MUST_USE;
/* One with a url, and that may be started. */
const struct mcp_entry *mcp_cli_address(struct mcp_config *config,
	    const char *name, struct err *e) ATTR_MUST_USE;

/* The words behind the subcommand; NULL ends them. */
/* mcp_edit.c */
int	mcp_cli_add(const struct opts *o, char *const *words, struct err *e);
int	mcp_cli_remove(const struct opts *o, char *const *words,
	    struct err *e);
/* mcp_try.c */
int	mcp_cli_test(const struct opts *o, char *const *words, struct err *e);
int	mcp_cli_call(const struct opts *o, char *const *words, struct err *e);
/* mcp_login.c */
int	mcp_cli_login(const struct opts *o, char *const *words, struct err *e);
int	mcp_cli_logout(const struct opts *o, char *const *words,
	    struct err *e);

#endif
