/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server.c - the wire of session-protocol, spoken in raw bytes */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <sys/stat.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/err.h"
#include "base/json.h"
#include "rig.h"
#include "server/server.h"

#define API "/api/v1/sessions"
#define REALTIME "/realtime/v1/sessions"
#define CONFIG "\"triggerConfig\":{\"basePayload\":{}}"

static int
ask(struct rig_world *w, const char *method, const char *path,
    const char *headers, const char *body)
{
	return rig_ask(&w->rig, &w->answer, method, path, headers, body);
}

static bool
says(struct rig_world *w, const char *text)
{
	return strstr(w->answer.data, text) != NULL;
}

/* session-protocol 5.1, 4.2 */
static void
creates_once(void **state)
{
	struct rig_world *w = *state;
	static const char body[] = "{\"type\":\"t\",\"taskIdentifier\":\"k\","
	    "\"externalId\":\" a/b \",\"tags\":[\"x\"],"
	    "\"metadata\":{\"m\":1},"
	    "\"triggerConfig\":{\"basePayload\":{\"chatId\":\"a/b\"},"
	    "\"other\":7}}";

	assert_int_equal(ask(w, "POST", API, "", body), 201);
	assert_true(says(w, "\"id\":\"session_"));
	assert_true(says(w, "\"externalId\":\"a/b\""));
	assert_true(says(w, "\"runId\":\"run_"));
	assert_true(says(w, "\"currentRunId\":\"run_"));
	assert_true(says(w, "\"publicAccessToken\":\""));
	assert_true(says(w, "\"isCached\":false"));
	assert_true(says(w, "\"other\":7"));
	assert_true(says(w, "\"closedAt\":null"));
	assert_int_equal(w->rig.boots, 1);
	assert_int_equal(ask(w, "POST", API, "", "{\"type\":\"t\","
	    "\"taskIdentifier\":\"k\",\"externalId\":\"a/b\","
	    "\"tags\":[\"y\"]," CONFIG "}"), 200);
	assert_true(says(w, "\"isCached\":true"));
	assert_true(says(w, "\"tags\":[\"y\"]"));
	assert_true(says(w, "\"metadata\":{\"m\":1}"));
	assert_false(says(w, "\"other\":7"));
	assert_int_equal(w->rig.boots, 1);
	assert_int_equal(ask(w, "GET", API "/a%2Fb", "", NULL), 200);
	assert_true(says(w, "\"externalId\":\"a/b\""));
	assert_int_equal(ask(w, "GET", API "/a%252Fb", "", NULL), 404);
	assert_true(says(w, "{\"error\":\"Not found\"}"));
	assert_true(says(w, "x-should-retry: false"));
}

/* session-protocol 5.1.6, 4.1, 4.3 */
static void
refuses_bad_creates(void **state)
{
	static const char *const bad[] = {
		"{", "[]", "{}",
		"{\"type\":\"\",\"taskIdentifier\":\"k\"," CONFIG "}",
		"{\"type\":\"t\"," CONFIG "}",
		"{\"type\":\"t\",\"taskIdentifier\":\"k\"}",
		"{\"type\":\"t\",\"taskIdentifier\":\"k\","
		    "\"triggerConfig\":{}}",
		"{\"type\":\"t\",\"taskIdentifier\":\"k\","
		    "\"externalId\":\"session_x\"," CONFIG "}",
		"{\"type\":\"t\",\"taskIdentifier\":\"k\","
		    "\"externalId\":\"  \"," CONFIG "}",
		"{\"type\":\"t\",\"taskIdentifier\":\"k\","
		    "\"tags\":[1]," CONFIG "}",
		"{\"type\":\"t\",\"taskIdentifier\":\"k\","
		    "\"expiresAt\":\"soon\"," CONFIG "}",
		"{\"type\":\"t\",\"taskIdentifier\":\"k\",\"triggerConfig\":"
		    "{\"basePayload\":{},\"maxAttempts\":11}}",
	};
	struct rig_world *w = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(ask(w, "POST", API, "", bad[i]), 400);
		assert_true(says(w, "{\"error\":\""));
	}
	assert_int_equal(ask(w, "POST", API, "", ""), 400);
	assert_true(says(w, "Request body is empty"));
	assert_int_equal(ask(w, "POST", API, "", NULL), 413);
	assert_int_equal(ask(w, "POST", API, "Content-Length: 99999\r\n",
	    NULL), 413);
	assert_int_equal(ask(w, "POST", API, "",
	    "{\"type\":\"t\",\"taskIdentifier\":\"k\",\"triggerConfig\":"
	    "{\"basePayload\":{\"trigger\":\"handover-prepare\"}}}"), 422);
}

