/* SPDX-License-Identifier: GPL-3.0-or-later */
/* line_out.c - an answer's text on stdout as it arrives */

/*
 * On a terminal, `drawn` is the open block as it stands below the finished
 * lines; the cursor is behind its last character, so that no empty row is
 * there below the text. `owed` says that the newline of the last finished
 * line is still to be written.
 *
 *	finished lines		final
 *	drawn drawn drawn	first line
 *	drawn dr_		last line, cursor
 *
 * What is to stand there is compared with it, and only what is behind the
 * first difference is written: a paragraph that grows is plain appending,
 * and nothing flickers. Lines that have left the screen at its top are out
 * of reach; they stay as they are.
 */

#include <errno.h>
#include <event2/event.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "ui/line_out.h"
#include "ui/md_stream.h"
#include "ui/safe.h"
#include "ui/style.h"
#include "ui/width.h"

struct line_out {
	struct line_out_opts opts;
	struct event *timer;
	struct md_stream *md;	/* NULL: plain text */
	bool exact;		/* plain: byte for byte */
	struct safe safe;	/* plain: on a terminal */
	struct buf drawn;
	bool owed;
	int64_t last;		/* when it was drawn, microseconds */
	size_t newlines;	/* plain: held back, they may be the last */
	bool some;		/* plain: there was text since the last end */
	int error;		/* errno of a write that failed */
};

/* stdout may be non-blocking, shared with a terminal that is. */
static bool
wait_writable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	return poll(&p, 1, -1) == 1 || errno == EINTR;
}

static void
write_out(struct line_out *lo, const char *s, size_t len)
{
	while (len > 0 && lo->error == 0) {
		ssize_t n = write(lo->opts.fd, s, len);

		if (n >= 0) {
			s += n;
			len -= (size_t)n;
		} else if (errno == EAGAIN) {
			if (!wait_writable(lo->opts.fd))
				lo->error = errno;
		} else if (errno != EINTR) {
			lo->error = errno;
		}
	}
}

static int
result(const struct line_out *lo, struct err *e)
{
	if (lo->error != 0)
		return err_errno(e, ERR_IO, lo->error,
		    "cannot write to standard output");
	return 0;
}

/* ------------------------------------------------------------ a terminal */

/* Where the line begins in which the two first differ. */
static size_t
common_lines(const struct buf *a, const struct buf *b)
{
	size_t i, line = 0;

	for (i = 0; i < a->len && i < b->len && a->data[i] == b->data[i];
	    i++)
		if (a->data[i] == '\n')
			line = i + 1;
	return line;
}

/* The bytes of the line at s, without its newline. */
static size_t
line_len(const char *s, size_t len)
{
	const char *end = memchr(s, '\n', len);

	return end == NULL ? len : (size_t)(end - s);
}

/* Rows of the screen that a line takes; more than one after a resize. */
static size_t
rows_of(const struct line_out *lo, const char *s, size_t len)
{
	struct buf plain = BUF_INIT;
	size_t cells;

	safe_text(&plain, s, len);
	cells = width_cells(plain.data, plain.len);
	buf_clear(&plain);
	return cells == 0 ? 1 : 1 + (cells - 1) / lo->opts.style->columns;
}

/* Rows from the line at drawn[pos] to the cursor's. */
static size_t
rows_above(const struct line_out *lo, size_t pos)
{
	const struct buf *b = &lo->drawn;
	size_t rows = 0;

	for (;;) {
		size_t n = line_len(b->data + pos, b->len - pos);

		rows += rows_of(lo, b->data + pos, n);
		pos += n;
		if (pos >= b->len)
			return rows - 1;
		pos++;
	}
}

static size_t
next_line(const struct buf *b, size_t pos)
{
	pos += line_len(b->data + pos, b->len - pos);
	return pos < b->len ? pos + 1 : pos;
}

/* Write s over what is there, and nothing behind it. */
static void
overwrite(struct buf *out, const char *s, size_t len)
{
	size_t n;

	for (; (n = line_len(s, len)) < len; s += n + 1, len -= n + 1) {
		buf_add(out, s, n);
		buf_adds(out, "\033[K\n");
	}
	buf_add(out, s, len);
	buf_adds(out, "\033[J");
}

/* From lo->drawn to now on the screen; neither ends in a newline. */
static void
change(struct line_out *lo, const struct buf *now)
{
	struct buf out = BUF_INIT;
	const struct buf *old = &lo->drawn;
	size_t from, to, up;

	if (lo->owed && now->len > 0) {
		buf_addc(&out, '\n');
		lo->owed = false;
	}
	if (now->len >= old->len &&
	    memcmp(now->data, old->data, old->len) == 0) {
		buf_add(&out, now->data + old->len, now->len - old->len);
	} else {
		from = to = common_lines(old, now);
		while ((up = rows_above(lo, from)) >= lo->opts.style->rows) {
			from = next_line(old, from);
			to = next_line(now, to);
		}
		buf_addc(&out, '\r');
		if (up > 0)
			buf_addf(&out, "\033[%zuA", up);
		overwrite(&out, now->data + to, now->len - to);
	}
	write_out(lo, out.data, out.len);
	buf_clear(&out);
}

