/* SPDX-License-Identifier: GPL-3.0-or-later */
/* nolock.h - from here on, locks of files do not work in this process */

/*
 * The kernel answers ENOLCK, as it does when a network file system's server
 * has no lock daemon. command is F_SETLK or F_OFD_SETLK; there is no way back.
 */

#ifndef TESTS_PEERS_NOLOCK_H
#define TESTS_PEERS_NOLOCK_H

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#define NOLOCK_LOAD(off)	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (off))
#define NOLOCK_RET(what)	BPF_STMT(BPF_RET | BPF_K, (what))
#define NOLOCK_UNLESS(k, skip)	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (k), 0, (skip))

static inline int
nolock_refuse(unsigned int command)
{
	struct sock_filter filter[] = {
		NOLOCK_LOAD(offsetof(struct seccomp_data, nr)),
		NOLOCK_UNLESS(SYS_fcntl, 3),
		NOLOCK_LOAD(offsetof(struct seccomp_data, args) + 8),
		NOLOCK_UNLESS(command, 1),
		NOLOCK_RET(SECCOMP_RET_ERRNO | ENOLCK),
		NOLOCK_RET(SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = {
		.len = sizeof filter / sizeof filter[0],
		.filter = filter,
	};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return -1;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog);
}

#endif
