/* SPDX-License-Identifier: GPL-3.0-or-later */
/* transcript.c - renders messages */

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "cli/out.h"
#include "cli/transcript.h"
#include "ui/md_stream.h"
#include "ui/note.h"
#include "ui/safe.h"
#include "ui/style.h"
#include "wire/insert.h"
#include "wire/item.h"
#include "wire/message.h"

enum { VALUE_MAX = 400 };	/* bytes of a tool's output that are shown */

/* Each line of text behind before. */
static void
add_quoted(struct buf *out, const char *before, const struct buf *text)
{
	size_t at = 0;

	do {
		const char *s = text->data + at;
		const char *end = memchr(s, '\n', text->len - at);
		size_t len = end != NULL ? (size_t)(end - s) :
		    text->len - at;

		buf_adds(out, before);
		buf_add(out, s, len);
		buf_addc(out, '\n');
		at += len + 1;
	} while (at < text->len);
}

/* A terminal is shielded, a pipe gets what was said. */
static void
add_text(struct buf *out, const struct buf *text, const struct style *st)
{
	if (st->tty)
		safe_text(out, text->data, text->len);
	else
		buf_add(out, text->data, text->len);
}

static void
add_answer(struct buf *out, const struct buf *text, const struct style *st)
{
	struct md_opts opts = { .style = st, .width = st->columns };

	if (st->tty && !st->dumb) {
		md_render(out, text->data, text->len, &opts);
		return;
	}
	add_text(out, text, st);
	if (out->len > 0 && out->data[out->len - 1] != '\n')
		buf_addc(out, '\n');
}

static void
add_tool(struct buf *out, const struct part_tool *t, const char *state,
    const struct style *st)
{
	const char *result = t->error_text != NULL ? t->error_text :
	    t->output;
	struct buf line = BUF_INIT;

	buf_addf(&line, "%s %s", t->name != NULL ? t->name : "?",
	    t->input != NULL ? t->input : "");
	style_add(out, st, STYLE_BIT(TOOL));
	buf_adds(out, "[tool ");
	safe_shows(out, line.data);
	buf_addf(out, " - %s]\n", state != NULL ? state : "");
	style_add(out, st, 0);
	if (result != NULL) {
		size_t len = strlen(result);
		buf_adds(out, "  ");
		safe_show(out, result, len > VALUE_MAX ? VALUE_MAX : len);
		buf_adds(out, len > VALUE_MAX ? "...\n" : "\n");
	}
	buf_clear(&line);
}

static void
add_file(struct buf *out, const struct part *p, const struct style *st)
{
	struct json_doc *doc = p->json == NULL ? NULL :
	    json_parse(p->json, strlen(p->json), 0, NULL);
	const struct json *root = doc != NULL ? json_root(doc) : NULL;
	const char *name = json_get_str(root, "filename");
	const char *media = json_get_str(root, "mediaType");

	style_add(out, st, STYLE_BIT(DIM));
	buf_adds(out, "[file ");
	safe_shows(out, name != NULL ? name : "");
	buf_adds(out, " ");
	safe_shows(out, media != NULL ? media : "");
	buf_adds(out, "]\n");
	style_add(out, st, 0);
	json_doc_free(doc);
}

static void
add_said(struct buf *out, const struct part *p, const struct style *st)
{
	struct buf text = BUF_INIT;

	add_text(&text, &p->text, st);
	style_add(out, st, STYLE_BIT(PROMPT));
	add_quoted(out, "> ", &text);
	style_add(out, st, 0);
	buf_clear(&text);
}

static void
add_insert(struct buf *out, const struct part *p, const struct style *st)
{
	struct buf raw = BUF_INIT, text = BUF_INIT;
	const char *label;

	if (insert_text(p, &raw, &label)) {
		add_text(&text, &raw, st);
		style_add(out, st, label == NULL ? STYLE_BIT(PROMPT) :
		    STYLE_BIT(DIM));
		if (label != NULL)
			buf_addf(out, "[%s]\n", label);
		add_quoted(out, label == NULL ? "> " : "  ", &text);
		style_add(out, st, 0);
	} else if (note_part(&raw, p)) {
		add_text(&text, &raw, st);
		style_add(out, st, STYLE_BIT(DIM));
		buf_addf(out, "[%s]\n", text.data);
		style_add(out, st, 0);
	}
	buf_clear(&raw);
	buf_clear(&text);
}

