/* SPDX-License-Identifier: GPL-3.0-or-later */
/* message_json.c - UI messages from JSON and back */

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "wire/message_priv.h"

/* In the order in which they are written (ui-message-stream 4.5). */
const struct tool_field tool_fields[TOOL_FIELD_COUNT] = {
#define F(name, member, kind) { name, offsetof(struct part_tool, member), kind }
	F("title", title, TOOL_STR),
	F("toolMetadata", tool_metadata, TOOL_JSON),
	F("input", input, TOOL_JSON),
	F("inputEncoding", input_encoding, TOOL_STR),
	F("output", output, TOOL_JSON),
	F("rawInput", raw_input, TOOL_JSON),
	F("errorText", error_text, TOOL_STR),
	F("providerExecuted", provider_executed, TOOL_FLAG),
	F("preliminary", preliminary, TOOL_FLAG),
	F("callProviderMetadata", call_metadata, TOOL_JSON),
	F("resultProviderMetadata", result_metadata, TOOL_JSON),
	F("approval", approval, TOOL_JSON),
	F("dynamic", dynamic_flag, TOOL_FLAG),
#undef F
};

/* What became of a member: of a wrong type means that the whole part is kept
 * as it came. */
enum taken {
	TAKEN,
	UNKNOWN,
	MISFIT,
};

static enum taken
take_str(const struct json *v, char **field)
{
	if (!json_is_set(v))
		return TAKEN;	/* null is as good as absent */
	if (!json_is(v, JSON_STRING))
		return MISFIT;
	str_replace(field, json_str(v));
	return TAKEN;
}

static enum taken
take_json(const struct json *v, char **field)
{
	free(*field);
	*field = json_text(v);
	return TAKEN;
}

static enum taken
take_state(const struct json *v, struct part *p)
{
	if (!json_is_set(v))
		return TAKEN;
	p->state = json_is(v, JSON_STRING) ? part_state_of(json_str(v)) :
	    STATE_NONE;
	if (p->state == STATE_NONE || (p->type == PART_TOOL) !=
	    (p->state >= STATE_INPUT_STREAMING))
		return MISFIT;
	return TAKEN;
}

static enum taken
take_flag(const struct json *v, int8_t *flag)
{
	if (!json_is_set(v))
		return TAKEN;
	if (!json_is_bool(v))
		return MISFIT;
	*flag = json_bool(v, false);
	return TAKEN;
}

static enum taken
take_tool_member(struct part *p, const char *name, const struct json *v)
{
	const struct tool_field *f;
	void *field;

	if (strcmp(name, "toolCallId") == 0)
		return take_str(v, &p->tool->call_id);
	if (strcmp(name, "toolName") == 0 && p->tool->dynamic)
		return take_str(v, &p->tool->name);
	if (strcmp(name, "state") == 0)
		return take_state(v, p);
	for (f = tool_fields; f < tool_fields + TOOL_FIELD_COUNT; f++) {
		if (strcmp(name, f->name) != 0)
			continue;
		field = (char *)p->tool + f->offset;
		if (f->kind == TOOL_STR)
			return take_str(v, field);
		if (f->kind == TOOL_FLAG)
			return take_flag(v, field);
		return take_json(v, field);
	}
	return UNKNOWN;
}

static enum taken
take_text_member(struct part *p, const char *name, const struct json *v)
{
	if (strcmp(name, "text") == 0) {
		if (!json_is(v, JSON_STRING))
			return MISFIT;
		buf_add(&p->text, json_str(v), json_len(v));
		return TAKEN;
	}
	if (strcmp(name, "id") == 0 && p->type == PART_REASONING)
		return take_str(v, &p->id);
	if (strcmp(name, "state") == 0)
		return take_state(v, p);
	if (strcmp(name, "providerMetadata") == 0)
		return take_json(v, &p->metadata);
	if (strcmp(name, "citations") == 0 && p->type == PART_TEXT)
		return take_json(v, &p->citations);
	return UNKNOWN;
}

static enum taken
take_data_member(struct part *p, const char *name, const struct json *v)
{
	if (strcmp(name, "id") == 0 && json_is(v, JSON_STRING))
		return take_str(v, &p->id);
	if (strcmp(name, "data") == 0)
		return take_json(v, &p->data);
	return UNKNOWN;
}

static enum taken
take_member(struct part *p, const char *name, const struct json *v)
{
	if (strcmp(name, "type") == 0)
		return TAKEN;
	switch (p->type) {
	case PART_TEXT:
	case PART_REASONING:
		return take_text_member(p, name, v);
	case PART_TOOL:
		return take_tool_member(p, name, v);
	case PART_DATA:
		return take_data_member(p, name, v);
	default:
		return UNKNOWN;
	}
}

static bool
is_complete(const struct part *p, const struct json *json)
{
	switch (p->type) {
	case PART_TEXT:
	case PART_REASONING:
		return json_get(json, "text") != NULL;
	case PART_TOOL:
		return p->tool->call_id != NULL && p->tool->name != NULL &&
		    p->state != STATE_NONE;
	default:
		return true;
	}
}

/* Fills p; false if json is not quite such a part. */
static bool
read_members(struct part *p, const struct json *json)
{
	struct buf extra = BUF_INIT;
	enum taken taken = TAKEN;
	const struct json *v;
	struct json_w w;

	json_w_init(&w, &extra);
	JSON_EACH(v, json) {
		taken = take_member(p, json_name(v), v);
		if (taken == MISFIT)
			break;
		if (taken == TAKEN)
			continue;
		if (extra.len == 0)
			json_w_obj(&w);
		json_w_keyn(&w, json_name(v), json_name_len(v));
		json_w_value(&w, v);
	}
	if (extra.len > 0) {
		json_w_obj_end(&w);
		p->extra = buf_take(&extra);
	}
	return taken != MISFIT && is_complete(p, json);
}

