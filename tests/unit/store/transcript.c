/* SPDX-License-Identifier: GPL-3.0-or-later */
/* transcript.c - messages, cursors, turns, usage, copies */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>

#include "base/buf.h"
#include "scratch.h"

static int
take(const char *id, const char *json, void *arg)
{
	buf_addf(arg, "%s=%s;", id, json);
	return 0;
}

static void
check_messages(struct store *st, int64_t row, int limit, const char *before,
    bool want_more, const char *want)
{
	struct buf got = BUF_INIT;
	bool more = !want_more;

	assert_int_equal(store_messages(st, row, limit, before, take, &got,
	    &more, NULL), 0);
	assert_string_equal(got.data, want);
	assert_int_equal(more, want_more);
	buf_clear(&got);
}

static void
put(struct owned *own, const char *id, const char *text, int64_t seq)
{
	assert_int_equal(store_put_message(own, id, "user", text, text, seq,
	    NULL), 0);
}

static void
messages_come_in_order_and_in_pages(void **state)
{
	struct scratch *s = *state;
	int64_t row = scratch_create_in(s->st, NULL, NULL);
	struct owned *own = scratch_own(s->st, row);

	assert_int_equal(store_covered(s->st, row), -1);
	check_messages(s->st, row, 0, NULL, false, "");
	put(own, "a", "1", 3);
	put(own, "b", "2", 5);
	put(own, "c", "3", 9);
	put(own, "b", "4", 7);
	check_messages(s->st, row, 0, NULL, false, "a=1;b=4;c=3;");
	check_messages(s->st, row, 2, NULL, true, "b=4;c=3;");
	check_messages(s->st, row, 2, "b", false, "a=1;");
	check_messages(s->st, row, 2, "none", false, "");
	assert_int_equal(store_covered(s->st, row), 9);
	assert_int_equal(store_cover(own, 12, NULL), 0);
	assert_int_equal(store_cover(own, 10, NULL), 0);
	assert_int_equal(store_covered(s->st, row), 12);
	store_disown(own);
}

static void
many_messages_come_whole(void **state)
{
	struct scratch *s = *state;
	int64_t row = scratch_create_in(s->st, NULL, NULL);
	struct owned *own = scratch_own(s->st, row);
	struct buf want = BUF_INIT;
	char id[16];
	int i;

	for (i = 0; i < 200; i++) {
		snprintf(id, sizeof id, "m%d", i);
		put(own, id, "x", i);
		buf_addf(&want, "%s=x;", id);
	}
	check_messages(s->st, row, 0, NULL, false, want.data);
	check_messages(s->st, row, 200, NULL, false, want.data);
	check_messages(s->st, row, 199, NULL, true, want.data + 5);
	buf_clear(&want);
	store_disown(own);
}

static void
cut_messages_are_gone(void **state)
{
	struct scratch *s = *state;
	int64_t row = scratch_create_in(s->st, "x", NULL);
	struct owned *own = scratch_own(s->st, row);
	struct item it;

	put(own, "a", "1", 0);
	put(own, "b", "2", 1);
	put(own, "c", "3", 2);
	assert_int_equal(store_cut_messages(own, "none", NULL), 0);
	assert_int_equal(store_cut_messages(own, "b", NULL), 2);
	check_messages(s->st, row, 0, NULL, false, "a=1;");
	put(own, "d", "5", 3);
	check_messages(s->st, row, 0, NULL, false, "a=1;d=5;");
	assert_int_equal(store_find(s->st, "x", &it, NULL), 0);
	assert_int_equal(it.messages, 2);
	item_clear(&it);
	assert_int_equal(store_check(s->st, NULL), 0);
	store_disown(own);
}

static void
cursors_and_turns_are_kept(void **state)
{
	struct scratch *s = *state;
	int64_t row = scratch_create_in(s->st, NULL, NULL);
	struct owned *own = scratch_own(s->st, row);
	struct store_turn turn = { .in_seq = 4, .message_id = "m",
	    .attempts = 2 }, got;

	assert_int_equal(store_cursor(s->st, row, "agent"), -1);
	assert_int_equal(store_set_cursor(own, "agent", 3, NULL), 0);
	assert_int_equal(store_set_cursor(own, "agent", 4, NULL), 0);
	assert_int_equal(store_cursor(s->st, row, "agent"), 4);
	assert_int_equal(store_turn(s->st, row, &got, NULL), 0);
	assert_string_equal(got.message_id, "");
	assert_int_equal(got.in_seq, -1);
	assert_int_equal(store_set_turn(own, &turn, ITEM_RUNNING, NULL), 0);
	assert_int_equal(store_turn(s->st, row, &got, NULL), 0);
	assert_string_equal(got.message_id, "m");
	assert_int_equal(got.in_seq, 4);
	assert_int_equal(got.attempts, 2);
	store_disown(own);
}

