/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fetch.c - HTTP requests against a tiny server in this process */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>

#include "base/buf.h"
#include "base/mem.h"
#include "wire/fetch.h"

enum { PIECES = 50000 };

struct world {
	struct event_base *base;
	struct fetch_pool *pool;
	struct evconnlistener *tcp, *local;
	int port;
	char dir[64], path[96];
	struct bufferevent *open[16];
	size_t open_count;
	struct buf request;	/* the last one's head and body */
};

struct seen {
	struct world *w;
	struct fetch *fetch;
	struct buf body;
	struct fetch_result res;
	int heads, dones, pieces, status;
	char type[64], thing[64];
	int stop_at, cancel_at;
	bool stop_head;
};

/* ------------------------------------------------------------- the server */

static void
say(struct bufferevent *bev, const char *s)
{
	bufferevent_write(bev, s, strlen(s));
}

#define HEAD "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
#define CHUNKED HEAD "Transfer-Encoding: chunked\r\n\r\n"

static void
close_reset(struct bufferevent *bev)
{
	struct linger hard = { .l_onoff = 1 };

	setsockopt(bufferevent_getfd(bev), SOL_SOCKET, SO_LINGER, &hard,
	    sizeof hard);
	shutdown(bufferevent_getfd(bev), SHUT_RD);
	close(bufferevent_getfd(bev));
	bufferevent_setfd(bev, -1);
}

static void
written_then_reset(struct bufferevent *bev, void *arg)
{
	(void)arg;
	close_reset(bev);
}

static void
written_then_close(struct bufferevent *bev, void *arg)
{
	(void)arg;
	shutdown(bufferevent_getfd(bev), SHUT_WR);
}

static void
answer(struct bufferevent *bev, const char *path)
{
	int i;

	if (strcmp(path, "/plain") == 0) {
		say(bev, "HTTP/1.1 103 Early Hints\r\nX-Thing: early\r\n\r\n"
		    HEAD "X-Thing: one\r\nContent-Length: 5\r\n\r\nhello");
	} else if (strcmp(path, "/missing") == 0) {
		say(bev, "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n"
		    "no");
	} else if (strcmp(path, "/moved") == 0) {
		say(bev, "HTTP/1.1 302 Found\r\nLocation: /plain\r\n"
		    "Content-Length: 0\r\n\r\n");
	} else if (strcmp(path, "/reset") == 0) {
		say(bev, CHUNKED "5\r\nhello\r\n");
		bufferevent_setcb(bev, NULL, written_then_reset, NULL, NULL);
	} else if (strcmp(path, "/short") == 0) {
		say(bev, HEAD "Content-Length: 100\r\n\r\nhello");
		bufferevent_setcb(bev, NULL, written_then_close, NULL, NULL);
	} else if (strcmp(path, "/stall") == 0) {
		say(bev, CHUNKED "5\r\nhello\r\n");
	} else if (strcmp(path, "/many") == 0) {
		say(bev, CHUNKED);
		for (i = 0; i < PIECES; i++)
			evbuffer_add_printf(bufferevent_get_output(bev),
			    "4\r\n%04d\r\n", i % 10000);
		say(bev, "0\r\n\r\n");
	}
	/* anything else: silence */
}

static void
request_came(struct bufferevent *bev, void *arg)
{
	struct world *w = arg;
	struct evbuffer *in = bufferevent_get_input(bev);
	size_t len = evbuffer_get_length(in);
	char path[64];

	buf_reset(&w->request);
	buf_add(&w->request, evbuffer_pullup(in, -1), len);
	const char *end = strstr(w->request.data, "\r\n\r\n");
	if (end == NULL)
		return;
	const char *length = strstr(w->request.data, "Content-Length: ");
	size_t want = length != NULL ? strtoul(length + 16, NULL, 10) : 0;
	if (strlen(end + 4) < want)
		return;
	evbuffer_drain(in, len);
	assert_int_equal(sscanf(w->request.data, "%*s %63s", path), 1);
	answer(bev, path);
}

static void
peer_gone(struct bufferevent *bev, short what, void *arg)
{
	(void)bev;
	(void)what;
	(void)arg;
}

static void
accepted(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *sa,
    int len, void *arg)
{
	struct world *w = arg;
	struct bufferevent *bev = bufferevent_socket_new(w->base, fd,
	    BEV_OPT_CLOSE_ON_FREE);

	(void)l;
	(void)sa;
	(void)len;
	assert_true(w->open_count < sizeof w->open / sizeof w->open[0]);
	w->open[w->open_count++] = bev;
	bufferevent_setcb(bev, request_came, NULL, peer_gone, w);
	bufferevent_enable(bev, EV_READ | EV_WRITE);
}

