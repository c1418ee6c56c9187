/* SPDX-License-Identifier: GPL-3.0-or-later */
/* json_partial.c - every cut of the vectors' texts, and hostile ones */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"

static enum json_partial
state_of(const char *name)
{
	if (strcmp(name, "successful-parse") == 0)
		return JSON_PARTIAL_WHOLE;
	return strcmp(name, "repaired-parse") == 0 ? JSON_PARTIAL_REPAIRED :
	    JSON_PARTIAL_FAILED;
}

/* The first units UTF-16 units of s, in WTF-8. */
static void
cut(struct buf *b, const char *s, size_t len, int64_t units)
{
	char out[4];
	uint32_t cp;

	buf_reset(b);
	while (units > 0) {
		size_t n = utf8_decode_wtf(s, len, &cp);

		if (cp >= 0x10000 && units == 1)
			cp = 0xd800 + ((cp - 0x10000) >> 10);
		units -= cp >= 0x10000 ? 2 : 1;
		buf_add(b, out, utf8_encode(cp, out));
		s += n;
		len -= n;
	}
}

static void
check_cut(const char *name, const struct json *text, const struct json *want)
{
	const struct json *value = json_get(want, "value");
	struct json_doc *doc;
	struct buf b = BUF_INIT;
	enum json_partial state;
	int64_t units;

	assert_int_equal(json_int64(json_get(want, "units"), &units), 0);
	cut(&b, json_str(text), json_len(text), units);
	state = json_parse_partial(b.data, b.len, &doc);
	if (state != state_of(json_get_str(want, "state")) ||
	    (value == NULL) != (doc == NULL) ||
	    (value != NULL && !json_equal(json_root(doc), value)))
		fail_msg("%s at %d: state %d, value %s", name, (int)units,
		    state, json_text(json_root(doc)));
	json_doc_free(doc);
	buf_clear(&b);
}

static void
check_vector(const char *path)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	const struct json *v, *want;
	struct json_doc *doc;
	size_t n = 0;

	assert_int_equal(buf_read_file(&b, path, 1 << 20, &e), 0);
	doc = json_parse(b.data, b.len, 0, &e);
	assert_string_equal(e.text, "");
	v = json_root(doc);
	JSON_EACH(want, json_path(v, "expect", "cuts", NULL)) {
		check_cut(path, json_get(v, "text"), want);
		n++;
	}
	assert_true(n > 0);
	json_doc_free(doc);
	buf_clear(&b);
}

static void
every_cut_of_every_vector_is_repaired_as_the_package_does(void **state)
{
	const char *top = getenv("top_srcdir");
	char *pattern;
	glob_t g;
	size_t i;

	(void)state;
	pattern = xasprintf("%s/tests/vectors/ui-message-stream/"
	    "partial-json-*.json", top == NULL ? "." : top);
	assert_int_equal(glob(pattern, 0, NULL, &g), 0);
	assert_true(g.gl_pathc >= 17);
	for (i = 0; i < g.gl_pathc; i++)
		check_vector(g.gl_pathv[i]);
	globfree(&g);
	free(pattern);
}

/* What text becomes, as JSON; NULL if it has no value. */
static void
check(const char *text, const char *want)
{
	struct json_doc *doc;
	char *got;

	(void)json_parse_partial(text, strlen(text), &doc);
	if (want == NULL) {
		assert_null(doc);
		return;
	}
	assert_non_null(doc);
	got = json_text(json_root(doc));
	assert_string_equal(got, want);
	free(got);
	json_doc_free(doc);
}

static void
the_rules_of_the_table_hold(void **state)
{
	static const char *const cases[][2] = {
		{ "", NULL }, { "  ", NULL }, { "-", NULL },
		{ "{\"a\":", "{}" }, { "[1,", "[1]" }, { "[1.", "[1]" },
		{ "[1e-", "[1]" }, { "t", "true" }, { "nul", "null" },
		{ "{\"a\":1 \"b\":2", "{\"a\":1}" }, { "{\"a\":1} x", "{\"a\":1}" },
		{ "[1 x", NULL }, { "[1}", "[1]" }, { "{\"a\":1]", "{\"a\":1}" },
		{ "\"a\\", "\"a\"" }, { "\"a\\u00", "\"a\"" },
		{ "\"\\ud83d", "\"\\ud83d\"" }, { "[tx", NULL },
		{ "{\"a\":tx", NULL }, { "[1\xc3\xa9", "[1]" },
		{ "[1\xf0\x9f\x98\x80", NULL }, { "\xf0\x9f\x98\x80 7", NULL },
		{ "{\"__proto__\":1", NULL },
		{ "{\"constructor\":{\"prototype\":1", NULL },
		{ "{\"constructor\":{\"prototype\":", "{\"constructor\":{}}" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(cases); i++)
		check(cases[i][0], cases[i][1]);
}

static void
raw_halves_of_a_pair_are_taken_and_joined(void **state)
{
	(void)state;
	check("\"\xed\xa0\xbd", "\"\\ud83d\"");
	check("\"\xed\xa0\xbd\xed\xb8\x80", "\"\xf0\x9f\x98\x80\"");
	check("\"\xed\xa0\xbd\\ude00", "\"\xf0\x9f\x98\x80\"");
	check("\"\xff", NULL);
}

static void
any_depth_and_any_byte_has_an_end(void **state)
{
	struct json_doc *doc;
	char text[4096];
	size_t i;

	(void)state;
	memset(text, '[', sizeof text);
	assert_int_equal(json_parse_partial(text, sizeof text, &doc),
	    JSON_PARTIAL_FAILED);
	assert_int_equal(json_parse_partial(text, JSON_DEPTH_MAX, &doc),
	    JSON_PARTIAL_REPAIRED);
	json_doc_free(doc);
	for (i = 0; i < sizeof text; i++)
		text[i] = "{[\"\\u,:]}1tn-\xf0\xed"[(i * i + i / 7) % 15];
	for (i = 0; i < sizeof text; i++) {
		(void)json_parse_partial(text + i, (i * 31) % (sizeof text - i),
		    &doc);
		json_doc_free(doc);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    every_cut_of_every_vector_is_repaired_as_the_package_does),
		cmocka_unit_test(the_rules_of_the_table_hold),
		cmocka_unit_test(raw_halves_of_a_pair_are_taken_and_joined),
		cmocka_unit_test(any_depth_and_any_byte_has_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
