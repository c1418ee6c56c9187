/* SPDX-License-Identifier: GPL-3.0-or-later */
/* status.c - the status line says what matters first, at every width */

#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "ui/grid.h"
#include "ui/status.h"

static char *
drawn(const struct status *s, size_t cols)
{
	struct grid g;
	struct buf b = BUF_INIT;

	grid_init(&g);
	grid_resize(&g, 1, cols);
	grid_erase(&g);
	status_draw(s, &g, 0);
	grid_row_text(&g, 0, &b);
	grid_clear(&g);
	return buf_take(&b);
}

static void
check(const struct status *s, size_t cols, const char *want)
{
	char *got = drawn(s, cols);

	size_t len = strlen(want);

	/* the rest is blank, and help is at the right */
	assert_true(strlen(got) > len);
	assert_memory_equal(got, want, len);
	assert_true(strspn(got + len, " ") >= 1);
	assert_string_equal(got + len + strspn(got + len, " "), "F1 help");
	free(got);
}

static const struct status quiet = {
	.model = "openai:gpt-5", .mode = "default",
	.sandbox = "workspace-write", .tokens = 12300, .context = 0.41,
	.cost = 0.127, .retry_ms = -1,
};

static void
test_quiet(void **state)
{
	(void)state;
	check(&quiet, 40, " 41% of context \u00b7 $0.13");
	check(&quiet, 80, " 41% of context \u00b7 $0.13 \u00b7 12.3k tokens "
	    "\u00b7 openai:gpt-5 \u00b7 default");
	check(&quiet, 120, " 41% of context \u00b7 $0.13 \u00b7 12.3k tokens "
	    "\u00b7 openai:gpt-5 \u00b7 default \u00b7 workspace-write");
}

/* What may hurt is never what is left out. */
static void
test_busy(void **state)
{
	struct status s = quiet;

	(void)state;
	s.mode = "allow-all";
	s.sandbox = "off";
	s.running = true;
	s.doing = "writing";
	s.elapsed_ms = 65000;
	s.company = "with anna pts/3";
	check(&s, 40, " allow-all \u00b7 no sandbox \u00b7 1m05s");
	check(&s, 80, " allow-all \u00b7 no sandbox \u00b7 | writing 1m05s "
	    "\u00b7 Esc stops \u00b7 with anna pts/3");
	s.read_only = true;
	check(&s, 80, " allow-all \u00b7 no sandbox \u00b7 | writing 1m05s "
	    "\u00b7 read-only \u00b7 with anna pts/3");
}

static void
test_lost(void **state)
{
	struct status s = quiet;

	(void)state;
	s.retry_ms = 2100;
	check(&s, 40, " reconnecting in 3 s \u00b7 $0.13");
	s.retry_ms = 0;
	s.context = -1;
	s.cost = 0.001;
	check(&s, 40, " reconnecting \u00b7 <$0.01");
	s.note = "a word";
	check(&s, 40, " a word");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quiet),
		cmocka_unit_test(test_busy),
		cmocka_unit_test(test_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