static void
a_turn_without_an_owner_is_interrupted(void **state)
{
	struct scratch *s = *state;
	int64_t row = scratch_create_in(s->st, "x", NULL);
	struct owned *own = scratch_own(s->st, row);
	struct store_turn turn = { .in_seq = 0, .message_id = "m" };
	struct item it;

	assert_int_equal(store_set_turn(own, &turn, ITEM_RUNNING, NULL), 0);
	assert_int_equal(store_find(s->st, "x", &it, NULL), 0);
	assert_int_equal(it.state, ITEM_RUNNING);
	item_clear(&it);
	store_disown(own);
	assert_int_equal(store_commit(s->st, NULL), 0);
	assert_int_equal(store_find(s->st, "x", &it, NULL), 0);
	assert_int_equal(it.state, ITEM_INTERRUPTED);
	item_clear(&it);
	assert_int_equal(store_close_session(s->st, row, "bye", NULL), 0);
	assert_int_equal(store_close_session(s->st, row, "again", NULL), 0);
	assert_int_equal(store_find(s->st, "x", &it, NULL), 0);
	assert_int_equal(it.state, ITEM_CLOSED);
	assert_string_equal(it.closed_reason, "bye");
	assert_true(it.closed_at > 0);
	item_clear(&it);
}

static void
usage_is_summed(void **state)
{
	struct scratch *s = *state;
	int64_t row = scratch_create_in(s->st, "x", NULL);
	struct owned *own = scratch_own(s->st, row);
	struct item it;

	assert_int_equal(store_add_usage(own, "{\"in\":1,\"d\":{\"a\":1}}",
	    0.5, NULL), 0);
	assert_int_equal(store_add_usage(own, "{\"in\":2,\"out\":7,"
	    "\"d\":{\"a\":2,\"b\":3}}", 0.25, NULL), 0);
	assert_int_equal(store_find(s->st, "x", &it, NULL), 0);
	assert_string_equal(it.usage, "{\"in\":3,\"d\":{\"a\":3,\"b\":3},"
	    "\"out\":7}");
	assert_true(it.cost == 0.75);
	item_clear(&it);
	assert_int_equal(store_add_usage(own, "{}", -1, NULL), 0);
	assert_int_equal(store_add_usage(own, "{}", 1, NULL), 0);
	assert_int_equal(store_find(s->st, "x", &it, NULL), 0);
	assert_true(it.cost < 0);
	item_clear(&it);
	assert_int_equal(store_add_usage(own, "{", 1, NULL), -1);
	store_disown(own);
}

static void
a_copy_has_the_transcript_and_no_records(void **state)
{
	struct scratch *s = *state;
	int64_t row = scratch_create_in(s->st, "x", "Title");
	struct owned *own = scratch_own(s->st, row);
	struct channel *out;
	struct err e = ERR_INIT;
	struct item it;

	put(own, "a", "1", 0);
	put(own, "b", "2", 1);
	put(own, "c", "3", 2);
	assert_int_equal(scratch_chunk(own, "{}"), 0);
	assert_int_equal(store_fork(s->st, row, "b", &it, NULL), 0);
	assert_string_equal(it.title, "Title (fork)");
	assert_string_equal(it.tags, "[\"a\",\"b\"]");
	assert_string_equal(it.dir, "/work");
	assert_null(it.external_id);
	assert_int_equal(it.messages, 2);
	check_messages(s->st, it.row, 0, NULL, false, "a=1;b=2;");
	assert_int_equal(store_covered(s->st, it.row), -1);
	out = scratch_channel(s->st, it.row, CHANNEL_OUT);
	assert_int_equal(channel_head(out), 0);
	channel_close(out);
	item_clear(&it);
	assert_int_equal(store_fork(s->st, row, "none", &it, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_int_equal(store_fork(s->st, row, NULL, &it, NULL), 0);
	assert_int_equal(it.messages, 3);
	item_clear(&it);
	assert_int_equal(store_check(s->st, NULL), 0);
	store_disown(own);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(messages_come_in_order_and_in_pages),
		scratch_test(many_messages_come_whole),
		scratch_test(cut_messages_are_gone),
		scratch_test(cursors_and_turns_are_kept),
		scratch_test(a_turn_without_an_owner_is_interrupted),
		scratch_test(usage_is_summed),
		scratch_test(a_copy_has_the_transcript_and_no_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
