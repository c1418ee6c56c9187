/* SPDX-License-Identifier: GPL-3.0-or-later */
/* readers.c - many connections that wait for events */

#include "config.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "bench.h"
#include "net.h"

enum { EVENTS = 256, SINK = 16384, PATIENCE_MS = 10000 };

/* What was read of one reader; ends the program when it is cut off. */
struct taken {
	int i;
	size_t len;
	char bytes[SINK];
};

void
readers_open(struct readers *r, int port, int count, const char *request)
{
	int i;

	r->epoll = epoll_create1(EPOLL_CLOEXEC);
	r->count = count;
	r->pings = 0;
	r->fds = calloc((size_t)count + 1, sizeof *r->fds);
	if (r->fds == NULL)
		exit(1);
	for (i = 0; i < count; i++) {
		struct epoll_event ev = { .events = EPOLLIN, .data.u32 =
		    (uint32_t)i };

		r->fds[i] = net_connect(port);
		epoll_ctl(r->epoll, EPOLL_CTL_ADD, r->fds[i], &ev);
		if (request != NULL)
			net_send(r->fds[i], request, strlen(request));
	}
}

static void
take(struct readers *r, const struct epoll_event *ev, struct taken *t)
{
	ssize_t n;

	t->i = (int)ev->data.u32;
	n = read(r->fds[t->i], t->bytes, SINK - 1);
	if (n <= 0) {
		fprintf(stderr, "bench: reader %d was cut off\n", t->i);
		exit(1);
	}
	t->len = (size_t)n;
	t->bytes[n] = '\0';
	if (strstr(t->bytes, "event: ping") != NULL)
		r->pings++;
}

static int
wait_some(struct readers *r, struct epoll_event events[EVENTS], int ms)
{
	int n = epoll_wait(r->epoll, events, EVENTS, ms);

	if (n > 0 || ms < PATIENCE_MS)
		return n;
	fprintf(stderr, "bench: readers wait in vain\n");
	exit(1);
}

void
readers_greeted(struct readers *r)
{
	struct epoll_event events[EVENTS];
	struct taken t;
	size_t want = r->pings + (size_t)r->count;

	while (r->pings < want) {
		int i, n = wait_some(r, events, PATIENCE_MS);

		for (i = 0; i < n; i++)
			take(r, &events[i], &t);
	}
}

void
readers_drain(struct readers *r, double seconds)
{
	int64_t end = now_us() + (int64_t)(seconds * 1e6);
	struct epoll_event events[EVENTS];
	struct taken t;

	while (now_us() < end) {
		int i, n = wait_some(r, events, 20);

		for (i = 0; i < n; i++)
			take(r, &events[i], &t);
	}
}

/* A chunk that ends with the end of an event. */
static bool
is_whole(const struct taken *t)
{
	return t->len >= 4 &&
	    memcmp(t->bytes + t->len - 4, "\n\n\r\n", 4) == 0;
}

void
readers_watch(struct readers *r, int writer)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.u32 =
	    (uint32_t)r->count };

	r->fds[r->count] = writer;
	epoll_ctl(r->epoll, EPOLL_CTL_ADD, writer, &ev);
}

void
readers_round(struct readers *r, double *at)
{
	struct epoll_event events[EVENTS];
	struct taken t;
	int left = r->count + 1;
	int64_t start = 0;

	while (left > 0) {
		int i, n = wait_some(r, events, PATIENCE_MS);

		for (i = 0; i < n; i++) {
			take(r, &events[i], &t);
			if (start == 0)
				start = now_us();
			if (t.i < r->count && !is_whole(&t))
				continue;
			if (t.i < r->count)
				at[t.i] = (double)(now_us() - start);
			left--;
		}
	}
}

void
readers_close(struct readers *r)
{
	int i;

	for (i = 0; i < r->count; i++)
		close(r->fds[i]);
	free(r->fds);
	close(r->epoll);
}
