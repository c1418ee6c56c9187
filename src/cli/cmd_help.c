/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_help.c - chatd help: what there is */

#include "base/err.h"
#include "cli/cmd.h"

static int
help_run(struct opts *o, struct err *e)
{
	const struct command *cmd = NULL;

	if (o->words.count > 0) {
		cmd = command_find(o->words.items[0]);
		if (cmd == NULL) {
			err_set(e, ERR_USAGE, "there is no command %s",
			    o->words.items[0]);
			return err_hint(e, "chatd help lists them");
		}
	}
	return command_help(cmd, e);
}

const struct command cmd_help = {
	.name = "help",
	.args = "[COMMAND]",
	.help = "show what a command does and takes",
	.flags = CMD_LOCAL,
	.words_max = 1,
	.run = help_run,
};
