/* SPDX-License-Identifier: GPL-3.0-or-later */
/* turn_servers.c - the MCP servers of a turn: waited for, told about */

#include <stdlib.h>
#include <string.h>

#include "agent/agent_priv.h"
#include "agent/permit.h"
#include "agent/turn.h"
#include "agent/turn_priv.h"
#include "agent/turn_servers.h"
#include "base/json.h"
#include "base/mem.h"
#include "tool/mcp_pool.h"
#include "tool/tool.h"

struct turn_servers {
	struct mcp_set *set;
	unsigned *told;		/* of each: bits of states */
};

static bool
is_wanted(const char *server, void *arg)
{
	const struct turn *t = arg;

	return !permit_forbids_server(t->permit, server);
}

static void
changed(void *arg)
{
	turn_kick(arg);
}

static struct turn_servers *
servers_open(struct turn *t)
{
	struct turn_servers *ts = xcalloc(1, sizeof(*ts));
	struct mcp_set_opts so = {
		.dir = t->setup.dir, .wanted = is_wanted,
		.on_change = changed, .arg = t,
	};
	struct mcp_member m;
	size_t n = 0;

	ts->set = mcp_set_open(agent_opts(t->ag)->mcp, &so);
	while (mcp_set_member(ts->set, n, &m))
		n++;
	ts->told = xcalloc(n + 1, sizeof(*ts->told));
	return ts;
}

void
turn_servers_close(struct turn *t)
{
	if (t->servers == NULL)
		return;
	mcp_set_close(t->servers->set);
	free(t->servers->told);
	free(t->servers);
	t->servers = NULL;
}

static void
tell_member(struct turn *t, const struct mcp_member *m, const char *state,
    const char *text)
{
	struct buf b = BUF_INIT;
	struct json_w w;

	json_w_init(&w, &b);
	json_w_obj(&w);
	json_w_kstr(&w, "server", m->name);
	json_w_kstr(&w, "state", state);
	json_w_kstr(&w, "text", text);
	json_w_obj_end(&w);
	emit_note(&t->emit, "chatd-mcp", b.data);
	buf_clear(&b);
}

/* waits: the turn does so for those that are starting. */
static void
tell_all(struct turn *t, bool waits)
{
	struct mcp_member m;

	for (size_t i = 0; mcp_set_member(t->servers->set, i, &m); i++) {
		bool starts = m.state == MCP_MEMBER_STARTING;
		unsigned bit = starts && !waits ? 1u << 8 : 1u << m.state;

		if (m.state == MCP_MEMBER_READY ||
		    (t->servers->told[i] & bit) != 0)
			continue;
		t->servers->told[i] |= bit;
		if (starts && !waits)
			tell_member(t, &m, "slow", "takes long to start; its "
			    "tools come when it is ready");
		else
			tell_member(t, &m, mcp_member_state_name(m.state),
			    starts ? "starting" : m.why);
	}
}

bool
turn_servers_ready(struct turn *t)
{
	if (agent_opts(t->ag)->mcp == NULL)
		return true;
	if (t->servers == NULL)
		t->servers = servers_open(t);
	bool waits = mcp_set_waits(t->servers->set);

	tell_all(t, waits);
	return !waits;
}

const struct tool *const *
turn_servers_tools(struct turn *t)
{
	static const struct tool *const none[] = { NULL };

	return t->servers == NULL ? none : mcp_set_tools(t->servers->set);
}

static void
prompt_member(const struct mcp_member *m, struct buf *out)
{
	if (m->state == MCP_MEMBER_READY && m->instructions[0] != '\0')
		buf_addf(out, "\n\nThe MCP server %s says about itself (its "
		    "words, not the user's):\n%s", m->name, m->instructions);
	else if (m->state == MCP_MEMBER_FAILED ||
	    m->state == MCP_MEMBER_STARTING)
		buf_addf(out, "\n\nThe tools of the MCP server %s cannot be "
		    "used now%s%s", m->name, m->why[0] != '\0' ? ": " : ".",
		    m->why);
}

void
turn_servers_prompt(const struct turn *t, struct buf *out)
{
	struct mcp_member m;

	if (t->servers == NULL)
		return;
	for (size_t i = 0; mcp_set_member(t->servers->set, i, &m); i++)
		prompt_member(&m, out);
}
