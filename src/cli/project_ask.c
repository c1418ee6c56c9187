/* SPDX-License-Identifier: GPL-3.0-or-later */
/* project_ask.c - asks a person about what a project wants to run */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/path.h"
#include "cli/mcp.h"
#include "cli/opts.h"
#include "cli/out.h"
#include "cli/project_ask.h"
#include "tool/cmdtool.h"
#include "tool/cmdtools.h"

enum answer { ANSWER_LATER, ANSWER_YES, ANSWER_NO };

static enum answer
read_answer(void)
{
	char line[64] = "";

	/* keys typed before the question was there are none of its answers */
	(void)tcflush(STDIN_FILENO, TCIFLUSH);
	(void)fputs("  allow it? y yes, n never, Enter not now: ", stderr);
	(void)fflush(stderr);
	ssize_t n = read(STDIN_FILENO, line, sizeof(line) - 1);

	line[n > 0 ? strcspn(line, "\r\n") : 0] = '\0';
	if (strcmp(line, "y") == 0 || strcmp(line, "yes") == 0)
		return ANSWER_YES;
	return strcmp(line, "n") == 0 || strcmp(line, "never") == 0 ?
	    ANSWER_NO : ANSWER_LATER;
}

/* What is agreed to is shown whole: nothing of it may hide in an escape
 * sequence that a filter takes out. more may be NULL. */
static enum answer
ask(const char *kind, const char *name, const char *file, const char *what,
    const char *more)
{
	out_note("The project's %s has the %s %s:", file, kind, name);
	out_note("  %s", what);
	if (more != NULL)
		out_note("  %s", more);
	return read_answer();
}

static void
tell(int r, const struct err *e)
{
	if (r == -1)
		out_note("chatd: not kept: %s", e->text);
}

static void
ask_servers(void)
{
	struct mcp_config config = { 0 };
	struct err e = ERR_INIT;

	if (mcp_cli_load(&config, &e) == -1)
		config.count = 0;
	for (size_t i = 0; i < config.count; i++) {
		const struct mcp_entry *entry = &config.v[i];
		struct buf what = BUF_INIT;

		if (entry->off || entry->broken != NULL ||
		    mcp_entry_trust(entry) != TRUST_UNKNOWN)
			continue;
		mcp_entry_describe(&what, entry);
		enum answer a = ask("MCP server", entry->name, entry->file,
		    what.data, entry->text);

		if (a != ANSWER_LATER)
			tell(mcp_entry_set_trust(entry, a == ANSWER_YES, &e),
			    &e);
		buf_clear(&what);
	}
	mcp_config_clear(&config);
}

static void
ask_tools(void)
{
	struct err e = ERR_INIT;
	char *dir = path_cwd(&e);
	struct cmdtools *tools = dir == NULL ? NULL : cmdtools_load(dir);
	const struct cmdtool *t;

	for (size_t i = 0; tools != NULL &&
	    (t = cmdtools_at(tools, i)) != NULL; i++) {
		struct buf what = BUF_INIT;

		if (cmdtool_trust(t) != TRUST_UNKNOWN)
			continue;
		for (size_t n = 0; t->argv[n] != NULL; n++)
			buf_addf(&what, "%s%s", n > 0 ? " " : "", t->argv[n]);
		enum answer a = ask("tool", t->name, t->file, what.data,
		    NULL);

		if (a != ANSWER_LATER)
			tell(cmdtool_set_trust(t, a == ANSWER_YES, &e), &e);
		buf_clear(&what);
	}
	cmdtools_free(tools);
	free(dir);
}

void
project_ask(const struct opts *o)
{
	if (o->remote != NULL || o->quiet || !isatty(STDIN_FILENO) ||
	    !isatty(STDERR_FILENO))
		return;
	ask_servers();
	ask_tools();
}
