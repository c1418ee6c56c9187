/* SPDX-License-Identifier: GPL-3.0-or-later */
/* complete.c - tests of completion */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/buf.h"
#include "ui/complete.h"

static void
offer_models(struct complete_list *list, const char *prefix, void *arg)
{
	assert_string_equal(arg, "arg");
	if (strncmp("demo", prefix, strlen(prefix)) == 0)
		complete_offer(list, "demo");
}

static const struct complete_command commands[] = {
	{ "/model", "MODEL", "", COMPLETE_WORDS, offer_models },
	{ "/export", "FILE", "", COMPLETE_PATH, NULL },
	{ "/exit", "", "", COMPLETE_NONE, NULL },
};
static char arg[] = "arg";
static const struct complete_table table = { commands, NELEM(commands), arg, NULL };

/* The candidates, and where they go, as one string. */
static void
check(const char *text, size_t start, const char *want)
{
	struct complete_list list = { .start = 0 };
	struct buf got = BUF_INIT;
	size_t i;

	complete_text(&list, &table, text, strlen(text));
	for (i = 0; i < list.count; i++)
		buf_addf(&got, "%s ", list.words[i]);
	assert_string_equal(got.data, want);
	assert_int_equal(list.start, start);
	complete_clear(&list);
	buf_clear(&got);
}

static void
commands_and_arguments(void **state)
{
	(void)state;
	check("/ex", 0, "/exit /export ");
	check("/", 0, "/exit /export /model ");
	check("/none", 0, "");
	check("/model d", 7, "demo ");
	check("/model x", 7, "");
	check("/exit x", 6, "");
	check("say /ex", 4, "");
	check("", 0, "");
}

static void
touch(const char *name)
{
	int fd = open(name, O_CREAT | O_WRONLY, 0600);

	assert_true(fd != -1);
	close(fd);
}

static void
files(void **state)
{
	char dir[] = "complete.XXXXXX";

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(chdir(dir), 0);
	assert_int_equal(mkdir("sub", 0700), 0);
	touch("one.c");
	touch("one.h");
	touch(".hidden");
	touch("evil\033[2J");
	touch("evil\xe2\x80\xae");
	touch("sub/deep");
	check("@", 1, "one.c one.h sub/ ");
	check("see @one", 5, "one.c one.h ");
	check("see @sub/", 5, "sub/deep ");
	check("@./sub/d", 1, "./sub/deep ");
	check("@.h", 1, ".hidden ");
	check("@ev", 1, "");
	check("/export one.", 8, "one.c one.h ");
	check("mail a@one", 5, "");
	unlink("sub/deep");
	unlink("one.c");
	unlink("one.h");
	unlink(".hidden");
	unlink("evil\033[2J");
	unlink("evil\xe2\x80\xae");
	rmdir("sub");
	assert_int_equal(chdir(".."), 0);
	assert_int_equal(rmdir(dir), 0);
}

static void
test_is_command(void **state)
{
	(void)state;
	assert_true(complete_is_command("/help"));
	assert_true(complete_is_command("/edit a/b"));
	assert_true(complete_is_command("/"));
	assert_false(complete_is_command("/usr/bin is full"));
	assert_false(complete_is_command("//"));
	assert_false(complete_is_command("help"));
	assert_false(complete_is_command(""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_and_arguments),
		cmocka_unit_test(files),
		cmocka_unit_test(test_is_command),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
