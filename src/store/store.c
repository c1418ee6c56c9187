/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store.c - the open transaction, its commit, and who hears of it */

#include <event2/event.h>
#include <stdlib.h>
#include <sys/time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "store/store_priv.h"

/*
 *	change ──► store_begin ──► commit_event (last of the pass)
 *	                      └──► late_event (4 ms)   │
 *	                                               ▼
 *	   store_commit ◄──────────────────── commit: write heads, commit
 *	                                               │ heads move, or all is
 *	                                               ▼ read again
 *	                                      wake_event (first of the next
 *	                                      pass): calls, then readers
 *
 * Everybody is told from the loop, never from within the change or the
 * commit of somebody else.
 */

static const struct timeval tidy_after = { 1, 0 };

/* Everybody who waits has been told when this returns. */
static void
tell(struct store *st)
{
	struct store_call *call;

	while ((call = TAILQ_FIRST(&st->done)) != NULL) {
		TAILQ_REMOVE(&st->done, call, entry);
		call->fn(call->e, call->arg);
		free(call->e);
		free(call);
	}
	while (channel_call_one(st))
		continue;
}

void
store_wake(struct store *st)
{
	if (st->wake_event != NULL)
		event_active(st->wake_event, EV_TIMEOUT, 0);
}

static void
wake_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	tell(arg);
}

static void
tidy_cb(evutil_socket_t fd, short what, void *arg)
{
	struct store *st = arg;

	(void)fd;
	(void)what;
	if (st->open)
		return;
	if (LIST_EMPTY(&st->grown))
		st->ops->tidy(st->db);
	else if (!store_ready(st))
		evtimer_add(st->tidy_event, &tidy_after);
	else if (store_begin(st, NULL) == -1)	/* its commit writes them */
		log_msg(LOG_STORE, LOG_WARN, "sizes are not written down");
}

static void
commit_cb(evutil_socket_t fd, short what, void *arg)
{
	struct store *st = arg;
	struct err e = ERR_INIT;

	(void)fd;
	(void)what;
	/* those who wait are told; here nobody does */
	if (store_commit(st, &e) == -1)
		log_msg(LOG_STORE, LOG_ERROR, "commit: %s", e.text);
}

/* opening */

static struct event *
make_event(struct event_base *base, int priority, event_callback_fn fn,
    struct store *st)
{
	struct event *ev = event_new(base, -1, 0, fn, st);
	int last = event_base_get_npriorities(base) - 1;

	if (ev == NULL)
		fatal(__func__, "event_new");
	(void)event_priority_set(ev, priority < last ? priority : last);
	return ev;
}

static void
make_events(struct store *st, struct event_base *base)
{
	if (base == NULL)
		return;		/* a command that has no loop commits itself */
	st->commit_event = make_event(base, 2, commit_cb, st);
	st->late_event = make_event(base, 0, commit_cb, st);
	st->wake_event = make_event(base, 0, wake_cb, st);
	st->tidy_event = make_event(base, 2, tidy_cb, st);
}

static void
free_events(struct store *st)
{
	struct event **events[] = { &st->commit_event, &st->late_event,
	    &st->wake_event, &st->tidy_event };
	size_t i;

	for (i = 0; i < NELEM(events); i++) {
		if (*events[i] != NULL)
			event_free(*events[i]);
		*events[i] = NULL;
	}
}

/* In memory nobody else can own anything, so there is nothing to lock. */
static int
find_run_dir(struct store *st, const struct store_opts *opts, struct err *e)
{
	if (opts->path == NULL)
		return 0;
	if (opts->run_dir == NULL) {
		st->run_dir = path_runtime(NULL, e);
		return st->run_dir == NULL ? -1 : 0;
	}
	st->run_dir = xstrdup(opts->run_dir);
	return path_make(st->run_dir, e);
}

struct store *
store_open(const struct store_opts *opts, struct err *e)
{
	struct store *st = xcalloc(1, sizeof *st);

	st->ops = store_sqlite();
	st->changes = 1;
	TAILQ_INIT(&st->waiting);
	TAILQ_INIT(&st->done);
	TAILQ_INIT(&st->owned);
	TAILQ_INIT(&st->woken);
	store_set_socket(st, opts->socket);
	if (find_run_dir(st, opts, e) == 0 && owned_try(st, e) == 0)
		st->db = st->ops->open(opts->path, e);
	if (st->db == NULL) {
		free(st->run_dir);
		free(st->socket);
		free(st);
		return NULL;
	}
	make_events(st, opts->base);
	return st;
}

/* Channels may outlive the store; they are empty then. */
static void
forget_channels(struct store *st)
{
	struct channel *ch;
	size_t i;

	for (i = 0; i < STORE_BUCKETS; i++)
		while ((ch = LIST_FIRST(&st->channels[i])) != NULL) {
			LIST_REMOVE(ch, entry);
			channel_unchange(ch);
			ch->store = NULL;
		}
	while ((ch = TAILQ_FIRST(&st->woken)) != NULL) {
		TAILQ_REMOVE(&st->woken, ch, woken);
		ch->is_woken = false;
		channel_close(ch);
	}
}

