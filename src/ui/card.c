/* SPDX-License-Identifier: GPL-3.0-or-later */
/* card.c - a tool call as lines */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/json.h"
#include "ui/card.h"
#include "ui/lines.h"
#include "ui/patch.h"
#include "ui/safe.h"
#include "ui/style.h"
#include "ui/width.h"
#include "wire/message.h"

enum {
	DIFF_MAX = 400,		/* lines */
	INNER = 2,		/* cells that a sub-agent's calls go in */
};

static const struct {
	enum part_state state;
	const char *mark, *word;
	unsigned bits;
} states[] = {
	{ STATE_INPUT_STREAMING, "\u2026", "writing", STYLE_BIT(DIM) },
	{ STATE_INPUT_AVAILABLE, "\u25b8", "running", STYLE_BIT(TOOL) },
	{ STATE_APPROVAL_REQUESTED, "?", "waits for you", STYLE_BIT(WARN) },
	{ STATE_APPROVAL_RESPONDED, "\u25b8", "answered", STYLE_BIT(TOOL) },
	{ STATE_OUTPUT_AVAILABLE, "\u2713", "", STYLE_BIT(OK) },
	{ STATE_OUTPUT_ERROR, "\u2717", "failed", STYLE_BIT(ERROR) },
	{ STATE_OUTPUT_DENIED, "\u2717", "denied", STYLE_BIT(WARN) },
};

/* The argument that says most, in the order of asking. */
static const char *const telling[] = { "command", "file_path", "path",
	"pattern", "query", "url", "prompt", "description", "city", "name" };

/* Members that hold the text of an output. */
static const char *const output_texts[] = { "diff", "patch", "stdout",
	"output", "content", "text", "result" };

void
card_time(struct buf *out, int64_t ms)
{
	if (ms < 0)
		return;
	if (ms < 10000)
		buf_addf(out, "%" PRId64 ".%" PRId64 "s", ms / 1000,
		    ms % 1000 / 100);
	else if (ms < 60000)
		buf_addf(out, "%" PRId64 "s", ms / 1000);
	else
		buf_addf(out, "%" PRId64 "m%02" PRId64 "s", ms / 60000,
		    ms / 1000 % 60);
}

static struct json_doc *
parse(const char *text)
{
	return text == NULL ? NULL : json_parse(text, strlen(text),
	    JSON_REPLACE_UTF8, NULL);
}

static const struct json *
telling_member(const struct json *input)
{
	for (size_t i = 0; i < NELEM(telling); i++) {
		const struct json *v = json_get(input, telling[i]);
		if (json_is(v, JSON_STRING))
			return v;
	}
	const struct json *first = json_first(input);
	return json_is(input, JSON_OBJECT) && json_len(input) == 1 &&
	    json_str(first) != NULL ? first : NULL;
}

void
card_summary(struct buf *out, struct part *p)
{
	const char *input = part_tool_input(p);
	struct json_doc *doc = parse(input);
	const struct json *v = telling_member(json_root(doc));

	if (v != NULL)
		buf_add(out, json_str(v), json_len(v));
	else if (input != NULL && strcmp(input, "{}") != 0)
		buf_adds(out, input);
	json_doc_free(doc);
}

/* Is what came not the end of it? */
static bool
is_preliminary(const struct part *p)
{
	return p->state == STATE_OUTPUT_AVAILABLE &&
	    p->tool->preliminary == 1;
}

static size_t
state_of(const struct part *p)
{
	enum part_state state = is_preliminary(p) ? STATE_INPUT_AVAILABLE :
	    p->state;
	size_t i = 0;

	while (i + 1 < NELEM(states) && states[i].state != state)
		i++;
	return i;
}

/* What an edit changed: "+3 -1". */
static void
add_stat(struct buf *tail, const char *output)
{
	struct json_doc *doc = parse(output);
	int64_t added, removed;

	if (json_int64(json_get(json_root(doc), "added"), &added) == 0 &&
	    json_int64(json_get(json_root(doc), "removed"), &removed) == 0)
		buf_addf(tail, "  +%" PRId64 " -%" PRId64, added, removed);
	json_doc_free(doc);
}

