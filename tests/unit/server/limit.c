/* SPDX-License-Identifier: GPL-3.0-or-later */
/* limit.c - counts, windows, and callers without number (session-protocol 15) */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>

#include "server/limit.h"

static void
each_caller_has_its_own_count(void **state)
{
	struct limit *l = limit_new(2);
	struct limit_state s;

	(void)state;
	assert_true(limit_take(l, "a", 1000, &s));
	assert_int_equal(s.limit, 2);
	assert_int_equal(s.remaining, 1);
	assert_int_equal(s.reset, 61000);
	assert_true(limit_take(l, "a", 2000, &s));
	assert_false(limit_take(l, "a", 60999, &s));
	assert_int_equal(s.remaining, 0);
	assert_int_equal(s.reset, 61000);
	assert_true(limit_take(l, "b", 60999, &s));
	assert_true(limit_take(l, "a", 61000, &s));
	/* set back by a day, the clock does not lock anybody out */
	assert_true(limit_take(l, "a", 61001, &s));
	assert_false(limit_take(l, "a", 61001, &s));
	assert_true(limit_take(l, "a", 5, &s));
	limit_free(l);
}

static void
many_tokens_are_no_way_around(void **state)
{
	struct limit *l = limit_new(1);
	struct limit_state s;
	int refused = 0;

	(void)state;
	for (int i = 0; i < 4 * LIMIT_SLOTS; i++) {
		char name[16];

		snprintf(name, sizeof(name), "t%d", i);
		refused += !limit_take(l, name, 1, &s);
	}
	assert_true(refused >= 2 * LIMIT_SLOTS);
	limit_free(l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_caller_has_its_own_count),
		cmocka_unit_test(many_tokens_are_no_way_around),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
