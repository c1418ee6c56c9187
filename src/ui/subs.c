/* SPDX-License-Identifier: GPL-3.0-or-later */
/* subs.c - what the sub-agents of running calls have said so far */

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "client/view.h"
#include "ui/subs.h"

struct sub {
	char *call_id;
	struct view *view;
};

static struct sub *
find(const struct subs *s, const char *call_id)
{
	for (size_t i = 0; i < s->count; i++)
		if (strcmp(s->list[i].call_id, call_id) == 0)
			return &s->list[i];
	return NULL;
}

static struct sub *
add(struct subs *s, const char *call_id)
{
	if (s->count == SUBS_MAX)
		return NULL;
	s->list = xreallocarray(s->list, s->count + 1, sizeof(*s->list));
	s->list[s->count] = (struct sub){ .call_id = xstrdup(call_id),
	    .view = view_new() };
	return &s->list[s->count++];
}

void
subs_take(struct subs *s, const struct json *data)
{
	const char *call_id = json_get_str(data, "toolCallId");
	const struct json *chunk;
	struct sub *sub;

	if (call_id == NULL)
		return;
	sub = find(s, call_id);
	if (sub == NULL)
		sub = add(s, call_id);
	JSON_EACH(chunk, json_get(data, "chunks")) {
		struct err e = ERR_INIT;

		if (sub != NULL && view_apply(sub->view, chunk, NULL, &e) != 0)
			continue;	/* it does not fit and changed nothing */
	}
}

const struct message *
subs_get(const struct subs *s, const char *call_id)
{
	const struct sub *sub = s != NULL && call_id != NULL ?
	    find(s, call_id) : NULL;

	return sub != NULL ? view_answer(sub->view) : NULL;
}

void
subs_clear(struct subs *s)
{
	for (size_t i = 0; i < s->count; i++) {
		free(s->list[i].call_id);
		view_free(s->list[i].view);
	}
	free(s->list);
	*s = (struct subs){ .list = NULL };
}
