/* SPDX-License-Identifier: GPL-3.0-or-later */
/* agent.c - reads `in`, runs turns, writes `out` */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include <event2/event.h>

#include "agent/action_hook.h"
#include "agent/agent_priv.h"
#include "agent/lost.h"
#include "agent/program.h"
#include "agent/recover.h"
#include "agent/task.h"
#include "agent/trigger.h"
#include "agent/turn.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "model/model.h"
#include "store/store.h"
#include "tool/mcp_pool.h"
#include "tool/reads.h"
#include "wire/record.h"

/* models_default() cannot be cancelled: its answer may find no host. */
struct default_wait {
	struct agent_host *host;
};

enum { HOST_BUCKETS = 1024 };

struct agent_host {
	struct agent_opts opts;
	TAILQ_HEAD(, agent) agents;
	LIST_HEAD(, agent) by_row[HOST_BUCKETS];
	struct default_wait *asked;	/* or NULL */
	struct lost *lost;
	bool active;			/* on_idle() is owed */
	bool stopping;
	void (*stopped)(void *arg);
	void *stopped_arg;
	struct event *grace;
};

static void	agent_go(struct agent *ag);

/* the host */

/* Recovery, as after a crash; who has it now does that. */
static bool
host_try_lost(const char *id, void *arg)
{
	struct agent_host *host = arg;
	struct item it = { 0 };
	struct owner other;
	struct err e = ERR_INIT;
	bool done = host->stopping;

	if (!done && store_find(host->opts.store, id, &it, &e) == 0)
		done = agent_own(host, &it, &other, &e) == 0;
	item_clear(&it);
	if (!done)
		log_msg(LOG_AGENT, LOG_INFO, "%s", e.text);
	return done || e.code == ERR_NOT_FOUND || e.code == ERR_CONFLICT;
}

struct agent_host *
agent_host_new(const struct agent_opts *opts)
{
	struct agent_host *host = xcalloc(1, sizeof(*host));

	host->opts = *opts;
	TAILQ_INIT(&host->agents);
	host->lost = lost_new(opts->base, host_try_lost, host);
	return host;
}

/* Nothing is left for who comes after us. */
static bool
agent_is_done(const struct agent *ag)
{
	struct store_turn turn;

	return ag->in != NULL && !ag->lost && (ag->closed ||
	    channel_head(ag->in) <= ag->inbox.next) &&
	    store_turn(ag->host->opts.store, ag->row, &turn, NULL) == 0 &&
	    turn.message_id[0] == '\0';
}

static bool
agent_runs(const struct agent *ag)
{
	return ag->asking != NULL ||
	    (ag->turn != NULL && ag->turn->state != TURN_ENDED);
}

static void
agent_free(struct agent *ag)
{
	/* else it is looked at again for nothing, that is all */
	if (ag->own != NULL && agent_is_done(ag))
		(void)!store_work_done(ag->own, NULL);
	TAILQ_REMOVE(&ag->host->agents, ag, entry);
	LIST_REMOVE(ag, bucket);
	store_cancel_commit(ag->host->opts.store, ag);
	action_hook_cancel(ag);
	turn_free(ag->turn);
	program_end(ag->program);
	if (ag->kick != NULL)
		event_free(ag->kick);
	if (ag->in != NULL) {
		channel_unwait(&ag->waiter);
		channel_close(ag->in);
	}
	if (ag->out != NULL)
		channel_close(ag->out);
	if (ag->own != NULL)
		store_disown(ag->own);
	reads_free(ag->reads);
	free(ag->id);
	free(ag->parent);
	free(ag);
}

void
agent_host_free(struct agent_host *host)
{
	struct agent *ag;

	if (host == NULL)
		return;
	while ((ag = TAILQ_FIRST(&host->agents)) != NULL) {
		/* one that is in a turn has nothing to bring to its end */
		program_finish(ag->program, agent_runs(ag) ? 0 :
		    PROGRAM_FINISH_MS);
		agent_free(ag);
	}
	if (host->asked != NULL)
		host->asked->host = NULL;
	if (host->grace != NULL)
		event_free(host->grace);
	lost_free(host->lost);
	free(host);
}

