/* SPDX-License-Identifier: GPL-3.0-or-later */
/* channel.c - a durable, numbered list of records, and who reads it */

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "store/store_priv.h"

enum {	/* of one look into the database */
	READ_MAX = 128,
	READ_BYTES_MAX = 1024 * 1024,
};

static struct store_place
place(const struct channel *ch)
{
	return (struct store_place){ ch->row, ch->name, ch->dir };
}

static int
load_side(struct channel *ch, struct err *e)
{
	struct store_place at = place(ch);
	struct store *st = ch->store;
	int64_t next, time;

	if (st->ops->side_head(st->db, &at, &next, &time, e) == -1)
		return -1;
	ch->next = next;
	ch->next_time = time;
	channel_settle(ch, true);
	return 0;
}

/*
 * A session that is gone has no records. Not for a channel to which the open
 * transaction has added: the row is told of that only at the commit.
 */
int
channel_load(struct channel *ch, struct err *e)
{
	struct store_heads heads = { 0 };
	struct store *st = ch->store;

	if (ch->name != NULL)
		return load_side(ch, e);
	if (st->ops->heads(st->db, ch->row, &heads, e) == -1)
		return -1;
	ch->next = heads.head[ch->dir];
	ch->next_time = heads.time[ch->dir];
	channel_settle(ch, true);
	return 0;
}

void
channel_unchange(struct channel *ch)
{
	if (ch->is_changed)
		LIST_REMOVE(ch, change);
	ch->is_changed = false;
}

/* The end of the transaction decides what it comes to. */
static void
channel_change(struct channel *ch)
{
	if (!ch->is_changed)
		LIST_INSERT_HEAD(&ch->store->changed, ch, change);
	ch->is_changed = true;
}

static void
channel_free(struct channel *ch)
{
	channel_unchange(ch);
	if (ch->store != NULL)
		LIST_REMOVE(ch, entry);
	ring_clear(&ch->ring);
	free(ch->name);
	free(ch);
}

static bool
is_named(const struct channel *ch, const char *name)
{
	if (ch->name == NULL || name == NULL)
		return ch->name == name;
	return strcmp(ch->name, name) == 0;
}

struct channel *
channel_open(struct store *st, int64_t row, enum channel_dir dir,
    struct err *e)
{
	return channel_open_side(st, row, NULL, dir, e);
}

struct channel *
channel_open_side(struct store *st, int64_t row, const char *name,
    enum channel_dir dir, struct err *e)
{
	struct channel *ch;
	size_t bucket = (uint64_t)row % STORE_BUCKETS;

	LIST_FOREACH(ch, &st->channels[bucket], entry)
		if (ch->row == row && ch->dir == dir && is_named(ch, name)) {
			ch->refs++;
			return ch;
		}
	ch = xcalloc(1, sizeof *ch);
	ch->store = st;
	ch->row = row;
	ch->dir = dir;
	ch->name = name == NULL ? NULL : xstrdup(name);
	ch->refs = 1;
	TAILQ_INIT(&ch->waiters);
	TAILQ_INIT(&ch->ready);
	LIST_INSERT_HEAD(&st->channels[bucket], ch, entry);
	if (channel_load(ch, e) == -1) {
		channel_free(ch);
		return NULL;
	}
	return ch;
}

void
channel_close(struct channel *ch)
{
	if (ch != NULL && --ch->refs == 0)
		channel_free(ch);
}

int
channel_next_side(struct store *st, int64_t row, const char *after,
    char **name, struct err *e)
{
	return st->ops->side_next(st->db, row, after, name, e);
}

/* waiting */

static void
make_ready(struct channel *ch, struct channel_waiter *w)
{
	TAILQ_REMOVE(&ch->waiters, w, entry);
	TAILQ_INSERT_TAIL(&ch->ready, w, entry);
	w->ready = true;
	if (ch->is_woken)
		return;
	ch->is_woken = true;
	ch->refs++;
	TAILQ_INSERT_TAIL(&ch->store->woken, ch, woken);
	store_wake(ch->store);
}

static void
wake_waiters(struct channel *ch)
{
	struct channel_waiter *w, *next;

	for (w = TAILQ_FIRST(&ch->waiters); w != NULL; w = next) {
		next = TAILQ_NEXT(w, entry);
		if (ch->head > w->from)
			make_ready(ch, w);
	}
}

