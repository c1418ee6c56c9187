/* SPDX-License-Identifier: GPL-3.0-or-later */
/* chat.c - line mode */

/*
 * What is typed is put into a list and done between two runs of the event
 * loop, because doing it asks the server and waits for the answer. A session
 * that nothing was sent to is not made.
 */

#include <event2/event.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "cli/approval.h"
#include "cli/ask.h"
#include "cli/background.h"
#include "cli/bang.h"
#include "cli/chat.h"
#include "cli/chat_slash.h"
#include "cli/consent.h"
#include "cli/halves.h"
#include "cli/opts.h"
#include "cli/out.h"
#include "cli/prompt_in.h"
#include "cli/result.h"
#include "cli/run_output.h"
#include "cli/session.h"
#include "cli/slash.h"
#include "cli/transcript.h"
#include "cli/who.h"
#include "client/client.h"
#include "client/follow.h"
#include "client/presence.h"
#include "client/send.h"
#include "client/view.h"
#include "ui/complete.h"
#include "ui/line.h"
#include "ui/style.h"
#include "wire/input.h"
#include "wire/record.h"

enum { PATIENCE_MS = 24 * 3600 * 1000 };	/* a person is there */

struct chat {
	struct opts *o;
	struct halves h;
	struct session session;		/* item.id NULL: none yet */
	struct slash slash;
	struct result result;
	struct run_output *out;
	struct line *line;
	struct style style;
	struct follow *follow;
	struct presence *presence;	/* others on this session, or NULL */
	char *who;			/* we, for them */
	char *holder;			/* who of them has a turn, or NULL */
	struct strlist typed;
	struct bang *bang;		/* "!cmd" that runs, or NULL */
	struct consent *consent;	/* calls that are asked about, or NULL */
	int sending;			/* appends without an answer yet */
	int64_t own_last;		/* number of our last message */
	int64_t done_in;
	bool running;			/* chunks of a turn are coming */
	bool away;			/* the connection is lost */
	bool keep;			/* a turn to be kept (keep.h) */
	bool quit, quit_when_done;
	struct err err;
};

struct halves *
chat_halves(struct chat *c)
{
	return &c->h;
}

struct session *
chat_session(struct chat *c)
{
	return &c->session;
}

struct opts *
chat_opts(struct chat *c)
{
	return c->o;
}

struct slash *
chat_slash(struct chat *c)
{
	return &c->slash;
}

struct style *
chat_style(struct chat *c)
{
	return &c->style;
}

struct line *
chat_line(struct chat *c)
{
	return c->line;
}

/* Leave the loop, so that what is wanted can be done outside of it. Not a
 * break: that would end a request that waits. */
static void
wake(struct chat *c)
{
	event_base_loopexit(c->h.base, NULL);
}

void
chat_quit(struct chat *c)
{
	c->quit = true;
	wake(c);
}

static bool
is_busy(const struct chat *c)
{
	return c->running || c->sending > 0 || c->own_last > c->done_in;
}

/* Calls of m wait: ask, if a person is here. What was typed before the
 * question appeared is no answer to it (cli.md 9). */
static void
begin_consent(struct chat *c, const struct message *m)
{
	if (m == NULL || c->consent != NULL || c->o->read_only ||
	    !isatty(STDIN_FILENO))
		return;
	c->consent = consent_new(m);
	if (c->consent == NULL)
		return;
	if (c->typed.count > 0)
		out_note("what was typed ahead is dropped: a call waits");
	strlist_clear(&c->typed);
}

static void
end_consent(struct chat *c)
{
	if (c->consent == NULL)
		return;
	consent_free(c->consent);
	c->consent = NULL;
	line_set_prompt(c->line, "> ");
}

static void
show_consent(struct chat *c)
{
	struct buf b = BUF_INIT;
	const char *text = consent_text(c->consent);

	line_hide(c->line);
	consent_question(c->consent, &b);
	if (out_result(&b, &c->err) != 0) {
		chat_quit(c);
		return;
	}
	line_set_prompt(c->line, consent_prompt(c->consent));
	line_drop_input(c->line);
	if (text != NULL)
		line_set_text(c->line, text);
	line_show(c->line);
}

