/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tty.c - what a terminal makes of our frames, by a model of one */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/json.h"
#include "client/view.h"
#include "ui/pane.h"
#include "ui/style.h"
#include "ui/tty.h"
#include "ui/width.h"
#include "wire/chunk.h"

/* ------------------------------------------------------------- the model */

enum { MODEL_SIZE = 200, LOOK = 64, URL = 40 };

struct spot {
	char text[CELL_TEXT + 1];	/* "" behind something wide */
	char look[LOOK], url[URL];
};

struct model {
	size_t rows, cols, row, col, top, end;
	size_t saved_row, saved_col;
	char look[LOOK], saved_look[LOOK], url[URL];
	bool visible, wrapping;		/* behind the last column */
	struct spot spots[MODEL_SIZE * MODEL_SIZE];
};

static struct model screen;	/* too large for the stack */

static struct spot *
spot_at(struct model *m, size_t row, size_t col)
{
	return &m->spots[row * m->cols + col];
}

static void
wipe(struct model *m, size_t row, size_t from)
{
	for (size_t col = from; col < m->cols; col++)
		*spot_at(m, row, col) = (struct spot){ .text = " " };
}

static void
model_resize(struct model *m, size_t rows, size_t cols)
{
	memset(m, 0, sizeof(*m));
	m->rows = m->end = rows;
	m->cols = cols;
	m->visible = true;
	for (size_t row = 0; row < rows; row++)
		wipe(m, row, 0);
}

/* By one row, down: the rows move up. */
static void
model_scroll(struct model *m, bool up)
{
	size_t n = (m->end - m->top - 1) * m->cols;
	struct spot *first = spot_at(m, m->top, 0);

	memmove(up ? first : first + m->cols, up ? first + m->cols : first,
	    n * sizeof(*first));
	wipe(m, up ? m->end - 1 : m->top, 0);
}

static void
model_sgr(struct model *m, const char *params)
{
	if (params[0] == '\0' || params[0] == '0') {
		m->look[0] = '\0';
		params += params[0] == '0';
		params += params[0] == ';';
	} else {
		/* only from plain: else the old look would stay */
		assert_string_equal(m->look, "");
	}
	assert_true(strlen(params) < sizeof(m->look));
	memcpy(m->look, params, strlen(params) + 1);
}

static void
model_csi(struct model *m, const char *params, char final)
{
	unsigned a = 0, b = 0;
	int n = sscanf(params, "%u;%u", &a, &b);

	m->wrapping = final == 'm' && m->wrapping;
	switch (final) {
	case 'H':
		m->row = n > 0 && a > 0 ? a - 1 : 0;
		m->col = n > 1 && b > 0 ? b - 1 : 0;
		break;
	case 'A':
		assert_true(m->row >= a);
		m->row -= a;
		break;
	case 'C':
		m->col += n > 0 ? a : 1;
		break;
	case 'K':
		assert_string_equal(m->look, "");
		wipe(m, m->row, m->col);
		break;
	case 'J':
		for (size_t row = 0; row < m->rows; row++)
			wipe(m, row, 0);
		break;
	case 'm':
		model_sgr(m, params);
		break;
	case 'r':
		m->top = n > 0 ? a - 1 : 0;
		m->end = n > 1 ? b : m->rows;
		m->row = m->col = 0;
		break;
	case 'h':
	case 'l':
		if (strcmp(params, "?25") == 0)
			m->visible = final == 'h';
		break;
	default:
		fail_msg("CSI %s%c", params, final);
	}
	assert_true(m->row < m->rows && m->col < m->cols);
}

