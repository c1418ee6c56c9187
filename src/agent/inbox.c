/* SPDX-License-Identifier: GPL-3.0-or-later */
/* inbox.c - which record of `in` is next, and which stop hits a turn */

#include <string.h>

#include "agent/inbox.h"
#include "base/err.h"
#include "base/json.h"
#include "store/channel.h"
#include "store/store.h"
#include "wire/record.h"

static const char cursor_agent[] = "agent";
static const char cursor_stop[] = "agent-stop";

enum { INBOX_BATCH = 64 };

void
inbox_init(struct inbox *ib, struct channel *in, struct store *st,
    int64_t row)
{
	ib->in = in;
	ib->next = ib->seen = store_cursor(st, row, cursor_agent) + 1;
	ib->stopped = store_cursor(st, row, cursor_stop);
}

/* On `in` the data is text (session-protocol 6.1). */
static void
input_of_record(struct input *in, const struct record *r)
{
	struct json_doc *doc = json_parse(r->body, r->body_len, 0, NULL);
	const struct json *data = json_get(json_root(doc), "data");

	if (json_is(data, JSON_STRING))
		input_read(in, json_str(data), json_len(data));
	json_doc_free(doc);
}

static int
inbox_record(const struct record *r, void *arg)
{
	if (record_control(r) == NULL && !record_is_command(r))
		input_of_record(arg, r);
	return 0;
}

int
inbox_read(struct inbox *ib, int64_t seq, struct input *in, struct err *e)
{
	memset(in, 0, sizeof(*in));
	int n = channel_read(ib->in, seq, 1, 0, inbox_record, in, e);

	if (n == 0)
		return err_set(e, ERR_IO, "record %lld of in is gone",
		    (long long)seq);
	return n == -1 ? -1 : 0;
}

bool
inbox_answered(const struct input *in)
{
	return in->kind == INPUT_MESSAGE && (in->trigger == TRIGGER_SUBMIT ||
	    in->trigger == TRIGGER_REGENERATE ||
	    in->trigger == TRIGGER_ACTION);
}

struct stop_search {
	int64_t after;		/* it must have a larger number */
	int64_t found;
	int64_t seen;
};

static int
stop_look(const struct record *r, void *arg)
{
	struct stop_search *s = arg;
	struct input in;

	s->seen = r->seq + 1;
	if (r->seq <= s->after)
		return 0;
	memset(&in, 0, sizeof(in));
	(void)inbox_record(r, &in);	/* always 0 */
	if (in.kind == INPUT_STOP)
		s->found = r->seq;
	input_clear(&in);
	return s->found != -1;
}

int64_t
inbox_find_stop(struct inbox *ib, int64_t in_seq)
{
	struct stop_search s = {
		.after = in_seq > ib->stopped ? in_seq : ib->stopped,
		.found = -1,
	};

	if (ib->seen <= in_seq)
		ib->seen = in_seq + 1;
	while (s.found == -1 && ib->seen < channel_head(ib->in)) {
		s.seen = ib->seen;
		if (channel_read(ib->in, ib->seen, INBOX_BATCH,
		    BATCH_BYTES_MAX, stop_look, &s, NULL) <= 0)
			/* what cannot be read must not be waited for */
			s.seen = channel_head(ib->in);
		ib->seen = s.seen;
	}
	return s.found;
}

int64_t
inbox_covered(struct inbox *ib, int64_t in_seq, int64_t stop)
{
	int64_t covered = in_seq;

	while (covered < stop) {
		struct input in;
		int rc = inbox_read(ib, covered + 1, &in, NULL);
		bool waits = rc == -1 || inbox_answered(&in);

		input_clear(&in);
		if (waits)
			break;
		covered++;
	}
	return covered;
}

void
inbox_skip(struct inbox *ib, struct owned *own, int64_t seq)
{
	store_set_cursor_soon(own, cursor_agent, seq);
	ib->next = seq + 1;
	if (ib->seen < ib->next)
		ib->seen = ib->next;
}

int
inbox_consume(struct inbox *ib, struct owned *own, int64_t seq, int64_t stop,
    struct err *e)
{
	if (stop > ib->stopped) {
		if (store_set_cursor(own, cursor_stop, stop, e) == -1)
			return -1;
		ib->stopped = stop;
	}
	if (seq < ib->next)
		return 0;
	if (store_set_cursor(own, cursor_agent, seq, e) == -1)
		return -1;
	ib->next = seq + 1;
	if (ib->seen < ib->next)
		ib->seen = ib->next;
	return 0;
}
