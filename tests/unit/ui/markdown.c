/* SPDX-License-Identifier: GPL-3.0-or-later */
/* markdown.c - tests of markdown as lines of a terminal */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "ui/markdown.h"
#include "ui/md_stream.h"
#include "ui/safe.h"
#include "ui/style.h"
#include "ui/width.h"

static const struct style plain = { .columns = 80 };
static const struct style colour = { .sgr = true, .links = true,
	.depth = STYLE_16 };

struct rendering {
	size_t width;
	const char *in, *out;
};

static const struct rendering renderings[] = {
	{ 20, "", "" },
	{ 20, "\n\n", "" },
	{ 20, "# Head *x*\ntext", "# Head *x*\n\ntext\n" },
	{ 20, "one two three four five six",
	    "one two three four\nfive six\n" },
	{ 40, "a **b** `c` ~~d~~ _e_", "a **b** `c` ~~d~~ *e*\n" },
	{ 40, "a\\\nb\nc", "a\nb c\n" },
	{ 20, "- a\n- b\n  - c\n    - d\n", "\u2022 a\n\u2022 b\n  \u25e6 c\n"
	    "    \u25aa d\n" },
	{ 20, "- a\n\n- b\n\n  c\n", "\u2022 a\n\n\u2022 b\n\n  c\n" },
	{ 20, "9. a\n10. b\n\nend", "9. a\n10. b\n\nend\n" },
	{ 20, "1. a\n\n```\nx\n```\n\n2. b\n",
	    "1. a\n\n  x\n\n2. b\n" },
	{ 20, "1. a\n\n   ```c\n   x\n\n   y\n   ```\n2. b\n",
	    "1. a\n\n     c\n     x\n\n     y\n\n2. b\n" },
	{ 20, "- [ ] todo\n- [x] done\n-\n",
	    "\u2610 todo\n\u2611 done\n\u2022 \n" },
	{ 20, "> a\n> > b c d e f g h i j k\n>\n> z\n",
	    "\u2502 a\n\u2502\n\u2502 \u2502 b c d e f g h i\n"
	    "\u2502 \u2502 j k\n\u2502\n\u2502 z\n" },
	{ 20, "```py\na\tb\n\n" "0123456789012345678901234\n```\nend",
	    "  py\n  a       b\n\n  012345678901234567\n  8901234\n\nend\n" },
	{ 20, "```\nopen", "  open\n" },
	{ 20, "    code\n\n    more\n", "  code\n\n  more\n" },
	{ 20, "a\n\n---\n\nb", "a\n\n\u2500\u2500\u2500\u2500\u2500\u2500"
	    "\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500"
	    "\u2500\u2500\u2500\u2500\n\nb\n" },
	{ 80, "<b>x</b> &amp;&#x202e;&#27;[2J&unknown;",
	    "<b>x</b> &[2J&unknown;\n" },
	{ 80, "[t](https://x.org) <https://y.org> ![i](p.png)",
	    "t (https://x.org) https://y.org i (p.png)\n" },
	{ 80, "a\033[2J\302\233mb\u202e", "ab\n" },
	{ 40, "|a|\u540d|\n|---|--:|\n|\u4f60\u597d|1|\n|\U0001f44d\U0001f3fd|22|",
	    "a    \u2502 \u540d\n"
	    "\u2500\u2500\u2500\u2500\u2500\u253c\u2500\u2500\u2500\n"
	    "\u4f60\u597d \u2502  1\n"
	    "\U0001f44d\U0001f3fd   \u2502 22\n" },
	{ 20, "|ab|c|\n|---|---|\n|x|one two three four five|",
	    "ab \u2502 c\n\u2500\u2500\u2500\u253c\u2500\u2500\u2500\u2500"
	    "\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500"
	    "\u2500\u2500\nx  \u2502 one two three\n   \u2502 four five\n" },
	{ 20, "|a|b|c|d|\n|---|---|---|---|\n|1|2|3|4|\n|5|6|7|8|",
	    "a: 1\nb: 2\nc: 3\nd: 4\n\na: 5\nb: 6\nc: 7\nd: 8\n" },
};

static void
render_cut(struct buf *out, const struct md_opts *opts, const char *in,
    size_t len, size_t cut)
{
	struct md_stream *ms = md_stream_new(opts);
	struct buf open = BUF_INIT;

	md_stream_add(ms, in, cut);
	md_stream_take(ms, out);
	md_stream_open(ms, &open);
	md_stream_add(ms, in + cut, len - cut);
	md_stream_finish(ms);
	md_stream_take(ms, out);
	md_stream_free(ms);
	buf_clear(&open);
}

static void
blocks_look_as_they_should(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(renderings); i++) {
		const struct rendering *r = &renderings[i];
		struct md_opts opts = { .style = &plain, .width = r->width };
		struct buf out = BUF_INIT;

		md_render(&out, r->in, strlen(r->in), &opts);
		assert_string_equal(out.data, r->out);
		buf_clear(&out);
	}
}

static void
every_cut_gives_the_same(void **state)
{
	size_t i, cut;

	(void)state;
	for (i = 0; i < NELEM(renderings); i++) {
		const struct rendering *r = &renderings[i];
		struct md_opts opts = { .style = &plain, .width = r->width };
		struct buf out = BUF_INIT;

		for (cut = 0; cut <= strlen(r->in); cut++) {
			buf_reset(&out);
			render_cut(&out, &opts, r->in, strlen(r->in), cut);
			assert_string_equal(out.data, r->out);
		}
		buf_clear(&out);
	}
}

