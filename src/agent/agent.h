/* SPDX-License-Identifier: GPL-3.0-or-later */
/* agent.h - reads `in`, runs turns, writes `out` */

/*
 * A host runs the agents of all sessions that this process owns; an agent is
 * one session's reader of `in`. What a person wants reaches it as records
 * only. Its position (cursor "agent") moves in the commit of the
 * turn-complete that it writes: exactly one for each turn, action or no-op,
 * whatever happens (session-protocol 8.2).
 *
 *	in:   m0   m1   stop  m2
 *	      |____|____|_____|___  cursor: last number consumed
 *	out:  start ... finish turn-complete(session-in-event-id 0) start ...
 *
 * Owning a session first finishes what a dead owner left (architecture.md 5).
 */

#ifndef AGENT_AGENT_H
#define AGENT_AGENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "wire/input.h"
#include "wire/item.h"

struct err;
struct event_base;
struct fetch_pool;
struct mcp_pool;
struct models;
struct owner;
struct store;
struct tool;

struct agent_host;

struct agent_opts {
	struct event_base *base;
	struct store *store;
	struct models *models;
	/* what a turn gets that says nothing itself; may be all NULL */
	const struct turn_opts *defaults;
	struct fetch_pool *fetch;	/* for tools; NULL: without WebFetch */
	/* ends with NULL; NULL: tool_builtins() and those that files of the
	 * user and of the project describe (cmdtools.h) */
	const struct tool *const *tools;
	struct mcp_pool *mcp;		/* NULL: no MCP servers */
	/* a token for turn-complete (session-protocol 3.7); NULL: none */
	char *(*mint)(const struct item *it, void *arg);	/* caller frees */
	/* nothing runs or waits any more in any session */
	void (*on_idle)(void *arg);
	/* what a session's turn wrote could not be kept (the disk is full):
	 * it is left as after a crash, and taken up again when that works
	 * (lost.h). Must not call back. NULL: only the log hears of it */
	void (*on_lost)(const char *id, const struct err *e, void *arg);
	void *arg;
	/* write something after so much silence of a turn; 0: 45 s
	 * (session-protocol 7.7) */
	int64_t quiet_ms;
	/* how long programs stay between turns, if their file does not say */
	bool warm_said;
	int64_t warm_ms;
};

struct agent_host *agent_host_new(const struct agent_opts *opts);
/* Does not wait: what runs is left as after a crash. */
void		 agent_host_free(struct agent_host *host);

/*
 * Make sure that this process owns the session and its agent reads `in`.
 * Already so: cheap. ERR_CONFLICT: *other says who does.
 */
int	agent_own(struct agent_host *host, const struct item *it,
	    struct owner *other, struct err *e) ATTR_MUST_USE;
/* The right to write, for the server's appends; NULL if not owned here. */
struct owned	*agent_owned(struct agent_host *host, int64_t row);
/* A session just created, whose basePayload may hold its first message
 * (session-protocol 5.1.2, 5.1.4): start that turn. Needs agent_own(). */
int	agent_boot(struct agent_host *host, const struct item *it,
	    struct err *e) ATTR_MUST_USE;
/* A turn runs or waits in this session (session-protocol 7.6). */
bool	agent_busy(struct agent_host *host, int64_t row);
/* Is there unfinished work of a session that nobody owns? */
bool	agent_pending(struct agent_host *host, const struct item *it);
/* Could it not be written, and is it to be taken up again (lost.h)? */
bool	agent_is_lost(struct agent_host *host, int64_t row);
/* The MCP servers that run here: mcp_pool_write(). */
void	agent_servers(const struct agent_host *host, struct buf *out);
/* How many sessions have a turn running. */
int	agent_running(const struct agent_host *host);
/* The session was closed: end its turn (9.3), then write session-closed. */
void	agent_closed(struct agent_host *host, int64_t row);
/* Stop owning it (remove, idle). A running turn is stopped first. */
void	agent_drop(struct agent_host *host, int64_t row);
/* Stop the turn that runs, as a person's stop does. */
void	agent_halt(struct agent_host *host, int64_t row);
/*
 * No new turns; running ones get grace_ms, then are left to be resumed. fn is
 * called once, when nothing runs any more.
 */
void	agent_host_stop(struct agent_host *host, int64_t grace_ms,
	    void (*fn)(void *arg), void *arg);

#endif
