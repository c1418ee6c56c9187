/* SPDX-License-Identifier: GPL-3.0-or-later */
/* json_partial.c - what was repaired is whole, and whole stays whole */

#include <string.h>

#include "base/json.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json_doc *doc, *again, *strict;
	enum json_partial state;
	char *text;

	state = json_parse_partial((const char *)data, size, &doc);
	FUZZ_CHECK((doc == NULL) == (state == JSON_PARTIAL_FAILED));
	strict = json_parse((const char *)data, size, JSON_REFUSE_PROTO, NULL);
	FUZZ_CHECK(strict == NULL || state == JSON_PARTIAL_WHOLE);
	FUZZ_CHECK(strict == NULL ||
	    json_equal(json_root(strict), json_root(doc)));
	json_doc_free(strict);
	if (doc == NULL)
		return 0;
	text = json_text(json_root(doc));
	FUZZ_CHECK(json_parse_partial(text, strlen(text), &again) ==
	    JSON_PARTIAL_WHOLE);
	FUZZ_CHECK(json_equal(json_root(doc), json_root(again)));
	free(text);
	json_doc_free(again);
	json_doc_free(doc);
	return 0;
}
