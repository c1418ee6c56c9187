/* SPDX-License-Identifier: GPL-3.0-or-later */
/* remote.h - the other server that options and environment name */

/*
 * --remote URL and --token T, or CHATD_URL and CHATD_TOKEN; TRIGGER_API_URL
 * and TRIGGER_SECRET_KEY complete --remote and attach (cli.md 5). A URL may
 * name a session: http://host:port/sessions/KEY.
 */

#ifndef CLI_REMOTE_H
#define CLI_REMOTE_H

#include "base/attr.h"

struct client;
struct command;
struct err;
struct item;
struct opts;

/* Settle o->remote (NULL: this machine), o->token, o->secret, and o->resume
 * when the URL names a session. */
int	remote_settle(struct opts *o, const struct command *cmd,
	    struct err *e) ATTR_MUST_USE;
/* Say which of the options only this machine's agent would heed. */
void	remote_note_unheeded(const struct opts *o);
/* The session is the one that the client is about from now on. */
void	remote_enter(struct client *cl, const struct item *it);

#endif
