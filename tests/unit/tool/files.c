/* SPDX-License-Identifier: GPL-3.0-or-later */
/* files.c - Read, Write, Edit, Glob, Grep, Todo */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "rig.h"
#include "tool/diff.h"
#include "tool/match.h"
#include "tool/realname.h"

#define assert_has(s, part) assert_non_null(strstr((s), (part)))
#define assert_lacks(s, part) assert_null(strstr((s), (part)))

static void
every_tool_has_a_schema_and_refuses_what_does_not_fit(void **state)
{
	struct rig *r = *state;
	const struct tool *const *t;
	struct json_doc *doc = json_parse("{\"nope\":1}", 10, 0, NULL);
	struct json_doc *schema;

	for (t = tool_builtins(); *t != NULL; t++) {
		schema = json_parse((*t)->schema, strlen((*t)->schema), 0,
		    NULL);
		assert_non_null(schema);
		if ((*t)->subject != NULL)
			assert_non_null(json_path(json_root(schema),
			    "properties", (*t)->subject, NULL));
		json_doc_free(schema);
		rig_run(r, *t, json_root(doc));
		assert_int_equal(r->res.err.code, ERR_INPUT);
		assert_has(r->res.err.text, (*t)->name);
	}
	json_doc_free(doc);
}

static void
read_numbers_lines(void **state)
{
	struct rig *r = *state;

	rig_file(r, "a.txt", "one\ntwo\r\nthree");
	rig_call(r, "Read", "{'file_path':'a.txt'}");
	assert_string_equal(r->res.model,
	    "     1\tone\n     2\ttwo\n     3\tthree\n");
	assert_int_equal(rig_int(r, "totalLines"), 3);
	assert_string_equal(rig_str(r, "content"), "one\ntwo\r\nthree");
	rig_call(r, "Read", "{'file_path':'a.txt','offset':2,'limit':1}");
	assert_has(r->res.model, "     2\ttwo\n[1 lines more: go on with "
	    "offset 3]");
	rig_call(r, "Read", "{'file_path':'a.txt','offset':9}");
	assert_has(r->res.model, "has only 3 lines");
}

static void
read_refuses_what_is_no_text(void **state)
{
	struct rig *r = *state;
	char *path = rig_path(r, "fifo");
	int fd;

	rig_call(r, "Read", "{'file_path':'nope'}");
	assert_int_equal(r->res.err.code, ERR_NOT_FOUND);
	rig_call(r, "Read", "{'file_path':'.'}");
	assert_has(r->res.err.text, "Glob");
	assert_int_equal(mkfifo(path, 0600), 0);
	rig_call(r, "Read", "{'file_path':'fifo'}");
	assert_has(r->res.err.text, "not a file");
	free(path);
	path = rig_path(r, "bin");
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	assert_int_equal(write(fd, "a\0b", 3), 3);
	close(fd);
	rig_call(r, "Read", "{'file_path':'bin'}");
	assert_has(r->res.err.text, "binary");
	free(path);
}

static void
read_cuts_long_lines_and_gives_pictures(void **state)
{
	struct rig *r = *state;
	char line[6001];

	memset(line, 'x', 6000);
	line[6000] = '\0';
	rig_file(r, "long", line);
	rig_call(r, "Read", "{'file_path':'long'}");
	assert_has(r->res.model, "[... 4000 more bytes in this line]");
	rig_file(r, "p.png", "\x89PNG\r\n\x1a\nrest");
	rig_call(r, "Read", "{'file_path':'p.png'}");
	assert_string_equal(rig_str(r, "mediaType"), "image/png");
	assert_int_equal(r->res.media_count, 1);
	assert_string_equal(r->res.media[0].data, "iVBORw0KGgpyZXN0");
}

/* A page that says "Hello PDF"; readers mend the missing table. */
static const char pdf[] = "%PDF-1.1\n"
    "1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R"
    "/Resources<</Font<</F 5 0 R>>>>>>endobj\n"
    "4 0 obj<</Length 41>>stream\n"
    "BT /F 12 Tf 20 100 Td (Hello PDF) Tj ET  \nendstream endobj\n"
    "5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n"
    "trailer<</Root 1 0 R/Size 6>>\n%%EOF\n";

