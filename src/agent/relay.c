/* SPDX-License-Identifier: GPL-3.0-or-later */
/* relay.c - a turn that a program answers (chatd-agent(7)) */

#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include <event2/event.h>

#include "agent/agent_priv.h"
#include "agent/calls.h"
#include "agent/program.h"
#include "agent/relay.h"
#include "agent/turn_priv.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "store/channel.h"
#include "store/store.h"
#include "wire/message.h"

struct relay {
	struct turn *t;
	struct event *timer;	/* silence behind the end; grace of a stop */
	int number;
	size_t bytes;		/* heard in this turn */
	/* the block whose next deltas are known to fit, or NULL */
	char *block;
	enum chunk_type block_type;
	bool finished;		/* finish or abort was passed on */
	bool failed;		/* error was */
	bool stopping;
};

bool
relay_wanted(const struct turn *t)
{
	return t->setup.persona.program != NULL;
}

static void
relay_free(struct relay *r)
{
	event_free(r->timer);
	free(r->block);
	free(r);
}

static struct program *
relay_program(const struct relay *r)
{
	return r->t->ag->program;
}

static void
relay_wait(struct relay *r, int ms)
{
	struct timeval tv = { ms / 1000, ms % 1000 * 1000 };

	evtimer_add(r->timer, &tv);
}

/* the end */

/* A person's answers that the program did not act upon. */
static void
relay_settle_calls(struct turn *t)
{
	calls_deny(t);
	calls_abandon(t, "the agent did not run it");
}

static void
relay_tidy(struct turn *t)
{
	emit_close_blocks(&t->emit, NULL);
	relay_settle_calls(t);
	turn_finish_step(t);
}

static bool
relay_waits(const struct turn *t)
{
	return message_waiting(reducer_message(t->emit.reducer)) > 0;
}

/* The schema that was asked for (--json-schema). */
static int
relay_check_answer(struct turn *t, struct err *e)
{
	return relay_waits(t) ? 0 : turn_check_answer(t, e);
}

/* The program has done its part and waits for the next turn. */
static void
relay_let_go(struct relay *r)
{
	program_rest(relay_program(r));
	r->t->relay = NULL;
	relay_free(r);
}

/* It has not said finish or abort itself. */
static void
relay_finish(struct turn *t, bool failed)
{
	struct err e = ERR_INIT;

	relay_tidy(t);
	if (!failed && relay_check_answer(t, &e) == -1) {
		turn_fail(t, &e);
		return;
	}
	t->finish = failed ? FINISH_ERROR : relay_waits(t) ?
	    FINISH_TOOL_CALLS : FINISH_STOP;
	turn_settle(t);
}

static void
relay_over(struct relay *r)
{
	struct turn *t = r->t;
	bool finished = r->finished, failed = r->failed;
	bool stopped = r->stopping;

	relay_let_go(r);
	if (finished)
		turn_close(t);
	else if (stopped)
		turn_stop(t, t->stop);
	else
		relay_finish(t, failed);
}

static void
relay_timer(evutil_socket_t fd ATTR_UNUSED, short what ATTR_UNUSED, void *arg)
{
	struct relay *r = arg;

	if (r->stopping && !r->finished)
		turn_stop(r->t, r->t->stop);
	else
		relay_over(r);
}

/* Nothing of what else it says is believed, and it starts anew. */
void
relay_leave(struct turn *t)
{
	struct relay *r = t->relay;

	if (r == NULL)
		return;
	t->relay = NULL;
	program_kill(relay_program(r));
	relay_free(r);
}

void
relay_cut(struct turn *t)
{
	if (t->relay == NULL)
		return;
	relay_leave(t);
	calls_deny(t);
}

bool
relay_stop(struct turn *t, int64_t stop)
{
	static const char line[] = "{\"type\":\"stop\"}\n";
	struct relay *r = t->relay;

	if (r == NULL || r->stopping || stop == -1)
		return false;
	if (r->finished) {	/* it is over but for the silence */
		relay_over(r);
		return true;
	}
	if (program_say(relay_program(r), line, sizeof(line) - 1, NULL) == -1)
		return false;
	t->stop = stop;
	r->stopping = true;
	relay_wait(r, RELAY_STOP_MS);
	return true;
}