/* The prompt is there when nothing else writes. */
static void
settle(struct chat *c)
{
	if (is_busy(c))
		return;
	if (c->consent != NULL && c->typed.count == 0)
		show_consent(c);
	else if (c->typed.count > 0 || c->quit_when_done)
		wake(c);
	else
		line_show(c->line);
}

static void
on_chunk(int64_t seq, const struct json *chunk, void *arg)
{
	struct chat *c = arg;
	struct err e = ERR_INIT;

	line_hide(c->line);
	end_consent(c);		/* somebody else has answered */
	c->running = true;
	result_chunk(&c->result, chunk);
	(void)session_plan_over(&c->session, c->o, chunk);
	if (run_output_chunk(c->out, seq, chunk, &c->result, &e) != 0) {
		err_pass(&c->err, &e);
		chat_quit(c);
	}
}

static void
on_control(int64_t seq, const char *subtype, int64_t in_seq,
    const struct record *rec, void *arg)
{
	struct chat *c = arg;
	struct err e = ERR_INIT;

	(void)seq;
	/* a turn-complete may carry it too (session-protocol 8.2) */
	if (strcmp(subtype, "session-closed") == 0 ||
	    record_header(rec, "session-closed") != NULL)
		out_note("the session is closed");
	if (strcmp(subtype, "turn-complete") != 0)
		return;
	if (in_seq > c->done_in)
		c->done_in = in_seq;
	c->running = false;
	if (c->sending == 0 && c->own_last <= c->done_in)
		presence_release(c->presence);
	if (!client_is_chatd(c->h.client)) {
		c->keep = true;
		wake(c);
	}
	result_turn_end(&c->result, true);
	if (run_output_turn_end(c->out, &e) != 0) {
		err_pass(&c->err, &e);
		chat_quit(c);
	}
	if (err_is_set(&c->result.err))
		out_error(&c->result.err);
	err_clear(&c->result.err);
	begin_consent(c, view_answer(c->result.view));
	settle(c);
}

static void
on_end(const struct err *e, void *arg)
{
	struct chat *c = arg;

	c->follow = NULL;
	c->running = false;
	c->done_in = c->own_last;
	/* a session that has vanished is made again by what we send (18.10) */
	if (e != NULL && (e->code != ERR_NOT_FOUND || c->sending == 0))
		out_error(e);
	settle(c);
}

/* What is amiss, said above the prompt. */
static void
say_wait(struct chat *c, const char *what, int64_t ms, const struct err *why)
{
	line_hide(c->line);
	run_output_break(c->out);
	out_note("%s: %s; trying again in %lld s", what, why->text,
	    (long long)(ms + 500) / 1000);
	settle(c);
}

static void
on_state(enum follow_state state, int64_t wait_ms, const struct err *why,
    void *arg)
{
	struct chat *c = arg;

	if (state == FOLLOW_WAITING && why != NULL && err_is_set(why)) {
		c->away = true;
		say_wait(c, "no connection", wait_ms, why);
	} else if (state == FOLLOW_LIVE && c->away) {
		c->away = false;
		line_hide(c->line);
		out_note("connected again");
		settle(c);
	}
}

static void
on_wait(int64_t ms, const struct err *why, void *arg)
{
	say_wait(arg, "not sent yet", ms, why);
}

static void
leave_session(struct chat *c)
{
	follow_stop(c->follow);
	c->follow = NULL;
	presence_free(c->presence);
	c->presence = NULL;
	str_replace(&c->holder, NULL);
	end_consent(c);
	session_clear(&c->session);
	result_clear(&c->result);
	result_init(&c->result);
	c->own_last = c->done_in = -1;
	c->running = false;
}

/* The session may have been left with calls that wait. */
static void
enter_consent(struct chat *c, const struct json *transcript)
{
	const struct json *json = approval_message(transcript);
	struct message *m = json != NULL ? message_read(json, NULL) : NULL;

	begin_consent(c, m);
	message_free(m);
}

/* ---------------------------------------------------------------- others */

