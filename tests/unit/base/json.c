/* SPDX-License-Identifier: GPL-3.0-or-later */
/* json.c - JSON read, looked at and written */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"

static struct json_doc *
parse(const char *text)
{
	struct err e = ERR_INIT;
	struct json_doc *doc = json_parse(text, strlen(text), 0, &e);

	if (doc == NULL)
		fail_msg("%s: %s", text, e.text);
	return doc;
}

static void
check_same(const char *text, const char *want)
{
	struct json_doc *doc = parse(text);
	char *got = json_text(json_root(doc));

	assert_string_equal(got, want);
	free(got);
	json_doc_free(doc);
}

static void
check_refused(const char *text, size_t len, unsigned flags)
{
	struct err e = ERR_INIT;

	if (json_parse(text, len, flags, &e) != NULL)
		fail_msg("taken: %s", text);
	assert_int_equal(e.code, ERR_INPUT);
	assert_true(e.text[0] != '\0');
}

static void
good_text_comes_out_as_json_stringify_writes_it(void **state)
{
	static const char *const cases[][2] = {
		{ " null ", "null" }, { "true", "true" }, { "false", "false" },
		{ "0", "0" }, { "1 ", "1" }, { "-0.50e+10", "-0.50e+10" },
		{ "\"\"", "\"\"" }, { "[]", "[]" }, { "{ }", "{}" },
		{ "[1,2\t,[3],{}]", "[1,2,[3],{}]" },
		{ "{\"a\":{\"b\":[null]},\"\":1}",
		    "{\"a\":{\"b\":[null]},\"\":1}" },
		{ "\"\\/\\b\\f\\n\\r\\t\\\"\\\\\"",
		    "\"/\\b\\f\\n\\r\\t\\\"\\\\\"" },
		{ "\"\\u0000\\u001F\x7f\\u007f\"", "\"\\u0000\\u001f\x7f\x7f\"" },
		{ "\"\\ud83d\\ude00\\u20ac\\u00e9\"",
		    "\"\xf0\x9f\x98\x80\xe2\x82\xac\xc3\xa9\"" },
		{ "\"\\uDE00\\uD83D\"", "\"\\ude00\\ud83d\"" },
		{ "\"\\ud83d\\ud83d\\ude00\"", "\"\\ud83d\xf0\x9f\x98\x80\"" },
		{ "\"\xef\xbf\xbd\xe2\x80\xa8\"", "\"\xef\xbf\xbd\xe2\x80\xa8\"" },
		{ "\"0123456789abcdef\\n0123456\xc3\xa9 0123456789\"",
		    "\"0123456789abcdef\\n0123456\xc3\xa9 0123456789\"" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(cases); i++)
		check_same(cases[i][0], cases[i][1]);
}

static void
what_is_not_json_is_refused(void **state)
{
	static const char *const cases[] = {
		"", " ", "nul", "nulll", "tru", "01", "1.", ".5", "1e", "1e+",
		"-", "+1", "0x1", "NaN", "\"", "\"\\", "\"\\x\"", "\"\\u12g4\"",
		"\"\\u12", "\"\t\"", "'a'", "[", "[1", "[1,", "[1,]", "[,1]",
		"[1 2]", "]", "{", "{a:1}", "{\"a\"}", "{\"a\":}",
		"{\"a\":1,}", "{\"a\":1", "{,}", "[1}", "{\"a\":1]", "1 2",
		"\"\xff\"", "\"\xed\xa0\xbd\"", "\"\xc3\"", "\"\xc0\x80\"",
		"\"\xf4\x90\x80\x80\"", ("\xef\xbb\xbf" "1"), "[1\xc2\xa0]",
		"/* */1", "\"\\\0\"",
	};
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(cases); i++)
		check_refused(cases[i], strlen(cases[i]), 0);
	check_refused("\"a\0b\"", 5, 0);
	check_refused("1\0", 2, 0);
}

static void
an_error_names_the_place(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_null(json_parse("[1,\n x]", 7, 0, &e));
	assert_string_equal(e.text, "invalid JSON at byte 5: a value is wanted");
	err_clear(&e);
	assert_null(json_parse("[1,", 3, 0, &e));
	assert_string_equal(e.text, "invalid JSON at byte 3: unexpected end");
}

