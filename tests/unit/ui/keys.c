/* SPDX-License-Identifier: GPL-3.0-or-later */
/* keys.c - tests of bytes that become keys */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "base/attr.h"
#include "ui/keys.h"

static void
note(const struct key_event *ev, void *arg)
{
	struct buf *b = arg;

	if (ev->key == KEY_BYTES) {
		buf_add(b, ev->bytes, ev->len);
		return;
	}
	buf_addf(b, "<%s", ev->key == KEY_PASTE ? "paste " :
	    key_name(ev->key));
	if (ev->key == KEY_PASTE)
		buf_add(b, ev->bytes, ev->len);
	if (ev->n != 0)
		buf_addf(b, " %d", ev->n);
	buf_addc(b, '>');
}

static const struct {
	const char *in, *out;
} cases[] = {
	{ "abc\r", "abc<Enter>" },
	{ "\033[5~x\033[6~", "<PgUp PgDn>x<PgDn>" },
	{ "\033\r\n", "<Alt+Enter, Ctrl+J><Alt+Enter, Ctrl+J>" },
	{ "\033[13;2u\033[27;2;13~", "<Alt+Enter, Ctrl+J><Alt+Enter, Ctrl+J>" },
	{ "\030s\030\005\030\025",
	    "<Ctrl+X s><Ctrl+X Ctrl+E>\030\025" },
	{ "\033[200~a\rb\r\nc\033[201~d", "<paste a\nb\nc>d" },
	{ "\033[200~\033[5~\003\033[201~", "<paste \033[5~\003>" },
	{ "\0331\0339", "<Alt+1 ... 9 1><Alt+1 ... 9 9>" },
	{ "\033[5;3~", "<Alt+PgUp Alt+PgDn>" },
	{ "\033[99;5u", "\033[99;5u" },
	{ "\033]10;rgb:0/0/0\033\\z", "z" },
	{ "\033]4;1;rgb:0/0/0\az", "z" },
	{ "\033]11;rgb:f/f/f\033\\z", "<>z" },
	{ "\033b\302\265", "\033b\302\265" },
	{ "\033OP\033[[A", "<F1, Ctrl+X h, ?><F1, Ctrl+X h, ?>" },
	{ "\033[A\033[A", "<Up Down><Up Down>" },
	{ "\003\004\014\032", "<Ctrl+C><Ctrl+D><Ctrl+L><Ctrl+Z>" },
	{ "\033\030s", "<Esc><Ctrl+X s>" },
};

/* Whole, and cut at every byte: the same keys. */
static void
test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < NELEM(cases); i++)
		for (size_t cut = 0; cut <= strlen(cases[i].in); cut++) {
			struct keys k;
			struct buf b = BUF_INIT;

			keys_init(&k);
			keys_feed(&k, cases[i].in, cut, note, &b);
			keys_feed(&k, cases[i].in + cut,
			    strlen(cases[i].in) - cut, note, &b);
			assert_string_equal(b.data, cases[i].out);
			assert_false(keys_waiting(&k));
			buf_clear(&b);
			keys_clear(&k);
		}
}

/* More than a message may hold: the beginning, whole characters, said so. */
static void
note_length(const struct key_event *ev, void *arg)
{
	struct key_event *seen = arg;

	assert_int_equal(ev->key, KEY_PASTE);
	assert_int_equal(ev->bytes[ev->len - 1], '\xa9');
	*seen = *ev;
}

static void
test_long_paste(void **state)
{
	static const size_t lengths[] = { 3, KEYS_PASTE_MAX - 1,
	    KEYS_PASTE_MAX + 1, KEYS_PASTE_MAX + 3 };

	(void)state;
	for (size_t i = 0; i < NELEM(lengths); i++) {
		struct key_event seen = { .key = KEY_BYTES };
		struct buf b = BUF_INIT;
		struct keys k;

		buf_adds(&b, "\033[200~x");
		for (size_t n = 1; n < lengths[i]; n += 2)
			buf_adds(&b, "\xc3\xa9");
		buf_adds(&b, "\033[201~");
		keys_init(&k);
		keys_feed(&k, b.data, b.len, note_length, &seen);
		assert_int_equal(seen.cut, lengths[i] > KEYS_PASTE_MAX);
		assert_int_equal(seen.len, seen.cut ? KEYS_PASTE_MAX - 1 :
		    lengths[i]);
		buf_clear(&b);
		keys_clear(&k);
	}
}

static void
test_esc(void **state)
{
	struct keys k;
	struct buf b = BUF_INIT;

	(void)state;
	keys_init(&k);
	keys_feed(&k, "\033", 1, note, &b);
	assert_true(keys_waiting(&k));
	assert_string_equal(b.data, "");
	keys_timeout(&k, note, &b);
	assert_string_equal(b.data, "<Esc>");
	assert_false(keys_waiting(&k));
	keys_feed(&k, "\033\033", 2, note, &b);
	keys_timeout(&k, note, &b);
	assert_string_equal(b.data, "<Esc><Esc><Esc>");
	buf_reset(&b);
	keys_feed(&k, "\033[", 2, note, &b);
	keys_timeout(&k, note, &b);
	assert_string_equal(b.data, "\033[");
	/* Ctrl+X waits as long as it takes */
	keys_feed(&k, "\030", 1, note, &b);
	assert_false(keys_waiting(&k));
	buf_clear(&b);
	keys_clear(&k);
}

static void
test_wheel(void **state)
{
	struct keys k;
	struct buf b = BUF_INIT;

	(void)state;
	keys_init(&k);
	keys_feed(&k, "\033[A\033[A\033[A", 9, note, &b);
	keys_feed(&k, "\033OB\033OB\033OB\033OB", 12, note, &b);
	keys_feed(&k, "\033[A\033[A\033[B", 9, note, &b);
	assert_string_equal(b.data,
	    "<wheel 3><wheel 4><Up Down><Up Down><Down>");
	buf_clear(&b);
	keys_clear(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_long_paste),
		cmocka_unit_test(test_esc),
		cmocka_unit_test(test_wheel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
