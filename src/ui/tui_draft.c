/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tui_draft.c - what is typed or on its way at each session is not lost */

/*
 * A place is a session, or the folder while there is none yet. It lives while
 * it is shown or letters of it are on their way; its draft (ui/draft) says
 *
 *	{"text": WORDS, "unsent": [{"id": MESSAGE, "text": WORDS}, ...]}
 *
 * What was unsent comes back into the composer and is sent by nobody but the
 * person. It may have arrived all the same, its answer being what was lost:
 * then a message with its id is there, and the words go.
 */

#include <event2/event.h>

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "ui/compose.h"
#include "ui/pane.h"
#include "ui/tui_priv.h"

enum { KEEP_MS = 1000 };	/* after a key, at most */

/* Both, the first above; takes them over. */
static char *
join(char *first, char *then)
{
	if (first == NULL || *first == '\0') {
		free(first);
		return then;
	}
	if (then == NULL || *then == '\0') {
		free(then);
		return first;
	}
	char *both = xasprintf("%s\n\n%s", first, then);
	free(first);
	free(then);
	return both;
}

static bool
types_elsewhere(const struct tui *t)
{
	return t->finding || t->approve.state == APPROVE_REASON ||
	    t->approve.state == APPROVE_EDIT;
}

/* A command is no draft. Caller frees. */
static char *
typed(const struct tui *t)
{
	char *text = types_elsewhere(t) ?
	    xstrdup(t->saved != NULL ? t->saved : "") :
	    compose_text(t->compose);

	if (complete_is_command(text))
		text[0] = '\0';
	return text;
}

/* ----------------------------------------------------------------- file */

static void
write_place(struct buf *b, const struct place *p, const char *text)
{
	const struct letter *l;
	struct json_w w;

	json_w_init(&w, b);
	json_w_obj(&w);
	json_w_kstr(&w, "text", text);
	json_w_key(&w, "unsent");
	json_w_arr(&w);
	TAILQ_FOREACH(l, &p->letters, entry) {
		if (l->text == NULL)
			continue;
		json_w_obj(&w);
		json_w_kstr(&w, "id", l->id);
		json_w_kstr(&w, "text", l->text);
		json_w_obj_end(&w);
	}
	json_w_arr_end(&w);
	json_w_obj_end(&w);
}

static bool
has_words(const struct place *p)
{
	const struct letter *l;

	TAILQ_FOREACH(l, &p->letters, entry)
		if (l->text != NULL)
			return true;
	return false;
}

/* Without a file people write on, too. */
static void
keep_text(struct place *p, const char *text)
{
	struct buf b = BUF_INIT;

	if (text[strspn(text, " \t\n")] != '\0' || has_words(p))
		write_place(&b, p, text);
	(void)draft_keep(&p->file, b.data, b.len, NULL);
	buf_clear(&b);
}

void
tui_draft_keep(struct tui *t, struct place *p)
{
	char *held = p->text != NULL ? xstrdup(p->text) : NULL;
	char *text = p == t->place ? join(held, typed(t)) : held;

	keep_text(p, text != NULL ? text : "");
	free(text);
}

/* The composer is free for what was held back. */
static void
bring(struct tui *t)
{
	struct place *p = t->place;

	if (p->text == NULL || types_elsewhere(t) ||
	    !compose_is_empty(t->compose))
		return;
	tui_set_text(t, p->text);
	str_replace(&p->text, NULL);
}

static void
kept_due(evutil_socket_t fd, short what, void *arg)
{
	struct tui *t = arg;

	(void)fd;
	(void)what;
	if (t->place == NULL)
		return;
	bring(t);
	tui_draft_keep(t, t->place);
}

void
tui_draft_soon(struct tui *t)
{
	struct timeval tv = { .tv_sec = KEEP_MS / 1000 };

	if (t->place == NULL)
		return;
	if (t->keep == NULL)
		t->keep = event_new(t->opts.base, -1, 0, kept_due, t);
	if (!evtimer_pending(t->keep, NULL))
		event_add(t->keep, &tv);
}

/* ---------------------------------------------------------------- place */

static void
forget_unsent(struct unsent *u)
{
	free(u->id);
	free(u->text);
	*u = (struct unsent){ .id = NULL };
}

/* Nothing shows it and nothing of it is on its way: it may go. */
void
tui_draft_release(struct tui *t, struct place *p)
{
	if (p == t->place || !TAILQ_EMPTY(&p->letters))
		return;
	TAILQ_REMOVE(&t->places, p, entry);
	draft_close(&p->file);
	for (size_t i = 0; i < p->unsent_count; i++)
		forget_unsent(&p->unsent[i]);
	free(p->unsent);
	free(p->key);
	free(p->text);
	free(p);
}

/* Words that were on their way when somebody left; true: they are not in the
 * transcript. */
static bool
take_unsent(struct tui *t, struct place *p, const struct json *v)
{
	const char *id = json_get_str(v, "id");
	const char *text = json_get_str(v, "text");
	struct unsent *u;

	if (id == NULL || text == NULL || pane_has(t->pane, id))
		return false;
	p->unsent = xreallocarray(p->unsent, p->unsent_count + 1,
	    sizeof(*p->unsent));
	u = &p->unsent[p->unsent_count++];
	u->id = xstrdup(id);
	u->text = xstrdup(text);
	p->text = join(p->text, xstrdup(text));
	return true;
}

