/* SPDX-License-Identifier: GPL-3.0-or-later */
/* syntax.c - tests of code in colour */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "base/buf.h"
#include "ui/markdown.h"
#include "ui/md_stream.h"
#include "ui/runs.h"
#include "ui/style.h"
#include "ui/syntax.h"

static const struct {
	unsigned bits;
	char letter;
} letters[] = {
	{ STYLE_BIT(KEYWORD), 'k' }, { STYLE_BIT(STRING), 's' },
	{ STYLE_BIT(NUMBER), 'n' }, { STYLE_BIT(COMMENT), 'c' },
	{ STYLE_BIT(TYPE), 't' }, { STYLE_BIT(CODE), '?' },
	{ STYLE_BIT(ADD), '+' }, { STYLE_BIT(DEL), '-' },
	{ STYLE_BIT(HEADING), 'h' }, { STYLE_BIT(MARKER), 'm' },
	{ STYLE_BIT(QUOTE), 'q' },
};

/* "{k:if} (x)": what has no colour stands for itself. */
static void
spell(struct buf *out, const struct runs *r)
{
	for (size_t i = 0; i < r->count; i++) {
		size_t from = r->list[i].start;
		size_t to = i + 1 < r->count ? r->list[i + 1].start :
		    r->text.len;
		char letter = 0;

		for (size_t n = 0; n < sizeof(letters) / sizeof(letters[0]);
		    n++)
			if (letters[n].bits == r->list[i].bits)
				letter = letters[n].letter;
		assert_true(letter != 0 || r->list[i].bits == 0);
		if (letter != 0)
			buf_addf(out, "{%c:", letter);
		buf_add(out, r->text.data + from, to - from);
		if (letter != 0)
			buf_addc(out, '}');
	}
}

static const struct {
	const char *lang, *code, *want;
} cases[] = {
	{ "c", "#include <a.h>\nstatic int x = 0x1f; // it's\nchar c = '\\n';",
	    "{k:#include} <a.h>\n{k:static} {t:int} x = {n:0x1f}; "
	    "{c:// it's}\n{t:char} c = {s:'\\n'};" },
	{ "C", "/* if\n\"x\" */ if (a[1]) f(\"\\\"\", '\"');",
	    "{c:/* if}\n{c:\"x\" */} {k:if} (a[{n:1}]) f({s:\"\\\"\"}, "
	    "{s:'\"'});" },
	{ "cpp", "namespace a { auto s = nullptr; }",
	    "{k:namespace} a { {t:auto} s = {t:nullptr}; }" },
	{ "sh", "if [ \"$x\" = 'a\nb' ]; then # no\n  cd ${HOME}/a#b $1",
	    "{k:if} [ {s:\"$x\"} = {s:'a}\n{s:b'} ]; {k:then} {c:# no}\n"
	    "  {t:cd} {t:${HOME}}/a#b {t:$1}" },
	{ "python", "@once\ndef f(self):\n    \"\"\"is\n    it\"\"\"\n"
	    "    return None  # 1",
	    "{k:@once}\n{k:def} f({t:self}):\n    {s:\"\"\"is}\n"
	    "{s:    it\"\"\"}\n    {k:return} {t:None}  {c:# 1}" },
	{ "js", "const f = async () => `a\n${b}`;",
	    "{k:const} f = {k:async} () => {s:`a}\n{s:${b}`};" },
	{ "tsx", "interface A { b: string; c: 1.5 }",
	    "{k:interface} A { b: {t:string}; c: {n:1.5} }" },
	{ "go", "func f(r rune) { x := `a\\` ; r = 'b' }",
	    "{k:func} f(r {t:rune}) { x := {s:`a\\`} ; r = {s:'b'} }" },
	{ "rust", "fn f<'a>(x: &'a str) -> char { 'x' }",
	    "{k:fn} f<'a>(x: &'a {t:str}) -> {t:char} { {s:'x'} }" },
	{ "java", "@Override public int f() { return null; }",
	    "{k:@Override} {k:public} {t:int} f() { {k:return} {t:null}; }" },
	{ "json", "{\"a\": [1, \"b\", true]}",
	    "{{k:\"a\"}: [{n:1}, {s:\"b\"}, {t:true}]}" },
	{ "yaml", "# c\n- name: 'x'\n  on-push: true # d\n  u: a#b",
	    "{c:# c}\n- {k:name}: {s:'x'}\n  {k:on-push}: {t:true} {c:# d}\n"
	    "  {k:u}: a#b" },
	{ "toml", "[a.b]\nx-y = \"z\" # c\nn = 1.5",
	    "{t:[a.b]}\n{k:x-y} = {s:\"z\"} {c:# c}\n{k:n} = {n:1.5}" },
	{ "html", "<!-- a\nb --><p class=\"x\" id=y>it's if</p>",
	    "{c:<!-- a}\n{c:b -->}{k:<p} {t:class}={s:\"x\"} {t:id}={t:y}"
	    "{k:>}it's if{k:</p>}" },
	{ "css", "@media x {\n  margin-top: 2px; /* c */\n}",
	    "{k:@media} x {\n  {k:margin-top}: {n:2px}; {c:/* c */}\n}" },
	{ "sql", "select a FROM t -- c\nwhere b = 'it''s';",
	    "{k:select} a {k:FROM} t {c:-- c}\n{k:where} b = "
	    "{s:'it''s'};" },
	{ "make", "all: $(OBJ) # c\nCC = gcc\nifeq (a,b)",
	    "{k:all}: {t:$(}OBJ) {c:# c}\n{k:CC} = gcc\n{k:ifeq} (a,b)" },
	{ "dockerfile", "# c\nFROM a AS b\nRUN echo run \"x\"",
	    "{c:# c}\n{k:FROM} a {t:AS} b\n{k:RUN} echo run {s:\"x\"}" },
	{ "diff", "--- a\n@@ -1 +1 @@\n-x\n+y\n z",
	    "{-:--- a}\n{t:@@ -1 +1 @@}\n{-:-x}\n{+:+y}\n z" },
	{ "md", "# h\n> q\n- i\nx", "{h:# h}\n{q:> q}\n{m:-} i\nx" },
	{ "klingon", "if (x)", "{?:if (x)}" },
	{ "", "if", "{?:if}" },
	{ "python title=\"x.py\"", "if x:", "{k:if} x:" },
};

