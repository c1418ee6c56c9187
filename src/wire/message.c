/* SPDX-License-Identifier: GPL-3.0-or-later */
/* message.c - UI messages and their parts, in memory */

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "wire/message_priv.h"

static const char *const role_names[] = {
	[ROLE_SYSTEM] = "system",
	[ROLE_USER] = "user",
	[ROLE_ASSISTANT] = "assistant",
};

static const char *const state_names[] = {
	[STATE_STREAMING] = "streaming",
	[STATE_DONE] = "done",
	[STATE_INPUT_STREAMING] = "input-streaming",
	[STATE_INPUT_AVAILABLE] = "input-available",
	[STATE_APPROVAL_REQUESTED] = "approval-requested",
	[STATE_APPROVAL_RESPONDED] = "approval-responded",
	[STATE_OUTPUT_AVAILABLE] = "output-available",
	[STATE_OUTPUT_ERROR] = "output-error",
	[STATE_OUTPUT_DENIED] = "output-denied",
};

static const struct {
	const char *name;
	enum part_type type;
	bool prefix;
} part_types[] = {
	{ "text", PART_TEXT, false },
	{ "reasoning", PART_REASONING, false },
	{ "tool-", PART_TOOL, true },
	{ "dynamic-tool", PART_TOOL, false },
	{ "step-start", PART_STEP_START, false },
	{ "data-", PART_DATA, true },
	{ "file", PART_FILE, false },
	{ "source-url", PART_SOURCE_URL, false },
	{ "source-document", PART_SOURCE_DOCUMENT, false },
	{ "reasoning-file", PART_REASONING_FILE, false },
	{ "custom", PART_CUSTOM, false },
	{ "steering-message", PART_STEERING, false },
};

const char *
message_role_name(enum message_role role)
{
	return role_names[role];
}

const char *
part_state_name(enum part_state state)
{
	return state_names[state];
}

enum part_state
part_state_of(const char *name)
{
	size_t i;

	for (i = STATE_NONE + 1; name != NULL && i < NELEM(state_names); i++)
		if (strcmp(name, state_names[i]) == 0)
			return (enum part_state)i;
	return STATE_NONE;
}

enum part_type
part_type_of(const char *name)
{
	size_t i, len;

	for (i = 0; i < NELEM(part_types); i++) {
		len = strlen(part_types[i].name);
		if (part_types[i].prefix ?
		    strncmp(name, part_types[i].name, len) == 0 :
		    strcmp(name, part_types[i].name) == 0)
			return part_types[i].type;
	}
	return PART_OTHER;
}

bool
part_is_raw(enum part_type type)
{
	return type != PART_TEXT && type != PART_REASONING &&
	    type != PART_TOOL && type != PART_STEP_START && type != PART_DATA;
}

struct part *
part_new(enum part_type type, const char *type_name)
{
	struct part *p = xcalloc(1, sizeof *p);

	p->type = type;
	p->type_name = xstrdup(type_name);
	buf_init(&p->text);
	if (type == PART_TOOL) {
		p->tool = xcalloc(1, sizeof *p->tool);
		p->tool->provider_executed = FLAG_ABSENT;
		p->tool->preliminary = FLAG_ABSENT;
		p->tool->dynamic_flag = FLAG_ABSENT;
		p->tool->dynamic = strcmp(type_name, "dynamic-tool") == 0;
	}
	return p;
}

struct part *
part_new_raw(const char *type_name, char *json)
{
	enum part_type type = part_type_of(type_name);
	struct part *p;

	p = part_new(part_is_raw(type) ? type : PART_OTHER, type_name);
	p->json = json;
	return p;
}

static void
tool_free(struct part_tool *t)
{
	size_t i;

	if (t == NULL)
		return;
	for (i = 0; i < TOOL_FIELD_COUNT; i++)
		if (tool_fields[i].kind != TOOL_FLAG)
			free(*(char **)((char *)t + tool_fields[i].offset));
	free(t->call_id);
	free(t->name);
	free(t);
}

