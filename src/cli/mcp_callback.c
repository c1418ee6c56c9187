/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mcp_callback.c - a person's browser, and what it comes back with */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "cli/mcp_callback.h"
#include "cli/out.h"

enum { REQUEST_MAX = 16 * 1024, REQUEST_MS = 5000 };

static const char answer_page[] =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n"
    "Connection: close\r\nContent-Length: 45\r\n\r\n"
    "chatd has the answer. This page can be closed";
static const char answer_other[] =
    "HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

int
callback_open(struct callback *cb, struct err *e)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	socklen_t len = sizeof(sin);

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	cb->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (cb->fd == -1 ||
	    bind(cb->fd, (struct sockaddr *)&sin, sizeof(sin)) == -1 ||
	    listen(cb->fd, 4) == -1 ||
	    getsockname(cb->fd, (struct sockaddr *)&sin, &len) == -1)
		return err_errno(e, ERR_FAILED, errno, "cannot listen on "
		    "127.0.0.1");
	cb->port = ntohs(sin.sin_port);
	return 0;
}

void
callback_close(struct callback *cb)
{
	if (cb->fd != -1)
		close(cb->fd);
	cb->fd = -1;
}

/* Its output would be taken for ours. */
static pid_t
open_browser(const char *page)
{
	const char *browser = getenv("BROWSER");
	pid_t pid;

	if (browser == NULL || *browser == '\0')
		browser = "xdg-open";
	pid = fork();
	if (pid != 0)
		return pid;
	int null = open("/dev/null", O_RDWR);

	if (null != -1) {
		(void)dup2(null, STDIN_FILENO);
		(void)dup2(null, STDOUT_FILENO);
		(void)dup2(null, STDERR_FILENO);
	}
	execlp(browser, browser, page, (char *)NULL);
	_exit(127);
}

/* The head of one request, or as much of it as comes. */
static void
read_request(int fd, struct buf *b)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	char bytes[1024];
	ssize_t n;

	while (b->len < REQUEST_MAX && strstr(b->data, "\r\n\r\n") == NULL &&
	    poll(&pfd, 1, REQUEST_MS) == 1 &&
	    (n = read(fd, bytes, sizeof(bytes))) > 0)
		buf_add(b, bytes, (size_t)n);
}

/* "GET /callback?..."; NULL: a browser also asks for icons. */
static char *
take_request(int listener)
{
	int fd = accept(listener, NULL, NULL);
	struct buf b = BUF_INIT;
	const char *answer;
	char *url = NULL;

	if (fd == -1)
		return NULL;
	read_request(fd, &b);
	if (strncmp(b.data, "GET /callback?", 14) == 0)
		url = xstrndup(b.data + 4, strcspn(b.data + 4, " \r\n"));
	answer = url != NULL ? answer_page : answer_other;
	(void)send(fd, answer, strlen(answer), MSG_NOSIGNAL);
	buf_clear(&b);
	close(fd);
	return url;
}

/* A pasted address, or a line that is none. */
static char *
take_line(void)
{
	char line[8192];
	ssize_t n = read(STDIN_FILENO, line, sizeof(line) - 1);

	if (n <= 0)
		return NULL;
	line[n] = '\0';
	line[strcspn(line, "\r\n")] = '\0';
	return strstr(line, "code=") != NULL ? xstrdup(line) : NULL;
}

char *
callback_wait(struct callback *cb, const char *page, struct err *e)
{
	struct pollfd pfds[2] = {
		{ .fd = cb->fd, .events = POLLIN },
		{ .fd = isatty(STDIN_FILENO) ? STDIN_FILENO : -1,
		    .events = POLLIN },
	};
	int64_t end = clock_mono_us() / 1000 + CALLBACK_WAIT_MS, left;
	char *url = NULL;
	pid_t pid;

	out_note("sign in at %s%s", page, pfds[1].fd == -1 ? "" : "\n(or paste "
	    "here the address that the browser ends at)");
	pid = open_browser(page);
	while (url == NULL && (left = end - clock_mono_us() / 1000) > 0) {
		if (poll(pfds, 2, (int)left) == -1 && errno != EINTR)
			break;
		if ((pfds[0].revents & POLLIN) != 0)
			url = take_request(cb->fd);
		else if ((pfds[1].revents & POLLIN) != 0)
			url = take_line();
	}
	if (pid > 0)		/* a browser that goes on is not ours to end */
		(void)waitpid(pid, NULL, WNOHANG);
	if (url == NULL)
		err_set(e, ERR_TIMEOUT, "nobody signed in");
	return url;
}
