/* SPDX-License-Identifier: GPL-3.0-or-later */
/* agent.c - conversations over the wire with the real agent behind it */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "../agent/world.h"
#include "base/err.h"
#include "base/mem.h"
#include "rig.h"
#include "server/server.h"

#define API "/api/v1/sessions"
#define REALTIME "/realtime/v1/sessions"
#define PEEK "X-Peek-Settled: 1\r\n"
#define SAY(id, text) "{\"kind\":\"message\",\"payload\":{\"chatId\":\"c1\"," \
	"\"trigger\":\"submit-message\",\"message\":{\"id\":\"" id "\"," \
	"\"role\":\"user\",\"parts\":[{\"type\":\"text\",\"text\":\"" text \
	"\"}]}}}"

struct talk {
	struct world w;
	struct rig rig;		/* only its base, socket and server */
	struct buf answer;
};

static int
setup(void **state)
{
	struct talk *t = xcalloc(1, sizeof(*t));
	char *dir = world_dir();

	buf_init(&t->answer);
	world_open(&t->w, dir, NULL);
	t->w.dir = dir;
	t->rig.base = t->w.base;
	t->rig.socket = xasprintf("%s/sock", dir);
	struct server_opts so = { .base = t->w.base, .store = t->w.store,
	    .agents = t->w.host };
	t->rig.server = server_new(&so);
	assert_int_equal(server_listen_unix(t->rig.server, t->rig.socket,
	    NULL), 0);
	*state = t;
	return 0;
}

static int
teardown(void **state)
{
	struct talk *t = *state;
	char *dir = t->w.dir;

	server_free(t->rig.server);
	world_close(&t->w);
	world_dir_remove(dir);
	free(t->rig.socket);
	buf_clear(&t->answer);
	free(t);
	return 0;
}

static int
ask(struct talk *t, const char *method, const char *path,
    const char *headers, const char *body)
{
	return rig_ask(&t->rig, &t->answer, method, path, headers, body);
}

static bool
says(struct talk *t, const char *text)
{
	return strstr(t->answer.data, text) != NULL;
}

/* session-protocol 5.1.2, 5.1.4: a create's message is the first turn */
static void
create_begins_a_turn(void **state)
{
	struct talk *t = *state;

	assert_int_equal(ask(t, "POST", API, "", "{\"type\":\"chat.agent\","
	    "\"taskIdentifier\":\"chat\",\"externalId\":\"new\","
	    "\"triggerConfig\":{\"basePayload\":{\"chatId\":\"new\","
	    "\"trigger\":\"submit-message\",\"message\":{\"id\":\"u1\","
	    "\"role\":\"user\",\"parts\":[{\"type\":\"text\","
	    "\"text\":\"hi\"}]}}}}"), 201);
	world_until_asked(&t->w, 1);
	model_answers(&t->w, "hello");
	rig_settle(&t->rig);
	assert_int_equal(ask(t, "GET", REALTIME "/new/out", PEEK, NULL),
	    200);
	assert_true(says(t, "X-Session-Settled: true"));
	assert_true(says(t, "[\"trigger-control\",\"turn-complete\"]"));
	assert_false(says(t, "session-in-event-id"));
	assert_int_equal(ask(t, "GET", API "/new/transcript", "", NULL),
	    200);
	assert_true(says(t, "\"text\":\"hi\""));
	assert_true(says(t, "\"text\":\"hello\""));
	assert_true(says(t, "\"lastOutEventId\":\""));
}

/* session-protocol 6.4, 7.6, 8.2: append, follow, settle */
static void
append_is_answered(void **state)
{
	struct talk *t = *state;
	struct buf live = BUF_INIT;
	int fd = rig_connect(&t->rig);
	char *path = xasprintf(REALTIME "/%s/in/append", t->w.item.id);
	char *out = xasprintf(REALTIME "/%s/out", t->w.item.id);
	char *get = xasprintf("GET %s HTTP/1.1\r\n" PEEK "\r\n", out);

	assert_int_equal(ask(t, "POST", path, "", SAY("u1", "hi")), 200);
	assert_string_equal(rig_body(&t->answer), "{\"ok\":true,\"seq\":0}");
	world_until_asked(&t->w, 1);
	/* it runs: not settled, and the peeker stays */
	rig_send(&t->rig, fd, get);
	rig_read(&t->rig, fd, &live, "event: ping");
	assert_null(strstr(live.data, "X-Session-Settled"));
	model_answers(&t->w, "hello");
	rig_read(&t->rig, fd, &live, "[\"session-in-event-id\",\"0\"]");
	assert_int_equal(ask(t, "GET", out, PEEK, NULL), 200);
	assert_true(says(t, "X-Session-Settled: true"));
	assert_true(says(t, "[DONE]"));
	close(fd);
	free(path);
	free(out);
	free(get);
	buf_clear(&live);
}

/* session-protocol 5.4: a close ends the turn, then the session */
static void
close_ends_the_turn(void **state)
{
	struct talk *t = *state;
	char *in = xasprintf(REALTIME "/%s/in/append", t->w.item.id);
	char *out = xasprintf(REALTIME "/%s/out", t->w.item.id);
	char *close_path = xasprintf(API "/%s/close", t->w.item.id);
	const char *ended, *closed;

	assert_int_equal(ask(t, "POST", in, "", SAY("u1", "hi")), 200);
	world_until_asked(&t->w, 1);
	assert_int_equal(ask(t, "POST", close_path, "", "{}"), 200);
	rig_settle(&t->rig);
	assert_int_equal(t->w.models.cancelled, 1);
	assert_int_equal(ask(t, "GET", out, PEEK, NULL), 200);
	ended = strstr(t->answer.data, "\"turn-complete\"");
	assert_non_null(ended);
	closed = strstr(ended, "\"session-closed\"");
	assert_non_null(closed);
	assert_null(strstr(ended + 1, "\"turn-complete\""));
	assert_true(says(t, "X-Session-Settled: true"));
	assert_int_equal(ask(t, "POST", in, "", "{}"), 409);
	free(in);
	free(out);
	free(close_path);
}

/* A running turn does not keep its session from being removed. */
static void
removes_what_runs(void **state)
{
	struct talk *t = *state;
	char *in = xasprintf(REALTIME "/%s/in/append", t->w.item.id);
	char *own = xasprintf("/api/chatd/v1/sessions/%s", t->w.item.id);

	assert_int_equal(ask(t, "POST", in, "", SAY("u1", "hi")), 200);
	world_until_asked(&t->w, 1);
	assert_int_equal(ask(t, "DELETE", own, "", NULL), 200);
	assert_int_equal(ask(t, "GET", own, "", NULL), 404);
	assert_int_equal(t->w.models.cancelled, 1);
	free(in);
	free(own);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(create_begins_a_turn),
		T(append_is_answered),
		T(close_ends_the_turn),
		T(removes_what_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
