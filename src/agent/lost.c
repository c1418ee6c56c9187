/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lost.c - sessions that could not be written, to be taken up again */

#include <sys/queue.h>
#include <sys/time.h>

#include <stdlib.h>

#include <event2/event.h>

#include "agent/lost.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"

enum {
	WAIT_FIRST_S = 1,
	WAIT_MAX_S = 30,
	CALM_S = 60,		/* after this it is another trouble */
};

struct lost_one {
	TAILQ_ENTRY(lost_one) entry;
	int64_t row;
	char *id;
};

TAILQ_HEAD(lost_list, lost_one);

struct lost {
	struct lost_list list;
	struct event *timer;
	int wait;		/* seconds until the next try */
	int64_t tried;		/* clock_mono_us, 0: never */
	lost_fn fn;
	void *arg;
};

static struct lost_one *
find(const struct lost *l, int64_t row)
{
	struct lost_one *one;

	TAILQ_FOREACH(one, &l->list, entry)
		if (one->row == row)
			return one;
	return NULL;
}

static void
drop(struct lost_list *list, struct lost_one *one)
{
	TAILQ_REMOVE(list, one, entry);
	free(one->id);
	free(one);
}

static void
arm(struct lost *l)
{
	struct timeval tv = { .tv_sec = l->wait };

	if (!evtimer_pending(l->timer, NULL))
		evtimer_add(l->timer, &tv);
}

/* Those that are lost while it is tried come into the list anew. */
static void
try_all(evutil_socket_t fd ATTR_UNUSED, short what ATTR_UNUSED, void *arg)
{
	struct lost *l = arg;
	struct lost_list list = TAILQ_HEAD_INITIALIZER(list);
	struct lost_one *one;

	TAILQ_CONCAT(&list, &l->list, entry);
	l->tried = clock_mono_us();
	l->wait = l->wait * 2 < WAIT_MAX_S ? l->wait * 2 : WAIT_MAX_S;
	while ((one = TAILQ_FIRST(&list)) != NULL) {
		if (!l->fn(one->id, l->arg))
			lost_add(l, one->row, one->id);
		drop(&list, one);
	}
}

struct lost *
lost_new(struct event_base *base, lost_fn fn, void *arg)
{
	struct lost *l = xcalloc(1, sizeof(*l));

	TAILQ_INIT(&l->list);
	l->wait = WAIT_FIRST_S;
	l->fn = fn;
	l->arg = arg;
	l->timer = evtimer_new(base, try_all, l);
	if (l->timer == NULL)
		fatal(__func__, "no memory for an event");
	return l;
}

void
lost_free(struct lost *l)
{
	struct lost_one *one;

	if (l == NULL)
		return;
	while ((one = TAILQ_FIRST(&l->list)) != NULL)
		drop(&l->list, one);
	event_free(l->timer);
	free(l);
}

void
lost_add(struct lost *l, int64_t row, const char *id)
{
	struct lost_one *one = find(l, row);

	if (one == NULL) {
		one = xcalloc(1, sizeof(*one));
		one->row = row;
		one->id = xstrdup(id);
		TAILQ_INSERT_TAIL(&l->list, one, entry);
	}
	if (clock_mono_us() - l->tried > CALM_S * INT64_C(1000000))
		l->wait = WAIT_FIRST_S;
	arm(l);
}

void
lost_remove(struct lost *l, int64_t row)
{
	struct lost_one *one = find(l, row);

	if (one == NULL)
		return;
	drop(&l->list, one);
	if (TAILQ_EMPTY(&l->list))
		evtimer_del(l->timer);
}

bool
lost_has(const struct lost *l, int64_t row)
{
	return find(l, row) != NULL;
}
