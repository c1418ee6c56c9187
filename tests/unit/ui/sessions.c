/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sessions.c - tests of the list of sessions */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "ui/grid.h"
#include "ui/sessions.h"
#include "wire/item.h"

enum { NOW = 1800000000 };	/* s */

static void
add_item(struct buf *b, int i, const char *state)
{
	buf_addf(b, "%s{\"id\":\"session_%d\",\"externalId\":null,\"type\":"
	    "\"chat.agent\",\"taskIdentifier\":\"chat\",\"title\":"
	    "\"title %d\\u001b[31m\",\"createdAt\":\"2026-01-01T00:00:00.000Z\","
	    "\"updatedAt\":\"2026-01-01T00:00:00.000Z\",\"state\":\"%s\","
	    "\"messages\":%d}", i > 0 ? "," : "", i, i, state, i);
}

static void
load(struct sessions *s, int count, const char *state)
{
	struct buf b = BUF_INIT;

	buf_adds(&b, "{\"data\":[");
	for (int i = 0; i < count; i++)
		add_item(&b, i, i == 1 ? state : "idle");
	buf_adds(&b, "]}");
	struct json_doc *doc = json_parse(b.data, b.len, 0, NULL);
	assert_non_null(doc);
	sessions_load(s, json_root(doc));
	json_doc_free(doc);
	buf_clear(&b);
}

/* Is there a row with these words? */
static bool
shows(struct sessions *s, size_t rows, size_t cols, const char *words)
{
	struct grid g;
	struct buf b = BUF_INIT;
	bool is;

	grid_init(&g);
	grid_resize(&g, rows, cols);
	sessions_draw(s, &g, 0, rows, NULL, (int64_t)NOW * 1000);
	grid_text(&g, &b);
	is = strstr(b.data, words) != NULL;
	grid_clear(&g);
	buf_clear(&b);
	return is;
}

static void
test_list(void **state)
{
	struct sessions s;

	(void)state;
	sessions_init(&s);
	assert_true(shows(&s, 10, 80, "looking"));
	assert_null(sessions_chosen(&s));
	sessions_move(&s, 1);
	load(&s, 0, "idle");
	assert_true(shows(&s, 10, 80, "no sessions yet"));
	load(&s, 30, "waiting for approval");
	assert_true(shows(&s, 10, 80, "asks you"));
	assert_true(shows(&s, 10, 80, "title 1^[[31m"));
	for (size_t cols = 10; cols <= 200; cols += 10)
		(void)shows(&s, 6, cols, "");
	sessions_clear(&s);
}

/* The one that is chosen is seen, and stays chosen when the list is new. */
static void
test_choose(void **state)
{
	struct sessions s;

	(void)state;
	sessions_init(&s);
	load(&s, 30, "running");
	assert_false(shows(&s, 10, 80, "title 29"));
	sessions_move(&s, 100);
	assert_string_equal(sessions_chosen(&s)->id, "session_29");
	assert_true(shows(&s, 10, 80, "title 29"));
	assert_false(shows(&s, 10, 80, "title 1^"));
	sessions_move(&s, -100);
	assert_string_equal(sessions_chosen(&s)->id, "session_0");
	sessions_choose(&s, "session_7");
	load(&s, 20, "idle");
	assert_string_equal(sessions_chosen(&s)->id, "session_7");
	load(&s, 3, "idle");
	assert_string_equal(sessions_chosen(&s)->id, "session_2");
	sessions_clear(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_choose),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
