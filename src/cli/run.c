/* SPDX-License-Identifier: GPL-3.0-or-later */
/* run.c - sends what is to be asked, follows `out` until it is answered */

/*
 * Whose are the chunks that come? The turn that our append (number own_first)
 * starts is the next one when everything before it has been consumed:
 *
 *	in:   m0  m1  ours		done_in: the last number that a
 *	      |---|				 turn-complete has covered
 *	     done_in
 *
 * done_in + 1 == own_first: what comes is ours and is shown at once (live).
 * Until then it is held, and thrown away if the turn-complete behind it does
 * not cover us (session-protocol 8.2).
 */

#include <event2/event.h>

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/ask.h"
#include "cli/consent.h"
#include "cli/halves.h"
#include "cli/lines_in.h"
#include "cli/opts.h"
#include "cli/out.h"
#include "cli/prompt_in.h"
#include "cli/result.h"
#include "cli/run.h"
#include "cli/run_ask.h"
#include "cli/run_output.h"
#include "cli/session.h"
#include "client/client.h"
#include "client/follow.h"
#include "client/send.h"
#include "client/view.h"
#include "wire/input.h"
#include "wire/record.h"

enum {
	STOP_GRACE_S = 2,	/* for the turn-complete after a stop */
	AWAY_MAX_MS = 90 * 1000,	/* another server */
};

struct queued {			/* records wait: one append at a time */
	char *text;
	size_t len;
	bool asks;		/* starts a turn, so a turn-complete comes */
	struct queued *next;
};

struct run {
	const struct opts *o;
	struct halves h;
	struct session session;
	struct result result;
	struct run_output *out;
	struct lines_in *lines;
	struct run_ask *ask;		/* of the person here, or NULL */
	struct follow *follow;
	struct client_call *sending, *stopping;
	bool sent_asks;			/* sending starts a turn */
	struct queued *queue;
	struct event *timeout, *grace;
	int64_t away_us;		/* not reached since then, or 0 */
	int64_t done_in;
	int64_t own_first, own_last;	/* -1: not known yet */
	bool live;
	bool input_ended;		/* nothing more will be sent */
	struct buf held;		/* chunks, JSON, each with a NUL */
	struct buf early;		/* what came before our append's answer:
					   "D SEQ JSON", "C SEQ IN_SEQ" */
	bool stop_sent;
	bool left;			/* what still comes is not ours */
	int status;			/* of why we stop: 130, 143, 124 */
	struct err err;			/* what is to be said */
};

static void
leave(struct run *r)
{
	r->left = true;
	event_base_loopbreak(r->h.base);
}

/* The one place that keeps the first failure of ours. */
static void
fail(struct run *r, const struct err *e)
{
	err_pass(&r->err, e);
	leave(r);
}

/* Our own turn, and the disk does not take it: nothing more will come. */
static void
lost(const char *id, const struct err *e, void *arg)
{
	struct run *r = arg;

	if (r->session.item.id != NULL && strcmp(id, r->session.item.id) == 0)
		fail(r, e);
}

static void
stop_appended(int64_t seq, const struct err *e, void *arg)
{
	struct run *r = arg;

	(void)seq;
	r->stopping = NULL;
	if (e != NULL)
		leave(r);	/* it cannot be stopped in good order */
}

static void
grace_over(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	leave(arg);
}

/* Write a stop and wait for the turn-complete; a message that still waits
 * behind others' turns cannot be stopped without stopping those. */
static void
stop_turn(struct run *r, const char *why)
{
	struct timeval tv = { .tv_sec = STOP_GRACE_S };

	if (r->stop_sent || !r->live) {
		leave(r);
		return;
	}
	r->stop_sent = true;
	r->stopping = send_stop(r->h.client, item_key(&r->session.item), why,
	    stop_appended, r);
	event_add(r->grace, &tv);
}

static void
signalled(int sig, void *arg)
{
	struct run *r = arg;

	if (r->status == 0)
		r->status = sig == SIGINT ? 130 : 143;
	stop_turn(r, sig == SIGINT ? "interrupted" : "terminated");
}

static void
timed_out(evutil_socket_t fd, short what, void *arg)
{
	struct run *r = arg;
	struct err e = ERR_INIT;

	(void)fd;
	(void)what;
	r->status = err_exit_status(ERR_TIMEOUT);
	err_set(&e, ERR_TIMEOUT, "the turn took longer than %d s",
	    r->o->timeout);
	err_pass(&r->result.err, &e);
	stop_turn(r, "timeout");
}