bool
channel_call_one(struct store *st)
{
	struct channel *ch = TAILQ_FIRST(&st->woken);
	struct channel_waiter *w;

	if (ch == NULL)
		return false;
	w = TAILQ_FIRST(&ch->ready);
	if (w != NULL) {
		channel_unwait(w);
		w->fn(w->arg);
		return true;
	}
	TAILQ_REMOVE(&st->woken, ch, woken);
	ch->is_woken = false;
	channel_close(ch);
	return true;
}

void
channel_wait(struct channel *ch, struct channel_waiter *w, int64_t from)
{
	w->channel = ch;
	w->from = from;
	w->ready = false;
	TAILQ_INSERT_TAIL(&ch->waiters, w, entry);
	if (ch->head > from && ch->store != NULL)
		make_ready(ch, w);
}

void
channel_unwait(struct channel_waiter *w)
{
	struct channel *ch = w->channel;

	if (ch == NULL)
		return;
	if (w->ready)
		TAILQ_REMOVE(&ch->ready, w, entry);
	else
		TAILQ_REMOVE(&ch->waiters, w, entry);
	w->channel = NULL;
	w->ready = false;
}

/*
 * Nothing is seen before this. After a failure the file decides what is
 * there: a commit that reported an error may have reached it.
 */
void
channel_settle(struct channel *ch, bool committed)
{
	if (!committed) {
		ring_clear(&ch->ring);
		ch->next = ch->head;
		ch->next_time = ch->head_time;
		/* what cannot be read stays where it was */
		(void)channel_load(ch, NULL);
		return;
	}
	ch->head = ch->next;
	ch->head_time = ch->next_time;
	wake_waiters(ch);
}

/* Whoever reads on must not look for records that will never be found. */
void
channel_remove_all(struct store *st, int64_t row)
{
	struct channel *ch;

	LIST_FOREACH(ch, &st->channels[(uint64_t)row % STORE_BUCKETS], entry)
		if (ch->row == row) {
			channel_change(ch);
			ring_clear(&ch->ring);
			ch->next = 0;
			ch->next_time = 0;
		}
}

/* appending */

static int
put(struct channel *ch, const struct record *rec, const char *part_id,
    struct err *e)
{
	struct store_place at = place(ch);
	struct store *st = ch->store;

	if (ch->name != NULL)
		return st->ops->side_append(st->db, &at, rec, part_id, e);
	return st->ops->append(st->db, ch->row, ch->dir, rec, part_id, e);
}

static int
find_part(struct channel *ch, const char *part_id, int64_t *seq,
    struct err *e)
{
	struct store_place at = place(ch);
	struct store *st = ch->store;

	if (ch->name != NULL)
		return st->ops->side_part(st->db, &at, part_id, seq, e);
	return st->ops->part(st->db, ch->row, ch->dir, part_id, seq, e);
}

struct new_page {
	struct store_page_of page;
	struct buf text;
	int records;
};

static int
add_to_page(const struct record *rec, void *arg)
{
	struct new_page *p = arg;

	record_batch_add(&p->text, rec);
	p->page.bytes += (int64_t)rec->body_len;
	p->records++;
	return p->page.bytes > BATCH_BYTES_MAX;
}

/* Most often they are still in memory, the newest being there. */
static int
fill_page(struct channel *ch, struct new_page *p, struct err *e)
{
	struct store *st = ch->store;
	struct store_span span = { .row = ch->row, .dir = ch->dir,
	    .from = p->page.first, .to = ch->next, .max = BATCH_RECORDS_MAX };
	const struct record *rec = ring_get(&ch->ring, span.from);

	if (rec == NULL)
		return st->ops->scan(st->db, &span, add_to_page, p, e);
	while (rec != NULL && add_to_page(rec, p) == 0)
		rec = ring_get(&ch->ring, rec->seq + 1);
	return 0;
}

/* With each hundredth record of `out`, these hundred as one batch. */
static int
make_page(struct channel *ch, struct err *e)
{
	struct store *st = ch->store;
	struct new_page p = { .page.first = ch->next - BATCH_RECORDS_MAX };
	int r;

	if (ch->name != NULL || ch->dir != CHANNEL_OUT ||
	    ch->next % BATCH_RECORDS_MAX != 0)
		return 0;
	buf_init(&p.text);
	record_batch_begin(&p.text);
	r = fill_page(ch, &p, e);
	p.page.data = p.text.data;
	p.page.len = p.text.len;
	/* large ones are no slower one by one */
	if (r != -1 && p.records == BATCH_RECORDS_MAX &&
	    p.page.bytes <= BATCH_BYTES_MAX)
		r = st->ops->put_page(st->db, ch->row, &p.page, e);
	buf_clear(&p.text);
	return r == -1 ? -1 : 0;
}

