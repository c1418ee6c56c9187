/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store.h - sessions, channels, transcripts: what must not be lost */

/*
 * One store is one database with all sessions of a person. Everything that is
 * changed during a pass of the event loop goes into one open transaction;
 * the store's commit event (lowest priority, at once when the oldest change
 * is 4 ms old) makes it durable and only then wakes readers and calls those
 * who wait for the commit (architecture.md 1.2). Reads of records see only
 * what is committed; those of sessions and transcripts also what is open, so
 * that whoever changed something finds it.
 *
 * What is changed in one go, by one callback, lands together or not at all,
 * except that channel_append_chunk() and an append to `in` may commit what
 * came before them. So a turn's end is: put_message, append turn-complete,
 * set_cursor, set_turn, in any order, with no chunk among them.
 *
 * After a failed commit the store drops its memory of heads and loads it
 * again from the file; whoever waited is told with an error.
 *
 * A live session has one owner (architecture.md 2): a file lock in the
 * runtime directory, and a row with pid, socket and epoch. Writing to a
 * session's channels needs a struct owned, which store_own() gives; its epoch
 * is compared in each transaction, and who has lost it gets ERR_CONFLICT.
 * Several processes may have the database open.
 */

#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "wire/item.h"
#include "wire/record.h"

struct err;
struct event_base;
struct json_w;
struct store;

struct store_opts {
	struct event_base *base;	/* NULL: commit by yourself */
	const char *path;	/* NULL: in memory (--ephemeral) */
	const char *run_dir;	/* locks; NULL: path_runtime() */
	const char *socket;	/* where this process can be reached, or NULL */
};

struct store	*store_open(const struct store_opts *opts, struct err *e)
		    ATTR_MUST_USE;
/* Commits what is open. Disown first; channels may be closed later. */
void		 store_close(struct store *st);
/* Told to others from now on (the listener came after the store). */
void		 store_set_socket(struct store *st, const char *path);
/* Make everything changed so far durable, now. */
int		 store_commit(struct store *st, struct err *e) ATTR_MUST_USE;
/*
 * fn is called from the loop after the next commit (soon, if nothing is
 * open): e is NULL if it went well. Whoever waits at store_close() is told
 * by it.
 */
typedef void (*store_done_fn)(const struct err *e, void *arg);
void		 store_on_commit(struct store *st, store_done_fn fn,
		    void *arg);
/* Forget the calls registered with this arg. */
void		 store_cancel_commit(struct store *st, void *arg);
/*
 * Can something be changed without waiting for another process? Asked again
 * each STORE_RETRY_MS. After 3 s of no it is yes, and changes fail at once
 * until the lock is free. A change that does not ask waits as long.
 */
enum { STORE_RETRY_MS = 10 };
bool		 store_ready(struct store *st);
/* PRAGMA integrity_check and our own rules (no holes in numbers). */
int		 store_check(struct store *st, struct err *e) ATTR_MUST_USE;
/* "SQLite 3.40.1, schema 3" */
const char	*store_version(void);

/* sessions */

struct store_new {
	const char *external_id;	/* or NULL */
	const char *type, *task;
	const char *config;		/* JSON */
	const char *tags, *metadata;	/* JSON, NULL: [] / none */
	int64_t expires_at;
	const char *dir, *title, *model;	/* or NULL */
	/* of a sub-agent: the session that asks, and SESSION/MESSAGE/CALL */
	const char *parent, *parent_call;
};
/* An existing row with this external id, or of the same call, is found
 * instead (*existed). */
int	store_create(struct store *st, const struct store_new *n,
	    struct item *out, bool *existed, struct err *e) ATTR_MUST_USE;
/* Exactly this id (session_...) or external id; ERR_NOT_FOUND. */
int	store_find(struct store *st, const char *key, struct item *out,
	    struct err *e) ATTR_MUST_USE;
/* The sub-agent of this call (SESSION/MESSAGE/CALL): 1, 0 none, -1. */
int	store_find_call(struct store *st, const char *call, struct item *out,
	    struct err *e) ATTR_MUST_USE;
/*
 * The same without a copy, borrowed until the next call that finds or changes
 * a session. Of what turns change (state, counts, usage, updatedAt) it may
 * tell what was once; its names, closing and expiry are right.
 */
const struct item *store_peek(struct store *st, const char *key,
	    struct err *e) ATTR_MUST_USE;
/* As people write it (cli.md 1): id, external id, unique prefix of either,
 * unique title. ERR_NOT_FOUND, or ERR_USAGE naming some candidates. */
int	store_resolve(struct store *st, const char *word, struct item *out,
	    struct err *e) ATTR_MUST_USE;
/* The newest session that worked in dir. */
int	store_newest(struct store *st, const char *dir, struct item *out,
	    struct err *e) ATTR_MUST_USE;

struct store_update {	/* NULL: leave; "": clear where null is allowed */
	const char *title, *model, *run_id;
	const char *tags, *metadata, *config;	/* JSON; metadata "null" */
	const char *dir;
	int64_t expires_at;			/* -1: leave */
};
int	store_update(struct store *st, int64_t row,
	    const struct store_update *u, struct err *e) ATTR_MUST_USE;
/* Write-once: a second close changes nothing. */
int	store_close_session(struct store *st, int64_t row, const char *reason,
	    struct err *e) ATTR_MUST_USE;