/* An escape sequence; its length. */
static size_t
model_escape(struct model *m, const char *s)
{
	char params[URL * 2] = "";
	size_t n;

	switch (s[1]) {
	case '[':
		n = strspn(s + 2, "0123456789;?");
		snprintf(params, sizeof(params), "%.*s", (int)n, s + 2);
		model_csi(m, params, s[2 + n]);
		return n + 3;
	case ']':
		n = strcspn(s + 2, "\033");
		assert_int_equal(strncmp(s + 2, "8;;", 3), 0);
		snprintf(m->url, sizeof(m->url), "%.*s", (int)(n - 3), s + 5);
		return n + 4;
	case 'M':
		if (m->row == m->top)
			model_scroll(m, false);
		else
			m->row--;
		return 2;
	case '7':
		m->saved_row = m->row;
		m->saved_col = m->col;
		memcpy(m->saved_look, m->look, LOOK);
		return 2;
	case '8':
		m->row = m->saved_row;
		m->col = m->saved_col;
		m->wrapping = false;
		memcpy(m->look, m->saved_look, LOOK);
		return 2;
	default:
		fail_msg("ESC %c", s[1]);
		return 2;
	}
}

static size_t
model_put(struct model *m, const char *s)
{
	size_t cells, n = width_cluster(s, strcspn(s, "\033\r\n"), 0, &cells);

	/* what a terminal does here differs; so it must not happen */
	assert_false(m->wrapping);
	assert_true(cells > 0 && m->col + cells <= m->cols);
	struct spot *spot = spot_at(m, m->row, m->col);
	*spot = (struct spot){ .text = "" };
	memcpy(spot->text, s, n);
	memcpy(spot->look, m->look, LOOK);
	memcpy(spot->url, m->url, URL);
	if (cells == 2)
		*(spot + 1) = (struct spot){ .text = "" };
	m->col += cells;
	m->wrapping = m->col == m->cols;
	m->col -= m->wrapping;
	return n;
}

static void
model_feed(struct model *m, const char *s)
{
	while (*s != '\0') {
		if (*s == '\033') {
			s += model_escape(m, s);
		} else if (*s == '\r') {
			m->col = 0;
			m->wrapping = false;
			s++;
		} else if (*s == '\n') {
			if (m->row + 1 == m->end)
				model_scroll(m, true);
			else
				m->row++;
			assert_true(m->row < m->rows);
			s++;
		} else {
			s += model_put(m, s);
		}
	}
}

/* ----------------------------------------------------------------- checks */

static const struct style colour = { .sgr = true, .links = true,
	.depth = STYLE_256, .best = STYLE_256 };

static bool
is_reverse(const char *look)
{
	char params[LOOK + 2];

	snprintf(params, sizeof(params), ";%s;", look);
	return strstr(params, ";7;") != NULL;
}

static void
expect_spot(const struct grid *g, const struct cell *c, struct spot *spot)
{
	char text[CELL_TEXT + 1] = "";
	struct buf look = BUF_INIT;
	const char *url = grid_link(g, c);

	memcpy(text, c->text, c->len);
	assert_string_equal(spot->text, text);
	/* of a blank only what shows on a blank matters */
	if (text[0] != '\0' && strcmp(text, " ") != 0) {
		style_add_plain(&look, &colour, c->bits);
		char *want = look.len > 0 ? look.data + 2 : look.data;
		want[strcspn(want, "m")] = '\0';
		assert_string_equal(spot->look, want);
		assert_string_equal(spot->url, url != NULL ? url : "");
	} else if (text[0] != '\0') {
		assert_int_equal((c->bits & STYLE_BIT(REVERSE)) != 0,
		    is_reverse(spot->look));
	}
	buf_clear(&look);
}

struct world {
	struct tty tty;
	struct grid want, next;
	size_t bytes;		/* of the last frame */
};

static void
world_open(struct world *w, size_t rows, size_t cols)
{
	*w = (struct world){ .bytes = 0 };
	w->tty.style = colour;
	w->tty.style.rows = rows;
	w->tty.style.columns = cols;
	w->tty.utf8 = w->tty.scrolls = w->tty.saves = w->tty.sync = true;
	w->tty.started = true;
	w->tty.out = fileno(tmpfile());
	grid_init(&w->tty.front);
	buf_init(&w->tty.bytes);
	grid_init(&w->want);
	grid_init(&w->next);
	grid_resize(&w->want, rows, cols);
	grid_resize(&w->next, rows, cols);
	model_resize(&screen, rows, cols);
	tty_forget(&w->tty);
}

static void
world_close(struct world *w)
{
	close(w->tty.out);
	grid_clear(&w->tty.front);
	buf_clear(&w->tty.bytes);
	free(w->tty.link);
	grid_clear(&w->want);
	grid_clear(&w->next);
}