static void
others_changed(void *arg)
{
	struct chat *c = arg;
	const char *now = presence_holder(c->presence);

	if (now != NULL ? c->holder != NULL && strcmp(now, c->holder) == 0 :
	    c->holder == NULL)
		return;
	line_hide(c->line);
	if (c->running)
		run_output_break(c->out);
	if (now != NULL)
		out_note("%s has a turn here: nothing is sent until it ends, "
		    "or /take takes over", now);
	str_replace(&c->holder, now);
	settle(c);
}

char *
chat_company(struct chat *c)
{
	return presence_names(c->presence);
}

int
chat_take_over(struct chat *c, struct err *e)
{
	if (c->holder == NULL || c->o->read_only)
		return err_set(e, ERR_USAGE, "nobody else has a turn here");
	out_note("taken over from %s: Ctrl+C stops the turn", c->holder);
	presence_claim(c->presence, true);
	str_replace(&c->holder, NULL);
	return 0;
}

/* Says why nothing is sent now. */
static bool
may_send(struct chat *c)
{
	if (c->o->read_only)
		out_note("read-only: nothing is sent");
	else if (c->holder != NULL)
		out_note("%s has a turn here: /take takes over", c->holder);
	return !c->o->read_only && c->holder == NULL;
}

static void
start_follow(struct chat *c, int64_t after)
{
	struct follow_opts fo = {
		.key = item_key(&c->session.item),
		.after = after,
		.fns = { .on_chunk = on_chunk, .on_control = on_control,
		    .on_state = on_state, .on_end = on_end },
		.arg = c,
	};

	c->follow = follow_start(c->h.client, &fo);
	presence_free(c->presence);
	c->presence = presence_new(c->h.client, fo.key, c->who,
	    others_changed, c);
}

/* The session begins anew: its numbers do too. */
static void
recreated(void *arg)
{
	struct chat *c = arg;

	line_hide(c->line);
	out_note("the session had vanished: it begins anew");
	follow_stop(c->follow);
	c->own_last = c->done_in = -1;
	start_follow(c, -1);
}

/* Follow from where the transcript ends; *doc is the transcript. */
static int
enter_session(struct chat *c, struct json_doc **doc, struct err *e)
{
	int64_t after = -1;

	if (ask_transcript(c->h.client, item_key(&c->session.item), doc,
	    e) != 0)
		return -1;
	const char *out = json_get_str(json_get(json_root(*doc), "cursors"),
	    "lastOutEventId");
	if (out != NULL)
		after = record_parse_cursor(out);
	start_follow(c, after);
	enter_consent(c, json_root(*doc));
	return 0;
}

int
chat_show(struct chat *c, struct err *e)
{
	struct json_doc *doc = NULL;
	int r = ask_transcript(c->h.client, item_key(&c->session.item), &doc,
	    e);

	if (r == 0)
		r = transcript_print(json_root(doc), &c->style, e);
	json_doc_free(doc);
	return r;
}

/* By the options, which name a session or none. */
static int
pick(struct chat *c, bool show, struct err *e)
{
	struct json_doc *doc = NULL;
	int r = session_pick(&c->session, c->h.client, c->o, e);

	if (r == 0)
		r = enter_session(c, &doc, e);
	if (r == 0 && show)
		r = transcript_print(json_root(doc), &c->style, e);
	json_doc_free(doc);
	/* said once: from now on this session is the one */
	str_replace(&c->o->resume, NULL);
	str_replace(&c->o->session, NULL);
	c->o->go_on = c->o->fork = false;
	return r;
}

int
chat_switch(struct chat *c, const char *id, struct err *e)
{
	struct item it = { 0 };

	if (id == NULL) {
		leave_session(c);
		return 0;
	}
	/* stay where we are if there is no such session */
	if (ask_resolve(c->h.client, id, &it, e) != 0)
		return -1;
	leave_session(c);
	str_replace(&c->o->resume, it.id);
	item_clear(&it);
	return pick(c, false, e);
}

static void
appended(int64_t seq, const struct err *e, void *arg)
{
	struct chat *c = arg;

	c->sending--;
	if (e != NULL)
		out_error(e);
	else if (seq > c->own_last)
		c->own_last = seq;
	if (c->typed.count > 0)
		wake(c);	/* the next may go */
	settle(c);
}

int
chat_begin(struct chat *c, struct err *e)
{
	return c->session.item.id == NULL ? pick(c, false, e) : 0;
}

