/* SPDX-License-Identifier: GPL-3.0-or-later */
/* prompt_in.h - words, stdin and files become a user message */

#ifndef CLI_PROMPT_IN_H
#define CLI_PROMPT_IN_H

#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"

struct err;
struct opts;
struct strlist;

struct prompt {
	struct buf text;
	size_t typed;	/* bytes of it that a person typed: only there is an
			   @path looked for, never in what was piped */
};

/*
 * The prompt of a run (cli.md 1): words joined by blanks, stdin behind a blank
 * line if it is a pipe or file. ERR_USAGE when there is nothing at all.
 */
int	prompt_read(struct prompt *p, const struct opts *o, struct err *e)
	    ATTR_MUST_USE;
/* A UIMessage as JSON: the text, the files of -f and of @path in it. */
int	prompt_message(struct buf *out, const struct prompt *p,
	    const struct strlist *files, struct err *e) ATTR_MUST_USE;

#endif