/* chunks */

struct heard {
	struct relay *r;
	const char *line;
	size_t len;
	const struct json *json;
	enum chunk_type type;
};

static int
heard_pass(const struct heard *h, struct err *e)
{
	return emit_chunk(&h->r->t->emit, h->line, h->len, e);
}

/* What the program's model took, as streamText()'s messageMetadata can tell:
 * of all its steps so far, so the last counts. */
static void
relay_count(struct relay *r, const struct json *meta)
{
	struct model_usage *sum = &r->t->usage, u;
	double cost;

	if (model_usage_read(&u, json_get(meta, "usage"))) {
		u.cost = sum->cost;
		*sum = u;
	}
	if (json_is(json_get(meta, "cost"), JSON_NUMBER) &&
	    json_double(json_get(meta, "cost"), &cost) == 0 && cost >= 0)
		sum->cost = cost;
}

static int
heard_metadata(const struct heard *h, struct err *e)
{
	relay_count(h->r, json_get(h->json, "messageMetadata"));
	return heard_pass(h, e);
}

/* The message has its id and its start already. */
static int
heard_start(const struct heard *h, struct err *e)
{
	const struct json *meta = json_get(h->json, "messageMetadata");
	char *text;
	struct buf b = BUF_INIT;
	int rc;

	if (!json_is_set(meta))
		return 0;
	relay_count(h->r, meta);
	text = json_text(meta);
	chunk_message_metadata(&b, text);
	rc = emit_chunk(&h->r->t->emit, b.data, b.len, e);
	buf_clear(&b);
	free(text);
	return rc;
}

static int
heard_start_step(const struct heard *h, struct err *e)
{
	struct turn *t = h->r->t;

	if (turn_at_limit(t, e))
		return -1;
	turn_finish_step(t);
	t->steps++;
	t->step_open = true;
	return heard_pass(h, e);
}

static int
heard_finish_step(const struct heard *h, struct err *e)
{
	if (!h->r->t->step_open)
		return 0;
	h->r->t->step_open = false;
	return heard_pass(h, e);
}

static enum model_finish
finish_heard(const struct heard *h)
{
	const struct json *reason = json_get(h->json, "finishReason");

	if (h->r->failed)
		return FINISH_ERROR;
	for (int f = 0; f <= FINISH_OTHER; f++)
		if (json_streq(reason, model_finish_name((enum model_finish)f)))
			return (enum model_finish)f;
	return h->type == CHUNK_FINISH && !json_is_set(reason) ?
	    FINISH_STOP : FINISH_OTHER;
}

/* finish and abort: what clients count on stands before them. */
static int
heard_end(const struct heard *h, struct err *e)
{
	struct relay *r = h->r;
	struct turn *t = r->t;
	struct err why = ERR_INIT;

	relay_tidy(t);
	if (h->type == CHUNK_FINISH && relay_check_answer(t, &why) == -1) {
		relay_let_go(r);
		turn_fail(t, &why);
		return 0;
	}
	relay_count(r, json_get(h->json, "messageMetadata"));
	turn_write_metadata(t);
	if (heard_pass(h, e) == -1)
		return -1;
	t->finish = finish_heard(h);
	r->finished = true;
	relay_wait(r, program_is_exact(relay_program(r)) ? RELAY_EXACT_MS :
	    RELAY_SETTLE_MS);
	return 0;
}

static int
heard_error(const struct heard *h, struct err *e ATTR_UNUSED)
{
	struct err said = ERR_INIT;

	err_set(&said, ERR_FAILED, "%s", json_get_str(h->json, "errorText"));
	emit_close_blocks(&h->r->t->emit, NULL);
	emit_error(&h->r->t->emit, &said);
	h->r->failed = true;
	return 0;
}

/* Screens obey these, and they tell of chatd. */
static int
heard_data(const struct heard *h, struct err *e)
{
	static const char ours[] = "data-chatd-";
	const char *type = json_get_str(h->json, "type");

	if (strncmp(type, ours, sizeof(ours) - 1) == 0)
		return err_set(e, ERR_INPUT, "%.64s: the names %s* are "
		    "chatd's own", type, ours);
	return heard_pass(h, e);
}

