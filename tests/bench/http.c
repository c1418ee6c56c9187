/* SPDX-License-Identifier: GPL-3.0-or-later */
/* http.c - the little of HTTP that the load needs */

#include "config.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net.h"

static void
must(int ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	exit(1);
}

static struct sockaddr_in
loopback(int port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };

	sin.sin_port = htons((uint16_t)port);
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return sin;
}

int
net_listen(int *port)
{
	struct sockaddr_in sin = loopback(0);
	socklen_t len = sizeof sin;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	must(fd != -1 && bind(fd, (struct sockaddr *)&sin, len) == 0 &&
	    listen(fd, 4096) == 0 &&
	    getsockname(fd, (struct sockaddr *)&sin, &len) == 0,
	    "bench: listen");
	*port = ntohs(sin.sin_port);
	return fd;
}

bool
net_is_open(int port)
{
	struct sockaddr_in sin = loopback(port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool is = fd != -1 &&
	    connect(fd, (struct sockaddr *)&sin, sizeof sin) == 0;

	if (fd != -1)
		close(fd);
	return is;
}

int
net_connect(int port)
{
	struct sockaddr_in sin = loopback(port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	must(fd != -1 &&
	    connect(fd, (struct sockaddr *)&sin, sizeof sin) == 0,
	    "bench: connect");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	return fd;
}

void
net_send(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);

		must(n > 0, "bench: send");
		bytes += n;
		len -= (size_t)n;
	}
}

int
http_is_whole(const char *bytes)
{
	const char *end = strstr(bytes, "\r\n\r\n");
	const char *length = strcasestr(bytes, "\r\nContent-Length:");

	if (end == NULL)
		return 0;
	if (strncmp(bytes, "HTTP/1.1 2", 10) != 0 || length == NULL)
		return -1;
	return strlen(end + 4) >= strtoul(length + 17, NULL, 10);
}

const char *
http_ask(int fd, const char *request, char *answer, size_t size)
{
	size_t len = 0;
	int whole;

	net_send(fd, request, strlen(request));
	do {
		ssize_t n = recv(fd, answer + len, size - 1 - len, 0);

		must(n > 0, "bench: answer");
		len += (size_t)n;
		answer[len] = '\0';
		whole = http_is_whole(answer);
	} while (whole == 0);
	if (whole == -1) {
		fprintf(stderr, "bench: refused: %s\n", answer);
		exit(1);
	}
	return strstr(answer, "\r\n\r\n") + 4;
}

void
http_post(char out[REQUEST_MAX], const char *path, const char *auth,
    const char *body)
{
	snprintf(out, REQUEST_MAX, "POST %s HTTP/1.1\r\nHost: localhost\r\n"
	    "Authorization: Bearer %s\r\nContent-Type: application/json\r\n"
	    "Content-Length: %zu\r\n\r\n%s", path, auth, strlen(body), body);
}

void
http_get(char out[REQUEST_MAX], const char *path, const char *auth,
    const char *extra)
{
	snprintf(out, REQUEST_MAX, "GET %s HTTP/1.1\r\nHost: localhost\r\n"
	    "Authorization: Bearer %s\r\n%s\r\n", path, auth, extra);
}
