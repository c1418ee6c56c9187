/* SPDX-License-Identifier: GPL-3.0-or-later */
/* auth.c - over TCP: who is let in, and what a token may do */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <linux/filter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "rig.h"
#include "server/server.h"
#include "server/stream.h"
#include "wire/token.h"

#define API "/api/v1/sessions"
#define REALTIME "/realtime/v1/sessions"
#define CREATE(task) "{\"type\":\"t\",\"taskIdentifier\":\"" task "\","	\
	"\"triggerConfig\":{\"basePayload\":{}}}"
#define KEYLESS ((const char *)NULL)

static int
setup(void **state)
{
	struct rig_world *w;

	rig_setup(state);
	w = *state;
	rig_create(&w->rig, "chat:1");
	rig_create(&w->rig, "other");
	rig_listen_tcp(&w->rig);
	return 0;
}

/* With what stands behind "Bearer ", or without the header. */
static int
ask(struct rig_world *w, const char *method, const char *path,
    const char *bearer, const char *body)
{
	char *header = bearer == KEYLESS ? xstrdup("Origin: http://a.example\r\n") :
	    xasprintf("Authorization: Bearer %s\r\n"
	    "Origin: http://a.example\r\n", bearer);
	int status = rig_ask(&w->rig, &w->answer, method, path, header, body);

	/* a browser must be able to read all of them (session-protocol 2) */
	assert_non_null(strstr(w->answer.data,
	    "Access-Control-Allow-Origin: http://a.example\r\n"));
	free(header);
	return status;
}

static void
check_says(struct rig_world *w, const char *text)
{
	if (strstr(w->answer.data, text) == NULL)
		fail_msg("no '%s' in: %s", text, w->answer.data);
}

/* A token with one scope or two. */
static char *
token(const char *scope, const char *second)
{
	const char *scopes[] = { scope, second, NULL };
	int64_t now = clock_ms() / 1000;
	struct token_claims c = { .sub = RIG_ENV, .scopes = scopes,
	    .iat = now, .exp = now + 60 };
	char *text = token_make(RIG_KEY, &c, NULL);

	assert_non_null(text);
	return text;
}

static int
ask_with(struct rig_world *w, const char *scope, const char *method,
    const char *path, const char *body)
{
	char *text = token(scope, NULL);
	int status = ask(w, method, path, text, body);

	free(text);
	return status;
}

/* session-protocol 3.1 */
static void
the_secret_key_may_do_everything(void **state)
{
	struct rig_world *w = *state;

	assert_int_equal(ask(w, "POST", API, RIG_KEY, CREATE("k")), 201);
	assert_int_equal(ask(w, "GET", API, RIG_KEY, NULL), 200);
	assert_int_equal(ask(w, "GET", API "/chat%3A1", RIG_KEY, NULL), 200);
	assert_int_equal(ask(w, "PATCH", API "/other", RIG_KEY, "{}"), 200);
	assert_int_equal(ask(w, "POST", REALTIME "/other/in/append", RIG_KEY,
	    "{}"), 200);
	assert_int_equal(ask(w, "POST", REALTIME "/other/out/append", RIG_KEY,
	    "{}"), 200);
	assert_int_equal(ask(w, "GET", REALTIME "/other/out/records", RIG_KEY,
	    NULL), 200);
	assert_int_equal(ask(w, "GET", API "/other/transcript", RIG_KEY,
	    NULL), 200);
	assert_int_equal(ask(w, "POST", API "/other/close", RIG_KEY, "{}"),
	    200);
	assert_int_equal(ask(w, "GET", "/api/chatd/v1/sessions", RIG_KEY,
	    NULL), 200);
}

/* session-protocol 3.1, 3.5 */
static void
strangers_are_refused(void **state)
{
	static const char *const paths[] = { API, API "/other",
	    REALTIME "/other/out", REALTIME "/other/in/records",
	    API "/other/transcript", "/api/chatd/v1/sessions",
	    API "/nobody" };
	struct rig_world *w = *state;

	for (size_t i = 0; i < NELEM(paths); i++) {
		assert_int_equal(ask(w, "GET", paths[i], KEYLESS, NULL), 401);
		check_says(w, "{\"error\":\"Invalid or Missing API key\"}");
		assert_int_equal(ask(w, "GET", paths[i], "tr_dev_wrong",
		    NULL), 401);
		check_says(w, "{\"error\":\"Invalid API key\"}");
		assert_int_equal(ask(w, "GET", paths[i], "", NULL), 401);
		/* {"alg":"none"} . {"pub":true} */
		assert_int_equal(ask(w, "GET", paths[i],
		    "eyJhbGciOiJub25lIn0.eyJwdWIiOnRydWV9.", NULL), 401);
		check_says(w, "{\"error\":\"Public Access Token is invalid\"}");
	}
	assert_int_equal(rig_ask(&w->rig, &w->answer, "GET", API,
	    "Authorization: Basic " RIG_KEY "\r\n", NULL), 401);
	assert_int_equal(ask(w, "GET", "/healthz", KEYLESS, NULL), 200);
}

