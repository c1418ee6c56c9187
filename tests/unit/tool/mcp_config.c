/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mcp_config.c - server lists as other programs write them; tool names */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "tool/mcp.h"
#include "tool/mcp_config.h"
#include "tool/mcp_priv.h"

static void
read_ok(struct mcp_config *c, const char *text)
{
	struct err e = ERR_INIT;

	assert_int_equal(mcp_config_read(c, text, strlen(text), "/w/proj", &e),
	    0);
}

static void
other_programs_files_are_read(void **state)
{
	static const char *const files[] = {
		"{\"mcpServers\":{\"s\":{\"command\":\"x\","
		    "\"args\":[\"a\",\"b\"],\"env\":{\"K\":\"v\"}}}}",
		"{\"mcp\":{\"s\":{\"type\":\"local\","
		    "\"command\":[\"x\",\"a\",\"b\"],"
		    "\"environment\":{\"K\":\"v\"}}}}",
		"// VS Code\n{\"servers\":{\"s\":{\"command\":\"x\",/* , */"
		    "\"args\":[\"a\",\"b\",],\"env\":{\"K\":\"v\",},},},}",
		"\xef\xbb\xbf{\"mcp\":{\"servers\":{\"s\":{\"command\":\"x\","
		    "\"args\":[\"a\",\"b\"],\"env\":{\"K\":\"v\"}}}}}",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof files / sizeof files[0]; i++) {
		struct mcp_config c = { 0 };
		struct buf b = BUF_INIT;

		read_ok(&c, files[i]);
		assert_int_equal(c.count, 1);
		assert_null(c.v[0].broken);
		assert_string_equal(c.v[0].name, "s");
		assert_string_equal(c.v[0].env[0], "K=v");
		mcp_entry_describe(&b, &c.v[0]);
		assert_string_equal(b.data, "x a b");
		buf_clear(&b);
		mcp_config_clear(&c);
	}
}

static void
remote_ones_and_switches_too(void **state)
{
	struct mcp_config c = { 0 };

	(void)state;
	read_ok(&c, "{\"mcpServers\":{"
	    "\"a\":{\"httpUrl\":\"https://h/\",\"headers\":{\"A\":\"b\"}},"
	    "\"b\":{\"url\":\"http://h/\",\"timeout\":5,\"disabled\":true},"
	    "\"c\":{\"command\":\"x\",\"enabled\":false,\"timeout\":7000},"
	    "\"d\":{\"type\":\"sse\",\"url\":\"http://h/\"},"
	    "\"e\":{\"args\":[]},\"f\":{\"command\":\"x//y\","
	    "\"includeTools\":[\"t\"],\"excludeTools\":[\"u\"],"
	    "\"autoApprove\":[\"t\"]}}}");
	assert_int_equal(c.count, 6);
	assert_string_equal(c.v[0].url, "https://h/");
	assert_string_equal(c.v[0].headers[0], "A: b");
	assert_true(c.v[1].off);
	assert_int_equal(c.v[1].timeout_ms, 5000);
	assert_true(c.v[2].off);
	assert_int_equal(c.v[2].timeout_ms, 7000);
	assert_non_null(c.v[3].broken);
	assert_non_null(c.v[4].broken);
	assert_string_equal(c.v[5].argv[0], "x//y");
	assert_string_equal(c.v[5].only[0], "t");
	assert_string_equal(c.v[5].except[0], "u");
	/* the first of a name stays */
	read_ok(&c, "{\"mcpServers\":{\"a\":{\"command\":\"evil\"}}}");
	assert_int_equal(c.count, 6);
	assert_null(c.v[0].argv);
	mcp_config_clear(&c);
}

