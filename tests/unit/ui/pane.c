/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pane.c - tests of the transcript on the screen */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "client/view.h"
#include "ui/grid.h"
#include "ui/pane.h"
#include "ui/style.h"
#include "ui/width.h"
#include "wire/chunk.h"
#include "wire/message.h"

static const struct style marks = { .sgr = true, .links = true,
	.marks = true, .depth = STYLE_16 };

static const char answer[] =
    "# Heading \u540d\u524d\n\nSome *words* with `code`, \u4f60\u597d"
    "\u4e16\u754c and \U0001f468\u200d\U0001f469\u200d\U0001f467 "
    "e\u0301e\u0301 and [a link](https://example.org/).\n\n"
    "| a | \u540d |\n|---|---|\n| one two three | \U0001f44d\U0001f3fd |\n"
    "\n- item\n  - inner item that is long enough to wrap somewhere\n\n"
    "```c\nint\tmain(void);\nlonglonglonglonglonglonglonglonglonglonglong"
    "\n```\n\n> quoted \033[31mred\033[0m \u202eevil\n\nThe end.\n";

static void
chunk(struct view *v, struct buf *b)
{
	struct json_doc *doc = json_parse(b->data, b->len, 0, NULL);

	assert_non_null(doc);
	assert_int_equal(view_apply(v, json_root(doc), NULL, NULL), 0);
	json_doc_free(doc);
	buf_reset(b);
}

static void
begin_answer(struct view *v, const char *id)
{
	struct buf b = BUF_INIT;

	chunk_start(&b, id, NULL);
	chunk(v, &b);
	chunk_block(&b, CHUNK_TEXT_START, "t", NULL);
	chunk(v, &b);
	buf_clear(&b);
}

static void
delta(struct view *v, const char *s, size_t len)
{
	struct buf b = BUF_INIT;

	chunk_delta(&b, CHUNK_TEXT_DELTA, "t", s, len, NULL);
	chunk(v, &b);
	buf_clear(&b);
}

static void
end_answer(struct view *v)
{
	struct buf b = BUF_INIT;

	chunk_block(&b, CHUNK_TEXT_END, "t", NULL);
	chunk(v, &b);
	buf_clear(&b);
	view_turn_complete(v);
}

static void
check_cells(const struct grid *g)
{
	for (size_t row = 0; row < g->rows; row++)
		for (size_t col = 0; col < g->cols; col++) {
			const struct cell *c = grid_at(g, row, col);
			for (size_t i = 0; i < c->len; i++)
				assert_true((unsigned char)c->text[i] >=
				    0x20 && c->text[i] != 0x7f);
			if (c->width == 2)
				assert_int_equal(c[1].width, 0);
			if (c->width == 0)
				assert_int_equal(c[-1].width, 2);
		}
}

static void
draw(struct pane *p, struct grid *g, size_t rows, size_t cols)
{
	if (g->rows != rows || g->cols != cols)
		grid_resize(g, rows, cols);
	grid_erase(g);
	pane_draw(p, g, 0, rows, 0);
	check_cells(g);
}

static void
expect(const struct grid *g, const char *text)
{
	struct buf b = BUF_INIT;

	grid_text(g, &b);
	assert_string_equal(b.data, text);
	buf_clear(&b);
}

/* Every width while it grows, and at its end what a new pane shows. */
static void
test_widths(void **state)
{
	struct view *v = view_new();
	struct pane *p = pane_new(&marks), *fresh = pane_new(&marks);
	struct grid g, h;
	size_t pos = 0, width = 20;

	(void)state;
	grid_init(&g);
	grid_init(&h);
	begin_answer(v, "m1");
	pane_add(p, view_at(v, 0));
	pane_live(p, view_at(v, 0));
	while (pos < strlen(answer)) {
		delta(v, answer + pos, 1);
		pos++;
		draw(p, &g, 12, width);
		width = width < 200 ? width + 1 : 20;
	}
	end_answer(v);
	pane_live(p, NULL);
	pane_add(fresh, view_at(v, 0));
	for (width = 20; width <= 200; width++) {
		struct buf a = BUF_INIT, b = BUF_INIT;

		draw(p, &g, 40, width);
		draw(fresh, &h, 40, width);
		grid_text(&g, &a);
		grid_text(&h, &b);
		assert_string_equal(a.data, b.data);
		assert_non_null(strstr(a.data, "The end."));
		assert_null(strstr(a.data, "\u202e"));
		buf_clear(&a);
		buf_clear(&b);
	}
	pane_free(p);
	pane_free(fresh);
	view_free(v);
	grid_clear(&g);
	grid_clear(&h);
}