static void
read_gives_the_text_of_a_pdf_or_says_what_is_missing(void **state)
{
	struct rig *r = *state;
	char *path;

	rig_file(r, "x.pdf", pdf);
	rig_call(r, "Bash", "{'command':'command -v pdftotext'}");
	if (rig_int(r, "exitStatus") == 0) {
		rig_call(r, "Read", "{'file_path':'x.pdf'}");
		assert_has(r->res.model, "Hello PDF");
		assert_string_equal(rig_str(r, "type"), "pdf");
	}
	path = xstrdup(getenv("PATH"));
	setenv("PATH", "/nonexistent", 1);
	rig_call(r, "Read", "{'file_path':'x.pdf'}");
	setenv("PATH", path, 1);
	free(path);
	assert_has(r->res.err.text, "pdftotext");
}

static int
may_not(const char *path, bool write, void *arg, struct err *e)
{
	(void)arg;
	if (strstr(path, "secret") == NULL && !write)
		return 0;
	return err_set(e, ERR_DENIED, "not %s", path);
}

static void
the_guard_sees_the_file_behind_a_link(void **state)
{
	struct rig *r = *state;
	char *link = rig_path(r, "link");

	rig_file(r, "secret", "key");
	rig_file(r, "open", "key");
	assert_int_equal(symlink("secret", link), 0);
	r->env.may = may_not;
	rig_call(r, "Read", "{'file_path':'link'}");
	assert_int_equal(r->res.err.code, ERR_DENIED);
	rig_call(r, "Grep", "{'pattern':'key','output_mode':'content'}");
	assert_has(r->res.model, "open:1:key");
	assert_lacks(r->res.model, "secret");
	rig_call(r, "Glob", "{'pattern':'*'}");
	assert_lacks(r->res.model, "secret");
	rig_call(r, "Write", "{'file_path':'new','content':''}");
	assert_int_equal(r->res.err.code, ERR_DENIED);
	free(link);
}

static void
write_makes_folders_and_wants_a_read_before(void **state)
{
	struct rig *r = *state;
	char *path = rig_path(r, "x/y/z");
	struct stat st;

	rig_call(r, "Write", "{'file_path':'x/y/z','content':'1\\n2\\n'}");
	assert_string_equal(rig_str(r, "type"), "create");
	assert_string_equal(rig_str(r, "diff"), "@@ -0,0 +1,2 @@\n+1\n+2\n");
	assert_string_equal(rig_read(r, "x/y/z"), "1\n2\n");
	/* its own writing counts as read */
	assert_int_equal(chmod(path, 0750), 0);
	rig_call(r, "Write", "{'file_path':'x/y/z','content':'3\\n'}");
	assert_string_equal(rig_str(r, "type"), "update");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0750);
	rig_file(r, "other", "x");
	rig_call(r, "Write", "{'file_path':'other','content':'y'}");
	assert_has(r->res.err.text, "Read it first");
	assert_string_equal(rig_read(r, "other"), "x");
	free(path);
}

static void
edit_is_exact_and_refuses_what_changed(void **state)
{
	struct rig *r = *state;

	rig_file(r, "f", "aa\nbb\naa\n");
	rig_call(r, "Edit", "{'file_path':'f','old_string':'bb',"
	    "'new_string':'cc'}");
	assert_has(r->res.err.text, "has not been read");
	rig_call(r, "Read", "{'file_path':'f'}");
	rig_call(r, "Edit", "{'file_path':'f','old_string':'aa',"
	    "'new_string':'x'}");
	assert_has(r->res.err.text, "2 times (lines 1, 3)");
	rig_call(r, "Edit", "{'file_path':'f','old_string':'zz',"
	    "'new_string':'x'}");
	assert_has(r->res.err.text, "does not stand");
	rig_call(r, "Edit", "{'file_path':'f','old_string':'bb',"
	    "'new_string':'cc'}");
	assert_string_equal(rig_str(r, "diff"),
	    "@@ -1,3 +1,3 @@\n aa\n-bb\n+cc\n aa\n");
	rig_call(r, "Edit", "{'file_path':'f','old_string':'aa',"
	    "'new_string':'x','replace_all':true}");
	assert_string_equal(rig_read(r, "f"), "x\ncc\nx\n");
	rig_file(r, "f", "x\ncd\nx\n");
	rig_call(r, "Edit", "{'file_path':'f','old_string':'cd',"
	    "'new_string':'y'}");
	assert_has(r->res.err.text, "has changed since");
	assert_string_equal(rig_read(r, "f"), "x\ncd\nx\n");
}

