/* SPDX-License-Identifier: GPL-3.0-or-later */
/* emit.c - chunks of a turn: reduced, appended, deltas in company */

#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include <event2/event.h>

#include "agent/agent.h"
#include "agent/emit.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "store/channel.h"
#include "store/store.h"
#include "wire/message.h"

static void	emit_drain(struct emit *em, bool wait);

/* Another process may keep the database locked. */
static bool
emit_waits(struct emit *em)
{
	static const struct timeval tv = { 0, STORE_RETRY_MS * 1000 };

	if (store_ready(em->store))
		return false;
	evtimer_add(em->timer, &tv);
	return true;
}

static void
emit_timer(evutil_socket_t fd ATTR_UNUSED, short what ATTR_UNUSED, void *arg)
{
	struct emit *em = arg;

	if (emit_waits(em))
		return;
	emit_drain(em, false);
	emit_flush(em);
}

void
emit_init(struct emit *em, const struct agent_opts *opts, struct owned *own,
    struct reducer *reducer)
{
	memset(em, 0, sizeof(*em));
	em->store = opts->store;
	em->own = own;
	em->reducer = reducer;
	em->timer = evtimer_new(opts->base, emit_timer, em);
	buf_init(&em->chunk);
	buf_init(&em->later);
	buf_init(&em->delta);
	em->last_seq = -1;
	em->last_us = clock_mono_us();
}

void
emit_clear(struct emit *em)
{
	if (em->timer != NULL)
		event_free(em->timer);
	reducer_free(em->reducer);
	buf_clear(&em->chunk);
	buf_clear(&em->later);
	buf_clear(&em->delta);
	free(em->delta_id);
	memset(em, 0, sizeof(*em));
}

/*
 * What the reducer refuses every client would refuse too, and break on it: it
 * is left out.
 */
static int
emit_reduce(struct emit *em, struct err *e)
{
	struct json_doc *doc = json_parse(em->chunk.data, em->chunk.len, 0, e);
	int rc = doc == NULL ? -1 :
	    reducer_apply(em->reducer, json_root(doc), NULL, e);

	json_doc_free(doc);
	return rc;
}

static void
emit_put(struct emit *em, const char *json, size_t len)
{
	int64_t seq = channel_append_chunk(em->own, json, len, &em->err);

	if (seq != -1) {
		em->last_seq = seq;
		em->last_us = clock_mono_us();
	}
	if (em->wrote != NULL)
		em->wrote(em->arg);
}

static void
emit_append(struct emit *em)
{
	if (em->caught_up != NULL && (emit_behind(em) || emit_waits(em)))
		buf_add(&em->later, em->chunk.data, em->chunk.len + 1);
	else
		emit_put(em, em->chunk.data, em->chunk.len);
}

bool
emit_behind(const struct emit *em)
{
	return em->later.len > 0;
}

static void
emit_drain(struct emit *em, bool wait)
{
	size_t at = 0;

	while (at < em->later.len && !err_is_set(&em->err) &&
	    (wait || !emit_waits(em))) {
		size_t len = strlen(em->later.data + at);

		emit_put(em, em->later.data + at, len);
		at += len + 1;
	}
	buf_drop(&em->later, at);
	if (em->caught_up != NULL && !emit_behind(em) &&
	    !err_is_set(&em->err))
		em->caught_up(em->arg);
}

bool
emit_ready(struct emit *em)
{
	return !emit_behind(em) && !emit_waits(em);
}

void
emit_catch_up(struct emit *em)
{
	emit_drain(em, true);
}

/* Only a provider file that breaks the rules of model.h is refused here. */
static void
emit_write(struct emit *em)
{
	struct err e = ERR_INIT;

	if (err_is_set(&em->err))
		return;
	if (emit_reduce(em, &e) == 0)
		emit_append(em);
	else
		log_msg(LOG_AGENT, LOG_ERROR, "chunk refused: %s: %.200s",
		    e.text, em->chunk.data);
}

int
emit_chunk(struct emit *em, const char *json, size_t len, struct err *e)
{
	buf_add(emit_begin(em), json, len);
	if (err_is_set(&em->err))
		return 0;	/* the writer of it can do nothing about that */
	if (emit_reduce(em, e) == -1)
		return -1;
	emit_append(em);
	return 0;
}

/*
 * Models write half a character, too ("\ud83d" escaped): until its other half
 * comes it waits, and alone it is U+FFFD, so that chunks, the transcript and
 * pipes are UTF-8.
 */
static void
emit_text(struct emit *em, enum chunk_type type, const char *id,
    const struct buf *text, size_t len, const char *pm)
{
	struct buf whole = BUF_INIT;

	utf8_add_whole(&whole, text->data, len);
	buf_reset(&em->chunk);
	if (type == CHUNK_TOOL_INPUT_DELTA)
		chunk_tool_input_delta(&em->chunk, id, whole.data, whole.len);
	else
		chunk_delta(&em->chunk, type, id, whole.data, whole.len, pm);
	buf_clear(&whole);
}

