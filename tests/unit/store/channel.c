/* SPDX-License-Identifier: GPL-3.0-or-later */
/* channel.c - numbers, commit before wake, replay, reading */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "scratch.h"

/* What happened, in order, as letters. */
struct diary {
	struct buf text;
	struct channel *ch;
	struct store *st;
	struct channel_waiter w;
};

static void
woken(void *arg)
{
	struct diary *d = arg;

	buf_addf(&d->text, "w%d", (int)channel_head(d->ch));
}

static void
committed(const struct err *e, void *arg)
{
	struct diary *d = arg;

	buf_adds(&d->text, e == NULL ? "c" : "e");
}

static int
take(const struct record *r, void *arg)
{
	struct buf *b = arg;

	buf_addf(b, "%d:%.*s;", (int)r->seq, (int)r->body_len, r->body);
	return 0;
}

static void
nothing_is_seen_before_the_commit(void **state)
{
	struct scratch *s = *state;
	int64_t row = scratch_create_in(s->st, "a", NULL);
	struct owned *own = scratch_own(s->st, row);
	struct diary d = { .text = BUF_INIT, .w = { .fn = woken } };
	struct buf got = BUF_INIT;

	d.ch = scratch_channel(s->st, row, CHANNEL_OUT);
	d.w.arg = &d;
	channel_wait(d.ch, &d.w, 0);
	assert_int_equal(scratch_chunk(own, "1"), 0);
	assert_int_equal(scratch_chunk(own, "2"), 1);
	store_on_commit(s->st, committed, &d);
	assert_int_equal(channel_head(d.ch), 0);
	assert_int_equal(channel_read(d.ch, 0, 10, 1000, take, &got, NULL), 0);
	assert_string_equal(d.text.data, "");
	scratch_loop(s);
	assert_string_equal(d.text.data, "cw2");
	assert_null(d.w.channel);
	assert_int_equal(channel_read(d.ch, 0, 10, 1000, take, &got, NULL), 2);
	assert_string_equal(got.data, "0:{\"data\":1,\"id\":\"out-0\"};"
	    "1:{\"data\":2,\"id\":\"out-1\"};");
	assert_true(channel_time(d.ch) > 0);
	buf_clear(&got);
	buf_clear(&d.text);
	channel_close(d.ch);
	store_disown(own);
}

static void
a_waiter_behind_the_head_is_called_at_once(void **state)
{
	struct scratch *s = *state;
	int64_t row = scratch_create_in(s->st, NULL, NULL);
	struct owned *own = scratch_own(s->st, row);
	struct diary d = { .text = BUF_INIT, .w = { .fn = woken } };
	struct channel_waiter never = { .fn = woken, .arg = &d };

	d.w.arg = &d;
	d.ch = scratch_channel(s->st, row, CHANNEL_IN);
	assert_int_equal(scratch_append(own, CHANNEL_IN, "x", NULL, NULL), 0);
	assert_int_equal(store_commit(s->st, NULL), 0);
	channel_wait(d.ch, &d.w, 0);
	channel_wait(d.ch, &never, 0);
	assert_string_equal(d.text.data, "");
	channel_unwait(&never);
	scratch_loop(s);
	assert_string_equal(d.text.data, "w1");
	channel_wait(d.ch, &d.w, 1);
	scratch_loop(s);
	assert_string_equal(d.text.data, "w1");
	channel_unwait(&d.w);
	buf_clear(&d.text);
	channel_close(d.ch);
	store_disown(own);
}