static int
setup(void **state)
{
	struct world *w = xcalloc(1, sizeof(*w));
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	socklen_t len = sizeof in;

	buf_init(&w->request);
	w->base = event_base_new();
	w->pool = fetch_pool_new(w->base);
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	w->tcp = evconnlistener_new_bind(w->base, accepted, w,
	    LEV_OPT_CLOSE_ON_FREE, -1, (struct sockaddr *)&in, sizeof in);
	assert_non_null(w->tcp);
	assert_int_equal(getsockname(evconnlistener_get_fd(w->tcp),
	    (struct sockaddr *)&in, &len), 0);
	w->port = ntohs(in.sin_port);
	snprintf(w->dir, sizeof w->dir, "fetch-test-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	snprintf(w->path, sizeof w->path, "%s/sock", w->dir);
	snprintf(un.sun_path, sizeof un.sun_path, "%s", w->path);
	w->local = evconnlistener_new_bind(w->base, accepted, w,
	    LEV_OPT_CLOSE_ON_FREE, -1, (struct sockaddr *)&un, sizeof un);
	assert_non_null(w->local);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;
	size_t i;

	fetch_pool_free(w->pool);
	for (i = 0; i < w->open_count; i++)
		bufferevent_free(w->open[i]);
	evconnlistener_free(w->tcp);
	evconnlistener_free(w->local);
	event_base_free(w->base);
	unlink(w->path);
	rmdir(w->dir);
	buf_clear(&w->request);
	free(w);
	return 0;
}

/* ------------------------------------------------------------- the client */

static int
on_head(const struct fetch_head *head, void *arg)
{
	struct seen *s = arg;
	const char *thing = fetch_header(head->fetch, "x-thing");

	s->heads++;
	s->status = head->status;
	snprintf(s->type, sizeof s->type, "%s", head->content_type);
	snprintf(s->thing, sizeof s->thing, "%s", thing != NULL ? thing : "-");
	return s->stop_head ? -1 : 0;
}

static int
on_body(const char *bytes, size_t len, void *arg)
{
	struct seen *s = arg;

	buf_add(&s->body, bytes, len);
	s->pieces++;
	if (s->pieces == s->cancel_at) {
		fetch_cancel(s->fetch);
		event_base_loopbreak(s->w->base);
	}
	return s->pieces == s->stop_at ? -1 : 0;
}

static void
on_done(const struct fetch_result *res, void *arg)
{
	struct seen *s = arg;

	s->dones++;
	s->res = *res;
	event_base_loopbreak(s->w->base);
}

static void
get(struct seen *s, const char *path, struct fetch_opts o)
{
	char *url = xasprintf("http://127.0.0.1:%d%s", s->w->port, path);
	struct err e = ERR_INIT;

	buf_init(&s->body);
	if (o.url == NULL)
		o.url = url;
	o.on_head = on_head;
	o.on_body = on_body;
	o.on_done = on_done;
	o.arg = s;
	s->fetch = fetch_start(s->w->pool, &o, &e);
	assert_string_equal(e.text, "");
	assert_non_null(s->fetch);
	assert_int_equal(s->heads + s->dones + s->pieces, 0);
	event_base_dispatch(s->w->base);
	free(url);
}

/* ---------------------------------------------------------------- the tests */

static void
an_answer_comes_whole(void **state)
{
	struct seen s = { .w = *state };

	get(&s, "/plain", (struct fetch_opts){ 0 });
	assert_int_equal(s.res.err.code, ERR_NONE);
	assert_int_equal(s.res.status, 200);
	assert_int_equal(s.heads, 1);
	assert_int_equal(s.dones, 1);
	assert_true(s.res.body_begun);
	assert_string_equal(s.type, "text/event-stream");
	assert_string_equal(s.thing, "one");
	assert_string_equal(s.body.data, "hello");
	assert_non_null(strstr(s.w->request.data, "GET /plain HTTP/1.1"));
	buf_clear(&s.body);
}

static void
a_body_is_posted_without_expect(void **state)
{
	struct seen s = { .w = *state };
	const char *const headers[] = { "Content-Type: application/json",
	    "X-Mine: yes", NULL };

	setenv("http_proxy", "http://127.0.0.1:1", 1);
	get(&s, "/plain", (struct fetch_opts){ .body = "{\"a\":1}",
	    .body_len = 7, .headers = headers });
	unsetenv("http_proxy");
	assert_int_equal(s.res.status, 200);
	assert_non_null(strstr(s.w->request.data, "POST /plain HTTP/1.1"));
	assert_non_null(strstr(s.w->request.data, "X-Mine: yes\r\n"));
	assert_non_null(strstr(s.w->request.data, "\r\n\r\n{\"a\":1}"));
	assert_null(strstr(s.w->request.data, "Expect"));
	buf_clear(&s.body);
}

static void
a_unix_socket_is_reached(void **state)
{
	struct seen s = { .w = *state };

	get(&s, "", (struct fetch_opts){ .url = "http://localhost/plain",
	    .unix_path = s.w->path });
	assert_int_equal(s.res.status, 200);
	assert_string_equal(s.body.data, "hello");
	buf_clear(&s.body);
}

static void
a_status_is_no_error_and_no_redirect_followed(void **state)
{
	struct seen s = { .w = *state }, moved = { .w = *state };

	get(&s, "/missing", (struct fetch_opts){ 0 });
	assert_int_equal(s.res.err.code, ERR_NONE);
	assert_int_equal(s.res.status, 404);
	assert_string_equal(s.type, "");
	get(&moved, "/moved", (struct fetch_opts){ 0 });
	assert_int_equal(moved.res.status, 302);
	buf_clear(&s.body);
	buf_clear(&moved.body);
}

static void
a_reset_in_the_body_is_an_error(void **state)
{
	struct seen s = { .w = *state }, t = { .w = *state };

	get(&s, "/reset", (struct fetch_opts){ 0 });
	assert_int_equal(s.res.err.code, ERR_UNREACHABLE);
	assert_int_equal(s.res.status, 200);
	get(&t, "/short", (struct fetch_opts){ 0 });
	assert_int_equal(t.res.err.code, ERR_UNREACHABLE);
	assert_true(t.res.body_begun);
	assert_string_equal(t.body.data, "hello");
	assert_non_null(strstr(t.res.err.text, "the connection broke"));
	buf_clear(&s.body);
	buf_clear(&t.body);
}

static void
refused_says_so(void **state)
{
	struct seen s = { .w = *state };
	char url[64];

	snprintf(url, sizeof url, "http://u:p@127.0.0.1:1/x?key=secret");
	get(&s, "", (struct fetch_opts){ .url = url });
	assert_int_equal(s.res.err.code, ERR_UNREACHABLE);
	assert_int_equal(s.res.status, 0);
	assert_string_equal(s.res.err.text,
	    "cannot reach http://127.0.0.1:1: Connection refused");
	buf_clear(&s.body);
}

static void
a_url_that_is_none_is_said(void **state)
{
	struct seen s = { .w = *state };

	get(&s, "", (struct fetch_opts){ .url = "ftp://127.0.0.1/x" });
	assert_int_equal(s.res.err.code, ERR_CONFIG);
	buf_clear(&s.body);
}

static void
silence_ends_by_the_clock_of_the_first_byte(void **state)
{
	struct seen s = { .w = *state };

	get(&s, "/silent", (struct fetch_opts){ .first_byte_ms = 40 });
	assert_int_equal(s.res.err.code, ERR_TIMEOUT);
	assert_non_null(strstr(s.res.err.text, "no answer within 0.04 s"));
	assert_int_equal(s.heads, 0);
	buf_clear(&s.body);
}

static void
silence_in_the_body_ends_by_the_idle_clock(void **state)
{
	struct seen s = { .w = *state };

	get(&s, "/stall", (struct fetch_opts){ .idle_ms = 400 });
	assert_int_equal(s.res.err.code, ERR_TIMEOUT);
	assert_non_null(strstr(s.res.err.text, "nothing more came for"));
	assert_string_equal(s.body.data, "hello");
	buf_clear(&s.body);
}

/* A listener whose queue is full drops what comes: nobody ever answers. */
static void
no_connection_ends_by_the_connect_clock(void **state)
{
	struct seen s = { .w = *state };
	struct sockaddr_in in = { .sin_family = AF_INET };
	socklen_t len = sizeof in;
	int fd = socket(AF_INET, SOCK_STREAM, 0), more[4];
	char url[64];
	size_t i;

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&in, sizeof in), 0);
	assert_int_equal(listen(fd, 0), 0);
	getsockname(fd, (struct sockaddr *)&in, &len);
	for (i = 0; i < 4; i++) {
		more[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void)connect(more[i], (struct sockaddr *)&in, sizeof in);
	}
	snprintf(url, sizeof url, "http://127.0.0.1:%d/",
	    ntohs(in.sin_port));
	get(&s, "", (struct fetch_opts){ .url = url, .connect_ms = 60 });
	assert_int_equal(s.res.err.code, ERR_TIMEOUT);
	assert_non_null(strstr(s.res.err.text, "no connection within 0.06 s"));
	for (i = 0; i < 4; i++)
		close(more[i]);
	close(fd);
	buf_clear(&s.body);
}