/* stdout cannot be written: nobody will see the rest. */
static void
output_failed(struct run *r, const struct err *e)
{
	if (err_is_set(&r->err))
		return;
	err_pass(&r->err, e);
	stop_turn(r, "the reader has left");
}

/* What is ours, shown. */
static void
show_chunk(struct run *r, int64_t seq, const struct json *chunk)
{
	struct err e = ERR_INIT;

	result_chunk(&r->result, chunk);
	/* for the lines that are still to come */
	(void)session_plan_over(&r->session, NULL, chunk);
	if (run_output_chunk(r->out, seq, chunk, &r->result, &e) != 0)
		output_failed(r, &e);
}

static void
show_held(struct run *r)
{
	for (size_t at = 0; at < r->held.len; ) {
		const char *line = r->held.data + at;
		char *text;
		int64_t seq = strtoll(line, &text, 10);
		struct json_doc *doc = json_parse(text, strlen(text), 0,
		    NULL);

		if (doc != NULL)
			show_chunk(r, seq, json_root(doc));
		json_doc_free(doc);
		at += strlen(line) + 1;
	}
	buf_reset(&r->held);
}

/* The answer to our append may be late, or lost and asked for again, while
 * its turn runs: what comes is judged when its number is known. */
static bool
is_early(const struct run *r)
{
	return r->own_first < 0 && r->sending != NULL;
}

static void
on_chunk(int64_t seq, const struct json *chunk, void *arg)
{
	struct run *r = arg;

	if (r->left)
		return;
	if (r->live) {
		show_chunk(r, seq, chunk);
		return;
	}
	char *text = json_text(chunk);
	if (is_early(r)) {
		buf_addf(&r->early, "D %" PRId64 " %s", seq, text);
		buf_addc(&r->early, '\0');
		free(text);
		return;
	}
	buf_addf(&r->held, "%" PRId64 "%s", seq, text);
	buf_addc(&r->held, '\0');
	free(text);
}

/* Everything that was to be asked is answered. */
static bool
is_done(const struct run *r, int64_t in_seq)
{
	return r->input_ended && r->sending == NULL && r->queue == NULL &&
	    send_covered(r->own_last, in_seq);
}

static void
check_live(struct run *r)
{
	if (r->live || r->own_first < 0 || r->done_in + 1 < r->own_first)
		return;
	r->live = true;
	show_held(r);
}

static void	enqueue(const char *text, size_t len, void *arg);
static void	send_next(struct run *r);

/* The person's answers go the way of a message (session-protocol 10). */
static void
person_answered(const struct consent *c, void *arg)
{
	struct run *r = arg;
	struct buf message = BUF_INIT, chatd = BUF_INIT, b = BUF_INIT;

	if (c == NULL) {
		leave(r);
		return;
	}
	consent_write(c, &message, &chatd);
	struct input_message m = {
		.chat_id = item_key(&r->session.item),
		.trigger = TRIGGER_SUBMIT,
		.message = message.data,
		.message_id = consent_message_id(c),
		.metadata = r->session.metadata,
		.chatd = chatd.len > 0 ? chatd.data : NULL,
	};
	input_write_message(&b, &m);
	enqueue(b.data, b.len, r);
	buf_clear(&message);
	buf_clear(&chatd);
	buf_clear(&b);
}

/* False: nothing waits, or nobody is here to be asked. */
static bool
ask_person(struct run *r)
{
	if (r->status != 0 || r->lines != NULL)
		return false;
	run_ask_free(r->ask);
	r->ask = run_ask_new(r->h.base, view_answer(r->result.view),
	    person_answered, r);
	return r->ask != NULL;
}

static void
turn_complete(struct run *r, int64_t seq, int64_t in_seq)
{
	struct err e = ERR_INIT;

	if (is_early(r)) {
		buf_addf(&r->early, "C %" PRId64 " %" PRId64, seq, in_seq);
		buf_addc(&r->early, '\0');
		return;
	}
	bool ours = r->live || (r->own_first >= 0 &&
	    in_seq >= r->own_first);

	if (in_seq > r->done_in)
		r->done_in = in_seq;
	if (ours) {
		r->live = true;
		show_held(r);
	}
	/* before the first of ours it ends somebody else's turn */
	if (!ours || (in_seq >= 0 && in_seq < r->own_first)) {
		buf_reset(&r->held);
		check_live(r);
		return;
	}
	result_turn_end(&r->result, r->stop_sent);
	if (run_output_control(r->out, seq, "turn-complete", in_seq, &e) !=
	    0 || run_output_turn_end(r->out, &e) != 0)
		output_failed(r, &e);
	if (r->stop_sent || (is_done(r, in_seq) && !ask_person(r)))
		leave(r);
}

