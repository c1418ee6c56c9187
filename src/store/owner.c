/* SPDX-License-Identifier: GPL-3.0-or-later */
/* owner.c - the right to write into one session */

/* config.h turns on what POSIX has got since: F_OFD_SETLK */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "store/store_priv.h"

/*
 * Who holds the lock of RUN_DIR/SESSION.lock is alive: the system gives it
 * back when a process ends, however that happens. It is a lock of the open
 * file (F_OFD_SETLK), as flock(2) makes, but one that others can ask for
 * without taking it for a moment, in which the owner to be would fail.
 *
 * The lock can be had twice, when the file was deleted under us. Then the
 * epoch decides: whoever claimed last may write. It is compared at the first
 * change after somebody else has committed, and as a transaction holds the
 * database's write lock until its own commit, this is as good as comparing at
 * the commit, but hits only the session concerned.
 *
 * The row's heads, size and updatedAt are for lists. They are written at most
 * once a second and when the session is given back; the numbers go on from
 * the records.
 */

enum { TOUCH_MS = 1000 };

static char *
lock_path(const struct store *st, const char *id)
{
	return xasprintf("%s/%s.lock", st->run_dir, id);
}

/* The file that has the name now is the one that was locked. */
static bool
same_file(int fd, const char *path)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && stat(path, &b) == 0 &&
	    a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* NFS without its lock daemon, and file systems that know no locks. */
int
store_lock_failed(const char *path, int errnum, struct err *e)
{
	err_errno(e, ERR_IO, errnum, "cannot lock %s", path);
	return err_hint(e, "files there cannot be locked, as on some network "
	    "file systems: set CHATD_HOME to a folder on a local disk");
}

/* 1: ours, 0: somebody else's, -1: error. */
static int
lock_take(const char *path, int *fd, struct err *e)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	for (;;) {
		*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		if (*fd == -1)
			return err_errno(e, ERR_IO, errno, "cannot open %s",
			    path);
		if (fcntl(*fd, F_OFD_SETLK, &lock) == -1)
			break;
		if (same_file(*fd, path))
			return 1;
		close(*fd);	/* its last owner removed it just now */
	}
	if (errno != EAGAIN && errno != EACCES)
		store_lock_failed(path, errno, e);
	close(*fd);
	*fd = -1;
	return err_is_set(e) ? -1 : 0;
}

static bool
lock_is_held(const char *path)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = open(path, O_RDWR | O_CLOEXEC), r;

	if (fd == -1)
		return false;
	r = fcntl(fd, F_OFD_GETLK, &lock);
	close(fd);
	return r == 0 && lock.l_type != F_UNLCK;
}

/* Removed while it is locked, so that nobody else locks the old file. */
static void
lock_drop(struct owned *own)
{
	char *path;

	if (own->lock == -1)
		return;
	path = lock_path(own->store, own->id);
	if (same_file(own->lock, path))
		unlink(path);
	free(path);
	close(own->lock);
	own->lock = -1;
}

/* Asked at the start, before anything is made that nobody could own. */
int
owned_try(struct store *st, struct err *e)
{
	char *path;
	int fd, r;

	if (st->run_dir == NULL)
		return 0;
	path = lock_path(st, "try");
	r = lock_take(path, &fd, e);
	if (r != 0)
		unlink(path);
	if (r == 1)
		close(fd);
	free(path);
	return r == -1 ? -1 : 0;
}

bool
owned_elsewhere(struct store *st, int64_t row, const char *id)
{
	char *path;
	bool held;

	if (st->run_dir == NULL || owned_find(st, row) != NULL)
		return false;
	path = lock_path(st, id);
	held = lock_is_held(path);
	free(path);
	return held;
}

struct owned *
owned_find(struct store *st, int64_t row)
{
	struct owned *own;

	LIST_FOREACH(own, &st->by_row[(uint64_t)row % STORE_BUCKETS], bucket)
		if (own->row == row)
			return own;
	return NULL;
}

static void
describe(const struct store *st, struct owner *who)
{
	memset(who, 0, sizeof *who);
	who->pid = getpid();
	snprintf(who->socket, sizeof who->socket, "%s",
	    st->socket == NULL ? "" : st->socket);
}

void
owned_free(struct owned *own)
{
	int i;

	channel_release_sides(own);
	for (i = 0; i < STORE_DIRS; i++)
		channel_close(own->channels[i]);
	lock_drop(own);
	if (own->is_touched)
		LIST_REMOVE(own, touch);
	if (own->is_grown)
		LIST_REMOVE(own, growth);
	TAILQ_REMOVE(&own->store->owned, own, entry);
	LIST_REMOVE(own, bucket);
	free(own);
}

/* epochs */

