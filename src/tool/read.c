/* SPDX-License-Identifier: GPL-3.0-or-later */
/* read.c - the Read tool: text with line numbers, pictures, PDF */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "tool/builtin.h"
#include "tool/child.h"
#include "tool/reads.h"
#include "tool/tool_run.h"

enum {
	FILE_MAX = 64 * 1024 * 1024,
	LINES = 2000,		/* if no limit is given */
	LINE_MAX_BYTES = 2000,
	PDF_TEXT_MAX = 16 * 1024 * 1024,
	SNIFF = 8192,
};

struct read_run {
	struct child *child;	/* pdftotext */
	struct buf text, complaint;
	char *path;
	int64_t offset, limit;
	bool cut;
};

/* pictures, by their first bytes */
static const struct {
	const char *magic;
	size_t len, at;
	const char *media_type;
} pictures[] = {
	{ "\x89PNG\r\n\x1a\n", 8, 0, "image/png" },
	{ "\xff\xd8\xff", 3, 0, "image/jpeg" },
	{ "GIF8", 4, 0, "image/gif" },
	{ "WEBP", 4, 8, "image/webp" },
};

static const char *
picture_type(const struct buf *b)
{
	size_t i;

	for (i = 0; i < NELEM(pictures); i++) {
		if (b->len >= pictures[i].at + pictures[i].len &&
		    memcmp(b->data + pictures[i].at, pictures[i].magic,
		    pictures[i].len) == 0)
			return pictures[i].media_type;
	}
	return NULL;
}

/* Open what is a file, and may be read, and is that file still. */
static int
open_file(const struct tool_env *env, const char *path, struct err *e)
{
	char link[64], real[4096];
	struct stat st;
	ssize_t n;
	int fd;

	if (tool_may(env, path, false, e) == -1)
		return -1;
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (fd == -1)
		return err_errno(e, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO,
		    errno, "cannot open %s", path);
	if (fstat(fd, &st) == -1 || S_ISDIR(st.st_mode)) {
		err_set(e, ERR_INPUT, "%s is a folder. Use Glob to list the "
		    "files in it.", path);
		goto failed;
	}
	if (!S_ISREG(st.st_mode)) {
		err_set(e, ERR_INPUT, "%s is not a file but a device, a pipe "
		    "or a socket.", path);
		goto failed;
	}
	/* A link may have been swapped since the path was resolved. */
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	n = readlink(link, real, sizeof real - 1);
	if (n > 0) {
		real[n] = '\0';
		if (tool_may(env, real, false, e) == -1)
			goto failed;
	}
	return fd;
failed:
	close(fd);
	return -1;
}

static int
load(const struct tool_env *env, const char *path, struct buf *b,
    struct err *e)
{
	int fd = open_file(env, path, e), r;

	if (fd == -1)
		return -1;
	r = buf_read_fd(b, fd, path, FILE_MAX, e);
	close(fd);
	return r;
}

static size_t
count_lines(const char *s, size_t len)
{
	size_t n = 0, i;

	for (i = 0; i < len; i++)
		n += s[i] == '\n';
	return n + (len > 0 && s[len - 1] != '\n');
}

/* One line with its number, as `cat -n` has it. */
static void
add_line(struct buf *model, size_t number, const char *s, size_t len)
{
	size_t n;

	if (len > 0 && s[len - 1] == '\r')
		len--;
	n = len <= LINE_MAX_BYTES ? len : utf8_prefix(s, len, LINE_MAX_BYTES);
	buf_addf(model, "%6zu\t", number);
	utf8_add_valid(model, s, n);
	if (n < len)
		buf_addf(model, " [... %zu more bytes in this line]", len - n);
	buf_addc(model, '\n');
}

struct window {
	size_t first, last;	/* lines given, from 1; 0: none */
	size_t total;
	const char *start, *end;	/* their bytes */
};

