/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stream.c - reading channels over SSE (session-protocol 7, 8.4, 16) */

#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

/* A sanitizer's malloc counts nothing. */
#if defined(__linux__) && !defined(CHATD_SANITIZED)
#define COUNTS_MEMORY
#endif

#ifdef COUNTS_MEMORY
#include <malloc.h>
#endif
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/json.h"
#include "rig.h"
#include "server/server.h"
#include "wire/record.h"
#include "wire/sse.h"

#define REALTIME "/realtime/v1/sessions"
#define PEEK "X-Peek-Settled: 1\r\n"

/* What an answer's events say, in short: "0 1 2T ping DONE". */
struct told {
	struct buf text;
	int64_t first, last;
	int events;
};

static int
setup(void **state)
{
	struct rig_world *w;

	rig_setup(state);
	w = *state;
	rig_create(&w->rig, "s");
	return 0;
}

static int
on_record(const struct record *rec, void *arg)
{
	struct told *t = arg;

	buf_addf(&t->text, "%lld%s ", (long long)rec->seq,
	    record_control(rec) != NULL ? "T" : "");
	if (t->first < 0)
		t->first = rec->seq;
	else
		assert_int_equal(rec->seq, t->last + 1);
	t->last = rec->seq;
	return 0;
}

static int
on_event(const struct sse_event *ev, void *arg)
{
	struct told *t = arg;
	struct json_doc *doc;
	int64_t tail;

	t->events++;
	if (strcmp(ev->type, "batch") != 0) {
		buf_addf(&t->text, "%s ", strcmp(ev->type, "message") == 0 ?
		    ev->data : ev->type);
		return 0;
	}
	doc = json_parse(ev->data, ev->len, 0, NULL);
	assert_non_null(doc);
	assert_int_equal(record_batch_read(json_root(doc), on_record, t,
	    &tail, NULL), 0);
	assert_true(tail == -1 || tail == t->last + 1);
	json_doc_free(doc);
	return 0;
}

static void
read_events(const struct buf *answer, struct told *t)
{
	struct sse_parser *p = sse_new(0, on_event, t);
	struct buf body = BUF_INIT;

	*t = (struct told){ .text = BUF_INIT, .first = -1, .last = -1 };
	rig_dechunk(answer, &body);
	assert_int_equal(sse_feed(p, body.data, body.len, NULL), 0);
	sse_free(p);
	buf_clear(&body);
}

static void
check_events(struct rig_world *w, const char *path, const char *headers,
    const char *want)
{
	struct told t;

	assert_int_equal(rig_ask(&w->rig, &w->answer, "GET", path, headers,
	    NULL), 200);
	read_events(&w->answer, &t);
	assert_string_equal(t.text.data, want);
	buf_clear(&t.text);
}

static void
one_turn(struct rig_world *w, int chunks, const char *in_seq)
{
	for (int i = 0; i < chunks; i++)
		rig_chunk(&w->rig, "s", "{\"type\":\"text-delta\","
		    "\"id\":\"t\",\"delta\":\"x\"}");
	rig_turn_complete(&w->rig, "s", in_seq);
	rig_settle(&w->rig);
}

/* session-protocol 7.1 */
static void
has_its_head(void **state)
{
	struct rig_world *w = *state;

	one_turn(w, 1, "0");
	assert_int_equal(rig_ask(&w->rig, &w->answer, "GET",
	    REALTIME "/s/out", PEEK, NULL), 200);
	assert_non_null(strstr(w->answer.data,
	    "\r\nContent-Type: text/event-stream\r\n"));
	assert_non_null(strstr(w->answer.data,
	    "\r\nX-Stream-Version: v2\r\n"));
	assert_non_null(strstr(w->answer.data,
	    "\r\nCache-Control: no-cache, no-transform\r\n"));
	assert_non_null(strstr(w->answer.data,
	    "\r\nX-Accel-Buffering: no\r\n"));
	assert_non_null(strstr(w->answer.data,
	    "\r\nAccess-Control-Expose-Headers: *\r\n"));
	assert_null(strstr(w->answer.data, "\r\nContent-Length:"));
	assert_int_equal(rig_ask(&w->rig, &w->answer, "HEAD",
	    REALTIME "/s/out", "", NULL), 200);
	assert_non_null(strstr(w->answer.data,
	    "\r\nX-Last-Chunk-Index: 0\r\n"));
}

