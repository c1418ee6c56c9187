/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_edit.c - chatd edit: a message in other words, and its answer */

#include <stddef.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "cli/ask.h"
#include "cli/cmd.h"
#include "cli/halves.h"
#include "cli/on_session.h"

/* The id of the last message of the user, or NULL. */
static const char *
last_of_user(const struct json *transcript)
{
	const struct json *m;
	const char *id = NULL;

	JSON_EACH(m, json_get(transcript, "messages"))
		if (json_streq(json_get(m, "role"), "user"))
			id = json_get_str(m, "id");
	return id;
}

static int
edit_one(struct halves *h, const struct item *it, const struct opts *o,
    struct err *e)
{
	struct json_doc *doc = NULL;
	const char *id = o->at;
	struct buf b = BUF_INIT;
	char *words = NULL;
	struct json_w w;
	int r = id != NULL ? 0 : ask_transcript(h->client, item_key(it), &doc,
	    e);

	if (r == 0 && id == NULL)
		id = last_of_user(json_root(doc));
	if (r == 0 && id == NULL)
		r = err_set(e, ERR_NOT_FOUND, "%s has no message of yours",
		    item_key(it));
	if (r == 0) {
		words = on_session_words(o);
		json_w_init(&w, &b);
		json_w_obj(&w);
		json_w_kstr(&w, "type", "edit");
		json_w_kstr(&w, "messageId", id);
		json_w_kstr(&w, "text", words);
		json_w_obj_end(&w);
		r = on_session_action(h, it, b.data, e);
	}
	free(words);
	buf_clear(&b);
	json_doc_free(doc);
	return r;
}

static int
edit_run(struct opts *o, struct err *e)
{
	return on_session(o, edit_one, e);
}

static const struct opt options[] = {
	{ "message", 0, OPT_STR, OPT_EVERY, offsetof(struct opts, at),
	    "MESSAGE", NULL, NULL, "this one, not your last" },
	{ .name = NULL },
};

const struct command cmd_edit = {
	.name = "edit",
	.args = "ID TEXT",
	.help = "say your last message in other words, and have it answered",
	.opts = options,
	.words_min = 2,
	.words_max = WORDS_ANY,
	.run = edit_run,
};