static void
no_prefix_of_a_text_is_taken_or_read_past_its_end(void **state)
{
	static const char text[] = "{\"a\":[1.5e3,true,false,null,\"x\\n"
	    "\\ud83d\\ude00\xc3\xa9\"],\"b\":{\"c\":-1}}";
	size_t i;

	(void)state;
	for (i = 0; i < sizeof text - 1; i++) {
		/* a copy of its own, so that a sanitizer sees the end */
		char *copy = malloc(i + 1);

		memcpy(copy, text, i);
		copy = realloc(copy, i == 0 ? 1 : i);
		check_refused(copy, i, 0);
		free(copy);
	}
	check_same(text, "{\"a\":[1.5e3,true,false,null,\"x\\n"
	    "\xf0\x9f\x98\x80\xc3\xa9\"],\"b\":{\"c\":-1}}");
}

static void
bad_bytes_are_replaced_where_that_is_asked(void **state)
{
	struct json_doc *doc;

	(void)state;
	doc = json_parse("\"a\xff\xc3" "b\xed\xa0\x80\"", 9, JSON_REPLACE_UTF8,
	    NULL);
	assert_string_equal(json_str(json_root(doc)), "a\xef\xbf\xbd\xef\xbf"
	    "\xbd" "b\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	json_doc_free(doc);
}

static void
depth_has_a_limit(void **state)
{
	char text[2 * JSON_DEPTH_MAX + 2];
	struct json_doc *doc;

	(void)state;
	memset(text, '[', JSON_DEPTH_MAX + 1);
	memset(text + JSON_DEPTH_MAX + 1, ']', JSON_DEPTH_MAX + 1);
	check_refused(text, sizeof text, 0);
	doc = json_parse(text + 1, sizeof text - 2, 0, NULL);
	assert_non_null(doc);
	json_doc_free(doc);
}

static void
of_duplicate_keys_the_last_wins_at_the_first_place(void **state)
{
	struct buf b = BUF_INIT;
	struct json_doc *doc;
	int i;

	(void)state;
	check_same("{\"a\":1,\"b\":2,\"a\":{\"x\":[]},\"b\":3,\"\\u0061\":4}",
	    "{\"a\":4,\"b\":3}");
	check_same("{\"a\":1,\"b\":2,\"a\":3}", "{\"a\":3,\"b\":2}");
	buf_addc(&b, '{');
	for (i = 0; i < 100000; i++)
		buf_addf(&b, "\"k%d\":%d,", i % 50000, i);
	buf_adds(&b, "\"z\":0}");
	doc = json_parse(b.data, b.len, 0, NULL);
	assert_int_equal(json_len(json_root(doc)), 50001);
	assert_string_equal(json_name(json_first(json_root(doc))), "k0");
	assert_string_equal(json_str(json_first(json_root(doc))), "50000");
	assert_string_equal(json_str(json_get(json_root(doc), "z")), "0");
	json_doc_free(doc);
	buf_clear(&b);
}

static void
keys_that_reach_for_the_prototype_are_refused(void **state)
{
	static const char *const bad[] = {
		"{\"__proto__\":1}", "[{\"a\":{\"\\u005f_proto__\":{}}}]",
		"{\"constructor\":{\"prototype\":null}}",
	};
	static const char *const fine[] = {
		"{\"constructor\":1,\"prototype\":{}}", "[\"__proto__\"]",
		"{\"constructor\":{\"a\":{\"prototype\":1}}}",
		"{\"a\":{\"__proto__\":1},\"a\":2}",
	};
	struct json_doc *doc;
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(bad); i++) {
		check_refused(bad[i], strlen(bad[i]), JSON_REFUSE_PROTO);
		json_doc_free(parse(bad[i]));
	}
	for (i = 0; i < NELEM(fine); i++) {
		doc = json_parse(fine[i], strlen(fine[i]), JSON_REFUSE_PROTO,
		    NULL);
		assert_non_null(doc);
		json_doc_free(doc);
	}
}

