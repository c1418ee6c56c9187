/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tui.c - puts the screen and a server half in the background together */

/*
 * Three processes: a guard that gives the terminal back, the screen, and a
 * server half of its own in the background (as tmux has one), which leaves
 * when nobody is connected and nothing runs. It is started when first needed
 * and again when it has left; the first frame does not wait for it. With
 * --ephemeral the server half is in this process, and nothing outlives it.
 *
 * What is entered is put into a list and done between two runs of the event
 * loop, because doing it asks the server and waits for the answer.
 */

#include <event2/event.h>

#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/proc.h"
#include "cli/ask.h"
#include "cli/background.h"
#include "cli/bang.h"
#include "cli/editor.h"
#include "cli/halves.h"
#include "cli/opts.h"
#include "cli/out.h"
#include "cli/prompt_in.h"
#include "cli/session.h"
#include "cli/slash.h"
#include "cli/tui.h"
#include "cli/tui_slash.h"
#include "cli/who.h"
#include "client/client.h"
#include "ui/complete.h"
#include "ui/guard.h"
#include "ui/tty.h"
#include "ui/tui.h"
#include "wire/fetch.h"

enum {
	REACH_TRIES = 2500,	/* of REACH_WAIT_MS: 5 s */
	REACH_WAIT_MS = 2,
	STARTS_MAX = 4,		/* of one that was killed meanwhile */
	PATIENCE_MS = 24 * 3600 * 1000,	/* a person is there */
};

enum job_kind {
	JOB_TEXT,
	JOB_REACH,		/* a server half, where the old one was */
	JOB_OPEN,
	JOB_NEW,
	JOB_RAN,		/* a command of the user's */
	JOB_KEEP,		/* what the server will forget */
};

struct job {
	enum job_kind kind;
	char *text;
	struct job *next;
};

struct screen {
	struct opts *o;
	struct halves h;
	struct tty tty;
	struct tui *tui;
	struct session session;		/* item.id NULL: none yet */
	struct slash slash;
	struct client *client;		/* ours; or that of h (ephemeral) */
	char *socket;
	char *who;			/* what others see of us */
	char *drafts;			/* a folder, or NULL */
	struct job *jobs;
	struct bang *bang;		/* "!cmd" that runs, or NULL */
	bool quit;
	int status;
};

struct event_base *
screen_base(struct screen *s)
{
	return s->h.base;
}

struct tui *
screen_tui(struct screen *s)
{
	return s->tui;
}

struct session *
screen_session(struct screen *s)
{
	return &s->session;
}

struct opts *
screen_opts(struct screen *s)
{
	return s->o;
}

int
screen_has_session(struct screen *s, struct err *e)
{
	return s->session.item.id != NULL ? 0 : err_set(e, ERR_USAGE,
	    "there is no session yet: say something first");
}

void
screen_leave(struct screen *s)
{
	s->quit = true;
	event_base_loopexit(s->h.base, NULL);
}

static void
add_job(struct screen *s, enum job_kind kind, const char *text)
{
	struct job *j = xcalloc(1, sizeof(*j)), **at = &s->jobs;

	j->kind = kind;
	j->text = text != NULL ? xstrdup(text) : NULL;
	while (*at != NULL)
		at = &(*at)->next;
	*at = j;
	/* not a break: that would end a request that waits */
	event_base_loopexit(s->h.base, NULL);
}

/* --------------------------------------------------------------- server */

static bool
answers(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	bool ok = fd >= 0 && connect(fd, (struct sockaddr *)&sun,
	    sizeof(sun)) == 0;
	if (fd >= 0)
		close(fd);
	return ok;
}

static int
start_server(struct screen *s, struct err *e)
{
	char *path = NULL;
	int starts = 0;
	pid_t pid = 0;

	/* it takes some milliseconds, and without it there is nothing to do */
	for (int i = 0; path == NULL || !answers(path); i++) {
		if (i == REACH_TRIES ||
		    (!proc_alive(pid) && starts == STARTS_MAX)) {
			free(path);
			return err_set(e, ERR_UNREACHABLE,
			    "the server half did not start");
		}
		if (!proc_alive(pid)) {		/* yet, or any more */
			free(path);
			path = NULL;
			starts++;
			if (background_any(&pid, &path, e) != 0)
				return -1;
			fetch_pool_load(s->h.fetch);	/* meanwhile */
		}
		(void)poll(NULL, 0, REACH_WAIT_MS);
	}
	free(s->socket);
	s->socket = path;
	return 0;
}

