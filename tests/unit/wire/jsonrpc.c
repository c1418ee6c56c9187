/* SPDX-License-Identifier: GPL-3.0-or-later */
/* jsonrpc.c - JSON-RPC 2.0 messages there and back */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "wire/jsonrpc.h"

static void
messages_are_told_apart(void **state)
{
	static const struct {
		const char *text;
		int kind;	/* -1: none */
	} t[] = {
		{ "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\"}",
		    JSONRPC_REQUEST },
		{ "{\"jsonrpc\":\"2.0\",\"method\":\"m\"}",
		    JSONRPC_NOTIFICATION },
		{ "{\"result\":null,\"id\":\"a\",\"jsonrpc\":\"2.0\"}",
		    JSONRPC_RESULT },
		{ "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{}}",
		    JSONRPC_ERROR },
		{ "{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"m\"}", -1 },
		{ "{\"jsonrpc\":\"2.0\",\"id\":1}", -1 },
		{ "{\"jsonrpc\":\"2.0\",\"result\":1}", -1 },
		{ "[]", -1 }, { "1", -1 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof t / sizeof t[0]; i++) {
		struct json_doc *doc = json_parse(t[i].text,
		    strlen(t[i].text), 0, NULL);
		struct jsonrpc m;
		int r = jsonrpc_read(&m, json_root(doc), NULL);

		assert_int_equal(r == -1 ? -1 : (int)m.kind, t[i].kind);
		if (r == 0 && m.kind == JSONRPC_ERROR)
			assert_non_null(m.message);
		json_doc_free(doc);
	}
}

static void
what_is_written_is_read(void **state)
{
	struct buf b = BUF_INIT, answer = BUF_INIT;
	struct json_doc *doc;
	struct jsonrpc m;

	(void)state;
	jsonrpc_request(&b, 7, "a/b", "{\"x\":1}");
	assert_string_equal(b.data, "{\"jsonrpc\":\"2.0\",\"id\":7,"
	    "\"method\":\"a/b\",\"params\":{\"x\":1}}");
	doc = json_parse(b.data, b.len, 0, NULL);
	assert_int_equal(jsonrpc_read(&m, json_root(doc), NULL), 0);
	jsonrpc_error(&answer, m.id, JSONRPC_NO_METHOD, "no");
	assert_string_equal(answer.data, "{\"jsonrpc\":\"2.0\",\"id\":7,"
	    "\"error\":{\"code\":-32601,\"message\":\"no\"}}");
	buf_reset(&answer);
	jsonrpc_result(&answer, m.id, "{}");
	assert_string_equal(answer.data,
	    "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{}}");
	buf_reset(&answer);
	jsonrpc_notification(&answer, "n", NULL);
	assert_string_equal(answer.data,
	    "{\"jsonrpc\":\"2.0\",\"method\":\"n\"}");
	json_doc_free(doc);
	buf_clear(&b);
	buf_clear(&answer);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_are_told_apart),
		cmocka_unit_test(what_is_written_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
