/* SPDX-License-Identifier: GPL-3.0-or-later */
/* history.c - what was typed before, in a file */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/path.h"
#include "ui/history.h"

static void
add_escaped(struct buf *out, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '\n')
			buf_adds(out, "\\n");
		else if (*text == '\\')
			buf_adds(out, "\\\\");
		else
			buf_addc(out, *text);
	}
	buf_addc(out, '\n');
}

static char *
unescape(const char *s, size_t len)
{
	struct buf out = BUF_INIT;
	size_t i;

	for (i = 0; i < len; i++) {
		if (s[i] != '\\' || i + 1 == len)
			buf_addc(&out, s[i]);
		else
			buf_addc(&out, s[++i] == 'n' ? '\n' : s[i]);
	}
	return buf_take(&out);
}

static void
push(struct history *h, char *entry)
{
	if (h->count == HISTORY_MAX) {
		free(h->entries[0]);
		memmove(h->entries, h->entries + 1,
		    (HISTORY_MAX - 1) * sizeof(*h->entries));
		h->count--;
	}
	if (h->entries == NULL)
		h->entries = xcalloc(HISTORY_MAX, sizeof(*h->entries));
	h->entries[h->count++] = entry;
}

/* How many entries the text has. */
static size_t
parse(struct history *h, const struct buf *b)
{
	size_t pos = 0, lines = 0;

	while (pos < b->len) {
		const char *end = memchr(b->data + pos, '\n', b->len - pos);
		size_t n = end == NULL ? b->len - pos :
		    (size_t)(end - b->data) - pos;

		if (n > 0)
			push(h, unescape(b->data + pos, n));
		pos += n + 1;
		lines++;
	}
	return lines;
}

static int
rewrite(struct history *h, struct err *e)
{
	struct buf out = BUF_INIT;
	size_t i;
	int r;

	for (i = 0; i < h->count; i++)
		add_escaped(&out, h->entries[i]);
	r = path_write_whole(h->path, out.data, out.len, 0600, e);
	buf_clear(&out);
	return r;
}

int
history_open(struct history *h, const char *path, struct err *e)
{
	struct err why = ERR_INIT;
	struct buf b = BUF_INIT;
	size_t lines;
	int r = 0;

	*h = (struct history){ .path = xstrdup(path) };
	if (buf_read_file(&b, path, HISTORY_FILE_MAX, &why) == -1 &&
	    why.code != ERR_NOT_FOUND) {
		err_pass(e, &why);
		buf_clear(&b);
		return -1;
	}
	lines = parse(h, &b);
	buf_clear(&b);
	if (lines > HISTORY_MAX)
		r = rewrite(h, e);
	return r;
}

void
history_close(struct history *h)
{
	size_t i;

	for (i = 0; i < h->count; i++)
		free(h->entries[i]);
	free(h->entries);
	free(h->path);
	*h = (struct history){ .path = NULL };
}

/* In one write, so that two programs do not mix their lines. */
static int
append(const struct history *h, const char *text, struct err *e)
{
	struct buf line = BUF_INIT;
	int fd, r = 0;

	if (path_make_parent(h->path, e) == -1)
		return -1;
	fd = open(h->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (fd == -1)
		return err_errno(e, ERR_IO, errno, "cannot open %s", h->path);
	add_escaped(&line, text);
	if (write(fd, line.data, line.len) != (ssize_t)line.len)
		r = err_errno(e, ERR_IO, errno, "cannot write %s", h->path);
	buf_clear(&line);
	close(fd);
	return r;
}

int
history_add(struct history *h, const char *text, struct err *e)
{
	if (strlen(text) > HISTORY_ENTRY_MAX || (h->count > 0 &&
	    strcmp(h->entries[h->count - 1], text) == 0))
		return 0;
	push(h, xstrdup(text));
	return append(h, text, e);
}
