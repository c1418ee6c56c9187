/* SPDX-License-Identifier: GPL-3.0-or-later */
/* task.c - a Task call that runs: follows its sub-agent, chunk by chunk */

#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include <event2/event.h>

#include "agent/agent_priv.h"
#include "agent/calls.h"
#include "agent/calls_run.h"
#include "agent/subagent.h"
#include "agent/tally.h"
#include "agent/task.h"
#include "agent/turn.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "store/store.h"
#include "tool/tool_run.h"
#include "wire/message.h"
#include "wire/record.h"

enum {
	TASK_CHUNK_MAX = 512 * 1024,	/* bytes; larger ones are left out */
	TASK_READ = 256,		/* records at once */
	TASK_ELSEWHERE_MS = 500,	/* another process owns it: look again */
};

struct task {
	struct tool_run *run;
	struct call *call;
	struct agent *ag;		/* the parent */
	int64_t row;			/* of the sub-agent */
	char *id;
	struct channel *out;
	struct channel_waiter waiter;
	struct event *timer;
	int64_t next;		/* behind the last record read */
	int64_t told;		/* behind the last one the parent has seen */
	int64_t seq;		/* of the next batch */
	int64_t answer;		/* the sub-agent must have read this, or -1 */
	int64_t last_us;	/* when it was looked at */
	struct buf batch;	/* chunks: "[{..},{..}" */
	char *error;		/* the text of the last turn's, or NULL */
	bool aborted;
	bool settled;		/* all that it wrote is committed */
	bool over;		/* its result is on the way */
};

static struct store *
task_store(const struct task *t)
{
	return agent_opts(t->ag)->store;
}

static void
task_in(struct task *t, int64_t ms)
{
	struct timeval tv = { ms / 1000, ms % 1000 * 1000 };

	evtimer_add(t->timer, &tv);
}

/* forwarding */

static void
task_flush(struct task *t)
{
	struct buf b = BUF_INIT;
	struct json_w w;

	json_w_init(&w, &b);
	json_w_obj(&w);
	json_w_kstr(&w, "toolCallId", t->call->id);
	json_w_kint(&w, "seq", t->seq++);
	buf_addc(&t->batch, ']');
	json_w_kraw(&w, "chunks", t->batch.len > 1 ? t->batch.data : "[]");
	json_w_kstr(&w, "session", t->id);
	json_w_kint(&w, "next", t->next);
	json_w_obj_end(&w);
	emit_note(&t->call->turn->emit, "subagent", b.data);
	buf_clear(&b);
	buf_reset(&t->batch);
	t->told = t->next;
}

static void
task_note(struct task *t, const struct json *chunk)
{
	const struct json *type = json_get(chunk, "type");

	if (json_streq(type, "start")) {
		str_replace(&t->error, NULL);
		t->aborted = false;
	} else if (json_streq(type, "error")) {
		str_replace(&t->error, json_get_str(chunk, "errorText"));
	} else if (json_streq(type, "abort")) {
		t->aborted = true;
	}
}

static void
task_forward(struct task *t, const struct json *chunk)
{
	char *text = json_text(chunk);

	/* a record has a limit too; what it held is in the output */
	if (strlen(text) > TASK_CHUNK_MAX) {
		free(text);
		return;
	}
	if (t->batch.len > 0 &&
	    t->batch.len + strlen(text) > TASK_BATCH_MAX)
		task_flush(t);
	buf_addc(&t->batch, t->batch.len > 0 ? ',' : '[');
	buf_adds(&t->batch, text);
	free(text);
}

static int
task_record(const struct record *r, void *arg)
{
	struct task *t = arg;
	struct json_doc *doc;
	const struct json *chunk;

	if (record_control(r) == NULL && !record_is_command(r)) {
		doc = json_parse(r->body, r->body_len, 0, NULL);
		chunk = json_get(json_root(doc), "data");
		if (json_is(chunk, JSON_OBJECT)) {
			task_note(t, chunk);
			if (r->seq >= t->told)
				task_forward(t, chunk);
		}
		json_doc_free(doc);
	}
	t->next = r->seq + 1;
	return 0;
}

