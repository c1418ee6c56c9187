/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_serve.c - chatd serve: a server half of its own */

#include "base/err.h"
#include "cli/background.h"
#include "cli/cmd.h"

static int
serve_run(struct opts *o, struct err *e)
{
	if (!o->background)
		return err_set(e, ERR_USAGE,
		    "serve: the HTTP server is not in this version");
	return background_serve(o, e);
}

static const struct opt options[] = {
	{ "background", 0, OPT_FLAG, OPT_EVERY, offsetof(struct opts,
	    background), NULL, NULL, NULL,
	    "own one session until it has nothing to do" },
	{ .name = NULL },
};

const struct command cmd_serve = {
	.name = "serve",
	.args = "ID",
	.help = "run the turns of a session in the background",
	.opts = options,
	.flags = CMD_HIDDEN,
	.words_min = 0,
	.words_max = 1,
	.run = serve_run,
};
