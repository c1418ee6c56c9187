/* SPDX-License-Identifier: GPL-3.0-or-later */
/* prompt.c - tests of the system prompt */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/prompt.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/path.h"
#include "wire/input.h"

#include "world.h"

static void
put(const char *dir, const char *name, const char *text)
{
	struct err e = ERR_INIT;
	char *path = path_join(dir, name);

	assert_int_equal(path_make_parent(path, &e), 0);
	assert_int_equal(path_write_whole(path, text, strlen(text), 0600, &e),
	    0);
	free(path);
}

/* Where a is in b, which must hold it. */
static size_t
place(const char *text, const char *part)
{
	const char *p = strstr(text, part);

	if (p == NULL)
		fail_msg("no %s in %s", part, text);
	return (size_t)(p - text);
}

static void
gathers_from_root_to_leaf(void **state ATTR_UNUSED)
{
	char append[] = "AND THIS";
	struct turn_opts o = { .append_system = append };
	struct buf b = BUF_INIT, again = BUF_INIT;
	char *home = world_dir();
	char *root = path_join(home, "outer/root");
	char *sub = path_join(root, "a/b");

	put(home, "config/AGENTS.md", "users own\n");
	put(home, "outer/AGENTS.md", "beyond the root");
	put(root, ".git/HEAD", "x");
	put(root, "AGENTS.md", "of the root");
	put(root, "CLAUDE.md", "not both");
	put(root, "a/CLAUDE.md", "of a");
	put(sub, "AGENTS.md", "of b");
	prompt_system(&b, &o, NULL, sub);
	assert_true(place(b.data, sub) < place(b.data, "users own"));
	assert_true(place(b.data, "users own") <
	    place(b.data, "of the root"));
	assert_true(place(b.data, "of the root") < place(b.data, "of a"));
	assert_true(place(b.data, "of a") < place(b.data, "of b"));
	assert_true(place(b.data, "of b") < place(b.data, "AND THIS"));
	assert_null(strstr(b.data, "not both"));
	assert_null(strstr(b.data, "beyond"));
	prompt_system(&again, &o, NULL, sub);
	assert_string_equal(b.data, again.data);
	buf_clear(&b);
	buf_clear(&again);
	free(root);
	free(sub);
	world_dir_remove(home);
}

static void
stays_where_no_root_is(void **state ATTR_UNUSED)
{
	struct turn_opts o = { 0 };
	struct buf b = BUF_INIT;
	char *home = world_dir();
	char *sub = path_join(home, "x/y");

	put(home, "x/AGENTS.md", "above");
	put(sub, "CLAUDE.md", "here");
	prompt_system(&b, &o, "You are a poet.", sub);
	assert_int_equal(place(b.data, "You are a poet."), 0);
	(void)place(b.data, "here");
	assert_null(strstr(b.data, "above"));
	buf_clear(&b);
	free(sub);
	world_dir_remove(home);
}

static void
is_replaced(void **state ATTR_UNUSED)
{
	char system[] = "Only this.", append[] = "And this.";
	struct turn_opts o = { .system = system, .append_system = append };
	struct buf b = BUF_INIT;

	prompt_system(&b, &o, "You are a poet.", "/");
	assert_string_equal(b.data, "Only this.\n\nAnd this.");
	buf_clear(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gathers_from_root_to_leaf),
		cmocka_unit_test(stays_where_no_root_is),
		cmocka_unit_test(is_replaced),
	};

	return cmocka_run_group_tests_name("agent/prompt", tests, NULL, NULL);
}