static void
test_languages(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *s = cases[i].code;
		struct buf got = BUF_INIT;
		struct syntax sx;

		syntax_begin(&sx, cases[i].lang, strlen(cases[i].lang));
		for (;;) {
			size_t len = strcspn(s, "\n");
			struct runs r;

			runs_init(&r);
			syntax_line(&sx, s, len, &r);
			spell(&got, &r);
			runs_clear(&r);
			s += len;
			if (*s++ == '\0')
				break;
			buf_addc(&got, '\n');
		}
		assert_string_equal(got.data, cases[i].want);
		buf_clear(&got);
	}
}

/* A fence that arrives byte by byte, drawn in between, ends as the whole. */
static void
test_stream(void **state)
{
	static const struct style colour = { .sgr = true, .depth = STYLE_256 };
	static const char text[] = "```c\n/* a\n\tb */ int x;\n```\n\n"
	    "- item\n  ```py\n  x = '''a\n  b'''\n  ```\n";
	struct md_opts opts = { .style = &colour, .width = 30 };
	struct md_stream *ms = md_stream_new(&opts);
	struct buf cut = BUF_INIT, open = BUF_INIT, whole = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < strlen(text); i++) {
		md_stream_add(ms, text + i, 1);
		md_stream_open(ms, &open);
	}
	md_stream_finish(ms);
	md_stream_take(ms, &cut);
	md_render(&whole, text, strlen(text), &opts);
	assert_string_equal(cut.data, whole.data);
	assert_non_null(strstr(whole.data, "\033[0;2m/* a"));
	assert_non_null(strstr(whole.data, "b */\033[0m"));
	assert_non_null(strstr(whole.data, "\033[0;38;5;80mint\033[0m x;"));
	assert_non_null(strstr(whole.data, "\033[0;38;5;114m'''a"));
	assert_non_null(strstr(whole.data, "b'''\033[0m"));
	md_stream_free(ms);
	buf_clear(&cut);
	buf_clear(&open);
	buf_clear(&whole);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_languages),
		cmocka_unit_test(test_stream),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
