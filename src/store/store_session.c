/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store_session.c - sessions: made, found, listed, searched, removed */

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/mem.h"
#include "store/store_priv.h"

enum {
	CANDIDATES_MAX = 6,	/* named when a word is not clear */
	PAGE_ROWS = 256,
};

void
store_finish_item(struct store *st, struct item *it)
{
	const struct owned *own = owned_find(st, it->row);

	/* what is not written down yet */
	if (own != NULL)
		it->bytes += own->bytes + own->new_bytes;
	if (it->closed_at != 0)
		it->state = ITEM_CLOSED;
	else if (it->state == ITEM_RUNNING && own == NULL &&
	    !owned_elsewhere(st, it->row, it->id))
		it->state = ITEM_INTERRUPTED;
}

/* what was found before */

void
store_unpeek(struct store *st)
{
	st->peek_serial++;
}

static void
peek_clear(struct peek *p)
{
	if (p->key != NULL)
		item_clear(&p->item);
	str_replace(&p->key, NULL);
}

void
store_forget_peeked(struct store *st)
{
	size_t i;

	for (i = 0; i < STORE_PEEKED; i++)
		peek_clear(&st->peeked[i]);
}

static bool
is_peeked(const struct store *st, const struct peek *p)
{
	return p->key != NULL && p->serial == st->peek_serial;
}

/* Where it is, or may be put: of a few, for two that are busy and meet in one
 * would be read again for each other. */
static struct peek *
peek_slot(struct store *st, const char *key)
{
	struct peek *room = NULL;
	uint32_t h = 5381;

	for (const char *s = key; *s != '\0'; s++)
		h = h * 33 + (unsigned char)*s;
	for (uint32_t i = 0; i < STORE_PEEK_WAYS; i++) {
		struct peek *p = &st->peeked[(h + i) % STORE_PEEKED];

		if (p->key != NULL && strcmp(p->key, key) == 0)
			return p;
		if (room == NULL && !is_peeked(st, p))
			room = p;
	}
	return room != NULL ? room : &st->peeked[h % STORE_PEEKED];
}

const struct item *
store_peek(struct store *st, const char *key, struct err *e)
{
	struct peek *p = peek_slot(st, key);

	/* others can change it as long as no transaction keeps them out */
	if (st->open && is_peeked(st, p) && strcmp(p->key, key) == 0)
		return &p->item;
	peek_clear(p);
	if (store_find(st, key, &p->item, e) == -1)
		return NULL;
	p->key = xstrdup(key);
	p->serial = st->peek_serial;
	return &p->item;
}

/* making and finding */

static int
find_one(struct store *st, enum store_key by, const char *key,
    struct item *out, struct err *e)
{
	int r = st->ops->find(st->db, by, key, out, 1, e);

	if (r == 1)
		store_finish_item(st, out);
	return r;
}

int
store_create(struct store *st, const struct store_new *n, struct item *out,
    bool *existed, struct err *e)
{
	char id[ID_MAX];
	int r = 0;

	*existed = false;
	/* under the write lock, so that two racing creates see one row */
	if (store_begin(st, e) == -1)
		return -1;
	if (n->external_id != NULL)
		r = find_one(st, STORE_KEY_EXTERNAL, n->external_id, out, e);
	else if (n->parent_call != NULL)
		r = find_one(st, STORE_KEY_CALL, n->parent_call, out, e);
	if (r != 0) {
		*existed = r == 1;
		return r == 1 ? 0 : -1;
	}
	id_make("session", id);
	if (st->ops->create(st->db, n, id, clock_ms(), e) == -1)
		return -1;
	return find_one(st, STORE_KEY_ID, id, out, e) == 1 ? 0 : -1;
}

int
store_find(struct store *st, const char *key, struct item *out,
    struct err *e)
{
	bool is_id = strncmp(key, "session_", 8) == 0;
	int r = find_one(st, is_id ? STORE_KEY_ID : STORE_KEY_EXTERNAL, key,
	    out, e);

	if (r == 0)
		err_set(e, ERR_NOT_FOUND, "no session %s", key);
	return r == 1 ? 0 : -1;
}

int
store_find_call(struct store *st, const char *call, struct item *out,
    struct err *e)
{
	return find_one(st, STORE_KEY_CALL, call, out, e);
}

