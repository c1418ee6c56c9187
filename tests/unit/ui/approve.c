/* SPDX-License-Identifier: GPL-3.0-or-later */
/* approve.c - tests of the question about a tool call */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "ui/approve.h"
#include "ui/grid.h"
#include "ui/style.h"
#include "wire/message.h"

static const struct style marks = { .sgr = true, .marks = true,
	.depth = STYLE_16 };

enum { LATER = APPROVE_QUIET_US + 1 };

static struct message *
asked(const char *input, const char *descriptor)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	buf_addf(&b, "{\"id\":\"m\",\"role\":\"assistant\",\"parts\":["
	    "{\"type\":\"tool-Bash\",\"toolCallId\":\"c1\",\"state\":"
	    "\"approval-requested\",\"input\":%s,\"approval\":{\"id\":"
	    "\"a1\"%s%s}},{\"type\":\"dynamic-tool\",\"toolName\":\"Two\","
	    "\"toolCallId\":\"c2\",\"state\":\"approval-requested\","
	    "\"input\":{},\"approval\":{\"id\":\"a2\"}}]}", input,
	    descriptor != NULL ? ",\"descriptor\":" : "",
	    descriptor != NULL ? descriptor : "");
	struct json_doc *doc = json_parse(b.data, b.len, 0, &e);
	assert_non_null(doc);
	struct message *m = message_read(json_root(doc), &e);
	assert_non_null(m);
	json_doc_free(doc);
	buf_clear(&b);
	return m;
}

static void
drawn(struct approve *a, size_t cols, size_t max, struct buf *out)
{
	struct grid g;
	size_t rows = approve_rows(a, &marks, cols, max);

	grid_init(&g);
	grid_resize(&g, rows, cols);
	approve_draw(a, &marks, &g, 0, rows);
	grid_text(&g, out);
	grid_clear(&g);
}

static void
test_keys_before(void **state)
{
	struct message *m = asked("{\"command\":\"ls\"}", NULL);
	struct approve a;

	(void)state;
	approve_init(&a);
	assert_true(approve_look(&a, m, 1000));
	assert_false(approve_look(&a, m, 1000));
	/* a finger that is busy: each key makes it wait anew */
	assert_int_equal(approve_key(&a, 'y', 2000), ANSWER_WAIT);
	assert_int_equal(approve_key(&a, 'y', LATER), ANSWER_WAIT);
	assert_int_equal(approve_key(&a, 'y', 2 * LATER), ANSWER_SEND);
	approve_clear(&a);
	message_free(m);
}

static void
test_never(void **state)
{
	static const char others[] = "\r\n \tYNxapqe\033";
	struct message *m = asked("{\"command\":\"ls\"}", NULL);
	struct approve a;

	(void)state;
	approve_init(&a);
	approve_look(&a, m, 0);
	for (size_t i = 0; i < sizeof(others); i++)
		assert_int_equal(approve_key(&a, others[i], LATER),
		    ANSWER_WAIT);
	assert_int_equal(a.state, APPROVE_ASK);
	approve_clear(&a);
	message_free(m);
}

static void
expect_answer(struct approve *a, const char *text)
{
	struct buf b = BUF_INIT, chatd = BUF_INIT;

	approve_write(a, &b, &chatd);
	assert_string_equal(b.data, text);
	assert_int_equal(chatd.len, 0);
	buf_clear(&b);
	buf_clear(&chatd);
}

static void
test_answers(void **state)
{
	struct message *m = asked("{\"command\":\"ls\"}", NULL);
	struct approve a;

	(void)state;
	approve_init(&a);
	approve_look(&a, m, 0);
	assert_int_equal(a.waiting, 2);
	assert_int_equal(approve_key(&a, 'y', LATER), ANSWER_SEND);
	expect_answer(&a, "{\"id\":\"m\",\"role\":\"assistant\",\"parts\":["
	    "{\"type\":\"tool-Bash\",\"toolCallId\":\"c1\",\"state\":"
	    "\"approval-responded\",\"approval\":{\"id\":\"a1\","
	    "\"approved\":true}}]}");
	/* the next one; the first is not asked again */
	assert_true(approve_look(&a, m, LATER));
	assert_int_equal(a.waiting, 1);
	assert_int_equal(approve_key(&a, 'n', LATER), ANSWER_WAIT);
	assert_int_equal(approve_key(&a, 'n', 3 * LATER), ANSWER_REASON);
	approve_text(&a, "not \"now\"");
	expect_answer(&a, "{\"id\":\"m\",\"role\":\"assistant\",\"parts\":["
	    "{\"type\":\"dynamic-tool\",\"toolCallId\":\"c2\",\"toolName\":"
	    "\"Two\",\"state\":\"approval-responded\",\"approval\":{\"id\":"
	    "\"a2\",\"approved\":false,\"reason\":\"not \\\"now\\\"\"}}]}");
	assert_false(approve_look(&a, m, 4 * LATER));
	assert_int_equal(a.state, APPROVE_NONE);
	approve_clear(&a);
	message_free(m);
}