static void
a_part_id_is_appended_once(void **state)
{
	struct scratch *s = *state;
	int64_t row = scratch_create_in(s->st, NULL, NULL);
	struct owned *own = scratch_own(s->st, row);
	struct channel *in = scratch_channel(s->st, row, CHANNEL_IN);
	bool again = true;

	assert_int_equal(scratch_append(own, CHANNEL_IN, "x", "p", &again), 0);
	assert_false(again);
	/* while the first one is not committed */
	assert_int_equal(scratch_append(own, CHANNEL_IN, "y", "p", &again), 0);
	assert_true(again);
	assert_int_equal(scratch_append(own, CHANNEL_IN, "y", "q", &again), 1);
	assert_int_equal(store_commit(s->st, NULL), 0);
	assert_int_equal(scratch_append(own, CHANNEL_IN, "z", "p", &again), 0);
	assert_true(again);
	/* the other channel is another namespace */
	assert_int_equal(scratch_append(own, CHANNEL_OUT, "o", "p", &again),
	    0);
	assert_false(again);
	assert_int_equal(store_commit(s->st, NULL), 0);
	assert_int_equal(channel_head(in), 2);
	channel_close(in);
	store_disown(own);
}

static void
fill(struct owned *own, int count, size_t size)
{
	char *body = xmalloc(size + 1);
	int i;

	memset(body, 'x', size);
	body[size] = '\0';
	for (i = 0; i < count; i++)
		assert_int_equal(scratch_append(own, CHANNEL_OUT, body, NULL,
		    NULL), i);
	free(body);
}

struct count {
	int64_t next;
	int given;
};

static int
in_order(const struct record *r, void *arg)
{
	struct count *c = arg;

	assert_int_equal(r->seq, c->next);
	assert_int_equal(r->body_len, 1000);
	assert_int_equal(r->body[999], 'x');
	c->next++;
	c->given++;
	return 0;
}

/* A thousand records of 1000 bytes are four rings full. */
static void
a_slow_reader_gets_what_memory_has_forgotten(void **state)
{
	struct scratch *s = *state;
	int64_t row = scratch_create_in(s->st, NULL, NULL);
	struct owned *own = scratch_own(s->st, row);
	struct channel *out = scratch_channel(s->st, row, CHANNEL_OUT);
	struct count c = { 0 };

	fill(own, 1000, 1000);
	assert_int_equal(store_commit(s->st, NULL), 0);
	assert_int_equal(channel_read(out, 0, 100, 32768, in_order, &c, NULL),
	    32);
	while (c.next < 1000)
		assert_true(channel_read(out, c.next, 100, 32768, in_order,
		    &c, NULL) > 0);
	c.next = 3;
	assert_int_equal(channel_read(out, 3, 5000, SIZE_MAX, in_order, &c,
	    NULL), 997);
	/* one that is larger than the ceiling comes alone */
	c.next = 0;
	assert_int_equal(channel_read(out, 0, 100, 10, in_order, &c, NULL), 1);
	c.next = 990;
	assert_int_equal(channel_read(out, 990, 4, 99999, in_order, &c, NULL),
	    4);
	channel_close(out);
	store_disown(own);
}

static int
append_while_reading(const struct record *r, void *arg)
{
	struct owned *own = arg;

	assert_int_equal(r->body[0], 'x');
	fill(own, 0, 1);
	assert_true(scratch_append(own, CHANNEL_OUT, r->body, NULL, NULL) > 0);
	assert_int_equal(r->body[r->body_len - 1], 'x');
	return 0;
}

static void
a_reader_may_append(void **state)
{
	struct scratch *s = *state;
	int64_t row = scratch_create_in(s->st, NULL, NULL);
	struct owned *own = scratch_own(s->st, row);
	struct channel *out = scratch_channel(s->st, row, CHANNEL_OUT);

	fill(own, 255, 1000);
	assert_int_equal(store_commit(s->st, NULL), 0);
	assert_int_equal(channel_read(out, 0, 255, SIZE_MAX,
	    append_while_reading, own, NULL), 255);
	assert_int_equal(store_commit(s->st, NULL), 0);
	assert_int_equal(channel_head(out), 510);
	channel_close(out);
	store_disown(own);
}

static int
check_control(const struct record *r, void *arg)
{
	(void)arg;
	assert_string_equal(record_control(r), "turn-complete");
	assert_string_equal(record_header(r, "session-in-event-id"), "7");
	assert_int_equal(r->body_len, 0);
	return 0;
}

