/* SPDX-License-Identifier: GPL-3.0-or-later */
/* heard.h - a call without a network, and what it told, as text */

#ifndef TESTS_UNIT_MODEL_HEARD_H
#define TESTS_UNIT_MODEL_HEARD_H

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "model/model_priv.h"

struct heard {
	struct model_entry entry;
	struct model model;
	struct model_call call;
	struct buf text;	/* deltas of one block joined */
	enum model_event_type last;
};

static const char *const heard_names[] = {
	"", "", "/t\n", "", "", "/r\n", "start", "", "call", "bad", "result",
	"source", "file", "data", "retry", "usage", "finish", "error",
};

static inline void
heard_event(const struct model_event *ev, void *arg)
{
	struct heard *h = arg;

	switch (ev->type) {
	case MODEL_TEXT_START:
	case MODEL_REASONING_START:
		buf_addf(&h->text, "%s ", ev->type == MODEL_TEXT_START ? "t" :
		    "r");
		break;
	case MODEL_TEXT_DELTA:
	case MODEL_REASONING_DELTA:
	case MODEL_TOOL_DELTA:
		buf_add(&h->text, ev->text, ev->len);
		break;
	case MODEL_TEXT_END:
	case MODEL_REASONING_END:
		buf_addf(&h->text, "%s%s", ev->metadata != NULL ?
		    ev->metadata : "", heard_names[ev->type]);
		break;
	case MODEL_USAGE:
		model_usage_write(ev->usage, &h->text);
		buf_addc(&h->text, '\n');
		break;
	default:
		buf_addf(&h->text, "[%s %s%s%s%s]\n", heard_names[ev->type],
		    ev->type == MODEL_FINISH ? model_finish_name(ev->finish) :
		    ev->id != NULL ? ev->id : "-",
		    ev->name != NULL ? " " : "", ev->name != NULL ? ev->name :
		    "", "");
		if (ev->type == MODEL_TOOL_CALL || ev->type == MODEL_TOOL_BAD)
			buf_addf(&h->text, "%.*s%s\n", (int)ev->len,
			    ev->text, ev->metadata != NULL ? ev->metadata :
			    "");
		if (ev->error != NULL)
			buf_addf(&h->text, "%s\n", ev->error->text);
	}
	h->last = ev->type;
}

static inline void
heard_init(struct heard *h)
{
	memset(h, 0, sizeof(*h));
	buf_init(&h->text);
	h->entry.name = xstrdup("openai");
	h->entry.max_tokens_field = xstrdup("max_tokens");
	h->model.provider = &h->entry;
	h->model.spec = xstrdup("openai:m");
	h->model.id = h->model.spec + 7;
	h->call.model = &h->model;
	h->call.fn = heard_event;
	h->call.arg = h;
	h->call.held = 1;
}

static inline void
heard_clear(struct heard *h)
{
	buf_clear(&h->text);
	free(h->entry.name);
	free(h->entry.max_tokens_field);
	free(h->model.spec);
}

#endif