static void
styles_and_links(void **state)
{
	static const char in[] = "a **b** [t](https://x.org) "
	    "[https://good.org](https://evil.org) [j](javascript:x)";
	struct md_opts opts = { .style = &colour, .width = 80 };
	struct buf out = BUF_INIT;

	(void)state;
	md_render(&out, in, strlen(in), &opts);
	assert_string_equal(out.data, "a \033[0;1mb\033[0m "
	    "\033]8;;https://x.org\033\\\033[0;4;34mt\033[0m\033]8;;\033\\ "
	    "\033]8;;https://evil.org\033\\\033[0;4;34mhttps://good.org"
	    "\033[0m\033]8;;\033\\\033[0;2m (https://evil.org)\033[0m "
	    "\033[0;4;34mj\033[0m\033[0;2m (javascript:x)\033[0m\n");
	buf_clear(&out);
}

/* Lines that models write, mixed by a fixed sequence of numbers. */
static const char *const lines[] = {
	"", "", "", "text of a paragraph", "  two in", "    four in",
	"- a", "- b", "* c", "1. one", "2. two", "   three in", "```",
	"```c", "~~~", "# H", "---", "***", "\ttab", "10) x", "      six",
	"=====", "<div>", "  - nested", "    1. deep", "> quote",
	"\u4f60\u597d \U0001f468\u200d\U0001f469 **b** `c`",
};

static void
mixture(struct buf *in, uint32_t seed)
{
	size_t n;

	buf_reset(in);
	for (n = 0; n < 3 + seed % 11; n++) {
		seed = seed * 1664525 + 1013904223;
		buf_adds(in, lines[(seed >> 16) % NELEM(lines)]);
		buf_addc(in, '\n');
	}
}

static void
blocks_are_cut_where_they_end(void **state)
{
	struct md_opts opts = { .style = &colour, .width = 40 };
	struct buf in = BUF_INIT, whole = BUF_INIT, out = BUF_INIT;
	uint32_t seed;

	(void)state;
	for (seed = 0; seed < 2000; seed++) {
		unsigned number = 0;

		mixture(&in, seed);
		buf_reset(&whole);
		buf_reset(&out);
		md_render_safe(&whole, in.data, in.len, &opts, &number);
		render_cut(&out, &opts, in.data, in.len, in.len / 2);
		assert_string_equal(out.data, whole.data);
	}
	buf_clear(&in);
	buf_clear(&whole);
	buf_clear(&out);
}

static void
no_line_is_too_wide(void **state)
{
	struct buf in = BUF_INIT, out = BUF_INIT;
	size_t width;
	uint32_t seed;
	char *p, *end;

	(void)state;
	for (seed = 0; seed < 600; seed++) {
		struct md_opts opts = { .style = &plain };

		width = 20 + seed % 3 * 20;
		opts.width = width;
		mixture(&in, seed);
		buf_reset(&out);
		md_render(&out, in.data, in.len, &opts);
		assert_true(safe_is_clean(out.data, out.len));
		for (p = out.data; (end = strchr(p, '\n')) != NULL;
		    p = end + 1)
			assert_true(width_cells(p, (size_t)(end - p)) <=
			    width);
	}
	buf_clear(&in);
	buf_clear(&out);
}

static void
lines_of_a_fence_are_final(void **state)
{
	struct md_opts opts = { .style = &plain, .width = 40 };
	struct md_stream *ms = md_stream_new(&opts);
	struct buf out = BUF_INIT;

	(void)state;
	md_stream_add(ms, "hi\n```c\nint a;\nint", 18);
	md_stream_take(ms, &out);
	assert_string_equal(out.data, "hi\n\n  c\n  int a;\n");
	buf_reset(&out);
	md_stream_open(ms, &out);
	assert_string_equal(out.data, "  int\n");
	md_stream_free(ms);
	buf_clear(&out);
}

/* The most that is ever open, and all of the output. */
static size_t
largest_open(const char *line, size_t times, struct buf *out)
{
	struct md_opts opts = { .style = &plain, .width = 40 };
	struct md_stream *ms = md_stream_new(&opts);
	struct buf open = BUF_INIT;
	size_t i, most = 0;

	for (i = 0; i < times; i++) {
		md_stream_add(ms, line, strlen(line));
		md_stream_take(ms, out);
		if (i % 64 == 0) {
			buf_reset(&open);
			md_stream_open(ms, &open);
			if (open.len > most)
				most = open.len;
		}
	}
	md_stream_finish(ms);
	md_stream_take(ms, out);
	md_stream_free(ms);
	buf_clear(&open);
	return most;
}

static void
giant_blocks_are_bounded(void **state)
{
	static const char *const giants[] = { "word ", "- item\n", "| a | b |\n",
	    "word\n", "xxxxxxxx" };
	struct buf out = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(giants); i++) {
		buf_reset(&out);
		assert_true(largest_open(giants[i], 20000, &out) <
		    4 * MD_OPEN_MAX);
		assert_true(out.len > 20000);
	}
	buf_clear(&out);
}

static void
a_giant_list_goes_on_counting(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	(void)largest_open("1. item\n", 6000, &out);
	assert_non_null(strstr(out.data, "\n3000. item\n3001. item\n"));
	assert_non_null(strstr(out.data, "\n6000. item\n"));
	assert_null(strstr(out.data, "\n\n"));
	buf_clear(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_look_as_they_should),
		cmocka_unit_test(every_cut_gives_the_same),
		cmocka_unit_test(styles_and_links),
		cmocka_unit_test(blocks_are_cut_where_they_end),
		cmocka_unit_test(no_line_is_too_wide),
		cmocka_unit_test(lines_of_a_fence_are_final),
		cmocka_unit_test(giant_blocks_are_bounded),
		cmocka_unit_test(a_giant_list_goes_on_counting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
