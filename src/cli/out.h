/* SPDX-License-Identifier: GPL-3.0-or-later */
/* out.h - what the program says: results on stdout, errors on stderr */

/*
 * Nothing is lost quietly: a stdout that cannot be written is an error, but a
 * reader who has left (EPIPE) is told nothing more.
 */

#ifndef CLI_OUT_H
#define CLI_OUT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

struct buf;
struct err;

enum { OUT_PIPE_STATUS = 141 };	/* as a shell shows death by SIGPIPE */

/* All of it, in as few writes as the descriptor takes. */
int	out_write(int fd, const char *data, size_t len, struct err *e);
/* A whole result on stdout; the buffer is cleared. */
int	out_result(struct buf *b, struct err *e) ATTR_MUST_USE;
/* The same for a text of strangers, and for JSON: to a terminal filtered,
 * and with \u for what it must not get. A pipe gets every byte. */
int	out_text(struct buf *b, struct err *e) ATTR_MUST_USE;
int	out_json(struct buf *b, struct err *e) ATTR_MUST_USE;
/* Was it a reader who left? */
bool	out_is_closed(const struct err *e);
/* One line on stderr: "chatd: what: why", and the hint's. */
void	out_error(const struct err *e);
/* A line for people on stderr, made safe. */
void	out_note(const char *fmt, ...) ATTR_PRINTF(1, 2);
/* Flush stdout, say the error; what the program ends with. */
int	out_finish(int status, struct err *e);

#endif
