/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_tag.c - chatd tag: put tags on a session, or take them off */

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "cli/ask.h"
#include "cli/cmd.h"
#include "cli/halves.h"
#include "cli/on_session.h"
#include "cli/out.h"
#include "ui/safe.h"

static bool
is_listed(const struct strlist *l, size_t from, const char *s)
{
	for (size_t i = from; i < l->count; i++)
		if (strcmp(l->items[i], s) == 0)
			return true;
	return false;
}

/* The old ones that stay, then the new ones, each once. */
static void
write_tags(struct json_w *w, const struct json *old, const struct opts *o)
{
	const struct json *v;

	json_w_arr(w);
	JSON_EACH(v, old)
		if (json_str(v) != NULL &&
		    !is_listed(&o->remove_tags, 0, json_str(v)) &&
		    !is_listed(&o->words, 1, json_str(v)))
			json_w_value(w, v);
	for (size_t i = 1; i < o->words.count; i++)
		if (!is_listed(&o->words, i + 1, o->words.items[i]))
			json_w_str(w, o->words.items[i]);
	json_w_arr_end(w);
}

static int
set_tags(struct halves *h, const struct item *it, const struct json *old,
    const struct opts *o, struct err *e)
{
	struct buf body = BUF_INIT;
	char *path = ask_path("/api/v1/sessions/", it->id, "");
	struct json_w w;

	json_w_init(&w, &body);
	json_w_obj(&w);
	json_w_key(&w, "tags");
	write_tags(&w, old, o);
	json_w_obj_end(&w);
	int r = ask_server(h->client, "PATCH", path, &body, NULL, e);
	free(path);
	buf_clear(&body);
	return r;
}

static int
print_tags(const struct json *tags, struct err *e)
{
	struct buf b = BUF_INIT;
	const struct json *v;

	JSON_EACH(v, tags)
		if (json_str(v) != NULL) {
			safe_shows(&b, json_str(v));
			buf_addc(&b, '\n');
		}
	return out_result(&b, e);
}

static int
tag_one(struct halves *h, const struct item *it, const struct opts *o,
    struct err *e)
{
	struct json_doc *doc = it->tags == NULL ? NULL :
	    json_parse(it->tags, strlen(it->tags), 0, NULL);
	const struct json *tags = doc != NULL ? json_root(doc) : NULL;
	int r = o->words.count == 1 && o->remove_tags.count == 0 ?
	    print_tags(tags, e) : set_tags(h, it, tags, o, e);

	json_doc_free(doc);
	return r;
}

static int
tag_run(struct opts *o, struct err *e)
{
	return on_session(o, tag_one, e);
}

static const struct opt options[] = {
	{ "remove", 0, OPT_LIST, OPT_EVERY, offsetof(struct opts,
	    remove_tags), "TAG", NULL, NULL, "take this tag off" },
	{ .name = NULL },
};

const struct command cmd_tag = {
	.name = "tag",
	.args = "ID [TAG...]",
	.help = "show or add tags of a session",
	.opts = options,
	.words_min = 1,
	.words_max = WORDS_ANY,
	.run = tag_run,
};
