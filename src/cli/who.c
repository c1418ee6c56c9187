/* SPDX-License-Identifier: GPL-3.0-or-later */
/* who.c - what others on the same session see of us */

#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/opts.h"
#include "cli/who.h"

char *
who_am_i(const struct opts *o)
{
	const struct passwd *pw = getpwuid(getuid());
	const char *tty = ttyname(STDIN_FILENO);
	char host[256] = "";

	if (o->remote != NULL && gethostname(host, sizeof(host) - 1) != 0)
		host[0] = '\0';
	if (tty != NULL && strncmp(tty, "/dev/", 5) == 0)
		tty += 5;
	return xasprintf("%.30s%s%.30s %.40s", pw != NULL ? pw->pw_name :
	    "somebody", host[0] != '\0' ? "@" : "", host,
	    tty != NULL ? tty : "");
}
