/* SPDX-License-Identifier: GPL-3.0-or-later */
/* recover.c - the turn that a dead owner left (architecture.md 5) */

#include <stdlib.h>
#include <string.h>

#include "agent/agent_priv.h"
#include "agent/calls.h"
#include "agent/compact.h"
#include "agent/history.h"
#include "agent/recover.h"
#include "agent/steer.h"
#include "agent/turn.h"
#include "base/json.h"
#include "base/log.h"
#include "store/store.h"
#include "wire/message.h"
#include "wire/record.h"

enum { RECOVER_BATCH = 256 };

/* What `out` has of the turn. */
struct remains {
	struct reducer *reducer;
	int64_t next;		/* behind the last record read */
	int steps;		/* begun */
	bool started;
	bool step_open;
	int64_t covered;	/* the last record told in it, or -1 */
	bool ended;		/* finish, abort or error is there */
	struct json_doc *calls;	/* ids of approved calls that had begun */
};

static void
remains_note(struct remains *rm, enum chunk_type type)
{
	switch (type) {
	case CHUNK_START:
		rm->started = true;
		break;
	case CHUNK_START_STEP:
		rm->steps++;
		rm->step_open = true;
		break;
	case CHUNK_FINISH_STEP:
		rm->step_open = false;
		break;
	case CHUNK_FINISH:
	case CHUNK_ABORT:
	case CHUNK_ERROR:
		rm->ended = true;
		break;
	default:
		break;
	}
}

static void
remains_calls(struct remains *rm, const struct json *chunk)
{
	char *ids;

	if (!json_streq(json_get(chunk, "type"), "data-" CALLS_STARTED))
		return;
	ids = json_text(json_path(chunk, "data", "toolCallIds", NULL));
	json_doc_free(rm->calls);
	rm->calls = json_parse(ids, strlen(ids), 0, NULL);
	free(ids);
}

static int
remains_record(const struct record *r, void *arg)
{
	struct remains *rm = arg;
	struct json_doc *doc;
	const struct json *chunk;
	enum chunk_type type;

	rm->next = r->seq + 1;
	if (record_control(r) != NULL || record_is_command(r))
		return 0;
	doc = json_parse(r->body, r->body_len, 0, NULL);
	chunk = json_get(json_root(doc), "data");
	if (chunk_type_of(chunk, &type) == 0 &&
	    reducer_apply(rm->reducer, chunk, NULL, NULL) == 0) {
		remains_note(rm, type);
		remains_calls(rm, chunk);
		if (steer_covered(chunk) > rm->covered)
			rm->covered = steer_covered(chunk);
	}
	json_doc_free(doc);
	return 0;
}

static int
remains_read(struct remains *rm, struct agent *ag, struct err *e)
{
	rm->next = channel_last_control(ag->out, "turn-complete", 0, NULL) + 1;
	while (rm->next < channel_head(ag->out)) {
		int n = channel_read(ag->out, rm->next, RECOVER_BATCH,
		    BATCH_BYTES_MAX, remains_record, rm, e);

		if (n <= 0)
			return -1;
	}
	return 0;
}

/* The message as it was before the turn, if the turn went on with one. */
static int
message_before(struct agent *ag, const char *id, struct message **out,
    struct err *e)
{
	struct history h;
	const struct history_entry *en;

	*out = NULL;
	if (history_load(&h, agent_opts(ag)->store, ag->row, e) == -1)
		return -1;
	en = history_find(&h, id);
	if (en != NULL) {
		struct json_doc *doc = json_parse(en->json, strlen(en->json),
		    0, NULL);

		*out = message_read(json_root(doc), NULL);
		json_doc_free(doc);
	}
	if (*out == NULL)
		*out = message_new(id, ROLE_ASSISTANT);
	history_clear(&h);
	return 0;
}

