/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sandbox_priv.h - the layers of a sandbox, one file each */

#ifndef TOOL_SANDBOX_PRIV_H
#define TOOL_SANDBOX_PRIV_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "tool/sandbox.h"

struct err;

/* landlock.c; the ABI of this kernel, 0: none */
int	landlock_abi(void);
struct landlock_opts {
	int abi;
	bool network;
	const char *const *writable;	/* NULL-terminated */
};
/* A descriptor, or -1. */
int	landlock_open(const struct landlock_opts *opts, struct err *e);
int	landlock_enter(int fd);

/* seccomp.c; the program is the caller's to free */
struct sock_filter *seccomp_make(bool network, size_t *count);
int	seccomp_enter(struct sock_filter *prog, size_t count);

/* holes.c */
enum hole_kind {
	HOLE_PINNED,	/* stays where it is, written as before */
	HOLE_FIXED,	/* read-only */
	HOLE_HIDDEN,	/* cannot be read */
};
struct hole {
	char *path;
	enum hole_kind kind;
	bool dir;
};
struct holes {
	struct hole *v;		/* in the order of mounting */
	size_t count;
	char map_uid[64], map_gid[64];
};
void	holes_init(struct holes *h);
/* Symlinks resolved; what does not exist is passed over. */
void	holes_add(struct holes *h, const char *path, enum hole_kind kind);
void	holes_clear(struct holes *h);
/* In the child: new namespaces, then each hole. -1 with errno. */
int	holes_enter(const struct holes *h);
/* Does this system let us? Tried in a child. */
bool	holes_possible(void);
/* No capabilities, now or after exec, in our own namespace. */
int	holes_drop_caps(void);

#endif
