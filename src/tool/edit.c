/* SPDX-License-Identifier: GPL-3.0-or-later */
/* edit.c - the Edit tool: replace exactly this text by that */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tool/builtin.h"
#include "tool/change.h"
#include "tool/tool_run.h"

struct edit {
	const char *old, *new;
	size_t old_len, new_len;
	bool all;
	char *crlf_old, *crlf_new;	/* as the file writes line ends */
};

static const char *
find(const char *s, const char *end, const char *what, size_t len)
{
	return memmem(s, (size_t)(end - s), what, len);
}

static size_t
count(const struct buf *text, const char *what, size_t len)
{
	const char *p = text->data, *end = p + text->len;
	size_t n = 0;

	while ((p = find(p, end, what, len)) != NULL) {
		p += len;
		n++;
	}
	return n;
}

static char *
with_crlf(const char *s, size_t len, size_t *out_len)
{
	struct buf b = BUF_INIT;
	size_t i;

	for (i = 0; i < len; i++) {
		if (s[i] == '\n' && (i == 0 || s[i - 1] != '\r'))
			buf_addc(&b, '\r');
		buf_addc(&b, s[i]);
	}
	*out_len = b.len;
	return buf_take(&b);
}

/* Read shows no CR, so a model that copies from it has none. */
static void
try_crlf(struct edit *ed, const struct buf *text)
{
	if (memmem(text->data, text->len, "\r\n", 2) == NULL ||
	    count(text, ed->old, ed->old_len) > 0)
		return;
	ed->crlf_old = with_crlf(ed->old, ed->old_len, &ed->old_len);
	ed->crlf_new = with_crlf(ed->new, ed->new_len, &ed->new_len);
	ed->old = ed->crlf_old;
	ed->new = ed->crlf_new;
}

/* Where is it? "3, 17 and 40": the lines, for a model to choose from. */
static void
name_lines(struct buf *b, const struct buf *text, const struct edit *ed)
{
	const char *p = text->data, *end = p + text->len, *at = p, *q;
	size_t line = 1, n = 0;

	while (n < 10 && (p = find(p, end, ed->old, ed->old_len)) != NULL) {
		for (q = at; q < p; q++)
			line += *q == '\n';
		at = p;
		buf_addf(b, "%s%zu", n++ == 0 ? "" : ", ", line);
		p += ed->old_len;
	}
	if (p != NULL)
		buf_adds(b, ", ...");
}

static int
check(const struct edit *ed, const struct change *c, size_t n, struct err *e)
{
	struct buf lines = BUF_INIT;

	if (n == 0)
		return err_set(e, ERR_INPUT, "old_string does not stand in "
		    "%s. It must match exactly, with all blanks, tabs and "
		    "line ends, and without the line numbers that Read "
		    "shows. Read the file again and copy the text.", c->path);
	if (n == 1 || ed->all)
		return 0;
	name_lines(&lines, &c->before, ed);
	err_set(e, ERR_INPUT, "old_string stands in %s %zu times (lines %s). "
	    "Add lines around it until there is one, or set replace_all.",
	    c->path, n, lines.data);
	buf_clear(&lines);
	return -1;
}

static void
replace(const struct edit *ed, struct change *c)
{
	const char *p = c->before.data, *end = p + c->before.len, *q;

	while ((q = find(p, end, ed->old, ed->old_len)) != NULL) {
		buf_add(&c->after, p, (size_t)(q - p));
		buf_add(&c->after, ed->new, ed->new_len);
		p = q + ed->old_len;
		if (!ed->all)
			break;
	}
	buf_add(&c->after, p, (size_t)(end - p));
}

static int
plan(struct change *c, const struct json *input, const struct tool_env *env,
    struct err *e)
{
	const struct json *old = json_get(input, "old_string");
	const struct json *new = json_get(input, "new_string");
	struct edit ed = { .old = json_str(old), .old_len = json_len(old),
	    .new = json_str(new), .new_len = json_len(new),
	    .all = json_bool(json_get(input, "replace_all"), false) };
	int r;

	if (change_open(c, env, json_get_str(input, "file_path"), e) == -1)
		return -1;
	if (!c->exists)
		return err_set(e, ERR_NOT_FOUND, "%s does not exist. Use Write "
		    "to make a new file.", c->path);
	if (json_equal(old, new))
		return err_set(e, ERR_INPUT, "old_string and new_string are "
		    "the same: nothing would change.");
	try_crlf(&ed, &c->before);
	c->replaced = count(&c->before, ed.old, ed.old_len);
	r = check(&ed, c, c->replaced, e);
	if (r == 0)
		replace(&ed, c);
	free(ed.crlf_old);
	free(ed.crlf_new);
	return r;
}

static struct tool_run *
start(const struct tool *tool, const struct json *input,
    const struct tool_env *env, const struct tool_fns *fns, struct err *e)
{
	(void)e;
	return change_start(tool, input, env, fns, plan);
}

static char *
preview(const struct json *input, const struct tool_env *env, struct err *e)
{
	return change_preview(input, env, plan, e);
}

const struct tool tool_edit = {
	.name = "Edit",
	.title = "Edit a file",
	.description = "Replaces old_string by new_string in a file. "
	    "old_string must match exactly and stand there once, or "
	    "replace_all is set. The file must have been read before with "
	    "Read, and not have changed since. Keep the indentation as it is "
	    "in the file, without the line numbers that Read puts before.",
	.schema = "{\"type\":\"object\",\"properties\":{"
	    "\"file_path\":{\"type\":\"string\",\"minLength\":1},"
	    "\"old_string\":{\"type\":\"string\",\"minLength\":1,"
	    "\"description\":\"the text to be replaced\"},"
	    "\"new_string\":{\"type\":\"string\","
	    "\"description\":\"the text that takes its place\"},"
	    "\"replace_all\":{\"type\":\"boolean\","
	    "\"description\":\"every place, not just one\"}},"
	    "\"required\":[\"file_path\",\"old_string\",\"new_string\"],"
	    "\"additionalProperties\":false}",
	.effect = TOOL_EDITS,
	.subject = "file_path",
	.start = start,
	.preview = preview,
};