/* More than a share: others get their turn in between. */
static void
a_large_body_comes_whole(void **state)
{
	struct seen s = { .w = *state };
	size_t i;

	get(&s, "/many", (struct fetch_opts){ 0 });
	assert_int_equal(s.res.err.code, ERR_NONE);
	assert_int_equal(s.body.len, PIECES * 4);
	for (i = 0; i < PIECES; i++) {
		char want[8];

		snprintf(want, sizeof want, "%04d", (int)i % 10000);
		assert_memory_equal(s.body.data + i * 4, want, 4);
	}
	buf_clear(&s.body);
}

static void
callbacks_can_end_it(void **state)
{
	struct seen s = { .w = *state, .stop_at = 2 };
	struct seen h = { .w = *state, .stop_head = true };
	struct seen c = { .w = *state, .cancel_at = 2 };

	get(&s, "/many", (struct fetch_opts){ 0 });
	assert_int_equal(s.res.err.code, ERR_FAILED);
	assert_string_equal(s.res.err.text, "stopped");
	assert_int_equal(s.pieces, 2);
	get(&h, "/many", (struct fetch_opts){ 0 });
	assert_string_equal(h.res.err.text, "stopped");
	assert_int_equal(h.pieces, 0);
	get(&c, "/many", (struct fetch_opts){ 0 });
	assert_int_equal(c.pieces, 2);
	event_base_loop(c.w->base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	assert_int_equal(c.dones, 0);
	buf_clear(&s.body);
	buf_clear(&h.body);
	buf_clear(&c.body);
}

static void
a_cancel_from_outside_closes_the_connection(void **state)
{
	struct seen s = { .w = *state };
	struct fetch_opts o = { .on_done = on_done, .arg = &s };
	char *url = xasprintf("http://127.0.0.1:%d/silent", s.w->port);
	char byte;
	ssize_t n = -1;

	o.url = url;
	struct fetch *f = fetch_start(s.w->pool, &o, NULL);
	while (s.w->request.len == 0)
		event_base_loop(s.w->base, EVLOOP_ONCE);
	bufferevent_disable(s.w->open[0], EV_READ);
	int fd = bufferevent_getfd(s.w->open[0]);
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
	fetch_cancel(f);
	n = read(fd, &byte, 1);	/* would block if it were still open */
	assert_int_equal(n, 0);
	assert_int_equal(s.dones, 0);
	free(url);
}

static void
what_is_under_way_ends_with_the_pool(void **state)
{
	struct world *w = *state;
	struct fetch_pool *pool = fetch_pool_new(w->base);
	char *url = xasprintf("http://127.0.0.1:%d/silent", w->port);
	struct fetch_opts o = { .url = url };

	assert_non_null(fetch_start(pool, &o, NULL));
	event_base_loop(w->base, EVLOOP_ONCE);
	assert_non_null(fetch_start(pool, &o, NULL));
	fetch_pool_free(pool);
	free(url);
}

static void
small_things(void **state)
{
	char *s = fetch_escape("a b/\xc3\xa4%~x.y-z_");
	struct err e = ERR_INIT;
	const char *version = fetch_version(&e);

	(void)state;
	assert_string_equal(s, "a%20b%2F%C3%A4%25~x.y-z_");
	assert_non_null(version);
	assert_memory_equal(version, "libcurl/", 8);
	free(s);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(an_answer_comes_whole),
		T(a_body_is_posted_without_expect),
		T(a_unix_socket_is_reached),
		T(a_status_is_no_error_and_no_redirect_followed),
		T(a_reset_in_the_body_is_an_error),
		T(refused_says_so),
		T(a_url_that_is_none_is_said),
		T(silence_ends_by_the_clock_of_the_first_byte),
		T(silence_in_the_body_ends_by_the_idle_clock),
		T(no_connection_ends_by_the_connect_clock),
		T(a_large_body_comes_whole),
		T(callbacks_can_end_it),
		T(a_cancel_from_outside_closes_the_connection),
		T(what_is_under_way_ends_with_the_pool),
		T(small_things),
	};

	return cmocka_run_group_tests_name("fetch", tests, NULL, NULL);
}
