/* SPDX-License-Identifier: GPL-3.0-or-later */
/* glob.c - the Glob tool: files by name */

#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/path.h"
#include "tool/builtin.h"
#include "tool/match.h"
#include "tool/tool_run.h"
#include "tool/walk.h"

enum {
	SHOWN = 200,
	FOUND_MAX = 100 * 1000,
	SLICE = 2000,		/* entries in one turn of the loop */
};

struct found {
	char *path;
	struct timespec changed;
};

struct glob_run {
	struct walk *walk;
	struct event *more;
	char *dir;
	struct match_list patterns;
	struct found *v;
	size_t count;
};

static int
newest_first(const void *a, const void *b)
{
	const struct found *x = a, *y = b;

	if (x->changed.tv_sec != y->changed.tv_sec)
		return x->changed.tv_sec < y->changed.tv_sec ? 1 : -1;
	if (x->changed.tv_nsec != y->changed.tv_nsec)
		return x->changed.tv_nsec < y->changed.tv_nsec ? 1 : -1;
	return strcmp(x->path, y->path);
}

static void
give(struct tool_run *run)
{
	struct glob_run *g = run->state;
	size_t shown = g->count < SHOWN ? g->count : SHOWN, i;
	struct buf out = BUF_INIT, model = BUF_INIT;
	struct json_w j;

	if (g->count > 0)
		qsort(g->v, g->count, sizeof *g->v, newest_first);
	json_w_init(&j, &out);
	json_w_obj(&j);
	json_w_key(&j, "files");
	json_w_arr(&j);
	for (i = 0; i < shown; i++) {
		json_w_str(&j, tool_short_path(run->env, g->v[i].path));
		tool_add_text(&model, tool_short_path(run->env, g->v[i].path),
		    strlen(tool_short_path(run->env, g->v[i].path)), 4096);
		buf_addc(&model, '\n');
	}
	json_w_arr_end(&j);
	json_w_kint(&j, "total", (int64_t)g->count);
	json_w_obj_end(&j);
	if (g->count == 0)
		buf_adds(&model, "No file matches.\n");
	else if (shown < g->count)
		buf_addf(&model, "[%zu more, older ones; ask for less]\n",
		    g->count - shown);
	tool_run_give(run, &out, &model);
}

static void
consider(struct tool_run *run, const char *name)
{
	struct glob_run *g = run->state;
	struct found f;
	struct stat st;
	unsigned i;

	for (i = 0; i < g->patterns.count; i++) {
		if (match_path(g->patterns.v[i], name))
			break;
	}
	if (i == g->patterns.count || g->count == FOUND_MAX)
		return;
	f.path = path_join(g->dir, name);
	if (lstat(f.path, &st) == -1 ||
	    tool_may(run->env, f.path, false, NULL) == -1) {
		free(f.path);
		return;
	}
	f.changed = st.st_mtim;
	if ((g->count & (g->count + 1)) == 0)
		g->v = xreallocarray(g->v, 2 * (g->count + 1), sizeof f);
	g->v[g->count++] = f;
}

static void
look_on(evutil_socket_t fd, short what, void *arg)
{
	struct tool_run *run = arg;
	struct glob_run *g = run->state;
	struct timeval now = { 0 };
	unsigned budget = SLICE;
	const char *name;

	(void)fd;
	(void)what;
	while ((name = walk_next(g->walk, &budget)) != NULL) {
		if (*name == '\0') {
			event_add(g->more, &now);
			return;
		}
		consider(run, name);
	}
	give(run);
}

static void
glob_stop(struct tool_run *run)
{
	struct glob_run *g = run->state;

	while (g->count > 0)
		free(g->v[--g->count].path);
	free(g->v);
	match_list_clear(&g->patterns);
	walk_free(g->walk);
	event_free(g->more);
	free(g->dir);
	free(g);
}

/* Without a slash a pattern means files at any depth, as people expect. */
static void
set_patterns(struct glob_run *g, const char *pattern)
{
	char *whole;

	if (strncmp(pattern, "./", 2) == 0)
		pattern += 2;
	whole = xasprintf("%s%s", strchr(pattern, '/') == NULL ? "**/" : "",
	    pattern);
	match_expand(&g->patterns, whole);
	free(whole);
}

static struct tool_run *
start(const struct tool *tool, const struct json *input,
    const struct tool_env *env, const struct tool_fns *fns, struct err *e)
{
	struct tool_run *run = tool_run_new(tool, env, fns);
	struct glob_run *g = xcalloc(1, sizeof *g);
	const char *path = json_get_str(input, "path");
	struct timeval now = { 0 };
	struct stat st;

	(void)e;
	run->state = g;
	run->stop = glob_stop;
	g->dir = tool_path(env, path == NULL ? "." : path);
	g->more = event_new(env->base, -1, 0, look_on, run);
	set_patterns(g, json_get_str(input, "pattern"));
	if (stat(g->dir, &st) == -1 || !S_ISDIR(st.st_mode)) {
		tool_run_fail(run, ERR_NOT_FOUND, "%s is not a folder.",
		    g->dir);
		return run;
	}
	g->walk = walk_new(g->dir, json_bool(json_get(input, "all"), false));
	event_add(g->more, &now);
	return run;
}

const struct tool tool_glob = {
	.name = "Glob",
	.title = "Find files by name",
	.description = "Finds files by a name pattern such as *.c, "
	    "src/**/*.ts or {README,NEWS}*, the newest first. What .gitignore "
	    "leaves out is left out, unless all is set; .git always is.",
	.schema = "{\"type\":\"object\",\"properties\":{"
	    "\"pattern\":{\"type\":\"string\",\"minLength\":1,"
	    "\"maxLength\":1000},"
	    "\"path\":{\"type\":\"string\",\"description\":"
	    "\"the folder to look in; the working folder if not given\"},"
	    "\"all\":{\"type\":\"boolean\",\"description\":"
	    "\"ignored files too\"}},"
	    "\"required\":[\"pattern\"],\"additionalProperties\":false}",
	.effect = TOOL_READS,
	.subject = "path",
	.start = start,
};
