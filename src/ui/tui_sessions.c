/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tui_sessions.c - the list of sessions: fetched, moved about in, opened */

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "client/client.h"
#include "ui/compose.h"
#include "ui/tui_priv.h"

enum {
	POLL_S = 2,		/* while it is open: others change, too */
	SHOWN = 100,
	HITS = 50,
};

static void
poll_later(struct tui *t)
{
	struct timeval tv = { .tv_sec = POLL_S };

	if (t->over == OVER_SESSIONS && t->sessions.query == NULL)
		event_add(t->poll, &tv);
}

static void
list_came(const struct client_answer *a, void *arg)
{
	struct tui *t = arg;

	t->list_call = NULL;
	if (err_is_set(&a->err)) {
		tui_note(t, true, "%s", a->err.text);
	} else {
		bool first = !t->sessions.loaded;

		sessions_load(&t->sessions, a->body);
		if (first)
			sessions_choose(&t->sessions, t->id);
	}
	poll_later(t);
	tui_dirty(t, TUI_FRAME_MS);
}

static void
ask_list(struct tui *t, client_answer_fn fn)
{
	char *path = xasprintf("/api/chatd/v1/sessions?limit=%d", SHOWN);
	struct client_request rq = { .method = "GET", .path = path };

	if (t->list_call == NULL && tui_reach(t))
		t->list_call = client_start(t->client, &rq, fn, t);
	free(path);
}

static void
poll_due(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	ask_list(arg, list_came);
}

struct search {
	struct tui *t;
	char *query;
};

static void
search_free(void *arg)
{
	struct search *s = arg;

	free(s->query);
	free(s);
}

static void
hits_came(const struct client_answer *a, void *arg)
{
	struct search *s = arg;
	struct tui *t = s->t;

	t->list_call = NULL;
	if (err_is_set(&a->err))
		tui_note(t, true, "%s", a->err.text);
	else
		sessions_load_hits(&t->sessions, a->body, s->query);
	tui_dirty(t, TUI_FRAME_MS);
	search_free(s);
}

