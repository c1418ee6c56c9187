/* SPDX-License-Identifier: GPL-3.0-or-later */
/* follow.c - reads a session's channel, comes back after every drop */

#include <event2/event.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/id.h"
#include "base/json.h"
#include "base/mem.h"
#include "client/client.h"
#include "client/follow.h"
#include "client/seen.h"
#include "wire/fetch.h"
#include "wire/record.h"
#include "wire/sse.h"

enum {
	WAIT_FIRST_MS = 1000,	/* session-protocol 18.6: 1 to 5 s, */
	WAIT_MAX_MS = 4000,	/* a quarter of them jitter */
	WAIT_CLEAN_MS = 100,	/* the server ended it in good order */
	TCP_HEAD_MS = 30 * 1000,
	TCP_IDLE_MS = 45 * 1000,	/* it says ping every 5 to 15 s */
	ERROR_BODY_MAX = 64 * 1024,
};

struct follow {
	struct client *client;
	struct follow_opts opts;
	char *path;
	int64_t cursor;
	struct fetch *fetch;
	struct sse_parser *sse;
	struct seen *seen;
	struct event *timer;
	struct buf error_body;	/* of an answer that is no stream */
	int status;
	int drops;		/* in a row, without a record in between */
	int ends;		/* the same, of good ends */
	bool refreshed;		/* a new token was asked for, and not yet
				   let in */
	struct client_call *refreshing;
	bool settled;
	bool caught_up;		/* said on this connection */
	bool fatal;		/* err says why it cannot go on */
	struct err err;
	bool inside;		/* one of our callbacks runs */
	bool stopped;		/* follow_stop() was called meanwhile */
};

static void	follow_connect(struct follow *f);

static void
follow_free(struct follow *f)
{
	if (f->timer != NULL)
		event_free(f->timer);
	client_cancel(f->refreshing);
	sse_free(f->sse);
	seen_free(f->seen);
	buf_clear(&f->error_body);
	free(f->path);
	free(f);
}

void
follow_stop(struct follow *f)
{
	if (f == NULL)
		return;
	f->stopped = true;
	if (f->inside)
		return;		/* who called us frees it */
	if (f->fetch != NULL)
		fetch_cancel(f->fetch);
	follow_free(f);
}

static void
say_state(struct follow *f, enum follow_state state, int64_t wait_ms,
    const struct err *why)
{
	if (f->opts.fns.on_state != NULL && !f->stopped)
		f->opts.fns.on_state(state, wait_ms, why, f->opts.arg);
}

static void
say_caught_up(struct follow *f)
{
	if (f->caught_up || f->stopped)
		return;
	f->caught_up = true;
	if (f->opts.fns.on_caught_up != NULL)
		f->opts.fns.on_caught_up(f->opts.arg);
}

/* It is over; f is gone after. */
static void
follow_end(struct follow *f, const struct err *e)
{
	f->inside = true;
	if (!f->stopped && f->opts.fns.on_end != NULL)
		f->opts.fns.on_end(e, f->opts.arg);
	follow_free(f);
}

static int64_t
header_seq(const struct record *rec, const char *name)
{
	const char *value = record_header(rec, name);

	return value != NULL ? record_parse_cursor(value) : -1;
}

static void
take_control(struct follow *f, const struct record *rec, const char *subtype)
{
	const char *token = record_header(rec, "public-access-token");

	if (token != NULL && *token != '\0')
		client_take_token(f->client, token);	/* 18.11 */
	if (f->opts.fns.on_control != NULL)
		f->opts.fns.on_control(rec->seq, subtype,
		    header_seq(rec, "session-in-event-id"), rec, f->opts.arg);
}

/* A data record: {"data":CHUNK,"id":ID}; data may be a string of JSON. */
static void
take_data(struct follow *f, const struct record *rec)
{
	struct json_doc *doc = json_parse(rec->body, rec->body_len,
	    JSON_REPLACE_UTF8, NULL);
	struct json_doc *inner = NULL;
	const struct json *root = doc != NULL ? json_root(doc) : NULL;
	const struct json *data = json_get(root, "data");
	const char *id = json_get_str(root, "id");
	const char *type;

	if (id != NULL && *id != '\0' && seen_add(f->seen, id))
		goto done;
	if (json_is(data, JSON_STRING)) {
		inner = json_parse(json_str(data), json_len(data), 0, NULL);
		data = inner != NULL ? json_root(inner) : NULL;
	}
	if (!json_is(data, JSON_OBJECT))
		goto done;
	/* before May 2026 the end of a turn was a chunk (18.5) */
	type = json_get_str(data, "type");
	if (type != NULL && strncmp(type, "trigger:", 8) == 0)
		take_control(f, rec, type + 8);
	else if (f->opts.fns.on_chunk != NULL)
		f->opts.fns.on_chunk(rec->seq, data, f->opts.arg);
done:
	json_doc_free(inner);
	json_doc_free(doc);
}

