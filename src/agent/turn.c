/* SPDX-License-Identifier: GPL-3.0-or-later */
/* turn.c - one answer: steps, each a call of the model and what it wanted */

#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include <event2/event.h>

#include "agent/agent_priv.h"
#include "agent/calls_run.h"
#include "agent/history.h"
#include "agent/prompt.h"
#include "agent/step.h"
#include "agent/toolset.h"
#include "agent/turn.h"
#include "agent/turn_tools.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/schema.h"
#include "store/store.h"
#include "wire/message.h"

/* Silence longer than this kills a browser's turn (session-protocol 7.7). */
enum { TURN_QUIET_MS = 45 * 1000 };

static void	turn_event(const struct model_event *ev, void *arg);
static void	turn_settle(struct turn *t);

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

/* What the next owner finds if this one dies. */
static void
turn_put_state(struct turn *t, int attempts, enum item_state state)
{
	struct store_turn row = { .in_seq = t->in_seq, .attempts = attempts };
	struct err e = ERR_INIT;

	memcpy(row.message_id, t->id, sizeof(row.message_id));
	if (store_set_turn(t->ag->own, &row, state, &e) == -1)
		agent_lost(t->ag, &e);
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
	t->stop = -1;
	t->attempts = ts->attempts > 0 ? ts->attempts : 1;
	t->steps = ts->steps;
	t->step_open = ts->step_open;
	TAILQ_INIT(&t->step.calls);
	t->usage = t->step.usage = unknown;
	t->finish = FINISH_OTHER;
	t->begun_us = clock_mono_us();
	turn_name(t, ts);
	emit_init(&t->emit, agent_opts(ag), ag->own, turn_reducer(t, ts));
	t->emit.wrote = turn_wrote;
	t->emit.arg = t;
	t->next = event_new(base, -1, 0, turn_next_cb, t);
	t->quiet = evtimer_new(base, turn_quiet_cb, t);
	turn_quiet_in(t, turn_quiet_ms(t));
	ag->turn = t;
	turn_setup(t, ts->chatd);

	if (ts->reducer == NULL)
		turn_write_start(t);
	turn_put_state(t, t->attempts, ITEM_RUNNING);
	return t;
}

void
turn_free(struct turn *t)
{
	if (t == NULL)
		return;
	if (t->call != NULL)
		model_cancel(t->call);
	event_free(t->next);
	event_free(t->quiet);
	step_clear(t);
	turn_tools_clear(t);
	emit_clear(&t->emit);
	setup_clear(&t->setup);
	free(t->raw_finish);
	free(t->extra);
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
	if (calls_open(t)) {	/* turn_calls_done() will come here again */
		t->state = TURN_CALLS;
		return;
	}
	t->state = TURN_READY;
	if (!err_is_set(&t->err) && t->setup.spec == NULL) {
		t->state = TURN_MODEL;
		agent_want_default(t->ag);
		return;
	}
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
	t->state = TURN_READY;
	event_active(t->next, EV_TIMEOUT, 0);
}

/* asking */

static struct json_doc *
turn_prompt(struct turn *t, struct err *e)
{
	struct history h;
	struct buf b = BUF_INIT;
	struct json_doc *doc = NULL;

	if (history_load(&h, agent_opts(t->ag)->store, t->ag->row, e) == -1)
		return NULL;
	struct history_ask ask = {
		.current = reducer_message(t->emit.reducer),
		.extra = t->extra, .model = t->setup.spec,
	};

	if (history_prompt(&h, &ask, &b, e) == 0)
		doc = json_parse(b.data, b.len, 0, e);
	history_clear(&h);
	buf_clear(&b);
	return doc;
}

/* The schema as it was given; *out stays NULL when there is none. */
static int
turn_schema(struct turn *t, struct json_doc **out, struct err *e)
{
	const char *text = t->setup.opts.json_schema;

	if (text == NULL)
		return 0;
	*out = json_parse(text, strlen(text), 0, e);
	return *out == NULL ? -1 : schema_valid(json_root(*out), e);
}