static int
task_read(struct task *t, struct err *e)
{
	while (t->next < channel_head(t->out))
		if (channel_read(t->out, t->next, TASK_READ, BATCH_BYTES_MAX,
		    task_record, t, e) <= 0)
			return -1;
	if (t->batch.len > 0)
		task_flush(t);
	return 0;
}

/* the end */

static void
task_free(struct tool_run *run)
{
	struct task *t = run->state;

	channel_unwait(&t->waiter);
	store_cancel_commit(task_store(t), t);
	if (t->out != NULL)
		channel_close(t->out);
	event_free(t->timer);
	buf_clear(&t->batch);
	free(t->error);
	free(t->id);
	free(t);
}

static void
task_count(struct task *t)
{
	struct item it = { 0 };
	struct model_usage u;

	if (store_find(task_store(t), t->id, &it, NULL) == 0) {
		subagent_usage(&it, &u);
		tally_add(&t->call->turn->usage, &u);
	}
	item_clear(&it);
}

static int
task_steps(const struct message *m)
{
	struct json_doc *doc = m->metadata == NULL ? NULL :
	    json_parse(m->metadata, strlen(m->metadata), 0, NULL);
	int64_t n;

	if (json_int64(json_get(json_root(doc), "steps"), &n) == -1 || n < 0)
		n = 0;
	json_doc_free(doc);
	return (int)n;
}

static void
task_fail(struct task *t, const char *why, const struct buf *words)
{
	struct buf text = BUF_INIT;

	buf_adds(&text, why);
	if (words->len > 0)
		buf_addf(&text, "\nIt had said: %s", words->data);
	t->run->res.model = buf_take(&text);
	tool_run_fail(t->run, ERR_FAILED, "%s", why);
}

/* What it said last, in both forms. */
static void
task_give(struct task *t, const struct message *m)
{
	struct buf out = BUF_INIT, words = BUF_INIT;
	char *why = NULL;

	t->call->turn->steps += task_steps(m);
	subagent_output(m, &out);
	subagent_words(m, &words);
	if (t->error != NULL)
		why = xasprintf("The sub-agent failed: %s", t->error);
	else if (t->aborted)
		why = xstrdup("The sub-agent was stopped.");
	if (why != NULL) {
		t->run->res.output = buf_take(&out);
		task_fail(t, why, &words);
		buf_clear(&words);
	} else {
		if (words.len == 0)
			buf_adds(&words, "(The sub-agent ended without a word.)");
		tool_run_give(t->run, &out, &words);
	}
	free(why);
}

static void
task_over(struct task *t)
{
	struct message *m = subagent_last(task_store(t), t->row);
	const struct part *waits = m == NULL ? NULL : subagent_waiting(m);
	struct buf b = BUF_INIT, none = BUF_INIT;

	if (waits != NULL) {
		subagent_descriptor(&b, t->id, waits, t->seq, t->next);
		call_park(t->call, b.data);	/* and t is gone */
	} else {
		t->over = true;
		task_count(t);
		if (m != NULL)
			task_give(t, m);
		else if (t->error != NULL)
			task_fail(t, t->error, &none);
		else
			task_fail(t, "The sub-agent gave no answer.", &none);
	}
	message_free(m);
	buf_clear(&b);
}

/* following */

/* Nothing of it runs, and all it has to read is read. */
static bool
task_idle(struct task *t)
{
	struct item it = { 0 };
	bool idle;

	if (t->answer >= 0 &&
	    store_cursor(task_store(t), t->row, "agent") < t->answer)
		return false;
	if (agent_owned(t->ag->host, t->row) != NULL)
		return !agent_busy(t->ag->host, t->row);
	idle = store_find(task_store(t), t->id, &it, NULL) == -1 ||
	    it.state != ITEM_RUNNING;
	item_clear(&it);
	return idle;
}

