/* SPDX-License-Identifier: GPL-3.0-or-later */
/* leftover.h - files of a session that are beside the database */

/*
 * Rules that hold for one session (remember.h) and outputs that were too long
 * for the model. They go when the session does, and those of the sessions of
 * its sub-agents with them.
 */

#ifndef AGENT_LEFTOVER_H
#define AGENT_LEFTOVER_H

struct store;

/* Before the session is removed from the store. What cannot be removed is
 * only logged. */
void	leftover_remove(struct store *st, const char *id);
/* Of all sessions: the store was only in memory. */
void	leftover_remove_all(struct store *st);
/*
 * Sessions of a store in memory that was killed have left theirs behind. Such
 * a process holds the lock (-1: it cannot be had) until it ends; the next that
 * opens a store on disk removes what no session owns, if nobody holds it.
 */
int	leftover_hold(void);
void	leftover_sweep(struct store *st);
/* The folder for long outputs; caller frees. */
char	*leftover_outputs(const char *id);

#endif
