/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pieces.h - a long answer, made while it is read */

#ifndef SERVER_PIECES_H
#define SERVER_PIECES_H

#include <stdbool.h>

struct buf;
struct err;
struct request;

struct pieces_fns {
	/* Add the next piece. 1: more will come, 0: that was all, -1: it
	 * failed and the answer breaks off. */
	int (*next)(struct buf *b, void *arg, struct err *e);
	void (*free)(void *arg);
};

/* Answers the request with JSON in pieces; arg is freed at the end. */
void	pieces_start(struct request *rq, const struct pieces_fns *fns,
	    void *arg);

#endif
