/* SPDX-License-Identifier: GPL-3.0-or-later */
/* reducer.c - chunks of a stream into a message; what fails changes nothing */

#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "fuzz.h"
#include "wire/convert.h"
#include "wire/message.h"
#include "wire/uistream.h"

static char *
text_of(const struct message *m)
{
	struct buf b = BUF_INIT;
	struct json_w w;

	json_w_init(&w, &b);
	message_write(m, &w);
	return buf_take(&b);
}

static int
take(const struct json *chunk, const struct err *why, void *arg)
{
	struct err e = ERR_INIT;
	char *before, *after;

	FUZZ_CHECK((chunk == NULL) == (why != NULL));
	if (chunk == NULL)
		return 0;
	before = text_of(reducer_message(arg));
	if (reducer_apply(arg, chunk, NULL, &e) == -1) {
		FUZZ_CHECK(err_is_set(&e));
		after = text_of(reducer_message(arg));
		FUZZ_CHECK(strcmp(before, after) == 0);
		free(after);
	}
	free(before);
	return 0;
}

/* What is stored can be read, and is then stored as the same. */
static void
check_stored(const struct message *m)
{
	char *text = text_of(m), *again;
	struct json_doc *doc = json_parse(text, strlen(text), 0, NULL);
	struct message *copy;
	struct buf list = BUF_INIT, out = BUF_INIT;

	FUZZ_CHECK(doc != NULL);
	copy = message_read(json_root(doc), NULL);
	FUZZ_CHECK(copy != NULL);
	again = text_of(copy);
	FUZZ_CHECK(strcmp(text, again) == 0);
	json_doc_free(doc);
	buf_addf(&list, "[%s]", text);
	doc = json_parse(list.data, list.len, 0, NULL);
	FUZZ_CHECK(doc != NULL);
	(void)message_complete_with_tools(json_root(doc));
	(void)message_complete_with_approvals(json_root(doc));
	(void)!message_validate(json_root(doc), NULL);
	if (convert_messages(json_root(doc), NULL, &out, NULL) == 0) {
		struct json_doc *model = json_parse(out.data, out.len, 0,
		    NULL);

		FUZZ_CHECK(model != NULL);
		json_doc_free(model);
	}
	json_doc_free(doc);
	buf_clear(&list);
	buf_clear(&out);
	message_free(copy);
	free(again);
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reducer *r = reducer_new(NULL, REDUCE_RESET_ON_START);
	struct uistream *u = uistream_new(take, r);

	(void)!uistream_feed(u, (const char *)data, size, NULL);
	check_stored(reducer_message(r));
	uistream_free(u);
	reducer_free(r);
	return 0;
}
