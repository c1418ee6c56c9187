/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_rename.c - chatd rename: give a session another title */

#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "cli/ask.h"
#include "cli/cmd.h"
#include "cli/halves.h"
#include "cli/on_session.h"

static int
rename_one(struct halves *h, const struct item *it, const struct opts *o,
    struct err *e)
{
	struct buf body = BUF_INIT;
	char *title = on_session_words(o);
	char *path = ask_path("/api/chatd/v1/sessions/", it->id, "");
	struct json_w w;

	json_w_init(&w, &body);
	json_w_obj(&w);
	json_w_kstr(&w, "title", title);
	json_w_obj_end(&w);
	int r = ask_only_chatd(h->client, "PATCH", path, &body, NULL,
	    "rename", e);
	free(path);
	free(title);
	buf_clear(&body);
	return r;
}

static int
rename_run(struct opts *o, struct err *e)
{
	return on_session(o, rename_one, e);
}

const struct command cmd_rename = {
	.name = "rename",
	.args = "ID TITLE",
	.help = "give a session another title",
	.words_min = 2,
	.words_max = WORDS_ANY,
	.run = rename_run,
};