/* session-protocol 7.4: from every number the same records */
static void
resumes_from_every_number(void **state)
{
	struct rig_world *w = *state;
	enum { CHUNKS = 250 };

	one_turn(w, CHUNKS, "0");
	for (int64_t from = 0; from <= CHUNKS + 3; from++) {
		char headers[96];
		struct told t;

		snprintf(headers, sizeof(headers), PEEK
		    "Last-Event-ID: %lld\r\n", (long long)from);
		assert_int_equal(rig_ask(&w->rig, &w->answer, "GET",
		    REALTIME "/s/out", headers, NULL), 200);
		read_events(&w->answer, &t);
		if (from >= CHUNKS) {
			assert_string_equal(t.text.data, "[DONE] ");
		} else {
			assert_int_equal(t.first, from + 1);
			assert_int_equal(t.last, CHUNKS);
		}
		/* at most 100 records in one event (7.2) */
		assert_true(t.events >= (CHUNKS - from) / 100);
		buf_clear(&t.text);
	}
}

static int
on_batch(const struct sse_event *ev, void *arg)
{
	struct buf *sizes = arg;
	struct told t = { .text = BUF_INIT, .first = -1, .last = -1 };

	if (strcmp(ev->type, "batch") == 0) {
		assert_int_equal(on_event(ev, &t), 0);
		buf_addf(sizes, "%d ", (int)(t.last - t.first + 1));
		buf_clear(&t.text);
	}
	return 0;
}

static void
check_sizes(struct rig_world *w, const char *headers, const char *want)
{
	struct buf sizes = BUF_INIT, body = BUF_INIT;
	struct sse_parser *p = sse_new(0, on_batch, &sizes);

	assert_int_equal(rig_ask(&w->rig, &w->answer, "GET",
	    REALTIME "/s/out", headers, NULL), 200);
	rig_dechunk(&w->answer, &body);
	assert_int_equal(sse_feed(p, body.data, body.len, NULL), 0);
	assert_string_equal(sizes.data, want);
	sse_free(p);
	buf_clear(&body);
	buf_clear(&sizes);
}

/* session-protocol 7.2: a link that breaks early still gets a client on */
static void
batches_grow(void **state)
{
	struct rig_world *w = *state;
	struct buf large = BUF_INIT;

	one_turn(w, 519, "0");
	check_sizes(w, PEEK, "8 16 32 64 100 80 100 100 20 ");
	check_sizes(w, PEEK "Last-Event-ID: 0\r\n",
	    "8 16 32 64 100 79 100 100 20 ");
	buf_adds(&large, "{\"type\":\"x\",\"y\":\"");
	while (large.len < 900)
		buf_addc(&large, 'y');
	buf_adds(&large, "\"}");
	for (int i = 0; i < 60; i++)
		rig_chunk(&w->rig, "s", large.data);
	rig_turn_complete(&w->rig, "s", "1");
	rig_settle(&w->rig);
	check_sizes(w, PEEK "Last-Event-ID: 519\r\n", "1 2 4 8 17 29 ");
	buf_clear(&large);
}

/* session-protocol 7.4: what is no number is no cursor */
static void
reads_cursors(void **state)
{
	struct rig_world *w = *state;

	one_turn(w, 1, "0");
	check_events(w, REALTIME "/s/out", PEEK "Last-Event-ID: abc\r\n",
	    "0 1T [DONE] ");
	check_events(w, REALTIME "/s/out", PEEK "Last-Event-ID: -1\r\n",
	    "0 1T [DONE] ");
	check_events(w, REALTIME "/s/out", PEEK "Last-Event-ID: 0,1,6\r\n",
	    "0 1T [DONE] ");
	check_events(w, REALTIME "/s/out", PEEK "Last-Event-ID: 0-7\r\n",
	    "1T [DONE] ");
	check_events(w, REALTIME "/s/out",
	    PEEK "Last-Event-ID: 99999999999999999999\r\n", "[DONE] ");
	check_events(w, REALTIME "/s/out",
	    PEEK "X-Trigger-Stream-Start: latest\r\n", "[DONE] ");
}

/* session-protocol 8.4: newcomers begin at the previous turn's end */
static void
newcomers_see_one_turn(void **state)
{
	struct rig_world *w = *state;

	one_turn(w, 1, "0");
	one_turn(w, 2, "1");
	check_events(w, REALTIME "/s/out", PEEK, "1T 2 3 4T [DONE] ");
	one_turn(w, 0, "2");
	check_events(w, REALTIME "/s/out", PEEK, "4T 5T [DONE] ");
	check_events(w, REALTIME "/s/out", PEEK "Last-Event-ID: 0\r\n",
	    "1T 2 3 4T 5T [DONE] ");
}

