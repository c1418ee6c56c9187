/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_export.c - chatd export: a session as a file */

#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "cli/ask.h"
#include "cli/cmd.h"
#include "cli/halves.h"
#include "cli/on_session.h"
#include "cli/out.h"
#include "cli/transcript.h"

static int
export_json(struct halves *h, const struct item *it, struct err *e)
{
	struct buf b = BUF_INIT;
	struct json_doc *doc = NULL;
	struct json_w w;
	char *path = ask_path("/api/chatd/v1/sessions/", it->id, "/export");
	int r = ask_only_chatd(h->client, "GET", path, NULL, &doc,
	    "export", e);

	free(path);
	if (r == 0) {
		json_w_init(&w, &b);
		json_w_value(&w, json_root(doc));
		buf_addc(&b, '\n');
		r = out_json(&b, e);
	}
	json_doc_free(doc);
	return r;
}

static int
export_one(struct halves *h, const struct item *it, const struct opts *o,
    struct err *e)
{
	struct buf b = BUF_INIT;
	struct json_doc *doc = NULL;

	if (!o->markdown)
		return export_json(h, it, e);
	if (ask_transcript(h->client, it->id, &doc, e) != 0)
		return -1;
	transcript_markdown(&b, it, json_get(json_root(doc), "messages"));
	json_doc_free(doc);
	return out_text(&b, e);
}

static int
export_run(struct opts *o, struct err *e)
{
	return on_session(o, export_one, e);
}

static const struct opt options[] = {
	{ "json", 0, OPT_FLAG, OPT_EVERY, offsetof(struct opts, json), NULL,
	    NULL, NULL, "all there is, for chatd import (the default)" },
	{ "markdown", 0, OPT_FLAG, OPT_EVERY, offsetof(struct opts, markdown),
	    NULL, NULL, NULL, "the transcript, for people" },
	{ .name = NULL },
};

const struct command cmd_export = {
	.name = "export",
	.args = "ID",
	.help = "write a session to stdout",
	.opts = options,
	.words_min = 1,
	.words_max = 1,
	.run = export_run,
};
