/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mcp_pool.c - the MCP servers of a process, shared by the turns in it */

#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include <event2/event.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "tool/mcp_config.h"
#include "tool/mcp_pool.h"
#include "tool/tool.h"

struct server {
	TAILQ_ENTRY(server) entry;
	struct mcp_pool *pool;
	struct mcp_entry config;
	char *dir;
	struct mcp *mcp;
	int refs;		/* sets that have it */
	struct event *idle;	/* pending while refs is 0 */
};

struct member {
	char *name;
	struct server *server;	/* NULL: not started, why says it */
	enum mcp_member_state state;	/* without a server */
	char *why;
};

struct mcp_set {
	TAILQ_ENTRY(mcp_set) entry;
	struct mcp_pool *pool;
	struct mcp_set_opts opts;
	struct member *v;
	size_t count;
	struct event *over;	/* waiting has an end */
	const struct tool **tools;
};

struct mcp_pool {
	struct event_base *base;
	struct fetch_pool *fetch;
	TAILQ_HEAD(, server) servers;
	TAILQ_HEAD(, mcp_set) sets;
};

static struct timeval
ms(int64_t n)
{
	return (struct timeval){ .tv_sec = (time_t)(n / 1000),
	    .tv_usec = (suseconds_t)(n % 1000 * 1000) };
}

struct mcp_pool *
mcp_pool_new(struct event_base *base, struct fetch_pool *fetch)
{
	struct mcp_pool *p = xcalloc(1, sizeof *p);

	p->base = base;
	p->fetch = fetch;
	TAILQ_INIT(&p->servers);
	TAILQ_INIT(&p->sets);
	return p;
}

/* ----------------------------------------------------------------- servers */

static void
server_free(struct server *s)
{
	TAILQ_REMOVE(&s->pool->servers, s, entry);
	mcp_free(s->mcp);
	event_free(s->idle);
	mcp_entry_clear(&s->config);
	free(s->dir);
	free(s);
}

void
mcp_pool_free(struct mcp_pool *p)
{
	struct server *s;

	if (p == NULL)
		return;
	/* all at once: they end side by side */
	TAILQ_FOREACH(s, &p->servers, entry)
		mcp_hang_up(s->mcp);
	while ((s = TAILQ_FIRST(&p->servers)) != NULL)
		server_free(s);
	free(p);
}

static void
server_idle(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	server_free(arg);
}

static bool
set_has(const struct mcp_set *set, const struct server *s)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->v[i].server == s)
			return true;
	return false;
}

static void
server_changed(struct mcp *m, void *arg)
{
	struct server *s = arg;
	struct mcp_set *set;

	(void)m;
	TAILQ_FOREACH(set, &s->pool->sets, entry)
		if (set_has(set, s))
			set->opts.on_change(set->opts.arg);
}

static bool
is_same(const struct server *s, const struct mcp_entry *entry,
    const char *dir)
{
	return strcmp(s->dir, dir) == 0 &&
	    strcmp(s->config.name, entry->name) == 0 &&
	    strcmp(s->config.file, entry->file) == 0 &&
	    strcmp(s->config.sum, entry->sum) == 0;
}

/* Takes entry. */
static struct server *
server_new(struct mcp_pool *p, struct mcp_entry *entry, const char *dir)
{
	struct server *s = xcalloc(1, sizeof *s);

	s->pool = p;
	s->config = *entry;
	memset(entry, 0, sizeof *entry);
	s->dir = xstrdup(dir);
	s->idle = event_new(p->base, -1, 0, server_idle, s);
	struct mcp_opts mo = {
		.base = p->base, .pool = p->fetch, .entry = &s->config,
		.dir = s->dir, .on_change = server_changed, .arg = s,
	};

	s->mcp = mcp_new(&mo);
	TAILQ_INSERT_TAIL(&p->servers, s, entry);
	return s;
}

