/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bash.c - the Bash tool: run a command */

#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/utf8.h"
#include "tool/builtin.h"
#include "tool/child.h"
#include "tool/sandbox.h"
#include "tool/tool_run.h"

enum {
	TIMEOUT_MS = 120 * 1000,
	HEAD_MAX = 20 * 1000,	/* bytes of output told, from its start */
	TAIL_MAX = 10 * 1000,	/* and from its end */
	PREVIEW_MAX = 8 * 1000,
	PREVIEW_MS = 100,	/* to the first preview; then ever longer */
	PREVIEW_MAX_MS = 2000,
	SPILL_MAX = 256 * 1024 * 1024,
};

struct bash_run {
	struct child *child;
	struct buf head, tail;	/* tail: may hold twice TAIL_MAX */
	size_t total;
	int spill;		/* the whole output, once head is full */
	char *spill_path;
	struct event *timeout, *preview;
	int preview_ms;
	bool preview_set;
	bool timed_out;
	int64_t timeout_ms, started;	/* started: microseconds */
};

static struct timeval
ms(int64_t n)
{
	return (struct timeval){ .tv_sec = (time_t)(n / 1000),
	    .tv_usec = (suseconds_t)(n % 1000 * 1000) };
}

/* ----------------------------------------------------------------- output */

static void
spill(struct bash_run *r, const char *bytes, size_t len)
{
	if (r->spill == -1 || r->total > SPILL_MAX)
		return;
	if (write(r->spill, bytes, len) != (ssize_t)len) {
		close(r->spill);
		r->spill = -1;
	}
}

/* The first byte that does not fit in head opens the file. */
static void
keep(struct tool_run *run, const char *bytes, size_t len)
{
	struct bash_run *r = run->state;
	size_t room = HEAD_MAX - r->head.len;

	if (r->total == r->head.len) {
		size_t n = len < room ? len : room;

		buf_add(&r->head, bytes, n);
		r->total += n;
		bytes += n;
		len -= n;
		if (len == 0)
			return;
		r->spill_path = tool_spill(run->env, "bash", &r->spill);
		spill(r, r->head.data, r->head.len);
	}
	spill(r, bytes, len);
	r->total += len;
	buf_add(&r->tail, bytes, len);
	if (r->tail.len > 2 * TAIL_MAX)
		buf_drop(&r->tail, r->tail.len - TAIL_MAX);
}

static void
drop_to(struct buf *tail, size_t max)
{
	size_t cut = tail->len > max ? tail->len - max : 0;

	while (cut > 0 && cut < tail->len &&
	    ((unsigned char)tail->data[cut] & 0xc0) == 0x80)
		cut++;
	if (cut > 0)
		buf_drop(tail, cut);
}

/* What is told of the output: its start, what was left out, its end. */
static void
add_output(struct buf *out, struct bash_run *r)
{
	size_t between;

	drop_to(&r->tail, TAIL_MAX);
	between = r->total - r->head.len - r->tail.len;
	if (between == 0) {
		buf_add(&r->head, r->tail.data, r->tail.len);
		utf8_add_valid(out, r->head.data, r->head.len);
		return;
	}
	utf8_add_valid(out, r->head.data, utf8_prefix(r->head.data,
	    r->head.len, r->head.len));
	buf_addf(out, "\n[... %zu bytes left out", between);
	if (r->spill_path != NULL)
		buf_addf(out, "; the whole output is in %s", r->spill_path);
	buf_adds(out, " ...]\n");
	utf8_add_valid(out, r->tail.data, r->tail.len);
}

static void
preview_due(evutil_socket_t fd, short what, void *arg)
{
	struct tool_run *run = arg;
	struct bash_run *r = run->state;
	struct buf b = BUF_INIT, text = BUF_INIT;
	const struct buf *from = r->tail.len > 0 ? &r->tail : &r->head;
	size_t skip = from->len > PREVIEW_MAX ? from->len - PREVIEW_MAX : 0;
	struct json_w j;

	(void)fd;
	(void)what;
	r->preview_set = false;
	while (skip > 0 && skip < from->len &&
	    ((unsigned char)from->data[skip] & 0xc0) == 0x80)
		skip++;
	utf8_add_valid(&text, from->data + skip, from->len - skip);
	json_w_init(&j, &b);
	json_w_obj(&j);
	json_w_kbool(&j, "running", true);
	json_w_kstrn(&j, "output", text.data, text.len);
	json_w_kint(&j, "bytes", (int64_t)r->total);
	json_w_obj_end(&j);
	tool_run_output(run, b.data);
	buf_clear(&b);
	buf_clear(&text);
}

static void
bytes_came(int fd, const char *bytes, size_t len, void *arg)
{
	struct tool_run *run = arg;
	struct bash_run *r = run->state;
	struct timeval tv;

	(void)fd;
	keep(run, bytes, len);
	if (r->preview_set)
		return;
	tv = ms(r->preview_ms);
	r->preview_set = true;
	/* Each is stored for good: a chatty command gets fewer of them. */
	if (r->preview_ms < PREVIEW_MAX_MS)
		r->preview_ms += r->preview_ms / 2;
	event_add(r->preview, &tv);
}

/* ---------------------------------------------------------------- the end */

static void
result_json(struct buf *b, const struct bash_run *r, const struct buf *text,
    int status)
{
	struct json_w j;

	json_w_init(&j, b);
	json_w_obj(&j);
	json_w_kstrn(&j, "output", text->data, text->len);
	if (WIFSIGNALED(status)) {
		json_w_knull(&j, "exitStatus");
		json_w_kint(&j, "signal", WTERMSIG(status));
	} else {
		json_w_kint(&j, "exitStatus", WEXITSTATUS(status));
	}
	if (r->timed_out)
		json_w_kbool(&j, "timedOut", true);
	json_w_kint(&j, "bytes", (int64_t)r->total);
	if (r->spill_path != NULL)
		json_w_kstr(&j, "outputFile", r->spill_path);
	json_w_kint(&j, "durationMs", (clock_mono_us() - r->started) / 1000);
	json_w_obj_end(&j);
}

