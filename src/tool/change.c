/* SPDX-License-Identifier: GPL-3.0-or-later */
/* change.c - a file before and after: what Write and Edit have in common */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/path.h"
#include "tool/change.h"
#include "tool/diff.h"
#include "tool/reads.h"
#include "tool/realname.h"
#include "tool/tool_run.h"

enum {
	FILE_MAX = 64 * 1024 * 1024,
	DIFF_MAX = 64 * 1024,		/* of it that is kept */
	MODEL_DIFF_MAX = 4 * 1024,
};

static void
change_clear(struct change *c)
{
	free(c->path);
	free(c->real);
	buf_clear(&c->before);
	buf_clear(&c->after);
}

static int
new_file_mode(void)
{
	mode_t mask = umask(0);

	umask(mask);
	return 0666 & ~(int)mask;
}

static int
read_before(struct change *c, const struct tool_env *env, struct err *e)
{
	enum reads_state seen = READS_CURRENT;

	if (buf_read_file(&c->before, c->real, FILE_MAX, e) == -1)
		return -1;
	if (env->reads != NULL)
		seen = reads_look(env->reads, c->real, c->before.data,
		    c->before.len);
	if (seen == READS_NEVER)
		return err_set(e, ERR_CONFLICT, "%s has not been read yet. "
		    "Read it first, so that you know what you change.",
		    c->path);
	if (seen == READS_CHANGED)
		return err_set(e, ERR_CONFLICT, "%s has changed since it was "
		    "read. Read it again, then repeat the change.", c->path);
	return 0;
}

int
change_open(struct change *c, const struct tool_env *env, const char *path,
    struct err *e)
{
	struct stat st;

	c->path = tool_path(env, path);
	c->real = realname(c->path);
	c->mode = new_file_mode();
	if (tool_may(env, c->real, true, e) == -1)
		return -1;
	if (stat(c->real, &st) == -1) {
		if (errno == ENOENT)
			return 0;
		return err_errno(e, ERR_IO, errno, "cannot write %s", c->path);
	}
	if (!S_ISREG(st.st_mode))
		return err_set(e, ERR_INPUT, "%s is %s, not a file.", c->path,
		    S_ISDIR(st.st_mode) ? "a folder" : "a device or a pipe");
	c->exists = true;
	c->mode = st.st_mode & 07777;
	return read_before(c, env, e);
}

/* The folders above a file, as mkdir -p makes them. */
static int
make_folders(const char *file, struct err *e)
{
	char *path = xstrdup(file), *p;
	int r = 0;

	for (p = strchr(path + 1, '/'); p != NULL && r == 0;
	    p = strchr(p + 1, '/')) {
		*p = '\0';
		if (mkdir(path, 0777) == -1 && errno != EEXIST)
			r = err_errno(e, ERR_IO, errno, "cannot make %s",
			    path);
		*p = '/';
	}
	free(path);
	return r;
}

static int
change_write(struct change *c, const struct tool_env *env, struct err *e)
{
	if (!c->exists && make_folders(c->real, e) == -1)
		return -1;
	if (path_write_whole(c->real, c->after.data, c->after.len, c->mode,
	    e) == -1)
		return -1;
	if (env->reads != NULL)
		reads_note(env->reads, c->real, c->after.data, c->after.len);
	return 0;
}

static void
change_json(struct buf *out, const struct change *c, const char *diff,
    const struct diff_stat *stat)
{
	struct json_w j;

	json_w_init(&j, out);
	json_w_obj(&j);
	json_w_kstr(&j, "type", c->exists ? "update" : "create");
	json_w_kstr(&j, "file_path", c->path);
	json_w_kstr(&j, "diff", diff);
	json_w_kint(&j, "added", (int64_t)stat->added);
	json_w_kint(&j, "removed", (int64_t)stat->removed);
	json_w_obj_end(&j);
}

static void
change_describe(struct buf *out, struct buf *model, const struct change *c)
{
	struct buf diff = BUF_INIT, shown = BUF_INIT;
	struct diff_stat stat;

	diff_unified(&diff, c->before.data, c->before.len, c->after.data,
	    c->after.len, &stat);
	tool_add_text(&shown, diff.data, diff.len, DIFF_MAX);
	change_json(out, c, shown.data, &stat);
	if (!c->exists) {
		buf_addf(model, "%s was made (%zu lines).", c->path,
		    stat.added);
	} else {
		buf_addf(model, "%s was changed: %zu lines added, %zu "
		    "removed.\n", c->path, stat.added, stat.removed);
		tool_add_text(model, diff.data, diff.len, MODEL_DIFF_MAX);
	}
	buf_clear(&diff);
	buf_clear(&shown);
}

struct tool_run *
change_start(const struct tool *tool, const struct json *input,
    const struct tool_env *env, const struct tool_fns *fns,
    change_plan_fn plan)
{
	struct tool_run *run = tool_run_new(tool, env, fns);
	struct change c = { .before = BUF_INIT, .after = BUF_INIT };
	struct buf out = BUF_INIT, model = BUF_INIT;

	if (plan(&c, input, env, &run->res.err) == -1 ||
	    change_write(&c, env, &run->res.err) == -1) {
		tool_run_done(run);
	} else {
		change_describe(&out, &model, &c);
		tool_run_give(run, &out, &model);
	}
	change_clear(&c);
	return run;
}

char *
change_preview(const struct json *input, const struct tool_env *env,
    change_plan_fn plan, struct err *e)
{
	struct change c = { .before = BUF_INIT, .after = BUF_INIT };
	struct buf out = BUF_INIT, model = BUF_INIT;
	int r = plan(&c, input, env, e);

	if (r == 0)
		change_describe(&out, &model, &c);
	buf_clear(&model);
	change_clear(&c);
	return r == 0 ? buf_take(&out) : NULL;
}
