/* SPDX-License-Identifier: GPL-3.0-or-later */
/* action_hook.c - the hook Action: it may refuse an action before it is done */

#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "agent/action_hook.h"
#include "agent/actions.h"
#include "agent/agent_priv.h"
#include "agent/emit.h"
#include "agent/hook_run.h"
#include "agent/setup.h"
#include "agent/trigger.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "store/store.h"
#include "wire/input.h"
#include "wire/message.h"

struct action_hook {
	struct agent *ag;
	int64_t seq;
	struct hook_run *run;
};

int64_t
action_hook_seq(const struct action_hook *h)
{
	return h->seq;
}

void
action_hook_cancel(struct agent *ag)
{
	if (ag->asking == NULL)
		return;
	hook_run_cancel(ag->asking->run);
	free(ag->asking);
	ag->asking = NULL;
}

static void
hook_say(const char *json, void *arg)
{
	struct action_hook *h = arg;
	struct emit em;

	log_msg(LOG_AGENT, LOG_INFO, "hook: %s", json);
	emit_init(&em, agent_opts(h->ag), h->ag->own, reducer_new(NULL, 0));
	emit_note(&em, "chatd-hook", json);
	if (err_is_set(&em.err))
		agent_lost(h->ag, &em.err);
	else
		agent_wrote(h->ag);
	emit_clear(&em);
}

static bool
refused(const struct hook_outcome *o, struct err *why)
{
	if (o->decision == HOOK_DENY)
		err_set(why, ERR_DENIED, "a hook refused the action%s%.300s",
		    o->reason != NULL ? ": " : "",
		    o->reason != NULL ? o->reason : "");
	else if (o->failed)
		err_set(why, ERR_DENIED, "the hook Action failed: %.300s",
		    o->failure);
	return err_is_set(why);
}

static void
hook_done(struct hook_outcome *o, void *arg)
{
	struct action_hook *h = arg;
	struct agent *ag = h->ag;
	int64_t seq = h->seq;
	struct input in = { 0 };
	struct err why = ERR_INIT, e = ERR_INIT;
	int rc;

	free(h);
	ag->asking = NULL;
	if (ag->lost)
		return;
	if (refused(o, &why))
		rc = trigger_refuse(ag, seq, &why, &e);
	else if ((rc = inbox_read(&ag->inbox, seq, &in, &e)) == 0)
		rc = action_go(ag, seq, &in, &e);
	input_clear(&in);
	if (rc == -1)
		agent_lost(ag, &e);
	event_active(ag->kick, EV_TIMEOUT, 0);
}

static void
write_about(const struct agent *ag, const struct setup *s,
    const struct input *in, struct buf *b)
{
	const char *mode = s->opts.permission_mode;
	struct json_w w;

	json_w_init(&w, b);
	json_w_obj(&w);
	json_w_kstr(&w, "hook_event_name", hook_event_name(HOOK_ACTION));
	json_w_kstr(&w, "session_id", ag->id);
	json_w_kstr(&w, "cwd", s->dir);
	json_w_kstr(&w, "permission_mode", mode != NULL ? mode : "default");
	if (in->action != NULL)
		json_w_kvalue(&w, "action", in->action);
	if (in->metadata != NULL)
		json_w_kvalue(&w, "client_data", in->metadata);
	json_w_obj_end(&w);
}

static bool
hook_begin(struct agent *ag, int64_t seq, struct hooks *hooks,
    const struct setup *s, const struct input *in)
{
	struct action_hook *h = xcalloc(1, sizeof(*h));
	struct buf about = BUF_INIT;

	write_about(ag, s, in, &about);
	h->ag = ag;
	h->seq = seq;
	h->run = hook_run_start(&(struct hook_ask){
		.base = agent_opts(ag)->base, .hooks = hooks,
		.event = HOOK_ACTION, .dir = s->dir, .about = about.data,
		.done = hook_done, .say = hook_say, .arg = h });
	buf_clear(&about);
	if (h->run == NULL) {
		free(h);
		return false;
	}
	ag->asking = h;
	return true;
}

int
action_hook_start(struct agent *ag, int64_t seq, const struct input *in,
    struct err *why)
{
	struct item it = { 0 };
	struct setup s = { 0 };
	struct hooks hooks = HOOKS_INIT;
	struct err quiet = ERR_INIT;
	int rc = 0;

	/* an agent that cannot be read has its folder all the same */
	if (agent_item(ag, &it, why) == -1 ||
	    (setup_init(&s, agent_opts(ag)->defaults, &it, NULL, in->chatd,
	    &quiet) == -1 && s.dir == NULL) ||
	    hooks_load(&hooks, s.dir, why) == -1)
		rc = err_is_set(why) ? -1 : 0;
	else if (s.dir != NULL)
		rc = hook_begin(ag, seq, &hooks, &s, in);
	hooks_clear(&hooks);
	setup_clear(&s);
	item_clear(&it);
	return rc;
}
