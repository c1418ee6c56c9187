/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bearer.c - what goes with which request, and what is made when it is refused */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "client/bearer.h"
#include "wire/token.h"

#define KEY "tr_dev_0123456789abcdef0123456789abcdef"
#define ADDITIONAL "tr_prod_sk_0123456789abcdef01234567"
#define OUT "/realtime/v1/sessions/a%2Fb/out"

/* A token as a server gives it. Caller frees. */
static char *
public_token(const char *session)
{
	struct err e = ERR_INIT;
	char *t = token_make_session(KEY, "env_1", session, NULL,
	    clock_ms() / 1000, &e);

	assert_non_null(t);
	return t;
}

static void
a_key_opens_everything(void **state)
{
	struct bearer a;

	(void)state;
	bearer_init(&a, KEY, NULL);
	bearer_set_session(&a, "a/b", NULL);
	assert_string_equal(bearer_for(&a, "/api/v1/sessions"), KEY);
	assert_string_equal(bearer_for(&a, OUT), KEY);
	assert_true(bearer_can_mint(&a, OUT));
	assert_false(bearer_can_mint(&a, "/api/v1/sessions"));
	bearer_clear(&a);
	bearer_init(&a, NULL, NULL);
	assert_null(bearer_for(&a, OUT));
	bearer_clear(&a);
}

static void
a_token_goes_with_its_session_only(void **state)
{
	struct bearer a;
	char *token = public_token("a/b");

	(void)state;
	bearer_init(&a, token, KEY);
	bearer_set_session(&a, "a/b", "{}");
	assert_string_equal(bearer_for(&a, OUT), token);
	assert_string_equal(bearer_for(&a, "/api/v1/sessions"), KEY);
	assert_string_equal(bearer_for(&a,
	    "/realtime/v1/sessions/a%2Fbc/out"), KEY);
	assert_string_equal(a.create, "{}");
	/* another session: the token is not for it */
	bearer_set_session(&a, "c", NULL);
	assert_string_equal(bearer_for(&a, "/realtime/v1/sessions/c/out"),
	    KEY);
	bearer_clear(&a);

	/* without a key it is all there is */
	bearer_init(&a, token, NULL);
	bearer_set_session(&a, "a/b", NULL);
	assert_string_equal(bearer_for(&a, "/api/v1/sessions"), token);
	assert_false(bearer_can_mint(&a, OUT));
	bearer_clear(&a);
	free(token);
}

static void
a_newer_token_takes_the_place(void **state)
{
	struct bearer a;
	char *first = public_token("a/b");

	(void)state;
	bearer_init(&a, first, KEY);
	bearer_set_session(&a, "a/b", NULL);
	unsigned before = a.changes;
	bearer_set_token(&a, "x.y.z");	/* of a turn-complete */
	assert_string_equal(bearer_for(&a, OUT), "x.y.z");
	assert_true(a.changes != before);
	bearer_set_token(&a, NULL);
	assert_string_equal(bearer_for(&a, OUT), KEY);
	bearer_clear(&a);
	free(first);
}

/* E11: the server names the environment, we sign. */
static void
a_root_key_signs(void **state)
{
	static const char *const keys[] = { KEY, NULL };
	static const char answer[] = "{\"sub\":\"env_1\",\"pub\":true}";
	struct bearer a;
	struct buf body = BUF_INIT;
	struct err e = ERR_INIT;
	struct json_doc *doc = json_parse(answer, strlen(answer), 0, &e);

	(void)state;
	bearer_init(&a, KEY, NULL);
	bearer_set_session(&a, "a/b", NULL);
	assert_string_equal(bearer_mint_request(&a, &body),
	    "/api/v1/auth/jwt/claims");
	assert_int_equal(body.len, 0);
	char *token = bearer_mint_token(&a, json_root(doc), &e);
	assert_non_null(token);
	struct token *t = token_check(token, keys, "env_1",
	    clock_ms() / 1000, &e);
	assert_non_null(t);
	assert_string_equal(token_scopes(t)[0], "read:sessions:a/b");
	assert_string_equal(token_scopes(t)[1], "write:sessions:a/b");
	token_free(t);
	free(token);
	json_doc_free(doc);

	doc = json_parse("{}", 2, 0, &e);
	assert_null(bearer_mint_token(&a, json_root(doc), &e));
	assert_true(err_is_set(&e));
	json_doc_free(doc);
	bearer_clear(&a);
}

/* E12: an additional key cannot sign, the server does. */
static void
an_additional_key_asks_for_a_token(void **state)
{
	static const char answer[] = "{\"token\":\"p.q.r\"}";
	struct bearer a;
	struct buf body = BUF_INIT;
	struct err e = ERR_INIT;
	struct json_doc *doc = json_parse(answer, strlen(answer), 0, &e);

	(void)state;
	bearer_init(&a, ADDITIONAL, NULL);
	bearer_set_session(&a, "a/b", NULL);
	assert_string_equal(bearer_mint_request(&a, &body),
	    "/api/v1/auth/public-tokens");
	assert_string_equal(body.data, "{\"scopes\":[\"read:sessions:a/b\","
	    "\"write:sessions:a/b\"],\"expirationTime\":\"1h\"}");
	char *token = bearer_mint_token(&a, json_root(doc), &e);
	assert_string_equal(token, "p.q.r");
	free(token);
	json_doc_free(doc);
	buf_clear(&body);
	bearer_clear(&a);
}

/* session-protocol 3.2: which keys those are */
static void
tells_the_kinds_of_keys_apart(void **state)
{
	static const char *const roots[] = { KEY,
		"tr_dev_sk_short", ADDITIONAL "0", "tr_test_sk_"
		"0123456789abcdef01234567", "sk_0123456789abcdef01234567",
		"tr_dev_sk_0123456789abcdef0123456-" };
	static const char *const additional[] = { ADDITIONAL,
		"tr_dev_sk_0123456789abcdef01234567",
		"tr_stg_sk_0123456789ABCDEF01234567",
		"tr_preview_sk_0123456789abcdef01234567" };

	(void)state;
	for (size_t i = 0; i < NELEM(roots) + NELEM(additional); i++) {
		bool root = i < NELEM(roots);
		struct bearer a;
		struct buf body = BUF_INIT;

		bearer_init(&a, root ? roots[i] :
		    additional[i - NELEM(roots)], NULL);
		bearer_set_session(&a, "s", NULL);
		assert_string_equal(bearer_mint_request(&a, &body), root ?
		    "/api/v1/auth/jwt/claims" : "/api/v1/auth/public-tokens");
		buf_clear(&body);
		bearer_clear(&a);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_opens_everything),
		cmocka_unit_test(a_token_goes_with_its_session_only),
		cmocka_unit_test(a_newer_token_takes_the_place),
		cmocka_unit_test(a_root_key_signs),
		cmocka_unit_test(an_additional_key_asks_for_a_token),
		cmocka_unit_test(tells_the_kinds_of_keys_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