/* session-protocol 7.6: not while something runs, not when it is empty */
static void
peeks(void **state)
{
	struct rig_world *w = *state;
	int fd = rig_connect(&w->rig);

	rig_send(&w->rig, fd, "GET " REALTIME "/s/out HTTP/1.1\r\n" PEEK
	    "\r\n");
	rig_read(&w->rig, fd, &w->answer, "event: ping");
	assert_null(strstr(w->answer.data, "X-Session-Settled"));
	close(fd);
	one_turn(w, 1, "0");
	check_events(w, REALTIME "/s/out", PEEK, "0 1T [DONE] ");
	assert_non_null(strstr(w->answer.data, "X-Session-Settled: true"));
	rig_set_busy(&w->rig, true);
	fd = rig_connect(&w->rig);
	buf_reset(&w->answer);
	rig_send(&w->rig, fd, "GET " REALTIME "/s/out HTTP/1.1\r\n" PEEK
	    "\r\n");
	rig_read(&w->rig, fd, &w->answer, "event: ping");
	assert_null(strstr(w->answer.data, "X-Session-Settled"));
	assert_null(strstr(w->answer.data, "[DONE]"));
	close(fd);
}

/* A live reader is given what is appended, once it is committed. */
static void
follows(void **state)
{
	struct rig_world *w = *state;
	int fd = rig_connect(&w->rig);
	struct told t;

	rig_send(&w->rig, fd, "GET " REALTIME "/s/out HTTP/1.1\r\n\r\n");
	rig_read(&w->rig, fd, &w->answer, "event: ping");
	for (int i = 0; i < 5; i++) {
		char want[48];

		rig_chunk(&w->rig, "s", "{\"type\":\"x\"}");
		snprintf(want, sizeof(want),
		    "\"records\":[{\"seq_num\":%d,", i);
		assert_null(strstr(w->answer.data, want));
		rig_read(&w->rig, fd, &w->answer, want);
	}
	server_stop(w->rig.server);
	rig_read(&w->rig, fd, &w->answer, NULL);
	read_events(&w->answer, &t);
	assert_string_equal(t.text.data, "ping 0 1 2 3 4 [DONE] ");
	buf_clear(&t.text);
	close(fd);
}

/* session-protocol 7.3 */
static void
times_out(void **state)
{
	static const char *const bad[] = { "0", "601", "x", "", "1.5", "-1" };
	struct rig_world *w = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char headers[64];

		snprintf(headers, sizeof(headers), "Timeout-Seconds: %s\r\n",
		    bad[i]);
		assert_int_equal(rig_ask(&w->rig, &w->answer, "GET",
		    REALTIME "/s/out", headers, NULL), 400);
	}
	check_events(w, REALTIME "/s/out", "Timeout-Seconds: 1\r\n",
	    "ping [DONE] ");
	check_events(w, REALTIME "/nobody/out", "Timeout-Seconds: 1\r\n",
	    "[DONE] ");
}

/* session-protocol 7.5 */
static void
waits_for_the_session(void **state)
{
	struct rig_world *w = *state;
	int fd = rig_connect(&w->rig);

	assert_int_equal(rig_ask(&w->rig, &w->answer, "GET",
	    REALTIME "/session_none/out", "", NULL), 404);
	buf_reset(&w->answer);
	rig_send(&w->rig, fd, "GET " REALTIME "/a%2Fb/out HTTP/1.1\r\n\r\n");
	rig_read(&w->rig, fd, &w->answer, "X-Stream-Version: v2");
	rig_create(&w->rig, "a/b");
	rig_chunk(&w->rig, "a/b", "{\"type\":\"hello\"}");
	rig_read(&w->rig, fd, &w->answer, "hello");
	close(fd);
}