static struct message *
said(const char *id, const char *text)
{
	return message_user_text(id, text, strlen(text));
}

static void
test_order(void **state)
{
	struct pane *p = pane_new(&marks);
	struct message *a = said("a", "first"), *b = said("b", "second"),
	    *c = said("c", "third");
	struct grid g;

	(void)state;
	grid_init(&g);
	pane_add_pending(p, a);
	pane_add_pending(p, b);
	pane_note(p, "a note", 0);
	draw(p, &g, 6, 40);
	expect(&g, "  a note\n\n\u276f first                          waiting"
	    "\n\n\u276f second                         waiting\n\n");
	assert_true(pane_take_up(p, NULL));
	assert_int_equal(pane_pending(p), 1);
	pane_add(p, c);
	draw(p, &g, 8, 40);
	expect(&g, "  a note\n\n\u276f first\n\n\u276f third\n\n"
	    "\u276f second                         waiting\n\n");
	pane_cut(p, "first");
	pane_cut(p, "a");
	draw(p, &g, 4, 40);
	expect(&g, "  a note\n\n\u276f second                         waiting"
	    "\n\n");
	pane_free(p);
	message_free(a);
	message_free(b);
	message_free(c);
	grid_clear(&g);
}

enum { MANY = 10000 };

static void
test_scroll(void **state)
{
	struct pane *p = pane_new(&marks);
	struct message **list = test_calloc(MANY, sizeof(*list));
	struct grid g;
	char text[32];

	(void)state;
	grid_init(&g);
	for (int i = 0; i < MANY; i++) {
		snprintf(text, sizeof(text), "message %d", i);
		list[i] = said(text, text);
		pane_add(p, list[i]);
	}
	draw(p, &g, 4, 40);
	expect(&g, "\n\u276f message 9998\n\n\u276f message 9999\n");
	pane_scroll(p, -2);
	assert_false(pane_following(p));
	draw(p, &g, 4, 40);
	expect(&g, "\n\u276f message 9997\n\n\u276f message 9998\n");
	pane_home(p);
	draw(p, &g, 4, 40);
	expect(&g, "\u276f message 0\n\n\u276f message 1\n\n");
	assert_true(pane_at_start(p));
	pane_scroll(p, 5);
	draw(p, &g, 2, 40);
	expect(&g, "\n\u276f message 3\n");
	assert_true(pane_find(p, "SAGE 77", false));
	draw(p, &g, 2, 40);
	expect(&g, "\n\u276f message 77\n");
	assert_true(grid_at(&g, 1, 5)->bits & STYLE_BIT(REVERSE));
	assert_false(grid_at(&g, 1, 3)->bits & STYLE_BIT(REVERSE));
	assert_true(pane_find(p, "sage 7", true));
	draw(p, &g, 2, 40);
	expect(&g, "\n\u276f message 76\n");
	assert_false(pane_find(p, "nowhere", true));
	pane_end(p);
	draw(p, &g, 2, 40);
	expect(&g, "\n\u276f message 9999\n");
	pane_free(p);
	for (int i = 0; i < MANY; i++)
		message_free(list[i]);
	test_free(list);
	grid_clear(&g);
}

/* What comes while one reads above does not move what is read. */
static void
test_stays(void **state)
{
	struct view *v = view_new();
	struct pane *p = pane_new(&marks);
	struct message *a = said("a", "one\ntwo\nthree\nfour\nfive\nsix"),
	    *old = said("o", "older");
	const struct message *older[] = { old };
	struct grid g;

	(void)state;
	grid_init(&g);
	pane_add(p, a);
	draw(p, &g, 3, 40);
	pane_scroll(p, -2);
	draw(p, &g, 3, 40);
	expect(&g, "  two\n  three\n  four\n");
	begin_answer(v, "m");
	pane_add(p, view_at(v, 0));
	pane_live(p, view_at(v, 0));
	delta(v, answer, strlen(answer));
	draw(p, &g, 3, 40);
	expect(&g, "  two\n  three\n  four\n");
	pane_prepend(p, older, 1);
	draw(p, &g, 3, 40);
	expect(&g, "  two\n  three\n  four\n");
	pane_scroll(p, -3);
	draw(p, &g, 3, 40);
	expect(&g, "\u276f older\n\n\u276f one\n");
	pane_free(p);
	view_free(v);
	message_free(a);
	message_free(old);
	grid_clear(&g);
}

