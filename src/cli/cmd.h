/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd.h - a subcommand: one file, ending in one of these */

#ifndef CLI_CMD_H
#define CLI_CMD_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/opts.h"

struct err;

enum cmd_flags {
	CMD_CHAT = 1,	/* takes all common options: OPT_CHAT */
	CMD_HIDDEN = 2,	/* not in help and completions */
	CMD_LOCAL = 4,	/* about this machine, never --remote */
	CMD_ATTACH = 8,	/* its word may be the URL of a server */
	CMD_AGENT = 16,	/* takes those that set up an agent: OPT_AGENT */
};

struct command {
	const char *name;
	const char *args;		/* for people: "ID TITLE" or "" */
	const char *help;		/* one line */
	const struct opt *opts;		/* its own, or NULL */
	unsigned flags;
	size_t words_min, words_max;	/* max 0 with min 0: none */
	/* The exit status; with e set, that of its code. */
	int (*run)(struct opts *o, struct err *e);
};

enum { WORDS_ANY = 1000000 };

/* All of them, NULL-terminated, in the order of help. */
extern const struct command *const commands[];
const struct command *command_find(const char *name);
/* The common options that it takes. */
enum opt_scope command_scope(const struct command *cmd);
/* The help of one, or with NULL that of the program. */
int	command_help(const struct command *cmd, struct err *e) ATTR_MUST_USE;

extern const struct command cmd_agents, cmd_approve, cmd_attach, cmd_chat,
    cmd_close, cmd_compact, cmd_completion, cmd_config,
    cmd_doctor, cmd_edit, cmd_export, cmd_fork, cmd_help, cmd_hooks, cmd_import,
    cmd_init, cmd_ls, cmd_mcp, cmd_models, cmd_regenerate, cmd_rename, cmd_resume, cmd_rm, cmd_run, cmd_search,
    cmd_send, cmd_serve, cmd_show, cmd_skills, cmd_stop, cmd_tag, cmd_token,
    cmd_tools, cmd_undo, cmd_wait, cmd_why;

#endif
