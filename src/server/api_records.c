/* SPDX-License-Identifier: GPL-3.0-or-later */
/* api_records.c - E10: the records of a channel as one JSON answer */

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
#include "server/route.h"
#include "server/server_priv.h"
#include "store/channel.h"
#include "wire/item.h"
#include "wire/record.h"

struct records {
	struct channel *channel;
	int64_t next, end;
	bool begun;		/* the array is open */
	struct json_w w;
};

static void
write_headers(struct json_w *w, const struct record *rec)
{
	json_w_key(w, "headers");
	json_w_arr(w);
	for (size_t i = 0; i < rec->header_count; i++) {
		json_w_arr(w);
		json_w_str(w, rec->headers[i].name);
		json_w_str(w, rec->headers[i].value);
		json_w_arr_end(w);
	}
	json_w_arr_end(w);
}

/* A control record has data and id "" (7.8). */
static void
write_body(struct json_w *w, const struct record *rec)
{
	struct json_doc *doc = rec->body_len == 0 ? NULL :
	    json_parse(rec->body, rec->body_len, JSON_REPLACE_UTF8, NULL);
	const struct json *data = json_get(json_root(doc), "data");
	const char *id = json_get_str(json_root(doc), "id");

	if (data != NULL)
		json_w_kvalue(w, "data", data);
	else
		json_w_kstr(w, "data", "");
	json_w_kstr(w, "id", id != NULL ? id : "");
	json_doc_free(doc);
}

static int
add_record(const struct record *rec, void *arg)
{
	struct records *r = arg;

	r->next = rec->seq + 1;
	if (record_is_command(rec))
		return 0;
	json_w_obj(&r->w);
	write_body(&r->w, rec);
	json_w_kint(&r->w, "seqNum", rec->seq);
	if (rec->header_count > 0)
		write_headers(&r->w, rec);
	json_w_obj_end(&r->w);
	return 0;
}

static int
on_next(struct buf *b, void *arg, struct err *e)
{
	struct records *r = arg;
	bool comma = r->w.comma;

	json_w_init(&r->w, b);
	if (!r->begun) {
		buf_adds(b, "{\"records\":[");
		r->begun = true;
	} else {
		r->w.comma = comma;
	}
	if (r->next < r->end && channel_read(r->channel, r->next,
	    BATCH_RECORDS_MAX, BATCH_BYTES_MAX, add_record, r, e) <= 0)
		return -1;
	if (r->next < r->end)
		return 1;
	buf_adds(b, "]}");
	return 0;
}

static void
on_free(void *arg)
{
	struct records *r = arg;

	channel_close(r->channel);
	free(r);
}

static const struct pieces_fns fns = { on_next, on_free };

/* ^\d+$, else 400; absent: from the first */
static int
read_from(struct request *rq, int64_t *from)
{
	const char *s = query_get(rq->query, "afterEventId");

	*from = 0;
	if (s == NULL)
		return 0;
	if (s[0] == '\0' || s[strspn(s, "0123456789")] != '\0') {
		respond_error(rq, 400, "afterEventId: a number is wanted");
		return -1;
	}
	*from = record_parse_cursor(s);
	if (*from < INT64_MAX)
		(*from)++;
	return 0;
}

static void
start(struct request *rq, const struct item *it, int64_t from)
{
	struct err e = ERR_INIT;
	struct channel *ch = channel_open_side(rq->srv->opts.store, it->row,
	    rq->channel, (rq->route->flags & ROUTE_IN) != 0 ?
	    CHANNEL_IN : CHANNEL_OUT, &e);
	struct records *r;

	if (ch == NULL || channel_refresh(ch, &e) != 0) {
		if (ch != NULL)
			channel_close(ch);
		respond_err(rq, &e);
		return;
	}
	r = xcalloc(1, sizeof(*r));
	r->channel = ch;
	r->next = from;
	r->end = channel_head(ch);
	pieces_start(rq, &fns, r);
}

void
api_records(struct request *rq)
{
	struct item it = { 0 };
	int64_t from;

	if (read_from(rq, &from) != 0 || request_find(rq, &it) != 0)
		return;
	start(rq, &it, from);
	item_clear(&it);
}
