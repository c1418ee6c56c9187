/* SPDX-License-Identifier: GPL-3.0-or-later */
/* turn_servers.h - the MCP servers of a turn: waited for, told about */

#ifndef AGENT_TURN_SERVERS_H
#define AGENT_TURN_SERVERS_H

#include <stdbool.h>

struct buf;
struct tool;
struct turn;
struct turn_servers;

/*
 * Starts them when first called. False: one may have its tools in a moment;
 * turn_kick() comes when it is worth asking again. What a person must know
 * is told once in a turn: data-chatd-mcp {"server","state","text"}.
 */
bool	turn_servers_ready(struct turn *t);
/* Ends with NULL, good until the next call. */
const struct tool *const *turn_servers_tools(struct turn *t);
/* What the servers say of themselves, and which are missing. */
void	turn_servers_prompt(const struct turn *t, struct buf *out);
void	turn_servers_close(struct turn *t);

#endif
