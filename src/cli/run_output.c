/* SPDX-License-Identifier: GPL-3.0-or-later */
/* run_output.c - text as it arrives, JSON at the end, or a line a record */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "cli/opts.h"
#include "cli/out.h"
#include "cli/result.h"
#include "cli/run_output.h"
#include "cli/tell.h"
#include "client/view.h"
#include "ui/line_out.h"
#include "ui/style.h"
#include "wire/item.h"

enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_STREAM };

struct run_output {
	enum format format;
	struct style style;
	struct line_out *text;
	struct tell *tell;
	/* how far the answer's text has been printed */
	char *message_id;
	const struct part *part;	/* the last one begun, or NULL */
	size_t offset;
	bool some;			/* this answer has printed something */
	bool judged;			/* by a schema: shown when it fits */
};

static enum format
format_of(const char *name)
{
	if (name == NULL || strcmp(name, "text") == 0)
		return FORMAT_TEXT;
	return strcmp(name, "json") == 0 ? FORMAT_JSON : FORMAT_STREAM;
}

struct run_output *
run_output_new(const struct opts *o, struct event_base *base)
{
	struct run_output *ro = xcalloc(1, sizeof(*ro));

	ro->format = format_of(o->output_format);
	ro->judged = o->json_schema != NULL;
	style_init(&ro->style, STDOUT_FILENO);
	if (ro->format == FORMAT_TEXT) {
		struct line_out_opts lo = {
			.base = base,
			.fd = STDOUT_FILENO,
			.style = &ro->style,
			.raw = o->raw_output > 1,
		};
		ro->text = line_out_new(&lo);
	}
	ro->tell = tell_new(base, o, ro->text, ro->style.tty);
	return ro;
}

void
run_output_free(struct run_output *ro)
{
	if (ro == NULL)
		return;
	tell_free(ro->tell);
	line_out_free(ro->text);
	free(ro->message_id);
	free(ro);
}

/* One line of stream-json, in one write. */
static int
put_line(struct buf *b, struct err *e)
{
	buf_addc(b, '\n');
	return out_json(b, e);
}

int
run_output_session(struct run_output *ro, const struct item *it,
    struct err *e)
{
	struct buf b = BUF_INIT;
	struct json_w w;

	if (ro->format != FORMAT_STREAM)
		return 0;
	json_w_init(&w, &b);
	json_w_obj(&w);
	json_w_kstr(&w, "type", "session");
	json_w_kstr(&w, "session", it->id);
	json_w_kstr(&w, "externalId", it->external_id);
	json_w_kstr(&w, "title", it->title);
	json_w_kstr(&w, "agent", it->task);
	json_w_obj_end(&w);
	return put_line(&b, e);
}

static bool
is_printed(const struct part *p)
{
	return p->type == PART_TEXT;
}

/* The text part to print after the current one, or NULL. */
static const struct part *
next_text(const struct run_output *ro, const struct message *m)
{
	const struct part *p = ro->part == NULL ? TAILQ_FIRST(&m->parts) :
	    TAILQ_NEXT(ro->part, entry);

	while (p != NULL && !is_printed(p))
		p = TAILQ_NEXT(p, entry);
	return p;
}

static int
print_part(struct run_output *ro, struct err *e)
{
	const struct part *p = ro->part;
	size_t end = p->text.len;

	if (ro->judged && (p->state == STATE_STREAMING ||
	    part_is_interrupted(p)))
		return 0;
	if (p->state == STATE_STREAMING)
		end -= utf8_half(p->text.data, end);
	size_t len = end - ro->offset;
	if (len == 0)
		return 0;
	tell_text_begins(ro->tell);
	if (ro->offset == 0 && ro->some &&
	    line_out_add(ro->text, "\n\n", 2, e) != 0)
		return -1;
	if (line_out_add(ro->text, p->text.data + ro->offset, len, e) != 0)
		return -1;
	ro->offset = end;
	ro->some = true;
	return 0;
}

/*
 * Blocks may interleave (session-protocol 9.1): the next one is printed when
 * the one before it is whole, so that stdout is what `result` says.
 */