static void
control_records_keep_their_headers(void **state)
{
	struct scratch *s = *state;
	int64_t row = scratch_create_in(s->st, "k", NULL);
	struct owned *own = scratch_own(s->st, row);
	struct channel *out;

	assert_int_equal(scratch_control(own, "turn-complete"), 0);
	assert_int_equal(scratch_chunk(own, "{}"), 1);
	assert_int_equal(scratch_control(own, "turn-complete"), 2);
	assert_int_equal(scratch_control(own, "other"), 3);
	store_disown(own);
	store_close(s->st);
	s->st = scratch_open(s, NULL);
	assert_non_null(s->st);
	out = scratch_channel(s->st, row, CHANNEL_OUT);
	assert_int_equal(channel_head(out), 4);
	assert_int_equal(channel_last_control(out, "turn-complete", 0, NULL),
	    2);
	assert_int_equal(channel_last_control(out, "turn-complete", 1, NULL),
	    0);
	assert_int_equal(channel_last_control(out, "turn-complete", 2, NULL),
	    -1);
	assert_int_equal(channel_read(out, 2, 1, 100, check_control, NULL,
	    NULL), 1);
	assert_int_equal(store_check(s->st, NULL), 0);
	channel_close(out);
}

static void
commits_that_wait_too_long_are_made_at_once(void **state)
{
	struct scratch *s = *state;
	int64_t row = scratch_create_in(s->st, NULL, NULL);
	struct owned *own = scratch_own(s->st, row);
	struct channel *out = scratch_channel(s->st, row, CHANNEL_OUT);
	int n = 0;

	/* never back to the loop, which would commit */
	while (channel_head(out) == 0)
		assert_int_equal(scratch_chunk(own, "1"), n++);
	assert_true(channel_head(out) < n);
	channel_close(out);
	store_disown(own);
}

enum { BUSY_MAX = 2 * 1000 * 1000 };

struct busy {
	struct event_base *base;
	struct diary d;
	int passes;
};

/* Always ready, at the default priority, which is above the commit's. */
static void
be_busy(evutil_socket_t fd, short what, void *arg)
{
	struct busy *b = arg;

	(void)fd;
	(void)what;
	if (b->d.text.len > 0 || ++b->passes == BUSY_MAX)
		event_base_loopbreak(b->base);
}

static void
a_busy_loop_commits_too(void **state)
{
	struct scratch *s = *state;
	struct busy b = { .base = s->base, .d = { .text = BUF_INIT } };
	struct event *ev;
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], "x", 1), 1);
	ev = event_new(s->base, fds[0], EV_READ | EV_PERSIST, be_busy, &b);
	event_add(ev, NULL);
	scratch_create_in(s->st, NULL, NULL);
	store_on_commit(s->st, committed, &b.d);
	event_base_dispatch(s->base);
	assert_string_equal(b.d.text.data, "c");
	event_free(ev);
	close(fds[0]);
	close(fds[1]);
	buf_clear(&b.d.text);
}

static void
a_removed_session_has_no_records(void **state)
{
	struct scratch *s = *state;
	int64_t row = scratch_create_in(s->st, "a", "words");
	struct owned *own = scratch_own(s->st, row);
	struct channel *out = scratch_channel(s->st, row, CHANNEL_OUT);
	struct item it;

	assert_int_equal(scratch_chunk(own, "1"), 0);
	assert_int_equal(store_commit(s->st, NULL), 0);
	assert_int_equal(store_remove(s->st, row, NULL), 0);
	assert_int_equal(scratch_chunk(own, "1"), -1);
	assert_int_equal(store_commit(s->st, NULL), 0);
	assert_int_equal(channel_head(out), 0);
	assert_int_equal(store_find(s->st, "a", &it, NULL), -1);
	assert_int_equal(store_check(s->st, NULL), 0);
	channel_close(out);
	store_disown(own);
}

