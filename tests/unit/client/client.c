/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client.c - requests that are refused, repeated, and cut off by the end */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "client/client.h"
#include "client/send.h"
#include "wire/fetch.h"

#define KEY "tr_dev_0123456789abcdef0123456789abcdef"
#define ADDITIONAL "tr_dev_sk_0123456789abcdef01234567"
#define PUBLIC "eyJhbGciOiJIUzI1NiJ9.eyJwdWIiOnRydWV9.e30"	/* {"pub":true} */
#define ANSWER(status, more, body) "HTTP/1.1 " status " X\r\n" more \
    "Content-Type: application/json\r\nConnection: close\r\n\r\n" body
#define OK ANSWER("200", "", "{\"ok\":true,\"seq\":7}")

enum { CONNS_MAX = 80 };

/* A server that answers its requests, in order, with these bytes; NULL:
 * never. */
struct peer;
struct conn {
	struct peer *peer;
	int fd;
	struct event *event;
	struct buf request;
};
struct peer {
	struct event_base *base;
	struct fetch_pool *pool;
	struct client *client;
	struct event *accept;
	int fd;
	const char *const *answers;
	struct conn open[CONNS_MAX];
	int conns;		/* so many of open */
	int requested;		/* requests that came whole */
	struct buf requests;
	int64_t waits[64];	/* as on_wait told */
	int wait_count;
	int cancelled;
	int recreated;
	int answered, status;	/* calls, and the last one's status */
	int64_t seq;		/* of a send */
	bool stop_waiting;	/* break the loop at the first wait */
};

static void
conn_end(struct conn *c)
{
	if (c->event == NULL)
		return;
	event_free(c->event);
	close(c->fd);
	buf_clear(&c->request);
	c->event = NULL;
}

/* The head is there, and a body as long as it says. */
static bool
is_whole(const struct buf *b)
{
	const char *end = strstr(b->data, "\r\n\r\n");
	const char *length = strstr(b->data, "Content-Length: ");

	return end != NULL && b->len >= (size_t)(end + 4 - b->data) +
	    (length == NULL ? 0 : strtoul(length + 16, NULL, 10));
}

static void
conn_readable(evutil_socket_t fd, short what, void *arg)
{
	struct conn *c = arg;
	struct peer *p = c->peer;
	char bytes[4096];
	ssize_t n = read((int)fd, bytes, sizeof(bytes));

	(void)what;
	if (n <= 0) {
		conn_end(c);
		return;
	}
	buf_add(&c->request, bytes, (size_t)n);
	if (!is_whole(&c->request))
		return;
	buf_add(&p->requests, c->request.data, c->request.len);
	const char *answer = p->answers[p->requested++];
	if (answer == NULL) {
		event_base_loopbreak(p->base);
		return;
	}
	assert_int_equal(write((int)fd, answer, strlen(answer)),
	    (ssize_t)strlen(answer));
	conn_end(c);
}

static void
peer_accept(evutil_socket_t fd, short what, void *arg)
{
	struct peer *p = arg;
	struct conn *c = &p->open[p->conns++];

	(void)what;
	assert_true(p->conns < CONNS_MAX);
	c->peer = p;
	c->fd = accept((int)fd, NULL, NULL);
	assert_true(c->fd >= 0);
	buf_init(&c->request);
	c->event = event_new(p->base, c->fd, EV_READ | EV_PERSIST,
	    conn_readable, c);
	event_add(c->event, NULL);
}

static void
on_wait(int64_t ms, const struct err *why, void *arg)
{
	struct peer *p = arg;

	assert_true(err_is_set(why));
	p->waits[p->wait_count++] = ms;
	if (p->stop_waiting)
		event_base_loopbreak(p->base);
}

static void
on_recreated(void *arg)
{
	struct peer *p = arg;

	p->recreated++;
}

