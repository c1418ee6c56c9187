/* SPDX-License-Identifier: GPL-3.0-or-later */
/* shell.c - commands taken to pieces */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "base/buf.h"
#include "tool/shell.h"

/* "a b|c >d" for pieces "a b" and "c" with output to d; "?": not understood */
static void
describe(struct buf *out, const char *command)
{
	struct shell *sh = shell_split(command, strlen(command));
	size_t i, k;

	if (!sh->understood)
		buf_adds(out, "? ");
	for (i = 0; i < sh->count; i++) {
		const struct shell_piece *p = &sh->pieces[i];

		buf_adds(out, i > 0 ? "|" : "");
		for (k = 0; k < p->assigns; k++)
			buf_adds(out, "= ");
		for (k = 0; k < p->word_count; k++)
			buf_addf(out, "%s%s%s", k > 0 ? " " : "",
			    p->words[k].text, p->words[k].flags &
			    WORD_DYNAMIC ? "$" : p->words[k].flags &
			    WORD_GLOB ? "*" : "");
		for (k = 0; k < p->redirect_count; k++)
			buf_addf(out, " %c%s", "<>&@"[p->redirects[k].kind],
			    p->redirects[k].to.text);
	}
	shell_free(sh);
}

static void
commands_fall_into_their_pieces(void **state)
{
	static const struct {
		const char *command, *pieces;
	} t[] = {
		{ "", "" }, { "a", "a" }, { "  a   b ", "a b" },
		{ "a && b || c; d & e", "a|b|c|d|e" },
		{ "a | b |& c", "a|b|c" }, { "a\nb\n", "a|b" },
		{ "a # b; c\nd", "a|d" }, { "a b#c", "a b#c" },
		{ "'a b' \"c d\" e\\ f", "a b c d e f" },
		{ "a 'b;c' \"d&&e\"", "a b;c d&&e" },
		{ "a $(b c) d", "a $(b c)$ d|b c" },
		{ "a `b c`", "a $|b c" },
		{ "a \"$(b \"$(c)\")\"", "a $(b \"$(c)\")$|b $(c)$|c" },
		{ "(a; b) && { c; d; }", "a|b|c|d" },
		{ "if a; then b; elif c; then d; else e; fi", "a|b|c|d|e" },
		{ "while a; do b; done", "a|b" },
		{ "for x in 1 $(a); do b $x; done",
		    "x in 1 $(a)$|a|b $x$" },
		{ "! a", "a" }, { "time a", "a" },
		{ "a >b 2>&1 </c", "a >b &1 </c" },
		{ "a &>b; c >>d; e >|f; g >& h", "a >b|c >d|e >f|g >h" },
		{ "a 2>/dev/null", "a >/dev/null" }, { "a 2 >b", "a 2 >b" },
		{ "> f", " >f" },
		{ "a <<E\nb $(c)\nE\nd", "a @b $(c)\n|c|d" },
		{ "a <<'E'\nb $(c)\nE\nd", "a @b $(c)\n|d" },
		{ "a <<-E\n\tb\n\tE\nc", "a @b\n|c" },
		{ "a <<<b", "a @b" },
		{ "a <(b) >(c)", "a $ $|b|c" },
		{ "X=1 a", "= a" }, { "X=$(a) b", "= b|a" },
		{ "a X=1", "a X=1" }, { "a *.c ?", "a *.c* ?*" },
		{ "a {b,c}", "a {b,c}$" }, { "a ~/b", "a ~/b" },
		{ "a\\\nb c", "ab c" }, { "\\a", "a" }, { "a'b'\"c\"", "abc" },
		{ "a ${b:-$(c)}", "a ${b:-$(c)}$|c" },
		{ "a $'\\x41'", "a $" }, { "a $", "a $" },
		/* what is not followed is said so, and still searched */
		{ "a 'b", "? a b" }, { "a $(b", "? a $(b$|b" },
		{ "a)", "? a" }, { "f() { a; }", "? f|a" },
		{ "case x in y) a;; esac", "? case x in y|a|esac" },
		{ "[[ a ]] && b", "? [[* a ]]|b" },
		{ "a $((1+1))", "? a $((1+1))$|1+1" },
		{ "a <<E\nb", "? a @b\n" }, { "a\x01", "? a\x01" },
		{ "a ${b[", "? a ${b[$" },
		{ "a \"${b:-\"c\"}\"", "? a ${b:-\"c\"}$" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof t / sizeof t[0]; i++) {
		struct buf b = BUF_INIT;

		describe(&b, t[i].command);
		if (strcmp(b.data, t[i].pieces) != 0)
			fail_msg("%s: %s, not %s", t[i].command, b.data,
			    t[i].pieces);
		buf_clear(&b);
	}
}

static void
who_is_fed_is_known(void **state)
{
	static const struct {
		const char *command;
		bool fed;	/* the last piece */
	} t[] = {
		{ "a; b", false }, { "a | b", true }, { "a || b", false },
		{ "b <<E\nx\nE\n", true }, { "b <f", true }, { "b <<<x", true },
		{ "a | { c; b; }", true }, { "b 2>&1", false },
		{ "{ b; } <f", true },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof t / sizeof t[0]; i++) {
		struct shell *sh = shell_split(t[i].command,
		    strlen(t[i].command));

		assert_true(sh->count > 0);
		assert_int_equal(sh->pieces[sh->count - 1].fed, t[i].fed);
		shell_free(sh);
	}
}

static void
depth_and_number_have_ceilings(void **state)
{
	struct buf b = BUF_INIT;
	struct shell *sh;
	int i;

	(void)state;
	for (i = 0; i < 10000; i++)
		buf_adds(&b, "$(");
	sh = shell_split(b.data, b.len);
	assert_false(sh->understood);
	shell_free(sh);
	buf_reset(&b);
	for (i = 0; i < 10000; i++)
		buf_adds(&b, "a;");
	sh = shell_split(b.data, b.len);
	assert_false(sh->understood);
	assert_int_equal(sh->count, SHELL_PIECES_MAX);
	shell_free(sh);
	buf_clear(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_fall_into_their_pieces),
		cmocka_unit_test(who_is_fed_is_known),
		cmocka_unit_test(depth_and_number_have_ceilings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