struct client *
screen_client(struct screen *s, struct err *e)
{
	if (s->o->ephemeral || s->o->remote != NULL)
		return s->h.client;
	if (s->client != NULL && answers(s->socket))
		return s->client;
	if (start_server(s, e) != 0)
		return NULL;
	if (s->client != NULL) {
		/* what is being sent goes there, with the part id it has */
		client_move(s->client, s->socket);
		return s->client;
	}
	struct client_opts co = { .base = s->h.base, .fetch = s->h.fetch,
	    .unix_path = s->socket };
	s->client = client_new(&co);
	client_set_patience(s->client, PATIENCE_MS, false);
	return s->client;
}

/* -------------------------------------------------------------- sessions */

/* A server that is not ours may have no transcript by pages, or none. */
static int
show_remote(struct screen *s, struct client *cl, struct err *e)
{
	struct json_doc *doc = NULL;
	int r = ask_transcript(cl, item_key(&s->session.item), &doc, e);

	if (r == 0)
		tui_attach(s->tui, cl, &s->session.item, json_root(doc));
	json_doc_free(doc);
	return r;
}

/* The session is s->session: show it. */
static int
show_session(struct screen *s, struct client *cl, struct err *e)
{
	struct json_doc *doc = NULL;

	if (!client_is_local(cl))
		return show_remote(s, cl, e);
	char *query = xasprintf("/transcript?limit=%d", TUI_PAGE);
	char *path = ask_path("/api/v1/sessions/", s->session.item.id, query);
	int r = ask_server(cl, "GET", path, NULL, &doc, e);

	if (r == 0)
		tui_attach(s->tui, cl, &s->session.item, json_root(doc));
	json_doc_free(doc);
	free(path);
	free(query);
	return r;
}

/* By the options, which name a session or none. */
static int
pick(struct screen *s, struct err *e)
{
	struct client *cl = screen_client(s, e);
	int r = cl != NULL ? session_pick(&s->session, cl, s->o, e) : -1;

	if (r == 0)
		r = show_session(s, cl, e);
	/* said once: from now on this session is the one */
	str_replace(&s->o->resume, NULL);
	str_replace(&s->o->session, NULL);
	s->o->go_on = s->o->fork = false;
	return r;
}

/* There is something to say: to the session that is shown, or is to be. */
static int
show_some(struct screen *s, struct err *e)
{
	struct client *cl = screen_client(s, e);

	if (cl == NULL)
		return -1;
	if (s->session.item.id == NULL)
		return pick(s, e);
	return tui_session(s->tui) != NULL ? 0 : show_session(s, cl, e);
}

int
screen_open(struct screen *s, const char *id, struct err *e)
{
	struct item it = { 0 };
	struct client *cl = screen_client(s, e);

	if (cl == NULL)
		return -1;
	/* stay where we are if there is no such session */
	if (id != NULL && ask_resolve(cl, id, &it, e) != 0)
		return -1;
	tui_detach(s->tui);
	session_clear(&s->session);
	if (id == NULL) {
		tui_set_title(s->tui, NULL);
		tui_fresh(s->tui);
		return 0;
	}
	str_replace(&s->o->resume, it.id);
	item_clear(&it);
	int r = pick(s, e);
	if (r != 0)
		tui_fresh(s->tui);
	return r;
}

/* --------------------------------------------------------------- entries */

int
screen_say(struct screen *s, const char *text, struct err *e)
{
	struct prompt p = { .text = BUF_INIT };
	struct buf message = BUF_INIT;

	buf_adds(&p.text, text);
	p.typed = p.text.len;
	int r = prompt_message(&message, &p, &s->o->files, e);
	if (r == 0) {
		tui_echo(s->tui, message.data);
		(void)tui_frame(s->tui);
		r = show_some(s, e);
		if (r != 0)
			tui_unsend(s->tui, text);
	} else {
		tui_set_text(s->tui, text);
	}
	if (r == 0) {
		tui_send(s->tui, message.data, s->session.metadata,
		    session_told(&s->session));
		strlist_clear(&s->o->files);	/* with the first only */
	}
	buf_clear(&message);
	buf_clear(&p.text);
	return r;
}

static void
on_ran(const char *text, void *arg)
{
	struct screen *s = arg;

	s->bang = NULL;
	add_job(s, JOB_RAN, text);
}

static int
run_bang(struct screen *s, const char *command, struct err *e)
{
	command += strspn(command, " \t\n");
	if (*command == '\0')
		return err_set(e, ERR_USAGE, "!COMMAND runs a command");
	if (s->bang != NULL)
		return err_set(e, ERR_USAGE, "a command runs already: Esc "
		    "ends it");
	s->bang = bang_start(s->h.base, command, on_ran, s, e);
	if (s->bang == NULL)
		return -1;
	tui_note(s->tui, false, "running %s (Esc ends it)", command);
	return 0;
}