static void
take_found(struct tui *t, struct place *p, const struct buf *found)
{
	struct json_doc *doc = found->len == 0 ? NULL :
	    json_parse(found->data, found->len, 0, NULL);
	const char *text = json_get_str(json_root(doc), "text");
	const struct json *v;

	JSON_EACH(v, json_get(json_root(doc), "unsent"))
		(void)take_unsent(t, p, v);
	if (text != NULL)
		p->text = join(p->text, xstrdup(text));
	json_doc_free(doc);
	if (p->unsent_count > 0)
		tui_note(t, true, "not sent when you left: Enter sends it");
}

static struct place *
new_place(struct tui *t)
{
	struct place *p = xcalloc(1, sizeof(*p));
	struct buf found = BUF_INIT;
	char *name = t->id != NULL ? draft_place(t->client, t->id) :
	    path_cwd(NULL);

	TAILQ_INIT(&p->letters);
	p->key = t->key != NULL ? xstrdup(t->key) : NULL;
	draft_open(&p->file, name != NULL ? t->opts.drafts : NULL, name,
	    &found);
	take_found(t, p, &found);
	TAILQ_INSERT_TAIL(&t->places, p, entry);
	buf_clear(&found);
	free(name);
	return p;
}

static struct place *
known_place(struct tui *t)
{
	struct place *p;

	TAILQ_FOREACH(p, &t->places, entry)
		if (t->key != NULL && p->key != NULL &&
		    strcmp(p->key, t->key) == 0)
			return p;
	return NULL;
}

/* What was typed before there was a session is now for this one. */
static char *
leave_no_session(struct tui *t)
{
	struct place *old = t->place;
	char *text;

	if (old == NULL)
		return NULL;
	text = old->text;
	old->text = NULL;
	t->place = NULL;
	keep_text(old, "");
	tui_draft_release(t, old);
	return text;
}

/* Letters that were typed while it was opened go on with its words. */
static void
go_on(struct tui *t)
{
	char *more = typed(t), *old = t->place->text;

	if (old != NULL && *more != '\0' && !types_elsewhere(t)) {
		char *all = xasprintf("%s%s", old, more);
		tui_set_text(t, all);
		str_replace(&t->place->text, NULL);
		free(all);
	}
	free(more);
}

void
tui_draft_open(struct tui *t)
{
	char *held = leave_no_session(t);
	struct place *p = known_place(t);
	const struct letter *l;

	if (p == NULL)
		p = new_place(t);
	else
		TAILQ_FOREACH(l, &p->letters, entry)
			if (l->message != NULL && !pane_has(t->pane, l->id))
				tui_echo(t, l->message);
	p->text = join(p->text, held);
	t->place = p;
	go_on(t);
	bring(t);
	tui_draft_soon(t);
}

void
tui_draft_hold(struct tui *t)
{
	char *text = typed(t);

	if (*text != '\0')
		(void)compose_discard(t->compose);
	t->place->text = join(t->place->text, text);
}

void
tui_draft_close(struct tui *t)
{
	struct place *p = t->place;

	if (p == NULL)
		return;
	if (types_elsewhere(t))
		tui_end_text(t);
	t->finding = false;
	tui_draft_hold(t);
	t->place = NULL;
	tui_draft_keep(t, p);
	tui_draft_release(t, p);
}

void
tui_fresh(struct tui *t)
{
	if (t->place != NULL)
		return;
	tui_draft_open(t);
	tui_dirty(t, TUI_FRAME_MS);
}

/* --------------------------------------------------------------- letters */

void
tui_draft_back(struct tui *t, struct place *p, const char *text)
{
	if (p == t->place && !types_elsewhere(t)) {
		char *all = join(xstrdup(text), compose_text(t->compose));
		tui_set_text(t, all);
		free(all);
	} else {
		p->text = join(p->text, xstrdup(text));
	}
}

/* Out of the composer, with the blank line behind it. */
static void
cut_words(struct tui *t, const char *words)
{
	char *text = compose_text(t->compose), *at = strstr(text, words);

	if (at != NULL) {
		char *end = at + strlen(words);
		end += strspn(end, "\n");
		memmove(at, end, strlen(end) + 1);
		tui_set_text(t, text);
		tui_note(t, false, "it had been sent");
	}
	free(text);
}

void
tui_draft_said(struct tui *t, const char *id)
{
	struct place *p = t->place;

	for (size_t i = 0; p != NULL && i < p->unsent_count; i++) {
		struct unsent *u = &p->unsent[i];

		if (u->id == NULL || strcmp(u->id, id) != 0)
			continue;
		cut_words(t, u->text);
		forget_unsent(u);
	}
}

char *
tui_unsent(const struct tui *t)
{
	const struct place *p;
	const struct letter *l;
	char *text = NULL;

	TAILQ_FOREACH(p, &t->places, entry)
		TAILQ_FOREACH(l, &p->letters, entry)
			if (l->text != NULL)
				text = join(text, xstrdup(l->text));
	return text;
}
