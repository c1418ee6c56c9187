/* SPDX-License-Identifier: GPL-3.0-or-later */
/* line.c - tests of reading lines from what is no terminal */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <event2/event.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "ui/line.h"
#include "ui/style.h"

struct reader {
	struct line *line;
	struct buf got;		/* "<entry>" for each, "." for the end */
	bool hides;		/* each entry starts something that takes time */
};

static void
submitted(void *arg, const char *text, size_t len)
{
	struct reader *r = arg;

	buf_addf(&r->got, "<%.*s>", (int)len, text);
	if (r->hides)
		line_hide(r->line);
}

static void
ended(void *arg)
{
	struct reader *r = arg;

	buf_addc(&r->got, '.');
	line_free(r->line);
	r->line = NULL;
}

static const struct line_ops ops = { .submit = submitted, .eof = ended };

static void
open_reader(struct reader *r, struct event_base *base, struct style *style)
{
	struct line_opts opts = { .base = base, .style = style, .ops = &ops,
	    .arg = r };

	buf_init(&r->got);
	r->line = line_new(&opts, NULL);
	assert_non_null(r->line);
	line_show(r->line);
}

static void
check_input(int fd, const char *want)
{
	struct event_base *base = event_base_new();
	struct style style = { .dumb = true, .columns = 80, .rows = 24 };
	struct reader r = { .hides = false };

	assert_int_equal(dup2(fd, STDIN_FILENO), STDIN_FILENO);
	close(fd);
	open_reader(&r, base, &style);
	event_base_dispatch(base);
	assert_string_equal(r.got.data, want);
	assert_null(r.line);
	buf_clear(&r.got);
	event_base_free(base);
}

static int
pipe_of(const char *text)
{
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], text, strlen(text)), strlen(text));
	close(fds[1]);
	return fds[0];
}

static int
file_of(const char *text)
{
	FILE *f = tmpfile();
	int fd;

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fflush(f), 0);
	rewind(f);
	fd = dup(fileno(f));
	fclose(f);
	return fd;
}

static void
pipes_and_files(void **state)
{
	static const char in[] = "one\n\ntwo\\\nlines\r\nlast";
	static const char want[] = "<one><two\nlines><last>.";

	(void)state;
	check_input(pipe_of(in), want);
	check_input(file_of(in), want);
	check_input(pipe_of(""), ".");
	check_input(file_of("\n"), ".");
	check_input(open("/dev/null", O_RDONLY), ".");
}

static void
the_next_waits_until_the_prompt_is_shown(void **state)
{
	struct event_base *base = event_base_new();
	struct style style = { .dumb = true, .columns = 80, .rows = 24 };
	struct reader r = { .hides = true };
	int fd = pipe_of("one\ntwo\n");

	(void)state;
	assert_int_equal(dup2(fd, STDIN_FILENO), STDIN_FILENO);
	close(fd);
	open_reader(&r, base, &style);
	event_base_loop(base, EVLOOP_ONCE);
	event_base_loop(base, EVLOOP_NONBLOCK);
	assert_string_equal(r.got.data, "<one>");
	line_show(r.line);
	event_base_loop(base, EVLOOP_ONCE);
	event_base_loop(base, EVLOOP_NONBLOCK);
	assert_string_equal(r.got.data, "<one><two>");
	line_show(r.line);
	event_base_dispatch(base);
	assert_string_equal(r.got.data, "<one><two>.");
	buf_clear(&r.got);
	event_base_free(base);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pipes_and_files),
		cmocka_unit_test(the_next_waits_until_the_prompt_is_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