int
chat_say(struct chat *c, const char *text, struct err *e)
{
	struct prompt p = { .text = BUF_INIT };
	struct strlist none = { 0 };
	struct buf message = BUF_INIT;

	buf_adds(&p.text, text);
	p.typed = p.text.len;
	int r = prompt_message(&message, &p,
	    c->o->files.count > 0 ? &c->o->files : &none, e);
	r = r == 0 ? chat_begin(c, e) : r;
	if (r == 0) {
		struct input_message m = {
			.chat_id = item_key(&c->session.item),
			.trigger = TRIGGER_SUBMIT,
			.message = message.data,
			.metadata = c->session.metadata,
			.chatd = session_told(&c->session),
		};
		c->sending++;
		presence_claim(c->presence, false);
		(void)send_message(c->h.client, item_key(&c->session.item),
		    &m, appended, c);
		strlist_clear(&c->o->files);	/* with the first only */
	}
	buf_clear(&message);
	buf_clear(&p.text);
	return r;
}

static void
send_consent(struct chat *c)
{
	struct buf message = BUF_INIT, chatd = BUF_INIT;

	consent_write(c->consent, &message, &chatd);
	struct input_message m = {
		.chat_id = item_key(&c->session.item),
		.trigger = TRIGGER_SUBMIT,
		.message = message.data,
		.message_id = consent_message_id(c->consent),
		.metadata = c->session.metadata,
		.chatd = chatd.len > 0 ? chatd.data : NULL,
	};
	c->sending++;
	presence_claim(c->presence, false);
	(void)send_message(c->h.client, item_key(&c->session.item), &m,
	    appended, c);
	buf_clear(&message);
	buf_clear(&chatd);
	end_consent(c);
}

static void
take_consent(struct chat *c, const char *text)
{
	struct buf say = BUF_INIT;

	if (consent_take(c->consent, text, &say))
		send_consent(c);
	if (say.len > 0)
		out_note("%s", say.data);
	buf_clear(&say);
}

/* One entry, outside of the loop. */
static void
perform(struct chat *c, const char *text)
{
	struct err e = ERR_INIT;
	int r;

	line_hide(c->line);
	if (complete_is_command(text)) {
		r = slash_run(&c->slash, text, &e);
	} else if (text[0] == '!' && may_send(c) && c->consent == NULL) {
		r = chat_bang(c, text + 1, &c->bang, &e);
	} else if (!may_send(c)) {
		line_set_text(c->line, c->o->read_only ? "" : text);
		r = 0;
	} else if (c->consent != NULL) {
		take_consent(c, text);
		r = 0;
	} else {
		r = chat_say(c, text, &e);
	}
	if (r != 0)
		out_error(&e);
	/* what was said is not lost with the connection */
	if (r != 0 && !complete_is_command(text) && c->session.remote)
		line_set_text(c->line, text);
	settle(c);
}

static void
submit(void *arg, const char *text, size_t len)
{
	struct chat *c = arg;

	(void)len;
	strlist_add(&c->typed, text);
	wake(c);
}

static bool
interrupt(void *arg)
{
	struct chat *c = arg;

	if (c->bang != NULL) {
		bang_stop(c->bang);
		return true;
	}
	if (!is_busy(c) || c->session.item.id == NULL)
		return false;
	if (!may_send(c))
		return true;
	(void)send_stop(c->h.client, item_key(&c->session.item),
	    "interrupted", NULL, NULL);
	return true;
}

static void
eof(void *arg)
{
	struct chat *c = arg;

	/* from a pipe, what was said is to be answered first */
	if (!isatty(STDIN_FILENO))
		c->quit_when_done = true;
	else
		c->quit = true;
	wake(c);
}

static void
resized(void *arg)
{
	struct chat *c = arg;

	run_output_resize(c->out);
}

static const struct line_ops ops = {
	.submit = submit,
	.interrupt = interrupt,
	.eof = eof,
	.resize = resized,
};