static void
ungrow(struct owned *own)
{
	if (own->is_grown)
		LIST_REMOVE(own, growth);
	own->is_grown = false;
}

static int
lose(struct owned *own, struct err *e)
{
	own->lost = true;
	ungrow(own);
	return err_set(e, ERR_CONFLICT, "%s: another chatd has taken it over",
	    own->id);
}

static int
claim(struct owned *own, struct err *e)
{
	struct store *st = own->store;
	struct owner who;
	int i, r;

	describe(st, &who);
	r = st->ops->claim(st->db, own->row, &who, &own->epoch, e);
	if (r != 1)
		return r == 0 ? lose(own, e) : -1;
	own->claimed = st->serial;
	for (i = 0; i < STORE_DIRS; i++)
		if (channel_load(own->channels[i], e) == -1)
			return -1;
	return 0;
}

static void
touch(struct owned *own)
{
	if (!own->is_touched)
		LIST_INSERT_HEAD(&own->store->touched, own, touch);
	own->is_touched = true;
}

int
owned_touch(struct owned *own, struct err *e)
{
	struct store *st = own->store;
	int64_t epoch = 0;
	int r = 1;

	if (own->lost)
		return lose(own, e);
	if (store_begin(st, e) == -1)
		return -1;
	touch(own);
	if (own->checked == st->changes)
		return 0;
	if (own->epoch == 0)
		r = claim(own, e) == -1 ? -1 : 1;
	else if ((r = st->ops->epoch(st->db, own->row, &epoch, e)) != -1 &&
	    (r == 0 || epoch != own->epoch))
		return lose(own, e);
	if (r == -1)
		return -1;
	own->checked = st->changes;
	return 0;
}

int
owned_work(struct owned *own, struct err *e)
{
	struct store *st = own->store;

	if (own->works)
		return 0;
	if (st->ops->set_work(st->db, own->row, true, e) == -1)
		return -1;
	own->works = true;
	return 0;
}

int
store_work_done(struct owned *own, struct err *e)
{
	struct store *st = own->store;

	if (owned_touch(own, e) == -1)
		return -1;
	own->works = false;
	return st->ops->set_work(st->db, own->row, false, e);
}

int
store_work(struct store *st, int64_t after, struct item *out, struct err *e)
{
	int64_t row = after;
	int r = st->ops->work(st->db, after, &row, e);

	if (r == 1)
		r = st->ops->get(st->db, row, out, e);
	if (r == 1)
		store_finish_item(st, out);
	return r;
}

void
owned_grew(struct owned *own, int64_t bytes)
{
	own->new_bytes += bytes;
	if (!own->is_grown)
		LIST_INSERT_HEAD(&own->store->grown, own, growth);
	own->is_grown = true;
}

static int
flush_one(struct owned *own, int64_t now, struct err *e)
{
	struct store *st = own->store;
	struct store_heads heads;
	int i;

	for (i = 0; i < STORE_DIRS; i++) {
		heads.head[i] = own->channels[i]->next;
		heads.time[i] = own->channels[i]->next_time;
	}
	own->touched = now;
	own->flushed = true;
	touch(own);
	if (own->reader != NULL && st->ops->set_cursor(st->db, own->row,
	    own->reader, own->cursor, e) == -1)
		return -1;
	return st->ops->set_heads(st->db, own->row, &heads,
	    own->bytes + own->new_bytes, now, e);
}

int
owned_flush(struct store *st, struct err *e)
{
	int64_t now = clock_ms();
	struct owned *own;

	LIST_FOREACH(own, &st->grown, growth) {
		if (own->lost || own->flushed || (own->refs > 0 &&
		    now - own->touched < TOUCH_MS && now >= own->touched))
			continue;
		if (flush_one(own, now, e) == -1)
			return -1;
	}
	return 0;
}

void
owned_removed(struct owned *own)
{
	ungrow(own);
	own->bytes = own->new_bytes = 0;
}

/* A claim that was rolled back is made again by the next change. */
static void
settle_one(struct owned *own, bool committed)
{
	if (committed)
		own->bytes = own->flushed ? 0 : own->bytes + own->new_bytes;
	own->new_bytes = 0;
	if (committed && own->flushed) {
		own->reader = NULL;
		ungrow(own);
	}
	own->flushed = false;
	channel_release_sides(own);
	if (committed)
		return;
	own->touched = 0;
	own->works = false;
	if (own->claimed == own->store->serial)
		own->epoch = 0;
	own->checked = 0;
}

void
owned_settle(struct store *st, bool committed)
{
	struct owned *own;

	while ((own = LIST_FIRST(&st->touched)) != NULL) {
		LIST_REMOVE(own, touch);
		own->is_touched = false;
		settle_one(own, committed);
		if (own->refs == 0)
			owned_free(own);
	}
}

/* owning */

