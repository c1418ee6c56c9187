/* SPDX-License-Identifier: GPL-3.0-or-later */
/* run_ask.c - a run's questions to the person at its terminal */

#include <event2/event.h>

#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/mem.h"
#include "cli/consent.h"
#include "cli/out.h"
#include "cli/run_ask.h"

enum { LINE_MAX_BYTES = 64 * 1024 };

struct run_ask {
	struct consent *consent;
	struct event *readable;
	struct buf typed;
	run_ask_fn fn;
	void *arg;
};

static void
ask(struct run_ask *ra)
{
	struct buf b = BUF_INIT;

	consent_question(ra->consent, &b);
	buf_adds(&b, consent_prompt(ra->consent));
	/* a terminal that cannot be written to is not answered either */
	(void)out_write(STDERR_FILENO, b.data, b.len, NULL);
	buf_clear(&b);
}

static void
drop_typed(struct run_ask *ra)
{
	(void)tcflush(STDIN_FILENO, TCIFLUSH);
	buf_reset(&ra->typed);
}

static void
over(struct run_ask *ra, bool answered)
{
	event_del(ra->readable);
	ra->fn(answered ? ra->consent : NULL, ra->arg);
}

/* True: all is answered. */
static bool
take_line(struct run_ask *ra, size_t len)
{
	struct buf say = BUF_INIT;
	char *line = xstrndup(ra->typed.data, len);
	bool done;

	buf_drop(&ra->typed, len + 1);
	while (len > 0 && strchr(" \t\r", line[len - 1]) != NULL)
		line[--len] = '\0';
	done = len > 0 && consent_take(ra->consent, line, &say);
	if (say.len > 0)
		out_note("%s", say.data);
	/* the next question is a new one */
	if (!done && len > 0 && say.len == 0)
		drop_typed(ra);
	free(line);
	buf_clear(&say);
	if (!done)
		ask(ra);
	return done;
}

static void
readable(evutil_socket_t fd, short what ATTR_UNUSED, void *arg)
{
	struct run_ask *ra = arg;
	char bytes[4096];
	ssize_t n = read((int)fd, bytes, sizeof(bytes));
	const char *end;

	if (n <= 0 || ra->typed.len > LINE_MAX_BYTES) {
		over(ra, false);
		return;
	}
	buf_add(&ra->typed, bytes, (size_t)n);
	end = memchr(ra->typed.data, '\n', ra->typed.len);
	if (end != NULL && take_line(ra, (size_t)(end - ra->typed.data)))
		over(ra, true);
}

struct run_ask *
run_ask_new(struct event_base *base, const struct message *m, run_ask_fn fn,
    void *arg)
{
	struct run_ask *ra;
	struct consent *c = NULL;

	if (m != NULL && isatty(STDIN_FILENO) && isatty(STDERR_FILENO))
		c = consent_new(m);
	if (c == NULL)
		return NULL;
	ra = xcalloc(1, sizeof(*ra));
	ra->consent = c;
	ra->fn = fn;
	ra->arg = arg;
	buf_init(&ra->typed);
	ra->readable = event_new(base, STDIN_FILENO, EV_READ | EV_PERSIST,
	    readable, ra);
	event_add(ra->readable, NULL);
	drop_typed(ra);
	ask(ra);
	return ra;
}

void
run_ask_free(struct run_ask *ra)
{
	if (ra == NULL)
		return;
	event_free(ra->readable);
	consent_free(ra->consent);
	buf_clear(&ra->typed);
	free(ra);
}
