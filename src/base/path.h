/* SPDX-License-Identifier: GPL-3.0-or-later */
/* path.h - where chatd keeps its files (cli.md 8) */

/*
 * Paths returned as char * are the caller's to free. With CHATD_HOME all
 * folders lie below it: config/, data/, run/, state/.
 */

#ifndef BASE_PATH_H
#define BASE_PATH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

struct err;

char	*path_config(const char *name);	/* $XDG_CONFIG_HOME/chatd/NAME */
char	*path_data(const char *name);
char	*path_state(const char *name);
/* Sockets and locks: $XDG_RUNTIME_DIR/chatd, else a folder of mode 0700 below
 * the temporary directory. It is made and checked (owner, mode). */
char	*path_runtime(const char *name, struct err *e) ATTR_MUST_USE;
/* Make the folder and those above it, mode 0700. */
int	 path_make(const char *dir, struct err *e) ATTR_MUST_USE;
int	 path_make_parent(const char *file, struct err *e) ATTR_MUST_USE;
char	*path_join(const char *dir, const char *name);
/* The working directory, symlinks resolved. */
char	*path_cwd(struct err *e) ATTR_MUST_USE;
/* "~/x" opened out. */
char	*path_expand(const char *path);
bool	 path_exists(const char *path);
/* How much of dir is the root of the git repository it lies in; all of it
 * when it lies in none. */
size_t	 path_project_len(const char *dir);
/* Write by a temporary file, fsync and rename; mode as given. A symlink stays
 * and its target is replaced; what is no regular file (a device, a FIFO) is
 * written to. */
int	 path_write_whole(const char *path, const void *data, size_t len,
	    int mode, struct err *e) ATTR_MUST_USE;
/* The same for what is a plain file or nothing, without a look at what it is:
 * a symlink is replaced. Messages name it as shown says. */
int	 path_replace(const char *path, const char *shown, const void *data,
	    size_t len, int mode, struct err *e) ATTR_MUST_USE;

#endif