void
part_free(struct part *p)
{
	if (p == NULL)
		return;
	tool_free(p->tool);
	buf_clear(&p->text);
	free(p->type_name);
	free(p->id);
	free(p->metadata);
	free(p->data);
	free(p->citations);
	free(p->json);
	free(p->extra);
	free(p);
}

void
part_name_tool(struct part *p, const char *name)
{
	if (p->tool->name != NULL && strcmp(p->tool->name, name) == 0)
		return;
	str_replace(&p->tool->name, name);
	free(p->type_name);
	p->type_name = p->tool->dynamic ? xstrdup("dynamic-tool") :
	    xasprintf("tool-%s", name);
}

static char *
guess_input(const struct part *p)
{
	struct buf quoted = BUF_INIT;
	struct json_doc *doc;
	char *text;

	if (p->tool->input_encoding != NULL &&
	    strcmp(p->tool->input_encoding, "text") == 0) {
		json_add_quoted(&quoted, p->text.data, p->text.len);
		return buf_take(&quoted);
	}
	if (json_parse_partial(p->text.data, p->text.len, &doc) ==
	    JSON_PARTIAL_FAILED)
		return NULL;
	text = json_text(json_root(doc));
	json_doc_free(doc);
	return text;
}

const char *
part_tool_input(struct part *p)
{
	if (p->tool->lazy && p->tool->input == NULL)
		p->tool->input = guess_input(p);
	return p->tool->input;
}

void
part_settle(struct part *p)
{
	struct buf quoted = BUF_INIT;

	if (!p->tool->lazy)
		return;
	(void)part_tool_input(p);	/* which keeps it in the part */
	json_add_quoted(&quoted, p->text.data, p->text.len);
	free(p->tool->raw_input);
	p->tool->raw_input = buf_take(&quoted);
	p->tool->lazy = false;
	buf_clear(&p->text);
}

struct message *
message_new(const char *id, enum message_role role)
{
	struct message *m = xcalloc(1, sizeof *m);

	m->id = xstrdup(id);
	m->role = role;
	TAILQ_INIT(&m->parts);
	return m;
}

void
message_free(struct message *m)
{
	if (m == NULL)
		return;
	while (!TAILQ_EMPTY(&m->parts))
		message_remove(m, TAILQ_FIRST(&m->parts));
	free(m->id);
	free(m->metadata);
	free(m);
}

void
message_push(struct message *m, struct part *p)
{
	TAILQ_INSERT_TAIL(&m->parts, p, entry);
	m->part_count++;
}

void
message_remove(struct message *m, struct part *p)
{
	TAILQ_REMOVE(&m->parts, p, entry);
	m->part_count--;
	part_free(p);
}

struct message *
message_user_text(const char *id, const char *text, size_t len)
{
	struct message *m = message_new(id, ROLE_USER);
	struct part *p = part_new(PART_TEXT, "text");

	buf_add(&p->text, text, len);
	message_push(m, p);
	return m;
}

bool
part_is_interrupted(const struct part *p)
{
	struct json_doc *doc;
	bool yes;

	if (p->metadata == NULL)
		return false;
	doc = json_parse(p->metadata, strlen(p->metadata), JSON_REPLACE_UTF8,
	    NULL);
	yes = json_bool(json_path(json_root(doc), "chatd", "interrupted",
	    NULL), false);
	json_doc_free(doc);
	return yes;
}

void
message_text(const struct message *m, struct buf *out)
{
	const struct part *p;
	bool some = false;

	TAILQ_FOREACH(p, &m->parts, entry) {
		if (p->type != PART_TEXT || p->text.len == 0 ||
		    part_is_interrupted(p))
			continue;
		if (some)
			buf_adds(out, "\n\n");
		buf_add(out, p->text.data, p->text.len);
		some = true;
	}
}

int
message_waiting(const struct message *m)
{
	const struct part *p;
	int n = 0;

	/* a step that asks is the last one */
	TAILQ_FOREACH_REVERSE(p, &m->parts, part_list, entry) {
		if (p->type == PART_STEP_START)
			break;
		n += p->type == PART_TOOL &&
		    p->state == STATE_APPROVAL_REQUESTED;
	}
	return n;
}
