/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mcp_list.c - the tools of an MCP server, and their names */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/schema.h"
#include "base/sha256.h"
#include "tool/mcp_priv.h"

enum {
	NAME_MAX_BYTES = 64,
	DESCRIPTION_MAX = 16 * 1024,
	SCHEMA_MAX = 64 * 1024,
};

static uint64_t
hash_of(uint64_t h, const char *s)
{
	for (; *s != '\0'; s++)
		h = (h ^ (unsigned char)*s) * 0x100000001b3u;
	return h * 0x100000001b3u;
}

static void
add_plain(struct buf *out, const char *s)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

	for (; *s != '\0'; s++)
		buf_addc(out, strchr(plain, *s) != NULL ? *s : '_');
}

/* Cut, or told apart, by six digits of a hash of the whole name. */
static void
add_hashed_name(struct buf *out, const char *server, const char *tool)
{
	uint64_t h = hash_of(hash_of(0xcbf29ce484222325u, server), tool);

	if (out->len > NAME_MAX_BYTES - 7)
		buf_cut(out, NAME_MAX_BYTES - 7);
	buf_addf(out, "_%06x", (unsigned)(h & 0xffffff));
}

void
mcp_tool_name(struct buf *out, const char *server, const char *tool)
{
	struct buf b = BUF_INIT;

	buf_adds(&b, "mcp__");
	add_plain(&b, server);
	buf_adds(&b, "__");
	add_plain(&b, tool);
	if (b.len > NAME_MAX_BYTES)
		add_hashed_name(&b, server, tool);
	buf_add(out, b.data, b.len);
	buf_clear(&b);
}

static void
tool_free(struct mcp_tool *t)
{
	free(t->name);
	free(t->title);
	free(t->description);
	free(t->schema);
	free(t->original);
	free(t->definition);
	free(t->output);
	free(t);
}

void
mcp_listing_free(struct mcp_listing *l)
{
	if (l == NULL)
		return;
	while (l->count > 0)
		tool_free(l->v[--l->count]);
	free(l->v);
	free(l->tools);
	free(l);
}

static bool
is_one_of(char **list, const char *name)
{
	for (; list != NULL && *list != NULL; list++) {
		if (strcmp(*list, name) == 0 || strcmp(*list, "*") == 0)
			return true;
	}
	return false;
}

/* Does the configuration want it, and can we call it at all? */
static bool
is_wanted(const struct mcp *m, const struct json *v, const char *name)
{
	const struct mcp_entry *e = m->opts.entry;

	if (e->only != NULL && !is_one_of(e->only, name))
		return false;
	if (is_one_of(e->except, name))
		return false;
	return !json_streq(json_path(v, "execution", "taskSupport", NULL),
	    "required");
}

static char *
copy_or(const char *s, const char *otherwise)
{
	struct buf b = BUF_INIT;

	mcp_add_plain(&b, s == NULL ? otherwise : s, DESCRIPTION_MAX);
	return buf_take(&b);
}

/* Providers refuse a whole request for one schema that is no object's. */
static char *
schema_of(const struct json *v)
{
	const struct json *schema = json_get(v, "inputSchema");
	char *text = json_streq(json_get(schema, "type"), "object") ?
	    json_text(schema) : NULL;

	if (text != NULL && strlen(text) <= SCHEMA_MAX)
		return text;
	free(text);
	return xstrdup("{\"type\":\"object\"}");
}

/* Of the structured content; NULL: there is none that we can judge by. */
static char *
output_schema_of(const struct json *v)
{
	const struct json *schema = json_get(v, "outputSchema");
	char *text = json_is(schema, JSON_OBJECT) &&
	    schema_valid(schema, NULL) == 0 ? json_text(schema) : NULL;

	if (text != NULL && strlen(text) <= SCHEMA_MAX)
		return text;
	free(text);
	return NULL;
}

static bool
has_name(const struct mcp_listing *l, const char *name)
{
	size_t i;

	for (i = 0; i < l->count; i++) {
		if (strcmp(l->v[i]->name, name) == 0)
			return true;
	}
	return false;
}

/* What the model is told of it; the lengths part them. */
static char *
definition_of(const struct mcp_tool *t)
{
	char *text = xasprintf("%zu %zu %s%s%s", strlen(t->original),
	    strlen(t->description), t->original, t->description, t->schema);
	char sum[SHA256_HEX];

	sha256_hex(text, strlen(text), sum);
	free(text);
	return xstrdup(sum);
}

