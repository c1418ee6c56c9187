/* SPDX-License-Identifier: GPL-3.0-or-later */
/* webfetch.c - pages from a tiny server in this process */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>

#include "base/mem.h"
#include "rig.h"
#include "wire/fetch.h"

#define assert_has(s, part) assert_non_null(strstr((s), (part)))

struct site {
	struct evconnlistener *listener;
	struct bufferevent *open[16];
	size_t count;
	int port, asked;
};

static const struct {
	const char *path, *type, *location, *body;
} pages[] = {
	{ "/page", "text/html; charset=utf-8", NULL,
	    "<title>T</title><h1>H</h1><script>x</script>" },
	{ "/moved", "text/html", "/page", "" },
	{ "/away", "text/html", "http://example.com/x", "" },
	{ "/loop", "text/html", "loop", "" },
	{ "/file", "application/octet-stream", NULL, "x" },
	{ "/json", "application/json", NULL, "{\"a\":1}" },
	{ "/pic", "image/png", NULL, "abc" },
};

static void
answer(struct bufferevent *bev, const char *path)
{
	struct evbuffer *out = bufferevent_get_output(bev);
	size_t i;

	for (i = 0; i < sizeof pages / sizeof pages[0]; i++) {
		if (strcmp(path, pages[i].path) != 0)
			continue;
		evbuffer_add_printf(out, "HTTP/1.1 %s\r\nContent-Type: %s\r\n"
		    "Content-Length: %zu\r\n", pages[i].location != NULL ?
		    "302 Found" : "200 OK", pages[i].type,
		    strlen(pages[i].body));
		if (pages[i].location != NULL)
			evbuffer_add_printf(out, "Location: %s\r\n",
			    pages[i].location);
		evbuffer_add_printf(out, "\r\n%s", pages[i].body);
		return;
	}
	evbuffer_add_printf(out, "HTTP/1.1 404 Not Found\r\n"
	    "Content-Length: 0\r\n\r\n");
}

static void
readable(struct bufferevent *bev, void *arg)
{
	struct evbuffer *in = bufferevent_get_input(bev);
	struct site *s = arg;
	char *line, path[64];

	while (evbuffer_search(in, "\r\n\r\n", 4, NULL).pos >= 0) {
		line = evbuffer_readln(in, NULL, EVBUFFER_EOL_CRLF);
		assert_int_equal(sscanf(line, "GET %63s", path), 1);
		free(line);
		while ((line = evbuffer_readln(in, NULL, EVBUFFER_EOL_CRLF)) !=
		    NULL && *line != '\0')
			free(line);
		free(line);
		s->asked++;
		answer(bev, path);
	}
}

static void
gone(struct bufferevent *bev, short what, void *arg)
{
	struct site *s = arg;
	size_t i;

	(void)what;
	for (i = 0; i < s->count; i++) {
		if (s->open[i] == bev)
			s->open[i] = s->open[--s->count];
	}
	bufferevent_free(bev);
}

static void
accepted(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *sa,
    int len, void *arg)
{
	struct site *s = arg;
	struct bufferevent *bev = bufferevent_socket_new(
	    evconnlistener_get_base(l), fd, BEV_OPT_CLOSE_ON_FREE);

	(void)sa;
	(void)len;
	assert_true(s->count < sizeof s->open / sizeof s->open[0]);
	s->open[s->count++] = bev;
	bufferevent_setcb(bev, readable, NULL, gone, s);
	bufferevent_enable(bev, EV_READ | EV_WRITE);
}

static void
site_open(struct site *s, struct rig *r)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof in;

	memset(s, 0, sizeof *s);
	s->listener = evconnlistener_new_bind(r->base, accepted, s,
	    LEV_OPT_CLOSE_ON_FREE, -1, (struct sockaddr *)&in, sizeof in);
	assert_non_null(s->listener);
	getsockname(evconnlistener_get_fd(s->listener),
	    (struct sockaddr *)&in, &len);
	s->port = ntohs(in.sin_port);
	r->env.pool = fetch_pool_new(r->base);
	r->env.allow_private = true;
}

static void
site_close(struct site *s, struct rig *r)
{
	fetch_pool_free(r->env.pool);
	while (s->count > 0)
		bufferevent_free(s->open[--s->count]);
	evconnlistener_free(s->listener);
}

static void
get(struct rig *r, const struct site *s, const char *path)
{
	char *input = xasprintf("{'url':'http://127.0.0.1:%d%s'}", s->port,
	    path);

	rig_call(r, "WebFetch", input);
	free(input);
}

static void
pages_come_as_text(void **state)
{
	struct rig *r = *state;
	struct site s;

	site_open(&s, r);
	get(r, &s, "/page");
	assert_string_equal(rig_str(r, "text"), "# H\n");
	assert_string_equal(rig_str(r, "title"), "T");
	assert_has(r->res.model, "# H");
	get(r, &s, "/json");
	assert_string_equal(rig_str(r, "text"), "{\"a\":1}");
	get(r, &s, "/pic");
	assert_int_equal(r->res.media_count, 1);
	get(r, &s, "/file");
	assert_has(r->res.err.text, "no text");
	get(r, &s, "/none");
	assert_has(r->res.err.text, "status 404");
	site_close(&s, r);
}

static void
redirects_stay_on_their_host(void **state)
{
	struct rig *r = *state;
	struct site s;

	site_open(&s, r);
	get(r, &s, "/moved");
	assert_has(rig_str(r, "url"), "/page");
	assert_has(r->res.output, "/moved\"]");
	get(r, &s, "/away");
	assert_has(r->res.err.text, "http://example.com/x on another host");
	get(r, &s, "/loop");
	assert_has(r->res.err.text, "again and again");
	site_close(&s, r);
}

static void
private_addresses_and_other_schemes_are_refused(void **state)
{
	struct rig *r = *state;
	struct site s;

	site_open(&s, r);
	/* An open connection must not serve, either. */
	get(r, &s, "/page");
	assert_int_equal(s.asked, 1);
	r->env.allow_private = false;
	get(r, &s, "/page");
	assert_true(err_is_set(&r->res.err));
	rig_call(r, "WebFetch", "{'url':'http://0x7f.1:9/'}");
	assert_true(err_is_set(&r->res.err));
	rig_call(r, "WebFetch", "{'url':'http://[::ffff:127.0.0.1]:9/'}");
	assert_true(err_is_set(&r->res.err));
	assert_int_equal(s.asked, 1);
	rig_call(r, "WebFetch", "{'url':'file:///etc/passwd'}");
	assert_has(r->res.err.text, "Only http");
	rig_call(r, "WebFetch", "{'url':'http://a@b/'}");
	assert_has(r->res.err.text, "user name");
	site_close(&s, r);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)
	const struct CMUnitTest tests[] = {
		T(pages_come_as_text),
		T(redirects_stay_on_their_host),
		T(private_addresses_and_other_schemes_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
