/* SPDX-License-Identifier: GPL-3.0-or-later */
/* records.c - a session with one long answer, as `out` holds it */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include <event2/event.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/path.h"
#include "store/channel.h"
#include "store/store.h"
#include "wire/item.h"
#include "wire/record.h"

static void
check(bool ok, const struct err *e)
{
	if (!ok)
		fatal("records", "%s", e->text);
}

static void
fill(struct owned *own, int count)
{
	static const struct record_header end = { "trigger-control",
	    "turn-complete" };
	struct record rec = { .headers = &end, .header_count = 1, .body = "" };
	struct err e = ERR_INIT;
	char chunk[128];
	int i, n;

	for (i = 0; i < count - 1; i++) {
		n = snprintf(chunk, sizeof chunk, "{\"type\":\"text-delta\","
		    "\"id\":\"t1\",\"delta\":\" word%d\"}", i % 997);
		check(channel_append_chunk(own, chunk, (size_t)n, &e) == i,
		    &e);
	}
	check(channel_append(own, CHANNEL_OUT, &rec, NULL, NULL, &e) == i,
	    &e);
}

int
main(int argc, char **argv)
{
	struct store_opts opts = { .base = event_base_new() };
	struct store_new new = { .type = "chat.agent", .task = "chat",
	    .config = "{\"basePayload\":{}}", .model = "demo" };
	struct err e = ERR_INIT;
	char *path = path_data("chatd.db");
	struct owner other;
	struct owned *own;
	struct store *st;
	struct item it;
	bool existed;

	if (argc != 3)
		return 2;
	new.external_id = argv[1];
	opts.path = path;
	st = store_open(&opts, &e);
	check(st != NULL && store_create(st, &new, &it, &existed, &e) == 0 &&
	    store_own(st, it.row, &own, &other, &e) == 0, &e);
	fill(own, (int)strtol(argv[2], NULL, 10));
	check(store_commit(st, &e) == 0, &e);
	store_disown(own);
	item_clear(&it);
	store_close(st);
	event_base_free(opts.base);
	free(path);
	return 0;
}
