/* SPDX-License-Identifier: GPL-3.0-or-later */
/* room.h - who looks at a session, and whose turn runs in it */

/*
 * A looker is an SSE answer that is being held; it is told of every change
 * with the whole state:
 *
 *	event: presence
 *	data: {"clients":[{"id":ID,"name":NAME}..],"holder":{..}|null}
 *
 * One of them may claim the session while its turn runs (the rule of the web
 * client's tabs): a claim is renewed within ROOM_CLAIM_MS, or forgotten;
 * it goes with the looker's connection, too. Whoever asks for it may take it
 * over. It binds nobody: a client that knows of it does not send meanwhile.
 *
 * All of it is of this process only, nothing is kept, and without a claim
 * there are no timers but the pings of lookers over TCP.
 */

#ifndef SERVER_ROOM_H
#define SERVER_ROOM_H

#include <stdbool.h>
#include <stdint.h>

struct buf;
struct request;
struct server;

enum {
	ROOM_CLAIM_MS = 10 * 1000,
	ROOM_NAME_MAX = 128,	/* bytes of an id, of a name */
};

/* The session's lookers hear of this one; answers the request. */
void	room_look(struct request *rq, int64_t row, const char *id,
	    const char *name);
/* False: somebody else has it (and take was not said). */
bool	room_claim(struct server *srv, int64_t row, const char *id,
	    const char *name, bool take);
void	room_release(struct server *srv, int64_t row, const char *id);
/* The state as JSON. */
void	room_write(struct server *srv, int64_t row, struct buf *b);
/* The session was removed; the server stops. */
void	room_removed(struct server *srv, int64_t row);
void	room_end_all(struct server *srv);

#endif
