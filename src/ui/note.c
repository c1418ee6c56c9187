/* SPDX-License-Identifier: GPL-3.0-or-later */
/* note.c - what the agent tells beside its answer, in words for people */

#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/json.h"
#include "ui/note.h"
#include "wire/message.h"

/* The first of the members that is a text, behind a word, or nothing. */
static void
add_member(struct buf *out, const struct json *data, const char *name,
    const char *before, const char *behind)
{
	const char *s = json_get_str(data, name);

	if (s != NULL)
		buf_addf(out, "%s%s%s", before, s, behind);
}

static void
say_text(struct buf *out, const struct json *data)
{
	add_member(out, data, "text", "", "");
}

/* An MCP server, or a tool that a file describes, cannot be used (yet). */
static void
say_missing(struct buf *out, const struct json *data)
{
	add_member(out, data, "server", "MCP server ", "");
	add_member(out, data, "tool", "tool ", "");
	add_member(out, data, "text", ": ", "");
}

static void
say_hook(struct buf *out, const struct json *data)
{
	add_member(out, data, "event", "", "");
	add_member(out, data, "command", " ", "");
	add_member(out, data, "outcome", ": ", "");
	add_member(out, data, "text", ": ", "");
}

/* Another model answers than the one that was asked. */
static void
say_fallback(struct buf *out, const struct json *data)
{
	add_member(out, data, "to", "", "");
	add_member(out, data, "text", " (", ")");
}

/* The model took back what it had said (providers 9.4). */
static void
say_refusal(struct buf *out, const struct json *data)
{
	buf_adds(out, json_bool(json_get(data, "withdrawn"), false) ?
	    "what it said is withdrawn" :
	    json_bool(json_get(data, "cut"), false) ?
	    "what it says ends here" : "it says nothing");
	add_member(out, data, json_get_str(data, "text") != NULL ? "text" :
	    "category", " (", ")");
}

static void
say_length(struct buf *out, const struct json *data)
{
	(void)data;
	buf_adds(out, "the output limit cut the answer off");
}

static void
say_model(struct buf *out, const struct json *data)
{
	add_member(out, data, "model", "", "");
	add_member(out, data, "why", " (", ")");
}

static void
say_mode(struct buf *out, const struct json *data)
{
	add_member(out, data, "mode", "", "");
	add_member(out, data, "text", ": ", "");
}

static const struct {
	const char *type, *before;
	void (*fn)(struct buf *out, const struct json *data);
} notes[] = {
	{ "data-chatd-compaction-failed", "no summary: ", say_text },
	{ "data-chatd-fallback", "another model answers: ", say_fallback },
	{ "data-chatd-hook", "hook ", say_hook },
	{ "data-chatd-mcp", "", say_missing },
	{ "data-chatd-mode", "permission mode ", say_mode },
	{ "data-chatd-model", "model: ", say_model },
	{ "data-chatd-length", "", say_length },
	{ "data-chatd-refusal", "the model refused: ", say_refusal },
	{ "data-chatd-retry", "trying again: ", say_text },
	{ "data-chatd-tool", "", say_missing },
};

bool
note_text(struct buf *out, const char *type, const struct json *data)
{
	size_t start = out->len, before = start;
	bool found = false;

	for (size_t i = 0; i < NELEM(notes); i++)
		if (strcmp(type, notes[i].type) == 0) {
			buf_adds(out, notes[i].before);
			before = out->len;
			found = true;
			notes[i].fn(out, data);
		}
	if (found && out->len > before)
		return true;
	buf_cut(out, start);
	return false;
}

bool
note_chunk(struct buf *out, const struct json *chunk)
{
	const char *type = json_get_str(chunk, "type");

	return type != NULL && note_text(out, type, json_get(chunk, "data"));
}

bool
note_part(struct buf *out, const struct part *p)
{
	struct json_doc *doc = p->data == NULL ? NULL :
	    json_parse(p->data, strlen(p->data), 0, NULL);
	bool told = note_text(out, p->type_name, json_root(doc));

	json_doc_free(doc);
	return told;
}
