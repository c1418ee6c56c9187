/* SPDX-License-Identifier: GPL-3.0-or-later */
/* child.h - a program that a tool started, within the loop */

/*
 * A child has a session (and so a process group) of its own, no descriptors
 * but the three, no controlling terminal, and an environment without our keys.
 * It ends with us. When it has ended, its whole group is killed, what its
 * pipes still hold is handed out, and then comes on_exit(); the child is gone
 * after that. Callbacks come from the loop.
 */

#ifndef TOOL_CHILD_H
#define TOOL_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/attr.h"

struct child;
struct err;
struct event_base;
struct sandbox;

enum {
	CHILD_GRACE_MS = 2000,			/* between TERM and KILL */
	CHILD_INPUT_MAX = 64 * 1024 * 1024,	/* bytes it has yet to read */
};

struct child_opts {
	const char *const *argv;	/* argv[0] is looked for in PATH */
	const char *dir;		/* or NULL: ours */
	char *const *env;		/* or NULL: child_env() */
	const struct sandbox *sandbox;	/* or NULL */
	bool input;			/* a pipe; else /dev/null */
	bool merge;			/* stderr goes where stdout goes */
	/* what it has started ends with us, too: for what runs for a short
	 * while, since a process stands behind it that is a copy of us */
	bool keep;
	/* fd is 1 or 2 */
	void (*on_bytes)(int fd, const char *bytes, size_t len, void *arg);
	/* it has closed that one, or has ended; must not drop it. May be
	 * NULL */
	void (*on_eof)(int fd, void *arg);
	void (*on_exit)(int wait_status, void *arg);
	void *arg;
};

/* ERR_NOT_FOUND: no such program. */
struct child	*child_start(struct event_base *base,
		    const struct child_opts *opts, struct err *e)
		    ATTR_MUST_USE;
/* -1: it does not read, and too much waits for it. */
int		 child_write(struct child *c, const char *bytes, size_t len)
		    ATTR_MUST_USE;
/* End of file for it, after what was written. */
void		 child_end_input(struct child *c);
/* TERM to the group, KILL after CHILD_GRACE_MS; on_exit() comes as usual. */
void		 child_kill(struct child *c);
/* The same with no callback any more; it is reaped in the background. With
 * an ended input it first gets CHILD_GRACE_MS to go by itself. */
void		 child_drop(struct child *c);
/*
 * Without the loop, when our own process is about to end: its input is closed,
 * then it is waited for, then its group is ended. The child is gone after
 * child_finish(); no callback comes.
 */
void		 child_hang_up(struct child *c);
void		 child_finish(struct child *c, int ms);
/* The loop is about to go: what was dropped and has not ended has so long to
 * do so, all together. */
void		 child_end_dropped(struct event_base *base, int ms);

/*
 * Our environment without what looks like a key, and with extra ("NAME=value",
 * NULL-terminated, may be NULL). names: only these ("LC_*" is possible), or
 * NULL for all. One block: child_env_free().
 */
char		**child_env(const char *const *names,
		    const char *const *extra);
/* All of it, keys too: for what the user has told us to run himself. */
char		**child_env_whole(void);
void		  child_env_free(char **env);
/* "exit status 3", "killed by signal 9 (Killed)" */
struct buf;
void		  child_status_text(struct buf *b, int wait_status);

#endif