/* What was drawn, by the model; and compared with what was meant. */
static void
world_frame(struct world *w)
{
	char bytes[1 << 17];

	assert_int_equal(lseek(w->tty.out, 0, SEEK_SET), 0);
	assert_int_equal(ftruncate(w->tty.out, 0), 0);
	assert_int_equal(tty_draw(&w->tty, &w->next), 0);
	ssize_t n = pread(w->tty.out, bytes, sizeof(bytes) - 1, 0);
	assert_true(n >= 0 && n < (ssize_t)sizeof(bytes) - 1);
	bytes[n] = '\0';
	w->bytes = (size_t)n;
	model_feed(&screen, bytes);
	for (size_t row = 0; row < w->want.rows; row++)
		for (size_t col = 0; col < w->want.cols; col++)
			expect_spot(&w->want, grid_at(&w->want, row, col),
			    spot_at(&screen, row, col));
	assert_string_equal(screen.look, "");
	assert_string_equal(screen.url, "");
	if (w->want.cursor) {
		assert_int_equal(screen.row, w->want.cursor_row);
		assert_int_equal(screen.col, w->want.cursor_col);
	}
}

static const char *const words[] = { "word ", "x", "  ", "\u540d\u524d",
	"e\u0301", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\u05d0\u05d1",
	"    ", "a longer piece of text ", "\u2500", "\U0001f44d\U0001f3fd" };

/* A row that depends on its number only. */
static void
draw_text(struct grid *g, size_t row, unsigned n, unsigned seed)
{
	static const struct style marks = { .sgr = true, .links = true,
	    .marks = true };
	struct buf line = BUF_INIT;

	for (unsigned i = 0; i < n % 9; i++) {
		seed = seed * 1103515245u + 12345u;
		unsigned bits = seed >> 20 & 1 ? 1u << (seed >> 8) %
		    STYLE_COUNT : 0;
		bool link = (seed >> 21) % 7 == 0 && style_link(&line,
		    &marks, "https://example.org/", 20);
		style_adds(&line, &marks, bits, words[(seed >> 12) %
		    (sizeof(words) / sizeof(words[0]))]);
		if (link)
			style_link_end(&line, &marks);
	}
	grid_put(g, row, n % 3, g->cols, line.data, line.len, 0);
	buf_clear(&line);
}

static void
draw_both(struct world *w, unsigned first, unsigned seed, size_t rows)
{
	struct grid *both[] = { &w->want, &w->next };

	for (size_t i = 0; i < 2; i++) {
		struct grid *g = both[i];
		grid_erase(g);
		for (size_t row = 0; row < rows; row++)
			draw_text(g, row, first + (unsigned)row, seed +
			    first + (unsigned)row);
		g->scroll_top = 0;
		g->scroll_rows = rows;
		if (rows < g->rows)
			grid_puts(g, rows, 0, "\u276f", STYLE_BIT(PROMPT));
		g->cursor = true;
		g->cursor_row = g->rows - 1;
		g->cursor_col = g->cols > 2 ? 2 : 0;
	}
}

/* A transcript that scrolls up and down, changes and changes its size. */
static void
test_frames(void **state)
{
	unsigned seed = 1;

	(void)state;
	for (size_t cols = 20; cols <= 200; cols += 1 + cols % 7) {
		struct world w;
		size_t rows = 4 + cols % 29;
		unsigned first = 100;

		world_open(&w, rows, cols);
		for (int i = 0; i < 24; i++) {
			seed = seed * 1103515245u + 12345u;
			first += (seed >> 16) % 7;
			first -= (seed >> 20) % 5;
			draw_both(&w, first, (seed >> 24) % 11 == 0 ? seed :
			    7, rows - 1 - (seed >> 26) % 2);
			world_frame(&w);
		}
		world_close(&w);
	}
}

/* ----------------------------------------------- a stream, every width */

