/* SPDX-License-Identifier: GPL-3.0-or-later */
/* turns.c - messages in turns: the user's and the model's, by blocks */

#include <stdlib.h>

#include "base/mem.h"
#include "model/turns.h"

void
turns_clear(struct turns *ts)
{
	for (size_t i = 0; i < ts->count; i++)
		buf_clear(&ts->list[i].buf);
	free(ts->list);
	ts->list = NULL;
	ts->count = 0;
}

static struct turn *
turn_add(struct turns *ts, bool user)
{
	struct turn *t;

	ts->list = xreallocarray(ts->list, ts->count + 1, sizeof(*ts->list));
	for (size_t i = 0; i < ts->count; i++)	/* they may have moved */
		ts->list[i].w.buf = &ts->list[i].buf;
	t = &ts->list[ts->count++];
	t->user = user;
	buf_init(&t->buf);
	json_w_init(&t->w, &t->buf);
	return t;
}

struct json_w *
turns_block(struct turns *ts, bool user)
{
	struct turn *t = ts->count > 0 ? &ts->list[ts->count - 1] : NULL;

	if (t == NULL || t->user != user)
		t = turn_add(ts, user);
	else
		json_w_obj_end(&t->w);
	json_w_obj(&t->w);
	return &t->w;
}

void
turns_write(const struct turns *ts, size_t i, struct json_w *w,
    const char *mark)
{
	struct turn *t = &ts->list[i];

	if (mark != NULL)
		json_w_kraw(&t->w, "cache_control", mark);
	json_w_obj_end(&t->w);
	json_w_arr(w);
	json_w_raw(w, t->buf.data, t->buf.len);
	json_w_arr_end(w);
}
