/* SPDX-License-Identifier: GPL-3.0-or-later */
/* scope.c - what a token allows (session-protocol 3.6) */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/attr.h"
#include "wire/scope.h"

static const struct {
	const char *scope, *action, *type, *id;
	bool allowed;
} cases[] = {
	{ "read:sessions:k", "read", "sessions", "k", true },
	{ "read:sessions:k", "write", "sessions", "k", false },
	{ "read:sessions:k", "read", "sessions", "K", false },
	{ "read:sessions:k", "read", "sessions", "kk", false },
	{ "read:sessions:kk", "read", "sessions", "k", false },
	{ "read:sessions:k", "read", "sessions", NULL, false },
	{ "read:sessions:", "read", "sessions", "k", false },
	{ "read:sessions:", "read", "sessions", "", true },
	{ "read:sessions", "read", "sessions", "k", true },
	{ "read:sessions", "read", "sessions", NULL, true },
	{ "read:session", "read", "sessions", "k", false },
	{ "read:sessionss", "read", "sessions", "k", false },
	{ "read", "read", "sessions", "k", false },
	{ "read", "read", "sessions", NULL, false },
	{ "rea", "read", "sessions", "k", false },
	{ "reads", "read", "sessions", "k", false },
	/* ids may hold colons: only two are looked at */
	{ "read:sessions:a:b:c", "read", "sessions", "a:b:c", true },
	{ "read:sessions:a:b:c", "read", "sessions", "a", false },
	{ "read:all", "read", "sessions", "k", true },
	{ "read:all:k", "read", "sessions", "k", true },
	{ "read:all:k", "read", "sessions", "j", false },
	{ "*", "write", "sessions", "k", false },
	{ "*:all", "write", "sessions", "k", true },
	{ "*:sessions:k", "write", "sessions", "k", true },
	{ "*:sessions:k", "write", "sessions", "j", false },
	{ "*:tasks", "write", "sessions", "k", false },
	/* the word alone is everything; with a type it is an action */
	{ "admin", "write", "tasks", "t", true },
	{ "admin:sessions", "read", "sessions", "k", false },
	{ "admin:sessions", "write", "sessions", "k", false },
	{ "admin:sessions", "admin", "sessions", "k", true },
	{ "admin:sessions:k", "admin", "sessions", "k", true },
	{ "admin:sessions:k", "admin", "sessions", "j", false },
	{ "admin:", "read", "sessions", "k", false },
	{ "Admin", "read", "sessions", "k", false },
	{ "write:tasks:t", "write", "tasks", "t", true },
	{ "write:tasks:t", "write", "sessions", NULL, false },
	{ "", "read", "sessions", "k", false },
	{ ":", "read", "sessions", "k", false },
	{ "::", "read", "sessions", "k", false },
};

static void
the_grammar(void **state)
{
	(void)state;
	for (size_t i = 0; i < NELEM(cases); i++) {
		struct scope_resource res = { cases[i].type, cases[i].id };

		if (scope_allows(cases[i].scope, cases[i].action, &res) !=
		    cases[i].allowed)
			fail_msg("%s for %s of %s:%s", cases[i].scope,
			    cases[i].action, res.type,
			    res.id == NULL ? "-" : res.id);
	}
}

static void
one_scope_for_one_resource_is_enough(void **state)
{
	static const char *const scopes[] = { "read:sessions:x",
	    "write:sessions:ext", NULL };
	static const char *const none[] = { NULL };
	static const struct scope_resource res[] = {
		{ "sessions", "session_1" }, { "sessions", "ext" },
	};

	(void)state;
	assert_true(scope_allows_any(scopes, "write", res, 2));
	assert_false(scope_allows_any(scopes, "write", res, 1));
	assert_false(scope_allows_any(scopes, "read", res, 2));
	assert_false(scope_allows_any(none, "read", res, 2));
	assert_false(scope_allows_any(scopes, "write", res, 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_grammar),
		cmocka_unit_test(one_scope_for_one_resource_is_enough),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
