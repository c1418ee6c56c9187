/* SPDX-License-Identifier: GPL-3.0-or-later */
/* presence.c - who else looks at a session, and whose turn runs in it */

#include <event2/event.h>

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/id.h"
#include "base/json.h"
#include "base/mem.h"
#include "client/client.h"
#include "client/presence.h"
#include "wire/fetch.h"
#include "wire/sse.h"

enum {
	WAIT_FIRST_MS = 500,
	WAIT_MAX_MS = 15 * 1000,
	TCP_HEAD_MS = 30 * 1000,
	TCP_IDLE_MS = 45 * 1000,	/* it says ping every 10 s */
	EVENT_MAX = 256 * 1024,
};

struct presence {
	struct client *client;
	char *id, *name, *path;
	char *claim_path, *release_path;
	presence_fn fn;
	void *arg;
	struct fetch *fetch;
	struct sse_parser *sse;
	struct client_call *claiming, *releasing;
	struct event *again;		/* the stream */
	struct event *beat;		/* of the claim */
	int status, drops;
	bool ours;			/* claimed, as far as we know */
	bool take;			/* with the next claim */
	int others;
	char *names, *holder, *holder_id;
};

static void	connect_stream(struct presence *p);

static void
add_timer(struct event *ev, int ms)
{
	struct timeval tv = { .tv_sec = ms / 1000,
	    .tv_usec = ms % 1000 * 1000 };

	event_add(ev, &tv);
}

/* ---------------------------------------------------------------- state */

static void
take_clients(struct presence *p, const struct json *clients)
{
	struct buf names = BUF_INIT;
	const struct json *v;

	p->others = 0;
	JSON_EACH(v, clients) {
		const char *id = json_get_str(v, "id");
		const char *name = json_get_str(v, "name");

		if (id == NULL || name == NULL || strcmp(id, p->id) == 0)
			continue;
		buf_addf(&names, "%s%s", p->others > 0 ? ", " : "", name);
		p->others++;
	}
	free(p->names);
	p->names = buf_take(&names);
}

static void
take_state(struct presence *p, const struct json *state)
{
	const struct json *holder = json_get(state, "holder");
	const char *id = json_get_str(holder, "id");

	if (!json_is(json_get(state, "clients"), JSON_ARRAY))
		return;
	take_clients(p, json_get(state, "clients"));
	str_replace(&p->holder_id, id);
	str_replace(&p->holder, id == NULL || strcmp(id, p->id) == 0 ? NULL :
	    json_get_str(holder, "name"));
	/* somebody has taken over */
	if (p->holder != NULL && p->claiming == NULL) {
		p->ours = false;
		event_del(p->beat);
	}
	p->fn(p->arg);
}

static int
take_event(const struct sse_event *ev, void *arg)
{
	struct json_doc *doc;

	if (strcmp(ev->type, "presence") != 0)
		return 0;
	doc = json_parse(ev->data, ev->len, JSON_REPLACE_UTF8, NULL);
	if (doc != NULL)
		take_state(arg, json_root(doc));
	json_doc_free(doc);
	return 0;
}

/* --------------------------------------------------------------- stream */

static int
stream_head(const struct fetch_head *head, void *arg)
{
	struct presence *p = arg;

	p->status = head->status;
	return head->status == 200 ? 0 : -1;
}

static int
stream_body(const char *bytes, size_t len, void *arg)
{
	struct presence *p = arg;

	p->drops = 0;
	return sse_feed(p->sse, bytes, len, NULL);
}

static void
stream_done(const struct fetch_result *res, void *arg)
{
	struct presence *p = arg;
	int shift = p->drops < 5 ? p->drops : 5;
	int ms = WAIT_FIRST_MS << shift;

	(void)res;
	p->fetch = NULL;
	p->others = 0;
	str_replace(&p->names, NULL);
	str_replace(&p->holder, NULL);
	str_replace(&p->holder_id, NULL);
	p->fn(p->arg);
	/* a server without it, or one that does not want to tell us */
	if (p->status >= 400 && p->status < 500 && p->status != 429)
		return;
	p->drops++;
	add_timer(p->again, ms < WAIT_MAX_MS ? ms : WAIT_MAX_MS);
}

static void
again(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	connect_stream(arg);
}

static void
connect_stream(struct presence *p)
{
	static const char *const headers[] = { "Accept: text/event-stream",
	    NULL };
	bool local = client_is_local(p->client);
	struct fetch_opts opts = {
		.first_byte_ms = local ? -1 : TCP_HEAD_MS,
		.idle_ms = local ? -1 : TCP_IDLE_MS,
		.on_head = stream_head,
		.on_body = stream_body,
		.on_done = stream_done,
		.arg = p,
	};
	struct err e = ERR_INIT;

	sse_free(p->sse);
	p->sse = sse_new(EVENT_MAX, take_event, p);
	p->status = 0;
	p->fetch = client_fetch(p->client, p->path, headers, &opts, &e);
	if (p->fetch == NULL)
		add_timer(p->again, WAIT_MAX_MS);
}