/* As after a crash, another process may have it: it is followed there. */
static int
task_own(struct task *t, struct err *e)
{
	struct item it = { 0 };
	struct owner other;
	int rc = 0;

	if (agent_owned(t->ag->host, t->row) != NULL)
		return 0;
	if (store_find(task_store(t), t->id, &it, e) == -1)
		rc = -1;
	else if (agent_own(t->ag->host, &it, &other, e) == -1) {
		rc = -1;
		if (e->code == ERR_CONFLICT) {
			err_clear(e);
			rc = channel_refresh(t->out, e);
		}
	}
	item_clear(&it);
	return rc;
}

static void
task_committed(const struct err *e ATTR_UNUSED, void *arg)
{
	struct task *t = arg;

	t->settled = true;
	task_in(t, 0);
}

static void
task_go(struct task *t)
{
	struct err e = ERR_INIT;

	t->last_us = clock_mono_us();
	if (task_own(t, &e) == -1 || task_read(t, &e) == -1) {
		if (e.code != ERR_BUSY)	/* the next owner goes on */
			tool_run_fail(t->run, e.code, "%s", e.text);
		return;
	}
	if (task_idle(t) && t->next >= channel_head(t->out)) {
		/* what it said last is read only when it is committed */
		if (t->settled)
			task_over(t);
		else
			store_on_commit(task_store(t), task_committed, t);
		return;
	}
	t->settled = false;
	if (agent_owned(t->ag->host, t->row) == NULL)
		task_in(t, TASK_ELSEWHERE_MS);
	else
		channel_wait(t->out, &t->waiter, t->next);
}

static void
task_timer(evutil_socket_t fd ATTR_UNUSED, short what ATTR_UNUSED, void *arg)
{
	task_go(arg);
}

static void
task_woken(void *arg)
{
	struct task *t = arg;
	int64_t ms = (clock_mono_us() - t->last_us) / 1000;

	task_in(t, ms < TASK_WAIT_MS ? TASK_WAIT_MS - ms : 0);
}

/* beginning */

static void
task_mark(struct task *t, const struct json *data)
{
	int64_t n;

	if (json_int64(json_get(data, "seq"), &n) == 0)
		t->seq = n;
	if (json_int64(json_get(data, "next"), &n) == 0)
		t->told = n;
}

static int
task_seen(const struct record *r, void *arg)
{
	struct task *t = arg;
	struct json_doc *doc;
	const struct json *data;

	t->next = r->seq + 1;
	if (r->body_len < 16 || strstr(r->body, "data-subagent") == NULL)
		return 0;
	doc = json_parse(r->body, r->body_len, 0, NULL);
	data = json_path(json_root(doc), "data", "data", NULL);
	if (json_streq(json_path(json_root(doc), "data", "type", NULL),
	    "data-subagent") &&
	    json_streq(json_get(data, "toolCallId"), t->call->id)) {
		task_mark(t, data);
		t->seq++;
	}
	json_doc_free(doc);
	return 0;
}

/* How far had it come, when a process died in this turn? */
static void
task_find_marks(struct task *t)
{
	struct channel *out = t->ag->out;
	struct err e = ERR_INIT;	/* then some is told twice */

	t->next = channel_last_control(out, "turn-complete", 0, NULL) + 1;
	while (t->next < channel_head(out))
		if (channel_read(out, t->next, TASK_READ, BATCH_BYTES_MAX,
		    task_seen, t, &e) <= 0)
			break;
	t->next = 0;
}

