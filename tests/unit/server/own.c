/* SPDX-License-Identifier: GPL-3.0-or-later */
/* own.c - the endpoints below /api/chatd/v1, and the transcript */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/json.h"
#include "rig.h"
#include "server/server.h"

#define API "/api/v1/sessions"
#define OWN "/api/chatd/v1"
#define REALTIME "/realtime/v1/sessions"

static int
setup(void **state)
{
	struct rig_world *w;

	rig_setup(state);
	w = *state;
	rig_create(&w->rig, "one");
	rig_message(&w->rig, "one", "m0", "user", "a question about otters");
	rig_message(&w->rig, "one", "m1", "assistant", "an answer");
	rig_settle(&w->rig);
	return 0;
}

static int
ask(struct rig_world *w, const char *method, const char *path, const char *body)
{
	return rig_ask(&w->rig, &w->answer, method, path, "", body);
}

static bool
says(struct rig_world *w, const char *text)
{
	return strstr(w->answer.data, text) != NULL;
}

static void
finds_and_names(void **state)
{
	struct rig_world *w = *state;

	assert_int_equal(ask(w, "GET", OWN "/resolve?q=on", NULL), 200);
	assert_true(says(w, "\"externalId\":\"one\""));
	assert_true(says(w, "\"state\":\"idle\""));
	assert_true(says(w, "\"messages\":2"));
	assert_int_equal(ask(w, "GET", OWN "/resolve?q=nobody", NULL), 404);
	assert_int_equal(ask(w, "GET", OWN "/resolve", NULL), 400);
	assert_int_equal(ask(w, "GET", OWN "/newest?dir=/x", NULL), 404);
	assert_int_equal(ask(w, "PATCH", OWN "/sessions/one",
	    "{\"title\":\"About otters\"}"), 200);
	assert_true(says(w, "\"title\":\"About otters\""));
	assert_int_equal(ask(w, "GET", OWN "/resolve?q=about%20otters",
	    NULL), 200);
	assert_int_equal(ask(w, "PATCH", OWN "/sessions/one",
	    "{\"title\":7}"), 400);
	assert_int_equal(ask(w, "GET", OWN "/sessions/one", NULL), 200);
	assert_true(says(w, "\"live\":true,\"owner\":{\"pid\":"));
	assert_int_equal(ask(w, "GET", OWN "/sessions/one/servers", NULL),
	    200);
	assert_string_equal(rig_body(&w->answer), "[]");
	assert_int_equal(ask(w, "GET", OWN "/sessions/two/servers", NULL),
	    404);
}

/* A create says where and with what model it works. */
static void
knows_its_folder(void **state)
{
	struct rig_world *w = *state;

	assert_int_equal(ask(w, "POST", API, "{\"type\":\"t\","
	    "\"taskIdentifier\":\"k\",\"externalId\":\"two\","
	    "\"triggerConfig\":{\"basePayload\":{\"chatd\":"
	    "{\"dir\":\"/some/where\",\"model\":\"demo\"}}}}"), 201);
	assert_int_equal(ask(w, "GET", OWN "/newest?dir=%2Fsome%2Fwhere",
	    NULL), 200);
	assert_true(says(w, "\"externalId\":\"two\""));
	assert_true(says(w, "\"model\":\"demo\""));
	assert_int_equal(ask(w, "GET", OWN "/sessions?dir=/some/where",
	    NULL), 200);
	assert_true(says(w, "\"externalId\":\"two\""));
	assert_false(says(w, "\"externalId\":\"one\""));
}

static void
lists(void **state)
{
	struct rig_world *w = *state;

	rig_create(&w->rig, "two");
	assert_int_equal(ask(w, "POST", API "/two/close", "{}"), 200);
	assert_int_equal(ask(w, "GET", OWN "/sessions", NULL), 200);
	assert_true(says(w, "\"externalId\":\"one\""));
	assert_false(says(w, "\"externalId\":\"two\""));
	assert_true(says(w, "\"more\":false"));
	assert_int_equal(ask(w, "GET", OWN "/sessions?all=1", NULL), 200);
	assert_true(says(w, "\"externalId\":\"two\""));
	assert_int_equal(ask(w, "GET", OWN "/sessions?state=closed", NULL),
	    200);
	assert_false(says(w, "\"externalId\":\"one\""));
	assert_true(says(w, "\"externalId\":\"two\""));
	assert_int_equal(ask(w, "GET", OWN "/sessions?all&limit=1", NULL),
	    200);
	assert_true(says(w, "\"more\":true"));
	assert_int_equal(ask(w, "GET", OWN "/sessions?state=odd", NULL),
	    400);
}

static void
searches(void **state)
{
	struct rig_world *w = *state;

	assert_int_equal(ask(w, "GET", OWN "/search?q=otters", NULL), 200);
	assert_int_equal(strncmp(rig_body(&w->answer), "[{\"session\":", 12),
	    0);
	assert_true(says(w, "\"messageId\":\"m0\",\"role\":\"user\""));
	assert_int_equal(ask(w, "GET", OWN "/search?q=walrus", NULL), 200);
	assert_string_equal(rig_body(&w->answer), "[]");
}