static struct json_doc *
turn_tools(struct turn *t, struct err *e)
{
	struct buf b = BUF_INIT;
	struct json_doc *doc;

	toolset_write(t->toolset, t->permit, &b);
	doc = json_parse(b.data, b.len, 0, e);
	buf_clear(&b);
	return doc;
}

static int
turn_ask(struct turn *t, struct model *m, struct err *e)
{
	struct json_doc *prompt = turn_prompt(t, e), *schema = NULL;
	struct json_doc *tools = turn_tools(t, e);
	struct buf system = BUF_INIT;

	if (prompt != NULL && tools != NULL &&
	    turn_schema(t, &schema, e) == 0) {
		prompt_system(&system, &t->setup.opts, t->setup.persona.body,
		    t->setup.dir);
		struct model_request rq = {
			.system = system.len > 0 ? system.data : NULL,
			.messages = json_root(prompt),
			.tools = json_len(json_root(tools)) > 0 ?
			    json_root(tools) : NULL,
			.schema = json_root(schema),
			.reasoning = t->setup.opts.reasoning,
			.session = t->ag->id,
		};

		t->call = model_ask(m, &rq, turn_event, t, e);
	}
	json_doc_free(prompt);
	json_doc_free(tools);
	json_doc_free(schema);
	buf_clear(&system);
	return t->call != NULL ? 0 : -1;
}

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
	chunk_bare(emit_begin(&t->emit), CHUNK_START_STEP);
	emit_end(&t->emit);
	t->step_open = true;
	t->asked = true;
	t->steps++;
	t->state = TURN_ASKING;
	if (turn_ask(t, m, &e) == -1)
		turn_fail(t, &e);
}

static void
turn_next_cb(evutil_socket_t fd ATTR_UNUSED, short what ATTR_UNUSED,
    void *arg)
{
	struct turn *t = arg;

	if (t->state != TURN_READY || t->ag->lost)
		return;
	if (err_is_set(&t->err))
		turn_fail(t, &t->err);
	else
		turn_step(t);
}

/* the end of a step */

static void
turn_finish_step(struct turn *t)
{
	if (!t->step_open)
		return;
	chunk_bare(emit_begin(&t->emit), CHUNK_FINISH_STEP);
	emit_end(&t->emit);
	t->step_open = false;
}

static bool
turn_at_limit(struct turn *t, struct err *e)
{
	const struct turn_opts *o = &t->setup.opts;

	if (t->steps >= o->max_steps) {
		err_set(e, ERR_LIMIT, "step limit: %d steps", t->steps);
		return true;
	}
	if (o->max_cost > 0 && t->usage.cost >= o->max_cost) {
		err_set(e, ERR_LIMIT, "cost limit: %.4f USD spent",
		    t->usage.cost);
		return true;
	}
	return false;
}

/* The texts of the last step, joined. */
static void
turn_answer(struct turn *t, struct buf *out)
{
	struct part *p;

	TAILQ_FOREACH(p, &reducer_message(t->emit.reducer)->parts, entry) {
		if (p->type == PART_STEP_START)
			buf_reset(out);
		else if (p->type == PART_TEXT)
			buf_add(out, p->text.data, p->text.len);
	}
}

static int
turn_check_answer(struct turn *t, struct err *e)
{
	struct json_doc *schema = NULL, *value = NULL;
	struct buf text = BUF_INIT;
	int rc = -1;

	if (t->setup.opts.json_schema == NULL)
		return 0;
	turn_answer(t, &text);
	if (turn_schema(t, &schema, e) == -1)
		goto done;
	value = json_parse(text.data, text.len, 0, NULL);
	if (value == NULL)
		err_set(e, ERR_INPUT, "the answer is not JSON");
	else
		rc = schema_check(json_root(schema), json_root(value), e);
done:
	json_doc_free(schema);
	json_doc_free(value);
	buf_clear(&text);
	return rc;
}

static void
turn_again(struct turn *t)
{
	struct err e = ERR_INIT;

	if (turn_at_limit(t, &e)) {
		turn_fail(t, &e);
		return;
	}
	t->state = TURN_READY;
	event_active(t->next, EV_TIMEOUT, 0);
}