/* Show it, and tell the model with the next turn. */
static int
tell_ran(struct screen *s, const char *text, struct err *e)
{
	struct buf action = BUF_INIT;

	if (show_some(s, e) != 0) {
		tui_say(s->tui, text);
		return -1;
	}
	tui_note_clear(s->tui);
	/* our own server's answer to it shows it, here and to others */
	if (s->o->remote != NULL)
		tui_say(s->tui, text);
	bang_action(&action, text);
	tui_action(s->tui, action.data);
	buf_clear(&action);
	return 0;
}

/* The server forgets a turn with the one after the next (8.4): asking for the
 * transcript is what makes us remember it. */
static void
keep_turn(struct screen *s)
{
	struct json_doc *doc = NULL;

	/* another turn brings another chance */
	if (s->session.item.id != NULL && ask_transcript(s->h.client,
	    item_key(&s->session.item), &doc, NULL) == 0)
		json_doc_free(doc);
}

/* By the options: is there one to begin with? */
static bool
names_session(const struct opts *o)
{
	return o->go_on || o->resume != NULL || o->session != NULL;
}

static void
perform(struct screen *s, const struct job *j)
{
	struct err e = ERR_INIT;
	int r = 0;

	switch (j->kind) {
	case JOB_REACH:
		r = screen_client(s, &e) != NULL ? 0 : -1;
		break;
	case JOB_OPEN:
		r = screen_open(s, j->text, &e);
		break;
	case JOB_NEW:
		if (names_session(s->o))
			r = pick(s, &e);
		else if (s->o->pick)
			tui_show_sessions(s->tui, NULL);
		if (r != 0)
			tui_fresh(s->tui);
		s->o->pick = false;
		break;
	case JOB_TEXT:
		r = complete_is_command(j->text) ?
		    slash_run(&s->slash, j->text, &e) :
		    j->text[0] == '!' ? run_bang(s, j->text + 1, &e) :
		    screen_say(s, j->text, &e);
		break;
	case JOB_RAN:
		r = tell_ran(s, j->text, &e);
		break;
	case JOB_KEEP:
		keep_turn(s);
		break;
	}
	if (r != 0)
		tui_note(s->tui, true, "%s", e.text);
}

static void
loop(struct screen *s)
{
	while (!s->quit) {
		struct job *j = s->jobs;

		if (j == NULL) {
			if (event_base_dispatch(s->h.base) != 0)
				return;
			continue;
		}
		s->jobs = j->next;
		perform(s, j);
		free(j->text);
		free(j);
	}
}

/* --------------------------------------------------------- of the screen */

static void
on_submit(void *arg, const char *text)
{
	add_job(arg, JOB_TEXT, text);
}

static void
on_open(void *arg, const char *id)
{
	if (id != NULL)
		add_job(arg, JOB_OPEN, id);
	else
		add_job(arg, JOB_TEXT, "/new");
}

static struct client *
on_reach(void *arg, struct err *e)
{
	return screen_client(arg, e);
}

static void
on_lost(void *arg)
{
	struct screen *s = arg;

	if (!s->o->ephemeral && !answers(s->socket))
		add_job(s, JOB_REACH, NULL);
}

static void
on_turned(void *arg)
{
	struct screen *s = arg;

	if (s->o->remote != NULL && !client_is_chatd(s->h.client))
		add_job(s, JOB_KEEP, NULL);
}

static bool
on_interrupt(void *arg)
{
	struct screen *s = arg;

	if (s->bang == NULL)
		return false;
	bang_stop(s->bang);
	return true;
}

static void
on_leave(void *arg)
{
	screen_leave(arg);
}

static void
on_signal(int sig, void *arg)
{
	struct screen *s = arg;

	s->status = 128 + sig;
	screen_leave(s);
}

static char *
on_edit(void *arg, const char *text, struct err *e)
{
	(void)arg;
	return editor_run(text, e);
}

static void
on_mode(void *arg)
{
	struct screen *s = arg;
	struct err e = ERR_INIT;

	if (slash_next_mode(&s->slash, &e) != 0)
		tui_note(s->tui, true, "%s", e.text);
}

static void
on_told(void *arg, const struct json *chunk)
{
	struct screen *s = arg;

	if (session_plan_over(&s->session, s->o, chunk))
		tui_set_mode(s->tui, s->o->permission_mode);
}

static const struct tui_ops ops = {
	.submit = on_submit,
	.open = on_open,
	.reach = on_reach,
	.lost = on_lost,
	.turned = on_turned,
	.leave = on_leave,
	.interrupt = on_interrupt,
	.edit = on_edit,
	.mode = on_mode,
	.told = on_told,
};