static void
peer_open(struct peer *p, const char *const *answers, const char *token,
    const char *secret)
{
	struct sockaddr_in sa = { .sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(sa);
	char url[64];

	*p = (struct peer){ .answers = answers, .seq = -2 };
	buf_init(&p->requests);
	p->fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(p->fd, (struct sockaddr *)&sa, len), 0);
	assert_int_equal(listen(p->fd, 16), 0);
	assert_int_equal(getsockname(p->fd, (struct sockaddr *)&sa, &len), 0);
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/",
	    ntohs(sa.sin_port));
	p->base = event_base_new();
	p->accept = event_new(p->base, p->fd, EV_READ | EV_PERSIST,
	    peer_accept, p);
	event_add(p->accept, NULL);
	p->pool = fetch_pool_new(p->base);
	struct client_opts co = { .base = p->base, .fetch = p->pool,
	    .url = url, .token = token, .secret = secret };
	p->client = client_new(&co);
	struct client_hooks hooks = { .on_wait = on_wait,
	    .on_recreated = on_recreated, .arg = p };
	client_set_hooks(p->client, &hooks);
}

static void
peer_close(struct peer *p)
{
	client_free(p->client);
	fetch_pool_free(p->pool);
	event_free(p->accept);
	for (int i = 0; i < p->conns; i++)
		conn_end(&p->open[i]);
	event_base_free(p->base);
	close(p->fd);
	buf_clear(&p->requests);
	unsetenv("CHATD_TEST_CLOCK");
}

static int
times(const struct peer *p, const char *word)
{
	int n = 0;

	for (const char *s = p->requests.data;
	    s != NULL && (s = strstr(s, word)) != NULL; s++)
		n++;
	return n;
}

static void
on_answer(const struct client_answer *a, void *arg)
{
	struct peer *p = arg;

	p->answered++;
	p->status = a->status;
	event_base_loopbreak(p->base);
}

static void
on_cancel(void *arg)
{
	struct peer *p = arg;

	p->cancelled++;
}

static void
on_sent(int64_t seq, const struct err *e, void *arg)
{
	struct peer *p = arg;

	p->seq = e == NULL ? seq : -1;
	event_base_loopbreak(p->base);
}

static struct client_call *
get(struct peer *p, const char *path)
{
	struct client_request rq = { .method = "GET", .path = path,
	    .on_cancel = on_cancel };

	return client_start(p->client, &rq, on_answer, p);
}

/* session-protocol 18.7: the same bytes, the same part id */
static void
a_send_is_repeated_with_its_part_id(void **state)
{
	static const char *const answers[] = { ANSWER("502", "", "bad"),
		ANSWER("429", "", "{}"), OK, NULL };
	struct peer p;
	char *first, *id;

	(void)state;
	peer_open(&p, answers, KEY, NULL);
	(void)send_record(p.client, "s", "{}", 2, on_sent, &p);
	event_base_dispatch(p.base);
	assert_int_equal(p.seq, 7);
	assert_int_equal(p.wait_count, 2);
	first = strstr(p.requests.data, "X-Part-Id: ");
	assert_non_null(first);
	id = strndup(first, strcspn(first, "\r"));
	assert_int_equal(times(&p, id), 3);
	free(id);
	peer_close(&p);
}

/* 18.7: not what was wrong */
static void
what_was_wrong_is_not_repeated(void **state)
{
	static const char *const statuses[] = { ANSWER("400", "", "{}"),
		ANSWER("409", "", "{}"), ANSWER("422", "", "{}"),
		ANSWER("413", "", "{}"),
		ANSWER("503", "x-should-retry: false\r\n", "{}") };

	(void)state;
	for (size_t i = 0; i < NELEM(statuses); i++) {
		const char *const answers[] = { statuses[i], NULL };
		struct peer p;

		peer_open(&p, answers, KEY, NULL);
		(void)send_record(p.client, "s", "{}", 2, on_sent, &p);
		event_base_dispatch(p.base);
		assert_int_equal(p.seq, -1);
		assert_int_equal(p.requested, 1);
		peer_close(&p);
	}
}