static void
strip_newline(struct buf *b)
{
	if (b->len > 0 && b->data[b->len - 1] == '\n')
		buf_cut(b, b->len - 1);
}

static void
draw(struct line_out *lo)
{
	struct buf now = BUF_INIT, open = BUF_INIT;
	bool done;

	event_del(lo->timer);
	md_stream_take(lo->md, &now);
	done = now.len > 0;
	md_stream_open(lo->md, &open);
	buf_add(&now, open.data, open.len);
	strip_newline(&now);
	change(lo, &now);
	buf_reset(&lo->drawn);
	buf_add(&lo->drawn, open.data, open.len);
	strip_newline(&lo->drawn);
	if (done && open.len == 0)
		lo->owed = true;
	lo->last = clock_mono_us();
	buf_clear(&now);
	buf_clear(&open);
}

static void
draw_due(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	draw(arg);
}

static void
draw_soon(struct line_out *lo)
{
	int64_t wait = LINE_OUT_MS * 1000 - (clock_mono_us() - lo->last);
	struct timeval tv = { .tv_usec = wait > 0 ? (long)wait : 0 };

	if (evtimer_pending(lo->timer, NULL))
		return;
	if (wait <= 0)
		draw(lo);
	else
		evtimer_add(lo->timer, &tv);
}

static void
finish_terminal(struct line_out *lo)
{
	md_stream_finish(lo->md);
	draw(lo);
	if (lo->owed || lo->drawn.len > 0)
		write_out(lo, "\n", 1);
	lo->owed = false;
	buf_reset(&lo->drawn);
}

/* ----------------------------------------------------------- plain output */

/* Newlines at the end wait, since there may be only one at the very end. */
static void
write_plain(struct line_out *lo, const char *s, size_t len)
{
	struct buf out = BUF_INIT;
	size_t n = len;

	while (n > 0 && s[n - 1] == '\n')
		n--;
	if (n > 0) {
		for (; lo->newlines > 0; lo->newlines--)
			buf_addc(&out, '\n');
		buf_add(&out, s, n);
	}
	lo->newlines += len - n;
	lo->some = lo->some || len > 0;
	write_out(lo, out.data, out.len);
	buf_clear(&out);
}

static void
add_plain(struct line_out *lo, const char *text, size_t len)
{
	struct buf clean = BUF_INIT;

	if (lo->exact) {
		write_plain(lo, text, len);
		return;
	}
	safe_add(&lo->safe, &clean, text, len);
	write_plain(lo, clean.data, clean.len);
	buf_clear(&clean);
}

static void
finish_plain(struct line_out *lo)
{
	struct buf clean = BUF_INIT;

	safe_finish(&lo->safe, &clean);
	write_plain(lo, clean.data, clean.len);
	buf_clear(&clean);
	if (lo->some)
		write_out(lo, "\n", 1);
	lo->some = false;
	lo->newlines = 0;
}

/* -------------------------------------------------------------------- all */

/* One column stays free: a full row would leave the cursor in between. */
static size_t
text_width(const struct line_out *lo)
{
	size_t columns = lo->opts.style->columns;

	return columns > 1 ? columns - 1 : 1;
}

struct line_out *
line_out_new(const struct line_out_opts *opts)
{
	struct line_out *lo = xcalloc(1, sizeof(*lo));
	struct md_opts md = { .style = opts->style };

	lo->opts = *opts;
	lo->last = -LINE_OUT_MS * 1000;
	buf_init(&lo->drawn);
	/* what reads a pipe wants the text itself, see HACKING */
	lo->exact = opts->raw || !opts->style->tty;
	safe_init(&lo->safe, SAFE_TEXT);
	lo->timer = evtimer_new(opts->base, draw_due, lo);
	if (lo->timer == NULL)
		fatal(__func__, "no timer");
	md.width = text_width(lo);
	if (!opts->raw && !opts->style->dumb)
		lo->md = md_stream_new(&md);
	return lo;
}

void
line_out_free(struct line_out *lo)
{
	if (lo == NULL)
		return;
	event_free(lo->timer);
	md_stream_free(lo->md);
	buf_clear(&lo->drawn);
	free(lo);
}

int
line_out_add(struct line_out *lo, const char *text, size_t len,
    struct err *e)
{
	if (lo->md == NULL) {
		add_plain(lo, text, len);
	} else {
		md_stream_add(lo->md, text, len);
		draw_soon(lo);
	}
	return result(lo, e);
}

int
line_out_flush(struct line_out *lo, struct err *e)
{
	if (lo->md != NULL)
		finish_terminal(lo);
	else if (lo->opts.style->tty)
		finish_plain(lo);
	return result(lo, e);
}

int
line_out_end(struct line_out *lo, struct err *e)
{
	if (lo->md != NULL)
		finish_terminal(lo);
	else
		finish_plain(lo);
	return result(lo, e);
}

void
line_out_resize(struct line_out *lo)
{
	if (lo->md == NULL)
		return;
	md_stream_resize(lo->md, text_width(lo));
	draw_soon(lo);
}
