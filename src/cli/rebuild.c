/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rebuild.c - puts what people wrote and what agents answered in order */

/*
 *	in:	m0   m1   m2		out:	chunks complete(0) chunks ..
 *		 |____|__________________________|
 *
 * A turn-complete names the last record of `in` that it covers, so messages
 * up to there stand before the chunks of its turn (session-protocol 8.2).
 */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "cli/ask.h"
#include "cli/keep.h"
#include "cli/rebuild.h"
#include "client/client.h"
#include "client/view.h"
#include "wire/input.h"
#include "wire/message.h"
#include "wire/record.h"

struct rebuild {
	struct view *view;
	const struct json *in, *out;	/* arrays of records, or NULL */
	int64_t covered;		/* of `in` */
	int64_t last;			/* turn-complete on `out` */
};

static int64_t
number_of(const struct json *rec)
{
	int64_t n;

	return json_int64(json_get(rec, "seqNum"), &n) == 0 ? n : -1;
}

static const char *
header_of(const struct json *rec, const char *name)
{
	const struct json *pair;

	JSON_EACH(pair, json_get(rec, "headers")) {
		const char *s = json_str(json_at(pair, 0));

		if (s != NULL && strcmp(s, name) == 0)
			return json_str(json_at(pair, 1));
	}
	return NULL;
}

/* Before May 2026 the end of a turn was a chunk (session-protocol 18.5). */
static bool
is_legacy(const struct json *rec)
{
	return json_streq(json_path(rec, "data", "type", NULL),
	    "trigger:turn-complete");
}

static bool
is_complete(const struct json *rec)
{
	const char *control = header_of(rec, "trigger-control");

	return is_legacy(rec) ||
	    (control != NULL && strcmp(control, "turn-complete") == 0);
}

static int64_t
cursor_of(const struct json *transcript, const char *name)
{
	const char *s = json_get_str(json_get(transcript, "cursors"), name);

	return s != NULL ? record_parse_cursor(s) : -1;
}

/* Go on from what we remember, unless the session is not that one. */
static void
recall(struct rebuild *r, const struct json_doc *kept)
{
	const struct json *t = kept != NULL ? json_root(kept) : NULL;
	int64_t last = cursor_of(t, "lastOutEventId");
	size_t n = json_len(r->out);

	if (last < 0 || (r->out != NULL && (n == 0 ||
	    number_of(json_at(r->out, n - 1)) < last)))
		return;
	view_load(r->view, json_get(t, "messages"));
	r->last = last;
	r->covered = cursor_of(t, "lastInEventId");
}

/* What people said, up to a number (INT64_MAX: all). */
static void
add_messages(struct rebuild *r, int64_t upto)
{
	const struct json *rec;

	JSON_EACH(rec, r->in) {
		int64_t n = number_of(rec);
		const char *text = json_get_str(rec, "data");
		struct input in;

		if (n <= r->covered || n > upto || text == NULL)
			continue;
		input_read(&in, text, strlen(text));
		const char *role = json_get_str(in.message, "role");
		if (in.kind == INPUT_MESSAGE && role != NULL &&
		    strcmp(role, "user") == 0) {
			struct buf b = BUF_INIT;
			char *message = json_text(in.message);
			buf_addf(&b, "[%s]", message);
			struct json_doc *doc = json_parse(b.data, b.len, 0,
			    NULL);
			if (doc != NULL)
				view_load(r->view, json_root(doc));
			json_doc_free(doc);
			free(message);
			buf_clear(&b);
		}
		input_clear(&in);
	}
}

static void
apply(struct rebuild *r, const struct json *rec)
{
	const struct json *data = json_get(rec, "data");
	struct json_doc *doc = NULL;
	struct err e = ERR_INIT;

	if (json_is(data, JSON_STRING) && json_len(data) > 0) {
		doc = json_parse(json_str(data), json_len(data), 0, NULL);
		data = doc != NULL ? json_root(doc) : NULL;
	}
	/* one that does not fit changes nothing */
	if (json_is(data, JSON_OBJECT) &&
	    view_apply(r->view, data, NULL, &e) != 0)
		err_clear(&e);
	json_doc_free(doc);
}

/* Such a chunk does not tell: its turn was that of the next message. */
static int64_t
next_message(const struct rebuild *r)
{
	const struct json *rec;
	int64_t found = -1;

	JSON_EACH(rec, r->in) {
		int64_t n = number_of(rec);
		const char *text = json_get_str(rec, "data");
		struct input in;

		if (found >= 0 || n <= r->covered || text == NULL)
			continue;
		input_read(&in, text, strlen(text));
		if (in.kind == INPUT_MESSAGE)
			found = n;
		input_clear(&in);
	}
	return found;
}

