/* SPDX-License-Identifier: GPL-3.0-or-later */
/* room.c - who looks at a session, and whose turn runs in it */

#include <sys/queue.h>

#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "server/conn.h"
#include "server/room.h"
#include "server/request.h"
#include "server/response.h"
#include "server/server_priv.h"
#include "server/stream.h"
#include "wire/sse.h"

struct looker {
	TAILQ_ENTRY(looker) entry;
	struct room *room;
	struct conn *conn;
	char *id, *name;
	bool chunked;
	struct event *ping;	/* over TCP, else NULL */
};

/* One session that somebody looks at or has claimed. */
struct room {
	TAILQ_ENTRY(room) entry;
	struct server *srv;
	int64_t row;
	TAILQ_HEAD(, looker) lookers;
	char *holder, *holder_name;	/* whose turn runs, or NULL */
	struct event *expiry;		/* of the claim */
};

static struct room *
find_room(struct server *srv, int64_t row)
{
	struct room *r;

	TAILQ_FOREACH(r, &srv->rooms, entry)
		if (r->row == row)
			return r;
	return NULL;
}

static void
free_room(struct room *r)
{
	TAILQ_REMOVE(&r->srv->rooms, r, entry);
	event_free(r->expiry);
	free(r->holder);
	free(r->holder_name);
	free(r);
}

/* Nobody looks and nobody holds: forget it. */
static void
settle_room(struct room *r)
{
	if (TAILQ_EMPTY(&r->lookers) && r->holder == NULL)
		free_room(r);
}

static void
write_who(struct json_w *w, const char *id, const char *name)
{
	json_w_obj(w);
	json_w_kstr(w, "id", id);
	json_w_kstr(w, "name", name);
	json_w_obj_end(w);
}

static void
write_room(const struct room *r, struct buf *b)
{
	struct looker *l;
	struct json_w w;

	json_w_init(&w, b);
	json_w_obj(&w);
	json_w_key(&w, "clients");
	json_w_arr(&w);
	if (r != NULL)
		TAILQ_FOREACH(l, &r->lookers, entry)
			write_who(&w, l->id, l->name);
	json_w_arr_end(&w);
	json_w_key(&w, "holder");
	if (r != NULL && r->holder != NULL)
		write_who(&w, r->holder, r->holder_name);
	else
		json_w_null(&w);
	json_w_obj_end(&w);
}

static void
tell_room(struct room *r)
{
	struct buf json = BUF_INIT, text = BUF_INIT;
	struct looker *l;

	write_room(r, &json);
	sse_write(&text, "presence", NULL, json.data, json.len);
	TAILQ_FOREACH(l, &r->lookers, entry)
		/* one that reads nothing needs no more to read */
		if (conn_unsent(l->conn) < CONN_OUT_MARK)
			respond_piece(l->conn, l->chunked, &text);
	buf_clear(&json);
	buf_clear(&text);
}

static void
drop_claim(struct room *r)
{
	str_replace(&r->holder, NULL);
	str_replace(&r->holder_name, NULL);
	event_del(r->expiry);
	tell_room(r);
}

/* Its holder has not been heard of for too long. */
static void
expired(evutil_socket_t fd, short what, void *arg)
{
	struct room *r = arg;

	(void)fd, (void)what;
	drop_claim(r);
	settle_room(r);
}

static struct room *
get_room(struct server *srv, int64_t row)
{
	struct room *r = find_room(srv, row);

	if (r != NULL)
		return r;
	r = xcalloc(1, sizeof(*r));
	r->srv = srv;
	r->row = row;
	TAILQ_INIT(&r->lookers);
	r->expiry = event_new(srv->opts.base, -1, 0, expired, r);
	if (r->expiry == NULL)
		fatal(__func__, "no memory for an event");
	TAILQ_INSERT_TAIL(&srv->rooms, r, entry);
	return r;
}

/* -------------------------------------------------------------- lookers */

static void
looker_free(struct looker *l)
{
	TAILQ_REMOVE(&l->room->lookers, l, entry);
	if (l->ping != NULL)
		event_free(l->ping);
	free(l->id);
	free(l->name);
	free(l);
}

