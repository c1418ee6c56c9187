/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bang.c - "!ls": a command that the user runs, kept as context */

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "cli/bang.h"
#include "tool/child.h"

struct bang {
	struct child *child;
	struct buf text;
	size_t head;		/* bytes of text that are the command */
	size_t lost;		/* bytes of output that were too many */
	bang_fn *fn;
	void *arg;
};

static void
bang_free(struct bang *b)
{
	buf_clear(&b->text);
	free(b);
}

static void
on_bytes(int fd, const char *bytes, size_t len, void *arg)
{
	struct bang *b = arg;
	size_t room = b->head + BANG_MAX - b->text.len;
	size_t n = len <= room ? len : utf8_prefix(bytes, len, room);

	(void)fd;
	if (b->lost > 0)
		n = 0;
	buf_add(&b->text, bytes, n);
	b->lost += len - n;
}

static void
on_exit_status(int status, void *arg)
{
	struct bang *b = arg;

	if (b->text.data[b->text.len - 1] != '\n')
		buf_addc(&b->text, '\n');
	if (b->lost > 0)
		buf_addf(&b->text, "[%zu bytes more]\n", b->lost);
	if (status != 0) {
		buf_addc(&b->text, '[');
		child_status_text(&b->text, status);
		buf_adds(&b->text, "]\n");
	}
	b->fn(b->text.data, b->arg);
	bang_free(b);
}

struct bang *
bang_start(struct event_base *base, const char *command, bang_fn *fn,
    void *arg, struct err *e)
{
	const char *argv[] = { "sh", "-c", command, NULL };
	char **env = child_env_whole();
	struct bang *b = xcalloc(1, sizeof(*b));
	struct child_opts co = { .argv = argv, .env = env, .merge = true,
	    .on_bytes = on_bytes, .on_exit = on_exit_status, .arg = b };

	buf_init(&b->text);
	buf_addf(&b->text, "$ %s\n", command);
	b->head = b->text.len;
	b->fn = fn;
	b->arg = arg;
	b->child = child_start(base, &co, e);
	child_env_free(env);
	if (b->child == NULL) {
		bang_free(b);
		return NULL;
	}
	return b;
}

void
bang_stop(struct bang *b)
{
	child_kill(b->child);
}

void
bang_drop(struct bang *b)
{
	if (b == NULL)
		return;
	child_drop(b->child);
	bang_free(b);
}

void
bang_action(struct buf *out, const char *text)
{
	char *said = xasprintf("The user ran a command:\n%s", text);
	struct json_w w;

	json_w_init(&w, out);
	json_w_obj(&w);
	json_w_kstr(&w, "type", "inject");
	json_w_kstr(&w, "text", said);
	json_w_obj_end(&w);
	free(said);
}
