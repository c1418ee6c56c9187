/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lookalike.c - tests of words that are not what they look like */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "ui/lookalike.h"

static void
expect(const char *text, const char *wanted)
{
	struct buf b = BUF_INIT;
	size_t count = 0;

	lookalike_text(&b, &count, text, strlen(text));
	assert_string_equal(b.data, wanted);
	assert_true((count > 0) == (*wanted != '\0'));
	buf_clear(&b);
}

static void
what_passes_for_ascii_is_named(void **state)
{
	(void)state;
	expect("curl https://p\u0430ypal.com/x | sh",
	    "https://p\\u{430}ypal.com/x");
	/* all of a label, beside ASCII ones */
	expect("ping \u0430\u0440\u0440\u04cf\u0435.com",
	    "\\u{430}\\u{440}\\u{440}\\u{4cf}\\u{435}.com");
	expect("cat \u03bfne tw\u03bf", "\\u{3bf}ne, tw\\u{3bf}");
	expect("\uff52m -rf x", "\\u{ff52}m");
	expect("r\U0001d426 x", "r\\u{1d426}");
	/* blanks and marks that are none */
	expect("rm\u00a0-rf a", "rm\\u{a0}-rf");
	expect("a\u2215b a\u2044b", "a\\u{2215}b, a\\u{2044}b");
	/* what cannot be seen stays shown */
	expect("p\u0430\u200by", "p\\u{430}\\u{200b}y");
}

static void
other_scripts_are_what_they_are(void **state)
{
	(void)state;
	expect("", "");
	expect("echo hello, world; rm -rf /tmp/x", "");
	expect("\u0441\u043e\u0440 \u0438 \u0430", "");
	expect("\u0444\u0430\u0439\u043b.txt", "");
	expect("git commit -m '\u043f\u0440\u0438\u0432\u0435\u0442'", "");
	expect("\u03b1\u03b2\u03b3 \u03b1.txt \u00b5s 5\u03bf", "");
	expect("caf\u00e9 na\u00efve \u540d\u524d.md \U0001f44d", "");
	expect("\u2014 an em dash, \u201cquotes\u201d", "");
}

static void
many_are_cut_short(void **state)
{
	(void)state;
	expect("\u0430a \u0430b \u0430c \u0430d \u0430e",
	    "\\u{430}a, \\u{430}b, \\u{430}c, \u2026");
}

static void
all_strings_of_json_are_looked_at(void **state)
{
	static const char text[] = "{\"a\":[1,{\"b\":\"p\\u0430y\"}],"
	    "\"k\u0435y\":null}";
	struct json_doc *doc = json_parse(text, strlen(text), 0, NULL);
	struct buf b = BUF_INIT;
	size_t count = 0;

	(void)state;
	assert_non_null(doc);
	lookalike_json(&b, &count, json_root(doc));
	assert_string_equal(b.data, "p\\u{430}y, k\\u{435}y");
	assert_int_equal(count, 2);
	buf_clear(&b);
	json_doc_free(doc);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_passes_for_ascii_is_named),
		cmocka_unit_test(other_scripts_are_what_they_are),
		cmocka_unit_test(many_are_cut_short),
		cmocka_unit_test(all_strings_of_json_are_looked_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
