/* SPDX-License-Identifier: GPL-3.0-or-later */
/* utf8.c - bytes to code points and back */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"

static void
every_code_point_survives_the_round_trip(void **state)
{
	uint32_t cp, back;
	char s[4];

	(void)state;
	for (cp = 0; cp <= 0x10ffff; cp++) {
		size_t n = utf8_encode(cp, s);
		bool half = cp >= 0xd800 && cp <= 0xdfff;

		assert_int_equal(utf8_decode_wtf(s, n, &back), n);
		assert_int_equal(back, cp);
		assert_int_equal(utf8_valid(s, n), !half);
		assert_int_equal(utf8_incomplete(s, n), 0);
		if (n > 1 && !half)
			assert_int_equal(utf8_incomplete(s, n - 1), n - 1);
	}
	assert_int_equal(utf8_encode(0x110000, s), 3);
}

/* The vectors of the Unicode standard, 3.9, and of WHATWG's decoder. */
static void
malformed_bytes_become_maximal_subparts(void **state)
{
	static const struct {
		const char *s;
		size_t replacements;
	} cases[] = {
		{ "\xff", 1 }, { "\xc0\xaf", 2 }, { "\xe0\x9f\x80", 3 },
		{ "\xed\xa0\x80", 3 }, { "\xf4\x91\x92\x93", 4 },
		{ "\xe1\x80", 1 }, { "\xf0\x91\x92", 1 }, { "\xf1\xbf", 1 },
		{ "\xc2", 1 }, { "\xf5\x80\x80\x80", 4 }, { "\x80\xbf", 2 },
		{ "\xe1\x80\xe2\xf0\x91\x92\xf1\xbf", 4 },
	};
	size_t i, n;

	(void)state;
	for (i = 0; i < NELEM(cases); i++) {
		struct buf b = BUF_INIT;

		assert_false(utf8_valid(cases[i].s, strlen(cases[i].s)));
		utf8_add_valid(&b, cases[i].s, strlen(cases[i].s));
		assert_int_equal(b.len, 3 * cases[i].replacements);
		for (n = 0; n < b.len; n += 3)
			assert_memory_equal(b.data + n, "\xef\xbf\xbd", 3);
		buf_clear(&b);
	}
}

static void
good_text_around_bad_bytes_stays(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	utf8_add_valid(&b, "0123456789\xc3\xa9\xff\xef\xbf\xbdz\xe2\x82", 18);
	assert_string_equal(b.data, "0123456789\xc3\xa9\xef\xbf\xbd\xef\xbf"
	    "\xbdz\xef\xbf\xbd");
	buf_clear(&b);
}

static void
only_what_can_be_completed_is_kept_back(void **state)
{
	(void)state;
	assert_int_equal(utf8_incomplete("", 0), 0);
	assert_int_equal(utf8_incomplete("a\xf0\x9f\x98", 4), 3);
	assert_int_equal(utf8_incomplete("a\xf0", 2), 1);
	assert_int_equal(utf8_incomplete("a\xff", 2), 0);
	assert_int_equal(utf8_incomplete("\x80\x80\x80\x80", 4), 0);
	assert_int_equal(utf8_incomplete("\xed\xa0", 2), 0);
	assert_int_equal(utf8_incomplete("\xe0\x80", 2), 0);
}

static void
lengths_are_counted_in_three_ways(void **state)
{
	static const char s[] = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xff";

	(void)state;
	assert_int_equal(utf8_count(s, sizeof s - 1), 5);
	assert_int_equal(utf8_units(s, sizeof s - 1), 6);
	assert_int_equal(utf8_units("\xed\xa0\xbd", 3), 1);
	assert_int_equal(utf8_count("", 0), 0);
}

static void
a_prefix_cuts_no_sequence(void **state)
{
	static const char s[] = "a\xc3\xa9\xf0\x9f\x98\x80z";
	static const size_t want[] = { 0, 1, 1, 3, 3, 3, 3, 7, 8, 8 };
	size_t max;

	(void)state;
	for (max = 0; max < NELEM(want); max++)
		assert_int_equal(utf8_prefix(s, sizeof s - 1, max), want[max]);
	assert_int_equal(utf8_prefix("\x80\x80\x80\x80\x80\x80", 6, 5), 5);
}

static void
halves_are_joined_at_the_seam(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	utf8_add_wtf(&b, "a\xed\xa0\xbd", 4);
	assert_int_equal(utf8_half(b.data, b.len), 3);
	utf8_add_wtf(&b, "\xed\xb8\x80" "b", 4);
	assert_string_equal(b.data, "a\xf0\x9f\x98\x80" "b");
	buf_reset(&b);
	utf8_add_wtf(&b, "\xed\xb8\x80", 3);
	assert_int_equal(utf8_half(b.data, b.len), 0);
	utf8_add_wtf(&b, "\xed\xa0\xbd", 3);
	utf8_add_wtf(&b, "\xed\x95\x9c", 3);
	assert_string_equal(b.data, "\xed\xb8\x80\xed\xa0\xbd\xed\x95\x9c");
	buf_clear(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_code_point_survives_the_round_trip),
		cmocka_unit_test(malformed_bytes_become_maximal_subparts),
		cmocka_unit_test(good_text_around_bad_bytes_stays),
		cmocka_unit_test(only_what_can_be_completed_is_kept_back),
		cmocka_unit_test(lengths_are_counted_in_three_ways),
		cmocka_unit_test(halves_are_joined_at_the_seam),
		cmocka_unit_test(a_prefix_cuts_no_sequence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