static struct owned *
owned_new(struct store *st, int64_t row, const char *id)
{
	struct owned *own = xcalloc(1, sizeof *own);

	own->store = st;
	own->row = row;
	own->refs = 1;
	own->lock = -1;
	SLIST_INIT(&own->sides);
	snprintf(own->id, sizeof own->id, "%s", id);
	TAILQ_INSERT_TAIL(&st->owned, own, entry);
	LIST_INSERT_HEAD(&st->by_row[(uint64_t)row % STORE_BUCKETS], own,
	    bucket);
	return own;
}

static int
open_channels(struct owned *own, struct err *e)
{
	int i;

	for (i = 0; i < STORE_DIRS; i++) {
		own->channels[i] = channel_open(own->store, own->row,
		    (enum channel_dir)i, e);
		if (own->channels[i] == NULL)
			return -1;
	}
	return 0;
}

static int
lock_session(struct owned *own, struct owner *other, struct err *e)
{
	struct store *st = own->store;
	struct err local = ERR_INIT;
	char *path;
	int r;

	if (st->run_dir == NULL)
		return 0;
	path = lock_path(st, own->id);
	r = lock_take(path, &own->lock, &local);
	free(path);
	if (r == 1)
		return 0;
	if (r == 0 && st->ops->owner(st->db, own->row, other, &local) == 1 &&
	    other->pid != 0)
		err_set(&local, ERR_CONFLICT, "%s belongs to process %lld",
		    own->id, (long long)other->pid);
	else if (r == 0)
		err_set(&local, ERR_CONFLICT, "%s belongs to another process",
		    own->id);
	if (e != NULL && !err_is_set(e))
		*e = local;
	return -1;
}

/* Given back in the open transaction, and wanted again. */
static int
revive(struct owned *own, struct err *e)
{
	struct store *st = own->store;
	struct owner who;

	describe(st, &who);
	if (owned_touch(own, e) == -1 ||
	    st->ops->set_owner(st->db, own->row, &who, e) == -1)
		return -1;
	return 0;
}

int
store_own(struct store *st, int64_t row, struct owned **mine,
    struct owner *other, struct err *e)
{
	struct owned *own = owned_find(st, row);
	struct owner who = { 0 };
	struct item it;
	int r;

	if (own != NULL) {
		if (own->lost)
			return lose(own, e);
		if (own->refs == 0 && revive(own, e) == -1)
			return -1;
		own->refs++;
		*mine = own;
		return 0;
	}
	r = st->ops->get(st->db, row, &it, e);
	if (r != 1)
		return r == 0 ? err_set(e, ERR_NOT_FOUND, "no such session") :
		    -1;
	own = owned_new(st, row, it.id);
	item_clear(&it);
	if (lock_session(own, other == NULL ? &who : other, e) == -1 ||
	    open_channels(own, e) == -1 || owned_touch(own, e) == -1) {
		owned_free(own);
		return -1;
	}
	*mine = own;
	return 0;
}

/*
 * The lock is given back when what was changed is durable: an owner after us
 * must find it.
 */
void
store_disown(struct owned *own)
{
	struct store *st;
	struct owner nobody = { 0 };
	struct err e = ERR_INIT;

	if (own == NULL || --own->refs > 0)
		return;
	st = own->store;
	/* a row that still names us says nothing without the lock */
	if (!own->lost && (owned_touch(own, &e) == -1 ||
	    st->ops->set_owner(st->db, own->row, &nobody, &e) == -1))
		log_msg(LOG_STORE, LOG_WARN, "%s: %s", own->id, e.text);
	if (!st->open)
		owned_free(own);
	else
		touch(own);
}

int
store_owner(struct store *st, int64_t row, struct owner *out)
{
	struct owned *own = owned_find(st, row);
	struct owner who = { 0 };
	struct item it;
	bool alive;

	if (own != NULL && own->refs > 0 && !own->lost) {
		describe(st, out);
		return 0;
	}
	if (st->ops->get(st->db, row, &it, NULL) != 1)
		return -1;
	alive = owned_elsewhere(st, row, it.id);
	item_clear(&it);
	if (!alive || st->ops->owner(st->db, row, &who, NULL) != 1)
		return -1;
	*out = who;
	return 0;
}

void
store_set_socket(struct store *st, const char *path)
{
	struct err e = ERR_INIT;
	struct owned *own;
	struct owner who;

	str_replace(&st->socket, path);
	describe(st, &who);
	TAILQ_FOREACH(own, &st->owned, entry)
		if (!own->lost && (owned_touch(own, &e) == -1 ||
		    st->ops->set_owner(st->db, own->row, &who, &e) == -1))
			log_msg(LOG_STORE, LOG_WARN, "%s: %s", own->id,
			    e.text);
}
