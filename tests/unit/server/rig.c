/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rig.c - a whole server in the test's process, and raw bytes to speak to it */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "agent/agent.h"
#include "base/err.h"
#include "base/mem.h"
#include "server/server.h"
#include "store/channel.h"
#include "store/store.h"
#include "rig.h"
#include "wire/item.h"
#include "wire/record.h"

/* An agent host that owns and does nothing. */
struct owning {
	struct owning *next;
	int64_t row;
	struct owned *own;
};

struct agent_host {
	struct rig *rig;
	struct owning *first;
	bool busy;
};

struct owned *
agent_owned(struct agent_host *host, int64_t row)
{
	struct owning *o;

	for (o = host->first; o != NULL && o->row != row; o = o->next)
		continue;
	return o == NULL ? NULL : o->own;
}

int
agent_own(struct agent_host *host, const struct item *it,
    struct owner *other, struct err *e)
{
	struct owned *own;
	struct owning *o;

	if (agent_owned(host, it->row) != NULL)
		return 0;
	if (store_own(host->rig->store, it->row, &own, other, e) != 0)
		return -1;
	o = xcalloc(1, sizeof(*o));
	o->row = it->row;
	o->own = own;
	o->next = host->first;
	host->first = o;
	return 0;
}

int
agent_boot(struct agent_host *host, const struct item *it, struct err *e)
{
	(void)it, (void)e;
	host->rig->boots++;
	return 0;
}

bool
agent_busy(struct agent_host *host, int64_t row)
{
	(void)row;
	return host->busy;
}

bool
agent_pending(struct agent_host *host, const struct item *it)
{
	(void)host, (void)it;
	return false;
}

bool
agent_is_lost(struct agent_host *host, int64_t row)
{
	(void)host, (void)row;
	return false;
}

void
agent_servers(const struct agent_host *host, struct buf *out)
{
	(void)host;
	buf_adds(out, "[]");
}

void
agent_closed(struct agent_host *host, int64_t row)
{
	static const struct record_header closed[] = {
		{ "trigger-control", "session-closed" },
	};
	struct record rec = { .headers = closed, .header_count = 1,
	    .body = "" };

	assert_true(channel_append(agent_owned(host, row), CHANNEL_OUT, &rec,
	    NULL, NULL, NULL) >= 0);
}

void
agent_drop(struct agent_host *host, int64_t row)
{
	struct owning **at = &host->first, *o;

	while ((o = *at) != NULL && o->row != row)
		at = &o->next;
	if (o == NULL)
		return;
	*at = o->next;
	store_disown(o->own);
	free(o);
}

void
rig_set_busy(struct rig *r, bool busy)
{
	r->agents->busy = busy;
}

char *
rig_dir(void)
{
	const char *tmp = getenv("TMPDIR");
	char *dir = xasprintf("%s/chatd-rig-XXXXXX",
	    tmp != NULL ? tmp : "/tmp");

	assert_non_null(mkdtemp(dir));
	return dir;
}

static void
remove_file(const char *dir, const char *name)
{
	char *path = xasprintf("%s/%s", dir, name);

	unlink(path);
	free(path);
}

void
rig_dir_free(char *dir)
{
	remove_file(dir, "db");
	remove_file(dir, "db-wal");
	remove_file(dir, "db-shm");
	assert_int_equal(rmdir(dir), 0);
	free(dir);
}

static void
on_clients(int count, void *arg)
{
	((struct rig *)arg)->clients = count;
}

static char rig_env[] = RIG_ENV, rig_key[] = RIG_KEY;
static char *rig_keys[] = { rig_key, NULL };

static void
start_server(struct rig *r, const struct rig_times *t)
{
	struct server_opts opts = { .base = r->base, .store = r->store,
	    .agents = r->agents, .head_ms = t->head_ms, .keys = &r->keys,
	    .ping_ms = t->ping_ms, .silent_ms = t->silent_ms,
	    .on_clients = on_clients, .arg = r };

	r->server = server_new(&opts);
	assert_int_equal(server_listen_unix(r->server, r->socket, NULL), 0);
}

void
rig_open(struct rig *r, struct event_base *base, const char *dir,
    const char *name)
{
	char *db = xasprintf("%s/db", dir);
	struct store_opts so = { .base = base, .path = db, .run_dir = dir };
	struct err e = ERR_INIT;

	memset(r, 0, sizeof(*r));
	r->base = base;
	r->socket = xasprintf("%s/%s", dir, name);
	so.socket = r->socket;
	r->store = store_open(&so, &e);
	assert_non_null(r->store);
	r->agents = xcalloc(1, sizeof(*r->agents));
	r->agents->rig = r;
	r->keys.env = rig_env;
	r->keys.keys = rig_keys;
	r->keys.count = 1;
	start_server(r, &(struct rig_times){ 0, 0, 0 });
	free(db);
}

int
rig_setup(void **state)
{
	struct rig_world *w = xcalloc(1, sizeof(*w));

	buf_init(&w->answer);
	w->base = event_base_new();
	event_base_priority_init(w->base, 3);
	w->dir = rig_dir();
	rig_open(&w->rig, w->base, w->dir, "sock");
	*state = w;
	return 0;
}

int
rig_teardown(void **state)
{
	struct rig_world *w = *state;

	rig_close(&w->rig);
	event_base_free(w->base);
	rig_dir_free(w->dir);
	buf_clear(&w->answer);
	free(w);
	return 0;
}

void
rig_restart(struct rig *r, const struct rig_times *t)
{
	server_free(r->server);
	start_server(r, t);
}

void
rig_listen_tcp(struct rig *r)
{
	char bound[SERVER_ADDRESS_MAX];
	struct err e = ERR_INIT;

	if (server_listen_tcp(r->server, "127.0.0.1:0", bound, &e) != 0)
		fail_msg("%s", e.text);
	assert_int_equal(sscanf(bound, "127.0.0.1:%d", &r->port), 1);
}

void
rig_close(struct rig *r)
{
	server_free(r->server);
	while (r->agents->first != NULL)
		agent_drop(r->agents, r->agents->first->row);
	free(r->agents);
	store_close(r->store);
	free(r->socket);
}

static struct owned *
owned_of(struct rig *r, const char *key)
{
	struct item it = { 0 };
	struct owned *own;

	assert_int_equal(store_find(r->store, key, &it, NULL), 0);
	own = agent_owned(r->agents, it.row);
	assert_non_null(own);
	item_clear(&it);
	return own;
}

void
rig_chunk(struct rig *r, const char *key, const char *chunk)
{
	assert_true(channel_append_chunk(owned_of(r, key), chunk,
	    strlen(chunk), NULL) >= 0);
}

void
rig_turn_complete(struct rig *r, const char *key, const char *in_seq)
{
	struct record_header h[] = {
		{ "trigger-control", "turn-complete" },
		{ "session-in-event-id", in_seq },
	};
	struct record rec = { .headers = h, .header_count = 2, .body = "" };

	assert_true(channel_append(owned_of(r, key), CHANNEL_OUT, &rec, NULL,
	    NULL, NULL) >= 0);
}

void
rig_message(struct rig *r, const char *key, const char *id, const char *role,
    const char *text)
{
	char *json = xasprintf("{\"id\":\"%s\",\"role\":\"%s\",\"parts\":["
	    "{\"type\":\"text\",\"text\":\"%s\"}]}", id, role, text);

	assert_int_equal(store_put_message(owned_of(r, key), id, role, json,
	    text, 0, NULL), 0);
	free(json);
}
