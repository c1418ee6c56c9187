/* SPDX-License-Identifier: GPL-3.0-or-later */
/* front_matter.c - files with YAML at their beginning */

#include "base/conf.h"
#include "base/err.h"
#include "base/json.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data, *body;
	struct err e = ERR_INIT;
	struct json_doc *doc;
	int r;

	r = conf_front_matter(text, size, "f", &doc, &body, &e);
	FUZZ_CHECK((r == -1) == err_is_set(&e));
	FUZZ_CHECK(body >= text && body <= text + size);
	FUZZ_CHECK(r == 0 || doc == NULL);
	json_doc_free(doc);
	err_clear(&e);
	doc = conf_parse(text, size, "f", &e);
	FUZZ_CHECK((doc == NULL) == err_is_set(&e));
	json_doc_free(doc);
	return 0;
}
