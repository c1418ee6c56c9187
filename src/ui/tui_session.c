/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tui_session.c - the session on the screen: what comes, what waits */

/*
 * Two channels are followed. `out` has the answers; `in` has what people say,
 * here and elsewhere. A message of ours is shown before it is sent, as
 * pending; the turn that takes it up begins with `start`:
 *
 *	in:	m1   m2			pending: m1 m2
 *	out:	     start ... turn-complete(1)
 *		     m1 is taken up     all pending up to 1 are
 *
 * A message of another client may come after the `start` of its turn; then
 * it is put in front of that answer ("unclaimed").
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "client/client.h"
#include "client/follow.h"
#include "client/view.h"
#include "ui/compose.h"
#include "ui/pane.h"
#include "ui/tty.h"
#include "ui/tui_priv.h"
#include "wire/input.h"
#include "wire/insert.h"
#include "wire/item.h"
#include "wire/message.h"
#include "wire/record.h"

enum { QUIET_MS = 500 };	/* a break that nobody needs to hear of */

bool
tui_busy(const struct tui *t)
{
	return t->running || pane_pending(t->pane) > 0;
}

bool
tui_reach(struct tui *t)
{
	struct err e = ERR_INIT;
	struct client *cl = t->opts.ops->reach(t->opts.arg, &e);

	if (cl == NULL)
		tui_note(t, true, "%s", e.text);
	else
		t->client = cl;
	return cl != NULL;
}

const char *
tui_session(const struct tui *t)
{
	return t->id;
}

/* A message that the views do not own. */
static const struct message *
keep(struct tui *t, struct message *m)
{
	t->said = xreallocarray(t->said, t->said_count + 1,
	    sizeof(*t->said));
	t->said[t->said_count++] = m;
	return m;
}

void
tui_forget_said(struct tui *t)
{
	for (size_t i = 0; i < t->said_count; i++)
		message_free(t->said[i]);
	free(t->said);
	t->said = NULL;
	t->said_count = 0;
}

/* --------------------------------------------------------------- answers */

static int64_t
total_of(const struct json *usage)
{
	int64_t n = 0, in = 0, out = 0;

	if (json_int64(json_get(usage, "totalTokens"), &n) == 0)
		return n;
	if (json_int64(json_get(usage, "inputTokens"), &in) != 0)
		in = 0;
	if (json_int64(json_get(usage, "outputTokens"), &out) != 0)
		out = 0;
	return in + out;
}

static void
take_context(struct tui *t, const struct json *meta)
{
	int64_t used, window;

	if (json_int64(json_get(meta, "contextTokens"), &used) == 0 &&
	    json_int64(json_get(meta, "contextWindow"), &window) == 0 &&
	    window > 0)
		t->context = (double)used / (double)window;
	else
		t->context = -1;
}

/* Mode and sandbox that a turn had; what was chosen since is for the next. */
static void
take_bounds(struct tui *t, const struct json *meta)
{
	const char *mode = json_get_str(meta, "permissionMode");
	const char *sandbox = json_get_str(meta, "sandbox");

	if (mode != NULL && !t->mode_said)
		str_replace(&t->mode, mode);
	if (sandbox != NULL)
		str_replace(&t->sandbox, sandbox);
}

/* The session was just opened: its last answer tells. */
static void
take_last_context(struct tui *t)
{
	const struct message *m = tui_last_answer(t);
	struct json_doc *doc = m == NULL || m->metadata == NULL ? NULL :
	    json_parse(m->metadata, strlen(m->metadata), 0, NULL);

	take_context(t, json_root(doc));
	take_bounds(t, json_root(doc));
	json_doc_free(doc);
}

/* What the end of a turn tells of it. */
static void
take_metadata(struct tui *t, const struct json *meta)
{
	const char *model = json_get_str(meta, "model");
	double cost;

	if (model != NULL)
		str_replace(&t->model, model);
	take_context(t, meta);
	take_bounds(t, meta);
	t->tokens += total_of(json_get(meta, "usage"));
	if (json_double(json_get(meta, "cost"), &cost) == 0)
		t->cost = cost + (t->cost > 0 ? t->cost : 0);
}

static void
begin_turn(struct tui *t)
{
	if (t->running)
		return;
	t->running = true;
	if (t->begun_us == 0)
		t->begun_us = clock_mono_us();
	t->doing = "working";
}

/* The newest message of the view is (or becomes) the one written to. */
static void
take_live(struct tui *t)
{
	const struct message *m = view_at(t->view, view_count(t->view) - 1);

	if (m == t->live)
		return;
	t->live = m;
	/* it may go on with an answer that is there already */
	if (tui_last_answer(t) != m)
		pane_add(t->pane, m);
	pane_live(t->pane, m);
}