static void
in_memory_all_is_the_same(void **state)
{
	struct scratch *s = *state;
	struct store_opts opts = { .base = s->base };
	struct store *st = store_open(&opts, NULL);
	int64_t row = scratch_create_in(st, "m", NULL);
	struct owned *own = scratch_own(st, row);
	struct channel *out = scratch_channel(st, row, CHANNEL_OUT);
	struct buf got = BUF_INIT;

	assert_int_equal(scratch_chunk(own, "1"), 0);
	scratch_loop(s);
	assert_int_equal(channel_read(out, 0, 9, 9, take, &got, NULL), 1);
	assert_int_equal(store_check(st, NULL), 0);
	buf_clear(&got);
	channel_close(out);
	store_disown(own);
	store_close(st);
}

static int64_t
side(struct owned *own, const char *name, enum channel_dir dir,
    const char *body, const char *part_id)
{
	struct record rec = { .body = body, .body_len = strlen(body) };

	return channel_append_side(own, name, dir, &rec, part_id, NULL, NULL);
}

/* session-protocol 14: numbers, part ids and readers of each are its own */
static void
side_channels_are_apart(void **state)
{
	struct scratch *s = *state;
	int64_t row = scratch_create_in(s->st, NULL, NULL);
	struct owned *own = scratch_own(s->st, row);
	struct diary d = { .text = BUF_INIT, .w = { .fn = woken } };
	struct buf got = BUF_INIT;

	d.w.arg = &d;
	d.ch = channel_open_side(s->st, row, "log", CHANNEL_OUT, NULL);
	assert_non_null(d.ch);
	channel_wait(d.ch, &d.w, 0);
	assert_int_equal(side(own, "log", CHANNEL_IN, "i", "p"), 0);
	assert_int_equal(side(own, "log2", CHANNEL_OUT, "x", "p"), 0);
	assert_int_equal(scratch_append(own, CHANNEL_OUT, "o", "p", NULL), 0);
	scratch_loop(s);
	assert_string_equal(d.text.data, "");
	assert_int_equal(side(own, "log", CHANNEL_OUT, "a", "p"), 0);
	assert_int_equal(side(own, "log", CHANNEL_OUT, "a", "p"), 0);
	assert_int_equal(side(own, "log", CHANNEL_OUT, "b", NULL), 1);
	assert_int_equal(channel_head(d.ch), 0);
	scratch_loop(s);
	assert_string_equal(d.text.data, "w2");
	channel_close(d.ch);
	/* nobody has it open: it is read from the database */
	assert_int_equal(side(own, "log", CHANNEL_OUT, "c", NULL), 2);
	assert_int_equal(store_commit(s->st, NULL), 0);
	d.ch = channel_open_side(s->st, row, "log", CHANNEL_OUT, NULL);
	assert_int_equal(channel_read(d.ch, 0, 9, 99, take, &got, NULL), 3);
	assert_string_equal(got.data, "0:a;1:b;2:c;");
	assert_int_equal(store_check(s->st, NULL), 0);
	buf_clear(&got);
	buf_clear(&d.text);
	channel_close(d.ch);
	store_disown(own);
	/* they go with their session */
	assert_int_equal(store_remove(s->st, row, NULL), 0);
	d.ch = channel_open_side(s->st, row, "log", CHANNEL_OUT, NULL);
	assert_int_equal(channel_head(d.ch), 0);
	channel_close(d.ch);
	assert_int_equal(store_check(s->st, NULL), 0);
}

/* pages */

enum { LONG = 250 };

static int
add_text(const struct record *r, void *arg)
{
	record_batch_add(arg, r);
	return 0;
}

static int
add_page(const struct channel_page *p, void *arg)
{
	buf_addf(arg, "%d %d %.*s\n", (int)p->first, (int)p->bytes,
	    (int)p->len, p->text);
	return 0;
}

