/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tool_calls.c - tool calls put together from fragments */

#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "base/log.h"
#include "base/mem.h"
#include "model/model_priv.h"
#include "model/part.h"
#include "model/tool_calls.h"
#include "model/tool_names.h"

struct tool_call {
	bool indexed;
	int64_t index;
	size_t order;		/* of arrival */
	char *wire_id;		/* as it came, or NULL */
	char *id;		/* ours: not in the request already */
	char *name;		/* NULL until known */
	char *metadata;
	struct buf args;
	size_t told;		/* bytes of args */
	bool started;
};

/* What a fragment says; NULL where it has the wrong type. */
struct fragment {
	bool indexed;
	int64_t index;
	const char *id, *name;
	const struct json *args;
};

void
tool_calls_init(struct tool_calls *tc, struct model_call *call,
    const char *asked)
{
	*tc = (struct tool_calls){ .call = call, .asked = asked };
}

void
tool_calls_clear(struct tool_calls *tc)
{
	for (size_t i = 0; i < tc->count; i++) {
		free(tc->list[i].wire_id);
		free(tc->list[i].id);
		free(tc->list[i].name);
		free(tc->list[i].metadata);
		buf_clear(&tc->list[i].args);
	}
	free(tc->list);
	tc->list = NULL;
	tc->count = 0;
}

static const char *
filled(const char *s)
{
	return s != NULL && s[0] != '\0' ? s : NULL;
}

static void
fragment_read(struct fragment *f, const struct json *v)
{
	const struct json *fn = json_get(v, "function");
	const struct json *index = json_get(v, "index");

	*f = (struct fragment){ 0 };
	f->indexed = json_int64(index, &f->index) == 0;
	if (!f->indexed && json_is(index, JSON_STRING)) {
		char *end;

		f->index = strtoll(json_str(index), &end, 10);
		f->indexed = *json_str(index) != '\0' && *end == '\0';
	}
	f->id = filled(json_get_str(v, "id"));
	f->name = filled(json_get_str(fn, "name"));
	f->args = json_get(fn, "arguments");
}

static struct tool_call *
find_index(const struct tool_calls *tc, int64_t index)
{
	/* the newest: a server that puts all at index 0 goes on with it */
	for (size_t i = tc->count; i-- > 0;)
		if (tc->list[i].indexed && tc->list[i].index == index)
			return &tc->list[i];
	return NULL;
}

bool
tool_calls_has(const struct tool_calls *tc, int64_t index)
{
	return find_index(tc, index) != NULL;
}

static struct tool_call *
find_id(struct tool_calls *tc, const char *id)
{
	for (size_t i = tc->count; id != NULL && i-- > 0;)
		if (tc->list[i].wire_id != NULL &&
		    strcmp(tc->list[i].wire_id, id) == 0)
			return &tc->list[i];
	return NULL;
}

/* Is the id in the request already, or another call's of this answer? */
static bool
id_taken(const struct tool_calls *tc, const char *id)
{
	struct buf quoted = BUF_INIT;
	bool taken;

	for (size_t i = 0; i < tc->count; i++)
		if (tc->list[i].id != NULL &&
		    strcmp(tc->list[i].id, id) == 0)
			return true;
	json_add_quoted(&quoted, id, strlen(id));
	taken = tc->asked != NULL && strstr(tc->asked, quoted.data) != NULL;
	buf_clear(&quoted);
	return taken;
}

static struct tool_call *
call_open(struct tool_calls *tc, const struct fragment *f)
{
	struct tool_call *c;
	char made[ID_MAX];

	if (tc->count == TOOL_CALLS_MAX) {
		log_msg(LOG_MODEL, LOG_WARN, "more than %d tool calls",
		    TOOL_CALLS_MAX);
		return NULL;
	}
	const char *id = f->id;
	if (id == NULL || id_taken(tc, id)) {
		id_make("call", made);
		id = made;
	}
	tc->list = xreallocarray(tc->list, tc->count + 1, sizeof(*tc->list));
	c = &tc->list[tc->count];
	memset(c, 0, sizeof(*c));
	c->order = tc->count++;
	c->indexed = f->indexed;
	c->index = f->index;
	c->id = xstrdup(id);
	str_replace(&c->wire_id, f->id);
	buf_init_max(&c->args, TOOL_ARGS_MAX);
	return c;
}

/* providers 2.4, rules 1 to 3 */
static struct tool_call *
call_for(struct tool_calls *tc, const struct fragment *f)
{
	struct tool_call *c;

	if (f->indexed) {
		c = find_index(tc, f->index);
		if (c == NULL)
			return call_open(tc, f);
		if (f->id != NULL && f->name != NULL && c->wire_id != NULL &&
		    strcmp(c->wire_id, f->id) != 0)
			return call_open(tc, f);
		return c;
	}
	if ((c = find_id(tc, f->id)) != NULL)
		return c;
	if (f->name != NULL)
		return call_open(tc, f);
	if (tc->count == 1)
		return &tc->list[0];
	if (tc->count == 0)
		return call_open(tc, f);
	log_msg(LOG_MODEL, LOG_WARN, "a piece of a tool call fits none");
	return NULL;
}

static void
tell(struct tool_calls *tc, const struct tool_call *c,
    enum model_event_type type, const char *text, size_t len,
    const struct err *e)
{
	struct model_event ev = {
		.type = type, .id = c->id, .name = c->name, .text = text,
		.len = len, .error = e,
		.metadata = type == MODEL_TOOL_START ||
		    type == MODEL_TOOL_DELTA ? NULL : c->metadata,
	};

	model_tell(tc->call, &ev);
}

