/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fill.c - a database with many sessions, as a long life leaves behind */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/id.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "store/store.h"

static const char *const words[] = {
	"harbour", "lantern", "gravel", "copper", "meadow", "signal",
	"window", "paper", "river", "engine", "marble", "thread", "winter",
	"garden", "needle", "ticket", "violet", "saddle", "candle", "orchard",
};

static void
sentence(struct buf *b, unsigned n)
{
	int i;

	buf_reset(b);
	for (i = 0; i < 12; i++) {
		n = n * 1103515245u + 12345u;
		buf_addf(b, "%s%s%u", i > 0 ? " " : "",
		    words[n / 65536 % (sizeof words / sizeof *words)],
		    i % 4 == 0 ? n % 1000 : 0);
	}
}

static void
put(struct owned *own, const char *role, unsigned n, struct err *e)
{
	struct buf text = BUF_INIT, json = BUF_INIT;
	struct json_w w;
	char id[ID_MAX];

	id_make("msg", id);
	sentence(&text, n);
	buf_adds(&text, " harbour");
	json_w_init(&w, &json);
	json_w_obj(&w);
	json_w_kstr(&w, "id", id);
	json_w_kstr(&w, "role", role);
	json_w_key(&w, "parts");
	json_w_arr(&w);
	json_w_obj(&w);
	json_w_kstr(&w, "type", "text");
	json_w_kstr(&w, "text", text.data);
	json_w_obj_end(&w);
	json_w_arr_end(&w);
	json_w_obj_end(&w);
	if (store_put_message(own, id, role, json.data, text.data, 0, e) == -1)
		fatal(__func__, "%s", e->text);
	buf_clear(&text);
	buf_clear(&json);
}

static void
session(struct store *st, unsigned n, const char *dir)
{
	struct buf title = BUF_INIT;
	struct store_new new = { .type = "chat.agent", .task = "chat",
	    .config = "{\"basePayload\":{}}", .model = "demo", .dir = dir };
	struct err e = ERR_INIT;
	struct owner other;
	struct owned *own;
	struct item it;
	bool existed;

	sentence(&title, n * 7 + 1);
	title.data[40] = '\0';
	new.title = title.data;
	if (store_create(st, &new, &it, &existed, &e) == -1 ||
	    store_own(st, it.row, &own, &other, &e) == -1)
		fatal(__func__, "%s", e.text);
	put(own, "user", n * 2, &e);
	put(own, "assistant", n * 2 + 1, &e);
	store_disown(own);
	item_clear(&it);
	buf_clear(&title);
}

int
main(int argc, char **argv)
{
	unsigned i, count = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 1;
	struct store_opts opts = { .base = event_base_new() };
	struct err e = ERR_INIT;
	char *path = path_data("chatd.db"), *cwd = path_cwd(&e);
	struct store *st;

	opts.path = path;
	st = store_open(&opts, &e);
	if (st == NULL || cwd == NULL)
		fatal(__func__, "%s", e.text);
	for (i = 0; i < count; i++) {
		session(st, i, cwd);
		if (i % 1000 == 999 && store_commit(st, &e) == -1)
			fatal(__func__, "%s", e.text);
	}
	store_close(st);
	event_base_free(opts.base);
	free(path);
	free(cwd);
	return 0;
}