static void
relay_know(struct relay *r, enum chunk_type deltas, const char *id)
{
	str_replace(&r->block, id);
	r->block_type = deltas;
}

/* Three members and no more: text that may be joined with its neighbours. */
static int
heard_delta(const struct heard *h, struct err *e)
{
	struct relay *r = h->r;
	bool tool = h->type == CHUNK_TOOL_INPUT_DELTA;
	const char *id = json_get_str(h->json, tool ? "toolCallId" : "id");
	const struct json *text = json_get(h->json,
	    tool ? "inputTextDelta" : "delta");

	if (r->block != NULL && r->block_type == h->type && id != NULL &&
	    strcmp(id, r->block) == 0 && json_len(h->json) == 3 &&
	    json_is(text, JSON_STRING)) {
		emit_delta(&r->t->emit, h->type, id, json_str(text),
		    json_len(text), NULL);
		return 0;
	}
	if (heard_pass(h, e) == -1)
		return -1;
	relay_know(r, h->type, id);
	return 0;
}

/* Its deltas fit as long as nothing comes between. */
static int
heard_block(const struct heard *h, struct err *e)
{
	bool tool = h->type == CHUNK_TOOL_INPUT_START;

	if (heard_pass(h, e) == -1)
		return -1;
	relay_know(h->r, tool ? CHUNK_TOOL_INPUT_DELTA :
	    h->type == CHUNK_TEXT_START ? CHUNK_TEXT_DELTA :
	    CHUNK_REASONING_DELTA,
	    json_get_str(h->json, tool ? "toolCallId" : "id"));
	return 0;
}

static int
relay_chunk(const struct heard *h, struct err *e)
{
	static int (*const hear[CHUNK_TYPE_COUNT])(const struct heard *,
	    struct err *) = {
		[CHUNK_START] = heard_start,
		[CHUNK_START_STEP] = heard_start_step,
		[CHUNK_FINISH_STEP] = heard_finish_step,
		[CHUNK_MESSAGE_METADATA] = heard_metadata,
		[CHUNK_FINISH] = heard_end,
		[CHUNK_ABORT] = heard_end,
		[CHUNK_ERROR] = heard_error,
		[CHUNK_DATA] = heard_data,
		[CHUNK_TEXT_START] = heard_block,
		[CHUNK_REASONING_START] = heard_block,
		[CHUNK_TOOL_INPUT_START] = heard_block,
		[CHUNK_TEXT_DELTA] = heard_delta,
		[CHUNK_REASONING_DELTA] = heard_delta,
		[CHUNK_TOOL_INPUT_DELTA] = heard_delta,
	};
	struct relay *r = h->r;

	/* behind finish only what is not kept may come */
	if (r->finished && !json_bool(json_get(h->json, "transient"), false))
		return 0;
	if (h->type != CHUNK_TEXT_DELTA && h->type != CHUNK_REASONING_DELTA &&
	    h->type != CHUNK_TOOL_INPUT_DELTA)
		str_replace(&r->block, NULL);
	return hear[h->type] != NULL ? hear[h->type](h, e) :
	    heard_pass(h, e);
}

/* True: the answer is over. Another turn's is not this one's. */
static bool
relay_completes(struct relay *r, const struct json *line)
{
	int64_t number;

	if (!json_streq(json_get(line, "type"), "turn-complete"))
		return false;
	program_set_exact(relay_program(r));
	return json_int64(json_get(line, "turn"), &number) == -1 ||
	    number == r->number;
}

static void
relay_fail(struct relay *r, const struct err *why, const char *line,
    size_t len)
{
	struct err e = ERR_INIT;

	if (line == NULL || why->code != ERR_INPUT)
		e = *why;
	else
		err_set(&e, ERR_FAILED, "agent %s wrote a bad line: %.200s: "
		    "%.*s", r->t->setup.persona.name, why->text,
		    (int)(len < 100 ? len : 100), line);
	turn_fail(r->t, &e);
}