static int64_t
body_bytes(struct channel *ch, int64_t from)
{
	struct buf bodies = BUF_INIT;
	int64_t n;

	assert_int_equal(channel_read(ch, from, BATCH_RECORDS_MAX, 99999,
	    take, &bodies, NULL), BATCH_RECORDS_MAX);
	n = 0;
	for (const char *p = bodies.data; (p = strchr(p, ':')) != NULL &&
	    p[1] == '{'; p = strstr(p, "};") + 1)
		n += strstr(p, "};") - p;
	buf_clear(&bodies);
	return n;
}

/* What the pages from a number on should be. */
static void
add_wanted(struct buf *b, struct channel *ch, int64_t from)
{
	buf_addf(b, "%d %d ", (int)from, (int)body_bytes(ch, from));
	record_batch_begin(b);
	assert_int_equal(channel_read(ch, from, BATCH_RECORDS_MAX, 99999,
	    add_text, b, NULL), BATCH_RECORDS_MAX);
	buf_addc(b, '\n');
}

static void
pages_say_what_the_records_say(void **state)
{
	struct scratch *s = *state;
	int64_t row = scratch_create_in(s->st, NULL, NULL);
	struct owned *own = scratch_own(s->st, row);
	struct channel *ch = scratch_channel(s->st, row, CHANNEL_OUT);
	struct buf want = BUF_INIT, got = BUF_INIT;
	int i;

	for (i = 0; i < LONG; i++)
		assert_int_equal(scratch_chunk(own, "{\"x\":[\"\\n\"]}"), i);
	assert_int_equal(store_commit(s->st, NULL), 0);
	for (; i < LONG + BATCH_RECORDS_MAX; i++)
		assert_int_equal(scratch_chunk(own, "2"), i);
	/* the third is not to be seen yet */
	assert_int_equal(channel_pages(ch, 0, add_page, &got, NULL), 2);
	add_wanted(&want, ch, 0);
	add_wanted(&want, ch, BATCH_RECORDS_MAX);
	assert_string_equal(got.data, want.data);
	buf_reset(&got);
	assert_int_equal(channel_pages(ch, 1, add_page, &got, NULL), 0);
	assert_int_equal(store_commit(s->st, NULL), 0);
	assert_int_equal(channel_pages(ch, 2L * BATCH_RECORDS_MAX, add_page,
	    &got, NULL), 1);
	buf_clear(&got);
	buf_clear(&want);
	channel_close(ch);
	store_disown(own);
}

static void
large_records_have_no_page(void **state)
{
	struct scratch *s = *state;
	int64_t row = scratch_create_in(s->st, NULL, NULL);
	struct owned *own = scratch_own(s->st, row);
	struct channel *ch = scratch_channel(s->st, row, CHANNEL_OUT);
	struct buf got = BUF_INIT, number = BUF_INIT;
	int i;

	for (i = 0; i < BATCH_BYTES_MAX / BATCH_RECORDS_MAX; i++)
		buf_addc(&number, '1');
	for (i = 0; i < BATCH_RECORDS_MAX; i++)
		assert_int_equal(scratch_chunk(own, number.data), i);
	assert_int_equal(store_commit(s->st, NULL), 0);
	assert_int_equal(channel_pages(ch, 0, add_page, &got, NULL), 0);
	assert_int_equal(channel_scan(ch, 7, take, &got, NULL), 93);
	assert_memory_equal(got.data, "7:{\"data\":111", 13);
	buf_clear(&got);
	buf_clear(&number);
	channel_close(ch);
	store_disown(own);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(nothing_is_seen_before_the_commit),
		scratch_test(a_waiter_behind_the_head_is_called_at_once),
		scratch_test(a_part_id_is_appended_once),
		scratch_test(a_slow_reader_gets_what_memory_has_forgotten),
		scratch_test(a_reader_may_append),
		scratch_test(control_records_keep_their_headers),
		scratch_test(commits_that_wait_too_long_are_made_at_once),
		scratch_test(a_busy_loop_commits_too),
		scratch_test(a_removed_session_has_no_records),
		scratch_test(side_channels_are_apart),
		scratch_test(pages_say_what_the_records_say),
		scratch_test(large_records_have_no_page),
		scratch_test(in_memory_all_is_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