/* Does this client look with another connection? (It came back before the
 * end of the first was noticed.) */
static bool
still_looks(const struct room *r, const char *id)
{
	struct looker *l;

	TAILQ_FOREACH(l, &r->lookers, entry)
		if (strcmp(l->id, id) == 0)
			return true;
	return false;
}

static void
looker_gone(void *arg)
{
	struct looker *l = arg;
	struct room *r = l->room;
	char *id = l->id;

	l->id = NULL;
	looker_free(l);
	if (r->holder != NULL && strcmp(r->holder, id) == 0 &&
	    !still_looks(r, id))
		drop_claim(r);
	else
		tell_room(r);
	free(id);
	settle_room(r);
}

static void
looker_pull(void *arg)
{
	(void)arg;	/* what there is was written when it came up */
}

static const struct conn_source source = { looker_pull, looker_gone };

static void
ping_due(evutil_socket_t fd, short what, void *arg)
{
	struct looker *l = arg;
	struct timeval tv = { .tv_sec = STREAM_PING_SECONDS };
	struct buf text = BUF_INIT;

	(void)fd, (void)what;
	sse_write(&text, "ping", NULL, "{}", 2);
	if (conn_unsent(l->conn) == 0)
		respond_piece(l->conn, l->chunked, &text);
	buf_clear(&text);
	event_add(l->ping, &tv);
}

void
room_look(struct request *rq, int64_t row, const char *id,
    const char *name)
{
	struct timeval tv = { .tv_sec = STREAM_PING_SECONDS };
	struct looker *l = xcalloc(1, sizeof(*l));

	l->room = get_room(rq->srv, row);
	l->conn = rq->conn;
	l->id = xstrdup(id);
	l->name = xstrdup(name);
	l->chunked = !rq->head->http10;
	TAILQ_INSERT_TAIL(&l->room->lookers, l, entry);
	if (stream_is_remote(rq)) {
		l->ping = event_new(rq->srv->opts.base, -1, 0, ping_due, l);
		if (l->ping == NULL)
			fatal(__func__, "no memory for an event");
		event_add(l->ping, &tv);
	}
	respond_stream(rq, "text/event-stream",
	    "Cache-Control: no-cache, no-transform\r\n"
	    "X-Accel-Buffering: no\r\n");
	conn_hold(l->conn, &source, l, true);
	conn_shed(l->conn);
	tell_room(l->room);
}

/* --------------------------------------------------------------- claims */

bool
room_claim(struct server *srv, int64_t row, const char *id,
    const char *name, bool take)
{
	struct timeval tv = { .tv_sec = ROOM_CLAIM_MS / 1000 };
	struct room *r = get_room(srv, row);
	bool mine = r->holder != NULL && strcmp(r->holder, id) == 0;

	if (r->holder != NULL && !mine && !take)
		return false;
	event_add(r->expiry, &tv);
	if (!mine) {
		str_replace(&r->holder, id);
		str_replace(&r->holder_name, name);
		tell_room(r);
	}
	return true;
}

void
room_release(struct server *srv, int64_t row, const char *id)
{
	struct room *r = find_room(srv, row);

	if (r == NULL || r->holder == NULL || strcmp(r->holder, id) != 0)
		return;
	drop_claim(r);
	settle_room(r);
}

void
room_write(struct server *srv, int64_t row, struct buf *b)
{
	write_room(find_room(srv, row), b);
}

/* ------------------------------------------------------------------ end */

static void
end_room(struct room *r)
{
	struct looker *l;

	while ((l = TAILQ_FIRST(&r->lookers)) != NULL) {
		struct conn *conn = l->conn;
		bool chunked = l->chunked;

		looker_free(l);
		respond_end(conn, chunked);
	}
	free_room(r);
}

void
room_removed(struct server *srv, int64_t row)
{
	struct room *r = find_room(srv, row);

	if (r != NULL)
		end_room(r);
}

void
room_end_all(struct server *srv)
{
	struct room *r;

	while ((r = TAILQ_FIRST(&srv->rooms)) != NULL)
		end_room(r);
}
