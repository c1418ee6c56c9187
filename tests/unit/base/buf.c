/* SPDX-License-Identifier: GPL-3.0-or-later */
/* buf.c - growing bytes with a ceiling */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

static void
bytes_are_added_and_end_in_a_nul(void **state)
{
	struct buf b = BUF_INIT;
	int i;

	(void)state;
	assert_string_equal(b.data, "");
	for (i = 0; i < 1000; i++)
		assert_int_equal(buf_addf(&b, "%d,", i), 0);
	assert_int_equal(b.len, 10 + 180 + 2700 + 1000);
	assert_int_equal(strlen(b.data), b.len);
	assert_memory_equal(b.data + b.len - 8, "998,999,", 9);
	buf_reset(&b);
	assert_string_equal(b.data, "");
	buf_add(&b, "a\0b", 3);
	buf_addc(&b, 'c');
	assert_int_equal(b.len, 4);
	assert_memory_equal(b.data, "a\0bc", 5);
	buf_clear(&b);
	assert_int_equal(b.len, 0);
}

static void
a_ceiling_refuses_all_of_what_does_not_fit(void **state)
{
	struct buf b;

	(void)state;
	buf_init_max(&b, 4);
	assert_int_equal(buf_adds(&b, "abc"), 0);
	assert_int_equal(buf_adds(&b, "de"), -1);
	assert_true(b.full);
	assert_string_equal(b.data, "abc");
	assert_int_equal(buf_addf(&b, "%d", 10), -1);
	assert_null(buf_reserve(&b, 2));
	assert_int_equal(buf_addc(&b, 'd'), 0);
	assert_int_equal(buf_addc(&b, 'e'), -1);
	buf_reset(&b);
	assert_false(b.full);
	buf_clear(&b);
	assert_int_equal(b.max, 4);
}

static void
bytes_are_dropped_cut_and_given_away(void **state)
{
	struct buf b = BUF_INIT;
	char *s;

	(void)state;
	s = buf_take(&b);
	assert_string_equal(s, "");
	free(s);
	buf_adds(&b, "abcdef");
	buf_drop(&b, 2);
	assert_string_equal(b.data, "cdef");
	buf_cut(&b, 3);
	assert_string_equal(b.data, "cde");
	buf_drop(&b, 0);
	s = buf_take(&b);
	assert_string_equal(s, "cde");
	assert_int_equal(b.len, 0);
	free(s);
	buf_adds(&b, "x");
	buf_drop(&b, 5);
	assert_int_equal(b.len, 0);
	buf_clear(&b);
}

static void
formatted_text_grows_the_buffer_and_heeds_the_ceiling(void **state)
{
	struct buf b;
	int i;

	(void)state;
	buf_init_max(&b, 300);
	for (i = 0; i < 100; i++)
		assert_int_equal(buf_addf(&b, "%d,", i % 10 + 10), 0);
	assert_int_equal(b.len, 300);
	assert_int_equal(buf_addf(&b, "%d", 1), -1);
	assert_true(b.full);
	assert_int_equal(b.len, 300);
	assert_int_equal(strlen(b.data), 300);
	assert_memory_equal(b.data + 294, "18,19,", 6);
	buf_clear(&b);
}

static void
numbers_are_written_in_decimal(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	buf_add_int(&b, 0);
	buf_addc(&b, ' ');
	buf_add_int(&b, INT64_MAX);
	buf_addc(&b, ' ');
	buf_add_int(&b, INT64_MIN);
	assert_string_equal(b.data,
	    "0 9223372036854775807 -9223372036854775808");
	buf_clear(&b);
}

static void
reserved_room_is_counted_in_by_its_user(void **state)
{
	struct buf b = BUF_INIT;
	char *room;

	(void)state;
	buf_adds(&b, "a");
	room = buf_reserve(&b, 100);
	memset(room, 'b', 100);
	b.len += 3;
	buf_addc(&b, 'c');
	assert_string_equal(b.data, "abbbc");
	buf_clear(&b);
}

static void
files_are_read_up_to_a_size(void **state)
{
	char path[] = "buf-test.XXXXXX";
	int fd = mkstemp(path);
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(write(fd, "0123456789", 10), 10);
	close(fd);
	assert_int_equal(buf_read_file(&b, path, 10, &e), 0);
	assert_string_equal(b.data, "0123456789");
	assert_int_equal(buf_read_file(&b, path, 9, &e), -1);
	assert_int_equal(e.code, ERR_TOO_BIG);
	unlink(path);
	err_clear(&e);
	assert_int_equal(buf_read_file(&b, path, 10, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_non_null(strstr(e.text, path));
	buf_clear(&b);
}

/* Nobody writes to it: a reader that opens it would wait for ever. */
static void
what_is_no_file_is_not_waited_for(void **state)
{
	char dir[] = "buf-test.XXXXXX", *path;
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	(void)state;
	assert_non_null(mkdtemp(dir));
	path = xasprintf("%s/fifo", dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(buf_read_file(&b, path, 10, &e), -1);
	assert_int_equal(e.code, ERR_IO);
	assert_non_null(strstr(e.text, "not a regular file"));
	err_clear(&e);
	assert_int_equal(buf_read_file(&b, dir, 10, &e), -1);
	err_clear(&e);
	assert_int_equal(buf_read_file(&b, "/dev/zero", 10, &e), -1);
	assert_int_equal(e.code, ERR_IO);
	err_clear(&e);
	assert_int_equal(buf_read_any(&b, "/dev/zero", 10, &e), -1);
	assert_int_equal(e.code, ERR_TOO_BIG);
	unlink(path);
	rmdir(dir);
	free(path);
	buf_clear(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_are_added_and_end_in_a_nul),
		cmocka_unit_test(a_ceiling_refuses_all_of_what_does_not_fit),
		cmocka_unit_test(bytes_are_dropped_cut_and_given_away),
		cmocka_unit_test(
		    formatted_text_grows_the_buffer_and_heeds_the_ceiling),
		cmocka_unit_test(numbers_are_written_in_decimal),
		cmocka_unit_test(reserved_room_is_counted_in_by_its_user),
		cmocka_unit_test(files_are_read_up_to_a_size),
		cmocka_unit_test(what_is_no_file_is_not_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
