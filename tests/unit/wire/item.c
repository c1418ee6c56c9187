/* SPDX-License-Identifier: GPL-3.0-or-later */
/* item.c - a session as the wire shows it */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "wire/item.h"

static char *
write_item(const struct item *it, bool extra)
{
	struct buf b = BUF_INIT;
	struct json_w w;

	json_w_init(&w, &b);
	item_write(it, &w, extra);
	return buf_take(&b);
}

static int
read_item(struct item *it, const char *text, struct err *e)
{
	struct json_doc *doc = json_parse(text, strlen(text), 0, NULL);
	int status = item_read(it, json_root(doc), e);

	assert_non_null(doc);
	json_doc_free(doc);
	return status;
}

static void
every_key_is_written_nulls_too(void **state)
{
	struct item it = { .id = (char *)(uintptr_t)"session_a", .cost = -1,
	    .created_at = 1767225600000 };
	char *text = write_item(&it, false);

	(void)state;
	assert_string_equal(text, "{\"id\":\"session_a\",\"externalId\":null,"
	    "\"type\":\"chat.agent\",\"taskIdentifier\":\"\","
	    "\"triggerConfig\":{\"basePayload\":{}},\"currentRunId\":null,"
	    "\"tags\":[],\"metadata\":null,\"closedAt\":null,"
	    "\"closedReason\":null,\"expiresAt\":null,"
	    "\"createdAt\":\"2026-01-01T00:00:00.000Z\",\"updatedAt\":null}");
	free(text);
}

static void
an_item_comes_back_as_it_was(void **state)
{
	static const char full[] = "{\"id\":\"session_a\","
	    "\"externalId\":\"x\",\"type\":\"chat.agent\","
	    "\"taskIdentifier\":\"default\",\"triggerConfig\":{\"a\":1},"
	    "\"currentRunId\":\"run_b\",\"tags\":[\"t\"],"
	    "\"metadata\":{\"k\":[1]},\"closedAt\":"
	    "\"2026-01-01T00:00:00.000Z\",\"closedReason\":\"done\","
	    "\"expiresAt\":null,\"createdAt\":\"2026-01-01T00:00:00.000Z\","
	    "\"updatedAt\":\"2026-01-01T00:00:00.001Z\",\"title\":\"T\","
	    "\"dir\":\"d\",\"model\":\"m\",\"usage\":{\"in\":1},\"cost\":0.25,"
	    "\"state\":\"waiting for approval\",\"messages\":4,\"bytes\":99}";
	struct item it;
	char *text;

	(void)state;
	assert_int_equal(read_item(&it, full, NULL), 0);
	assert_int_equal(it.state, ITEM_WAITING);
	assert_string_equal(item_key(&it), "x");
	text = write_item(&it, true);
	assert_string_equal(text, full);
	free(text);
	item_clear(&it);
	assert_null(it.id);
}

static void
what_is_no_session_is_refused(void **state)
{
	static const char *const bad[] = {
		"{}", "[]", "{\"id\":1}", "{\"id\":\"s\",\"title\":[]}",
		"{\"id\":\"s\",\"createdAt\":\"yesterday\"}",
	};
	struct item it;
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(bad); i++) {
		struct err e = ERR_INIT;

		assert_int_equal(read_item(&it, bad[i], &e), -1);
		assert_int_equal(e.code, ERR_INPUT);
	}
}

static void
states_have_names(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < ITEM_STATE_COUNT; i++)
		assert_int_equal(item_state_by_name(
		    item_state_name((enum item_state)i)), i);
	assert_int_equal(item_state_by_name("x"), -1);
	assert_int_equal(item_state_by_name(NULL), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_key_is_written_nulls_too),
		cmocka_unit_test(an_item_comes_back_as_it_was),
		cmocka_unit_test(what_is_no_session_is_refused),
		cmocka_unit_test(states_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