/* A call is told from when its name is known. */
static void
tell_pieces(struct tool_calls *tc, struct tool_call *c)
{
	if (c->name == NULL)
		return;
	if (!c->started) {
		c->started = true;
		model_close_reasoning(tc->call, NULL);
		tell(tc, c, MODEL_TOOL_START, NULL, 0, NULL);
	}
	if (c->args.len > c->told) {
		size_t from = c->told;

		c->told = c->args.len;
		tell(tc, c, MODEL_TOOL_DELTA, c->args.data + from,
		    c->args.len - from, NULL);
	}
}

/* Gemini's compatible endpoint signs calls here (providers 1.4). */
static void
extra_keep(struct tool_calls *tc, struct tool_call *c,
    const struct json *extra)
{
	const struct model *m = tc->call->model;
	struct buf b = BUF_INIT;
	struct json_w w;

	if (!json_is(extra, JSON_OBJECT) || json_len(extra) == 0)
		return;
	json_w_init(&w, &b);
	own_begin(&w, m, m->provider->name);
	json_w_kvalue(&w, "extra_content", extra);
	json_w_obj_end(&w);
	json_w_obj_end(&w);
	free(c->metadata);
	c->metadata = buf_take(&b);
}

void
tool_calls_fragment(struct tool_calls *tc, const struct json *frag)
{
	struct fragment f;
	struct tool_call *c;

	if (!json_is(frag, JSON_OBJECT))
		return;
	fragment_read(&f, frag);
	c = call_for(tc, &f);
	if (c == NULL)
		return;
	if (c->name == NULL && f.name != NULL)
		c->name = xstrdup(tool_name_own(tc->call, f.name));
	if (c->wire_id == NULL && f.id != NULL)
		c->wire_id = xstrdup(f.id);
	if (json_is(f.args, JSON_STRING)) {
		(void)buf_add(&c->args, json_str(f.args), json_len(f.args));
	} else if (json_is(f.args, JSON_OBJECT)) {
		char *text = json_text(f.args);

		(void)buf_adds(&c->args, text);
		free(text);
	}
	extra_keep(tc, c, json_get(frag, "extra_content"));
	tell_pieces(tc, c);
}

void
tool_calls_piece(struct tool_calls *tc, const struct tool_piece *p)
{
	struct fragment f = { .indexed = true, .index = p->index,
	    .id = filled(p->id), .name = filled(p->name) };
	struct tool_call *c = call_for(tc, &f);

	if (c == NULL)
		return;
	if (c->name == NULL && f.name != NULL)
		c->name = xstrdup(tool_name_own(tc->call, f.name));
	if (p->metadata != NULL)
		str_replace(&c->metadata, p->metadata);
	if (p->len > 0)
		(void)buf_add(&c->args, p->args, p->len);
	tell_pieces(tc, c);
}

void
tool_calls_whole(struct tool_calls *tc, int64_t index, const char *args,
    size_t len)
{
	struct tool_call *c = find_index(tc, index);

	if (c == NULL)
		return;
	/* pieces that were told cannot be taken back, the call can be right */
	buf_reset(&c->args);
	(void)buf_add(&c->args, args, len);
	tell_pieces(tc, c);
}

static int
by_index(const void *a, const void *b)
{
	const struct tool_call *x = a, *y = b;

	if (x->index != y->index)
		return x->index < y->index ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

static bool
all_indexed(const struct tool_calls *tc)
{
	for (size_t i = 0; i < tc->count; i++)
		if (!tc->list[i].indexed)
			return false;
	return true;
}

/* Arguments are an object; nothing at all is an empty one. */
static int
args_check(struct tool_call *c, bool cut, struct err *e)
{
	struct json_doc *doc;
	bool object;

	if (c->args.full)
		return err_set(e, ERR_TOO_BIG, "the arguments are too long");
	if (strspn(c->args.data, " \t\r\n") == c->args.len ||
	    strcmp(c->args.data, "null") == 0) {
		buf_reset(&c->args);
		(void)buf_adds(&c->args, "{}");
		return 0;
	}
	doc = json_parse(c->args.data, c->args.len, JSON_REPLACE_UTF8, e);
	if (doc == NULL) {
		char why[ERR_TEXT_MAX];

		memcpy(why, e->text, sizeof why);
		err_clear(e);
		if (cut)
			return err_set(e, ERR_INVALID, "the output limit cut "
			    "the arguments off");
		return err_set(e, ERR_INVALID,
		    "the arguments are no JSON: %.400s", why);
	}
	object = json_is(json_root(doc), JSON_OBJECT);
	json_doc_free(doc);
	if (!object)
		return err_set(e, ERR_INVALID, "the arguments are no object");
	return 0;
}

size_t
tool_calls_finish(struct tool_calls *tc, bool cut)
{
	size_t told = 0;

	if (all_indexed(tc) && tc->count > 1)
		qsort(tc->list, tc->count, sizeof(*tc->list), by_index);
	for (size_t i = 0; i < tc->count && !tc->call->over; i++) {
		struct tool_call *c = &tc->list[i];
		struct err e = ERR_INIT;

		if (c->name == NULL) {
			log_msg(LOG_MODEL, LOG_WARN,
			    "a tool call without a name is dropped");
			continue;
		}
		told++;
		if (args_check(c, cut, &e) == -1) {
			tell(tc, c, MODEL_TOOL_BAD, c->args.data, c->args.len,
			    &e);
			continue;
		}
		tell(tc, c, MODEL_TOOL_CALL, c->args.data, c->args.len, NULL);
	}
	return told;
}
