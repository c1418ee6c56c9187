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

/* How each API says the same, as its vendor sends it. */
static const struct dialect {
	const char *path;	/* the request's, a part of it */
	const char *begin;	/* before the text */
	const char *before, *after;	/* around each word */
	const char *end;
} dialects[] = {
	{ "/chat/completions", "",
	  "data: {\"id\":\"chatcmpl-bench\",\"object\":"
	  "\"chat.completion.chunk\",\"created\":1795247956,\"model\":"
	  "\"bench\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"",
	  "\"},\"logprobs\":null,\"finish_reason\":null}]}\n\n",
	  "data: {\"id\":\"chatcmpl-bench\",\"choices\":[{\"index\":0,"
	  "\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n" },
	{ "/messages",
	  "event: message_start\ndata: {\"type\":\"message_start\","
	  "\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":"
	  "\"assistant\",\"content\":[],\"model\":\"bench\",\"usage\":{"
	  "\"input_tokens\":25,\"output_tokens\":1}}}\n\n"
	  "event: content_block_start\ndata: {\"type\":"
	  "\"content_block_start\",\"index\":0,\"content_block\":{\"type\":"
	  "\"text\",\"text\":\"\"}}\n\nevent: ping\ndata: {\"type\":"
	  "\"ping\"}\n\n",
	  "event: content_block_delta\ndata: {\"type\":"
	  "\"content_block_delta\",\"index\":0,\"delta\":{\"type\":"
	  "\"text_delta\",\"text\":\"",
	  "\"}}\n\n",
	  "event: content_block_stop\ndata: {\"type\":"
	  "\"content_block_stop\",\"index\":0}\n\nevent: message_delta\n"
	  "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":"
	  "\"end_turn\",\"stop_sequence\":null},\"usage\":{"
	  "\"output_tokens\":10000}}\n\nevent: message_stop\ndata: {"
	  "\"type\":\"message_stop\"}\n\n" },
	{ "/responses",
	  "event: response.created\ndata: {\"type\":\"response.created\","
	  "\"sequence_number\":0,\"response\":{\"id\":\"resp_1\","
	  "\"status\":\"in_progress\",\"output\":[]}}\n\n"
	  "event: response.output_item.added\ndata: {\"type\":"
	  "\"response.output_item.added\",\"sequence_number\":1,"
	  "\"output_index\":0,\"item\":{\"type\":\"message\",\"id\":"
	  "\"msg_1\",\"role\":\"assistant\",\"content\":[]}}\n\n",
	  "event: response.output_text.delta\ndata: {\"type\":"
	  "\"response.output_text.delta\",\"sequence_number\":4711,"
	  "\"item_id\":\"msg_0123456789abcdef0123456789abcdef\","
	  "\"output_index\":0,\"content_index\":0,\"delta\":\"",
	  "\",\"logprobs\":[],\"obfuscation\":\"dmlYbXj8gn\"}\n\n",
	  "event: response.completed\ndata: {\"type\":"
	  "\"response.completed\",\"response\":{\"id\":\"resp_1\","
	  "\"status\":\"completed\",\"usage\":{\"input_tokens\":25,"
	  "\"output_tokens\":10000,\"total_tokens\":10025}}}\n\n" },
	{ ":streamGenerateContent", "",
	  "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"",
	  "\"}],\"role\":\"model\"},\"index\":0}],\"usageMetadata\":{"
	  "\"promptTokenCount\":25,\"candidatesTokenCount\":10,"
	  "\"totalTokenCount\":35},\"modelVersion\":\"bench\","
	  "\"responseId\":\"0123456789abcdef\"}\n\n",
	  "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"\"}],"
	  "\"role\":\"model\"},\"finishReason\":\"STOP\",\"index\":0}],"
	  "\"usageMetadata\":{\"promptTokenCount\":25,"
	  "\"candidatesTokenCount\":10000,\"totalTokenCount\":10025}}\n\n" },
};

/* Which API is asked; the first if none is. */
static const struct dialect *
dialect_of(const char *request)
{
	size_t i, n = sizeof dialects / sizeof *dialects;

	for (i = 0; i < n; i++)
		if (strstr(request, dialects[i].path) != NULL)
			return &dialects[i];
	return dialects;
}

/* Read until the body is there; we only look at who is asked. */
static const struct dialect *
read_request(int fd)
{
	static char buf[1 << 20];
	size_t len = 0, want = 0;
	const char *body, *cl;

	for (;;) {
		ssize_t n = read(fd, buf + len, sizeof buf - 1 - len);

		if (n <= 0)
			return NULL;
		len += (size_t)n;
		buf[len] = '\0';
		body = strstr(buf, "\r\n\r\n");
		if (body == NULL)
			continue;
		cl = strcasestr(buf, "\r\ncontent-length:");
		want = (size_t)(body + 4 - buf) +
		    (cl == NULL ? 0 : strtoul(cl + 17, NULL, 10));
		if (len < want)
			continue;
		buf[strcspn(buf, "\r")] = '\0';
		return dialect_of(buf);
	}
}

/* Bytes of what a JSON string says. */
static size_t
said(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s++, n++)
		if (*s == '\\')
			s++;
	return n;
}

/* By the clock, so that a busy machine does not make the answer longer. */
static void
pause_until(int64_t us)
{
	struct timespec ts = { .tv_sec = us / 1000000,
	    .tv_nsec = us % 1000000 * 1000 };

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
}

static void
answer(int fd, const struct dialect *d, const struct streamer_opts *o,
    struct streamer_times *t)
{
	static const char head[] = "HTTP/1.1 200 OK\r\n"
	    "Content-Type: text/event-stream\r\nConnection: close\r\n\r\n";
	static char out[65536];
	char text[64];
	size_t used = 0;
	int i;

	send_all(fd, head, sizeof head - 1);
	send_all(fd, d->begin, strlen(d->begin));
	t->first_us = now_us();
	t->text = 0;
	for (i = 0; i < o->deltas; i++) {
		(void)piece(text, sizeof text, i, o);
		t->text += said(text);
		used += (size_t)snprintf(out + used, sizeof out - used,
		    "%s%s%s", d->before, text, d->after);
		if (o->gap_us == 0 && used < sizeof out - 1024)
			continue;
		send_all(fd, out, used);
		used = 0;
		if (o->gap_us > 0)
			pause_until(t->first_us + (i + 1) * o->gap_us);
	}
	send_all(fd, out, used);
	send_all(fd, d->end, strlen(d->end));
}

static void
serve(int listener, const struct streamer_opts *o, int report)
{
	const struct dialect *d;
	struct streamer_times t;
	int fd, on = 1;

	while ((fd = accept(listener, NULL, NULL)) != -1) {
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
		if ((d = read_request(fd)) != NULL) {
			t.request_us = now_us();
			answer(fd, d, o, &t);
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
