/* SPDX-License-Identifier: GPL-3.0-or-later */
/* send.c - one append, with its part id */

#include <stdlib.h>

#include "base/buf.h"
#include "base/id.h"
#include "base/json.h"
#include "base/mem.h"
#include "client/client.h"
#include "client/send.h"
#include "wire/fetch.h"
#include "wire/input.h"

struct sending {
	send_fn fn;
	void *arg;
};

static void
appended(const struct client_answer *a, void *arg)
{
	struct sending *s = arg;
	int64_t seq = -1;

	if (!err_is_set(&a->err) &&
	    json_int64(json_get(a->body, "seq"), &seq) == -1)
		seq = -1;
	if (s->fn != NULL)
		s->fn(seq, err_is_set(&a->err) ? &a->err : NULL, s->arg);
	free(s);
}

struct client_call *
send_record(struct client *cl, const char *key, const char *text, size_t len,
    send_fn fn, void *arg)
{
	struct sending *s = xcalloc(1, sizeof(*s));
	char part_id[ID_MAX];
	char *escaped = fetch_escape(key);
	char *path = xasprintf("/realtime/v1/sessions/%s/in/append", escaped);

	s->fn = fn;
	s->arg = arg;
	id_uuid(part_id);
	struct client_request rq = { .method = "POST", .path = path,
	    .body = text, .body_len = len, .part_id = part_id,
	    .on_cancel = free };
	struct client_call *call = client_start(cl, &rq, appended, s);
	free(path);
	free(escaped);
	return call;
}

struct client_call *
send_message(struct client *cl, const char *key,
    const struct input_message *m, send_fn fn, void *arg)
{
	struct buf b = BUF_INIT;

	input_write_message(&b, m);
	struct client_call *call = send_record(cl, key, b.data, b.len, fn,
	    arg);
	buf_clear(&b);
	return call;
}

struct client_call *
send_stop(struct client *cl, const char *key, const char *reason, send_fn fn,
    void *arg)
{
	struct buf b = BUF_INIT;

	input_write_stop(&b, reason);
	struct client_call *call = send_record(cl, key, b.data, b.len, fn,
	    arg);
	buf_clear(&b);
	return call;
}

bool
send_covered(int64_t seq, int64_t in_seq)
{
	return in_seq < 0 || in_seq >= seq;
}
