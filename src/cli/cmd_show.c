/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_show.c - chatd show: the transcript of a session */

#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "cli/ask.h"
#include "cli/cmd.h"
#include "cli/halves.h"
#include "cli/on_session.h"
#include "cli/out.h"
#include "cli/transcript.h"
#include "ui/style.h"

static int
show_json(const struct item *it, const struct json *transcript, struct err *e)
{
	struct buf b = BUF_INIT;
	struct json_w w;

	json_w_init(&w, &b);
	json_w_obj(&w);
	json_w_key(&w, "session");
	item_write(it, &w, true);
	json_w_key(&w, "messages");
	if (json_get(transcript, "messages") != NULL)
		json_w_value(&w, json_get(transcript, "messages"));
	else
		json_w_raw(&w, "[]", 2);
	json_w_key(&w, "cursors");
	if (json_get(transcript, "cursors") != NULL)
		json_w_value(&w, json_get(transcript, "cursors"));
	else
		json_w_raw(&w, "{}", 2);
	json_w_obj_end(&w);
	buf_addc(&b, '\n');
	return out_json(&b, e);
}

/* The records of out, a line each. */
static int
show_records(struct halves *h, const struct item *it, struct err *e)
{
	struct buf b = BUF_INIT;
	struct json_doc *doc = NULL;
	char *path = ask_path("/realtime/v1/sessions/", it->id,
	    "/out/records");
	int r = ask_server(h->client, "GET", path, NULL, &doc, e);
	const struct json *v;

	free(path);
	if (r == 0) {
		JSON_EACH(v, json_get(json_root(doc), "records")) {
			char *text = json_text(v);
			buf_addf(&b, "%s\n", text);
			free(text);
		}
		r = out_json(&b, e);
	}
	json_doc_free(doc);
	return r;
}

static int
show_text(const struct item *it, const struct json *messages, bool markdown,
    struct err *e)
{
	struct buf b = BUF_INIT;
	struct style st;

	if (markdown) {
		transcript_markdown(&b, it, messages);
		return out_text(&b, e);
	}
	style_init(&st, STDOUT_FILENO);
	transcript_text(&b, messages, &st);
	transcript_usage(&b, it, &st);
	return out_result(&b, e);
}

static int
show_one(struct halves *h, const struct item *it, const struct opts *o,
    struct err *e)
{
	struct json_doc *doc = NULL;

	if (o->records)
		return show_records(h, it, e);
	if (ask_transcript_live(h->client, it->id, &doc, e) != 0)
		return -1;
	const struct json *messages = json_get(json_root(doc), "messages");
	int r = o->json ? show_json(it, json_root(doc), e) :
	    show_text(it, messages, o->markdown, e);
	json_doc_free(doc);
	return r;
}

static int
show_run(struct opts *o, struct err *e)
{
	return on_session(o, show_one, e);
}

#define AT(field) offsetof(struct opts, field)
static const struct opt options[] = {
	{ "json", 0, OPT_FLAG, OPT_EVERY, AT(json), NULL, NULL, NULL,
	    "for programs: session, messages, cursors" },
	{ "markdown", 0, OPT_FLAG, OPT_EVERY, AT(markdown), NULL, NULL, NULL,
	    "as markdown" },
	{ "records", 0, OPT_FLAG, OPT_EVERY, AT(records), NULL, NULL, NULL,
	    "the records of out as they are, a line each" },
	{ .name = NULL },
};

const struct command cmd_show = {
	.name = "show",
	.args = "ID",
	.help = "show the transcript of a session",
	.opts = options,
	.words_min = 1,
	.words_max = 1,
	.run = show_run,
};
