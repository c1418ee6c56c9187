/* SPDX-License-Identifier: GPL-3.0-or-later */
/* program.h - the program that is an agent: started, told, heard, ended */

/*
 * It reads one JSON object a line and writes one (chatd-agent(7)). It stays
 * between turns and goes when nothing was asked for a while: end of file,
 * then SIGTERM, then SIGKILL to its group. What it says on stderr is logged,
 * and its last words are kept for who has to tell why it ended.
 *
 *	program_start ─► hear ─► say ... line(), line() ─► rest ─► hear ...
 *	                          └► ended()                └► gone: *slot NULL
 */

#ifndef AGENT_PROGRAM_H
#define AGENT_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct err;
struct event_base;

enum {
	PROGRAM_LINE_MAX = 1024 * 1024,	/* as any record (15.) */
	PROGRAM_WARM_MS = 30 * 1000,	/* when its file does not say */
	PROGRAM_MUTE_MS = 1000,		/* to end once its stdout is closed */
	PROGRAM_FINISH_MS = 1000,	/* to leave by itself when we end */
};

struct program;

struct program_opts {
	struct event_base *base;
	const char *name;		/* the agent's */
	char *const *argv;		/* ends with NULL */
	const char *dir;		/* or NULL */
	bool keys;			/* it gets our whole environment */
	int64_t warm_ms;
	struct program **slot;		/* where its owner keeps it */
};

struct program_hearer {
	void (*line)(const char *line, size_t len, void *arg);
	/* it ended, or its line is too long: no more is to be heard */
	void (*ended)(const struct err *why, void *arg);
	void *arg;
};

/* *slot is set, and is NULL again when the program is gone. */
int	program_start(const struct program_opts *opts, struct err *e)
	    ATTR_MUST_USE;
/* Is it the one that these options mean? */
bool	program_fits(const struct program *p, const struct program_opts *opts);
/* The number of this turn in the program's life, from 1. */
int	program_hear(struct program *p, const struct program_hearer *h);
/* One line, with its newline. -1: it does not read. */
int	program_say(struct program *p, const char *line, size_t len,
	    struct err *e) ATTR_MUST_USE;
/* The turn is over: it may go when nothing comes for a while. */
void	program_rest(struct program *p);
/* It closes its turns itself (wrote turn-complete once). */
bool	program_is_exact(const struct program *p);
void	program_set_exact(struct program *p);

/* Ends, all in the background; p is gone for the caller. NULL is fine. */
void	program_end(struct program *p);		/* end of file first */
void	program_kill(struct program *p);	/* SIGTERM at once */
/* The process ends: wait so long for its program to do the same. */
void	program_finish(struct program *p, int ms);

#endif
