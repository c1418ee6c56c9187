/* SPDX-License-Identifier: GPL-3.0-or-later */
/* prompt_in.c - puts the prompt of a run together */

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/id.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/utf8.h"
#include "cli/attach_file.h"
#include "cli/opts.h"
#include "cli/out.h"
#include "cli/prompt_in.h"
#include "wire/record.h"

enum {
	STDIN_MAX = 64 * 1024 * 1024,
	STDIN_SILENCE_MS = 2000,
};

/* Is there something that another program put there? */
static bool
stdin_is_given(void)
{
	struct stat st;

	return fstat(STDIN_FILENO, &st) == 0 && (S_ISFIFO(st.st_mode) ||
	    S_ISREG(st.st_mode) || S_ISSOCK(st.st_mode));
}

/* Say what is waited for, once, when an open pipe gives nothing. */
static void
wait_for_stdin(void)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };

	if (poll(&p, 1, STDIN_SILENCE_MS) == 0)
		out_note("chatd: waiting for stdin to end; --no-stdin leaves "
		    "it alone");
}

static int
add_stdin(struct buf *text, bool prompt, struct err *e)
{
	struct buf raw;
	int r;

	buf_init(&raw);
	if (prompt)
		wait_for_stdin();
	r = buf_read_fd(&raw, STDIN_FILENO, "stdin", STDIN_MAX, e);
	while (raw.len > 0 && raw.data[raw.len - 1] == '\n')
		buf_cut(&raw, raw.len - 1);
	if (r == 0 && raw.len > 0) {
		if (text->len > 0)
			buf_adds(text, "\n\n");
		utf8_add_valid(text, raw.data, raw.len);
	}
	buf_clear(&raw);
	return r;
}

int
prompt_read(struct prompt *p, const struct opts *o, struct err *e)
{
	struct buf *text = &p->text;
	bool dash = o->words.count == 1 &&
	    strcmp(o->words.items[0], "-") == 0;

	for (size_t i = 0; i < o->words.count && !dash; i++) {
		if (i > 0)
			buf_addc(text, ' ');
		utf8_add_valid(text, o->words.items[i],
		    strlen(o->words.items[i]));
	}
	p->typed = text->len;
	if (dash || (!o->no_stdin && stdin_is_given()))
		if (add_stdin(text, o->words.count > 0 && !dash, e) != 0)
			return -1;
	if (text->len == 0 && o->files.count == 0) {
		err_set(e, ERR_USAGE, "there is no prompt");
		return err_hint(e, "chatd run \"words\", or give it on stdin");
	}
	return 0;
}

/* The path of an @path at s, if there is such a file. Caller frees. */
static char *
path_at(const char *s, size_t *len)
{
	*len = strcspn(s, " \t\n");
	while (*len > 0) {
		char *word = xstrndup(s, *len);
		char *path = path_expand(word);
		struct stat st;

		free(word);
		if (stat(path, &st) == 0 && S_ISREG(st.st_mode))
			return path;
		free(path);
		/* "see @notes.txt, please": marks behind it are not of it */
		if (strchr(".,;:!?)\"'", s[*len - 1]) == NULL)
			break;
		--*len;
	}
	return NULL;
}

static int
attach_mentioned(struct json_w *w, const struct prompt *p, struct err *e)
{
	char before = ' ';

	for (size_t i = 0; i < p->typed; before = p->text.data[i++]) {
		const char *s = p->text.data + i;
		size_t len;

		if (*s != '@' || strchr(" \t\n(\"'", before) == NULL)
			continue;
		char *path = path_at(s + 1, &len);
		if (path == NULL)
			continue;
		int r = attach_file(w, path, e);
		free(path);
		if (r != 0)
			return -1;
	}
	return 0;
}

static int
attach_listed(struct json_w *w, const struct strlist *files, struct err *e)
{
	for (size_t i = 0; i < files->count; i++) {
		char *path = path_expand(files->items[i]);
		int r = attach_file(w, path, e);

		free(path);
		if (r != 0)
			return -1;
	}
	return 0;
}

int
prompt_message(struct buf *out, const struct prompt *p,
    const struct strlist *files, struct err *e)
{
	struct json_w w;
	char id[ID_MAX];

	id_make("msg", id);
	json_w_init(&w, out);
	json_w_obj(&w);
	json_w_kstr(&w, "id", id);
	json_w_kstr(&w, "role", "user");
	json_w_key(&w, "parts");
	json_w_arr(&w);
	if (p->text.len > 0) {
		json_w_obj(&w);
		json_w_kstr(&w, "type", "text");
		json_w_kstrn(&w, "text", p->text.data, p->text.len);
		json_w_obj_end(&w);
	}
	if (attach_listed(&w, files, e) != 0 ||
	    attach_mentioned(&w, p, e) != 0)
		return -1;
	json_w_arr_end(&w);
	json_w_obj_end(&w);
	if (out->len > RECORD_BODY_MAX)
		return err_set(e, ERR_TOO_BIG,
		    "the message is too big: %zu bytes, %d are allowed",
		    out->len, (int)RECORD_BODY_MAX);
	return 0;
}
