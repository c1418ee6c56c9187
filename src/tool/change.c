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
	if (c->folder != -1)
		close(c->folder);
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
read_before(struct change *c, const struct tool_env *env, int fd,
    struct err *e)
{
	enum reads_state seen = READS_CURRENT;

	if (buf_read_fd(&c->before, fd, c->path, FILE_MAX, e) == -1)
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

static int
open_part(int above, const char *name, bool make)
{
	enum { FLAGS = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };
	int fd = openat(above, name, FLAGS);

	if (fd == -1 && errno == ENOENT && make &&
	    (mkdirat(above, name, 0777) == 0 || errno == EEXIST))
		fd = openat(above, name, FLAGS);
	return fd;
}

/*
 * The folder of the file, part by part from the root: all links in its name
 * are resolved, so one that is met has come since, and leads to where nobody
 * has looked. -1 and errno.
 */
static int
open_folder(const char *file, bool make)
{
	char *path = xstrdup(file), *at = path, *p;
	int fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	while (fd != -1 && (p = strchr(at + 1, '/')) != NULL) {
		int above = fd, saved;

		*p = '\0';
		fd = open_part(above, at + 1, make);
		saved = errno;
		close(above);
		errno = saved;
		at = p;
	}
	free(path);
	return fd;
}

static const char *
file_name(const struct change *c)
{
	return strrchr(c->real, '/') + 1;
}

static int
look_before(struct change *c, const struct tool_env *env, int fd,
    struct err *e)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return err_errno(e, ERR_IO, errno, "cannot write %s", c->path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, ERR_INPUT, "%s is %s, not a file.", c->path,
		    S_ISDIR(st.st_mode) ? "a folder" : "a device or a pipe");
	c->exists = true;
	c->mode = st.st_mode & 07777;
	return read_before(c, env, fd, e);
}

int
change_open(struct change *c, const struct tool_env *env, const char *path,
    struct err *e)
{
	int fd, r;

	c->path = tool_path(env, path);
	c->real = realname(c->path);
	c->mode = new_file_mode();
	if (tool_may(env, c->real, true, e) == -1)
		return -1;
	c->folder = open_folder(c->real, false);
	fd = c->folder == -1 ? -1 : openat(c->folder, file_name(c),
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (fd == -1)
		return errno == ENOENT ? 0 : err_errno(e, ERR_IO, errno,
		    "cannot write %s", c->path);
	r = look_before(c, env, fd, e);
	close(fd);
	return r;
}

static int
change_write(struct change *c, const struct tool_env *env, struct err *e)
{
	char *at;
	int r;

	if (c->folder == -1)
		c->folder = open_folder(c->real, true);
	if (c->folder == -1)
		return err_errno(e, ERR_IO, errno, "cannot make the folder "
		    "of %s", c->path);
	at = xasprintf("/proc/self/fd/%d/%s", c->folder, file_name(c));
	r = path_replace(at, c->path, c->after.data, c->after.len, c->mode, e);
	free(at);
	if (r == 0 && env->reads != NULL)
		reads_note(env->reads, c->real, c->after.data, c->after.len);
	return r;
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
	struct change c = { .folder = -1, .before = BUF_INIT,
	    .after = BUF_INIT };
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
	struct change c = { .folder = -1, .before = BUF_INIT,
	    .after = BUF_INIT };
	struct buf out = BUF_INIT, model = BUF_INIT;
	int r = plan(&c, input, env, e);

	if (r == 0)
		change_describe(&out, &model, &c);
	buf_clear(&model);
	change_clear(&c);
	return r == 0 ? buf_take(&out) : NULL;
}
