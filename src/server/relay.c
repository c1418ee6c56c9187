/* SPDX-License-Identifier: GPL-3.0-or-later */
/* relay.c - a request passed on to the process that owns the session */

#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/buf.h"
#include "base/mem.h"
#include "server/conn.h"
#include "server/relay.h"
#include "server/request.h"
#include "server/response.h"
#include "server/route.h"
#include "server/server_priv.h"
#include "store/store.h"

enum { PIECE = 16 * 1024 };

struct relay {
	struct request *rq;
	struct conn *conn;
	int fd;
	struct event *ev_read, *ev_write;
	struct buf out;		/* the request, until it is written */
	size_t sent;
	bool answered;		/* the owner has said something */
};

static void
relay_free(struct relay *r)
{
	if (r->ev_read != NULL)
		event_free(r->ev_read);
	if (r->ev_write != NULL)
		event_free(r->ev_write);
	if (r->fd >= 0)
		close(r->fd);
	buf_clear(&r->out);
	free(r);
}

static void
relay_pull(void *arg)
{
	struct relay *r = arg;

	/* the peer has taken what there was: look for more */
	event_add(r->ev_read, NULL);
}

static void
relay_gone(void *arg)
{
	relay_free(arg);
}

static const struct conn_source relay_source = { relay_pull, relay_gone };
/* Before the first byte there is nothing to pull. */
static const struct conn_source relay_waiting = { NULL, relay_gone };

/* A request that is tried again in a moment. */
struct retry {
	struct request *rq;
	struct event *timer;
};

static void
retry_gone(void *arg)
{
	struct retry *t = arg;

	event_free(t->timer);
	free(t);
}

static const struct conn_source retry_source = { NULL, retry_gone };

static void
on_retry(evutil_socket_t fd, short what, void *arg)
{
	struct retry *t = arg;
	struct request *rq = t->rq;

	(void)fd, (void)what;
	conn_hold(rq->conn, NULL, NULL, false);
	retry_gone(t);
	route_run(rq);
}

/* The owner is gone, or is not to be found yet: perhaps it is us by then. */
static void
retry_later(struct request *rq)
{
	struct retry *t = xcalloc(1, sizeof(*t));
	struct timeval tv = {
		.tv_usec = RELAY_PAUSE_MS * 1000 * ++rq->attempts,
	};

	t->rq = rq;
	t->timer = event_new(rq->srv->opts.base, -1, 0, on_retry, t);
	if (t->timer == NULL)
		fatal(__func__, "no memory for an event");
	event_add(t->timer, &tv);
	conn_hold(rq->conn, &retry_source, t, false);
}

static void
relay_ended(struct relay *r)
{
	struct request *rq = r->rq;
	struct conn *conn = r->conn;
	bool answered = r->answered;

	relay_free(r);
	if (answered)
		conn_answered(conn, false);
	else
		retry_later(rq);
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct relay *r = arg;
	char bytes[PIECE];
	ssize_t n = read(fd, bytes, sizeof(bytes));

	(void)what;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		relay_ended(r);
		return;
	}
	if (!r->answered) {
		r->answered = true;
		r->rq = NULL;
		conn_shed(r->conn);
		conn_hold(r->conn, &relay_source, r, true);
	}
	buf_add(conn_out(r->conn), bytes, (size_t)n);
	conn_flush(r->conn);
	if (conn_unsent(r->conn) >= CONN_OUT_MARK) {
		event_del(r->ev_read);
		conn_want(r->conn);
	}
}

static void
on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct relay *r = arg;

	(void)what;
	while (r->sent < r->out.len) {
		ssize_t n = send(fd, r->out.data + r->sent,
		    r->out.len - r->sent, MSG_NOSIGNAL);

		if (n >= 0) {
			r->sent += (size_t)n;
		} else if (errno == EAGAIN) {
			event_add(r->ev_write, NULL);
			return;
		} else if (errno != EINTR) {
			/* what it may have said already is still to be read */
			break;
		}
	}
	buf_clear(&r->out);
	event_add(r->ev_read, NULL);
}

static bool
is_ours_to_say(const char *name)
{
	static const char *const names[] = {
		"authorization", "connection", "content-length", "expect", "keep-alive",
		"transfer-encoding", "x-part-id", RELAY_HEADER,
	};

	for (size_t i = 0; i < NELEM(names); i++) {
		if (strcasecmp(name, names[i]) == 0)
			return true;
	}
	return false;
}

static void
write_request(struct buf *b, struct request *rq)
{
	const struct http_head *head = rq->head;

	if (rq->part_id[0] == '\0')
		id_uuid(rq->part_id);
	buf_addf(b, "%s %s HTTP/1.1\r\n", head->method, head->target);
	for (size_t i = 0; i < head->header_count; i++) {
		if (is_ours_to_say(http_header_name(head, i)))
			continue;
		buf_addf(b, "%s: %s\r\n", http_header_name(head, i),
		    http_header_value(head, i));
	}
	buf_addf(b, "X-Part-Id: %s\r\nContent-Length: %zu\r\n" RELAY_HEADER
	    ": %s\r\nConnection: close\r\n\r\n", rq->part_id, rq->body.len,
	    rq->caller.local ? "local" : RELAY_REMOTE);
	buf_add(b, rq->body.data, rq->body.len);
}

static int
connect_to(const char *path)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	size_t len = strlen(path);
	int fd;

	if (len >= sizeof(sa.sun_path))
		return -1;
	memcpy(sa.sun_path, path, len + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	if (connect(fd, (struct sockaddr *)&sa, sizeof(sa)) == 0)
		return fd;
	close(fd);
	return -1;
}

static void
relay_run(struct request *rq, int fd)
{
	struct event_base *base = rq->srv->opts.base;
	struct relay *r = xcalloc(1, sizeof(*r));

	r->rq = rq;
	r->conn = rq->conn;
	r->fd = fd;
	buf_init(&r->out);
	write_request(&r->out, rq);
	r->ev_read = event_new(base, fd, EV_READ | EV_PERSIST, on_readable,
	    r);
	r->ev_write = event_new(base, fd, EV_WRITE, on_writable, r);
	if (r->ev_read == NULL || r->ev_write == NULL)
		fatal(__func__, "no memory for events");
	/* what changes something is done whether or not somebody listens */
	conn_hold(r->conn, &relay_waiting, r,
	    strcmp(rq->head->method, "GET") == 0);
	event_active(r->ev_write, EV_WRITE, 0);
}

void
relay_start(struct request *rq, const struct owner *to)
{
	int fd = -1;

	if (http_header(rq->head, RELAY_HEADER) != NULL) {
		respond_error(rq, 503, "the session's owner has changed");
		return;
	}
	if (to->socket[0] != '\0')
		fd = connect_to(to->socket);
	if (fd >= 0) {
		relay_run(rq, fd);
		return;
	}
	if (rq->attempts < RELAY_ATTEMPTS_MAX)
		retry_later(rq);
	else
		respond_error(rq, 503, "process %lld, which owns the "
		    "session, cannot be reached", (long long)to->pid);
}
