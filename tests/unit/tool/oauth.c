/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oauth.c - what comes back is read right, and nobody else is believed */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "tool/oauth.h"

static void
is_text(char *got, const char *wanted)
{
	if (wanted == NULL)
		assert_null(got);
	else
		assert_string_equal(got, wanted);
	free(got);
}

static void
challenges_are_read(void **state)
{
	static const char header[] = "Bearer realm=\"a, scope=x\", "
	    "error=insufficient_scope,scope=\"read \\\"all\\\"\" ,"
	    "resource_metadata=\"https://h/x\"";

	(void)state;
	is_text(oauth_challenge(header, "scope"), "read \"all\"");
	is_text(oauth_challenge(header, "error"), "insufficient_scope");
	is_text(oauth_challenge(header, "Resource_Metadata"), "https://h/x");
	is_text(oauth_challenge(header, "nothing"), NULL);
	is_text(oauth_challenge("Basic scope=x", "scope"), NULL);
	is_text(oauth_challenge(NULL, "scope"), NULL);
	is_text(oauth_challenge("Bearer", "scope"), NULL);
	is_text(oauth_challenge("Bearer a=\"\\", "scope"), NULL);
	is_text(oauth_challenge("Bearer scope=\"x", "scope"), "x");
}

static void
metadata_is_looked_for_where_it_may_be(void **state)
{
	(void)state;
	is_text(oauth_resource_url("https://h:1/a/b?q", 0),
	    "https://h:1/.well-known/oauth-protected-resource/a/b");
	is_text(oauth_resource_url("https://h:1/a/b?q", 1),
	    "https://h:1/.well-known/oauth-protected-resource");
	is_text(oauth_resource_url("https://h:1/a/b?q", 2), NULL);
	is_text(oauth_resource_url("https://h/", 0),
	    "https://h/.well-known/oauth-protected-resource");
	is_text(oauth_resource_url("https://h/", 1), NULL);
	is_text(oauth_issuer_url("https://h/t", 0),
	    "https://h/.well-known/oauth-authorization-server/t");
	is_text(oauth_issuer_url("https://h/t", 1),
	    "https://h/.well-known/openid-configuration/t");
	is_text(oauth_issuer_url("https://h/t", 2),
	    "https://h/t/.well-known/openid-configuration");
	is_text(oauth_issuer_url("https://h/t", 3), NULL);
	is_text(oauth_issuer_url("https://h", 2), NULL);
	is_text(oauth_origin("http://h:2"), "http://h:2");
}

static void
nobody_is_somebody_else(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_true(oauth_is_resource("https://h/mcp", "https://h/mcp"));
	assert_true(oauth_is_resource("https://h", "https://h/mcp"));
	assert_true(oauth_is_resource("https://h/", "https://h/mcp"));
	assert_true(oauth_is_resource("https://h/mcp", "https://h/mcp?a"));
	assert_false(oauth_is_resource("https://h/mc", "https://h/mcp"));
	assert_false(oauth_is_resource("https://h/mcp", "https://h.evil/mcp"));
	assert_false(oauth_is_resource("https://", "https://h/mcp"));
	assert_false(oauth_is_resource("", "https://h/mcp"));
	assert_int_equal(oauth_check_url("https://h", &e), 0);
	assert_int_equal(oauth_check_url("http://127.0.0.1:8/x", &e), 0);
	assert_int_equal(oauth_check_url("http://localhost.evil/", NULL), -1);
	assert_int_equal(oauth_check_url("http://h/", NULL), -1);
	assert_int_equal(oauth_check_url(NULL, NULL), -1);
}

static void
queries_are_written_and_read(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	buf_adds(&b, "http://h/cb?");
	oauth_add(&b, "code", "a&b =c");
	oauth_add(&b, "none", NULL);
	oauth_add(&b, "state", "x");
	is_text(oauth_query(b.data, "code"), "a&b =c");
	is_text(oauth_query(b.data, "state"), "x");
	is_text(oauth_query(b.data, "ode"), NULL);
	is_text(oauth_query("/cb?a=%4", "a"), "%4");
	is_text(oauth_query("/cb", "a"), NULL);
	is_text(oauth_query("/cb?a=1+2 HTTP", "a"), "1 2");
	buf_clear(&b);
}

/* The example of RFC 7636, appendix B. */
static void
verifiers_have_their_challenge(void **state)
{
	char a[OAUTH_SECRET_MAX], b[OAUTH_SECRET_MAX];

	(void)state;
	is_text(oauth_s256("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
	    "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
	oauth_secret(a);
	oauth_secret(b);
	assert_int_equal(strlen(a), 43);
	assert_string_not_equal(a, b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(challenges_are_read),
		cmocka_unit_test(metadata_is_looked_for_where_it_may_be),
		cmocka_unit_test(nobody_is_somebody_else),
		cmocka_unit_test(queries_are_written_and_read),
		cmocka_unit_test(verifiers_have_their_challenge),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
