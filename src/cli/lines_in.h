/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lines_in.h - `in` records from stdin, one a line (--input-format) */

#ifndef CLI_LINES_IN_H
#define CLI_LINES_IN_H

#include <stddef.h>

#include "base/attr.h"

struct buf;
struct err;
struct event_base;
struct session;

/* A line that is a record was read: its text, completed for this session. */
typedef void (*lines_record_fn)(const char *text, size_t len, void *arg);
/* There are no more; e says if a line was bad (ERR_INPUT). */
typedef void (*lines_end_fn)(const struct err *e, void *arg);

struct lines_in;

struct lines_in	*lines_in_new(struct event_base *base,
		    const struct session *s, lines_record_fn on_record,
		    lines_end_fn on_end, void *arg);
void		 lines_in_free(struct lines_in *li);

/* The record of a line with chatId, metadata and chatd filled in. ERR_INPUT
 * if it is none. */
int	lines_in_record(struct buf *out, const char *line, size_t len,
	    const struct session *s, struct err *e) ATTR_MUST_USE;

#endif
