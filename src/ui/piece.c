/* SPDX-License-Identifier: GPL-3.0-or-later */
/* piece.c - one part of a message, laid out as lines */

#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/json.h"
#include "ui/card.h"
#include "ui/extra.h"
#include "ui/md_stream.h"
#include "ui/note.h"
#include "ui/piece.h"
#include "ui/safe.h"
#include "ui/style.h"
#include "ui/subs.h"
#include "ui/width.h"
#include "wire/insert.h"
#include "wire/message.h"

enum { INJECTED_LINES = 12 };	/* that are shown folded */

void
piece_init(struct piece *pc)
{
	*pc = (struct piece){ .fed = 0 };
	lines_init(&pc->done);
	lines_init(&pc->open);
}

void
piece_forget(struct piece *pc)
{
	md_stream_free(pc->ms);
	pc->ms = NULL;
	pc->fed = 0;
	pc->laid = false;
	lines_reset(&pc->done);
	lines_reset(&pc->open);
}

void
piece_clear(struct piece *pc)
{
	piece_forget(pc);
	lines_clear(&pc->done);
	lines_clear(&pc->open);
}

size_t
piece_height(const struct piece *pc)
{
	return pc->done.count + pc->open.count;
}

const char *
piece_line(const struct piece *pc, size_t i, size_t *len)
{
	return i < pc->done.count ? lines_get(&pc->done, i, len) :
	    lines_get(&pc->open, i - pc->done.count, len);
}

/* ----------------------------------------------------------------- text */

static void
grow(struct piece *pc, const struct part *p, const struct piece_look *look)
{
	struct md_opts opts = { .style = look->style, .width = look->width };
	/* what was cut off stays in its state, but nobody goes on with it */
	bool more = p->state == STATE_STREAMING && look->live;

	if (pc->ms == NULL || pc->fed > p->text.len) {
		piece_forget(pc);
		pc->ms = md_stream_new(&opts);
	}
	md_stream_add(pc->ms, p->text.data + pc->fed, p->text.len - pc->fed);
	pc->fed = p->text.len;
	lines_reset(&pc->open);
	if (!more)
		md_stream_finish(pc->ms);
	md_stream_take(pc->ms, &pc->done.text);
	lines_index(&pc->done);
	if (more) {
		md_stream_open(pc->ms, &pc->open.text);
		lines_index(&pc->open);
		return;
	}
	md_stream_free(pc->ms);
	pc->ms = NULL;
}

static void
lay_text(struct piece *pc, struct part *p, const struct piece_look *look)
{
	struct lines_look k = { .style = look->style, .width = look->width };

	if (!look->plain) {
		grow(pc, p, look);
		return;
	}
	lines_reset(&pc->done);
	lines_wrap(&pc->done, p->text.data, p->text.len, &k);
}

/* The last line of what is thought, while it is thought. */
static void
add_thought(struct piece *pc, const struct part *p,
    const struct piece_look *look)
{
	size_t len = p->text.len, start;
	struct buf clean = BUF_INIT, fit = BUF_INIT;

	while (len > 0 && p->text.data[len - 1] == '\n')
		len--;
	start = len;
	while (start > 0 && p->text.data[start - 1] != '\n')
		start--;
	safe_show(&clean, p->text.data + start, len - start);
	if (clean.len > 0 && look->width > 4) {
		width_fit(&fit, clean.data, clean.len, look->width - 2);
		buf_adds(&pc->done.text, "  ");
		style_adds(&pc->done.text, look->style, STYLE_BIT(DIM) |
		    STYLE_BIT(ITALIC), fit.data);
		buf_addc(&pc->done.text, '\n');
	}
	buf_clear(&clean);
	buf_clear(&fit);
}

