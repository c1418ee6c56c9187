/* SPDX-License-Identifier: GPL-3.0-or-later */
/* api_import.c - what api_export.c wrote becomes a session again */

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "server/answer.h"
#include "server/api.h"
#include "server/request.h"
#include "server/response.h"
#include "server/route.h"
#include "server/server_priv.h"
#include "store/store_import.h"
#include "wire/item.h"
#include "wire/message.h"
#include "wire/record.h"

static const struct {
	const char *name;
	enum channel_dir dir;
} parts[] = {
	{ "in", CHANNEL_IN },
	{ "out", CHANNEL_OUT },
};

/* Pointers into the document; headers is the caller's. */
static int
read_record(const struct json *json, struct record *rec,
    struct record_header headers[RECORD_HEADERS_MAX])
{
	const struct json *body = json_get(json, "body");
	const struct json *h;

	memset(rec, 0, sizeof(*rec));
	if (json_int64(json_get(json, "seq_num"), &rec->seq) != 0 ||
	    json_int64(json_get(json, "timestamp"), &rec->time) != 0 ||
	    !json_is(body, JSON_STRING))
		return -1;
	rec->body = json_str(body);
	rec->body_len = json_len(body);
	rec->headers = headers;
	JSON_EACH(h, json_get(json, "headers")) {
		const struct json *name = json_at(h, 0), *value = json_at(h, 1);

		if (rec->header_count == RECORD_HEADERS_MAX ||
		    !json_is(name, JSON_STRING) ||
		    !json_is(value, JSON_STRING))
			return -1;
		headers[rec->header_count].name = json_str(name);
		headers[rec->header_count++].value = json_str(value);
	}
	return 0;
}

/* A failure in the store would take other changes with it: look first. */
static int
check_records(const struct json *list, const char *name, struct err *e)
{
	struct record_header headers[RECORD_HEADERS_MAX];
	const struct json *json;
	struct record rec;
	int64_t n = 0;

	if (!json_is(list, JSON_ARRAY))
		return err_set(e, ERR_REFUSED, "%s: an array is wanted", name);
	JSON_EACH(json, list) {
		if (read_record(json, &rec, headers) != 0 || rec.seq != n)
			return err_set(e, ERR_REFUSED,
			    "%s: record %lld cannot be read", name,
			    (long long)n);
		n++;
	}
	return 0;
}

static int
check_sides(const struct json *list, struct err *e)
{
	const struct json *side;

	if (json_is_set(list) && !json_is(list, JSON_ARRAY))
		return err_set(e, ERR_REFUSED, "channels: an array is wanted");
	JSON_EACH(side, list) {
		if (!route_is_channel_name(json_get_str(side, "name")))
			return err_set(e, ERR_REFUSED,
			    "channels: one has no name");
		for (size_t i = 0; i < NELEM(parts); i++)
			if (check_records(json_get(side, parts[i].name),
			    json_get_str(side, "name"), e) != 0)
				return -1;
	}
	return 0;
}

static int
check(const struct json *root, struct err *e)
{
	const struct json *list = json_get(root, "messages"), *m;

	if (!json_is(root, JSON_OBJECT) || !json_is(list, JSON_ARRAY))
		return err_set(e, ERR_REFUSED, "this is no export of chatd");
	JSON_EACH(m, list) {
		if (!json_is(json_get(m, "id"), JSON_STRING) ||
		    !json_is(json_get(m, "role"), JSON_STRING))
			return err_set(e, ERR_REFUSED,
			    "messages: one has no id or no role");
	}
	for (size_t i = 0; i < NELEM(parts); i++) {
		if (check_records(json_get(root, parts[i].name),
		    parts[i].name, e) != 0)
			return -1;
	}
	return check_sides(json_get(root, "channels"), e);
}

static int64_t
cursor(const struct json *root, const char *name)
{
	const char *s = json_get_str(json_get(root, "cursors"), name);

	return s == NULL ? -1 : record_parse_cursor(s);
}

static int
put_message(struct store_import *im, const struct json *json, int64_t out,
    struct err *e)
{
	struct message *m = message_read(json, NULL);
	struct buf words = BUF_INIT;
	char *text = json_text(json);
	int rc;

	if (m != NULL)
		message_text(m, &words);
	rc = store_import_message(im, json_get_str(json, "id"),
	    json_get_str(json, "role"), text, words.data, out, e);
	free(text);
	buf_clear(&words);
	message_free(m);
	return rc;
}

static int
put_side(struct store_import *im, const struct json *side, struct err *e)
{
	const char *name = json_get_str(side, "name");
	struct record_header headers[RECORD_HEADERS_MAX];
	const struct json *json;
	struct record rec;

	for (size_t i = 0; i < NELEM(parts); i++) {
		JSON_EACH(json, json_get(side, parts[i].name)) {
			if (read_record(json, &rec, headers) != 0 ||
			    store_import_side_record(im, name, parts[i].dir,
			    &rec, e) != 0)
				return -1;
		}
	}
	return 0;
}

static int
put_all(struct store_import *im, const struct json *root, struct err *e)
{
	int64_t out = cursor(root, "lastOutEventId");
	struct record_header headers[RECORD_HEADERS_MAX];
	const struct json *json;
	struct record rec;

	JSON_EACH(json, json_get(root, "messages")) {
		if (put_message(im, json, out, e) != 0)
			return -1;
	}
	for (size_t i = 0; i < NELEM(parts); i++) {
		JSON_EACH(json, json_get(root, parts[i].name)) {
			if (read_record(json, &rec, headers) != 0 ||
			    store_import_record(im, parts[i].dir, &rec,
			    e) != 0)
				return -1;
		}
	}
	JSON_EACH(json, json_get(root, "channels")) {
		if (put_side(im, json, e) != 0)
			return -1;
	}
	return 0;
}

static int
read_item(struct item *it, const struct json *root, struct err *e)
{
	if (item_read(it, json_get(root, "session"), e) != 0)
		return -1;
	if (it->id != NULL && it->type != NULL && it->task != NULL &&
	    it->config != NULL && it->tags != NULL &&
	    strncmp(it->id, "session_", 8) == 0)
		return 0;
	item_clear(it);
	return err_set(e, ERR_REFUSED, "session: this is no whole one");
}

static int
import(struct request *rq, const struct json *root, struct item *out,
    struct err *e)
{
	struct store_import *im = NULL;
	struct item it = { 0 };

	if (check(root, e) != 0 || read_item(&it, root, e) != 0)
		return -1;
	im = store_import_begin(rq->srv->opts.store, &it, e);
	item_clear(&it);
	if (im == NULL)
		return -1;
	if (put_all(im, root, e) != 0) {
		store_import_drop(im);
		return -1;
	}
	return store_import_end(im, cursor(root, "lastInEventId"), out, e);
}

void
api_import(struct request *rq)
{
	struct json_doc *doc = request_json(rq);
	struct buf body = BUF_INIT;
	struct item it = { 0 };
	struct err e = ERR_INIT;
	struct json_w w;

	if (doc == NULL)
		return;
	if (import(rq, json_root(doc), &it, &e) != 0) {
		respond_err(rq, &e);
	} else {
		json_w_init(&w, &body);
		item_write(&it, &w, true);
		answer_committed(rq, 201, &body);
	}
	item_clear(&it);
	json_doc_free(doc);
}
