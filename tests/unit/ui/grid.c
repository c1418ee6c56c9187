/* SPDX-License-Identifier: GPL-3.0-or-later */
/* grid.c - tests of cells */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "base/buf.h"
#include "ui/grid.h"
#include "ui/style.h"

static const struct style marks = { .sgr = true, .links = true,
	.marks = true, .depth = STYLE_16 };

static void
expect_row(const struct grid *g, size_t row, const char *text)
{
	struct buf b = BUF_INIT;

	grid_row_text(g, row, &b);
	assert_string_equal(b.data, text);
	buf_clear(&b);
}

/* Wide cells have their right half, and nothing but text is in a cell. */
static void
check(const struct grid *g)
{
	for (size_t row = 0; row < g->rows; row++)
		for (size_t col = 0; col < g->cols; col++) {
			const struct cell *c = grid_at(g, row, col);
			for (size_t i = 0; i < c->len; i++)
				assert_true((unsigned char)c->text[i] >= 0x20);
			if (c->width == 2) {
				assert_true(col + 1 < g->cols);
				assert_int_equal(c[1].width, 0);
			}
			if (c->width == 0)
				assert_int_equal(c[-1].width, 2);
		}
}

static void
test_wide(void **state)
{
	struct grid g;

	(void)state;
	grid_init(&g);
	grid_resize(&g, 2, 6);
	/* it does not fit into the last column */
	assert_int_equal(grid_puts(&g, 0, 0, "a\u540d\u540d\u540d", 0), 5);
	expect_row(&g, 0, "a\u540d\u540d");
	check(&g);
	/* one half overwritten: the other goes */
	grid_puts(&g, 0, 2, "x", 0);
	expect_row(&g, 0, "a x\u540d");
	grid_puts(&g, 0, 3, "\u540d", 0);
	check(&g);
	/* joined emoji, a flag and a combining mark are a cell each */
	grid_puts(&g, 1, 0, "\U0001f468\u200d\U0001f469\u200d\U0001f467"
	    "e\u0301\U0001f1e9\U0001f1ea", 0);
	assert_int_equal(grid_at(&g, 1, 0)->width, 2);
	assert_int_equal(grid_at(&g, 1, 2)->len, 3);
	assert_int_equal(grid_at(&g, 1, 3)->width, 2);
	check(&g);
	grid_clear(&g);
}

static void
test_long_cluster(void **state)
{
	struct buf b = BUF_INIT;
	struct grid g;

	(void)state;
	buf_addc(&b, 'a');
	for (int i = 0; i < 100; i++)
		buf_adds(&b, "\u0301");
	grid_init(&g);
	grid_resize(&g, 1, 4);
	assert_int_equal(grid_puts(&g, 0, 0, b.data, 0), 1);
	assert_true(grid_at(&g, 0, 0)->len <= CELL_TEXT);
	grid_puts(&g, 0, 1, "b", 0);
	assert_string_equal(grid_at(&g, 0, 1)->text, "b");
	buf_clear(&b);
	grid_clear(&g);
}

static void
test_marks(void **state)
{
	struct buf b = BUF_INIT;
	struct grid g, h;

	(void)state;
	style_adds(&b, &marks, STYLE_BIT(BOLD) | STYLE_BIT(COMMENT), "x");
	buf_adds(&b, "y");
	assert_true(style_link(&b, &marks, "https://a.org", 13));
	buf_adds(&b, "z");
	style_link_end(&b, &marks);
	buf_adds(&b, "!");
	grid_init(&g);
	grid_init(&h);
	grid_resize(&g, 1, 8);
	grid_resize(&h, 1, 8);
	assert_int_equal(grid_put(&g, 0, 0, 8, b.data, b.len, 0), 4);
	expect_row(&g, 0, "xyz!");
	assert_int_equal(grid_at(&g, 0, 0)->bits, STYLE_BIT(BOLD) |
	    STYLE_BIT(COMMENT));
	assert_int_equal(grid_at(&g, 0, 1)->bits, 0);
	assert_string_equal(grid_link(&g, grid_at(&g, 0, 2)),
	    "https://a.org");
	assert_null(grid_link(&g, grid_at(&g, 0, 3)));
	assert_false(grid_same(&g, grid_at(&g, 0, 2), &h,
	    grid_at(&h, 0, 2)));
	grid_put(&h, 0, 0, 8, b.data, b.len, 0);
	assert_true(grid_same(&g, grid_at(&g, 0, 2), &h, grid_at(&h, 0, 2)));
	grid_clear(&g);
	grid_clear(&h);
	buf_clear(&b);
}

/* Each row of g: a number, or nothing. */
static void
expect_rows(const struct grid *g, const char *wanted)
{
	struct buf b = BUF_INIT;

	grid_text(g, &b);
	assert_string_equal(b.data, wanted);
	buf_clear(&b);
}

static void
test_rows(void **state)
{
	struct buf link = BUF_INIT;
	struct grid g, h;

	(void)state;
	grid_init(&g);
	grid_init(&h);
	grid_resize(&g, 5, 8);
	grid_resize(&h, 5, 8);
	for (size_t i = 0; i < 5; i++)
		grid_puts(&g, i, 0, (const char *[]){ "0", "1", "2", "3",
		    "4" }[i], 0);
	grid_scroll(&g, 1, 3, 1);
	expect_rows(&g, "0\n2\n3\n\n4\n");
	grid_scroll(&g, 1, 3, -2);
	expect_rows(&g, "0\n\n\n2\n4\n");
	grid_scroll(&g, 0, 5, 9);
	expect_rows(&g, "\n\n\n\n\n");
	assert_true(grid_same_row(&g, 0, &h, 4));
	grid_puts(&h, 4, 0, "x", 0);
	assert_false(grid_same_row(&g, 0, &h, 4));
	grid_puts(&g, 0, 0, "x", STYLE_BIT(BOLD));
	assert_false(grid_same_row(&g, 0, &h, 4));

	/* a link is the same by where it leads, not by its number */
	assert_true(style_link(&link, &marks, "https://a.org", 13));
	buf_adds(&link, "z");
	style_link_end(&link, &marks);
	grid_put(&g, 1, 0, 8, link.data, link.len, 0);
	grid_put(&h, 0, 0, 8, link.data, link.len, 0);
	grid_put(&h, 1, 0, 8, link.data, link.len, 0);
	assert_true(grid_same_row(&g, 1, &h, 1));
	grid_puts(&h, 1, 0, "z", 0);
	assert_false(grid_same_row(&g, 1, &h, 1));
	grid_clear(&g);
	grid_clear(&h);
	buf_clear(&link);
}

static void
test_outside(void **state)
{
	struct grid g;

	(void)state;
	grid_init(&g);
	grid_resize(&g, 1, 1);
	assert_int_equal(grid_puts(&g, 1, 0, "a", 0), 0);
	assert_int_equal(grid_puts(&g, 0, 1, "a", 0), 0);
	assert_int_equal(grid_puts(&g, 0, 0, "\u540d", 0), 0);
	assert_int_equal(grid_puts(&g, 0, 0, "\u0301", 0), 0);
	grid_fill(&g, 0, 0, 100, "-", 0);
	expect_row(&g, 0, "-");
	grid_clear(&g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wide),
		cmocka_unit_test(test_long_cluster),
		cmocka_unit_test(test_marks),
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_outside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