static void
on_start(struct tui *t, const struct json *chunk)
{
	const char *id = json_get_str(chunk, "messageId");

	/* an answer that goes on belongs to no new message */
	if (id != NULL && pane_has(t->pane, id))
		return;
	t->unclaimed = !pane_take_up(t->pane, NULL);
}

static void
set_doing(struct tui *t, const char *type)
{
	static const struct {
		const char *type, *doing;
	} words[] = {
		{ "reasoning-delta", "thinking" },
		{ "text-delta", "writing" },
		{ "tool-input-start", "calling a tool" },
		{ "tool-input-available", "running a tool" },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i].type, type) == 0)
			t->doing = words[i].doing;
}

/* Messages that waited have joined the answer: there they are shown. */
static void
take_injected(struct tui *t, const struct json *data)
{
	const struct json *id;

	JSON_EACH(id, json_get(data, "messageIds"))
		if (json_str(id) != NULL)
			pane_drop_pending(t->pane, json_str(id));
}

static bool
was_injected(const struct tui *t, const char *id)
{
	const struct part *p;

	if (t->live == NULL)
		return false;
	TAILQ_FOREACH(p, &t->live->parts, entry)
		if (insert_has(p, id))
			return true;
	return false;
}

static void
on_chunk(int64_t seq, const struct json *chunk, void *arg)
{
	struct tui *t = arg;
	const char *type = json_get_str(chunk, "type");
	struct reduce_result res = { .updated = false };
	struct err e = ERR_INIT;
	bool first = !t->running;

	(void)seq;
	if (type == NULL || tui_take_note(t, chunk))
		return;
	begin_turn(t);
	if (strcmp(type, "data-subagent") == 0) {
		subs_take(&t->subs, json_get(chunk, "data"));
		tui_dirty(t, TUI_STREAM_MS);
		return;
	}
	set_doing(t, type);
	if (strcmp(type, "start") == 0)
		on_start(t, chunk);
	if (json_is_set(json_get(chunk, "messageMetadata")))
		take_metadata(t, json_get(chunk, "messageMetadata"));
	if (view_apply(t->view, chunk, &res, &e) != 0)
		return;		/* one that does not fit changes nothing */
	take_live(t);
	if (strcmp(type, "reset-step") == 0 && t->live != NULL)
		pane_touch(t->pane, t->live);
	if (strcmp(type, INSERT_PENDING) == 0)
		take_injected(t, json_get(chunk, "data"));
	if (res.error_text != NULL)
		pane_note(t->pane, res.error_text,
		    STYLE_BIT(ERROR));
	tui_dirty(t, first ? 0 : TUI_STREAM_MS);
}

static void
turn_complete(struct tui *t, int64_t in_seq)
{
	if (in_seq > t->done_in)
		t->done_in = in_seq;
	int64_t us = t->begun_us > 0 ? clock_mono_us() - t->begun_us : 0;
	view_turn_complete(t->view);
	pane_live(t->pane, NULL);
	subs_clear(&t->subs);
	t->live = NULL;
	t->running = t->unclaimed = false;
	t->begun_us = pane_pending(t->pane) > 0 ?
	    clock_mono_us() : 0;
	/* what was taken up without an answer is not pending any more */
	while (t->own_in >= 0 && t->done_in >= t->own_in &&
	    pane_take_up(t->pane, NULL))
		t->begun_us = 0;
	if (pane_pending(t->pane) == 0)
		tui_turn_is_over(t);
	if (t->reload && t->id != NULL)
		t->opts.ops->open(t->opts.arg, t->id);
	t->reload = false;
	t->opts.ops->turned(t->opts.arg);
	tui_ask(t);
	if (t->approve.state == APPROVE_NONE)
		tui_notice_end(t, us);
	tui_dirty(t, TUI_FRAME_MS);
}

static void
on_control(int64_t seq, const char *subtype, int64_t in_seq,
    const struct record *rec, void *arg)
{
	struct tui *t = arg;

	(void)seq;
	(void)rec;
	if (strcmp(subtype, "turn-complete") == 0)
		turn_complete(t, in_seq);
	else if (strcmp(subtype, "session-closed") == 0)
		tui_note(t, true, "the session is closed");
}

static void
on_state(enum follow_state state, int64_t wait_ms, const struct err *why,
    void *arg)
{
	struct tui *t = arg;

	(void)why;
	if (state == FOLLOW_LIVE)
		t->retry_at = 0;
	if (state == FOLLOW_WAITING) {
		/* streams end in good order, too, and come back at once */
		t->retry_at = wait_ms < QUIET_MS && t->retry_at == 0 ? 0 :
		    clock_mono_us() + wait_ms * 1000;
		if (client_is_local(t->client))
			t->opts.ops->lost(t->opts.arg);
	}
	tui_dirty(t, TUI_FRAME_MS);
}

