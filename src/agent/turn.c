/* SPDX-License-Identifier: GPL-3.0-or-later */
/* turn.c - one answer: steps, each a call of the model and what it wanted */

#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include <event2/event.h>

#include "agent/agent_priv.h"
#include "agent/calls_run.h"
#include "agent/compact.h"
#include "agent/history.h"
#include "agent/hydrate.h"
#include "agent/relay.h"
#include "agent/step.h"
#include "agent/steer.h"
#include "agent/tally.h"
#include "agent/told.h"
#include "agent/turn_hooks.h"
#include "agent/turn_priv.h"
#include "agent/turn_tools.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "store/store.h"
#include "wire/message.h"

/* Silence longer than this kills a browser's turn (session-protocol 7.7). */
enum { TURN_QUIET_MS = 45 * 1000 };

static void	turn_event(const struct model_event *ev, void *arg);

static void
turn_next_cb(evutil_socket_t fd, short what, void *arg);

static void
turn_wrote(void *arg)
{
	struct turn *t = arg;

	if (err_is_set(&t->emit.err))
		agent_lost(t->ag, &t->emit.err);
	else
		agent_wrote(t->ag);
}

static int64_t
turn_quiet_ms(const struct turn *t)
{
	int64_t ms = agent_opts(t->ag)->quiet_ms;

	return ms > 0 ? ms : TURN_QUIET_MS;
}

static void
turn_quiet_in(struct turn *t, int64_t ms)
{
	struct timeval tv = { ms / 1000, ms % 1000 * 1000 };

	evtimer_add(t->quiet, &tv);
}

/* Looks how long it was quiet rather than being set anew by each chunk. */
static void
turn_quiet_cb(evutil_socket_t fd ATTR_UNUSED, short what ATTR_UNUSED,
    void *arg)
{
	struct turn *t = arg;
	int64_t limit = turn_quiet_ms(t);
	int64_t left = limit -
	    (clock_mono_us() - t->emit.last_us) / 1000;

	if (left <= 0) {
		emit_note(&t->emit, "chatd-keepalive", "{}");
		left = limit;
	}
	turn_quiet_in(t, left);
}

static void
turn_late_cb(evutil_socket_t fd ATTR_UNUSED, short what ATTR_UNUSED,
    void *arg)
{
	struct turn *t = arg;
	struct err e = ERR_INIT;

	err_set(&e, ERR_LIMIT, "time limit: %d seconds are over",
	    t->setup.opts.max_seconds);
	turn_fail(t, &e);
}

/* The waiting for a person between two turns does not count. */
static void
turn_limit_time(struct turn *t)
{
	struct timeval tv = { .tv_sec = t->setup.opts.max_seconds };

	if (t->setup.opts.max_seconds > 0)
		evtimer_add(t->late, &tv);
}

static struct reducer *
turn_reducer(struct turn *t, const struct turn_start *ts)
{
	if (ts->reducer != NULL)
		return ts->reducer;
	return reducer_new(ts->initial != NULL ? ts->initial :
	    message_new(t->id, ROLE_ASSISTANT), 0);
}

/* The record that said how the message being continued is answered. */
static int64_t
turn_asked_by(struct turn *t)
{
	const char *meta = reducer_message(t->emit.reducer)->metadata;
	struct json_doc *doc = meta == NULL ? NULL :
	    json_parse(meta, strlen(meta), 0, NULL);
	int64_t seq;

	if (json_int64(json_get(json_root(doc), "askedBy"), &seq) == -1)
		seq = t->in_seq;
	json_doc_free(doc);
	return seq;
}

static void
turn_setup(struct turn *t, const struct json *chatd)
{
	struct item it = { 0 };
	struct input before = { 0 };

	t->asked_by = turn_asked_by(t);
	/* what is wrong stays in t->err, which ends the turn later */
	if ((t->asked_by != t->in_seq && inbox_read(&t->ag->inbox,
	    t->asked_by, &before, &t->err) == -1) ||
	    agent_item(t->ag, &it, &t->err) == -1 ||
	    setup_init(&t->setup, agent_opts(t->ag)->defaults, &it,
	    before.chatd, chatd, &t->err) == -1 ||
	    hooks_load(&t->hooks, t->setup.dir, &t->err) == -1 ||
	    turn_tools_init(t, &it, &t->err) == -1)
		log_debug(LOG_AGENT, "%s", t->err.text);
	input_clear(&before);
	item_clear(&it);
}

