/* SPDX-License-Identifier: GPL-3.0-or-later */
/* safe.c - tests of the filter in front of a terminal */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "ui/safe.h"

struct pair {
	const char *in, *out;
};

static void
filter(enum safe_mode mode, struct buf *out, const char *p, size_t len,
    size_t cut)
{
	struct safe s;

	safe_init(&s, mode);
	safe_add(&s, out, p, cut);
	safe_add(&s, out, p + cut, len - cut);
	safe_finish(&s, out);
}

/* Every cut gives the same, and a second pass changes nothing. */
static void
check(enum safe_mode mode, const char *in, const char *want)
{
	struct buf out = BUF_INIT, again = BUF_INIT;
	size_t cut, len = strlen(in);

	for (cut = 0; cut <= len; cut++) {
		filter(mode, &out, in, len, cut);
		assert_string_equal(out.data, want);
		filter(mode, &again, out.data, out.len, out.len / 2);
		assert_string_equal(again.data, want);
		buf_reset(&out);
		buf_reset(&again);
	}
	buf_clear(&out);
	buf_clear(&again);
}

static void
check_all(enum safe_mode mode, const struct pair *pairs, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		check(mode, pairs[i].in, pairs[i].out);
}

static void
text_stays(void **state)
{
	static const char *const texts[] = {
		"", "plain\ttext\n", "gr\u00fc\u00dfe \u4f60\u597d",
		"\u2764\ufe0f 1\ufe0f\u20e3 \u00a9\ufe0e",
		"\U0001f468\u200d\U0001f469\u200d\U0001f467",
		"\u2764\ufe0f\u200d\U0001f525",
		"\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
		"\u0915\u094d\u200d\u0937",
		"\U0001f1e9\U0001f1ea \U0001f44d\U0001f3fd",
		"\ufffd", "~}|",
	};
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(texts); i++) {
		check(SAFE_TEXT, texts[i], texts[i]);
		assert_true(safe_is_clean(texts[i], strlen(texts[i])));
	}
}

static void
sequences_are_removed_whole(void **state)
{
	static const struct pair pairs[] = {
		{ "a\033[31mb\033[0mc", "abc" },
		{ "a\033[?2004hb", "ab" },
		{ "a\033[1;2\nb", "a\nb" },
		{ "a\033]0;title\007b", "ab" },
		{ "a\033]52;c;eA==\033\\b", "ab" },
		{ "a\033]8;;http://x\033\\l\033]8;;\033\\b", "alb" },
		{ "a\033]0;open\nb", "a\nb" },
		{ "a\033Pq\n#0\033\\b", "ab" },
		{ "a\033_Gi=1;AAAA\033\\b", "ab" },
		{ "a\033^pm\033\\\033Xsos\033\\b", "ab" },
		{ "a\033(0b\033#8c\033cd", "abcd" },
		{ "a\033\033[2Jb", "ab" },
		{ "a\033[3\033]0;x\007b", "ab" },
		{ "a\033\u00e9b", "a\u00e9b" },
		{ "a\302\2332Jb", "ab" },
		{ "a\302\2350;t\302\234b", "ab" },
		{ "a\2332Jb\2350;t\234c", "abc" },
		{ "a\220q\030b", "ab" },
		{ "end\033[", "end" },
		{ "end\033]0;never ends", "end" },
	};

	(void)state;
	check_all(SAFE_TEXT, pairs, NELEM(pairs));
}

static void
hidden_characters_go(void **state)
{
	static const struct pair pairs[] = {
		{ "a\001\010\016\177b", "ab" },
		{ "a\302\205\302\200b", "ab" },
		{ "x\u202ey\u2066z\u2069\u200e\u200f\u061c", "xyz" },
		{ "a\u200bb\ufeffc\u2060\u2064d\u00ade", "abcde" },
		{ "a\U000e0041\U000e007fb\U000e0100c", "abc" },
		{ "a\ufff9b\ufffac\ufffb\uffff", "abc" },
		{ "a\u200db\u200cc \u200d", "abc " },
		{ "\U0001f525\u200da", "\U0001f525a" },
		{ "\U0001f468\u200d\u200d\U0001f469",
		    "\U0001f468\u200d\U0001f469" },
		{ "a\ufe0f1\ufe0f\ufe0f\ufe01", "a1\ufe0f" },
		{ "a\u2028b\u2029c", "a\nb\nc" },
		{ "a\r\nb\rc\r\r\nd\r", "a\nb\nc\nd\n" },
		{ "a\r\033[K\nb", "a\nb" },
	};

	(void)state;
	check_all(SAFE_TEXT, pairs, NELEM(pairs));
}

