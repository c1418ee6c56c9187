/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_attach.c - chatd attach: on a session that is live elsewhere */

#include "cli/chat.h"
#include "cli/cmd.h"
#include "cli/tui.h"

static int
attach_run(struct opts *o, struct err *e)
{
	return tui_possible(o) ? tui_run(o, e) : chat_run(o, e);
}

const struct command cmd_attach = {
	.name = "attach",
	.args = "ID|URL",
	.help = "take part in a session of another chatd, or of another server",
	.flags = CMD_CHAT | CMD_ATTACH,
	.words_max = 1,
	.run = attach_run,
};
