/* SPDX-License-Identifier: GPL-3.0-or-later */
/* files.c - tests of finding the file that is meant */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "ui/complete.h"
#include "ui/files.h"

/* The first is meant more than the second. */
static const struct {
	const char *typed, *better, *worse;
} scores[] = {
	{ "tk", "src/ui/tui_keys.c", "src/ui/stack.c" },
	{ "main", "src/main.c", "mail/admin.c" },
	{ "main", "main.c", "src/cli/main.c" },
	{ "ui/pane", "src/ui/pane.c", "src/ui/panel/other.c" },
	{ "md", "src/markdown.c", "src/model_order.c/other" },
};

static void
test_scores(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(scores) / sizeof(scores[0]); i++) {
		int a = files_score(scores[i].better, scores[i].typed);
		int b = files_score(scores[i].worse, scores[i].typed);
		if (a <= b)
			fail_msg("%s: %s %d, %s %d", scores[i].typed,
			    scores[i].better, a, scores[i].worse, b);
	}
	assert_int_equal(files_score("abc", "abd"), -1);
	assert_int_equal(files_score("abc", "cba"), -1);
	assert_int_equal(files_score("", "a"), -1);
	assert_true(files_score("src/README", "readme") >= 0);
}

static const struct {
	const char *name, *text;	/* NULL: a folder */
} tree[] = {
	{ "src", NULL }, { "src/ui", NULL }, { "out", NULL },
	{ "src/gen", NULL },
	{ ".gitignore", "# made\n*.o\n/out/\n!keep.o\n*a*b*c*d*e*\n" },
	{ "src/.gitignore", "gen/\nui/secret*\n" },
	{ "src/ui/pane.c", "" }, { "src/ui/pane.o", "" },
	{ "src/ui/keep.o", "" }, { "src/ui/secret.c", "" },
	{ "src/gen/pane_made.c", "" }, { "out/pane.txt", "" },
	{ ".pane", "" }, { "src/pane\033.c", "" },
};
enum { TREE = sizeof(tree) / sizeof(tree[0]) };

static void
make_tree(void)
{
	for (size_t i = 0; i < TREE; i++) {
		if (tree[i].text == NULL) {
			assert_int_equal(mkdir(tree[i].name, 0700), 0);
			continue;
		}
		FILE *f = fopen(tree[i].name, "w");
		assert_non_null(f);
		fputs(tree[i].text, f);
		fclose(f);
	}
}

static void
remove_tree(void)
{
	for (size_t i = TREE; i-- > 0;)
		assert_int_equal(remove(tree[i].name), 0);
}

static void
expect(const struct files *f, const char *typed, const char *want)
{
	struct complete_list list = { .start = 0 };
	struct buf got = BUF_INIT;

	files_offer(f, typed, &list);
	for (size_t i = 0; i < list.count; i++)
		buf_addf(&got, "%s ", list.words[i]);
	assert_string_equal(got.len > 0 ? got.data : "", want);
	complete_clear(&list);
	buf_clear(&got);
}

/* Hidden, ignored and unsafe names are not offered. */
static void
test_tree(void **state)
{
	char dir[] = "files.XXXXXX";
	struct files f = { .paths = NULL };
	struct complete_table table = { .files = &f };
	struct complete_list list = { .start = 0 };

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(chdir(dir), 0);
	make_tree();
	files_refresh(&f, ".");
	expect(&f, "pane", "src/ui/pane.c ");
	expect(&f, "keep", "src/ui/keep.o ");
	expect(&f, "secret", "");
	expect(&f, "sui", "src/ui/ src/ui/keep.o src/ui/pane.c ");
	expect(&f, "gen", "");
	/* what begins so comes first, and once */
	complete_text(&list, &table, "see @sr", 7);
	assert_int_equal(list.start, 5);
	assert_true(list.count >= 2);
	assert_string_equal(list.words[0], "src/");
	for (size_t i = 1; i < list.count; i++)
		assert_string_not_equal(list.words[i], "src/");
	complete_clear(&list);
	files_clear(&f);
	remove_tree();
	assert_int_equal(chdir(".."), 0);
	assert_int_equal(rmdir(dir), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scores),
		cmocka_unit_test(test_tree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
