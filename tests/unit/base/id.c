/* SPDX-License-Identifier: GPL-3.0-or-later */
/* id.c - names that nobody else has */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/id.h"

static void
ids_have_a_prefix_and_24_letters(void **state)
{
	char a[ID_MAX], b[ID_MAX];

	(void)state;
	id_make("session", a);
	id_make("session", b);
	assert_memory_equal(a, "session_", 8);
	assert_int_equal(strlen(a), 8 + 24);
	assert_int_equal(strspn(a + 8, "0123456789abcdefghijklmnopqrstuvwxyz"),
	    24);
	assert_string_not_equal(a, b);
}

static void
ids_sort_by_the_time_of_making(void **state)
{
	char a[ID_MAX], b[ID_MAX], c[ID_MAX];

	(void)state;
	setenv("CHATD_TEST_CLOCK", "1767225600000", 1);
	id_make("x", a);
	setenv("CHATD_TEST_CLOCK", "1767225600001", 1);
	id_make("x", b);
	setenv("CHATD_TEST_CLOCK", "1893456000000", 1);
	id_make("x", c);
	unsetenv("CHATD_TEST_CLOCK");
	assert_true(strcmp(a, b) < 0);
	assert_true(strcmp(b, c) < 0);
}

static void
uuids_are_of_version_4(void **state)
{
	char s[ID_MAX];
	int i;

	(void)state;
	for (i = 0; i < 100; i++) {
		id_uuid(s);
		assert_int_equal(strlen(s), 36);
		assert_int_equal(s[14], '4');
		assert_non_null(strchr("89ab", s[19]));
		assert_int_equal(s[8], '-');
		assert_int_equal(s[23], '-');
	}
}

static void
random_numbers_stay_below_their_limit(void **state)
{
	unsigned seen = 0;
	int i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		uint32_t r = id_random_below(7);

		assert_true(r < 7);
		seen |= 1u << r;
	}
	assert_int_equal(seen, 0x7f);
	assert_int_equal(id_random_below(1), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_have_a_prefix_and_24_letters),
		cmocka_unit_test(ids_sort_by_the_time_of_making),
		cmocka_unit_test(uuids_are_of_version_4),
		cmocka_unit_test(random_numbers_stay_below_their_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
