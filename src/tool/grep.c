/* SPDX-License-Identifier: GPL-3.0-or-later */
/* grep.c - the Grep tool: lines by content, by ripgrep or by ourselves */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "tool/builtin.h"
#include "tool/child.h"
#include "tool/grep_own.h"
#include "tool/tool_run.h"

enum {
	LINES = 250,		/* shown unless head_limit says else */
	LINE_MAX_BYTES = 500,
	OUTPUT_MAX = 32 * 1024 * 1024,
};

enum grep_mode {
	GREP_FILES,
	GREP_CONTENT,
	GREP_COUNT,
};

struct grep_run {
	struct grep_opts opts;
	enum grep_mode mode;
	int64_t limit;
	struct grep_own *own;
	struct child *child;	/* rg */
	struct buf pending;	/* of rg's output: an unfinished line */
	struct buf complaint;
	struct buf out;		/* lines for people and the model */
	char *file;		/* the one whose lines come now */
	int64_t file_count;
	bool file_may;
	int64_t matches, files, shown;
	bool cut;
};

/* ------------------------------------------------------------- the results */

static void
show(struct grep_run *g, const char *fmt_path, const char *rest, size_t len)
{
	if (g->shown++ >= g->limit)
		return;
	tool_add_text(&g->out, fmt_path, strlen(fmt_path), 4096);
	tool_add_text(&g->out, rest, len, LINE_MAX_BYTES);
	buf_addc(&g->out, '\n');
}

static void
end_file(struct tool_run *run, struct grep_run *g)
{
	char number[32];
	int n;

	if (g->file == NULL || g->file_count == 0)
		return;
	g->files++;
	if (g->mode == GREP_CONTENT)
		return;
	n = snprintf(number, sizeof number, ":%lld", (long long)g->file_count);
	show(g, tool_short_path(run->env, g->file), number,
	    g->mode == GREP_COUNT ? (size_t)n : 0);
}

/* A line of a file, in order; mark is ':' for a match, '-' for one around. */
static void
line_came(const char *path, const char *number, char mark, const char *text,
    size_t len, void *arg)
{
	struct tool_run *run = arg;
	struct grep_run *g = run->state;
	char *where;

	if (g->file == NULL || strcmp(g->file, path) != 0) {
		end_file(run, g);
		str_replace(&g->file, path);
		g->file_count = 0;
		g->file_may = tool_may(run->env, path, false, NULL) == 0;
	}
	if (!g->file_may)
		return;
	if (mark == ':') {
		g->file_count++;
		g->matches++;
	}
	if (g->mode != GREP_CONTENT)
		return;
	where = xasprintf("%s%c%s%c", tool_short_path(run->env, path), mark,
	    number, mark);
	show(g, where, text, len);
	free(where);
}

static void
give(struct tool_run *run)
{
	struct grep_run *g = run->state;
	struct buf out = BUF_INIT, model = BUF_INIT;
	struct json_w j;

	end_file(run, g);
	json_w_init(&j, &out);
	json_w_obj(&j);
	json_w_kstrn(&j, "text", g->out.data, g->out.len);
	json_w_kint(&j, "matches", g->matches);
	json_w_kint(&j, "files", g->files);
	json_w_kbool(&j, "cut", g->cut || g->shown > g->limit);
	json_w_obj_end(&j);
	if (g->matches == 0)
		buf_adds(&model, "Nothing matches.\n");
	tool_add_text(&model, g->out.data, g->out.len, TOOL_MODEL_MAX);
	if (g->shown > g->limit)
		buf_addf(&model, "[%lld more lines; narrow the search, or "
		    "raise head_limit]\n", (long long)(g->shown - g->limit));
	if (g->cut)
		buf_adds(&model, "[the search was stopped: too much matches]\n");
	tool_run_give(run, &out, &model);
}

/* ---------------------------------------------------------------------- rg */

/* "path NUL number : text"; between groups of context stands "--". */
static void
rg_line(struct tool_run *run, const char *s, size_t len)
{
	const char *nul = memchr(s, '\0', len), *number, *p, *end = s + len;
	char *digits;

	if (nul == NULL)
		return;
	number = p = nul + 1;
	while (p < end && *p >= '0' && *p <= '9')
		p++;
	if (p == end)
		return;
	digits = xstrndup(number, (size_t)(p - number));
	line_came(s, digits, *p, p + 1, (size_t)(end - p - 1), run);
	free(digits);
}

static void
rg_bytes(int fd, const char *bytes, size_t len, void *arg)
{
	struct tool_run *run = arg;
	struct grep_run *g = run->state;
	size_t from = 0;
	char *nl;

	if (fd == 2) {
		(void)buf_add(&g->complaint, bytes, len);
		return;
	}
	if (buf_add(&g->pending, bytes, len) == -1) {
		g->cut = true;
		child_kill(g->child);
		return;
	}
	while ((nl = memchr(g->pending.data + from, '\n',
	    g->pending.len - from)) != NULL) {
		rg_line(run, g->pending.data + from,
		    (size_t)(nl - g->pending.data) - from);
		from = (size_t)(nl - g->pending.data) + 1;
	}
	buf_drop(&g->pending, from);
	/* Far beyond what will be shown nothing is learnt by going on. */
	if (g->shown > 100 * g->limit && !g->cut) {
		g->cut = true;
		child_kill(g->child);
	}
}

