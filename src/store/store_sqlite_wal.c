/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store_sqlite_wal.c - the write-ahead log of a commit in few system calls */

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "base/mem.h"
#include "store/store_sqlite_wal.h"

/* SQLite's unixWrite() takes 128 KiB for nothing at all (& 0x1ffff), and says
 * that the disk is full. */
enum { GATHER_MAX = 128 * 1024 - 1 };

/* The file of the system's own VFS stands right behind it. */
struct gather {
	sqlite3_file file;	/* first: SQLite knows only this */
	sqlite3_file *below;
	bool on;		/* a COMMIT is under way */
	char *data;		/* GATHER_MAX bytes once there are any */
	size_t len;
	sqlite3_int64 at;	/* where in the file the first belongs */
};

static struct gather *
of(sqlite3_file *f)
{
	return (struct gather *)(void *)f;
}

/* What cannot be written is given up: SQLite takes the commit back. */
static int
flush(struct gather *g)
{
	int len = (int)g->len;

	g->len = 0;
	if (len == 0)
		return SQLITE_OK;
	return g->below->pMethods->xWrite(g->below, g->data, len, g->at);
}

static int
gather_close(sqlite3_file *f)
{
	struct gather *g = of(f);

	free(g->data);
	g->data = NULL;
	return g->below->pMethods->xClose(g->below);
}

static int
gather_read(sqlite3_file *f, void *to, int len, sqlite3_int64 at)
{
	struct gather *g = of(f);
	int rc = flush(g);

	return rc != SQLITE_OK ? rc :
	    g->below->pMethods->xRead(g->below, to, len, at);
}

static int
gather_write(sqlite3_file *f, const void *from, int len, sqlite3_int64 at)
{
	struct gather *g = of(f);
	int rc = SQLITE_OK;

	if (at != g->at + (sqlite3_int64)g->len ||
	    (size_t)len > GATHER_MAX - g->len)
		rc = flush(g);
	if (rc != SQLITE_OK)
		return rc;
	if (!g->on || len > GATHER_MAX)
		return g->below->pMethods->xWrite(g->below, from, len, at);
	if (g->data == NULL)
		g->data = xmalloc(GATHER_MAX);
	if (g->len == 0)
		g->at = at;
	memcpy(g->data + g->len, from, (size_t)len);
	g->len += (size_t)len;
	return SQLITE_OK;
}

static int
gather_truncate(sqlite3_file *f, sqlite3_int64 size)
{
	struct gather *g = of(f);
	int rc = flush(g);

	return rc != SQLITE_OK ? rc :
	    g->below->pMethods->xTruncate(g->below, size);
}

static int
gather_sync(sqlite3_file *f, int flags)
{
	struct gather *g = of(f);
	int rc = flush(g);

	return rc != SQLITE_OK ? rc :
	    g->below->pMethods->xSync(g->below, flags);
}

static int
gather_size(sqlite3_file *f, sqlite3_int64 *size)
{
	struct gather *g = of(f);
	int rc = flush(g);

	return rc != SQLITE_OK ? rc :
	    g->below->pMethods->xFileSize(g->below, size);
}

static int
gather_lock(sqlite3_file *f, int lock)
{
	return of(f)->below->pMethods->xLock(of(f)->below, lock);
}

static int
gather_unlock(sqlite3_file *f, int lock)
{
	return of(f)->below->pMethods->xUnlock(of(f)->below, lock);
}

static int
gather_reserved(sqlite3_file *f, int *is)
{
	return of(f)->below->pMethods->xCheckReservedLock(of(f)->below, is);
}

static int
gather_control(sqlite3_file *f, int op, void *arg)
{
	struct gather *g = of(f);
	int rc = flush(g);

	return rc != SQLITE_OK ? rc :
	    g->below->pMethods->xFileControl(g->below, op, arg);
}

static int
gather_sector(sqlite3_file *f)
{
	return of(f)->below->pMethods->xSectorSize(of(f)->below);
}

static int
gather_traits(sqlite3_file *f)
{
	return of(f)->below->pMethods->xDeviceCharacteristics(of(f)->below);
}

/* Nothing but a main database is asked for more than version 1. */
static const sqlite3_io_methods methods = {
	.iVersion = 1,
	.xClose = gather_close,
	.xRead = gather_read,
	.xWrite = gather_write,
	.xTruncate = gather_truncate,
	.xSync = gather_sync,
	.xFileSize = gather_size,
	.xLock = gather_lock,
	.xUnlock = gather_unlock,
	.xCheckReservedLock = gather_reserved,
	.xFileControl = gather_control,
	.xSectorSize = gather_sector,
	.xDeviceCharacteristics = gather_traits,
};

static int
gather_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags,
    int *out_flags)
{
	sqlite3_vfs *below = vfs->pAppData;
	struct gather *g = of(f);
	int rc;

	if (!(flags & SQLITE_OPEN_WAL))
		return below->xOpen(below, name, f, flags, out_flags);
	memset(g, 0, sizeof(*g));
	g->below = (sqlite3_file *)(void *)(g + 1);
	rc = below->xOpen(below, name, g->below, flags, out_flags);
	if (rc == SQLITE_OK)
		f->pMethods = &methods;
	return rc;
}

void
sq_wal_gather(sqlite3 *db, bool on)
{
	sqlite3_file *f = NULL;

	/* in WAL mode what SQLite calls its journal is the log */
	if (sqlite3_file_control(db, NULL, SQLITE_FCNTL_JOURNAL_POINTER,
	    &f) != SQLITE_OK || f == NULL || f->pMethods != &methods)
		return;
	/* without this trait SQLite writes on after it has synced */
	of(f)->on = on && (gather_traits(f) &
	    SQLITE_IOCAP_POWERSAFE_OVERWRITE) != 0;
	/* a commit that went well has left nothing, one that failed what
	 * is not to be written: the lock is gone, others may write there */
	of(f)->len = 0;
}

/* A copy of the system's own, whose other functions do not ask who they are;
 * SQLite keeps it in its list for as long as the process lives. */
const char *
sq_wal_vfs(void)
{
	static sqlite3_vfs vfs;
	sqlite3_vfs *below;

	if (vfs.zName != NULL)
		return vfs.zName;
	below = sqlite3_vfs_find(NULL);
	if (below == NULL)
		return NULL;
	vfs = *below;
	vfs.zName = "chatd";
	vfs.pNext = NULL;
	vfs.pAppData = below;
	vfs.szOsFile += (int)sizeof(struct gather);
	vfs.xOpen = gather_open;
	if (sqlite3_vfs_register(&vfs, 0) != SQLITE_OK)
		vfs.zName = NULL;
	return vfs.zName;
}
