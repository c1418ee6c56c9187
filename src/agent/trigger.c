/* SPDX-License-Identifier: GPL-3.0-or-later */
/* trigger.c - what a record of `in` makes the agent do */

#include <stdlib.h>
#include <string.h>

#include "agent/actions.h"
#include "agent/agent_priv.h"
#include "agent/calls.h"
#include "agent/emit.h"
#include "agent/history.h"
#include "agent/overlay.h"
#include "agent/relay.h"
#include "agent/remember.h"
#include "agent/setup.h"
#include "agent/steer.h"
#include "agent/task.h"
#include "agent/title.h"
#include "agent/trigger.h"
#include "agent/turn.h"
#include "base/json.h"
#include "store/store.h"
#include "wire/message.h"

/* A turn-complete and nothing else; never with a token (8.2). */
static int
trigger_nothing(struct agent *ag, int64_t seq, struct err *e)
{
	return agent_complete(ag, seq, -1, false, e) == -1 ? -1 : 0;
}

int
trigger_refuse(struct agent *ag, int64_t seq, const struct err *why,
    struct err *e)
{
	struct emit em;
	int rc;

	emit_init(&em, agent_opts(ag), ag->own, reducer_new(NULL, 0));
	emit_error(&em, why);
	rc = err_is_set(&em.err) ? err_pass(e, &em.err) :
	    trigger_nothing(ag, seq, e);
	emit_clear(&em);
	return rc;
}

static int
trigger_refuse_text(struct agent *ag, int64_t seq, const char *text,
    struct err *e)
{
	struct err why = ERR_INIT;

	err_set(&why, ERR_INVALID, "%s", text);
	return trigger_refuse(ag, seq, &why, e);
}

/* user messages */

struct message *
trigger_user_message(const struct json *message, struct err *why)
{
	struct buf b = BUF_INIT;
	struct json_doc *doc;
	struct message *m = NULL;
	struct json_w w;

	json_w_init(&w, &b);
	json_w_arr(&w);
	json_w_value(&w, message);
	json_w_arr_end(&w);
	doc = json_parse(b.data, b.len, 0, why);
	if (doc != NULL && message_validate(json_root(doc), why) == 0)
		m = message_read(message, why);
	json_doc_free(doc);
	buf_clear(&b);
	return m;
}

/* The session is called after its first message. */
static int
title_put(struct agent *ag, const struct message *m, struct err *e)
{
	struct item it = { 0 };
	int rc = agent_item(ag, &it, e);

	if (rc == 0 && it.title == NULL) {
		struct store_update u = { .expires_at = -1 };
		char *title = title_of_message(m);

		u.title = title;
		if (*title != '\0')
			rc = store_update(agent_opts(ag)->store, ag->row, &u,
			    e);
		free(title);
	}
	item_clear(&it);
	return rc;
}

static int
user_put(struct agent *ag, const struct message *m, const char *json,
    int64_t out_seq, struct err *e)
{
	struct buf text = BUF_INIT;
	int rc;

	message_text(m, &text);
	rc = store_put_message(ag->own, m->id, "user", json, text.data,
	    out_seq, e);
	if (rc == 0)
		rc = title_put(ag, m, e);
	buf_clear(&text);
	return rc;
}

int
trigger_user_turn(struct agent *ag, int64_t seq, const struct trigger_user *u,
    struct err *e)
{
	struct turn_start ts = { .in_seq = seq, .chatd = u->chatd };
	struct err why = ERR_INIT;
	char *json = json_text(u->message);
	struct message *m = trigger_user_message(u->message, &why);
	int rc = 0;

	if (m == NULL) {
		rc = trigger_refuse(ag, seq, &why, e);
	} else {
		ts.prompt = m;
		task_abandon(ag);
		struct turn *t = turn_new(ag, &ts);

		if (u->cut != NULL)
			rc = store_cut_messages(ag->own, u->cut, e);
		/* covers what lies before its start */
		if (rc != -1)
			rc = user_put(ag, m, json, t->emit.last_seq - 1, e);
		if (rc == 0)
			turn_go(t);
	}
	message_free(m);
	free(json);
	return rc;
}

static int
submit_user(struct agent *ag, int64_t seq, const struct input *in,
    struct err *e)
{
	const char *id = json_get_str(in->message, "id");
	struct history h;
	bool known;

