/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tty.c - terminfo, modes, and the bytes between two frames */

#include <errno.h>
#include <langinfo.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define NCURSES_NOMACROS
#include <curses.h>
#include <term.h>
#undef columns			/* words that term.h takes from us */

#include "base/base64.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "ui/safe.h"
#include "ui/tty.h"

enum {
	SKIP_MIN = 5,		/* equal cells that are worth a jump */
	SYNC_MIN = 256,		/* bytes of a frame that could be seen half */
	SCROLL_GAIN = 2,	/* rows that must be saved */
	BLANKS_MAX = 4,		/* blanks that are cheaper than a jump */
	NEAR_MAX = 4,		/* newlines that are */
	ANSWER_US = 500 * 1000,	/* a terminal's may take */
};

/* paste 2004, focus 1004, wheel as arrows 1007 */
#define MODES_ON "\033[?2004h\033[?1004h\033[?1007h"
#define MODES_OFF "\033[?1007l\033[?1004l\033[?2004l"
#define ASK_BACKGROUND "\033]11;?\033\\"
#define TITLE_PUSH "\033[22;2t"
#define TITLE_POP "\033[23;2t"

static const char goodbye[] = "\033[?2026l" MODES_OFF
    "\033[r\033[0m\033]8;;\033\\\033[?25h" TITLE_POP;

/* terminfo gives (char *)-1 for "no such" */
static const char *
cap(const char *name)
{
	char *s = tigetstr(name);

	return s == (char *)-1 ? NULL : s;
}

int
tty_open(struct tty *t, int in, int out, struct err *e)
{
	int why = 0;
	const char *term = getenv("TERM");

	*t = (struct tty){ .in = in, .out = out };
	style_init(&t->style, out);
	if (t->style.dumb || setupterm(NULL, out, &why) != OK ||
	    cap("cup") == NULL || strncmp(cap("cup"), "\033[", 2) != 0)
		return err_set(e, ERR_FAILED,
		    "this terminal (%s) cannot move its cursor",
		    term != NULL ? term : "no TERM");
	t->utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	t->scrolls = cap("csr") != NULL;
	t->saves = cap("sc") != NULL && strcmp(cap("sc"), "\0337") == 0;
	t->tmux = getenv("TMUX") != NULL;
	/* a console would print what it does not know */
	t->titles = strncmp(term, "linux", 5) != 0 &&
	    strncmp(term, "vt", 2) != 0;
	t->sync = strncmp(term, "xterm", 5) == 0 ||
	    strstr(term, "kitty") != NULL || strstr(term, "foot") != NULL ||
	    strncmp(term, "tmux", 4) == 0 || strstr(term, "ghostty") != NULL ||
	    strstr(term, "alacritty") != NULL;
	grid_init(&t->front);
	buf_init(&t->bytes);
	t->row = SIZE_MAX;
	return 0;
}

void
tty_close(struct tty *t)
{
	tty_stop(t);
	grid_clear(&t->front);
	buf_clear(&t->bytes);
	free(t->title);
	free(t->link);
	t->title = t->link = NULL;
}

const char *
tty_goodbye(void)
{
	return goodbye;
}

void
tty_forget(struct tty *t)
{
	grid_resize(&t->front, t->style.rows, t->style.columns);
	t->row = SIZE_MAX;
	t->bits = 0;
	t->cursor = true;
	t->region_top = t->region_end = 0;
	t->home_saved = false;
	str_replace(&t->link, NULL);
	buf_adds(&t->bytes, "\033[r\033]8;;\033\\\033[0m\033[H\033[2J");
}

void
tty_resize(struct tty *t)
{
	style_resize(&t->style, t->out);
	tty_forget(t);
}