static void
turn_name(struct turn *t, const struct turn_start *ts)
{
	const char *id = ts->id != NULL ? ts->id :
	    ts->initial != NULL ? ts->initial->id : NULL;

	if (id == NULL || strlen(id) >= sizeof(t->id))
		id_make("msg", t->id);
	else
		memcpy(t->id, id, strlen(id) + 1);
}

void
turn_put_state(struct turn *t, int attempts, enum item_state state)
{
	struct store_turn row = { .in_seq = t->in_seq, .attempts = attempts };
	struct err e = ERR_INIT;

	memcpy(row.message_id, t->id, sizeof(row.message_id));
	if (store_set_turn(t->ag->own, &row, state, &e) == -1)
		agent_lost(t->ag, &e);
}

static void
turn_note_prompt(struct turn *t, const struct message *m)
{
	struct item it = { 0 };
	struct buf text = BUF_INIT;

	if (m == NULL)
		return;
	message_text(m, &text);
	t->prompt = buf_take(&text);
	t->first = agent_item(t->ag, &it, NULL) == 0 && it.messages <= 1;
	item_clear(&it);
}

/*
 * Appending a chunk may commit what was changed before it: so `start` comes
 * first, and what belongs to it follows.
 */
struct turn *
turn_new(struct agent *ag, const struct turn_start *ts)
{
	static const struct model_usage unknown = MODEL_USAGE_INIT;
	struct event_base *base = agent_opts(ag)->base;
	struct turn *t = xcalloc(1, sizeof(*t));

	t->ag = ag;
	t->in_seq = ts->in_seq;
	t->covered = ts->id != NULL && ts->covered > ts->in_seq ?
	    ts->covered : ts->in_seq;
	t->stop = -1;
	t->attempts = ts->attempts > 0 ? ts->attempts : 1;
	t->steps = ts->steps;
	t->step_open = ts->step_open;
	TAILQ_INIT(&t->step.calls);
	TAILQ_INIT(&t->step.over);
	t->usage = t->step.usage = unknown;
	t->finish = FINISH_OTHER;
	t->begun_us = clock_mono_us();
	t->compact = (struct compaction){
		.wanted = ts->compact != NULL, .only = ts->compact != NULL,
		.step = -1,
	};
	if (ts->compact != NULL)
		str_replace(&t->compact.words, json_get_str(ts->compact,
		    "text"));
	turn_name(t, ts);
	emit_init(&t->emit, agent_opts(ag), ag->own, turn_reducer(t, ts));
	t->emit.wrote = turn_wrote;
	t->emit.arg = t;
	t->next = event_new(base, -1, 0, turn_next_cb, t);
	t->quiet = evtimer_new(base, turn_quiet_cb, t);
	turn_quiet_in(t, turn_quiet_ms(t));
	ag->turn = t;
	t->late = evtimer_new(base, turn_late_cb, t);
	turn_note_prompt(t, ts->prompt);
	turn_setup(t, ts->chatd);
	turn_limit_time(t);

	if (ts->reducer == NULL)
		turn_write_start(t);
	turn_put_state(t, t->attempts, ITEM_RUNNING);
	t->emit.caught_up = turn_caught_up;
	return t;
}

void
turn_free(struct turn *t)
{
	if (t == NULL)
		return;
	if (t->call != NULL)
		model_cancel(t->call);
	relay_leave(t);
	event_free(t->next);
	event_free(t->quiet);
	event_free(t->late);
	step_clear(t);
	turn_tools_clear(t);
	emit_clear(&t->emit);
	setup_clear(&t->setup);
	json_doc_free(t->started);
	free(t->raw_finish);
	turn_hooks_cancel(t);
	hooks_clear(&t->hooks);
	free(t->prompt);
	free(t->hydrated);
	free(t->extra);
	told_free(t->told);
	compact_clear(t);
	free(t->system);
	free(t);
}

void
turn_write_start(struct turn *t)
{
	chunk_start(emit_begin(&t->emit), t->id, NULL);
	emit_end(&t->emit);
}

