/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_wait.c - chatd wait: until nothing runs in a session */

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "cli/ask.h"
#include "cli/cmd.h"
#include "cli/halves.h"
#include "cli/on_session.h"
#include "client/client.h"
#include "client/follow.h"
#include "wire/input.h"

struct waiting {
	struct halves *h;
	const struct item *item;
	struct follow *follow;
	struct event *again;	/* ask once more whether all is settled */
	int64_t cursor;
	int64_t covered;	/* of `in`, by turn-completes */
	bool watch;		/* settled is not what it is */
	bool failed, ended;
	struct err err;
};

static void	wait_follow(struct waiting *w);

static void
wait_chunk(int64_t seq, const struct json *chunk, void *arg)
{
	struct waiting *w = arg;
	const char *type = json_get_str(chunk, "type");

	(void)seq;
	if (type != NULL && strcmp(type, "start") == 0)
		w->failed = false;
	else if (type != NULL && strcmp(type, "error") == 0)
		w->failed = true;
}

static void
wait_control(int64_t seq, const char *subtype, int64_t in_seq,
    const struct record *rec, void *arg)
{
	struct waiting *w = arg;

	(void)rec;
	w->cursor = seq;
	if (strcmp(subtype, "turn-complete") != 0)
		return;
	if (in_seq > w->covered)
		w->covered = in_seq;
	w->watch = false;
	event_active(w->again, EV_TIMEOUT, 0);
}

static void
wait_end(const struct err *e, void *arg)
{
	struct waiting *w = arg;

	w->follow = NULL;
	w->ended = true;
	if (e != NULL)
		w->err = *e;
	event_base_loopbreak(w->h->base);
}

static void
wait_again(evutil_socket_t fd, short what, void *arg)
{
	struct waiting *w = arg;

	(void)fd;
	(void)what;
	if (w->ended)
		return;
	follow_stop(w->follow);
	wait_follow(w);
}

/* The server ends a peek at once when nothing runs or waits (7.6). */
static void
wait_follow(struct waiting *w)
{
	struct follow_opts fo = {
		.key = w->item->id,	/* 404 when it is removed */
		.after = w->cursor,
		.peek = !w->watch,
		.fns = { .on_chunk = wait_chunk, .on_control = wait_control,
		    .on_end = wait_end },
		.arg = w,
	};

	w->follow = follow_start(w->h->client, &fo);
}

/* Does a message wait for its turn? A server that is no chatd may call a
 * session settled before it has begun what was just asked (7.6). */
static bool
is_asked(struct waiting *w)
{
	char *path = ask_path("/realtime/v1/sessions/", item_key(w->item),
	    "/in/records");
	struct json_doc *doc = NULL;
	const struct json *rec;
	bool asked = false;

	if (ask_server(w->h->client, "GET", path, NULL, &doc, NULL) == 0)
		JSON_EACH(rec, json_get(json_root(doc), "records")) {
			const char *text = json_get_str(rec, "data");
			struct input in;
			int64_t n;

			if (text == NULL ||
			    json_int64(json_get(rec, "seqNum"), &n) != 0)
				continue;
			input_read(&in, text, strlen(text));
			asked = asked || (n > w->covered &&
			    in.kind == INPUT_MESSAGE &&
			    (in.trigger == TRIGGER_SUBMIT ||
			    in.trigger == TRIGGER_REGENERATE ||
			    in.trigger == TRIGGER_ACTION));
			input_clear(&in);
		}
	json_doc_free(doc);
	free(path);
	return asked;
}

/* How the last turn ended. */
static int
verdict(const struct waiting *w, struct err *e)
{
	struct item now = { 0 };
	bool asks;

	if (w->failed)
		return err_exit_status(ERR_FAILED);
	asks = ask_get(w->h->client, w->item->id, &now, NULL) == 0 &&
	    now.state == ITEM_WAITING;
	item_clear(&now);
	if (!asks)
		return 0;
	err_set(e, ERR_DENIED, "a tool call waits for an answer");
	return err_hint(e, "chatd approve %s answers", item_key(w->item));
}

static int
wait_one(struct halves *h, const struct item *it, const struct opts *o,
    struct err *e)
{
	struct waiting w = { .h = h, .item = it, .cursor = -1,
	    .covered = -1, .err = ERR_INIT };

	(void)o;
	/* the first message may be there, and who took it killed before its
	 * turn began */
	if (it->messages == 0 && it->state == ITEM_IDLE &&
	    client_is_chatd(h->client) && !is_asked(&w))
		return 0;	/* nothing was ever asked */
	w.again = event_new(h->base, -1, 0, wait_again, &w);
	do {
		w.ended = false;
		wait_follow(&w);
		event_base_dispatch(h->base);
		w.watch = true;
	} while (w.ended && !err_is_set(&w.err) &&
	    !client_is_chatd(h->client) && is_asked(&w));
	follow_stop(w.follow);
	event_free(w.again);
	if (w.err.code == ERR_NOT_FOUND)
		return err_set(e, w.err.code, "session %s was removed",
		    item_key(it));
	if (err_is_set(&w.err))
		return err_pass(e, &w.err);
	return verdict(&w, e);
}

static int
wait_run(struct opts *o, struct err *e)
{
	return on_session(o, wait_one, e);
}

const struct command cmd_wait = {
	.name = "wait",
	.args = "ID",
	.help = "wait until nothing runs in a session",
	.words_min = 1,
	.words_max = 1,
	.run = wait_run,
};
