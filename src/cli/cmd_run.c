/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_run.c - chatd run: one prompt, answer on stdout, leave */

#include "cli/cmd.h"
#include "cli/run.h"

const struct command cmd_run = {
	.name = "run",
	.args = "[PROMPT...]",
	.help = "ask once, print the answer, leave",
	.flags = CMD_CHAT,
	.words_max = WORDS_ANY,
	.run = run_prompt,
};
