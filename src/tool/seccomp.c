/* SPDX-License-Identifier: GPL-3.0-or-later */
/* seccomp.c - system calls that a tool's child does without */

/*
 * A filter of our own: one list of numbers, three looks at arguments. It is
 * made before fork() and given to the kernel in one call, where a library
 * would want memory in the child.
 */

#include "config.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "base/attr.h"
#include "base/mem.h"
#include "tool/sandbox_priv.h"

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define ARCH AUDIT_ARCH_RISCV64
#endif

/* refused with EPERM */
static const int refused[] = {
	SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_unshare,
	SYS_setns, SYS_open_by_handle_at, SYS_bpf, SYS_perf_event_open,
	SYS_userfaultfd, SYS_keyctl, SYS_add_key, SYS_request_key,
	SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_kexec_load,
	SYS_reboot, SYS_swapon, SYS_swapoff, SYS_acct, SYS_quotactl,
	SYS_settimeofday, SYS_clock_settime, SYS_sethostname,
	SYS_setdomainname, SYS_process_vm_readv, SYS_process_vm_writev,
	425, 426, 427,		/* io_uring: works behind a filter's back */
	428, 429, 430, 431, 432, 433, 442,	/* the newer mount calls */
	438,			/* pidfd_getfd */
};

enum {
	CALL_CLONE3 = 435,
	NEW_NAMESPACES = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET |
	    CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS,
	X32_BIT = 0x40000000,
	PROG_MAX = 128,
};

#define ARG_LOW(n)	(offsetof(struct seccomp_data, args) + 8 * (n))
#define LOAD(off)	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (off))
#define RET(what)	BPF_STMT(BPF_RET | BPF_K, (what))
#define REFUSE(err)	RET(SECCOMP_RET_ERRNO | (err))
#define IF_NOT(k, skip)	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (k), 0, (skip))

struct prog {
	struct sock_filter *v;
	size_t n;
};

static void
put(struct prog *p, struct sock_filter f)
{
	if (p->n == PROG_MAX)
		fatal(__func__, "the filter is too long");
	p->v[p->n++] = f;
}

#define PUT(p, ...) put((p), (struct sock_filter)__VA_ARGS__)

/* Only calls of this architecture: others count differently. */
static void
put_arch(struct prog *p)
{
#ifdef ARCH
	PUT(p, LOAD(offsetof(struct seccomp_data, arch)));
	PUT(p, BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0));
	PUT(p, RET(SECCOMP_RET_KILL_PROCESS));
#endif
	PUT(p, LOAD(offsetof(struct seccomp_data, nr)));
#ifdef __x86_64__
	PUT(p, BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 0, 1));
	PUT(p, RET(SECCOMP_RET_KILL_PROCESS));
#endif
}

/* socket(): without network none; with it the internet's and netlink's. */
static void
put_socket(struct prog *p, bool network)
{
	if (!network) {
		PUT(p, IF_NOT(SYS_socket, 1));
		PUT(p, REFUSE(EPERM));
		return;
	}
	PUT(p, IF_NOT(SYS_socket, 6));
	PUT(p, LOAD(ARG_LOW(0)));
	PUT(p, BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_INET, 2, 0));
	PUT(p, BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_INET6, 1, 0));
	PUT(p, BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_NETLINK, 0, 1));
	PUT(p, RET(SECCOMP_RET_ALLOW));
	PUT(p, REFUSE(EPERM));
}

/* What types at a terminal, and what makes namespaces. */
static void
put_arguments(struct prog *p)
{
	PUT(p, IF_NOT(SYS_ioctl, 5));
	PUT(p, LOAD(ARG_LOW(1)));
	PUT(p, BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, TIOCSTI, 1, 0));
	PUT(p, BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, TIOCLINUX, 0, 1));
	PUT(p, REFUSE(EPERM));
	PUT(p, RET(SECCOMP_RET_ALLOW));

	PUT(p, IF_NOT(SYS_clone, 4));
	PUT(p, LOAD(ARG_LOW(0)));
	PUT(p, BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, NEW_NAMESPACES, 0, 1));
	PUT(p, REFUSE(EPERM));
	PUT(p, RET(SECCOMP_RET_ALLOW));

	/* Its flags lie in memory, out of sight; all fall back to clone(). */
	PUT(p, IF_NOT(CALL_CLONE3, 1));
	PUT(p, REFUSE(ENOSYS));
}

struct sock_filter *
seccomp_make(bool network, size_t *count)
{
	struct prog p = { .v = xcalloc(PROG_MAX, sizeof *p.v) };
	size_t i;

	put_arch(&p);
	for (i = 0; i < NELEM(refused); i++) {
		PUT(&p, IF_NOT((unsigned)refused[i], 1));
		PUT(&p, REFUSE(EPERM));
	}
	put_socket(&p, network);
	put_arguments(&p);
	PUT(&p, RET(SECCOMP_RET_ALLOW));
	*count = p.n;
	return p.v;
}

int
seccomp_enter(struct sock_filter *prog, size_t count)
{
	struct sock_fprog fp = {
		.len = (unsigned short)count,
		.filter = prog,
	};

	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &fp, 0, 0);
}
