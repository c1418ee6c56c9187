/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mcp_try.c - chatd mcp test and call: speaks to a server, without a model */

#include <event2/event.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "cli/halves.h"
#include "cli/mcp.h"
#include "cli/opts.h"
#include "cli/out.h"
#include "tool/mcp.h"
#include "tool/tool.h"
#include "ui/safe.h"

struct try {
	struct halves h;
	struct mcp_config config;
	char *dir;
	const struct opts *opts;
	struct mcp *mcp;
	bool called;
	int status;		/* of the call */
};

static void
changed(struct mcp *m, void *arg)
{
	struct try *t = arg;

	(void)m;
	event_base_loopbreak(t->h.base);
}

static int
try_open(struct try *t, const struct opts *o, struct err *e)
{
	memset(t, 0, sizeof(*t));
	t->opts = o;
	t->dir = path_cwd(e);
	if (t->dir == NULL || mcp_cli_load(&t->config, e) == -1)
		return -1;
	return halves_open(&t->h, HALVES_LOOP, o, e);
}

static void
try_close(struct try *t)
{
	if (t->mcp != NULL) {
		mcp_hang_up(t->mcp);
		mcp_free(t->mcp);
	}
	halves_close(&t->h);
	mcp_config_clear(&t->config);
	free(t->dir);
}

static int
check_consent(const struct mcp_entry *entry, struct err *e)
{
	if (mcp_entry_trust(entry) == TRUST_YES)
		return 0;
	return err_set(e, ERR_FORBIDDEN, "%s names it, and nobody has agreed "
	    "yet (chatd mcp allow %s)", entry->file, entry->name);
}

/* A server that is silent is one that cannot be reached; 124 is for a limit
 * that was given. */
static enum err_code
code_of(const struct mcp *m)
{
	enum err_code code = mcp_error_code(m);

	return code == ERR_NONE || code == ERR_TIMEOUT ? ERR_UNREACHABLE :
	    code;
}

/* Until its tools are there, or it is known that they will not be; at most as
 * long as its startupTimeout says. */
static int
connect_to(struct try *t, const struct mcp_entry *entry, struct err *e)
{
	struct timeval limit = { .tv_sec = entry->start_ms / 1000,
	    .tv_usec = entry->start_ms % 1000 * 1000 };
	struct mcp_opts mo = {
		.base = t->h.base, .pool = t->h.fetch, .entry = entry,
		.dir = t->dir, .accept = t->opts->yes,
		.on_change = changed, .arg = t,
	};

	if (check_consent(entry, e) == -1)
		return -1;
	t->mcp = mcp_new(&mo);
	while (mcp_unsettled_ms(t->mcp) > 0 &&
	    mcp_state(t->mcp) != MCP_WAITING) {
		if (entry->start_ms > 0 &&
		    mcp_unsettled_ms(t->mcp) > entry->start_ms)
			return err_set(e, ERR_UNREACHABLE, "MCP server %s was "
			    "not ready within its startupTimeout, %ld s",
			    entry->name, entry->start_ms / 1000);
		if (entry->start_ms > 0)
			event_base_loopexit(t->h.base, &limit);
		event_base_dispatch(t->h.base);
	}
	if (mcp_state(t->mcp) == MCP_READY && mcp_error(t->mcp)[0] == '\0')
		return 0;
	return err_set(e, code_of(t->mcp), "%s", mcp_error(t->mcp));
}

/* test */

static void
add_tools_json(const struct try *t, struct json_w *w)
{
	const struct tool *const *tool;

	json_w_key(w, "tools");
	json_w_arr(w);
	for (mcp_tools(t->mcp, &tool); *tool != NULL; tool++) {
		json_w_obj(w);
		json_w_kstr(w, "name", (*tool)->name);
		json_w_kstr(w, "title", (*tool)->title);
		json_w_kstr(w, "description", (*tool)->description);
		json_w_kraw(w, "inputSchema", (*tool)->schema);
		json_w_obj_end(w);
	}
	json_w_arr_end(w);
}

static void
add_json(const struct try *t, const struct mcp_entry *entry, struct buf *out,
    const struct err *e)
{
	struct json_w w;

	if (out->len > 1)
		buf_addc(out, ',');
	json_w_init(&w, out);
	json_w_obj(&w);
	json_w_kstr(&w, "name", entry->name);
	json_w_kbool(&w, "ready", e == NULL);
	if (e != NULL)
		json_w_kstr(&w, "error", e->text);
	else
		add_tools_json(t, &w);
	json_w_obj_end(&w);
}