/* Number the lines from offset on; stop at the limit or the ceiling. */
static void
add_lines(struct buf *model, const struct buf *text, const struct read_run *r,
    struct window *w)
{
	const char *p = text->data, *end = p + text->len, *nl;
	size_t number = 1, from = r->offset > 0 ? (size_t)r->offset : 1;
	size_t most = r->limit > 0 ? (size_t)r->limit : LINES;

	memset(w, 0, sizeof *w);
	w->total = count_lines(text->data, text->len);
	w->start = w->end = end;
	for (; p < end; p = nl, number++) {
		nl = memchr(p, '\n', (size_t)(end - p));
		nl = nl == NULL ? end : nl + 1;
		if (number < from)
			continue;
		if (number - from >= most || model->len > TOOL_MODEL_MAX)
			break;
		if (w->first == 0) {
			w->first = number;
			w->start = p;
		}
		w->last = number;
		w->end = nl;
		add_line(model, number, p,
		    (size_t)(nl - p) - (nl[-1] == '\n'));
	}
}

static void
add_remarks(struct buf *model, const struct window *w, const char *path)
{
	if (w->total == 0)
		buf_addf(model, "%s exists and is empty.\n", path);
	else if (w->first == 0)
		buf_addf(model, "%s has only %zu lines.\n", path, w->total);
	else if (w->last < w->total)
		buf_addf(model, "[%zu lines more: go on with offset %zu]\n",
		    w->total - w->last, w->last + 1);
}

static void
give_text(struct tool_run *run, const struct buf *text, const char *kind)
{
	const struct read_run *r = run->state;
	struct buf out = BUF_INIT, model = BUF_INIT;
	struct window w;
	struct json_w j;

	add_lines(&model, text, r, &w);
	add_remarks(&model, &w, r->path);
	if (r->cut)
		buf_adds(&model, "[the document is longer than can be read]\n");
	json_w_init(&j, &out);
	json_w_obj(&j);
	json_w_kstr(&j, "type", kind);
	json_w_kstr(&j, "file_path", r->path);
	json_w_kstrn(&j, "content", w.start, (size_t)(w.end - w.start));
	json_w_kint(&j, "firstLine", (int64_t)w.first);
	json_w_kint(&j, "lines", w.first == 0 ? 0 :
	    (int64_t)(w.last - w.first + 1));
	json_w_kint(&j, "totalLines", (int64_t)w.total);
	json_w_obj_end(&j);
	tool_run_give(run, &out, &model);
}

static void
give_picture(struct tool_run *run, const struct buf *b, const char *type)
{
	const struct read_run *r = run->state;
	struct buf out = BUF_INIT, model = BUF_INIT;
	struct json_w j;

	if (b->len > TOOL_MEDIA_MAX) {
		tool_run_fail(run, ERR_TOO_BIG, "%s is a picture of %zu bytes; "
		    "at most %d can be looked at. Make a smaller copy first.",
		    r->path, b->len, TOOL_MEDIA_MAX);
		return;
	}
	json_w_init(&j, &out);
	json_w_obj(&j);
	json_w_kstr(&j, "type", "image");
	json_w_kstr(&j, "file_path", r->path);
	json_w_kstr(&j, "mediaType", type);
	json_w_kint(&j, "bytes", (int64_t)b->len);
	json_w_obj_end(&j);
	buf_addf(&model, "%s (%s, %zu bytes) is attached.", r->path, type,
	    b->len);
	tool_run_media(run, type, b->data, b->len);
	tool_run_give(run, &out, &model);
}

/* -------------------------------------------------------------------- PDF */

static void
pdf_bytes(int fd, const char *bytes, size_t len, void *arg)
{
	struct tool_run *run = arg;
	struct read_run *r = run->state;

	if (fd == 2) {
		(void)buf_add(&r->complaint, bytes, len);
	} else if (buf_add(&r->text, bytes, len) == -1 && !r->cut) {
		r->cut = true;
		child_kill(r->child);
	}
}

static void
pdf_ended(int status, void *arg)
{
	struct tool_run *run = arg;
	struct read_run *r = run->state;

	r->child = NULL;
	if (status != 0 && !r->cut)
		tool_run_fail(run, ERR_FAILED, "cannot read the PDF %s: %.200s",
		    r->path, r->complaint.len > 0 ? r->complaint.data :
		    "pdftotext failed");
	else
		give_text(run, &r->text, "pdf");
}

