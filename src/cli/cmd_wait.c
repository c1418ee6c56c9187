/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_wait.c - chatd wait: until nothing runs in a session */

#include <event2/event.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "cli/cmd.h"
#include "cli/halves.h"
#include "cli/on_session.h"
#include "client/client.h"
#include "client/follow.h"

struct waiting {
	struct halves *h;
	const struct item *item;
	struct follow *follow;
	struct event *again;	/* ask once more whether all is settled */
	int64_t cursor;
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

	(void)in_seq;
	(void)rec;
	w->cursor = seq;
	if (strcmp(subtype, "turn-complete") == 0)
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
		.peek = true,
		.fns = { .on_chunk = wait_chunk, .on_control = wait_control,
		    .on_end = wait_end },
		.arg = w,
	};

	w->follow = follow_start(w->h->client, &fo);
}

static int
wait_one(struct halves *h, const struct item *it, const struct opts *o,
    struct err *e)
{
	struct waiting w = { .h = h, .item = it, .cursor = -1,
	    .err = ERR_INIT };

	(void)o;
	if (it->messages == 0 && it->state == ITEM_IDLE &&
	    client_is_chatd(h->client))
		return 0;	/* nothing was ever asked */
	w.again = event_new(h->base, -1, 0, wait_again, &w);
	wait_follow(&w);
	event_base_dispatch(h->base);
	follow_stop(w.follow);
	event_free(w.again);
	if (w.err.code == ERR_NOT_FOUND)
		return err_set(e, w.err.code, "session %s was removed",
		    item_key(it));
	if (err_is_set(&w.err))
		return err_set(e, w.err.code, "%s", w.err.text);
	return w.failed ? err_exit_status(ERR_FAILED) : 0;
}

static int
wait_run(struct opts *o, struct err *e)
{
	return on_session(o, wait_one, e);
}

const struct command cmd_wait = {
	.name = "wait",
	.args = "ID",
	.help = "wait until nothing runs in a session (1: its turn failed)",
	.words_min = 1,
	.words_max = 1,
	.run = wait_run,
};
