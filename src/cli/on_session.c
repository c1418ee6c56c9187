/* SPDX-License-Identifier: GPL-3.0-or-later */
/* on_session.c - what commands on one session have in common */

#include <event2/event.h>

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "cli/ask.h"
#include "cli/halves.h"
#include "cli/on_session.h"
#include "cli/opts.h"
#include "cli/remote.h"
#include "client/client.h"
#include "client/follow.h"
#include "client/send.h"
#include "wire/input.h"
#include "wire/record.h"

int
on_session(const struct opts *o, on_session_fn fn, struct err *e)
{
	struct halves h;
	struct item it = { 0 };
	int r = -1;

	if (halves_open(&h, HALVES_SERVER, o, e) != 0)
		return -1;
	if (ask_resolve(h.client, o->words.items[0], &it, e) == 0) {
		remote_enter(h.client, &it);
		r = fn(&h, &it, o, e);
	}
	item_clear(&it);
	halves_close(&h);
	return r;
}

char *
on_session_words(const struct opts *o)
{
	struct buf b = BUF_INIT;

	for (size_t i = 1; i < o->words.count; i++) {
		if (i > 1)
			buf_addc(&b, ' ');
		buf_adds(&b, o->words.items[i]);
	}
	return buf_take(&b);
}

/* An append on its way. */
struct sending {
	struct event_base *base;
	struct err err;
};

static void
sent(int64_t seq, const struct err *e, void *arg)
{
	struct sending *s = arg;

	(void)seq;
	if (e != NULL)
		s->err = *e;
	event_base_loopbreak(s->base);
}

static int
send_wait(struct sending *s, struct err *e)
{
	event_base_dispatch(s->base);
	return err_is_set(&s->err) ? err_pass(e, &s->err) : 0;
}

int
on_session_message(struct halves *h, const struct item *it,
    const struct input_message *m, struct err *e)
{
	struct sending s = { .base = h->base, .err = ERR_INIT };

	(void)send_message(h->client, item_key(it), m, sent, &s);
	return send_wait(&s, e);
}

int
on_session_stop(struct halves *h, const struct item *it, const char *why,
    struct err *e)
{
	struct sending s = { .base = h->base, .err = ERR_INIT };

	(void)send_stop(h->client, item_key(it), why, sent, &s);
	return send_wait(&s, e);
}

/* An action on its way: sent, then followed to its turn-complete. */
struct action {
	struct event_base *base;
	int64_t seq;		/* -1: not answered yet */
	int64_t covered;	/* of the last turn-complete, -1: none */
	bool follow_ended;
	struct err err;
	struct err said;	/* by a chunk since the last turn-complete */
};

static void
action_chunk(int64_t seq, const struct json *chunk, void *arg)
{
	struct action *a = arg;
	const char *type = json_get_str(chunk, "type");
	const struct json *data = json_get(chunk, "data");

	(void)seq;
	if (type == NULL)
		return;
	if (strcmp(type, "data-chatd-error") == 0 &&
	    json_get_str(data, "text") != NULL)
		err_set(&a->said, err_code_by_name(json_get_str(data, "code")),
		    "%s", json_get_str(data, "text"));
	else if (strcmp(type, "error") == 0)
		err_set(&a->said, ERR_FAILED, "%s",
		    json_get_str(chunk, "errorText"));
}

static void
action_check(struct action *a)
{
	if (a->seq >= 0 && a->covered >= a->seq)
		event_base_loopbreak(a->base);
}

static void
action_control(int64_t seq, const char *subtype, int64_t in_seq,
    const struct record *rec, void *arg)
{
	struct action *a = arg;

	(void)seq;
	(void)rec;
	if (strcmp(subtype, "turn-complete") != 0)
		return;
	a->covered = in_seq;
	action_check(a);
	if (a->seq < 0 || in_seq < a->seq)
		err_clear(&a->said);
}

static void
action_end(const struct err *e, void *arg)
{
	struct action *a = arg;

	a->follow_ended = true;
	if (e != NULL)
		a->err = *e;
	else
		err_set(&a->err, ERR_FAILED, "the session has ended");
	event_base_loopbreak(a->base);
}

static void
action_sent(int64_t seq, const struct err *e, void *arg)
{
	struct action *a = arg;

	if (e != NULL) {
		a->err = *e;
		event_base_loopbreak(a->base);
		return;
	}
	a->seq = seq;
	action_check(a);
}

static int
action_cursor(struct halves *h, const struct item *it, int64_t *after,
    struct err *e)
{
	struct json_doc *doc = NULL;

	if (ask_transcript(h->client, it->id, &doc, e) != 0)
		return -1;
	const char *out = json_get_str(json_get(json_root(doc), "cursors"),
	    "lastOutEventId");
	*after = out != NULL ? record_parse_cursor(out) : -1;
	json_doc_free(doc);
	return 0;
}

int
on_session_action(struct halves *h, const struct item *it,
    const char *action, struct err *e)
{
	struct action a = { .base = h->base, .seq = -1, .covered = -1,
	    .err = ERR_INIT, .said = ERR_INIT };
	struct follow_opts fo = {
		.key = item_key(it),
		.fns = { .on_chunk = action_chunk,
		    .on_control = action_control, .on_end = action_end },
		.arg = &a,
	};
	struct input_message m = { .chat_id = item_key(it),
	    .trigger = TRIGGER_ACTION, .action = action };

	if (action_cursor(h, it, &fo.after, e) != 0)
		return -1;
	struct follow *f = follow_start(h->client, &fo);
	(void)send_message(h->client, item_key(it), &m, action_sent, &a);
	event_base_dispatch(h->base);
	if (!a.follow_ended)
		follow_stop(f);
	const struct err *bad = err_is_set(&a.err) ? &a.err : &a.said;
	return err_is_set(bad) ? err_pass(e, bad) : 0;
}
