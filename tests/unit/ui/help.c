/* SPDX-License-Identifier: GPL-3.0-or-later */
/* help.c - tests of the page of keys and commands */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "ui/complete.h"
#include "ui/help.h"
#include "ui/keys.h"
#include "ui/lines.h"
#include "ui/style.h"
#include "ui/width.h"

static const struct complete_command commands[] = {
	{ "/theme", "dark|light|none", "colours", COMPLETE_NONE, NULL },
	{ "/a-command-with-a-long-name", "WORDS", "does it", COMPLETE_NONE,
	    NULL },
};
static const struct complete_table table = { .commands = commands,
	.count = 2 };
static const struct style plain = { .columns = 80, .rows = 24 };

/* Every key that has a help, and every command, at every width. */
static void
test_all(void **state)
{
	struct lines l;

	(void)state;
	lines_init(&l);
	for (size_t width = 16; width <= 200; width++) {
		lines_reset(&l);
		help_lines(&l, &table, &plain, width);
		for (size_t i = 0; i < l.count; i++) {
			size_t len;
			const char *s = lines_get(&l, i, &len);
			if (s[0] == ' ')	/* names are not wrapped */
				assert_true(width_cells(s, len) <= width);
		}
		for (int k = 0; k < KEY_COUNT; k++)
			if (key_help((enum key)k)[0] != '\0')
				assert_non_null(strstr(l.text.data,
				    key_name((enum key)k)));
		assert_non_null(strstr(l.text.data, "/theme dark|light|none"));
		assert_non_null(strstr(l.text.data,
		    "/a-command-with-a-long-name WORDS"));
	}
	lines_clear(&l);
}

static void
test_columns(void **state)
{
	struct lines l;

	(void)state;
	lines_init(&l);
	help_lines(&l, &table, &plain, 80);
	assert_non_null(strstr(l.text.data, "\nEnter               send\n"));
	lines_reset(&l);
	help_lines(&l, &table, &plain, 30);
	assert_non_null(strstr(l.text.data, "\nEnter\n    send\n"));
	lines_clear(&l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
