/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bearer.h - what a client shows to its server, and how it gets something new */

/*
 * A secret key opens everything; a public token one session. With both, the
 * token goes with the streams of its session and the key with all else, so
 * that the key is not in every append. When a token is refused, another is
 * made with the key (session-protocol 3.3, 18.11); what a turn-complete
 * brings replaces it too.
 */

#ifndef CLIENT_BEARER_H
#define CLIENT_BEARER_H

#include <stdbool.h>

#include "base/attr.h"

struct buf;
struct err;
struct json;

struct bearer {
	char *secret;		/* or NULL */
	char *token;		/* or NULL */
	char *key;		/* the session that the token is for, or NULL */
	char *streams;		/* "/realtime/v1/sessions/KEY/" */
	char *create;		/* E1's body that makes it again, or NULL */
	unsigned changes;	/* of token */
};

/* Either may be NULL. A token that is no public one is a secret key. */
void	bearer_init(struct bearer *a, const char *token, const char *secret);
void	bearer_clear(struct bearer *a);
/* From now on this session; create may be NULL. */
void	bearer_set_session(struct bearer *a, const char *key, const char *create);
/* NULL: back to the key. */
void	bearer_set_token(struct bearer *a, const char *token);
/* What to show for this path, or NULL. Borrowed. */
const char	*bearer_for(const struct bearer *a, const char *path);
/* Is the path one that a token of the session opens? */
bool	bearer_is_stream(const struct bearer *a, const char *path);
/* Can a new token be had for it? */
bool	bearer_can_mint(const struct bearer *a, const char *path);

/* The request that a new token takes: its path, and its body in b. */
const char	*bearer_mint_request(const struct bearer *a, struct buf *b);
/* Its answer: the token, or NULL. Caller frees. */
char	*bearer_mint_token(const struct bearer *a, const struct json *answer,
	    struct err *e) ATTR_MUST_USE;

#endif
