/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store_transcript.c - messages, cursors, turns, usage, and copies of all */

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "store/store_priv.h"
#include "store/usage.h"
#include "wire/message.h"

enum { PAGE_MESSAGES = 64 };

/* cursors and turns */

static bool
is_soon(const struct owned *own, const char *reader)
{
	return own->reader != NULL && strcmp(own->reader, reader) == 0;
}

int64_t
store_cursor(struct store *st, int64_t row, const char *reader)
{
	const struct owned *own = owned_find(st, row);
	int64_t seq = -1;

	if (own != NULL && is_soon(own, reader))
		return own->cursor;
	return st->ops->cursor(st->db, row, reader, &seq, NULL) == 1 ? seq :
	    -1;
}

int
store_set_cursor(struct owned *own, const char *reader, int64_t seq,
    struct err *e)
{
	struct store *st = own->store;

	if (owned_touch(own, e) == -1)
		return -1;
	if (is_soon(own, reader))
		own->reader = NULL;
	return st->ops->set_cursor(st->db, own->row, reader, seq, e);
}

void
store_set_cursor_soon(struct owned *own, const char *reader, int64_t seq)
{
	own->reader = reader;
	own->cursor = seq;
	owned_grew(own, 0);
}

int
store_turn(struct store *st, int64_t row, struct store_turn *out,
    struct err *e)
{
	int r = st->ops->turn(st->db, row, out, e);

	return r == 0 ? err_set(e, ERR_NOT_FOUND, "no such session") :
	    r == 1 ? 0 : -1;
}

int
store_set_turn(struct owned *own, const struct store_turn *turn,
    enum item_state state, struct err *e)
{
	struct store *st = own->store;

	if (owned_touch(own, e) == -1 ||
	    (turn->message_id[0] != '\0' && owned_work(own, e) == -1))
		return -1;
	return st->ops->set_turn(st->db, own->row, turn, state, e);
}

/* messages */

void
store_message_clear(struct store_message *m)
{
	free(m->id);
	free(m->json);
	memset(m, 0, sizeof *m);
}

int
store_put_message(struct owned *own, const char *id, const char *role,
    const char *json, const char *text, int64_t out_seq, struct err *e)
{
	struct store *st = own->store;
	struct store_put put = { id, role, json, text, out_seq };

	if (owned_touch(own, e) == -1)
		return -1;
	return st->ops->put_message(st->db, own->row, &put, e);
}

int
store_cut_messages(struct owned *own, const char *from_id, struct err *e)
{
	struct store *st = own->store;

	if (owned_touch(own, e) == -1)
		return -1;
	return st->ops->cut_messages(st->db, own->row, from_id, e);
}

struct messages {
	struct store_message *list;
	int count;
};

/* Newest first, as many as there are or one more than asked for. */
static int
take_messages(struct store *st, int64_t row, int limit, const char *before,
    struct messages *out, struct err *e)
{
	int n = PAGE_MESSAGES, max = limit > 0 ? limit + 1 : INT32_MAX;

	while (n == PAGE_MESSAGES && out->count < max) {
		int left = max - out->count;

		if (out->count > 0)
			before = out->list[out->count - 1].id;
		out->list = xreallocarray(out->list,
		    (size_t)out->count + PAGE_MESSAGES, sizeof *out->list);
		n = st->ops->messages(st->db, row, before,
		    out->list + out->count,
		    left < PAGE_MESSAGES ? left : PAGE_MESSAGES, e);
		if (n > 0)
			out->count += n;
	}
	return n == -1 ? -1 : 0;
}

int
store_messages(struct store *st, int64_t row, int limit, const char *before,
    store_message_fn fn, void *arg, bool *more, struct err *e)
{
	struct messages m = { 0 };
	int i, r = take_messages(st, row, limit, before, &m, e);
	int count = limit > 0 && m.count > limit ? limit : m.count;

	if (more != NULL)
		*more = m.count > count;
	for (i = count - 1; r == 0 && i >= 0; i--)
		if (fn(m.list[i].id, m.list[i].json, arg) != 0)
			break;
	while (m.count > 0)
		store_message_clear(&m.list[--m.count]);
	free(m.list);
	return r;
}

