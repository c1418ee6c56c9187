/* SPDX-License-Identifier: GPL-3.0-or-later */
/* syntax_langs.c - the languages that are known */

#include "base/attr.h"
#include "ui/runs.h"
#include "ui/style.h"
#include "ui/syntax_priv.h"

#define LINE(mark)	{ mark, NULL, 0, WHAT_COMMENT, 0 }
#define BLOCK		{ "/*", "*/", 0, WHAT_COMMENT, SPAN_LINES }
#define QUOTED		{ "\"", "\"", '\\', WHAT_STRING, 0 }
#define SINGLE		{ "'", "'", '\\', WHAT_STRING, 0 }
#define CHAR		{ "'", "'", '\\', WHAT_STRING, SPAN_CHAR }

#define C_WORDS " if else for while do switch case default break continue " \
	"return goto sizeof typedef struct union enum static extern const " \
	"volatile inline register restrict _Static_assert "
#define C_TYPES " void char short int long float double signed unsigned " \
	"bool size_t ssize_t int8_t int16_t int32_t int64_t uint8_t " \
	"uint16_t uint32_t uint64_t FILE NULL true false "
#define JS_WORDS " if else for while do switch case default break continue " \
	"return function const let var new delete typeof instanceof in of " \
	"class extends super import export from as async await yield try " \
	"catch finally throw static get set void "
#define JS_TYPES " this null undefined true false NaN Infinity "

/* "+ added", "- gone", "@@ where @@", and the head of a file's part */
static void
diff_line(const char *s, size_t len, struct runs *out)
{
	unsigned bits = 0;

	if (len > 0 && s[0] == '+')
		bits = STYLE_BIT(ADD);
	else if (len > 0 && s[0] == '-')
		bits = STYLE_BIT(DEL);
	else if (len > 0 && s[0] == '@')
		bits = STYLE_BIT(TYPE);
	else if (len > 0 && s[0] != ' ')
		bits = STYLE_BIT(COMMENT);
	runs_add(out, s, len, bits, 0);
}

static void
markdown_line(const char *s, size_t len, struct runs *out)
{
	size_t at = 0;

	while (at < len && s[at] == ' ')
		at++;
	unsigned bits = at == len ? 0 : s[at] == '#' ? STYLE_BIT(HEADING) :
	    s[at] == '>' ? STYLE_BIT(QUOTE) : s[at] == '`' && at + 2 < len &&
	    s[at + 1] == '`' && s[at + 2] == '`' ? STYLE_BIT(COMMENT) : 0;

	if (bits == 0 && at + 1 < len && (s[at] == '-' || s[at] == '*' ||
	    s[at] == '+') && s[at + 1] == ' ') {
		runs_add(out, s, at + 1, STYLE_BIT(MARKER), 0);
		runs_add(out, s + at + 1, len - at - 1, 0, 0);
		return;
	}
	runs_add(out, s, len, bits, 0);
}

