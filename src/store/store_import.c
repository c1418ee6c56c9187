/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store_import.c - a session put in as another database had it */

#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "base/mem.h"
#include "store/store_import.h"
#include "store/store_priv.h"

struct store_import {
	struct store *store;
	int64_t row;
	char id[ID_MAX];
	struct store_heads heads;
	int64_t bytes;
};

static int
is_taken(struct store *st, enum store_key by, const char *key, struct err *e)
{
	struct item it = { 0 };
	int r = st->ops->find(st->db, by, key, &it, 1, e);

	item_clear(&it);
	return r;
}

/* The names it can have here. */
static int
choose_names(struct store *st, const struct item *from, char id[ID_MAX],
    const char **external, struct err *e)
{
	int r = strlen(from->id) >= ID_MAX ? 1 :
	    is_taken(st, STORE_KEY_ID, from->id, e);

	if (r == 1)
		id_make("session", id);
	else if (r == 0)
		memcpy(id, from->id, strlen(from->id) + 1);
	*external = from->external_id;
	if (r == -1 || *external == NULL)
		return r == -1 ? -1 : 0;
	r = is_taken(st, STORE_KEY_EXTERNAL, *external, e);
	if (r == 1)
		*external = NULL;
	return r == -1 ? -1 : 0;
}

/* What a new row does not have yet. */
static int
complete_row(struct store *st, int64_t row, const struct item *from,
    struct err *e)
{
	struct store_update u = { .run_id = from->run_id, .expires_at = -1 };
	struct store_sum sum = { .usage = from->usage, .cost = from->cost };

	if (st->ops->update(st->db, row, &u, from->updated_at, e) == -1 ||
	    st->ops->set_sum(st->db, row, &sum, e) == -1)
		return -1;
	if (from->closed_at == 0)
		return 0;
	return st->ops->shut(st->db, row, from->closed_reason,
	    from->closed_at, e);
}

static int
make_row(struct store_import *im, const struct item *from, struct err *e)
{
	struct store *st = im->store;
	struct store_new n = { .type = from->type, .task = from->task,
	    .config = from->config, .tags = from->tags,
	    .metadata = from->metadata, .expires_at = from->expires_at,
	    .dir = from->dir, .title = from->title, .model = from->model };
	struct item it = { 0 };
	int r;

	if (choose_names(st, from, im->id, &n.external_id, e) == -1 ||
	    st->ops->create(st->db, &n, im->id, from->created_at, e) == -1)
		return -1;
	r = st->ops->find(st->db, STORE_KEY_ID, im->id, &it, 1, e);
	im->row = it.row;
	item_clear(&it);
	return r == 1 ? complete_row(st, im->row, from, e) : -1;
}

struct store_import *
store_import_begin(struct store *st, const struct item *from, struct err *e)
{
	struct store_import *im;

	if (store_begin(st, e) == -1)
		return NULL;
	im = xcalloc(1, sizeof *im);
	im->store = st;
	if (make_row(im, from, e) == 0)
		return im;
	free(im);
	return NULL;
}

int
store_import_record(struct store_import *im, enum channel_dir dir,
    const struct record *rec, struct err *e)
{
	struct store *st = im->store;
	struct record copy = *rec;

	copy.seq = im->heads.head[dir];
	if (copy.time < im->heads.time[dir])
		copy.time = im->heads.time[dir];
	if (st->ops->append(st->db, im->row, dir, &copy, NULL, e) == -1)
		return -1;
	im->heads.head[dir]++;
	im->heads.time[dir] = copy.time;
	im->bytes += (int64_t)copy.body_len;
	return 0;
}

int
store_import_side_record(struct store_import *im, const char *name,
    enum channel_dir dir, const struct record *rec, struct err *e)
{
	struct store *st = im->store;
	struct store_place at = { im->row, name, (int)dir };

	im->bytes += (int64_t)rec->body_len;
	return st->ops->side_append(st->db, &at, rec, NULL, e);
}

int
store_import_message(struct store_import *im, const char *id,
    const char *role, const char *json, const char *text, int64_t out_seq,
    struct err *e)
{
	struct store *st = im->store;
	struct store_put put = { id, role, json, text, out_seq };

	return st->ops->put_message(st->db, im->row, &put, e);
}

int
store_import_end(struct store_import *im, int64_t in_seq, struct item *out,
    struct err *e)
{
	struct store *st = im->store;
	int r = st->ops->set_heads(st->db, im->row, &im->heads, im->bytes, 0,
	    e);

	if (r != -1 && in_seq >= 0)
		r = st->ops->set_cursor(st->db, im->row, "agent", in_seq, e);
	if (r != -1 && im->heads.head[CHANNEL_IN] > in_seq + 1)
		r = st->ops->set_work(st->db, im->row, true, e);
	if (r != -1)
		r = store_find(st, im->id, out, e);
	free(im);
	return r == -1 ? -1 : 0;
}

void
store_import_drop(struct store_import *im)
{
	free(im);
}
