/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mcp_priv.h - the halves of an MCP client: connection, tools, calls */

#ifndef TOOL_MCP_PRIV_H
#define TOOL_MCP_PRIV_H

#include <sys/queue.h>

#include "base/buf.h"
#include "base/json.h"
#include "tool/mcp.h"
#include "tool/mcp_config.h"
#include "tool/mcp_transport.h"
#include "tool/tool_run.h"
#include "wire/jsonrpc.h"

enum {
	MCP_LIST_MS = 60 * 1000,
	MCP_CALL_MS = 300 * 1000,
	MCP_CALL_MAX_MS = 3600 * 1000,	/* progress does not help beyond */
	MCP_PAGES_MAX = 100,
	MCP_TOOLS_MAX = 2000,
};

/* e is NULL and msg a result or an error; or the request is lost. */
typedef void (*mcp_answer_fn)(struct mcp *m, const struct jsonrpc *msg,
    const struct err *e, void *arg);

struct mcp_request {
	TAILQ_ENTRY(mcp_request) entry;
	struct mcp *mcp;
	int64_t id;
	const char *method;		/* a literal */
	mcp_answer_fn fn;
	void (*on_progress)(const struct json *params, void *arg);
	/* it wanted to ask a person something, and was told no */
	void (*on_declined)(const struct json *params, void *arg);
	void *arg;
	struct event *clock;
	int64_t ms, started;		/* started: microseconds */
};

struct mcp_tool {
	struct tool tool;
	struct mcp *mcp;
	char *name, *title, *description, *schema, *original,
	    *definition;
	char *output;			/* outputSchema, or NULL */
};

/* One listing. The newest is first; older ones stay for who holds them. */
struct mcp_listing {
	SLIST_ENTRY(mcp_listing) entry;
	struct mcp_tool **v;
	const struct tool **tools;	/* the same, ends with NULL */
	size_t count;
};

struct mcp {
	struct mcp_opts opts;
	char *dir;
	enum mcp_state state;
	struct mcp_transport *transport;
	struct mcp_transport *dying;	/* over, to be freed */
	TAILQ_HEAD(, mcp_request) requests;
	int64_t next_id;
	struct err why;
	char *instructions;
	bool has_tools;
	SLIST_HEAD(, mcp_listing) listings;
	struct mcp_listing *coming;	/* being filled, page by page */
	char *cursor;
	int pages;
	struct event *restart, *relist, *changed;
	int64_t starts[5];		/* when; microseconds */
	int start_count;
	int64_t unsettled;	/* since when, microseconds; 0: it is settled */
};

/* mcp.c. params: JSON text. NULL: e says why. */
struct mcp_request *mcp_request(struct mcp *m, const char *method,
	    const char *params, int64_t ms, mcp_answer_fn fn, void *arg,
	    struct err *e) ATTR_MUST_USE;
/* Tell the server to stop, and forget it without a callback. */
void	mcp_request_cancel(struct mcp_request *r, const char *reason);
void	mcp_notify(struct mcp *m, const char *method, const char *params);
void	mcp_changed(struct mcp *m);	/* tell it from the loop */

/* Its tools may change any moment, or are all there. */
void	mcp_unsettle(struct mcp *m);

/* mcp_text.c: at most max bytes of s, without what nobody can see */
void	mcp_add_plain(struct buf *out, const char *s, size_t max);

/* mcp_elicit.c: the result for an elicitation/create of a form; may: its
 * defaults will do */
void	mcp_elicit_answer(struct buf *out, const struct json *params,
	    bool may);

/* mcp_revision.c */
#define MCP_REVISION "2025-11-25"
bool	mcp_revision_known(const char *s);
/* What an error has to say of revisions: " (it speaks ...; ...)" or "" */
void	mcp_revision_refused(struct buf *out, int64_t code,
	    const struct json *data);

/* mcp_list.c */
void	mcp_list_start(struct mcp *m);
void	mcp_listing_free(struct mcp_listing *l);

/* mcp_call.c: a start() of struct tool */
struct tool_run *mcp_call_start(const struct tool *tool,
	    const struct json *input, const struct tool_env *env,
	    const struct tool_fns *fns, struct err *e);

#endif
