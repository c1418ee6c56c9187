/* SPDX-License-Identifier: GPL-3.0-or-later */
/* answer.h - an answer that waits until what it tells is durable */

#ifndef SERVER_ANSWER_H
#define SERVER_ANSWER_H

struct buf;
struct request;

/* Takes what is in body. A failed commit is answered with 500. */
void	answer_committed(struct request *rq, int status, struct buf *body);

#endif