static void
ended(int status, void *arg)
{
	struct tool_run *run = arg;
	struct bash_run *r = run->state;
	struct buf text = BUF_INIT, out = BUF_INIT, model = BUF_INIT;

	r->child = NULL;
	event_del(r->timeout);
	event_del(r->preview);
	add_output(&text, r);
	result_json(&out, r, &text, status);
	buf_add(&model, text.data, text.len);
	if (text.len > 0 && text.data[text.len - 1] != '\n')
		buf_addc(&model, '\n');
	if (r->timed_out)
		buf_addf(&model, "[stopped: not done after %lld ms. Give a "
		    "longer timeout, or do it in smaller steps.]\n",
		    (long long)r->timeout_ms);
	else if (text.len == 0 && status == 0)
		buf_adds(&model, "[no output, exit status 0]\n");
	if (status != 0) {
		buf_addc(&model, '[');
		child_status_text(&model, status);
		buf_adds(&model, "]\n");
	}
	buf_clear(&text);
	tool_run_give(run, &out, &model);
}

static void
timed_out(evutil_socket_t fd, short what, void *arg)
{
	struct tool_run *run = arg;
	struct bash_run *r = run->state;

	(void)fd;
	(void)what;
	r->timed_out = true;
	child_kill(r->child);
}

static void
bash_stop(struct tool_run *run)
{
	struct bash_run *r = run->state;

	child_drop(r->child);
	event_free(r->timeout);
	event_free(r->preview);
	if (r->spill != -1)
		close(r->spill);
	buf_clear(&r->head);
	buf_clear(&r->tail);
	free(r->spill_path);
	free(r);
}

/* ------------------------------------------------------------ the beginning */

static int
start_child(struct tool_run *run, const char *command)
{
	struct bash_run *r = run->state;
	const char *shell = path_exists("/bin/bash") ? "/bin/bash" : "/bin/sh";
	const char *argv[] = { shell, "-c", command, NULL };
	const char *tmp = run->env->sandbox == NULL ? NULL :
	    sandbox_tmp(run->env->sandbox);
	char *tmpdir = tmp == NULL ? NULL : xasprintf("TMPDIR=%s", tmp);
	const char *extra[] = { "GIT_TERMINAL_PROMPT=0", "PAGER=cat",
	    "GIT_PAGER=cat", "BASH_ENV=", "ENV=", tmpdir, NULL };
	struct child_opts opts = { .argv = argv, .dir = run->env->dir,
	    .sandbox = run->env->sandbox, .merge = true, .keep = true,
	    .on_bytes = bytes_came, .on_exit = ended, .arg = run };
	struct timeval tv = ms(r->timeout_ms);
	char **env = child_env(NULL, extra);

	opts.env = env;
	r->child = child_start(run->env->base, &opts, &run->res.err);
	child_env_free(env);
	free(tmpdir);
	return r->child == NULL ? -1 : event_add(r->timeout, &tv);
}

static struct tool_run *
start(const struct tool *tool, const struct json *input,
    const struct tool_env *env, const struct tool_fns *fns, struct err *e)
{
	struct tool_run *run = tool_run_new(tool, env, fns);
	struct bash_run *r = xcalloc(1, sizeof *r);
	const struct json *command = json_get(input, "command");

	(void)e;
	buf_init(&r->head);
	buf_init(&r->tail);
	r->spill = -1;
	r->preview_ms = PREVIEW_MS;
	r->started = clock_mono_us();
	r->timeout = event_new(env->base, -1, 0, timed_out, run);
	r->preview = event_new(env->base, -1, 0, preview_due, run);
	if (json_int64(json_get(input, "timeout"), &r->timeout_ms) == -1)
		r->timeout_ms = TIMEOUT_MS;
	run->state = r;
	run->stop = bash_stop;
	/* What was judged must be what is run: no text behind a NUL. */
	if (strlen(json_str(command)) != json_len(command))
		tool_run_fail(run, ERR_INPUT, "The command holds a NUL byte.");
	else if (start_child(run, json_str(command)) == -1)
		tool_run_done(run);
	return run;
}

const struct tool tool_bash = {
	.name = "Bash",
	.title = "Run a command",
	.description = "Runs a command by bash, in the working folder (each "
	    "call begins there anew), and gives what it writes and its exit "
	    "status. stdin is empty. It ends after timeout milliseconds "
	    "(120000 unless given, at most 600000), with all that it started: "
	    "nothing goes on in the background. Long output is shortened; the "
	    "whole is kept in a file that is named. To read, search or change "
	    "files use Read, Glob, Grep, Edit and Write. Quote paths that "
	    "hold blanks.",
	.schema = "{\"type\":\"object\",\"properties\":{"
	    "\"command\":{\"type\":\"string\",\"minLength\":1},"
	    "\"timeout\":{\"type\":\"integer\",\"minimum\":1,"
	    "\"maximum\":600000,\"description\":\"milliseconds\"},"
	    "\"description\":{\"type\":\"string\",\"description\":"
	    "\"what it does, in five to ten words, for the person who is "
	    "asked\"}},"
	    "\"required\":[\"command\"],\"additionalProperties\":false}",
	.effect = TOOL_RUNS,
	.subject = "command",
	.start = start,
};
