/* SPDX-License-Identifier: GPL-3.0-or-later */
/* conn.c - one connection: requests in, answers out */

#include <sys/socket.h>

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "server/auth.h"
#include "server/conn.h"
#include "server/http_parse.h"
#include "server/request.h"
#include "server/response.h"
#include "server/route.h"
#include "server/server_priv.h"
#include "server/tls.h"

enum {
	READ_SIZE = 16 * 1024,
	KEEP_MAX = 4096,	/* of a buffer between two requests */
};

enum conn_state {
	CONN_READING,
	CONN_ANSWERING,
	CONN_DRAINING,	/* all is said; wait until the peer has read it */
	CONN_BROKEN,	/* to be freed by the next event */
};

struct conn {
	TAILQ_ENTRY(conn) entry;
	struct server *srv;
	int fd;
	struct tls_conn *tls;		/* NULL: as it is */
	enum conn_state state;
	struct caller caller;
	struct auth_memo memo;
	struct event *ev_read, *ev_write, *ev_timer;
	struct http_parse *parse;	/* NULL once shed */
	struct request *rq;		/* likewise */
	struct buf in;			/* read, not yet parsed */
	struct buf out;
	size_t sent;			/* of out */
	const struct conn_source *src;	/* who answers later, or NULL */
	void *src_arg;
	bool parsing;			/* conn_parse() is on the stack */
	bool keep_alive;
	bool begun;			/* bytes of a request have come */
	bool quiet;			/* what comes now waits in the socket */
	char *peer;			/* conn_peer(), once it was asked */
};

static void	conn_parse(struct conn *c);

static void
set_timer(struct conn *c, int ms)
{
	struct timeval tv = { ms / 1000, ms % 1000 * 1000 };

	event_add(c->ev_timer, &tv);
}

static void
set_head_timer(struct conn *c)
{
	int ms = c->srv->opts.head_ms;

	set_timer(c, ms > 0 ? ms : CONN_HEAD_MS);
}

void
conn_break(struct conn *c)
{
	c->state = CONN_BROKEN;
	event_active(c->ev_write, EV_WRITE, 0);
}

struct buf *
conn_out(struct conn *c)
{
	return &c->out;
}

size_t
conn_unsent(const struct conn *c)
{
	return c->out.len - c->sent;
}

/* Who asks often has it again soon; of streams there may be thousands. */
static void
empty(const struct conn *c, struct buf *b)
{
	if (c->parse != NULL && b->cap <= KEEP_MAX)
		buf_reset(b);
	else
		buf_clear(b);
}

static void
forget_sent(struct conn *c)
{
	if (c->sent == c->out.len)
		empty(c, &c->out);
	else if (c->sent >= CONN_OUT_MARK)
		buf_drop(&c->out, c->sent);
	else
		return;
	c->sent = 0;
}

static ssize_t
send_some(struct conn *c)
{
	const char *from = c->out.data + c->sent;

	return c->tls != NULL ? tls_write(c->tls, from, conn_unsent(c)) :
	    send(c->fd, from, conn_unsent(c), MSG_NOSIGNAL);
}

void
conn_flush(struct conn *c)
{
	while (c->state != CONN_BROKEN && conn_unsent(c) > 0) {
		ssize_t n = send_some(c);

		if (n >= 0) {
			c->sent += (size_t)n;
		} else if (errno == EAGAIN) {
			event_add(c->ev_write, NULL);
			break;
		} else if (errno != EINTR) {
			log_debug(LOG_SERVER, "send: %s", strerror(errno));
			conn_break(c);
			return;
		}
	}
	forget_sent(c);
}

void
conn_want(struct conn *c)
{
	if (conn_unsent(c) == 0)
		event_active(c->ev_write, EV_WRITE, 0);
	else
		event_add(c->ev_write, NULL);
}

void
conn_hold(struct conn *c, const struct conn_source *src, void *arg, bool watch)
{
	c->src = src;
	c->src_arg = arg;
	c->quiet = !watch;
	if (watch)
		event_add(c->ev_read, NULL);
}