/* What a person has answered for it. */
static int
task_answer(struct task *t, const struct item *it, struct err *e)
{
	const char *text = t->call->approval;
	struct json_doc *doc = text == NULL ? NULL :
	    json_parse(text, strlen(text), 0, NULL);
	int rc = 0;

	if (doc != NULL) {
		task_mark(t, json_path(json_root(doc), "descriptor",
		    "subagent", NULL));
		t->answer = subagent_answer(t->ag, it, json_root(doc),
		    &t->call->turn->setup.opts, e);
		rc = t->answer == -2 ? -1 : 0;
	}
	json_doc_free(doc);
	return rc;
}

static int
task_begin(struct task *t, struct err *e)
{
	struct item it = { 0 };
	struct owner other;
	int rc = -1;

	t->answer = -1;
	if (subagent_open(t->call, &it, e) == -1)
		goto done;
	t->row = it.row;
	str_replace(&t->id, it.id);
	t->out = channel_open(task_store(t), it.row, CHANNEL_OUT, e);
	if (t->out == NULL)
		goto done;
	rc = agent_own(t->ag->host, &it, &other, e);
	if (rc == -1 && (e->code == ERR_BUSY || e->code == ERR_CONFLICT)) {
		err_clear(e);
		rc = 0;
	} else if (rc == 0) {
		rc = task_answer(t, &it, e);
		if (rc == 0)
			rc = agent_boot(t->ag->host, &it, e);
	}
	if (rc == 0) {
		task_find_marks(t);
		if (t->seq == 0)	/* which session it is */
			task_flush(t);
	}
done:
	item_clear(&it);
	return rc;
}

struct tool_run *
task_start(const struct tool *tool, const struct json *input ATTR_UNUSED,
    const struct tool_env *env, const struct tool_fns *fns, struct err *e)
{
	struct task *t = xcalloc(1, sizeof(*t));

	t->call = fns->arg;
	t->ag = t->call->turn->ag;
	t->run = tool_run_new(tool, env, fns);
	t->run->state = t;
	t->run->stop = task_free;
	t->timer = evtimer_new(env->base, task_timer, t);
	t->waiter.fn = task_woken;
	t->waiter.arg = t;
	if (task_begin(t, e) == -1) {
		tool_cancel(t->run);
		return NULL;
	}
	task_in(t, 0);
	return t->run;
}

/* others */

void
task_halt_all(struct turn *turn)
{
	struct call *c;

	TAILQ_FOREACH(c, &turn->step.calls, entry) {
		struct task *t;

		if (c->run == NULL || strcmp(c->name, TOOL_TASK) != 0)
			continue;
		t = c->run->state;
		if (t->over)
			continue;
		agent_halt(t->ag->host, t->row);
		task_count(t);
	}
}

/* The sub-agent whose call this one asks about; caller frees. Or NULL. */
static char *
part_child(const struct part *p)
{
	struct json_doc *doc;
	const char *id;
	char *copy;

	if (p->type != PART_TOOL || p->tool->approval == NULL)
		return NULL;
	doc = json_parse(p->tool->approval, strlen(p->tool->approval), 0,
	    NULL);
	id = json_str(json_path(json_root(doc), "descriptor", "subagent",
	    "session", NULL));
	copy = id != NULL ? xstrdup(id) : NULL;
	json_doc_free(doc);
	return copy;
}

/* The same while nobody has answered. */
static char *
part_session(const struct part *p)
{
	return p->state == STATE_APPROVAL_REQUESTED ? part_child(p) : NULL;
}

/* The call of m that waits for this sub-agent, or NULL. */
static const struct part *
part_of_child(const struct message *m, const char *id)
{
	const struct part *p, *found = NULL;

	TAILQ_FOREACH(p, &m->parts, entry) {
		char *session = part_session(p);

		if (session != NULL && strcmp(session, id) == 0)
			found = p;
		free(session);
	}
	return found;
}