/* --------------------------------------------------------------- claims */

static void
claimed(const struct client_answer *a, void *arg)
{
	struct presence *p = arg;

	p->claiming = NULL;
	/* somebody was faster, or the server knows nothing of this; when it
	 * cannot be reached, the turn may still be ours */
	if (a->status >= 400)
		p->ours = false;
	if (a->body != NULL && (a->status == 200 || a->status == 409))
		take_state(p, a->body);
	if (p->ours)
		add_timer(p->beat, PRESENCE_BEAT_MS);
}

static void
send_claim(struct presence *p)
{
	struct buf b = BUF_INIT;
	struct json_w w;

	/* one after the other: the answer goes on with it */
	if (p->claiming != NULL || p->releasing != NULL)
		return;
	json_w_init(&w, &b);
	json_w_obj(&w);
	json_w_kstr(&w, "client", p->id);
	json_w_kstr(&w, "name", p->name);
	json_w_kbool(&w, "take", p->take);
	json_w_obj_end(&w);
	struct client_request rq = { .method = "POST",
	    .path = p->claim_path, .body = b.data, .body_len = b.len };
	p->take = false;
	p->claiming = client_start(p->client, &rq, claimed, p);
	buf_clear(&b);
}

static void
beat(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	send_claim(arg);
}

void
presence_claim(struct presence *p, bool take)
{
	if (p == NULL || p->fetch == NULL || (p->holder != NULL && !take))
		return;
	if (take && p->claiming != NULL) {
		client_cancel(p->claiming);
		p->claiming = NULL;
	}
	p->ours = true;
	p->take = take;
	event_del(p->beat);
	send_claim(p);
}

static void
released(const struct client_answer *a, void *arg)
{
	struct presence *p = arg;

	(void)a;
	p->releasing = NULL;
	if (p->ours)
		send_claim(p);	/* the next turn has begun */
}

void
presence_release(struct presence *p)
{
	struct buf b = BUF_INIT;
	struct json_w w;

	if (p == NULL || !p->ours)
		return;
	p->ours = false;
	event_del(p->beat);
	client_cancel(p->claiming);
	p->claiming = NULL;
	json_w_init(&w, &b);
	json_w_obj(&w);
	json_w_kstr(&w, "client", p->id);
	json_w_obj_end(&w);
	struct client_request rq = { .method = "POST",
	    .path = p->release_path, .body = b.data, .body_len = b.len };
	client_cancel(p->releasing);
	p->releasing = client_start(p->client, &rq, released, p);
	buf_clear(&b);
}

/* ----------------------------------------------------------- life cycle */

static char *
own_path(const char *key, const char *what)
{
	char *escaped = fetch_escape(key);
	char *path = xasprintf("/api/chatd/v1/sessions/%s/%s", escaped, what);

	free(escaped);
	return path;
}

struct presence *
presence_new(struct client *cl, const char *key, const char *name,
    presence_fn fn, void *arg)
{
	struct presence *p = xcalloc(1, sizeof(*p));
	char id[ID_MAX], *query, *escaped = fetch_escape(name);

	id_uuid(id);
	p->client = cl;
	p->id = xstrdup(id);
	p->name = xstrdup(name);
	query = xasprintf("presence?client=%s&name=%s", id, escaped);
	p->path = own_path(key, query);
	p->claim_path = own_path(key, "claim");
	p->release_path = own_path(key, "release");
	p->fn = fn;
	p->arg = arg;
	p->again = event_new(client_base(cl), -1, 0, again, p);
	p->beat = event_new(client_base(cl), -1, 0, beat, p);
	if (client_is_chatd(cl))
		connect_stream(p);
	free(query);
	free(escaped);
	return p;
}

void
presence_free(struct presence *p)
{
	if (p == NULL)
		return;
	/* the end of the stream gives the claim back */
	if (p->fetch != NULL)
		fetch_cancel(p->fetch);
	client_cancel(p->claiming);
	client_cancel(p->releasing);
	event_free(p->again);
	event_free(p->beat);
	sse_free(p->sse);
	free(p->id);
	free(p->name);
	free(p->path);
	free(p->claim_path);
	free(p->release_path);
	free(p->names);
	free(p->holder);
	free(p->holder_id);
	free(p);
}

int
presence_others(const struct presence *p)
{
	return p != NULL ? p->others : 0;
}

char *
presence_names(const struct presence *p)
{
	return xstrdup(p != NULL && p->names != NULL ? p->names : "");
}

const char *
presence_holder(const struct presence *p)
{
	return p != NULL ? p->holder : NULL;
}

bool
presence_is_ours(const struct presence *p)
{
	return p != NULL && p->ours;
}
