/* SPDX-License-Identifier: GPL-3.0-or-later */
/* holes.c - read-only and hidden paths, by a mount namespace */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "tool/sandbox_priv.h"

void
holes_init(struct holes *h)
{
	memset(h, 0, sizeof *h);
	snprintf(h->map_uid, sizeof h->map_uid, "%u %u 1\n",
	    (unsigned)geteuid(), (unsigned)geteuid());
	snprintf(h->map_gid, sizeof h->map_gid, "%u %u 1\n",
	    (unsigned)getegid(), (unsigned)getegid());
}

static int
by_path(const void *a, const void *b)
{
	const struct hole *x = a, *y = b;
	int r = strcmp(x->path, y->path);

	return r != 0 ? r : (int)x->kind - (int)y->kind;
}

void
holes_add(struct holes *h, const char *path, enum hole_kind kind)
{
	char real[PATH_MAX];
	struct stat st;

	if (realpath(path, real) == NULL || stat(real, &st) == -1)
		return;
	for (size_t i = 0; i < h->count; i++) {
		if (h->v[i].kind == kind && strcmp(h->v[i].path, real) == 0)
			return;
	}
	h->v = xreallocarray(h->v, h->count + 1, sizeof *h->v);
	h->v[h->count++] = (struct hole){ .path = xstrdup(real), .kind = kind,
	    .dir = S_ISDIR(st.st_mode) };
	/* Outer ones first: a later mount over them would cover the inner. */
	qsort(h->v, h->count, sizeof *h->v, by_path);
}

void
holes_clear(struct holes *h)
{
	size_t i;

	for (i = 0; i < h->count; i++)
		free(h->v[i].path);
	free(h->v);
	h->v = NULL;
	h->count = 0;
}

static int
write_proc(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	size_t len = strlen(text);
	ssize_t n;

	if (fd == -1)
		return -1;
	n = write(fd, text, len);
	close(fd);
	return n == (ssize_t)len ? 0 : -1;
}

static int
new_namespaces(const struct holes *h)
{
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) == -1)
		return -1;
	/* An identity: files belong to whom they belonged. */
	if (write_proc("/proc/self/setgroups", "deny") == -1 ||
	    write_proc("/proc/self/uid_map", h->map_uid) == -1 ||
	    write_proc("/proc/self/gid_map", h->map_gid) == -1)
		return -1;
	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
}

/* A remount must repeat the flags that the outer namespace has locked. */
static unsigned long
locked_flags(const char *path)
{
	static const struct {
		unsigned long is, becomes;
	} flags[] = {
		{ ST_NOSUID, MS_NOSUID },
		{ ST_NODEV, MS_NODEV },
		{ ST_NOEXEC, MS_NOEXEC },
		{ ST_RDONLY, MS_RDONLY },
		{ ST_NOATIME, MS_NOATIME },
		{ ST_NODIRATIME, MS_NODIRATIME },
		{ ST_RELATIME, MS_RELATIME },
	};
	struct statvfs vfs;
	unsigned long out = 0;
	size_t i;

	if (statvfs(path, &vfs) == -1)
		return 0;
	for (i = 0; i < NELEM(flags); i++) {
		if (vfs.f_flag & flags[i].is)
			out |= flags[i].becomes;
	}
	return out;
}

static int
mount_hole(const struct hole *h)
{
	const unsigned long guard = MS_NOSUID | MS_NODEV | MS_NOEXEC;

	if (h->kind == HOLE_HIDDEN && h->dir)
		return mount("tmpfs", h->path, "tmpfs", guard | MS_RDONLY,
		    "mode=000,size=4k");
	if (h->kind == HOLE_HIDDEN)
		return mount("/dev/null", h->path, NULL, MS_BIND, NULL);
	if (mount(h->path, h->path, NULL, MS_BIND | MS_REC, NULL) == -1)
		return -1;
	if (h->kind == HOLE_PINNED)
		return 0;
	return mount(NULL, h->path, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY |
	    locked_flags(h->path), NULL);
}

int
holes_enter(const struct holes *h)
{
	char here[PATH_MAX];
	size_t i;

	if (new_namespaces(h) == -1)
		return -1;
	for (i = 0; i < h->count; i++) {
		/* Below a hidden folder there is nothing left to mount on. */
		if (mount_hole(&h->v[i]) == -1 && errno != ENOENT &&
		    errno != EACCES)
			return -1;
	}
	/* The working folder is still the one below the mounts. */
	if (getcwd(here, sizeof here) == NULL || chdir(here) == -1)
		return -1;
	return 0;
}

int
holes_drop_caps(void)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct none[2] = { { 0 } };

	if (prctl(PR_SET_SECUREBITS, SECBIT_NOROOT | SECBIT_NOROOT_LOCKED |
	    SECBIT_NO_SETUID_FIXUP | SECBIT_NO_SETUID_FIXUP_LOCKED, 0, 0,
	    0) == -1)
		return -1;
	return (int)syscall(SYS_capset, &head, none);
}

bool
holes_possible(void)
{
	struct holes h;
	int status;
	pid_t pid;

	holes_init(&h);
	pid = fork();
	if (pid == 0)
		_exit(holes_enter(&h) == 0 && mount("tmpfs", "/", "tmpfs",
		    MS_RDONLY, NULL) == 0 ? 0 : 1);
	if (pid == -1)
		return false;
	while (waitpid(pid, &status, 0) == -1) {
		if (errno != EINTR)
			return false;
	}
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