static struct agent *
host_find(const struct agent_host *host, int64_t row)
{
	struct agent *ag;

	LIST_FOREACH(ag, &host->by_row[(uint64_t)row % HOST_BUCKETS], bucket)
		if (ag->row == row && !ag->lost)
			return ag;
	return NULL;
}

static bool
agent_works(const struct agent *ag)
{
	return agent_runs(ag) || (!ag->lost && !ag->closed &&
	    channel_head(ag->in) > ag->inbox.next);
}

void
agent_servers(const struct agent_host *host, struct buf *out)
{
	struct json_w w;

	json_w_init(&w, out);
	mcp_pool_write(host->opts.mcp, &w);
}

int
agent_running(const struct agent_host *host)
{
	const struct agent *ag;
	int n = 0;

	TAILQ_FOREACH(ag, &host->agents, entry)
		n += agent_runs(ag);
	return n;
}

static void
host_stopped(struct agent_host *host)
{
	void (*fn)(void *) = host->stopped;

	host->stopped = NULL;
	if (fn != NULL)
		fn(host->stopped_arg);
}

static void
host_look_idle(struct agent_host *host)
{
	const struct agent *ag;

	if (host->stopping && agent_running(host) == 0) {
		evtimer_del(host->grace);
		host_stopped(host);
		return;
	}
	TAILQ_FOREACH(ag, &host->agents, entry)
		if (agent_works(ag))
			return;
	if (!host->active)
		return;
	host->active = false;
	if (host->opts.on_idle != NULL)
		host->opts.on_idle(host->opts.arg);
}

static void
agent_leave(struct agent *ag)
{
	action_hook_cancel(ag);
	if (agent_runs(ag))
		turn_leave(ag->turn);
}

/* The time is over: what runs is left to the next owner. */
static void
host_grace_over(evutil_socket_t fd ATTR_UNUSED, short what ATTR_UNUSED,
    void *arg)
{
	struct agent_host *host = arg;
	struct agent *ag;

	TAILQ_FOREACH(ag, &host->agents, entry)
		agent_leave(ag);
	host_stopped(host);
}

void
agent_host_stop(struct agent_host *host, int64_t grace_ms,
    void (*fn)(void *arg), void *arg)
{
	struct timeval tv = { grace_ms / 1000, grace_ms % 1000 * 1000 };

	if (host->stopping)
		return;
	host->stopping = true;
	host->stopped = fn;
	host->stopped_arg = arg;
	host->grace = evtimer_new(host->opts.base, host_grace_over, host);
	if (agent_running(host) == 0)
		tv = (struct timeval){ 0, 0 };
	evtimer_add(host->grace, &tv);
}

/* the default model */

static void
host_default_found(const char *spec, const char *why, void *arg)
{
	struct default_wait *wait = arg;
	struct agent_host *host = wait->host;
	struct agent *ag;

	free(wait);
	if (host == NULL)
		return;
	host->asked = NULL;
	TAILQ_FOREACH(ag, &host->agents, entry)
		if (ag->turn != NULL && !ag->lost)
			turn_model(ag->turn, spec, why);
}

void
agent_want_default(struct agent *ag)
{
	struct agent_host *host = ag->host;

	if (host->asked != NULL)
		return;
	host->asked = xcalloc(1, sizeof(*host->asked));
	host->asked->host = host;
	models_default(host->opts.models, host_default_found, host->asked);
}

/* what turns and triggers use */

const struct agent_opts *
agent_opts(const struct agent *ag)
{
	return &ag->host->opts;
}

int
agent_item(struct agent *ag, struct item *it, struct err *e)
{
	return store_find(ag->host->opts.store, ag->id, it, e);
}

void
agent_lost(struct agent *ag, const struct err *e)
{
	if (ag->lost)
		return;
	log_msg(LOG_AGENT, LOG_ERROR, "%s: %s", ag->id, e->text);
	ag->lost = true;
	/* what another has taken over is his */
	if (e->code != ERR_CONFLICT)
		lost_add(ag->host->lost, ag->row, ag->id);
	if (ag->host->opts.on_lost != NULL)
		ag->host->opts.on_lost(ag->id, e, ag->host->opts.arg);
	event_active(ag->kick, EV_TIMEOUT, 0);
}

