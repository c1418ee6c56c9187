/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bash.c - commands: output, ends, limits, and what a sandbox keeps them from */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "rig.h"
#include "tool/sandbox.h"

#define assert_has(s, part) assert_non_null(strstr((s), (part)))
#define assert_lacks(s, part) assert_null(strstr((s), (part)))

static void
output_and_status_come_back(void **state)
{
	struct rig *r = *state;
	char *pwd = xasprintf("%s\n", r->dir);

	rig_call(r, "Bash", "{'command':'echo out; echo err >&2; exit 3'}");
	assert_string_equal(rig_str(r, "output"), "out\nerr\n");
	assert_int_equal(rig_int(r, "exitStatus"), 3);
	assert_has(r->res.model, "[exit status 3]");
	rig_call(r, "Bash", "{'command':'true'}");
	assert_has(r->res.model, "no output");
	rig_call(r, "Bash", "{'command':'cat; pwd; echo a\\u0000b'}");
	assert_has(r->res.err.text, "NUL");
	rig_call(r, "Bash", "{'command':'cat; pwd'}");
	assert_string_equal(rig_str(r, "output"), pwd);
	free(pwd);
}

static void
a_signal_is_told(void **state)
{
	struct rig *r = *state;

	rig_call(r, "Bash", "{'command':'kill -9 $$'}");
	assert_int_equal(rig_int(r, "signal"), 9);
	assert_has(r->res.model, "killed by signal 9");
}

static void
output_comes_while_it_runs(void **state)
{
	struct rig *r = *state;
	char *fifo = rig_path(r, "fifo");

	assert_int_equal(mkfifo(fifo, 0600), 0);
	r->fifo = fifo;
	rig_call(r, "Bash", "{'command':'echo first; cat fifo; echo last'}");
	assert_has(r->previews.data, "\"running\":true");
	assert_has(r->previews.data, "first");
	assert_lacks(r->previews.data, "last");
	assert_string_equal(rig_str(r, "output"), "first\ngo\nlast\n");
	free(fifo);
}

static void
long_output_goes_to_a_file(void **state)
{
	struct rig *r = *state;
	struct stat st;

	rig_call(r, "Bash", "{'command':'seq 1 100000'}");
	assert_int_equal(rig_int(r, "bytes"), 588895);
	assert_true(strlen(rig_str(r, "output")) < 32000);
	assert_has(r->res.model, "bytes left out; the whole output is in");
	assert_has(r->res.model, "99999\n100000\n");
	assert_int_equal(stat(rig_str(r, "outputFile"), &st), 0);
	assert_int_equal(st.st_size, 588895);
}

static bool
is_gone(struct rig *r, const char *file)
{
	const char *text = rig_read(r, file);
	pid_t pid = text == NULL ? 0 : (pid_t)strtol(text, NULL, 10);
	char path[64], line[256];
	FILE *f;
	bool zombie;

	assert_true(pid > 0);
	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	f = fopen(path, "r");
	if (f == NULL)
		return true;
	zombie = fgets(line, sizeof line, f) == NULL ||
	    strstr(line, ") Z") != NULL || strstr(line, ") X") != NULL;
	fclose(f);
	return zombie;
}

/* Its parent reaps it; only wait until the kernel has killed it. */
static void
assert_goes(struct rig *r, const char *file)
{
	int i;

	for (i = 0; i < 6000 && !is_gone(r, file); i++)
		event_base_loopexit(r->base, &(struct timeval){ 0, 10000 }),
		event_base_dispatch(r->base);
	assert_true(is_gone(r, file));
}

static void
a_timeout_kills_the_whole_group(void **state)
{
	struct rig *r = *state;

	rig_call(r, "Bash", "{'command':'sleep 1000 & echo $! >pid; wait',"
	    "'timeout':3000}");
	assert_has(r->res.model, "not done after 3000 ms");
	assert_has(r->res.output, "\"timedOut\":true");
	assert_goes(r, "pid");
	/* TERM is not enough for this one */
	rig_call(r, "Bash", "{'command':'trap : TERM; sleep 1000 & "
	    "echo $! >pid; while :; do wait; sleep 0.1; done','timeout':3000}");
	assert_int_equal(rig_int(r, "signal"), SIGKILL);
	assert_goes(r, "pid");
}

static void
nothing_goes_on_behind_a_command(void **state)
{
	struct rig *r = *state;

	rig_call(r, "Bash", "{'command':'sleep 1000 & echo $! >pid; "
	    "echo done'}");
	assert_string_equal(rig_str(r, "output"), "done\n");
	assert_goes(r, "pid");
}

static void
never(struct tool_result *res, void *arg)
{
	(void)res;
	(void)arg;
	fail();
}