static char *
peer_name(const struct conn *c)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	char host[INET6_ADDRSTRLEN], port[8];

	if (c->caller.local)
		return xstrdup("local");
	if (getpeername(c->fd, (struct sockaddr *)&ss, &len) != 0 ||
	    getnameinfo((struct sockaddr *)&ss, len, host, sizeof(host),
	    port, sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		return xstrdup("-");
	return xasprintf("%s:%s", host, port);
}

const char *
conn_peer(struct conn *c)
{
	if (c->peer == NULL)
		c->peer = peer_name(c);
	return c->peer;
}

struct auth_memo *
conn_memo(struct conn *c)
{
	return &c->memo;
}

void
conn_shed(struct conn *c)
{
	if (c->rq != NULL)
		request_clear(c->rq);
	free(c->rq);
	c->rq = NULL;
	auth_memo_clear(&c->memo);
	free(c->peer);
	c->peer = NULL;
	http_parse_free(c->parse);
	c->parse = NULL;
	buf_clear(&c->in);
	forget_sent(c);
}

/*
 * The peer may still be sending what we will not read, and a close would then
 * take our answer from it: say that we are done, and read on for a while.
 */
static void
start_draining(struct conn *c)
{
	c->state = CONN_DRAINING;
	if (conn_unsent(c) > 0) {
		set_timer(c, CONN_BODY_MS);
		return;
	}
	if (c->tls != NULL)
		tls_end(c->tls);
	shutdown(c->fd, SHUT_WR);
	c->quiet = false;
	event_add(c->ev_read, NULL);
	set_timer(c, CONN_DRAIN_MS);
}

static void
next_request(struct conn *c)
{
	request_clear(c->rq);
	http_parse_reset(c->parse);
	c->state = CONN_READING;
	c->begun = false;
	c->quiet = false;
	if (c->caller.local)
		event_del(c->ev_timer);
	else
		set_timer(c, CONN_IDLE_MS);
	event_add(c->ev_read, NULL);
}

void
conn_answered(struct conn *c, bool keep_alive)
{
	c->src = NULL;
	if (c->state == CONN_BROKEN)
		return;
	c->keep_alive = keep_alive && c->parse != NULL && !c->srv->stopping;
	conn_flush(c);
	if (c->state == CONN_BROKEN)
		return;
	if (!c->keep_alive) {
		start_draining(c);
		return;
	}
	c->state = CONN_ANSWERING;
	/* not from here: who calls us still looks at the request */
	if (!c->parsing)
		event_active(c->ev_write, EV_WRITE, 0);
}

/* An answer before the request was read to its end; nothing can follow. */
static void
refuse(struct conn *c, int status, const char *why)
{
	bool head = http_parse_has_head(c->parse);

	c->state = CONN_ANSWERING;
	c->rq->head = head ? http_parse_head(c->parse) : NULL;
	route_refuse(c->rq, status, why);
}

static int
on_head(const struct http_head *head, void *arg)
{
	struct conn *c = arg;
	struct request *rq = c->rq;

	rq->head = head;
	rq->caller = c->caller;
	set_timer(c, CONN_BODY_MS);
	if (route_find(rq) != 0)
		return -1;
	const char *expect = http_header(head, "expect");
	if (expect != NULL && head->length > 0) {
		buf_adds(&c->out, "HTTP/1.1 100 Continue\r\n\r\n");
		conn_flush(c);
	}
	return 0;
}

static int
on_body(const char *bytes, size_t len, void *arg)
{
	struct conn *c = arg;

	return route_body(c->rq, bytes, len);
}

static const struct http_fns parse_fns = { on_head, on_body };

static void
run_request(struct conn *c)
{
	c->state = CONN_ANSWERING;
	event_del(c->ev_timer);
	/* with nobody reading, a flood of requests stays in the socket */
	c->quiet = true;
	c->keep_alive = false;
	route_run(c->rq);
}

static void
parse_some(struct conn *c)
{
	size_t used = 0;
	enum http_result res;

	if (!c->begun) {
		c->begun = true;
		set_head_timer(c);
	}
	res = http_parse_feed(c->parse, c->in.data, c->in.len, &used);
	buf_drop(&c->in, used);
	switch (res) {
	case HTTP_MORE:
		break;
	case HTTP_WHOLE:
		run_request(c);
		break;
	case HTTP_STOPPED:
		break;
	case HTTP_BAD:
		refuse(c, 400, "Bad request");
		break;
	case HTTP_VERSION:
		refuse(c, 505, "HTTP version not supported");
		break;
	case HTTP_TOO_LARGE:
		refuse(c, 431, "Request header fields too large");
		break;
	}
}

/* Answered, and the connection goes on: is a next request here already? */
static bool
is_between(const struct conn *c)
{
	return c->state == CONN_ANSWERING && c->src == NULL && c->keep_alive;
}

static void
conn_parse(struct conn *c)
{
	c->parsing = true;
	for (;;) {
		/* one that does not read its answers gets no more of them */
		if (is_between(c) && conn_unsent(c) < CONN_OUT_MARK)
			next_request(c);
		if (c->state != CONN_READING || c->in.len == 0)
			break;
		parse_some(c);
	}
	c->parsing = false;
	if (c->state == CONN_READING && c->in.len == 0)
		empty(c, &c->in);
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct conn *c = arg;
	char bytes[READ_SIZE];
	ssize_t n;

	(void)what;
	/* only when something came: most wait until they are answered */
	if (c->quiet) {
		event_del(c->ev_read);
		return;
	}
	/* a record of TLS is no larger: none is left where nobody looks */
	n = c->tls != NULL ? tls_read(c->tls, bytes, sizeof(bytes)) :
	    read(fd, bytes, sizeof(bytes));
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		conn_free(c);
		return;
	}
	/* what comes behind a request whose answer ends the connection */
	if (c->state != CONN_READING)
		return;
	buf_add(&c->in, bytes, (size_t)n);
	conn_parse(c);
}

