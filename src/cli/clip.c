/* SPDX-License-Identifier: GPL-3.0-or-later */
/* clip.c - tmux's own buffer */

#include <event2/event.h>

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "cli/clip.h"
#include "tool/child.h"

enum { WAIT_MS = 2000, LOOK_MS = 50 };

struct clip {
	bool ended;
	int status;
};

static void
on_bytes(int fd, const char *bytes, size_t len, void *arg)
{
	(void)fd;
	(void)bytes;
	(void)len;
	(void)arg;
}

static void
on_exit_status(int status, void *arg)
{
	struct clip *c = arg;

	c->ended = true;
	c->status = status;
}

/* The loop must not sleep past the deadline. */
static void
look(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
}

static void
wait_for(struct event_base *base, const struct clip *c)
{
	const struct timeval tv = { .tv_usec = LOOK_MS * 1000 };
	int64_t end = clock_mono_us() + WAIT_MS * 1000;
	struct event *tick = event_new(base, -1, EV_PERSIST, look, NULL);

	event_add(tick, &tv);
	while (!c->ended && clock_mono_us() < end)
		(void)event_base_loop(base, EVLOOP_ONCE);
	event_free(tick);
}

bool
clip_tmux(struct event_base *base, const char *text)
{
	static const char *const argv[] = { "tmux", "load-buffer", "-w", "-",
	    NULL };
	struct clip c = { .status = -1 };
	char **env = child_env_whole();
	struct child_opts co = { .argv = argv, .env = env, .input = true,
	    .merge = true, .on_bytes = on_bytes, .on_exit = on_exit_status,
	    .arg = &c };
	struct err e = ERR_INIT;
	struct child *child = getenv("TMUX") == NULL ? NULL :
	    child_start(base, &co, &e);

	child_env_free(env);
	if (child == NULL)
		return false;
	if (child_write(child, text, strlen(text)) == 0) {
		child_end_input(child);
		wait_for(base, &c);
	}
	if (!c.ended)
		child_drop(child);
	return c.ended && c.status == 0;
}
