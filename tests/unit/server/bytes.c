/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bytes.c - speaking to a rig's socket as any client could */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"
#include "rig.h"

enum { PATIENCE_US = 60 * 1000 * 1000 };

void
rig_settle(struct rig *r)
{
	/* a commit waits for the pass to end, and then wakes others */
	for (int i = 0; i < 20; i++)
		event_base_loop(r->base, EVLOOP_NONBLOCK);
}

static int
connect_tcp(struct rig *r)
{
	struct sockaddr_in sa = { .sin_family = AF_INET,
	    .sin_port = htons((uint16_t)r->port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	return fd;
}

int
rig_connect(struct rig *r)
{
	if (r->port != 0)
		return connect_tcp(r);
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	assert_true(fd >= 0 && strlen(r->socket) < sizeof(sa.sun_path));
	memcpy(sa.sun_path, r->socket, strlen(r->socket) + 1);
	assert_int_equal(connect(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	return fd;
}

void
rig_send_bytes(struct rig *r, int fd, const char *bytes, size_t len)
{
	int64_t end = clock_mono_us() + PATIENCE_US;

	while (len > 0) {
		ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);

		if (n > 0) {
			bytes += n;
			len -= (size_t)n;
		} else if (n < 0 && errno == EPIPE) {
			return;	/* it has heard enough, and answered */
		}
		event_base_loop(r->base, EVLOOP_NONBLOCK);
		assert_true(clock_mono_us() < end);
	}
}

void
rig_send(struct rig *r, int fd, const char *text)
{
	rig_send_bytes(r, fd, text, strlen(text));
}

void
rig_read(struct rig *r, int fd, struct buf *b, const char *needle)
{
	int64_t end = clock_mono_us() + PATIENCE_US;
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char bytes[4096];

	for (;;) {
		ssize_t n;

		if (needle != NULL && strstr(b->data, needle) != NULL)
			return;
		event_base_loop(r->base, EVLOOP_NONBLOCK);
		poll(&p, 1, 1);
		n = read(fd, bytes, sizeof(bytes));
		if (n > 0)
			buf_add(b, bytes, (size_t)n);
		if (n == 0 || (n < 0 && errno == ECONNRESET)) {
			if (needle != NULL)
				fail_msg("no '%s' in: %s", needle, b->data);
			return;
		}
		if (clock_mono_us() > end)
			fail_msg("waited for '%s' in: %s",
			    needle == NULL ? "the end" : needle, b->data);
	}
}

int
rig_ask(struct rig *r, struct buf *answer, const char *method,
    const char *path, const char *headers, const char *body)
{
	struct buf b = BUF_INIT;
	int fd = rig_connect(r), status = 0;

	buf_addf(&b, "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s",
	    method, path, headers);
	if (body != NULL)
		buf_addf(&b, "Content-Length: %zu\r\n\r\n%s", strlen(body),
		    body);
	else
		buf_adds(&b, "\r\n");
	rig_send_bytes(r, fd, b.data, b.len);
	buf_reset(answer);
	rig_read(r, fd, answer, NULL);
	close(fd);
	buf_clear(&b);
	assert_int_equal(sscanf(answer->data, "HTTP/1.1 %d", &status), 1);
	assert_non_null(strstr(answer->data, "x-chatd-version: "));
	return status;
}

const char *
rig_body(const struct buf *answer)
{
	const char *s = strstr(answer->data, "\r\n\r\n");

	assert_non_null(s);
	return s + 4;
}

void
rig_dechunk(const struct buf *answer, struct buf *body)
{
	const char *at = rig_body(answer);
	size_t n;

	buf_reset(body);
	assert_non_null(strstr(answer->data, "Transfer-Encoding: chunked"));
	for (;;) {
		char *end;

		n = strtoul(at, &end, 16);
		assert_true(end > at && end[0] == '\r' && end[1] == '\n');
		if (n == 0)
			break;
		assert_true(end + 2 + n + 2 <= answer->data + answer->len);
		buf_add(body, end + 2, n);
		at = end + 2 + n + 2;
	}
	assert_string_equal(at, "0\r\n\r\n");
}

void
rig_create(struct rig *r, const char *external_id)
{
	struct buf answer = BUF_INIT, body = BUF_INIT;

	buf_addf(&body, "{\"type\":\"chat.agent\",\"taskIdentifier\":\"chat\","
	    "\"externalId\":\"%s\",\"triggerConfig\":{\"basePayload\":{}}}",
	    external_id);
	assert_int_equal(rig_ask(r, &answer, "POST", "/api/v1/sessions", "",
	    body.data), 201);
	buf_clear(&body);
	buf_clear(&answer);
}
