/* SPDX-License-Identifier: GPL-3.0-or-later */
/* line_out.c - tests of an answer on stdout, and of the progress line */

#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "ui/line_out.h"
#include "ui/md_stream.h"
#include "ui/progress.h"
#include "ui/style.h"

enum { ROWS = 200, COLUMNS = 100 };

/* As much of a terminal as line_out needs: cells are bytes. */
struct screen {
	char rows[ROWS][COLUMNS + 1];
	size_t row, col;
};

/* Executes CSI n final; returns its length behind ESC [. */
static size_t
control(struct screen *sc, const char *s)
{
	size_t n = strspn(s, "0123456789;");

	if (s[n] == 'A') {
		assert_true(sc->row >= strtoul(s, NULL, 10));
		sc->row -= strtoul(s, NULL, 10);
	}
	if (s[n] == 'K' || s[n] == 'J')
		sc->rows[sc->row][sc->col] = '\0';
	if (s[n] == 'J')
		memset(sc->rows[sc->row + 1], 0,
		    (ROWS - sc->row - 1) * sizeof(sc->rows[0]));
	return n + 1;
}

static void
show(struct screen *sc, const char *s)
{
	for (; *s != '\0'; s++) {
		if (*s == '\n') {
			sc->row++;
			sc->col = 0;
		} else if (*s == '\r') {
			sc->col = 0;
		} else if (*s == '\033') {
			assert_int_equal(s[1], '[');
			s += 1 + control(sc, s + 2);
		} else {
			sc->rows[sc->row][sc->col++] = *s;
		}
		assert_true(sc->row < ROWS && sc->col < COLUMNS);
	}
}

/* The screen as text. */
static void
dump(const struct screen *sc, struct buf *out)
{
	size_t i;

	for (i = 0; i < sc->row; i++)
		buf_addf(out, "%s\n", sc->rows[i]);
	assert_int_equal(sc->col, 0);
	assert_string_equal(sc->rows[sc->row], "");
}

struct fixture {
	struct event_base *base;
	struct style style;
	struct line_out *lo;
	int fds[2];
};

static void
set_up(struct fixture *f, bool tty, bool dumb, bool raw)
{
	struct line_out_opts opts = { .raw = raw };

	assert_int_equal(pipe2(f->fds, O_NONBLOCK), 0);
	f->base = event_base_new();
	f->style = (struct style){ .tty = tty, .dumb = dumb, .columns = 40,
	    .rows = 100 };
	opts.base = f->base;
	opts.fd = f->fds[1];
	opts.style = &f->style;
	f->lo = line_out_new(&opts);
}

static void
tear_down(struct fixture *f)
{
	line_out_free(f->lo);
	event_base_free(f->base);
	close(f->fds[0]);
	close(f->fds[1]);
}

static void
drain(struct fixture *f, struct buf *out)
{
	char *room = buf_reserve(out, 65536);
	ssize_t n = read(f->fds[0], room, 65535);

	if (n > 0)
		out->len += (size_t)n;
	out->data[out->len] = '\0';
}

static const char answer[] = "# Head\nSome text that is *streamed* and "
    "wraps around the line, more than once, `ok`.\n\n- one\n- two\n\n"
    "- three\n\n| a | b |\n|---|---|\n| 1 | 2 |\n| long | er |\n\n"
    "```c\nint x;\n\nint y;\n```\n\nEnd\n===\n\n1. x\n2. y\n";

static void
the_screen_ends_as_the_rendering(void **state)
{
	struct buf out = BUF_INIT, want = BUF_INIT, got = BUF_INIT;
	struct screen *sc = calloc(1, sizeof(*sc));
	struct fixture f;
	struct md_opts opts = { .style = &f.style, .width = 39 };
	size_t pos, n;

	(void)state;
	set_up(&f, true, false, false);
	for (pos = 0; pos < sizeof(answer) - 1; pos += n) {
		n = sizeof(answer) - 1 - pos < 9 ? sizeof(answer) - 1 - pos :
		    9;
		assert_int_equal(line_out_add(f.lo, answer + pos, n, NULL),
		    0);
		event_base_loop(f.base, EVLOOP_ONCE);
	}
	assert_int_equal(line_out_end(f.lo, NULL), 0);
	drain(&f, &out);
	show(sc, out.data);
	dump(sc, &got);
	md_render(&want, answer, sizeof(answer) - 1, &opts);
	assert_string_equal(got.data, want.data);
	tear_down(&f);
	buf_clear(&out);
	buf_clear(&want);
	buf_clear(&got);
	free(sc);
}