/* Before any output the model may still have to be found. */
void
turn_go(struct turn *t)
{
	if (turn_hooks_begin(t))
		return;
	if (calls_open(t)) {	/* turn_calls_done() will come here again */
		t->state = TURN_CALLS;
		return;
	}
	if (!err_is_set(&t->err) &&
	    message_waiting(reducer_message(t->emit.reducer)) > 0) {
		turn_pause(t);
		return;
	}
	t->state = TURN_READY;
	if (!err_is_set(&t->err) && t->setup.spec == NULL &&
	    !relay_wanted(t)) {
		t->state = TURN_MODEL;
		agent_want_default(t->ag);
		return;
	}
	event_active(t->next, EV_TIMEOUT, 0);
}

static void
turn_resume_calls(struct turn *t)
{
	t->approved = false;
	calls_resume(t, t->started);
	turn_go(t);
}

void
turn_go_approved(struct turn *t, struct json_doc *started)
{
	t->approved = true;
	t->started = started;
	if (err_is_set(&t->err))
		turn_go(t);
	else if (relay_wanted(t) || turn_tools_ready(t))
		turn_resume_calls(t);
	else
		t->state = TURN_TOOLS;
}

void
turn_kick(struct turn *t)
{
	if (t->state == TURN_TOOLS)
		event_active(t->next, EV_TIMEOUT, 0);
}

void
turn_model(struct turn *t, const char *spec, const char *why)
{
	struct buf b = BUF_INIT;
	struct json_w w;

	if (t->state != TURN_MODEL)
		return;
	json_w_init(&w, &b);
	json_w_obj(&w);
	json_w_kstr(&w, "model", spec);
	json_w_kstr(&w, "why", why);
	json_w_obj_end(&w);
	emit_note(&t->emit, "chatd-model", b.data);
	buf_clear(&b);
	str_replace(&t->setup.spec, spec);
	turn_next(t);
}

/* asking */

static int
turn_remember_model(struct turn *t, const struct model *m, struct err *e)
{
	struct store_update u = {
		.model = model_spec(m), .expires_at = -1,
	};

	str_replace(&t->setup.spec, u.model);
	return store_update(agent_opts(t->ag)->store, t->ag->row, &u, e);
}

static void
turn_step(struct turn *t)
{
	struct err e = ERR_INIT;
	struct model *m = models_get(agent_opts(t->ag)->models, t->setup.spec,
	    &e);

	if (m == NULL || (!t->asked && turn_remember_model(t, m, &e) == -1)) {
		turn_fail(t, &e);
		return;
	}
	step_clear(t);
	if (t->asked && steer_take(t, &e) == -1) {
		agent_lost(t->ag, &e);
		return;
	}
	if (turn_tell(t, &e) == -1) {
		turn_fail(t, &e);
		return;
	}
	if (compact_due(t, m)) {
		t->asked = true;
		if (compact_ask(t, m, &e) == -1)
			turn_fail(t, &e);
		return;
	}
	chunk_bare(emit_begin(&t->emit), CHUNK_START_STEP);
	emit_end(&t->emit);
	t->step_open = true;
	t->asked = true;
	t->steps++;
	t->state = TURN_ASKING;
	if (turn_ask(t, m, turn_event, &e) == -1)
		turn_fail(t, &e);
}

void
turn_next(struct turn *t)
{
	t->state = TURN_READY;
	event_active(t->next, EV_TIMEOUT, 0);
}

static void
turn_next_cb(evutil_socket_t fd ATTR_UNUSED, short what ATTR_UNUSED,
    void *arg)
{
	static const struct timeval again = { 0, STORE_RETRY_MS * 1000 };
	struct turn *t = arg;

	if ((t->state != TURN_READY && t->state != TURN_TOOLS) ||
	    t->ag->lost)
		return;
	if (!emit_ready(&t->emit)) {
		event_add(t->next, &again);
		return;
	}
	if (err_is_set(&t->err))
		turn_fail(t, &t->err);
	else if (relay_wanted(t) && t->compact.only)
		turn_fail(t, &(struct err){ .code = ERR_INVALID,
		    .text = "this agent is a program, which keeps what it "
		    "was told itself" });
	else if (hydrate_begin(t))
		return;
	else if (relay_wanted(t))
		relay_begin(t);
	else if (!turn_tools_ready(t))
		t->state = TURN_TOOLS;
	else if (t->approved)
		turn_resume_calls(t);
	else
		turn_step(t);
}

