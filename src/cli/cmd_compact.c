/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_compact.c - chatd compact: a summary takes the place of the history */

#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "cli/cmd.h"
#include "cli/halves.h"
#include "cli/on_session.h"

static int
compact_one(struct halves *h, const struct item *it, const struct opts *o,
    struct err *e)
{
	char *words = on_session_words(o);
	struct buf b = BUF_INIT;
	struct json_w w;

	json_w_init(&w, &b);
	json_w_obj(&w);
	json_w_kstr(&w, "type", "compact");
	if (words != NULL && *words != '\0')
		json_w_kstr(&w, "text", words);
	json_w_obj_end(&w);
	int r = on_session_action(h, it, b.data, e);
	buf_clear(&b);
	free(words);
	return r;
}

static int
compact_run(struct opts *o, struct err *e)
{
	return on_session(o, compact_one, e);
}

const struct command cmd_compact = {
	.name = "compact",
	.args = "ID [WORDS]",
	.help = "have the model summarise what it was told so far",
	.words_min = 1,
	.words_max = WORDS_ANY,
	.run = compact_run,
};