struct part *
part_read(const struct json *json)
{
	const char *name = json_get_str(json, "type");
	struct part *p;

	if (name == NULL)
		return part_new_raw("", json_text(json));
	if (part_is_raw(part_type_of(name)))
		return part_new_raw(name, json_text(json));
	p = part_new(part_type_of(name), name);
	if (p->type == PART_TOOL && !p->tool->dynamic)
		p->tool->name = xstrdup(name + strlen("tool-"));
	if (read_members(p, json))
		return p;
	part_free(p);
	return part_new_raw(name, json_text(json));
}

int
message_add_part(struct message *m, const struct json *json, struct err *e)
{
	if (json_get_str(json, "type") == NULL)
		return err_set(e, ERR_INPUT, "message part: no type");
	message_push(m, part_read(json));
	return 0;
}

static enum message_role
role_of(const struct json *v)
{
	if (json_streq(v, "assistant"))
		return ROLE_ASSISTANT;
	return json_streq(v, "system") ? ROLE_SYSTEM : ROLE_USER;
}

struct message *
message_read(const struct json *json, struct err *e)
{
	const struct json *parts = json_get(json, "parts");
	const char *id = json_get_str(json, "id");
	const struct json *v;
	struct message *m;

	if (!json_is(json, JSON_OBJECT) ||
	    (json_is_set(parts) && !json_is(parts, JSON_ARRAY))) {
		err_set(e, ERR_INPUT, "message: not a message");
		return NULL;
	}
	m = message_new(id == NULL ? "" : id, role_of(json_get(json, "role")));
	if (json_is_set(json_get(json, "metadata")))
		m->metadata = json_text(json_get(json, "metadata"));
	JSON_EACH(v, parts)
		message_push(m, part_read(v));
	return m;
}

static void
opt_raw(struct json_w *w, const char *name, const char *json)
{
	if (json != NULL)
		json_w_kraw(w, name, json);
}

static void
opt_str(struct json_w *w, const char *name, const char *s)
{
	if (s != NULL)
		json_w_kstr(w, name, s);
}

static void
write_text(const struct part *p, struct json_w *w)
{
	opt_str(w, "id", p->id);
	json_w_kstrn(w, "text", p->text.data, p->text.len);
	opt_raw(w, "providerMetadata", p->metadata);
	opt_str(w, "state", part_state_name(p->state));
	opt_raw(w, "citations", p->citations);
}

/*
 * What a lazy part derives from its text. The guess is made for this one
 * writing and not kept: p is const. False: the field is none of these.
 */
static bool
write_lazy(const struct part *p, const struct tool_field *f,
    struct json_w *w)
{
	struct part_tool tool = *p->tool;
	struct part copy = *p;

	if (f->offset == offsetof(struct part_tool, raw_input)) {
		json_w_kstrn(w, f->name, p->text.data, p->text.len);
		return true;
	}
	if (f->offset != offsetof(struct part_tool, input))
		return false;
	copy.tool = &tool;
	opt_raw(w, f->name, part_tool_input(&copy));
	if (tool.input != p->tool->input)
		free(tool.input);
	return true;
}

static void
write_tool_field(const struct part *p, const struct tool_field *f,
    struct json_w *w)
{
	const void *field = (const char *)p->tool + f->offset;
	int8_t flag;

	if (p->tool->lazy && write_lazy(p, f, w))
		return;
	if (f->kind == TOOL_STR) {
		opt_str(w, f->name, *(char *const *)field);
	} else if (f->kind == TOOL_FLAG) {
		flag = *(const int8_t *)field;
		if (flag != FLAG_ABSENT)
			json_w_kbool(w, f->name, flag != 0);
	} else {
		opt_raw(w, f->name, *(char *const *)field);
	}
}

static void
write_tool(const struct part *p, struct json_w *w)
{
	size_t i;

	if (p->tool->dynamic)
		json_w_kstr(w, "toolName", p->tool->name);
	json_w_kstr(w, "toolCallId", p->tool->call_id);
	json_w_kstr(w, "state", part_state_name(p->state));
	for (i = 0; i < TOOL_FIELD_COUNT; i++)
		write_tool_field(p, &tool_fields[i], w);
}

void
part_write(const struct part *p, struct json_w *w)
{
	if (p->json != NULL) {
		json_w_raw(w, p->json, strlen(p->json));
		return;
	}
	json_w_obj(w);
	json_w_kstr(w, "type", p->type_name);
	if (p->type == PART_TEXT || p->type == PART_REASONING) {
		write_text(p, w);
	} else if (p->type == PART_TOOL) {
		write_tool(p, w);
	} else if (p->type == PART_DATA) {
		opt_str(w, "id", p->id);
		opt_raw(w, "data", p->data);
	}
	/* the members alone, without their braces */
	if (p->extra != NULL)
		json_w_raw(w, p->extra + 1, strlen(p->extra) - 2);
	json_w_obj_end(w);
}

void
message_write(const struct message *m, struct json_w *w)
{
	const struct part *p;

	json_w_obj(w);
	json_w_kstr(w, "id", m->id);
	opt_raw(w, "metadata", m->metadata);
	json_w_kstr(w, "role", message_role_name(m->role));
	json_w_key(w, "parts");
	json_w_arr(w);
	TAILQ_FOREACH(p, &m->parts, entry)
		part_write(p, w);
	json_w_arr_end(w);
	json_w_obj_end(w);
}
