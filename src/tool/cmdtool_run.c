/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmdtool_run.c - a call of a tool that is a program */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "tool/child.h"
#include "tool/cmdtool.h"
#include "tool/sandbox.h"
#include "tool/tool_run.h"

enum {
	STDERR_MAX = 8 * 1024,	/* of its end is told */
	FAILED_MAX = 8 * 1024,	/* of the output of one that failed */
};

struct state {
	struct child *child;
	struct buf out, complaints;
	struct event *timeout;
	const char *ended_for;	/* why we ended it, or NULL */
};

static void
bytes_came(int fd, const char *bytes, size_t len, void *arg)
{
	struct tool_run *run = arg;
	struct state *s = run->state;

	if (fd == 2) {
		buf_add(&s->complaints, bytes, len);
		if (s->complaints.len > STDERR_MAX)
			buf_drop(&s->complaints,
			    s->complaints.len - STDERR_MAX);
	} else if (buf_add(&s->out, bytes, len) == -1 &&
	    s->ended_for == NULL) {
		s->ended_for = "it wrote more than 1 MiB";
		child_kill(s->child);
	}
}

static void
timed_out(evutil_socket_t fd, short what, void *arg)
{
	struct tool_run *run = arg;
	struct state *s = run->state;

	(void)fd;
	(void)what;
	s->ended_for = "it was not done in time";
	child_kill(s->child);
}

/* ---------------------------------------------------------------- the end */

static void
add_quoted(struct buf *b, const char *what, const struct buf *text)
{
	if (text->len == 0)
		return;
	buf_addf(b, "\n%s:\n", what);
	tool_add_text(b, text->data, text->len, FAILED_MAX);
}

static void
fail(struct tool_run *run, const struct state *s, int status)
{
	struct buf out = BUF_INIT, model = BUF_INIT;
	struct json_w w;

	buf_addf(&model, "%s failed: ", run->tool->name);
	if (s->ended_for != NULL)
		buf_adds(&model, s->ended_for);
	else
		child_status_text(&model, status);
	err_set(&run->res.err, s->ended_for != NULL ? ERR_LIMIT : ERR_FAILED,
	    "%.400s", model.data);
	add_quoted(&model, "stderr", &s->complaints);
	add_quoted(&model, "stdout", &s->out);
	json_w_init(&w, &out);
	json_w_obj(&w);
	json_w_kstr(&w, "error", run->res.err.text);
	json_w_kstrn(&w, "stdout", s->out.data, s->out.len);
	json_w_kstrn(&w, "stderr", s->complaints.data, s->complaints.len);
	json_w_obj_end(&w);
	tool_run_give(run, &out, &model);
}

/* {"output":..,"model":".."} and nothing else */
static bool
has_both_forms(const struct json *v)
{
	return json_is(v, JSON_OBJECT) && json_len(v) == 2 &&
	    json_get(v, "output") != NULL &&
	    json_is(json_get(v, "model"), JSON_STRING);
}

static void
give(struct tool_run *run, const struct state *s)
{
	struct json_doc *doc = json_parse(s->out.data, s->out.len, 0, NULL);
	const struct json *root = json_root(doc), *shown = root;
	struct buf out = BUF_INIT, model = BUF_INIT;
	struct json_w w;

	json_w_init(&w, &out);
	if (doc == NULL) {
		json_w_strn(&w, s->out.data, s->out.len);
		tool_add_text(&model, s->out.data, s->out.len,
		    TOOL_MODEL_MAX);
	} else if (has_both_forms(root)) {
		shown = json_get(root, "model");
		json_w_value(&w, json_get(root, "output"));
		tool_add_text(&model, json_str(shown), json_len(shown),
		    TOOL_MODEL_MAX);
	} else {
		json_w_value(&w, root);
		tool_add_text(&model, s->out.data, s->out.len,
		    TOOL_MODEL_MAX);
	}
	if (model.len == 0)
		buf_adds(&model, "[no output]");
	json_doc_free(doc);
	tool_run_give(run, &out, &model);
}

static void
ended(int status, void *arg)
{
	struct tool_run *run = arg;
	struct state *s = run->state;

	s->child = NULL;
	event_del(s->timeout);
	if (status != 0 || s->ended_for != NULL)
		fail(run, s, status);
	else
		give(run, s);
}

static void
stop(struct tool_run *run)
{
	struct state *s = run->state;

	child_drop(s->child);
	event_free(s->timeout);
	buf_clear(&s->out);
	buf_clear(&s->complaints);
	free(s);
}

/* ------------------------------------------------------------ the beginning */

static char **
make_env(const struct tool_run *run, const struct cmdtool *p)
{
	const char *tmp = run->env->sandbox == NULL ? NULL :
	    sandbox_tmp(run->env->sandbox);
	size_t n = 0;
	char **env;

	while (p->env[n] != NULL)
		n++;
	const char **extra = xcalloc(n + 2, sizeof *extra);
	char *tmpdir = tmp == NULL ? NULL : xasprintf("TMPDIR=%s", tmp);

	for (n = 0; p->env[n] != NULL; n++)
		extra[n] = p->env[n];
	extra[n] = tmpdir;
	env = child_env(NULL, extra);
	free(tmpdir);
	free(extra);
	return env;
}

static void
write_input(struct child *c, const struct json *input)
{
	char *text = json_text(input);

	/* one that does not read, or not all, may still give a result */
	if (child_write(c, text, strlen(text)) == 0)
		(void)(child_write(c, "\n", 1) == 0);
	child_end_input(c);
	free(text);
}

struct tool_run *
cmdtool_start(const struct tool *tool, const struct json *input,
    const struct tool_env *env, const struct tool_fns *fns, struct err *e)
{
	struct tool_run *run = tool_run_new(tool, env, fns);
	const struct cmdtool *p = tool->arg;
	struct state *s = xcalloc(1, sizeof *s);
	struct child_opts co = { .argv = (const char *const *)p->argv,
	    .dir = env->dir, .sandbox = env->sandbox, .input = true,
	    .keep = true, .on_bytes = bytes_came, .on_exit = ended,
	    .arg = run };
	struct timeval tv = { p->timeout_ms / 1000,
	    p->timeout_ms % 1000 * 1000 };
	char **vars = make_env(run, p);

	(void)e;
	buf_init_max(&s->out, CMDTOOL_OUTPUT_MAX);
	buf_init(&s->complaints);
	s->timeout = event_new(env->base, -1, 0, timed_out, run);
	run->state = s;
	run->stop = stop;
	co.env = vars;
	s->child = child_start(env->base, &co, &run->res.err);
	child_env_free(vars);
	if (s->child == NULL) {
		tool_run_done(run);
		return run;
	}
	event_add(s->timeout, &tv);
	write_input(s->child, input);
	return run;
}
