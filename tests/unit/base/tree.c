/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tree.c - structs found by their name, replaced and removed */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>

#include "base/tree.h"

enum { MANY = 1000 };

struct thing {
	const char *name;
	int value;
};

static void
what_is_put_is_found(void **state)
{
	struct thing things[MANY];
	char names[MANY][12];
	void *tree = NULL;

	(void)state;
	assert_null(tree_find(&tree, "0"));
	for (int i = 0; i < MANY; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "%d", i);
		things[i] = (struct thing){ names[i], i };
		assert_null(tree_put(&tree, &things[i]));
	}
	for (int i = 0; i < MANY; i++)
		assert_ptr_equal(tree_find(&tree, names[i]), &things[i]);
	assert_null(tree_find(&tree, "1000"));
	for (int i = 0; i < MANY; i += 2)
		tree_remove(&tree, names[i]);
	for (int i = 0; i < MANY; i++)
		assert_ptr_equal(tree_find(&tree, names[i]), i % 2 == 0 ?
		    NULL : &things[i]);
	tree_clear(&tree, NULL);
	assert_null(tree);
}

static void
the_last_of_a_name_stands(void **state)
{
	struct thing a = { "x", 1 }, b = { "x", 2 };
	void *tree = NULL;

	(void)state;
	assert_null(tree_put(&tree, &a));
	assert_null(tree_put(&tree, &a));
	assert_ptr_equal(tree_put(&tree, &b), &a);
	assert_ptr_equal(tree_find(&tree, "x"), &b);
	tree_remove(&tree, "x");
	tree_remove(&tree, "x");
	assert_null(tree);
}

static int gone;

static void
count(void *item)
{
	struct thing *t = item;

	gone += t->value;
}

static void
who_is_cleared_is_told(void **state)
{
	struct thing a = { "x", 1 }, b = { "y", 2 };
	void *tree = NULL;

	(void)state;
	(void)tree_put(&tree, &a);
	(void)tree_put(&tree, &b);
	tree_clear(&tree, count);
	assert_int_equal(gone, 3);
	assert_null(tree);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_put_is_found),
		cmocka_unit_test(the_last_of_a_name_stands),
		cmocka_unit_test(who_is_cleared_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