void
store_close(struct store *st)
{
	struct owned *own;

	if (st == NULL)
		return;
	commit_cb(-1, 0, st);
	while ((own = TAILQ_FIRST(&st->owned)) != NULL) {
		own->refs = 1;
		store_disown(own);
		commit_cb(-1, 0, st);
	}
	tell(st);
	commit_cb(-1, 0, st);	/* what they have changed when told */
	tell(st);
	free_events(st);
	store_forget_peeked(st);
	forget_channels(st);
	st->ops->close(st->db);
	free(st->run_dir);
	free(st->socket);
	free(st);
}

int
store_check(struct store *st, struct err *e)
{
	if (store_commit(st, e) == -1)
		return -1;
	return st->ops->check(st->db, e);
}

/* transactions */

/* Has another process changed anything? Often nobody is there who could. */
static int
look_for_changes(struct store *st, struct err *e)
{
	int64_t version;

	if (st->ops->version(st->db, &version, e) == -1)
		return -1;
	if (version == st->version)
		return 0;
	st->version = version;
	st->changes++;
	store_unpeek(st);
	return 0;
}

/*
 * How long another process may still keep us out. Who has done so for the
 * whole time is likely to go on, so until we get in again nobody waits.
 */
static int64_t
patience(const struct store *st)
{
	int64_t left = STORE_LOCKED_MS;

	if (st->locked != 0)
		left -= (clock_mono_us() - st->locked) / 1000;
	return left > 0 ? left : 0;
}

/* 1: it is locked. */
static int
begin(struct store *st, int64_t wait_ms, struct err *e)
{
	static const struct timeval late = { 0, STORE_LATE_US };
	int64_t now = clock_mono_us();
	int r = st->ops->begin(st->db, (int)wait_ms, e);

	if (r != 1)
		st->locked = 0;
	else if (st->locked == 0)
		st->locked = now;
	if (r != 0)
		return r;
	if (look_for_changes(st, e) == -1) {
		st->ops->rollback(st->db);
		return -1;
	}
	st->open = true;
	st->serial++;
	st->opened = clock_mono_us();
	if (st->commit_event != NULL) {
		event_active(st->commit_event, EV_TIMEOUT, 0);
		evtimer_add(st->late_event, &late);
	}
	return 0;
}

bool
store_ready(struct store *st)
{
	return st->open || begin(st, 0, NULL) != 1 || patience(st) == 0;
}

int
store_begin(struct store *st, struct err *e)
{
	return st->open || begin(st, patience(st), e) == 0 ? 0 : -1;
}

int
store_commit_late(struct store *st, struct err *e)
{
	if (!st->open || clock_mono_us() - st->opened < STORE_LATE_US)
		return 0;
	return store_commit(st, e);
}

/* The waiting ones become those to be told. */
static void
settle_calls(struct store *st, const struct err *e)
{
	struct store_call *call;

	while ((call = TAILQ_FIRST(&st->waiting)) != NULL) {
		TAILQ_REMOVE(&st->waiting, call, entry);
		TAILQ_INSERT_TAIL(&st->done, call, entry);
		if (e != NULL)
			call->e = xmemdup(e, sizeof *e);
	}
}

static void
settle_channels(struct store *st, bool committed)
{
	struct channel *ch;

	while ((ch = LIST_FIRST(&st->changed)) != NULL) {
		channel_unchange(ch);
		channel_settle(ch, committed);
	}
}

static void
settle(struct store *st, const struct err *e)
{
	st->open = false;
	if (st->commit_event != NULL) {
		event_del(st->commit_event);
		event_del(st->late_event);
		evtimer_add(st->tidy_event, &tidy_after);
	}
	if (e != NULL)
		store_unpeek(st);
	settle_channels(st, e == NULL);
	owned_settle(st, e == NULL);
	settle_calls(st, e);
	store_wake(st);
}

int
store_commit(struct store *st, struct err *e)
{
	struct err local = ERR_INIT;

	if (!st->open)
		return 0;
	if (owned_flush(st, &local) == 0 &&
	    st->ops->commit(st->db, &local) == 0) {
		settle(st, NULL);
		return 0;
	}
	st->ops->rollback(st->db);
	settle(st, &local);
	if (e != NULL && !err_is_set(e))
		*e = local;
	return -1;
}

void
store_on_commit(struct store *st, store_done_fn fn, void *arg)
{
	struct store_call *call = xcalloc(1, sizeof *call);

	call->fn = fn;
	call->arg = arg;
	if (st->open) {
		TAILQ_INSERT_TAIL(&st->waiting, call, entry);
		return;
	}
	/* what it waits for is durable already */
	TAILQ_INSERT_TAIL(&st->done, call, entry);
	store_wake(st);
}

static void
cancel_calls(struct store_calls *calls, const void *arg)
{
	struct store_call *call = TAILQ_FIRST(calls), *next;

	for (; call != NULL; call = next) {
		next = TAILQ_NEXT(call, entry);
		if (call->arg != arg)
			continue;
		TAILQ_REMOVE(calls, call, entry);
		free(call->e);
		free(call);
	}
}

void
store_cancel_commit(struct store *st, void *arg)
{
	cancel_calls(&st->waiting, arg);
	cancel_calls(&st->done, arg);
}