static void
escape(struct buf *b, const char *s)
{
	for (; *s != '\0'; s++)
		if ((*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') ||
		    (*s >= '0' && *s <= '9'))
			buf_addc(b, *s);
		else
			buf_addf(b, "%%%02X", (unsigned char)*s);
}

static void
ask_hits(struct tui *t, const char *query)
{
	struct buf path = BUF_INIT;
	struct search *s;

	if (t->list_call != NULL || !tui_reach(t))
		return;
	s = xcalloc(1, sizeof(*s));
	s->t = t;
	s->query = xstrdup(query);
	buf_addf(&path, "/api/chatd/v1/search?limit=%d&q=", HITS);
	escape(&path, query);
	struct client_request rq = { .method = "GET", .path = path.data,
	    .on_cancel = search_free };
	t->list_call = client_start(t->client, &rq, hits_came, s);
	buf_clear(&path);
}

void
tui_sessions_open(struct tui *t, const char *query)
{
	/* query may be the inbox's own */
	char *words = query != NULL ? xstrdup(query) : NULL;

	if (t->poll == NULL)
		t->poll = event_new(t->opts.base, -1, 0, poll_due, t);
	t->over = OVER_SESSIONS;
	compose_dismiss(t->compose);	/* it would cover the last of them */
	sessions_clear(&t->sessions);
	if (words != NULL)
		ask_hits(t, words);
	else
		ask_list(t, list_came);
	free(words);
	tui_dirty(t, TUI_FRAME_MS);
}

void
tui_sessions_close(struct tui *t)
{
	t->over = OVER_NONE;
	if (t->poll != NULL)
		event_del(t->poll);
}

void
tui_sessions_free(struct tui *t)
{
	if (t->list_call != NULL)
		client_cancel(t->list_call);
	t->list_call = NULL;
}

static void
open_chosen(struct tui *t)
{
	const struct item *it = sessions_chosen(&t->sessions);
	char *id = it != NULL ? xstrdup(it->id) : NULL;

	tui_sessions_close(t);
	if (id != NULL && (t->id == NULL || strcmp(id, t->id) != 0))
		t->opts.ops->open(t->opts.arg, id);
	free(id);
}

/* The command that the composer gets is about the session that is open by
 * then. */
static void
rename_chosen(struct tui *t)
{
	const struct item *it = sessions_chosen(&t->sessions);
	char *line;

	if (it == NULL)
		return;
	line = xasprintf("/rename %s", it->title != NULL ? it->title : "");
	open_chosen(t);
	if (t->place != NULL)
		tui_draft_hold(t);
	compose_set(t->compose, line);
	free(line);
}

static void
fork_chosen(struct tui *t)
{
	if (sessions_chosen(&t->sessions) == NULL)
		return;
	open_chosen(t);
	t->opts.ops->submit(t->opts.arg, "/fork");
}

static void
sessions_letter(struct tui *t, char c)
{
	switch (c) {
	case 'n':
		tui_sessions_close(t);
		t->opts.ops->open(t->opts.arg, NULL);
		break;
	case 'r':
		rename_chosen(t);
		break;
	case 'f':
		fork_chosen(t);
		break;
	case '/':
		tui_sessions_close(t);
		if (t->place != NULL)
			tui_draft_hold(t);
		compose_set(t->compose, "/search ");
		break;
	case 'j':
		sessions_move(&t->sessions, 1);
		break;
	case 'k':
		sessions_move(&t->sessions, -1);
		break;
	case 'q':
		tui_sessions_close(t);
		break;
	default:
		if (c >= '1' && c <= '9' &&
		    (size_t)(c - '1') < t->sessions.count) {
			t->sessions.chosen = (size_t)(c - '1');
			open_chosen(t);
		}
		break;
	}
}

void
tui_sessions_key(struct tui *t, const struct key_event *ev)
{
	long rows = t->next.rows > 6 ? (long)t->next.rows - 6 : 1;

	switch (ev->key) {
	case KEY_UP:
	case KEY_WHEEL_UP:
		sessions_move(&t->sessions, -1);
		break;
	case KEY_DOWN:
	case KEY_WHEEL_DOWN:
		sessions_move(&t->sessions, 1);
		break;
	case KEY_PAGE_UP:
		sessions_move(&t->sessions, -rows);
		break;
	case KEY_PAGE_DOWN:
		sessions_move(&t->sessions, rows);
		break;
	case KEY_ENTER:
		open_chosen(t);
		break;
	case KEY_BYTES:
		sessions_letter(t, ev->bytes[0]);
		break;
	default:
		tui_sessions_close(t);
		break;
	}
}

void
tui_show_sessions(struct tui *t, const char *query)
{
	tui_sessions_open(t, query);
}

/* ------------------------------------------------------ without the list */

struct step {
	struct tui *t;
	int by, number;
};

static const char *
step_target(const struct tui *t, const struct json *data, int by, int number)
{
	int64_t i = 0, here = -1, want;
	const struct json *v;

	JSON_EACH(v, data) {
		const char *id = json_get_str(v, "id");
		if (id != NULL && t->id != NULL && strcmp(id, t->id) == 0)
			here = i;
		i++;
	}
	want = by != 0 ? here + by : number - 1;
	if (want < 0 || want >= i)
		return NULL;
	return json_get_str(json_at(data, (size_t)want), "id");
}

static void
step_came(const struct client_answer *a, void *arg)
{
	struct step *s = arg;
	struct tui *t = s->t;
	const char *id;

	t->list_call = NULL;
	id = step_target(t, json_get(a->body, "data"), s->by, s->number);
	if (err_is_set(&a->err))
		tui_note(t, true, "%s", a->err.text);
	else if (id == NULL)
		tui_note(t, false, "there is no session there");
	else
		t->opts.ops->open(t->opts.arg, id);
	free(s);
}

void
tui_sessions_step(struct tui *t, int by, int number)
{
	char *path = xasprintf("/api/chatd/v1/sessions?limit=%d", SHOWN);
	struct client_request rq = { .method = "GET", .path = path,
	    .on_cancel = free };

	if (t->list_call == NULL && tui_reach(t)) {
		struct step *s = xcalloc(1, sizeof(*s));
		*s = (struct step){ .t = t, .by = by, .number = number };
		t->list_call = client_start(t->client, &rq, step_came, s);
	}
	free(path);
}