int
tty_start(struct tty *t, struct err *e)
{
	struct termios raw;
	int ahead = 0;

	if (t->started)
		return 0;
	if (tcgetattr(t->in, &t->saved) != 0)
		return err_errno(e, ERR_IO, errno, "cannot ask the terminal");
	raw = t->saved;
	raw.c_iflag &= ~(tcflag_t)(ICRNL | INLCR | IGNCR | IXON | ISTRIP);
	raw.c_oflag &= ~(tcflag_t)OPOST;	/* \n is one byte */
	raw.c_lflag &= ~(tcflag_t)(ECHO | ICANON | ISIG | IEXTEN);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	if (tcsetattr(t->in, TCSADRAIN, &raw) != 0)
		return err_errno(e, ERR_IO, errno, "cannot set the terminal");
	if ((raw.c_iflag ^ t->saved.c_iflag) & ICRNL &&
	    ioctl(t->in, FIONREAD, &ahead) == 0 && ahead > 0)
		t->ahead = (size_t)ahead;
	t->started = true;
	if (t->titles)
		buf_adds(&t->bytes, TITLE_PUSH);
	if (cap("smcup") != NULL)
		buf_adds(&t->bytes, cap("smcup"));
	buf_adds(&t->bytes, MODES_ON);
	if (t->titles && t->style.depth != STYLE_MONO && t->asked_us == 0) {
		buf_adds(&t->bytes, ASK_BACKGROUND);
		t->asked_us = clock_mono_us();
	}
	tty_resize(t);
	return 0;
}

void
tty_stop(struct tty *t)
{
	if (!t->started)
		return;
	t->started = false;
	buf_adds(&t->bytes, goodbye);
	if (cap("rmcup") != NULL)
		buf_adds(&t->bytes, cap("rmcup"));
	else
		buf_addf(&t->bytes, "\033[%zu;1H\r\n", t->style.rows);
	(void)tty_flush(t);	/* it may be gone; then nobody looks */
	/* an answer that is still on its way is not for the shell */
	(void)tcsetattr(t->in, clock_mono_us() - t->asked_us < ANSWER_US ?
	    TCSAFLUSH : TCSADRAIN, &t->saved);
}

/* ---------------------------------------------------------------- frame */

/* Are the cells from one column to another blank in any style at hand? */
static bool
is_blank(const struct tty *t, size_t row, size_t from, size_t to)
{
	const unsigned seen = STYLE_BIT(UNDERLINE) | STYLE_BIT(REVERSE) |
	    STYLE_BIT(STRIKE) | STYLE_BIT(LINK);

	if (t->link != NULL || (t->bits & seen) != 0)
		return false;
	for (; from < to; from++) {
		const struct cell *c = grid_at(&t->front, row, from);
		if (c->len != 1 || c->text[0] != ' ' || c->link != 0 ||
		    (c->bits & seen) != 0)
			return false;
	}
	return true;
}

/* To the right in this row: blanks are cheaper than a sequence. */
static void
move_right(struct tty *t, size_t row, size_t col)
{
	size_t n = col - t->col;

	if (n <= BLANKS_MAX && is_blank(t, row, t->col, col))
		buf_add(&t->bytes, "    ", n);
	else if (n > 0)
		buf_addf(&t->bytes, "\033[%zuC", n);
}

/* Up or down by a few rows, from which it is cheap to go right? */
static bool
is_near(const struct tty *t, size_t row, size_t col)
{
	bool over_end = t->row < t->region_end && row >= t->region_end;

	if (t->row == SIZE_MAX || col > 2 * BLANKS_MAX)
		return false;
	return row >= t->row ? row - t->row <= NEAR_MAX && !over_end :
	    t->col == 0;
}