static void
add_reasoning_head(struct piece *pc, const struct part *p,
    const struct piece_look *look)
{
	struct buf head = BUF_INIT;
	bool busy = p->state == STATE_STREAMING && look->live;

	buf_addf(&head, "%s %s", look->reasoning ? "\u25be" : "\u25b8",
	    busy ? "thinking" : "thought");
	if (pc->began > 0) {
		buf_adds(&head, busy ? " " : " for ");
		card_time(&head, ((busy ? look->now_us : pc->ended) -
		    pc->began) / 1000);
	}
	style_adds(&pc->done.text, look->style, STYLE_BIT(DIM), head.data);
	buf_addc(&pc->done.text, '\n');
	buf_clear(&head);
}

static void
lay_reasoning(struct piece *pc, struct part *p, const struct piece_look *look)
{
	struct lines_look k = { .style = look->style, .prefix = "  ",
	    .indent = 2, .width = look->width,
	    .bits = STYLE_BIT(DIM) | STYLE_BIT(ITALIC) };

	lines_reset(&pc->done);
	/* nothing to read: some providers keep it to themselves */
	if (p->text.len == 0 && p->state != STATE_STREAMING)
		return;
	add_reasoning_head(pc, p, look);
	if (look->reasoning && p->text.len > 0)
		lines_wrap(&pc->done, p->text.data, p->text.len, &k);
	else if (p->state == STATE_STREAMING && look->live)
		add_thought(pc, p, look);
	lines_index(&pc->done);
}

static void
lay_tool(struct piece *pc, struct part *p, const struct piece_look *look)
{
	struct card_look k = { .style = look->style, .width = look->width,
	    .unfolded = look->output, .ms = -1,
	    .inside = subs_get(look->subs, p->tool->call_id) };

	if (pc->began > 0)
		k.ms = ((pc->ended > 0 ? pc->ended : look->now_us) -
		    pc->began) / 1000;
	lines_reset(&pc->done);
	card_lines(&pc->done, p, &k);
}

/* ------------------------------------------------------- one line each */

static void
one_line(struct piece *pc, const struct piece_look *look, const char *mark,
    const char *what, const char *url)
{
	struct buf clean = BUF_INIT, fit = BUF_INIT;

	safe_shows(&clean, what);
	width_fit(&fit, clean.data, clean.len, look->width > 8 ?
	    look->width - 4 : 4);
	style_adds(&pc->done.text, look->style, STYLE_BIT(MARKER), mark);
	buf_addc(&pc->done.text, ' ');
	bool linked = url != NULL && style_link(&pc->done.text, look->style,
	    url, strlen(url));
	style_adds(&pc->done.text, look->style, linked ? STYLE_BIT(LINK) :
	    STYLE_BIT(DIM), fit.data);
	if (linked)
		style_link_end(&pc->done.text, look->style);
	buf_addc(&pc->done.text, '\n');
	lines_index(&pc->done);
	buf_clear(&clean);
	buf_clear(&fit);
}

static void
lay_json(struct piece *pc, struct part *p, const struct piece_look *look)
{
	struct json_doc *doc = p->json == NULL ? NULL :
	    json_parse(p->json, strlen(p->json), JSON_REPLACE_UTF8, NULL);
	const struct json *v = json_root(doc);
	const char *url = json_get_str(v, "url");
	const char *name = json_get_str(v, "filename");
	struct buf what = BUF_INIT;

	lines_reset(&pc->done);
	if (p->type == PART_SOURCE_URL) {
		name = json_get_str(v, "title");
		one_line(pc, look, "\u2197", name != NULL ? name :
		    url != NULL ? url : "source", url);
	} else if (p->type == PART_SOURCE_DOCUMENT) {
		name = json_get_str(v, "title");
		one_line(pc, look, "\u2197", name != NULL ? name : "document",
		    NULL);
	} else {
		extra_file(&what, v);
		one_line(pc, look, "\u25a2", what.data, url != NULL &&
		    strncmp(url, "http", 4) == 0 ? url : NULL);
	}
	json_doc_free(doc);
	buf_clear(&what);
}

