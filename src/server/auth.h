/* SPDX-License-Identifier: GPL-3.0-or-later */
/* auth.h - who is asking, and what that one may do */

#ifndef SERVER_AUTH_H
#define SERVER_AUTH_H

#include <stdbool.h>

#include "base/attr.h"

struct err;

/* The only place where local and remote callers differ. */
struct caller {
	bool local;	/* our own uid over the Unix socket: all rights */
};

/* Whoever is at the other end of a Unix socket: our uid, or ERR_FORBIDDEN. */
int	auth_local(int fd, struct caller *who, struct err *e) ATTR_MUST_USE;

#endif
