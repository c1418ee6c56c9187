/* SPDX-License-Identifier: GPL-3.0-or-later */
/* line_edit.c - tests of keys at the prompt, on a pseudo terminal */

#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <event2/event.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "ui/line.h"
#include "ui/style.h"

enum { TOO_LONG = 60 };		/* seconds, then the test has failed */

struct reader {
	struct line *line;
	struct event_base *base;
	struct buf got;		/* "<entry>" for each, "." for the end */
};

static void
submitted(void *arg, const char *text, size_t len)
{
	struct reader *r = arg;

	buf_addf(&r->got, "<%.*s>", (int)len, text);
	/* As if something was said: the keys after it are typed ahead. */
	line_hide(r->line);
	line_show(r->line);
}

static void
ended(void *arg)
{
	struct reader *r = arg;

	buf_addc(&r->got, '.');
	line_free(r->line);
	r->line = NULL;
	event_base_loopbreak(r->base);
}

static const struct line_ops ops = { .submit = submitted, .eof = ended };
static const struct complete_command commands[] = {
	{ "/help", "", "", COMPLETE_NONE, NULL },
};

/* What came out of these keys; stdin and stdout are a terminal meanwhile. */
static void
type(struct reader *r, int terminal, int master, const char *keys,
    bool hidden)
{
	struct event_base *base = event_base_new();
	struct style style = { .tty = true, .columns = 80, .rows = 24 };
	struct line_opts opts = { .base = base, .style = &style, .ops = &ops,
	    .arg = r, .table = { commands, NELEM(commands), NULL } };
	struct timeval limit = { .tv_sec = TOO_LONG };
	int out = dup(STDOUT_FILENO);

	r->base = base;
	fflush(stdout);
	dup2(terminal, STDIN_FILENO);
	dup2(terminal, STDOUT_FILENO);
	r->line = line_new(&opts, NULL);
	if (!hidden)
		line_show(r->line);
	if (write(master, keys, strlen(keys)) != (ssize_t)strlen(keys))
		buf_adds(&r->got, "cannot type");
	event_base_loopexit(base, &limit);
	event_base_dispatch(base);
	line_free(r->line);
	fflush(stdout);
	dup2(out, STDOUT_FILENO);
	close(out);
	event_base_free(base);
}

static void
check(const char *keys, const char *want)
{
	struct reader r = { .line = NULL };
	int hidden, master, terminal;

	for (hidden = 0; hidden < 2; hidden++) {
		master = posix_openpt(O_RDWR | O_NOCTTY);
		assert_true(master != -1);
		assert_int_equal(grantpt(master), 0);
		assert_int_equal(unlockpt(master), 0);
		terminal = open(ptsname(master), O_RDWR | O_NOCTTY);
		assert_true(terminal != -1);
		buf_init(&r.got);
		type(&r, terminal, master, keys, hidden);
		assert_string_equal(r.got.data, want);
		buf_clear(&r.got);
		close(terminal);
		close(master);
	}
}

static void
keys(void **state)
{
	(void)state;
	check("hello\r\004", "<hello>.");
	check("one\rtwo\r\004", "<one><two>.");
	check("a\nb\r\004", "<a\nb>.");
	check("a\033\rb\r\004", "<a\nb>.");
	check("a\\\rb\r\004", "<a\nb>.");
	check("\r\r\004", ".");
	check("\033[200~p\rq\033[201~\r\004", "<p\nq>.");
	check("/he\t\r\004", "</help >.");
	check("abc\001x\r\004", "<xabc>.");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys),
	};

	/* No ~/.inputrc of whoever runs this, and a terminal that can. */
	setenv("INPUTRC", "/dev/null", 1);
	setenv("TERM", "xterm", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
