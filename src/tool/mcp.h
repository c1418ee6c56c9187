/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mcp.h - a client of one MCP server (revision 2025-11-25) */

/*
 * mcp_new() connects in the background; mcp_tools() is empty until the server
 * is ready. A server that ends is started again (1, 2, 4, 8 s later, five
 * times in ten minutes); calls that were under way fail and are not repeated,
 * for they may have been done.
 *
 * Its tools are called mcp__SERVER__TOOL, SERVER being the name in the
 * configuration. What the server says about their harmlessness is not
 * believed: all have the effect TOOL_RUNS.
 */

#ifndef TOOL_MCP_H
#define TOOL_MCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "tool/tool.h"

struct buf;
struct mcp;
struct mcp_entry;

enum {
	MCP_END_MS = 1000,
	MCP_RETRY_MS = 10 * 1000,
};

enum mcp_state {
	MCP_CONNECTING,
	MCP_READY,
	MCP_WAITING,		/* to be started again */
	MCP_FAILED,		/* given up */
};

struct mcp_opts {
	struct event_base *base;
	struct fetch_pool *pool;
	const struct mcp_entry *entry;	/* in place until mcp_free() */
	const char *dir;		/* the working folder; copied */
	bool accept;	/* forms of the server get its own defaults */
	/* State or tools changed; may be NULL. Not from within mcp_new(). */
	void (*on_change)(struct mcp *m, void *arg);
	void *arg;
};

struct mcp	*mcp_new(const struct mcp_opts *opts);
/* Ends the server politely. Its tools are gone with it. */
void		 mcp_free(struct mcp *m);
/*
 * Before our own process ends, and no loop runs any more: the server is told,
 * and mcp_free() then waits for it a little (MCP_END_MS).
 */
void		 mcp_hang_up(struct mcp *m);

const char	*mcp_name(const struct mcp *m);
enum mcp_state	 mcp_state(const struct mcp *m);
/*
 * For how many milliseconds it has been about to have (other) tools; 0: they
 * are what they are, until on_change() says otherwise.
 */
int64_t		 mcp_unsettled_ms(const struct mcp *m);
/* Try again what was given up, but not at once. */
void		 mcp_retry(struct mcp *m);
/* Why it is not ready, or "". */
const char	*mcp_error(const struct mcp *m);
enum err_code	 mcp_error_code(const struct mcp *m);
/* What the server tells the model about itself (at most 4 KiB), or "". */
const char	*mcp_instructions(const struct mcp *m);

/*
 * The tools of now, sorted by name. They stay as they are, and can be called,
 * until mcp_free(), also when the server changes its list.
 */
size_t		 mcp_tools(const struct mcp *m, const struct tool *const **out);

/* mcp__SERVER__TOOL, at most 64 of [A-Za-z0-9_-] (mcp 7). */
void	mcp_tool_name(struct buf *out, const char *server, const char *tool);

#endif
