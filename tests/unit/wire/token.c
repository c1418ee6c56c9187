/* SPDX-License-Identifier: GPL-3.0-or-later */
/* token.c - public access tokens: made, checked, refused */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "wire/token.h"

#define KEY	"tr_dev_0123456789abcdefABCDEFGH"
#define OLD	"tr_dev_anotherkeythatisold12345"
#define ENV	"env_test"
#define NOW	INT64_C(1800000000)

static const char *const keys[] = { KEY, OLD, NULL };

static const char *
verdict(const char *text)
{
	struct err e = ERR_INIT;
	struct token *t = token_check(text, keys, ENV, NOW, &e);
	bool good = t != NULL;

	token_free(t);
	if (good)
		return err_is_set(&e) ? "good, with an error" : "good";
	if (e.code != ERR_AUTH)
		return "a wrong code";
	return strcmp(e.text, "Public Access Token is invalid") == 0 ?
	    "invalid" : strcmp(e.text, "Invalid Public Access Token") == 0 ?
	    "unknown" : "a wrong text";
}

/* Tokens that node made, tests/vectors/token/make.mjs. */
static void
tokens_of_others_are_judged(void **state)
{
	const char *dir = getenv("top_srcdir");
	char *path = xasprintf("%s/tests/vectors/token/tokens.tsv",
	    dir == NULL ? "." : dir), *line, *rest;
	struct buf b = BUF_INIT;
	int count = 0;

	(void)state;
	assert_int_equal(buf_read_file(&b, path, 1 << 20, NULL), 0);
	for (rest = b.data; (line = strsep(&rest, "\n")) != NULL;) {
		char *said = strsep(&line, "\t"), *odd = strsep(&line, "\t");

		if (odd == NULL)
			continue;
		if (strcmp(verdict(line), said) != 0)
			fail_msg("%s: %s", odd, verdict(line));
		count++;
	}
	assert_true(count > 50);
	buf_clear(&b);
	free(path);
}

static void
a_made_token_is_good(void **state)
{
	static const char *const scopes[] = { "read:sessions:a:b", "x", NULL };
	struct token_claims c = { .sub = ENV, .scopes = scopes, .iat = NOW,
	    .exp = NOW + 900, .otu = true, .realtime = "{\"a\":1}" };
	struct err e = ERR_INIT;
	char *text = token_make(KEY, &c, &e);
	struct token *t;

	(void)state;
	assert_non_null(text);
	assert_true(token_looks_public(text));
	t = token_check(text, keys, ENV, NOW, &e);
	assert_non_null(t);
	assert_int_equal(token_expires(t), NOW + 900);
	assert_string_equal(token_scopes(t)[0], "read:sessions:a:b");
	assert_string_equal(token_scopes(t)[1], "x");
	assert_null(token_scopes(t)[2]);
	token_free(t);
	assert_null(token_check(text, keys, ENV, NOW + 900, &e));
	assert_int_equal(e.code, ERR_AUTH);
	free(text);
}

static void
check_scopes(const char *run, const char *const *want)
{
	char *text = token_make_session(KEY, ENV, "my chat", run, NOW, NULL);
	struct token *t = token_check(text, keys, ENV, NOW, NULL);
	size_t i;

	assert_non_null(t);
	assert_int_equal(token_expires(t), NOW + 3600);
	for (i = 0; want[i] != NULL; i++)
		assert_string_equal(token_scopes(t)[i], want[i]);
	assert_null(token_scopes(t)[i]);
	token_free(t);
	free(text);
}

/* session-protocol 3.7 */
static void
session_tokens_name_the_session(void **state)
{
	static const char *const created[] = { "read:sessions:my chat",
	    "write:sessions:my chat", NULL };
	static const char *const refreshed[] = { "read:runs:run_1",
	    "read:sessions:my chat", "write:inputStreams:run_1",
	    "write:sessions:my chat", NULL };

	(void)state;
	check_scopes(NULL, created);
	check_scopes("run_1", refreshed);
}

/* HMAC pads short keys and hashes long ones: both sides of 64 bytes. */
static void
keys_have_any_length_but_none(void **state)
{
	static const char *const scopes[] = { NULL };
	struct token_claims c = { .sub = ENV, .scopes = scopes, .iat = NOW,
	    .exp = NOW + 1 };
	char key[1025];

	(void)state;
	memset(key, 'k', sizeof(key));
	for (size_t len = 1; len < sizeof(key); len += len < 130 ? 1 : 111) {
		const char *one[] = { key, NULL };
		const char *longer[] = { "kk", key, NULL };
		char *text;
		struct token *t;

		key[len] = '\0';
		text = token_make(key, &c, NULL);
		t = token_check(text, one, ENV, NOW, NULL);
		assert_non_null(t);
		token_free(t);
		t = token_check(text, longer, ENV, NOW, NULL);
		assert_non_null(t);
		token_free(t);
		assert_null(token_check(text, keys, ENV, NOW, NULL));
		free(text);
		key[len] = 'k';
	}
	assert_null(token_make("", &c, NULL));
}

static void
huge_tokens_are_refused_unread(void **state)
{
	char *text = xmalloc(TOKEN_MAX + 2);
	struct err e = ERR_INIT;

	(void)state;
	memset(text, 'a', TOKEN_MAX + 1);
	text[TOKEN_MAX + 1] = '\0';
	text[10] = text[20] = '.';
	assert_null(token_check(text, keys, ENV, NOW, &e));
	assert_int_equal(e.code, ERR_AUTH);
	assert_false(token_looks_public(text));
	free(text);
}

static void
keys_do_not_look_like_tokens(void **state)
{
	(void)state;
	assert_false(token_looks_public(KEY));
	assert_false(token_looks_public(""));
	assert_false(token_looks_public("a.b.c"));
	/* {"alg":"HS256"} . {"pub":false} */
	assert_false(token_looks_public(
	    "eyJhbGciOiJIUzI1NiJ9.eyJwdWIiOmZhbHNlfQ.x"));
	assert_true(token_looks_public(
	    "eyJhbGciOiJIUzI1NiJ9.eyJwdWIiOnRydWV9.x"));
	/* {} . {"pub":true}, and no third part */
	assert_true(token_looks_public("e30.eyJwdWIiOnRydWV9."));
	assert_false(token_looks_public("e30.eyJwdWIiOnRydWV9"));
	/* {"pub":"true"}; {"a":"\u00ff?","pub":true}, with - and _ */
	assert_false(token_looks_public("e30.eyJwdWIiOiJ0cnVlIn0.x"));
	assert_true(token_looks_public("e30.eyJhIjoiw78_IiwicHViIjp0cnVlfQ.x"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tokens_of_others_are_judged),
		cmocka_unit_test(a_made_token_is_good),
		cmocka_unit_test(session_tokens_name_the_session),
		cmocka_unit_test(keys_have_any_length_but_none),
		cmocka_unit_test(huge_tokens_are_refused_unread),
		cmocka_unit_test(keys_do_not_look_like_tokens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
