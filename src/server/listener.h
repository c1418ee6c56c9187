/* SPDX-License-Identifier: GPL-3.0-or-later */
/* listener.h - a socket where connections come in */

#ifndef SERVER_LISTENER_H
#define SERVER_LISTENER_H

#include "base/attr.h"

struct err;
struct server;

struct listener;

/* Mode 0600; a dead file in the way is removed, a live one ERR_CONFLICT. */
struct listener	*listener_unix(struct server *srv, const char *path,
		    struct err *e) ATTR_MUST_USE;
/*
 * Takes fd, which listens, into the server's list. Everybody is let in there:
 * what one may do is shown by each request.
 */
void		 listener_tcp(struct server *srv, int fd);
void		 listener_close_tcp(struct server *srv);
/* The file goes too, if it is still ours. */
void		 listener_close(struct listener *l);

#endif