static void
move_to(struct tty *t, size_t row, size_t col)
{
	if (t->row == row && t->col == col)
		return;
	if (t->row == row && col > t->col) {
		move_right(t, row, col);
	} else if (is_near(t, row, col)) {
		if (t->col > 0)
			buf_addc(&t->bytes, '\r');
		if (row < t->row)
			buf_addf(&t->bytes, "\033[%zuA", t->row - row);
		for (size_t i = t->row; i < row; i++)
			buf_addc(&t->bytes, '\n');
		t->col = 0;
		move_right(t, row, col);
	} else if (col == 0) {
		buf_addf(&t->bytes, "\033[%zuH", row + 1);
	} else {
		buf_addf(&t->bytes, "\033[%zu;%zuH", row + 1, col + 1);
	}
	t->row = row;
	t->col = col;
}

static void
set_bits(struct tty *t, unsigned bits)
{
	if (bits == t->bits)
		return;
	if (bits == 0 && t->style.sgr)
		buf_adds(&t->bytes, "\033[m");
	else if (t->bits == 0)
		style_add_plain(&t->bytes, &t->style, bits);
	else
		style_add(&t->bytes, &t->style, bits);
	t->bits = bits;
}

/* The link that what comes next belongs to, NULL: none. */
static void
set_link(struct tty *t, const char *url)
{
	if (t->link == NULL ? url == NULL : url != NULL &&
	    strcmp(t->link, url) == 0)
		return;
	if (url != NULL)
		style_link(&t->bytes, &t->style, url, strlen(url));
	else
		style_link_end(&t->bytes, &t->style);
	str_replace(&t->link, url);
}

/* What stands for the marks we draw ourselves where there is no UTF-8. */
static void
add_ascii(struct buf *out, const struct cell *c)
{
	static const struct {
		const char *is, *like;
	} marks[] = {
		{ "\u2500", "-" }, { "\u2502", "|" }, { "\u2022", "*" },
		{ "\u276f", ">" }, { "\u25b8", ">" }, { "\u25be", "v" },
		{ "\u2026", "." }, { "\u00b7", "-" }, { "\u2713", "+" },
		{ "\u2717", "x" }, { "\u253c", "+" }, { "\u258c", "|" },
	};

	for (size_t i = 0; i < NELEM(marks); i++)
		if (strlen(marks[i].is) == c->len &&
		    memcmp(marks[i].is, c->text, c->len) == 0) {
			buf_adds(out, marks[i].like);
			return;
		}
	buf_adds(out, c->width == 2 ? "??" : "?");
}

static void
add_cell(struct tty *t, const struct grid *g, const struct cell *c)
{
	const char *url = grid_link(g, c);

	set_bits(t, c->bits);
	set_link(t, url);
	if (t->utf8 || (unsigned char)c->text[0] < 0x80)
		buf_add(&t->bytes, c->text, t->utf8 ? c->len : 1);
	else
		add_ascii(&t->bytes, c);
	t->col += c->width;
	/* behind the last column nobody agrees where the cursor is */
	if (t->col >= g->cols)
		t->row = SIZE_MAX;
	/* nor on how wide this one is */
	if (c->len > 4)
		t->row = SIZE_MAX;
}

/* Does the terminal show in row `at` what g has in `row`? */
static bool
same_at(const struct tty *t, const struct grid *g, size_t row, size_t at,
    size_t col)
{
	return grid_same(&t->front, grid_at(&t->front, at, col), g,
	    grid_at(g, row, col));
}

static bool
same_row(const struct tty *t, const struct grid *g, size_t row)
{
	return grid_same_row(&t->front, row, g, row);
}

/* Behind which column the row is nothing but plain blanks. */
static size_t
blank_from(const struct grid *g, size_t row)
{
	size_t col = g->cols;

	while (col > 0) {
		const struct cell *c = grid_at(g, row, col - 1);
		if (c->len != 1 || c->text[0] != ' ' || c->bits != 0 ||
		    c->link != 0)
			break;
		col--;
	}
	return col;
}

/* The next column from col that differs, g->cols if none does. */
static size_t
next_change(const struct tty *t, const struct grid *g, size_t row,
    size_t at, size_t col)
{
	while (col < g->cols && same_at(t, g, row, at, col))
		col++;
	if (col < g->cols && grid_at(g, row, col)->width == 0 && col > 0)
		col--;
	return col;
}

