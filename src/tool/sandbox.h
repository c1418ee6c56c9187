/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sandbox.h - what a tool's child may touch */

/*
 * Layers, each as far as the system has it (architecture.md 4):
 *
 *  - Landlock: writing only below the folders named; no TCP; no signals and
 *    no abstract sockets to the outside; no tracing of others.
 *  - user and mount namespaces: read-only holes in writable folders
 *    (.git/hooks, .chatd, shell start files), and paths that cannot be read.
 *  - seccomp: no sockets (local ones never, for chatd's own socket, the
 *    session bus and others give away the machine), no mounts, no new
 *    namespaces, no io_uring (which passes filters by).
 *  - no-new-privs, no capabilities, resource limits.
 *
 * A sandbox is made once and entered by each child after fork(). A child that
 * cannot enter does not run.
 */

#ifndef TOOL_SANDBOX_H
#define TOOL_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

struct buf;
struct err;
struct sandbox;

enum sandbox_mode {
	SANDBOX_READ_ONLY,
	SANDBOX_WORKSPACE_WRITE,
	SANDBOX_OFF,
};

struct sandbox_opts {
	enum sandbox_mode mode;
	bool network;
	const char *dir;		/* the workspace */
	const char *tmp;		/* TMPDIR of children, or NULL */
	const char *const *writable;	/* more folders, or NULL */
	const char *const *fixed;	/* more paths never written, or NULL */
	const char *const *hidden;	/* paths never read, or NULL */
};

/* How much of it is in force. */
enum sandbox_hold {
	SANDBOX_HOLDS_NOT,
	/* Writing and the network, but no path within a writable folder, and
	 * none from being read: namespaces are refused, as in containers. */
	SANDBOX_HOLDS_WRITES,
	SANDBOX_HOLDS_ALL,
	SANDBOX_UNWANTED,	/* SANDBOX_OFF */
};

struct sandbox_layers {
	int landlock;		/* ABI, 0: none */
	bool namespaces;
	bool seccomp;
};

/* "read-only" and the like; -1 if it is no mode. */
int	sandbox_mode_by_name(const char *name);
const char *sandbox_mode_name(enum sandbox_mode mode);

/*
 * Copies everything. Makes .chatd and .git/hooks where they are missing and
 * would have to be guarded; sandbox_free() takes them away again. NULL and
 * ERR_CONFIG where the system has neither Landlock nor namespaces, for then
 * nothing would hold a child.
 */
struct sandbox	*sandbox_new(const struct sandbox_opts *opts, struct err *e)
		    ATTR_MUST_USE;
void		 sandbox_free(struct sandbox *sb);
enum sandbox_hold	sandbox_holds(const struct sandbox *sb);
const char	*sandbox_tmp(const struct sandbox *sb);	/* or NULL */

/*
 * In the child, between fork() and exec(); calls nothing but the kernel. -1
 * with errno, and *what names the step that failed.
 */
int	sandbox_enter(const struct sandbox *sb, const char **what)
	    ATTR_MUST_USE;

/*
 * Could a child in this mode, with this workspace (symlinks resolved), write
 * the file? A tool of our own that only a mode allows gets no further. path
 * is resolved too (realname.h).
 */
bool	sandbox_reaches(enum sandbox_mode mode, const char *dir,
	    const char *path);
/* Keys, tokens and what was said in other sessions: not even to be read. */
bool	sandbox_hides(const char *path);

/* What this system has, tried out; and in words for doctor. */
void	sandbox_probe(struct sandbox_layers *out);
void	sandbox_describe(struct buf *out);

#endif