static int
unclear(const char *word, struct item *found, int count, struct err *e)
{
	struct buf names = BUF_INIT;
	int i;

	for (i = 0; i < count && i < CANDIDATES_MAX - 1; i++)
		buf_addf(&names, "%s%s", i == 0 ? "" : ", ",
		    item_key(&found[i]));
	if (count == CANDIDATES_MAX)
		buf_adds(&names, ", ...");
	err_set(e, ERR_USAGE, "%s may be any of: %s", word, names.data);
	err_hint(e, "give more of it");
	buf_clear(&names);
	for (i = 0; i < count; i++)
		item_clear(&found[i]);
	return -1;
}

int
store_resolve(struct store *st, const char *word, struct item *out,
    struct err *e)
{
	static const enum store_key ways[] = { STORE_KEY_ID,
	    STORE_KEY_EXTERNAL, STORE_KEY_PREFIX, STORE_KEY_TITLE };
	struct item found[CANDIDATES_MAX];
	size_t i;
	int n = 0;

	for (i = 0; i < NELEM(ways) && n == 0 && word[0] != '\0'; i++)
		n = st->ops->find(st->db, ways[i], word, found,
		    CANDIDATES_MAX, e);
	if (n == -1)
		return -1;
	if (n == 0)
		return err_set(e, ERR_NOT_FOUND, "no session %s", word);
	if (n > 1)
		return unclear(word, found, n, e);
	*out = found[0];
	store_finish_item(st, out);
	return 0;
}

int
store_newest(struct store *st, const char *dir, struct item *out,
    struct err *e)
{
	int r = find_one(st, STORE_KEY_DIR, dir, out, e);

	if (r == 0)
		err_set(e, ERR_NOT_FOUND, "no session in %s", dir);
	return r == 1 ? 0 : -1;
}

/* changing */

int
store_update(struct store *st, int64_t row, const struct store_update *u,
    struct err *e)
{
	if (store_begin(st, e) == -1)
		return -1;
	store_unpeek(st);
	return st->ops->update(st->db, row, u, clock_ms(), e);
}

int
store_close_session(struct store *st, int64_t row, const char *reason,
    struct err *e)
{
	if (store_begin(st, e) == -1)
		return -1;
	store_unpeek(st);
	return st->ops->shut(st->db, row, reason, clock_ms(), e);
}

static int
remove_children(struct store *st, const char *id, struct err *e)
{
	struct store_list q = { .parent = id, .state = -1 };
	struct store_page page = { .q = &q };
	struct item child;
	int n, r = 0;

	while (r == 0 &&
	    (n = st->ops->list(st->db, &page, &child, 1, e)) != 0) {
		r = n == -1 ? -1 : store_remove(st, child.row, e);
		if (n == 1)
			item_clear(&child);
	}
	return r;
}

int
store_remove(struct store *st, int64_t row, struct err *e)
{
	struct owned *own = owned_find(st, row);
	struct item it;
	bool busy;
	int r = st->ops->get(st->db, row, &it, e);

	if (r != 1)
		return r == 0 ? err_set(e, ERR_NOT_FOUND, "no such session") :
		    -1;
	busy = owned_elsewhere(st, row, it.id);
	if (busy)
		err_set(e, ERR_CONFLICT, "%s is in use", item_key(&it));
	else
		busy = remove_children(st, it.id, e) == -1;
	item_clear(&it);
	if (busy || store_begin(st, e) == -1 ||
	    st->ops->remove(st->db, row, e) == -1)
		return -1;
	store_unpeek(st);
	channel_remove_all(st, row);
	if (own != NULL) {
		own->checked = 0;	/* its next change finds no row */
		owned_removed(own);
	}
	return 0;
}

/* listing */

struct items {
	struct item *list;
	int count, cap;
};

static void
items_clear(struct items *items)
{
	while (items->count > 0)
		item_clear(&items->list[--items->count]);
	free(items->list);
}

static void
items_add(struct items *items, struct item *it)
{
	if (items->count == items->cap) {
		items->cap = items->cap == 0 ? 32 : items->cap * 2;
		items->list = xreallocarray(items->list, (size_t)items->cap,
		    sizeof *items->list);
	}
	items->list[items->count++] = *it;
}