/* session-protocol 6: numbers, replays, limits */
static void
appends(void **state)
{
	struct rig_world *w = *state;
	struct buf big = BUF_INIT;

	rig_create(&w->rig, "s");
	assert_int_equal(ask(w, "POST", REALTIME "/s/in/append",
	    "X-Part-Id: p1\r\n", "{\"kind\":\"x\"}"), 200);
	assert_string_equal(rig_body(&w->answer), "{\"ok\":true,\"seq\":0}");
	assert_int_equal(ask(w, "POST", REALTIME "/s/in/append",
	    "X-Part-Id: p2\r\n", "any \"text\""), 200);
	assert_string_equal(rig_body(&w->answer), "{\"ok\":true,\"seq\":1}");
	assert_int_equal(ask(w, "POST", REALTIME "/s/in/append",
	    "X-Part-Id: p1\r\n", "other"), 200);
	assert_string_equal(rig_body(&w->answer), "{\"ok\":true,\"seq\":0}");
	assert_int_equal(ask(w, "POST", REALTIME "/s/in/append", "",
	    "{\"kind\":\"a\",\"payload\":{\"actionSource\":\"webhook\","
	    "\"b\":1}}"), 200);
	assert_int_equal(ask(w, "GET", REALTIME
	    "/s/in/records?afterEventId=0", "", NULL), 200);
	assert_true(says(w, "{\"data\":\"any \\\"text\\\"\",\"id\":\"p2\","
	    "\"seqNum\":1}"));
	assert_true(says(w, "\\\"payload\\\":{\\\"b\\\":1}"));
	assert_false(says(w, "\"seqNum\":0"));
	assert_int_equal(ask(w, "GET", REALTIME
	    "/s/in/records?afterEventId=x", "", NULL), 400);
	assert_int_equal(ask(w, "POST", REALTIME "/none/in/append", "",
	    "{}"), 404);
	assert_true(says(w, "{\"error\":\"Resource not found\"}"));
	assert_int_equal(ask(w, "GET", REALTIME "/s/in/append", "", NULL),
	    405);
	assert_true(says(w, "Allow: POST,OPTIONS"));
	while (big.len < 1024 * 1024 - 10)
		buf_adds(&big, "0123456789abcdef");
	buf_cut(&big, 1024 * 1024 - 10);
	assert_int_equal(ask(w, "POST", REALTIME "/s/in/append",
	    "Origin: http://o\r\n", big.data), 413);
	assert_true(says(w, "Access-Control-Allow-Origin: http://o"));
	buf_adds(&big, "0123456789a");
	assert_int_equal(ask(w, "POST", REALTIME "/s/in/append",
	    "Origin: http://o\r\n", big.data), 413);
	assert_true(says(w, "{\"error\":\"Request body too large\"}"));
	assert_true(says(w, "Access-Control-Allow-Origin: http://o"));
	buf_clear(&big);
}

/* session-protocol 5.4, 6.2, 5.1.5 */
static void
closes_for_good(void **state)
{
	struct rig_world *w = *state;

	rig_create(&w->rig, "s");
	assert_int_equal(ask(w, "POST", API "/s/close", "",
	    "{\"reason\":\"done\"}"), 200);
	assert_true(says(w, "\"closedReason\":\"done\""));
	assert_int_equal(ask(w, "POST", API "/s/close", "", NULL), 200);
	assert_true(says(w, "\"closedReason\":\"done\""));
	assert_int_equal(ask(w, "POST", REALTIME "/s/in/append", "", "{}"),
	    409);
	assert_true(says(w, "{\"ok\":false,\"error\":\"Cannot append to a "
	    "closed session\",\"code\":\"session_closed\","
	    "\"closedReason\":\"done\"}"));
	assert_true(says(w, "x-should-retry: false"));
	assert_int_equal(ask(w, "POST", API, "", "{\"type\":\"t\","
	    "\"taskIdentifier\":\"k\",\"externalId\":\"s\"," CONFIG "}"),
	    409);
	assert_int_equal(ask(w, "GET", REALTIME "/s/out",
	    "X-Peek-Settled: 1\r\n", NULL), 200);
	assert_true(says(w, "X-Session-Settled: true"));
	assert_true(says(w, "[\"trigger-control\",\"session-closed\"]"));
	assert_int_equal(ask(w, "POST", API "/none/close", "", "{}"), 404);
}

/* session-protocol 13: said clearly, and not asked again */
static void
has_no_direct_writes(void **state)
{
	struct rig_world *w = *state;

	rig_create(&w->rig, "s");
	assert_int_equal(ask(w, "PUT", REALTIME "/s/out", "", NULL), 501);
	assert_true(says(w, "{\"ok\":false,\"error\":\"Records are added"));
	assert_true(says(w, "x-should-retry: false"));
	assert_int_equal(ask(w, "POST", API "/s/close", "", "{}"), 200);
	assert_int_equal(ask(w, "PUT", REALTIME "/s/out", "", NULL), 400);
	assert_int_equal(ask(w, "PUT", REALTIME "/none/out", "", NULL), 404);
}