static struct server *
server_get(struct mcp_pool *p, struct mcp_entry *entry, const char *dir)
{
	struct server *s;

	TAILQ_FOREACH(s, &p->servers, entry)
		if (is_same(s, entry, dir))
			break;
	if (s == NULL)
		s = server_new(p, entry, dir);
	else
		mcp_retry(s->mcp);
	s->refs++;
	event_del(s->idle);
	return s;
}

static void
server_put(struct server *s)
{
	struct timeval tv = ms(MCP_IDLE_MS);

	if (--s->refs == 0)
		event_add(s->idle, &tv);
}

/* -------------------------------------------------------------------- sets */

static void
add_without(struct mcp_set *set, const struct mcp_entry *entry,
    enum mcp_member_state state, const char *why)
{
	set->v[set->count++] = (struct member){
		.name = xstrdup(entry->name), .state = state,
		.why = xstrdup(why),
	};
}

/* Would the tools of an earlier one have the same names? */
static const char *
clash_of(const struct mcp_set *set, const char *name)
{
	struct buf a = BUF_INIT, b = BUF_INIT;
	const char *found = NULL;

	mcp_tool_name(&a, name, "");
	for (size_t i = 0; i < set->count && found == NULL; i++) {
		buf_reset(&b);
		mcp_tool_name(&b, set->v[i].name, "");
		if (strcmp(a.data, b.data) == 0)
			found = set->v[i].name;
	}
	buf_clear(&a);
	buf_clear(&b);
	return found;
}

static void
add_member(struct mcp_set *set, struct mcp_entry *entry)
{
	const char *clash = clash_of(set, entry->name);
	struct buf why = BUF_INIT;

	if (entry->broken != NULL)
		add_without(set, entry, MCP_MEMBER_FAILED, entry->broken);
	else if (clash != NULL) {
		buf_addf(&why, "its tools would have the names of those of %s: "
		    "rename one", clash);
		add_without(set, entry, MCP_MEMBER_FAILED, why.data);
	} else if (mcp_entry_trust(entry) == TRUST_UNKNOWN) {
		buf_addf(&why, "not started: %s names it, and nobody has "
		    "agreed yet (chatd mcp allow %s)", entry->file,
		    entry->name);
		add_without(set, entry, MCP_MEMBER_UNASKED, why.data);
	} else if (mcp_entry_trust(entry) == TRUST_YES) {
		char *name = xstrdup(entry->name);

		set->v[set->count++] = (struct member){ .name = name,
		    .server = server_get(set->pool, entry, set->opts.dir) };
	}
	buf_clear(&why);
}

static void
waited_enough(evutil_socket_t fd, short what, void *arg)
{
	struct mcp_set *set = arg;

	(void)fd;
	(void)what;
	set->opts.on_change(set->opts.arg);
}

struct mcp_set *
mcp_set_open(struct mcp_pool *p, const struct mcp_set_opts *opts)
{
	struct mcp_set *set = xcalloc(1, sizeof *set);
	struct mcp_config config = { 0 };

	set->pool = p;
	set->opts = *opts;
	set->over = event_new(p->base, -1, 0, waited_enough, set);
	TAILQ_INSERT_TAIL(&p->sets, set, entry);
	mcp_config_load(&config, opts->dir);
	set->v = xcalloc(config.count + 1, sizeof *set->v);
	for (size_t i = 0; i < config.count; i++) {
		struct mcp_entry *entry = &config.v[i];

		if (!entry->off && (opts->wanted == NULL ||
		    opts->wanted(entry->name, opts->arg)))
			add_member(set, entry);
	}
	mcp_config_clear(&config);
	return set;
}

void
mcp_set_close(struct mcp_set *set)
{
	if (set == NULL)
		return;
	TAILQ_REMOVE(&set->pool->sets, set, entry);
	for (size_t i = 0; i < set->count; i++) {
		if (set->v[i].server != NULL)
			server_put(set->v[i].server);
		free(set->v[i].name);
		free(set->v[i].why);
	}
	event_free(set->over);
	free(set->v);
	free(set->tools);
	free(set);
}

