/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tui_slash.c - the table of slash commands of the TUI, and what they do */

#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "cli/ask.h"
#include "cli/opts.h"
#include "cli/session.h"
#include "cli/transcript.h"
#include "cli/tui.h"
#include "cli/tui_slash.h"
#include "ui/complete.h"
#include "ui/tui.h"

/* name, arguments, help, completion */
#define SLASHES(X)							\
	X(help, "", "keys and commands", NONE)				\
	X(new, "", "begin a new session", NONE)				\
	X(clear, "", "the same", NONE)					\
	X(resume, "ID", "go on with another session", NONE)		\
	X(sessions, "", "list the sessions", NONE)			\
	X(search, "WORDS", "search in all sessions", NONE)		\
	X(model, "[PROVIDER:MODEL]", "show or change the model", NONE)	\
	X(undo, "", "take the last exchange back", NONE)		\
	X(edit, "TEXT", "say your last message in other words", NONE)	\
	X(fork, "", "go on in a copy", NONE)				\
	X(rename, "TITLE", "give the session a title", NONE)		\
	X(export, "FILE", "write the transcript as markdown", PATH)	\
	X(copy, "", "the last answer to the clipboard", NONE)		\
	X(status, "", "session, model, tokens", NONE)			\
	X(theme, "dark|light", "colours for this background", NONE)	\
	X(detach, "", "leave; a running turn goes on", NONE)		\
	X(quit, "", "the same", NONE)

static int
slash_help(struct screen *s, const char *arg, struct err *e)
{
	(void)arg;
	(void)e;
	tui_show_help(screen_tui(s));
	return 0;
}

static int
slash_new(struct screen *s, const char *arg, struct err *e)
{
	(void)arg;
	return screen_open(s, NULL, e);
}

static int
slash_clear(struct screen *s, const char *arg, struct err *e)
{
	return slash_new(s, arg, e);
}

static int
slash_sessions(struct screen *s, const char *arg, struct err *e)
{
	(void)arg;
	(void)e;
	tui_show_sessions(screen_tui(s), NULL);
	return 0;
}

static int
slash_resume(struct screen *s, const char *arg, struct err *e)
{
	return *arg == '\0' ? slash_sessions(s, arg, e) :
	    screen_open(s, arg, e);
}

static int
slash_search(struct screen *s, const char *arg, struct err *e)
{
	if (*arg == '\0')
		return err_set(e, ERR_USAGE, "/search WORDS");
	tui_show_sessions(screen_tui(s), arg);
	return 0;
}

static int
slash_model(struct screen *s, const char *arg, struct err *e)
{
	struct opts *o = screen_opts(s);
	struct session *session = screen_session(s);

	(void)e;
	if (*arg != '\0') {
		str_replace(&o->model, arg);
		if (session->chatd != NULL)
			session_set_model(session, arg);
		tui_set_model(screen_tui(s), arg);
		tui_note(screen_tui(s), false, "the next message goes to %s",
		    arg);
	} else if (o->model != NULL) {
		tui_note(screen_tui(s), false, "%s", o->model);
	} else {
		tui_note(screen_tui(s), false, "%s",
		    session->item.model != NULL ? session->item.model :
		    "not chosen: the first message finds one");
	}
	return 0;
}

static int
slash_undo(struct screen *s, const char *arg, struct err *e)
{
	(void)arg;
	if (screen_has_session(s, e) != 0)
		return -1;
	tui_action(screen_tui(s), "{\"type\":\"undo\"}");
	return 0;
}

static int
slash_edit(struct screen *s, const char *arg, struct err *e)
{
	struct buf b = BUF_INIT;
	struct json_w w;
	char *id, *old;

	if (screen_has_session(s, e) != 0)
		return -1;
	old = tui_last_said(screen_tui(s), &id);
	if (id == NULL || *arg == '\0') {
		free(old);
		free(id);
		return err_set(e, ERR_USAGE, "/edit TEXT: your last message "
		    "in other words");
	}
	json_w_init(&w, &b);
	json_w_obj(&w);
	json_w_kstr(&w, "type", "edit");
	json_w_kstr(&w, "messageId", id);
	json_w_kstr(&w, "text", arg);
	json_w_obj_end(&w);
	tui_action(screen_tui(s), b.data);
	buf_clear(&b);
	free(old);
	free(id);
	return 0;
}

static int
slash_fork(struct screen *s, const char *arg, struct err *e)
{
	struct item copy = { 0 };
	struct client *cl = screen_client(s, e);

	(void)arg;
	if (cl == NULL || screen_has_session(s, e) != 0 ||
	    ask_fork(cl, screen_session(s)->item.id, NULL, &copy, e) != 0)
		return -1;
	int r = screen_open(s, copy.id, e);
	if (r == 0)
		tui_note(screen_tui(s), false, "this is a copy: %s", copy.id);
	item_clear(&copy);
	return r;
}

