/* SPDX-License-Identifier: GPL-3.0-or-later */
/* relay.c - two processes, one owner: clients need not know which */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/err.h"
#include "rig.h"
#include "server/server.h"

#define API "/api/v1/sessions"
#define OWN "/api/chatd/v1/sessions"
#define REALTIME "/realtime/v1/sessions"

struct world {
	struct event_base *base;
	char *dir;
	struct rig owner, other;
	bool gone;		/* the owner is closed already */
	struct buf answer;
};

static int
setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	buf_init(&w->answer);
	w->base = event_base_new();
	event_base_priority_init(w->base, 3);
	w->dir = rig_dir();
	rig_open(&w->owner, w->base, w->dir, "one");
	rig_open(&w->other, w->base, w->dir, "two");
	rig_create(&w->owner, "s");
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	if (!w->gone)
		rig_close(&w->owner);
	rig_close(&w->other);
	event_base_free(w->base);
	rig_dir_free(w->dir);
	buf_clear(&w->answer);
	free(w);
	return 0;
}

static int
ask_other(struct world *w, const char *method, const char *path,
    const char *headers, const char *body)
{
	return rig_ask(&w->other, &w->answer, method, path, headers, body);
}

static void
passes_appends_on(void **state)
{
	struct world *w = *state;

	assert_int_equal(ask_other(w, "POST", REALTIME "/s/in/append",
	    "X-Part-Id: p\r\nOrigin: http://o\r\n", "a"), 200);
	assert_string_equal(rig_body(&w->answer), "{\"ok\":true,\"seq\":0}");
	assert_non_null(strstr(w->answer.data,
	    "Access-Control-Allow-Origin: http://o"));
	assert_int_equal(rig_ask(&w->owner, &w->answer, "POST",
	    REALTIME "/s/in/append", "X-Part-Id: p\r\n", "a"), 200);
	assert_string_equal(rig_body(&w->answer), "{\"ok\":true,\"seq\":0}");
	assert_int_equal(ask_other(w, "POST", REALTIME "/s/in/append", "",
	    "b"), 200);
	assert_string_equal(rig_body(&w->answer), "{\"ok\":true,\"seq\":1}");
}

static void
passes_streams_on(void **state)
{
	struct world *w = *state;
	int fd = rig_connect(&w->other);
	struct buf chunk = BUF_INIT;

	buf_adds(&chunk, "{\"type\":\"x\",\"v\":\"");
	for (int i = 0; i < 1000; i++)
		buf_adds(&chunk, "0123456789");
	buf_adds(&chunk, "\"}");
	rig_send(&w->other, fd, "GET " REALTIME "/s/out HTTP/1.1\r\n\r\n");
	rig_read(&w->other, fd, &w->answer, "event: ping");
	for (int i = 0; i < 100; i++)
		rig_chunk(&w->owner, "s", chunk.data);
	rig_settle(&w->owner);
	rig_read(&w->other, fd, &w->answer, "\"seq_num\":99,");
	server_stop(w->owner.server);
	rig_read(&w->other, fd, &w->answer, NULL);
	assert_non_null(strstr(w->answer.data, "[DONE]"));
	buf_clear(&chunk);
	close(fd);
	rig_settle(&w->other);
	assert_int_equal(w->other.clients, 0);
	assert_int_equal(w->owner.clients, 0);
}

/* The client leaves: the owner is left too. */
static void
leaves_with_its_client(void **state)
{
	struct world *w = *state;
	int fd = rig_connect(&w->other);

	rig_send(&w->other, fd, "GET " REALTIME "/s/out HTTP/1.1\r\n\r\n");
	rig_read(&w->other, fd, &w->answer, "event: ping");
	assert_int_equal(w->owner.clients, 1);
	close(fd);
	rig_settle(&w->other);
	assert_int_equal(w->other.clients, 0);
	assert_int_equal(w->owner.clients, 0);
}

/* Reading takes nothing from the owner, changing is done by it. */
static void
reads_here_and_changes_there(void **state)
{
	struct world *w = *state;

	rig_chunk(&w->owner, "s", "{\"type\":\"x\"}");
	rig_settle(&w->owner);
	assert_int_equal(ask_other(w, "GET", REALTIME "/s/out/records", "",
	    NULL), 200);
	assert_non_null(strstr(w->answer.data, "\"seqNum\":0"));
	assert_int_equal(ask_other(w, "GET", OWN "/s", "", NULL), 200);
	assert_non_null(strstr(w->answer.data, "\"live\":true"));
	assert_non_null(strstr(w->answer.data, w->owner.socket));
	assert_int_equal(ask_other(w, "POST", API "/s/close", "", "{}"),
	    200);
	assert_int_equal(ask_other(w, "DELETE", OWN "/s", "", NULL), 200);
	assert_int_equal(ask_other(w, "GET", API "/s", "", NULL), 404);
}

/* An owner that is gone leaves the session to whoever is asked next. */
static void
takes_over(void **state)
{
	struct world *w = *state;

	rig_close(&w->owner);
	w->gone = true;
	assert_int_equal(ask_other(w, "POST", REALTIME "/s/in/append", "",
	    "a"), 200);
	assert_string_equal(rig_body(&w->answer), "{\"ok\":true,\"seq\":0}");
}

/* Who is alive but takes no requests any more cannot be replaced. */
static void
owner_without_a_socket(void **state)
{
	struct world *w = *state;

	server_stop(w->owner.server);
	assert_int_equal(ask_other(w, "POST", REALTIME "/s/in/append", "",
	    "a"), 503);
}

/* A request is passed on once, not in circles. */
static void
passes_on_once(void **state)
{
	struct world *w = *state;

	assert_int_equal(ask_other(w, "POST", REALTIME "/s/in/append",
	    "x-chatd-relay: 1\r\n", "a"), 503);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(passes_appends_on),
		T(passes_streams_on),
		T(leaves_with_its_client),
		T(reads_here_and_changes_there),
		T(takes_over),
		T(owner_without_a_socket),
		T(passes_on_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
