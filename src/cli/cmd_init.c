/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_init.c - chatd init: a commented .chatd for this project */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/path.h"
#include "cli/cmd.h"
#include "cli/out.h"

/* All that it says is a comment or harmless: nobody is surprised later. */
static const struct {
	const char *path, *text;
} files[] = {
	{ ".chatd/agents/reviewer.md",
	    "---\n"
	    "# chatd -a reviewer; chatd-agent(7) has all keys\n"
	    "description: reads changes and says what is wrong with them\n"
	    "# model: openai:gpt-6.1-sol\n"
	    "# a project's file can only narrow what may be done:\n"
	    "permissionMode: plan\n"
	    "disallowedTools: WebFetch\n"
	    "---\n"
	    "You review changes of this project. Name file and line, and say "
	    "what you\nwould do instead. Be brief.\n" },
	{ ".chatd/permissions.yaml",
	    "# Rules for everybody who works here; chatd.conf(5). They only "
	    "narrow: what\n"
	    "# allows stands in the user's own files.\n"
	    "ask: []\n"
	    "#  - Bash(git push *)\n"
	    "deny: []\n"
	    "#  - Read(.env)\n"
	    "#  - Edit(vendor/**)\n" },
	{ ".chatd/skills/release/SKILL.md",
	    "---\n"
	    "name: release\n"
	    "description: how a release of this project is made\n"
	    "---\n"
	    "This text is read when it is needed: the steps, one after the "
	    "other, with the\ncommands. Files beside this one can be named "
	    "here.\n" },
};

static int
make_folders(char *path, struct err *e)
{
	for (char *p = strchr(path, '/'); p != NULL; p = strchr(p + 1, '/')) {
		*p = '\0';
		if (mkdir(path, 0755) == -1 && errno != EEXIST)
			return err_errno(e, ERR_IO, errno, "cannot make %s",
			    path);
		*p = '/';
	}
	return 0;
}

/* What is there stays as it is. */
static int
write_file(const char *path, const char *text, struct buf *said,
    struct err *e)
{
	char *folders;
	int r;

	if (path_exists(path)) {
		out_note("%s is there already", path);
		return 0;
	}
	folders = xstrdup(path);
	r = make_folders(folders, e);
	free(folders);
	if (r == 0)
		r = path_write_whole(path, text, strlen(text), 0644, e);
	if (r == 0)
		buf_addf(said, "%s\n", path);
	return r;
}

static int
init_run(struct opts *o ATTR_UNUSED, struct err *e)
{
	struct buf said = BUF_INIT;
	int r = 0;

	for (size_t i = 0; i < NELEM(files) && r == 0; i++)
		r = write_file(files[i].path, files[i].text, &said, e);
	if (r == 0)
		return out_result(&said, e);
	buf_clear(&said);
	return r;
}

const struct command cmd_init = {
	.name = "init",
	.args = "",
	.help = "write an example agent, rules and a skill into .chatd",
	.flags = CMD_LOCAL,
	.run = init_run,
};
