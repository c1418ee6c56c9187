/* SPDX-License-Identifier: GPL-3.0-or-later */
/* live.c - the message of a running turn, reduced from `out` */

#include <stddef.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "server/live.h"
#include "store/channel.h"
#include "wire/message.h"
#include "wire/record.h"

struct live {
	const char *last;	/* JSON of the transcript's last message */
	int64_t at;
	struct reducer *reducer;
};

/* The message that a turn begins with: a start chunk may name the last. */
static struct message *
initial_message(const struct live *l, const struct json *chunk)
{
	const char *id = json_get_str(chunk, "messageId");
	struct json_doc *doc;
	struct message *m = NULL;

	if (l->last == NULL || id == NULL)
		return NULL;
	doc = json_parse(l->last, strlen(l->last), 0, NULL);
	if (json_streq(json_get(json_root(doc), "id"), id))
		m = message_read(json_root(doc), NULL);
	json_doc_free(doc);
	return m;
}

static void
apply(struct live *l, const struct json *chunk)
{
	if (!json_is(chunk, JSON_OBJECT))
		return;
	if (l->reducer == NULL)
		l->reducer = reducer_new(initial_message(l, chunk), 0);
	/* a chunk that does not fit changes nothing, here as on screens */
	(void)!reducer_apply(l->reducer, chunk, NULL, NULL);
}

static int
on_record(const struct record *rec, void *arg)
{
	struct live *l = arg;
	const char *control = record_control(rec);
	struct json_doc *doc;

	l->at = rec->seq;
	if (control != NULL && strcmp(control, "turn-complete") == 0) {
		/* from here on the transcript knows better */
		reducer_free(l->reducer);
		l->reducer = NULL;
	}
	if (rec->header_count > 0 || rec->body_len == 0)
		return 0;
	doc = json_parse(rec->body, rec->body_len, JSON_REPLACE_UTF8, NULL);
	apply(l, json_get(json_root(doc), "data"));
	json_doc_free(doc);
	return 0;
}

int
live_message(struct store *st, int64_t row, const char *last, int64_t *out,
    struct message **m, struct err *e)
{
	struct live l = { .last = last, .at = *out };
	struct channel *ch = channel_open(st, row, CHANNEL_OUT, e);
	int n = -1;

	*m = NULL;
	if (ch == NULL)
		return -1;
	if (channel_refresh(ch, e) == 0) {
		do {
			n = channel_read(ch, l.at + 1, BATCH_RECORDS_MAX,
			    BATCH_BYTES_MAX, on_record, &l, e);
		} while (n > 0);
	}
	channel_close(ch);
	*out = l.at;
	if (n == 0 && l.reducer != NULL) {
		/* chunks without a start are of no message */
		*m = reducer_take(l.reducer);
		if ((*m)->id == NULL || (*m)->id[0] == '\0') {
			message_free(*m);
			*m = NULL;
		}
	}
	reducer_free(l.reducer);
	return n;
}
