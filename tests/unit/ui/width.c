/* SPDX-License-Identifier: GPL-3.0-or-later */
/* width.c - tests of cells, clusters and wrapping */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "ui/width.h"

#define FAMILY "\U0001f468\u200d\U0001f469\u200d\U0001f467"
#define FLAG "\U0001f1e9\U0001f1ea"

static void
cells(void **state)
{
	static const struct {
		const char *s;
		size_t cells;
	} cases[] = {
		{ "", 0 }, { "abc", 3 }, { "\u00e9", 1 }, { "e\u0301x", 2 },
		{ "\u4f60\u597d", 4 }, { FAMILY, 2 }, { FLAG, 2 },
		{ FLAG FLAG, 4 }, { "\u2764\ufe0f", 2 }, { "\u2764", 1 },
		{ "\U0001f44d\U0001f3fd", 2 }, { "a\tb", 9 }, { "\t", 8 },
		{ "1\ufe0f\u20e3", 2 }, { "\ue0b0", 1 }, { "\ufffd", 1 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(cases); i++)
		assert_int_equal(width_cells(cases[i].s, strlen(cases[i].s)),
		    cases[i].cells);
}

static void
clusters_are_whole(void **state)
{
	static const char s[] = "a" FAMILY "e\u0301" FLAG FLAG "z";
	static const size_t ends[] = { 1, 19, 22, 30, 38, 39 };
	size_t i, pos = 0, w;

	(void)state;
	for (i = 0; i < NELEM(ends); i++) {
		pos += width_cluster(s + pos, strlen(s) - pos, 0, &w);
		assert_int_equal(pos, ends[i]);
	}
	assert_int_equal(pos, strlen(s));
}

static void
check_wrap(const char *in, size_t max, const char *want)
{
	struct buf out = BUF_INIT;
	size_t len = strlen(in), pos, n, next;

	for (pos = 0; pos < len; pos += next) {
		n = width_break(in + pos, len - pos, max, &next);
		buf_addf(&out, "%.*s%s", (int)n, in + pos,
		    pos + next < len || in[len - 1] == '\n' ? "\n" : "");
	}
	assert_string_equal(out.data, want);
	buf_clear(&out);
}

static void
wrapping(void **state)
{
	(void)state;
	check_wrap("", 5, "");
	check_wrap("one two three", 7, "one two\nthree");
	check_wrap("one two three", 8, "one two\nthree");
	check_wrap("one  two   three", 3, "one\ntwo\nthr\nee");
	check_wrap("abcdefghij", 4, "abcd\nefgh\nij");
	check_wrap("a\n\nb\n", 10, "a\n\nb\n");
	check_wrap("one two\nthree", 7, "one two\nthree");
	check_wrap("well-known -x", 6, "well-\nknown\n-x");
	check_wrap("\u4f60\u597d\u4e16\u754c", 5,
	    "\u4f60\u597d\n\u4e16\u754c");
	check_wrap("\u4f60\u597d\u3002", 4, "\u4f60\n\u597d\u3002");
	check_wrap("\u4f60\u597d\u4e16\u3002", 6, "\u4f60\u597d\n\u4e16\u3002");
	check_wrap(FAMILY FAMILY, 3, FAMILY "\n" FAMILY);
	check_wrap("\u4f60", 1, "\u4f60");
	check_wrap("   x", 10, "   x");
}

static void
a_wrapped_line_fits(void **state)
{
	static const char s[] = "The quick " FAMILY " brown\u4f60\u597d fox-trot"
	    " jumps \u2764\ufe0f over thelazydogwithoutanyspaces \tand on";
	size_t max, pos, next, n;

	(void)state;
	for (max = 2; max < 90; max++)
		for (pos = 0; pos < strlen(s); pos += next) {
			n = width_break(s + pos, strlen(s) - pos, max, &next);
			assert_true(next > 0 && n <= next);
			assert_true(width_cells(s + pos, n) <= max || n == 1);
		}
}

static void
check_fit(const char *in, size_t max, const char *want)
{
	struct buf out = BUF_INIT;

	width_fit(&out, in, strlen(in), max);
	assert_string_equal(out.data, want);
	buf_clear(&out);
}

static void
fitting(void **state)
{
	(void)state;
	check_fit("hello", 5, "hello");
	check_fit("hello", 4, "hel\u2026");
	check_fit("a bcdef", 3, "a\u2026");
	check_fit("\u4f60\u597d\u4e16", 4, "\u4f60\u2026");
	check_fit("\u4f60\u597d\u4e16", 5, "\u4f60\u597d\u2026");
	check_fit("hello", 1, "\u2026");
	check_fit("hello", 0, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cells),
		cmocka_unit_test(clusters_are_whole),
		cmocka_unit_test(wrapping),
		cmocka_unit_test(a_wrapped_line_fits),
		cmocka_unit_test(fitting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
