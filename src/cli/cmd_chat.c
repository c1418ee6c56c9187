/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_chat.c - chatd without a command: the TUI, line mode, or as chatd run */

#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "cli/chat.h"
#include "cli/cmd.h"
#include "cli/run.h"
#include "cli/tui.h"

static bool
is_interactive(const struct opts *o)
{
	if (o->print || o->input_format != NULL || o->output_format != NULL)
		return false;
	return o->line || (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO));
}

static int
chat_or_run(struct opts *o, struct err *e)
{
	if (!is_interactive(o))
		return run_prompt(o, e);
	return tui_possible(o) ? tui_run(o, e) : chat_run(o, e);
}

const struct command cmd_chat = {
	.name = "chat",
	.args = "[PROMPT...]",
	.help = "talk",
	.flags = CMD_CHAT | CMD_HIDDEN,
	.words_max = WORDS_ANY,
	.run = chat_or_run,
};
