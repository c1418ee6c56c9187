/* SPDX-License-Identifier: GPL-3.0-or-later */
/* park.h - requests that wait until the database can be written */

/*
 * Another process may keep it locked for a while. The loop does not wait for
 * that, so who only reads does not notice: a request that would change
 * something is run when it can, or when store_ready() has given up.
 */

#ifndef SERVER_PARK_H
#define SERVER_PARK_H

#include <stdbool.h>

struct park;
struct request;
struct server;

struct park	*park_new(struct server *srv);
/* After all connections. */
void		 park_free(struct park *p);
/* False: go on. True: it will be run again from its beginning. */
bool		 park_request(struct request *rq);

#endif
