/* SPDX-License-Identifier: GPL-3.0-or-later */
/* overlay.c - what a person answered to tool calls, laid over a message */

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "agent/overlay.h"
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
overlay_chunk(struct overlay *ov, struct buf *b)
{
	ov->chunks = xreallocarray(ov->chunks, ov->chunk_count + 1,
	    sizeof(*ov->chunks));
	ov->chunks[ov->chunk_count++] = *b;
	buf_init(b);
}

/* {...stored approval, "approved":..,"reason":..} */
static char *
approval_merge(const struct json *stored, const struct json *sent)
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
	json_w_obj_end(&w);
	return buf_take(&b);
}

static bool
part_approved(const struct part *p)
{
	const char *approval = p->tool->approval;
	struct json_doc *doc;
	bool approved;

	if (approval == NULL)
		return false;
	doc = json_parse(approval, strlen(approval), 0, NULL);
	approved = json_bool(json_get(json_root(doc), "approved"), false);
	json_doc_free(doc);
	return approved;
}

static void
overlay_decided(struct overlay *ov, const struct part *p)
{
	struct chunk_tool ct = {
		.call_id = p->tool->call_id, .name = p->tool->name,
		.dynamic = p->tool->dynamic,
	};
	struct buf b = BUF_INIT;
	char *why;

	if (!part_approved(p)) {
		chunk_tool_output_denied(&b, ct.call_id);
	} else {
		why = xasprintf("there is no tool %s here", ct.name);
		chunk_tool_output_error(&b, &ct, why);
		free(why);
	}
	overlay_chunk(ov, &b);
}

/* Only the pending request's own id decides. */
static bool
overlay_approval(struct part *p, const struct json *sent)
{
	const struct json *given = json_get(sent, "approval");
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
		char *merged = approval_merge(json_root(doc), given);

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
	overlay_chunk(ov, &b);
	return true;
}

static bool
overlay_part(struct overlay *ov, struct part *p, const struct json *sent)
{
	switch (part_state_of(json_get_str(sent, "state") != NULL ?
	    json_get_str(sent, "state") : "")) {
	case STATE_APPROVAL_RESPONDED:
	case STATE_OUTPUT_DENIED:
		return overlay_approval(p, sent);
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
    const struct json *sent, struct err *e)
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
		if (given != NULL && overlay_part(ov, p, given))
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
		buf_clear(&ov->chunks[i]);
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
		struct json_doc *doc = json_parse(ov->chunks[i].data,
		    ov->chunks[i].len, 0, &e);

		if (doc == NULL ||
		    reducer_apply(r, json_root(doc), NULL, &e) == -1)
			log_msg(LOG_AGENT, LOG_ERROR, "overlay: %s", e.text);
		json_doc_free(doc);
	}
	m = reducer_take(r);
	reducer_free(r);
	return m;
}