static const char answer[] =
    "# Heading \u540d\u524d\n\nSome *words* with `code`, \u4f60\u597d\u4e16"
    "\u754c, e\u0301, \u05e9\u05dc\u05d5\u05dd, \U0001f468\u200d\U0001f469"
    "\u200d\U0001f467 and [a link](https://example.org/).\n\n"
    "| a | \u540d |\n|---|---|\n| one two three | \U0001f44d\U0001f3fd |\n"
    "\n- item\n  - inner item that is long enough to wrap somewhere\n\n"
    "```c\nint\tmain(void); /* long long long long long long line */\n```\n\n";

static void
apply(struct view *v, struct buf *b)
{
	struct json_doc *doc = json_parse(b->data, b->len, 0, NULL);

	assert_int_equal(view_apply(v, json_root(doc), NULL, NULL), 0);
	json_doc_free(doc);
	buf_reset(b);
}

/* The terminal has another size, and in it stands what it made of the old
 * contents: nobody knows what. */
static void
world_resize(struct world *w, size_t rows, size_t cols)
{
	model_resize(&screen, rows, cols);
	for (size_t i = 0; i < rows * cols; i++)
		screen.spots[i] = (struct spot){ .text = "#", .look = "31" };
	screen.row = rows - 1;
	screen.col = cols / 2;
	w->tty.style.rows = rows;
	w->tty.style.columns = cols;
	tty_forget(&w->tty);
	grid_resize(&w->want, rows, cols);
	grid_resize(&w->next, rows, cols);
}

static void
draw_pane(struct world *w, struct pane *p)
{
	struct grid *both[] = { &w->want, &w->next };

	for (size_t i = 0; i < 2; i++) {
		struct grid *g = both[i];
		grid_erase(g);
		pane_draw(p, g, 0, g->rows - 2, 0);
		g->cursor = true;
		g->cursor_row = g->rows - 2;
		g->cursor_col = 2;
	}
}

/* Up and down through all of them, some letters and three frames each. */
static void
test_stream_resized(void **state)
{
	static const struct style marks = { .sgr = true, .links = true,
	    .marks = true, .depth = STYLE_256, .best = STYLE_256 };
	struct view *v = view_new();
	struct pane *p = pane_new(&marks);
	struct buf b = BUF_INIT;
	struct world w;
	size_t pos = 0;

	(void)state;
	chunk_start(&b, "m1", NULL);
	apply(v, &b);
	chunk_block(&b, CHUNK_TEXT_START, "t", NULL);
	apply(v, &b);
	pane_add(p, view_at(v, 0));
	pane_live(p, view_at(v, 0));
	world_open(&w, 24, 20);
	for (size_t i = 0; i <= 360; i++) {
		size_t cols = i <= 180 ? 20 + i : 380 - i;

		world_resize(&w, 6 + i % 31, cols);
		for (int frame = 0; frame < 3; frame++) {
			chunk_delta(&b, CHUNK_TEXT_DELTA, "t", answer + pos,
			    3, NULL);
			apply(v, &b);
			pos = pos + 6 < sizeof(answer) ? pos + 3 : 0;
			draw_pane(&w, p);
			world_frame(&w);
		}
	}
	world_close(&w);
	pane_free(p);
	view_free(v);
	buf_clear(&b);
}

/* What did not change costs nothing; what scrolled, little more than it. */
static void
test_cheap(void **state)
{
	struct world w;

	(void)state;
	world_open(&w, 40, 120);
	draw_both(&w, 100, 7, 39);
	world_frame(&w);
	draw_both(&w, 100, 7, 39);
	world_frame(&w);
	draw_both(&w, 100, 7, 39);
	world_frame(&w);
	assert_int_equal(w.bytes, 0);
	draw_both(&w, 101, 7, 39);
	world_frame(&w);
	assert_true(w.bytes < 300);
	world_close(&w);
}

static void
test_copy(void **state)
{
	struct tty t = { .style = colour };

	(void)state;
	assert_true(tty_copy(&t, "a\nb", 3));
	assert_string_equal(t.bytes.data, "\033]52;c;YQpi\033\\");
	assert_false(tty_copy(&t, "", TTY_COPY_MAX + 1));
	buf_clear(&t.bytes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frames),
		cmocka_unit_test(test_stream_resized),
		cmocka_unit_test(test_cheap),
		cmocka_unit_test(test_copy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
