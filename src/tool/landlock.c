/* SPDX-License-Identifier: GPL-3.0-or-later */
/* landlock.c - writing only below named folders, by the kernel's Landlock */

/*
 * The constants are our own, for the headers of the machine that builds may
 * be older than the kernel of the machine that runs.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/err.h"
#include "tool/sandbox_priv.h"

enum {
	CALL_CREATE = 444,	/* the same number on every architecture */
	CALL_ADD_RULE = 445,
	CALL_RESTRICT = 446,
	GET_VERSION = 1,
	RULE_PATH_BENEATH = 1,
};

enum {
	FS_WRITE_FILE = 1 << 1,
	FS_REMOVE_DIR = 1 << 4,
	FS_REMOVE_FILE = 1 << 5,
	FS_MAKE_CHAR = 1 << 6,
	FS_MAKE_DIR = 1 << 7,
	FS_MAKE_REG = 1 << 8,
	FS_MAKE_SOCK = 1 << 9,
	FS_MAKE_FIFO = 1 << 10,
	FS_MAKE_BLOCK = 1 << 11,
	FS_MAKE_SYM = 1 << 12,
	FS_REFER = 1 << 13,
	FS_TRUNCATE = 1 << 14,
	FS_IOCTL_DEV = 1 << 15,

	NET_BIND_TCP = 1 << 0,
	NET_CONNECT_TCP = 1 << 1,

	SCOPE_ABSTRACT_UNIX = 1 << 0,
	SCOPE_SIGNAL = 1 << 1,
};

struct ruleset_attr {
	uint64_t fs;
	uint64_t net;		/* ABI 4 */
	uint64_t scoped;	/* ABI 6 */
};

struct path_attr {
	uint64_t allowed;
	int32_t fd;
} __attribute__((packed));

/* what each ABI added */
static const struct {
	int abi;
	uint64_t fs;
} added[] = {
	{ 1, FS_WRITE_FILE | FS_REMOVE_DIR | FS_REMOVE_FILE | FS_MAKE_CHAR |
	    FS_MAKE_DIR | FS_MAKE_REG | FS_MAKE_SOCK | FS_MAKE_FIFO |
	    FS_MAKE_BLOCK | FS_MAKE_SYM },
	{ 2, FS_REFER },
	{ 3, FS_TRUNCATE },
	{ 5, FS_IOCTL_DEV },
};

/* devices that take what is written and keep nothing */
static const char *const sinks[] = {
	"/dev/null", "/dev/zero", "/dev/full", "/dev/tty", "/dev/ptmx",
	"/dev/pts", NULL,
};

int
landlock_abi(void)
{
	long n = syscall(CALL_CREATE, NULL, (size_t)0, GET_VERSION);

	return n < 0 ? 0 : (int)n;
}

static uint64_t
fs_rights(int abi)
{
	uint64_t rights = 0;
	size_t i;

	for (i = 0; i < NELEM(added); i++) {
		if (abi >= added[i].abi)
			rights |= added[i].fs;
	}
	return rights;
}

static size_t
attr_size(int abi)
{
	if (abi >= 6)
		return 24;
	return abi >= 4 ? 16 : 8;
}

/* Let what is below path be written. A path that is not there is no error. */
static int
allow(int ruleset, const char *path, uint64_t rights)
{
	struct path_attr attr = { .allowed = rights };
	struct stat st;
	long r;

	attr.fd = open(path, O_PATH | O_CLOEXEC);
	if (attr.fd == -1)
		return errno == ENOENT ? 0 : -1;
	if (fstat(attr.fd, &st) == 0 && !S_ISDIR(st.st_mode))
		attr.allowed &= FS_WRITE_FILE | FS_TRUNCATE | FS_IOCTL_DEV;
	r = syscall(CALL_ADD_RULE, ruleset, RULE_PATH_BENEATH, &attr, 0);
	close(attr.fd);
	return (int)r;
}

int
landlock_open(const struct landlock_opts *opts, struct err *e)
{
	struct ruleset_attr attr = { .fs = fs_rights(opts->abi) };
	size_t i;
	int fd;

	if (!opts->network)
		attr.net = NET_BIND_TCP | NET_CONNECT_TCP;
	attr.scoped = SCOPE_ABSTRACT_UNIX | SCOPE_SIGNAL;
	fd = (int)syscall(CALL_CREATE, &attr, attr_size(opts->abi), 0);
	if (fd == -1)
		return err_errno(e, ERR_FAILED, errno, "cannot use Landlock");
	for (i = 0; sinks[i] != NULL; i++) {
		if (allow(fd, sinks[i], attr.fs & (FS_WRITE_FILE |
		    FS_TRUNCATE | FS_IOCTL_DEV)) == -1)
			goto failed;
	}
	for (i = 0; opts->writable[i] != NULL; i++) {
		if (allow(fd, opts->writable[i],
		    attr.fs & ~(uint64_t)(FS_MAKE_CHAR | FS_MAKE_BLOCK |
		    FS_IOCTL_DEV)) == -1)
			goto failed;
	}
	return fd;
failed:
	err_errno(e, ERR_FAILED, errno, "cannot make a Landlock rule");
	close(fd);
	return -1;
}

int
landlock_enter(int fd)
{
	return (int)syscall(CALL_RESTRICT, fd, 0);
}
