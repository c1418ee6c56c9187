/* SPDX-License-Identifier: GPL-3.0-or-later */
/* conf.c - YAML as JSON */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/json.h"

static void
check(const char *yaml, const char *want)
{
	struct err e = ERR_INIT;
	struct json_doc *doc = conf_parse(yaml, strlen(yaml), "f", &e);
	char *got;

	if (doc == NULL)
		fail_msg("%s: %s", yaml, e.text);
	got = json_text(json_root(doc));
	assert_string_equal(got, want);
	free(got);
	json_doc_free(doc);
}

static void
check_error(const char *yaml, const char *want)
{
	struct err e = ERR_INIT;

	assert_null(conf_parse(yaml, strlen(yaml), "f", &e));
	assert_int_equal(e.code, ERR_CONFIG);
	assert_string_equal(e.text, want);
}

static void
yaml_becomes_json(void **state)
{
	static const char *const cases[][2] = {
		{ "", "null" }, { "# only\n", "null" }, { "a", "\"a\"" },
		{ "a: 1\nb:\n  - x\n  - {c: d}\n",
		    "{\"a\":1,\"b\":[\"x\",{\"c\":\"d\"}]}" },
		{ "[~, null, True, FALSE, '', 'true', \"1\", no, yes]",
		    "[null,null,true,false,\"\",\"true\",\"1\",\"no\",\"yes\"]" },
		{ "[1, +2, -3, 007, 0, -0, 0x1f, 0o17, 1_000]",
		    "[1,2,-3,7,0,-0,31,15,\"1_000\"]" },
		{ "[1.5, .5, 2., -.5e3, 1e3, 1.2.3, ., 1e, 00.5]",
		    "[1.5,0.5,2,-0.5e3,1e3,\"1.2.3\",\".\",\"1e\",0.5]" },
		{ "a: |\n  x\n  y\nb: >\n  x\n  y\n",
		    "{\"a\":\"x\\ny\\n\",\"b\":\"x y\\n\"}" },
		{ "a:\n", "{\"a\":null}" }, { "1: x\ntrue: y",
		    "{\"1\":\"x\",\"true\":\"y\"}" },
		{ "[!!str 1, ! 2, !!int '3', \"\\0\", '<<']",
		    "[\"1\",\"2\",3,\"\\u0000\",\"<<\"]" },
		{ "---\na: {}\n...\n", "{\"a\":{}}" },
		{ "\xef\xbb\xbf" "a: \xc3\xa9", "{\"a\":\"\xc3\xa9\"}" },
		{ "{\"a\": [1, 2]}", "{\"a\":[1,2]}" },
		{ "{a: {b: 1}, c: {b: 2}, b: 3}",
		    "{\"a\":{\"b\":1},\"c\":{\"b\":2},\"b\":3}" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(cases); i++)
		check(cases[i][0], cases[i][1]);
}

static void
errors_name_line_and_column(void **state)
{
	(void)state;
	check_error("a: 1\nb: 2\na: 3\n",
	    "f:3:1: the key \"a\" stands in line 1 already");
	check_error("x: {a: 1, 'a': 2}",
	    "f:1:11: the key \"a\" stands in line 1 already");
	check_error("a: &x 1\n", "f:1:4: anchors are not supported");
	check_error("a: *x\n", "f:1:4: aliases are not supported");
	check_error("a: {<<: 1}\n", "f:1:5: merge keys are not supported");
	check_error("? [a]\n: 1\n", "f:1:3: a key must be a word");
	check_error("a: .inf\n", "f:1:4: not a finite number");
	check_error("a: !x 1\n", "f:1:4: unknown tag");
	check_error("a: 1\n---\nb: 2\n", "f:2:1: more than one document");
	check_error("a: 1\nb: \xff\n", "f:2:4: invalid leading UTF-8 octet");
}

static void
what_is_not_yaml_is_an_error(void **state)
{
	static const char *const cases[] = {
		"a: [1", "a: b: c", "\ta: 1", "a: 'x", "a\nb: 1", "%", "@a",
		"a: 1\n b: 2", "\"\\ud83d\"", "a\x01",
	};
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(cases); i++) {
		struct err e = ERR_INIT;

		if (conf_parse(cases[i], strlen(cases[i]), "f", &e) != NULL)
			fail_msg("taken: %s", cases[i]);
		assert_int_equal(e.code, ERR_CONFIG);
		assert_memory_equal(e.text, "f:", 2);
	}
}

