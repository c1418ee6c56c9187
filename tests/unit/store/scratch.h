/* SPDX-License-Identifier: GPL-3.0-or-later */
/* scratch.h - a store in a folder of its own, for the tests of the store */

#ifndef TESTS_STORE_SCRATCH_H
#define TESTS_STORE_SCRATCH_H

#include <dirent.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/path.h"
#include "store/channel.h"
#include "store/store.h"

struct scratch {
	char *dir, *path;
	struct event_base *base;
	struct store *st;
};

static inline struct store *
scratch_open(struct scratch *s, struct err *e)
{
	struct store_opts opts = { .base = s->base, .path = s->path,
	    .run_dir = s->dir, .socket = "/here" };

	return store_open(&opts, e);
}

static inline int
scratch_setup(void **state)
{
	struct scratch *s = xcalloc(1, sizeof *s);
	char name[] = "store-test.XXXXXX", *cwd = path_cwd(NULL);

	if (cwd == NULL || mkdtemp(name) == NULL)
		return -1;
	s->dir = path_join(cwd, name);
	s->path = path_join(s->dir, "chatd.db");
	free(cwd);
	s->base = event_base_new();
	event_base_priority_init(s->base, 3);
	s->st = scratch_open(s, NULL);
	*state = s;
	return s->st == NULL ? -1 : 0;
}

static inline int
scratch_teardown(void **state)
{
	struct scratch *s = *state;
	DIR *d = opendir(s->dir);
	struct dirent *entry;

	store_close(s->st);
	while (d != NULL && (entry = readdir(d)) != NULL) {
		char *path = path_join(s->dir, entry->d_name);

		(void)unlink(path);	/* "." and ".." stay */
		free(path);
	}
	if (d != NULL)
		closedir(d);
	rmdir(s->dir);
	event_base_free(s->base);
	free(s->dir);
	free(s->path);
	free(s);
	return 0;
}

/* All that is due now. */
static inline void
scratch_loop(struct scratch *s)
{
	int i;

	for (i = 0; i < 4; i++)
		event_base_loop(s->base, EVLOOP_NONBLOCK);
}

static inline int64_t
scratch_create_in(struct store *st, const char *external_id, const char *title)
{
	struct store_new n = { .external_id = external_id,
	    .type = "chat.agent", .task = "chat",
	    .config = "{\"basePayload\":{}}", .tags = "[\"a\",\"b\"]",
	    .dir = "/work", .title = title };
	struct err e = ERR_INIT;
	struct item it;
	bool existed;
	int64_t row;

	if (store_create(st, &n, &it, &existed, &e) == -1)
		fatal(__func__, "%s", e.text);
	row = it.row;
	item_clear(&it);
	return row;
}

static inline struct owned *
scratch_own(struct store *st, int64_t row)
{
	struct err e = ERR_INIT;
	struct owned *own;

	if (store_own(st, row, &own, NULL, &e) == -1)
		fatal(__func__, "%s", e.text);
	return own;
}

static inline struct channel *
scratch_channel(struct store *st, int64_t row, enum channel_dir dir)
{
	struct err e = ERR_INIT;
	struct channel *ch = channel_open(st, row, dir, &e);

	if (ch == NULL)
		fatal(__func__, "%s", e.text);
	return ch;
}

static inline int64_t
scratch_chunk(struct owned *own, const char *chunk)
{
	return channel_append_chunk(own, chunk, strlen(chunk), NULL);
}

static inline int64_t
scratch_append(struct owned *own, enum channel_dir dir, const char *body,
    const char *part_id, bool *replayed)
{
	struct record rec = { .body = body, .body_len = strlen(body) };

	return channel_append(own, dir, &rec, part_id, replayed, NULL);
}

static inline int64_t
scratch_control(struct owned *own, const char *subtype)
{
	struct record_header headers[] = { { "trigger-control", subtype },
	    { "session-in-event-id", "7" } };
	struct record rec = { .headers = headers, .header_count = 2 };

	return channel_append(own, CHANNEL_OUT, &rec, NULL, NULL, NULL);
}

#define scratch_test(f) \
	cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)

#endif