static void
on_control(int64_t seq, const char *subtype, int64_t in_seq,
    const struct record *rec, void *arg)
{
	struct run *r = arg;
	struct err e = ERR_INIT;

	(void)rec;
	if (r->left)
		return;
	if (strcmp(subtype, "turn-complete") == 0) {
		turn_complete(r, seq, in_seq);
		return;
	}
	if (r->live && run_output_control(r->out, seq, subtype, in_seq, &e) !=
	    0)
		output_failed(r, &e);
	if (strcmp(subtype, "session-closed") == 0) {
		err_set(&e, ERR_CONFLICT, "the session was closed");
		fail(r, &e);
	}
}

static void
on_end(const struct err *e, void *arg)
{
	struct run *r = arg;

	r->follow = NULL;
	/* it has vanished, and what we send makes it again (18.10) */
	if (e != NULL && e->code == ERR_NOT_FOUND && r->session.remote &&
	    r->sending != NULL)
		return;
	struct err gone = ERR_INIT;
	if (e == NULL) {
		leave(r);
	} else if (e->code == ERR_NOT_FOUND) {
		err_set(&gone, e->code, "session %s was removed",
		    item_key(&r->session.item));
		fail(r, &gone);
	} else {
		fail(r, e);
	}
}

static void
on_wait(int64_t ms, const struct err *why, void *arg)
{
	struct run *r = arg;

	(void)ms;
	run_output_away(r->out, why);
}

/* Another server may be away for a while, but not for ever. */
static void
on_state(enum follow_state state, int64_t wait_ms, const struct err *why,
    void *arg)
{
	struct run *r = arg;
	int64_t now = clock_mono_us();

	(void)wait_ms;
	if (state == FOLLOW_LIVE) {
		r->away_us = 0;
		run_output_away(r->out, NULL);
	}
	if (state != FOLLOW_WAITING || !r->session.remote || r->left ||
	    why == NULL || !err_is_set(why))
		return;
	run_output_away(r->out, why);
	if (r->away_us == 0)
		r->away_us = now;
	else if ((now - r->away_us) / 1000 > AWAY_MAX_MS)
		fail(r, why);
}

static void
start_follow(struct run *r, int64_t after)
{
	struct follow_opts fo = {
		/* of an unknown external id a reader waits for ever, so
		 * by our id: we notice when somebody removes the session.
		 * A token for another server may only know the first. */
		.key = client_is_local(r->h.client) ? r->session.item.id :
		    item_key(&r->session.item),
		.after = after,
		.fns = { .on_chunk = on_chunk, .on_control = on_control,
		    .on_state = on_state, .on_end = on_end },
		.arg = r,
	};

	r->follow = follow_start(r->h.client, &fo);
}

/* The session begins anew: its numbers do too. */
static void
recreated(void *arg)
{
	struct run *r = arg;

	follow_stop(r->follow);
	buf_reset(&r->held);
	buf_reset(&r->early);
	r->live = false;
	r->done_in = r->own_first = r->own_last = -1;
	start_follow(r, -1);
}

/* What came too early, in its order. */
static void
take_early(struct run *r)
{
	struct buf early = r->early;

	r->early = (struct buf)BUF_INIT;
	for (size_t at = 0; at < early.len && !r->left; ) {
		const char *line = early.data + at;
		char *rest;
		int64_t seq = strtoll(line + 2, &rest, 10);

		if (line[0] == 'C') {
			turn_complete(r, seq, strtoll(rest, NULL, 10));
		} else {
			struct json_doc *doc = json_parse(rest, strlen(rest),
			    0, NULL);

			if (doc != NULL)
				on_chunk(seq, json_root(doc), r);
			json_doc_free(doc);
		}
		at += strlen(line) + 1;
	}
	buf_clear(&early);
}

static void
appended(int64_t seq, const struct err *e, void *arg)
{
	struct run *r = arg;

	r->sending = NULL;
	if (e != NULL) {
		fail(r, e);
		return;
	}
	/* a server may leave out the number of what it had already (6.3) */
	if (seq < 0)
		seq = (r->own_last > r->done_in ? r->own_last : r->done_in) + 1;
	if (r->sent_asks) {
		if (r->own_first < 0)
			r->own_first = seq;
		r->own_last = seq;
	} else if (seq == r->done_in + 1) {
		r->done_in = seq;
	}
	check_live(r);
	take_early(r);
	if (r->status != 0)
		stop_turn(r, "interrupted");
	else
		send_next(r);
	/* a record that starts no turn may have been the last */
	if (r->input_ended && r->sending == NULL && r->queue == NULL &&
	    r->own_last <= r->done_in)
		leave(r);
}

