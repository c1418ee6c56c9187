/* SPDX-License-Identifier: GPL-3.0-or-later */
/* clock.c - times and spans */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>

#include "base/attr.h"
#include "base/clock.h"

static void
the_clock_can_be_fixed(void **state)
{
	(void)state;
	setenv("CHATD_TEST_CLOCK", "1767225600123", 1);
	assert_int_equal(clock_ms(), 1767225600123);
	unsetenv("CHATD_TEST_CLOCK");
	assert_true(clock_ms() > 1767225600123);
	assert_true(clock_mono_us() > 0);
}

static void
times_are_written_in_utc(void **state)
{
	char out[CLOCK_ISO_MAX];

	(void)state;
	assert_string_equal(clock_iso(0, out), "1970-01-01T00:00:00.000Z");
	assert_string_equal(clock_iso(1767225600123, out),
	    "2026-01-01T00:00:00.123Z");
	assert_string_equal(clock_iso(-1, out), "1969-12-31T23:59:59.999Z");
}

static void
times_are_read_in_their_usual_forms(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} cases[] = {
		{ "2026-01-01T00:00:00.123Z", 1767225600123 },
		{ "2026-01-01T00:00:00Z", 1767225600000 },
		{ "2026-01-01T01:30:00.1+01:30", 1767225600100 },
		{ "2025-12-31T22:00:00.123456789-0200", 1767225600123 },
		{ "2026-01-01", 1767225600000 },
	};
	static const char *const bad[] = { "", "x", "2026-01-01T", "2026-01",
		"2026-01-01T00:00:00", "2026-01-01T00:00:00+x",
		"2026-01-01T00:00:00Zx" };
	int64_t ms;
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(cases); i++) {
		assert_int_equal(clock_parse_iso(cases[i].text, &ms), 0);
		assert_int_equal(ms, cases[i].ms);
	}
	for (i = 0; i < NELEM(bad); i++)
		assert_int_equal(clock_parse_iso(bad[i], &ms), -1);
}

static void
spans_have_units(void **state)
{
	(void)state;
	assert_int_equal(clock_parse_span("30"), 30000);
	assert_int_equal(clock_parse_span("30s"), 30000);
	assert_int_equal(clock_parse_span("15m"), 900000);
	assert_int_equal(clock_parse_span("1h"), 3600000);
	assert_int_equal(clock_parse_span("7d"), 604800000);
	assert_int_equal(clock_parse_span("2w"), 1209600000);
	assert_int_equal(clock_parse_span("-1s"), -1);
	assert_int_equal(clock_parse_span("1x"), -1);
	assert_int_equal(clock_parse_span("1mm"), -1);
	assert_int_equal(clock_parse_span(""), -1);
	assert_int_equal(clock_parse_span("99999999999999999999w"), -1);
}

static void
ages_are_short(void **state)
{
	static const struct {
		int64_t age;
		const char *want;
	} cases[] = {
		{ 0, "0s" }, { 3999, "3s" }, { 60000, "1m" },
		{ 5 * 3600000, "5h" }, { 2 * 86400000, "2d" }, { -5, "0s" },
	};
	char out[16];
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(cases); i++) {
		clock_age(1000000, 1000000 + cases[i].age, out, sizeof out);
		assert_string_equal(out, cases[i].want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_clock_can_be_fixed),
		cmocka_unit_test(times_are_written_in_utc),
		cmocka_unit_test(times_are_read_in_their_usual_forms),
		cmocka_unit_test(spans_have_units),
		cmocka_unit_test(ages_are_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
