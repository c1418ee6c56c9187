/* SPDX-License-Identifier: GPL-3.0-or-later */
/* api_transcript.c - E14: the messages, and where `out` goes on from them */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "server/api.h"
#include "server/live.h"
#include "server/request.h"
#include "server/response.h"
#include "server/server_priv.h"
#include "store/store.h"
#include "wire/item.h"
#include "wire/message.h"

struct transcript {
	struct buf messages;	/* JSON objects with commas between */
	size_t last_at;		/* where the last one begins */
	char *first_id, *last_id, *last_json;
};

static int
add_message(const char *id, const char *json, void *arg)
{
	struct transcript *t = arg;

	if (t->messages.len > 0)
		buf_addc(&t->messages, ',');
	t->last_at = t->messages.len;
	buf_adds(&t->messages, json);
	if (t->first_id == NULL)
		t->first_id = xstrdup(id);
	str_replace(&t->last_id, id);
	str_replace(&t->last_json, json);
	return 0;
}

/* The message of the running turn takes the place of its stored beginning. */
static void
add_live(struct transcript *t, struct message *m)
{
	struct buf json = BUF_INIT;
	struct json_w w;

	json_w_init(&w, &json);
	message_write(m, &w);
	if (t->last_id != NULL && strcmp(t->last_id, m->id) == 0) {
		buf_cut(&t->messages, t->last_at > 0 ? t->last_at - 1 : 0);
	}
	add_message(m->id, json.data, t);
	buf_clear(&json);
}

static void
write_cursor(struct json_w *w, const char *name, int64_t seq)
{
	char text[24];

	if (seq < 0)
		return;
	snprintf(text, sizeof(text), "%" PRId64, seq);
	json_w_kstr(w, name, text);
}

static void
answer(struct request *rq, struct transcript *t, int64_t out, int64_t in,
    bool more)
{
	struct buf body = BUF_INIT;
	struct json_w w;

	json_w_init(&w, &body);
	json_w_obj(&w);
	json_w_key(&w, "messages");
	json_w_arr(&w);
	if (t->messages.len > 0)
		json_w_raw(&w, t->messages.data, t->messages.len);
	json_w_arr_end(&w);
	if (out >= 0 || in >= 0) {
		json_w_key(&w, "cursors");
		json_w_obj(&w);
		write_cursor(&w, "lastOutEventId", out);
		write_cursor(&w, "lastInEventId", in);
		json_w_obj_end(&w);
	}
	if (more && t->first_id != NULL)
		json_w_kstr(&w, "nextCursor", t->first_id);
	json_w_obj_end(&w);
	respond_json(rq, 200, &body);
}

static int
add_running(struct request *rq, const struct item *it, struct transcript *t,
    int64_t *out, struct err *e)
{
	struct message *m = NULL;

	if (live_message(rq->srv->opts.store, it->row, t->last_json, out, &m,
	    e) != 0)
		return -1;
	if (m != NULL)
		add_live(t, m);
	message_free(m);
	return 0;
}

static void
transcript_clear(struct transcript *t)
{
	buf_clear(&t->messages);
	free(t->first_id);
	free(t->last_id);
	free(t->last_json);
}

void
api_transcript(struct request *rq)
{
	struct store *st = rq->srv->opts.store;
	const char *before = query_get(rq->query, "before");
	struct transcript t = { .messages = BUF_INIT };
	struct item it = { 0 };
	struct err e = ERR_INIT;
	bool more = false;
	int64_t limit, out;

	if (query_int(rq->query, "limit", 1, INT32_MAX, 0, &limit) != 0) {
		respond_error(rq, 400, "limit: a number from 1 is wanted");
		return;
	}
	if (request_find(rq, &it) != 0)
		return;
	out = store_covered(st, it.row);
	if (store_messages(st, it.row, (int)limit, before, add_message, &t,
	    &more, &e) != 0 || (before == NULL &&
	    query_flag(rq->query, "live") &&
	    add_running(rq, &it, &t, &out, &e) != 0))
		respond_err(rq, &e);
	else
		answer(rq, &t, out, store_cursor(st, it.row, "agent"), more);
	transcript_clear(&t);
	item_clear(&it);
}
