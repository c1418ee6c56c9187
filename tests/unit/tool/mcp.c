/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mcp.c - an MCP client with servers that nobody here wrote, and an odd one */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/path.h"
#include "rig.h"
#include "tool/child.h"
#include "tool/mcp.h"
#include "tool/mcp_config.h"
#include "wire/fetch.h"

#define assert_has(s, part) assert_non_null(strstr((s), (part)))

struct peer {
	struct rig *r;
	struct mcp_config config;
	struct mcp *mcp;
	int changes;
};

/* A folder that make names; else the one this runs in. */
static char *
top(const char *name)
{
	return getenv(name) == NULL ? path_cwd(NULL) : xstrdup(getenv(name));
}

/* A package's start script, in the build tree or where the tests are run. */
static char *
package(const char *name)
{
	char *dir = top("top_builddir");
	char *path = xasprintf("%s/tests/mcp/node_modules/"
	    "@modelcontextprotocol/%s/dist/index.js", dir, name);

	free(dir);
	if (!path_exists(path))
		fail_msg("%s is missing: make "
		    "tests/mcp/node_modules/.installed", path);
	return path;
}

static char *
odd(void)
{
	char *dir = top("top_srcdir");
	char *path = xasprintf("%s/tests/mcp/odd.mjs", dir);

	free(dir);
	return path;
}

static void
changed(struct mcp *m, void *arg)
{
	struct peer *p = arg;

	(void)m;
	p->changes++;
}

/* rest: more of the entry, as JSON in which ' stands for " */
static void
peer_open(struct peer *p, struct rig *r, const char *rest)
{
	char *text = xasprintf("{'mcpServers':{'srv':{%s}}}", rest), *c;
	struct mcp_opts opts = { .base = r->base, .dir = r->dir,
	    .on_change = changed, .arg = p };
	struct err e = ERR_INIT;

	memset(p, 0, sizeof *p);
	p->r = r;
	for (c = text; *c != '\0'; c++)
		*c = *c == '\'' ? '"' : *c;
	assert_int_equal(mcp_config_read(&p->config, text, strlen(text),
	    r->dir, &e), 0);
	free(text);
	r->env.pool = fetch_pool_new(r->base);
	opts.pool = r->env.pool;
	opts.entry = &p->config.v[0];
	p->mcp = mcp_new(&opts);
}

static void
peer_script(struct peer *p, struct rig *r, char *script, const char *args)
{
	char *rest = xasprintf("'command':'node','args':['%s'%s]", script,
	    args);

	peer_open(p, r, rest);
	free(rest);
	free(script);
}

static void
peer_close(struct peer *p)
{
	mcp_free(p->mcp);
	event_base_dispatch(p->r->base);	/* the child goes */
	fetch_pool_free(p->r->env.pool);
	mcp_config_clear(&p->config);
}

static void
until(struct peer *p, enum mcp_state state)
{
	const struct tool *const *tools;

	while (mcp_state(p->mcp) != state || (state == MCP_READY &&
	    mcp_tools(p->mcp, &tools) == 0)) {
		if (mcp_state(p->mcp) == MCP_FAILED && state != MCP_FAILED)
			fail_msg("%s", mcp_error(p->mcp));
		event_base_loop(p->r->base, EVLOOP_ONCE);
	}
}

static const struct tool *
tool_named(struct peer *p, const char *name)
{
	const struct tool *const *t;

	for (mcp_tools(p->mcp, &t); *t != NULL; t++) {
		if (strcmp((*t)->name, name) == 0)
			return *t;
	}
	fail_msg("there is no %s", name);
	return NULL;
}

static void
call(struct peer *p, const char *name, const char *input)
{
	char *text = xstrdup(input), *c;
	struct json_doc *doc;

	for (c = text; *c != '\0'; c++)
		*c = *c == '\'' ? '"' : *c;
	doc = json_parse(text, strlen(text), 0, NULL);
	assert_non_null(doc);
	rig_run(p->r, tool_named(p, name), json_root(doc));
	json_doc_free(doc);
	free(text);
}

static void
check_everything(struct peer *p)
{
	struct rig *r = p->r;

	until(p, MCP_READY);
	call(p, "mcp__srv__echo", "{'message':'hi'}");
	assert_has(r->res.model, "hi");
	assert_string_equal(rig_str(r, "server"), "srv");
	call(p, "mcp__srv__get-sum", "{'a':2,'b':40}");
	assert_has(r->res.model, "42");
	call(p, "mcp__srv__get-tiny-image", "{}");
	assert_int_equal(r->res.media_count, 1);
	assert_string_equal(r->res.media[0].media_type, "image/png");
	assert_has(r->res.output, "base64Bytes");
	call(p, "mcp__srv__get-structured-content", "{'location':'Chicago'}");
	assert_has(r->res.output, "\"structuredContent\":{");
	assert_has(r->res.model, "temperature");
	call(p, "mcp__srv__get-resource-links", "{'count':2}");
	assert_has(r->res.model, "[link: ");
	call(p, "mcp__srv__trigger-long-running-operation",
	    "{'duration':1,'steps':4}");
	assert_has(r->previews.data, "\"progress\":");
	assert_has(r->res.model, "ompleted");
	/* arguments are checked before they go anywhere */
	call(p, "mcp__srv__get-sum", "{'a':'x'}");
	assert_int_equal(r->res.err.code, ERR_INPUT);
}