static void
depth_has_a_limit(void **state)
{
	char text[2 * JSON_DEPTH_MAX + 2];
	struct json_doc *doc;
	struct err e = ERR_INIT;

	(void)state;
	memset(text, '[', JSON_DEPTH_MAX + 1);
	memset(text + JSON_DEPTH_MAX + 1, ']', JSON_DEPTH_MAX + 1);
	assert_null(conf_parse(text, sizeof text, "f", &e));
	assert_string_equal(e.text, "f:1:257: nested too deeply");
	doc = conf_parse(text + 1, sizeof text - 2, "f", NULL);
	assert_non_null(doc);
	json_doc_free(doc);
}

static void
check_front(const char *text, const char *want, const char *rest)
{
	struct err e = ERR_INIT;
	struct json_doc *doc;
	const char *body;
	char *got;

	assert_int_equal(conf_front_matter(text, strlen(text), "f", &doc,
	    &body, &e), 0);
	assert_string_equal(body, rest);
	if (want == NULL) {
		assert_null(doc);
		return;
	}
	got = json_text(json_root(doc));
	assert_string_equal(got, want);
	free(got);
	json_doc_free(doc);
}

static void
front_matter_is_split_off(void **state)
{
	(void)state;
	check_front("", NULL, "");
	check_front("plain\n---\n", NULL, "plain\n---\n");
	check_front("----\na: 1\n---\n", NULL, "----\na: 1\n---\n");
	check_front("---\na: 1\n---\nbody\n---\n", "{\"a\":1}",
	    "body\n---\n");
	check_front("--- \r\na: 1\r\n---\r\nbody", "{\"a\":1}", "body");
	check_front("---\n---\nx", "null", "x");
	check_front("---\na: 1\n---", "{\"a\":1}", "");
	check_front("---\na: x---\n---\n", "{\"a\":\"x---\"}", "");
}

static void
bad_front_matter_is_an_error(void **state)
{
	static const char *const cases[][2] = {
		{ "---\na: 1\n", "f:1:1: front matter without an end" },
		{ "---", "f:1:1: front matter without an end" },
		{ "---\n- a\n---\n",
		    "f:2:1: front matter must be keys and values" },
		{ "---\nb: 1\na: *b\n---\n",
		    "f:3:4: aliases are not supported" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(cases); i++) {
		struct err e = ERR_INIT;
		struct json_doc *doc;
		const char *body;

		assert_int_equal(conf_front_matter(cases[i][0],
		    strlen(cases[i][0]), "f", &doc, &body, &e), -1);
		assert_null(doc);
		assert_string_equal(e.text, cases[i][1]);
	}
}

static void
files_are_read_or_not_there(void **state)
{
	char path[] = "conf-test.XXXXXX";
	struct err e = ERR_INIT;
	struct json_doc *doc;
	int fd = mkstemp(path);

	(void)state;
	assert_int_equal(write(fd, "a: b\n", 5), 5);
	close(fd);
	doc = conf_read(path, &e);
	assert_string_equal(json_get_str(json_root(doc), "a"), "b");
	json_doc_free(doc);
	unlink(path);
	assert_null(conf_read(path, &e));
	assert_int_equal(e.code, ERR_NOT_FOUND);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(yaml_becomes_json),
		cmocka_unit_test(errors_name_line_and_column),
		cmocka_unit_test(what_is_not_yaml_is_an_error),
		cmocka_unit_test(depth_has_a_limit),
		cmocka_unit_test(front_matter_is_split_off),
		cmocka_unit_test(bad_front_matter_is_an_error),
		cmocka_unit_test(files_are_read_or_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
