/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tui_slash.c - what slash commands do to the screen */

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "cli/clip.h"
#include "cli/opts.h"
#include "cli/session.h"
#include "cli/slash.h"
#include "cli/tui.h"
#include "cli/tui_slash.h"
#include "ui/tui.h"

static struct client *
do_client(void *arg, struct err *e)
{
	return screen_client(arg, e);
}

static int
do_open(void *arg, const char *id, struct err *e)
{
	return screen_open(arg, id, e);
}

static int
do_act(void *arg, const char *action, struct err *e)
{
	struct tui *t = screen_tui(arg);
	char *why = tui_refusal(t);

	if (why == NULL) {
		tui_action(t, action);
		return 0;
	}
	err_set(e, ERR_CONFLICT, "%s", why);
	free(why);
	return -1;
}

static int
do_say(void *arg, const char *text, struct err *e)
{
	return screen_say(arg, text, e);
}

static void
do_tell(void *arg, const char *text)
{
	if (strchr(text, '\n') == NULL)
		tui_note(screen_tui(arg), false, "%s", text);
	else
		tui_say(screen_tui(arg), text);
}

static int
do_help(void *arg, struct err *e)
{
	(void)e;
	tui_show_help(screen_tui(arg));
	return 0;
}

static int
do_list(void *arg, const char *words, struct err *e)
{
	(void)e;
	tui_show_sessions(screen_tui(arg), words);
	return 0;
}

static int
do_wipe(void *arg, struct err *e)
{
	(void)arg;
	(void)e;
	return 0;	/* another session is another screen */
}

static int
do_copy(void *arg, const char *text, struct err *e)
{
	(void)e;
	if (clip_tmux(screen_base(arg), text))
		tui_note(screen_tui(arg), false, "tmux has it (%zu bytes), "
		    "and was asked to pass it on", strlen(text));
	else
		tui_copy(screen_tui(arg), text);
	return 0;
}

static int
do_theme(void *arg, enum style_theme theme, struct err *e)
{
	(void)e;
	tui_theme(screen_tui(arg), theme);
	return 0;
}

static int
do_editor(void *arg, struct err *e)
{
	(void)e;
	tui_edit(screen_tui(arg));
	return 0;
}

static int
do_take(void *arg, struct err *e)
{
	(void)e;
	tui_take_over(screen_tui(arg));
	return 0;
}

static char *
do_company(void *arg)
{
	return tui_company_names(screen_tui(arg));
}

static void
do_changed(void *arg)
{
	struct tui *t = screen_tui(arg);
	const struct opts *o = screen_opts(arg);

	if (o->model != NULL)
		tui_set_model(t, o->model);
	if (o->permission_mode != NULL)
		tui_set_mode(t, o->permission_mode);
	tui_set_title(t, screen_session(arg)->item.title);
}

static void
do_leave(void *arg)
{
	screen_leave(arg);
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

void
tui_slash_init(struct slash *slash, struct screen *s)
{
	*slash = (struct slash){ .ops = &ops, .arg = s,
	    .session = screen_session(s), .opts = screen_opts(s) };
}
