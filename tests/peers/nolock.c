/* SPDX-License-Identifier: GPL-3.0-or-later */
/* nolock.c - runs a program where locks of files do not work, as over NFS */

/*
 *	nolock setlk|ofd COMMAND [ARG...]
 *
 * setlk are the locks of POSIX, which SQLite takes; ofd those of an open
 * file, which the owner of a session takes.
 */

/* config.h turns on what POSIX has got since: F_OFD_SETLK */
#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "nolock.h"

int
main(int argc, char **argv)
{
	if (argc < 3 || (strcmp(argv[1], "setlk") != 0 &&
	    strcmp(argv[1], "ofd") != 0)) {
		fputs("usage: nolock setlk|ofd COMMAND [ARG...]\n", stderr);
		return 126;
	}
	if (nolock_refuse(strcmp(argv[1], "ofd") == 0 ? F_OFD_SETLK :
	    F_SETLK) == -1) {
		perror("nolock: seccomp");
		return 126;
	}
	execvp(argv[2], argv + 2);
	perror(argv[2]);
	return 126;
}
