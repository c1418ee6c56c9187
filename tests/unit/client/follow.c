/* SPDX-License-Identifier: GPL-3.0-or-later */
/* follow.c - every record once and in order, whatever the server does */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <event2/event.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "client/client.h"
#include "client/follow.h"
#include "wire/fetch.h"
#include "wire/record.h"

#define HEAD "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n" \
    "X-Stream-Version: v2\r\nConnection: close\r\n"
#define RECORD(n, id, text) "{\"seq_num\":" #n ",\"timestamp\":1,\"body\":" \
    "\"{\\\"data\\\":{\\\"type\\\":\\\"" text "\\\"},\\\"id\\\":\\\"" id \
    "\\\"}\"}"
#define BATCH(records) "event: batch\ndata: {\"records\":[" records "]}\n\n"
#define DONE "data: [DONE]\n\n"

/* A server that answers its connections, in order, with these bytes. */
struct peer {
	struct event_base *base;
	struct fetch_pool *pool;
	struct client *client;
	struct event *accept;
	int fd;
	char dir[64], path[96];
	const char *const *answers;
	int conns;
	struct buf requests;	/* all heads */
	struct buf seen;	/* what the callbacks said */
	struct follow *follow;
	int stop_at;		/* call follow_stop() at this record, or -1 */
	bool silent;		/* the first connection stays open, says no more */
	int left;		/* that connection, or 0 */
	int64_t waits[8];	/* as on_state told, of breaks */
	int wait_count;
};

static void
peer_accept(evutil_socket_t fd, short what, void *arg)
{
	struct peer *p = arg;
	char head[4096];
	int conn = accept((int)fd, NULL, NULL);
	const char *answer = p->answers[p->conns++];

	(void)what;
	assert_true(conn >= 0);
	assert_non_null(answer);
	/* the request is small and was written at once */
	ssize_t n = read(conn, head, sizeof(head));
	assert_true(n > 0);
	buf_add(&p->requests, head, (size_t)n);
	assert_int_equal(write(conn, answer, strlen(answer)),
	    (ssize_t)strlen(answer));
	if (p->silent && p->left == 0)
		p->left = conn;
	else
		close(conn);
}

static void
on_state(enum follow_state state, int64_t wait_ms, const struct err *why,
    void *arg)
{
	struct peer *p = arg;

	if (state == FOLLOW_WAITING && why != NULL && err_is_set(why))
		p->waits[p->wait_count++] = wait_ms;
}

static void
on_chunk(int64_t seq, const struct json *chunk, void *arg)
{
	struct peer *p = arg;

	buf_addf(&p->seen, "%lld:%s ", (long long)seq,
	    json_get_str(chunk, "type"));
	if (p->stop_at == (int)seq) {
		follow_stop(p->follow);
		p->follow = NULL;
		event_base_loopbreak(p->base);
	}
}

static void
on_control(int64_t seq, const char *subtype, int64_t in_seq,
    const struct record *rec, void *arg)
{
	struct peer *p = arg;

	(void)rec;
	buf_addf(&p->seen, "%lld:%s(%lld) ", (long long)seq, subtype,
	    (long long)in_seq);
}

static void
on_end(const struct err *e, void *arg)
{
	struct peer *p = arg;

	p->follow = NULL;
	buf_addf(&p->seen, "end:%s", e != NULL ? err_code_name(e->code) :
	    "settled");
	event_base_loopbreak(p->base);
}

