/* SPDX-License-Identifier: GPL-3.0-or-later */
/* route.c - paths and methods find their handlers (session-protocol 1) */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "server/query.h"
#include "server/route.h"

static const struct route *
match(const char *method, const char *path, char **key, bool *known)
{
	struct route_names names;
	const struct route *r = route_match(method, path, strlen(path),
	    &names, known);

	*key = names.key;
	free(names.channel);
	return r;
}

static void
check_key(const char *path, const char *want)
{
	char *key;
	bool known;

	assert_non_null(match("GET", path, &key, &known));
	if (want == NULL)
		assert_null(key);
	else
		assert_string_equal(key, want);
	free(key);
}

/* session-protocol 1.1: split first, decode once */
static void
decodes_keys_once(void **state)
{
	(void)state;
	check_key("/api/v1/sessions/a%2Fb", "a/b");
	check_key("/api/v1/sessions/a%252Fb", "a%2Fb");
	check_key("/api/v1/sessions/%C3%A9+%20", "\xc3\xa9+ ");
	check_key("/api/v1/sessions/close", "close");
	check_key("/realtime/v1/sessions/x%3Ay/out/records", "x:y");
	check_key("/realtime/v1/sessions/x/channels/n/out/records", "x");
	check_key("/api/v1/sessions/%zz", NULL);
	check_key("/api/v1/sessions/%00", NULL);
	check_key("/api/v1/sessions/%4", NULL);
	check_key("/api/v1/sessions", NULL);
}

static void
knows_what_is_not_there(void **state)
{
	static const char *const paths[] = {
		"", "/", "/api", "/api/v1/sessions/a/b",
		"/api/v1/sessions/a/close/", "api/v1/sessions",
		"/api/v1/sessionsx", "/realtime/v1/sessions/a",
		"/realtime/v1/sessions/a/channels/n",
		"/realtime/v1/sessions/a/channels/n/in/x",
	};
	char *key;
	bool known;

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		assert_null(match("GET", paths[i], &key, &known));
		assert_false(known);
	}
}

/* session-protocol 1: the wrong method is 405 with Allow */
static void
tells_methods_apart(void **state)
{
	static const char path[] = "/api/v1/sessions/x";
	struct buf b = BUF_INIT;
	char *key;
	bool known;

	(void)state;
	assert_null(match("DELETE", path, &key, &known));
	assert_true(known);
	assert_null(match("GET", "/realtime/v1/sessions/x/in/append", &key,
	    &known));
	assert_true(known);
	assert_non_null(match("HEAD", path, &key, &known));
	free(key);
	route_allow(&b, path, strlen(path));
	assert_string_equal(b.data, "GET,HEAD,PATCH,OPTIONS");
	buf_clear(&b);
}

static void
reads_queries(void **state)
{
	struct query *q = query_new(
	    "page%5Bsize%5D=7&a=x%26y+z&a=second&flag&off=0&bad=%q&&n=9x");
	int64_t n;

	(void)state;
	assert_int_equal(query_int(q, "page[size]", 1, 100, 20, &n), 0);
	assert_int_equal(n, 7);
	assert_int_equal(query_int(q, "page[size]", 1, 6, 20, &n), -1);
	assert_int_equal(query_int(q, "none", 1, 6, 20, &n), 0);
	assert_int_equal(n, 20);
	assert_int_equal(query_int(q, "n", 0, 100, 0, &n), -1);
	assert_string_equal(query_get(q, "a"), "x&y z");
	assert_true(query_flag(q, "flag"));
	assert_false(query_flag(q, "off"));
	assert_false(query_flag(q, "none"));
	assert_null(query_get(q, "bad"));
	query_free(q);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decodes_keys_once),
		cmocka_unit_test(knows_what_is_not_there),
		cmocka_unit_test(tells_methods_apart),
		cmocka_unit_test(reads_queries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
