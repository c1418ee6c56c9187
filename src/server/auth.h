/* SPDX-License-Identifier: GPL-3.0-or-later */
/* auth.h - who is asking, and what that one may do */

/*
 * Over the Unix socket our own uid may do everything and shows nothing.
 * Over TCP each request shows the secret key, which may do everything too, or
 * a token, whose scopes are asked for each session (session-protocol 3).
 */

#ifndef SERVER_AUTH_H
#define SERVER_AUTH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

struct err;
struct item;
struct keyfile;
struct token;

/* The only place where local and remote callers differ. */
struct caller {
	bool local;	/* our own uid over the Unix socket */
	bool all;	/* every right: local, or with the secret key */
};

/* Whoever is at the other end of a Unix socket: our uid, or ERR_FORBIDDEN. */
int	auth_local(int fd, struct caller *who, struct err *e) ATTR_MUST_USE;

/* The last good token of a connection: its next request shows it again. */
struct auth_memo {
	char *header;
	struct token *token;
	unsigned version;	/* of the keys */
};
void	auth_memo_clear(struct auth_memo *memo);

/*
 * What an Authorization header is worth (NULL: there is none). ERR_AUTH with
 * the text for the client, or who is filled. *token is what it showed, if that
 * was one; it is the memo's, good until the next call with that.
 */
int	auth_bearer(const struct keyfile *keys, const char *header,
	    int64_t now, struct auth_memo *memo, struct caller *who,
	    const struct token **token, struct err *e) ATTR_MUST_USE;

/*
 * The token that a client gets with a session; with its run for turn-complete
 * (session-protocol 3.7). Caller frees; NULL if there are no keys.
 */
char	*auth_session_token(const struct keyfile *keys, const struct item *it,
	    bool with_run) ATTR_MUST_USE;

#endif
