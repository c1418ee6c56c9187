/* SPDX-License-Identifier: GPL-3.0-or-later */
/* listener.c - a socket where connections come in */

/* config.h turns on accept4() */
#include "config.h"

#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "server/auth.h"
#include "server/conn.h"
#include "server/listener.h"
#include "server/server_priv.h"

enum {
	BACKLOG = 64,
	ACCEPTS_MAX = 16,	/* in one pass of the loop */
	PEER_SILENT_MS = 60 * 1000,
	PAUSE_MS = 200,		/* when there are no descriptors left */
	RESERVE_MAX = 256,	/* descriptors that are not for peers */
	TELL_MS = 1000,		/* between two lines that say so */
};

struct listener {
	SLIST_ENTRY(listener) entry;	/* of those over TCP */
	struct server *srv;
	int fd;
	char *path;		/* NULL: TCP */
	dev_t dev;		/* of the file that we made */
	ino_t ino;
	struct event *ev_accept, *ev_resume;
	int64_t told_us;	/* when somebody was turned away, in the log */
};

/*
 * Events leave at once; a peer that is gone without a word is noticed by what
 * it does not acknowledge (our pings), or else by keep-alive probes.
 */
static void
set_tcp_options(const struct listener *l, int fd)
{
	int wanted = l->srv->opts.silent_ms;
	int silent = wanted > 0 ? wanted : PEER_SILENT_MS;
	const struct { int level, name, value; } options[] = {
		{ IPPROTO_TCP, TCP_NODELAY, 1 },
		{ IPPROTO_TCP, TCP_USER_TIMEOUT, silent },
		{ SOL_SOCKET, SO_KEEPALIVE, 1 },
		{ IPPROTO_TCP, TCP_KEEPIDLE, (silent + 999) / 1000 },
		{ IPPROTO_TCP, TCP_KEEPINTVL, 10 },
		{ IPPROTO_TCP, TCP_KEEPCNT, 3 },
	};

	for (size_t i = 0; i < NELEM(options); i++)
		/* without them it works too */
		(void)setsockopt(fd, options[i].level, options[i].name,
		    &options[i].value, sizeof(options[i].value));
}

/*
 * Turns need descriptors too, for files, models and tools: whoever comes over
 * TCP gets three quarters of them, or everybody's turns would fail with those
 * of a flood.
 */
static bool
is_for_peers(int fd)
{
	struct rlimit rl;
	rlim_t kept;

	if (getrlimit(RLIMIT_NOFILE, &rl) != 0 || rl.rlim_cur >= INT_MAX)
		return true;
	kept = rl.rlim_cur / 4;
	return (rlim_t)fd < rl.rlim_cur - (kept < RESERVE_MAX ? kept :
	    RESERVE_MAX);
}

/* Clients come back after a 503 as after a drop (session-protocol 3.8). */
static void
turn_away(struct listener *l, int fd)
{
	static const char busy[] = "HTTP/1.1 503 Service Unavailable\r\n"
	    "Access-Control-Allow-Origin: *\r\n"
	    "Content-Type: application/json\r\n"
	    "Content-Length: 32\r\nRetry-After: 1\r\n"
	    "Connection: close\r\n\r\n"
	    "{\"error\":\"Too many connections\"}";
	char asked[4096];
	int64_t now = clock_mono_us();

	/* unread, the request would reset the connection; who cannot be told
	 * sees that it is closed */
	if (l->srv->opts.tls == NULL) {
		(void)recv(fd, asked, sizeof(asked), 0);
		(void)send(fd, busy, sizeof(busy) - 1, MSG_NOSIGNAL);
	}
	close(fd);
	if (l->told_us != 0 && now - l->told_us < TELL_MS * 1000)
		return;
	l->told_us = now;
	log_msg(LOG_SERVER, LOG_WARN, "cannot accept: too many connections");
}

static void
take(struct listener *l, int fd)
{
	struct caller who = { false, false };
	struct err e = ERR_INIT;

	if (l->path == NULL) {
		set_tcp_options(l, fd);
	} else if (auth_local(fd, &who, &e) != 0) {
		log_msg(LOG_SERVER, LOG_WARN, "%s", e.text);
		close(fd);
		return;
	}
	conn_new(l->srv, fd, &who);
}

/* Without descriptors the socket stays readable: do not spin on it. */
static void
pause_accepting(struct listener *l)
{
	struct timeval tv = { .tv_usec = PAUSE_MS * 1000 };

	log_msg(LOG_SERVER, LOG_WARN, "cannot accept: %s", strerror(errno));
	event_del(l->ev_accept);
	event_add(l->ev_resume, &tv);
}

static void
on_resume(evutil_socket_t fd, short what, void *arg)
{
	struct listener *l = arg;

	(void)fd, (void)what;
	event_add(l->ev_accept, NULL);
}

