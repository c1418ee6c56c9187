/* SPDX-License-Identifier: GPL-3.0-or-later */
/* api_stream.c - E8 and E9: where a reader begins, and whether it waits */

#include <stdlib.h>
#include <string.h>

#include "agent/agent.h"
#include "base/err.h"
#include "base/clock.h"
#include "server/api.h"
#include "server/relay.h"
#include "server/request.h"
#include "server/response.h"
#include "server/route.h"
#include "server/server_priv.h"
#include "server/stream.h"
#include "store/channel.h"
#include "store/store.h"
#include "wire/item.h"
#include "wire/record.h"

enum { TIMEOUT_DEFAULT = 60, TIMEOUT_MAX = 600 };

/* session-protocol 7.3 */
static int
read_timeout(struct request *rq, int *out)
{
	const char *s = http_header(rq->head, "timeout-seconds");
	char *end;
	long n;

	*out = TIMEOUT_DEFAULT;
	if (s == NULL)
		return 0;
	n = strtol(s, &end, 10);
	if (s[0] < '0' || s[0] > '9' || *end != '\0' || n < 1 ||
	    n > TIMEOUT_MAX) {
		respond_error(rq, 400, "Timeout-Seconds must be 1 to %d",
		    TIMEOUT_MAX);
		return -1;
	}
	*out = (int)n;
	return 0;
}

static bool
header_is(struct request *rq, const char *name, const char *value)
{
	const char *s = http_header(rq->head, name);

	return s != NULL && strcmp(s, value) == 0;
}

static int
note_settling(const struct record *rec, void *arg)
{
	const char *control = record_control(rec);
	int *what = arg;

	if (record_is_command(rec))
		*what = -1;
	else
		*what = control != NULL &&
		    (strcmp(control, "turn-complete") == 0 ||
		    strcmp(control, "session-closed") == 0);
	return 1;
}

/* Is the last record, commands aside, one that ends a turn? (7.6) */
static bool
ends_settled(struct channel *ch)
{
	int what = -1;

	for (int64_t at = channel_head(ch) - 1; at >= 0 && what < 0; at--) {
		if (channel_read(ch, at, 1, BATCH_BYTES_MAX, note_settling,
		    &what, NULL) <= 0)
			return false;
	}
	return what == 1;
}

/* session-protocol 7.4; without a cursor what a trim would leave (8.4) */
static int64_t
first_number(struct request *rq, struct channel *ch)
{
	const char *s = http_header(rq->head, "last-event-id");
	int64_t head = channel_head(ch);
	int64_t cursor = s == NULL ? -1 : record_parse_cursor(s);
	int64_t from;

	if (cursor >= 0)
		return cursor >= head ? head : cursor + 1;
	if (s == NULL && header_is(rq, "x-trigger-stream-start", "latest"))
		return head;
	if ((rq->route->flags & ROUTE_IN) != 0 || rq->channel != NULL)
		return 0;	/* nothing is trimmed there */
	from = channel_last_control(ch, "turn-complete", 1, NULL);
	return from < 0 ? 0 : from;
}

/* Another process writes it, and only that one knows when. */
static bool
is_owned_elsewhere(struct request *rq, const struct item *it,
    struct owner *who)
{
	memset(who, 0, sizeof(*who));
	return agent_owned(rq->srv->opts.agents, it->row) == NULL &&
	    store_owner(rq->srv->opts.store, it->row, who) == 0;
}

static bool
is_over(const struct item *it)
{
	return it->closed_at != 0 ||
	    (it->expires_at != 0 && it->expires_at <= clock_ms());
}

/* Whether all is said; -1: the request is answered. */
static int
look_settled(struct request *rq, const struct item *it, struct channel *ch,
    bool *settled)
{
	struct agent_host *agents = rq->srv->opts.agents;
	bool pending = agent_pending(agents, it);

	*settled = (rq->route->flags & ROUTE_IN) == 0 &&
	    rq->channel == NULL &&
	    header_is(rq, "x-peek-settled", "1") && ends_settled(ch) &&
	    !agent_busy(agents, it->row) && !pending;
	if (*settled || agent_owned(agents, it->row) != NULL ||
	    (is_over(it) && !pending))
		return 0;
	/* who comes back while it cannot be written reads what there is */
	if (agent_is_lost(agents, it->row))
		return 0;
	/*
	 * It will wait, and only the owner's process is told of new records.
	 * What a dead owner left unfinished goes on with this too.
	 */
	return request_own(rq, it);
}

static void
read_session(struct request *rq, const struct item *it,
    struct stream_opts *o)
{
	struct owner who;
	struct err e = ERR_INIT;

	if (is_owned_elsewhere(rq, it, &who)) {
		relay_start(rq, &who);
		return;
	}
	o->channel = channel_open_side(rq->srv->opts.store, it->row, o->side,
	    o->in ? CHANNEL_IN : CHANNEL_OUT, &e);
	if (o->channel == NULL || channel_refresh(o->channel, &e) != 0) {
		respond_err(rq, &e);
	} else if (look_settled(rq, it, o->channel, &o->settled) == 0) {
		o->row = it->row;
		o->from = first_number(rq, o->channel);
		stream_start(rq, o);
		return;
	}
	if (o->channel != NULL)
		channel_close(o->channel);
}

void
api_stream(struct request *rq)
{
	struct stream_opts o = {
		.in = (rq->route->flags & ROUTE_IN) != 0,
		.key = rq->key,
		.side = rq->channel,
	};
	struct item it = { 0 };
	struct err e = ERR_INIT;

	if (read_timeout(rq, &o.timeout) != 0)
		return;
	if (store_find(rq->srv->opts.store, rq->key, &it, &e) == 0) {
		if (request_allowed(rq, &it) != 0)
			;	/* answered */
		else if (strcmp(rq->head->method, "HEAD") == 0)
			respond(rq, 200, 0, "X-Last-Chunk-Index: 0\r\n",
			    "text/event-stream", NULL);
		else
			read_session(rq, &it, &o);
	} else if (e.code != ERR_NOT_FOUND) {
		respond_err(rq, &e);
	} else if (strncmp(rq->key, "session_", 8) == 0 ||
	    strcmp(rq->head->method, "HEAD") == 0) {
		respond_error(rq, 404, "Not found");
	} else if (request_allowed(rq, NULL) == 0) {
		/* a reader may come before the row (7.5) */
		stream_start(rq, &o);
	}
	item_clear(&it);
}