/* session-protocol 3.6: the order of checks */
static void
method_then_key_then_length(void **state)
{
	struct rig_world *w = *state;

	assert_int_equal(ask(w, "PUT", API "/other", KEYLESS, NULL), 405);
	assert_int_equal(ask(w, "GET", "/api/v2", KEYLESS, NULL), 404);
	assert_int_equal(ask(w, "POST", API, KEYLESS, NULL), 401);
	assert_int_equal(ask(w, "POST", API, RIG_KEY, NULL), 413);
	assert_int_equal(ask_with(w, "read:sessions:other", "POST", API,
	    "{"), 400);
	assert_int_equal(ask_with(w, "read:sessions:other", "POST", API,
	    CREATE("k")), 403);
	assert_int_equal(rig_ask(&w->rig, &w->answer, "OPTIONS", API,
	    "Origin: http://a.example\r\n"
	    "Access-Control-Request-Headers: authorization,x-part-id\r\n",
	    NULL), 204);
	check_says(w,
	    "Access-Control-Allow-Headers: authorization,x-part-id\r\n");
	/* a browser refuses two of them */
	const char *first = strstr(w->answer.data, "Allow-Origin:");
	assert_non_null(first);
	assert_null(strstr(first + 1, "Allow-Origin:"));
}

static const struct {
	const char *scope, *method, *path, *body;
	int status;
} cases[] = {
	{ "read:sessions:other", "GET", API "/other", NULL, 200 },
	{ "read:sessions:other", "GET", API "/chat%3A1", NULL, 403 },
	{ "read:sessions:chat:1", "GET", API "/chat%3A1", NULL, 200 },
	{ "read:sessions:chat:1", "GET", REALTIME "/chat%3A1/out/records",
	    NULL, 200 },
	{ "read:sessions:chat:1", "GET", REALTIME "/chat%3A1/in/records",
	    NULL, 200 },
	{ "read:sessions", "GET", API "/other", NULL, 200 },
	{ "write:sessions:other", "GET", API "/other", NULL, 403 },
	{ "write:sessions:other", "GET", REALTIME "/other/out", NULL, 403 },
	{ "write:sessions:other", "GET", REALTIME "/nobody/out", NULL, 403 },
	/* GET: not there comes before not allowed */
	{ "read:sessions:other", "GET", API "/nobody", NULL, 404 },
	{ "read:sessions:other", "GET", REALTIME "/session_x/out", NULL,
	    404 },
	{ "write:sessions:other", "POST", REALTIME "/other/in/append", "{}",
	    200 },
	{ "read:sessions:other", "POST", REALTIME "/other/in/append", "{}",
	    403 },
	/* POST: the other way round */
	{ "write:sessions:other", "POST", REALTIME "/nobody/in/append", "{}",
	    403 },
	{ "write:sessions:nobody", "POST", REALTIME "/nobody/in/append",
	    "{}", 404 },
	{ "write:sessions:other", "POST", REALTIME "/chat%3A1/in/append",
	    "{}", 403 },
	{ "write:sessions:other", "POST", REALTIME "/other/out/append", "{}",
	    403 },
	{ "admin", "POST", REALTIME "/other/out/append", "{}", 403 },
	/* session-protocol 13 */
	{ "write:sessions:other", "PUT", REALTIME "/other/out", "", 403 },
	{ "write:sessions:other", "PUT", REALTIME "/other/in", "", 501 },
	{ "read:sessions:other", "PUT", REALTIME "/other/in", "", 403 },
	{ "write:sessions:nobody", "PUT", REALTIME "/nobody/in", "", 404 },
	{ "write:sessions:other", "PATCH", API "/other", "{}", 403 },
	{ "admin:sessions:other", "PATCH", API "/other", "{}", 200 },
	{ "admin:sessions:nobody", "PATCH", API "/nobody", "{}", 404 },
	{ "admin:sessions:other", "GET", API "/other", NULL, 403 },
	{ "write:sessions:other", "POST", API "/other/close", "{}", 403 },
	{ "admin", "POST", API "/other/close", "{}", 200 },
	{ "write:tasks:k", "POST", API, CREATE("k"), 201 },
	{ "write:tasks:k", "POST", API, CREATE("j"), 403 },
	{ "write:sessions", "POST", API, CREATE("j"), 201 },
	{ "write:sessions:other", "POST", API, CREATE("j"), 403 },
	{ "read:sessions", "GET", API, NULL, 200 },
	{ "read:tasks", "GET", API, NULL, 200 },
	{ "read:sessions:other", "GET", API, NULL, 403 },
	{ "read:tasks:k", "GET", API, NULL, 403 },
	{ "read:tasks:k", "GET", API "?filter[taskIdentifier]=k", NULL, 200 },
	{ "read:tasks:k", "GET", API "?filter[taskIdentifier]=k,j", NULL,
	    403 },
	{ "read:sessions", "GET", API "?filter[taskIdentifier]=k,j", NULL,
	    200 },
	{ "read:sessions:other", "GET", API "?page[size]=0", NULL, 400 },
	/* the secret key only */
	{ "admin", "GET", API "/other/transcript", NULL, 401 },
	{ "admin", "GET", "/api/chatd/v1/sessions", NULL, 401 },
	{ "admin", "POST", "/api/v1/auth/jwt/claims", "", 401 },
	{ "admin", "POST", "/api/v1/auth/public-tokens", "{}", 401 },
};

