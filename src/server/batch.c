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
	buf_init(&b->json);
}

void
batch_clear(struct batch *b)
{
	buf_clear(&b->json);
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
		record_batch_begin(&b->json);
	record_batch_add(&b->json, rec);
	b->next = rec->seq + 1;
	b->records++;
	b->bytes += (int64_t)rec->body_len;
	return 0;
}

int64_t
batch_read(struct batch *b, struct channel *ch, int64_t from, struct err *e)
{
	int64_t head = channel_head(ch);
	int n;

	if (b->channel == ch && b->from == from && b->head == head)
		return b->records;
	buf_reset(&b->json);
	b->channel = NULL;
	b->from = b->next = from;
	b->head = head;
	b->records = b->bytes = 0;
	n = channel_read(ch, from, BATCH_RECORDS_MAX, BATCH_BYTES_MAX,
	    add_record, b, e);
	if (n <= 0)
		return n;
	/* the tail only where it is reached (7.2) */
	record_batch_end(&b->json, b->next >= head ? head : -1,
	    channel_time(ch));
	b->channel = ch;
	return n;
}
