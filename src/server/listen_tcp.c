/* SPDX-License-Identifier: GPL-3.0-or-later */
/* listen_tcp.c - where to listen, read from "HOST:PORT" */

/* config.h turns on SOCK_NONBLOCK */
#include "config.h"

#include <sys/socket.h>

#include <errno.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "server/listener.h"
#include "server/server.h"
#include "server/server_priv.h"

enum { BACKLOG = 4096 };	/* the system lowers it to what it allows */

/* "host:port", "[v6]:port", ":port"; caller frees *host, *port points in. */
static int
split(const char *address, char **host, char **port, struct err *e)
{
	char *copy = xstrdup(address), *colon = strrchr(copy, ':');
	size_t len;

	if (colon == NULL || colon[1] == '\0' ||
	    colon[1 + strspn(colon + 1, "0123456789")] != '\0' ||
	    strlen(colon + 1) > 5 || strtol(colon + 1, NULL, 10) > 65535) {
		free(copy);
		return err_set(e, ERR_USAGE,
		    "%s: not an address to listen at: HOST:PORT is wanted",
		    address);
	}
	*colon = '\0';
	len = strlen(copy);
	if (len > 1 && copy[0] == '[' && copy[len - 1] == ']') {
		memmove(copy, copy + 1, len - 2);
		copy[len - 2] = '\0';
	}
	*host = copy;
	*port = colon + 1;
	return 0;
}

static int
listen_at(const struct addrinfo *ai, const char *address, struct err *e)
{
	int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC |
	    SOCK_NONBLOCK, 0), on = 1;

	if (fd < 0)
		return err_errno(e, ERR_IO, errno, "cannot make a socket");
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (ai->ai_family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on,
		    sizeof(on));
	if (bind(fd, ai->ai_addr, ai->ai_addrlen) == 0 &&
	    listen(fd, BACKLOG) == 0)
		return fd;
	err_errno(e, errno == EADDRINUSE ? ERR_CONFLICT : ERR_IO, errno,
	    "cannot listen at %s", address);
	close(fd);
	return -1;
}

static void
name_of(int fd, char bound[SERVER_ADDRESS_MAX])
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	char host[256], port[16];

	bound[0] = '\0';
	if (getsockname(fd, (struct sockaddr *)&ss, &len) != 0 ||
	    getnameinfo((struct sockaddr *)&ss, len, host, sizeof(host), port,
	    sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		return;
	snprintf(bound, SERVER_ADDRESS_MAX, ss.ss_family == AF_INET6 ?
	    "[%s]:%s" : "%s:%s", host, port);
}

/* With port 0 one address only: each would get another number. */
static int
listen_all(struct server *srv, const struct addrinfo *all, bool any_port,
    const char *address, char bound[SERVER_ADDRESS_MAX], struct err *e)
{
	const struct addrinfo *ai;
	int count = 0;

	for (ai = all; ai != NULL && !(any_port && count > 0);
	    ai = ai->ai_next) {
		struct err each = ERR_INIT;
		int fd = listen_at(ai, address, &each);

		if (fd >= 0) {
			if (count++ == 0)
				name_of(fd, bound);
			listener_tcp(srv, fd);
		} else if (ai->ai_next != NULL || count > 0) {
			/* a name may have addresses of a kind we have not */
			continue;
		} else {
			return err_pass(e, &each);
		}
	}
	return 0;
}

int
server_listen_tcp(struct server *srv, const char *address,
    char bound[SERVER_ADDRESS_MAX], struct err *e)
{
	struct addrinfo want = { .ai_flags = AI_PASSIVE,
	    .ai_socktype = SOCK_STREAM }, *all = NULL;
	char *host = NULL, *port = NULL;
	int rc;

	if (srv->opts.keys == NULL)
		return err_set(e, ERR_CONFIG,
		    "%s: no key, so nobody could be let in", address);
	if (split(address, &host, &port, e) != 0)
		return -1;
	rc = getaddrinfo(host[0] == '\0' ? NULL : host, port, &want, &all);
	if (rc != 0)
		rc = err_set(e, ERR_CONFIG, "cannot listen at %s: %s", address,
		    gai_strerror(rc));
	else
		rc = listen_all(srv, all, strtol(port, NULL, 10) == 0, address,
		    bound, e);
	if (all != NULL)
		freeaddrinfo(all);
	free(host);
	return rc;
}
