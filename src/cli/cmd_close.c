/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_close.c - chatd close: end a session for good */

#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "cli/ask.h"
#include "cli/cmd.h"
#include "cli/halves.h"
#include "cli/on_session.h"

static int
close_one(struct halves *h, const struct item *it, const struct opts *o,
    struct err *e)
{
	struct buf body = BUF_INIT;
	char *path = ask_path("/api/v1/sessions/", it->id, "/close");
	struct json_w w;

	json_w_init(&w, &body);
	json_w_obj(&w);
	if (o->reason != NULL)
		json_w_kstr(&w, "reason", o->reason);
	json_w_obj_end(&w);
	int r = ask_server(h->client, "POST", path, &body, NULL, e);
	free(path);
	buf_clear(&body);
	return r;
}

static int
close_run(struct opts *o, struct err *e)
{
	return on_session(o, close_one, e);
}

static const struct opt options[] = {
	{ "reason", 0, OPT_STR, OPT_EVERY, offsetof(struct opts, reason),
	    "TEXT", NULL, NULL, "why, kept with the session" },
	{ .name = NULL },
};

const struct command cmd_close = {
	.name = "close",
	.args = "ID",
	.help = "end a session: it can be read, not gone on with",
	.opts = options,
	.words_min = 1,
	.words_max = 1,
	.run = close_run,
};