static int
take_record(const struct record *rec, void *arg)
{
	struct follow *f = arg;

	if (rec->seq <= f->cursor)
		return 0;
	f->drops = f->ends = 0;
	if (!record_is_command(rec)) {
		const char *subtype = record_control(rec);
		if (subtype != NULL)
			take_control(f, rec, subtype);
		else
			take_data(f, rec);
	}
	f->cursor = rec->seq;	/* 18.4: commands move it too */
	return f->stopped ? -1 : 0;
}

static int
take_batch(struct follow *f, const struct json *batch)
{
	int64_t tail = -1;
	struct err e = ERR_INIT;

	if (record_batch_read(batch, take_record, f, &tail, &e) == -1) {
		f->err = e;
		return -1;
	}
	if (tail >= 0 && f->cursor + 1 >= tail)
		say_caught_up(f);
	return f->stopped ? -1 : 0;
}

static int
take_ping(struct follow *f, const struct json *ping)
{
	int64_t tail;

	if (json_int64(json_path(ping, "tail", "seq_num", NULL), &tail) == 0 &&
	    f->cursor + 1 >= tail)
		say_caught_up(f);
	return f->stopped ? -1 : 0;
}

static int
take_event(const struct sse_event *ev, void *arg)
{
	struct follow *f = arg;
	bool batch = strcmp(ev->type, "batch") == 0;

	if (strcmp(ev->type, "error") == 0) {
		err_set(&f->err, ERR_UNREACHABLE, "%s", ev->data);
		return -1;
	}
	if (!batch && strcmp(ev->type, "ping") != 0)
		return 0;	/* [DONE] and what we do not know */
	struct json_doc *doc = json_parse(ev->data, ev->len,
	    JSON_REPLACE_UTF8, &f->err);
	if (doc == NULL)
		return -1;
	int r = batch ? take_batch(f, json_root(doc)) :
	    take_ping(f, json_root(doc));
	json_doc_free(doc);
	return r;
}

static int
stream_head(const struct fetch_head *head, void *arg)
{
	struct follow *f = arg;
	const char *version = fetch_header(head->fetch, "x-stream-version");
	const char *settled = fetch_header(head->fetch, "x-session-settled");

	f->status = head->status;
	if (head->status != 200)
		return 0;
	if (version == NULL || strcmp(version, "v2") != 0) {
		f->fatal = true;
		err_set(&f->err, ERR_FAILED,
		    "the server's stream is not version 2 (X-Stream-Version)");
		return -1;
	}
	f->refreshed = false;
	f->settled = f->opts.peek && settled != NULL &&
	    strcmp(settled, "true") == 0;
	f->inside = true;
	say_state(f, FOLLOW_LIVE, 0, NULL);
	f->inside = false;
	return f->stopped ? -1 : 0;
}

static int
stream_body(const char *bytes, size_t len, void *arg)
{
	struct follow *f = arg;

	if (f->status != 200)
		return buf_add(&f->error_body, bytes, len);
	f->inside = true;
	int r = sse_feed(f->sse, bytes, len, &f->err);
	f->inside = false;
	return r;
}

/* 18.6: these do not get better by asking again; 401 and 403 see refresh() */
static bool
status_stays(int status)
{
	static const int stays[] = { 400, 404, 409, 410, 422 };

	for (size_t i = 0; i < NELEM(stays); i++)
		if (stays[i] == status)
			return true;
	return false;
}

/* The server's words, or the status. */
static void
refused(struct follow *f)
{
	struct json_doc *doc = json_parse(f->error_body.data,
	    f->error_body.len, JSON_REPLACE_UTF8, NULL);
	const char *text = doc != NULL ?
	    json_get_str(json_root(doc), "error") : NULL;

	err_clear(&f->err);
	if (text != NULL)
		err_set(&f->err, err_code_of_http(f->status), "%s", text);
	else
		err_set(&f->err, err_code_of_http(f->status),
		    "the server answered %d", f->status);
	json_doc_free(doc);
}

static void
reconnect(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	follow_connect(arg);
}

