/* SPDX-License-Identifier: GPL-3.0-or-later */
/* err.c - the first error stays, and maps to the outside */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "base/err.h"

static void
the_first_error_stays(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_false(err_is_set(&e));
	assert_int_equal(err_hint(&e, "too early"), -1);
	assert_int_equal(err_set(&e, ERR_CONFIG, "%s: bad", "f"), -1);
	assert_int_equal(err_set(&e, ERR_IO, "later"), -1);
	assert_int_equal(err_errno(&e, ERR_IO, EPERM, "later"), -1);
	err_hint(&e, "do %d", 1);
	err_hint(&e, "do 2");
	assert_int_equal(e.code, ERR_CONFIG);
	assert_string_equal(e.text, "f: bad");
	assert_string_equal(e.hint, "do 1");
	err_clear(&e);
	assert_false(err_is_set(&e));
	assert_string_equal(e.hint, "");
}

static void
system_errors_say_why(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	err_errno(&e, ERR_IO, ENOENT, "cannot open %s", "x");
	assert_string_equal(e.text, "cannot open x: No such file or "
	    "directory");
}

static void
long_texts_are_cut(void **state)
{
	struct err e = ERR_INIT;
	char text[2 * ERR_TEXT_MAX];

	(void)state;
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	err_errno(&e, ERR_IO, ENOENT, "%s", text);
	assert_int_equal(strlen(e.text), ERR_TEXT_MAX - 1);
}

static void
an_error_is_passed_on_whole(void **state)
{
	struct err first = ERR_INIT, e = ERR_INIT;

	(void)state;
	err_set(&first, ERR_NOT_FOUND, "nothing there");
	err_hint(&first, "look elsewhere");
	assert_int_equal(err_pass(&e, &first), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_string_equal(e.text, "nothing there");
	assert_string_equal(e.hint, "look elsewhere");
	err_clear(&first);
	err_set(&first, ERR_IO, "later");
	assert_int_equal(err_pass(&e, &first), -1);
	assert_string_equal(e.text, "nothing there");
}

static void
nobody_has_to_listen(void **state)
{
	(void)state;
	assert_int_equal(err_set(NULL, ERR_IO, "x"), -1);
	assert_int_equal(err_errno(NULL, ERR_IO, EPERM, "x"), -1);
	assert_int_equal(err_hint(NULL, "x"), -1);
	assert_int_equal(err_pass(NULL, &(struct err){ .code = ERR_IO }), -1);
	assert_false(err_is_set(NULL));
	err_clear(NULL);
}

static void
codes_have_names_and_statuses(void **state)
{
	int code;

	(void)state;
	for (code = ERR_NONE; code <= ERR_TERMINATED; code++)
		assert_int_equal(err_code_by_name(err_code_name(
		    (enum err_code)code)), code);
	assert_int_equal(err_code_by_name("nonsense"), ERR_FAILED);
	assert_int_equal(err_exit_status(ERR_NONE), 0);
	assert_int_equal(err_exit_status(ERR_CONFIG), 78);
	assert_int_equal(err_http_status(ERR_NOT_FOUND), 404);
	assert_int_equal(err_code_of_http(200), ERR_NONE);
	assert_int_equal(err_code_of_http(0), ERR_UNREACHABLE);
	assert_int_equal(err_code_of_http(401), ERR_AUTH);
	assert_int_equal(err_code_of_http(429), ERR_BUSY);
	assert_int_equal(err_code_of_http(418), ERR_REFUSED);
	assert_int_equal(err_code_of_http(500), ERR_UNREACHABLE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_error_stays),
		cmocka_unit_test(system_errors_say_why),
		cmocka_unit_test(long_texts_are_cut),
		cmocka_unit_test(an_error_is_passed_on_whole),
		cmocka_unit_test(nobody_has_to_listen),
		cmocka_unit_test(codes_have_names_and_statuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
