/* SPDX-License-Identifier: GPL-3.0-or-later */
/* title.c - tests of titles made from first words */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "agent/title.h"
#include "base/attr.h"
#include "base/utf8.h"

static void
check(const char *text, const char *want)
{
	char *title = title_of_text(text, strlen(text));

	assert_string_equal(title, want);
	free(title);
}

static void
cleans(void **state ATTR_UNUSED)
{
	check("Hello", "Hello");
	check("  a\n\tb \r\n c  ", "a b c");
	check("# Heading", "Heading");
	check("> - [x] **bold**", "- [x] **bold**");
	check("\033[31mred\xe2\x80\xaenot", "[31mred not");
	check("", "");
	check(" \n ", "");
	check("\u200d\U0001f468\u200d\U0001f467 \u200dx\u200by",
	    "\U0001f468\u200d\U0001f467 x y");
	check("\xff" "bad", "\xef\xbf\xbd" "bad");
}

static void
cuts_at_words(void **state ATTR_UNUSED)
{
	char long_word[200];

	check("one two three four five six seven eight nine ten eleven "
	    "twelve thirteen",
	    "one two three four five six seven eight nine ten eleven");
	check("123456789 123456789 123456789 123456789 123456789 1234567890",
	    "123456789 123456789 123456789 123456789 123456789 1234567890");
	memset(long_word, 'x', sizeof(long_word));
	char *title = title_of_text(long_word, sizeof(long_word));

	assert_int_equal(utf8_count(title, strlen(title)), TITLE_MAX);
	free(title);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cleans),
		cmocka_unit_test(cuts_at_words),
	};

	return cmocka_run_group_tests_name("agent/title", tests, NULL, NULL);
}
