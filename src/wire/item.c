/* SPDX-License-Identifier: GPL-3.0-or-later */
/* item.c - a session as the wire shows it */

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "wire/item.h"

static const char *const state_names[] = {
#define X(id, name) [ITEM_##id] = name,
	ITEM_STATES(X)
#undef X
};

enum kind {
	KIND_STR,
	KIND_ANY,	/* JSON text */
	KIND_TIME,	/* ms; 0 is null */
};

/* session-protocol 4.2: every key, in its order. */
static const struct field {
	const char *name;
	size_t offset;
	enum kind kind;
	bool extra;		/* chatd's own; left out when there is none */
	const char *none;	/* written where there is no value */
} fields[] = {
#define F(name, member, kind, extra, none) \
	{ name, offsetof(struct item, member), kind, extra, none }
	F("id", id, KIND_STR, false, "\"\""),
	F("externalId", external_id, KIND_STR, false, "null"),
	F("type", type, KIND_STR, false, "\"chat.agent\""),
	F("taskIdentifier", task, KIND_STR, false, "\"\""),
	F("triggerConfig", config, KIND_ANY, false, "{\"basePayload\":{}}"),
	F("currentRunId", run_id, KIND_STR, false, "null"),
	F("tags", tags, KIND_ANY, false, "[]"),
	F("metadata", metadata, KIND_ANY, false, "null"),
	F("closedAt", closed_at, KIND_TIME, false, "null"),
	F("closedReason", closed_reason, KIND_STR, false, "null"),
	F("expiresAt", expires_at, KIND_TIME, false, "null"),
	F("createdAt", created_at, KIND_TIME, false, "null"),
	F("updatedAt", updated_at, KIND_TIME, false, "null"),
	F("title", title, KIND_STR, true, NULL),
	F("dir", dir, KIND_STR, true, NULL),
	F("model", model, KIND_STR, true, NULL),
	F("parent", parent, KIND_STR, true, NULL),
	F("usage", usage, KIND_ANY, true, NULL),
#undef F
};

static void *
field_at(const struct item *it, const struct field *f)
{
	return (char *)(uintptr_t)it + f->offset;
}

const char *
item_state_name(enum item_state state)
{
	return state_names[state];
}

int
item_state_by_name(const char *name)
{
	int i;

	for (i = 0; i < ITEM_STATE_COUNT; i++)
		if (name != NULL && strcmp(state_names[i], name) == 0)
			return i;
	return -1;
}

const char *
item_key(const struct item *it)
{
	return it->external_id != NULL ? it->external_id : it->id;
}

void
item_clear(struct item *it)
{
	size_t i;

	for (i = 0; i < NELEM(fields); i++)
		if (fields[i].kind != KIND_TIME)
			free(*(char **)field_at(it, &fields[i]));
	memset(it, 0, sizeof *it);
}

static void
write_field(const struct item *it, const struct field *f, struct json_w *w)
{
	char iso[CLOCK_ISO_MAX];
	const char *s = NULL;
	int64_t time;

	if (f->kind == KIND_TIME) {
		time = *(int64_t *)field_at(it, f);
		if (time != 0)
			s = clock_iso(time, iso);
	} else {
		s = *(char **)field_at(it, f);
	}
	if (s == NULL && f->none == NULL)
		return;
	if (s == NULL)
		json_w_kraw(w, f->name, f->none);
	else if (f->kind == KIND_ANY)
		json_w_kraw(w, f->name, s);
	else
		json_w_kstr(w, f->name, s);
}

void
item_write_members(const struct item *it, struct json_w *w, bool extra)
{
	size_t i;

	for (i = 0; i < NELEM(fields); i++)
		if (extra || !fields[i].extra)
			write_field(it, &fields[i], w);
	if (!extra)
		return;
	if (it->cost >= 0) {
		json_w_key(w, "cost");
		json_w_double(w, it->cost);
	}
	json_w_kstr(w, "state", item_state_name(it->state));
	json_w_kint(w, "messages", it->messages);
	json_w_kint(w, "bytes", it->bytes);
}

void
item_write(const struct item *it, struct json_w *w, bool extra)
{
	json_w_obj(w);
	item_write_members(it, w, extra);
	json_w_obj_end(w);
}

static int
read_field(struct item *it, const struct field *f, const struct json *v,
    struct err *e)
{
	const char *s = json_str(v);

	if (!json_is_set(v))
		return 0;
	if (f->kind == KIND_ANY) {
		*(char **)field_at(it, f) = json_text(v);
		return 0;
	}
	if (!json_is(v, JSON_STRING) || (f->kind == KIND_TIME &&
	    clock_parse_iso(s, field_at(it, f)) == -1))
		return err_set(e, ERR_INPUT, "session: %s is no %s", f->name,
		    f->kind == KIND_TIME ? "time" : "string");
	if (f->kind == KIND_STR)
		*(char **)field_at(it, f) = xstrdup(s);
	return 0;
}

int
item_read(struct item *it, const struct json *json, struct err *e)
{
	const struct field *f;
	int state;

	memset(it, 0, sizeof *it);
	for (f = fields; f < fields + NELEM(fields); f++)
		if (read_field(it, f, json_get(json, f->name), e) == -1)
			goto malformed;
	if (it->id == NULL) {
		err_set(e, ERR_INPUT, "session: no id");
		goto malformed;
	}
	if (json_double(json_get(json, "cost"), &it->cost) == -1)
		it->cost = -1;
	state = item_state_by_name(json_get_str(json, "state"));
	if (state != -1)
		it->state = (enum item_state)state;
	(void)json_int64(json_get(json, "messages"), &it->messages);
	(void)json_int64(json_get(json, "bytes"), &it->bytes);
	return 0;

malformed:
	item_clear(it);
	return -1;
}
