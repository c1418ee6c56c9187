/* SPDX-License-Identifier: GPL-3.0-or-later */
/* progress.c - the status line of a running turn on stderr */

#include <event2/event.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "ui/progress.h"
#include "ui/safe.h"
#include "ui/style.h"
#include "ui/width.h"

enum {
	PROGRESS_MS = 100,
	PROGRESS_THOUSAND = 1000,
	PROGRESS_SECOND = 1000000,
	PROGRESS_MINUTE = 60,
};

static const char *const frames[] = { "\u280b", "\u2819", "\u2839", "\u2838",
    "\u283c", "\u2834", "\u2826", "\u2827", "\u2807", "\u280f" };

struct progress {
	struct event *timer;
	int fd;
	const struct style *style;
	struct buf word;
	int64_t start;		/* microseconds */
	int64_t tokens;
	size_t frame;
	bool running, drawn;
};

static void
write_all(int fd, const struct buf *b)
{
	size_t pos = 0;

	while (pos < b->len) {
		ssize_t n = write(fd, b->data + pos, b->len - pos);

		/* A status line that cannot be written is not missed. */
		if (n <= 0)
			return;
		pos += (size_t)n;
	}
}

static void
add_elapsed(struct buf *line, int64_t us)
{
	int64_t s = us / PROGRESS_SECOND;

	if (s >= PROGRESS_MINUTE)
		buf_addf(line, " %" PRId64 "m%02" PRId64 "s",
		    s / PROGRESS_MINUTE, s % PROGRESS_MINUTE);
	else
		buf_addf(line, " %" PRId64 "s", s);
}

static void
add_tokens(struct buf *line, int64_t n)
{
	if (n >= PROGRESS_THOUSAND)
		buf_addf(line, " \u00b7 ~%" PRId64 ".%" PRId64 "k tokens",
		    n / PROGRESS_THOUSAND, n % PROGRESS_THOUSAND / 100);
	else if (n > 0)
		buf_addf(line, " \u00b7 ~%" PRId64 " tokens", n);
}

static void
draw(struct progress *p)
{
	struct buf line = BUF_INIT, fit = BUF_INIT, out = BUF_INIT;

	buf_addf(&line, "%s %s", frames[p->frame % NELEM(frames)],
	    p->word.data);
	add_elapsed(&line, clock_mono_us() - p->start);
	add_tokens(&line, p->tokens);
	width_fit(&fit, line.data, line.len, p->style->columns - 1);
	buf_adds(&out, "\r");
	style_adds(&out, p->style, STYLE_BIT(DIM), fit.data);
	buf_adds(&out, "\033[K");
	write_all(p->fd, &out);
	p->drawn = true;
	buf_clear(&line);
	buf_clear(&fit);
	buf_clear(&out);
}

static void
erase(struct progress *p)
{
	struct buf out = BUF_INIT;

	event_del(p->timer);
	if (!p->drawn)
		return;
	buf_adds(&out, "\r\033[K");
	write_all(p->fd, &out);
	buf_clear(&out);
	p->drawn = false;
}

static void
run_timer(struct progress *p)
{
	struct timeval tv = { .tv_usec = PROGRESS_MS * 1000 };

	event_add(p->timer, &tv);
}

static void
timer_fired(evutil_socket_t fd, short what, void *arg)
{
	struct progress *p = arg;

	(void)fd;
	(void)what;
	p->frame++;
	draw(p);
	run_timer(p);
}

struct progress *
progress_new(struct event_base *base, int fd, const struct style *style)
{
	struct progress *p = xcalloc(1, sizeof(*p));

	p->fd = fd;
	p->style = style;
	buf_init(&p->word);
	p->timer = evtimer_new(base, timer_fired, p);
	if (p->timer == NULL)
		fatal(__func__, "no timer");
	return p;
}

void
progress_free(struct progress *p)
{
	if (p == NULL)
		return;
	progress_stop(p);
	event_free(p->timer);
	buf_clear(&p->word);
	free(p);
}

void
progress_word(struct progress *p, const char *word)
{
	buf_reset(&p->word);
	safe_shows(&p->word, word);
}

void
progress_start(struct progress *p, const char *word)
{
	progress_word(p, word);
	p->start = clock_mono_us();
	p->tokens = 0;
	p->running = true;
	progress_show(p);
}

void
progress_tokens(struct progress *p, int64_t tokens)
{
	p->tokens = tokens;
}

void
progress_stop(struct progress *p)
{
	progress_hide(p);
	p->running = false;
}

void
progress_hide(struct progress *p)
{
	erase(p);
}

void
progress_show(struct progress *p)
{
	if (!p->running || p->style->dumb || p->drawn)
		return;
	draw(p);
	run_timer(p);
}