static void
a_cancelled_command_is_killed_and_silent(void **state)
{
	struct rig *r = *state;
	const char *text = "{\"command\":\"echo $$ >pid; exec sleep 1000\"}";
	struct json_doc *doc = json_parse(text, strlen(text), 0, NULL);
	struct tool_fns fns = { .on_done = never };
	struct tool_run *run = tool_start(tool_builtin("Bash"),
	    json_root(doc), &r->env, &fns, NULL);
	const char *got;

	assert_non_null(run);
	while ((got = rig_read(r, "pid")) == NULL || *got == '\0')
		event_base_loop(r->base, EVLOOP_NONBLOCK);
	tool_cancel(run);
	assert_goes(r, "pid");
	json_doc_free(doc);
}

static void
keys_stay_with_us(void **state)
{
	struct rig *r = *state;

	setenv("OPENAI_API_KEY", "sk-1", 1);
	setenv("PLAIN", "here", 1);
	rig_call(r, "Bash", "{'command':'echo $OPENAI_API_KEY-$PLAIN'}");
	assert_string_equal(rig_str(r, "output"), "-here\n");
}

/* ---------------------------------------------------------------- sandbox */

static struct sandbox *
make_sandbox(struct rig *r, enum sandbox_mode mode, const char *hidden)
{
	const char *hide[] = { hidden, NULL };
	char *tmp = xasprintf("%s/tmp", r->spill);
	struct sandbox_opts opts = { .mode = mode, .dir = r->dir, .tmp = tmp,
	    .hidden = hidden == NULL ? NULL : hide };
	struct err e = ERR_INIT;
	struct sandbox *sb = sandbox_new(&opts, &e);

	/* Fails where the kernel has no Landlock: there this cannot hold. */
	assert_string_equal(e.text, "");
	assert_non_null(sb);
	r->env.sandbox = sb;
	free(tmp);
	return sb;
}

static void
this_kernel_has_the_layers(void **state)
{
	struct sandbox_layers l;
	struct buf b = BUF_INIT;

	(void)state;
	sandbox_probe(&l);
	assert_true(l.landlock >= 1);
	assert_true(l.seccomp);
	sandbox_describe(&b);
	assert_has(b.data, "Landlock (ABI");
	buf_clear(&b);
	assert_int_equal(sandbox_mode_by_name("off"), SANDBOX_OFF);
	assert_int_equal(sandbox_mode_by_name("on"), -1);
}

static void
workspace_write_writes_there_only(void **state)
{
	struct rig *r = *state;
	struct sandbox *sb = make_sandbox(r, SANDBOX_WORKSPACE_WRITE, NULL);
	char *link = rig_path(r, "out"), *outside;

	outside = xasprintf("%s-outside", r->dir);
	assert_int_equal(symlink(outside, link), 0);
	rig_call(r, "Bash", "{'command':'echo x >in && mkdir d && mv in d/in "
	    "&& cat d/in && echo t >$TMPDIR/t && cat $TMPDIR/t "
	    "&& echo n >/dev/null && echo ok'}");
	assert_string_equal(rig_str(r, "output"), "x\nt\nok\n");
	rig_call(r, "Bash", "{'command':'echo x >out; echo x >/proc/self/root"
	    "$PWD-outside; echo x >../$(basename $PWD)-outside; "
	    "touch /tmp/tool-test-$$; ln d/in ../tool-test-ln; ls ..'}");
	assert_int_not_equal(access(outside, F_OK), 0);
	assert_lacks(rig_str(r, "output"), "tool-test-ln\n");
	rig_call(r, "Bash", "{'command':'touch /tmp/tool-test-$$ && echo yes'}");
	assert_lacks(rig_str(r, "output"), "yes");
	sandbox_free(sb);
	free(outside);
	free(link);
}

static void
read_only_writes_nowhere(void **state)
{
	struct rig *r = *state;
	struct sandbox *sb = make_sandbox(r, SANDBOX_READ_ONLY, NULL);

	rig_file(r, "f", "keep");
	rig_call(r, "Bash", "{'command':'cat f; echo no >f; rm f; touch g; "
	    "mkdir h; truncate -s0 f; ls'}");
	assert_string_equal(rig_read(r, "f"), "keep");
	assert_null(rig_read(r, "g"));
	assert_has(rig_str(r, "output"), "keep");
	sandbox_free(sb);
}

static void
there_is_no_network(void **state)
{
	struct rig *r = *state;
	struct sandbox *sb = make_sandbox(r, SANDBOX_WORKSPACE_WRITE, NULL);

	rig_call(r, "Bash", "{'command':'exec 3<>/dev/tcp/127.0.0.1/9'}");
	assert_has(rig_str(r, "output"), "not permitted");
	sandbox_free(sb);
}

