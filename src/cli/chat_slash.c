/* SPDX-License-Identifier: GPL-3.0-or-later */
/* chat_slash.c - what slash commands do in line mode */

#include <event2/event.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/ask.h"
#include "cli/bang.h"
#include "cli/chat.h"
#include "cli/chat_slash.h"
#include "cli/clip.h"
#include "cli/editor.h"
#include "cli/halves.h"
#include "cli/on_session.h"
#include "cli/out.h"
#include "cli/session.h"
#include "cli/slash.h"
#include "ui/complete.h"
#include "ui/line.h"
#include "ui/safe.h"
#include "ui/style.h"
#include "wire/item.h"

enum {
	LISTED = 20,
	COPY_MAX = 100 * 1024,	/* what terminals take */
};

static struct client *
do_client(void *arg, struct err *e)
{
	(void)e;
	return chat_halves(arg)->client;
}

/* What was said is shown, but of a new session. */
static int
do_open(void *arg, const char *id, struct err *e)
{
	return chat_switch(arg, id, e) != 0 ? -1 :
	    id != NULL ? chat_show(arg, e) : 0;
}

static int
do_act(void *arg, const char *action, struct err *e)
{
	return on_session_action(chat_halves(arg), &chat_session(arg)->item,
	    action, e) != 0 ? -1 : chat_show(arg, e);
}

static int
do_say(void *arg, const char *text, struct err *e)
{
	return chat_say(arg, text, e);
}

static void
do_tell(void *arg, const char *text)
{
	(void)arg;
	for (const char *s = text; *s != '\0';) {
		size_t len = strcspn(s, "\n");

		out_note("%.*s", (int)len, s);
		s += len + (s[len] == '\n');
	}
}

static int
do_help(void *arg, struct err *e)
{
	struct complete_table t;
	struct buf b = BUF_INIT;

	slash_table(chat_slash(arg), &t);
	for (size_t i = 0; i < t.count; i++)
		buf_addf(&b, "%-12s %-18s %s\n", t.commands[i].name,
		    t.commands[i].args, t.commands[i].help);
	buf_adds(&b, "!COMMAND runs it here, the model sees what it wrote "
	    "with your next message\n"
	    "@PATH attaches a file; Alt+Enter or Ctrl+J is a new line; "
	    "Ctrl+C stops a turn;\n"
	    "Ctrl+D leaves. When a call waits: y once, a for this session, "
	    "p always,\nn [WHY] no, e edit\n");
	return out_result(&b, e);
}

/* ----------------------------------------------------------------- list */

static void
add_item(struct buf *b, const struct json *v, const char *snippet)
{
	struct item it = { 0 };

	if (item_read(&it, v, NULL) == 0) {
		safe_shows(b, item_key(&it));
		buf_addf(b, "  %s  ", item_state_name(it.state));
		safe_shows(b, it.title != NULL ? it.title : "");
		buf_addc(b, '\n');
	}
	item_clear(&it);
	for (; snippet != NULL && *snippet != '\0'; snippet++) {
		size_t len = strcspn(snippet, "\001\002\n");

		buf_adds(b, b->data[b->len - 1] == '\n' ? "    " : "");
		safe_show(b, snippet, len);
		snippet += len;
		if (*snippet == '\0')
			break;
	}
	if (b->len > 0 && b->data[b->len - 1] != '\n')
		buf_addc(b, '\n');
}

static int
do_search(struct chat *c, const char *words, struct err *e)
{
	char *path = ask_path("/api/chatd/v1/search?limit=20&q=", words, "");
	struct json_doc *doc = NULL;
	struct buf b = BUF_INIT;
	const struct json *v;
	int r = ask_only_chatd(chat_halves(c)->client, "GET", path, NULL,
	    &doc, "/search", e);

	free(path);
	JSON_EACH(v, json_root(doc))
		add_item(&b, json_get(v, "session"),
		    json_get_str(v, "snippet"));
	json_doc_free(doc);
	if (r == 0 && b.len == 0)
		out_note("nothing was found");
	if (r == 0)
		return out_result(&b, e);
	buf_clear(&b);
	return -1;
}