static void
task_wake(struct agent *child, const struct item *parent, struct err *e)
{
	struct message *m = subagent_last(agent_opts(child)->store,
	    parent->row);
	const struct part *p = m == NULL ? NULL : part_of_child(m, child->id);
	struct owner other;

	if (p != NULL && agent_own(child->host, parent, &other, e) == 0)
		(void)subagent_write_answer(child->host, parent, m, p,
		    &(struct subagent_reply){ .approved = true, .reason =
		    "answered in the sub-agent's own session" }, e);
	message_free(m);
}

void
task_tell_parent(struct agent *child)
{
	struct store *st = agent_opts(child)->store;
	struct item parent = { 0 }, own = { 0 };
	struct err e = ERR_INIT;

	if (store_find(st, child->parent, &parent, &e) == 0 &&
	    agent_item(child, &own, &e) == 0 &&
	    parent.state == ITEM_WAITING && own.state != ITEM_WAITING)
		task_wake(child, &parent, &e);
	if (err_is_set(&e))
		log_msg(LOG_AGENT, LOG_WARN, "%s: its parent does not hear of "
		    "it: %s", child->id, e.text);
	item_clear(&parent);
	item_clear(&own);
}

static void
own_child(struct agent *ag, const char *id)
{
	struct item it = { 0 };
	struct owner other;
	struct err e = ERR_INIT;	/* then it is answered where it is */

	if (store_find(agent_opts(ag)->store, id, &it, &e) == 0)
		(void)!agent_own(ag->host, &it, &other, &e);
	item_clear(&it);
}

void
task_own_waiting(struct agent *ag)
{
	struct message *m = subagent_last(agent_opts(ag)->store, ag->row);
	const struct part *p;

	if (m == NULL)
		return;
	TAILQ_FOREACH(p, &m->parts, entry) {
		char *session = part_session(p);

		if (session != NULL)
			own_child(ag, session);
		free(session);
	}
	message_free(m);
}

/* An action of its own, so that it survives what kills us; done at once, since
 * who writes one message and leaves would leave it undone. */
static void
abandon_child(struct agent *ag, const char *id)
{
	static const char action[] = "{\"type\":\"abandon\"}";
	struct item it = { 0 };
	struct owner other;
	struct buf body = BUF_INIT, record = BUF_INIT;
	struct err e = ERR_INIT;

	if (store_find(agent_opts(ag)->store, id, &it, &e) == 0 &&
	    agent_own(ag->host, &it, &other, &e) == 0) {
		input_write_message(&body, &(struct input_message){
			.chat_id = item_key(&it), .trigger = TRIGGER_ACTION,
			.action = action });
		record_body_text(&record, body.data, body.len, NULL);
		struct record rec = {
			.body = record.data, .body_len = record.len,
		};

		if (channel_append(agent_owned(ag->host, it.row), CHANNEL_IN,
		    &rec, NULL, NULL, &e) != -1 &&
		    store_commit(agent_opts(ag)->store, &e) == 0)
			agent_pump(ag->host, it.row);
	}
	if (err_is_set(&e))
		log_msg(LOG_AGENT, LOG_WARN, "%s still waits: %s", id, e.text);
	buf_clear(&body);
	buf_clear(&record);
	item_clear(&it);
}

/* An answer that has not been passed on, since another call waits, counts for
 * none. */
void
task_abandon(struct agent *ag)
{
	struct item it = { 0 };
	struct message *m = NULL;
	const struct part *p;

	if (agent_item(ag, &it, NULL) == 0 && it.state == ITEM_WAITING)
		m = subagent_last(agent_opts(ag)->store, ag->row);
	item_clear(&it);
	if (m == NULL)
		return;
	TAILQ_FOREACH(p, &m->parts, entry) {
		char *session = p->state == STATE_APPROVAL_REQUESTED ||
		    p->state == STATE_APPROVAL_RESPONDED ? part_child(p) :
		    NULL;

		if (session != NULL)
			abandon_child(ag, session);
		free(session);
	}
	message_free(m);
}