static void
values_are_looked_at(void **state)
{
	struct json_doc *doc = parse("{\"s\":\"a\\u0000b\",\"t\":true,"
	    "\"n\":null,\"a\":[1,2,3],\"o\":{\"p\":{\"q\":7}}}");
	const struct json *v = json_root(doc), *w;
	int64_t sum = 0, n;

	(void)state;
	assert_int_equal(json_len(json_get(v, "s")), 3);
	assert_memory_equal(json_get_str(v, "s"), "a\0b", 4);
	assert_true(json_bool(json_get(v, "t"), false));
	assert_true(json_bool(json_get(v, "missing"), true));
	assert_true(json_is(json_get(v, "n"), JSON_NULL));
	assert_false(json_is_set(json_get(v, "n")));
	assert_false(json_is(json_get(v, "missing"), JSON_NULL));
	assert_false(json_streq(json_get(v, "s"), "a"));
	JSON_EACH(w, json_get(v, "a")) {
		assert_int_equal(json_int64(w, &n), 0);
		sum += n;
	}
	assert_int_equal(sum, 6);
	assert_string_equal(json_str(json_path(v, "o", "p", "q", NULL)), "7");
	assert_null(json_path(v, "o", "x", "q", NULL));
	assert_string_equal(json_str(json_at(json_get(v, "a"), 2)), "3");
	assert_null(json_at(json_get(v, "a"), 3));
	assert_null(json_get_str(v, "a"));
	assert_null(json_first(json_get(v, "s")));
	json_doc_free(doc);
}

static void
a_list_is_looked_through(void **state)
{
	struct json_doc *doc = parse("[1,\"a\",\"b\\u0000c\",[\"d\"]]");

	(void)state;
	assert_true(json_lists(json_root(doc), "a"));
	assert_false(json_lists(json_root(doc), "1"));
	assert_false(json_lists(json_root(doc), "b"));
	assert_false(json_lists(json_root(doc), "d"));
	assert_false(json_lists(json_at(json_root(doc), 1), "a"));
	assert_false(json_lists(NULL, "a"));
	json_doc_free(doc);
}

static void
nothing_is_asked_of_nothing(void **state)
{
	double d;

	(void)state;
	assert_int_equal(json_type(NULL), JSON_NULL);
	assert_null(json_str(NULL));
	assert_null(json_get(NULL, "a"));
	assert_null(json_first(NULL));
	assert_null(json_next(NULL));
	assert_null(json_name(NULL));
	assert_null(json_at(NULL, 0));
	assert_null(json_root(NULL));
	assert_int_equal(json_len(NULL), 0);
	assert_int_equal(json_double(NULL, &d), -1);
	assert_true(json_equal(NULL, NULL));
	json_doc_free(NULL);
}