static void
peer_run_idle(struct peer *p, const char *const *answers, int64_t after,
    bool peek, int stop_at, long idle_ms)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };

	*p = (struct peer){ .answers = answers, .requests = BUF_INIT,
	    .seen = BUF_INIT, .stop_at = stop_at, .silent = idle_ms > 0 };
	snprintf(p->dir, sizeof(p->dir), "/tmp/chatd-follow.XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	snprintf(p->path, sizeof(p->path), "%s/s", p->dir);
	memcpy(sa.sun_path, p->path, strlen(p->path) + 1);
	p->fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(p->fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(listen(p->fd, 8), 0);
	p->base = event_base_new();
	p->accept = event_new(p->base, p->fd, EV_READ | EV_PERSIST,
	    peer_accept, p);
	event_add(p->accept, NULL);
	p->pool = fetch_pool_new(p->base);
	struct client_opts co = { .base = p->base, .fetch = p->pool,
	    .unix_path = p->path };
	p->client = client_new(&co);
	struct follow_opts fo = { .key = "a/b", .after = after, .peek = peek,
	    .idle_ms = idle_ms,
	    .fns = { .on_chunk = on_chunk, .on_control = on_control,
	    .on_state = on_state, .on_end = on_end }, .arg = p };
	p->follow = follow_start(p->client, &fo);
	event_base_dispatch(p->base);
}

static void
peer_run(struct peer *p, const char *const *answers, int64_t after,
    bool peek, int stop_at)
{
	peer_run_idle(p, answers, after, peek, stop_at, 0);
}

static void
peer_clear(struct peer *p)
{
	if (p->left > 0)
		close(p->left);
	follow_stop(p->follow);
	client_free(p->client);
	fetch_pool_free(p->pool);
	event_free(p->accept);
	event_base_free(p->base);
	close(p->fd);
	unlink(p->path);
	rmdir(p->dir);
	buf_clear(&p->requests);
	buf_clear(&p->seen);
}

#define SETTLED HEAD "X-Session-Settled: true\r\n\r\n"

/* session-protocol 18.1, 18.6, 18.9 */
static void
comes_back_behind_the_last_whole_event(void **state)
{
	static const char *const answers[] = {
		HEAD "\r\n" BATCH(RECORD(0, "a", "x") "," RECORD(1, "b", "y"))
		    "event: batch\ndata: {\"records\":[{\"seq_nu",
		SETTLED BATCH(RECORD(1, "b", "y") "," RECORD(2, "c", "z"))
		    DONE,
		NULL,
	};
	struct peer p;

	(void)state;
	peer_run(&p, answers, -1, true, -1);
	assert_string_equal(p.seen.data, "0:x 1:y 2:z end:settled");
	assert_int_equal(p.conns, 2);
	assert_non_null(strstr(p.requests.data,
	    "GET /realtime/v1/sessions/a%2Fb/out "));
	assert_non_null(strstr(p.requests.data, "Last-Event-ID: 1\r\n"));
	assert_non_null(strstr(p.requests.data, "X-Peek-Settled: 1\r\n"));
	peer_clear(&p);
}

/* session-protocol 18.4, 18.5 */
static void
routes_control_and_skips_commands(void **state)
{
	static const char *const answers[] = {
		SETTLED BATCH(
		    "{\"seq_num\":5,\"timestamp\":1,\"headers\":[[\"\","
		    "\"trim\"]],\"body\":\"\"},"
		    "{\"seq_num\":6,\"timestamp\":1,\"headers\":["
		    "[\"session-in-event-id\",\"3\"],[\"trigger-control\","
		    "\"turn-complete\"]],\"body\":\"\"},"
		    RECORD(7, "l", "trigger:turn-complete"))
		    "event: news\ndata: what is this\n\n" DONE,
		NULL,
	};
	struct peer p;

	(void)state;
	peer_run(&p, answers, 4, true, -1);
	assert_string_equal(p.seen.data,
	    "6:turn-complete(3) 7:turn-complete(-1) end:settled");
	peer_clear(&p);
}

static void
drops_a_repeated_id(void **state)
{
	static const char *const answers[] = {
		SETTLED BATCH(RECORD(0, "a", "x") "," RECORD(1, "a", "x") ","
		    RECORD(2, "b", "y")) DONE,
		NULL,
	};
	struct peer p;

	(void)state;
	peer_run(&p, answers, -1, true, -1);
	assert_string_equal(p.seen.data, "0:x 2:y end:settled");
	peer_clear(&p);
}

/* session-protocol 18.3, 18.6 */
static void
gives_up_when_it_stays_wrong(void **state)
{
	static const struct {
		const char *answer, *end;
	} cases[] = {
		{ "HTTP/1.1 404 Not Found\r\nContent-Length: 21\r\n"
		    "Connection: close\r\n\r\n{\"error\":\"Not found\"}",
		    "end:NOT_FOUND" },
		{ "HTTP/1.1 409 Conflict\r\nContent-Length: 2\r\n"
		    "Connection: close\r\n\r\n{}", "end:CONFLICT" },
		{ "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
		    "Connection: close\r\n\r\n", "end:FAILED" },
	};
	struct peer p;

	(void)state;
	for (size_t i = 0; i < NELEM(cases); i++) {
		const char *answers[] = { cases[i].answer, NULL };

		peer_run(&p, answers, -1, false, -1);
		assert_string_equal(p.seen.data, cases[i].end);
		assert_int_equal(p.conns, 1);
		peer_clear(&p);
	}
}

static void
can_be_stopped_from_a_callback(void **state)
{
	static const char *const answers[] = {
		SETTLED BATCH(RECORD(0, "a", "x") "," RECORD(1, "b", "y"))
		    DONE,
		NULL,
	};
	struct peer p;

	(void)state;
	peer_run(&p, answers, -1, true, 0);
	assert_string_equal(p.seen.data, "0:x ");
	peer_clear(&p);
}

/* No FIN ever comes: a server that says nothing, not even ping, is gone. */
static void
silence_is_the_end_of_a_connection(void **state)
{
	static const char *const answers[] = {
		HEAD "\r\n" BATCH(RECORD(0, "a", "x"))
		    "event: ping\ndata: {\"timestamp\":1}\n\n",
		SETTLED BATCH(RECORD(1, "b", "y")) DONE,
		NULL,
	};
	struct peer p;

	(void)state;
	peer_run_idle(&p, answers, -1, true, -1, 200);
	assert_string_equal(p.seen.data, "0:x 1:y end:settled");
	assert_int_equal(p.conns, 2);
	assert_int_equal(p.wait_count, 1);
	assert_non_null(strstr(p.requests.data, "Last-Event-ID: 0\r\n"));
	peer_clear(&p);
}

/* session-protocol 18.6: 1 to 5 s, longer each time, and not all the same */
static void
comes_back_later_each_time(void **state)
{
	static const char *const answers[] = {
		"HTTP/1.1 502 X\r\nConnection: close\r\n\r\n",
		"HTTP/1.1 429 X\r\nConnection: close\r\n\r\n",
		SETTLED BATCH(RECORD(0, "a", "x")) DONE,
		NULL,
	};
	struct peer p;

	(void)state;
	peer_run(&p, answers, -1, true, -1);
	assert_string_equal(p.seen.data, "0:x end:settled");
	assert_int_equal(p.wait_count, 2);
	assert_in_range(p.waits[0], 1000, 1251);
	assert_in_range(p.waits[1], 2000, 2501);
	peer_clear(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comes_back_behind_the_last_whole_event),
		cmocka_unit_test(routes_control_and_skips_commands),
		cmocka_unit_test(drops_a_repeated_id),
		cmocka_unit_test(gives_up_when_it_stays_wrong),
		cmocka_unit_test(silence_is_the_end_of_a_connection),
		cmocka_unit_test(comes_back_later_each_time),
		cmocka_unit_test(can_be_stopped_from_a_callback),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