/* What others said while the answer was written, or was told in between. */
static void
lay_insert(struct piece *pc, const struct piece_look *look,
    const struct buf *text, const char *label)
{
	struct lines_look k = { .style = look->style, .width = look->width,
	    .prefix = "  ", .indent = 2, .first = "\u276f ",
	    .bits = label != NULL ? STYLE_BIT(DIM) : STYLE_BIT(BOLD),
	    .max = label != NULL ? look->output ? CARD_MAX :
	    INJECTED_LINES : 0 };
	struct buf head = BUF_INIT;

	if (label != NULL) {
		buf_addf(&head, "\u25c6 %s%s",
		    strcmp(label, "context") == 0 ? "" : label,
		    strcmp(label, "context") == 0 ? "" : ": ");
		k.first = head.data;
	}
	lines_wrap(&pc->done, text->data, text->len, &k);
	buf_clear(&head);
}

static void
lay_data(struct piece *pc, struct part *p, const struct piece_look *look)
{
	struct buf what = BUF_INIT;
	const char *label;

	lines_reset(&pc->done);
	if (insert_text(p, &what, &label)) {
		lay_insert(pc, look, &what, label);
		buf_clear(&what);
		return;
	}
	if (strncmp(p->type_name, "data-chatd-", 11) == 0)
		(void)note_part(&what, p);	/* marks for programs say
						   nothing */
	else
		extra_data(&what, p->type_name, p->data);
	if (what.len > 0)
		one_line(pc, look, "\u25c6", what.data, NULL);
	buf_clear(&what);
}

static void
lay_nothing(struct piece *pc, struct part *p, const struct piece_look *look)
{
	(void)p;
	(void)look;
	lines_reset(&pc->done);
}

typedef void lay_fn(struct piece *pc, struct part *p,
    const struct piece_look *look);

static lay_fn *const lays[] = {
	[PART_TEXT] = lay_text,
	[PART_REASONING] = lay_reasoning,
	[PART_TOOL] = lay_tool,
	[PART_STEP_START] = lay_nothing,
	[PART_DATA] = lay_data,
	[PART_FILE] = lay_json,
	[PART_SOURCE_URL] = lay_json,
	[PART_SOURCE_DOCUMENT] = lay_json,
	[PART_REASONING_FILE] = lay_json,
	[PART_CUSTOM] = lay_nothing,
	[PART_STEERING] = lay_nothing,
	[PART_OTHER] = lay_nothing,
};

static bool
is_over(const struct part *p)
{
	if (p->tool != NULL && p->tool->preliminary == 1 &&
	    p->state == STATE_OUTPUT_AVAILABLE)
		return false;
	switch (p->state) {
	case STATE_STREAMING:
	case STATE_INPUT_STREAMING:
	case STATE_INPUT_AVAILABLE:
	case STATE_APPROVAL_RESPONDED:
		return false;
	default:
		return true;
	}
}

bool
piece_ticks(const struct piece *pc, const struct part *p)
{
	return pc->began > 0 && pc->ended == 0 && !is_over(p) &&
	    (p->type == PART_REASONING || p->type == PART_TOOL);
}

/* A call's time runs from when it is known whole, or was allowed. */
static void
watch(struct piece *pc, const struct part *p, const struct piece_look *look)
{
	bool counts = p->type == PART_REASONING || p->type == PART_TOOL;

	if (!counts || !look->live)
		return;
	if (p->state == STATE_INPUT_STREAMING ||
	    p->state == STATE_APPROVAL_REQUESTED) {
		pc->began = pc->ended = 0;
		return;
	}
	if (pc->began == 0 && !is_over(p))
		pc->began = look->now_us;
	if (pc->began > 0 && pc->ended == 0 && is_over(p))
		pc->ended = look->now_us;
}

bool
piece_update(struct piece *pc, struct part *p, const struct piece_look *look)
{
	if (pc->laid && pc->version == p->version && !piece_ticks(pc, p))
		return false;
	watch(pc, p, look);
	if (pc->began > 0 && pc->ended == 0 && !look->live)
		pc->ended = look->now_us;
	pc->version = p->version;
	lays[p->type](pc, p, look);
	pc->laid = true;
	return true;
}
