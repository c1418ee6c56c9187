/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mcp_stdio.c - an MCP server that is a child: one message a line */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "tool/child.h"
#include "tool/mcp.h"
#include "tool/mcp_config.h"
#include "tool/mcp_transport.h"

enum { STDERR_KEPT = 64 * 1024 };

struct stdio {
	struct mcp_transport t;
	struct child *child;
	char *name;
	struct buf in;		/* an unfinished line */
	struct buf complaints;	/* the last of its stderr */
	bool last;		/* there is no loop any more */
};

/* What a server needs to find its way; no keys (mcp 5.2). */
static const char *const env_names[] = {
	"HOME", "LOGNAME", "PATH", "SHELL", "TERM", "USER", "LANG", "LC_*",
	"TMPDIR", "XDG_*", "TZ", "NODE_EXTRA_CA_CERTS", NULL,
};

void
mcp_transport_take(struct mcp_transport *t, const char *text, size_t len)
{
	struct json_doc *doc = json_parse(text, len, JSON_REPLACE_UTF8, NULL);
	const struct json *root = json_root(doc), *v;

	if (doc == NULL) {
		/* Many servers greet on stdout (mcp 5.1). */
		log_msg(LOG_TOOL, LOG_WARN, "mcp: not JSON: %.*s",
		    len < 200 ? (int)len : 200, text);
		return;
	}
	if (json_is(root, JSON_ARRAY)) {
		JSON_EACH(v, root)
			t->fns.on_message(v, t->fns.arg);
	} else {
		t->fns.on_message(root, t->fns.arg);
	}
	json_doc_free(doc);
}

static void
take_line(struct stdio *s, const char *line, size_t len)
{
	if (len > 0 && line[len - 1] == '\r')
		len--;
	if (len > 0)
		mcp_transport_take(&s->t, line, len);
}

static void
bytes_came(int fd, const char *bytes, size_t len, void *arg)
{
	struct stdio *s = arg;
	const char *nl;

	if (fd == 2) {
		buf_add(&s->complaints, bytes, len);
		if (s->complaints.len > STDERR_KEPT)
			buf_drop(&s->complaints,
			    s->complaints.len - STDERR_KEPT);
		return;
	}
	while ((nl = memchr(bytes, '\n', len)) != NULL) {
		size_t n = (size_t)(nl - bytes);

		if (s->in.len == 0) {
			take_line(s, bytes, n);
		} else {
			(void)buf_add(&s->in, bytes, n);
			if (!s->in.full)
				take_line(s, s->in.data, s->in.len);
			buf_clear(&s->in);
			s->in.full = false;
		}
		bytes += n + 1;
		len -= n + 1;
	}
	(void)buf_add(&s->in, bytes, len);
}

/* The last line or two of what it complained about. */
static const char *
last_words(const struct stdio *s)
{
	size_t n = s->complaints.len;

	return s->complaints.data + (n > 300 ? n - 300 : 0);
}

static void
ended(int status, void *arg)
{
	struct stdio *s = arg;
	struct buf how = BUF_INIT;
	struct err e = ERR_INIT;

	s->child = NULL;
	child_status_text(&how, status);
	err_set(&e, ERR_UNREACHABLE, "MCP server %s ended: %s%s%s", s->name,
	    how.data, s->complaints.len > 0 ? ": " : "", last_words(s));
	buf_clear(&how);
	s->t.fns.on_closed(&e, true, s->t.fns.arg);
}

static int
stdio_send(struct mcp_transport *t, const char *text, size_t len, int64_t id,
    struct err *e)
{
	struct stdio *s = (struct stdio *)t;

	(void)id;
	if (s->child == NULL || child_write(s->child, text, len) == -1 ||
	    child_write(s->child, "\n", 1) == -1)
		return err_set(e, ERR_UNREACHABLE,
		    "MCP server %s does not read", s->name);
	return 0;
}

static void
stdio_ready(struct mcp_transport *t, const char *version)
{
	(void)t;
	(void)version;
}

static void
stdio_free(struct mcp_transport *t)
{
	struct stdio *s = (struct stdio *)t;

	if (s->child != NULL && s->last) {
		child_finish(s->child, MCP_END_MS);
	} else if (s->child != NULL) {
		/* End of input first, TERM and KILL later (mcp 5.2). */
		child_end_input(s->child);
		child_drop(s->child);
	}
	buf_clear(&s->in);
	buf_clear(&s->complaints);
	free(s->name);
	free(s);
}

static void
stdio_hang_up(struct mcp_transport *t)
{
	struct stdio *s = (struct stdio *)t;

	s->last = true;
	if (s->child != NULL)
		child_hang_up(s->child);
}

static const struct mcp_transport_ops stdio_ops = {
	.send = stdio_send,
	.ready = stdio_ready,
	.free = stdio_free,
	.hang_up = stdio_hang_up,
};

struct mcp_transport *
mcp_stdio_new(struct event_base *base, const struct mcp_entry *entry,
    const char *dir, const struct mcp_transport_fns *fns, struct err *e)
{
	struct stdio *s = xcalloc(1, sizeof *s);
	struct child_opts opts = { .argv = (const char *const *)entry->argv,
	    .dir = entry->cwd != NULL ? entry->cwd : dir, .input = true,
	    .on_bytes = bytes_came, .on_exit = ended, .arg = s };
	char **env = child_env(entry->all_env ? NULL : env_names,
	    (const char *const *)entry->env);

	s->t.ops = &stdio_ops;
	s->t.fns = *fns;
	s->name = xstrdup(entry->name);
	buf_init_max(&s->in, MCP_MESSAGE_MAX);
	buf_init(&s->complaints);
	opts.env = env;
	s->child = child_start(base, &opts, e);
	child_env_free(env);
	if (s->child != NULL)
		return &s->t;
	stdio_free(&s->t);
	return NULL;
}
