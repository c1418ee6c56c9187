/* SPDX-License-Identifier: GPL-3.0-or-later */
/* draft.c - tests of the files of what was typed and not sent */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "ui/draft.h"

struct world {
	char top[32];
	char *dir;
};

static void
world_open(struct world *w)
{
	*w = (struct world){ .top = "draft.XXXXXX" };
	assert_non_null(mkdtemp(w->top));
	w->dir = xasprintf("%s/deep", w->top);
}

static int
files(const struct world *w)
{
	DIR *d = opendir(w->dir);
	struct dirent *f;
	int n = 0;

	while (d != NULL && (f = readdir(d)) != NULL)
		n += f->d_name[0] != '.';
	if (d != NULL)
		closedir(d);
	return n;
}

static void
world_close(struct world *w)
{
	assert_int_equal(files(w), 0);
	(void)rmdir(w->dir);
	assert_int_equal(rmdir(w->top), 0);
	free(w->dir);
}

static void
opens(struct draft *d, const struct world *w, const char *place,
    const char *wanted)
{
	struct buf found = BUF_INIT;

	draft_open(d, w->dir, place, &found);
	assert_string_equal(found.data, wanted);
	buf_clear(&found);
}

static void
keeps(struct draft *d, const char *line)
{
	assert_int_equal(draft_keep(d, line, strlen(line), NULL), 0);
}

static void
words_come_back(void **state)
{
	struct world w;
	struct draft d;
	struct stat st;

	(void)state;
	world_open(&w);
	opens(&d, &w, "a", "");
	assert_int_equal(files(&w), 0);
	keeps(&d, "a long line of words");
	assert_int_equal(stat(d.path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	keeps(&d, "short");
	draft_close(&d);
	opens(&d, &w, "b", "");
	draft_close(&d);
	opens(&d, &w, "a", "short");
	keeps(&d, "");
	draft_close(&d);
	opens(&d, &w, "a", "");
	draft_close(&d);
	world_close(&w);
}

/* A writer that was killed between the new line and the cut. */
static void
what_is_behind_the_line_is_nothing(void **state)
{
	struct world w;
	struct draft d;

	(void)state;
	world_open(&w);
	opens(&d, &w, "a", "");
	keeps(&d, "older and longer");
	assert_int_equal(pwrite(d.fd, "new\n", 4, 0), 4);
	close(d.fd);		/* as the end of a process does */
	d.fd = -1;
	draft_close(&d);
	opens(&d, &w, "a", "new");
	keeps(&d, "");
	draft_close(&d);
	/* and one that was killed in its first line */
	opens(&d, &w, "a", "");
	keeps(&d, "begun");
	assert_int_equal(ftruncate(d.fd, 3), 0);
	close(d.fd);
	d.fd = -1;
	draft_close(&d);
	opens(&d, &w, "a", "");
	keeps(&d, "");
	draft_close(&d);
	world_close(&w);
}

static void
two_screens_have_two(void **state)
{
	struct world w;
	struct draft one, two;

	(void)state;
	world_open(&w);
	opens(&one, &w, "a", "");
	opens(&two, &w, "a", "");
	keeps(&one, "one");
	keeps(&two, "two");
	assert_int_equal(files(&w), 2);
	draft_close(&two);
	/* what somebody types just now is not ours */
	opens(&two, &w, "a", "two");
	draft_close(&one);
	opens(&one, &w, "a", "one");
	draft_close(&one);
	draft_close(&two);
	draft_forget(w.dir, "b");
	assert_int_equal(files(&w), 2);
	draft_forget(w.dir, "a");
	world_close(&w);
}

static void
what_a_killed_one_left_is_not_written_over(void **state)
{
	struct world w;
	struct draft one, two;

	(void)state;
	world_open(&w);
	opens(&one, &w, "a", "");
	keeps(&one, "one");
	opens(&two, &w, "a", "");
	close(one.fd);
	one.fd = -1;
	draft_close(&one);
	keeps(&two, "two");
	draft_close(&two);
	opens(&one, &w, "a", "one");
	opens(&two, &w, "a", "two");
	keeps(&one, "");
	keeps(&two, "");
	draft_close(&one);
	draft_close(&two);
	world_close(&w);
}

static void
without_a_folder_nothing_is_kept(void **state)
{
	struct buf found = BUF_INIT;
	struct draft d;

	(void)state;
	draft_open(&d, NULL, "a", &found);
	keeps(&d, "words");
	draft_close(&d);
	assert_int_equal(found.len, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_come_back),
		cmocka_unit_test(what_is_behind_the_line_is_nothing),
		cmocka_unit_test(two_screens_have_two),
		cmocka_unit_test(what_a_killed_one_left_is_not_written_over),
		cmocka_unit_test(without_a_folder_nothing_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
