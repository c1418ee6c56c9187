/* SPDX-License-Identifier: GPL-3.0-or-later */
/* follow.h - reading a channel of a session, for as long as it takes */

/*
 * Follows one channel over SSE and gives every record exactly once and in
 * order: on a drop it comes back with Last-Event-ID, with backoff and jitter,
 * and stops only at 400, 404, 409, 410, 422 or when told (session-protocol
 * 18.2 to 18.6).
 */

#ifndef CLIENT_FOLLOW_H
#define CLIENT_FOLLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"

struct client;
struct json;
struct record;

struct follow;

enum follow_state {
	FOLLOW_CONNECTING,
	FOLLOW_LIVE,
	FOLLOW_WAITING,		/* comes back in wait_ms */
};

struct follow_fns {
	/* A data record: chunk is the unwrapped data. */
	void (*on_chunk)(int64_t seq, const struct json *chunk, void *arg);
	/* A control record: subtype, in_seq of session-in-event-id or -1. */
	void (*on_control)(int64_t seq, const char *subtype, int64_t in_seq,
	    const struct record *rec, void *arg);
	/* Everything that was there has been given (a tail was reached). */
	void (*on_caught_up)(void *arg);
	void (*on_state)(enum follow_state state, int64_t wait_ms,
	    const struct err *why, void *arg);
	/* It is over: settled (peek), closed, or an error that stays. */
	void (*on_end)(const struct err *e, void *arg);
};

struct follow_opts {
	const char *key;	/* session, not encoded */
	int64_t after;		/* last number already seen; -1: none, which gives
				   what the server shows to newcomers */
	bool in;		/* the channel `in`: what people write */
	bool peek;		/* X-Peek-Settled: end when nothing runs */
	long idle_ms;		/* silence after which the connection counts as
				   dead; 0: 45 s, of a local one never */
	struct follow_fns fns;	/* any may be NULL */
	void *arg;
};
struct follow	*follow_start(struct client *cl,
		    const struct follow_opts *opts);
void		 follow_stop(struct follow *f);

#endif