/* How long a turn should still wait for it; 0: not at all. */
static int64_t
patience(const struct server *s)
{
	int64_t limit = s->config.start_ms > 0 ? s->config.start_ms :
	    MCP_START_MS;
	int64_t waited = mcp_unsettled_ms(s->mcp);

	return waited == 0 || waited > limit ? 0 : limit - waited + 1;
}

bool
mcp_set_waits(struct mcp_set *set)
{
	int64_t most = 0;

	for (size_t i = 0; i < set->count; i++) {
		int64_t left = set->v[i].server == NULL ? 0 :
		    patience(set->v[i].server);

		most = left > most ? left : most;
	}
	struct timeval tv = ms(most);

	if (most > 0)
		event_add(set->over, &tv);
	else
		event_del(set->over);
	return most > 0;
}

const struct tool *const *
mcp_set_tools(struct mcp_set *set)
{
	size_t n = 0;

	free(set->tools);
	set->tools = xcalloc(1, sizeof *set->tools);
	for (size_t i = 0; i < set->count; i++) {
		const struct tool *const *tools;
		size_t more = set->v[i].server == NULL ? 0 :
		    mcp_tools(set->v[i].server->mcp, &tools);

		if (more == 0)
			continue;
		set->tools = xreallocarray(set->tools, n + more + 1,
		    sizeof *set->tools);
		memcpy(set->tools + n, tools, more * sizeof *tools);
		n += more;
		set->tools[n] = NULL;
	}
	return set->tools;
}

bool
mcp_set_member(const struct mcp_set *set, size_t i, struct mcp_member *out)
{
	if (i >= set->count)
		return false;
	const struct member *m = &set->v[i];

	*out = (struct mcp_member){ .name = m->name, .state = m->state,
	    .why = m->why, .instructions = "" };
	if (m->server == NULL)
		return true;
	enum mcp_state state = mcp_state(m->server->mcp);

	out->why = mcp_error(m->server->mcp);
	out->state = state == MCP_FAILED ? MCP_MEMBER_FAILED :
	    state == MCP_READY ? MCP_MEMBER_READY : MCP_MEMBER_STARTING;
	if (state == MCP_READY)
		out->instructions = mcp_instructions(m->server->mcp);
	return true;
}

const char *
mcp_member_state_name(enum mcp_member_state state)
{
	static const char *const names[] = {
		"ready", "starting", "failed", "not asked",
	};

	return names[state];
}

static void
write_server(struct json_w *w, const struct server *s)
{
	static const char *const names[] = {
		[MCP_CONNECTING] = "connecting", [MCP_READY] = "ready",
		[MCP_WAITING] = "restarting", [MCP_FAILED] = "failed",
	};
	const struct tool *const *tools;
	enum mcp_state state = mcp_state(s->mcp);

	/* before its first start it waits for nothing but the loop */
	if (state == MCP_WAITING && mcp_error(s->mcp)[0] == '\0')
		state = MCP_CONNECTING;
	json_w_obj(w);
	json_w_kstr(w, "name", s->config.name);
	json_w_kstr(w, "dir", s->dir);
	json_w_kstr(w, "state", names[state]);
	json_w_kint(w, "tools", (int64_t)mcp_tools(s->mcp, &tools));
	json_w_kstr(w, "text", mcp_error(s->mcp));
	json_w_obj_end(w);
}

void
mcp_pool_write(const struct mcp_pool *p, struct json_w *w)
{
	const struct server *s;

	json_w_arr(w);
	for (s = p == NULL ? NULL : TAILQ_FIRST(&p->servers); s != NULL;
	    s = TAILQ_NEXT(s, entry))
		write_server(w, s);
	json_w_arr_end(w);
}
