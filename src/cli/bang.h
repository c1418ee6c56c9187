/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bang.h - "!ls": a command that the user runs, kept as context */

/*
 * It runs here, in our directory and with our whole environment, with nothing
 * to read; no rule and no sandbox is asked, for it is the user who runs it.
 * What it writes is shown and told to the model with the next turn.
 */

#ifndef CLI_BANG_H
#define CLI_BANG_H

#include "base/attr.h"

struct buf;
struct err;
struct event_base;

enum { BANG_MAX = 32 * 1024 };	/* bytes of output that are kept */

struct bang;
/* It has ended: "$ ls", what it wrote, how it ended if not well. */
typedef void bang_fn(const char *text, void *arg);

struct bang *bang_start(struct event_base *base, const char *command,
	    bang_fn *fn, void *arg, struct err *e) ATTR_MUST_USE;
/* End it; fn comes as usual. */
void	bang_stop(struct bang *b);
/* End it, fn never comes. */
void	bang_drop(struct bang *b);
/* The action that tells the model. */
void	bang_action(struct buf *out, const char *text);

#endif