/* A reader that does not read gets all of it when it does. */
static void
slow_readers_lose_nothing(void **state)
{
	struct rig_world *w = *state;
	int fd = rig_connect(&w->rig);
	struct buf chunk = BUF_INIT;
	struct told t;

	buf_adds(&chunk, "{\"type\":\"x\",\"v\":\"");
	for (int i = 0; i < 1000; i++)
		buf_adds(&chunk, "0123456789");
	buf_adds(&chunk, "\"}");
	rig_send(&w->rig, fd, "GET " REALTIME "/s/out HTTP/1.1\r\n\r\n");
	rig_read(&w->rig, fd, &w->answer, "event: ping");
	for (int i = 0; i < 300; i++) {
		rig_chunk(&w->rig, "s", chunk.data);
		if (i % 10 == 0)
			rig_settle(&w->rig);
	}
	rig_read(&w->rig, fd, &w->answer, "\"seq_num\":299,");
	server_stop(w->rig.server);
	rig_read(&w->rig, fd, &w->answer, NULL);
	read_events(&w->answer, &t);
	assert_int_equal(t.first, 0);
	assert_int_equal(t.last, 299);
	buf_clear(&t.text);
	buf_clear(&chunk);
	close(fd);
}

#ifdef COUNTS_MEMORY
/* All that an idle reader costs: 8 KiB, the store's part included. */
static void
idle_readers_are_small(void **state)
{
	struct rig_world *w = *state;
	enum { READERS = 50, EACH_MAX = 8 * 1024 };
	int fds[READERS];
	size_t before, after;

	one_turn(w, 100, "0");
	check_events(w, REALTIME "/s/out", PEEK "Last-Event-ID: 99\r\n",
	    "100T [DONE] ");
	rig_settle(&w->rig);
	before = mallinfo2().uordblks;
	for (int i = 0; i < READERS; i++) {
		fds[i] = rig_connect(&w->rig);
		buf_clear(&w->answer);
		rig_send(&w->rig, fds[i], "GET " REALTIME
		    "/s/out HTTP/1.1\r\nUser-Agent: x\r\n\r\n");
		rig_read(&w->rig, fds[i], &w->answer, "event: ping");
	}
	buf_clear(&w->answer);
	after = mallinfo2().uordblks;
	assert_true(after > before);
	assert_true((after - before) / READERS < EACH_MAX);
	for (int i = 0; i < READERS; i++)
		close(fds[i]);
}
#endif

/* session-protocol 7.8: data as it is, control records empty */
static void
gives_records_at_once(void **state)
{
	struct rig_world *w = *state;

	rig_chunk(&w->rig, "s", "{\"type\":\"x\"}");
	rig_turn_complete(&w->rig, "s", "7");
	rig_settle(&w->rig);
	struct buf body = BUF_INIT;

	assert_int_equal(rig_ask(&w->rig, &w->answer, "GET",
	    REALTIME "/s/out/records", "", NULL), 200);
	rig_dechunk(&w->answer, &body);
	assert_string_equal(body.data, "{\"records\":[{\"data\":{\"type\":"
	    "\"x\"},\"id\":\"out-0\",\"seqNum\":0},{\"data\":\"\","
	    "\"id\":\"\",\"seqNum\":1,\"headers\":[[\"trigger-control\","
	    "\"turn-complete\"],[\"session-in-event-id\",\"7\"]]}]}");
	buf_clear(&body);
}

/* session-protocol 16, and the running turn for local readers */
static void
transcript_shows_what_runs(void **state)
{
	struct rig_world *w = *state;

	rig_chunk(&w->rig, "s", "{\"type\":\"start\",\"messageId\":\"m1\"}");
	rig_chunk(&w->rig, "s", "{\"type\":\"text-start\",\"id\":\"0\"}");
	rig_chunk(&w->rig, "s", "{\"type\":\"text-delta\",\"id\":\"0\","
	    "\"delta\":\"Hel\"}");
	rig_settle(&w->rig);
	assert_int_equal(rig_ask(&w->rig, &w->answer, "GET",
	    "/api/v1/sessions/s/transcript", "", NULL), 200);
	assert_string_equal(rig_body(&w->answer), "{\"messages\":[]}");
	assert_int_equal(rig_ask(&w->rig, &w->answer, "GET",
	    "/api/v1/sessions/s/transcript?live=1", "", NULL), 200);
	assert_non_null(strstr(w->answer.data, "\"id\":\"m1\""));
	assert_non_null(strstr(w->answer.data, "\"text\":\"Hel\""));
	assert_non_null(strstr(w->answer.data, "\"lastOutEventId\":\"2\""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, rig_teardown)
		T(has_its_head),
		T(resumes_from_every_number),
		T(batches_grow),
		T(reads_cursors),
		T(newcomers_see_one_turn),
		T(peeks),
		T(follows),
		T(times_out),
		T(waits_for_the_session),
		T(slow_readers_lose_nothing),
#ifdef COUNTS_MEMORY
		T(idle_readers_are_small),
#endif
		T(gives_records_at_once),
		T(transcript_shows_what_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
