/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store_sqlite_wal.h - the write-ahead log of a commit in few system calls */

/*
 * SQLite writes each page of a commit to its log with two calls, the frame's
 * head and the page. With many writers, each on pages of its own, these were
 * most of what a commit cost beside its fsync. This VFS is the system's own
 * but for the log: what a COMMIT writes there one after the other is kept (at
 * most 128 KiB) and written whole when SQLite syncs, reads or asks anything.
 * With synchronous=FULL that is before a commit is told to anyone.
 *
 * Outside of COMMIT nothing is kept: pages that a large transaction writes
 * early may be taken back, and would then be written over what another
 * process has put there meanwhile.
 */

#ifndef STORE_STORE_SQLITE_WAL_H
#define STORE_STORE_SQLITE_WAL_H

#include <stdbool.h>

#include <sqlite3.h>

/* The name for sqlite3_open_v2(), or NULL: use the default. */
const char	*sq_wal_vfs(void);
/* Right before COMMIT, and right behind it whatever came of it. */
void	sq_wal_gather(sqlite3 *db, bool on);

#endif