static void
on_accept(evutil_socket_t listening, short what, void *arg)
{
	struct listener *l = arg;

	(void)what;
	for (int i = 0; i < ACCEPTS_MAX; i++) {
		int fd = accept4(listening, NULL, NULL,
		    SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd >= 0 && l->path == NULL && !is_for_peers(fd)) {
			turn_away(l, fd);
			continue;
		}
		if (fd >= 0) {
			take(l, fd);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
		    errno == ENOMEM)
			pause_accepting(l);
		return;
	}
}

/* Is somebody listening there? */
static bool
is_live(const struct sockaddr_un *sa)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0);
	bool live;

	if (fd < 0)
		return true;
	live = connect(fd, (const struct sockaddr *)sa, sizeof(*sa)) == 0 ||
	    errno == EAGAIN || errno == EINPROGRESS;
	close(fd);
	return live;
}

static int
clear_way(const struct sockaddr_un *sa, struct err *e)
{
	struct stat st;

	if (lstat(sa->sun_path, &st) != 0)
		return 0;
	if (!S_ISSOCK(st.st_mode))
		return err_set(e, ERR_CONFLICT, "%s is in the way",
		    sa->sun_path);
	if (is_live(sa))
		return err_set(e, ERR_CONFLICT, "%s: somebody listens there",
		    sa->sun_path);
	if (unlink(sa->sun_path) != 0 && errno != ENOENT)
		return err_errno(e, ERR_IO, errno, "cannot remove %s",
		    sa->sun_path);
	return 0;
}

static int
bind_to(int fd, const struct sockaddr_un *sa, struct err *e)
{
	mode_t old = umask(0177);
	int rc = bind(fd, (const struct sockaddr *)sa, sizeof(*sa));
	int saved = errno;

	umask(old);
	if (rc != 0)
		return err_errno(e, saved == EADDRINUSE ? ERR_CONFLICT :
		    ERR_IO, saved, "cannot listen at %s", sa->sun_path);
	if (listen(fd, BACKLOG) != 0)
		return err_errno(e, ERR_IO, errno, "cannot listen at %s",
		    sa->sun_path);
	return 0;
}

static int
too_long(const char *path, struct err *e)
{
	err_set(e, ERR_CONFIG, "%s: too long for the name of a socket", path);
	return err_hint(e, "CHATD_HOME or XDG_RUNTIME_DIR must be a shorter "
	    "path");
}

static int
listen_at(const char *path, struct err *e)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	size_t len = strlen(path);
	int fd;

	if (len >= sizeof(sa.sun_path))
		return too_long(path, e);
	memcpy(sa.sun_path, path, len + 1);
	if (clear_way(&sa, e) != 0)
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return err_errno(e, ERR_IO, errno, "cannot make a socket");
	if (bind_to(fd, &sa, e) == 0)
		return fd;
	close(fd);
	return -1;
}

static struct listener *
listener_new(struct server *srv, int fd)
{
	struct event_base *base = srv->opts.base;
	struct listener *l = xcalloc(1, sizeof(*l));

	l->srv = srv;
	l->fd = fd;
	l->ev_accept = event_new(base, fd, EV_READ | EV_PERSIST, on_accept,
	    l);
	l->ev_resume = event_new(base, -1, 0, on_resume, l);
	if (l->ev_accept == NULL || l->ev_resume == NULL)
		fatal(__func__, "no memory for events");
	event_add(l->ev_accept, NULL);
	return l;
}

struct listener *
listener_unix(struct server *srv, const char *path, struct err *e)
{
	int fd = listen_at(path, e);
	struct listener *l;
	struct stat st;

	if (fd < 0)
		return NULL;
	l = listener_new(srv, fd);
	l->path = xstrdup(path);
	if (lstat(path, &st) == 0) {
		l->dev = st.st_dev;
		l->ino = st.st_ino;
	}
	return l;
}

void
listener_tcp(struct server *srv, int fd)
{
	struct listener *l = listener_new(srv, fd);

	SLIST_INSERT_HEAD(&srv->tcp_listeners, l, entry);
}

void
listener_close_tcp(struct server *srv)
{
	struct listener *l;

	while ((l = SLIST_FIRST(&srv->tcp_listeners)) != NULL) {
		SLIST_REMOVE_HEAD(&srv->tcp_listeners, entry);
		listener_close(l);
	}
}

void
listener_close(struct listener *l)
{
	struct stat st;

	if (l == NULL)
		return;
	if (l->path != NULL && lstat(l->path, &st) == 0 && st.st_dev == l->dev &&
	    st.st_ino == l->ino)
		(void)unlink(l->path);	/* a dead file is removed later */
	event_free(l->ev_accept);
	event_free(l->ev_resume);
	close(l->fd);
	free(l->path);
	free(l);
}
