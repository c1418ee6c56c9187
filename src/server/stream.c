/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stream.c - a channel read over SSE */

#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "server/batch.h"
#include "server/conn.h"
#include "server/relay.h"
#include "server/request.h"
#include "server/response.h"
#include "server/server_priv.h"
#include "server/stream.h"
#include "store/channel.h"
#include "wire/item.h"
#include "wire/record.h"
#include "wire/sse.h"

#define SECOND_US INT64_C(1000000)

struct stream {
	TAILQ_ENTRY(stream) entry;
	struct server *srv;
	struct conn *conn;
	struct channel *channel;	/* NULL: the session is not there yet */
	char *key;			/* then: the name it will have */
	char *side;			/* and which side channel, or NULL */
	bool in;
	bool chunked;
	bool settled;
	bool greeted;			/* the first ping was sent */
	bool pings;
	int timeout;
	int64_t deadline;		/* of the silence, monotonic us */
	int64_t row;
	int64_t next;			/* the position */
	int64_t records, bytes;		/* given on this connection */
	struct batch_size size;		/* of its next batch */
	struct channel_waiter waiter;
	struct event *ev_timeout;
};

static void
stream_free(struct stream *s)
{
	channel_unwait(&s->waiter);
	if (s->channel != NULL) {
		batch_forget(&s->srv->batch, s->channel);
		channel_close(s->channel);
	}
	event_free(s->ev_timeout);
	TAILQ_REMOVE(&s->srv->streams, s, entry);
	free(s->key);
	free(s->side);
	free(s);
}

static void
send_event(struct stream *s, const char *type, const char *id,
    const struct buf *data)
{
	struct buf text = BUF_INIT;

	sse_write(&text, type, id, data->data, data->len);
	respond_piece(s->conn, s->chunked, &text);
	buf_clear(&text);
}

static void
end_body(struct stream *s)
{
	struct conn *conn = s->conn;
	bool chunked = s->chunked;

	stream_free(s);
	respond_end(conn, chunked);
}

static void
finish(struct stream *s)
{
	struct buf done = BUF_INIT;

	buf_adds(&done, "[DONE]");
	send_event(s, NULL, NULL, &done);
	buf_clear(&done);
	end_body(s);
}

/* No [DONE], so that the client comes back (7.2). */
static void
fail(struct stream *s, const struct err *e)
{
	struct buf text = BUF_INIT;

	buf_adds(&text, e->text);
	send_event(s, "error", NULL, &text);
	buf_clear(&text);
	end_body(s);
}

static int64_t
ping_us(const struct stream *s)
{
	int ms = s->srv->opts.ping_ms;

	return ms > 0 ? ms * INT64_C(1000) : STREAM_PING_SECONDS * SECOND_US;
}

/* Until the deadline, or the next ping if that comes before. */
static void
arm_timer(struct stream *s)
{
	int64_t left = s->deadline - clock_mono_us();
	struct timeval tv;

	if (left < 0)
		left = 0;
	if (s->pings && left > ping_us(s))
		left = ping_us(s);
	tv.tv_sec = left / SECOND_US;
	tv.tv_usec = left % SECOND_US;
	event_add(s->ev_timeout, &tv);
}

static void
arm_timeout(struct stream *s)
{
	s->deadline = clock_mono_us() + s->timeout * SECOND_US;
	arm_timer(s);
}

static void
send_ping(struct stream *s)
{
	struct buf ping = BUF_INIT;
	int64_t head = s->channel != NULL ? channel_head(s->channel) : 0;

	record_ping(&ping, clock_ms(), head,
	    s->channel != NULL ? channel_time(s->channel) : 0);
	send_event(s, "ping", NULL, &ping);
	buf_clear(&ping);
}

static void
on_timeout(evutil_socket_t fd, short what, void *arg)
{
	struct stream *s = arg;

	(void)fd, (void)what;
	/* the loop's clock may be a little ahead of ours */
	if (s->pings && s->deadline - clock_mono_us() > SECOND_US / 2) {
		/* one that does not read needs no more to read */
		if (conn_unsent(s->conn) == 0)
			send_ping(s);
		arm_timer(s);
		return;
	}
	/* who still has a backlog to read is not cut off (7.3) */
	if (s->channel != NULL && s->waiter.channel == NULL)
		arm_timeout(s);
	else
		finish(s);
}

static void
on_wake(void *arg)
{
	struct stream *s = arg;

	conn_want(s->conn);
}

/* The id counts what this connection was given. */
static void
add_batch(struct stream *s, const struct batch *b)
{
	struct buf *head = &s->srv->text;

	s->next = b->next;
	s->records += b->records;
	s->bytes += b->bytes;
	buf_reset(head);
	buf_addl(head, "event: batch\nid: ");
	buf_add_int(head, b->next - 1);
	buf_addc(head, ',');
	buf_add_int(head, s->records);
	buf_addc(head, ',');
	buf_add_int(head, s->bytes);
	buf_addl(head, "\ndata: ");
	respond_add(s->conn, s->chunked, head, &b->data);
}