static int
print_text(struct run_output *ro, const struct message *m, struct err *e)
{
	if (ro->message_id == NULL || strcmp(ro->message_id, m->id) != 0) {
		str_replace(&ro->message_id, m->id);
		ro->part = NULL;
		ro->offset = 0;
	}
	for (;;) {
		if (ro->part != NULL && print_part(ro, e) != 0)
			return -1;
		if (ro->part != NULL && ro->part->state == STATE_STREAMING)
			return 0;
		const struct part *next = next_text(ro, m);
		if (next == NULL)
			return 0;
		ro->part = next;
		ro->offset = 0;
	}
}

/* A step is taken back (reset-step): its parts are gone, what was printed of
 * them is not. */
static void
forget_step(struct run_output *ro, const struct message *m)
{
	const struct part *p, *last = NULL;

	TAILQ_FOREACH(p, &m->parts, entry) {
		if (p == ro->part)
			return;
		if (is_printed(p))
			last = p;
	}
	ro->part = last;
	ro->offset = last != NULL ? last->text.len : 0;
}

static bool
touches_text(const struct json *chunk)
{
	const char *type = json_get_str(chunk, "type");

	return type != NULL && strncmp(type, "text-", 5) == 0;
}

int
run_output_chunk(struct run_output *ro, int64_t seq, const struct json *chunk,
    const struct result *res, struct err *e)
{
	const struct message *m = view_answer(res->view);

	if (ro->format == FORMAT_STREAM) {
		struct buf b = BUF_INIT;
		struct json_w w;

		json_w_init(&w, &b);
		json_w_obj(&w);
		json_w_kint(&w, "seq", seq);
		json_w_kvalue(&w, "chunk", chunk);
		json_w_obj_end(&w);
		if (put_line(&b, e) != 0)
			return -1;
	}
	if (m != NULL && json_streq(json_get(chunk, "type"), "reset-step"))
		forget_step(ro, m);
	if (ro->format == FORMAT_TEXT && m != NULL && touches_text(chunk) &&
	    print_text(ro, m, e) != 0)
		return -1;
	tell_chunk(ro->tell, chunk, res->changed.part);
	return 0;
}

int
run_output_control(struct run_output *ro, int64_t seq, const char *subtype,
    int64_t in_seq, struct err *e)
{
	struct buf b = BUF_INIT;
	struct json_w w;

	if (ro->format != FORMAT_STREAM)
		return 0;
	json_w_init(&w, &b);
	json_w_obj(&w);
	json_w_kint(&w, "seq", seq);
	json_w_kstr(&w, "control", subtype);
	if (in_seq >= 0)
		json_w_kint(&w, "sessionInEventId", in_seq);
	json_w_obj_end(&w);
	return put_line(&b, e);
}

void
run_output_break(struct run_output *ro)
{
	/* an error comes again with the next text */
	if (ro->text != NULL)
		(void)line_out_flush(ro->text, NULL);
}

void
run_output_away(struct run_output *ro, const struct err *why)
{
	tell_away(ro->tell, why);
}

void
run_output_resize(struct run_output *ro)
{
	style_resize(&ro->style, STDOUT_FILENO);
	if (ro->text != NULL)
		line_out_resize(ro->text);
}

int
run_output_turn_end(struct run_output *ro, struct err *e)
{
	bool some = ro->some;

	tell_turn_end(ro->tell);
	str_replace(&ro->message_id, NULL);
	ro->part = NULL;
	ro->some = false;
	if (ro->format != FORMAT_TEXT || !some)
		return 0;
	return line_out_end(ro->text, e);
}

int
run_output_result(struct run_output *ro, const struct result *res,
    const struct item *it, struct err *e)
{
	struct buf b = BUF_INIT;
	struct json_w w;

	tell_turn_end(ro->tell);
	if (ro->format == FORMAT_TEXT)
		return ro->some ? line_out_end(ro->text, e) : 0;
	json_w_init(&w, &b);
	json_w_obj(&w);
	if (ro->format == FORMAT_STREAM)
		json_w_kstr(&w, "type", "result");
	result_write(res, it, &w);
	json_w_obj_end(&w);
	return put_line(&b, e);
}
