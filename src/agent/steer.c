/* SPDX-License-Identifier: GPL-3.0-or-later */
/* steer.c - what comes in while a turn runs, told at its next step */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/agent_priv.h"
#include "agent/history.h"
#include "agent/steer.h"
#include "agent/trigger.h"
#include "agent/turn.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/id.h"
#include "base/json.h"
#include "store/channel.h"
#include "wire/chunk.h"
#include "wire/message.h"

struct injected {
	const char *name;	/* of the data part */
	const char *id;
	const char *text;
	const struct json *parts;	/* when the text is not all, or NULL */
	int64_t seq;
};

/* The part's own id is the record's, so that a repetition changes nothing. */
static void
injected_write(const struct injected *in, struct buf *chunk)
{
	struct buf data = BUF_INIT;
	struct json_w w;
	char id[32];

	(void)snprintf(id, sizeof(id), "in_%lld", (long long)in->seq);
	json_w_init(&w, &data);
	json_w_obj(&w);
	json_w_key(&w, "messageIds");
	json_w_arr(&w);
	json_w_str(&w, in->id);
	json_w_arr_end(&w);
	json_w_key(&w, "messages");
	json_w_arr(&w);
	json_w_obj(&w);
	json_w_kstr(&w, "id", in->id);
	json_w_kstr(&w, "text", in->text);
	if (in->parts != NULL)
		json_w_kvalue(&w, "parts", in->parts);
	json_w_obj_end(&w);
	json_w_arr_end(&w);
	json_w_kint(&w, "inEventId", in->seq);
	json_w_obj_end(&w);
	chunk_data(chunk, in->name, id, data.data, false);
	buf_clear(&data);
}

/* Taken into this answer already? */
static bool
is_taken(const struct message *m, const char *id)
{
	const struct part *p;
	const struct json *v;
	bool taken = false;

	TAILQ_FOREACH(p, &m->parts, entry) {
		if (p->type != PART_DATA || strcmp(p->type_name,
		    "data-" HISTORY_PENDING) != 0)
			continue;
		struct json_doc *doc = json_parse(p->data, strlen(p->data), 0,
		    NULL);

		JSON_EACH(v, json_get(json_root(doc), "messageIds"))
			taken = taken || json_streq(v, id);
		json_doc_free(doc);
	}
	return taken;
}

/* Some clients send a message twice. */
static bool
is_known(struct turn *t, const char *id)
{
	struct err e = ERR_INIT;
	struct history h;
	bool known;

	if (is_taken(reducer_message(t->emit.reducer), id))
		return true;
	if (history_load(&h, agent_opts(t->ag)->store, t->ag->row, &e) == -1)
		return false;
	known = history_knows(&h, id);
	history_clear(&h);
	return known;
}

static bool
only_text(const struct message *m)
{
	const struct part *p;

	TAILQ_FOREACH(p, &m->parts, entry)
		if (p->type != PART_TEXT)
			return false;
	return true;
}

static bool
data_fits(const struct turn *t, const struct input *in)
{
	struct item it = { 0 };
	struct err why = ERR_INIT;
	bool fits = agent_item(t->ag, &it, NULL) == 0 &&
	    setup_check_data(&t->setup, &it, in->metadata, &why) == 0;

	item_clear(&it);
	return fits;
}

/*
 * May this user message join the turn? It may say itself that it waits; one
 * that wants an answer of a certain form gets that of nobody else; and what
 * hooks or a schema want to see first is looked at when its own turn begins.
 */
static bool
may_join(const struct turn *t, const struct input *in)
{
	const struct json *mode = json_get(in->chatd, "steering");

	if (json_is_set(json_get(in->chatd, "jsonSchema")) ||
	    !data_fits(t, in))
		return false;
	if (hooks_any(&t->hooks, HOOK_PROMPT))
		return false;
	if (json_is_set(mode))
		return !json_streq(mode, STEER_QUEUE);
	if (json_bool(json_get(in->chatd, "ownTurn"), false))
		return false;
	return t->setup.opts.steering == NULL ||
	    strcmp(t->setup.opts.steering, STEER_QUEUE) != 0;
}

