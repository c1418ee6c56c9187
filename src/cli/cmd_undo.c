/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_undo.c - chatd undo: take the last exchange back */

#include "base/err.h"
#include "cli/cmd.h"
#include "cli/halves.h"
#include "cli/on_session.h"

static int
undo_one(struct halves *h, const struct item *it, const struct opts *o,
    struct err *e)
{
	(void)o;
	return on_session_action(h, it, "{\"type\":\"undo\"}", e);
}

static int
undo_run(struct opts *o, struct err *e)
{
	return on_session(o, undo_one, e);
}

const struct command cmd_undo = {
	.name = "undo",
	.args = "ID",
	.help = "take the last message and its answer back",
	.words_min = 1,
	.words_max = 1,
	.run = undo_run,
};
