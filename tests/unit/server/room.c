/* SPDX-License-Identifier: GPL-3.0-or-later */
/* room.c - who looks at a session, and whose turn runs in it */

#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/mem.h"
#include "rig.h"

#define OWN "/api/chatd/v1/sessions"

static int
setup(void **state)
{
	struct rig_world *w;

	rig_setup(state);
	w = *state;
	rig_create(&w->rig, "s");
	return 0;
}

/* A looker, with what it was told until needle came. */
static int
look(struct rig *r, const char *id, struct buf *told, const char *needle)
{
	int fd = rig_connect(r);
	char *text = xasprintf("GET " OWN "/s/presence?client=%s&name=n%s "
	    "HTTP/1.1\r\nHost: x\r\n\r\n", id, id);

	rig_send(r, fd, text);
	rig_read(r, fd, told, needle);
	free(text);
	return fd;
}

static int
post(struct rig_world *w, struct rig *r, const char *what, const char *body)
{
	char *path = xasprintf(OWN "/s/%s", what);
	int status = rig_ask(r, &w->answer, "POST", path, "", body);

	free(path);
	return status;
}

static void
all_are_told(void **state)
{
	struct rig_world *w = *state;
	struct rig *r = &w->rig;
	struct buf a = BUF_INIT, b = BUF_INIT;
	int fa = look(r, "A", &a, "\"holder\":null}\n\n");

	assert_non_null(strstr(a.data, "{\"clients\":[{\"id\":\"A\","
	    "\"name\":\"nA\"}],\"holder\":null}"));
	int fb = look(r, "B", &b, "\"holder\":null}\n\n");
	assert_non_null(strstr(b.data, "\"id\":\"B\""));
	assert_non_null(strstr(b.data, "\"id\":\"A\""));
	rig_read(r, fa, &a, "\"nB\"}],\"holder\":null}\n\n");

	assert_int_equal(post(w, r, "claim",
	    "{\"client\":\"A\",\"name\":\"nA\"}"), 200);
	rig_read(r, fb, &b, "\"holder\":{\"id\":\"A\",\"name\":\"nA\"}}\n\n");
	assert_int_equal(post(w, r, "claim",
	    "{\"client\":\"B\",\"name\":\"nB\"}"), 409);
	assert_non_null(strstr(rig_body(&w->answer), "\"holder\":{\"id\":\"A\""));
	assert_int_equal(post(w, r, "claim",
	    "{\"client\":\"B\",\"name\":\"nB\",\"take\":true}"), 200);
	rig_read(r, fa, &a, "\"holder\":{\"id\":\"B\",\"name\":\"nB\"}}\n\n");
	/* not its own any more */
	assert_int_equal(post(w, r, "release", "{\"client\":\"A\"}"), 200);
	assert_non_null(strstr(rig_body(&w->answer), "\"holder\":{\"id\":\"B\""));

	/* whoever goes gives his claim back */
	buf_reset(&a);
	close(fb);
	rig_read(r, fa, &a, "\"nA\"}],\"holder\":null}\n\n");
	close(fa);
	rig_settle(r);
	buf_clear(&a);
	buf_clear(&b);
}

static void
another_process_passes_on(void **state)
{
	struct rig_world *w = *state;
	struct rig other;
	struct buf a = BUF_INIT, b = BUF_INIT;

	rig_open(&other, w->base, w->dir, "sock2");
	int fa = look(&w->rig, "A", &a, "\"holder\":null}\n\n");
	int fb = look(&other, "B", &b, "\"holder\":null}\n\n");
	assert_non_null(strstr(b.data, "\"nA\""));
	assert_int_equal(post(w, &other, "claim",
	    "{\"client\":\"B\",\"name\":\"nB\"}"), 200);
	rig_read(&w->rig, fa, &a, "\"holder\":{\"id\":\"B\"");
	close(fb);
	rig_read(&w->rig, fa, &a, "\"nA\"}],\"holder\":null}\n\n");
	close(fa);
	rig_settle(&w->rig);
	rig_close(&other);
	buf_clear(&a);
	buf_clear(&b);
}

static void
bad_requests(void **state)
{
	struct rig_world *w = *state;
	struct rig *r = &w->rig;

	assert_int_equal(rig_ask(r, &w->answer, "GET", OWN "/s/presence",
	    "", NULL), 400);
	assert_int_equal(rig_ask(r, &w->answer, "GET",
	    OWN "/none/presence?client=a&name=b", "", NULL), 404);
	assert_int_equal(rig_ask(r, &w->answer, "GET", OWN "/none/servers",
	    "", NULL), 404);
	assert_int_equal(rig_ask(r, &w->answer, "GET", OWN "/s/servers", "",
	    NULL), 200);
	assert_int_equal(post(w, r, "claim", "{\"client\":\"A\"}"), 400);
	assert_int_equal(post(w, r, "claim", "{"), 400);
	assert_int_equal(post(w, r, "release", "{}"), 400);
	/* a claim that nobody looks with lives, too, until the end */
	assert_int_equal(post(w, r, "claim",
	    "{\"client\":\"A\",\"name\":\"n\"}"), 200);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, rig_teardown)
		T(all_are_told),
		T(another_process_passes_on),
		T(bad_requests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