static void
add_header(struct lines *out, struct part *p, const struct card_look *look)
{
	struct buf name = BUF_INIT, sum = BUF_INIT, shown = BUF_INIT,
	    tail = BUF_INIT;
	size_t i = state_of(p), used;

	safe_shows(&name, p->tool->title != NULL ? p->tool->title :
	    p->tool->name);
	card_summary(&sum, p);
	safe_show(&shown, sum.data, sum.len);
	if (states[i].word[0] != '\0')
		buf_addf(&tail, "  %s", states[i].word);
	if (p->state == STATE_OUTPUT_AVAILABLE)
		add_stat(&tail, p->tool->output);
	if (look->ms >= 0) {
		buf_adds(&tail, "  ");
		card_time(&tail, look->ms);
	}
	style_adds(&out->text, look->style, states[i].bits, states[i].mark);
	buf_addc(&out->text, ' ');
	buf_reset(&sum);
	width_fit(&sum, name.data, name.len, look->width / 2);
	style_adds(&out->text, look->style, STYLE_BIT(TOOL) | STYLE_BIT(BOLD),
	    sum.data);
	used = 4 + width_cells(sum.data, sum.len) +
	    width_cells(tail.data, tail.len);
	buf_reset(&sum);
	if (used < look->width)
		width_fit(&sum, shown.data, shown.len, look->width - used);
	if (sum.len > 0)
		buf_addf(&out->text, "  %s", sum.data);
	style_adds(&out->text, look->style, states[i].bits | STYLE_BIT(DIM),
	    tail.data);
	buf_addc(&out->text, '\n');
	lines_index(out);
	buf_clear(&name);
	buf_clear(&sum);
	buf_clear(&shown);
	buf_clear(&tail);
}

static struct lines_look
body_look(const struct card_look *look, unsigned bits)
{
	return (struct lines_look){ .style = look->style, .prefix = "  ",
	    .indent = 2, .width = look->width, .bits = bits,
	    .max = look->unfolded ? CARD_MAX : CARD_FOLDED };
}

/* -------------------------------------------------------------- values */

static const struct json *
output_text(const struct json *v)
{
	if (json_is(v, JSON_STRING))
		return v;
	for (size_t i = 0; i < NELEM(output_texts); i++) {
		const struct json *m = json_get(v, output_texts[i]);
		if (json_is(m, JSON_STRING) && json_len(m) > 0)
			return m;
	}
	return NULL;
}

static void
add_diff(struct lines *out, const char *s, const struct card_look *look)
{
	struct patch_look k = { .style = look->style, .width = look->width,
	    .max = look->unfolded ? DIFF_MAX : CARD_FOLDED * 2 };

	patch_lines(out, s, &k);
}

/* A call of a sub-agent: its card's first line, one step to the right. */
static void
add_inner_call(struct lines *out, struct part *p,
    const struct card_look *look)
{
	struct card_look inner = *look;

	inner.ms = -1;
	inner.width = look->width > INNER ? look->width - INNER : 1;
	buf_adds(&out->text, "  ");
	add_header(out, p, &inner);
	if (look->unfolded && p->state == STATE_OUTPUT_ERROR &&
	    p->tool->error_text != NULL) {
		struct lines_look k = body_look(look, STYLE_BIT(ERROR));
		k.prefix = "    ";
		k.indent = 4;
		lines_wrap(out, p->tool->error_text,
		    strlen(p->tool->error_text), &k);
	}
}

static size_t
count_calls(const struct message *m, const struct part **text)
{
	const struct part *p;
	size_t n = 0;

	*text = NULL;
	TAILQ_FOREACH(p, &m->parts, entry) {
		n += p->type == PART_TOOL;
		if (p->type == PART_TEXT && p->text.len > 0)
			*text = p;
	}
	return n;
}

/* What a sub-agent called, and its last words. */
static void
add_inside(struct lines *out, const struct message *m,
    const struct card_look *look)
{
	size_t max = look->unfolded ? CARD_MAX : CARD_FOLDED, calls, skip;
	struct lines_look k = body_look(look, STYLE_BIT(DIM));
	const struct part *text;
	struct part *p;

	calls = count_calls(m, &text);
	skip = calls > max ? calls - max : 0;
	if (skip > 0) {
		char words[64];
		snprintf(words, sizeof(words), "\u2026 %zu earlier calls",
		    skip);
		lines_wrap(out, words, strlen(words), &k);
	}
	TAILQ_FOREACH(p, &m->parts, entry) {
		if (p->type == PART_TOOL && skip == 0)
			add_inner_call(out, p, look);
		else if (p->type == PART_TOOL)
			skip--;
	}
	if (text != NULL)
		lines_wrap(out, text->text.data, text->text.len, &k);
}

/* Is the output a sub-agent's message? Then it is shown. */
static bool
add_subagent(struct lines *out, const struct json *v,
    const struct card_look *look)
{
	struct message *m = json_is(json_get(v, "parts"), JSON_ARRAY) &&
	    json_get_str(v, "role") != NULL ? message_read(v, NULL) : NULL;

	if (m == NULL)
		return false;
	add_inside(out, m, look);
	message_free(m);
	return true;
}

static void
add_output(struct lines *out, const char *json, const struct card_look *look)
{
	struct json_doc *doc = parse(json);
	const struct json *v = output_text(json_root(doc));
	struct lines_look k = body_look(look, STYLE_BIT(DIM));

	if (add_subagent(out, json_root(doc), look)) {
		json_doc_free(doc);
		return;
	}
	if (v != NULL && patch_is(json_str(v)))
		add_diff(out, json_str(v), look);
	else if (v != NULL && json_len(v) > 0)
		lines_wrap(out, json_str(v), json_len(v), &k);
	else if (v == NULL && json_is_set(json_root(doc)))
		lines_wrap(out, json, strlen(json), &k);
	json_doc_free(doc);
}