/* Of a worktree: what would come instead could bring settings that run. */
static void
the_way_to_a_repository_stays_as_it_is(void **state)
{
	struct rig *r = *state;
	struct sandbox *sb;

	rig_file(r, ".git", "gitdir: there\n");
	sb = make_sandbox(r, SANDBOX_WORKSPACE_WRITE, NULL);
	if (sandbox_holds(sb) == SANDBOX_HOLDS_ALL) {
		rig_call(r, "Bash", "{'command':'echo evil >.git; rm -f .git; "
		    "mv .git x; echo y >fine'}");
		assert_string_equal(rig_read(r, ".git"), "gitdir: there\n");
		assert_string_equal(rig_read(r, "fine"), "y\n");
	}
	sandbox_free(sb);
}

static void
hooks_and_settings_stay_as_they_are(void **state)
{
	struct rig *r = *state;
	struct sandbox *sb;
	struct sandbox_layers l;
	char *made = rig_path(r, ".chatd");

	rig_file(r, ".git/hooks/pre-commit", "old");
	rig_file(r, ".git/config", "[core]\n");
	rig_file(r, ".git/commondir", ".\n");
	sb = make_sandbox(r, SANDBOX_WORKSPACE_WRITE, NULL);
	sandbox_probe(&l);
	/* Where there are no namespaces the agent is told to ask. */
	assert_int_equal(sandbox_holds(sb), l.namespaces ? SANDBOX_HOLDS_ALL :
	    SANDBOX_HOLDS_WRITES);
	if (l.namespaces) {
		rig_call(r, "Bash", "{'command':'echo evil >.git/hooks/"
		    "pre-commit; rm -rf .git/hooks; mv .git .git2; "
		    "echo x >.git/config; echo x >.git/commondir; mkdir -p .chatd/a; rm -rf .chatd; "
		    "umount .git/hooks; mount -o remount,rw .git/hooks; "
		    "unshare -Ur true && echo new namespace; "
		    "echo fine >.git/index'}");
		assert_string_equal(rig_read(r, ".git/hooks/pre-commit"),
		    "old");
		assert_string_equal(rig_read(r, ".git/config"), "[core]\n");
		assert_string_equal(rig_read(r, ".git/commondir"), ".\n");
		assert_string_equal(rig_read(r, ".git/index"), "fine\n");
		assert_null(rig_read(r, ".chatd/a"));
		assert_lacks(rig_str(r, "output"), "new namespace");
	}
	sandbox_free(sb);
	/* The folder that was made to be guarded is gone again. */
	assert_int_not_equal(access(made, F_OK), 0);
	free(made);
}

static void
hidden_paths_cannot_be_read(void **state)
{
	struct rig *r = *state;
	char *dir = rig_path(r, "secret");
	struct sandbox *sb;

	rig_file(r, "secret/key", "s3cr3t");
	sb = make_sandbox(r, SANDBOX_WORKSPACE_WRITE, dir);
	if (sandbox_holds(sb) == SANDBOX_HOLDS_ALL) {
		rig_call(r, "Bash", "{'command':'cat secret/key; ls secret; "
		    "cat /proc/$PPID/root$PWD/secret/key; "
		    "cat /proc/1/root$PWD/secret/key; grep -r 3cr .; "
		    "ln secret/key k; cat k'}");
		assert_lacks(rig_str(r, "output"), "s3cr3t");
	}
	assert_string_equal(rig_read(r, "secret/key"), "s3cr3t");
	sandbox_free(sb);
	free(dir);
}

static void
a_child_cannot_reach_us(void **state)
{
	struct rig *r = *state;
	struct sandbox *sb = make_sandbox(r, SANDBOX_WORKSPACE_WRITE, NULL);
	struct sandbox_layers l;

	sandbox_probe(&l);
	rig_call(r, "Bash", "{'command':'grep -e NoNewPrivs -e CapEff "
	    "/proc/self/status; cat /proc/$PPID/environ; "
	    "kill -0 $PPID && echo reached'}");
	assert_has(rig_str(r, "output"), "NoNewPrivs:\t1");
	if (l.namespaces)
		assert_has(rig_str(r, "output"), "CapEff:\t0000000000000000");
	if (l.landlock >= 6)
		assert_lacks(rig_str(r, "output"), "reached");
	sandbox_free(sb);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)
	const struct CMUnitTest tests[] = {
		T(output_and_status_come_back),
		T(a_signal_is_told),
		T(output_comes_while_it_runs),
		T(long_output_goes_to_a_file),
		T(a_timeout_kills_the_whole_group),
		T(nothing_goes_on_behind_a_command),
		T(a_cancelled_command_is_killed_and_silent),
		T(keys_stay_with_us),
		T(this_kernel_has_the_layers),
		T(workspace_write_writes_there_only),
		T(read_only_writes_nowhere),
		T(there_is_no_network),
		T(the_way_to_a_repository_stays_as_it_is),
		T(hooks_and_settings_stay_as_they_are),
		T(hidden_paths_cannot_be_read),
		T(a_child_cannot_reach_us),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
