/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rig.c - a scratch folder, a loop, and calls that run to their end */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/path.h"
#include "rig.h"

int
rig_setup(void **state)
{
	struct rig *r = xcalloc(1, sizeof *r);
	char *cwd = path_cwd(NULL);

	/* Not below /tmp: what is written there must not count. */
	snprintf(r->dir, sizeof r->dir, "%s/tool-test.XXXXXX", cwd);
	free(cwd);
	if (mkdtemp(r->dir) == NULL)
		return -1;
	snprintf(r->spill, sizeof r->spill, "%s-spill", r->dir);
	r->base = event_base_new();
	buf_init(&r->previews);
	r->env.base = r->base;
	r->env.dir = r->dir;
	r->env.spill_dir = r->spill;
	r->env.reads = reads_new();
	*state = r;
	return 0;
}

static int
remove_one(const char *path, const struct stat *st, int what, struct FTW *ftw)
{
	(void)st;
	(void)what;
	(void)ftw;
	return remove(path);
}

int
rig_teardown(void **state)
{
	struct rig *r = *state;

	/* children that were dropped are reaped by now, or soon */
	event_base_dispatch(r->base);
	nftw(r->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	nftw(r->spill, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	tool_result_clear(&r->res);
	json_doc_free(r->output);
	buf_clear(&r->previews);
	reads_free(r->env.reads);
	event_base_free(r->base);
	free(r);
	return 0;
}

char *
rig_path(struct rig *r, const char *name)
{
	return path_join(r->dir, name);
}

void
rig_file(struct rig *r, const char *name, const char *content)
{
	char *path = rig_path(r, name), *p;
	int fd;

	for (p = strchr(path + strlen(r->dir) + 1, '/'); p != NULL;
	    p = strchr(p + 1, '/')) {
		*p = '\0';
		mkdir(path, 0755);
		*p = '/';
	}
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	assert_int_not_equal(fd, -1);
	assert_int_equal(write(fd, content, strlen(content)), strlen(content));
	close(fd);
	free(path);
}

const char *
rig_read(struct rig *r, const char *name)
{
	static struct buf b = BUF_INIT;
	char *path = rig_path(r, name);
	int got;

	buf_clear(&b);
	got = buf_read_file(&b, path, 1 << 20, NULL);
	free(path);
	return got == -1 ? NULL : b.data;
}

static void
preview(const char *json, void *arg)
{
	struct rig *r = arg;

	if (r->fifo != NULL && r->previews.len == 0) {
		int fd = open(r->fifo, O_WRONLY);

		assert_int_equal(write(fd, "go\n", 3), 3);
		close(fd);
	}
	buf_addf(&r->previews, "%s\n", json);
}

static void
done(struct tool_result *res, void *arg)
{
	struct rig *r = arg;

	r->res = *res;
	memset(res, 0, sizeof *res);
	r->over = true;
}

void
rig_run(struct rig *r, const struct tool *tool, const struct json *input)
{
	struct tool_fns fns = { preview, done, r };
	struct tool_run *run;

	tool_result_clear(&r->res);
	json_doc_free(r->output);
	r->output = NULL;
	buf_reset(&r->previews);
	r->over = false;
	run = tool_start(tool, input, &r->env, &fns, &r->res.err);
	assert_false(r->over);	/* never from within */
	while (run != NULL && !r->over)
		assert_int_equal(event_base_loop(r->base, EVLOOP_ONCE), 0);
	if (r->res.output != NULL) {
		r->output = json_parse(r->res.output, strlen(r->res.output), 0,
		    NULL);
		assert_non_null(r->output);
	}
	/* both forms, or an error */
	assert_true((r->res.output != NULL && r->res.model != NULL) ||
	    err_is_set(&r->res.err));
}

void
rig_call(struct rig *r, const char *tool, const char *input)
{
	const struct tool *t = tool_builtin(tool);
	char *text = xstrdup(input), *p;
	struct json_doc *doc;

	assert_non_null(t);
	for (p = text; *p != '\0'; p++) {
		if (*p == '\'')
			*p = '"';
	}
	doc = json_parse(text, strlen(text), 0, NULL);
	assert_non_null(doc);
	rig_run(r, t, json_root(doc));
	json_doc_free(doc);
	free(text);
}

const char *
rig_str(const struct rig *r, const char *name)
{
	const char *s;

	assert_string_equal(r->res.err.text, "");
	s = json_get_str(json_root(r->output), name);
	assert_non_null(s);
	return s;
}

long
rig_int(const struct rig *r, const char *name)
{
	int64_t n;

	assert_string_equal(r->res.err.text, "");
	assert_int_equal(json_int64(json_get(json_root(r->output), name), &n),
	    0);
	return (long)n;
}