static bool
take_message(struct turn *t, int64_t seq, const struct input *in)
{
	struct err why = ERR_INIT;
	struct buf text = BUF_INIT;
	struct message *m;
	char id[ID_MAX];

	if (in->trigger != TRIGGER_SUBMIT ||
	    !json_streq(json_get(in->message, "role"), "user") ||
	    !may_join(t, in))
		return false;
	m = trigger_user_message(in->message, &why);
	if (m == NULL)
		return false;	/* its own turn says what is wrong */
	if (*m->id == '\0' || !is_known(t, m->id)) {
		id_make("msg", id);
		message_text(m, &text);
		injected_write(&(struct injected){
			.name = HISTORY_PENDING, .seq = seq,
			.id = *m->id != '\0' ? m->id : id,
			.text = text.data != NULL ? text.data : "",
			.parts = only_text(m) ? NULL :
			    json_get(in->message, "parts"),
		}, emit_begin(&t->emit));
		emit_end(&t->emit);
	}
	buf_clear(&text);
	message_free(m);
	return true;
}

const char *
steer_context(const struct input *in)
{
	if (in->kind != INPUT_MESSAGE || in->trigger != TRIGGER_ACTION ||
	    !json_streq(json_get(in->action, "type"), "inject"))
		return NULL;
	return json_get_str(in->action, "text");
}

void
steer_write_context(struct buf *chunk, int64_t seq, const char *text)
{
	char id[32];

	(void)snprintf(id, sizeof(id), "context_%lld", (long long)seq);
	injected_write(&(struct injected){ .name = HISTORY_BACKGROUND,
	    .id = id, .text = text, .seq = seq }, chunk);
}

/* true: it is in the turn now, or needs nobody. */
static bool
take_record(struct turn *t, int64_t seq, const struct input *in)
{
	const char *text = steer_context(in);

	if (text != NULL && *text != '\0') {
		if (hooks_any(&t->hooks, HOOK_ACTION))
			return false;	/* it is heard with its record */
		steer_write_context(emit_begin(&t->emit), seq, text);
		emit_end(&t->emit);
		return true;
	}
	return !inbox_answered(in) || take_message(t, seq, in);
}

int
steer_take(struct turn *t, struct err *e)
{
	bool more = true;
	int rc = 0;

	while (more && rc == 0 && t->covered + 1 < channel_head(t->ag->in)) {
		struct input in;

		rc = inbox_read(&t->ag->inbox, t->covered + 1, &in, e);
		more = rc == 0 && take_record(t, t->covered + 1, &in);
		t->covered += more;
		input_clear(&in);
	}
	return rc;
}

int64_t
steer_covered(const struct json *chunk)
{
	const struct json *type = json_get(chunk, "type");
	int64_t seq;

	if (!json_streq(type, "data-" HISTORY_PENDING) &&
	    !json_streq(type, "data-" HISTORY_BACKGROUND))
		return -1;
	return json_int64(json_path(chunk, "data", "inEventId", NULL),
	    &seq) == 0 ? seq : -1;
}

void
steer_text(const struct message *m, struct buf *out)
{
	const struct part *p;
	const struct json *v;

	TAILQ_FOREACH(p, &m->parts, entry) {
		if (p->type != PART_DATA || strcmp(p->type_name,
		    "data-" HISTORY_PENDING) != 0)
			continue;
		struct json_doc *doc = json_parse(p->data, strlen(p->data), 0,
		    NULL);

		JSON_EACH(v, json_get(json_root(doc), "messages")) {
			const char *text = json_get_str(v, "text");

			buf_addf(out, "%s%s", out->len > 0 ? "\n\n" : "",
			    text != NULL ? text : "");
		}
		json_doc_free(doc);
	}
}