	if (history_load(&h, agent_opts(ag)->store, ag->row, e) == -1)
		return -1;
	known = id != NULL && history_knows(&h, id);
	history_clear(&h);
	if (known)
		return trigger_nothing(ag, seq, e);
	return trigger_user_turn(ag, seq, &(struct trigger_user){
		.message = in->message, .chatd = in->chatd }, e);
}

/* answers to tool calls */

int
trigger_put_message(struct agent *ag, const struct message *m,
    int64_t out_seq, struct err *e)
{
	struct buf json = BUF_INIT, text = BUF_INIT;
	struct json_w w;
	int rc;

	json_w_init(&w, &json);
	message_write(m, &w);
	message_text(m, &text);
	steer_text(m, &text);
	rc = store_put_message(ag->own, m->id, message_role_name(m->role),
	    json.data, text.data, out_seq, e);
	buf_clear(&json);
	buf_clear(&text);
	return rc;
}

/* Some calls still wait: the answers are kept, the model is not asked. */
static int
overlay_keep(struct agent *ag, int64_t seq, struct overlay *ov, struct err *e)
{
	struct message *m = overlay_settled(ov);
	int64_t end = agent_complete(ag, seq, -1, false, e);
	int rc = end == -1 ? -1 : trigger_put_message(ag, m, end, e);

	message_free(m);
	return rc;
}

/* start with the same id, the results, then the model goes on (10.) */
static int
overlay_turn(struct agent *ag, int64_t seq, struct overlay *ov,
    const struct input *in, struct err *e)
{
	struct turn_start ts = {
		.in_seq = seq, .chatd = in->chatd, .initial = ov->message,
	};
	struct turn *t;

	ov->message = NULL;
	t = turn_new(ag, &ts);
	if (trigger_put_message(ag, reducer_message(t->emit.reducer),
	    t->emit.last_seq - 1, e) == -1)
		return -1;
	for (size_t i = 0; i < ov->chunk_count; i++) {
		/* a program says no itself, as streamText() does (10.5) */
		if (ov->chunks[i].denied && relay_wanted(t))
			continue;
		buf_add(emit_begin(&t->emit), ov->chunks[i].json.data,
		    ov->chunks[i].json.len);
		emit_end(&t->emit);
	}
	turn_go_approved(t, NULL);
	return 0;
}

static int
overlay_run(struct agent *ag, int64_t seq, const struct input *in,
    const struct history_entry *en, struct err *e)
{
	struct json_doc *doc = json_parse(en->json, strlen(en->json), 0, e);
	struct overlay ov;
	int rc = -1;

	if (doc != NULL && overlay_init(&ov, json_root(doc), in->message,
	    in->chatd, e) == 0) {
		if (ov.answered > 0)
			remember_answers(ag, ov.message);
		if (ov.answered == 0)
			rc = trigger_nothing(ag, seq, e);
		else if (ov.waiting > 0)
			rc = overlay_keep(ag, seq, &ov, e);
		else
			rc = overlay_turn(ag, seq, &ov, in, e);
		overlay_clear(&ov);
	}
	json_doc_free(doc);
	return rc;
}

static int
submit_assistant(struct agent *ag, int64_t seq, const struct input *in,
    struct err *e)
{
	const char *id = json_get_str(in->message, "id");
	const struct history_entry *en;
	struct history h;
	int rc;

	if (history_load(&h, agent_opts(ag)->store, ag->row, e) == -1)
		return -1;
	en = id != NULL ? history_find(&h, id) : NULL;
	/* what the talk has gone past is not answered any more */
	if (en == NULL || en->role != ROLE_ASSISTANT ||
	    en != &h.entries[h.count - 1])
		rc = trigger_nothing(ag, seq, e);
	else
		rc = overlay_run(ag, seq, in, en, e);
	history_clear(&h);
	return rc;
}

static int
trigger_submit(struct agent *ag, int64_t seq, const struct input *in,
    struct err *e)
{
	const struct json *role = json_get(in->message, "role");

	if (json_streq(role, "user"))
		return submit_user(ag, seq, in, e);
	if (json_streq(role, "assistant"))
		return submit_assistant(ag, seq, in, e);
	return trigger_refuse_text(ag, seq, in->message == NULL ?
	    "no message" : "the message's role is neither user nor assistant",
	    e);
}