static void
on_end(const struct err *e, void *arg)
{
	struct tui *t = arg;

	t->out = NULL;
	t->running = false;
	if (e != NULL && err_is_set(e))
		tui_note(t, true, "%s", e->text);
}

/* -------------------------------------------------------- what people say */

static void
take_said(struct tui *t, int64_t seq, const struct json *json)
{
	struct message *m = message_read(json, NULL);

	if (m == NULL || m->role != ROLE_USER ||
	    pane_has(t->pane, m->id) || was_injected(t, m->id)) {
		message_free(m);
		return;
	}
	(void)keep(t, m);
	tui_draft_said(t, m->id);
	if (t->unclaimed && t->live != NULL && seq > t->done_in) {
		pane_insert(t->pane, m, t->live);
		t->unclaimed = false;
	} else if (seq <= t->done_in) {
		pane_add(t->pane, m);
	} else {
		pane_add_pending(t->pane, m);
		if (t->begun_us == 0)
			t->begun_us = clock_mono_us();
	}
}

static void
on_input(int64_t seq, const struct json *json, void *arg)
{
	struct tui *t = arg;
	const struct json *payload = json_get(json, "payload");
	const char *kind = json_get_str(json, "kind");
	const char *trigger = json_get_str(payload, "trigger");

	if (kind == NULL || strcmp(kind, "message") != 0)
		return;
	if (seq > t->own_in)
		t->own_in = seq;
	if (trigger != NULL && strcmp(trigger, "submit-message") == 0 &&
	    json_streq(json_path(payload, "message", "role", NULL),
	    "assistant"))
		tui_others_answer(t, json_get(payload, "message"));
	else if (trigger != NULL && strcmp(trigger, "submit-message") == 0)
		take_said(t, seq, json_get(payload, "message"));
	else if (trigger != NULL && strcmp(trigger, "regenerate-message") == 0)
		t->reload = true;
	tui_dirty(t, TUI_FRAME_MS);
}

static void
on_input_end(const struct err *e, void *arg)
{
	struct tui *t = arg;

	(void)e;
	t->in = NULL;
}

/* --------------------------------------------------------------- pending */

void
tui_echo(struct tui *t, const char *message)
{
	struct json_doc *doc = json_parse(message, strlen(message), 0, NULL);
	struct message *m = doc != NULL ? message_read(json_root(doc), NULL) :
	    NULL;

	json_doc_free(doc);
	if (m == NULL)
		return;
	pane_add_pending(t->pane, keep(t, m));
	if (t->begun_us == 0)
		t->begun_us = clock_mono_us();
	t->doing = "sending";
	approve_look(&t->approve, NULL, 0);
	tui_dirty(t, 0);
}

void
tui_unsend(struct tui *t, const char *text)
{
	size_t n = pane_pending(t->pane);

	if (n > 0) {
		const struct message *m = pane_message(t->pane,
		    pane_count(t->pane) - 1);
		pane_drop_pending(t->pane, m->id);
	}
	tui_draft_back(t, t->place, text);
	tui_dirty(t, TUI_FRAME_MS);
}

/* -------------------------------------------------------------- attaching */

static int64_t
cursor_of(const struct json *transcript, const char *name)
{
	const char *s = json_get_str(json_get(transcript, "cursors"), name);

	return s != NULL ? record_parse_cursor(s) : -1;
}

static void
follow_both(struct tui *t, const struct json *transcript)
{
	struct follow_opts out = {
		.key = t->key,
		.after = cursor_of(transcript, "lastOutEventId"),
		.fns = { .on_chunk = on_chunk, .on_control = on_control,
		    .on_state = on_state, .on_end = on_end },
		.arg = t,
	}, in = {
		.key = t->key,
		.after = cursor_of(transcript, "lastInEventId"),
		.in = true,
		.fns = { .on_chunk = on_input, .on_end = on_input_end },
		.arg = t,
	};

	t->done_in = in.after;
	t->in = follow_start(t->client, &in);
	t->out = follow_start(t->client, &out);
	tui_presence_start(t);
}

static void
take_item(struct tui *t, const struct item *it)
{
	struct json_doc *doc = it->usage == NULL ? NULL :
	    json_parse(it->usage, strlen(it->usage), 0, NULL);

	str_replace(&t->id, it->id);
	str_replace(&t->key, item_key(it));
	if (it->model != NULL)
		str_replace(&t->model, it->model);
	t->tokens = total_of(json_root(doc));
	t->cost = it->cost;
	json_doc_free(doc);
	tui_set_title(t, it->title);
}