/* session-protocol 3.6 */
static void
scopes_decide(void **state)
{
	struct rig_world *w = *state;

	for (size_t i = 0; i < NELEM(cases); i++) {
		int status = ask_with(w, cases[i].scope, cases[i].method,
		    cases[i].path, cases[i].body);

		if (status != cases[i].status)
			fail_msg("%s: %s %s: %d", cases[i].scope,
			    cases[i].method, cases[i].path, status);
		if (status == 403 && (strcmp(cases[i].method, "GET") == 0 ||
		    strstr(cases[i].path, "/out") == NULL))
			check_says(w, "{\"error\":\"Unauthorized\","
			    "\"code\":\"unauthorized\","
			    "\"param\":\"access_token\","
			    "\"type\":\"authorization\"}");
	}
}

/* The value of a string member, found by hand; caller frees. */
static char *
member(struct rig_world *w, const char *name)
{
	char *quoted = xasprintf("\"%s\":\"", name), *s;

	s = strstr(w->answer.data, quoted);
	assert_non_null(s);
	s += strlen(quoted);
	free(quoted);
	return xstrndup(s, strcspn(s, "\""));
}

/* Both names of a session are one, for scopes too; only closing and updating
 * go by the name in the path. */
static void
either_name_will_do(void **state)
{
	struct rig_world *w = *state;
	char *id, *path, *scope;

	assert_int_equal(ask(w, "GET", API "/other", RIG_KEY, NULL), 200);
	id = member(w, "id");
	path = xasprintf(API "/%s", id);
	assert_int_equal(ask_with(w, "read:sessions:other", "GET", path,
	    NULL), 200);
	assert_int_equal(ask_with(w, "admin:sessions:other", "PATCH", path,
	    "{}"), 403);
	scope = xasprintf("read:sessions:%s", id);
	assert_int_equal(ask_with(w, scope, "GET", API "/other", NULL), 200);
	free(scope);
	scope = xasprintf("write:sessions:%s", id);
	assert_int_equal(ask_with(w, scope, "POST",
	    REALTIME "/other/in/append", "{}"), 200);
	free(scope);
	free(path);
	free(id);
}

/* session-protocol 3.7: the token of a create reads and writes, no more */
static void
a_create_gives_a_token(void **state)
{
	struct rig_world *w = *state;
	char *text;

	assert_int_equal(ask(w, "POST", API, RIG_KEY, "{\"type\":\"t\","
	    "\"externalId\":\"new one\",\"taskIdentifier\":\"k\","
	    "\"triggerConfig\":{\"basePayload\":{}}}"), 201);
	text = member(w, "publicAccessToken");
	assert_int_equal(ask(w, "GET", API "/new%20one", text, NULL), 200);
	assert_int_equal(ask(w, "POST", REALTIME "/new%20one/in/append", text,
	    "{}"), 200);
	assert_int_equal(ask(w, "GET", API "/other", text, NULL), 403);
	assert_int_equal(ask(w, "POST", API "/new%20one/close", text, "{}"),
	    403);
	assert_int_equal(ask(w, "GET", API, text, NULL), 403);
	free(text);
}

