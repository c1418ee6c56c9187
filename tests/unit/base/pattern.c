/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pattern.c - regular expressions from strangers */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/pattern.h"

static void
patterns_match_as_in_javascript(void **state)
{
	static const struct {
		const char *pattern, *text;
		bool match;
	} cases[] = {
		{ "", "", true }, { "b", "abc", true }, { "^b", "abc", false },
		{ "^\\d{3}-\\d{4}$", "555-1234", true },
		{ "^\\d{3}-\\d{4}$", "555-123x", false },
		{ "^\\w+$", "a_1", true }, { "^\\w+$", "a-1", false },
		{ "\\s", "a\tb", true }, { "^\\S+$", "a b", false },
		{ "\\bcat\\b", "a cat!", true }, { "\\bcat\\b", "cats", false },
		{ "^[\\w.-]+$", "a.b-c_d", true }, { "^[\\w.-]+$", "a b", false },
		{ "^[\\]\\[]+$", "[]]", true }, { "^[^\\]]+$", "a]", false },
		{ "^[a\\-z]+$", "a-z", true }, { "^[a\\-z]+$", "b", false },
		{ "^[\\^]$", "^", true }, { "^[\\^\\-]+$", "-^", true },
		{ "^[^^]$", "^", false }, { "^(?:a|b)+?$", "abab", true },
		{ "^a{2,}$", "aaa", true }, { "^a{0,2}$", "aaa", false },
		{ "^\\/x\\.y$", "/x.y", true }, { "^\\/x\\.y$", "/xzy", false },
		{ "^\\x41\\u0042\\n$", "AB\n", true }, { "^[\\x41-\\x43]$", "B",
		true }, { "^[ -~]*$", "abc]", true }, { "a]}", "a]}", true },
		{ "^[\\d\\s]+$", "1 2", true }, { "[\\[]", "[", true },
	};
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(cases); i++) {
		struct err e = ERR_INIT;
		struct pattern *p = pattern_new(cases[i].pattern, &e);

		if (p == NULL)
			fail_msg("%s", e.text);
		if (pattern_match(p, cases[i].text, strlen(cases[i].text)) !=
		    cases[i].match)
			fail_msg("%s and %s", cases[i].pattern, cases[i].text);
		pattern_free(p);
	}
}

static void
what_cannot_be_done_is_refused(void **state)
{
	static const char *const cases[] = {
		"(", ")", "[", "[]", "[^]", "a**", "*", "(*a)", "a{", "a{2,1}",
		"(a)\\1", "(?=a)", "(?<!a)", "(?<n>a)", "\\", "\\p{L}", "[\\W]",
		"\\x4", "\\u12", "\\0", "[z-a]", "[\\d-z", "a{99999}",
		"((((a{99}){99}){99}){99})",
		"((((((((((((((((a+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+",
		"((((((((((((((((((((((((((((((((((a))))))))))))))))))))))))))))))))))",
	};
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(cases); i++) {
		struct err e = ERR_INIT;

		if (pattern_new(cases[i], &e) != NULL)
			fail_msg("taken: %s", cases[i]);
		assert_int_equal(e.code, ERR_CONFIG);
	}
}

static void
a_text_with_a_nul_never_matches(void **state)
{
	struct pattern *p = pattern_new("a", NULL);

	(void)state;
	assert_non_null(p);
	assert_true(pattern_match(p, "ba", 2));
	assert_false(pattern_match(p, "a\0b", 3));
	pattern_free(p);
	pattern_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns_match_as_in_javascript),
		cmocka_unit_test(what_cannot_be_done_is_refused),
		cmocka_unit_test(a_text_with_a_nul_never_matches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
