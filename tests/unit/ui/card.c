/* SPDX-License-Identifier: GPL-3.0-or-later */
/* card.c - tests of tool calls as lines */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "ui/card.h"
#include "ui/lines.h"
#include "ui/style.h"
#include "ui/subs.h"
#include "wire/message.h"

static const struct style plain = { .columns = 60, .rows = 24 };

static struct message *
message(const char *parts)
{
	struct buf b = BUF_INIT;

	buf_addf(&b, "{\"id\":\"m\",\"role\":\"assistant\",\"parts\":[%s]}",
	    parts);
	struct json_doc *doc = json_parse(b.data, b.len, 0, NULL);
	assert_non_null(doc);
	struct message *m = message_read(json_root(doc), NULL);
	assert_non_null(m);
	json_doc_free(doc);
	buf_clear(&b);
	return m;
}

static void
expect(const char *part, const struct card_look *look, const char *want)
{
	struct message *m = message(part);
	struct lines l;

	lines_init(&l);
	card_lines(&l, TAILQ_FIRST(&m->parts), look);
	assert_string_equal(l.text.data, want);
	lines_clear(&l);
	message_free(m);
}

#define TOOL(name, state) "{\"type\":\"tool-" name "\",\"toolCallId\":\"c\"," \
	"\"state\":\"" state "\",\"input\":"

static const struct {
	const char *part;
	int64_t ms;
	bool unfolded;
	const char *want;
} cases[] = {
	{ TOOL("Bash", "input-available") "{\"command\":\"ls -la\"}}", 12300,
	    false, "\u25b8 Bash  ls -la  running  12s\n" },
	{ TOOL("Bash", "output-available") "{\"command\":\"seq 9\"},"
	    "\"output\":{\"stdout\":\"1\\n2\\n3\\n4\\n5\\n6\\n7\\n8\\n9\\n\"}}",
	    400, false, "\u2713 Bash  seq 9  0.4s\n  1\n  2\n  3\n  4\n  5\n"
	    "  \u2026 4 more lines\n" },
	{ TOOL("Bash", "output-available") "{\"command\":\"a\\u001b[31m\"},"
	    "\"output\":\"\\u001b[2Jx\"}", -1, true,
	    "\u2713 Bash  a^[[31m\n  command: a^[[31m\n  x\n" },
	{ TOOL("Bash", "output-error") "{\"command\":\"x\"},\"errorText\":"
	    "\"exit 2\\nno such file\"}", -1, false,
	    "\u2717 Bash  x  failed\n  exit 2\n  no such file\n" },
	{ TOOL("Bash", "output-denied") "{\"command\":\"x\"},\"approval\":"
	    "{\"id\":\"a\",\"approved\":false,\"reason\":\"not now\"}}", -1,
	    false, "\u2717 Bash  x  denied\n  not now\n" },
	/* what an edit did, by the lines of the file */
	{ TOOL("Edit", "output-available") "{\"file_path\":\"a.c\","
	    "\"old_string\":\"x\",\"new_string\":\"y\"},\"output\":{\"diff\":"
	    "\"--- a.c\\n+++ a.c\\n@@ -9,3 +9,4 @@\\n int\\n-x\\n+y\\n+--- z\\n"
	    " \\tend\\n@@ -101 +102 @@\\n-old\\n+new\\n\",\"added\":3,"
	    "\"removed\":2}}", -1, false,
	    "\u2713 Edit  a.c  +3 -2\n    9   int\n   10 - x\n   10 + y\n"
	    "   11 + --- z\n   12           end\n  \u22ef\n  101 - old\n  102 + new\n" },
	/* without such an output, by what it was to do */
	{ TOOL("Edit", "output-available") "{\"file_path\":\"a.c\","
	    "\"old_string\":\"x\",\"new_string\":\"y\\nz\"},\"output\":\"ok\"}",
	    -1, false, "\u2713 Edit  a.c\n  - x\n  + y\n  + z\n" },
	/* a sub-agent's message is its output */
	{ TOOL("Task", "output-available") "{\"prompt\":\"look\"},\"output\":"
	    "{\"id\":\"s\",\"role\":\"assistant\",\"parts\":["
	    TOOL("Read", "output-available") "{\"file_path\":\"a\"},"
	    "\"output\":\"long\"}," TOOL("Bash", "output-error")
	    "{\"command\":\"b\"},\"errorText\":\"bad\"},"
	    "{\"type\":\"text\",\"text\":\"found it\",\"state\":\"done\"}]}}",
	    2000, false, "\u2713 Task  look  2.0s\n  \u2713 Read  a\n"
	    "  \u2717 Bash  b  failed\n  found it\n" },
	{ TOOL("Task", "output-available") "{\"prompt\":\"look\"},\"output\":"
	    "\"half\",\"preliminary\":true}", 2000, false,
	    "\u25b8 Task  look  running  2.0s\n  half\n" },
};

static void
test_cards(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct card_look look = { .style = &plain, .width = 60,
		    .ms = cases[i].ms, .unfolded = cases[i].unfolded };

		expect(cases[i].part, &look, cases[i].want);
	}
}

static void
take(struct subs *s, const char *json)
{
	struct json_doc *doc = json_parse(json, strlen(json), 0, NULL);

	assert_non_null(doc);
	subs_take(s, json_root(doc));
	json_doc_free(doc);
}

/* While it runs, what its chunks tell is inside. */
static void
test_inside(void **state)
{
	struct subs s = { .list = NULL };
	struct card_look look = { .style = &plain, .width = 60, .ms = -1 };

	(void)state;
	assert_null(subs_get(&s, "c"));
	take(&s, "{\"toolCallId\":\"c\",\"seq\":0,\"chunks\":[{\"type\":"
	    "\"start\",\"messageId\":\"s\"},{\"type\":\"nonsense\"},"
	    "{\"type\":\"tool-input-available\",\"toolCallId\":\"i\","
	    "\"toolName\":\"Read\",\"input\":{\"file_path\":\"f\"}}]}");
	take(&s, "{\"toolCallId\":\"d\",\"chunks\":[]}");
	take(&s, "{\"toolCallId\":\"c\",\"seq\":1,\"chunks\":[{\"type\":"
	    "\"tool-output-available\",\"toolCallId\":\"i\",\"output\":1},"
	    "{\"type\":\"text-start\",\"id\":\"t\"},{\"type\":\"text-delta\","
	    "\"id\":\"t\",\"delta\":\"I see\"}]}");
	assert_null(subs_get(&s, "x"));
	look.inside = subs_get(&s, "c");
	assert_non_null(look.inside);
	expect(TOOL("Task", "input-available") "{\"prompt\":\"p\"}}", &look,
	    "\u25b8 Task  p  running\n  \u2713 Read  f\n  I see\n");
	subs_clear(&s);
	assert_int_equal(s.count, 0);
}

static void
test_time(void **state)
{
	static const struct {
		int64_t ms;
		const char *want;
	} times[] = { { -1, "" }, { 0, "0.0s" }, { 9999, "9.9s" },
	    { 10000, "10s" }, { 59999, "59s" }, { 185000, "3m05s" } };

	(void)state;
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		struct buf b = BUF_INIT;

		card_time(&b, times[i].ms);
		assert_string_equal(b.len > 0 ? b.data : "", times[i].want);
		buf_clear(&b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cards),
		cmocka_unit_test(test_inside),
		cmocka_unit_test(test_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
