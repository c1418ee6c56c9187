/* SPDX-License-Identifier: GPL-3.0-or-later */
/* edges.c - where the rules of session-protocol end: limits, names, times */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "rig.h"

#define API "/api/v1/sessions"
#define REALTIME "/realtime/v1/sessions"

static int
ask(struct rig_world *w, const char *method, const char *path,
    const char *headers, const char *body)
{
	return rig_ask(&w->rig, &w->answer, method, path, headers, body);
}

static void
check_says(struct rig_world *w, const char *text)
{
	if (strstr(w->answer.data, text) == NULL)
		fail_msg("no '%s' in: %s", text, w->answer.data);
}

/* A create with these members beside those that must be. */
static int
create_with(struct rig_world *w, const char *members, const char *config)
{
	char *body = xasprintf("{\"type\":\"t\",\"taskIdentifier\":\"k\","
	    "%s\"triggerConfig\":{\"basePayload\":{}%s}}", members, config);
	int status = ask(w, "POST", API, "", body);

	free(body);
	return status;
}

/* session-protocol 5.1.5, 6.2: over, but to be read */
static void
expired_sessions_stay_readable(void **state)
{
	static const char past[] = "\"externalId\":\"e\","
	    "\"expiresAt\":\"2020-01-01T00:00:00Z\",";
	struct rig_world *w = *state;

	assert_int_equal(create_with(w, past, ""), 201);
	check_says(w, "\"expiresAt\":\"2020-01-01T00:00:00.000Z\"");
	assert_int_equal(ask(w, "POST", REALTIME "/e/in/append", "", "{}"),
	    400);
	assert_string_equal(rig_body(&w->answer), "{\"ok\":false,\"error\":"
	    "\"Cannot append to an expired session\"}");
	assert_int_equal(create_with(w, past, ""), 409);
	check_says(w, "x-should-retry: false");
	assert_int_equal(ask(w, "GET", API "/e", "", NULL), 200);
	assert_int_equal(ask(w, "GET", REALTIME "/e/in/records", "", NULL),
	    200);
	assert_int_equal(ask(w, "GET", API "?filter[status]=EXPIRED", "",
	    NULL), 200);
	check_says(w, "\"externalId\":\"e\"");
	assert_int_equal(ask(w, "POST", API "/e/close", "", "{}"), 200);
	assert_int_equal(ask(w, "GET", API "?filter[status]=EXPIRED", "",
	    NULL), 200);
	assert_null(strstr(w->answer.data, "\"externalId\":\"e\""));
}

/* session-protocol 4.1, 4.3, 5.1.6: the largest is taken, one more is not */
static void
creates_have_limits(void **state)
{
	static const struct { const char *config; int status; } cases[] = {
		{ ",\"maxAttempts\":10", 201 }, { ",\"maxAttempts\":11", 400 },
		{ ",\"maxAttempts\":0", 400 },
		{ ",\"maxDuration\":1", 201 }, { ",\"maxDuration\":0", 400 },
		{ ",\"idleTimeoutInSeconds\":3600", 201 },
		{ ",\"idleTimeoutInSeconds\":3601", 400 },
		{ ",\"idleTimeoutInSeconds\":0", 400 },
		{ ",\"ttl\":0", 201 }, { ",\"ttl\":\"1h\"", 201 },
		{ ",\"ttl\":-1", 400 },
		{ ",\"concurrency\":[\"a\",\"b\"]", 201 },
		{ ",\"concurrency\":[\"a\",\"b\",\"c\"]", 400 },
		{ ",\"tags\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\","
		    "\"9\",\"10\"]", 201 },
		{ ",\"tags\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\","
		    "\"9\",\"10\",\"11\"]", 400 },
		{ ",\"externalDeploymentId\":null,\"machine\":\"m\","
		    "\"region\":\"r\",\"lockToVersion\":\"v\"", 201 },
		{ ",\"whatever\":{\"a\":[1]}", 201 },
	};
	struct rig_world *w = *state;
	char name[300], members[400];

	for (size_t i = 0; i < NELEM(cases); i++)
		if (create_with(w, "", cases[i].config) != cases[i].status)
			fail_msg("%s: %s", cases[i].config, w->answer.data);
	for (int len = 256; len <= 257; len++) {
		memset(name, 'n', (size_t)len);
		name[len] = '\0';
		snprintf(members, sizeof(members), "\"externalId\":\"%s\",",
		    name);
		assert_int_equal(create_with(w, members, ""),
		    len == 256 ? 201 : 400);
	}
	assert_int_equal(create_with(w, "\"metadata\":[],", ""), 400);
	assert_int_equal(create_with(w, "\"externalId\":7,", ""), 400);
}