static void
malformed_bytes_are_replaced(void **state)
{
	static const struct pair pairs[] = {
		{ "a\377b", "a\ufffdb" },
		{ "a\303(", "a\ufffd(" },
		{ "a\303\033[m\251", "a\ufffd\ufffd" },
		{ "\360\237\230", "\ufffd" },
		{ "\300\257", "\ufffd\ufffd" },
	};

	(void)state;
	check_all(SAFE_TEXT, pairs, NELEM(pairs));
}

static void
show_hides_nothing(void **state)
{
	static const struct pair pairs[] = {
		{ "rm x\ny", "rm x^Jy" },
		{ "a\tb\r\177", "a^Ib^M^?" },
		{ "\033[2Jx", "^[[2Jx" },
		{ "a\302\233b", "a\\u{9b}b" },
		{ "a\233b\303(", "a\\x{9b}b\\x{c3}(" },
		{ "abc\u202ecod.exe", "abc\\u{202e}cod.exe" },
		{ "a\u200db", "a\\u{200d}b" },
		{ "a\u200d\ufe0fb", "a\\u{200d}\\u{fe0f}b" },
		{ "\U0001f468\u200d\U0001f469", "\U0001f468\u200d\U0001f469" },
		{ "\u2028\U000e0041", "\\u{2028}\\u{e0041}" },
	};

	(void)state;
	check_all(SAFE_SHOW, pairs, NELEM(pairs));
}

static void
an_endless_sequence_is_bounded(void **state)
{
	struct buf in = BUF_INIT, out = BUF_INIT;
	size_t i;

	(void)state;
	buf_adds(&in, "\033P");
	for (i = 0; i < SAFE_SEQ_MAX * 2; i++)
		buf_addc(&in, 'x');
	safe_text(&out, in.data, in.len);
	assert_true(out.len >= SAFE_SEQ_MAX);
	assert_true(out.len < SAFE_SEQ_MAX + 8);
	buf_clear(&in);
	buf_clear(&out);
}

/* No table here: what a terminal must never get, said a second time. */
static bool
is_bad(uint32_t cp)
{
	return (cp < 0x20 && cp != '\n' && cp != '\t') ||
	    (cp >= 0x7f && cp < 0xa0) || cp == 0xad || cp == 0x61c ||
	    cp == 0x200b || cp == 0x200e || cp == 0x200f ||
	    (cp >= 0x2028 && cp <= 0x202e) ||
	    (cp >= 0x2060 && cp <= 0x2069) || cp == 0xfeff ||
	    (cp >= 0xfe00 && cp <= 0xfe0d) ||
	    (cp >= 0xfff9 && cp <= 0xfffb) ||
	    (cp >= 0xe0000 && cp <= 0xe01ef);
}

static void
no_character_gets_through_alone(void **state)
{
	static const enum safe_mode modes[] = { SAFE_TEXT, SAFE_SHOW };
	struct buf out = BUF_INIT;
	uint32_t cp, got;
	size_t m, pos, passed = 0;

	(void)state;
	for (m = 0; m < NELEM(modes); m++)
		for (cp = 0; cp < 0x110000; cp++) {
			char in[6] = "a";
			size_t n = 1 + utf8_encode(cp, in + 1);

			in[n++] = 'b';
			buf_reset(&out);
			filter(modes[m], &out, in, n, 1);
			for (pos = 0; pos < out.len;) {
				pos += utf8_decode(out.data + pos,
				    out.len - pos, &got);
				assert_false(is_bad(got));
			}
			passed += out.len == n;
		}
	assert_true(passed > 2 * 0x100000);
	buf_clear(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_stays),
		cmocka_unit_test(sequences_are_removed_whole),
		cmocka_unit_test(hidden_characters_go),
		cmocka_unit_test(malformed_bytes_are_replaced),
		cmocka_unit_test(show_hides_nothing),
		cmocka_unit_test(an_endless_sequence_is_bounded),
		cmocka_unit_test(no_character_gets_through_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