static void
relay_line(const char *line, size_t len, void *arg)
{
	struct relay *r = arg;
	struct turn *t = r->t;
	struct err e = ERR_INIT;
	struct heard h = { .r = r, .line = line, .len = len };
	struct json_doc *doc;
	bool over = false;

	if (len == 0 || t->ag->lost)
		return;
	r->bytes += len;
	doc = json_parse(line, len, JSON_REFUSE_PROTO, &e);
	h.json = json_root(doc);
	if (r->bytes > RELAY_TOTAL_MAX)
		err_set(&e, ERR_TOO_BIG, "agent %s: more than %d bytes in one "
		    "turn", t->setup.persona.name, (int)RELAY_TOTAL_MAX);
	else if (doc != NULL && json_streq(json_get(h.json, "type"),
	    "turn-complete"))
		over = relay_completes(r, h.json);
	else if (doc != NULL && chunk_check(h.json, &h.type, &e) == 0)
		(void)relay_chunk(&h, &e);
	json_doc_free(doc);
	if (t->ag->lost || t->relay != r)
		return;
	if (err_is_set(&e))
		relay_fail(r, &e, line, len);
	else if (over)
		relay_over(r);
	else if (r->failed && !r->finished && !r->stopping)
		relay_wait(r, program_is_exact(relay_program(r)) ?
		    RELAY_EXACT_MS : RELAY_ERROR_MS);
}

/* Once it has said all, its end is no failure. */
static void
relay_ended(const struct err *why, void *arg)
{
	struct relay *r = arg;

	if (r->finished || r->failed || r->stopping)
		relay_over(r);
	else
		relay_fail(r, why, NULL, 0);
}

/* the beginning */

/* The program that runs, or a new one; *fresh tells. */
static int
relay_start(struct turn *t, bool *fresh, struct err *e)
{
	struct agent *ag = t->ag;
	const struct persona *persona = &t->setup.persona;
	const struct program_opts opts = {
		.base = agent_opts(ag)->base, .name = persona->name,
		.argv = persona->program, .dir = t->setup.dir,
		.keys = !persona->project,
		.warm_ms = persona->warm_ms >= 0 ? persona->warm_ms :
		    agent_opts(ag)->warm_said ? agent_opts(ag)->warm_ms :
		    PROGRAM_WARM_MS,
		.slot = &ag->program,
	};

	if (persona_may_run(persona, e) == -1)
		return -1;
	if (ag->program != NULL && !program_fits(ag->program, &opts))
		program_end(ag->program);
	*fresh = ag->program == NULL;
	return *fresh ? program_start(&opts, e) : 0;
}

/* Has this session had a turn, of which a program may know? */
static bool
relay_has_begun(const struct turn *t)
{
	return t->attempts > 1 || channel_last_control(t->ag->out,
	    "turn-complete", 0, NULL) != -1;
}

static int
relay_ask(struct turn *t, struct err *e)
{
	struct relay *r = t->relay;
	struct relay_asked asked = { 0 };
	struct buf line = BUF_INIT;
	bool fresh;
	int rc = -1;

	if (relay_start(t, &fresh, e) == -1)
		return -1;
	asked.number = r->number = program_hear(relay_program(r),
	    &(struct program_hearer){
		.line = relay_line, .ended = relay_ended, .arg = r });
	asked.continuation = fresh && relay_has_begun(t);
	/* what it may run is known to have begun before it can (calls.h) */
	calls_tell_approved(t);
	emit_catch_up(&t->emit);
	if (store_commit(agent_opts(t->ag)->store, e) == 0 &&
	    relay_request(t, &asked, &line, e) == 0)
		rc = program_say(relay_program(r), line.data, line.len, e);
	buf_clear(&line);
	return rc;
}

void
relay_begin(struct turn *t)
{
	struct err e = ERR_INIT;
	struct relay *r = xcalloc(1, sizeof(*r));

	r->t = t;
	r->timer = evtimer_new(agent_opts(t->ag)->base, relay_timer, r);
	t->relay = r;
	t->state = TURN_ASKING;
	t->asked = true;
	if (relay_ask(t, &e) == -1)
		turn_fail(t, &e);
}
