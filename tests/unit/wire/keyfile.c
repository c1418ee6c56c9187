/* SPDX-License-Identifier: GPL-3.0-or-later */
/* keyfile.c - the secret keys of a server: read, made, refused */

#include <sys/stat.h>

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/path.h"
#include "wire/keyfile.h"

struct scratch {
	char dir[64];
	char *path;
};

static int
setup(void **state)
{
	struct scratch *s = xcalloc(1, sizeof(*s));

	snprintf(s->dir, sizeof(s->dir), "/tmp/keyfile.XXXXXX");
	assert_non_null(mkdtemp(s->dir));
	s->path = xasprintf("%s/sub/keys", s->dir);
	*state = s;
	return 0;
}

static int
teardown(void **state)
{
	struct scratch *s = *state;
	char *sub = xasprintf("%s/sub", s->dir);

	(void)unlink(s->path);
	(void)rmdir(sub);
	assert_int_equal(rmdir(s->dir), 0);	/* nothing else was left */
	free(sub);
	free(s->path);
	free(s);
	return 0;
}

static void
write_file(struct scratch *s, const char *text, int mode)
{
	assert_int_equal(path_make_parent(s->path, NULL), 0);
	assert_int_equal(path_write_whole(s->path, text, strlen(text), mode,
	    NULL), 0);
}

static void
the_first_start_makes_it(void **state)
{
	struct scratch *s = *state;
	struct err e = ERR_INIT;
	struct keyfile a, b;
	struct stat st;
	bool made;

	assert_int_equal(keyfile_open(&a, s->path, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_int_equal(keyfile_ensure(&a, s->path, &made, NULL), 0);
	assert_true(made);
	assert_int_equal(stat(s->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(a.count, 1);
	assert_memory_equal(a.keys[0], "tr_dev_", 7);
	/* not tr_dev_sk_...: 24 letters and digits (session-protocol 3.2) */
	assert_int_equal(strlen(a.keys[0]), 7 + 24);
	assert_null(strchr(a.keys[0] + 7, '_'));
	assert_memory_equal(a.env, "env_", 4);

	assert_int_equal(keyfile_ensure(&b, s->path, &made, NULL), 0);
	assert_false(made);
	assert_string_equal(a.keys[0], b.keys[0]);
	assert_string_equal(a.env, b.env);
	keyfile_clear(&a);
	keyfile_clear(&b);
}

static void
the_first_key_signs_and_all_are_accepted(void **state)
{
	struct scratch *s = *state;
	struct keyfile k;

	write_file(s, "# comment\n\n  new_key \r\n\told_key\n# environment e1\n"
	    "# environment e2\nthird", 0600);
	assert_int_equal(keyfile_open(&k, s->path, NULL), 0);
	assert_int_equal(k.count, 3);
	assert_string_equal(k.keys[0], "new_key");
	assert_null(k.keys[3]);
	assert_string_equal(k.env, "e1");
	assert_true(keyfile_has(&k, "new_key"));
	assert_true(keyfile_has(&k, "old_key"));
	assert_true(keyfile_has(&k, "third"));
	assert_false(keyfile_has(&k, ""));
	assert_false(keyfile_has(&k, "thir"));
	assert_false(keyfile_has(&k, "thirdthird"));
	assert_false(keyfile_has(&k, "# comment"));
	keyfile_clear(&k);
}

static void
without_a_name_the_environment_has_one(void **state)
{
	struct scratch *s = *state;
	struct keyfile k;

	write_file(s, "k\n", 0400);
	assert_int_equal(keyfile_open(&k, s->path, NULL), 0);
	assert_string_equal(k.env, KEYFILE_ENV);
	keyfile_clear(&k);
}

static void
a_key_that_others_can_read_is_refused(void **state)
{
	static const int modes[] = { 0644, 0640, 0604, 0620, 0602, 0610 };
	struct scratch *s = *state;

	for (size_t i = 0; i < NELEM(modes); i++) {
		struct err e = ERR_INIT;
		struct keyfile k;
		bool made;

		write_file(s, "k\n", 0600);
		assert_int_equal(chmod(s->path, (mode_t)modes[i]), 0);
		assert_int_equal(keyfile_ensure(&k, s->path, &made, &e), -1);
		assert_int_equal(e.code, ERR_CONFIG);
		assert_non_null(strstr(e.hint, "chmod 600"));
	}
}

static void
a_file_without_good_keys_is_refused(void **state)
{
	static const char *const texts[] = { "", "\n# only this\n",
	    "two words\n", "caf\xc3\xa9\n", "k\n\x01\n" };
	struct scratch *s = *state;

	for (size_t i = 0; i < NELEM(texts); i++) {
		struct err e = ERR_INIT;
		struct keyfile k;

		write_file(s, texts[i], 0600);
		assert_int_equal(keyfile_open(&k, s->path, &e), -1);
		assert_int_equal(e.code, ERR_CONFIG);
		assert_non_null(strstr(e.text, s->path));
	}
}

int
main(void)
{
#define CASE(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(the_first_start_makes_it),
		CASE(the_first_key_signs_and_all_are_accepted),
		CASE(without_a_name_the_environment_has_one),
		CASE(a_key_that_others_can_read_is_refused),
		CASE(a_file_without_good_keys_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
