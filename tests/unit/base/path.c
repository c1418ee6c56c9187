/* SPDX-License-Identifier: GPL-3.0-or-later */
/* path.c - folders and files, in a scratch directory */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/path.h"

static const char *const variables[] = { "CHATD_HOME", "XDG_CONFIG_HOME",
    "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR", "TMPDIR" };

/* *state is the scratch directory, which is also HOME and TMPDIR. */
static int
setup(void **state)
{
	char name[] = "path-test.XXXXXX", *cwd = path_cwd(NULL);
	size_t i;

	if (cwd == NULL || mkdtemp(name) == NULL)
		return -1;
	*state = path_join(cwd, name);
	free(cwd);
	for (i = 0; i < NELEM(variables); i++)
		unsetenv(variables[i]);
	setenv("HOME", *state, 1);
	setenv("TMPDIR", *state, 1);
	return 0;
}

static void
remove_tree(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *entry;

	while (d != NULL && (entry = readdir(d)) != NULL) {
		char *path;

		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		path = path_join(dir, entry->d_name);
		if (unlink(path) == -1)
			remove_tree(path);
		free(path);
	}
	if (d != NULL)
		closedir(d);
	rmdir(dir);
}

static int
teardown(void **state)
{
	remove_tree(*state);
	free(*state);
	return 0;
}

static void
check_below(const char *dir, char *got, const char *want)
{
	char *whole = path_join(dir, want);

	assert_string_equal(got, whole);
	free(whole);
	free(got);
}

static void
folders_are_where_xdg_has_them(void **state)
{
	const char *home = *state;

	check_below(home, path_config("config.yaml"),
	    ".config/chatd/config.yaml");
	check_below(home, path_data("chatd.db"), ".local/share/chatd/chatd.db");
	check_below(home, path_state(NULL), ".local/state/chatd");
	setenv("XDG_CONFIG_HOME", "/x/", 1);
	setenv("XDG_DATA_HOME", "relative", 1);
	check_below("/x", path_config("a"), "chatd/a");
	check_below(home, path_data("a"), ".local/share/chatd/a");
}

static void
chatd_home_holds_everything(void **state)
{
	char *dir = path_join(*state, "all"), *run;

	setenv("XDG_CONFIG_HOME", "/x", 1);
	setenv("CHATD_HOME", dir, 1);
	check_below(dir, path_config("a"), "config/a");
	check_below(dir, path_data("a"), "data/a");
	check_below(dir, path_state("a"), "state/a");
	run = path_runtime("s", NULL);
	assert_non_null(run);
	check_below(dir, run, "run/s");
	free(dir);
}

static unsigned
mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	return st.st_mode & 07777;
}

static void
the_runtime_folder_is_private(void **state)
{
	struct err e = ERR_INIT;
	char *dir = path_runtime(NULL, &e), *want;

	want = xasprintf("%s/chatd-%ld", (char *)*state, (long)geteuid());
	assert_string_equal(dir, want);
	free(want);
	assert_int_equal(mode_of(dir), 0700);
	chmod(dir, 0755);
	assert_null(path_runtime(NULL, &e));
	assert_int_equal(e.code, ERR_FORBIDDEN);
	assert_non_null(strstr(e.text, "0755"));
	free(dir);
}

static void
the_runtime_folder_is_no_link(void **state)
{
	struct err e = ERR_INIT;
	char *dir = path_runtime(NULL, &e), *other;

	other = path_join(*state, "other");
	assert_int_equal(rename(dir, other), 0);
	assert_int_equal(symlink(other, dir), 0);
	assert_null(path_runtime(NULL, &e));
	assert_int_equal(e.code, ERR_FORBIDDEN);
	free(dir);
	free(other);
}

static void
a_missing_runtime_dir_is_passed_over(void **state)
{
	char *dir, *want;

	setenv("XDG_RUNTIME_DIR", "/nonexistent/run", 1);
	dir = path_runtime("x", NULL);
	assert_non_null(dir);
	free(dir);
	setenv("XDG_RUNTIME_DIR", *state, 1);
	dir = path_runtime("x", NULL);
	want = path_join(*state, "chatd/x");
	assert_string_equal(dir, want);
	free(dir);
	free(want);
}

static void
folders_are_made_with_their_parents(void **state)
{
	char *dir = path_join(*state, "a//b/c/"), *file, *inside;
	struct err e = ERR_INIT;

	assert_int_equal(path_make(dir, &e), 0);
	assert_int_equal(path_make(dir, &e), 0);
	assert_int_equal(mode_of(dir), 0700);
	file = path_join(dir, "d/file");
	assert_int_equal(path_make_parent(file, &e), 0);
	assert_false(path_exists(file));
	assert_int_equal(path_write_whole(file, "", 0, 0600, &e), 0);
	inside = path_join(file, "x");
	assert_int_equal(path_make(inside, &e), -1);
	assert_int_equal(e.code, ERR_IO);
	free(dir);
	free(file);
	free(inside);
}

static void
names_are_joined_and_expanded(void **state)
{
	char *p;

	check_below(*state, path_expand("~/x/y"), "x/y");
	p = path_expand("~");
	assert_string_equal(p, *state);
	free(p);
	p = path_expand("~other/x");
	assert_string_equal(p, "~other/x");
	free(p);
	p = path_join("/", "a");
	assert_string_equal(p, "/a");
	free(p);
}

static int
count_files(const char *dir)
{
	DIR *d = opendir(dir);
	int n = 0;

	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n - 2;
}

static void
a_file_is_replaced_whole(void **state)
{
	char *path = path_join(*state, "file"), *bad;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;

	assert_int_equal(path_write_whole(path, "old", 3, 0644, &e), 0);
	assert_int_equal(path_write_whole(path, "n\0w", 3, 0600, &e), 0);
	assert_int_equal(mode_of(path), 0600);
	assert_int_equal(buf_read_file(&b, path, 100, &e), 0);
	assert_int_equal(b.len, 3);
	assert_memory_equal(b.data, "n\0w", 3);
	assert_int_equal(count_files(*state), 1);
	bad = path_join(*state, "none/file");
	assert_int_equal(path_write_whole(bad, "x", 1, 0600, &e), -1);
	assert_int_equal(e.code, ERR_IO);
	buf_clear(&b);
	free(path);
	free(bad);
}

#define scratch_test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(folders_are_where_xdg_has_them),
		scratch_test(chatd_home_holds_everything),
		scratch_test(the_runtime_folder_is_private),
		scratch_test(the_runtime_folder_is_no_link),
		scratch_test(a_missing_runtime_dir_is_passed_over),
		scratch_test(folders_are_made_with_their_parents),
		scratch_test(names_are_joined_and_expanded),
		scratch_test(a_file_is_replaced_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
