/* SPDX-License-Identifier: GPL-3.0-or-later */
/* history.c - tests of the history file */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "ui/history.h"

static char *
scratch(char *dir)
{
	assert_non_null(mkdtemp(dir));
	return xasprintf("%s/deep/history", dir);
}

static void
scrap(char *dir, char *path)
{
	char *deep = xasprintf("%s/deep", dir);

	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(deep), 0);
	assert_int_equal(rmdir(dir), 0);
	free(deep);
	free(path);
}

static void
entries_come_back_whole(void **state)
{
	static const char *const entries[] = { "one", "two\nlines\n",
	    "back\\slash\\n", "tab\tand \u00fc" };
	char dir[] = "history.XXXXXX", *path = scratch(dir);
	struct history h;
	struct stat st;
	size_t i;

	(void)state;
	assert_int_equal(history_open(&h, path, NULL), 0);
	assert_int_equal(h.count, 0);
	for (i = 0; i < 4; i++) {
		assert_int_equal(history_add(&h, entries[i], NULL), 0);
		assert_int_equal(history_add(&h, entries[i], NULL), 0);
	}
	history_close(&h);
	assert_int_equal(history_open(&h, path, NULL), 0);
	assert_int_equal(h.count, 4);
	for (i = 0; i < 4; i++)
		assert_string_equal(h.entries[i], entries[i]);
	history_close(&h);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	scrap(dir, path);
}

static void
the_file_is_bounded(void **state)
{
	char dir[] = "history.XXXXXX", *path = scratch(dir), word[16];
	struct history h;
	struct buf b = BUF_INIT;
	size_t i, lines = 0;

	(void)state;
	assert_int_equal(history_open(&h, path, NULL), 0);
	for (i = 0; i < HISTORY_MAX + 10; i++) {
		snprintf(word, sizeof(word), "%zu", i);
		assert_int_equal(history_add(&h, word, NULL), 0);
	}
	assert_int_equal(h.count, HISTORY_MAX);
	history_close(&h);
	assert_int_equal(history_open(&h, path, NULL), 0);
	assert_int_equal(h.count, HISTORY_MAX);
	assert_string_equal(h.entries[0], "10");
	history_close(&h);
	assert_int_equal(buf_read_file(&b, path, 1 << 20, NULL), 0);
	for (i = 0; i < b.len; i++)
		lines += b.data[i] == '\n';
	assert_int_equal(lines, HISTORY_MAX);
	buf_clear(&b);
	scrap(dir, path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_come_back_whole),
		cmocka_unit_test(the_file_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
