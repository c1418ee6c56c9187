/* SPDX-License-Identifier: GPL-3.0-or-later */
/* seen.c - the window of ids: what is in it, what has left it */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>

#include "client/seen.h"

static bool
add(struct seen *s, int i)
{
	char id[32];

	snprintf(id, sizeof(id), "part-%d", i);
	return seen_add(s, id);
}

static void
remembers_the_window(void **state)
{
	struct seen *s = seen_new();

	(void)state;
	for (int i = 0; i < SEEN_MAX; i++)
		assert_false(add(s, i));
	for (int i = 0; i < SEEN_MAX; i++)
		assert_true(add(s, i));
	seen_free(s);
}

static void
forgets_the_oldest(void **state)
{
	struct seen *s = seen_new();

	(void)state;
	/* several times round, so that holes in the table get closed */
	for (int i = 0; i < SEEN_MAX * 5; i++)
		assert_false(add(s, i));
	for (int i = SEEN_MAX * 4; i < SEEN_MAX * 5; i++)
		assert_true(add(s, i));
	assert_false(add(s, SEEN_MAX * 4 - 1));
	seen_free(s);
}

static void
reset_forgets_all(void **state)
{
	struct seen *s = seen_new();

	(void)state;
	assert_false(add(s, 1));
	seen_reset(s);
	assert_false(add(s, 1));
	assert_true(add(s, 1));
	seen_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(remembers_the_window),
		cmocka_unit_test(forgets_the_oldest),
		cmocka_unit_test(reset_forgets_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
