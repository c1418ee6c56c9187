/* SPDX-License-Identifier: GPL-3.0-or-later */
/* buf.c - growing bytes with a ceiling */

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

char buf_empty[1];

enum { BUF_FIRST = 64, BUF_READ = 65536 };

void
buf_init(struct buf *b)
{
	buf_init_max(b, 0);
}

void
buf_init_max(struct buf *b, size_t max)
{
	*b = (struct buf){ .data = buf_empty, .max = max };
}

void
buf_clear(struct buf *b)
{
	if (b->cap > 0)
		free(b->data);
	buf_init_max(b, b->max);
}

void
buf_reset(struct buf *b)
{
	b->len = 0;
	b->full = false;
	b->data[0] = '\0';
}

/* Room for len more bytes and a NUL, or -1 past the ceiling. */
static int
buf_grow(struct buf *b, size_t len)
{
	size_t cap, need;

	if (len > SIZE_MAX / 2 - b->len)
		fatal(__func__, "%zu bytes", len);
	need = b->len + len;
	if (b->max > 0 && need > b->max) {
		b->full = true;
		return -1;
	}
	if (need < b->cap)
		return 0;
	cap = b->cap == 0 ? BUF_FIRST : b->cap;
	while (cap <= need)
		cap *= 2;
	b->data = xreallocarray(b->cap == 0 ? NULL : b->data, cap, 1);
	b->cap = cap;
	return 0;
}

int
buf_add(struct buf *b, const void *data, size_t len)
{
	if (len == 0)
		return 0;
	if (buf_grow(b, len) == -1)
		return -1;
	memcpy(b->data + b->len, data, len);
	b->len += len;
	b->data[b->len] = '\0';
	return 0;
}

int
buf_adds(struct buf *b, const char *s)
{
	return buf_add(b, s, strlen(s));
}

int
buf_addc(struct buf *b, char c)
{
	return buf_add(b, &c, 1);
}

/* Numbers are in every record and event: without printf. */
int
buf_add_int(struct buf *b, int64_t n)
{
	char digits[24], *p = digits + sizeof digits;
	uint64_t left = n < 0 ? -(uint64_t)n : (uint64_t)n;

	/* two at a time: half as many divisions */
	for (; left >= 100; left /= 100) {
		unsigned two = (unsigned)(left % 100);

		*--p = (char)('0' + two % 10);
		*--p = (char)('0' + two / 10);
	}
	if (left >= 10) {
		*--p = (char)('0' + left % 10);
		left /= 10;
	}
	*--p = (char)('0' + left);
	if (n < 0)
		*--p = '-';
	return buf_add(b, p, (size_t)(digits + sizeof digits - p));
}

int
buf_vaddf(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	/* most fit into what is there: format them once */
	va_copy(again, ap);
	n = b->cap == 0 ? vsnprintf(NULL, 0, fmt, again) :
	    vsnprintf(b->data + b->len, b->cap - b->len, fmt, again);
	va_end(again);
	if (n < 0)
		fatal(__func__, "bad format");
	if (n == 0)
		return 0;
	if (b->cap > b->len + (size_t)n &&
	    (b->max == 0 || b->len + (size_t)n <= b->max)) {
		b->len += (size_t)n;
		return 0;
	}
	/* what was cut off is not there */
	if (b->cap > 0)
		b->data[b->len] = '\0';
	if (buf_grow(b, (size_t)n) == -1)
		return -1;
	vsnprintf(b->data + b->len, (size_t)n + 1, fmt, ap);
	b->len += (size_t)n;
	return 0;
}

int
buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = buf_vaddf(b, fmt, ap);
	va_end(ap);
	return r;
}

char *
buf_reserve(struct buf *b, size_t len)
{
	if (buf_grow(b, len) == -1)
		return NULL;
	return b->data + b->len;
}

void
buf_drop(struct buf *b, size_t len)
{
	if (len == 0)
		return;
	if (len >= b->len) {
		buf_cut(b, 0);
		return;
	}
	memmove(b->data, b->data + len, b->len - len);
	buf_cut(b, b->len - len);
}

void
buf_cut(struct buf *b, size_t len)
{
	if (len > b->len)
		fatal(__func__, "%zu of %zu bytes", len, b->len);
	b->len = len;
	b->data[len] = '\0';
}

char *
buf_take(struct buf *b)
{
	char *data;

	data = b->cap == 0 ? xstrdup("") : b->data;
	buf_init_max(b, b->max);
	return data;
}

int
buf_read_fd(struct buf *b, int fd, const char *name, size_t max,
    struct err *e)
{
	size_t start = b->len;
	ssize_t n;

	for (;;) {
		char *room = buf_reserve(b, BUF_READ);

		if (room == NULL)
			return err_set(e, ERR_TOO_BIG, "%s: larger than %zu "
			    "bytes", name, b->max);
		n = read(fd, room, BUF_READ);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return err_errno(e, ERR_IO, errno, "cannot read %s",
			    name);
		if (n == 0)
			break;
		b->len += (size_t)n;
		if (b->len - start > max)
			return err_set(e, ERR_TOO_BIG, "%s: larger than %zu "
			    "bytes", name, max);
	}
	b->data[b->len] = '\0';
	return 0;
}

static int
open_to_read(const char *path, int flags, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | flags);

	if (fd == -1)
		(void)err_errno(e, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO,
		    errno, "cannot open %s", path);
	return fd;
}

/* Not to wait at a pipe that nobody writes, it is opened without; some files
 * below /proc let their readers wait, too. */
int
buf_read_file(struct buf *b, const char *path, size_t max, struct err *e)
{
	int fd = open_to_read(path, O_NONBLOCK, e), r;
	struct stat st;

	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		r = buf_read_fd(b, fd, path, max, e);
	else
		r = err_set(e, ERR_IO, "cannot read %s: not a regular file",
		    path);
	close(fd);
	return r;
}

int
buf_read_any(struct buf *b, const char *path, size_t max, struct err *e)
{
	int fd = open_to_read(path, 0, e), r;

	if (fd == -1)
		return -1;
	r = buf_read_fd(b, fd, path, max, e);
	close(fd);
	return r;
}
