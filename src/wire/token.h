/* SPDX-License-Identifier: GPL-3.0-or-later */
/* token.h - public access tokens: made and checked */

/*
 * HS256 JWTs as session-protocol 3.5 describes; the secret key itself is the
 * signing key. Nothing of a token is believed before its signature has been
 * compared in constant time.
 */

#ifndef WIRE_TOKEN_H
#define WIRE_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct err;

enum {
	TOKEN_MAX = 16 * 1024,		/* bytes */
	TOKEN_TTL_DEFAULT = 3600,	/* seconds (session-protocol 3.7) */
};

struct token_claims {
	const char *sub;		/* environment id */
	const char *const *scopes;	/* NULL-terminated */
	int64_t iat, exp;		/* seconds */
	const char *realtime;		/* JSON text, or NULL */
	bool otu;			/* for one use: only said, not kept */
};
/* Caller frees; NULL and e set if it cannot be made. */
char	*token_make(const char *key, const struct token_claims *c,
	    struct err *e) ATTR_MUST_USE;

/*
 * What a client gets with a session: read and write it, for an hour. id is
 * the addressing key. With a run, as turn-complete carries it
 * (session-protocol 3.7): its scopes too.
 */
char	*token_make_session(const char *key, const char *env, const char *id,
	    const char *run, int64_t now, struct err *e) ATTR_MUST_USE;

struct token;
/*
 * Check against each of the keys (NULL-terminated). NULL and ERR_AUTH for
 * anything but a good token for this environment at this time (seconds).
 */
struct token	*token_check(const char *text, const char *const *keys,
		    const char *env, int64_t now, struct err *e)
		    ATTR_MUST_USE;
void		 token_free(struct token *t);
/* Decides without verifying, for the error text only: does the payload say
 * pub: true? (session-protocol 3.5) */
bool		 token_looks_public(const char *text);
/* Its scopes, NULL-terminated, borrowed. */
const char *const *token_scopes(const struct token *t);
int64_t		 token_expires(const struct token *t);

#endif
