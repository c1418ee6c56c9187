/* SPDX-License-Identifier: GPL-3.0-or-later */
/* run_ask.h - a run's questions to the person at its terminal */

/*
 * On stderr, answered by lines on stdin; only if both are terminals (cli.md
 * 4). What was typed before the question appeared is dropped.
 */

#ifndef CLI_RUN_ASK_H
#define CLI_RUN_ASK_H

struct consent;
struct event_base;
struct message;

struct run_ask;

/* c is NULL when the person has left without an answer. Called once. */
typedef void (*run_ask_fn)(const struct consent *c, void *arg);

/* NULL: no call of m waits, or nobody is there to be asked. */
struct run_ask	*run_ask_new(struct event_base *base,
		    const struct message *m, run_ask_fn fn, void *arg);
void		 run_ask_free(struct run_ask *ra);

#endif
