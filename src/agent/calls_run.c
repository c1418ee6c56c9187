/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calls_run.c - the calls that run: started, heard, ended */

#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include <event2/event.h>

#include "agent/agent_priv.h"
#include "agent/calls.h"
#include "agent/calls_hooks.h"
#include "agent/calls_run.h"
#include "agent/permit.h"
#include "agent/turn.h"
#include "base/id.h"
#include "base/json.h"
#include "base/mem.h"
#include "store/store.h"
#include "tool/plan.h"
#include "tool/tool.h"

static void	calls_go(struct turn *t);

static bool
call_open(const struct call *c)
{
	return c->ready || c->run != NULL || c->hook != NULL || c->undecided;
}

bool
calls_open(const struct turn *t)
{
	const struct call *c;

	TAILQ_FOREACH(c, &t->step.calls, entry)
		if (call_open(c))
			return true;
	return false;
}

void
call_cancel(struct call *c)
{
	hook_run_cancel(c->hook);
	c->hook = NULL;
	c->undecided = c->unheard = false;
	if (c->result != NULL)
		tool_result_clear(c->result);
	free(c->result);
	c->result = NULL;
	tool_cancel(c->run);
	c->run = NULL;
	c->ready = false;
	if (c->pause != NULL)
		event_free(c->pause);
	c->pause = NULL;
	str_replace(&c->latest, NULL);
}

void
call_failed(struct call *c, const char *why)
{
	struct chunk_tool ct = {
		.call_id = c->id, .name = c->name, .dynamic = true,
	};

	chunk_tool_output_error(emit_begin(&c->turn->emit), &ct, why);
	emit_end(&c->turn->emit);
	c->settled = true;
}

/* preliminary outputs */

static void
call_show_output(struct call *c)
{
	struct chunk_tool ct = {
		.call_id = c->id, .name = c->name, .dynamic = true,
	};
	int64_t ms = CALLS_PAUSE_MS;

	if ((int64_t)strlen(c->latest) / CALLS_PAUSE_BYTES > ms)
		ms = (int64_t)strlen(c->latest) / CALLS_PAUSE_BYTES;
	struct timeval tv = { ms / 1000, ms % 1000 * 1000 };

	chunk_tool_output_available(emit_begin(&c->turn->emit), &ct,
	    c->latest, true);
	emit_end(&c->turn->emit);
	str_replace(&c->latest, NULL);
	evtimer_add(c->pause, &tv);
}

static void
call_paused(evutil_socket_t fd ATTR_UNUSED, short what ATTR_UNUSED, void *arg)
{
	struct call *c = arg;

	if (c->latest != NULL && c->run != NULL)
		call_show_output(c);
}

static void
call_output(const char *json, void *arg)
{
	struct call *c = arg;

	str_replace(&c->latest, json);
	if (c->pause == NULL)
		c->pause = evtimer_new(agent_opts(c->turn->ag)->base,
		    call_paused, c);
	if (!evtimer_pending(c->pause, NULL))
		call_show_output(c);
}

/* results */

static void
write_media(struct json_w *w, const struct tool_result *res)
{
	for (size_t i = 0; i < res->media_count; i++) {
		json_w_obj(w);
		json_w_kstr(w, "type", "media");
		json_w_kstr(w, "mediaType", res->media[i].media_type);
		json_w_kstr(w, "data", res->media[i].data);
		json_w_obj_end(w);
	}
}

/* toModelOutput: a text, or with pictures a list (wire/convert). */
static void
write_model(struct json_w *w, const struct call *c,
    const struct tool_result *res)
{
	struct buf text = BUF_INIT;

	if (c->edited)
		buf_addf(&text, "[The user changed the arguments to %s]\n",
		    call_input(c));
	buf_adds(&text, res->model);
	json_w_key(w, "model");
	if (res->media_count > 0) {
		json_w_arr(w);
		json_w_obj(w);
		json_w_kstr(w, "type", "text");
		json_w_kstrn(w, "text", text.data, text.len);
		json_w_obj_end(w);
		write_media(w, res);
		json_w_arr_end(w);
	} else {
		json_w_strn(w, text.data, text.len);
	}
	buf_clear(&text);
}