static void
add_part(struct buf *out, const struct message *m, const struct part *p,
    const struct style *st)
{
	switch (p->type) {
	case PART_TEXT:
		if (p->text.len == 0)
			break;
		if (m->role == ROLE_ASSISTANT)
			add_answer(out, &p->text, st);
		else
			add_said(out, p, st);
		break;
	case PART_TOOL:
		add_tool(out, p->tool, part_state_name(p->state), st);
		break;
	case PART_FILE:
		add_file(out, p, st);
		break;
	case PART_DATA:
		add_insert(out, p, st);
		break;
	default:
		break;
	}
}

void
transcript_message(struct buf *out, const struct message *m,
    const struct style *st)
{
	const struct part *p;

	TAILQ_FOREACH(p, &m->parts, entry) {
		size_t before = out->len;
		add_part(out, m, p, st);
		if (out->len > before)
			buf_addc(out, '\n');
	}
}

void
transcript_text(struct buf *out, const struct json *messages,
    const struct style *st)
{
	const struct json *v;

	JSON_EACH(v, messages) {
		struct message *m = message_read(v, NULL);
		if (m != NULL)
			transcript_message(out, m, st);
		message_free(m);
	}
	if (out->len > 0)
		buf_cut(out, out->len - 1);	/* no blank line at the end */
}

int
transcript_print(const struct json *transcript, const struct style *st,
    struct err *e)
{
	struct buf b = BUF_INIT;

	transcript_text(&b, json_get(transcript, "messages"), st);
	if (b.len > 0)
		buf_addc(&b, '\n');
	return out_result(&b, e);
}

void
transcript_usage(struct buf *out, const struct item *it,
    const struct style *st)
{
	struct json_doc *doc = it->usage == NULL ? NULL :
	    json_parse(it->usage, strlen(it->usage), 0, NULL);
	const struct json *usage = json_root(doc);
	int64_t in, cached, said;

	if (json_int64(json_get(usage, "inputTokens"), &in) == 0 &&
	    json_int64(json_get(usage, "outputTokens"), &said) == 0) {
		buf_adds(out, out->len > 0 ? "\n" : "");
		style_add(out, st, STYLE_BIT(DIM));
		buf_addf(out, "[%" PRId64 " tokens in", in);
		if (json_int64(json_get(usage, "cachedInputTokens"),
		    &cached) == 0 && cached > 0)
			buf_addf(out, " (%" PRId64 " cached)", cached);
		buf_addf(out, ", %" PRId64 " out", said);
		if (it->cost >= 0)
			buf_addf(out, ", $%.4f", it->cost);
		buf_adds(out, "]\n");
		style_add(out, st, 0);
	}
	json_doc_free(doc);
}

static void
markdown_insert(struct buf *out, const struct part *p)
{
	struct buf text = BUF_INIT;
	const char *label;

	if (insert_text(p, &text, &label)) {
		buf_addf(out, "*%s:*\n\n", label != NULL ? label : "user");
		add_quoted(out, "> ", &text);
		buf_addc(out, '\n');
	}
	buf_clear(&text);
}

static void
markdown_part(struct buf *out, const struct part *p)
{
	if (p->type == PART_TEXT && p->text.len > 0) {
		buf_add(out, p->text.data, p->text.len);
		buf_adds(out, "\n\n");
	} else if (p->type == PART_DATA) {
		markdown_insert(out, p);
	} else if (p->type == PART_TOOL) {
		buf_adds(out, "Tool `");
		safe_shows(out, p->tool->name != NULL ? p->tool->name : "?");
		buf_adds(out, "`:\n\n````json\n");
		buf_adds(out, p->tool->input != NULL ? p->tool->input :
		    "{}");
		if (p->tool->output != NULL)
			buf_addf(out, "\n%s", p->tool->output);
		buf_adds(out, "\n````\n\n");
	}
}

void
transcript_markdown(struct buf *out, const struct item *it,
    const struct json *messages)
{
	const struct json *v;
	const struct part *p;

	buf_adds(out, "# ");
	safe_shows(out, it->title != NULL ? it->title : item_key(it));
	buf_adds(out, "\n\n");
	JSON_EACH(v, messages) {
		struct message *m = message_read(v, NULL);
		if (m == NULL)
			continue;
		buf_addf(out, "## %s\n\n", message_role_name(m->role));
		TAILQ_FOREACH(p, &m->parts, entry)
			markdown_part(out, p);
		message_free(m);
	}
	buf_cut(out, out->len - 1);
}
