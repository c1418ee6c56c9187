/* SPDX-License-Identifier: GPL-3.0-or-later */
/* batch.c - the records of an event, made once for all who wait for them */

#include <stddef.h>
#include <string.h>

#include "server/batch.h"
#include "store/channel.h"
#include "wire/record.h"

void
batch_init(struct batch *b)
{
	memset(b, 0, sizeof(*b));
	buf_init(&b->data);
}

void
batch_clear(struct batch *b)
{
	buf_clear(&b->data);
	b->channel = NULL;
}

void
batch_forget(struct batch *b, const struct channel *ch)
{
	if (b->channel == ch)
		b->channel = NULL;
}

static int
add_record(const struct record *rec, void *arg)
{
	struct batch *b = arg;

	if (b->records == 0)
		record_batch_begin(&b->data);
	record_batch_add(&b->data, rec);
	b->next = rec->seq + 1;
	b->records++;
	b->bytes += (int64_t)rec->body_len;
	return 0;
}

static void
begin(struct batch *b, int64_t from, int64_t head)
{
	buf_reset(&b->data);
	b->channel = NULL;
	b->from = b->next = from;
	b->head = head;
	b->records = b->bytes = 0;
}

/* The tail only where it is reached (7.2). */
static void
end(struct batch *b, const struct channel *ch)
{
	record_batch_end(&b->data, b->next >= b->head ? b->head : -1,
	    channel_time(ch));
	buf_addl(&b->data, "\n\n");
}

void
batch_size_grow(struct batch_size *s)
{
	s->records = s->records < BATCH_RECORDS_MAX / 2 ? s->records * 2 :
	    BATCH_RECORDS_MAX;
	s->bytes = s->bytes < BATCH_BYTES_MAX / 2 ? s->bytes * 2 :
	    BATCH_BYTES_MAX;
}

bool
batch_size_is_full(const struct batch_size *s)
{
	return s->records == BATCH_RECORDS_MAX && s->bytes == BATCH_BYTES_MAX;
}

/* Would it be the same if made for this size? */
static bool
suits(const struct batch *b, const struct batch_size *max)
{
	if (b->next == b->head && b->records <= max->records &&
	    b->bytes <= max->bytes)
		return true;
	return b->max.records == max->records && b->max.bytes == max->bytes;
}

int64_t
batch_read(struct batch *b, struct channel *ch, int64_t from,
    const struct batch_size *max, struct err *e)
{
	int64_t head = channel_head(ch);
	int n;

	if (b->channel == ch && b->from == from && b->head == head &&
	    suits(b, max))
		return b->records;
	begin(b, from, head);
	b->max = *max;
	n = channel_read(ch, from, max->records, (size_t)max->bytes,
	    add_record, b, e);
	if (n <= 0)
		return n;
	end(b, ch);
	b->channel = ch;
	return n;
}

struct run {
	struct batch *b;
	struct channel *ch;
	batch_fn fn;
	void *arg;
	bool ended;
};

static int
hand_over(struct run *r)
{
	if (r->b->records == 0)
		return 0;
	end(r->b, r->ch);
	r->ended = r->fn(r->b, r->arg) != 0;
	begin(r->b, r->b->next, r->b->head);
	return r->ended;
}

static int
add_page(const struct channel_page *p, void *arg)
{
	struct run *r = arg;
	struct batch *b = r->b;

	buf_add(&b->data, p->text, p->len);
	b->next += BATCH_RECORDS_MAX;
	b->records = BATCH_RECORDS_MAX;
	b->bytes = p->bytes;
	return hand_over(r);
}

/* As far as to where a page may begin. */
static int
add_single(const struct record *rec, void *arg)
{
	struct run *r = arg;
	struct batch *b = r->b;

	if (b->bytes + (int64_t)rec->body_len > BATCH_BYTES_MAX)
		(void)hand_over(r);	/* the record is ours by now */
	(void)add_record(rec, b);	/* always 0 */
	return r->ended || b->next % BATCH_RECORDS_MAX == 0;
}

static int
run_on(struct run *r, struct err *e)
{
	int n = channel_pages(r->ch, r->b->next, add_page, r, e);

	if (n == 0) {
		n = channel_scan(r->ch, r->b->next, add_single, r, e);
		(void)hand_over(r);
	}
	return n;
}

int64_t
batch_run(struct batch *b, struct channel *ch, int64_t from, batch_fn fn,
    void *arg, struct err *e)
{
	struct run r = { .b = b, .ch = ch, .fn = fn, .arg = arg };
	int n;

	begin(b, from, channel_head(ch));
	do
		n = run_on(&r, e);
	while (n > 0 && !r.ended && b->next < b->head);
	return n;
}
