/* SPDX-License-Identifier: GPL-3.0-or-later */
/* transcript.h - messages as text for people, as markdown */

/*
 * messages is a JSON array of UIMessages. What is rendered for a terminal
 * has passed ui/safe; for a pipe, texts are byte for byte what was said.
 */

#ifndef CLI_TRANSCRIPT_H
#define CLI_TRANSCRIPT_H

#include "base/attr.h"

struct buf;
struct err;
struct item;
struct json;
struct message;
struct style;

/* For a terminal or a pipe: "> " before what a person said. */
void	transcript_text(struct buf *out, const struct json *messages,
	    const struct style *st);
void	transcript_message(struct buf *out, const struct message *m,
	    const struct style *st);
/* All of a transcript on stdout, and an empty line. */
int	transcript_print(const struct json *transcript, const struct style *st,
	    struct err *e) ATTR_MUST_USE;
/* A line with what the session has used, if anything is known. */
void	transcript_usage(struct buf *out, const struct item *it,
	    const struct style *st);
/* For a file: a terminal needs out_text(). */
void	transcript_markdown(struct buf *out, const struct item *it,
	    const struct json *messages);

#endif
