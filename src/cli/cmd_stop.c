/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_stop.c - chatd stop: stop the running turn of a session */

#include <stddef.h>

#include "base/err.h"
#include "cli/cmd.h"
#include "cli/halves.h"
#include "cli/on_session.h"
#include "cli/out.h"
#include "client/client.h"

static int
stop_one(struct halves *h, const struct item *it, const struct opts *o,
    struct err *e)
{
	/* who is no chatd does not tell; a stop too many does nothing (9.3) */
	if (it->state != ITEM_RUNNING && it->state != ITEM_WAITING &&
	    (client_is_chatd(h->client) || it->state == ITEM_CLOSED)) {
		if (!o->quiet)
			out_note("nothing runs in %s", item_key(it));
		return 0;
	}
	return on_session_stop(h, it, "stopped by chatd stop", e);
}

static int
stop_run(struct opts *o, struct err *e)
{
	return on_session(o, stop_one, e);
}

const struct command cmd_stop = {
	.name = "stop",
	.args = "ID",
	.help = "stop the running turn of a session",
	.words_min = 1,
	.words_max = 1,
	.run = stop_run,
};