/* The records from first to before end are a turn, end its completion. */
static void
add_turn(struct rebuild *r, size_t first, size_t end)
{
	const struct json *complete = json_at(r->out, end);
	const char *value = header_of(complete, "session-in-event-id");
	int64_t upto = value != NULL ? record_parse_cursor(value) :
	    is_legacy(complete) ? next_message(r) : -1;

	/* what was trimmed took its question along */
	if (end == 0 && r->last < 0 && number_of(complete) > 0)
		r->covered = upto;
	add_messages(r, upto);
	for (size_t i = first; i < end; i++)
		apply(r, json_at(r->out, i));
	view_turn_complete(r->view);
	if (upto > r->covered)
		r->covered = upto;
	r->last = number_of(complete);
}

static void
add_turns(struct rebuild *r)
{
	size_t first = 0, n = json_len(r->out);

	for (size_t i = 0; i < n; i++) {
		const struct json *rec = json_at(r->out, i);

		if (number_of(rec) <= r->last) {
			first = i + 1;
		} else if (is_complete(rec)) {
			add_turn(r, first, i);
			first = i + 1;
		}
	}
}

static void
write_cursor(struct json_w *w, const char *name, int64_t n)
{
	struct buf b = BUF_INIT;

	if (n < 0)
		return;
	buf_addf(&b, "%" PRId64, n);
	json_w_kstr(w, name, b.data);
	buf_clear(&b);
}

/* messages NULL: those of the view. */
static struct json_doc *
result(const struct rebuild *r, const struct json *messages, struct err *e)
{
	struct buf b = BUF_INIT;
	struct json_w w;

	json_w_init(&w, &b);
	json_w_obj(&w);
	json_w_key(&w, "messages");
	if (messages != NULL) {
		json_w_value(&w, messages);
	} else {
		json_w_arr(&w);
		for (size_t i = 0; i < view_count(r->view); i++)
			message_write(view_at(r->view, i), &w);
		json_w_arr_end(&w);
	}
	json_w_key(&w, "cursors");
	json_w_obj(&w);
	write_cursor(&w, "lastOutEventId", r->last);
	write_cursor(&w, "lastInEventId", r->covered);
	json_w_obj_end(&w);
	json_w_obj_end(&w);
	struct json_doc *doc = json_parse(b.data, b.len, 0, e);
	buf_clear(&b);
	return doc;
}

/* A server that does not tell the records, and a token that does not open
 * `in`, are no reason to fail; what may be there the next time is. */
static bool
is_untold(enum err_code code, bool in)
{
	switch (code) {
	case ERR_NOT_FOUND:
	case ERR_REFUSED:
	case ERR_INVALID:
	case ERR_CONFLICT:
		return true;
	case ERR_AUTH:
	case ERR_FORBIDDEN:
		return in;
	default:
		return false;
	}
}

/* The records of a channel, NULL: not told. */
static int
get_records(struct client *cl, const char *key, bool in,
    struct json_doc **doc, struct err *e)
{
	const char *which = in ? "/in/records" : "/out/records";
	struct err why = ERR_INIT;
	char *path = ask_path("/realtime/v1/sessions/", key, which);
	int r = ask_server(cl, "GET", path, NULL, doc, &why);

	free(path);
	if (r == 0 || is_untold(why.code, in))
		return 0;
	return err_pass(e, &why);
}

static int
rebuild(struct client *cl, const char *key, const struct json *messages,
    struct json_doc **doc, struct err *e)
{
	struct json_doc *in = NULL, *out = NULL;
	struct rebuild r = { .covered = -1, .last = -1 };
	int ret = -1;

	if (get_records(cl, key, false, &out, e) != 0 ||
	    get_records(cl, key, true, &in, e) != 0)
		goto done;
	r.in = in != NULL ? json_get(json_root(in), "records") : NULL;
	r.out = out != NULL ? json_get(json_root(out), "records") : NULL;
	r.view = view_new();
	struct json_doc *kept = client_is_chatd(cl) ? NULL :
	    keep_load(cl, key);
	recall(&r, kept);
	add_turns(&r);
	struct json_doc *whole = result(&r, NULL, e);
	/* who asks next goes on from here; what waits is not in it, and without
	 * what people said it is not to stay */
	if (whole != NULL && in != NULL && !client_is_chatd(cl))
		keep_save(cl, key, whole);
	json_doc_free(whole);
	add_messages(&r, INT64_MAX);
	struct json_doc *made = result(&r, messages, e);
	view_free(r.view);
	json_doc_free(kept);
	if (made != NULL) {
		json_doc_free(*doc);
		*doc = made;
		ret = 0;
	}
done:
	json_doc_free(in);
	json_doc_free(out);
	return ret;
}

int
rebuild_transcript(struct client *cl, const char *key, struct json_doc **doc,
    struct err *e)
{
	*doc = NULL;
	return rebuild(cl, key, NULL, doc, e);
}

int
rebuild_cursors(struct client *cl, const char *key, struct json_doc **doc,
    struct err *e)
{
	const struct json *messages = json_get(json_root(*doc), "messages");

	return rebuild(cl, key, messages, doc, e);
}
