/* SPDX-License-Identifier: GPL-3.0-or-later */
/* emit.h - chunks of a turn: reduced, appended, deltas in company */

/*
 * Every chunk that a turn writes to `out` passes here and through the turn's
 * reducer, so that what is stored is what was seen (architecture.md 1.7).
 *
 * Deltas of one block are joined: the first of an answer goes at once, later
 * ones wait up to EMIT_WAIT_MS for company (from a model that is quick,
 * EMIT_QUICK_MS: each commit is a sync of the disk), and never become more
 * than EMIT_DELTA_MAX bytes. Any other chunk sends first what waits. The timer
 * exists only while something waits.
 *
 *	chunk_text = emit_begin(em);
 *	chunk_bare(chunk_text, CHUNK_START_STEP);
 *	emit_end(em);
 */

#ifndef AGENT_EMIT_H
#define AGENT_EMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "wire/chunk.h"

struct event;
struct agent_opts;
struct owned;
struct reducer;
struct store;

enum {
	EMIT_DELTA_MAX = 8 * 1024,
	EMIT_WAIT_MS = 20,
	EMIT_QUICK_MS = 40,
	EMIT_QUICK = 3,		/* deltas in EMIT_WAIT_MS that are quick */
};

struct emit {
	struct store *store;
	struct owned *own;
	struct reducer *reducer;
	struct event *timer;
	struct buf chunk;		/* the one being written */
	struct buf later;		/* chunks that wait, each with a NUL */
	struct buf delta;		/* text that waits */
	unsigned joined;		/* deltas in it */
	bool quick;			/* the last had EMIT_QUICK */
	enum chunk_type delta_type;	/* of what waits */
	char *delta_id;
	int64_t last_seq;		/* number of the last record, or -1 */
	int64_t last_us;		/* clock_mono_us() of it */
	/* an append failed: nothing is written any more */
	struct err err;
	/* something was appended, or (em->err) could not be; or NULL */
	void (*wrote)(void *arg);
	/* If set, chunks wait, too, while another process keeps the database
	 * locked; they are in the message already. It is told each time that
	 * none wait any more. */
	void (*caught_up)(void *arg);
	void *arg;
};

/* reducer is taken over; its message is the one to go on with. */
void	emit_init(struct emit *em, const struct agent_opts *opts,
	    struct owned *own, struct reducer *reducer);
void	emit_clear(struct emit *em);
struct buf	*emit_begin(struct emit *em);
void	emit_end(struct emit *em);
/* TEXT_DELTA, REASONING_DELTA, TOOL_INPUT_DELTA */
void	emit_delta(struct emit *em, enum chunk_type type, const char *id,
	    const char *text, size_t len, const char *pm);
/* A chunk that somebody else wrote, as it is. ERR_INPUT: it is none, or does
 * not fit what was written before, and is left out. */
int	emit_chunk(struct emit *em, const char *json, size_t len,
	    struct err *e) ATTR_MUST_USE;
/* Words that wait go now, all but half a character. */
void	emit_flush(struct emit *em);
/* Do chunks wait for the database? */
bool	emit_behind(const struct emit *em);
/* Can something be written now? If not, caught_up() will tell. */
bool	emit_ready(struct emit *em);
/* They go now, and if that takes as long as another process likes. */
void	emit_catch_up(struct emit *em);
/* A transient data part: shown, never kept. */
void	emit_note(struct emit *em, const char *name, const char *json);
/* The pair that tells of a failure: data-chatd-error, then error. */
void	emit_error(struct emit *em, const struct err *e);
/* End the blocks that are open; pm is their metadata or NULL. */
void	emit_close_blocks(struct emit *em, const char *pm);
/* {"code":..,"text":..,"hint":..} */
void	emit_error_json(struct buf *b, const struct err *e);

#endif