/* session-protocol 3.3, 3.4 */
static void
tokens_for_those_with_the_key(void **state)
{
	static const char *const bad[] = { "{}", "{\"scopes\":[]}",
	    "{\"scopes\":[1]}", "{\"scopes\":[\"a\"],\"expirationTime\":1}",
	    "{\"scopes\":[\"a\"],\"expirationTime\":\"soon\"}",
	    "{\"scopes\":[\"a\"],\"expirationTime\":\"31d\"}",
	    "{\"scopes\":[\"a\"],\"oneTimeUse\":\"x\"}", "[", "" };
	struct rig_world *w = *state;
	char *text;

	assert_int_equal(ask(w, "POST", "/api/v1/auth/jwt/claims", RIG_KEY,
	    NULL), 200);
	check_says(w, "{\"sub\":\"" RIG_ENV "\",\"pub\":true}");
	for (size_t i = 0; i < NELEM(bad); i++)
		assert_int_equal(ask(w, "POST", "/api/v1/auth/public-tokens",
		    RIG_KEY, bad[i]), 400);
	assert_int_equal(ask(w, "POST", "/api/v1/auth/public-tokens", RIG_KEY,
	    "{\"scopes\":[\"read:sessions:other\"],\"expirationTime\":\"1h\","
	    "\"oneTimeUse\":true,\"realtime\":{\"skipColumns\":[]}}"), 200);
	text = member(w, "token");
	assert_int_equal(ask(w, "GET", API "/other", text, NULL), 200);
	assert_int_equal(ask(w, "GET", API "/chat%3A1", text, NULL), 403);
	free(text);
}

/* Only who sits at the machine says how a turn is run; a name may be written
 * with escapes. */
static void
remote_callers_cannot_set_how_turns_run(void **state)
{
	struct rig_world *w = *state;

	assert_int_equal(ask(w, "POST", REALTIME "/other/in/append", RIG_KEY,
	    "{\"kind\":\"message\",\"payload\":{\"chatd\":{\"dir\":\"/a\"},"
	    "\"\\u0063hat\\u0064\":{\"dir\":\"/b\"},\"chatId\":\"x\"}}"), 200);
	assert_int_equal(ask(w, "POST", REALTIME "/other/in/append", RIG_KEY,
	    "{\"payload\":{\"\\u0063hatd\":{\"dir\":\"/c\"},\"x\":1}}"), 200);
	assert_int_equal(ask(w, "GET", REALTIME "/other/in/records", RIG_KEY,
	    NULL), 200);
	check_says(w, "chatId");
	assert_null(strstr(w->answer.data, "dir"));
	assert_int_equal(ask(w, "POST", API, RIG_KEY, "{\"type\":\"t\","
	    "\"externalId\":\"n\",\"taskIdentifier\":\"k\",\"triggerConfig\":"
	    "{\"basePayload\":{\"chatd\":{\"dir\":\"/d\"},\"y\":2}}}"), 201);
	check_says(w, "\"y\":2");
	assert_null(strstr(w->answer.data, "dir"));
}

/* A stream over TCP, up to its first ping. */
static int
open_stream(struct rig_world *w)
{
	char *text = token("read:sessions:chat:1", NULL);
	char *request = xasprintf("GET " REALTIME "/chat%%3A1/out HTTP/1.1\r\n"
	    "Authorization: bearer %s\r\n\r\n", text);
	int fd = rig_connect(&w->rig);

	buf_reset(&w->answer);
	rig_send(&w->rig, fd, request);
	rig_read(&w->rig, fd, &w->answer, "event: ping");
	free(request);
	free(text);
	return fd;
}

/* session-protocol 7.2: a ping at once, and one after each silence */
static void
streams_over_tcp(void **state)
{
	struct rig_world *w = *state;
	int fd;

	assert_int_equal(STREAM_PING_SECONDS, 10);
	rig_restart(&w->rig, &(struct rig_times){ .ping_ms = 20 });
	rig_listen_tcp(&w->rig);
	fd = open_stream(w);
	rig_chunk(&w->rig, "chat:1", "{\"type\":\"hello\"}");
	rig_read(&w->rig, fd, &w->answer, "hello");
	rig_read(&w->rig, fd, &w->answer, "event: ping");
	rig_read(&w->rig, fd, &w->answer, "event: ping");
	/* they carry the tail, and no records */
	check_says(w, ",\"tail\":{\"seq_num\":1,");
	assert_null(strstr(strstr(w->answer.data, "hello") + 5, "batch"));
	close(fd);
}

