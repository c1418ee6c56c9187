/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tui_send.c - what leaves the screen for the session, and how it fared */

/*
 * A send may wait for a network that is away, while the person goes on to
 * another session. So each knows which one it is for: only there does its
 * end change what is shown; elsewhere a failure is a note with the name.
 */

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "client/client.h"
#include "client/send.h"
#include "ui/pane.h"
#include "ui/tui_priv.h"
#include "wire/input.h"
#include "wire/message.h"

static struct letter *
letter_new(struct tui *t, send_fn fn)
{
	struct letter *l = xcalloc(1, sizeof(*l));

	l->t = t;
	l->place = t->place;
	l->fn = fn;
	TAILQ_INSERT_TAIL(&l->place->letters, l, entry);
	return l;
}

static void
letter_free(struct letter *l)
{
	TAILQ_REMOVE(&l->place->letters, l, entry);
	free(l->message);
	free(l->id);
	free(l->text);
	free(l);
}

static bool
is_here(const struct letter *l)
{
	return l->place == l->t->place;
}

static bool
is_stopping(const struct tui *t)
{
	const struct letter *l;

	TAILQ_FOREACH(l, &t->place->letters, entry)
		if (l->stops)
			return true;
	return false;
}

/* "not sent yet" is over. */
static void
sent_at_last(struct tui *t)
{
	if (t->note_unsent)
		tui_note_clear(t);
}

/* Words that could not be sent are for the composer again. */
static void
come_back(struct tui *t, const struct letter *l)
{
	if (is_here(l))
		pane_drop_pending(t->pane, l->id);
	tui_draft_back(t, l->place, l->text);
}

static void
arrived(int64_t seq, const struct err *e, void *arg)
{
	struct letter *l = arg;
	struct tui *t = l->t;
	struct place *p = l->place;
	send_fn fn = is_here(l) ? l->fn : NULL;

	sent_at_last(t);
	if (fn == NULL && e != NULL)
		tui_note(t, true, "not sent to %s: %s", p->key, e->text);
	if (e != NULL && l->text != NULL)
		come_back(t, l);
	letter_free(l);
	tui_draft_keep(t, p);
	tui_draft_release(t, p);
	if (fn != NULL)
		fn(seq, e, t);
}

void
tui_post(struct tui *t, const struct input_message *m, send_fn fn)
{
	struct letter *l = letter_new(t, fn);

	l->call = send_message(t->client, t->key, m, arrived, l);
}

void
tui_drop_letters(struct tui *t)
{
	struct place *next;
	struct letter *l;

	for (struct place *p = TAILQ_FIRST(&t->places); p != NULL; p = next) {
		next = TAILQ_NEXT(p, entry);
		while ((l = TAILQ_FIRST(&p->letters)) != NULL) {
			client_cancel(l->call);
			letter_free(l);
		}
		tui_draft_release(t, p);
	}
}

static void
sent(int64_t seq, const struct err *e, void *arg)
{
	struct tui *t = arg;

	if (e != NULL) {
		tui_note(t, true, "not sent: %s", e->text);
		tui_turn_is_over(t);
	} else if (seq > t->own_in) {
		t->own_in = seq;
	}
	if (strcmp(t->doing != NULL ? t->doing : "", "sending") == 0)
		t->doing = "waiting";
}

/* What is shown and kept until it has arrived. */
static void
put_words(struct letter *l, const char *message)
{
	struct json_doc *doc = json_parse(message, strlen(message), 0, NULL);
	struct message *m = doc != NULL ?
	    message_read(json_root(doc), NULL) : NULL;
	struct buf text = BUF_INIT;

	json_doc_free(doc);
	if (m == NULL)
		return;
	message_text(m, &text);
	l->message = xstrdup(message);
	l->id = xstrdup(m->id);
	l->text = buf_take(&text);
	message_free(m);
}

void
tui_send(struct tui *t, const char *message, const char *metadata,
    const char *chatd)
{
	struct input_message m = { .chat_id = t->key,
	    .trigger = TRIGGER_SUBMIT, .message = message,
	    .metadata = metadata, .chatd = chatd };
	struct letter *l = letter_new(t, sent);

	tui_claim(t);
	put_words(l, message);
	l->call = send_message(t->client, t->key, &m, arrived, l);
	tui_draft_soon(t);
}

void
tui_acted(int64_t seq, const struct err *e, void *arg)
{
	(void)seq;
	if (e == NULL)
		return;
	tui_note(arg, true, "%s", e->text);
	tui_turn_is_over(arg);
}

void
tui_action(struct tui *t, const char *action)
{
	struct input_message m = { .chat_id = t->key,
	    .trigger = TRIGGER_ACTION, .action = action };

	if (t->key == NULL) {
		tui_note(t, true, "no session is open");
		return;
	}
	if (!tui_may_send(t))
		return;
	tui_claim(t);
	tui_post(t, &m, tui_acted);
}

void
tui_stop_turn(struct tui *t)
{
	struct letter *l;

	if (t->key == NULL || is_stopping(t))
		return;		/* not sent yet, or on its way */
	if (!tui_may_send(t))
		return;
	t->doing = "stopping";
	l = letter_new(t, tui_acted);
	l->stops = true;
	l->call = send_stop(t->client, t->key, "interrupted", arrived, l);
}
