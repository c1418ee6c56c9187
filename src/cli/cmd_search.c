/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_search.c - chatd search: words in all transcripts */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "cli/ask.h"
#include "cli/cmd.h"
#include "cli/halves.h"
#include "cli/out.h"
#include "ui/safe.h"
#include "ui/style.h"
#include "wire/item.h"

/* Matches stand between \001 and \002. */
static void
add_snippet(struct buf *b, const char *s, const struct style *st)
{
	while (*s != '\0') {
		size_t len = strcspn(s, "\001\002\n");

		safe_show(b, s, len);
		s += len;
		if (*s == '\0')
			break;
		if (*s == '\n')
			buf_addc(b, ' ');
		else
			style_add(b, st, *s == '\001' ? STYLE_BIT(BOLD) : 0);
		s++;
	}
}

static void
add_hit(struct buf *b, const struct json *hit, const struct style *st)
{
	struct item it = { 0 };
	const char *snippet = json_get_str(hit, "snippet");
	const char *role = json_get_str(hit, "role");

	if (item_read(&it, json_get(hit, "session"), NULL) == 0) {
		safe_shows(b, item_key(&it));
		if (it.title != NULL) {
			buf_adds(b, "  ");
			safe_shows(b, it.title);
		}
		buf_adds(b, "\n    ");
		safe_shows(b, role != NULL ? role : "?");
		buf_adds(b, ": ");
		add_snippet(b, snippet != NULL ? snippet : "", st);
		buf_addc(b, '\n');
	}
	item_clear(&it);
}

static int
print_hits(const struct json *hits, const struct opts *o, struct err *e)
{
	struct buf b = BUF_INIT;
	struct style st;
	struct json_w w;
	const struct json *hit;

	if (o->json) {
		json_w_init(&w, &b);
		json_w_value(&w, hits);
		buf_addc(&b, '\n');
		return out_json(&b, e);
	}
	style_init(&st, STDOUT_FILENO);
	JSON_EACH(hit, hits)
		add_hit(&b, hit, &st);
	return out_result(&b, e);
}

static char *
search_path(const struct opts *o)
{
	struct buf words = BUF_INIT;
	char limit[32] = "";

	for (size_t i = 0; i < o->words.count; i++)
		buf_addf(&words, "%s%s", i > 0 ? " " : "",
		    o->words.items[i]);
	if (o->limit > 0)
		snprintf(limit, sizeof(limit), "&limit=%d", o->limit);
	char *path = ask_path("/api/chatd/v1/search?q=", words.data, limit);
	buf_clear(&words);
	return path;
}

static int
search_run(struct opts *o, struct err *e)
{
	struct halves h;
	struct json_doc *doc = NULL;
	int r = -1;

	if (halves_open(&h, HALVES_SERVER, o, e) != 0)
		return -1;
	char *path = search_path(o);
	if (ask_only_chatd(h.client, "GET", path, NULL, &doc, "search", e) ==
	    0)
		r = print_hits(json_root(doc), o, e);
	free(path);
	json_doc_free(doc);
	halves_close(&h);
	return r;
}

static const struct opt options[] = {
	{ "json", 0, OPT_FLAG, OPT_EVERY, offsetof(struct opts, json), NULL,
	    NULL, NULL, "for programs: an array of hits" },
	{ "limit", 0, OPT_INT, OPT_EVERY, offsetof(struct opts, limit), "N",
	    NULL, NULL, "at most N, up to 10000 (default 50)" },
	{ .name = NULL },
};

const struct command cmd_search = {
	.name = "search",
	.args = "WORDS",
	.help = "find words in all transcripts",
	.opts = options,
	.words_min = 1,
	.words_max = WORDS_ANY,
	.run = search_run,
};