/* {"chatd":{"model":..}}, {"chatd":{"output":..}} of a failure, or NULL */
static char *
result_metadata(const struct call *c, const struct tool_result *res)
{
	struct buf b = BUF_INIT;
	struct json_w w;
	bool failed = err_is_set(&res->err);

	if (failed ? res->output == NULL : res->model == NULL)
		return NULL;
	json_w_init(&w, &b);
	json_w_obj(&w);
	json_w_key(&w, "chatd");
	json_w_obj(&w);
	if (failed)
		json_w_kraw(&w, "output", res->output);
	else
		write_model(&w, c, res);
	json_w_obj_end(&w);
	json_w_obj_end(&w);
	return buf_take(&b);
}

/* Clients that ask for plan mode with each message are to stop it. */
static void
call_tell_mode(struct call *c)
{
	struct buf b = BUF_INIT;
	struct json_w w;

	json_w_init(&w, &b);
	json_w_obj(&w);
	json_w_kstr(&w, "mode", c->turn->setup.opts.permission_mode);
	json_w_kstr(&w, "text", "the plan was agreed to");
	json_w_obj_end(&w);
	emit_note(&c->turn->emit, "chatd-mode", b.data);
	buf_clear(&b);
}

static void
call_show_result(struct call *c, const struct tool_result *res)
{
	char *pm = result_metadata(c, res);
	struct chunk_tool ct = {
		.call_id = c->id, .name = c->name, .dynamic = true,
		.provider_metadata = pm,
	};
	struct buf *b = emit_begin(&c->turn->emit);

	if (err_is_set(&res->err))
		chunk_tool_output_error(b, &ct, res->model != NULL ?
		    res->model : res->err.text);
	else
		chunk_tool_output_available(b, &ct, res->output, false);
	emit_end(&c->turn->emit);
	if (c->tool == &tool_plan && !err_is_set(&res->err))
		call_tell_mode(c);
	c->settled = true;
	free(pm);
}

static void
call_done(struct tool_result *res, void *arg)
{
	struct call *c = arg;

	c->run = NULL;		/* gone with this call */
	call_cancel(c);
	if (c->turn->ag->lost || c->turn->state >= TURN_ENDING)
		return;
	if (call_hook_after(c, res))
		calls_go(c->turn);	/* others need not wait for it */
	else
		call_hook_result(c, res);
}

void
call_hook_result(struct call *c, struct tool_result *res)
{
	call_show_result(c, res);
	c->turn->step.again = true;
	calls_go(c->turn);
}

void
call_park(struct call *c, const char *descriptor)
{
	char id[ID_MAX];

	call_cancel(c);
	id_make("apr", id);
	chunk_tool_approval_request(emit_begin(&c->turn->emit), id, c->id,
	    descriptor);
	emit_end(&c->turn->emit);
	c->settled = true;
	calls_go(c->turn);
}

/* starting */

static void
call_start(struct call *c)
{
	struct tool_fns fns = {
		.on_output = call_output, .on_done = call_done, .arg = c,
	};
	struct err e = ERR_INIT;

	c->ready = false;
	c->env = c->turn->tool_env;
	if (c->unasked)
		c->env.may = permit_may_unasked;
	c->run = tool_start(c->tool, json_root(c->args), &c->env, &fns, &e);
	if (c->run != NULL)
		return;
	call_failed(c, e.text);
	c->turn->step.again = true;
}

static void
calls_go(struct turn *t)
{
	struct call *c, *next;
	int running = 0;

	/* they are started in their order: those that run come first */
	for (c = TAILQ_FIRST(&t->step.calls);
	    c != NULL && running < CALLS_AT_ONCE; c = next) {
		if (c->ready && c->durable)
			call_start(c);
		running += c->run != NULL || (c->hook != NULL && !c->undecided);
		next = TAILQ_NEXT(c, entry);
		if (call_open(c) || !c->settled)
			continue;
		TAILQ_REMOVE(&t->step.calls, c, entry);
		TAILQ_INSERT_TAIL(&t->step.over, c, entry);
	}
	if (!calls_open(t))
		turn_calls_done(t);
}

/* What failed to be written must not be done either. */
static void
calls_committed(const struct err *e, void *arg)
{
	struct turn *t = arg;
	struct call *c;

	if (e != NULL || t->ag->lost || t->state >= TURN_ENDING)
		return;
	TAILQ_FOREACH(c, &t->step.calls, entry)
		c->durable = c->durable || c->ready;
	calls_go(t);
}

void
calls_start(struct turn *t)
{
	/* once: nothing starts before the last that was written is durable */
	store_cancel_commit(agent_opts(t->ag)->store, t);
	t->step.postponed = calls_open(t) && emit_behind(&t->emit);
	if (calls_open(t) && !t->step.postponed)
		store_on_commit(agent_opts(t->ag)->store, calls_committed, t);
}