static void
caught_up(struct stream *s)
{
	if (s->settled) {
		finish(s);
		return;
	}
	if (!s->greeted) {
		s->greeted = true;
		send_ping(s);
		arm_timeout(s);
	}
	channel_wait(s->channel, &s->waiter, s->next);
}

static int
add_backlog(const struct batch *b, void *arg)
{
	struct stream *s = arg;

	add_batch(s, b);
	return conn_unsent(s->conn) >= CONN_OUT_MARK;
}

/* More than a batch, which nobody else is likely to want just now. */
static bool
is_far_behind(const struct stream *s)
{
	return channel_head(s->channel) - s->next > BATCH_RECORDS_MAX;
}

/* What goes into one write: with several readers each gets its turn. */
static int64_t
pull_some(struct stream *s, struct err *e)
{
	struct batch *b = &s->srv->batch;
	int64_t n;

	if (batch_size_is_full(&s->size) && is_far_behind(s))
		return batch_run(b, s->channel, s->next, add_backlog, s, e);
	n = batch_read(b, s->channel, s->next, &s->size, e);
	if (n > 0)
		add_batch(s, b);
	batch_size_grow(&s->size);
	return n;
}

static void
on_pull(void *arg)
{
	struct stream *s = arg;
	struct err e = ERR_INIT;
	bool behind;
	int64_t n;

	if (s->channel == NULL || s->waiter.channel != NULL)
		return;
	n = pull_some(s, &e);
	behind = n > 0 && s->next < channel_head(s->channel);
	conn_flush(s->conn);
	arm_timeout(s);
	if (n < 0)
		fail(s, &e);
	else if (behind)
		conn_want(s->conn);
	else
		caught_up(s);
}

static void
on_gone(void *arg)
{
	stream_free(arg);
}

static const struct conn_source source = { on_pull, on_gone };

bool
stream_is_remote(const struct request *rq)
{
	const char *relayed = http_header(rq->head, RELAY_HEADER);

	return !rq->caller.local ||
	    (relayed != NULL && strcmp(relayed, RELAY_REMOTE) == 0);
}

static struct stream *
stream_new(struct request *rq, const struct stream_opts *o)
{
	struct stream *s = xcalloc(1, sizeof(*s));

	s->srv = rq->srv;
	s->conn = rq->conn;
	s->channel = o->channel;
	s->key = o->channel == NULL ? xstrdup(o->key) : NULL;
	s->side = o->channel == NULL && o->side != NULL ? xstrdup(o->side) :
	    NULL;
	s->in = o->in;
	s->row = o->row;
	s->next = o->from;
	s->size = (struct batch_size)BATCH_SIZE_INIT;
	s->chunked = !rq->head->http10;
	s->settled = o->settled;
	s->timeout = o->timeout;
	s->pings = stream_is_remote(rq);
	s->waiter.fn = on_wake;
	s->waiter.arg = s;
	s->ev_timeout = event_new(rq->srv->opts.base, -1, 0, on_timeout, s);
	if (s->ev_timeout == NULL)
		fatal(__func__, "no memory for an event");
	TAILQ_INSERT_TAIL(&rq->srv->streams, s, entry);
	return s;
}

void
stream_start(struct request *rq, const struct stream_opts *o)
{
	struct stream *s = stream_new(rq, o);
	struct buf extra = BUF_INIT;

	buf_adds(&extra, "X-Stream-Version: v2\r\n"
	    "Cache-Control: no-cache, no-transform\r\n"
	    "X-Accel-Buffering: no\r\n");
	if (s->settled)
		buf_adds(&extra, "X-Session-Settled: true\r\n");
	respond_stream(rq, "text/event-stream", extra.data);
	buf_clear(&extra);
	conn_hold(s->conn, &source, s, true);
	conn_shed(s->conn);
	if (s->channel == NULL)
		arm_timeout(s);
	conn_want(s->conn);
}

void
stream_created(struct server *srv, const struct item *it)
{
	struct stream *s;

	if (it->external_id == NULL)
		return;
	TAILQ_FOREACH(s, &srv->streams, entry) {
		if (s->key == NULL || strcmp(s->key, it->external_id) != 0)
			continue;
		s->channel = channel_open_side(srv->opts.store, it->row,
		    s->side, s->in ? CHANNEL_IN : CHANNEL_OUT, NULL);
		if (s->channel == NULL)
			continue;
		str_replace(&s->key, NULL);
		s->row = it->row;
		conn_want(s->conn);
	}
}

void
stream_removed(struct server *srv, int64_t row)
{
	struct stream *s, *next;

	for (s = TAILQ_FIRST(&srv->streams); s != NULL; s = next) {
		next = TAILQ_NEXT(s, entry);
		if (s->key == NULL && s->row == row)
			finish(s);
	}
}

void
stream_lost(struct server *srv, int64_t row, const struct err *why)
{
	struct stream *s, *next;

	for (s = TAILQ_FIRST(&srv->streams); s != NULL; s = next) {
		next = TAILQ_NEXT(s, entry);
		if (s->key == NULL && s->row == row && !s->in)
			fail(s, why);
	}
}

void
stream_end_all(struct server *srv)
{
	struct stream *s;

	while ((s = TAILQ_FIRST(&srv->streams)) != NULL)
		finish(s);
}
