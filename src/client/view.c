/* SPDX-License-Identifier: GPL-3.0-or-later */
/* view.c - a list of messages and the reducer that writes the last one */

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "client/view.h"

struct view {
	struct message **list;
	size_t count;
	size_t cap;
	struct reducer *open;	/* owns the message after the list's last */
	char *finish_reason;
};

struct view *
view_new(void)
{
	return xcalloc(1, sizeof(struct view));
}

void
view_free(struct view *v)
{
	if (v == NULL)
		return;
	for (size_t i = 0; i < v->count; i++)
		message_free(v->list[i]);
	reducer_free(v->open);
	free(v->list);
	free(v->finish_reason);
	free(v);
}

static void
push(struct view *v, struct message *m)
{
	if (v->count == v->cap) {
		v->cap = v->cap * 2 + 16;
		v->list = xreallocarray(v->list, v->cap, sizeof(*v->list));
	}
	v->list[v->count++] = m;
}

void
view_load(struct view *v, const struct json *messages)
{
	const struct json *item;

	view_turn_complete(v);
	JSON_EACH(item, messages) {
		struct message *m = message_read(item, NULL);
		if (m != NULL)
			push(v, m);
	}
}

/* The last message, taken from the list if a start goes on with it. */
static struct message *
continued(struct view *v, const char *id)
{
	if (v->count == 0 || id == NULL)
		return NULL;
	struct message *last = v->list[v->count - 1];
	if (last->role != ROLE_ASSISTANT || strcmp(last->id, id) != 0)
		return NULL;
	v->count--;
	return last;
}

int
view_apply(struct view *v, const struct json *chunk,
    struct reduce_result *res, struct err *e)
{
	const char *type = json_get_str(chunk, "type");
	const char *id = json_get_str(chunk, "messageId");

	if (type != NULL && strcmp(type, "start") == 0 && v->open != NULL &&
	    id != NULL && *reducer_message(v->open)->id != '\0' &&
	    strcmp(reducer_message(v->open)->id, id) != 0)
		view_turn_complete(v);
	if (v->open == NULL)
		v->open = reducer_new(continued(v, id), 0);
	return reducer_apply(v->open, chunk, res, e);
}

void
view_turn_complete(struct view *v)
{
	if (v->open == NULL)
		return;
	str_replace(&v->finish_reason, reducer_finish_reason(v->open));
	push(v, reducer_take(v->open));
	reducer_free(v->open);
	v->open = NULL;
}

size_t
view_count(const struct view *v)
{
	return v->count + (v->open != NULL ? 1 : 0);
}

const struct message *
view_approval(struct view *v, const struct json *answer)
{
	struct message *m = v->open != NULL ? reducer_message(v->open) :
	    v->count > 0 ? v->list[v->count - 1] : NULL;

	return m != NULL && message_approval(m, answer) ? m : NULL;
}

const struct message *
view_at(const struct view *v, size_t i)
{
	return i < v->count ? v->list[i] : reducer_message(v->open);
}

const struct message *
view_answer(const struct view *v)
{
	for (size_t i = view_count(v); i > 0; i--)
		if (view_at(v, i - 1)->role == ROLE_ASSISTANT)
			return view_at(v, i - 1);
	return NULL;
}

const char *
view_finish_reason(const struct view *v)
{
	return v->open != NULL ? reducer_finish_reason(v->open) :
	    v->finish_reason;
}
