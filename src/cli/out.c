/* SPDX-License-Identifier: GPL-3.0-or-later */
/* out.c - writes to stdout and stderr, whole or not at all */

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/utf8.h"
#include "cli/out.h"
#include "ui/safe.h"

static int
write_failed(int errnum, struct err *e)
{
	return err_errno(e, ERR_IO, errnum, "cannot write to standard output");
}

int
out_write(int fd, const char *data, size_t len, struct err *e)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n >= 0) {
			data += n;
			len -= (size_t)n;
		} else if (errno == EAGAIN) {
			/* somebody else made our stdout non-blocking */
			struct pollfd p = { .fd = fd, .events = POLLOUT };
			(void)poll(&p, 1, -1);
		} else if (errno != EINTR) {
			return write_failed(errno, e);
		}
	}
	return 0;
}

int
out_result(struct buf *b, struct err *e)
{
	int r = out_write(STDOUT_FILENO, b->data, b->len, e);

	buf_clear(b);
	return r;
}

int
out_text(struct buf *b, struct err *e)
{
	struct buf safe = BUF_INIT;

	if (!isatty(STDOUT_FILENO))
		return out_result(b, e);
	safe_text(&safe, b->data, b->len);
	buf_clear(b);
	return out_result(&safe, e);
}

static void
add_escaped(struct buf *out, uint32_t cp)
{
	if (cp >= 0x10000) {
		buf_addf(out, "\\u%04x", 0xd800 + ((cp - 0x10000) >> 10));
		cp = 0xdc00 + (cp & 0x3ff);
	}
	buf_addf(out, "\\u%04x", cp);
}

int
out_json(struct buf *b, struct err *e)
{
	struct buf safe = BUF_INIT;

	if (!isatty(STDOUT_FILENO))
		return out_result(b, e);
	for (size_t at = 0; at < b->len; ) {
		const char *s = b->data + at;
		uint32_t cp;
		size_t n = utf8_decode(s, b->len - at, &cp);

		if (safe_is_clean(s, n))
			buf_add(&safe, s, n);
		else
			add_escaped(&safe, cp);
		at += n;
	}
	buf_clear(b);
	return out_result(&safe, e);
}

bool
out_is_closed(const struct err *e)
{
	/* by whoever wrote: ui/line_out or we */
	return e->code == ERR_IO && strstr(e->text, strerror(EPIPE)) != NULL;
}

static void
add_line(struct buf *b, const char *before, const char *text)
{
	buf_adds(b, before);
	safe_shows(b, text);
	buf_addc(b, '\n');
}

void
out_error(const struct err *e)
{
	struct buf b = BUF_INIT;

	add_line(&b, "chatd: ", e->text);
	if (e->hint[0] != '\0')
		add_line(&b, "hint: ", e->hint);
	(void)out_write(STDERR_FILENO, b.data, b.len, NULL);
	buf_clear(&b);	/* nobody is left to tell that stderr is broken */
}

void
out_note(const char *fmt, ...)
{
	struct buf text = BUF_INIT, b = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	add_line(&b, "", text.data);
	(void)out_write(STDERR_FILENO, b.data, b.len, NULL);
	buf_clear(&text);
	buf_clear(&b);
}

int
out_finish(int status, struct err *e)
{
	if (fflush(stdout) != 0)
		(void)write_failed(errno, e);
	if (!err_is_set(e))
		return status;
	if (out_is_closed(e))
		return OUT_PIPE_STATUS;
	out_error(e);
	return err_exit_status(e->code);
}
