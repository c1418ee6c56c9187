/* SPDX-License-Identifier: GPL-3.0-or-later */
/* background.c - starts the server half of a session, and is one */

#include <event2/event.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "agent/agent.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/proc.h"
#include "cli/ask.h"
#include "cli/background.h"
#include "cli/halves.h"
#include "cli/opts.h"
#include "client/client.h"
#include "store/store.h"

enum {
	START_TRIES = 500,	/* of START_WAIT_MS: 10 s */
	START_WAIT_MS = 20,
	STARTS_MAX = 4,		/* of one that was killed meanwhile */
	LINGER_S = 5,		/* without client and turn */
	END_GRACE_MS = 10 * 1000,
};

static int
start_half(const char *id, pid_t *pid, struct err *e)
{
	char *self = proc_self();
	char *word = xstrdup(id);
	char *argv[] = { self, (char []){ "serve" },
	    (char []){ "--background" }, (char []){ "--" }, word, NULL };
	int r = proc_spawn_background(self, argv, pid, e);

	free(word);
	free(self);
	return r;
}

int
background_start(const char *id, struct err *e)
{
	return start_half(id, NULL, e);
}

int
background_any(pid_t *pid, char **path, struct err *e)
{
	char *self = proc_self();
	char *argv[] = { self, (char []){ "serve" },
	    (char []){ "--background" }, NULL };
	char name[32];
	int r = proc_spawn_background(self, argv, pid, e);

	free(self);
	if (r != 0)
		return -1;
	snprintf(name, sizeof(name), "%ld.sock", (long)*pid);
	*path = path_runtime(name, e);
	return *path != NULL ? 0 : -1;
}

/* Does another process own it? 1, 0, or -1. */
static int
is_live(struct halves *h, const struct item *it, struct err *e)
{
	struct json_doc *doc = NULL;
	char *path = ask_path("/api/chatd/v1/sessions/", it->id, "");
	int64_t pid = 0;

	if (ask_server(h->client, "GET", path, NULL, &doc, e) != 0) {
		free(path);
		return -1;
	}
	bool live = json_bool(json_get(json_root(doc), "live"), false) &&
	    json_int64(json_path(json_root(doc), "owner", "pid", NULL),
	    &pid) == 0 && pid != (int64_t)getpid();
	json_doc_free(doc);
	free(path);
	return live ? 1 : 0;
}

static void
pause_loop(struct event_base *base)
{
	struct timeval tv = { .tv_usec = START_WAIT_MS * 1000 };

	event_base_loopexit(base, &tv);
	event_base_dispatch(base);
}

int
background_own(struct halves *h, const struct item *it, struct err *e)
{
	int live, starts = 1;
	pid_t pid;

	if (h->server == NULL)
		return 0;	/* another server has its own agents */
	live = is_live(h, it, e);
	if (live != 0)
		return live > 0 ? 0 : -1;
	if (start_half(it->id, &pid, e) != 0)
		return -1;
	for (int i = 0; i < START_TRIES; i++) {
		pause_loop(h->base);
		live = is_live(h, it, e);
		if (live != 0)
			return live > 0 ? 0 : -1;
		if (!proc_alive(pid) && starts++ < STARTS_MAX &&
		    start_half(it->id, &pid, e) != 0)
			return -1;
	}
	return err_set(e, ERR_UNREACHABLE,
	    "the server half of %s did not start", it->id);
}

struct background {
	struct halves h;
	struct event *linger;
};

static void
linger_over(evutil_socket_t fd, short what, void *arg)
{
	struct background *b = arg;

	(void)fd;
	(void)what;
	if (halves_is_idle(&b->h))
		event_base_loopbreak(b->h.base);
}

static void
idle(void *arg)
{
	struct background *b = arg;
	struct timeval tv = { .tv_sec = LINGER_S };

	event_add(b->linger, &tv);
}

static void
stopped(void *arg)
{
	struct background *b = arg;

	event_base_loopbreak(b->h.base);
}

static void
signalled(int sig, void *arg)
{
	struct background *b = arg;

	(void)sig;
	agent_host_stop(b->h.agents, END_GRACE_MS, stopped, b);
}

static int
own(struct background *b, const char *id, struct err *e)
{
	struct item it = { 0 };
	struct owner other;
	struct err why = ERR_INIT;
	int r = store_find(b->h.store, id, &it, e);

	if (r == 0 && agent_own(b->h.agents, &it, &other, &why) != 0)
		/* somebody was faster, and that is as good */
		r = why.code == ERR_CONFLICT ? 1 : err_pass(e, &why);
	item_clear(&it);
	return r;
}

int
background_serve(struct opts *o, struct err *e)
{
	struct background b = { .linger = NULL };

	if (halves_open(&b.h, HALVES_SERVER, o, e) != 0)
		return -1;
	b.linger = event_new(b.h.base, -1, 0, linger_over, &b);
	halves_on_idle(&b.h, idle, &b);
	halves_on_signal(&b.h, signalled, &b);
	int r = o->words.count == 0 ? 0 : own(&b, o->words.items[0], e);
	if (r == 0) {
		idle(&b);
		event_base_dispatch(b.h.base);
	}
	event_free(b.linger);
	halves_close(&b.h);
	return r < 0 ? -1 : 0;
}