static void
agent_committed(const struct err *e, void *arg)
{
	struct agent *ag = arg;

	ag->watching = false;
	if (e != NULL)
		agent_lost(ag, e);
}

void
agent_wrote(struct agent *ag)
{
	if (ag->watching)
		return;
	ag->watching = true;
	store_on_commit(ag->host->opts.store, agent_committed, ag);
}

void
agent_turn_done(struct agent *ag)
{
	event_active(ag->kick, EV_TIMEOUT, 0);
}

/* With the address by which clients know the session (3.7). */
static char *
agent_token(struct agent *ag)
{
	struct item it = { 0 };
	char *token = NULL;

	if (ag->host->opts.mint != NULL && agent_item(ag, &it, NULL) == 0)
		token = ag->host->opts.mint(&it, ag->host->opts.arg);
	item_clear(&it);
	return token;
}

int64_t
agent_complete(struct agent *ag, int64_t covered, int64_t stop, bool token,
    struct err *e)
{
	char *jwt = token ? agent_token(ag) : NULL;
	char number[32];
	struct record_header h[3] = { { "trigger-control", "turn-complete" } };
	struct record rec = { .headers = h, .header_count = 1, .body = "" };
	int64_t seq;

	if (jwt != NULL)
		h[rec.header_count++] = (struct record_header){
			"public-access-token", jwt };
	if (covered >= 0) {	/* a boot turn has consumed none (5.1.4) */
		(void)snprintf(number, sizeof(number), "%lld",
		    (long long)covered);
		h[rec.header_count++] = (struct record_header){
			"session-in-event-id", number };
	}
	seq = channel_append(ag->own, CHANNEL_OUT, &rec, NULL, NULL, e);
	free(jwt);
	agent_wrote(ag);
	/* also a turn that leaves no message is over for who comes later */
	if (seq == -1 || store_cover(ag->own, seq, e) == -1 ||
	    inbox_consume(&ag->inbox, ag->own, covered, stop, e) == -1)
		return -1;
	return seq;
}

/* reading `in` */

static void
agent_next(struct agent *ag)
{
	struct input in = { 0 };
	struct err e = ERR_INIT;
	int64_t seq = ag->inbox.next;

	if (inbox_read(&ag->inbox, seq, &in, &e) == -1 ||
	    trigger_run(ag, seq, &in, &e) == -1)
		agent_lost(ag, &e);
	else if (ag->turn == NULL && ag->asking == NULL && ag->inbox.next <= seq)
		fatal(__func__, "record %lld is not consumed", (long long)seq);
	input_clear(&in);
}

static void
agent_woken(void *arg)
{
	agent_go(arg);
}

static void
agent_wait(struct agent *ag)
{
	channel_unwait(&ag->waiter);
	if (event_pending(ag->kick, EV_TIMEOUT, NULL))
		return;		/* which comes here again */
	if (ag->lost || ag->closed || (ag->host->stopping && !agent_runs(ag)))
		return;
	channel_wait(ag->in, &ag->waiter, agent_runs(ag) ? ag->inbox.seen :
	    ag->inbox.next);
}

/* An action that hooks have not let pass yet is not done. */
static void
agent_stop_asking(struct agent *ag, int64_t stop)
{
	int64_t seq = action_hook_seq(ag->asking);
	struct err e = ERR_INIT;

	action_hook_cancel(ag);
	if (agent_complete(ag, inbox_covered(&ag->inbox, seq, stop), stop,
	    false, &e) == -1)
		agent_lost(ag, &e);
}

static void
agent_look_for_stop(struct agent *ag)
{
	int64_t stop = inbox_find_stop(&ag->inbox, ag->asking != NULL ?
	    action_hook_seq(ag->asking) : ag->turn->in_seq);

	if (stop != -1 && ag->asking != NULL)
		agent_stop_asking(ag, stop);
	else if (stop != -1)
		turn_stop(ag->turn, stop);
}

static void
agent_halt_now(struct agent *ag)
{
	action_hook_cancel(ag);
	if (agent_runs(ag))
		turn_stop(ag->turn, -1);
}

