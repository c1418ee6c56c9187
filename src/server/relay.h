/* SPDX-License-Identifier: GPL-3.0-or-later */
/* relay.h - a request passed on to the process that owns the session */

/*
 *	peer ==> conn ==> relay ==> owner's Unix socket
 *	peer <== conn <======== bytes as they come, no more than it takes
 *
 * When the owner went away before it said anything, the request is run here
 * again: by then the session can be owned by us. An append has a part id by
 * then, so that it cannot happen twice.
 */

#ifndef SERVER_RELAY_H
#define SERVER_RELAY_H

struct owner;
struct request;

/* Who passed a request on does so once: it says so in this header, and
 * whether it came over TCP. */
#define RELAY_HEADER "x-chatd-relay"
#define RELAY_REMOTE "remote"

/* A new owner holds its lock a little before its row tells where it is. */
enum {
	RELAY_ATTEMPTS_MAX = 6,
	RELAY_PAUSE_MS = 20,	/* the first; the next ones are longer */
};

/* Answers the request in every case. */
void	relay_start(struct request *rq, const struct owner *to);

#endif