static void
growing_text_is_appended(void **state)
{
	struct buf out = BUF_INIT;
	struct fixture f;

	(void)state;
	set_up(&f, true, false, false);
	assert_int_equal(line_out_add(f.lo, "one", 3, NULL), 0);
	drain(&f, &out);
	assert_string_equal(out.data, "one");
	assert_int_equal(line_out_add(f.lo, " two", 4, NULL), 0);
	event_base_loop(f.base, EVLOOP_ONCE);
	drain(&f, &out);
	assert_string_equal(out.data, "one two");
	assert_int_equal(line_out_end(f.lo, NULL), 0);
	drain(&f, &out);
	assert_string_equal(out.data, "one two\n");
	tear_down(&f);
	buf_clear(&out);
}

static void
check_plain(bool tty, bool raw, const char *in, const char *want)
{
	struct buf out = BUF_INIT;
	struct fixture f;
	size_t i;

	set_up(&f, tty, true, raw);
	for (i = 0; i < strlen(in); i++)
		assert_int_equal(line_out_add(f.lo, in + i, 1, NULL), 0);
	assert_int_equal(line_out_end(f.lo, NULL), 0);
	drain(&f, &out);
	assert_string_equal(out.data, want);
	tear_down(&f);
	buf_clear(&out);
}

static void
a_pipe_gets_the_text(void **state)
{
	(void)state;
	check_plain(false, false, "", "");
	check_plain(false, false, "# a\n\n**b**", "# a\n\n**b**\n");
	check_plain(false, false, "a\n", "a\n");
	check_plain(false, false, "a\n\n\n", "a\n");
	check_plain(false, false, "\n", "\n");
	check_plain(false, false, "a\u00ad\u200b\r\nb", "a\u00ad\u200b\r\nb\n");
	check_plain(false, false, "a\033[2Jb\377\233\u202e", "a\033[2Jb\377\233\u202e\n");
	check_plain(false, true, "a\033[2Jb\377", "a\033[2Jb\377\n");
	check_plain(true, false, "**a**\u202e\r\nb", "**a**\nb\n");
}

static void
each_piece_is_flushed(void **state)
{
	struct buf out = BUF_INIT;
	struct fixture f;

	(void)state;
	set_up(&f, false, true, false);
	assert_int_equal(line_out_add(f.lo, "ab", 2, NULL), 0);
	drain(&f, &out);
	assert_string_equal(out.data, "ab");
	tear_down(&f);
	buf_clear(&out);
}

static void
a_closed_reader_is_told(void **state)
{
	struct err e = ERR_INIT;
	struct fixture f;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	set_up(&f, false, true, false);
	close(f.fds[0]);
	f.fds[0] = -1;
	assert_int_equal(line_out_add(f.lo, "ab", 2, &e), -1);
	assert_int_equal(e.code, ERR_IO);
	assert_int_equal(line_out_end(f.lo, NULL), -1);
	tear_down(&f);
}

static void
progress_leaves_no_trace(void **state)
{
	struct screen *sc = calloc(1, sizeof(*sc));
	struct buf out = BUF_INIT;
	struct progress *p;
	struct fixture f;

	(void)state;
	set_up(&f, true, false, false);
	p = progress_new(f.base, f.fds[1], &f.style);
	progress_start(p, "think\033ing");
	progress_tokens(p, 1234);
	event_base_loop(f.base, EVLOOP_ONCE);
	drain(&f, &out);
	assert_non_null(strstr(out.data, " think^[ing "));
	assert_non_null(strstr(out.data, " ~1.2k tokens"));
	progress_stop(p);
	/* No timer is left: the loop has nothing to wait for. */
	assert_int_equal(event_base_loop(f.base, EVLOOP_ONCE), 1);
	drain(&f, &out);
	show(sc, out.data);
	assert_string_equal(sc->rows[0], "");
	assert_int_equal(sc->row, 0);
	progress_free(p);
	tear_down(&f);
	buf_clear(&out);
	free(sc);
}

static void
progress_stays_out_of_pipes(void **state)
{
	struct buf out = BUF_INIT;
	struct progress *p;
	struct fixture f;

	(void)state;
	set_up(&f, false, true, false);
	p = progress_new(f.base, f.fds[1], &f.style);
	progress_start(p, "thinking");
	assert_int_equal(event_base_loop(f.base, EVLOOP_ONCE), 1);
	progress_free(p);
	drain(&f, &out);
	assert_int_equal(out.len, 0);
	tear_down(&f);
	buf_clear(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_screen_ends_as_the_rendering),
		cmocka_unit_test(growing_text_is_appended),
		cmocka_unit_test(a_pipe_gets_the_text),
		cmocka_unit_test(each_piece_is_flushed),
		cmocka_unit_test(a_closed_reader_is_told),
		cmocka_unit_test(progress_leaves_no_trace),
		cmocka_unit_test(progress_stays_out_of_pipes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
