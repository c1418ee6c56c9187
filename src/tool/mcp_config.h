/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mcp_config.h - which MCP servers there are, as other programs write it */

/*
 * One reader for the files of Claude Desktop and Code, Cursor, VS Code,
 * opencode, Gemini CLI and others (mcp 6): JSON with comments and trailing
 * commas; servers under mcpServers, servers, mcp.servers or mcp. What they
 * say about approving by themselves is not obeyed.
 */

#ifndef TOOL_MCP_CONFIG_H
#define TOOL_MCP_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

struct buf;
struct err;

struct mcp_entry {
	char *name;
	char **argv;		/* a program; or NULL, and url */
	char **env;		/* "NAME=value", or NULL */
	char *cwd;		/* or NULL */
	char *url;
	char **headers;		/* "Name: value", or NULL */
	char **only;		/* tools wanted, or NULL: all */
	char **except;		/* tools not wanted, or NULL */
	long timeout_ms;	/* 0: the default */
	bool off;		/* disabled in the file */
	bool all_env;		/* inheritEnv */
	bool old_sse;		/* "type": "sse" */
	char *broken;		/* why it cannot be used, or NULL */
};

struct mcp_config {
	struct mcp_entry *v;
	size_t count;
};

/* Adds to config; an entry of a name that is there already is passed over.
 * dir: what ${workspaceFolder} means. ERR_CONFIG: the text is no such file. */
int	mcp_config_read(struct mcp_config *config, const char *text,
	    size_t len, const char *dir, struct err *e) ATTR_MUST_USE;
void	mcp_config_clear(struct mcp_config *config);
/* The whole command line or address, for the person who is asked. */
void	mcp_entry_describe(struct buf *out, const struct mcp_entry *entry);

#endif