/* Drop what follows the last user message. */
static int
regenerate_cut(struct agent *ag, const struct history *h, struct err *e)
{
	size_t i = h->count;

	while (i > 0 && h->entries[i - 1].role == ROLE_ASSISTANT)
		i--;
	if (i == h->count)
		return 0;
	return store_cut_messages(ag->own, h->entries[i].id, e);
}

int
trigger_regenerate(struct agent *ag, int64_t seq, const struct input *in,
    struct err *e)
{
	struct turn_start ts = { .in_seq = seq, .chatd = in->chatd };
	struct history h;
	int rc;

	if (history_load(&h, agent_opts(ag)->store, ag->row, e) == -1)
		return -1;
	if (history_last(&h, ROLE_USER) == NULL) {
		rc = trigger_refuse_text(ag, seq,
		    "there is no message to answer again", e);
	} else {
		task_abandon(ag);
		struct turn *t = turn_new(ag, &ts);

		rc = regenerate_cut(ag, &h, e) == -1 ? -1 : 0;
		if (rc == 0)
			turn_go(t);
	}
	history_clear(&h);
	return rc;
}

static int
trigger_consume(struct agent *ag, int64_t seq,
    const struct input *in ATTR_UNUSED, struct err *e ATTR_UNUSED)
{
	inbox_skip(&ag->inbox, ag->own, seq);
	return 0;
}

/* A turn of what somebody wants that is no message (11.). */
int
trigger_action_turn(struct agent *ag, int64_t seq, const struct json *chatd)
{
	struct turn_start ts = { .in_seq = seq, .chatd = chatd };

	turn_go(turn_new(ag, &ts));
	return 0;
}

/* Does a program answer this record? What is wrong is for the turn to say. */
bool
trigger_has_program(struct agent *ag, const struct json *chatd)
{
	struct item it = { 0 };
	struct setup s = { 0 };
	bool yes = agent_item(ag, &it, NULL) == 0 && setup_init(&s,
	    agent_opts(ag)->defaults, &it, NULL, chatd, NULL) == 0 &&
	    s.persona.program != NULL;

	setup_clear(&s);
	item_clear(&it);
	return yes;
}

/* Client data that the agent does not take: nothing is run. */
static int
trigger_check_data(struct agent *ag, const struct input *in, struct err *why)
{
	struct item it = { 0 };
	struct setup s = { 0 };
	int rc = 0;

	/* an agent that cannot be read fails in its turn */
	if (agent_item(ag, &it, NULL) == 0 && setup_init(&s,
	    agent_opts(ag)->defaults, &it, NULL, in->chatd, NULL) == 0)
		rc = setup_check_data(&s, &it, in->metadata, why);
	setup_clear(&s);
	item_clear(&it);
	return rc;
}

/* chatd's own clients send none with an undo. */
static bool
trigger_takes_data(const struct input *in)
{
	if (in->trigger == TRIGGER_ACTION)
		return in->metadata != NULL || !action_is_ours(in->action);
	return in->trigger == TRIGGER_SUBMIT ||
	    in->trigger == TRIGGER_REGENERATE;
}

int
trigger_run(struct agent *ag, int64_t seq, const struct input *in,
    struct err *e)
{
	static int (*const runs[])(struct agent *, int64_t,
	    const struct input *, struct err *) = {
		[TRIGGER_OTHER] = trigger_consume,
		[TRIGGER_SUBMIT] = trigger_submit,
		[TRIGGER_REGENERATE] = trigger_regenerate,
		[TRIGGER_ACTION] = action_run,
		[TRIGGER_PRELOAD] = trigger_consume,
		[TRIGGER_CLOSE] = trigger_consume,
		[TRIGGER_HANDOVER] = trigger_consume,
	};
	struct err why = ERR_INIT;

	/* a stop that comes here hits nothing: no turn is running (9.3) */
	if (in->kind != INPUT_MESSAGE || in->trigger >= NELEM(runs))
		return trigger_consume(ag, seq, in, e);
	if (trigger_takes_data(in) &&
	    trigger_check_data(ag, in, &why) == -1)
		return trigger_refuse(ag, seq, &why, e);
	return runs[in->trigger](ag, seq, in, e);
}