static void
the_everything_server_by_stdio(void **state)
{
	struct peer p;

	peer_script(&p, *state, package("server-everything"), "");
	check_everything(&p);
	assert_true(p.changes > 0);
	assert_true(strlen(mcp_instructions(p.mcp)) > 0);
	peer_close(&p);
}

static int
free_port(void)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof in;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&in, sizeof in), 0);
	getsockname(fd, (struct sockaddr *)&in, &len);
	close(fd);
	return ntohs(in.sin_port);
}

struct service {
	struct child *child;
	struct buf said;
	bool over;
};

static void
service_said(int fd, const char *bytes, size_t len, void *arg)
{
	struct service *s = arg;

	(void)fd;
	buf_add(&s->said, bytes, len);
}

static void
service_over(int status, void *arg)
{
	struct service *s = arg;

	(void)status;
	s->over = true;
}

/* server-everything over HTTP; it says when it listens. */
static void
service_start(struct service *s, struct rig *r, int port)
{
	char *script = package("server-everything");
	const char *argv[] = { "node", script, "streamableHttp", NULL };
	char *number = xasprintf("PORT=%d", port);
	const char *extra[] = { number, NULL };
	char **env = child_env(NULL, extra);
	struct child_opts opts = { .argv = argv, .env = env, .merge = true,
	    .on_bytes = service_said, .on_exit = service_over, .arg = s };
	struct err e = ERR_INIT;

	memset(s, 0, sizeof *s);
	buf_init(&s->said);
	s->child = child_start(r->base, &opts, &e);
	assert_string_equal(e.text, "");
	child_env_free(env);
	free(number);
	free(script);
	while (strstr(s->said.data, "listening") == NULL) {
		if (s->over)
			fail_msg("%s", s->said.data);
		event_base_loop(r->base, EVLOOP_ONCE);
	}
}

static void
service_stop(struct service *s, struct rig *r)
{
	child_kill(s->child);
	while (!s->over)
		event_base_loop(r->base, EVLOOP_ONCE);
	buf_clear(&s->said);
}

static void
the_everything_server_by_http(void **state)
{
	struct rig *r = *state;
	struct service s;
	struct peer p;
	int port = free_port();
	char *rest = xasprintf("'url':'http://127.0.0.1:%d/mcp'", port);

	service_start(&s, r, port);
	peer_open(&p, r, rest);
	check_everything(&p);
	/* It forgets the session when it begins anew; we begin one, too. */
	service_stop(&s, r);
	service_start(&s, r, port);
	call(&p, "mcp__srv__echo", "{'message':'lost'}");
	assert_true(err_is_set(&r->res.err));
	until(&p, MCP_READY);
	call(&p, "mcp__srv__echo", "{'message':'again'}");
	while (err_is_set(&r->res.err)) {
		until(&p, MCP_READY);
		call(&p, "mcp__srv__echo", "{'message':'again'}");
	}
	assert_has(r->res.model, "again");
	mcp_free(p.mcp);
	fetch_pool_free(r->env.pool);
	mcp_config_clear(&p.config);
	service_stop(&s, r);
	free(rest);
}

static void
the_filesystem_server_gets_our_folder_as_root(void **state)
{
	struct rig *r = *state;
	struct peer p;
	char *input;

	rig_file(r, "f.txt", "content\n");
	peer_script(&p, r, package("server-filesystem"), ",'/usr'");
	until(&p, MCP_READY);
	/* It asks for the roots when it likes. */
	do
		call(&p, "mcp__srv__list_allowed_directories", "{}");
	while (strstr(r->res.model, r->dir) == NULL);
	input = xasprintf("{'path':'%s/f.txt'}", r->dir);
	call(&p, "mcp__srv__read_text_file", input);
	assert_has(r->res.model, "content");
	call(&p, "mcp__srv__read_text_file", "{'path':'/etc/passwd'}");
	assert_has(r->res.err.text, "ccess denied");
	assert_has(r->res.output, "\"isError\":true");
	free(input);
	peer_close(&p);
}

