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
#include "base/sha256.h"
#include "tool/trust.h"

struct buf;
struct err;

struct mcp_entry {
	char *name;
	char **argv;		/* a program; or NULL, and url */
	char **env;		/* "NAME=value", or NULL */
	char *cwd;		/* or NULL */
	char *url;
	char **headers;		/* "Name: value", or NULL */
	/* oauth: a client that is known there already, or NULL */
	char *client_id, *client_secret, *scope;
	char **only;		/* tools wanted, or NULL: all */
	char **except;		/* tools not wanted, or NULL */
	long timeout_ms;	/* of a call; 0: the default */
	long start_ms;		/* a turn waits so long for it; 0: default */
	bool off;		/* disabled in the file */
	bool all_env;		/* inheritEnv */
	bool old_sse;		/* "type": "sse" */
	char *broken;		/* why it cannot be used, or NULL */
	char *text;		/* as it stands in the file, JSON */
	char sum[SHA256_HEX];	/* of that, and of its envFile */
	char *file;		/* where it stands */
	char *project;		/* the folder of a project's file, or NULL */
};

struct mcp_config {
	struct mcp_entry *v;
	size_t count;
};

/* Adds to config; an entry of a name that is there already is passed over.
 * dir: what ${workspaceFolder} means. ERR_CONFIG: the text is no such file. */
int	mcp_config_read(struct mcp_config *config, const char *text,
	    size_t len, const char *dir, struct err *e) ATTR_MUST_USE;
/*
 * The servers of a folder: those of the user's mcp.json, then those of
 * .mcp.json and .chatd/mcp.json there and above it up to the root of the
 * repository. Of one name the first counts, so that no project takes the place
 * of a server of the user. A file that cannot be read is a broken entry.
 */
void	mcp_config_load(struct mcp_config *config, const char *dir);
void	mcp_config_clear(struct mcp_config *config);
void	mcp_entry_clear(struct mcp_entry *entry);
/* May it be started? A project's needs a person's consent (trust.h). */
enum trust mcp_entry_trust(const struct mcp_entry *entry);
int	mcp_entry_set_trust(const struct mcp_entry *entry, bool yes,
	    struct err *e) ATTR_MUST_USE;
/* The whole command line or address, for the person who is asked. */
void	mcp_entry_describe(struct buf *out, const struct mcp_entry *entry);

#endif