static void
come_back(struct follow *f, bool clean, const struct err *why)
{
	int64_t ms = WAIT_CLEAN_MS;

	if (clean) {
		/* a server that says nothing but goodbye is not asked often */
		ms <<= f->ends < 4 ? f->ends : 4;
		f->ends++;
	} else {
		ms = (int64_t)WAIT_FIRST_MS << (f->drops < 3 ? f->drops : 3);
		if (ms > WAIT_MAX_MS)
			ms = WAIT_MAX_MS;
		ms += id_random_below((uint32_t)(ms / 4) + 1);
		f->drops++;
	}
	f->inside = true;
	say_state(f, FOLLOW_WAITING, ms, why);
	f->inside = false;
	if (f->stopped) {
		follow_free(f);
		return;
	}
	struct timeval tv = { .tv_sec = (time_t)(ms / 1000),
	    .tv_usec = (suseconds_t)(ms % 1000 * 1000) };
	event_add(f->timer, &tv);
}

static void
refreshed(bool ok, void *arg)
{
	struct follow *f = arg;

	f->refreshing = NULL;
	if (ok)
		follow_connect(f);
	else
		follow_end(f, &f->err);
}

/* 18.6: a new token once for 401 and 403 */
static bool
refresh(struct follow *f)
{
	if ((f->status != 401 && f->status != 403) || f->refreshed)
		return false;
	f->refreshed = true;
	f->refreshing = client_refresh(f->client, f->path, refreshed, f);
	return f->refreshing != NULL;
}

/* An answer that is no stream. */
static void
stream_refused(struct follow *f)
{
	bool stays = status_stays(f->status);

	refused(f);
	if (stays || f->status == 401 || f->status == 403) {
		if (stays || !refresh(f))
			follow_end(f, &f->err);
		return;
	}
	struct err why = f->err;
	come_back(f, false, &why);
}

static void
stream_done(const struct fetch_result *res, void *arg)
{
	struct follow *f = arg;
	bool clean = !err_is_set(&res->err) && res->status == 200 &&
	    !err_is_set(&f->err);

	f->fetch = NULL;
	if (f->stopped) {
		follow_free(f);
		return;
	}
	if (f->fatal) {
		follow_end(f, &f->err);
		return;
	}
	if (f->status != 0 && f->status != 200) {
		stream_refused(f);
		return;
	}
	if (clean && f->settled) {
		follow_end(f, NULL);
		return;
	}
	come_back(f, clean, err_is_set(&f->err) ? &f->err : &res->err);
}

static void
follow_connect(struct follow *f)
{
	char last[64];
	const char *headers[5];
	size_t n = 0;
	bool local = client_is_local(f->client);
	struct fetch_opts opts = {
		/* a local server sends no pings: it wakes nobody for nothing */
		.first_byte_ms = local ? -1 : TCP_HEAD_MS,
		.idle_ms = f->opts.idle_ms != 0 ? f->opts.idle_ms :
		    local ? -1 : TCP_IDLE_MS,
		.on_head = stream_head,
		.on_body = stream_body,
		.on_done = stream_done,
		.arg = f,
	};

	headers[n++] = "Accept: text/event-stream";
	headers[n++] = "Timeout-Seconds: 120";
	if (f->cursor >= 0) {
		snprintf(last, sizeof(last), "Last-Event-ID: %" PRId64,
		    f->cursor);
		headers[n++] = last;
	}
	if (f->opts.peek)
		headers[n++] = "X-Peek-Settled: 1";
	headers[n] = NULL;

	sse_free(f->sse);
	f->sse = sse_new(0, take_event, f);
	seen_reset(f->seen);
	buf_reset(&f->error_body);
	err_clear(&f->err);
	f->status = 0;
	f->settled = f->caught_up = false;
	f->fetch = client_fetch(f->client, f->path, headers, &opts, &f->err);
	if (f->fetch == NULL) {
		struct err why = f->err;
		come_back(f, false, &why);
	}
}

struct follow *
follow_start(struct client *cl, const struct follow_opts *opts)
{
	struct follow *f = xcalloc(1, sizeof(*f));
	char *key = fetch_escape(opts->key);

	f->client = cl;
	f->opts = *opts;
	f->opts.key = NULL;	/* the caller's string may go */
	f->path = xasprintf("/realtime/v1/sessions/%s/%s", key,
	    opts->in ? "in" : "out");
	free(key);
	f->cursor = opts->after;
	f->seen = seen_new();
	buf_init_max(&f->error_body, ERROR_BODY_MAX);
	f->timer = event_new(client_base(cl), -1, 0, reconnect, f);
	follow_connect(f);
	return f;
}