/* The output's diff has line numbers; what we make of the input has none. */
static bool
has_diff(const char *output)
{
	struct json_doc *doc = parse(output);
	const char *diff = json_get_str(json_root(doc), "diff");
	bool has = diff != NULL && patch_is(diff);

	json_doc_free(doc);
	return has;
}

static void
add_side(struct buf *b, const char *s, char sign)
{
	while (*s != '\0') {
		size_t len = strcspn(s, "\n");

		buf_addc(b, sign);
		buf_add(b, s, len);
		buf_addc(b, '\n');
		s += len + (s[len] == '\n');
	}
}

bool
card_diff(struct lines *out, struct part *p, const struct card_look *look)
{
	struct json_doc *doc = parse(part_tool_input(p));
	const struct json *in = json_root(doc);
	const char *old = json_get_str(in, "old_string");
	const char *new = json_get_str(in, "new_string");
	const char *diff = json_get_str(in, "diff");
	struct buf b = BUF_INIT;

	if (old == NULL && new == NULL)
		new = json_get_str(in, "content");
	if (diff == NULL)
		diff = json_get_str(in, "patch");
	if (diff != NULL)
		buf_adds(&b, diff);
	if (old != NULL)
		add_side(&b, old, '-');
	if (new != NULL)
		add_side(&b, new, '+');
	bool is = b.len > 0;
	if (is)
		add_diff(out, b.data, look);
	buf_clear(&b);
	json_doc_free(doc);
	return is;
}

static void
add_argument(struct lines *out, const char *name, const struct json *v,
    const struct card_look *look)
{
	char *text = json_is(v, JSON_STRING) ? NULL : json_text(v);
	const char *s = text != NULL ? text : json_str(v);
	size_t len = text != NULL ? strlen(text) : json_len(v);
	struct buf first = BUF_INIT, shown = BUF_INIT, key = BUF_INIT;
	size_t from = 0;

	safe_shows(&key, name);
	style_add(&first, look->style, STYLE_BIT(DIM));
	buf_addf(&first, "  %s: ", key.data);
	style_add(&first, look->style, 0);
	struct lines_look k = body_look(look, 0);
	k.max = look->unfolded ? CARD_MAX : 40;
	/* each line by itself: newlines are meant, all else is shown */
	while (from <= len) {
		const char *end = memchr(s + from, '\n', len - from);
		size_t n = end != NULL ? (size_t)(end - s) - from :
		    len - from;

		buf_reset(&shown);
		safe_show(&shown, s + from, n);
		k.first = from == 0 ? first.data : "    ";
		k.prefix = "    ";
		k.indent = from == 0 ? 4 + width_cells(key.data, key.len) : 4;
		lines_wrap(out, shown.data, shown.len, &k);
		if (end == NULL)
			break;
		from += n + 1;
	}
	buf_clear(&first);
	buf_clear(&shown);
	buf_clear(&key);
	free(text);
}

void
card_arguments(struct lines *out, struct part *p,
    const struct card_look *look)
{
	struct json_doc *doc = parse(part_tool_input(p));
	const struct json *v;

	if (json_is(json_root(doc), JSON_OBJECT)) {
		JSON_EACH(v, json_root(doc))
			add_argument(out, json_name(v), v, look);
	} else if (doc != NULL) {
		add_argument(out, "input", json_root(doc), look);
	}
	json_doc_free(doc);
}

/* What a person said to the question, where they said why. */
static void
add_reason(struct lines *out, struct part *p, const struct card_look *look)
{
	struct json_doc *doc = parse(p->tool->approval);
	const char *reason = json_get_str(json_root(doc), "reason");

	if (reason != NULL && *reason != '\0') {
		struct lines_look k = body_look(look, STYLE_BIT(WARN));
		lines_wrap(out, reason, strlen(reason), &k);
	}
	json_doc_free(doc);
}

void
card_lines(struct lines *out, struct part *p, const struct card_look *look)
{
	add_header(out, p, look);
	if (look->unfolded)
		card_arguments(out, p, look);
	switch (p->state) {
	case STATE_OUTPUT_AVAILABLE:
		if (has_diff(p->tool->output) || !card_diff(out, p, look))
			add_output(out, p->tool->output, look);
		break;
	case STATE_OUTPUT_ERROR:
		if (p->tool->error_text != NULL) {
			struct lines_look k = body_look(look,
			    STYLE_BIT(ERROR));
			lines_wrap(out, p->tool->error_text,
			    strlen(p->tool->error_text), &k);
		}
		break;
	case STATE_OUTPUT_DENIED:
	case STATE_APPROVAL_RESPONDED:
		add_reason(out, p, look);
		break;
	default:
		if (look->inside != NULL)
			add_inside(out, look->inside, look);
		break;
	}
}
