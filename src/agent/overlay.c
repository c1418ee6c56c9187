/* SPDX-License-Identifier: GPL-3.0-or-later */
/* overlay.c - what a person answered to tool calls, laid over a message */

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "agent/overlay.h"
#include "agent/subagent.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "wire/chunk.h"
#include "wire/message.h"

/* The part sent for a call that waits, or NULL. */
static const struct json *
sent_part(const struct json *sent, const char *call_id)
{
	const struct json *part;

	JSON_EACH(part, json_get(sent, "parts"))
		if (json_streq(json_get(part, "toolCallId"), call_id))
			return part;
	return NULL;
}

static void
overlay_add(struct overlay *ov, struct buf *b, bool denied)
{
	ov->chunks = xreallocarray(ov->chunks, ov->chunk_count + 1,
	    sizeof(*ov->chunks));
	ov->chunks[ov->chunk_count++] = (struct overlay_chunk){ *b, denied };
	buf_init(b);
}

/* What payload.chatd.remember wants for this call, or NULL. */
static const struct json *
remember_of(const struct json *chatd, const char *call_id)
{
	const struct json *given = json_get(chatd, "remember"), *v;

	if (json_is(given, JSON_OBJECT) &&
	    json_streq(json_get(given, "toolCallId"), call_id))
		return given;
	if (json_is(given, JSON_ARRAY))
		JSON_EACH(v, given)
			if (json_streq(json_get(v, "toolCallId"), call_id))
				return v;
	return NULL;
}

/* What a person made of the arguments. */
struct overlay_edited {
	bool own;			/* they took the place of the call's */
	const struct json *below;	/* they are for a sub-agent's call */
};

/* {...stored approval, "approved":..,"reason":..,"at":..} and whether the
 * input was edited, what was remembered: for `chatd why`. */
static char *
approval_merge(const struct json *stored, const struct json *sent,
    const struct json *remember, struct overlay_edited edited)
{
	struct buf b = BUF_INIT;
	struct json_w w;
	const struct json *m;
	const char *reason = json_get_str(sent, "reason");

	json_w_init(&w, &b);
	json_w_obj(&w);
	JSON_EACH(m, stored) {
		json_w_keyn(&w, json_name(m), json_name_len(m));
		json_w_value(&w, m);
	}
	json_w_kbool(&w, "approved", json_bool(json_get(sent, "approved"),
	    false));
	if (reason != NULL)
		json_w_kstr(&w, "reason", reason);
	json_w_kint(&w, "at", clock_ms());
	if (edited.own)
		json_w_kbool(&w, "edited", true);
	if (edited.below != NULL)
		json_w_kvalue(&w, "editedInput", edited.below);
	if (remember != NULL)
		json_w_kvalue(&w, "remember", remember);
	json_w_obj_end(&w);
	return buf_take(&b);
}

/* Approved calls are run by the turn that follows (calls_resume()). */
static void
overlay_decided(struct overlay *ov, const struct part *p)
{
	struct buf b = BUF_INIT;
	struct json_doc *doc = json_parse(p->tool->approval,
	    strlen(p->tool->approval), 0, NULL);

	if (!json_bool(json_get(json_root(doc), "approved"), false) &&
	    !subagent_asked(p->tool->approval)) {
		chunk_tool_output_denied(&b, p->tool->call_id);
		overlay_add(ov, &b, true);
	}
	json_doc_free(doc);
}

/* The person's arguments take the place of the model's. Only chatd's own
 * clients can say so: payload.chatd is theirs alone. */
static struct overlay_edited
overlay_edit(struct part *p, const struct json *chatd)
{
	const struct json *input = json_get(json_get(chatd, "editedInput"),
	    p->tool->call_id);
	struct overlay_edited edited = { 0 };

	if (!json_is(input, JSON_OBJECT))
		return edited;
	if (subagent_asked(p->tool->approval)) {
		edited.below = input;	/* subagent_answer() hands it on */
		return edited;
	}
	free(p->tool->input);
	p->tool->input = json_text(input);
	edited.own = true;
	return edited;
}

