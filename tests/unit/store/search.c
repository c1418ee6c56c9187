/* SPDX-License-Identifier: GPL-3.0-or-later */
/* search.c - words in, messages out */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>

#include "base/buf.h"
#include "scratch.h"

static int
take(const struct store_hit *hit, void *arg)
{
	buf_addf(arg, "%s/%s;", item_key(hit->item),
	    hit->message_id == NULL ? "title" : hit->message_id);
	return 0;
}

static int
take_snippet(const struct store_hit *hit, void *arg)
{
	buf_adds(arg, hit->snippet);
	return 0;
}

static void
check_hits(struct store *st, const char *words, int limit, const char *want)
{
	struct buf got = BUF_INIT;
	struct err e = ERR_INIT;

	if (store_search(st, words, limit, take, &got, &e) == -1)
		fail_msg("%s: %s", words, e.text);
	assert_string_equal(got.data, want);
	buf_clear(&got);
}

static void
put(struct owned *own, const char *id, const char *text)
{
	assert_int_equal(store_put_message(own, id, "user", "{}", text, 0,
	    NULL), 0);
}

static void
words_are_found_the_newest_first(void **state)
{
	struct scratch *s = *state;
	struct owned *a = scratch_own(s->st, scratch_create_in(s->st, "a",
	    "Compiler trouble"));
	struct owned *b = scratch_own(s->st, scratch_create_in(s->st, "b",
	    NULL));

	put(a, "m1", "The quick brown fox");
	put(b, "m2", "quick and dirty, Größe café");
	put(a, "m3", "the compiler is quick");
	check_hits(s->st, "quick", 9, "a/m3;b/m2;a/m1;");
	check_hits(s->st, "QUI", 2, "a/m3;b/m2;");
	check_hits(s->st, "the quick", 9, "a/m3;a/m1;");
	check_hits(s->st, "qui the", 9, "");
	check_hits(s->st, "compil", 9, "a/m3;a/title;");
	check_hits(s->st, "cafe", 9, "b/m2;");
	check_hits(s->st, "nothing", 9, "");
	store_disown(a);
	store_disown(b);
}

static void
no_query_is_a_syntax_error(void **state)
{
	struct scratch *s = *state;
	struct owned *a = scratch_own(s->st, scratch_create_in(s->st, "a",
	    NULL));
	static const char *const odd[] = { "", " ", "\"", "*", "AND", "a OR",
	    "NEAR(", "text:x", "^x", "-", "a - b", "''", ")(", "{x}", "\\",
	    "\xff", "+", "col : \"" };
	struct buf got = BUF_INIT;
	size_t i;

	put(a, "m", "foo - bar don't NOT");
	for (i = 0; i < NELEM(odd); i++)
		assert_int_equal(store_search(s->st, odd[i], 9, take, &got,
		    NULL), 0);
	assert_string_equal(got.data, "");
	check_hits(s->st, "foo - bar", 9, "a/m;");
	check_hits(s->st, "bar \"don't\"", 9, "a/m;");
	check_hits(s->st, "NOT foo", 9, "a/m;");
	buf_clear(&got);
	store_disown(a);
}

static void
what_is_changed_or_gone_is_not_found(void **state)
{
	struct scratch *s = *state;
	int64_t row = scratch_create_in(s->st, "a", "heading");
	struct owned *a = scratch_own(s->st, row);
	struct store_update u = { .title = "caption", .expires_at = -1 };

	put(a, "m1", "first");
	put(a, "m2", "second");
	put(a, "m1", "third");
	check_hits(s->st, "first", 9, "");
	check_hits(s->st, "third", 9, "a/m1;");
	assert_int_equal(store_cut_messages(a, "m2", NULL), 1);
	check_hits(s->st, "second", 9, "");
	assert_int_equal(store_update(s->st, row, &u, NULL), 0);
	check_hits(s->st, "heading", 9, "");
	check_hits(s->st, "caption", 9, "a/title;");
	store_disown(a);
	assert_int_equal(store_remove(s->st, row, NULL), 0);
	check_hits(s->st, "caption", 9, "");
	check_hits(s->st, "third", 9, "");
	assert_int_equal(store_check(s->st, NULL), 0);
}

static void
a_snippet_marks_the_match(void **state)
{
	struct scratch *s = *state;
	struct owned *a = scratch_own(s->st, scratch_create_in(s->st, "a",
	    NULL));
	struct buf got = BUF_INIT;

	put(a, "m1", "one two three");
	assert_int_equal(store_search(s->st, "tw", 9, take_snippet, &got,
	    NULL), 0);
	assert_string_equal(got.data, "one \001two\002 three");
	buf_clear(&got);
	store_disown(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(words_are_found_the_newest_first),
		scratch_test(no_query_is_a_syntax_error),
		scratch_test(what_is_changed_or_gone_is_not_found),
		scratch_test(a_snippet_marks_the_match),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
