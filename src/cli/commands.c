/* SPDX-License-Identifier: GPL-3.0-or-later */
/* commands.c - the table of subcommands, and the help made from it */

#include <string.h>

#include "base/buf.h"
#include "cli/cmd.h"
#include "cli/out.h"

const struct command *const commands[] = {
	&cmd_run,
	&cmd_resume,
	&cmd_attach,
	&cmd_ls,
	&cmd_show,
	&cmd_search,
	&cmd_rename,
	&cmd_tag,
	&cmd_close,
	&cmd_rm,
	&cmd_fork,
	&cmd_undo,
	&cmd_edit,
	&cmd_regenerate,
	&cmd_compact,
	&cmd_export,
	&cmd_import,
	&cmd_send,
	&cmd_stop,
	&cmd_approve,
	&cmd_why,
	&cmd_wait,
	&cmd_serve,
	&cmd_token,
	&cmd_models,
	&cmd_agents,
	&cmd_skills,
	&cmd_tools,
	&cmd_hooks,
	&cmd_mcp,
	&cmd_init,
	&cmd_config,
	&cmd_doctor,
	&cmd_completion,
	&cmd_help,
	NULL,
};

const struct command *
command_find(const char *name)
{
	for (size_t i = 0; commands[i] != NULL; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

enum opt_scope
command_scope(const struct command *cmd)
{
	if ((cmd->flags & CMD_CHAT) != 0)
		return OPT_CHAT;
	return (cmd->flags & CMD_AGENT) != 0 ? OPT_AGENT : OPT_EVERY;
}

static void
help_one(struct buf *b, const struct command *cmd)
{
	buf_addf(b, "usage: chatd %s [options]%s%s\n\n%s\n\n", cmd->name,
	    cmd->args[0] != '\0' ? " " : "", cmd->args, cmd->help);
	opts_help(b, cmd->opts, OPT_CHAT);
	opts_help(b, opts_common, command_scope(cmd));
}

static void
help_all(struct buf *b)
{
	buf_adds(b, "usage: chatd [options] [PROMPT...]\n"
	    "       chatd COMMAND [options] [...]\n\n");
	for (size_t i = 0; commands[i] != NULL; i++)
		if (!(commands[i]->flags & CMD_HIDDEN))
			buf_addf(b, "  %-11s %s\n", commands[i]->name,
			    commands[i]->help);
	buf_adds(b, "\nOptions of chatd and chatd run:\n");
	opts_help(b, opts_common, OPT_CHAT);
}

int
command_help(const struct command *cmd, struct err *e)
{
	struct buf b = BUF_INIT;

	if (cmd != NULL)
		help_one(&b, cmd);
	else
		help_all(&b);
	return out_result(&b, e);
}