/* Only the pending request's own id decides. */
static bool
overlay_approval(struct part *p, const struct json *sent,
    const struct json *chatd)
{
	const struct json *given = json_get(sent, "approval");
	bool yes = json_bool(json_get(given, "approved"), false);
	struct json_doc *doc;
	const char *id;
	bool fits;

	if (p->state != STATE_APPROVAL_REQUESTED || p->tool->approval == NULL ||
	    !json_is_bool(json_get(given, "approved")))
		return false;
	doc = json_parse(p->tool->approval, strlen(p->tool->approval), 0,
	    NULL);
	id = json_get_str(json_root(doc), "id");
	fits = id != NULL && json_streq(json_get(given, "id"), id);
	if (fits) {
		struct overlay_edited edited = { 0 };

		if (yes)
			edited = overlay_edit(p, chatd);
		char *merged = approval_merge(json_root(doc), given, yes ?
		    remember_of(chatd, p->tool->call_id) : NULL, edited);

		str_replace(&p->tool->approval, merged);
		free(merged);
		p->state = STATE_APPROVAL_RESPONDED;
	}
	json_doc_free(doc);
	return fits;
}

/* A tool that the client ran itself. */
static bool
overlay_output(struct overlay *ov, const struct part *p,
    const struct json *sent)
{
	struct chunk_tool ct = {
		.call_id = p->tool->call_id, .name = p->tool->name,
		.dynamic = p->tool->dynamic,
	};
	const char *error = json_get_str(sent, "errorText");
	struct buf b = BUF_INIT;

	if (p->state != STATE_INPUT_AVAILABLE)
		return false;
	if (json_streq(json_get(sent, "state"), "output-available")) {
		char *output = json_text(json_get(sent, "output"));

		chunk_tool_output_available(&b, &ct, output, false);
		free(output);
	} else {
		chunk_tool_output_error(&b, &ct, error != NULL ? error : "");
	}
	overlay_add(ov, &b, false);
	return true;
}

static bool
overlay_part(struct overlay *ov, struct part *p, const struct json *sent,
    const struct json *chatd)
{
	switch (part_state_of(json_get_str(sent, "state") != NULL ?
	    json_get_str(sent, "state") : "")) {
	case STATE_APPROVAL_RESPONDED:
	case STATE_OUTPUT_DENIED:
		return overlay_approval(p, sent, chatd);
	case STATE_OUTPUT_AVAILABLE:
	case STATE_OUTPUT_ERROR:
		return overlay_output(ov, p, sent);
	default:
		return false;
	}
}

static bool
part_waits(const struct part *p)
{
	return p->type == PART_TOOL && p->tool->provider_executed != 1 &&
	    (p->state == STATE_INPUT_AVAILABLE ||
	    p->state == STATE_APPROVAL_REQUESTED);
}

int
overlay_init(struct overlay *ov, const struct json *stored,
    const struct json *sent, const struct json *chatd, struct err *e)
{
	struct part *p;

	memset(ov, 0, sizeof(*ov));
	ov->message = message_read(stored, e);
	if (ov->message == NULL)
		return -1;
	TAILQ_FOREACH(p, &ov->message->parts, entry) {
		const struct json *given;

		if (!part_waits(p))
			continue;
		given = sent_part(sent, p->tool->call_id);
		if (given != NULL && overlay_part(ov, p, given, chatd))
			ov->answered++;
		else
			ov->waiting++;
	}
	/* decisions take effect together, with the last one */
	TAILQ_FOREACH(p, &ov->message->parts, entry)
		if (ov->answered > 0 && ov->waiting == 0 &&
		    p->type == PART_TOOL &&
		    p->state == STATE_APPROVAL_RESPONDED)
			overlay_decided(ov, p);
	return 0;
}

void
overlay_clear(struct overlay *ov)
{
	message_free(ov->message);
	for (size_t i = 0; i < ov->chunk_count; i++)
		buf_clear(&ov->chunks[i].json);
	free(ov->chunks);
	memset(ov, 0, sizeof(*ov));
}

struct message *
overlay_settled(struct overlay *ov)
{
	struct reducer *r = reducer_new(ov->message, 0);
	struct message *m;

	ov->message = NULL;
	for (size_t i = 0; i < ov->chunk_count; i++) {
		struct err e = ERR_INIT;
		struct json_doc *doc = json_parse(ov->chunks[i].json.data,
		    ov->chunks[i].json.len, 0, &e);

		if (doc == NULL ||
		    reducer_apply(r, json_root(doc), NULL, &e) == -1)
			log_msg(LOG_AGENT, LOG_ERROR, "overlay: %s", e.text);
		json_doc_free(doc);
	}
	m = reducer_take(r);
	reducer_free(r);
	return m;
}
