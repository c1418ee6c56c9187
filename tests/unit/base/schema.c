/* SPDX-License-Identifier: GPL-3.0-or-later */
/* schema.c - does a value fit a JSON Schema? */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/schema.h"

static struct json_doc *
parse(const char *text)
{
	struct json_doc *doc = json_parse(text, strlen(text), 0, NULL);

	if (doc == NULL)
		fail_msg("not JSON: %s", text);
	return doc;
}

static int
check(const char *schema, const char *value, struct err *e)
{
	struct json_doc *s = parse(schema), *v = parse(value);
	int r = schema_check(json_root(s), json_root(v), e);

	json_doc_free(s);
	json_doc_free(v);
	return r;
}

/* schema, a value that fits, one that does not, what is said then */
static const char *const cases[][4] = {
	{ "{\"type\":\"string\"}", "\"a\"", "5",
	    "value: a string is wanted, not 5" },
	{ "{\"type\":\"integer\"}", "5.0", "5.5",
	    "value: a whole number is wanted, not 5.5" },
	{ "{\"type\":[\"null\",\"boolean\"]}", "false", "[]",
	    "value: null or true or false is wanted, not []" },
	{ "{\"enum\":[1,\"a\",{\"b\":[]}]}", "{\"b\":[]}", "2",
	    "value: [1,\"a\",{\"b\":[]}] is wanted, not 2" },
	{ "{\"const\":{\"a\":1,\"b\":2}}", "{\"b\":2.0,\"a\":1}", "{}",
	    "value: {\"a\":1,\"b\":2} is wanted, not {}" },
	{ "{\"properties\":{\"city\":{\"type\":\"string\"}}}",
	    "{\"city\":\"Rome\",\"x\":1}", "{\"city\":5}",
	    "/city: a string is wanted, not 5" },
	{ "{\"required\":[\"a\",\"b\"]}", "{\"a\":1,\"b\":null}", "{\"a\":1}",
	    "value: \"b\" is missing" },
	{ "{\"properties\":{\"a\":true},\"patternProperties\":{\"^x-\":"
	    "{\"type\":\"number\"}},\"additionalProperties\":false}",
	    "{\"a\":1,\"x-b\":2}", "{\"b\":1}",
	    "value: \"b\" is not expected" },
	{ "{\"patternProperties\":{\"^x-\":{\"type\":\"number\"}}}",
	    "{\"y\":\"\"}", "{\"x-/~\":\"\"}",
	    "/x-~1~0: a number is wanted, not \"\"" },
	{ "{\"additionalProperties\":{\"type\":\"null\"}}", "{\"a\":null}",
	    "{\"a\":1}", "/a: null is wanted, not 1" },
	{ "{\"propertyNames\":{\"maxLength\":2}}", "{\"ab\":1}",
	    "{\"abc\":1}", "value: \"abc\" is no name for a member" },
	{ "{\"minProperties\":1,\"maxProperties\":2}", "{\"a\":1}", "{}",
	    "value: at least 1 members are wanted, not 0" },
	{ "{\"items\":{\"type\":\"number\"}}", "[1,2]", "[1,\"x\"]",
	    "/1: a number is wanted, not \"x\"" },
	{ "{\"prefixItems\":[{\"type\":\"string\"}],\"items\":"
	    "{\"type\":\"number\"}}", "[\"a\",1]", "[\"a\",\"b\"]",
	    "/1: a number is wanted, not \"b\"" },
	{ "{\"contains\":{\"const\":1}}", "[2,1]", "[2]",
	    "value: too few items are as \"contains\" wants" },
	{ "{\"contains\":{\"const\":1},\"minContains\":0,\"maxContains\":1}",
	    "[2]", "[1,1]", "value: too many items are as \"contains\" says" },
	{ "{\"minItems\":1,\"maxItems\":2}", "[1]", "[1,2,3]",
	    "value: at most 2 items are wanted, not 3" },
	{ "{\"uniqueItems\":true}", "[1,\"1\",[1]]", "[[1],2,[1.0]]",
	    "value: items 0 and 2 are the same" },
	{ "{\"minLength\":2,\"maxLength\":3}", "\"\\u00e9\\ud83d\\ude00\"",
	    "\"\\ud83d\\ude00\"",
	    "value: at least 2 characters are wanted, not 1" },
	{ "{\"pattern\":\"^\\\\d+$\"}", "\"12\"", "\"1x\"",
	    "value: a match of ^\\d+$ is wanted, not \"1x\"" },
	{ "{\"minimum\":1,\"maximum\":3}", "1", "0.5",
	    "value: at least 1 is wanted, not 0.5" },
	{ "{\"exclusiveMinimum\":1}", "1.1", "1",
	    "value: more than 1 is wanted, not 1" },
	{ "{\"exclusiveMaximum\":1}", "0", "1",
	    "value: less than 1 is wanted, not 1" },
	{ "{\"multipleOf\":0.1}", "0.3", "0.35",
	    "value: a multiple of 0.1 is wanted, not 0.35" },
	{ "{\"allOf\":[{\"minimum\":1},{\"maximum\":2}]}", "2", "3",
	    "value: at most 2 is wanted, not 3" },
	{ "{\"anyOf\":[{\"type\":\"null\"},{\"minimum\":2}]}", "null", "1",
	    "value: one of the alternatives is wanted, not 1" },
	{ "{\"oneOf\":[{\"minimum\":1},{\"minimum\":2}]}", "1", "2",
	    "value: exactly one of the alternatives is wanted, not 2" },
	{ "{\"not\":{\"type\":\"null\"}}", "1", "null",
	    "value: something else is wanted, not null" },
	{ "{\"if\":{\"minimum\":5},\"then\":{\"multipleOf\":5},\"else\":"
	    "{\"const\":1}}", "10", "6",
	    "value: a multiple of 5 is wanted, not 6" },
	{ "{\"$defs\":{\"a b\":{\"items\":{\"$ref\":\"#/$defs/a%20b\"},"
	    "\"type\":\"array\"}},\"$ref\":\"#/$defs/a%20b\"}", "[[],[[]]]",
	    "[[1]]", "/0/0: an array is wanted, not 1" },
	{ "false", NULL, "1", "value: nothing is allowed here" },
	{ "{\"properties\":{\"a\":false}}", "{}", "{\"a\":1}",
	    "/a: nothing is allowed here" },
};

