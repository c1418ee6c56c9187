/* SPDX-License-Identifier: GPL-3.0-or-later */
/* proc.h - who lives, and starting others */

#ifndef BASE_PROC_H
#define BASE_PROC_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/attr.h"

struct err;

/* Is there a process pid that runs? (EPERM counts as yes.) */
bool	proc_alive(pid_t pid);
/*
 * Start argv in the background: a session of its own, standard descriptors on
 * /dev/null, no others open. The child's last error comes back through e; -1
 * if it could not be started. pid (may be NULL) gets its process id.
 */
int	proc_spawn_background(const char *path, char *const argv[],
	    pid_t *pid, struct err *e) ATTR_MUST_USE;
/* The path of the running program. Caller frees. */
char	*proc_self(void);

#endif
