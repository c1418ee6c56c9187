/* SPDX-License-Identifier: GPL-3.0-or-later */
/* floor_fanout.c - the floor under telling many readers */

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net.h"

enum { PEERS = 20000 };

/* Whoever is first says when; the others are told. */
static void
take_waiting(int listener, int *fds, int *count)
{
	struct pollfd p = { .fd = listener, .events = POLLIN };
	int on = 1;

	while (*count < PEERS && poll(&p, 1, 0) == 1) {
		int fd = accept(listener, NULL, NULL);

		if (fd == -1)
			_exit(1);
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
		fds[(*count)++] = fd;
	}
}

void
floor_fanout(int listener, void *arg)
{
	static int fds[PEERS];
	const struct message_of *m = arg;
	int i, count = 0;
	char c;

	fds[count++] = accept(listener, NULL, NULL);
	while (read(fds[0], &c, 1) == 1) {
		take_waiting(listener, fds, &count);
		net_send(fds[0], &c, 1);
		for (i = 1; i < count; i++)
			net_send(fds[i], m->bytes, m->len);
	}
}
