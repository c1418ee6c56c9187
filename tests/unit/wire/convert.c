/* SPDX-License-Identifier: GPL-3.0-or-later */
/* convert.c - UI messages to model messages, and the URLs in them */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "wire/convert.h"
#include "wire/url.h"

static void
check_url(const char *url, const char *want)
{
	struct buf b = BUF_INIT;
	int status = url_normalise(url, strlen(url), &b);

	if (status != (want == NULL ? -1 : 0))
		fail_msg("%s: %s", url, status == 0 ? b.data : "refused");
	assert_string_equal(b.data, want == NULL ? "" : want);
	buf_clear(&b);
}

static void
urls_are_written_as_browsers_write_them(void **state)
{
	static const char *const cases[][2] = {
		{ " https://e.example\n", "https://e.example/" },
		{ "HTTP://E.example:80/a/./b/../c?x='#y z",
		    "http://e.example/a/c?x=%27#y%20z" },
		{ "https:e.example\\a\\..\\b", "https://e.example/b" },
		{ "https://u:p@e.example:8443", "https://u:p@e.example:8443/" },
		{ "https://u@x@e.example/", "https://u%40x@e.example/" },
		{ "https://e.example/%2e%2E/a/%2e", "https://e.example/a/" },
		{ "https://e.example/a\xc3\xa9|b",
		    "https://e.example/a%C3%A9|b" },
		{ "http://0x7f.1/", "http://127.0.0.1/" },
		{ "http://[2001:DB8:0:0:1:0:0:1]:443/",
		    "http://[2001:db8::1:0:0:1]:443/" },
		{ "http://[::]", "http://[::]/" },
		{ "http://m\xc3\xbcnchen.example/",
		    "http://xn--mnchen-3ya.example/" },
		{ "http://E%78.example/", "http://ex.example/" },
		{ "data:text/plain,a b#c d", "data:text/plain,a b#c%20d" },
		{ "data:image/png;base64,AA==", "data:image/png;base64,AA==" },
		{ "file:///a/../b", "file:///b" },
		{ "file://localhost/a", "file:///a" },
		{ "x:y/../z", "x:y/../z" },
		{ "x://H/../z", "x://H/z" },
		{ "x:/.//y", "x:/.//y" },
		{ "blob:https://e.example/1", "blob:https://e.example/1" },
		{ "", NULL }, { "not a url", NULL }, { "/a", NULL },
		{ "https://", NULL }, { "http://a b/", NULL },
		{ "http://e.example:99999/", NULL },
		{ "http://e.example:x/", NULL }, { "http://[::1/", NULL },
		{ "http://1.2.3.4.5/", NULL },
		{ "http://256.1.1.1/", NULL },
	};
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(cases); i++)
		check_url(cases[i][0], cases[i][1]);
}

static void
a_location_leads_from_where_it_was_given(void **state)
{
	static const char *const cases[][2] = {
		{ "https://f.example/x", "https://f.example/x" },
		{ "//f.example/x", "https://f.example/x" },
		{ "/x?y", "https://e.example/x?y" },
		{ "x", "https://e.example/a/x" },
		{ "../x", "https://e.example/x" },
		{ "?page=2", "https://e.example/a/b?page=2" },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(cases); i++) {
		struct buf b = BUF_INIT;

		assert_int_equal(url_join(&b, "https://e.example/a/b?c=/d",
		    cases[i][0]), 0);
		assert_string_equal(b.data, cases[i][1]);
		buf_clear(&b);
	}
}

static void
check_convert(const char *messages, const char *want)
{
	struct json_doc *doc = json_parse(messages, strlen(messages), 0,
	    NULL);
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	int status = convert_messages(json_root(doc), NULL, &b, &e);

	assert_non_null(doc);
	assert_int_equal(status, want == NULL ? -1 : 0);
	assert_string_equal(b.data, want == NULL ? "" : want);
	assert_int_equal(e.code, want == NULL ? ERR_INPUT : ERR_NONE);
	json_doc_free(doc);
	buf_clear(&b);
}

static void
empty_messages_are_taken_back(void **state)
{
	(void)state;
	check_convert("[]", "[]");
	check_convert("[{\"role\":\"assistant\",\"parts\":["
	    "{\"type\":\"data-x\",\"data\":1},{\"type\":\"step-start\"},"
	    "{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"step-start\"}]},"
	    "{\"role\":\"user\",\"parts\":[]}]",
	    "[{\"role\":\"assistant\",\"content\":[{\"type\":\"text\","
	    "\"text\":\"a\"}]},{\"role\":\"user\",\"content\":[]}]");
}

static void
failures_leave_nothing_behind(void **state)
{
	(void)state;
	check_convert("[{\"role\":\"user\",\"parts\":[]},"
	    "{\"role\":\"tool\",\"parts\":[]}]", NULL);
	check_convert("[{\"role\":\"user\"}]", NULL);
	check_convert("[{\"role\":\"user\",\"parts\":[{\"type\":\"file\","
	    "\"mediaType\":\"a/b\",\"url\":\"x\"}]}]", NULL);
}

static void
system_options_are_joined_by_provider(void **state)
{
	(void)state;
	check_convert("[{\"role\":\"system\",\"parts\":["
	    "{\"type\":\"text\",\"text\":\"a\",\"providerMetadata\":"
	    "{\"p\":{\"x\":1},\"q\":{}}},{\"type\":\"text\",\"text\":\"b\","
	    "\"providerMetadata\":{\"p\":{\"y\":2}}}]}]",
	    "[{\"role\":\"system\",\"content\":\"ab\",\"providerOptions\":"
	    "{\"q\":{},\"p\":{\"y\":2}}}]");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(urls_are_written_as_browsers_write_them),
		cmocka_unit_test(a_location_leads_from_where_it_was_given),
		cmocka_unit_test(empty_messages_are_taken_back),
		cmocka_unit_test(failures_leave_nothing_behind),
		cmocka_unit_test(system_options_are_joined_by_provider),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