/* the end of a step */

bool
turn_at_limit(struct turn *t, struct err *e)
{
	const struct turn_opts *o = &t->setup.opts;

	if (t->steps >= o->max_steps) {
		err_set(e, ERR_LIMIT, "step limit: %d steps", t->steps);
		return true;
	}
	int64_t tokens = tally_tokens(&t->usage);

	if (o->max_tokens > 0 && tokens >= o->max_tokens) {
		err_set(e, ERR_LIMIT, "token limit: %lld tokens taken",
		    (long long)tokens);
		return true;
	}
	if (o->max_cost > 0 && t->usage.cost >= o->max_cost) {
		err_set(e, ERR_LIMIT, "cost limit: %.4f USD spent",
		    t->usage.cost);
		return true;
	}
	return false;
}

void
turn_again(struct turn *t)
{
	struct err e = ERR_INIT;

	if (turn_at_limit(t, &e)) {
		turn_fail(t, &e);
		return;
	}
	turn_next(t);
}

static void
turn_last_step(struct turn *t)
{
	struct err e = ERR_INIT;

	if (turn_check_answer(t, &e) == 0) {
		if (!turn_hooks_stop(t))
			turn_settle(t);
		return;
	}
	if (e.code != ERR_INPUT || t->corrected) {
		turn_fail(t, &e);
		return;
	}
	t->corrected = true;
	turn_ask_correction(t, &e);
	turn_again(t);
}

static void
turn_step_over(struct turn *t)
{
	turn_finish_step(t);
	if (message_waiting(reducer_message(t->emit.reducer)) > 0)
		turn_pause(t);
	else if (t->step.again)
		turn_again(t);
	else
		turn_last_step(t);
}

void
turn_calls_done(struct turn *t)
{
	if (t->state != TURN_CALLS)
		return;
	if (t->step_open ||
	    message_waiting(reducer_message(t->emit.reducer)) > 0)
		turn_step_over(t);
	else
		turn_go(t);
}

static void
turn_model_finished(struct turn *t, const struct model_event *ev)
{
	struct err e = ERR_INIT;
	bool last = !t->step.again && !calls_unsettled(t);

	t->finish = ev->finish;
	str_replace(&t->raw_finish, ev->text);
	emit_flush(&t->emit);
	emit_close_blocks(&t->emit, last &&
	    turn_check_answer(t, &e) == -1 ? HISTORY_INTERRUPTED_PM : NULL);
	if (last && ev->finish == FINISH_LENGTH)
		emit_note(&t->emit, "chatd-length", "{}");
	err_clear(&e);
	if (calls_unsettled(t) && turn_tools_rules(t, &e) == -1) {
		turn_fail(t, &e);
		return;
	}
	calls_settle(t);
	if (calls_open(t))
		t->state = TURN_CALLS;
	else
		turn_step_over(t);
}

/* A summary, and it is asked once more. */
static void
turn_too_long(struct turn *t, const struct err *why)
{
	turn_finish_step(t);
	t->compact.wanted = true;
	t->compact.why = *why;
	turn_next(t);
}

static void
turn_event(const struct model_event *ev, void *arg)
{
	struct turn *t = arg;

	if (ev->type == MODEL_FINISH || ev->type == MODEL_ERROR) {
		t->call = NULL;		/* gone with this event */
		if (ev->usage != NULL)
			t->step.usage = *ev->usage;
		step_count_usage(t);
	}
	if (t->ag->lost || t->state != TURN_ASKING)
		return;
	if (ev->type == MODEL_FINISH)
		turn_model_finished(t, ev);
	else if (ev->type == MODEL_ERROR && ev->error->code == ERR_TOO_BIG &&
	    !ev->shown && compact_may(t))
		turn_too_long(t, ev->error);
	else if (ev->type == MODEL_ERROR)
		turn_fail(t, ev->error);
	else
		step_event(t, ev);
}

void
turn_resume_ended(struct turn *t)
{
	t->asked = true;
	t->finish = FINISH_STOP;
	t->state = TURN_ASKING;
	turn_last_step(t);
}