static void
add_text(const struct try *t, const struct mcp_entry *entry, struct buf *out,
    const struct err *e)
{
	const struct tool *const *tool;
	struct buf b = BUF_INIT;

	if (e != NULL) {
		buf_addf(&b, "%s: failed: %s\n", entry->name, e->text);
	} else {
		buf_addf(&b, "%s: ready, %zu tools\n", entry->name,
		    mcp_tools(t->mcp, &tool));
		for (; *tool != NULL; tool++)
			buf_addf(&b, "  %s  %s\n", (*tool)->name,
			    (*tool)->title);
	}
	safe_text(out, b.data, b.len);
	buf_clear(&b);
}

/* 0, or the status of what went wrong; that is told in out. */
static int
test_one(struct try *t, const struct mcp_entry *entry, struct buf *out)
{
	struct err why = ERR_INIT;
	int r = connect_to(t, entry, &why);

	if (t->opts->json)
		add_json(t, entry, out, r == 0 ? NULL : &why);
	else
		add_text(t, entry, out, r == 0 ? NULL : &why);
	if (t->mcp != NULL) {
		mcp_hang_up(t->mcp);
		mcp_free(t->mcp);
	}
	t->mcp = NULL;
	return r == 0 ? 0 : err_exit_status(why.code);
}

int
mcp_cli_test(const struct opts *o, char *const *words, struct err *e)
{
	struct try t;
	struct buf out = BUF_INIT;
	int r = try_open(&t, o, e);
	const struct mcp_entry *one = r == -1 || words[0] == NULL ? NULL :
	    mcp_cli_find_any(&t.config, words[0], e);

	if (words[0] != NULL && one == NULL)
		r = -1;
	if (o->json)
		buf_addc(&out, '[');
	for (size_t i = 0; r >= 0 && i < t.config.count; i++) {
		const struct mcp_entry *entry = &t.config.v[i];
		int status = one != NULL ? entry != one : entry->off;

		status = status != 0 ? 0 : test_one(&t, entry, &out);
		r = status != 0 ? status : r;
	}
	if (o->json)
		buf_adds(&out, "]\n");
	/* what is for people is filtered already */
	if (r >= 0 && out_json(&out, e) == -1)
		r = -1;
	buf_clear(&out);
	try_close(&t);
	return r;
}

/* call */

static void
call_done(struct tool_result *res, void *arg)
{
	struct try *t = arg;
	struct buf b = BUF_INIT, safe = BUF_INIT;
	bool failed = err_is_set(&res->err);
	int fd = failed ? STDERR_FILENO : STDOUT_FILENO;

	t->called = true;
	t->status = failed ? 1 : 0;
	buf_adds(&b, t->opts->json && res->output != NULL ? res->output :
	    res->model != NULL ? res->model : res->err.text);
	buf_addc(&b, '\n');
	if (isatty(fd))
		safe_text(&safe, b.data, b.len);
	else
		buf_add(&safe, b.data, b.len);
	/* the status says that it was called */
	(void)out_write(fd, safe.data, safe.len, NULL);
	buf_clear(&b);
	buf_clear(&safe);
	event_base_loopbreak(t->h.base);
}

static const struct tool *
find_tool(const struct try *t, const char *name, struct err *e)
{
	const struct tool *const *tool;
	struct buf whole = BUF_INIT;

	mcp_tool_name(&whole, mcp_name(t->mcp), name);
	mcp_tools(t->mcp, &tool);
	while (*tool != NULL && strcmp((*tool)->name, whole.data) != 0 &&
	    strcmp((*tool)->name, name) != 0)
		tool++;
	buf_clear(&whole);
	if (*tool == NULL)
		err_set(e, ERR_NOT_FOUND, "%s has no tool %s",
		    mcp_name(t->mcp), name);
	return *tool;
}

static int
call_tool(struct try *t, const char *name, const char *input, struct err *e)
{
	const struct tool *tool = find_tool(t, name, e);
	struct tool_fns fns = { .on_done = call_done, .arg = t };
	struct tool_env env = { .base = t->h.base, .pool = t->h.fetch,
	    .dir = t->dir };
	struct json_doc *args;
	struct tool_run *run;

	if (tool == NULL)
		return -1;
	args = json_parse(input, strlen(input), 0, e);
	if (args == NULL)
		return -1;
	run = tool_start(tool, json_root(args), &env, &fns, e);
	while (run != NULL && !t->called)
		event_base_dispatch(t->h.base);
	json_doc_free(args);
	return run == NULL ? -1 : t->status;
}

int
mcp_cli_call(const struct opts *o, char *const *words, struct err *e)
{
	struct try t;
	const struct mcp_entry *entry;
	int r = try_open(&t, o, e);

	if (r == 0) {
		entry = mcp_cli_find_any(&t.config, words[0], e);
		r = entry == NULL ? -1 : connect_to(&t, entry, e);
	}
	if (r == 0)
		r = call_tool(&t, words[1], words[2] != NULL ? words[2] :
		    "{}", e);
	try_close(&t);
	return r;
}