/* 15: x-ratelimit-reset is a time in milliseconds */
static void
waits_until_the_limit_is_over(void **state)
{
	static const struct {
		const char *answer;
		int64_t least, most;
	} cases[] = {
		{ ANSWER("429", "x-ratelimit-reset: 1000000043210\r\n", "{}"),
		    43210, 43210 },
		/* over already; in an hour, which nobody is believed */
		{ ANSWER("429", "x-ratelimit-reset: 999999999999\r\n", "{}"),
		    250, 313 },
		{ ANSWER("429", "x-ratelimit-reset: 1000003600000\r\n", "{}"),
		    600000, 600000 },
		{ ANSWER("429", "x-ratelimit-reset: soon\r\n", "{}"), 250,
		    313 },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(cases); i++) {
		const char *const answers[] = { cases[i].answer, NULL };
		struct peer p;

		peer_open(&p, answers, KEY, NULL);
		setenv("CHATD_TEST_CLOCK", "1000000000000", 1);
		p.stop_waiting = true;
		(void)send_record(p.client, "s", "{}", 2, on_sent, &p);
		event_base_dispatch(p.base);
		assert_int_equal(p.wait_count, 1);
		assert_in_range(p.waits[0], cases[i].least, cases[i].most);
		assert_int_equal(p.requested, 1);
		peer_close(&p);
	}
}

/* 18.6: a quarter of jitter, so that not all come back at once */
static void
waits_differ_within_bounds(void **state)
{
	const char *answers[33];
	int n = NELEM(answers) - 1;
	struct peer p;
	bool differ = false;

	(void)state;
	for (int i = 0; i < n; i++)
		answers[i] = ANSWER("502", "", "");
	answers[n] = NULL;
	peer_open(&p, answers, KEY, NULL);
	p.stop_waiting = true;
	for (int i = 0; i < n; i++) {
		struct client_call *call = send_record(p.client, "s", "{}", 2,
		    on_sent, &p);
		while (p.wait_count == i)
			event_base_dispatch(p.base);
		client_cancel(call);
		assert_in_range(p.waits[i], 250, 313);
		differ = differ || p.waits[i] != p.waits[0];
	}
	assert_true(differ);
	peer_close(&p);
}

/* 18.11: E11 with the key, then the same once more */
static void
a_refused_token_is_replaced(void **state)
{
	static const char *const answers[] = { ANSWER("401", "", "{}"),
		ANSWER("200", "", "{\"sub\":\"env_1\",\"pub\":true}"), OK,
		NULL };
	struct peer p;

	(void)state;
	peer_open(&p, answers, PUBLIC, KEY);
	client_set_session(p.client, "s", NULL, NULL);
	(void)send_record(p.client, "s", "{}", 2, on_sent, &p);
	event_base_dispatch(p.base);
	assert_int_equal(p.seq, 7);
	assert_int_equal(times(&p, "POST /api/v1/auth/jwt/claims "), 1);
	assert_int_equal(times(&p, "Bearer " PUBLIC), 1);
	assert_int_equal(times(&p, "Bearer " KEY), 1);
	assert_int_equal(times(&p, "Authorization: Bearer "), 3);
	peer_close(&p);
}

static void
an_additional_key_is_given_a_token(void **state)
{
	static const char *const answers[] = { ANSWER("403", "", "{}"),
		ANSWER("200", "", "{\"token\":\"new.one.here\"}"), OK, NULL };
	struct peer p;

	(void)state;
	peer_open(&p, answers, PUBLIC, ADDITIONAL);
	client_set_session(p.client, "s", NULL, NULL);
	(void)send_record(p.client, "s", "{}", 2, on_sent, &p);
	event_base_dispatch(p.base);
	assert_int_equal(p.seq, 7);
	assert_int_equal(times(&p, "POST /api/v1/auth/public-tokens "), 1);
	assert_int_equal(times(&p, "Bearer new.one.here"), 1);
	peer_close(&p);
}

