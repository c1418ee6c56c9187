/* SPDX-License-Identifier: GPL-3.0-or-later */
/* presence.h - who else looks at a session, and whose turn runs in it */

/*
 * Our own endpoints (server/room.h): a stream that tells who looks, and a
 * claim while a turn of ours runs, renewed every PRESENCE_BEAT_MS. A server
 * that has them not is left in peace, and then nobody else is ever seen.
 */

#ifndef CLIENT_PRESENCE_H
#define CLIENT_PRESENCE_H

#include <stdbool.h>

struct client;

struct presence;

enum { PRESENCE_BEAT_MS = 4 * 1000 };

/* Something has changed. */
typedef void (*presence_fn)(void *arg);

/* name: what others see of us. */
struct presence	*presence_new(struct client *cl, const char *key,
		    const char *name, presence_fn fn, void *arg);
/* Gives a claim back, as far as that can be done without waiting. */
void		 presence_free(struct presence *p);

/* How many others look. */
int		 presence_others(const struct presence *p);
/* "NAME, NAME" of them; caller frees. */
char		*presence_names(const struct presence *p);
/* Whose turn runs, or NULL: nobody's or ours. */
const char	*presence_holder(const struct presence *p);

/* A turn of ours begins. take: also if somebody else has it. */
void		 presence_claim(struct presence *p, bool take);
/* It has ended. */
void		 presence_release(struct presence *p);
bool		 presence_is_ours(const struct presence *p);

#endif
