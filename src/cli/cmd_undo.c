/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_undo.c - chatd undo: take the last exchange back */

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "cli/cmd.h"
#include "cli/halves.h"
#include "cli/on_session.h"

static int
undo_one(struct halves *h, const struct item *it, const struct opts *o,
    struct err *e)
{
	struct buf b = BUF_INIT;
	struct json_w w;

	json_w_init(&w, &b);
	json_w_obj(&w);
	json_w_kstr(&w, "type", o->at != NULL ? "rollback" : "undo");
	if (o->at != NULL)
		json_w_kstr(&w, "messageId", o->at);
	json_w_obj_end(&w);
	int r = on_session_action(h, it, b.data, e);
	buf_clear(&b);
	return r;
}

static int
undo_run(struct opts *o, struct err *e)
{
	return on_session(o, undo_one, e);
}

static const struct opt options[] = {
	{ "to", 0, OPT_STR, OPT_EVERY, offsetof(struct opts, at), "MESSAGE",
	    NULL, NULL, "take back this message and all behind it" },
	{ .name = NULL },
};

const struct command cmd_undo = {
	.name = "undo",
	.args = "ID",
	.help = "take the last message and its answer back",
	.opts = options,
	.words_min = 1,
	.words_max = 1,
	.run = undo_run,
};
