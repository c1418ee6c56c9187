/* SPDX-License-Identifier: GPL-3.0-or-later */
/* limit.c - how many requests a caller may make in a minute */

#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "base/mem.h"
#include "server/limit.h"

enum { PROBES = 8 };

struct slot {
	uint64_t caller;	/* a hash, never what it was made from */
	int count;
};

struct limit {
	int max;
	int64_t end;
	uint64_t seed;
	struct slot slots[LIMIT_SLOTS], rest;
};

struct limit *
limit_new(int per_minute)
{
	struct limit *l = xcalloc(1, sizeof(*l));

	l->max = per_minute;
	id_random(&l->seed, sizeof(l->seed));
	return l;
}

void
limit_free(struct limit *l)
{
	free(l);
}

/* FNV-1a; the seed keeps it from being known outside. */
static uint64_t
hash(const struct limit *l, const char *s)
{
	uint64_t h = l->seed ^ UINT64_C(14695981039346656037);

	for (; *s != '\0'; s++)
		h = (h ^ (unsigned char)*s) * UINT64_C(1099511628211);
	return h;
}

static struct slot *
find(struct limit *l, const char *caller)
{
	uint64_t h = hash(l, caller);

	for (uint64_t i = 0; i < PROBES; i++) {
		struct slot *s = &l->slots[(h + i) % LIMIT_SLOTS];

		if (s->count == 0)
			s->caller = h;
		if (s->caller == h)
			return s;
	}
	return &l->rest;
}

bool
limit_take(struct limit *l, const char *caller, int64_t now,
    struct limit_state *out)
{
	struct slot *s;

	/* also when the clock was set back */
	if (now >= l->end || now < l->end - LIMIT_WINDOW_MS) {
		memset(l->slots, 0, sizeof(l->slots));
		memset(&l->rest, 0, sizeof(l->rest));
		l->end = now + LIMIT_WINDOW_MS;
	}
	s = find(l, caller);
	bool good = s->count < l->max;

	if (good)
		s->count++;
	*out = (struct limit_state){ l->max, l->max - s->count, l->end };
	return good;
}
