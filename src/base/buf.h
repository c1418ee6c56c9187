/* SPDX-License-Identifier: GPL-3.0-or-later */
/* buf.h - growing bytes with a ceiling */

/*
 * A buf owns its bytes. buf->data is never NULL and always has a NUL after
 * the last byte, so it can be used as a string where the content has none.
 *
 * A buf with a ceiling (buf_init_max) refuses what would pass it: the adding
 * call does nothing, returns -1 and from then on buf->full is true. Without a
 * ceiling adding always succeeds, and results may be ignored.
 *
 *	struct buf b = BUF_INIT;
 *	buf_addf(&b, "%d records", n);
 *	s = buf_take(&b);
 */

#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct buf {
	char *data;
	size_t len;
	size_t cap;	/* bytes allocated, 0 = none yet */
	size_t max;	/* ceiling in bytes, 0 = none */
	bool full;	/* something did not fit */
};

extern char buf_empty[];
#define BUF_INIT { .data = buf_empty }

void	buf_init(struct buf *b);
void	buf_init_max(struct buf *b, size_t max);
/* Frees the memory and leaves b ready for use (the ceiling stays). */
void	buf_clear(struct buf *b);
/* Forgets the content and keeps the memory. */
void	buf_reset(struct buf *b);

int	buf_add(struct buf *b, const void *data, size_t len);
int	buf_adds(struct buf *b, const char *s);
/* A literal, whose length is known. */
#define buf_addl(b, literal)	buf_add(b, literal, sizeof(literal) - 1)
int	buf_addc(struct buf *b, char c);
/* In decimal. */
int	buf_add_int(struct buf *b, int64_t n);
int	buf_addf(struct buf *b, const char *fmt, ...) ATTR_PRINTF(2, 3);
int	buf_vaddf(struct buf *b, const char *fmt, va_list ap)
	    ATTR_PRINTF(2, 0);
/* len writable bytes at the end, to be counted in by b->len += used. */
char	*buf_reserve(struct buf *b, size_t len);
/* Drop len bytes from the front or cut the length. */
void	buf_drop(struct buf *b, size_t len);
void	buf_cut(struct buf *b, size_t len);
/* Give the bytes away (caller frees, NUL-terminated); b is empty after. */
char	*buf_take(struct buf *b);

/*
 * Read a whole file or descriptor; more than max bytes is ERR_TOO_BIG.
 * buf_read_file() takes regular files only and never waits: for all that is
 * read because it lies somewhere. buf_read_any() takes pipes and devices too,
 * and waits for them: for what a person named ("-f <(command)").
 */
struct err;
int	buf_read_file(struct buf *b, const char *path, size_t max,
	    struct err *e) ATTR_MUST_USE;
int	buf_read_any(struct buf *b, const char *path, size_t max,
	    struct err *e) ATTR_MUST_USE;
int	buf_read_fd(struct buf *b, int fd, const char *name, size_t max,
	    struct err *e) ATTR_MUST_USE;

#endif
