/* SPDX-License-Identifier: GPL-3.0-or-later */
/* note.c - tests of what the agent tells beside its answer */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/json.h"
#include "ui/note.h"

/* What is said of a chunk; NULL: nothing is. */
static const struct {
	const char *type, *data, *words;
} all[] = {
	{ "data-chatd-retry", "{\"text\":\"HTTP 503\",\"waitMs\":10}",
	    "trying again: HTTP 503" },
	{ "data-chatd-mcp", "{\"server\":\"fs\",\"state\":\"failed\","
	    "\"text\":\"gone\"}", "MCP server fs: gone" },
	{ "data-chatd-tool", "{\"tool\":\"count\",\"text\":\"no schema\"}",
	    "tool count: no schema" },
	{ "data-chatd-hook", "{\"event\":\"PreToolUse\",\"command\":\"x\","
	    "\"outcome\":\"failed\",\"text\":\"status 1\"}",
	    "hook PreToolUse x: failed: status 1" },
	{ "data-chatd-fallback", "{\"from\":\"a:b\",\"to\":\"c:d\","
	    "\"text\":\"HTTP 500\"}",
	    "another model answers: c:d (HTTP 500)" },
	{ "data-chatd-refusal", "{\"category\":\"bio\",\"withdrawn\":true}",
	    "the model refused: what it said is withdrawn (bio)" },
	{ "data-chatd-refusal", "{}", "the model refused: it says nothing" },
	{ "data-chatd-refusal", "{\"cut\":true,\"category\":\"SAFETY\"}",
	  "the model refused: what it says ends here (SAFETY)" },
	{ "data-chatd-length", "{}", "the output limit cut the answer off" },
	{ "data-chatd-compaction-failed", "{\"text\":\"HTTP 500\"}",
	    "no summary: HTTP 500" },
	{ "data-chatd-mode", "{\"mode\":\"default\",\"text\":\"agreed\"}",
	    "permission mode default: agreed" },
	{ "data-chatd-model", "{\"model\":\"demo\",\"why\":\"no key\"}",
	    "model: demo (no key)" },
	{ "data-chatd-model", "{}", NULL },
	{ "data-chatd-hooked", "{}", NULL },
	{ "data-chatd-keepalive", "{}", NULL },
	{ "data-chatd-started", "{\"toolCallIds\":[\"c1\"]}", NULL },
	{ "data-of-others", "{\"text\":\"x\"}", NULL },
};

static void
test_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < NELEM(all); i++) {
		struct json_doc *doc = json_parse(all[i].data,
		    strlen(all[i].data), 0, NULL);
		struct buf b = BUF_INIT;

		buf_adds(&b, "> ");
		assert_int_equal(note_text(&b, all[i].type, json_root(doc)),
		    all[i].words != NULL);
		assert_string_equal(b.data + 2, all[i].words != NULL ?
		    all[i].words : "");
		buf_clear(&b);
		json_doc_free(doc);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