static int
open_line(struct chat *c, struct err *e)
{
	char *history = path_state("history");
	struct line_opts lo = {
		.base = c->h.base,
		.style = &c->style,
		.history = c->o->ephemeral ? NULL : history,
		.ops = &ops,
		.arg = c,
	};
	int r = path_make_parent(history, e);

	chat_slash_init(&c->slash, c);
	slash_table(&c->slash, &lo.table);
	halves_release_sigint(&c->h);
	if (r == 0) {
		c->line = line_new(&lo, e);
		r = c->line != NULL ? 0 : -1;
	}
	free(history);
	if (r == 0)
		line_set_prompt(c->line, "> ");
	return r;
}

/* The first entry that was typed and not done, or NULL. */
static char *
next_typed(struct chat *c)
{
	/* a pipe says one thing after the other; a person may interrupt */
	if (c->typed.count == 0 || (!isatty(STDIN_FILENO) && is_busy(c)))
		return NULL;
	/* messages go in the order they were typed */
	if (c->sending > 0 && !complete_is_command(c->typed.items[0]))
		return NULL;
	char *text = c->typed.items[0];
	c->typed.count--;
	memmove(c->typed.items, c->typed.items + 1,
	    c->typed.count * sizeof(*c->typed.items));
	return text;
}

/* The server forgets a turn with the one after the next (8.4): asking for the
 * transcript is what makes us remember it. */
static void
keep_turn(struct chat *c)
{
	struct json_doc *doc = NULL;

	c->keep = false;
	/* another turn brings another chance */
	if (ask_transcript(c->h.client, item_key(&c->session.item), &doc,
	    NULL) == 0)
		json_doc_free(doc);
}

static void
loop(struct chat *c)
{
	while (!c->quit) {
		if (c->keep)
			keep_turn(c);
		char *text = next_typed(c);
		if (text != NULL) {
			perform(c, text);
			free(text);
			continue;
		}
		if (c->quit_when_done && !is_busy(c))
			break;
		settle(c);
		if (event_base_dispatch(c->h.base) != 0)
			break;
	}
	line_hide(c->line);
}

static void
first_message(struct chat *c)
{
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < c->o->words.count; i++)
		buf_addf(&b, "%s%s", i > 0 ? " " : "",
		    c->o->words.items[i]);
	if (b.len > 0)
		strlist_add(&c->typed, b.data);
	buf_clear(&b);
}

static int
open_chat(struct chat *c, struct err *e)
{
	if (open_line(c, e) != 0)
		return -1;
	if ((c->o->go_on || c->o->resume != NULL || c->o->session != NULL) &&
	    pick(c, true, e) != 0)
		return -1;
	first_message(c);
	return 0;
}

int
chat_run(struct opts *o, struct err *e)
{
	struct chat c = { .o = o, .own_last = -1, .done_in = -1,
	    .err = ERR_INIT };
	char *unfinished = NULL;

	if (session_check(o, e) != 0 ||
	    halves_open(&c.h, HALVES_SERVER, o, e) != 0)
		return -1;
	str_replace(&o->output_format, NULL);
	c.who = who_am_i(o);
	style_init(&c.style, STDOUT_FILENO);
	result_init(&c.result);
	c.out = run_output_new(o, c.h.base);
	struct client_hooks hooks = { .on_wait = on_wait,
	    .on_recreated = recreated, .arg = &c };
	client_set_hooks(c.h.client, &hooks);
	client_set_patience(c.h.client, PATIENCE_MS, false);
	int r = open_chat(&c, e);
	if (r == 0)
		loop(&c);
	if (r == 0 && is_busy(&c) && c.session.item.id != NULL &&
	    !o->ephemeral && c.h.server != NULL)
		unfinished = xstrdup(c.session.item.id);
	if (r == 0 && c.sending > 0)
		out_note("the last message was not sent");
	follow_stop(c.follow);
	presence_free(c.presence);
	free(c.who);
	free(c.holder);
	consent_free(c.consent);
	line_free(c.line);
	run_output_free(c.out);
	result_clear(&c.result);
	session_clear(&c.session);
	slash_end(&c.slash);
	strlist_clear(&c.typed);
	halves_close(&c.h);
	/* leaving never ends a running turn (cli.md 9) */
	if (unfinished != NULL && background_start(unfinished, e) != 0)
		r = -1;
	free(unfinished);
	if (r == 0 && err_is_set(&c.err)) {
		*e = c.err;
		r = -1;
	}
	return r;
}