static int
do_list(void *arg, const char *words, struct err *e)
{
	struct json_doc *doc = NULL;
	struct buf b = BUF_INIT;
	const struct json *v;

	if (words != NULL)
		return do_search(arg, words, e);
	if (ask_list(chat_halves(arg)->client,
	    &(struct ask_list){ .limit = LISTED }, &doc, e) != 0)
		return -1;
	JSON_EACH(v, json_get(json_root(doc), "data"))
		add_item(&b, v, NULL);
	json_doc_free(doc);
	return out_result(&b, e);
}

/* ------------------------------------------------------------- terminal */

static int
do_wipe(void *arg, struct err *e)
{
	(void)arg;
	return isatty(STDOUT_FILENO) ?
	    out_write(STDOUT_FILENO, "\033[H\033[2J", 7, e) : 0;
}

static int
do_copy(void *arg, const char *text, struct err *e)
{
	struct buf b = BUF_INIT;
	size_t len = strlen(text);

	if (!isatty(STDOUT_FILENO))
		return err_set(e, ERR_USAGE, "/copy: there is no terminal");
	if (clip_tmux(chat_halves(arg)->base, text)) {
		out_note("tmux has it (%zu bytes), and was asked to pass it "
		    "on", len);
		return 0;
	}
	if (len > COPY_MAX)
		return err_set(e, ERR_TOO_BIG, "too long for the terminal's "
		    "clipboard: /export FILE writes it");
	buf_adds(&b, "\033]52;c;");
	base64_encode(&b, text, len);
	buf_adds(&b, "\033\\");
	int r = out_write(STDOUT_FILENO, b.data, b.len, e);
	if (r == 0)
		out_note("sent %zu bytes to the terminal (OSC 52): it may "
		    "keep or refuse them", len);
	buf_clear(&b);
	return r;
}

static int
do_theme(void *arg, enum style_theme theme, struct err *e)
{
	(void)e;
	style_set_theme(chat_style(arg), theme);
	return 0;
}

static int
do_editor(void *arg, struct err *e)
{
	char *text = editor_run("", e);

	if (text == NULL)
		return -1;
	line_set_text(chat_line(arg), text);
	free(text);
	return 0;
}

static int
do_take(void *arg, struct err *e)
{
	return chat_take_over(arg, e);
}

static char *
do_company(void *arg)
{
	return chat_company(arg);
}

static void
do_changed(void *arg)
{
	(void)arg;	/* nothing of it is shown here */
}

static void
do_leave(void *arg)
{
	chat_quit(arg);
}

static const struct slash_ops ops = {
	.client = do_client,
	.open = do_open,
	.act = do_act,
	.say = do_say,
	.tell = do_tell,
	.help = do_help,
	.list = do_list,
	.wipe = do_wipe,
	.copy = do_copy,
	.theme = do_theme,
	.editor = do_editor,
	.take = do_take,
	.company = do_company,
	.changed = do_changed,
	.leave = do_leave,
};

static void
ran(const char *text, void *arg)
{
	char **out = arg;

	*out = xstrdup(text);
}

int
chat_bang(struct chat *c, const char *command, struct bang **now,
    struct err *e)
{
	struct event_base *base = chat_halves(c)->base;
	struct buf action = BUF_INIT;
	char *text = NULL;
	int r;

	command += strspn(command, " \t\n");
	if (*command == '\0')
		return err_set(e, ERR_USAGE, "!COMMAND runs a command");
	*now = bang_start(base, command, ran, &text, e);
	if (*now == NULL)
		return -1;
	while (text == NULL)
		(void)event_base_loop(base, EVLOOP_ONCE);
	*now = NULL;
	do_tell(c, text);
	bang_action(&action, text);
	r = chat_begin(c, e);
	if (r == 0)
		r = on_session_action(chat_halves(c), &chat_session(c)->item,
		    action.data, e);
	buf_clear(&action);
	free(text);
	return r;
}

void
chat_slash_init(struct slash *slash, struct chat *c)
{
	*slash = (struct slash){ .ops = &ops, .arg = c,
	    .session = chat_session(c), .opts = chat_opts(c) };
}