/* ------------------------------------------------------------------ run */

bool
tui_possible(const struct opts *o)
{
	const char *term = getenv("TERM");

	return !o->line && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) &&
	    term != NULL && *term != '\0' && strcmp(term, "dumb") != 0;
}

static int
open_screen(struct screen *s, struct err *e)
{
	char *history = path_state("history");
	struct tui_opts to = {
		.base = s->h.base,
		.tty = &s->tty,
		.history = s->o->ephemeral ? NULL : history,
		.read_only = s->o->read_only,
		.ops = &ops,
		.arg = s,
	};
	int r = path_make_parent(history, e);

	if (!s->o->ephemeral && !s->o->read_only)
		to.drafts = s->drafts = path_state("drafts");
	to.who = s->who = who_am_i(s->o);
	tui_slash_init(&s->slash, s);
	slash_table(&s->slash, &to.table);
	if (r == 0) {
		s->tui = tui_new(&to, e);
		r = s->tui != NULL ? 0 : -1;
	}
	free(history);
	if (r == 0)
		r = tty_start(&s->tty, e);
	if (r == 0) {
		tui_set_title(s->tui, NULL);
		if (!names_session(s->o))
			tui_fresh(s->tui);
		if (s->o->model != NULL)
			tui_set_model(s->tui, s->o->model);
		if (s->o->permission_mode != NULL)
			tui_set_mode(s->tui, s->o->permission_mode);
		if (s->o->sandbox != NULL && s->o->remote == NULL)
			tui_set_sandbox(s->tui, s->o->sandbox);
		(void)tui_frame(s->tui);
	}
	return r;
}

/* Sends to another server wait for it; what that means is said. */
static void
client_waits(int64_t ms, const struct err *why, void *arg)
{
	struct screen *s = arg;

	tui_send_waits(s->tui, ms, why);
}

static void
client_recreated(void *arg)
{
	struct screen *s = arg;

	tui_note(s->tui, true, "the session had vanished: it begins anew");
	add_job(s, JOB_OPEN, s->session.item.id);
}

static void
watch_client(struct screen *s)
{
	struct client_hooks hooks = { .on_wait = client_waits,
	    .on_recreated = client_recreated, .arg = s };

	if (s->o->remote == NULL)
		return;
	client_set_hooks(s->h.client, &hooks);
	client_set_patience(s->h.client, PATIENCE_MS, false);
}

static void
first_jobs(struct screen *s)
{
	struct buf b = BUF_INIT;

	add_job(s, JOB_NEW, NULL);
	for (size_t i = 0; i < s->o->words.count; i++)
		buf_addf(&b, "%s%s", i > 0 ? " " : "",
		    s->o->words.items[i]);
	if (b.len > 0)
		add_job(s, JOB_TEXT, b.data);
	buf_clear(&b);
}

/* What did not reach the server is kept with the session, and said. */
static void
tell_unsent(const struct screen *s, const char *text)
{
	if (text == NULL)
		return;
	out_note("chatd: not sent, %s:", s->drafts == NULL ? "and not kept" :
	    "but kept for when the session is opened again");
	out_note("%s", text);
}

static void
close_screen(struct screen *s)
{
	char *unsent = s->tui != NULL ? tui_unsent(s->tui) : NULL;

	bang_drop(s->bang);
	if (s->tui != NULL)
		tui_free(s->tui);
	tty_close(&s->tty);
	tell_unsent(s, unsent);
	free(unsent);
	if (s->client != NULL)
		client_free(s->client);
	session_clear(&s->session);
	slash_end(&s->slash);
	while (s->jobs != NULL) {
		struct job *next = s->jobs->next;
		free(s->jobs->text);
		free(s->jobs);
		s->jobs = next;
	}
	free(s->socket);
	free(s->who);
	free(s->drafts);
	halves_close(&s->h);
}

int
tui_run(struct opts *o, struct err *e)
{
	struct screen s = { .o = o };
	int r;

	if (session_check(o, e) != 0)
		return -1;
	guard_start(STDIN_FILENO);
	setlocale(LC_CTYPE, "");
	if (tty_open(&s.tty, STDIN_FILENO, STDOUT_FILENO, e) != 0)
		return -1;
	r = halves_open(&s.h, o->ephemeral || o->remote != NULL ?
	    HALVES_SERVER : HALVES_LOOP, o, e);
	if (r == 0) {
		watch_client(&s);
		halves_on_signal(&s.h, on_signal, &s);
		r = open_screen(&s, e);
		if (r == 0) {
			first_jobs(&s);
			loop(&s);
		}
	}
	close_screen(&s);
	return r != 0 ? -1 : s.status;
}