static void
send_next(struct run *r)
{
	struct queued *q = r->queue;

	if (q == NULL || r->sending != NULL)
		return;
	r->queue = q->next;
	r->sent_asks = q->asks;
	r->sending = send_record(r->h.client, item_key(&r->session.item),
	    q->text, q->len, appended, r);
	free(q->text);
	free(q);
}

/* A stop, a preload and what nobody knows are consumed without a turn. */
static bool
starts_turn(const char *text, size_t len)
{
	struct input in;

	input_read(&in, text, len);
	bool asks = in.kind == INPUT_MESSAGE &&
	    (in.trigger == TRIGGER_SUBMIT ||
	    in.trigger == TRIGGER_REGENERATE ||
	    in.trigger == TRIGGER_ACTION);
	input_clear(&in);
	return asks;
}

static void
enqueue(const char *text, size_t len, void *arg)
{
	struct run *r = arg;
	struct queued *q = xcalloc(1, sizeof(*q));
	struct queued **end = &r->queue;

	q->text = xstrndup(text, len);
	q->len = len;
	q->asks = starts_turn(text, len);
	while (*end != NULL)
		end = &(*end)->next;
	*end = q;
	send_next(r);
}

static void
lines_ended(const struct err *e, void *arg)
{
	struct run *r = arg;

	r->input_ended = true;
	if (e != NULL)
		err_pass(&r->err, e);
	/* what was asked before the end, or the bad line, is answered first */
	if (r->sending == NULL && r->queue == NULL &&
	    r->own_last <= r->done_in)
		leave(r);
}

static void
send_prompt(struct run *r, const char *message)
{
	struct buf b = BUF_INIT;
	struct input_message m = {
		.chat_id = item_key(&r->session.item),
		.trigger = TRIGGER_SUBMIT,
		.message = message,
		.metadata = r->session.metadata,
		.chatd = session_told(&r->session),
	};

	input_write_message(&b, &m);
	r->input_ended = true;
	enqueue(b.data, b.len, r);
	buf_clear(&b);
}

/* Where to begin reading: behind what the transcript holds. */
static int
read_cursors(struct run *r, int64_t *after, struct err *e)
{
	struct json_doc *doc = NULL;

	*after = r->done_in = -1;
	if (r->session.made && r->o->session == NULL)
		return 0;
	if (ask_transcript(r->h.client, item_key(&r->session.item), &doc,
	    e) != 0)
		return -1;
	const struct json *cursors = json_get(json_root(doc), "cursors");
	const char *out = json_get_str(cursors, "lastOutEventId");
	const char *in = json_get_str(cursors, "lastInEventId");
	if (out != NULL)
		*after = record_parse_cursor(out);
	if (in != NULL)
		r->done_in = record_parse_cursor(in);
	json_doc_free(doc);
	return 0;
}

static int
run_start(struct run *r, const char *message, struct err *e)
{
	int64_t after;

	if (read_cursors(r, &after, e) != 0 ||
	    run_output_session(r->out, &r->session.item, e) != 0)
		return -1;
	start_follow(r, after);
	session_own_turns(&r->session);
	if (message != NULL)
		send_prompt(r, message);
	else
		r->lines = lines_in_new(r->h.base, &r->session, enqueue,
		    lines_ended, r);
	r->grace = event_new(r->h.base, -1, 0, grace_over, r);
	halves_on_lost(&r->h, lost, r);
	return 0;
}

static void
run_stop(struct run *r)
{
	lines_in_free(r->lines);
	run_ask_free(r->ask);
	follow_stop(r->follow);
	client_cancel(r->sending);
	client_cancel(r->stopping);
	while (r->queue != NULL) {
		struct queued *q = r->queue;
		r->queue = q->next;
		free(q->text);
		free(q);
	}
	if (r->grace != NULL)
		event_free(r->grace);
	if (r->timeout != NULL)
		event_free(r->timeout);
	buf_clear(&r->held);
	buf_clear(&r->early);
}

