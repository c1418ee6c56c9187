/* SPDX-License-Identifier: GPL-3.0-or-later */
/* actions.c - edits of a session that are no messages */

#include <stdlib.h>
#include <string.h>

#include "agent/action_hook.h"
#include "agent/actions.h"
#include "agent/agent_priv.h"
#include "agent/calls.h"
#include "agent/emit.h"
#include "agent/history.h"
#include "agent/overlay.h"
#include "agent/steer.h"
#include "agent/subagent.h"
#include "agent/task.h"
#include "agent/trigger.h"
#include "agent/turn.h"
#include "base/err.h"
#include "base/id.h"
#include "base/json.h"
#include "store/store.h"
#include "wire/input.h"
#include "wire/message.h"

struct action {
	struct agent *ag;
	int64_t seq;
	const struct json *json;	/* {"type":..} */
	const struct json *chatd;
	struct history history;
	struct err why;		/* set: refused */
	bool done;		/* completed, or by the turn that has begun */
};

/* Every screen is told. Before the cut: a chunk may commit what is changed
 * before it, and half an action must not be. */
static int
action_tell(struct action *a, const char *from, struct err *e)
{
	struct emit em;
	struct buf b = BUF_INIT;
	struct json_w w;
	int rc = 0;

	json_w_init(&w, &b);
	json_w_obj(&w);
	json_w_kstr(&w, "from", from);
	json_w_obj_end(&w);
	emit_init(&em, agent_opts(a->ag), a->ag->own,
	    reducer_new(NULL, 0));
	emit_note(&em, "chatd-cut", b.data);
	if (err_is_set(&em.err))
		rc = err_pass(e, &em.err);
	emit_clear(&em);
	buf_clear(&b);
	return rc;
}

/* What waited for a person may be gone, or be the last again. */
static int
action_state(struct action *a, struct err *e)
{
	static const struct store_turn none = { .in_seq = -1 };
	struct history h;
	struct json_doc *doc = NULL;
	struct message *m = NULL;
	enum item_state state = ITEM_IDLE;

	if (history_load(&h, agent_opts(a->ag)->store, a->ag->row, e) == -1)
		return -1;
	if (h.count > 0) {
		const char *json = h.entries[h.count - 1].json;

		doc = json_parse(json, strlen(json), 0, NULL);
		m = message_read(json_root(doc), NULL);
	}
	if (m != NULL && message_waiting(m) > 0)
		state = ITEM_WAITING;
	message_free(m);
	json_doc_free(doc);
	history_clear(&h);
	return store_set_turn(a->ag->own, &none, state, e);
}

static int
action_cut(struct action *a, const char *from, struct err *e)
{
	task_abandon(a->ag);
	if (action_tell(a, from, e) == -1 ||
	    store_cut_messages(a->ag->own, from, e) == -1)
		return -1;
	return action_state(a, e);
}

static int
action_undo(struct action *a, struct err *e)
{
	const struct history_entry *en = history_last(&a->history, ROLE_USER);

	if (en == NULL) {
		err_set(&a->why, ERR_INVALID, "there is nothing to undo");
		return 0;
	}
	return action_cut(a, en->id, e);
}

static const struct history_entry *
action_message(struct action *a)
{
	const char *id = json_get_str(a->json, "messageId");
	const struct history_entry *en = id != NULL ?
	    history_find(&a->history, id) : NULL;

	if (en == NULL)
		err_set(&a->why, ERR_INVALID, "no message %.64s",
		    id != NULL ? id : "is named");
	return en;
}

static int
action_rollback(struct action *a, struct err *e)
{
	const struct history_entry *en = action_message(a);

	return en != NULL ? action_cut(a, en->id, e) : 0;
}

/* The words take the place of what was cut, and are answered. */
static int
action_ask(struct action *a, const char *id, const char *text, struct err *e)
{
	struct message *m = message_user_text(id, text, strlen(text));
	struct buf b = BUF_INIT;
	struct json_w w;
	struct json_doc *doc;
	int rc = -1;

	json_w_init(&w, &b);
	message_write(m, &w);
	doc = json_parse(b.data, b.len, 0, e);
	if (doc != NULL)
		rc = trigger_user_turn(a->ag, a->seq, &(struct trigger_user){
			.message = json_root(doc), .chatd = a->chatd,
			.cut = id }, e);
	a->done = true;
	json_doc_free(doc);
	buf_clear(&b);
	message_free(m);
	return rc;
}

static int
action_edit(struct action *a, struct err *e)
{
	const char *text = json_get_str(a->json, "text");
	const struct history_entry *en = action_message(a);

	if (en == NULL)
		return 0;
	if (en->role != ROLE_USER || text == NULL || *text == '\0') {
		err_set(&a->why, ERR_INVALID, "only a message of the user can "
		    "be edited, and to a text");
		return 0;
	}
	if (action_tell(a, en->id, e) == -1)
		return -1;
	return action_ask(a, en->id, text, e);
}

