/* SPDX-License-Identifier: GPL-3.0-or-later */
/* guard.h - a parent that gives the terminal back whatever happens */

/*
 * guard_start() forks: the child goes on as the program; the parent, small
 * because nothing was loaded yet, waits for it. When a signal ended the
 * child (a crash, kill -9), the parent puts the terminal back into the state
 * it had; what the child wrote to stderr meanwhile is shown then. It ends as
 * the child did, so that a shell sees no difference.
 */

#ifndef UI_GUARD_H
#define UI_GUARD_H

/* Returns in the child (or, if it cannot fork, in the only process). */
void	guard_start(int tty);

#endif
