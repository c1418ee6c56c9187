/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rig.c - a whole server in the test's process, and raw bytes to speak to it */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "agent/agent.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "server/server.h"
#include "store/channel.h"
#include "store/store.h"
#include "rig.h"
#include "wire/item.h"
#include "wire/record.h"

enum { PATIENCE_US = 10 * 1000 * 1000 };

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

static void
start_server(struct rig *r, int head_ms)
{
	struct server_opts opts = { .base = r->base, .store = r->store,
	    .agents = r->agents, .head_ms = head_ms,
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
	start_server(r, 0);
	free(db);
}

void
rig_restart(struct rig *r, int head_ms)
{
	server_free(r->server);
	start_server(r, head_ms);
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

void
rig_settle(struct rig *r)
{
	/* a commit waits for the pass to end, and then wakes others */
	for (int i = 0; i < 20; i++)
		event_base_loop(r->base, EVLOOP_NONBLOCK);
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

int
rig_connect(struct rig *r)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	assert_true(fd >= 0 && strlen(r->socket) < sizeof(sa.sun_path));
	memcpy(sa.sun_path, r->socket, strlen(r->socket) + 1);
	assert_int_equal(connect(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	return fd;
}

void
rig_send_bytes(struct rig *r, int fd, const char *bytes, size_t len)
{
	int64_t end = clock_mono_us() + PATIENCE_US;

	while (len > 0) {
		ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);

		if (n > 0) {
			bytes += n;
			len -= (size_t)n;
		} else if (n < 0 && errno == EPIPE) {
			return;	/* it has heard enough, and answered */
		}
		event_base_loop(r->base, EVLOOP_NONBLOCK);
		assert_true(clock_mono_us() < end);
	}
}

void
rig_send(struct rig *r, int fd, const char *text)
{
	rig_send_bytes(r, fd, text, strlen(text));
}

void
rig_read(struct rig *r, int fd, struct buf *b, const char *needle)
{
	int64_t end = clock_mono_us() + PATIENCE_US;
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char bytes[4096];

	for (;;) {
		ssize_t n;

		if (needle != NULL && strstr(b->data, needle) != NULL)
			return;
		event_base_loop(r->base, EVLOOP_NONBLOCK);
		poll(&p, 1, 1);
		n = read(fd, bytes, sizeof(bytes));
		if (n > 0)
			buf_add(b, bytes, (size_t)n);
		if (n == 0 || (n < 0 && errno == ECONNRESET)) {
			if (needle != NULL)
				fail_msg("no '%s' in: %s", needle, b->data);
			return;
		}
		if (clock_mono_us() > end)
			fail_msg("waited for '%s' in: %s",
			    needle == NULL ? "the end" : needle, b->data);
	}
}

int
rig_ask(struct rig *r, struct buf *answer, const char *method,
    const char *path, const char *headers, const char *body)
{
	struct buf b = BUF_INIT;
	int fd = rig_connect(r), status = 0;

	buf_addf(&b, "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s",
	    method, path, headers);
	if (body != NULL)
		buf_addf(&b, "Content-Length: %zu\r\n\r\n%s", strlen(body),
		    body);
	else
		buf_adds(&b, "\r\n");
	rig_send_bytes(r, fd, b.data, b.len);
	buf_reset(answer);
	rig_read(r, fd, answer, NULL);
	close(fd);
	buf_clear(&b);
	assert_int_equal(sscanf(answer->data, "HTTP/1.1 %d", &status), 1);
	assert_non_null(strstr(answer->data, "x-chatd-version: "));
	return status;
}

const char *
rig_body(const struct buf *answer)
{
	const char *s = strstr(answer->data, "\r\n\r\n");

	assert_non_null(s);
	return s + 4;
}

void
rig_dechunk(const struct buf *answer, struct buf *body)
{
	const char *at = rig_body(answer);
	size_t n;

	buf_reset(body);
	assert_non_null(strstr(answer->data, "Transfer-Encoding: chunked"));
	for (;;) {
		char *end;

		n = strtoul(at, &end, 16);
		assert_true(end > at && end[0] == '\r' && end[1] == '\n');
		if (n == 0)
			break;
		assert_true(end + 2 + n + 2 <= answer->data + answer->len);
		buf_add(body, end + 2, n);
		at = end + 2 + n + 2;
	}
	assert_string_equal(at, "0\r\n\r\n");
}

void
rig_create(struct rig *r, const char *external_id)
{
	struct buf answer = BUF_INIT, body = BUF_INIT;

	buf_addf(&body, "{\"type\":\"chat.agent\",\"taskIdentifier\":\"chat\","
	    "\"externalId\":\"%s\",\"triggerConfig\":{\"basePayload\":{}}}",
	    external_id);
	assert_int_equal(rig_ask(r, &answer, "POST", "/api/v1/sessions", "",
	    body.data), 201);
	buf_clear(&body);
	buf_clear(&answer);
}