static void
edit_minds_crlf_and_goes_through_links(void **state)
{
	struct rig *r = *state;
	char *link = rig_path(r, "l");
	struct stat st;

	rig_file(r, "f", "a\r\nb\r\nc\r\n");
	assert_int_equal(symlink("f", link), 0);
	rig_call(r, "Read", "{'file_path':'f'}");
	rig_call(r, "Edit", "{'file_path':'l','old_string':'a\\nb',"
	    "'new_string':'a\\nx'}");
	assert_string_equal(rig_read(r, "f"), "a\r\nx\r\nc\r\n");
	assert_int_equal(lstat(link, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	free(link);
}

static void
a_preview_changes_nothing(void **state)
{
	struct rig *r = *state;
	const char *text = "{\"file_path\":\"n\",\"content\":\"x\\n\"}";
	struct json_doc *doc = json_parse(text, strlen(text), 0, NULL);
	char *json = tool_builtin("Write")->preview(json_root(doc), &r->env,
	    NULL);

	assert_has(json, "+x");
	assert_null(rig_read(r, "n"));
	free(json);
	json_doc_free(doc);
}

static void
set_age(struct rig *r, const char *name, time_t when)
{
	struct timespec t[2] = { { when, 0 }, { when, 0 } };
	char *path = rig_path(r, name);

	assert_int_equal(utimensat(AT_FDCWD, path, t, 0), 0);
	free(path);
}

static void
glob_gives_the_newest_first_and_minds_gitignore(void **state)
{
	struct rig *r = *state;

	rig_file(r, ".git/x.c", "");
	rig_file(r, ".gitignore", "out/\n*.o\n!keep.o\n/top.c\n");
	rig_file(r, "out/y.c", "");
	rig_file(r, "top.c", "");
	rig_file(r, "a.c", "");
	rig_file(r, "s/b.c", "");
	rig_file(r, "s/top.c", "");
	rig_file(r, "s/keep.o", "");
	rig_file(r, "s/drop.o", "");
	set_age(r, "a.c", 300);
	set_age(r, "s/b.c", 500);
	set_age(r, "s/top.c", 400);
	rig_call(r, "Glob", "{'pattern':'*.c'}");
	assert_string_equal(r->res.model, "s/b.c\ns/top.c\na.c\n");
	rig_call(r, "Glob", "{'pattern':'**/*.{o,h}'}");
	assert_string_equal(r->res.model, "s/keep.o\n");
	rig_call(r, "Glob", "{'pattern':'*.c','all':true}");
	assert_int_equal(rig_int(r, "total"), 5);
	rig_call(r, "Glob", "{'pattern':'*.zz'}");
	assert_string_equal(r->res.model, "No file matches.\n");
}

static void
check_grep(struct rig *r)
{
	rig_file(r, "a.c", "int x;\nint Foo;\nint y;\nfoo();\n");
	rig_file(r, "b.h", "foo\n");
	rig_file(r, ".git/c", "foo\n");
	rig_call(r, "Grep", "{'pattern':'foo'}");
	assert_string_equal(r->res.model, "a.c\nb.h\n");
	rig_call(r, "Grep", "{'pattern':'fo+','output_mode':'content',"
	    "'glob':'*.c','ignore_case':true,'context':1}");
	assert_string_equal(r->res.model, "a.c-1-int x;\na.c:2:int Foo;\n"
	    "a.c-3-int y;\na.c:4:foo();\n");
	assert_int_equal(rig_int(r, "matches"), 2);
	rig_call(r, "Grep", "{'pattern':'o','output_mode':'count'}");
	assert_string_equal(r->res.model, "a.c:2\nb.h:1\n");
	rig_call(r, "Grep", "{'pattern':'int','output_mode':'content',"
	    "'head_limit':1}");
	assert_has(r->res.model, "[2 more lines");
	rig_call(r, "Grep", "{'pattern':'('}");
	assert_int_equal(r->res.err.code, ERR_INPUT);
}

/* By ripgrep where there is one, and by ourselves: the same answers. */
static void
grep_finds_lines(void **state)
{
	char *path = xstrdup(getenv("PATH"));

	check_grep(*state);
	setenv("PATH", "/nonexistent", 1);
	check_grep(*state);
	setenv("PATH", path, 1);
	free(path);
}

static void
todo_echoes_the_list(void **state)
{
	struct rig *r = *state;

	rig_call(r, "Todo", "{'todos':[{'content':'a','status':'completed'},"
	    "{'content':'b','status':'pending'}]}");
	assert_has(r->res.model, "1 done, 1 open");
	assert_has(r->res.output, "\"content\":\"b\"");
	rig_call(r, "Todo", "{'todos':[{'content':'a','status':'in_progress'},"
	    "{'content':'b','status':'in_progress'}]}");
	assert_int_equal(r->res.err.code, ERR_INPUT);
}

static void
patterns_match_as_people_expect(void **state)
{
	static const struct {
		const char *pattern, *path;
		bool yes;
	} t[] = {
		{ "src/**", "src/a/b.c", true }, { "src/**", "src", false },
		{ "**/x", "x", true }, { "**/x", "a/b/x", true },
		{ "**/x", "ax", false }, { "a/**/b", "a/b", true },
		{ "a/**/b", "a/x/y/b", true }, { "*.c", "a/b.c", false },
		{ "?", "\xc3\xa4", true }, { "[a-c]x", "bx", true },
		{ "[!a-c]x", "bx", false }, { "[", "[", true },
		{ "\\*", "*", true }, { "\\*", "x", false },
		{ "a*b*c", "aXbYc", true }, { "", "", true },
	};
	struct match_list list = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof t / sizeof t[0]; i++) {
		if (match_path(t[i].pattern, t[i].path) != t[i].yes)
			fail_msg("%s %s", t[i].pattern, t[i].path);
	}
	match_expand(&list, "{a,b{1,2}}.{c,h}");
	assert_int_equal(list.count, 6);
	assert_string_equal(list.v[5], "b2.h");
	match_list_clear(&list);
}

static void
names_are_resolved_through_links(void **state)
{
	struct rig *r = *state;
	char *link = rig_path(r, "up"), *name, *real, *want;

	rig_file(r, "d/f", "");
	assert_int_equal(symlink("d/../d", link), 0);
	name = rig_path(r, "up/./new/../f");
	real = realname(name);
	want = rig_path(r, "d/f");
	assert_string_equal(real, want);
	free(real);
	free(want);
	free(name);
	free(link);
	link = rig_path(r, "loop");
	assert_int_equal(symlink("loop", link), 0);
	real = realname(link);
	assert_int_equal(strncmp(real, "/dev/null/", 10), 0);
	free(real);
	free(link);
	real = realname_clean("//a/./b/../../../c/");
	assert_string_equal(real, "/c");
	free(real);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)
	const struct CMUnitTest tests[] = {
		T(every_tool_has_a_schema_and_refuses_what_does_not_fit),
		T(read_numbers_lines),
		T(read_refuses_what_is_no_text),
		T(read_cuts_long_lines_and_gives_pictures),
		T(read_gives_the_text_of_a_pdf_or_says_what_is_missing),
		T(the_guard_sees_the_file_behind_a_link),
		T(write_makes_folders_and_wants_a_read_before),
		T(edit_is_exact_and_refuses_what_changed),
		T(edit_minds_crlf_and_goes_through_links),
		T(a_preview_changes_nothing),
		T(glob_gives_the_newest_first_and_minds_gitignore),
		T(grep_finds_lines),
		T(todo_echoes_the_list),
		T(patterns_match_as_people_expect),
		T(names_are_resolved_through_links),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