static int64_t
append(struct owned *own, struct channel *ch, const struct record *rec,
    const char *part_id, struct err *e)
{
	struct record copy = *rec;
	int64_t now = clock_ms();

	/* non-decreasing, whatever the clock does (session-protocol 7.2) */
	copy.time = now > ch->next_time ? now : ch->next_time;
	copy.seq = ch->next;
	if (put(ch, &copy, part_id, e) == -1)
		return -1;
	channel_change(ch);
	ring_push(&ch->ring, &copy);
	ch->next++;
	ch->next_time = copy.time;
	owned_grew(own, (int64_t)copy.body_len);
	if (make_page(ch, e) == -1)
		return -1;
	return copy.seq;
}

/*
 * Others may have added while they were the owner, so it is looked up again;
 * not after our own first record, which is not yet to be seen.
 */
static struct channel *
hold_side(struct owned *own, const char *name, enum channel_dir dir,
    struct err *e)
{
	struct channel *ch = channel_open_side(own->store, own->row, name,
	    dir, e);

	if (ch == NULL)
		return NULL;
	if (ch->is_grown) {
		channel_close(ch);	/* once is enough */
		return ch;
	}
	if (channel_load(ch, e) == -1) {
		channel_close(ch);
		return NULL;
	}
	ch->is_grown = true;
	SLIST_INSERT_HEAD(&own->sides, ch, side);
	return ch;
}

void
channel_release_sides(struct owned *own)
{
	struct channel *ch;

	while ((ch = SLIST_FIRST(&own->sides)) != NULL) {
		SLIST_REMOVE_HEAD(&own->sides, side);
		ch->is_grown = false;
		channel_close(ch);
	}
}

int64_t
channel_append(struct owned *own, enum channel_dir dir,
    const struct record *rec, const char *part_id, bool *replayed,
    struct err *e)
{
	return channel_append_side(own, NULL, dir, rec, part_id, replayed, e);
}

int64_t
channel_append_side(struct owned *own, const char *name,
    enum channel_dir dir, const struct record *rec, const char *part_id,
    bool *replayed, struct err *e)
{
	struct channel *ch = own->channels[dir];
	int64_t seq;
	int r;

	if (replayed != NULL)
		*replayed = false;
	if (dir == CHANNEL_IN && store_commit_late(own->store, e) == -1)
		return -1;
	if (owned_touch(own, e) == -1)
		return -1;
	if (dir == CHANNEL_IN && name == NULL && owned_work(own, e) == -1)
		return -1;
	if (name != NULL && (ch = hold_side(own, name, dir, e)) == NULL)
		return -1;
	if (part_id != NULL) {
		r = find_part(ch, part_id, &seq, e);
		if (r == 1 && replayed != NULL)
			*replayed = true;
		if (r != 0)
			return r == 1 ? seq : -1;
	}
	return append(own, ch, rec, part_id, e);
}

int64_t
channel_append_chunk(struct owned *own, const char *chunk, size_t len,
    struct err *e)
{
	struct record rec = { 0 };
	struct buf body = BUF_INIT;
	char id[32];
	int64_t seq;

	if (store_commit_late(own->store, e) == -1 ||
	    owned_touch(own, e) == -1)
		return -1;
	snprintf(id, sizeof id, "out-%" PRId64,
	    own->channels[CHANNEL_OUT]->next);
	record_body_chunk(&body, chunk, len, id);
	rec.body = body.data;
	rec.body_len = body.len;
	seq = append(own, own->channels[CHANNEL_OUT], &rec, NULL, e);
	buf_clear(&body);
	return seq;
}

/* reading */

int64_t
channel_head(const struct channel *ch)
{
	return ch->head;
}

int64_t
channel_time(const struct channel *ch)
{
	return ch->head_time;
}

/* Our own numbers we know better than the row. */
int
channel_refresh(struct channel *ch, struct err *e)
{
	const struct owned *own = owned_find(ch->store, ch->row);

	if (own != NULL && !own->lost)
		return 0;
	return channel_load(ch, e);
}

struct reading {
	struct channel *ch;
	int64_t at;
	int max, given;
	size_t bytes, max_bytes;
	record_fn fn;
	void *arg;
	bool ended;
	bool scans;		/* fn leaves the store alone */
};

static void
give(struct reading *rd, const struct record *rec)
{
	if (rd->given > 0 && rd->bytes + rec->body_len > rd->max_bytes) {
		rd->ended = true;
		return;
	}
	rd->bytes += rec->body_len;
	rd->given++;
	rd->at = rec->seq + 1;
	if (rd->fn(rec, rd->arg) != 0)
		rd->ended = true;
}

