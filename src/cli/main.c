/* SPDX-License-Identifier: GPL-3.0-or-later */
/* main.c - the program: finds the command, runs it, says what went wrong */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "cli/cmd.h"
#include "cli/out.h"
#include "cli/project_ask.h"
#include "cli/remote.h"

/* Descriptors 0 to 2 are there, so that no file of ours becomes one. */
static void
open_standard_fds(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= 2);
	if (fd > 2)
		close(fd);
}

/* A write to a closed pipe, or beyond the largest file that is allowed, is
 * an error we look at, not our end. */
static void
ignore_write_signals(void)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &sa, NULL);
	sigaction(SIGXFSZ, &sa, NULL);
}

/*
 * The first word that is no option's value. With -p before it, it is part of
 * a prompt (cli.md 1).
 */
static int
find_word(int argc, char *argv[])
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--") == 0 || strcmp(argv[i], "-p") == 0 ||
		    strcmp(argv[i], "--print") == 0)
			return argc;
		if (argv[i][0] != '-' || argv[i][1] == '\0')
			return i;
		if (opts_takes_next(NULL, argv[i]))
			i++;
	}
	return argc;
}

/* Takes the command's word out of argv. */
static const struct command *
take_command(int *argc, char *argv[])
{
	int at = find_word(*argc, argv);
	const struct command *cmd = at < *argc ? command_find(argv[at]) :
	    NULL;

	if (cmd == NULL)
		return &cmd_chat;
	for (int i = at; i + 1 < *argc; i++)
		argv[i] = argv[i + 1];
	--*argc;
	return cmd;
}

static int
check_words(const struct command *cmd, const struct opts *o, struct err *e)
{
	size_t least = cmd->words_min;

	/* "" is no text, no word to look for, no name */
	if (o->words.count >= least && o->words.count <= cmd->words_max &&
	    (least == 0 || o->words.items[least - 1][0] != '\0'))
		return 0;
	if (o->words.count > cmd->words_max)
		err_set(e, ERR_USAGE, "%s: too many words: '%s'", cmd->name,
		    o->words.items[cmd->words_max]);
	else
		err_set(e, ERR_USAGE, "%s: something is missing", cmd->name);
	return err_hint(e, "chatd %s%s%s", cmd->name,
	    cmd->args[0] != '\0' ? " " : "", cmd->args);
}

static int
start_log(const struct opts *o, struct err *e)
{
	if (o->log != NULL || o->debug != NULL) {
		if (log_open(o->log != NULL ? o->log : "-", e) != 0)
			return -1;
		if (o->verbose)
			log_set_level(LOG_INFO);
	}
	return o->debug != NULL ? log_set_debug(o->debug, e) : 0;
}

static int
prepare(const struct command *cmd, struct opts *o, struct err *e)
{
	if (check_words(cmd, o, e) != 0 || start_log(o, e) != 0)
		return -1;
	if (remote_settle(o, cmd, e) != 0)
		return -1;
	if (o->dir != NULL && chdir(o->dir) != 0)
		return err_errno(e, ERR_NOT_FOUND, errno, "cannot work in %s",
		    o->dir);
	return 0;
}

static int
run_command(const struct command *cmd, struct opts *o, struct err *e)
{
	if (o->version) {
		puts(PACKAGE_STRING);
		return 0;
	}
	if (o->help)
		return command_help(cmd == &cmd_chat ? NULL : cmd, e);
	if (prepare(cmd, o, e) != 0)
		return -1;
	if (cmd == &cmd_chat || cmd == &cmd_resume || cmd == &cmd_run)
		project_ask(o);
	return cmd->run(o, e);
}

int
main(int argc, char *argv[])
{
	struct opts o = { 0 };
	struct err e = ERR_INIT;

	open_standard_fds();
	ignore_write_signals();
	const struct command *cmd = take_command(&argc, argv);
	int status = opts_parse(&o, cmd->opts, command_scope(cmd),
	    argc - 1, argv + 1, &e);
	if (status == 0)
		status = run_command(cmd, &o, &e);
	status = out_finish(status, &e);
	opts_clear(&o);
	log_close();
	return status;
}
