/* SPDX-License-Identifier: GPL-3.0-or-later */
/* prompt.c - the system prompt: who the model is, where, by which rules */

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "agent/prompt.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/utf8.h"
#include "wire/input.h"

static const char prompt_common[] =
    "You are a helpful assistant in the program chatd, which people use in a "
    "terminal. Answer in the language of the user. Be precise and brief; say "
    "so when you do not know. You may use Markdown.";

static const char *const prompt_files[] = { "AGENTS.md", "CLAUDE.md" };

static void
prompt_paragraph(struct buf *out, const char *text, size_t len)
{
	while (len > 0 && strchr(" \t\r\n", text[len - 1]) != NULL)
		len--;
	if (len == 0)
		return;
	if (out->len > 0)
		buf_adds(out, "\n\n");
	utf8_add_valid(out, text, len);
}

/* The first of the two that is there; false: none. */
static bool
prompt_file(struct buf *out, const char *dir)
{
	for (size_t i = 0; i < NELEM(prompt_files); i++) {
		struct err e = ERR_INIT;
		struct buf b = BUF_INIT;
		char *path = path_join(dir, prompt_files[i]);
		bool there = path_exists(path);

		if (there && buf_read_file(&b, path, 16 * PROMPT_FILE_MAX,
		    &e) == -1)
			log_msg(LOG_AGENT, LOG_WARN, "%s", e.text);
		if (b.len > 0) {
			char *head = xasprintf("Instructions from %s:", path);

			prompt_paragraph(out, head, strlen(head));
			prompt_paragraph(out, b.data,
			    utf8_prefix(b.data, b.len, PROMPT_FILE_MAX));
			free(head);
		}
		buf_clear(&b);
		free(path);
		if (there)
			return true;
	}
	return false;
}

static bool
is_git_root(const char *dir)
{
	char *path = path_join(dir, ".git");
	bool is = path_exists(path);

	free(path);
	return is;
}

/* How much of dir is the git root's path; all of it when there is none. */
static size_t
git_root_len(const char *dir)
{
	char *d = xstrdup(dir);
	size_t len = strlen(dir), found = len;

	for (;;) {
		if (is_git_root(d)) {
			found = strlen(d);
			break;
		}
		char *slash = strrchr(d, '/');

		if (slash == NULL || slash == d)
			break;
		*slash = '\0';
	}
	free(d);
	return found;
}

/* From the root down, so that the nearest speaks last. */
static void
prompt_project(struct buf *out, const char *dir)
{
	size_t i = git_root_len(dir);

	for (;;) {
		char *d = xstrndup(dir, i);

		(void)prompt_file(out, d);	/* none is fine */
		free(d);
		if (dir[i] == '\0')
			break;
		i += 1 + strcspn(dir + i + 1, "/");
	}
}

void
prompt_system(struct buf *out, const struct turn_opts *opts, const char *body,
    const char *dir)
{
	if (opts->system != NULL) {
		prompt_paragraph(out, opts->system, strlen(opts->system));
	} else {
		if (body == NULL)
			body = prompt_common;
		prompt_paragraph(out, body, strlen(body));
		if (dir != NULL) {
			char *where = xasprintf("Working directory: %s", dir);

			prompt_paragraph(out, where, strlen(where));
			free(where);
		}
		char *user = path_config("");

		(void)prompt_file(out, user);	/* none is fine */
		free(user);
		if (dir != NULL)
			prompt_project(out, dir);
	}
	if (opts->append_system != NULL)
		prompt_paragraph(out, opts->append_system,
		    strlen(opts->append_system));
}