/* What waits goes, all but the last bytes. */
static void
emit_send(struct emit *em, size_t keep)
{
	size_t len = em->delta.len - keep;

	if (len == 0)
		return;
	if (!emit_behind(em))
		evtimer_del(em->timer);
	emit_text(em, em->delta_type, em->delta_id, &em->delta, len, NULL);
	buf_drop(&em->delta, len);
	em->quick = em->joined >= EMIT_QUICK;
	em->joined = 0;
	emit_write(em);
}

void
emit_flush(struct emit *em)
{
	emit_send(em, utf8_half(em->delta.data, em->delta.len));
}

struct buf *
emit_begin(struct emit *em)
{
	emit_send(em, 0);
	buf_reset(&em->chunk);
	return &em->chunk;
}

void
emit_end(struct emit *em)
{
	emit_write(em);
}

static bool
emit_fits(const struct emit *em, enum chunk_type type, const char *id)
{
	return em->delta_type == type && em->delta_id != NULL &&
	    strcmp(em->delta_id, id) == 0;
}

/* A character never lies in two chunks. */
static void
emit_join(struct emit *em, const char *text, size_t len)
{
	while (len > 0) {
		size_t room = EMIT_DELTA_MAX - em->delta.len;
		size_t n = utf8_prefix(text, len, room);

		if (n == 0 && em->delta.len == 0)
			n = len < room ? len : room;
		utf8_add_wtf(&em->delta, text, n);
		text += n;
		len -= n;
		if (len > 0)
			emit_flush(em);
	}
}

/*
 * Somebody waits for the first words of a block. A model that pours would keep
 * the commit event, which comes last, waiting for as long as it may.
 */
static void
emit_now(struct emit *em)
{
	if (emit_waits(em))
		return;
	emit_drain(em, false);
	emit_flush(em);
	if (!err_is_set(&em->err) &&
	    store_commit(em->store, &em->err) == -1 && em->wrote != NULL)
		em->wrote(em->arg);
}

void
emit_delta(struct emit *em, enum chunk_type type, const char *id,
    const char *text, size_t len, const char *pm)
{
	static const struct timeval waits[] = { { 0, EMIT_WAIT_MS * 1000 },
	    { 0, EMIT_QUICK_MS * 1000 } };

	if (pm != NULL) {	/* replaces the part's, so it stays alone */
		struct buf alone = BUF_INIT;

		(void)emit_begin(em);
		buf_add(&alone, text, len);
		emit_text(em, type, id, &alone, len, pm);
		buf_clear(&alone);
		emit_end(em);
		return;
	}
	if (len == 0)
		return;
	bool first = !emit_fits(em, type, id);

	if (first) {
		emit_send(em, 0);
		em->delta_type = type;
		str_replace(&em->delta_id, id);
	}
	em->joined++;
	emit_join(em, text, len);
	if (first)
		emit_now(em);
	else if (em->delta.len >= EMIT_DELTA_MAX)
		emit_flush(em);
	else if (!evtimer_pending(em->timer, NULL))
		evtimer_add(em->timer, &waits[em->quick]);
}

void
emit_note(struct emit *em, const char *name, const char *json)
{
	chunk_data(emit_begin(em), name, NULL, json, true);
	emit_end(em);
}

void
emit_error_json(struct buf *b, const struct err *e)
{
	struct json_w w;

	json_w_init(&w, b);
	json_w_obj(&w);
	json_w_kstr(&w, "code", err_code_name(e->code));
	json_w_kstr(&w, "text", e->text);
	if (e->hint[0] != '\0')
		json_w_kstr(&w, "hint", e->hint);
	json_w_obj_end(&w);
}

void
emit_error(struct emit *em, const struct err *e)
{
	struct buf b = BUF_INIT;

	emit_error_json(&b, e);
	emit_note(em, "chatd-error", b.data);
	chunk_error(emit_begin(em), e->text);
	emit_end(em);
	buf_clear(&b);
}

struct open_blocks {
	struct emit *em;
	const char *pm;
	struct buf chunks;	/* each with a NUL behind it */
};

static void
emit_close_one(int type, const char *id, void *arg)
{
	struct open_blocks *ob = arg;

	chunk_block(&ob->chunks, (enum chunk_type)type, id, ob->pm);
	buf_addc(&ob->chunks, '\0');
}

void
emit_close_blocks(struct emit *em, const char *pm)
{
	struct open_blocks ob = { .em = em, .pm = pm, .chunks = BUF_INIT };

	emit_send(em, 0);
	/* first collected: writing changes what is walked here */
	reducer_each_open(em->reducer, emit_close_one, &ob);
	for (size_t i = 0; i < ob.chunks.len;) {
		size_t len = strlen(ob.chunks.data + i);

		buf_add(emit_begin(em), ob.chunks.data + i, len);
		emit_end(em);
		i += len + 1;
	}
	buf_clear(&ob.chunks);
}
