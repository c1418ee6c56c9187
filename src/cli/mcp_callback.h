/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mcp_callback.h - a person's browser, and what it comes back with */

#ifndef CLI_MCP_CALLBACK_H
#define CLI_MCP_CALLBACK_H

#include "base/attr.h"

struct err;

enum { CALLBACK_WAIT_MS = 5 * 60 * 1000 };

struct callback {
	int fd;		/* listens on 127.0.0.1 */
	int port;
};

int	 callback_open(struct callback *cb, struct err *e) ATTR_MUST_USE;
void	 callback_close(struct callback *cb);
/* Show the page ($BROWSER, else xdg-open, and its address on stderr) and wait
 * for the address that it leads back to, by itself or typed in. Caller frees.
 */
char	*callback_wait(struct callback *cb, const char *page, struct err *e)
	    ATTR_MUST_USE;

#endif