static void
the_memory_server_remembers(void **state)
{
	struct rig *r = *state;
	struct peer p;
	char *script = package("server-memory"), *rest;
	int i;

	rest = xasprintf("'command':'node','args':['%s'],"
	    "'env':{'MEMORY_FILE_PATH':'%s/m.jsonl'}", script, r->dir);
	for (i = 0; i < 2; i++) {
		peer_open(&p, r, rest);
		until(&p, MCP_READY);
		if (i == 0)
			call(&p, "mcp__srv__create_entities", "{'entities':[{"
			    "'name':'Ada','entityType':'person',"
			    "'observations':['first']}]}");
		call(&p, "mcp__srv__read_graph", "{}");
		assert_has(r->res.model, "Ada");
		peer_close(&p);
	}
	free(rest);
	free(script);
}

static void
odd_servers_are_borne(void **state)
{
	struct rig *r = *state;
	const struct tool *const *t;
	struct peer p;

	peer_script(&p, r, odd(), "],'excludeTools':['none'");
	until(&p, MCP_READY);
	assert_string_equal(mcp_instructions(p.mcp), "Be kind.");
	/* two pages, sorted, without what needs tasks */
	assert_int_equal(mcp_tools(p.mcp, &t), 4);
	assert_string_equal(t[0]->name, "mcp__srv__a");
	assert_int_equal(t[0]->effect, TOOL_RUNS);
	assert_string_equal(t[3]->name, "mcp__srv__z_z");
	assert_string_not_equal(t[0]->definition, t[3]->definition);
	call(&p, "mcp__srv__a", "{}");
	/* ping and roots answered, sampling refused */
	assert_has(r->res.model, "\"p\":{}");
	assert_has(r->res.model, "\"uri\":\"file:///");
	assert_has(r->res.model, "\"s\":-32601");
	assert_has(r->res.model, "[unsupported content]");
	assert_has(r->res.model, "{\"n\":1}");
	assert_null(strstr(r->res.model, "for people"));
	assert_has(r->res.output, "for people");
	call(&p, "mcp__srv__z_z", "{}");
	assert_has(r->res.err.text, "no such thing");
	peer_close(&p);
}

static void
never(struct tool_result *res, void *arg)
{
	(void)res;
	(void)arg;
	fail();
}

static void
a_call_times_out_or_is_cancelled(void **state)
{
	struct rig *r = *state;
	struct tool_fns fns = { .on_done = never };
	struct json_doc *doc = json_parse("{}", 2, 0, NULL);
	struct tool_run *run;
	struct peer p;

	peer_script(&p, r, odd(), "],'timeout_ms':100,'x':[");
	/* "secret" never answers */
	until(&p, MCP_READY);
	call(&p, "mcp__srv__secret", "{}");
	assert_int_equal(r->res.err.code, ERR_TIMEOUT);
	run = tool_start(tool_named(&p, "mcp__srv__secret"), json_root(doc),
	    &r->env, &fns, NULL);
	assert_non_null(run);
	tool_cancel(run);
	call(&p, "mcp__srv__a", "{}");
	assert_string_equal(r->res.err.text, "");
	json_doc_free(doc);
	peer_close(&p);
}

static void
a_server_that_dies_is_started_again(void **state)
{
	struct rig *r = *state;
	struct peer p;
	char *args = xasprintf(",'die-on=tools/call','once=%s/once'", r->dir);

	peer_script(&p, r, odd(), args);
	until(&p, MCP_READY);
	call(&p, "mcp__srv__a", "{}");
	assert_has(r->res.err.text, "exit status 7");
	assert_has(r->res.err.text, "odd: on stderr");
	until(&p, MCP_READY);
	call(&p, "mcp__srv__a", "{}");
	assert_string_equal(r->res.err.text, "");
	free(args);
	peer_close(&p);
}

static void
what_cannot_work_says_why(void **state)
{
	struct rig *r = *state;
	struct peer p;

	peer_open(&p, r, "'command':'no-such-program-at-all'");
	until(&p, MCP_FAILED);
	assert_has(mcp_error(p.mcp), "command not found: no-such-program");
	peer_close(&p);
	peer_script(&p, r, odd(), ",'version=2099-01-01'");
	until(&p, MCP_FAILED);
	assert_has(mcp_error(p.mcp), "2099-01-01");
	peer_close(&p);
	peer_open(&p, r, "'command':'${NO_SUCH_VARIABLE}'");
	until(&p, MCP_FAILED);
	assert_has(mcp_error(p.mcp), "NO_SUCH_VARIABLE");
	peer_close(&p);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)
	const struct CMUnitTest tests[] = {
		T(odd_servers_are_borne),
		T(a_call_times_out_or_is_cancelled),
		T(a_server_that_dies_is_started_again),
		T(what_cannot_work_says_why),
		T(the_everything_server_by_stdio),
		T(the_everything_server_by_http),
		T(the_filesystem_server_gets_our_folder_as_root),
		T(the_memory_server_remembers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