static void
on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct conn *c = arg;

	(void)fd, (void)what;
	conn_flush(c);
	if (c->state == CONN_BROKEN) {
		conn_free(c);
		return;
	}
	if (c->state == CONN_DRAINING) {
		start_draining(c);
		return;
	}
	if (c->src != NULL && c->src->pull != NULL) {
		if (conn_unsent(c) < CONN_OUT_MARK)
			c->src->pull(c->src_arg);
		return;
	}
	conn_parse(c);
}

static void
on_timeout(evutil_socket_t fd, short what, void *arg)
{
	struct conn *c = arg;

	(void)fd, (void)what;
	if (c->state != CONN_READING || !c->begun) {
		conn_free(c);
		return;
	}
	refuse(c, 408, "The request took too long");
}

struct conn *
conn_new(struct server *srv, int fd, const struct caller *who)
{
	struct event_base *base = srv->opts.base;
	struct conn *c = xcalloc(1, sizeof(*c));

	c->srv = srv;
	c->fd = fd;
	c->caller = *who;
	if (srv->opts.tls != NULL && !who->local)
		c->tls = tls_accept(srv->opts.tls, fd);
	buf_init(&c->in);
	buf_init(&c->out);
	c->parse = http_parse_new(&parse_fns, c);
	c->rq = xcalloc(1, sizeof(*c->rq));
	c->rq->srv = srv;
	c->rq->conn = c;
	c->ev_read = event_new(base, fd, EV_READ | EV_PERSIST, on_readable, c);
	c->ev_write = event_new(base, fd, EV_WRITE, on_writable, c);
	c->ev_timer = event_new(base, -1, 0, on_timeout, c);
	if (c->ev_read == NULL || c->ev_write == NULL || c->ev_timer == NULL)
		fatal(__func__, "no memory for events");
	request_clear(c->rq);
	TAILQ_INSERT_TAIL(&srv->conns, c, entry);
	server_count(srv, 1);
	set_head_timer(c);
	event_add(c->ev_read, NULL);
	return c;
}

void
conn_free(struct conn *c)
{
	struct server *srv = c->srv;

	if (c->src != NULL)
		c->src->gone(c->src_arg);
	conn_shed(c);
	event_free(c->ev_read);
	event_free(c->ev_write);
	event_free(c->ev_timer);
	tls_conn_free(c->tls);
	close(c->fd);
	buf_clear(&c->out);
	TAILQ_REMOVE(&srv->conns, c, entry);
	free(c);
	server_count(srv, -1);
}

struct conn *
conn_next(struct conn *c)
{
	return TAILQ_NEXT(c, entry);
}

void
conn_stop(struct conn *c)
{
	c->keep_alive = false;
	if (c->state == CONN_READING)
		conn_break(c);
}
