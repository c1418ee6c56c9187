/* SPDX-License-Identifier: GPL-3.0-or-later */
/* trust.c - what was agreed to is known again, and nothing else */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/path.h"
#include "rig.h"
#include "tool/trust.h"

static struct trust_key
key_of(const char *kind, const char *dir, const char *name, const char *text)
{
	struct trust_key key = { .kind = kind, .dir = dir, .name = name };

	sha256_hex(text, strlen(text), key.sum);
	return key;
}

static void
answers_are_kept(void **state)
{
	struct rig *r = *state;
	struct trust_key yes = key_of("mcp", "/p", "a", "one");
	struct trust_key no = key_of("tool", "/p", "a", "one");
	struct trust_key changed = key_of("mcp", "/p", "a", "two");
	struct trust_key elsewhere = key_of("mcp", "/q", "a", "one");

	setenv("CHATD_HOME", r->dir, 1);
	assert_int_equal(trust_get(&yes), TRUST_UNKNOWN);
	assert_int_equal(trust_set(&yes, true, NULL), 0);
	assert_int_equal(trust_set(&no, false, NULL), 0);
	assert_int_equal(trust_get(&yes), TRUST_YES);
	assert_int_equal(trust_get(&no), TRUST_NO);
	assert_int_equal(trust_get(&changed), TRUST_UNKNOWN);
	assert_int_equal(trust_get(&elsewhere), TRUST_UNKNOWN);
	/* the newer answer counts alone */
	assert_int_equal(trust_set(&changed, true, NULL), 0);
	assert_int_equal(trust_get(&yes), TRUST_UNKNOWN);
	assert_int_equal(trust_get(&changed), TRUST_YES);
	assert_int_equal(trust_get(&no), TRUST_NO);
}

static void
a_spoilt_record_is_no_answer(void **state)
{
	struct rig *r = *state;
	struct trust_key key = key_of("mcp", "/p", "a", "one");
	struct err e = ERR_INIT;
	char *path;

	setenv("CHATD_HOME", r->dir, 1);
	assert_int_equal(trust_set(&key, true, NULL), 0);
	path = path_data("trust.json");
	assert_int_equal(path_write_whole(path, "{", 1, 0600, NULL), 0);
	assert_int_equal(trust_get(&key), TRUST_UNKNOWN);
	assert_int_equal(trust_set(&key, true, &e), -1);
	assert_non_null(strstr(e.text, path));
	free(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(answers_are_kept, rig_setup,
		    rig_teardown),
		cmocka_unit_test_setup_teardown(a_spoilt_record_is_no_answer,
		    rig_setup, rig_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
