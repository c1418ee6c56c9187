/* SPDX-License-Identifier: GPL-3.0-or-later */
/* json.c - what is read and written again is the same */

#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "fuzz.h"

static void
check(const char *text, size_t size, unsigned flags)
{
	struct err e = ERR_INIT;
	struct json_doc *doc = json_parse(text, size, flags, &e), *again;
	char *first, *second;

	FUZZ_CHECK((doc == NULL) == err_is_set(&e));
	if (doc == NULL)
		return;
	first = json_text(json_root(doc));
	again = json_parse(first, strlen(first), flags, NULL);
	FUZZ_CHECK(again != NULL);
	FUZZ_CHECK(json_equal(json_root(doc), json_root(again)));
	second = json_text(json_root(again));
	FUZZ_CHECK(strcmp(first, second) == 0);
	free(first);
	free(second);
	json_doc_free(again);
	json_doc_free(doc);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check((const char *)data, size, 0);
	check((const char *)data, size, JSON_REFUSE_PROTO | JSON_REPLACE_UTF8);
	return 0;
}