/* What is said, and the exit status (cli.md 4). */
static int
run_verdict(struct run *r, struct err *e)
{
	if (err_is_set(&r->err)) {
		*e = r->err;
		return -1;
	}
	if (r->status == 130 || r->status == 143)
		return r->status;
	if (err_is_set(&r->result.err)) {
		*e = r->result.err;
		return -1;
	}
	if (r->status != 0)
		return r->status;
	if (r->result.denied_count == 0)
		return 0;
	err_set(e, ERR_DENIED, r->result.pending ?
	    "a tool call waits for an answer" : "a tool call was denied");
	return err_hint(e, r->result.pending ? "chatd approve %s answers" :
	    "chatd show %s tells which", item_key(&r->session.item));
}

static int
run_finish(struct run *r, struct err *e)
{
	struct err why = ERR_INIT;

	if (out_is_closed(&r->err)) {
		*e = r->err;
		return -1;
	}
	if (r->status == 0 && !err_is_set(&r->err) &&
	    r->o->json_schema != NULL)
		result_check_schema(&r->result, r->session.chatd);
	if (err_is_set(&r->err))
		err_pass(&r->result.err, &r->err);
	else if (r->status == 130 || r->status == 143)
		err_set(&r->result.err, r->status == 130 ? ERR_INTERRUPTED :
		    ERR_TERMINATED, "the turn was stopped");
	if (run_output_result(r->out, &r->result, &r->session.item, &why) !=
	    0 || result_keep(&r->result, r->o->last_message, &why) != 0)
		err_pass(&r->err, &why);
	return run_verdict(r, e);
}

/* From here on a failure is also told as a result on stdout. */
static int
run_session(struct run *r, const char *message, struct err *e)
{
	struct client_hooks hooks = { .on_wait = on_wait,
		.on_recreated = recreated, .arg = r };
	struct timeval tv = { .tv_sec = r->o->timeout };
	struct err why = ERR_INIT;

	r->timeout = event_new(r->h.base, -1, 0, timed_out, r);
	if (r->o->timeout > 0)
		event_add(r->timeout, &tv);
	halves_on_signal(&r->h, signalled, r);
	client_set_hooks(r->h.client, &hooks);
	if (!client_is_local(r->h.client))
		client_set_patience(r->h.client, AWAY_MAX_MS, true);
	if (session_pick(&r->session, r->h.client, r->o, &why) != 0 ||
	    run_start(r, message, &why) != 0) {
		if (r->status == 0)	/* else that is why */
			fail(r, &why);
	} else if (!r->left) {
		event_base_dispatch(r->h.base);
	}
	return run_finish(r, e);
}

static int
read_message(const struct opts *o, char **message, struct err *e)
{
	struct prompt p = { .text = BUF_INIT };
	struct buf b = BUF_INIT;
	int r = prompt_read(&p, o, e);

	if (r == 0)
		r = prompt_message(&b, &p, &o->files, e);
	buf_clear(&p.text);
	if (r == 0)
		*message = buf_take(&b);
	else
		buf_clear(&b);
	return r;
}

static int
check_usage(const struct opts *o, struct err *e)
{
	bool lines = o->input_format != NULL &&
	    strcmp(o->input_format, "stream-json") == 0;

	if (o->read_only)
		return err_set(e, ERR_USAGE,
		    "run sends a message: not with --read-only");
	if (lines && (o->words.count > 0 || o->no_stdin))
		return err_set(e, ERR_USAGE,
		    "--input-format stream-json: the messages come by stdin, "
		    "not as words");
	if (lines && o->files.count > 0)
		return err_set(e, ERR_USAGE,
		    "--input-format stream-json: -f has no message to go with");
	return session_check(o, e);
}

int
run_prompt(struct opts *o, struct err *e)
{
	struct run r = { .o = o, .err = ERR_INIT, .held = BUF_INIT, .early = BUF_INIT,
	    .done_in = -1, .own_first = -1, .own_last = -1 };
	char *message = NULL;
	bool lines = o->input_format != NULL &&
	    strcmp(o->input_format, "stream-json") == 0;
	int status = -1;

	if (check_usage(o, e) != 0 ||
	    (!lines && read_message(o, &message, e) != 0))
		return -1;
	if (halves_open(&r.h, HALVES_SERVER, o, e) != 0) {
		free(message);
		return -1;
	}
	result_init(&r.result);
	r.out = run_output_new(o, r.h.base);
	status = run_session(&r, message, e);
	run_stop(&r);
	if (r.status == 0 && r.session.item.id != NULL)
		halves_finish(&r.h, r.session.item.id);
	run_output_free(r.out);
	result_clear(&r.result);
	session_clear(&r.session);
	halves_close(&r.h);
	free(message);
	return status;
}