static void
add_tool(struct mcp *m, struct mcp_listing *l, const struct json *v)
{
	const char *name = json_get_str(v, "name");
	const char *title = json_get_str(v, "title");
	struct buf b = BUF_INIT;
	struct mcp_tool *t;

	if (name == NULL || *name == '\0' || l->count == MCP_TOOLS_MAX ||
	    !is_wanted(m, v, name))
		return;
	mcp_tool_name(&b, mcp_name(m), name);
	if (has_name(l, b.data))
		add_hashed_name(&b, mcp_name(m), name);
	t = xcalloc(1, sizeof *t);
	t->mcp = m;
	t->name = buf_take(&b);
	t->original = xstrdup(name);
	if (title == NULL)
		title = json_str(json_path(v, "annotations", "title", NULL));
	t->title = copy_or(title, name);
	t->description = copy_or(json_get_str(v, "description"), "");
	t->schema = schema_of(v);
	t->output = output_schema_of(v);
	t->definition = definition_of(t);
	t->tool = (struct tool){ .name = t->name, .title = t->title,
	    .description = t->description, .schema = t->schema,
	    .effect = TOOL_RUNS, .definition = t->definition,
	    .outside = true, .start = mcp_call_start, .arg = t };
	l->v = xreallocarray(l->v, l->count + 1, sizeof *l->v);
	l->v[l->count++] = t;
}

static int
by_name(const void *a, const void *b)
{
	struct mcp_tool *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

static bool
same_listing(const struct mcp_listing *a, const struct mcp_listing *b)
{
	size_t i;

	if (a == NULL || a->count != b->count)
		return false;
	for (i = 0; i < a->count; i++) {
		if (strcmp(a->v[i]->name, b->v[i]->name) != 0 ||
		    strcmp(a->v[i]->definition, b->v[i]->definition) != 0)
			return false;
	}
	return true;
}

static void
listing_done(struct mcp *m)
{
	struct mcp_listing *l = m->coming;
	size_t i;

	if (l->count > 0)
		qsort(l->v, l->count, sizeof *l->v, by_name);
	/* all stay until the end: no new one for a list that is as it was */
	if (same_listing(SLIST_FIRST(&m->listings), l)) {
		m->coming = NULL;
		mcp_listing_free(l);
		mcp_changed(m);
		return;
	}
	l->tools = xcalloc(l->count + 1, sizeof *l->tools);
	for (i = 0; i < l->count; i++)
		l->tools[i] = &l->v[i]->tool;
	m->coming = NULL;
	SLIST_INSERT_HEAD(&m->listings, l, entry);
	mcp_changed(m);
}

static void ask_page(struct mcp *m);

static void
page_came(struct mcp *m, const struct jsonrpc *msg, const struct err *e,
    void *arg)
{
	const struct json *v;
	const char *next;
	bool more;

	(void)arg;
	if (m->coming == NULL)
		return;
	if (e != NULL || msg->kind == JSONRPC_ERROR) {
		err_clear(&m->why);
		err_set(&m->why, ERR_FAILED, "MCP server %s: its tools could "
		    "not be listed: %.300s", mcp_name(m),
		    e != NULL ? e->text : msg->message);
		mcp_listing_free(m->coming);
		m->coming = NULL;
		mcp_changed(m);
		return;
	}
	JSON_EACH(v, json_get(msg->params, "tools"))
		add_tool(m, m->coming, v);
	next = json_get_str(msg->params, "nextCursor");
	/* A cursor that comes again would never end. */
	more = next != NULL && ++m->pages < MCP_PAGES_MAX &&
	    (m->cursor == NULL || strcmp(m->cursor, next) != 0);
	str_replace(&m->cursor, more ? next : NULL);
	if (more)
		ask_page(m);
	else
		listing_done(m);
}

static void
ask_page(struct mcp *m)
{
	struct buf b = BUF_INIT;
	struct json_w w;
	struct err e = ERR_INIT;

	json_w_init(&w, &b);
	json_w_obj(&w);
	if (m->cursor != NULL)
		json_w_kstr(&w, "cursor", m->cursor);
	json_w_obj_end(&w);
	if (mcp_request(m, "tools/list", b.data, MCP_LIST_MS, page_came, NULL,
	    &e) == NULL)
		page_came(m, NULL, &e, NULL);
	buf_clear(&b);
}

void
mcp_list_start(struct mcp *m)
{
	/* One is under way: what changed since is asked for after it. */
	if (m->coming != NULL) {
		event_add(m->relist, &(struct timeval){ .tv_sec = 1 });
		return;
	}
	m->coming = xcalloc(1, sizeof *m->coming);
	m->pages = 0;
	str_replace(&m->cursor, NULL);
	ask_page(m);
}

size_t
mcp_tools(const struct mcp *m, const struct tool *const **out)
{
	static const struct tool *const none[] = { NULL };
	const struct mcp_listing *l = SLIST_FIRST(&m->listings);

	*out = none;
	if (m->state != MCP_READY || l == NULL)
		return 0;
	*out = l->tools;
	return l->count;
}