static void
numbers_are_whole_or_not(void **state)
{
	static const struct {
		const char *text;
		int result;
		int64_t n;
	} cases[] = {
		{ "0", 0, 0 }, { "-5", 0, -5 }, { "1e3", 0, 1000 },
		{ "5.0", 0, 5 }, { "5.5", -1, 0 }, { "1e400", -1, 0 },
		{ "9223372036854775807", 0, INT64_MAX },
		{ "9223372036854775808", -1, 0 }, { "9.3e18", -1, 0 },
		{ "-9223372036854775808", 0, INT64_MIN }, { "\"1\"", -1, 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(cases); i++) {
		struct json_doc *doc = parse(cases[i].text);
		int64_t n = 0;

		assert_int_equal(json_int64(json_root(doc), &n),
		    cases[i].result);
		assert_int_equal(n, cases[i].n);
		json_doc_free(doc);
	}
}

static void
check_equal(const char *a, const char *b, bool want)
{
	struct json_doc *x = parse(a), *y = parse(b);

	if (json_equal(json_root(x), json_root(y)) != want)
		fail_msg("%s and %s", a, b);
	json_doc_free(x);
	json_doc_free(y);
}

static void
equality_is_by_value(void **state)
{
	struct buf a = BUF_INIT, b = BUF_INIT;
	int i;

	(void)state;
	check_equal("{\"a\":1,\"b\":[2]}", "{\"b\":[2.0],\"a\":1e0}", true);
	check_equal("{\"a\":1}", "{\"a\":2}", false);
	check_equal("{\"a\":1}", "{\"b\":1}", false);
	check_equal("{\"a\":1}", "{\"a\":1,\"b\":1}", false);
	check_equal("[1,2]", "[2,1]", false);
	check_equal("\"1\"", "1", false);
	check_equal("true", "false", false);
	check_equal("0", "-0", true);
	buf_addc(&a, '{');
	buf_addc(&b, '{');
	for (i = 0; i < 1000; i++) {
		buf_addf(&a, "\"k%d\":%d,", i, i);
		buf_addf(&b, "\"k%d\":%d,", 999 - i, 999 - i);
	}
	buf_adds(&a, "\"x\":1}");
	buf_adds(&b, "\"x\":1}");
	check_equal(a.data, b.data, true);
	b.data[b.len - 2] = '2';
	check_equal(a.data, b.data, false);
	buf_clear(&a);
	buf_clear(&b);
}

static void
doubles_are_written_as_javascript_does(void **state)
{
	static const struct {
		double d;
		const char *want;
	} cases[] = {
		{ 0, "0" }, { -0.0, "0" }, { 1, "1" }, { -1.5, "-1.5" },
		{ 0.1, "0.1" }, { 0.1 + 0.2, "0.30000000000000004" },
		{ 100, "100" }, { 1e21, "1e+21" }, { 1e20,
		"100000000000000000000" }, { 12345678901234567890.0,
		"12345678901234567000" }, { 1e-6, "0.000001" },
		{ 1e-7, "1e-7" }, { 1.5e-9, "1.5e-9" }, { 5e-324, "5e-324" },
		{ 1.7976931348623157e308, "1.7976931348623157e+308" },
		{ 123.456, "123.456" }, { INFINITY, "null" }, { NAN, "null" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(cases); i++) {
		struct buf b = BUF_INIT;
		struct json_w w;

		json_w_init(&w, &b);
		json_w_double(&w, cases[i].d);
		assert_string_equal(b.data, cases[i].want);
		buf_clear(&b);
	}
}

static void
the_writer_puts_the_commas(void **state)
{
	struct json_doc *doc = parse("[1,{\"q\":\"r\"}]");
	struct buf b = BUF_INIT;
	struct json_w w;

	(void)state;
	json_w_init(&w, &b);
	json_w_obj(&w);
	json_w_kstr(&w, "a", "x\"y");
	json_w_kstr(&w, "b", NULL);
	json_w_key(&w, "c");
	json_w_arr(&w);
	json_w_int(&w, INT64_MIN);
	json_w_arr(&w);
	json_w_arr_end(&w);
	json_w_obj(&w);
	json_w_obj_end(&w);
	json_w_bool(&w, true);
	json_w_arr_end(&w);
	json_w_kvalue(&w, "d", json_root(doc));
	json_w_kraw(&w, "e", NULL);
	json_w_kraw(&w, "f", "{}");
	json_w_kint(&w, "g", 3);
	json_w_kbool(&w, "h", false);
	json_w_knull(&w, "i");
	json_w_kstrn(&w, "j", "p\0q", 3);
	json_w_obj_end(&w);
	assert_string_equal(b.data, "{\"a\":\"x\\\"y\",\"b\":null,\"c\":["
	    "-9223372036854775808,[],{},true],\"d\":[1,{\"q\":\"r\"}],"
	    "\"e\":null,\"f\":{},\"g\":3,\"h\":false,\"i\":null,"
	    "\"j\":\"p\\u0000q\"}");
	buf_clear(&b);
	json_doc_free(doc);
}

static void
odd_bytes_are_written_safely(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	json_add_quoted(&b, "\xed\xa0\xbd\xed\xb8\x80\xed\xa0\xbd\xed\xa0\xbd"
	    "\xff\xc3\xed\xb8\x80\xe2\x82", 18);
	assert_string_equal(b.data, "\"\xf0\x9f\x98\x80\\ud83d\\ud83d\xef\xbf"
	    "\xbd\xef\xbf\xbd\\ude00\xef\xbf\xbd\"");
	buf_clear(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    good_text_comes_out_as_json_stringify_writes_it),
		cmocka_unit_test(what_is_not_json_is_refused),
		cmocka_unit_test(an_error_names_the_place),
		cmocka_unit_test(
		    no_prefix_of_a_text_is_taken_or_read_past_its_end),
		cmocka_unit_test(bad_bytes_are_replaced_where_that_is_asked),
		cmocka_unit_test(depth_has_a_limit),
		cmocka_unit_test(
		    of_duplicate_keys_the_last_wins_at_the_first_place),
		cmocka_unit_test(keys_that_reach_for_the_prototype_are_refused),
		cmocka_unit_test(values_are_looked_at),
		cmocka_unit_test(a_list_is_looked_through),
		cmocka_unit_test(nothing_is_asked_of_nothing),
		cmocka_unit_test(numbers_are_whole_or_not),
		cmocka_unit_test(equality_is_by_value),
		cmocka_unit_test(doubles_are_written_as_javascript_does),
		cmocka_unit_test(the_writer_puts_the_commas),
		cmocka_unit_test(odd_bytes_are_written_safely),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