/* Not while another process keeps the database locked, but soon. */
static bool
agent_may_begin(struct agent *ag)
{
	static const struct timeval soon = { 0, STORE_RETRY_MS * 1000 };

	if (ag->turn != NULL || ag->asking != NULL || ag->lost ||
	    ag->closed || ag->host->stopping ||
	    ag->inbox.next >= channel_head(ag->in))
		return false;
	if (store_ready(ag->host->opts.store))
		return true;
	event_add(ag->kick, &soon);
	return false;
}

/* One thing at a time: free what has ended, look for a stop, or begin. */
static void
agent_go(struct agent *ag)
{
	struct agent_host *host = ag->host;
	bool ended = ag->turn != NULL && !agent_runs(ag);

	if (ag->turn != NULL && (ag->lost || ended)) {
		turn_free(ag->turn);
		ag->turn = NULL;
	}
	if (ag->lost) {
		agent_free(ag);
		host_look_idle(host);
		return;
	}
	if (ag->turn != NULL || ag->asking != NULL)
		agent_look_for_stop(ag);
	while (agent_may_begin(ag)) {
		host->active = true;
		agent_next(ag);
	}
	agent_wait(ag);
	if (ended && ag->turn == NULL && ag->parent != NULL && !host->stopping)
		task_tell_parent(ag);
	host_look_idle(host);
}

static void
agent_kicked(evutil_socket_t fd ATTR_UNUSED, short what ATTR_UNUSED,
    void *arg)
{
	agent_go(arg);
}

void
agent_pump(struct agent_host *host, int64_t row)
{
	struct agent *ag = host_find(host, row);

	if (ag != NULL)
		agent_go(ag);
}

/* owning */

static int
agent_open(struct agent *ag, struct owner *other, struct err *e)
{
	struct store *st = ag->host->opts.store;

	if (store_own(st, ag->row, &ag->own, other, e) == -1)
		return -1;
	ag->in = channel_open(st, ag->row, CHANNEL_IN, e);
	if (ag->in == NULL)
		return -1;
	ag->out = channel_open(st, ag->row, CHANNEL_OUT, e);
	if (ag->out == NULL)
		return -1;
	inbox_init(&ag->inbox, ag->in, st, ag->row);
	ag->kick = event_new(ag->host->opts.base, -1, 0, agent_kicked, ag);
	return recover_turn(ag, e);
}

int
agent_own(struct agent_host *host, const struct item *it,
    struct owner *other, struct err *e)
{
	struct agent *ag;
	struct err why = ERR_INIT;

	if (host_find(host, it->row) != NULL)
		return 0;
	if (host->stopping)
		return err_set(e, ERR_BUSY, "chatd is shutting down");
	ag = xcalloc(1, sizeof(*ag));
	ag->host = host;
	ag->row = it->row;
	ag->id = xstrdup(it->id);
	str_replace(&ag->parent, it->parent);
	ag->reads = reads_new();
	ag->waiter.fn = agent_woken;
	ag->waiter.arg = ag;
	TAILQ_INSERT_TAIL(&host->agents, ag, entry);
	LIST_INSERT_HEAD(&host->by_row[(uint64_t)ag->row % HOST_BUCKETS], ag,
	    bucket);
	if (agent_open(ag, other, &why) == -1 || ag->lost) {
		agent_free(ag);
		err_set(&why, ERR_IO, "%s cannot be taken over", it->id);
		if (why.code != ERR_CONFLICT && agent_pending(host, it))
			lost_add(host->lost, it->row, it->id);
		if (e != NULL && !err_is_set(e))
			*e = why;
		return -1;
	}
	lost_remove(host->lost, it->row);
	host->active = true;
	if (it->closed_at != 0)
		agent_closed(host, ag->row);
	if (it->state == ITEM_WAITING)
		task_own_waiting(ag);
	event_active(ag->kick, EV_TIMEOUT, 0);
	return 0;
}

struct owned *
agent_owned(struct agent_host *host, int64_t row)
{
	struct agent *ag = host_find(host, row);

	return ag != NULL ? ag->own : NULL;
}