/* Its sub-agents go with it. */
int	store_remove(struct store *st, int64_t row, struct err *e)
	    ATTR_MUST_USE;

enum store_status { STATUS_ACTIVE = 1, STATUS_CLOSED = 2, STATUS_EXPIRED = 4 };

struct store_list {
	int limit;			/* 0: all */
	const char *after, *before;	/* session id of a boundary row */
	const char *const *types, *const *tasks, *const *tags; /* any of */
	const char *external_id;
	const char *dir;		/* exact, or NULL */
	const char *parent;		/* only its sub-agents, or NULL */
	bool children;			/* sub-agents too */
	unsigned status;		/* enum store_status, 0: all */
	int state;			/* enum item_state, -1: all */
	int64_t created_from, created_to;	/* ms, 0: open */
	bool by_activity;	/* newest updatedAt first, else createdAt */
};
typedef int (*store_item_fn)(const struct item *it, void *arg);
/* Newest first; *more when rows lie beyond the limit. */
int	store_list(struct store *st, const struct store_list *q,
	    store_item_fn fn, void *arg, bool *more, struct err *e)
	    ATTR_MUST_USE;

struct store_hit {
	const struct item *item;
	const char *message_id;
	const char *role;
	const char *snippet;	/* matches between \001 and \002 */
};
typedef int (*store_hit_fn)(const struct store_hit *hit, void *arg);
/* All words, prefix match on the last; newest first. Never an error of
 * syntax: the query is words, not FTS5 grammar. */
int	store_search(struct store *st, const char *words, int limit,
	    store_hit_fn fn, void *arg, struct err *e) ATTR_MUST_USE;

/* who owns a session */

struct owned;		/* the right to write into one session */

struct owner {
	int64_t pid;
	char socket[108];	/* "" if it cannot be reached */
};
/*
 * Become the owner. *mine is set on success; when another live process is it:
 * -1, ERR_CONFLICT and *other filled. Owning again what we own counts up.
 */
int	store_own(struct store *st, int64_t row, struct owned **mine,
	    struct owner *other, struct err *e) ATTR_MUST_USE;
void	store_disown(struct owned *own);
/* Who is it? 0: somebody alive (maybe we), -1: nobody. One who has only just
 * become it may have no name yet: pid 0, no socket. */
int	store_owner(struct store *st, int64_t row, struct owner *out);

/*
 * Work: a session that got a record of `in` or began a turn is noted, and
 * stays so until its owner says that all is done (nothing to tell otherwise).
 * So a process that starts finds what a dead one may have left without a look
 * at all sessions.
 */
/* The next one behind a row (0: the first): 1, or 0 and there is none. */
int	store_work(struct store *st, int64_t after, struct item *out,
	    struct err *e) ATTR_MUST_USE;
int	store_work_done(struct owned *own, struct err *e) ATTR_MUST_USE;

/* channels: see store/channel.h */

/* cursors: a reader's stored position, the last number it has consumed */
int64_t	store_cursor(struct store *st, int64_t row, const char *reader);
int	store_set_cursor(struct owned *own, const char *reader, int64_t seq,
	    struct err *e) ATTR_MUST_USE;
/* Written down some time: for what may be consumed again after a crash. For
 * one reader of a session; the name is kept by reference. */
void	store_set_cursor_soon(struct owned *own, const char *reader,
	    int64_t seq);

/* the turn that is running, so that recovery knows (architecture.md 5) */
struct store_turn {
	int64_t in_seq;		/* the record that started it; -1: a create */
	char message_id[64];	/* the assistant message; "" = no turn */
	int attempts;		/* how often it was begun */
};
int	store_turn(struct store *st, int64_t row, struct store_turn *out,
	    struct err *e) ATTR_MUST_USE;
int	store_set_turn(struct owned *own, const struct store_turn *turn,
	    enum item_state state, struct err *e) ATTR_MUST_USE;

/* the transcript: UI messages in order */

/* Put a message at the end, or replace the one with the same id. text is what
 * search finds; out_seq the last `out` number it covers. */
int	store_put_message(struct owned *own, const char *id, const char *role,
	    const char *json, const char *text, int64_t out_seq,
	    struct err *e) ATTR_MUST_USE;
/* Remove this message and all behind it; returns how many, -1 on error. */
int	store_cut_messages(struct owned *own, const char *from_id,
	    struct err *e) ATTR_MUST_USE;
typedef int (*store_message_fn)(const char *id, const char *json,
	    void *arg);
/* The newest limit messages (0: all) before one (NULL: the end), oldest
 * first; *more when older ones exist. */
int	store_messages(struct store *st, int64_t row, int limit,
	    const char *before, store_message_fn fn, void *arg, bool *more,
	    struct err *e) ATTR_MUST_USE;
/* The transcript holds all that `out` says up to this number. */
int	store_cover(struct owned *own, int64_t out_seq, struct err *e)
	    ATTR_MUST_USE;
/* The last such number, -1: none. */
int64_t	store_covered(struct store *st, int64_t row);
/* Add to the session's usage (JSON object of numbers) and cost. */
int	store_add_usage(struct owned *own, const char *usage, double cost,
	    struct err *e) ATTR_MUST_USE;

/* A new session with the transcript up to and with a message (NULL: all), and
 * with the side channels whole: no message says where in them it was. */
int	store_fork(struct store *st, int64_t row, const char *at,
	    struct item *out, struct err *e) ATTR_MUST_USE;

#endif
