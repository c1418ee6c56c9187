/* SPDX-License-Identifier: GPL-3.0-or-later */
/* retry.h - when to ask again, and how long to wait before */

/*
 * Arithmetic only. By default 4 tries within 30 s (cli.md 4); the waits are
 * what the server wishes, else 1 s doubled each time with 25 % jitter. A wish
 * that does not fit into what is left ends it.
 */

#ifndef MODEL_RETRY_H
#define MODEL_RETRY_H

#include <stdbool.h>
#include <stdint.h>

struct fault;

enum {
	RETRY_TRIES = 4,
	RETRY_MS = 30 * 1000,
	RETRY_LOADING_MS = 120 * 1000,	/* a model that is being loaded */
};

struct retry {
	int tries;		/* allowed */
	int64_t limit_ms;
	bool local;		/* refused by this machine: quick tries only */
	int tried;		/* so far */
	int64_t spent_ms;
};

void	retry_init(struct retry *r, int tries, int64_t limit_ms, bool local);
/*
 * A try that took took_ms failed. Milliseconds to wait, or -1: no other try;
 * then the error of f may have been changed to name the server's wish.
 */
int64_t	retry_wait(struct retry *r, struct fault *f, int64_t took_ms);
/* A wait as it is done: CHATD_TEST_RETRY_MS is the length of a second. */
int64_t	retry_scale(int64_t ms);

#endif