int
agent_boot(struct agent_host *host, const struct item *it, struct err *e)
{
	struct agent *ag = host_find(host, it->row);
	const char *config = it->config != NULL ? it->config : "{}";
	struct json_doc *doc;
	struct input in;
	int rc = 0;

	if (ag == NULL)
		return err_set(e, ERR_CONFLICT, "%s is not owned here", it->id);
	if (ag->turn != NULL || host->stopping || channel_head(ag->out) > 0)
		return 0;
	doc = json_parse(config, strlen(config), 0, NULL);
	input_read_payload(&in, json_get(json_root(doc), "basePayload"));
	/* only a message is answered at once (5.1.2) */
	if (in.trigger == TRIGGER_SUBMIT && in.message != NULL)
		rc = trigger_run(ag, -1, &in, e);
	json_doc_free(doc);
	host->active = true;
	return rc;
}

bool
agent_busy(struct agent_host *host, int64_t row)
{
	struct agent *ag = host_find(host, row);

	return ag != NULL && agent_works(ag);
}

bool
agent_is_lost(struct agent_host *host, int64_t row)
{
	return lost_has(host->lost, row);
}

bool
agent_pending(struct agent_host *host, const struct item *it)
{
	struct store *st = host->opts.store;
	struct store_turn turn;
	struct owner owner;
	struct channel *in;
	bool pending;

	if (store_owner(st, it->row, &owner) == 0 ||
	    store_turn(st, it->row, &turn, NULL) == -1)
		return false;
	if (turn.message_id[0] != '\0')
		return true;
	if (it->closed_at != 0)
		return false;
	in = channel_open(st, it->row, CHANNEL_IN, NULL);
	if (in == NULL)
		return false;
	pending = channel_head(in) > store_cursor(st, it->row, "agent") + 1;
	channel_close(in);
	return pending;
}

/* Nothing of what waits will be answered any more. */
static int
agent_write_closed(struct agent *ag, struct err *e)
{
	struct item it = { 0 };
	struct record_header h[2] = {
		{ "trigger-control", "session-closed" },
	};
	struct record rec = { .headers = h, .header_count = 1, .body = "" };
	int rc = agent_item(ag, &it, e);

	if (rc == 0) {
		if (it.closed_reason != NULL)
			h[rec.header_count++] = (struct record_header){
				"session-closed-reason", it.closed_reason };
		rc = channel_append(ag->own, CHANNEL_OUT, &rec, NULL, NULL,
		    e) == -1 ? -1 : 0;
	}
	if (rc == 0)
		rc = inbox_consume(&ag->inbox, ag->own,
		    channel_head(ag->in) - 1, -1, e);
	item_clear(&it);
	return rc;
}

void
agent_closed(struct agent_host *host, int64_t row)
{
	struct agent *ag = host_find(host, row);
	struct err e = ERR_INIT;

	if (ag == NULL || ag->closed)
		return;
	ag->closed = true;
	agent_halt_now(ag);
	if (!ag->lost && channel_last_control(ag->out, "session-closed", 0,
	    &e) == -1) {
		agent_wrote(ag);
		if (agent_write_closed(ag, &e) == -1)
			agent_lost(ag, &e);
	}
	event_active(ag->kick, EV_TIMEOUT, 0);
}

void
agent_halt(struct agent_host *host, int64_t row)
{
	struct agent *ag = host_find(host, row);

	if (ag != NULL)
		agent_halt_now(ag);
}

static struct agent *
host_child(const struct agent_host *host, const char *id)
{
	struct agent *ag;

	TAILQ_FOREACH(ag, &host->agents, entry)
		if (ag->parent != NULL && strcmp(ag->parent, id) == 0)
			return ag;
	return NULL;
}

void
agent_drop(struct agent_host *host, int64_t row)
{
	struct agent *ag = host_find(host, row), *child;

	if (ag == NULL)
		return;
	agent_halt_now(ag);
	char *id = xstrdup(ag->id);

	agent_free(ag);
	while ((child = host_child(host, id)) != NULL)
		agent_drop(host, child->row);
	free(id);
	host_look_idle(host);
}
