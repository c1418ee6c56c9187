/* SPDX-License-Identifier: GPL-3.0-or-later */
/* auth.c - who is asking, and what that one may do */

/* config.h turns on what Linux has more: struct ucred */
#include "config.h"

#include <sys/socket.h>
#include <sys/types.h>

#include <errno.h>
#include <unistd.h>

#include "base/err.h"
#include "server/auth.h"

int
auth_local(int fd, struct caller *who, struct err *e)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	who->local = false;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0)
		return err_errno(e, ERR_IO, errno, "cannot ask who connects");
	if (peer.uid != geteuid())
		return err_set(e, ERR_FORBIDDEN,
		    "user %lu may not use this socket",
		    (unsigned long)peer.uid);
	who->local = true;
	return 0;
}