static void
variables_are_put_in(void **state)
{
	struct mcp_config c = { 0 };

	(void)state;
	setenv("MCP_TEST", "val", 1);
	unsetenv("MCP_NONE");
	read_ok(&c, "{\"mcpServers\":{\"a\":{\"command\":\"${MCP_TEST}\","
	    "\"args\":[\"${env:MCP_TEST}-${MCP_NONE:-d}\","
	    "\"${workspaceFolder}/${workspaceFolderBasename}\",\"$MCP_TEST\"]"
	    "},\"b\":{\"command\":\"${MCP_NONE}\"}}}");
	assert_string_equal(c.v[0].argv[0], "val");
	assert_string_equal(c.v[0].argv[1], "val-d");
	assert_string_equal(c.v[0].argv[2], "/w/proj/proj");
	assert_string_equal(c.v[0].argv[3], "$MCP_TEST");
	assert_string_equal(c.v[1].broken,
	    "b: nothing is known to put in for MCP_NONE");
	mcp_config_clear(&c);
}

static void
what_is_no_list_is_refused(void **state)
{
	static const char *const bad[] = {
		"", "{", "[]", "{}", "{\"mcpServers\":[]}", "{\"mcp\":1}",
		"{\"mcpServers\":{\"a\":1}}", "/*", "\"",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct mcp_config c = { 0 };
		struct err e = ERR_INIT;

		assert_int_equal(mcp_config_read(&c, bad[i], strlen(bad[i]),
		    "/", &e), -1);
		assert_int_equal(e.code, ERR_CONFIG);
		mcp_config_clear(&c);
	}
}

static void
names_fit_what_providers_take(void **state)
{
	struct buf b = BUF_INIT, c = BUF_INIT;
	char longer[101];

	(void)state;
	mcp_tool_name(&b, "my server", "a.b/c-d_e");
	assert_string_equal(b.data, "mcp__my_server__a_b_c-d_e");
	buf_reset(&b);
	memset(longer, 'x', 100);
	longer[100] = '\0';
	mcp_tool_name(&b, "s", longer);
	assert_int_equal(b.len, 64);
	longer[99] = 'y';
	mcp_tool_name(&c, "s", longer);
	assert_string_not_equal(b.data, c.data);
	buf_clear(&b);
	buf_clear(&c);
}

static void
what_nobody_sees_is_left_out(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	mcp_add_plain(&b, "a\x1b[2Jb\n\tc\xe2\x80\xae" "d\xe2\x80\x8b" "e"
	    "\xf3\xa0\x81\x89" "f\xf0\x9f\x91\xa9\xe2\x80\x8d", 100);
	assert_string_equal(b.data, "a[2Jb\n\tcdef\xf0\x9f\x91\xa9"
	    "\xe2\x80\x8d");
	buf_reset(&b);
	mcp_add_plain(&b, "ab\xc3\xa4", 3);	/* not half a letter */
	assert_string_equal(b.data, "ab");
	buf_clear(&b);
}

static void
changes_of_a_definition_are_seen(void **state)
{
	static const char *const texts[] = {
		"{\"mcpServers\":{\"a\":{\"command\":\"x\"}}}",
		"{\"mcpServers\":{\"a\":{\"command\":\"x\",\"args\":[\"y\"]}}}",
		"{\"mcpServers\":{\"a\":{\"command\":\"x\",\"env\":"
		    "{\"A\":\"1\"}}}}",
		"{\"mcpServers\":{\"a\":{\"url\":\"http://h/\"}}}",
	};
	char sums[4][SHA256_HEX];

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct mcp_config config = { 0 };

		assert_int_equal(mcp_config_read(&config, texts[i],
		    strlen(texts[i]), "/", NULL), 0);
		memcpy(sums[i], config.v[0].sum, SHA256_HEX);
		mcp_config_clear(&config);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(sums[i], sums[j]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(other_programs_files_are_read),
		cmocka_unit_test(remote_ones_and_switches_too),
		cmocka_unit_test(variables_are_put_in),
		cmocka_unit_test(what_is_no_list_is_refused),
		cmocka_unit_test(names_fit_what_providers_take),
		cmocka_unit_test(what_nobody_sees_is_left_out),
		cmocka_unit_test(changes_of_a_definition_are_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