static bool
fits(struct store *st, const struct store_list *q, struct item *it)
{
	store_finish_item(st, it);
	return q->state < 0 || (int)it->state == q->state;
}

/* One page of the database's; how many rows it had. */
static int
take_page(struct store *st, struct store_page *page, int want,
    struct items *out, char **last, struct err *e)
{
	struct item rows[PAGE_ROWS];
	int max = want < PAGE_ROWS ? want : PAGE_ROWS, i;
	int n = st->ops->list(st->db, page, rows, max, e);

	if (n > 0) {
		str_replace(last, rows[n - 1].id);
		page->id = *last;
		page->time = page->q->by_activity ? rows[n - 1].updated_at :
		    rows[n - 1].created_at;
	}
	for (i = 0; i < n; i++) {
		if (fits(st, page->q, &rows[i]))
			items_add(out, &rows[i]);
		else
			item_clear(&rows[i]);
	}
	return n < max ? (n == -1 ? -1 : 0) : n;
}

/* What a session's state is, the database does not quite know: go on until
 * there are enough. */
static int
take_all(struct store *st, struct store_page *page, struct items *out,
    struct err *e)
{
	int limit = page->q->limit > 0 ? page->q->limit + 1 : INT32_MAX;
	char *last = NULL;
	int r = 1;

	while (r > 0 && out->count < limit)
		r = take_page(st, page, limit - out->count, out, &last, e);
	page->id = NULL;
	free(last);
	return r == -1 ? -1 : 0;
}

static int
start_page(struct store *st, const struct store_list *q,
    struct store_page *page, struct item *edge, struct err *e)
{
	const char *id = q->after != NULL ? q->after : q->before;

	page->q = q;
	page->now = clock_ms();
	page->newer = q->after == NULL && q->before != NULL;
	if (id == NULL)
		return 0;
	if (store_find(st, id, edge, e) == -1)
		return -1;
	page->id = edge->id;
	page->time = q->by_activity ? edge->updated_at : edge->created_at;
	return 0;
}

static void
give_items(const struct items *items, const struct store_page *page,
    int count, store_item_fn fn, void *arg)
{
	int i;

	for (i = 0; i < count; i++)
		if (fn(&items->list[page->newer ? count - 1 - i : i],
		    arg) != 0)
			break;
}

int
store_list(struct store *st, const struct store_list *q, store_item_fn fn,
    void *arg, bool *more, struct err *e)
{
	struct store_page page = { 0 };
	struct items items = { 0 };
	struct item edge = { 0 };
	int count, r;

	r = start_page(st, q, &page, &edge, e);
	if (r == 0)
		r = take_all(st, &page, &items, e);
	count = items.count;
	if (q->limit > 0 && count > q->limit)
		count = q->limit;
	if (more != NULL)
		*more = items.count > count;
	if (r == 0)
		give_items(&items, &page, count, fn, arg);
	items_clear(&items);
	item_clear(&edge);
	return r;
}

/* searching */

void
store_found_clear(struct store_found *f)
{
	free(f->message_id);
	free(f->role);
	free(f->snippet);
	memset(f, 0, sizeof *f);
}

static int
give_hit(struct store *st, const struct store_found *found, store_hit_fn fn,
    void *arg, struct err *e)
{
	struct store_hit hit = { .message_id = found->message_id,
	    .role = found->role, .snippet = found->snippet };
	struct item it;
	int r = st->ops->get(st->db, found->row, &it, e);

	if (r != 1)
		return r;
	store_finish_item(st, &it);
	hit.item = &it;
	r = fn(&hit, arg);
	item_clear(&it);
	return r != 0 ? 1 : 0;
}

int
store_search(struct store *st, const char *words, int limit,
    store_hit_fn fn, void *arg, struct err *e)
{
	struct store_found *found;
	int i, n, r = 0;

	if (limit <= 0)
		return 0;
	found = xcalloc((size_t)limit, sizeof *found);
	n = st->ops->search(st->db, words, found, limit, e);
	for (i = 0; i < n; i++) {
		if (r == 0)
			r = give_hit(st, &found[i], fn, arg, e);
		store_found_clear(&found[i]);
	}
	free(found);
	return n == -1 || r == -1 ? -1 : 0;
}