/* session-protocol 16 */
static void
pages_the_transcript(void **state)
{
	struct rig_world *w = *state;

	assert_int_equal(ask(w, "GET", API "/one/transcript", NULL), 200);
	assert_true(says(w, "{\"messages\":[{\"id\":\"m0\""));
	assert_true(says(w, "\"cursors\":{\"lastOutEventId\":\"0\"}"));
	assert_false(says(w, "nextCursor"));
	assert_int_equal(ask(w, "GET", API "/one/transcript?limit=1", NULL),
	    200);
	assert_true(says(w, "{\"messages\":[{\"id\":\"m1\""));
	assert_true(says(w, "\"nextCursor\":\"m1\""));
	assert_int_equal(ask(w, "GET", API
	    "/one/transcript?limit=1&before=m1", NULL), 200);
	assert_true(says(w, "{\"messages\":[{\"id\":\"m0\""));
	assert_false(says(w, "nextCursor"));
	assert_int_equal(ask(w, "GET", API "/one/transcript?limit=x", NULL),
	    400);
}

static void
forks(void **state)
{
	struct rig_world *w = *state;
	struct json_doc *doc;
	struct buf path = BUF_INIT;

	assert_int_equal(ask(w, "POST", OWN "/sessions/one/fork",
	    "{\"at\":\"m0\"}"), 201);
	assert_true(says(w, "\"messages\":1"));
	doc = json_parse(rig_body(&w->answer), strlen(rig_body(&w->answer)),
	    0, NULL);
	buf_addf(&path, API "/%s/transcript",
	    json_get_str(json_root(doc), "id"));
	assert_int_equal(ask(w, "GET", path.data, NULL), 200);
	assert_true(says(w, "\"id\":\"m0\""));
	assert_false(says(w, "\"id\":\"m1\""));
	json_doc_free(doc);
	buf_clear(&path);
}

/* Its readers are told to go, and its names are free again. */
static void
removes(void **state)
{
	struct rig_world *w = *state;
	int fd = rig_connect(&w->rig);
	struct buf stream = BUF_INIT;

	rig_send(&w->rig, fd, "GET " REALTIME "/one/out HTTP/1.1\r\n\r\n");
	rig_read(&w->rig, fd, &stream, "event: ping");
	assert_int_equal(ask(w, "DELETE", OWN "/sessions/one", NULL), 200);
	rig_read(&w->rig, fd, &stream, NULL);
	assert_non_null(strstr(stream.data, "[DONE]"));
	assert_int_equal(ask(w, "GET", API "/one", NULL), 404);
	rig_create(&w->rig, "one");
	buf_clear(&stream);
	close(fd);
}

static void
export_one(struct rig_world *w, struct buf *body)
{
	assert_int_equal(ask(w, "GET", OWN "/sessions/one/export", NULL),
	    200);
	rig_dechunk(&w->answer, body);
}

/* The same document comes back, with numbers and times. */
static void
exports_what_it_imports(void **state)
{
	struct rig_world *w = *state;
	struct buf first = BUF_INIT, second = BUF_INIT;

	for (int i = 0; i < 250; i++)
		rig_chunk(&w->rig, "one", "{\"type\":\"x\",\"v\":\"\\ud800\"}");
	rig_turn_complete(&w->rig, "one", "0");
	assert_int_equal(ask(w, "POST", REALTIME "/one/in/append", "hello"),
	    200);
	assert_int_equal(ask(w, "POST", REALTIME "/one/channels/b/out/append",
	    "two"), 200);
	assert_int_equal(ask(w, "POST", REALTIME "/one/channels/a.1/in/append",
	    "three"), 200);
	assert_int_equal(ask(w, "PATCH", OWN "/sessions/one",
	    "{\"title\":\"T\"}"), 200);
	assert_int_equal(ask(w, "POST", API "/one/close",
	    "{\"reason\":\"r\"}"), 200);
	export_one(w, &first);
	/* session-protocol 14 */
	assert_non_null(strstr(first.data,
	    "\"channels\":[{\"name\":\"a.1\",\"in\":[{\"seq_num\":0,"));
	assert_int_equal(ask(w, "POST", OWN "/import", first.data), 201);
	assert_true(says(w, "\"externalId\":null"));
	assert_int_equal(ask(w, "DELETE", OWN "/sessions/one", NULL), 200);
	assert_int_equal(ask(w, "POST", OWN "/import", first.data), 201);
	assert_true(says(w, "\"externalId\":\"one\""));
	export_one(w, &second);
	assert_string_equal(first.data, second.data);
	assert_int_equal(ask(w, "GET", OWN "/search?q=otters", NULL), 200);
	assert_true(says(w, "\"externalId\":\"one\""));
	buf_clear(&first);
	buf_clear(&second);
}

static void
refuses_bad_imports(void **state)
{
	static const char *const bad[] = {
		"7", "{}", "{\"messages\":[],\"in\":[],\"out\":[]}",
		"{\"messages\":[{}],\"in\":[],\"out\":[]}",
		"{\"messages\":[],\"in\":[{\"seq_num\":1,\"timestamp\":1,"
		    "\"body\":\"\"}],\"out\":[]}",
		"{\"session\":{\"id\":\"x\"},\"messages\":[],\"in\":[],"
		    "\"out\":[]}",
		"{\"messages\":[],\"in\":[],\"out\":[],\"channels\":[{\"name\":"
		    "\"a/b\",\"in\":[],\"out\":[]}]}",
	};
	struct rig_world *w = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		int status = ask(w, "POST", OWN "/import", bad[i]);

		assert_true(status == 400 || status == 422);
	}
	assert_int_equal(ask(w, "GET", OWN "/sessions?all=1", NULL), 200);
	assert_true(says(w, "\"more\":false"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, rig_teardown)
		T(finds_and_names),
		T(knows_its_folder),
		T(lists),
		T(searches),
		T(pages_the_transcript),
		T(forks),
		T(removes),
		T(exports_what_it_imports),
		T(refuses_bad_imports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