static int
action_rename(struct action *a, struct err *e)
{
	struct store_update u = {
		.title = json_get_str(a->json, "title"), .expires_at = -1,
	};

	if (u.title == NULL) {
		err_set(&a->why, ERR_INVALID, "rename: a title is missing");
		return 0;
	}
	return store_update(agent_opts(a->ag)->store, a->ag->row, &u, e);
}

/* The chunks first: one may commit what was changed before it. */
static int
action_add_context(struct action *a, struct message *m, const char *text,
    struct err *e)
{
	struct emit em;
	int64_t end = -1;
	int rc = -1;

	emit_init(&em, agent_opts(a->ag), a->ag->own, reducer_new(m, 0));
	chunk_start(emit_begin(&em), m->id, NULL);
	emit_end(&em);
	steer_write_context(emit_begin(&em), a->seq, text);
	emit_end(&em);
	if (err_is_set(&em.err))
		err_pass(e, &em.err);
	else
		end = agent_complete(a->ag, a->seq, -1, false, e);
	if (end != -1)
		rc = trigger_put_message(a->ag, reducer_message(em.reducer),
		    end, e);
	emit_clear(&em);
	a->done = true;
	return rc == -1 ? -1 : action_state(a, e);
}

/*
 * Context for the next turn, which nobody answers: a part of the last answer,
 * since that may wait for a person and must stay the last; else a message of
 * its own.
 */
static int
action_inject(struct action *a, struct err *e)
{
	const struct history_entry *en = a->history.count > 0 ?
	    &a->history.entries[a->history.count - 1] : NULL;
	const char *text = json_get_str(a->json, "text");
	struct message *m = NULL;
	char id[ID_MAX];

	if (text == NULL || *text == '\0') {
		err_set(&a->why, ERR_INVALID, "inject: a text is missing");
		return 0;
	}
	if (en != NULL && en->role == ROLE_ASSISTANT) {
		struct json_doc *doc = json_parse(en->json, strlen(en->json),
		    0, NULL);

		m = message_read(json_root(doc), NULL);
		json_doc_free(doc);
	}
	if (m == NULL) {
		id_make("msg", id);
		m = message_new(id, ROLE_ASSISTANT);
	}
	return action_add_context(a, m, text, e);
}

static int
action_regenerate(struct action *a, struct err *e)
{
	const struct history *h = &a->history;
	size_t i = h->count;

	while (i > 0 && h->entries[i - 1].role == ROLE_ASSISTANT)
		i--;
	if (i > 0 && i < h->count &&
	    action_tell(a, h->entries[i].id, e) == -1)
		return -1;
	a->done = true;
	return trigger_regenerate(a->ag, a->seq, &(struct input){
	    .chatd = a->chatd }, e);
}

/* A client's message that says no to all that waits. */
static void
write_refusals(const struct message *m, struct buf *b)
{
	static const char why[] = "nobody answered: the talk above went on "
	    "without it";
	const struct part *p;
	struct json_w w;

	json_w_init(&w, b);
	json_w_obj(&w);
	json_w_key(&w, "parts");
	json_w_arr(&w);
	TAILQ_FOREACH(p, &m->parts, entry) {
		if (p->type != PART_TOOL)
			continue;
		struct json_doc *doc = p->tool->approval == NULL ? NULL :
		    json_parse(p->tool->approval, strlen(p->tool->approval),
		    0, NULL);

		json_w_obj(&w);
		json_w_kstr(&w, "toolCallId", p->tool->call_id);
		json_w_kstr(&w, "state", doc != NULL ? "approval-responded" :
		    "output-error");
		json_w_kstr(&w, "errorText", why);
		json_w_key(&w, "approval");
		json_w_obj(&w);
		json_w_kvalue(&w, "id", json_get(json_root(doc), "id"));
		json_w_kbool(&w, "approved", false);
		json_w_kstr(&w, "reason", why);
		json_w_obj_end(&w);
		json_w_obj_end(&w);
		json_doc_free(doc);
	}
	json_w_arr_end(&w);
	json_w_obj_end(&w);
}

/* The answers and what follows from them, as a turn would write it; nobody
 * goes on. */
static int
abandon_write(struct action *a, struct overlay *ov, struct err *e)
{
	struct emit em;
	struct message *m = ov->message;
	const struct part *p, *next;
	int64_t end = -1;
	int rc = -1;

	ov->message = NULL;
	emit_init(&em, agent_opts(a->ag), a->ag->own, reducer_new(m, 0));
	chunk_start(emit_begin(&em), m->id, NULL);
	emit_end(&em);
	for (size_t i = 0; i < ov->chunk_count; i++) {
		buf_add(emit_begin(&em), ov->chunks[i].json.data,
		    ov->chunks[i].json.len);
		emit_end(&em);
	}
	for (p = TAILQ_FIRST(&m->parts); p != NULL; p = next) {
		next = TAILQ_NEXT(p, entry);
		if (p->type != PART_TOOL ||
		    p->state != STATE_APPROVAL_RESPONDED)
			continue;
		chunk_tool_output_denied(emit_begin(&em), p->tool->call_id);
		emit_end(&em);
	}
	if (err_is_set(&em.err))
		err_pass(e, &em.err);
	else
		end = agent_complete(a->ag, a->seq, -1, false, e);
	if (end != -1)
		rc = trigger_put_message(a->ag, reducer_message(em.reducer),
		    end, e);
	emit_clear(&em);
	return rc;
}

