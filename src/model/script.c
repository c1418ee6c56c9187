/* SPDX-License-Identifier: GPL-3.0-or-later */
/* script.c - script:FILE, a model that plays a file (see player.h) */

/*
 * The first answer of a conversation plays the first section of the file, the
 * next one the second, and so on: the number of assistant messages in the
 * prompt tells which. The last section repeats.
 */

#include <string.h>

#include "base/mem.h"
#include "model/model_priv.h"
#include "model/player.h"

enum { SCRIPT_MAX = 16 * 1024 * 1024 };

static int
script_ask(struct model_call *call, const struct model_request *rq,
    struct err *e)
{
	struct buf text = BUF_INIT;
	int result = -1;

	if (buf_read_any(&text, call->model->id, SCRIPT_MAX, e) == 0)
		result = player_start(call, rq, call->model->id, text.data,
		    player_count(rq, "assistant"), 0, e);
	buf_clear(&text);
	return result;
}

const struct model_ops model_script_ops = {
	.api = "script",
	.ask = script_ask,
	.stop = player_stop,
};