/* As a transcript brings it when a session is opened again. */
static void
test_joined(void **state)
{
	static const char text[] = "[{\"id\":\"m\",\"role\":\"assistant\","
	    "\"parts\":[{\"type\":\"text\",\"text\":\"begun\"},"
	    "{\"type\":\"data-pending-message-injected\",\"data\":"
	    "{\"messageIds\":[\"u\"],\"messages\":[{\"id\":\"u\","
	    "\"text\":\"hurry up\"}]}},"
	    "{\"type\":\"text\",\"text\":\"done\"}]}]";
	struct json_doc *doc = json_parse(text, strlen(text), 0, NULL);
	struct view *v = view_new();
	struct pane *p = pane_new(&marks);
	struct buf b = BUF_INIT;
	struct grid g;

	(void)state;
	assert_non_null(doc);
	grid_init(&g);
	view_load(v, json_root(doc));
	pane_add(p, view_at(v, 0));
	draw(p, &g, 8, 60);
	grid_text(&g, &b);
	assert_non_null(strstr(b.data, "\u276f hurry up\n"));
	assert_null(strstr(b.data, "messageIds"));
	assert_null(strstr(b.data, "{"));
	buf_clear(&b);
	pane_free(p);
	view_free(v);
	json_doc_free(doc);
	grid_clear(&g);
}

/* A step that is taken back, and one in its place of the same size. */
static void
test_taken_back(void **state)
{
	struct view *v = view_new();
	struct pane *p = pane_new(&marks);
	struct buf b = BUF_INIT;
	struct grid g;

	(void)state;
	grid_init(&g);
	begin_answer(v, "m1");
	pane_add(p, view_at(v, 0));
	pane_live(p, view_at(v, 0));
	delta(v, "first", 5);
	draw(p, &g, 2, 20);
	expect(&g, "  first\n\n");
	buf_adds(&b, "{\"type\":\"reset-step\"}");
	chunk(v, &b);
	pane_touch(p, view_at(v, 0));
	chunk_block(&b, CHUNK_TEXT_START, "t", NULL);
	chunk(v, &b);
	delta(v, "again", 5);
	draw(p, &g, 2, 20);
	expect(&g, "  again\n\n");
	buf_clear(&b);
	pane_free(p);
	view_free(v);
	grid_clear(&g);
}

/* Blank lines between words and cards, none between two cards. */
static void
test_gaps(void **state)
{
	static const char parts[] = "[{\"id\":\"m\",\"role\":\"assistant\","
	    "\"parts\":[{\"type\":\"text\",\"text\":\"one\"},"
	    "{\"type\":\"step-start\"},"
	    "{\"type\":\"tool-x\",\"toolCallId\":\"1\",\"state\":"
	    "\"output-error\",\"errorText\":\"e\",\"input\":{}},"
	    "{\"type\":\"step-start\"},"
	    "{\"type\":\"tool-y\",\"toolCallId\":\"2\",\"state\":"
	    "\"output-error\",\"errorText\":\"e\",\"input\":{}},"
	    "{\"type\":\"text\",\"text\":\"two\"},"
	    "{\"type\":\"text\",\"text\":\"three\"}]}]";
	struct json_doc *doc = json_parse(parts, strlen(parts), 0, NULL);
	struct view *v = view_new();
	struct pane *p = pane_new(&marks);
	struct grid g;

	(void)state;
	assert_non_null(doc);
	grid_init(&g);
	view_load(v, json_root(doc));
	pane_add(p, view_at(v, 0));
	draw(p, &g, 10, 40);
	expect(&g, "  one\n\n  \u2717 x  failed\n    e\n  \u2717 y  failed\n"
	    "    e\n\n  two\n\n  three\n");
	pane_free(p);
	view_free(v);
	json_doc_free(doc);
	grid_clear(&g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_widths),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_scroll),
		cmocka_unit_test(test_stays),
		cmocka_unit_test(test_joined),
		cmocka_unit_test(test_taken_back),
		cmocka_unit_test(test_gaps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
