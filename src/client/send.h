/* SPDX-License-Identifier: GPL-3.0-or-later */
/* send.h - putting records into a session's `in` */

/*
 * A send has one part id for all its tries, so that what was stored once is
 * never stored again (session-protocol 18.7). The answer's seq is what a
 * turn-complete must cover to be this send's (8.2).
 */

#ifndef CLIENT_SEND_H
#define CLIENT_SEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct client;
struct client_call;
struct err;
struct input_message;

/* seq is -1 when it failed (e), or when the server did not tell. */
typedef void (*send_fn)(int64_t seq, const struct err *e, void *arg);

/* fn may be NULL. Cancelled by client_cancel(). text is copied. */
struct client_call *send_record(struct client *cl, const char *key,
		    const char *text, size_t len, send_fn fn, void *arg);
struct client_call *send_message(struct client *cl, const char *key,
		    const struct input_message *m, send_fn fn, void *arg);
struct client_call *send_stop(struct client *cl, const char *key,
		    const char *reason, send_fn fn, void *arg);

/* Does a turn-complete with this session-in-event-id (-1: none) end the turn
 * of the send that got seq? */
bool	send_covered(int64_t seq, int64_t in_seq);

#endif
