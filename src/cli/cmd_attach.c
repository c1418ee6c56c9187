/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_attach.c - chatd attach: on a session that is live elsewhere */

#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "cli/chat.h"
#include "cli/cmd.h"
#include "cli/tui.h"

static int
attach_run(struct opts *o, struct err *e)
{
	const char *word = o->words.items[0];

	if (strncmp(word, "http://", 7) == 0 ||
	    strncmp(word, "https://", 8) == 0)
		return err_set(e, ERR_USAGE,
		    "attach: other servers are not in this version");
	str_replace(&o->resume, word);
	strlist_clear(&o->words);
	return tui_possible(o) ? tui_run(o, e) : chat_run(o, e);
}

const struct command cmd_attach = {
	.name = "attach",
	.args = "ID",
	.help = "look at a session that another chatd owns, and take part",
	.flags = CMD_CHAT,
	.words_min = 1,
	.words_max = 1,
	.run = attach_run,
};