static bool
goes_on(const struct reading *rd)
{
	return !rd->ended && rd->given < rd->max && rd->at < rd->ch->head;
}

/* Up to where the ring begins; 0: nothing was there. */
static int
read_stored(struct reading *rd, struct err *e)
{
	struct channel *ch = rd->ch;
	struct store *st = ch->store;
	struct record *records[READ_MAX];
	struct store_place at = place(ch);
	struct store_span span = { .row = ch->row, .dir = ch->dir,
	    .from = rd->at, .to = ch->head, .max_bytes = READ_BYTES_MAX };
	int i, n;

	span.max = rd->max - rd->given < READ_MAX ? rd->max - rd->given :
	    READ_MAX;
	if (rd->max_bytes < span.max_bytes)
		span.max_bytes = rd->max_bytes;
	n = ch->name != NULL ?
	    st->ops->side_read(st->db, &at, &span, records, e) :
	    st->ops->read(st->db, &span, records, e);
	for (i = 0; i < n; i++) {
		if (!rd->ended)
			give(rd, records[i]);
		free(records[i]);
	}
	return n;
}

static int
give_stored(const struct record *rec, void *arg)
{
	struct reading *rd = arg;

	give(rd, rec);
	return rd->ended;
}

static int
scan_stored(struct reading *rd, struct err *e)
{
	struct store *st = rd->ch->store;
	struct store_span span = { .row = rd->ch->row, .dir = rd->ch->dir,
	    .from = rd->at, .to = rd->ch->head, .max = rd->max - rd->given };

	return st->ops->scan(st->db, &span, give_stored, rd, e);
}

/* fn may append, commit or close: the ring is pinned, the channel held. */
static int
read_all(struct reading *rd, struct err *e)
{
	struct channel *ch = rd->ch;
	bool scans = rd->scans && ch->name == NULL;
	int r = 1;

	ch->refs++;
	ring_pin(&ch->ring);
	while (r > 0 && goes_on(rd)) {
		const struct record *rec = ring_get(&ch->ring, rd->at);

		if (rec != NULL)
			give(rd, rec);
		else if (ch->store != NULL)
			r = scans ? scan_stored(rd, e) : read_stored(rd, e);
		else
			break;
	}
	ring_unpin(&ch->ring);
	channel_close(ch);
	return r == -1 ? -1 : rd->given;
}

int
channel_read(struct channel *ch, int64_t from, int max, size_t max_bytes,
    record_fn fn, void *arg, struct err *e)
{
	struct reading rd = { .ch = ch, .at = from < 0 ? 0 : from,
	    .max = max, .max_bytes = max_bytes, .fn = fn, .arg = arg };

	return read_all(&rd, e);
}

int
channel_scan(struct channel *ch, int64_t from, record_fn fn, void *arg,
    struct err *e)
{
	struct reading rd = { .ch = ch, .at = from < 0 ? 0 : from,
	    .max = INT_MAX, .max_bytes = SIZE_MAX, .fn = fn, .arg = arg,
	    .scans = true };

	return read_all(&rd, e);
}

struct page_reading {
	struct channel *ch;
	int64_t next;
	int given;
	channel_page_fn fn;
	void *arg;
};

static int
give_page(const struct store_page_of *p, void *arg)
{
	struct page_reading *rd = arg;
	struct channel_page page = { p->first, p->bytes, p->data, p->len };

	if (p->first != rd->next ||
	    p->first + BATCH_RECORDS_MAX > rd->ch->head)
		return 1;
	rd->next += BATCH_RECORDS_MAX;
	rd->given++;
	return rd->fn(&page, rd->arg);
}

int
channel_pages(struct channel *ch, int64_t from, channel_page_fn fn, void *arg,
    struct err *e)
{
	struct page_reading rd = { .ch = ch, .next = from, .fn = fn,
	    .arg = arg };
	struct store *st = ch->store;

	if (st == NULL || ch->name != NULL || ch->dir != CHANNEL_OUT ||
	    from % BATCH_RECORDS_MAX != 0)
		return 0;
	return st->ops->pages(st->db, ch->row, from, give_page, &rd, e) ==
	    -1 ? -1 : rd.given;
}

int64_t
channel_last_control(struct channel *ch, const char *subtype, int n,
    struct err *e)
{
	struct store *st = ch->store;
	int64_t seq = -1;
	int r = st->ops->control(st->db, ch->row, ch->dir, subtype, ch->head,
	    n, &seq, e);

	return r == 1 ? seq : -1;
}
