/* SPDX-License-Identifier: GPL-3.0-or-later */
/* answer.h - an answer that waits until what it tells is durable */

#ifndef SERVER_ANSWER_H
#define SERVER_ANSWER_H

struct buf;
struct err;
struct request;

/* Takes what is in body. A failed commit is answered with 500. */
void	answer_committed(struct request *rq, int status, struct buf *body);
/* 500: who sits at this machine is told why, others that it went wrong, and
 * the log why. */
void	answer_failed(struct request *rq, const struct err *e);

#endif
