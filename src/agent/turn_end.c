/* SPDX-License-Identifier: GPL-3.0-or-later */
/* turn_end.c - how a turn ends: its message, its turn-complete, one commit */

#include <stdlib.h>

#include <event2/event.h>

#include "agent/agent_priv.h"
#include "agent/calls_run.h"
#include "agent/history.h"
#include "agent/relay.h"
#include "agent/steer.h"
#include "agent/step.h"
#include "agent/task.h"
#include "agent/turn_hooks.h"
#include "agent/turn_priv.h"
#include "agent/turn_tools.h"
#include "base/clock.h"
#include "base/json.h"
#include "store/store.h"
#include "wire/message.h"

void
turn_finish_step(struct turn *t)
{
	if (!t->step_open)
		return;
	chunk_bare(emit_begin(&t->emit), CHUNK_FINISH_STEP);
	emit_end(&t->emit);
	t->step_open = false;
}

/* What holds the tools of a model; a program has its own. */
static void
turn_write_bounds(struct turn *t, struct json_w *w)
{
	const char *mode = t->setup.opts.permission_mode;

	json_w_kstr(w, "permissionMode", mode != NULL ? mode : "default");
	json_w_kstr(w, "sandbox", turn_tools_bounds(t));
}

static void
turn_metadata(struct turn *t, struct buf *b)
{
	struct buf usage = BUF_INIT;
	struct json_w w;

	model_usage_write(&t->usage, &usage);
	json_w_init(&w, b);
	json_w_obj(&w);
	if (relay_wanted(t))
		json_w_kstr(&w, "agent", t->setup.persona.name);
	else if (step_model(t) != NULL)
		json_w_kstr(&w, "model", step_model(t));
	if (t->raw_finish != NULL)
		json_w_kstr(&w, "rawFinishReason", t->raw_finish);
	json_w_kraw(&w, "usage", usage.data);
	step_write_context(t, &w);
	if (!relay_wanted(t))
		turn_write_bounds(t, &w);
	json_w_kint(&w, "steps", t->steps);
	if (t->asked_by >= 0 &&
	    message_waiting(reducer_message(t->emit.reducer)) > 0)
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

void
turn_write_metadata(struct turn *t)
{
	struct buf meta = BUF_INIT;

	turn_metadata(t, &meta);
	chunk_message_metadata(emit_begin(&t->emit), meta.data);
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
	steer_text(m, &text);
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
	    (t->finish == FINISH_ERROR || relay_wanted(t))))
		return 0;
	model_usage_write(&t->usage, &usage);
	int rc = store_add_usage(t->ag->own, usage.data, t->usage.cost, e);
	buf_clear(&usage);
	return rc;
}

/* turn-complete: exactly one, in one commit with all that it stands for. */
static void
turn_write_end(struct turn *t)
{
	static const struct store_turn none = { .in_seq = -1 };
	bool waits = message_waiting(reducer_message(t->emit.reducer)) > 0;
	struct agent *ag = t->ag;
	struct err e = ERR_INIT;
	int64_t covered = inbox_covered(&ag->inbox, t->covered, t->stop);
	int64_t seq;

	t->state = TURN_ENDED;
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

void
turn_commit(struct turn *t)
{
	evtimer_del(t->quiet);
	t->state = TURN_ENDING;
	if (emit_ready(&t->emit))
		turn_write_end(t);
}

void
turn_caught_up(void *arg)
{
	struct turn *t = arg;

	if (t->state == TURN_ENDING)
		turn_write_end(t);
	else if (t->step.postponed)
		calls_start(t);
}

void
turn_close(struct turn *t)
{
	t->finished = true;
	if (!turn_hooks_complete(t))
		turn_commit(t);
}

void
turn_settle(struct turn *t)
{
	turn_write_finish(t, model_finish_name(t->finish));
	turn_close(t);
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
	turn_hooks_cancel(t);
	task_halt_all(t);
	relay_cut(t);
	calls_cancel(t);
	emit_close_blocks(&t->emit, NULL);
}

/* Only hooks were still to be heard. */
static bool
turn_end_finished(struct turn *t)
{
	if (!t->finished)
		return false;
	turn_hooks_cancel(t);
	turn_commit(t);
	return true;
}

/* error, finish-step, finish: the order of ui-message-stream 9. */
void
turn_fail(struct turn *t, const struct err *why)
{
	struct err e = *why;	/* may be the turn's or the model's own */

	if (t->state >= TURN_ENDING || turn_end_finished(t))
		return;
	t->finish = FINISH_ERROR;
	turn_cut(t);
	step_interrupt(t, "interrupted");
	calls_abandon(t, "interrupted");
	emit_error(&t->emit, &e);
	turn_finish_step(t);
	turn_settle(t);
}

static void
stop_now(struct turn *t, int64_t stop)
{
	t->stop = stop;
	if (turn_end_finished(t))
		return;
	turn_cut(t);
	step_interrupt(t, "stopped by the user");
	calls_abandon(t, "stopped by the user");
	turn_finish_step(t);
	turn_write_metadata(t);
	chunk_abort(emit_begin(&t->emit), "stopped");
	emit_end(&t->emit);
	if (stop != -1)
		turn_close(t);
	else
		turn_commit(t);
}

void
turn_stop(struct turn *t, int64_t stop)
{
	if (t->state < TURN_ENDING && !relay_stop(t, stop))
		stop_now(t, stop);
	/* who stops it without a record cannot wait */
	if (stop == -1)
		emit_catch_up(&t->emit);
}

/* It did not crash, so this try does not count. */
void
turn_leave(struct turn *t)
{
	if (t->state == TURN_ENDED || t->ag->lost)
		return;
	emit_flush(&t->emit);
	emit_catch_up(&t->emit);
	if (t->state == TURN_ENDED)	/* which was all that it waited for */
		return;
	t->state = TURN_ENDED;
	evtimer_del(t->quiet);
	if (t->call != NULL)
		model_cancel(t->call);
	t->call = NULL;
	turn_hooks_cancel(t);
	relay_leave(t);
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
	step_interrupt_but_tasks(t, CALLS_BROKEN);
	if (!t->step_open)
		return;
	if (turn_broke_in_words(reducer_message(t->emit.reducer))) {
		chunk_data(emit_begin(&t->emit), HISTORY_INTERRUPTED, NULL,
		    "{}", false);
		emit_end(&t->emit);
	}
	turn_finish_step(t);
}