void
tui_attach(struct tui *t, struct client *cl, const struct item *it,
    const struct json *transcript)
{
	const char *older = json_get_str(transcript, "nextCursor");

	t->client = cl;
	take_item(t, it);
	t->view = view_new();
	view_load(t->view, json_get(transcript, "messages"));
	for (size_t i = 0; i < view_count(t->view); i++)
		pane_add(t->pane, view_at(t->view, i));
	str_replace(&t->older, older);
	take_last_context(t);
	follow_both(t, transcript);
	tui_draft_open(t);
	pane_end(t->pane);
	tui_ask(t);
	tui_dirty(t, 0);
}

static void
stop_calls(struct tui *t)
{
	struct client_call **calls[] = { &t->older_call, &t->item_call,
	    &t->list_call };

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (*calls[i] != NULL)
			client_cancel(*calls[i]);
		*calls[i] = NULL;
	}
}

void
tui_detach(struct tui *t)
{
	tui_draft_close(t);
	stop_calls(t);
	follow_stop(t->out);
	follow_stop(t->in);
	tui_presence_stop(t);
	t->out = t->in = NULL;
	subs_clear(&t->subs);
	pane_reset(t->pane);
	approve_look(&t->approve, NULL, 0);
	t->wants = NULL;
	tui_forget_said(t);
	view_free(t->view);
	for (size_t i = 0; i < t->page_count; i++)
		view_free(t->pages[i]);
	free(t->pages);
	t->pages = NULL;
	t->page_count = 0;
	t->view = NULL;
	t->live = NULL;
	t->running = t->unclaimed = t->reload = false;
	t->begun_us = 0;
	t->own_in = t->done_in = -1;
	t->tokens = 0;
	t->context = t->cost = -1;
	str_replace(&t->id, NULL);
	str_replace(&t->key, NULL);
	str_replace(&t->older, NULL);
	t->retry_at = 0;
	if (!t->mode_said)
		str_replace(&t->mode, NULL);
	str_replace(&t->find, NULL);
}

/* ------------------------------------------------------------ older ones */

static void
older_came(const struct client_answer *a, void *arg)
{
	struct tui *t = arg;
	struct view *v;

	t->older_call = NULL;
	if (err_is_set(&a->err)) {
		tui_note(t, true, "%s", a->err.text);
		return;
	}
	v = view_new();
	view_load(v, json_get(a->body, "messages"));
	size_t n = view_count(v);
	const struct message **list = xcalloc(n + 1, sizeof(*list));
	for (size_t i = 0; i < n; i++)
		list[i] = view_at(v, i);
	pane_prepend(t->pane, list, n);
	free(list);
	t->pages = xreallocarray(t->pages, t->page_count + 1,
	    sizeof(*t->pages));
	t->pages[t->page_count++] = v;
	str_replace(&t->older, json_get_str(a->body, "nextCursor"));
	tui_dirty(t, TUI_FRAME_MS);
}

void
tui_want_older(struct tui *t)
{
	char *path;

	if (t->older == NULL || t->older_call != NULL)
		return;
	path = xasprintf("/api/v1/sessions/%s/transcript?limit=%d&before=%s",
	    t->id, TUI_PAGE, t->older);
	struct client_request rq = { .method = "GET", .path = path };
	t->older_call = client_start(t->client, &rq, older_came, t);
	free(path);
}

/* -------------------------------------------------------------- commands */

static char *
text_of(const struct message *m)
{
	struct buf b = BUF_INIT;

	message_text(m, &b);
	return buf_take(&b);
}

static const struct message *
last_of(const struct tui *t, enum message_role role)
{
	for (size_t i = pane_count(t->pane); i > 0; i--) {
		const struct message *m = pane_message(t->pane,
		    i - 1);
		if (m != NULL && m->role == role)
			return m;
	}
	return NULL;
}

char *
tui_last_said(struct tui *t, char **id)
{
	const struct message *m = last_of(t, ROLE_USER);

	*id = m != NULL ? xstrdup(m->id) : NULL;
	return m != NULL ? text_of(m) : NULL;
}

void
tui_copy(struct tui *t, const char *text)
{
	if (tty_copy(t->tty, text, strlen(text)))
		tui_note(t, false, "sent %zu bytes to the terminal (OSC 52): "
		    "it may keep or refuse them", strlen(text));
	else
		tui_note(t, true, "too long for the terminal's clipboard: "
		    "/export FILE writes it");
}
