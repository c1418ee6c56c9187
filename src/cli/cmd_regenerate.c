/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_regenerate.c - chatd regenerate: have the last message answered again */

#include "base/err.h"
#include "cli/cmd.h"
#include "cli/on_session.h"

static int
regenerate_one(struct halves *h, const struct item *it, const struct opts *o,
    struct err *e)
{
	(void)o;
	return on_session_action(h, it, "{\"type\":\"regenerate\"}", e);
}

static int
regenerate_run(struct opts *o, struct err *e)
{
	return on_session(o, regenerate_one, e);
}

const struct command cmd_regenerate = {
	.name = "regenerate",
	.args = "ID",
	.help = "have the last message answered again",
	.words_min = 1,
	.words_max = 1,
	.run = regenerate_run,
};