/* 18.6: once, not for ever */
static void
a_second_refusal_stays(void **state)
{
	static const char *const answers[] = { ANSWER("401", "", "{}"),
		ANSWER("200", "", "{\"sub\":\"env_1\"}"),
		ANSWER("401", "", "{}"), NULL };
	struct peer p;

	(void)state;
	peer_open(&p, answers, PUBLIC, KEY);
	client_set_session(p.client, "s", NULL, NULL);
	(void)send_record(p.client, "s", "{}", 2, on_sent, &p);
	event_base_dispatch(p.base);
	assert_int_equal(p.seq, -1);
	assert_int_equal(p.requested, 3);
	peer_close(&p);
}

/* 18.10: with the key, a session that has vanished is made again */
static void
a_vanished_session_is_made_again(void **state)
{
	static const char *const answers[] = { ANSWER("404", "", "{}"),
		ANSWER("201", "", "{\"publicAccessToken\":\"its.new.token\"}"),
		OK, NULL };
	struct peer p;

	(void)state;
	peer_open(&p, answers, KEY, NULL);
	client_set_session(p.client, "s", NULL, "{\"externalId\":\"s\"}");
	(void)send_record(p.client, "s", "{}", 2, on_sent, &p);
	event_base_dispatch(p.base);
	assert_int_equal(p.seq, 7);
	assert_int_equal(p.recreated, 1);
	assert_int_equal(times(&p, "{\"externalId\":\"s\"}"), 1);
	assert_int_equal(times(&p, "Bearer its.new.token"), 1);
	peer_close(&p);
}

/* Whatever they are doing; under a sanitizer nothing is left either. */
static void
the_end_cancels_what_is_under_way(void **state)
{
	static const char *const waiting[] = { NULL };
	static const char *const later[] = { ANSWER("502", "", ""), NULL };
	static const char *const minting[] = { ANSWER("401", "", "{}"),
		NULL };
	static const char *const making[] = { ANSWER("404", "", "{}"), NULL };
	struct peer p;

	(void)state;
	peer_open(&p, waiting, KEY, NULL);
	(void)get(&p, "/api/v1/sessions");
	event_base_dispatch(p.base);
	(void)get(&p, "/api/v1/sessions");	/* not begun */
	client_free(p.client);
	p.client = NULL;
	assert_int_equal(p.cancelled, 2);
	assert_int_equal(p.answered, 0);
	peer_close(&p);

	peer_open(&p, later, KEY, NULL);
	p.stop_waiting = true;
	(void)send_record(p.client, "s", "{}", 2, on_sent, &p);
	event_base_dispatch(p.base);
	assert_int_equal(p.wait_count, 1);
	peer_close(&p);
	assert_int_equal(p.seq, -2);

	peer_open(&p, minting, PUBLIC, KEY);
	client_set_session(p.client, "s", NULL, NULL);
	(void)get(&p, "/realtime/v1/sessions/s/out/records");
	event_base_dispatch(p.base);
	assert_int_equal(times(&p, "/jwt/claims"), 1);
	peer_close(&p);
	assert_int_equal(p.cancelled, 1);

	peer_open(&p, making, KEY, NULL);
	client_set_session(p.client, "s", NULL, "{}");
	(void)send_record(p.client, "s", "{}", 2, on_sent, &p);
	event_base_dispatch(p.base);
	assert_int_equal(times(&p, "POST /api/v1/sessions "), 1);
	peer_close(&p);
	assert_int_equal(p.seq, -2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_send_is_repeated_with_its_part_id),
		cmocka_unit_test(what_was_wrong_is_not_repeated),
		cmocka_unit_test(waits_until_the_limit_is_over),
		cmocka_unit_test(waits_differ_within_bounds),
		cmocka_unit_test(a_refused_token_is_replaced),
		cmocka_unit_test(an_additional_key_is_given_a_token),
		cmocka_unit_test(a_second_refusal_stays),
		cmocka_unit_test(a_vanished_session_is_made_again),
		cmocka_unit_test(the_end_cancels_what_is_under_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
