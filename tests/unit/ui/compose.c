/* SPDX-License-Identifier: GPL-3.0-or-later */
/* compose.c - tests of the composer */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "ui/compose.h"
#include "ui/grid.h"

struct world {
	struct compose *c;
	struct buf sent;	/* entries, each with a | behind it */
};

static bool
submit(void *arg, const char *text)
{
	struct world *w = arg;

	buf_addf(&w->sent, "%s|", text);
	return true;
}

static const struct complete_command commands[] = {
	{ "/model", "", "", COMPLETE_NONE, NULL },
	{ "/mode", "", "", COMPLETE_NONE, NULL },
	{ "/quit", "", "", COMPLETE_NONE, NULL },
};

static void
open_world(struct world *w)
{
	struct compose_opts co = { .table = { .commands = commands,
	    .count = 3 }, .submit = submit, .arg = w };
	struct err e = ERR_INIT;

	buf_init(&w->sent);
	w->c = compose_new(&co, &e);
	assert_non_null(w->c);
}

static void
close_world(struct world *w)
{
	compose_free(w->c);
	buf_clear(&w->sent);
}

static void
type(struct world *w, const char *s)
{
	compose_bytes(w->c, s, strlen(s));
}

static void
expect_text(const struct world *w, const char *want)
{
	char *text = compose_text(w->c);

	assert_string_equal(text, want);
	free(text);
}

static void
expect_sent(struct world *w, const char *want)
{
	assert_string_equal(w->sent.len > 0 ? w->sent.data : "", want);
	buf_reset(&w->sent);
}

static void
test_entries(void **state)
{
	struct world w;

	(void)state;
	open_world(&w);
	assert_true(compose_is_empty(w.c));
	compose_enter(w.c);
	type(&w, "   ");
	compose_enter(w.c);
	expect_sent(&w, "");
	assert_true(compose_discard(w.c));
	assert_false(compose_discard(w.c));
	type(&w, "one\x01" "zero \x05!");	/* Ctrl+A, Ctrl+E */
	expect_text(&w, "zero one!");
	compose_enter(w.c);
	expect_sent(&w, "zero one!|");
	assert_true(compose_is_empty(w.c));
	type(&w, "first\\");
	compose_enter(w.c);
	type(&w, "second");
	compose_newline(w.c);
	type(&w, "third");
	assert_true(compose_line(w.c, true));
	assert_true(compose_line(w.c, true));
	assert_false(compose_line(w.c, true));
	type(&w, "X");
	compose_enter(w.c);
	expect_sent(&w, "firstX\nsecond\nthird|");
	/* the history: Ctrl+P, and Ctrl+R */
	type(&w, "\x10\x10");
	expect_text(&w, "zero one!");
	compose_discard(w.c);
	type(&w, "\x12" "ro");
	assert_true(compose_is_busy(w.c));
	compose_enter(w.c);
	close_world(&w);
}

/* Long ones stand for themselves in the line, and are sent whole. */
static void
test_pastes(void **state)
{
	struct buf many = BUF_INIT;
	struct world w;

	(void)state;
	open_world(&w);
	compose_paste(w.c, "a\nb\033[31m", 8);
	expect_text(&w, "a\nb");
	compose_discard(w.c);
	for (int i = 0; i < 120; i++)
		buf_addf(&many, "%d\n", i);
	compose_paste(w.c, many.data, many.len);
	compose_paste(w.c, many.data, many.len);
	struct grid g;
	struct buf seen = BUF_INIT;
	grid_init(&g);
	grid_resize(&g, 3, 60);
	compose_draw(w.c, &g, 0, 3);
	grid_text(&g, &seen);
	assert_non_null(strstr(seen.data,
	    "[pasted 120 lines][pasted 120 lines, 2]"));
	grid_clear(&g);
	buf_clear(&seen);
	type(&w, "end");
	compose_enter(w.c);
	assert_int_equal(w.sent.len, 2 * many.len + strlen("end|"));
	assert_int_equal(memcmp(w.sent.data, many.data, many.len), 0);
	buf_clear(&many);
	close_world(&w);
}

static void
test_completion(void **state)
{
	const char *const *words;
	size_t count, chosen;
	struct world w;

	(void)state;
	open_world(&w);
	type(&w, "/mo");
	words = compose_candidates(w.c, &count, &chosen);
	assert_int_equal(count, 2);
	assert_int_equal(chosen, count);
	assert_string_equal(words[0], "/mode");
	assert_true(compose_dismiss(w.c));
	compose_candidates(w.c, &count, &chosen);
	assert_int_equal(count, 0);
	expect_text(&w, "/mo");
	assert_false(compose_dismiss(w.c));
	compose_tab(w.c);
	expect_text(&w, "/mode");
	compose_tab(w.c);
	compose_tab(w.c);
	expect_text(&w, "/model");
	compose_discard(w.c);
	type(&w, "/q");
	compose_tab(w.c);
	expect_text(&w, "/quit ");
	compose_set(w.c, "set");
	expect_text(&w, "set");
	close_world(&w);
}

/* Wide and joined characters: the cursor stands where they end. */
static void
test_cells(void **state)
{
	struct world w;
	struct grid g;

	(void)state;
	open_world(&w);
	grid_init(&g);
	grid_resize(&g, 4, 20);
	type(&w, "\u540d\u524d");
	compose_draw(w.c, &g, 0, 4);
	assert_int_equal(g.cursor_row, 0);
	assert_int_equal(g.cursor_col, 2 + 4);
	compose_discard(w.c);
	type(&w, "0123456789012345678");
	assert_int_equal(compose_rows(w.c, 20, 9), 2);
	grid_erase(&g);
	compose_draw(w.c, &g, 1, 2);
	assert_int_equal(g.cursor_row, 2);
	assert_int_equal(g.cursor_col, 2 + 1);
	grid_clear(&g);
	close_world(&w);
}

/* What Ctrl+C took away is the newest of the history, but not of its file. */
static void
test_put_by(void **state)
{
	struct world w;
	char *text;

	(void)state;
	open_world(&w);
	type(&w, "half a thought");
	assert_true(compose_put_by(w.c));
	assert_true(compose_is_empty(w.c));
	assert_false(compose_put_by(w.c));
	type(&w, "\033[A");
	text = compose_text(w.c);
	assert_string_equal(text, "half a thought");
	free(text);
	close_world(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_entries),
		cmocka_unit_test(test_pastes),
		cmocka_unit_test(test_completion),
		cmocka_unit_test(test_cells),
		cmocka_unit_test(test_put_by),
	};

	/* no configuration of whoever runs this */
	setenv("INPUTRC", "/dev/null", 1);
	setenv("TERM", "xterm", 1);
	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
