/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tell.h - progress, tool calls, reasoning, notices of a run, on stderr */

/*
 * Only if stderr is a terminal or with -v; nothing with -q (cli.md 3). What is
 * missing (a tool, an MCP server) is said without -v, too.
 */

#ifndef CLI_TELL_H
#define CLI_TELL_H

#include <stdbool.h>

struct err;
struct event_base;
struct json;
struct line_out;
struct opts;
struct part;

struct tell;

/* text: the answer's output if it shares the screen, or NULL. */
struct tell	*tell_new(struct event_base *base, const struct opts *o,
		    struct line_out *text, bool text_on_tty);
void		 tell_free(struct tell *t);
/* The turn begins: progress. */
void		 tell_start(struct tell *t);
/* p: the part that the chunk changed, or NULL. */
void		 tell_chunk(struct tell *t, const struct json *chunk,
		    const struct part *p);
/* The server cannot be reached and is asked again, said once each time; NULL:
 * it is there. */
void		 tell_away(struct tell *t, const struct err *why);
/* The answer's text comes now. */
void		 tell_text_begins(struct tell *t);
void		 tell_turn_end(struct tell *t);

#endif
