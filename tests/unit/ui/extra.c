/* SPDX-License-Identifier: GPL-3.0-or-later */
/* extra.c - tests of data and files in a few words */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "ui/extra.h"

static void
test_data(void **state)
{
	static const struct {
		const char *type, *data, *words;
	} cases[] = {
		{ "data-weather", "{\"city\":\"Oslo\",\"highC\":21.5,"
		    "\"rain\":false}",
		    "weather: city Oslo, high c 21.5, rain false" },
		{ "data-weatherReport_v2", "{}", "weather report v2" },
		{ "data-note", "\"two words\"", "note: two words" },
		{ "data-progress", "0.5", "progress: 0.5" },
		{ "data-rows", "[1,2,3]", "rows: (3 entries)" },
		{ "data-row", "{\"of\":[1],\"in\":{\"a\":1,\"b\":2}}",
		    "row: of (1 entry), in (2 members)" },
		{ "data-none", NULL, "none" },
		{ "data-many", "{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,"
		    "\"f\":1,\"g\":1,\"h\":1,\"i\":1,\"j\":1}",
		    "many: a 1, b 1, c 1, d 1, e 1, f 1, g 1, h 1, "
		    "\u2026 2 more" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf b = BUF_INIT;

		extra_data(&b, cases[i].type, cases[i].data);
		assert_string_equal(b.data, cases[i].words);
		buf_clear(&b);
	}
}

static void
test_file(void **state)
{
	static const struct {
		const char *json, *words;
	} cases[] = {
		{ "{\"filename\":\"a.png\",\"mediaType\":\"image/png\","
		    "\"url\":\"data:image/png;base64,AAAABBA=\"}",
		    "a.png, image/png, 5 bytes" },
		{ "{\"mediaType\":\"image/jpeg\",\"url\":\"\"}",
		    "image, image/jpeg" },
		{ "{\"mediaType\":\"application/pdf\",\"url\":"
		    "\"https://example.org/x/paper.pdf?v=1\"}",
		    "paper.pdf, application/pdf" },
		{ "{}", "file" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf b = BUF_INIT;
		struct json_doc *doc = json_parse(cases[i].json,
		    strlen(cases[i].json), 0, NULL);

		extra_file(&b, json_root(doc));
		assert_string_equal(b.data, cases[i].words);
		json_doc_free(doc);
		buf_clear(&b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_data),
		cmocka_unit_test(test_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