/* session-protocol 5.4, 15 */
static void
closes_have_limits(void **state)
{
	struct rig_world *w = *state;
	char reason[1100], *body;

	rig_create(&w->rig, "s");
	memset(reason, 'r', sizeof(reason));
	reason[sizeof(reason) - 1] = '\0';
	body = xasprintf("{\"reason\":\"%s\"}", reason);
	assert_int_equal(ask(w, "POST", API "/s/close", "", body), 413);
	free(body);
	body = xasprintf("{\"reason\":\"%.257s\"}", reason);
	assert_int_equal(ask(w, "POST", API "/s/close", "", body), 400);
	free(body);
	assert_int_equal(ask(w, "GET", API "/s", "", NULL), 200);
	check_says(w, "\"closedAt\":null");
	body = xasprintf("{\"reason\":\"%.256s\",\"callingRunId\":\"run_x\"}",
	    reason);
	assert_int_equal(ask(w, "POST", API "/s/close", "", body), 200);
	free(body);
}

/* session-protocol 6.2: 8 + {"data":"...","id":"p"} is 1 MiB at most */
static void
records_have_a_size(void **state)
{
	enum { LARGEST = 1024 * 1024 - 8 - 20 };
	struct rig_world *w = *state;
	struct buf body = BUF_INIT;
	int fd = rig_connect(&w->rig);

	rig_create(&w->rig, "s");
	memset(buf_reserve(&body, LARGEST), 'x', LARGEST);
	body.len = LARGEST;
	buf_addc(&body, 'x');
	assert_int_equal(ask(w, "POST", REALTIME "/s/in/append",
	    "X-Part-Id: p\r\n", body.data), 413);
	buf_cut(&body, LARGEST);
	assert_int_equal(ask(w, "POST", REALTIME "/s/in/append",
	    "X-Part-Id: p\r\n", body.data), 200);
	check_says(w, "{\"ok\":true,\"seq\":0}");
	buf_clear(&body);
	/* nobody knows how long this will be */
	rig_send(&w->rig, fd, "POST " REALTIME "/s/in/append HTTP/1.1\r\n"
	    "Transfer-Encoding: chunked\r\nOrigin: http://o\r\n\r\n"
	    "1\r\nx\r\n0\r\n\r\n");
	rig_read(&w->rig, fd, &body, "Request body too large");
	assert_non_null(strstr(body.data, "HTTP/1.1 413 "));
	assert_non_null(strstr(body.data, "Allow-Origin: http://o"));
	buf_clear(&body);
	close(fd);
}

/* session-protocol 1.1, 6.3: of a session by either name, and a direction */
static void
parts_belong_to_one_channel(void **state)
{
	static const char part[] = "X-Part-Id: p\r\n";
	struct rig_world *w = *state;
	char *id, *path;

	rig_create(&w->rig, "s");
	assert_int_equal(ask(w, "GET", API "/s", "", NULL), 200);
	id = strstr(w->answer.data, "\"id\":\"session_") + 6;
	path = xasprintf(REALTIME "/%.*s/in/append", (int)strcspn(id, "\""),
	    id);
	assert_int_equal(ask(w, "POST", REALTIME "/s/in/append", "", "a"),
	    200);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(ask(w, "POST", i == 0 ? path :
		    REALTIME "/s/in/append", part, "b"), 200);
		assert_string_equal(rig_body(&w->answer),
		    "{\"ok\":true,\"seq\":1}");
	}
	assert_int_equal(ask(w, "POST", REALTIME "/s/out/append", part, "c"),
	    200);
	assert_string_equal(rig_body(&w->answer), "{\"ok\":true,\"seq\":0}");
	/* without one each is a record, and has a name of its own */
	for (int i = 2; i < 4; i++)
		assert_int_equal(ask(w, "POST", path, "", "d"), 200);
	check_says(w, "\"seq\":3}");
	assert_int_equal(ask(w, "GET",
	    REALTIME "/s/in/records?afterEventId=1", "", NULL), 200);
	id = strstr(w->answer.data, "\"id\":\"");
	assert_non_null(id);
	assert_int_not_equal(id[6], '"');
	assert_int_not_equal(strncmp(id, strstr(id + 6, "\"id\":\""),
	    strcspn(id + 6, "\"") + 6), 0);
	free(path);
}