int
store_cover(struct owned *own, int64_t out_seq, struct err *e)
{
	struct store *st = own->store;

	if (owned_touch(own, e) == -1)
		return -1;
	return st->ops->cover(st->db, own->row, out_seq, e);
}

int64_t
store_covered(struct store *st, int64_t row)
{
	int64_t seq = -1;

	return st->ops->covered(st->db, row, &seq, NULL) == 1 ? seq : -1;
}

/* usage */

/* new = old + usage, as text */
static char *
add_usage(const char *old, const char *usage, struct err *e)
{
	struct json_doc *a = NULL, *b = json_parse(usage, strlen(usage), 0, e);
	struct buf sum = BUF_INIT;

	if (b == NULL)
		return NULL;
	/* what cannot be read is begun anew */
	if (old != NULL)
		a = json_parse(old, strlen(old), 0, NULL);
	usage_add(&sum, a == NULL ? NULL : json_root(a), json_root(b));
	json_doc_free(a);
	json_doc_free(b);
	return buf_take(&sum);
}

int
store_add_usage(struct owned *own, const char *usage, double cost,
    struct err *e)
{
	struct store *st = own->store;
	struct store_sum sum = { 0 };
	char *added = NULL;
	int r;

	if (owned_touch(own, e) == -1)
		return -1;
	r = st->ops->sum(st->db, own->row, &sum, e);
	if (r == 1 && usage != NULL) {
		added = add_usage(sum.usage, usage, e);
		r = added == NULL ? -1 : 1;
	}
	if (added != NULL) {
		free(sum.usage);
		sum.usage = added;
	}
	/* a sum with something unknown in it is unknown */
	sum.cost = sum.cost < 0 || cost < 0 ? -1 : sum.cost + cost;
	if (r == 1)
		r = st->ops->set_sum(st->db, own->row, &sum, e);
	free(sum.usage);
	return r == -1 ? -1 : 0;
}

/* copies */

static int
create_copy(struct store *st, const struct item *from, struct item *out,
    struct err *e)
{
	char *title = from->title == NULL ? NULL :
	    xasprintf("%s (fork)", from->title);
	struct store_new n = { .type = from->type, .task = from->task,
	    .config = from->config, .tags = from->tags,
	    .metadata = from->metadata, .dir = from->dir, .title = title,
	    .model = from->model };
	bool existed;
	int r = store_create(st, &n, out, &existed, e);

	free(title);
	return r;
}

static int
note_waiting(const char *id, const char *json, void *arg)
{
	struct json_doc *doc = json_parse(json, strlen(json), 0, NULL);
	struct message *m = message_read(json_root(doc), NULL);

	(void)id;
	*(bool *)arg = m != NULL && message_waiting(m) > 0;
	message_free(m);
	json_doc_free(doc);
	return 0;
}

/* A copy whose last call waits for a person waits as well. */
static int
copy_state(struct store *st, int64_t row, struct err *e)
{
	static const struct store_turn none = { .in_seq = -1 };
	bool more, waits = false;

	if (store_messages(st, row, 1, NULL, note_waiting, &waits, &more,
	    e) == -1)
		return -1;
	return !waits ? 0 :
	    st->ops->set_turn(st->db, row, &none, ITEM_WAITING, e);
}

int
store_fork(struct store *st, int64_t row, const char *at, struct item *out,
    struct err *e)
{
	struct item from, copy;
	char *id;
	int r = st->ops->get(st->db, row, &from, e);

	if (r != 1)
		return r == 0 ? err_set(e, ERR_NOT_FOUND, "no such session") :
		    -1;
	r = create_copy(st, &from, &copy, e);
	item_clear(&from);
	if (r == -1)
		return -1;
	if (st->ops->copy_messages(st->db, row, copy.row, at, e) == -1 ||
	    st->ops->copy_sides(st->db, row, copy.row, e) == -1 ||
	    copy_state(st, copy.row, e) == -1) {
		/* half a copy is none */
		(void)st->ops->remove(st->db, copy.row, NULL);
		item_clear(&copy);
		return -1;
	}
	id = xstrdup(copy.id);
	item_clear(&copy);
	r = store_find(st, id, out, e);	/* with its count of messages */
	free(id);
	return r;
}