static void
draw_row(struct tty *t, const struct grid *g, size_t row, size_t at)
{
	size_t tail = blank_from(g, row), col = 0, next;

	while ((next = next_change(t, g, row, at, col)) < g->cols) {
		if (next >= col + SKIP_MIN || t->row != at)
			col = next;
		move_to(t, at, col);
		if (col >= tail) {
			set_link(t, NULL);
			set_bits(t, 0);
			buf_adds(&t->bytes, "\033[K");
			return;
		}
		const struct cell *c = grid_at(g, row, col);
		add_cell(t, g, c);
		col += c->width > 0 ? c->width : 1;
	}
}

/* --------------------------------------------------------------- scroll */

/* Rows of the region that are right when it moves up by n (down: n < 0). */
static size_t
saved_by(const struct tty *t, const struct grid *g, long n)
{
	size_t saved = 0;
	long rows = (long)g->scroll_rows;

	for (long i = 0; i < rows; i++) {
		size_t row = g->scroll_top + (size_t)i;

		if (i + n >= 0 && i + n < rows && grid_same_row(&t->front,
		    (size_t)((long)row + n), g, row) && blank_from(g, row) > 0)
			saved++;
	}
	return saved;
}

static long
find_scroll(const struct tty *t, const struct grid *g)
{
	size_t best = saved_by(t, g, 0) + SCROLL_GAIN;
	long max = (long)g->scroll_rows - 1, found = 0;

	for (long n = 1; n <= max; n++) {
		size_t up = saved_by(t, g, n), down = saved_by(t, g, -n);

		if (up > best) {
			best = up;
			found = n;
		}
		if (down > best) {
			best = down;
			found = -n;
		}
	}
	return found;
}

/* It stays until another is wanted: only a newline in its last row minds. */
static void
set_region(struct tty *t, size_t top, size_t end)
{
	if (t->region_top == top && t->region_end == end)
		return;
	buf_addf(&t->bytes, "\033[%zu;%zur", top + 1, end);
	t->region_top = top;
	t->region_end = end;
	t->row = SIZE_MAX;
}

static bool
has_links(const struct grid *g, size_t row)
{
	for (size_t col = 0; col < g->cols; col++)
		if (grid_at(g, row, col)->link != 0)
			return true;
	return false;
}

/*
 * The last line goes on, and then others follow: it is written to its end
 * before it moves up, and the cursor is where it has to be. Not with links,
 * which belong to their grid.
 */
static void
end_last_row(struct tty *t, const struct grid *g, size_t n)
{
	size_t at = t->region_end - 1, row = at - n;
	size_t old = blank_from(&t->front, at);

	if (n > at - g->scroll_top || old == 0 || has_links(g, row) ||
	    next_change(t, g, row, at, 0) < old)
		return;
	draw_row(t, g, row, at);
	set_bits(t, 0);
	memcpy(&t->front.cells[at * g->cols], grid_at(g, row, 0),
	    g->cols * sizeof(struct cell));
}

/* Let the terminal move what only moved. */
static void
scroll_rows(struct tty *t, const struct grid *g)
{
	long n;

	if (!t->scrolls || g->scroll_rows < 4 ||
	    g->scroll_top + g->scroll_rows > g->rows)
		return;
	if (same_row(t, g, g->scroll_top + g->scroll_rows / 2) &&
	    same_row(t, g, g->scroll_top))
		return;		/* the usual: nothing moved */
	n = find_scroll(t, g);
	if (n == 0)
		return;
	set_bits(t, 0);
	set_region(t, g->scroll_top, g->scroll_top + g->scroll_rows);
	if (n > 0)
		end_last_row(t, g, (size_t)n);
	if (t->row != (n > 0 ? t->region_end - 1 : t->region_top))
		move_to(t, n > 0 ? t->region_end - 1 : t->region_top, 0);
	for (long i = 0; i < labs(n); i++)
		buf_adds(&t->bytes, n > 0 ? "\n" : "\033M");
	grid_scroll(&t->front, g->scroll_top, g->scroll_rows, n);
}

