/* SPDX-License-Identifier: GPL-3.0-or-later */
/* record.c - one entry of a channel, and how it travels */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "wire/record.h"

void
record_body_chunk(struct buf *b, const char *chunk, size_t len,
    const char *id)
{
	struct json_w w;

	json_w_init(&w, b);
	json_w_obj(&w);
	json_w_key(&w, "data");
	json_w_raw(&w, chunk, len);
	json_w_kstr(&w, "id", id);
	json_w_obj_end(&w);
}

void
record_body_text(struct buf *b, const char *text, size_t len, const char *id)
{
	struct json_w w;

	json_w_init(&w, b);
	json_w_obj(&w);
	json_w_kstrn(&w, "data", text, len);
	json_w_kstr(&w, "id", id);
	json_w_obj_end(&w);
}

const char *
record_header(const struct record *r, const char *name)
{
	size_t i;

	for (i = 0; i < r->header_count; i++)
		if (strcmp(r->headers[i].name, name) == 0)
			return r->headers[i].value;
	return NULL;
}

const char *
record_control(const struct record *r)
{
	return record_header(r, "trigger-control");
}

bool
record_is_command(const struct record *r)
{
	return r->header_count > 0 && r->headers[0].name[0] == '\0';
}

static void
write_headers(struct json_w *w, const struct record *r)
{
	size_t i;

	json_w_arr(w);
	for (i = 0; i < r->header_count; i++) {
		json_w_arr(w);
		json_w_str(w, r->headers[i].name);
		json_w_str(w, r->headers[i].value);
		json_w_arr_end(w);
	}
	json_w_arr_end(w);
}

void
record_headers_write(struct buf *b, const struct record *r)
{
	struct json_w w;

	json_w_init(&w, b);
	write_headers(&w, r);
}

void
record_batch_begin(struct buf *b)
{
	buf_adds(b, "{\"records\":[");
}

/* By hand: a reader that catches up has this done 100,000 times. */
void
record_batch_add(struct buf *b, const struct record *r)
{
	struct json_w w;

	if (b->data[b->len - 1] != '[')
		buf_addc(b, ',');
	buf_addl(b, "{\"seq_num\":");
	buf_add_int(b, r->seq);
	buf_addl(b, ",\"timestamp\":");
	buf_add_int(b, r->time);
	json_w_init(&w, b);
	if (r->header_count > 0) {
		buf_addl(b, ",\"headers\":");
		write_headers(&w, r);
	}
	buf_addl(b, ",\"body\":");
	w.comma = false;
	json_w_strn(&w, r->body, r->body_len);
	buf_addc(b, '}');
}

static void
write_tail(struct json_w *w, int64_t seq, int64_t time)
{
	json_w_key(w, "tail");
	json_w_obj(w);
	json_w_kint(w, "seq_num", seq);
	json_w_kint(w, "timestamp", time);
	json_w_obj_end(w);
}

void
record_batch_end(struct buf *b, int64_t tail_seq, int64_t tail_time)
{
	struct json_w w;

	buf_addc(b, ']');
	json_w_init(&w, b);
	w.comma = true;
	if (tail_seq >= 0)
		write_tail(&w, tail_seq, tail_time);
	json_w_obj_end(&w);
}

void
record_ping(struct buf *b, int64_t now, int64_t tail_seq, int64_t tail_time)
{
	struct json_w w;

	json_w_init(&w, b);
	json_w_obj(&w);
	json_w_kint(&w, "timestamp", now);
	if (tail_seq >= 0)
		write_tail(&w, tail_seq, tail_time);
	json_w_obj_end(&w);
}

int
record_headers_read(const struct json *list,
    struct record_header out[RECORD_HEADERS_MAX], size_t *count,
    struct err *e)
{
	const struct json *pair;
	const struct json *name, *value;

	*count = 0;
	if (json_is_set(list) && !json_is(list, JSON_ARRAY))
		return err_set(e, ERR_INPUT, "record: headers are no list");
	JSON_EACH(pair, list) {
		name = json_at(pair, 0);
		value = json_at(pair, 1);
		if (!json_is(name, JSON_STRING) ||
		    !json_is(value, JSON_STRING))
			return err_set(e, ERR_INPUT,
			    "record: a header is no pair of strings");
		if (*count == RECORD_HEADERS_MAX)
			return err_set(e, ERR_INPUT,
			    "record: more than %d headers",
			    RECORD_HEADERS_MAX);
		out[(*count)++] = (struct record_header){
			json_str(name), json_str(value)
		};
	}
	return 0;
}

static int
read_record(const struct json *json, struct record_header *headers,
    struct record *r, struct err *e)
{
	const struct json *body = json_get(json, "body");

	*r = (struct record){ .headers = headers, .body = "" };
	if (json_int64(json_get(json, "seq_num"), &r->seq) == -1 ||
	    r->seq < 0)
		return err_set(e, ERR_INPUT, "record: no usable seq_num");
	/* only for display: a peer without one is no reason to stop */
	(void)json_int64(json_get(json, "timestamp"), &r->time);
	if (json_is_set(body)) {
		if (!json_is(body, JSON_STRING))
			return err_set(e, ERR_INPUT,
			    "record %" PRId64 ": the body is no string",
			    r->seq);
		r->body = json_str(body);
		r->body_len = json_len(body);
	}
	return record_headers_read(json_get(json, "headers"), headers,
	    &r->header_count, e);
}

int
record_batch_read(const struct json *batch, record_fn fn, void *arg,
    int64_t *tail_seq, struct err *e)
{
	struct record_header headers[RECORD_HEADERS_MAX];
	const struct json *list = json_get(batch, "records"), *v;
	struct record r;

	if (json_int64(json_path(batch, "tail", "seq_num", NULL),
	    tail_seq) == -1)
		*tail_seq = -1;
	if (!json_is(list, JSON_ARRAY))
		return err_set(e, ERR_INPUT, "batch: no list of records");
	JSON_EACH(v, list)
		if (read_record(v, headers, &r, e) == -1 || fn(&r, arg) != 0)
			return -1;
	return 0;
}

int64_t
record_parse_cursor(const char *s)
{
	size_t digits;
	long long n;

	if (s == NULL)
		return -1;
	digits = strspn(s, "0123456789");
	if (digits == 0 || (s[digits] != '\0' && s[digits] != '-'))
		return -1;
	errno = 0;
	n = strtoll(s, NULL, 10);
	return errno == ERANGE ? INT64_MAX : n;
}
