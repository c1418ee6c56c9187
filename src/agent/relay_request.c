/* SPDX-License-Identifier: GPL-3.0-or-later */
/* relay_request.c - what a program is told of its turn */

#include <stdlib.h>
#include <string.h>

#include "agent/agent_priv.h"
#include "agent/client_data.h"
#include "agent/history.h"
#include "agent/hydrate.h"
#include "agent/relay.h"
#include "agent/turn_priv.h"
#include "base/json.h"
#include "base/mem.h"
#include "store/store.h"
#include "wire/message.h"

/* What the turn's record says; of a create it is the basePayload. */
struct request {
	struct turn *t;
	struct item item;
	struct json_doc *config;
	struct input in;
	struct history history;
};

static void
request_clear(struct request *rq)
{
	history_clear(&rq->history);
	input_clear(&rq->in);
	json_doc_free(rq->config);
	item_clear(&rq->item);
}

static int
request_load(struct request *rq, struct turn *t, struct err *e)
{
	struct agent *ag = t->ag;

	memset(rq, 0, sizeof(*rq));
	rq->t = t;
	if (agent_item(ag, &rq->item, e) == -1)
		return -1;
	if (t->in_seq >= 0) {
		if (inbox_read(&ag->inbox, t->in_seq, &rq->in, e) == -1)
			return -1;
	} else if (rq->item.config != NULL) {
		rq->config = json_parse(rq->item.config,
		    strlen(rq->item.config), 0, NULL);
		input_read_payload(&rq->in, json_get(json_root(rq->config),
		    "basePayload"));
	}
	return hydrate_history(t, &rq->history, e);
}

static bool
part_is_mark(const struct part *p)
{
	return p->type == PART_DATA && strcmp(p->type_name,
	    "data-" HISTORY_INTERRUPTED) == 0;
}

/* Words that a crash cut off are for people: the answer begins again there. */
static bool
part_is_told(const struct part *p)
{
	const struct part *q;

	if (part_is_mark(p) || part_is_interrupted(p))
		return false;
	if (p->type != PART_TEXT && p->type != PART_REASONING)
		return true;
	for (q = TAILQ_NEXT(p, entry); q != NULL &&
	    q->type != PART_STEP_START; q = TAILQ_NEXT(q, entry))
		if (part_is_mark(q))
			return false;
	return true;
}

static void
write_message(struct json_w *w, const struct message *m)
{
	struct part *p;

	json_w_obj(w);
	json_w_kstr(w, "id", m->id);
	json_w_kstr(w, "role", message_role_name(m->role));
	if (m->metadata != NULL)
		json_w_kraw(w, "metadata", m->metadata);
	json_w_key(w, "parts");
	json_w_arr(w);
	TAILQ_FOREACH(p, &m->parts, entry)
		if (part_is_told(p))
			part_write(p, w);
	json_w_arr_end(w);
	json_w_obj_end(w);
}

/* Something that the program should know of. */
static bool
has_content(const struct message *m)
{
	const struct part *p;

	TAILQ_FOREACH(p, &m->parts, entry)
		if (p->type != PART_STEP_START && part_is_told(p))
			return true;
	return false;
}

static void
write_entry(struct json_w *w, const struct history_entry *en)
{
	struct json_doc *doc = json_parse(en->json, strlen(en->json), 0, NULL);
	struct message *m = message_read(json_root(doc), NULL);

	if (m != NULL && has_content(m))
		write_message(w, m);
	message_free(m);
	json_doc_free(doc);
}

/* The message being written takes the place of its stored form. */
static void
write_messages(struct json_w *w, const struct request *rq)
{
	const struct message *now = reducer_message(rq->t->emit.reducer);

	json_w_key(w, "messages");
	json_w_arr(w);
	for (size_t i = 0; i < rq->history.count; i++)
		if (strcmp(rq->history.entries[i].id, now->id) != 0)
			write_entry(w, &rq->history.entries[i]);
	if (has_content(now))
		write_message(w, now);
	json_w_arr_end(w);
}

static void
write_approval(struct json_w *w, const struct part *p)
{
	struct json_doc *doc = json_parse(p->tool->approval,
	    strlen(p->tool->approval), 0, NULL);
	const struct json *a = json_root(doc);
	const char *reason = json_get_str(a, "reason");

	json_w_obj(w);
	json_w_kstr(w, "toolCallId", p->tool->call_id);
	json_w_kstr(w, "toolName", p->tool->name);
	json_w_kbool(w, "approved", json_bool(json_get(a, "approved"), false));
	if (reason != NULL)
		json_w_kstr(w, "reason", reason);
	if (p->tool->input != NULL)
		json_w_kraw(w, "input", p->tool->input);
	json_w_obj_end(w);
	json_doc_free(doc);
}

/* What a person has answered and nobody has acted upon. */
static void
write_approvals(struct json_w *w, const struct request *rq)
{
	const struct message *m = reducer_message(rq->t->emit.reducer);
	const struct part *p;

	json_w_key(w, "approvals");
	json_w_arr(w);
	TAILQ_FOREACH(p, &m->parts, entry)
		if (p->type == PART_TOOL && p->tool->approval != NULL &&
		    p->state == STATE_APPROVAL_RESPONDED)
			write_approval(w, p);
	json_w_arr_end(w);
}

static void
write_data(struct json_w *w, const struct request *rq)
{
	struct json_doc *data = client_data_of(rq->t);

	json_w_key(w, "clientData");
	if (data != NULL)
		json_w_value(w, json_root(data));
	else
		json_w_null(w);
	json_doc_free(data);
}

static void
write_setup(struct json_w *w, const struct turn *t)
{
	const struct setup *s = &t->setup;

	if (s->persona.body != NULL)
		json_w_kstr(w, "instructions", s->persona.body);
	if (s->spec != NULL)
		json_w_kstr(w, "model", s->spec);
	if (s->dir != NULL)
		json_w_kstr(w, "dir", s->dir);
}

static void
write_request(struct json_w *w, const struct request *rq,
    const struct relay_asked *asked)
{
	struct turn *t = rq->t;
	const struct item *it = &rq->item;

	json_w_obj(w);
	json_w_kstr(w, "type", "turn");
	json_w_kint(w, "turn", asked->number);
	json_w_kstr(w, "sessionId", it->id);
	json_w_kstr(w, "chatId", it->external_id != NULL ? it->external_id :
	    it->id);
	json_w_kstr(w, "messageId", t->id);
	json_w_kstr(w, "trigger", input_trigger_name(rq->in.trigger));
	json_w_kbool(w, "continuation", asked->continuation);
	json_w_kbool(w, "resumed", t->attempts > 1);
	write_data(w, rq);
	if (rq->in.trigger == TRIGGER_ACTION && rq->in.action != NULL)
		json_w_kvalue(w, "action", rq->in.action);
	write_setup(w, t);
	write_approvals(w, rq);
	write_messages(w, rq);
	json_w_obj_end(w);
}

int
relay_request(struct turn *t, const struct relay_asked *asked,
    struct buf *out, struct err *e)
{
	struct request rq;
	struct json_w w;
	int rc = request_load(&rq, t, e);

	if (rc == 0) {
		json_w_init(&w, out);
		write_request(&w, &rq, asked);
		buf_addc(out, '\n');
	}
	request_clear(&rq);
	return rc;
}