/* session-protocol 5.3 */
static void
updates(void **state)
{
	struct rig_world *w = *state;

	rig_create(&w->rig, "s");
	assert_int_equal(ask(w, "PATCH", API "/s", "",
	    "{\"tags\":[\"a\"],\"metadata\":{\"k\":1},"
	    "\"externalId\":\"s\"}"), 200);
	assert_true(says(w, "\"metadata\":{\"k\":1}"));
	assert_int_equal(ask(w, "PATCH", API "/s", "",
	    "{\"metadata\":null}"), 200);
	assert_true(says(w, "\"metadata\":null"));
	assert_true(says(w, "\"tags\":[\"a\"]"));
	assert_int_equal(ask(w, "PATCH", API "/s", "",
	    "{\"externalId\":null}"), 422);
	assert_int_equal(ask(w, "PATCH", API "/none", "", "{}"), 404);
	assert_true(says(w, "Session not found"));
}

/* session-protocol 5.5: cursors walk every row once */
static void
lists_page_by_page(void **state)
{
	struct rig_world *w = *state;
	struct buf path = BUF_INIT;
	struct json_doc *doc;
	const struct json *page, *it;
	int seen = 0, pages = 0;
	bool got[5] = { false };

	for (int i = 0; i < 5; i++) {
		char name[16];

		snprintf(name, sizeof(name), "s%d", i);
		rig_create(&w->rig, name);
	}
	buf_adds(&path, API "?page%5Bsize%5D=2");
	for (;;) {
		assert_int_equal(ask(w, "GET", path.data, "", NULL), 200);
		doc = json_parse(rig_body(&w->answer),
		    strlen(rig_body(&w->answer)), 0, NULL);
		JSON_EACH(it, json_get(json_root(doc), "data")) {
			int n = json_get_str(it, "externalId")[1] - '0';

			assert_false(got[n]);
			got[n] = true;
			seen++;
		}
		page = json_get(json_root(doc), "pagination");
		assert_true((pages++ == 0) ==
		    (json_get(page, "previous") == NULL));
		if (json_get(page, "next") == NULL)
			break;
		buf_reset(&path);
		buf_addf(&path, API "?page[size]=2&page[after]=%s",
		    json_get_str(page, "next"));
		json_doc_free(doc);
	}
	json_doc_free(doc);
	assert_int_equal(seen, 5);
	assert_int_equal(pages, 3);
	buf_clear(&path);
	assert_int_equal(ask(w, "GET", API "?filter[status]=NO", "", NULL),
	    400);
	assert_true(says(w, "\"error\":\"Query Error\",\"details\":["));
	assert_int_equal(ask(w, "GET", API "?filter[externalId]=s3", "",
	    NULL), 200);
	assert_true(says(w, "\"externalId\":\"s3\""));
	assert_false(says(w, "\"externalId\":\"s2\""));
}

/* session-protocol 2: browsers must be able to read every answer */
static void
speaks_cors(void **state)
{
	struct rig_world *w = *state;

	assert_int_equal(ask(w, "OPTIONS", REALTIME "/x/in/append",
	    "Origin: http://o\r\nAccess-Control-Request-Headers: x-part-id\r\n"
	    "Access-Control-Request-Private-Network: true\r\n", NULL), 204);
	assert_true(says(w, "Access-Control-Allow-Origin: http://o\r\n"));
	assert_true(says(w, "Access-Control-Allow-Headers: x-part-id\r\n"));
	assert_true(says(w, "Access-Control-Allow-Methods: "
	    "GET,HEAD,PUT,PATCH,POST,DELETE\r\n"));
	assert_true(says(w, "Access-Control-Max-Age: 300\r\n"));
	assert_true(says(w, "Vary: Access-Control-Request-Headers"));
	assert_true(says(w, "Access-Control-Allow-Private-Network: true"));
	assert_int_equal(ask(w, "GET", "/nothing", "Origin: http://o\r\n",
	    NULL), 404);
	assert_true(says(w, "Access-Control-Allow-Origin: http://o\r\n"));
	assert_int_equal(ask(w, "GET", REALTIME "/session_x/out",
	    "Origin: http://o\r\n", NULL), 404);
	assert_true(says(w, "Access-Control-Allow-Origin: http://o\r\n"));
	rig_create(&w->rig, "s");
	rig_turn_complete(&w->rig, "s", "0");
	rig_settle(&w->rig);
	assert_int_equal(ask(w, "GET", REALTIME "/s/out",
	    "Origin: http://o\r\nX-Peek-Settled: 1\r\n", NULL), 200);
	assert_true(says(w, "Access-Control-Expose-Headers: *"));
}