const struct syntax_lang syntax_langs[] = {
	{ " c h ", LANG_HASH, C_WORDS, C_TYPES,
	    { LINE("//"), BLOCK, QUOTED, CHAR }, NULL },
	{ " cpp c++ cc cxx hpp hh ", LANG_HASH, C_WORDS
	    "class public private protected virtual override final namespace "
	    "using template typename new delete try catch throw constexpr "
	    "noexcept operator friend explicit mutable decltype co_await "
	    "co_return concept requires ", C_TYPES "auto string vector map "
	    "nullptr this std ",
	    { LINE("//"), BLOCK, QUOTED, CHAR }, NULL },
	{ " sh bash zsh ksh shell console shell-session ",
	    LANG_DOLLAR | LANG_DASH, " if then else elif fi for in do done "
	    "while until case esac function select return break continue "
	    "local export readonly declare unset set shift trap exec eval "
	    "exit ", " cd echo printf test source alias read true false ",
	    { { "#", NULL, 0, WHAT_COMMENT, SPAN_BLANK },
	      { "\"", "\"", '\\', WHAT_STRING, SPAN_LINES },
	      { "'", "'", 0, WHAT_STRING, SPAN_LINES } }, NULL },
	{ " python py python3 ", LANG_AT, " and as assert async await break "
	    "class continue def del elif else except finally for from global "
	    "if import in is lambda match case nonlocal not or pass raise "
	    "return try while with yield ", " None True False self cls int "
	    "str float bool list dict set tuple bytes object print len range ",
	    { LINE("#"), { "\"\"\"", "\"\"\"", '\\', WHAT_STRING, SPAN_LINES },
	      { "'''", "'''", '\\', WHAT_STRING, SPAN_LINES }, QUOTED,
	      SINGLE }, NULL },
	{ " javascript js jsx mjs cjs node ", LANG_AT, JS_WORDS, JS_TYPES,
	    { LINE("//"), BLOCK, QUOTED, SINGLE,
	      { "`", "`", '\\', WHAT_STRING, SPAN_LINES } }, NULL },
	{ " typescript ts tsx mts ", LANG_AT, JS_WORDS "interface type enum "
	    "implements declare namespace readonly abstract private public "
	    "protected keyof satisfies is ", JS_TYPES "string number boolean "
	    "any unknown never object bigint symbol Promise Array Record ",
	    { LINE("//"), BLOCK, QUOTED, SINGLE,
	      { "`", "`", '\\', WHAT_STRING, SPAN_LINES } }, NULL },
	{ " go golang ", 0, " break case chan const continue default defer "
	    "else fallthrough for func go goto if import interface map "
	    "package range return select struct switch type var ",
	    " bool byte error float32 float64 int int8 int16 int32 int64 "
	    "rune string uint uint8 uint16 uint32 uint64 uintptr any nil "
	    "true false iota make new len cap append panic ",
	    { LINE("//"), BLOCK, QUOTED, CHAR,
	      { "`", "`", 0, WHAT_STRING, SPAN_LINES } }, NULL },
	{ " rust rs ", 0, " as async await break const continue crate dyn "
	    "else enum extern fn for if impl in let loop match mod move mut "
	    "pub ref return self static struct super trait type unsafe use "
	    "where while ", " bool char str String i8 i16 i32 i64 i128 isize "
	    "u8 u16 u32 u64 u128 usize f32 f64 Self Option Some None Result "
	    "Ok Err Vec Box true false ",
	    { LINE("//"), BLOCK, { "\"", "\"", '\\', WHAT_STRING, SPAN_LINES },
	      CHAR }, NULL },
	{ " java kotlin kt csharp cs ", LANG_AT, " abstract assert break case "
	    "catch class continue default do else enum extends final finally "
	    "for if implements import instanceof interface native new package "
	    "private protected public record return static super switch "
	    "synchronized throw throws try var void volatile while yield fun "
	    "val when namespace using override ", " boolean byte char double "
	    "float int long short String Object Integer List Map null true "
	    "false this ",
	    { LINE("//"), BLOCK, { "\"\"\"", "\"\"\"", '\\', WHAT_STRING,
	      SPAN_LINES }, QUOTED, CHAR }, NULL },
	{ " json jsonc json5 jsonl ", LANG_COLON, NULL, " true false null ",
	    { LINE("//"), BLOCK, QUOTED }, NULL },
	{ " yaml yml ", LANG_COLON | LANG_DASH, NULL,
	    " true false null yes no on off ",
	    { { "#", NULL, 0, WHAT_COMMENT, SPAN_BLANK }, QUOTED,
	      { "'", "'", 0, WHAT_STRING, 0 } }, NULL },
	{ " toml ini cfg conf ", LANG_EQUALS | LANG_DASH | LANG_SECTION, NULL,
	    " true false inf nan ",
	    { { "#", NULL, 0, WHAT_COMMENT, SPAN_BLANK },
	      { ";", NULL, 0, WHAT_COMMENT, SPAN_FIRST },
	      { "\"\"\"", "\"\"\"", '\\', WHAT_STRING, SPAN_LINES },
	      { "'''", "'''", 0, WHAT_STRING, SPAN_LINES }, QUOTED,
	      { "'", "'", 0, WHAT_STRING, 0 } }, NULL },
	{ " html htm xml svg xhtml vue ", LANG_TAGS, NULL, NULL,
	    { { "<!--", "-->", 0, WHAT_COMMENT, SPAN_LINES },
	      { "\"", "\"", 0, WHAT_STRING, SPAN_LINES | SPAN_TAG },
	      { "'", "'", 0, WHAT_STRING, SPAN_LINES | SPAN_TAG } }, NULL },
	{ " css scss less ", LANG_DASH | LANG_COLON | LANG_AT, NULL,
	    " important none auto inherit initial ",
	    { BLOCK, QUOTED, SINGLE }, NULL },
	{ " sql sqlite postgresql postgres mysql ", LANG_NOCASE, " SELECT "
	    "FROM WHERE INSERT INTO VALUES UPDATE SET DELETE CREATE TABLE "
	    "INDEX VIEW DROP ALTER ADD JOIN LEFT RIGHT INNER OUTER ON AS AND "
	    "OR NOT IN IS LIKE BETWEEN EXISTS GROUP BY ORDER HAVING LIMIT "
	    "OFFSET UNION ALL DISTINCT CASE WHEN THEN ELSE END BEGIN COMMIT "
	    "ROLLBACK WITH PRIMARY KEY FOREIGN REFERENCES UNIQUE DEFAULT "
	    "CONSTRAINT RETURNING ASC DESC IF ", " INT INTEGER BIGINT TEXT "
	    "VARCHAR CHAR BOOLEAN REAL BLOB DATE TIMESTAMP NUMERIC JSON NULL "
	    "TRUE FALSE COUNT SUM MIN MAX AVG ",
	    { LINE("--"), BLOCK, { "'", "'", 0, WHAT_STRING, SPAN_LINES },
	      { "\"", "\"", 0, WHAT_STRING, 0 } }, NULL },
	{ " make makefile mk ", LANG_DOLLAR | LANG_DASH | LANG_COLON |
	    LANG_EQUALS, " include ifeq ifneq ifdef ifndef else endif define "
	    "endef export override ", NULL, { LINE("#") }, NULL },
	{ " dockerfile docker containerfile ", LANG_NOCASE | LANG_FIRST |
	    LANG_DOLLAR, " FROM RUN CMD LABEL EXPOSE ENV ADD COPY ENTRYPOINT "
	    "VOLUME USER WORKDIR ARG ONBUILD STOPSIGNAL HEALTHCHECK SHELL ",
	    " AS ", { { "#", NULL, 0, WHAT_COMMENT, SPAN_FIRST }, QUOTED,
	      { "'", "'", 0, WHAT_STRING, 0 } }, NULL },
	{ " diff patch udiff ", 0, NULL, NULL, { { 0 } }, diff_line },
	{ " markdown md mdx ", 0, NULL, NULL, { { 0 } }, markdown_line },
};

const size_t syntax_lang_count = NELEM(syntax_langs);
