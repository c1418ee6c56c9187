/* SPDX-License-Identifier: GPL-3.0-or-later */
/* api_export.c - a whole session as one JSON document */

/*
 * {"chatd":1,"session":ITEM,"messages":[UIMessage],"cursors":{..},
 *  "in":[RECORD],"out":[RECORD],"channels":[{"name":NAME,"in":[RECORD],
 *  "out":[RECORD]}]}; a RECORD as in a batch (session-protocol 7.2), channels
 * only where there are side channels. What api_import.c reads.
 */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "server/api.h"
#include "server/pieces.h"
#include "server/request.h"
#include "server/response.h"
#include "server/server_priv.h"
#include "store/channel.h"
#include "store/store.h"
#include "wire/item.h"
#include "wire/record.h"

enum { OWN_PARTS = 2 };	/* in, out; then those of side channels */

struct part {
	char *before;		/* up to its first record */
	const char *after;
	struct channel *channel;
	int64_t end;
};

struct export {
	struct buf head;	/* all that comes before the records */
	struct part *parts;
	size_t count;
	size_t part;		/* being written */
	int64_t next;
	struct json_w w;
};

static int
add_message(const char *id, const char *json, void *arg)
{
	struct json_w *w = arg;

	(void)id;
	json_w_raw(w, json, strlen(json));
	return 0;
}

static int
write_head(struct request *rq, const struct item *it, struct buf *b,
    struct err *e)
{
	struct store *st = rq->srv->opts.store;
	struct json_w w;

	json_w_init(&w, b);
	json_w_obj(&w);
	json_w_kint(&w, "chatd", 1);
	json_w_key(&w, "session");
	item_write(it, &w, true);
	json_w_key(&w, "messages");
	json_w_arr(&w);
	if (store_messages(st, it->row, 0, NULL, add_message, &w, NULL,
	    e) != 0)
		return -1;
	json_w_arr_end(&w);
	buf_addf(b, ",\"cursors\":{\"lastOutEventId\":\"%" PRId64
	    "\",\"lastInEventId\":\"%" PRId64 "\"}",
	    store_covered(st, it->row), store_cursor(st, it->row, "agent"));
	return 0;
}

static int
add_record(const struct record *rec, void *arg)
{
	struct export *x = arg;

	json_w_obj(&x->w);
	json_w_kint(&x->w, "seq_num", rec->seq);
	json_w_kint(&x->w, "timestamp", rec->time);
	if (rec->header_count > 0) {
		json_w_key(&x->w, "headers");
		json_w_arr(&x->w);
		for (size_t i = 0; i < rec->header_count; i++) {
			json_w_arr(&x->w);
			json_w_str(&x->w, rec->headers[i].name);
			json_w_str(&x->w, rec->headers[i].value);
			json_w_arr_end(&x->w);
		}
		json_w_arr_end(&x->w);
	}
	json_w_kstrn(&x->w, "body", rec->body, rec->body_len);
	json_w_obj_end(&x->w);
	x->next = rec->seq + 1;
	return 0;
}

/* One piece of the records of one channel. */
static int
on_next(struct buf *b, void *arg, struct err *e)
{
	struct export *x = arg;
	struct part *p = &x->parts[x->part];

	buf_add(b, x->head.data, x->head.len);
	buf_clear(&x->head);
	if (x->next == 0)
		buf_adds(b, p->before);
	json_w_init(&x->w, b);
	x->w.comma = x->next > 0;
	if (x->next < p->end && channel_read(p->channel, x->next,
	    BATCH_RECORDS_MAX, BATCH_BYTES_MAX, add_record, x, e) <= 0)
		return -1;
	if (x->next < p->end)
		return 1;
	buf_adds(b, p->after);
	x->next = 0;
	if (++x->part < x->count)
		return 1;
	buf_adds(b, x->count > OWN_PARTS ? "]}" : "}");
	return 0;
}

static void
on_free(void *arg)
{
	struct export *x = arg;

	for (size_t i = 0; i < x->count; i++) {
		channel_close(x->parts[i].channel);
		free(x->parts[i].before);
	}
	free(x->parts);
	buf_clear(&x->head);
	free(x);
}

static const struct pieces_fns fns = { on_next, on_free };

/* name NULL: the session's own channel. */
static int
add_part(struct export *x, const struct item *it, const char *name,
    enum channel_dir dir, struct server *srv, struct err *e)
{
	const char *which = dir == CHANNEL_IN ? "in" : "out";
	struct part p = { .after = "]" };

	p.channel = channel_open_side(srv->opts.store, it->row, name, dir, e);
	if (p.channel == NULL)
		return -1;
	if (name == NULL || dir == CHANNEL_OUT)
		p.before = xasprintf(",\"%s\":[", which);
	else	/* a name needs no quoting */
		p.before = xasprintf("%s{\"name\":\"%s\",\"in\":[",
		    x->count == OWN_PARTS ? ",\"channels\":[" : ",", name);
	if (name != NULL && dir == CHANNEL_OUT)
		p.after = "]}";
	x->parts = xreallocarray(x->parts, x->count + 1, sizeof(*x->parts));
	x->parts[x->count++] = p;
	if (channel_refresh(p.channel, e) != 0)
		return -1;
	x->parts[x->count - 1].end = channel_head(p.channel);
	return 0;
}

static int
open_channels(struct export *x, const struct item *it, struct server *srv,
    struct err *e)
{
	char *name = NULL, *next;
	int r = add_part(x, it, NULL, CHANNEL_IN, srv, e);

	if (r == 0)
		r = add_part(x, it, NULL, CHANNEL_OUT, srv, e);
	while (r == 0 && (r = channel_next_side(srv->opts.store, it->row,
	    name == NULL ? "" : name, &next, e)) == 1) {
		free(name);
		name = next;
		r = add_part(x, it, name, CHANNEL_IN, srv, e);
		if (r == 0)
			r = add_part(x, it, name, CHANNEL_OUT, srv, e);
	}
	free(name);
	return r;
}

void
api_export(struct request *rq)
{
	struct item it = { 0 };
	struct err e = ERR_INIT;
	struct export *x;

	if (request_find(rq, &it) != 0)
		return;
	x = xcalloc(1, sizeof(*x));
	buf_init(&x->head);
	if (open_channels(x, &it, rq->srv, &e) == 0 &&
	    write_head(rq, &it, &x->head, &e) == 0) {
		pieces_start(rq, &fns, x);
	} else {
		on_free(x);
		respond_err(rq, &e);
	}
	item_clear(&it);
}
