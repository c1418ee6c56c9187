/* SPDX-License-Identifier: GPL-3.0-or-later */
/* relay.c - turns that a program answers */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>
#include <event2/event.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/path.h"
#include "store/store.h"
#include "world.h"

struct place {
	char *dir;	/* CHATD_HOME */
	struct world w;
};

static int
setup(void **state)
{
	struct place *pl = xcalloc(1, sizeof(*pl));

	pl->dir = world_dir();
	assert_int_equal(setenv("CHATD_HOME", pl->dir, 1), 0);
	*state = pl;
	return 0;
}

static int
teardown(void **state)
{
	struct place *pl = *state;

	world_close(&pl->w);
	world_dir_remove(pl->dir);
	free(pl);
	return 0;
}

/* The agent is this line of sh. */
static void
open_with(struct place *pl, const char *script, int64_t quiet_ms)
{
	char *path = path_join(pl->dir, "config/agents/chat.md");
	char *text = xasprintf("---\nwarm: 0.01\nprogram:\n  - sh\n  - -c\n"
	    "  - |\n    %s\n---\n", script);
	struct err e = ERR_INIT;
	struct owner other;

	assert_int_equal(path_make_parent(path, NULL), 0);
	assert_int_equal(path_write_whole(path, text, strlen(text), 0600,
	    NULL), 0);
	free(path);
	free(text);
	world_open_store(&pl->w, NULL, NULL);
	struct agent_opts ao = {
		.base = pl->w.base, .store = pl->w.store,
		.models = &pl->w.models, .defaults = &pl->w.defaults,
		.quiet_ms = quiet_ms,
	};

	pl->w.host = agent_host_new(&ao);
	assert_int_equal(agent_own(pl->w.host, &pl->w.item, &other, &e), 0);
}

/* The loop, until a word stands on out. */
static void
until_out(struct world *w, const char *word)
{
	while (strstr(world_out(w, 0), word) == NULL)
		event_base_loop(w->base, EVLOOP_ONCE);
}

static void
until_complete(struct world *w, int n)
{
	while (world_completes(w) < n)
		event_base_loop(w->base, EVLOOP_ONCE);
}

/* A program that was let go is reaped in the background. */
static void
until_childless(struct world *w)
{
	siginfo_t info;

	while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0)
		event_base_loop(w->base, EVLOOP_ONCE);
}

#define SAY "echo '{\"type\":\"text-start\",\"id\":\"t\"}'; " \
	"echo '{\"type\":\"text-delta\",\"id\":\"t\",\"delta\":\"x\"}'; "
#define OVER "echo '{\"type\":\"turn-complete\"}'; "

static void
answers(void **state)
{
	struct place *pl = *state;

	open_with(pl, "while read -r l; do " SAY OVER "done", 0);
	world_say(&pl->w, "u1", "one");
	until_complete(&pl->w, 1);
	assert_string_equal(world_out(&pl->w, 0), "start text-start "
	    "text-delta text-end finish [turn-complete:0]");
	world_check_reduced(&pl->w, 0, 1);
	assert_int_equal(pl->w.models.asked, 0);
	/* it goes cold in between, and another one comes */
	world_say(&pl->w, "u2", "two");
	until_complete(&pl->w, 2);
	assert_string_equal(world_transcript(&pl->w),
	    "user:one assistant:x user:two assistant:x");
}

/* session-protocol 7.7 */
static void
keeps_alive(void **state)
{
	struct place *pl = *state;

	open_with(pl, "read -r l; " SAY "read -r l; " OVER, 1);
	world_say(&pl->w, "u1", "one");
	until_out(&pl->w, "data-chatd-keepalive data-chatd-keepalive");
	assert_int_equal(world_completes(&pl->w), 0);
}

/* Nobody waits for a program when the session is closed (9.3). */
static void
closes_at_once(void **state)
{
	struct place *pl = *state;

	open_with(pl, "read -r l; " SAY "exec sleep 60", 0);
	world_say(&pl->w, "u1", "one");
	until_out(&pl->w, "text-delta");
	agent_closed(pl->w.host, pl->w.item.row);
	world_pass(&pl->w);
	assert_int_equal(world_completes(&pl->w), 1);
	assert_int_equal(agent_running(pl->w.host), 0);
	until_childless(&pl->w);
}

static void
drops_a_running_program(void **state)
{
	struct place *pl = *state;

	open_with(pl, "read -r l; " SAY "exec sleep 60", 0);
	world_say(&pl->w, "u1", "one");
	until_out(&pl->w, "text-delta");
	agent_drop(pl->w.host, pl->w.item.row);
	assert_int_equal(agent_running(pl->w.host), 0);
	until_childless(&pl->w);
}

/* An end that was meant for an earlier turn. */
static void
ignores_another_turns_end(void **state)
{
	struct place *pl = *state;

	open_with(pl, "read -r l; " SAY
	    "echo '{\"type\":\"turn-complete\",\"turn\":7}'; "
	    "echo '{\"type\":\"text-delta\",\"id\":\"t\",\"delta\":\"y\"}'; "
	    OVER "read -r l", 0);
	world_say(&pl->w, "u1", "one");
	until_complete(&pl->w, 1);
	assert_string_equal(world_transcript(&pl->w), "user:one assistant:xy");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
		T(answers), T(keeps_alive), T(closes_at_once),
		T(drops_a_running_program), T(ignores_another_turns_end),
#undef T
	};

	return cmocka_run_group_tests_name("agent/relay", tests, NULL, NULL);
}