/* Nothing that comes to this socket reaches it, so nothing is confirmed. */
static void
vanish(int fd)
{
	struct sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog all = { 1, &drop };

	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &all,
	    sizeof(all)), 0);
}

static void
a_peer_that_vanished_is_let_go(void **state)
{
	struct rig_world *w = *state;
	int64_t end = clock_mono_us() + INT64_C(60000000);
	int fd;

	rig_restart(&w->rig, &(struct rig_times){ .ping_ms = 20,
	    .silent_ms = 200 });
	rig_listen_tcp(&w->rig);
	fd = open_stream(w);
	assert_int_equal(w->rig.clients, 1);
	vanish(fd);
	/* its pings end the waiting */
	while (w->rig.clients == 1 && clock_mono_us() < end)
		event_base_loop(w->base, EVLOOP_ONCE);
	assert_int_equal(w->rig.clients, 0);
	close(fd);
}

/* One connection, its token shown again and again: it is good until the key
 * is taken out, and another token is not taken for it. */
static void
a_connection_forgets_what_no_longer_holds(void **state)
{
	static char fresh[] = "tr_dev_another";
	static char *others[] = { fresh, NULL };
	struct rig_world *w = *state;
	char *good = token("read:sessions:other", NULL),
	    *lesser = token("read:sessions:nobody", NULL);
	const char *shown[] = { good, good, lesser, good, good };
	static const char *const want[] = { " 200 ", " 200 ", " 403 ",
	    " 200 ", " 401 " };
	int fd = rig_connect(&w->rig);

	for (size_t i = 0; i < NELEM(shown); i++) {
		char *request = xasprintf("GET " API "/other HTTP/1.1\r\n"
		    "Authorization: Bearer %s\r\n\r\n", shown[i]);

		if (i == 4) {
			w->rig.keys.keys = others;
			w->rig.keys.version++;
		}
		buf_reset(&w->answer);
		rig_send(&w->rig, fd, request);
		rig_read(&w->rig, fd, &w->answer, "}");
		check_says(w, want[i]);
		/* what is left of the answer: the rig reads what there is */
		rig_settle(&w->rig);
		free(request);
	}
	close(fd);
	free(good);
	free(lesser);
}

static void
without_keys_nobody_listens(void **state)
{
	struct rig_world *w = *state;
	struct server_opts opts = { .base = w->base, .store = w->rig.store,
	    .agents = w->rig.agents };
	struct server *srv = server_new(&opts);
	char bound[SERVER_ADDRESS_MAX];
	struct err e = ERR_INIT;

	assert_int_equal(server_listen_tcp(srv, "127.0.0.1:0", bound, &e),
	    -1);
	assert_int_equal(e.code, ERR_CONFIG);
	server_free(srv);
}

static void
addresses_that_are_none(void **state)
{
	static const char *const bad[] = { "", "127.0.0.1", "127.0.0.1:",
	    "127.0.0.1:x", "127.0.0.1:65536", "127.0.0.1:1e3" };
	struct rig_world *w = *state;
	char bound[SERVER_ADDRESS_MAX], taken[64];

	for (size_t i = 0; i < NELEM(bad); i++) {
		struct err e = ERR_INIT;

		assert_int_equal(server_listen_tcp(w->rig.server, bad[i],
		    bound, &e), -1);
		assert_int_equal(e.code, ERR_USAGE);
	}
	struct err e = ERR_INIT;
	snprintf(taken, sizeof(taken), "127.0.0.1:%d", w->rig.port);
	assert_int_equal(server_listen_tcp(w->rig.server, taken, bound, &e),
	    -1);
	assert_int_equal(e.code, ERR_CONFLICT);
}

int
main(void)
{
#define T(f)	cmocka_unit_test_setup_teardown(f, setup, rig_teardown)
	const struct CMUnitTest tests[] = {
		T(the_secret_key_may_do_everything),
		T(strangers_are_refused),
		T(method_then_key_then_length),
		T(scopes_decide),
		T(either_name_will_do),
		T(a_create_gives_a_token),
		T(tokens_for_those_with_the_key),
		T(remote_callers_cannot_set_how_turns_run),
		T(streams_over_tcp),
		T(a_peer_that_vanished_is_let_go),
		T(a_connection_forgets_what_no_longer_holds),
		T(without_keys_nobody_listens),
		T(addresses_that_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
