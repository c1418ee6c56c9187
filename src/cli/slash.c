/* SPDX-License-Identifier: GPL-3.0-or-later */
/* slash.c - the table of slash commands, and what they do */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "cli/ask.h"
#include "cli/chat.h"
#include "cli/halves.h"
#include "cli/on_session.h"
#include "cli/opts.h"
#include "cli/out.h"
#include "cli/session.h"
#include "cli/slash.h"
#include "cli/transcript.h"
#include "ui/complete.h"
#include "ui/safe.h"
#include "wire/input.h"

/* name, arguments, help, completion */
#define SLASHES(X)							\
	X(help, "", "what can be typed", NONE)				\
	X(new, "", "begin a new session", NONE)				\
	X(clear, "", "begin a new session on a clear screen", NONE)	\
	X(resume, "ID", "go on with another session", NONE)		\
	X(sessions, "", "list the sessions", NONE)			\
	X(model, "[PROVIDER:MODEL]", "show or change the model", NONE)	\
	X(undo, "", "take the last exchange back", NONE)		\
	X(fork, "", "go on in a copy", NONE)				\
	X(rename, "TITLE", "give the session a title", NONE)		\
	X(export, "FILE", "write the transcript as markdown", PATH)	\
	X(status, "", "session, model, tokens", NONE)			\
	X(quit, "", "leave", NONE)

static int
slash_help(struct chat *c, const char *arg, struct err *e);

static int
slash_new(struct chat *c, const char *arg, struct err *e)
{
	(void)arg;
	return chat_switch(c, NULL, e);
}

static int
slash_clear(struct chat *c, const char *arg, struct err *e)
{
	(void)arg;
	if (isatty(STDOUT_FILENO) &&
	    out_write(STDOUT_FILENO, "\033[H\033[2J", 7, e) != 0)
		return -1;
	return chat_switch(c, NULL, e);
}

static int
slash_resume(struct chat *c, const char *arg, struct err *e)
{
	if (*arg == '\0')
		return err_set(e, ERR_USAGE, "/resume ID: /sessions lists "
		    "them");
	return chat_switch(c, arg, e) != 0 ? -1 : chat_show(c, e);
}

static int
slash_sessions(struct chat *c, const char *arg, struct err *e)
{
	struct json_doc *doc = NULL;
	struct buf b = BUF_INIT;
	const struct json *v;

	(void)arg;
	if (ask_list(chat_halves(c)->client,
	    &(struct ask_list){ .limit = 20 }, &doc, e) != 0)
		return -1;
	JSON_EACH(v, json_get(json_root(doc), "data")) {
		struct item it = { 0 };
		if (item_read(&it, v, NULL) == 0) {
			safe_shows(&b, item_key(&it));
			buf_adds(&b, "  ");
			safe_shows(&b, it.title != NULL ? it.title : "");
			buf_addc(&b, '\n');
		}
		item_clear(&it);
	}
	json_doc_free(doc);
	return out_result(&b, e);
}

static int
slash_model(struct chat *c, const char *arg, struct err *e)
{
	struct session *s = chat_session(c);
	struct item it = { 0 };

	if (*arg != '\0') {
		str_replace(&chat_opts(c)->model, arg);
		if (s->chatd != NULL)
			session_set_model(s, arg);
		return 0;
	}
	if (chat_opts(c)->model != NULL) {
		out_note("%s", chat_opts(c)->model);
		return 0;
	}
	if (s->item.id == NULL) {
		out_note("not chosen: the first message finds one");
		return 0;
	}
	if (ask_get(chat_halves(c)->client, s->item.id, &it, e) != 0)
		return -1;
	out_note("%s", it.model != NULL ? it.model : "not chosen yet");
	item_clear(&it);
	return 0;
}

static int
slash_undo(struct chat *c, const char *arg, struct err *e)
{
	(void)arg;
	if (chat_has_session(c) != 0)
		return 0;
	if (on_session_action(chat_halves(c), &chat_session(c)->item,
	    "{\"type\":\"undo\"}", e) != 0)
		return -1;
	return chat_show(c, e);
}