/* The answer itself is marked as broken, and so told only here. */
static void
turn_ask_correction(struct turn *t, const struct err *why)
{
	struct buf answer = BUF_INIT;

	turn_answer(t, &answer);
	free(t->extra);
	t->extra = xasprintf("Your answer was:\n\n%s\n\nIt does not fit the "
	    "JSON Schema that was asked for (%s). Answer again with only the "
	    "corrected JSON.", answer.data, why->text);
	buf_clear(&answer);
}

static void
turn_last_step(struct turn *t)
{
	struct err e = ERR_INIT;

	if (turn_check_answer(t, &e) == 0) {
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
	if (calls_waiting(reducer_message(t->emit.reducer)) > 0)
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
	if (t->step_open)
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
	calls_settle(t);
	if (calls_open(t))
		t->state = TURN_CALLS;
	else
		turn_step_over(t);
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
	else if (ev->type == MODEL_ERROR)
		turn_fail(t, ev->error);
	else
		step_event(t, ev);
}

/* the end */

static void
turn_metadata(struct turn *t, struct buf *b)
{
	struct buf usage = BUF_INIT;
	struct json_w w;

	model_usage_write(&t->usage, &usage);
	json_w_init(&w, b);
	json_w_obj(&w);
	if (step_model(t) != NULL)
		json_w_kstr(&w, "model", step_model(t));
	if (t->raw_finish != NULL)
		json_w_kstr(&w, "rawFinishReason", t->raw_finish);
	json_w_kraw(&w, "usage", usage.data);
	step_write_context(t, &w);
	json_w_kint(&w, "steps", t->steps);
	if (t->asked_by >= 0 &&
	    calls_waiting(reducer_message(t->emit.reducer)) > 0)
		json_w_kint(&w, "askedBy", t->asked_by);
	json_w_kint(&w, "durationMs", (clock_mono_us() - t->begun_us) / 1000);
	if (t->usage.cost >= 0) {
		json_w_key(&w, "cost");
		json_w_double(&w, t->usage.cost);
	}
	json_w_obj_end(&w);
	buf_clear(&usage);
}

static void
turn_write_finish(struct turn *t, const char *reason)
{
	struct buf meta = BUF_INIT;

	turn_metadata(t, &meta);
	chunk_finish(emit_begin(&t->emit), reason, meta.data);
	emit_end(&t->emit);
	buf_clear(&meta);
}

/* Something but the marks between steps. */
static bool
turn_has_content(const struct message *m)
{
	const struct part *p;

	TAILQ_FOREACH(p, &m->parts, entry)
		if (p->type != PART_STEP_START)
			return true;
	return false;
}

static int
turn_put_message(struct turn *t, int64_t out_seq, struct err *e)
{
	const struct message *m = reducer_message(t->emit.reducer);
	struct buf json = BUF_INIT, text = BUF_INIT;
	struct json_w w;

	if (!turn_has_content(m))
		return 0;
	json_w_init(&w, &json);
	message_write(m, &w);
	message_text(m, &text);
	int rc = store_put_message(t->ag->own, m->id, "assistant", json.data,
	    text.data, out_seq, e);

	buf_clear(&json);
	buf_clear(&text);
	return rc;
}

static int
turn_put_usage(struct turn *t, struct err *e)
{
	struct buf usage = BUF_INIT;

	/* a call that failed before it counted anything cost nothing */
	if (!t->asked || (t->usage.input < 0 && t->usage.output < 0 &&
	    t->finish == FINISH_ERROR))
		return 0;
	model_usage_write(&t->usage, &usage);
	int rc = store_add_usage(t->ag->own, usage.data, t->usage.cost, e);
	buf_clear(&usage);
	return rc;
}

/* turn-complete: exactly one, in one commit with all that it stands for. */
static void
turn_commit(struct turn *t)
{
	static const struct store_turn none = { .in_seq = -1 };
	bool waits = calls_waiting(reducer_message(t->emit.reducer)) > 0;
	struct agent *ag = t->ag;
	struct err e = ERR_INIT;
	int64_t covered = inbox_covered(&ag->inbox, t->in_seq, t->stop);
	int64_t seq;

	t->state = TURN_ENDED;
	evtimer_del(t->quiet);
	if (ag->lost)
		return;
	seq = agent_complete(ag, covered, t->stop, t->asked, &e);
	if (seq == -1 || turn_put_message(t, seq, &e) == -1 ||
	    turn_put_usage(t, &e) == -1 ||
	    store_set_turn(ag->own, &none, waits ? ITEM_WAITING :
	    ITEM_IDLE, &e) == -1) {
		agent_lost(ag, &e);
		return;
	}
	agent_turn_done(ag);
}

static void
turn_settle(struct turn *t)
{
	turn_write_finish(t, model_finish_name(t->finish));
	turn_commit(t);
}

void
turn_pause(struct turn *t)
{
	t->asked = true;
	t->finish = FINISH_TOOL_CALLS;
	turn_settle(t);
}

void
turn_settle_cut(struct turn *t)
{
	t->asked = t->steps > 0;
	turn_finish_step(t);
	turn_commit(t);
}

static void
turn_cut(struct turn *t)
{
	if (t->call != NULL) {
		step_count_usage(t);
		model_cancel(t->call);
		t->call = NULL;
	}
	calls_cancel(t);
	emit_close_blocks(&t->emit, NULL);
}

/* error, finish-step, finish: the order of ui-message-stream 9. */
void
turn_fail(struct turn *t, const struct err *why)
{
	struct err e = *why;	/* may be the turn's or the model's own */

	if (t->state == TURN_ENDED)
		return;
	t->finish = FINISH_ERROR;
	turn_cut(t);
	step_interrupt(t, "interrupted");
	calls_abandon(t, "interrupted");
	emit_error(&t->emit, &e);
	turn_finish_step(t);
	turn_write_finish(t, model_finish_name(t->finish));
	turn_commit(t);
}

void
turn_stop(struct turn *t, int64_t stop)
{
	struct buf meta = BUF_INIT;

	if (t->state == TURN_ENDED)
		return;
	t->stop = stop;
	turn_cut(t);
	step_interrupt(t, "stopped by the user");
	calls_abandon(t, "stopped by the user");
	turn_finish_step(t);
	turn_metadata(t, &meta);
	chunk_message_metadata(emit_begin(&t->emit), meta.data);
	emit_end(&t->emit);
	chunk_abort(emit_begin(&t->emit), "stopped");
	emit_end(&t->emit);
	buf_clear(&meta);
	turn_commit(t);
}

void
turn_resume_ended(struct turn *t)
{
	t->asked = true;
	t->finish = FINISH_STOP;
	t->state = TURN_ASKING;
	turn_last_step(t);
}

/* It did not crash, so this try does not count. */
void
turn_leave(struct turn *t)
{
	if (t->state == TURN_ENDED || t->ag->lost)
		return;
	emit_flush(&t->emit);
	t->state = TURN_ENDED;
	evtimer_del(t->quiet);
	if (t->call != NULL)
		model_cancel(t->call);
	t->call = NULL;
	calls_cancel(t);
	turn_put_state(t, t->attempts - 1, ITEM_INTERRUPTED);
}

/* A step that broke without any tool part is asked again from nothing: what
 * it had said, blocks that were closed too, is not told to the model. */
static bool
turn_broke_in_words(const struct message *m)
{
	const struct part *p;
	bool words = false;

	TAILQ_FOREACH_REVERSE(p, &m->parts, part_list, entry) {
		if (p->type == PART_STEP_START)
			break;
		if (p->type == PART_TOOL)
			return false;
		words = words || p->type == PART_TEXT ||
		    p->type == PART_REASONING;
	}
	return words;
}

void
turn_close_broken(struct turn *t)
{
	emit_close_blocks(&t->emit, HISTORY_INTERRUPTED_PM);
	step_interrupt(t, CALLS_BROKEN);
	if (!t->step_open)
		return;
	if (turn_broke_in_words(reducer_message(t->emit.reducer))) {
		chunk_data(emit_begin(&t->emit), HISTORY_INTERRUPTED, NULL,
		    "{}", false);
		emit_end(&t->emit);
	}
	turn_finish_step(t);
}
