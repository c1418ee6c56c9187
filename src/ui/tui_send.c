/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tui_send.c - what leaves the screen for the session, and how it fared */

/*
 * A send may wait for a network that is away, while the person goes on to
 * another session. So each knows which one it is for: only there does its
 * end change what is shown; elsewhere a failure is a note with the name.
 */

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "client/client.h"
#include "client/send.h"
#include "ui/tui_priv.h"
#include "wire/input.h"

struct letter {
	TAILQ_ENTRY(letter) entry;
	struct tui *t;
	char *key;		/* the session's */
	bool stops;
	send_fn fn;		/* told when that session is shown */
	struct client_call *call;
};

static struct letter *
letter_new(struct tui *t, send_fn fn)
{
	struct letter *l = xcalloc(1, sizeof(*l));

	l->t = t;
	l->key = xstrdup(t->key);
	l->fn = fn;
	TAILQ_INSERT_TAIL(&t->letters, l, entry);
	return l;
}

static void
letter_free(struct letter *l)
{
	TAILQ_REMOVE(&l->t->letters, l, entry);
	free(l->key);
	free(l);
}

static bool
is_here(const struct letter *l)
{
	return l->t->key != NULL && strcmp(l->t->key, l->key) == 0;
}

static bool
is_stopping(const struct tui *t)
{
	const struct letter *l;

	TAILQ_FOREACH(l, &t->letters, entry)
		if (l->stops && is_here(l))
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

static void
arrived(int64_t seq, const struct err *e, void *arg)
{
	struct letter *l = arg;
	struct tui *t = l->t;
	send_fn fn = is_here(l) ? l->fn : NULL;

	sent_at_last(t);
	if (fn == NULL && e != NULL)
		tui_note(t, true, "not sent to %s: %s", l->key, e->text);
	letter_free(l);
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
	struct letter *l;

	while ((l = TAILQ_FIRST(&t->letters)) != NULL) {
		client_cancel(l->call);
		letter_free(l);
	}
}

static void
sent(int64_t seq, const struct err *e, void *arg)
{
	struct tui *t = arg;

	if (e != NULL) {
		tui_note(t, true, "not sent: %s", e->text);
		tui_unsend(t, NULL);
		tui_turn_is_over(t);
	} else if (seq > t->own_in) {
		t->own_in = seq;
	}
	if (strcmp(t->doing != NULL ? t->doing : "", "sending") == 0)
		t->doing = "waiting";
}

void
tui_send(struct tui *t, const char *message, const char *metadata,
    const char *chatd)
{
	struct input_message m = { .chat_id = t->key,
	    .trigger = TRIGGER_SUBMIT, .message = message,
	    .metadata = metadata, .chatd = chatd };

	tui_claim(t);
	tui_post(t, &m, sent);
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
