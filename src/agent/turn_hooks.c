/* SPDX-License-Identifier: GPL-3.0-or-later */
/* turn_hooks.c - the hooks of a turn: at its beginning, at its end */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/agent_priv.h"
#include "agent/history.h"
#include "agent/turn_hooks.h"
#include "agent/turn_priv.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "wire/message.h"

#define HOOKED "chatd-hooked"

void
turn_hooks_about(const struct turn *t, enum hook_event event,
    struct json_w *w)
{
	const char *mode = t->setup.opts.permission_mode;

	json_w_obj(w);
	json_w_kstr(w, "hook_event_name", hook_event_name(event));
	json_w_kstr(w, "session_id", t->ag->id);
	if (t->ag->parent != NULL)
		json_w_kstr(w, "parent_session_id", t->ag->parent);
	json_w_kstr(w, "cwd", t->setup.dir);
	json_w_kstr(w, "permission_mode", mode != NULL ? mode : "default");
	json_w_kstr(w, "message_id", t->id);
}

void
turn_hooks_say(const char *json, void *turn)
{
	struct turn *t = turn;

	log_msg(LOG_AGENT, LOG_INFO, "hook: %s", json);
	emit_note(&t->emit, "chatd-hook", json);
}

static void
hooks_say_cb(const char *json, void *arg)
{
	turn_hooks_say(json, arg);
}

/* A turn whose setup failed has none, and perhaps no folder. */
static bool
turn_has_hooks(const struct turn *t)
{
	return t->hooks.count > 0 && t->setup.dir != NULL;
}

bool
turn_hook(struct turn *t, enum hook_event event, struct buf *about,
    void (*done)(struct hook_outcome *, void *))
{
	struct hook_ask ask = {
		.base = agent_opts(t->ag)->base, .hooks = &t->hooks,
		.event = event, .dir = t->setup.dir, .about = about->data,
		.done = done, .say = hooks_say_cb, .arg = t,
	};

	t->hook = hook_run_start(&ask);
	buf_clear(about);
	if (t->hook != NULL)
		t->state = TURN_HOOKS;
	return t->hook != NULL;
}

void
turn_hooks_cancel(struct turn *t)
{
	hook_run_cancel(t->hook);
	t->hook = NULL;
}

/* What a hook wants the model to know, kept with the answer. */
static void
turn_add_context(struct turn *t, const char *text)
{
	struct buf b = BUF_INIT;
	struct json_w w;
	char id[32];

	(void)snprintf(id, sizeof(id), "hook_%zu",
	    reducer_message(t->emit.reducer)->part_count);
	json_w_init(&w, &b);
	json_w_obj(&w);
	json_w_key(&w, "messages");
	json_w_arr(&w);
	json_w_obj(&w);
	json_w_kstr(&w, "id", id);
	json_w_kstr(&w, "text", text);
	json_w_obj_end(&w);
	json_w_arr_end(&w);
	json_w_obj_end(&w);
	chunk_data(emit_begin(&t->emit), HISTORY_BACKGROUND, id, b.data,
	    false);
	emit_end(&t->emit);
	buf_clear(&b);
}

/* the beginning */

static bool
is_hooked(struct turn *t)
{
	const struct part *p;

	TAILQ_FOREACH(p, &reducer_message(t->emit.reducer)->parts, entry)
		if (p->type == PART_DATA &&
		    strcmp(p->type_name, "data-" HOOKED) == 0)
			return true;
	return false;
}

static void
turn_mark_hooked(struct turn *t)
{
	chunk_data(emit_begin(&t->emit), HOOKED, NULL, "{}", false);
	emit_end(&t->emit);
}

/* The answer is withdrawn like one that a provider refused (history.h). */
static void
turn_deny_prompt(struct turn *t, const char *reason)
{
	struct err e = ERR_INIT;

	turn_mark_hooked(t);
	str_replace(&t->raw_finish, "refusal: hook");
	err_set(&e, ERR_DENIED, "a hook denied the prompt%s%s",
	    reason != NULL ? ": " : "", reason != NULL ? reason : "");
	turn_fail(t, &e);
}

