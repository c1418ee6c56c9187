/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tool.c - starting and ending a call; the built-in tools */

#include "config.h"

#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/schema.h"
#include "base/utf8.h"
#include "tool/builtin.h"
#include "tool/realname.h"
#include "tool/tool_run.h"

static const struct tool *const builtins[] = {
#define X(noun) &tool_##noun,
	BUILTINS(X)
#undef X
	NULL,
};

const struct tool *const *
tool_builtins(void)
{
	return builtins;
}

const struct tool *
tool_builtin(const char *name)
{
	size_t i;

	for (i = 0; builtins[i] != NULL; i++) {
		if (strcmp(builtins[i]->name, name) == 0)
			return builtins[i];
	}
	return NULL;
}

/* Do the arguments fit? Otherwise say so in words that help a model. */
static int
check_input(const struct tool *tool, const struct json *input, struct err *e)
{
	struct err why = ERR_INIT;
	struct json_doc *doc = json_parse(tool->schema, strlen(tool->schema), 0,
	    &why);
	int r = -1;

	if (doc == NULL)
		return err_set(e, ERR_CONFIG, "schema of %s: %s", tool->name,
		    why.text);
	if (schema_valid(json_root(doc), &why) == -1) {
		/* A server's schema that we cannot judge is its own affair. */
		r = 0;
	} else {
		r = schema_check(json_root(doc), input, &why);
	}
	if (r == -1)
		err_set(e, ERR_INPUT, "The arguments of %s do not fit its "
		    "schema: %s. Correct them and call it again.", tool->name,
		    why.text);
	json_doc_free(doc);
	return r;
}

struct tool_run *
tool_start(const struct tool *tool, const struct json *input,
    const struct tool_env *env, const struct tool_fns *fns, struct err *e)
{
	if (check_input(tool, input, e) == -1)
		return NULL;
	return tool->start(tool, input, env, fns, e);
}

void
tool_result_clear(struct tool_result *res)
{
	size_t i;

	for (i = 0; i < res->media_count; i++) {
		free(res->media[i].media_type);
		free(res->media[i].data);
	}
	free(res->media);
	free(res->output);
	free(res->model);
	memset(res, 0, sizeof *res);
}

static void
run_free(struct tool_run *run)
{
	event_free(run->over);
	tool_result_clear(&run->res);
	free(run);
}

static void
run_over(evutil_socket_t fd, short what, void *arg)
{
	struct tool_run *run = arg;

	(void)fd;
	(void)what;
	if (run->stop != NULL)
		run->stop(run);
	run->fns.on_done(&run->res, run->fns.arg);
	run_free(run);
}

void
tool_cancel(struct tool_run *run)
{
	if (run == NULL)
		return;
	if (run->stop != NULL)
		run->stop(run);
	run_free(run);
}

struct tool_run *
tool_run_new(const struct tool *tool, const struct tool_env *env,
    const struct tool_fns *fns)
{
	struct tool_run *run = xcalloc(1, sizeof *run);

	run->tool = tool;
	run->env = env;
	run->fns = *fns;
	run->over = event_new(env->base, -1, 0, run_over, run);
	if (run->over == NULL)
		fatal(__func__, "no event");
	return run;
}

void
tool_run_done(struct tool_run *run)
{
	event_active(run->over, EV_TIMEOUT, 0);
}

void
tool_run_give(struct tool_run *run, struct buf *output, struct buf *model)
{
	run->res.output = buf_take(output);
	run->res.model = buf_take(model);
	tool_run_done(run);
}

void
tool_run_fail(struct tool_run *run, enum err_code code, const char *fmt, ...)
{
	char text[ERR_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	err_set(&run->res.err, code, "%s", text);
	tool_run_done(run);
}

void
tool_run_output(struct tool_run *run, const char *json)
{
	if (run->fns.on_output != NULL)
		run->fns.on_output(json, run->fns.arg);
}

void
tool_run_media(struct tool_run *run, const char *media_type,
    const char *bytes, size_t len)
{
	struct tool_result *res = &run->res;
	struct buf b = BUF_INIT;

	base64_encode(&b, bytes, len);
	res->media = xreallocarray(res->media, res->media_count + 1,
	    sizeof *res->media);
	res->media[res->media_count].media_type = xstrdup(media_type);
	res->media[res->media_count++].data = buf_take(&b);
}

char *
tool_path(const struct tool_env *env, const char *path)
{
	char *open = path_expand(path), *whole, *clean;

	whole = open[0] == '/' ? xstrdup(open) : path_join(env->dir, open);
	clean = realname_clean(whole);
	free(open);
	free(whole);
	return clean;
}

int
tool_may(const struct tool_env *env, const char *path, bool write,
    struct err *e)
{
	char *real;
	int r;

	if (env->may == NULL)
		return 0;
	real = realname(path);
	r = env->may(real, write, env->may_arg, e);
	free(real);
	return r;
}

const char *
tool_short_path(const struct tool_env *env, const char *path)
{
	size_t n = strlen(env->dir);

	if (n > 1 && strncmp(path, env->dir, n) == 0 && path[n] == '/' &&
	    path[n + 1] != '\0')
		return path + n + 1;
	return path;
}

char *
tool_spill(const struct tool_env *env, const char *what, int *fd)
{
	char id[ID_MAX], *name, *path;

	if (env->spill_dir == NULL || path_make(env->spill_dir, NULL) == -1)
		return NULL;
	id_make("", id);
	name = xasprintf("%s-%s.txt", what, id);
	path = path_join(env->spill_dir, name);
	free(name);
	*fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (*fd != -1)
		return path;
	free(path);
	return NULL;
}

void
tool_add_text(struct buf *b, const char *s, size_t len, size_t max)
{
	size_t n = len <= max ? len : utf8_prefix(s, len, max);

	utf8_add_valid(b, s, n);
	if (n < len)
		buf_addf(b, "\n[... %zu more bytes were cut]", len - n);
}