/* Pipelined requests are answered in order; HEAD has no body. */
static void
keeps_alive(void **state)
{
	struct rig_world *w = *state;
	int fd = rig_connect(&w->rig);
	const char *second;

	rig_send(&w->rig, fd, "GET /healthz HTTP/1.1\r\n\r\n"
	    "HEAD /healthz HTTP/1.1\r\n\r\n"
	    "GET /none HTTP/1.1\r\nConnection: close\r\n\r\n");
	rig_read(&w->rig, fd, &w->answer, NULL);
	assert_int_equal(strncmp(w->answer.data, "HTTP/1.1 200", 12), 0);
	second = strstr(w->answer.data, "{\"ok\":true}HTTP/1.1 200 OK");
	assert_non_null(second);
	assert_non_null(strstr(second + 11, "\r\n\r\nHTTP/1.1 404"));
	assert_int_equal(w->rig.clients, 1);
	close(fd);
	rig_settle(&w->rig);
	assert_int_equal(w->rig.clients, 0);
}

static int
status_of(struct rig_world *w, const char *bytes)
{
	int fd = rig_connect(&w->rig), status = 0;

	rig_send(&w->rig, fd, bytes);
	buf_reset(&w->answer);
	rig_read(&w->rig, fd, &w->answer, NULL);
	close(fd);
	assert_int_equal(sscanf(w->answer.data, "HTTP/1.1 %d", &status), 1);
	return status;
}

/* What is no request is refused and ends the connection. */
static void
refuses_bad_requests(void **state)
{
	struct rig_world *w = *state;
	struct buf flood = BUF_INIT;

	assert_int_equal(status_of(w, "hello there\r\n\r\n"), 400);
	assert_int_equal(status_of(w, "GET relative HTTP/1.1\r\n\r\n"), 400);
	assert_int_equal(status_of(w, "GET /api/v1/sessions/%zz HTTP/1.1"
	    "\r\n\r\n"), 400);
	assert_int_equal(status_of(w, "GET /healthz HTTP/9.9\r\n\r\n"), 505);
	buf_adds(&flood, "GET / HTTP/1.1\r\n");
	for (int i = 0; i < 5000; i++)
		buf_addf(&flood, "x-%d: y\r\n", i);
	assert_int_equal(status_of(w, flood.data), 431);
	buf_clear(&flood);
	assert_int_equal(status_of(w, "POST /api/v1/sessions HTTP/1.1\r\n"
	    "Content-Length: 5\r\nExpect: 100-continue\r\n"
	    "Connection: close\r\n\r\n12345"), 100);
	assert_true(says(w, "HTTP/1.1 400 Bad Request"));
}

/* Half a head, and nothing more: it is not waited for without end. */
static void
ends_slow_senders(void **state)
{
	struct rig_world *w = *state;
	int fd;

	rig_restart(&w->rig, &(struct rig_times){ .head_ms = 200 });
	assert_int_equal(status_of(w, "GET /healthz HTT"), 408);
	fd = rig_connect(&w->rig);
	buf_reset(&w->answer);
	rig_read(&w->rig, fd, &w->answer, NULL);
	assert_int_equal(w->answer.len, 0);
	close(fd);
	/* one that has asked may be silent between its requests */
	fd = rig_connect(&w->rig);
	rig_send(&w->rig, fd, "GET /healthz HTTP/1.1\r\n\r\n");
	rig_read(&w->rig, fd, &w->answer, "{\"ok\":true}");
	assert_int_equal(status_of(w, "GET "), 408);
	buf_reset(&w->answer);
	rig_send(&w->rig, fd, "GET /healthz HTTP/1.1\r\n\r\n");
	rig_read(&w->rig, fd, &w->answer, "{\"ok\":true}");
	close(fd);
}

static void
socket_is_private(void **state)
{
	struct rig_world *w = *state;
	struct server_opts so = { .base = w->base };
	struct server *other = server_new(&so);
	struct err e = ERR_INIT;
	struct stat st;

	assert_int_equal(stat(w->rig.socket, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(server_listen_unix(other, w->rig.socket, &e), -1);
	assert_int_equal(e.code, ERR_CONFLICT);
	server_free(other);
	assert_int_equal(stat(w->rig.socket, &st), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, rig_setup, \
	    rig_teardown)
		T(creates_once),
		T(refuses_bad_creates),
		T(appends),
		T(closes_for_good),
		T(has_no_direct_writes),
		T(updates),
		T(lists_page_by_page),
		T(speaks_cors),
		T(keeps_alive),
		T(refuses_bad_requests),
		T(ends_slow_senders),
		T(socket_is_private),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