static void
prompt_done(struct hook_outcome *o, void *arg)
{
	struct turn *t = arg;

	t->hook = NULL;
	if (o->decision == HOOK_DENY) {
		turn_deny_prompt(t, o->reason);
		return;
	}
	if (o->context.len > 0)
		turn_add_context(t, o->context.data);
	turn_mark_hooked(t);
	turn_go(t);
}

static bool
turn_ask_prompt(struct turn *t)
{
	struct buf b = BUF_INIT;
	struct json_w w;

	json_w_init(&w, &b);
	turn_hooks_about(t, HOOK_PROMPT, &w);
	json_w_kstr(&w, "prompt", t->prompt);
	json_w_obj_end(&w);
	str_replace(&t->prompt, NULL);
	return turn_hook(t, HOOK_PROMPT, &b, prompt_done);
}

static void
session_done(struct hook_outcome *o, void *arg)
{
	struct turn *t = arg;

	t->hook = NULL;
	if (o->context.len > 0)
		turn_add_context(t, o->context.data);
	if (!turn_ask_prompt(t)) {
		turn_mark_hooked(t);
		turn_go(t);
	}
}

bool
turn_hooks_begin(struct turn *t)
{
	struct buf b = BUF_INIT;
	struct json_w w;

	if (t->prompt == NULL || !turn_has_hooks(t) ||
	    err_is_set(&t->err) || is_hooked(t)) {
		str_replace(&t->prompt, NULL);
		return false;
	}
	if (t->first) {
		json_w_init(&w, &b);
		turn_hooks_about(t, HOOK_SESSION_START, &w);
		json_w_kstr(&w, "source", "startup");
		json_w_obj_end(&w);
		if (turn_hook(t, HOOK_SESSION_START, &b, session_done))
			return true;
	}
	return turn_ask_prompt(t);
}

/* the end */

static void
write_last(struct turn *t, struct json_w *w)
{
	struct buf text = BUF_INIT;
	const struct part *p;

	TAILQ_FOREACH(p, &reducer_message(t->emit.reducer)->parts, entry) {
		if (p->type == PART_STEP_START)
			buf_reset(&text);
		else if (p->type == PART_TEXT)
			buf_add(&text, p->text.data, p->text.len);
	}
	json_w_kstrn(w, "last_assistant_message", text.data, text.len);
	buf_clear(&text);
}

static void
stop_done(struct hook_outcome *o, void *arg)
{
	struct turn *t = arg;

	t->hook = NULL;
	if (o->decision != HOOK_DENY) {
		turn_settle(t);
		return;
	}
	t->stops++;
	turn_add_context(t, o->reason != NULL ? o->reason :
	    "You are not done yet.");
	turn_again(t);
}

bool
turn_hooks_stop(struct turn *t)
{
	struct buf b = BUF_INIT;
	struct json_w w;

	if (!turn_has_hooks(t) || t->stops >= TURN_STOPS_MAX)
		return false;
	json_w_init(&w, &b);
	turn_hooks_about(t, HOOK_STOP, &w);
	json_w_kbool(&w, "stop_hook_active", t->stops > 0);
	write_last(t, &w);
	json_w_obj_end(&w);
	return turn_hook(t, HOOK_STOP, &b, stop_done);
}

static void
complete_done(struct hook_outcome *o ATTR_UNUSED, void *arg)
{
	struct turn *t = arg;

	t->hook = NULL;
	turn_commit(t);
}

bool
turn_hooks_complete(struct turn *t)
{
	struct buf b = BUF_INIT;
	struct json_w w;

	if (!turn_has_hooks(t))
		return false;
	json_w_init(&w, &b);
	turn_hooks_about(t, HOOK_TURN_COMPLETE, &w);
	json_w_kstr(&w, "finish_reason", model_finish_name(t->finish));
	json_w_kbool(&w, "stopped", t->stop != -1);
	write_last(t, &w);
	json_w_obj_end(&w);
	return turn_hook(t, HOOK_TURN_COMPLETE, &b, complete_done);
}