static void
start_pdf(struct tool_run *run)
{
	struct read_run *r = run->state;
	const char *argv[] = { "pdftotext", "-layout", "-enc", "UTF-8", "--",
	    r->path, "-", NULL };
	struct child_opts opts = { .argv = argv, .dir = run->env->dir,
	    .sandbox = run->env->sandbox, .on_bytes = pdf_bytes,
	    .on_exit = pdf_ended, .arg = run };
	struct err e = ERR_INIT;

	r->child = child_start(run->env->base, &opts, &e);
	if (r->child == NULL)
		tool_run_fail(run, e.code, "%s is a PDF, and %s", r->path,
		    e.code == ERR_NOT_FOUND ? "pdftotext, which could give "
		    "its text, is not installed (poppler-utils)" : e.text);
}

/* --------------------------------------------------------------- the tool */

static void
read_stop(struct tool_run *run)
{
	struct read_run *r = run->state;

	child_drop(r->child);
	buf_clear(&r->text);
	buf_clear(&r->complaint);
	free(r->path);
	free(r);
}

static void
begin(struct tool_run *run)
{
	struct read_run *r = run->state;
	struct buf b = BUF_INIT;
	const char *type;
	size_t sniff;

	if (load(run->env, r->path, &b, &run->res.err) == -1) {
		tool_run_done(run);
		return;
	}
	sniff = b.len < SNIFF ? b.len : SNIFF;
	if (run->env->reads != NULL)
		reads_note(run->env->reads, r->path, b.data, b.len);
	if ((type = picture_type(&b)) != NULL)
		give_picture(run, &b, type);
	else if (b.len > 5 && memcmp(b.data, "%PDF-", 5) == 0)
		start_pdf(run);
	else if (memchr(b.data, '\0', sniff) != NULL)
		tool_run_fail(run, ERR_INPUT, "%s is a binary file (%zu "
		    "bytes) and cannot be read as text. A command such as "
		    "`file` or `xxd | head` can look into it.", r->path,
		    b.len);
	else
		give_text(run, &b, "text");
	buf_clear(&b);
}

static struct tool_run *
start(const struct tool *tool, const struct json *input,
    const struct tool_env *env, const struct tool_fns *fns, struct err *e)
{
	struct tool_run *run = tool_run_new(tool, env, fns);
	struct read_run *r = xcalloc(1, sizeof *r);

	(void)e;
	buf_init_max(&r->text, PDF_TEXT_MAX);
	buf_init_max(&r->complaint, 4096);
	r->path = tool_path(env, json_get_str(input, "file_path"));
	(void)json_int64(json_get(input, "offset"), &r->offset);
	(void)json_int64(json_get(input, "limit"), &r->limit);
	run->state = r;
	run->stop = read_stop;
	begin(run);
	return run;
}

const struct tool tool_read = {
	.name = "Read",
	.title = "Read a file",
	.description = "Reads a file. Text comes with line numbers (a number, "
	    "a tab, the line), 2000 lines unless limit says else; offset is "
	    "the first line wanted, from 1. Pictures (PNG, JPEG, GIF, WebP) "
	    "are shown to you; of PDF files you get the text. Several files "
	    "can be read in one step. Read a file before you edit it.",
	.schema = "{\"type\":\"object\",\"properties\":{"
	    "\"file_path\":{\"type\":\"string\",\"minLength\":1,"
	    "\"description\":\"absolute, or relative to the working folder\"},"
	    "\"offset\":{\"type\":\"integer\",\"minimum\":0,"
	    "\"description\":\"first line to read, from 1\"},"
	    "\"limit\":{\"type\":\"integer\",\"minimum\":1,"
	    "\"description\":\"number of lines\"}},"
	    "\"required\":[\"file_path\"],\"additionalProperties\":false}",
	.effect = TOOL_READS,
	.subject = "file_path",
	.start = start,
};