static void
rg_ended(int status, void *arg)
{
	struct tool_run *run = arg;
	struct grep_run *g = run->state;

	g->child = NULL;
	/* 1: nothing matches; 2 with matches: some files were not readable */
	if (status == 2 << 8 && g->matches == 0)
		tool_run_fail(run, ERR_INPUT, "The search failed: %.300s",
		    g->complaint.data);
	else
		give(run);
}

static int
start_rg(struct tool_run *run)
{
	struct grep_run *g = run->state;
	char context[32];
	const char *argv[24], *glob = g->opts.glob;
	size_t n = 0;
	struct child_opts opts = { .argv = argv, .dir = run->env->dir,
	    .on_bytes = rg_bytes, .on_exit = rg_ended, .arg = run };

	snprintf(context, sizeof context, "--context=%d", g->opts.context);
	argv[n++] = "rg";
	argv[n++] = "--no-config";
	argv[n++] = "--no-heading";
	argv[n++] = "--with-filename";
	argv[n++] = "--line-number";
	argv[n++] = "--null";
	argv[n++] = "--color=never";
	argv[n++] = "--sort=path";
	argv[n++] = "--hidden";
	argv[n++] = "--glob=!.git";
	argv[n++] = context;
	if (g->opts.any_case)
		argv[n++] = "--ignore-case";
	if (glob != NULL) {
		argv[n++] = "--glob";
		argv[n++] = glob;
	}
	argv[n++] = "--regexp";
	argv[n++] = g->opts.pattern;
	argv[n++] = "--";
	argv[n++] = g->opts.path;
	argv[n] = NULL;
	g->child = child_start(run->env->base, &opts, NULL);
	return g->child == NULL ? -1 : 0;
}

/* --------------------------------------------------------------- the tool */

static void
own_ended(void *arg)
{
	give(arg);
}

static void
grep_stop(struct tool_run *run)
{
	struct grep_run *g = run->state;

	child_drop(g->child);
	grep_own_free(g->own);
	buf_clear(&g->pending);
	buf_clear(&g->complaint);
	buf_clear(&g->out);
	free(g->file);
	free(g->opts.path);
	free(g->opts.pattern);
	free(g->opts.glob);
	free(g);
}

static char *
copy_of(const char *s)
{
	return s == NULL ? NULL : xstrdup(s);
}

static void
take_input(struct grep_run *g, const struct json *input,
    const struct tool_env *env)
{
	const char *path = json_get_str(input, "path");
	const struct json *mode = json_get(input, "output_mode");
	int64_t context = 0;

	g->opts.path = tool_path(env, path == NULL ? "." : path);
	g->opts.pattern = xstrdup(json_get_str(input, "pattern"));
	g->opts.glob = copy_of(json_get_str(input, "glob"));
	g->opts.any_case = json_bool(json_get(input, "ignore_case"), false);
	(void)json_int64(json_get(input, "context"), &context);
	g->opts.context = (int)context;
	g->mode = json_streq(mode, "content") ? GREP_CONTENT :
	    json_streq(mode, "count") ? GREP_COUNT : GREP_FILES;
	if (json_int64(json_get(input, "head_limit"), &g->limit) == -1)
		g->limit = LINES;
}

static struct tool_run *
start(const struct tool *tool, const struct json *input,
    const struct tool_env *env, const struct tool_fns *fns, struct err *e)
{
	struct tool_run *run = tool_run_new(tool, env, fns);
	struct grep_run *g = xcalloc(1, sizeof *g);
	struct stat st;

	(void)e;
	buf_init_max(&g->pending, OUTPUT_MAX);
	buf_init_max(&g->complaint, 4096);
	buf_init(&g->out);
	take_input(g, input, env);
	run->state = g;
	run->stop = grep_stop;
	if (stat(g->opts.path, &st) == -1) {
		tool_run_fail(run, ERR_NOT_FOUND, "%s does not exist.",
		    g->opts.path);
	} else if (start_rg(run) == -1) {
		g->own = grep_own_start(env->base, &g->opts, line_came,
		    own_ended, run, &run->res.err);
		if (g->own == NULL)
			tool_run_done(run);
	}
	return run;
}

const struct tool tool_grep = {
	.name = "Grep",
	.title = "Search in files",
	.description = "Searches files for lines that match a regular "
	    "expression. output_mode: files_with_matches (the default), "
	    "content (the lines, with numbers) or count. glob narrows to file "
	    "names such as *.c. What .gitignore leaves out is left out.",
	.schema = "{\"type\":\"object\",\"properties\":{"
	    "\"pattern\":{\"type\":\"string\",\"minLength\":1,"
	    "\"maxLength\":2000},"
	    "\"path\":{\"type\":\"string\",\"description\":"
	    "\"a file or folder; the working folder if not given\"},"
	    "\"glob\":{\"type\":\"string\",\"minLength\":1},"
	    "\"output_mode\":{\"enum\":[\"files_with_matches\",\"content\","
	    "\"count\"]},"
	    "\"ignore_case\":{\"type\":\"boolean\"},"
	    "\"context\":{\"type\":\"integer\",\"minimum\":0,"
	    "\"maximum\":50,\"description\":\"lines around each match\"},"
	    "\"head_limit\":{\"type\":\"integer\",\"minimum\":1,"
	    "\"maximum\":5000}},"
	    "\"required\":[\"pattern\"],\"additionalProperties\":false}",
	.effect = TOOL_READS,
	.subject = "path",
	.start = start,
};