static void
every_keyword_takes_and_refuses(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(cases); i++) {
		struct err e = ERR_INIT;

		if (cases[i][1] != NULL &&
		    check(cases[i][0], cases[i][1], &e) == -1)
			fail_msg("%s: %s", cases[i][0], e.text);
		if (check(cases[i][0], cases[i][2], &e) == 0)
			fail_msg("%s takes %s", cases[i][0], cases[i][2]);
		assert_string_equal(e.text, cases[i][3]);
		assert_int_equal(e.code, ERR_INPUT);
	}
}

static void
keywords_judge_only_their_own_type(void **state)
{
	(void)state;
	assert_int_equal(check("{\"minLength\":5,\"minItems\":5,\"minimum\":5,"
	    "\"minProperties\":5,\"pattern\":\"x\",\"required\":[\"a\"],"
	    "\"uniqueItems\":true}", "true", NULL), 0);
	assert_int_equal(check("{\"format\":\"date\",\"x-mine\":1}", "1",
	    NULL), 0);
	assert_int_equal(check("true", "1", NULL), 0);
}

static void
hostile_schemas_come_to_an_end(void **state)
{
	static const char *const schemas[] = {
		"{\"$ref\":\"#\"}", "{\"not\":{\"$ref\":\"#\"}}",
		"{\"anyOf\":[{\"$ref\":\"#\"},{\"$ref\":\"#\"}]}",
		"{\"$ref\":\"http://x/y\"}", "{\"$ref\":\"#/nowhere\"}",
		"{\"not\":{\"$ref\":\"#/nowhere\"}}",
		"{\"allOf\":[{\"oneOf\":[{\"$ref\":\"#\"},true]}]}",
	};
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(schemas); i++) {
		struct err e = ERR_INIT;

		assert_int_equal(check(schemas[i], "{\"a\":1}", &e), -1);
		assert_int_equal(e.code, ERR_CONFIG);
	}
}

static void
hostile_values_come_to_an_end(void **state)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	int i;

	(void)state;
	buf_addc(&b, '[');
	for (i = 0; i < 20000; i++)
		buf_addf(&b, "%d,", i);
	buf_adds(&b, "0]");
	assert_int_equal(check("{\"uniqueItems\":true}", b.data, &e), -1);
	buf_clear(&b);
}

static void
long_values_are_cut_in_messages(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(check("{\"type\":\"null\"}", "\"0123456789012345678901"
	    "234567890123456789012345678901234567890123456789\"", &e), -1);
	assert_string_equal(e.text, "value: null is wanted, not \"0123456789012"
	    "3456789012345678901234567890123456789012345678...");
}

static void
schemas_are_judged_themselves(void **state)
{
	static const char *const bad[] = {
		"1", "null", "{\"type\":\"text\"}", "{\"type\":[]}",
		"{\"type\":[\"string\",1]}", "{\"properties\":[]}",
		"{\"properties\":{\"a\":1}}", "{\"required\":\"a\"}",
		"{\"required\":[1]}", "{\"minLength\":-1}",
		"{\"minimum\":\"1\"}", "{\"pattern\":\"(\"}",
		"{\"patternProperties\":{\"[\":true}}", "{\"enum\":1}",
		"{\"anyOf\":[]}", "{\"anyOf\":{}}", "{\"items\":[1]}",
		"{\"not\":{\"type\":0}}", "{\"$ref\":\"#/x\"}", "{\"$ref\":1}",
		"{\"uniqueItems\":1}", "{\"$defs\":{\"a\":{\"if\":3}}}",
	};
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(bad); i++) {
		struct json_doc *doc = parse(bad[i]);
		struct err e = ERR_INIT;

		if (schema_valid(json_root(doc), &e) == 0)
			fail_msg("taken: %s", bad[i]);
		assert_int_equal(e.code, ERR_CONFIG);
		json_doc_free(doc);
	}
	for (i = 0; i < NELEM(cases); i++) {
		struct json_doc *doc = parse(cases[i][0]);

		assert_int_equal(schema_valid(json_root(doc), NULL), 0);
		json_doc_free(doc);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_keyword_takes_and_refuses),
		cmocka_unit_test(keywords_judge_only_their_own_type),
		cmocka_unit_test(hostile_schemas_come_to_an_end),
		cmocka_unit_test(hostile_values_come_to_an_end),
		cmocka_unit_test(long_values_are_cut_in_messages),
		cmocka_unit_test(schemas_are_judged_themselves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
