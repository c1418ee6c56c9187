/* SPDX-License-Identifier: GPL-3.0-or-later */
/* load.c - writers that send their next request when one is answered */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "bench.h"
#include "net.h"

enum { ANSWER_MAX = 4096 };

struct writer {
	int fd;
	const char *request;
	size_t request_len, len;
	char answer[ANSWER_MAX];
};

static void
start(struct writer *w, int epoll, int port, const char *request)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = w };

	w->fd = net_connect(port);
	w->request = request;
	w->request_len = strlen(request);
	w->len = 0;
	epoll_ctl(epoll, EPOLL_CTL_ADD, w->fd, &ev);
	net_send(w->fd, w->request, w->request_len);
}

/* Returns how many answers came to their end: one or none. */
static int
readable(struct writer *w)
{
	ssize_t n = read(w->fd, w->answer + w->len, ANSWER_MAX - 1 - w->len);
	int whole;

	if (n > 0) {
		w->len += (size_t)n;
		w->answer[w->len] = '\0';
	}
	whole = n <= 0 ? -1 : http_is_whole(w->answer);
	if (whole == -1) {
		fprintf(stderr, "bench: append refused: %s\n", w->answer);
		exit(1);
	}
	if (whole == 0)
		return 0;
	w->len = 0;
	net_send(w->fd, w->request, w->request_len);
	return 1;
}

static double
count_answers(int epoll, double seconds)
{
	int64_t begin = now_us(), end = begin + (int64_t)(seconds * 1e6), now;
	struct epoll_event events[WRITERS_MAX];
	long answers = 0;

	while ((now = now_us()) < end) {
		int i, n = epoll_wait(epoll, events, WRITERS_MAX, 100);

		for (i = 0; i < n; i++)
			answers += readable(events[i].data.ptr);
	}
	return (double)answers * 1e6 / (double)(now - begin);
}

double
load_run(const struct load *l)
{
	static struct writer writers[WRITERS_MAX];
	int i, epoll = epoll_create1(EPOLL_CLOEXEC);
	double rate;

	for (i = 0; i < l->writers; i++)
		start(&writers[i], epoll, l->port, l->requests[i]);
	(void)count_answers(epoll, l->seconds / 4);	/* to get warm */
	rate = count_answers(epoll, l->seconds);
	for (i = 0; i < l->writers; i++)
		close(writers[i].fd);
	close(epoll);
	return rate;
}
