/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_ls.c - chatd ls: the sessions, newest activity first */

#include <stdio.h>
#include <stdlib.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "cli/ask.h"
#include "cli/cmd.h"
#include "cli/columns.h"
#include "cli/halves.h"
#include "cli/out.h"
#include "wire/item.h"

enum { LIMIT = 50 };

static const struct column columns[] = {
	{ "ID", 0, 0 },
	{ "TITLE", 0, 1 },
	{ "AGENT", 0, 0 },
	{ "STATE", 0, 0 },
	{ "AGE", 1, 0 },
	{ "SIZE", 1, 0 },
};

static void
add_size(struct columns *c, int64_t bytes)
{
	static const char *const units[] = { "B", "K", "M", "G" };
	double n = (double)bytes;
	size_t unit = 0;
	char text[32];

	for (; n >= 1000 && unit + 1 < NELEM(units); unit++)
		n /= 1024;
	snprintf(text, sizeof(text), unit > 0 && n < 10 ? "%.1f%s" : "%.0f%s",
	    n, units[unit]);
	columns_add(c, text);
}

static void
add_row(struct columns *c, const struct item *it)
{
	char age[32];

	clock_age(it->updated_at, clock_ms(), age, sizeof(age));
	columns_add(c, it->external_id != NULL ? it->external_id : it->id);
	columns_add(c, it->title);
	columns_add(c, it->task);
	columns_add(c, item_state_name(it->state));
	columns_add(c, age);
	add_size(c, it->bytes);
}

static int
print_table(const struct json *list, struct err *e)
{
	struct columns *c = columns_new(columns, NELEM(columns));
	const struct json *v;
	int r = 0;

	JSON_EACH(v, list) {
		struct item it = { 0 };
		r = item_read(&it, v, e);
		if (r == 0)
			add_row(c, &it);
		item_clear(&it);
		if (r != 0)
			break;
	}
	if (r == 0)
		r = columns_print(c, e);
	columns_free(c);
	return r;
}

static int
ls_print(const struct json *list, const struct opts *o, struct err *e)
{
	struct buf b = BUF_INIT;
	struct json_w w;

	if (!o->json)
		return print_table(list, e);
	json_w_init(&w, &b);
	json_w_value(&w, list);
	buf_addc(&b, '\n');
	return out_json(&b, e);
}

static int
ls_run(struct opts *o, struct err *e)
{
	struct halves h;
	struct json_doc *doc = NULL;
	struct buf tags = BUF_INIT;
	int r = -1;

	if (o->status != NULL && item_state_by_name(o->status) < 0)
		return err_set(e, ERR_USAGE, "--status: there is no state '%s'",
		    o->status);
	if (halves_open(&h, HALVES_SERVER, o, e) != 0)
		return -1;
	for (size_t i = 0; i < o->tags.count; i++)
		buf_addf(&tags, "%s%s", i > 0 ? "," : "", o->tags.items[i]);
	struct ask_list l = {
		.limit = o->limit > 0 ? o->limit : LIMIT,
		.all = o->all,
		.tags = tags.len > 0 ? tags.data : NULL,
		.state = o->status,
	};
	if (ask_list(h.client, &l, &doc, e) == 0)
		r = ls_print(json_get(json_root(doc), "data"), o, e);
	buf_clear(&tags);
	json_doc_free(doc);
	halves_close(&h);
	return r;
}

#define AT(field) offsetof(struct opts, field)
static const struct opt options[] = {
	{ "all", 0, OPT_FLAG, OPT_EVERY, AT(all), NULL, NULL, NULL,
	    "closed and expired ones, and sub-agents, too" },
	{ "tag", 0, OPT_LIST, OPT_EVERY, AT(tags), "TAG", NULL, NULL,
	    "only those with one of these tags" },
	{ "status", 0, OPT_STR, OPT_EVERY, AT(status), "STATE", NULL, NULL,
	    "only idle, running, waiting for approval, interrupted, closed" },
	{ "limit", 0, OPT_INT, OPT_EVERY, AT(limit), "N", NULL, NULL,
	    "at most N, up to 10000 (default 50)" },
	{ "json", 0, OPT_FLAG, OPT_EVERY, AT(json), NULL, NULL, NULL,
	    "for programs: an array of sessions" },
	{ .name = NULL },
};

const struct command cmd_ls = {
	.name = "ls",
	.args = "",
	.help = "list the sessions",
	.opts = options,
	.run = ls_run,
};