/* What a sub-agent asks will not be answered (task.h). */
static int
action_abandon(struct action *a, struct err *e)
{
	struct message *m = subagent_last(agent_opts(a->ag)->store,
	    a->ag->row);
	struct buf sent = BUF_INIT, now = BUF_INIT;
	struct json_doc *stored = NULL, *given = NULL;
	struct overlay ov = { 0 };
	struct json_w w;
	int rc = 0;

	if (m == NULL || message_waiting(m) == 0)
		goto done;
	task_abandon(a->ag);
	write_refusals(m, &sent);
	json_w_init(&w, &now);
	message_write(m, &w);
	stored = json_parse(now.data, now.len, 0, NULL);
	given = json_parse(sent.data, sent.len, 0, NULL);
	rc = overlay_init(&ov, json_root(stored), json_root(given), NULL, e);
	if (rc == 0)
		rc = abandon_write(a, &ov, e);
	a->done = true;
	if (rc == 0)
		rc = action_state(a, e);
	overlay_clear(&ov);
done:
	json_doc_free(stored);
	json_doc_free(given);
	buf_clear(&sent);
	buf_clear(&now);
	message_free(m);
	return rc;
}

/* A turn that only makes a summary. */
static int
action_compact(struct action *a, struct err *e)
{
	struct turn_start ts = {
		.in_seq = a->seq, .chatd = a->chatd, .compact = a->json,
	};
	struct item it = { 0 };
	int rc = agent_item(a->ag, &it, e);

	if (rc == 0 && a->history.count == 0)
		err_set(&a->why, ERR_INVALID, "there is nothing to summarise");
	else if (rc == 0 && it.state == ITEM_WAITING)
		err_set(&a->why, ERR_INVALID, "a tool call waits for an answer");
	item_clear(&it);
	if (rc == 0 && !err_is_set(&a->why)) {
		a->done = true;
		turn_go(turn_new(a->ag, &ts));
	}
	return rc;
}

static const struct {
	const char *type;
	int (*run)(struct action *a, struct err *e);
} actions[] = {
	{ "abandon", action_abandon },
	{ "compact", action_compact },
	{ "edit", action_edit },
	{ "inject", action_inject },
	{ "regenerate", action_regenerate },
	{ "rename", action_rename },
	{ "rollback", action_rollback },
	{ "undo", action_undo },
};

bool
action_is_ours(const struct json *action)
{
	for (size_t i = 0; i < NELEM(actions); i++)
		if (json_streq(json_get(action, "type"), actions[i].type))
			return true;
	return false;
}

static int
action_dispatch(struct action *a, struct err *e)
{
	const char *type = json_get_str(a->json, "type");

	for (size_t i = 0; type != NULL && i < NELEM(actions); i++)
		if (strcmp(type, actions[i].type) == 0)
			return actions[i].run(a, e);
	if (trigger_has_program(a->ag, a->chatd)) {
		a->done = true;
		return trigger_action_turn(a->ag, a->seq, a->chatd);
	}
	err_set(&a->why, ERR_INVALID, "unknown action %.64s",
	    type != NULL ? type : "without a type");
	return 0;
}

/* session-protocol 11: error and turn-complete also for what is unknown. */
int
action_go(struct agent *ag, int64_t seq, const struct input *in,
    struct err *e)
{
	struct action a = {
		.ag = ag, .seq = seq, .json = in->action, .chatd = in->chatd,
	};
	int rc;

	if (history_load(&a.history, agent_opts(ag)->store, ag->row, e) == -1)
		return -1;
	rc = action_dispatch(&a, e);
	if (rc == 0 && err_is_set(&a.why))
		rc = trigger_refuse(ag, seq, &a.why, e);
	else if (rc == 0 && !a.done)
		rc = agent_complete(ag, seq, -1, false, e) == -1 ? -1 : 0;
	history_clear(&a.history);
	return rc;
}

int
action_run(struct agent *ag, int64_t seq, const struct input *in,
    struct err *e)
{
	struct err why = ERR_INIT;
	int asked = 0;

	/* what is not done can do no harm, and must not wait for ever */
	if (!json_streq(json_get(in->action, "type"), "abandon"))
		asked = action_hook_start(ag, seq, in, &why);
	if (asked == -1)
		return trigger_refuse(ag, seq, &why, e);
	return asked == 1 ? 0 : action_go(ag, seq, in, e);
}
