/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mcp_pool.h - the MCP servers of a process, shared by the turns in it */

/*
 * A turn opens the set of servers that are configured for its folder. A server
 * that another turn has open, of the same definition and folder, is shared;
 * one that nobody has open stays for MCP_IDLE_MS, then it is ended. Nothing is
 * started but by mcp_set_open().
 */

#ifndef TOOL_MCP_POOL_H
#define TOOL_MCP_POOL_H

#include <stdbool.h>
#include <stddef.h>

#include "tool/mcp.h"

struct event_base;
struct fetch_pool;
struct json_w;
struct mcp_pool;
struct mcp_set;
struct tool;

enum {
	MCP_IDLE_MS = 10 * 60 * 1000,
	MCP_START_MS = 10 * 1000,	/* a turn waits so long for tools */
};

struct mcp_pool	*mcp_pool_new(struct event_base *base,
		    struct fetch_pool *fetch);
/* Ends all servers and waits for them a little; no set may be open. */
void		 mcp_pool_free(struct mcp_pool *p);

struct mcp_set_opts {
	const char *dir;
	/* false: this server is not wanted; NULL: all are */
	bool (*wanted)(const char *server, void *arg);
	/* A server's state or tools changed, or waiting is over. Comes from
	 * the loop; must not close the set. */
	void (*on_change)(void *arg);
	void *arg;
};

enum mcp_member_state {
	MCP_MEMBER_READY,
	MCP_MEMBER_STARTING,
	MCP_MEMBER_FAILED,
	MCP_MEMBER_UNASKED,	/* a project's, without consent */
};

struct mcp_member {
	const char *name;
	enum mcp_member_state state;
	const char *why;		/* of FAILED and UNASKED, else "" */
	const char *instructions;	/* of READY, else "" */
};

struct mcp_set	*mcp_set_open(struct mcp_pool *p,
		    const struct mcp_set_opts *opts);
void		 mcp_set_close(struct mcp_set *set);
/* One may have (other) tools in a moment, and has not taken too long yet. */
bool		 mcp_set_waits(struct mcp_set *set);
/* Of all that are ready; ends with NULL, good until the next call. They can
 * be called until mcp_set_close(). */
const struct tool *const *mcp_set_tools(struct mcp_set *set);
/* False: there are no more. Texts are good until the next pass of the loop. */
bool		 mcp_set_member(const struct mcp_set *set, size_t i,
		    struct mcp_member *out);
const char	*mcp_member_state_name(enum mcp_member_state state);

/* All that run, a list of {"name", "dir", "state", "tools", "text"}: state is
 * connecting, ready, restarting or failed; text says why, or is "". p may be
 * NULL. */
void		 mcp_pool_write(const struct mcp_pool *p, struct json_w *w);

#endif
