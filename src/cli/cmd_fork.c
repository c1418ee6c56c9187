/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_fork.c - chatd fork: a copy of a session, to go another way */

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "cli/ask.h"
#include "cli/cmd.h"
#include "cli/halves.h"
#include "cli/on_session.h"
#include "cli/out.h"

static int
fork_one(struct halves *h, const struct item *it, const struct opts *o,
    struct err *e)
{
	struct buf b = BUF_INIT;
	struct item copy = { 0 };

	if (ask_fork(h->client, it->id, o->at, &copy, e) != 0)
		return -1;
	buf_addf(&b, "%s\n", copy.id);
	item_clear(&copy);
	return out_result(&b, e);
}

static int
fork_run(struct opts *o, struct err *e)
{
	return on_session(o, fork_one, e);
}

static const struct opt options[] = {
	{ "at", 0, OPT_STR, OPT_EVERY, offsetof(struct opts, at), "MESSAGE",
	    NULL, NULL, "copy up to and with this message" },
	{ .name = NULL },
};

const struct command cmd_fork = {
	.name = "fork",
	.args = "ID",
	.help = "copy a session and print the copy's id",
	.opts = options,
	.words_min = 1,
	.words_max = 1,
	.run = fork_run,
};
