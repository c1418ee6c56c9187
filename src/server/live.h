/* SPDX-License-Identifier: GPL-3.0-or-later */
/* live.h - the message of a running turn, reduced from `out` */

#ifndef SERVER_LIVE_H
#define SERVER_LIVE_H

#include <stdint.h>

#include "base/attr.h"

struct err;
struct message;
struct store;

/*
 * Applies the records behind *out. *out moves to the last one applied. *m is
 * the message they make (caller frees), NULL when no turn is under way. last
 * is the transcript's last message: a turn may go on with it.
 */
int	live_message(struct store *st, int64_t row, const char *last,
	    int64_t *out, struct message **m, struct err *e) ATTR_MUST_USE;

#endif