static int
slash_rename(struct screen *s, const char *arg, struct err *e)
{
	struct buf body = BUF_INIT;
	struct json_w w;
	struct client *cl = screen_client(s, e);

	if (cl == NULL || screen_has_session(s, e) != 0)
		return -1;
	if (*arg == '\0')
		return err_set(e, ERR_USAGE, "/rename TITLE");
	char *path = ask_path("/api/chatd/v1/sessions/",
	    screen_session(s)->item.id, "");
	json_w_init(&w, &body);
	json_w_obj(&w);
	json_w_kstr(&w, "title", arg);
	json_w_obj_end(&w);
	int r = ask_only_chatd(cl, "PATCH", path, &body, NULL, "/rename", e);
	if (r == 0)
		tui_set_title(screen_tui(s), arg);
	free(path);
	buf_clear(&body);
	return r;
}

static int
slash_export(struct screen *s, const char *arg, struct err *e)
{
	struct json_doc *doc = NULL;
	struct buf b = BUF_INIT;
	struct client *cl = screen_client(s, e);

	if (cl == NULL || screen_has_session(s, e) != 0)
		return -1;
	if (*arg == '\0')
		return err_set(e, ERR_USAGE, "/export FILE");
	const struct item *it = &screen_session(s)->item;
	if (ask_transcript(cl, it->id, &doc, e) != 0)
		return -1;
	transcript_markdown(&b, it, json_get(json_root(doc), "messages"));
	char *path = path_expand(arg);
	int r = path_write_whole(path, b.data, b.len, 0600, e);
	if (r == 0)
		tui_note(screen_tui(s), false, "written: %s", path);
	free(path);
	json_doc_free(doc);
	buf_clear(&b);
	return r;
}

static int
slash_copy(struct screen *s, const char *arg, struct err *e)
{
	(void)arg;
	(void)e;
	tui_copy(screen_tui(s));
	return 0;
}

static int
slash_status(struct screen *s, const char *arg, struct err *e)
{
	struct item it = { 0 };
	struct buf b = BUF_INIT;
	struct client *cl = screen_client(s, e);

	(void)arg;
	if (cl == NULL || screen_has_session(s, e) != 0 ||
	    ask_get(cl, screen_session(s)->item.id, &it, e) != 0)
		return -1;
	buf_addf(&b, "session %s\ntitle %s\nstate %s, %lld messages\n"
	    "model %s\nusage %s", item_key(&it),
	    it.title != NULL ? it.title : "-", item_state_name(it.state),
	    (long long)it.messages, it.model != NULL ? it.model : "-",
	    it.usage != NULL ? it.usage : "-");
	tui_say(screen_tui(s), b.data);
	item_clear(&it);
	buf_clear(&b);
	return 0;
}

static int
slash_theme(struct screen *s, const char *arg, struct err *e)
{
	(void)e;
	tui_theme(screen_tui(s), arg);
	return 0;
}

static int
slash_quit(struct screen *s, const char *arg, struct err *e)
{
	(void)arg;
	(void)e;
	screen_leave(s);
	return 0;
}

static int
slash_detach(struct screen *s, const char *arg, struct err *e)
{
	return slash_quit(s, arg, e);
}

static const struct complete_command table[] = {
#define X(name, args, help, kind)					\
	{ "/" #name, args, help, COMPLETE_##kind, NULL },
	SLASHES(X)
#undef X
};

typedef int slash_fn(struct screen *s, const char *arg, struct err *e);
static slash_fn *const handlers[] = {
#define X(name, args, help, kind) slash_##name,
	SLASHES(X)
#undef X
};

void
tui_slash_table(struct complete_table *t)
{
	t->commands = table;
	t->count = NELEM(table);
	t->arg = NULL;
}

int
tui_slash_run(struct screen *s, const char *text, struct err *e)
{
	size_t len = strcspn(text, " \t\n");
	const char *arg = text + len + strspn(text + len, " \t\n");
	char *words = xstrdup(arg);
	size_t end = strlen(words);
	int r = 1;

	while (end > 0 && (words[end - 1] == ' ' || words[end - 1] == '\n'))
		words[--end] = '\0';
	for (size_t i = 0; r == 1 && i < NELEM(table); i++)
		if (strlen(table[i].name) == len &&
		    strncmp(table[i].name, text, len) == 0)
			r = handlers[i](s, words, e);
	free(words);
	return r == 1 ? err_set(e, ERR_USAGE, "there is no command %.*s: "
	    "F1 lists them", (int)len, text) : r;
}