/* session-protocol 7.6: of `out` only, and for exactly "1" */
static void
only_who_peeks_is_told(void **state)
{
	static const char *const asked[] = {
		REALTIME "/s/out HTTP/1.1\r\nX-Peek-Settled: true\r\n\r\n",
		REALTIME "/s/out HTTP/1.1\r\nX-Peek-Settled: 11\r\n\r\n",
		REALTIME "/s/in HTTP/1.1\r\nX-Peek-Settled: 1\r\n\r\n",
	};
	struct rig_world *w = *state;

	rig_create(&w->rig, "s");
	rig_turn_complete(&w->rig, "s", "0");
	rig_settle(&w->rig);
	assert_int_equal(ask(w, "GET", REALTIME "/s/out",
	    "X-Peek-Settled: 1\r\n", NULL), 200);
	check_says(w, "X-Session-Settled: true");
	for (size_t i = 0; i < NELEM(asked); i++) {
		char *request = xasprintf("GET %s", asked[i]);
		int fd = rig_connect(&w->rig);

		buf_reset(&w->answer);
		rig_send(&w->rig, fd, request);
		rig_read(&w->rig, fd, &w->answer, "event: ping");
		assert_null(strstr(w->answer.data, "X-Session-Settled"));
		assert_null(strstr(w->answer.data, "[DONE]"));
		close(fd);
		free(request);
	}
}

/* The names of a page, "s4 s3 "; its cursors, to be freed. */
static void
read_page(struct rig_world *w, struct buf *names, char **previous, char **next)
{
	const char *body = rig_body(&w->answer);
	struct json_doc *doc = json_parse(body, strlen(body), 0, NULL);
	const struct json *it, *at;

	assert_non_null(doc);
	buf_reset(names);
	JSON_EACH(it, json_get(json_root(doc), "data"))
		buf_addf(names, "%s ", json_get_str(it, "externalId"));
	at = json_get(json_root(doc), "pagination");
	str_replace(previous, json_get_str(at, "previous"));
	str_replace(next, json_get_str(at, "next"));
	json_doc_free(doc);
}

static void
check_page(struct rig_world *w, const char *word, const char *cursor,
    const char *want, char **previous, char **next)
{
	char *path = xasprintf(API "?page[size]=2&page[%s]=%s", word, cursor);
	struct buf names = BUF_INIT;

	assert_int_equal(ask(w, "GET", path, "", NULL), 200);
	read_page(w, &names, previous, next);
	assert_string_equal(names.data, want);
	buf_clear(&names);
	free(path);
}

/* session-protocol 5.5: newest first, there and back; made in the same
 * millisecond, they would come by their ids */
static void
lists_go_back(void **state)
{
	struct rig_world *w = *state;
	char *previous = NULL, *next = NULL, *cursor, *both;
	char name[16], now[32];
	struct buf names = BUF_INIT;

	for (int i = 0; i < 5; i++) {
		snprintf(name, sizeof(name), "s%d", i);
		snprintf(now, sizeof(now), "17672256000%02d", i);
		setenv("CHATD_TEST_CLOCK", now, 1);
		rig_create(&w->rig, name);
	}
	unsetenv("CHATD_TEST_CLOCK");
	assert_int_equal(ask(w, "GET", API "?page[size]=1", "", NULL), 200);
	check_says(w, "\"externalId\":\"s4\"");
	assert_null(strstr(w->answer.data, "\"previous\""));
	read_page(w, &names, &previous, &next);
	buf_clear(&names);
	cursor = xstrdup(next);
	check_page(w, "after", cursor, "s3 s2 ", &previous, &next);
	str_replace(&cursor, next);
	check_page(w, "after", cursor, "s1 s0 ", &previous, &next);
	assert_null(next);
	str_replace(&cursor, previous);
	check_page(w, "before", cursor, "s3 s2 ", &previous, &next);
	assert_non_null(next);
	both = xasprintf(API "?page[before]=%s&page[after]=%s", cursor, next);
	assert_int_equal(ask(w, "GET", both, "", NULL), 400);
	check_says(w, "{\"error\":\"Query Error\",\"details\":[");
	str_replace(&cursor, previous);
	check_page(w, "before", cursor, "s4 ", &previous, &next);
	assert_null(previous);
	free(both);
	free(cursor);
	free(previous);
	free(next);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)
	const struct CMUnitTest tests[] = {
		T(expired_sessions_stay_readable),
		T(creates_have_limits),
		T(closes_have_limits),
		T(records_have_a_size),
		T(parts_belong_to_one_channel),
		T(only_who_peeks_is_told),
		T(lists_go_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
