/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ring.c - the newest records of a channel, in memory */

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/ring.h"

enum { RING_SLOTS_MIN = 32 };

static size_t
record_size(const struct record *rec)
{
	size_t i, size = sizeof *rec + rec->body_len + 1;

	for (i = 0; i < rec->header_count; i++)
		size += sizeof *rec->headers + strlen(rec->headers[i].name) +
		    strlen(rec->headers[i].value) + 2;
	return size;
}

static const char *
put(char **at, const char *s, size_t len)
{
	char *p = *at;

	if (len > 0)
		memcpy(p, s, len);
	p[len] = '\0';
	*at = p + len + 1;
	return p;
}

struct record *
ring_copy(const struct record *rec)
{
	struct record *copy = xmalloc(record_size(rec));
	struct record_header *headers = (struct record_header *)(copy + 1);
	char *at = (char *)(headers + rec->header_count);
	size_t i;

	*copy = *rec;
	copy->headers = headers;
	for (i = 0; i < rec->header_count; i++) {
		const struct record_header *h = &rec->headers[i];

		headers[i].name = put(&at, h->name, strlen(h->name));
		headers[i].value = put(&at, h->value, strlen(h->value));
	}
	copy->body = put(&at, rec->body, rec->body_len);
	return copy;
}

static void
drop_oldest(struct ring *r)
{
	struct record *rec = r->slots[r->start];

	r->bytes -= record_size(rec);
	r->start = (r->start + 1) % r->cap;
	r->first++;
	r->count--;
	free(rec);
}

void
ring_clear(struct ring *r)
{
	if (r->pins > 0) {
		r->stale = true;
		return;
	}
	while (r->count > 0)
		drop_oldest(r);
	free(r->slots);
	memset(r, 0, sizeof *r);
}

static void
grow(struct ring *r)
{
	size_t cap = r->cap == 0 ? RING_SLOTS_MIN : r->cap * 2, i;
	struct record **slots = xcalloc(cap, sizeof(struct record *));

	for (i = 0; i < r->count; i++)
		slots[i] = r->slots[(r->start + i) % r->cap];
	free(r->slots);
	r->slots = slots;
	r->cap = cap;
	r->start = 0;
}

static void
trim(struct ring *r)
{
	while (r->pins == 0 && r->count > 1 && r->bytes > RING_BYTES_MAX)
		drop_oldest(r);
}

void
ring_push(struct ring *r, const struct record *rec)
{
	if (r->count > 0 && rec->seq != r->first + (int64_t)r->count)
		ring_clear(r);
	if (r->stale)
		return;
	if (r->count == r->cap)
		grow(r);
	if (r->count == 0)
		r->first = rec->seq;
	r->slots[(r->start + r->count++) % r->cap] = ring_copy(rec);
	r->bytes += record_size(rec);
	trim(r);
}

const struct record *
ring_get(const struct ring *r, int64_t seq)
{
	if (r->stale || seq < r->first ||
	    seq - r->first >= (int64_t)r->count)
		return NULL;
	return r->slots[(r->start + (size_t)(seq - r->first)) % r->cap];
}

void
ring_pin(struct ring *r)
{
	r->pins++;
}

void
ring_unpin(struct ring *r)
{
	r->pins--;
	if (r->pins == 0 && r->stale)
		ring_clear(r);
	trim(r);
}