/* The options that the turn was asked with. */
static int
turn_resume(struct agent *ag, struct turn_start *ts, struct err *e)
{
	struct item it = { 0 };
	struct input in = { 0 };
	struct json_doc *config = NULL;
	struct message *prompt = NULL;
	int rc = -1;

	if (ts->in_seq >= 0) {
		if (inbox_read(&ag->inbox, ts->in_seq, &in, e) == -1)
			goto done;
	} else {
		if (agent_item(ag, &it, e) == -1)
			goto done;
		config = json_parse(it.config, strlen(it.config), 0, NULL);
		input_read_payload(&in, json_get(json_root(config),
		    "basePayload"));
	}
	ts->chatd = in.chatd;
	ts->compact = compact_action(&in);
	if (ts->steps == 0 && in.trigger == TRIGGER_SUBMIT &&
	    json_streq(json_get(in.message, "role"), "user"))
		prompt = message_read(in.message, NULL);
	ts->prompt = prompt;
	(void)turn_new(ag, ts);		/* known as ag->turn */
	ts->reducer = NULL;
	rc = 0;
done:
	message_free(prompt);
	input_clear(&in);
	json_doc_free(config);
	item_clear(&it);
	return rc;
}

/* Its last step ended with words, and with no call to be answered. */
static bool
step_was_last(const struct turn *t, const struct remains *rm)
{
	const struct part_list *parts =
	    &reducer_message(t->emit.reducer)->parts;
	const struct part *p;
	bool words = false;

	if (rm->step_open || rm->steps == 0)
		return false;
	TAILQ_FOREACH_REVERSE(p, parts, part_list, entry) {
		if (p->type == PART_STEP_START)
			break;
		if (p->metadata != NULL &&
		    strcmp(p->metadata, HISTORY_INTERRUPTED_PM) == 0)
			return false;
		if (p->type == PART_DATA && strcmp(p->type_name,
		    "data-" HISTORY_INTERRUPTED) == 0)
			return false;
		if (p->type == PART_TOOL && p->tool->provider_executed != 1)
			return false;
		words = words || p->type == PART_TEXT;
	}
	return words;
}

static void
recover_go_on(struct turn *t, struct remains *rm, int attempts)
{
	struct err e = ERR_INIT;

	if (rm->ended) {
		turn_settle_cut(t);
		return;
	}
	if (t->compact.only && compact_done(t)) {
		turn_settle_cut(t);
		return;
	}
	if (step_was_last(t, rm)) {
		turn_resume_ended(t);
		return;
	}
	turn_close_broken(t);
	if (attempts >= RECOVER_ATTEMPTS_MAX) {
		err_set(&e, ERR_FAILED, "this answer broke off %d times: "
		    "given up", attempts);
		if (!rm->started)
			turn_write_start(t);
		turn_fail(t, &e);
		return;
	}
	if (message_waiting(reducer_message(t->emit.reducer)) > 0 &&
	    !calls_task_open(reducer_message(t->emit.reducer))) {
		turn_pause(t);
		return;
	}
	turn_write_start(t);
	turn_go_approved(t, rm->calls);
	rm->calls = NULL;
}

int
recover_turn(struct agent *ag, struct err *e)
{
	struct remains rm = { .covered = -1 };
	struct message *before;
	struct store_turn row;

	if (store_turn(agent_opts(ag)->store, ag->row, &row, e) == -1)
		return -1;
	if (row.message_id[0] == '\0')
		return 0;
	/* no model is asked as long as nothing can be written */
	if (store_commit(agent_opts(ag)->store, e) == -1)
		return -1;
	if (message_before(ag, row.message_id, &before, e) == -1)
		return -1;
	log_msg(LOG_AGENT, LOG_INFO, "%s: going on with %s", ag->id,
	    row.message_id);
	rm.reducer = reducer_new(before, 0);
	struct turn_start ts = {
		.in_seq = row.in_seq, .id = row.message_id,
		.reducer = rm.reducer, .attempts = row.attempts + 1,
	};

	if (remains_read(&rm, ag, e) == -1)
		goto failed;
	ts.covered = rm.covered;
	ts.steps = rm.steps;
	ts.step_open = rm.step_open;
	if (turn_resume(ag, &ts, e) == -1)
		goto failed;
	recover_go_on(ag->turn, &rm, row.attempts);
	json_doc_free(rm.calls);
	return 0;
failed:
	reducer_free(ts.reducer);
	json_doc_free(rm.calls);
	return -1;
}
