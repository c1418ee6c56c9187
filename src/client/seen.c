/* SPDX-License-Identifier: GPL-3.0-or-later */
/* seen.c - a window of hashes: a ring for the age, a table for the look-up */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "client/seen.h"

enum { SLOTS = 16384 };		/* a power of two, at most a third full */

struct seen {
	uint64_t ring[SEEN_MAX];
	uint64_t slots[SLOTS];	/* 0: free */
	size_t next;
	size_t count;
};

struct seen *
seen_new(void)
{
	return xcalloc(1, sizeof(struct seen));
}

void
seen_free(struct seen *s)
{
	free(s);
}

void
seen_reset(struct seen *s)
{
	memset(s, 0, sizeof(*s));
}

static uint64_t
hash(const char *id)
{
	uint64_t h = 14695981039346656037u;	/* FNV-1a */

	for (; *id != '\0'; id++)
		h = (h ^ (unsigned char)*id) * 1099511628211u;
	return h != 0 ? h : 1;
}

/* The slot that holds h, or the free one where it would go. */
static size_t
slot_of(const struct seen *s, uint64_t h)
{
	size_t i = h % SLOTS;

	while (s->slots[i] != 0 && s->slots[i] != h)
		i = (i + 1) % SLOTS;
	return i;
}

/* Linear probing: what stands behind the gap and belongs before moves up. */
static void
remove_hash(struct seen *s, uint64_t h)
{
	size_t gap = slot_of(s, h);

	for (size_t i = (gap + 1) % SLOTS; s->slots[i] != 0;
	    i = (i + 1) % SLOTS) {
		size_t home = s->slots[i] % SLOTS;
		if ((i + SLOTS - home) % SLOTS >= (i + SLOTS - gap) % SLOTS) {
			s->slots[gap] = s->slots[i];
			gap = i;
		}
	}
	s->slots[gap] = 0;
}

bool
seen_add(struct seen *s, const char *id)
{
	uint64_t h = hash(id);
	size_t i = slot_of(s, h);

	if (s->slots[i] == h)
		return true;
	if (s->count == SEEN_MAX)
		remove_hash(s, s->ring[s->next]);
	else
		s->count++;
	s->slots[slot_of(s, h)] = h;
	s->ring[s->next] = h;
	s->next = (s->next + 1) % SEEN_MAX;
	return false;
}
