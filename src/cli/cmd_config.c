/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_config.c - chatd config: show, find, edit, check the configuration */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/hooks.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/path.h"
#include "cli/cmd.h"
#include "cli/config_file.h"
#include "cli/halves.h"
#include "cli/out.h"

static int
config_show(const char *path, struct err *e)
{
	struct buf b = BUF_INIT;
	struct err why = ERR_INIT;

	if (!path_exists(path)) {
		out_note("there is no %s: everything is as it comes", path);
		return 0;
	}
	if (buf_read_file(&b, path, CONF_FILE_MAX, &why) != 0) {
		buf_clear(&b);
		return err_pass(e, &why);
	}
	return out_result(&b, e);
}

static int
config_path(const char *path, struct err *e)
{
	struct buf b = BUF_INIT;

	buf_addf(&b, "%s\n", path);
	return out_result(&b, e);
}

/* Hooks are read at each turn, by who runs them. */
static int
config_check(const char *path, struct err *e)
{
	struct hooks hs = HOOKS_INIT;
	char *dir = path_cwd(e);
	int r = -1;

	if (dir != NULL && config_file_check(path, e) == 0)
		r = hooks_load(&hs, dir, e);
	hooks_clear(&hs);
	free(dir);
	return r;
}

/* The editor may be a command with words: a shell takes it apart. */
static int
run_editor(const char *editor, const char *path, struct err *e)
{
	int status;
	pid_t pid = fork();

	if (pid == -1)
		return err_errno(e, ERR_FAILED, errno, "cannot start %s",
		    editor);
	if (pid == 0) {
		execl("/bin/sh", "sh", "-c", "exec $0 \"$1\"", editor, path,
		    (char *)NULL);
		_exit(127);
	}
	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			return err_errno(e, ERR_FAILED, errno,
			    "cannot wait for %s", editor);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	return err_set(e, ERR_FAILED, "%s did not end well", editor);
}

static int
config_edit(const char *path, struct err *e)
{
	const char *editor = getenv("VISUAL");

	if (editor == NULL || *editor == '\0')
		editor = getenv("EDITOR");
	if (editor == NULL || *editor == '\0')
		editor = "vi";
	if (path_make_parent(path, e) != 0 ||
	    run_editor(editor, path, e) != 0)
		return -1;
	return config_check(path, e);
}

static const struct {
	const char *word;
	int (*fn)(const char *path, struct err *e);
} actions[] = {
	{ "show", config_show },
	{ "path", config_path },
	{ "edit", config_edit },
	{ "check", config_check },
};

static int
config_run(struct opts *o, struct err *e)
{
	const char *word = o->words.count > 0 ? o->words.items[0] : "show";

	for (size_t i = 0; i < NELEM(actions); i++) {
		if (strcmp(actions[i].word, word) != 0)
			continue;
		char *path = halves_config_path();
		int r = actions[i].fn(path, e);
		free(path);
		return r;
	}
	err_set(e, ERR_USAGE, "config: there is no '%s'", word);
	return err_hint(e, "chatd config [show|path|edit|check]");
}

const struct command cmd_config = {
	.name = "config",
	.args = "[show|path|edit|check]",
	.help = "show, find, edit or check the configuration",
	.flags = CMD_LOCAL,
	.words_max = 1,
	.run = config_run,
};