static void
test_offer(void **state)
{
	struct message *m = asked("{\"command\":\"ls\"}",
	    "{\"rule\":\"Bash(ls *)\",\"dir\":\"/w\","
	    "\"sandbox\":\"workspace-write\",\"edit\":true}");
	struct buf b = BUF_INIT, chatd = BUF_INIT;
	struct approve a;

	(void)state;
	approve_init(&a);
	approve_look(&a, m, 0);
	drawn(&a, 80, 20, &b);
	assert_string_equal(b.data,
	    "\u258c May Bash run? (1 of 2)\n"
	    "\u258c   command: ls\n"
	    "\u258c   in: /w\n"
	    "\u258c   sandbox: workspace-write\n"
	    "\u258c   \"always\" saves the rule: Bash(ls *)\n"
	    "\u258c y yes  a this session  p always  n no  e edit  "
	    "Esc later\n");
	assert_int_equal(approve_key(&a, 'e', LATER), ANSWER_EDIT);
	approve_text(&a, "{\"command\":\"ls -l\"}");
	buf_reset(&b);
	approve_write(&a, &b, &chatd);
	assert_non_null(strstr(b.data, "\"approved\":true}"));
	assert_string_equal(chatd.data,
	    "{\"editedInput\":{\"c1\":{\"command\":\"ls -l\"}}}");
	buf_clear(&chatd);
	approve_clear(&a);
	buf_clear(&b);
	message_free(m);
}

/* What would deceive is shown, and every byte can be seen. */
static void
test_bytes(void **state)
{
	struct message *m = asked("{\"command\":\"rm \\u202e-rf\\u200b "
	    "\\u001b[2K\\nls\"}", NULL);
	struct buf b = BUF_INIT;
	struct approve a;

	(void)state;
	approve_init(&a);
	approve_look(&a, m, 0);
	drawn(&a, 60, 20, &b);
	assert_non_null(strstr(b.data,
	    "command: rm \\u{202e}-rf\\u{200b} ^[[2K\n\u258c     ls\n"));
	/* with too few rows it says so, and the keys are there */
	buf_reset(&b);
	drawn(&a, 60, 3, &b);
	assert_non_null(strstr(b.data, "2 more lines: Down"));
	assert_non_null(strstr(b.data, "y yes"));
	/* and goes down to the last, and no further */
	assert_true(approve_scroll(&a, 1));
	assert_true(approve_scroll(&a, 1));
	buf_reset(&b);
	drawn(&a, 60, 3, &b);
	assert_non_null(strstr(b.data, "\u258c     ls\n"));
	assert_null(strstr(b.data, "more lines"));
	assert_true(approve_scroll(&a, -9));
	assert_int_equal(a.first, 0);
	buf_reset(&b);
	drawn(&a, 60, 20, &b);
	assert_false(approve_scroll(&a, 1));
	approve_clear(&a);
	buf_clear(&b);
	message_free(m);
}

/* A change is shown as on the cards, but whole and with what hides in it. */
static void
test_preview(void **state)
{
	struct message *m = asked("{\"file_path\":\"a.c\"}",
	    "{\"preview\":{\"file_path\":\"/w/a.c\",\"diff\":\"--- a\\n"
	    "+++ b\\n@@ -7,2 +7,2 @@\\n int a;\\n-int b;\\n+int "
	    "bbbbbbbbbbbbbbbbbbbbbbbbbbbb \\u202ec;\\n\"}}");
	struct buf b = BUF_INIT;
	struct approve a;

	(void)state;
	approve_init(&a);
	approve_look(&a, m, 0);
	drawn(&a, 36, 20, &b);
	assert_string_equal(b.data,
	    "\u258c May Bash run? (1 of 2)\n"
	    "\u258c   changes: /w/a.c\n"
	    "\u258c   7   int a;\n"
	    "\u258c   8 - int b;\n"
	    "\u258c   8 + int\n"
	    "\u258c       bbbbbbbbbbbbbbbbbbbbbbbbbbbb\n"
	    "\u258c       \\u{202e}c;\n"
	    "\u258c y yes n no d Esc\n");
	approve_clear(&a);
	buf_clear(&b);
	message_free(m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys_before),
		cmocka_unit_test(test_never),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_offer),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_preview),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
