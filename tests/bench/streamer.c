/* SPDX-License-Identifier: GPL-3.0-or-later */
/* streamer.c - a model server that streams a long answer */

#include "config.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

static void
send_all(int fd, const char *p, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n <= 0)
			return;
		p += n;
		len -= (size_t)n;
	}
}

/* Read until the body is there; we never look at it. */
static int
read_request(int fd)
{
	static char buf[1 << 20];
	size_t len = 0, want = 0;
	const char *body, *cl;

	for (;;) {
		ssize_t n = read(fd, buf + len, sizeof buf - 1 - len);

		if (n <= 0)
			return -1;
		len += (size_t)n;
		buf[len] = '\0';
		body = strstr(buf, "\r\n\r\n");
		if (body == NULL)
			continue;
		cl = strcasestr(buf, "\r\ncontent-length:");
		want = (size_t)(body + 4 - buf) +
		    (cl == NULL ? 0 : strtoul(cl + 17, NULL, 10));
		if (len >= want)
			return 0;
	}
}

enum { WORDS = 997 };	/* as many different ones as a long answer has */

static size_t
add_delta(char *p, size_t size, int i)
{
	return (size_t)snprintf(p, size, "data: {\"id\":\"chatcmpl-bench\","
	    "\"object\":\"chat.completion.chunk\",\"created\":1795247956,"
	    "\"model\":\"bench\",\"choices\":[{\"index\":0,\"delta\":{"
	    "\"content\":\" word%d\"},\"logprobs\":null,"
	    "\"finish_reason\":null}]}\n\n", i % WORDS);
}

static void
answer(int fd, const struct streamer_opts *o, struct streamer_times *t)
{
	static const char head[] = "HTTP/1.1 200 OK\r\n"
	    "Content-Type: text/event-stream\r\nConnection: close\r\n\r\n";
	static const char tail[] = "data: {\"id\":\"chatcmpl-bench\",\"choices\":"
	    "[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
	    "data: [DONE]\n\n";
	static char out[65536];
	size_t used = 0;
	int i;

	send_all(fd, head, sizeof head - 1);
	t->first_us = now_us();
	for (i = 0; i < o->deltas; i++) {
		used += add_delta(out + used, sizeof out - used, i);
		if (o->gap_us == 0 && used < sizeof out - 1024)
			continue;
		send_all(fd, out, used);
		used = 0;
		if (o->gap_us > 0) {
			struct timespec ts = { .tv_nsec = o->gap_us * 1000 };

			nanosleep(&ts, NULL);
		}
	}
	send_all(fd, out, used);
	send_all(fd, tail, sizeof tail - 1);
}

static void
serve(int listener, const struct streamer_opts *o, int report)
{
	struct streamer_times t;
	int fd, on = 1;

	while ((fd = accept(listener, NULL, NULL)) != -1) {
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
		if (read_request(fd) == 0) {
			t.request_us = now_us();
			answer(fd, o, &t);
			if (write(report, &t, sizeof t) == -1)
				_exit(1);
		}
		close(fd);
	}
	_exit(0);
}

void
streamer_start(struct streamer *s, const struct streamer_opts *opts)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	socklen_t len = sizeof sin;
	int fd, report[2];

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd == -1 || bind(fd, (struct sockaddr *)&sin, sizeof sin) == -1 ||
	    listen(fd, 16) == -1 || pipe(report) == -1 ||
	    getsockname(fd, (struct sockaddr *)&sin, &len) == -1) {
		perror("bench: streamer");
		exit(1);
	}
	s->port = ntohs(sin.sin_port);
	s->pid = fork();
	if (s->pid == 0) {
		signal(SIGPIPE, SIG_IGN);
		close(report[0]);
		serve(fd, opts, report[1]);
	}
	close(fd);
	close(report[1]);
	s->report = report[0];
}

void
streamer_times(struct streamer *s, struct streamer_times *t)
{
	if (read(s->report, t, sizeof *t) != sizeof *t)
		memset(t, 0, sizeof *t);
}

void
streamer_stop(struct streamer *s)
{
	kill(s->pid, SIGTERM);
	waitpid(s->pid, NULL, 0);
	close(s->report);
}