/*
 * While an answer comes, the cursor goes back to the same place after each
 * frame: the terminal is told to remember it, which is a third of the bytes.
 */
static void
go_home(struct tty *t, size_t row, size_t col)
{
	bool again = t->home_row == row && t->home_col == col;

	if (again && t->home_saved && t->row != row) {
		buf_adds(&t->bytes, "\0338");
		t->row = row;
		t->col = col;
		return;
	}
	move_to(t, row, col);
	if (again && !t->home_saved && t->saves)
		buf_adds(&t->bytes, "\0337");
	t->home_saved = again && t->saves;
	t->home_row = row;
	t->home_col = col;
}

static void
set_cursor(struct tty *t, const struct grid *g)
{
	if (g->cursor)
		go_home(t, g->cursor_row, g->cursor_col);
	if (g->cursor != t->cursor)
		buf_adds(&t->bytes, g->cursor ? "\033[?25h" : "\033[?25l");
	t->cursor = g->cursor;
}

int
tty_draw(struct tty *t, struct grid *next)
{
	size_t start = t->bytes.len;
	struct buf frame = BUF_INIT;

	if (next->rows != t->front.rows || next->cols != t->front.cols)
		return 0;	/* it has just got another size */
	scroll_rows(t, next);
	for (size_t row = 0; row < next->rows; row++)
		if (!same_row(t, next, row))
			draw_row(t, next, row, row);
	set_link(t, NULL);
	set_bits(t, 0);
	set_cursor(t, next);
	grid_swap(&t->front, next);
	if (t->sync && t->bytes.len > start + SYNC_MIN) {
		buf_adds(&frame, "\033[?2026h");
		buf_add(&frame, t->bytes.data, t->bytes.len);
		buf_adds(&frame, "\033[?2026l");
		buf_reset(&t->bytes);
		buf_add(&t->bytes, frame.data, frame.len);
		buf_clear(&frame);
	}
	return tty_flush(t);
}

int
tty_flush(struct tty *t)
{
	size_t done = 0;

	while (done < t->bytes.len) {
		ssize_t n = write(t->out, t->bytes.data + done,
		    t->bytes.len - done);
		if (n > 0) {
			done += (size_t)n;
		} else if (n < 0 && errno == EAGAIN) {
			struct pollfd p = { .fd = t->out, .events = POLLOUT };
			(void)poll(&p, 1, -1);
		} else if (n >= 0 || errno != EINTR) {
			buf_reset(&t->bytes);
			return -1;
		}
	}
	buf_reset(&t->bytes);
	return 0;
}

/* ---------------------------------------------------------------- words */

void
tty_title(struct tty *t, const char *title)
{
	struct buf clean = BUF_INIT;

	if (t->title != NULL && strcmp(t->title, title) == 0)
		return;
	str_replace(&t->title, title);
	if (!t->titles)
		return;
	safe_shows(&clean, title);
	buf_addf(&t->bytes, "\033]2;%s\033\\", clean.data);
	buf_clear(&clean);
}

void
tty_notify(struct tty *t, const char *text)
{
	struct buf clean = BUF_INIT;

	safe_shows(&clean, text);
	buf_addc(&t->bytes, '\a');
	if (t->style.links && !t->tmux)
		buf_addf(&t->bytes, "\033]9;%s\033\\", clean.data);
	buf_clear(&clean);
}

bool
tty_copy(struct tty *t, const char *text, size_t len)
{
	if (len > TTY_COPY_MAX)
		return false;
	buf_adds(&t->bytes, "\033]52;c;");
	base64_encode(&t->bytes, text, len);
	buf_adds(&t->bytes, "\033\\");
	return true;
}