static int
slash_fork(struct chat *c, const char *arg, struct err *e)
{
	struct item copy = { 0 };

	(void)arg;
	if (chat_has_session(c) != 0)
		return 0;
	if (ask_fork(chat_halves(c)->client, chat_session(c)->item.id, NULL,
	    &copy, e) != 0)
		return -1;
	int r = chat_switch(c, copy.id, e);
	if (r == 0)
		out_note("now in %s", copy.id);
	item_clear(&copy);
	return r;
}

static int
slash_rename(struct chat *c, const char *arg, struct err *e)
{
	struct buf body = BUF_INIT;
	struct json_w w;

	if (chat_has_session(c) != 0)
		return 0;
	char *path = ask_path("/api/chatd/v1/sessions/",
	    chat_session(c)->item.id, "");
	json_w_init(&w, &body);
	json_w_obj(&w);
	json_w_kstr(&w, "title", arg);
	json_w_obj_end(&w);
	int r = ask_only_chatd(chat_halves(c)->client, "PATCH", path, &body,
	    NULL, "/rename", e);
	free(path);
	buf_clear(&body);
	return r;
}

static int
slash_export(struct chat *c, const char *arg, struct err *e)
{
	struct json_doc *doc = NULL;
	struct buf b = BUF_INIT;

	if (chat_has_session(c) != 0)
		return 0;
	if (*arg == '\0')
		return err_set(e, ERR_USAGE, "/export FILE");
	const struct item *it = &chat_session(c)->item;
	if (ask_transcript(chat_halves(c)->client, it->id, &doc, e) != 0)
		return -1;
	transcript_markdown(&b, it, json_get(json_root(doc), "messages"));
	char *path = path_expand(arg);
	int r = path_write_whole(path, b.data, b.len, 0600, e);
	free(path);
	json_doc_free(doc);
	buf_clear(&b);
	return r;
}

static int
slash_status(struct chat *c, const char *arg, struct err *e)
{
	struct item it = { 0 };

	(void)arg;
	if (chat_has_session(c) != 0)
		return 0;
	if (ask_get(chat_halves(c)->client, chat_session(c)->item.id, &it,
	    e) != 0)
		return -1;
	out_note("%s  %s", item_key(&it), it.title != NULL ? it.title : "");
	out_note("%s, %lld messages, model %s, usage %s",
	    item_state_name(it.state), (long long)it.messages,
	    it.model != NULL ? it.model : "-",
	    it.usage != NULL ? it.usage : "-");
	item_clear(&it);
	return 0;
}

static int
slash_quit(struct chat *c, const char *arg, struct err *e)
{
	(void)arg;
	(void)e;
	chat_quit(c);
	return 0;
}

static const struct complete_command table[] = {
#define X(name, args, help, kind)					\
	{ "/" #name, args, help, COMPLETE_##kind, NULL },
	SLASHES(X)
#undef X
};

typedef int slash_fn(struct chat *c, const char *arg, struct err *e);
static slash_fn *const handlers[] = {
#define X(name, args, help, kind) slash_##name,
	SLASHES(X)
#undef X
};

static int
slash_help(struct chat *c, const char *arg, struct err *e)
{
	struct buf b = BUF_INIT;

	(void)c;
	(void)arg;
	for (size_t i = 0; i < NELEM(table); i++)
		buf_addf(&b, "%-10s %-18s %s\n", table[i].name,
		    table[i].args, table[i].help);
	buf_adds(&b, "@PATH attaches a file; Ctrl+C stops a turn; Ctrl+D "
	    "leaves\n");
	return out_result(&b, e);
}

void
slash_table(struct complete_table *t)
{
	t->commands = table;
	t->count = NELEM(table);
	t->arg = NULL;
}

int
slash_run(struct chat *c, const char *text, struct err *e)
{
	size_t len = strcspn(text, " \t\n");
	const char *arg = text + len + strspn(text + len, " \t\n");

	for (size_t i = 0; i < NELEM(table); i++)
		if (strlen(table[i].name) == len &&
		    strncmp(table[i].name, text, len) == 0)
			return handlers[i](c, arg, e);
	err_set(e, ERR_USAGE, "there is no command %.*s", (int)len, text);
	return err_hint(e, "/help lists them");
}
