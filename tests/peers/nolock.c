/* SPDX-License-Identifier: GPL-3.0-or-later */
/* nolock.c - runs a program where locks of files do not work, as over NFS */

/*
 *	nolock setlk|ofd COMMAND [ARG...]
 *
 * setlk are the locks of POSIX, which SQLite takes; ofd those of an open
 * file, which the owner of a session takes. The kernel answers ENOLCK, as it
 * does when a network file system's server has no lock daemon.
 */

/* config.h turns on what POSIX has got since: F_OFD_SETLK */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LOAD(off)	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (off))
#define RET(what)	BPF_STMT(BPF_RET | BPF_K, (what))
#define IF_NOT(k, skip)	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (k), 0, (skip))

static int
refuse(unsigned int command)
{
	struct sock_filter filter[] = {
		LOAD(offsetof(struct seccomp_data, nr)),
		IF_NOT(SYS_fcntl, 3),
		LOAD(offsetof(struct seccomp_data, args) + 8),
		IF_NOT(command, 1),
		RET(SECCOMP_RET_ERRNO | ENOLCK),
		RET(SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = {
		.len = sizeof filter / sizeof filter[0],
		.filter = filter,
	};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return -1;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog);
}

int
main(int argc, char **argv)
{
	if (argc < 3 || (strcmp(argv[1], "setlk") != 0 &&
	    strcmp(argv[1], "ofd") != 0)) {
		fputs("usage: nolock setlk|ofd COMMAND [ARG...]\n", stderr);
		return 126;
	}
	if (refuse(strcmp(argv[1], "ofd") == 0 ? F_OFD_SETLK : F_SETLK) ==
	    -1) {
		perror("nolock: seccomp");
		return 126;
	}
	execvp(argv[2], argv + 2);
	perror(argv[2]);
	return 126;
}
