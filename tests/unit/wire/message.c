/* SPDX-License-Identifier: GPL-3.0-or-later */
/* message.c - UI messages read, written and judged */

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
#include "wire/message.h"

static struct message *
read_message(const char *text)
{
	struct json_doc *doc = json_parse(text, strlen(text), 0, NULL);
	struct message *m;

	if (doc == NULL)
		fail_msg("not JSON: %s", text);
	m = message_read(json_root(doc), NULL);
	json_doc_free(doc);
	return m;
}

static char *
write_message(const struct message *m)
{
	struct buf b = BUF_INIT;
	struct json_w w;

	json_w_init(&w, &b);
	message_write(m, &w);
	return buf_take(&b);
}

/* Parts that must come back with every byte. */
static void
parts_come_back_as_they_were(void **state)
{
	static const char *const parts[] = {
		"{\"type\":\"text\",\"text\":\"a\\u0000b \\ud83d\"}",
		"{\"type\":\"text\",\"text\":\"\",\"providerMetadata\":"
		    "{\"p\":{\"n\":1e400}},\"state\":\"done\","
		    "\"citations\":[],\"more\":{\"x\":[]}}",
		"{\"type\":\"reasoning\",\"id\":\"r\",\"text\":\"t\","
		    "\"state\":\"streaming\"}",
		"{\"type\":\"step-start\"}",
		"{\"type\":\"data-x\",\"id\":\"d\",\"data\":null,\"y\":1}",
		"{\"type\":\"data-x\",\"data\":1,\"id\":7}",
		"{\"type\":\"tool-a-b\",\"toolCallId\":\"c\","
		    "\"state\":\"input-streaming\",\"input\":{\"a\":1.0},"
		    "\"rawInput\":\"{\\\"a\\\":1.0\"}",
		"{\"type\":\"dynamic-tool\",\"toolName\":\"t\","
		    "\"toolCallId\":\"c\",\"state\":\"output-available\","
		    "\"input\":null,\"output\":[],\"providerExecuted\":false,"
		    "\"preliminary\":true,\"approval\":{\"id\":\"a\","
		    "\"approved\":true},\"dynamic\":false,\"z\":1}",
		"{\"type\":\"file\",\"url\":1}",
		"{\"type\":\"tool-x\",\"state\":\"odd\"}",
		"{\"type\":\"text\",\"text\":1}",
		"{\"type\":\"what\"}",
		"{\"x\":1}", "7",
	};
	struct message *m;
	struct buf text = BUF_INIT;
	size_t i;
	char *got;

	(void)state;
	for (i = 0; i < NELEM(parts); i++) {
		buf_reset(&text);
		buf_addf(&text, "{\"id\":\"m\",\"metadata\":[1],\"role\":"
		    "\"assistant\",\"parts\":[%s]}", parts[i]);
		m = read_message(text.data);
		got = write_message(m);
		assert_string_equal(got, text.data);
		free(got);
		message_free(m);
	}
	buf_clear(&text);
}

static void
what_is_no_message_is_refused(void **state)
{
	static const char *const bad[] = { "[]", "1", "{\"parts\":{}}" };
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(bad); i++) {
		struct json_doc *doc = json_parse(bad[i], strlen(bad[i]), 0,
		    NULL);
		struct err e = ERR_INIT;

		assert_null(message_read(json_root(doc), &e));
		assert_int_equal(e.code, ERR_INPUT);
		json_doc_free(doc);
	}
}

static void
text_is_joined_without_what_was_interrupted(void **state)
{
	struct message *m = read_message("{\"id\":\"m\",\"role\":\"user\","
	    "\"parts\":[{\"type\":\"text\",\"text\":\"a\"},"
	    "{\"type\":\"reasoning\",\"text\":\"r\"},"
	    "{\"type\":\"text\",\"text\":\"cut\",\"providerMetadata\":"
	    "{\"chatd\":{\"interrupted\":true}}},"
	    "{\"type\":\"text\",\"text\":\"b\"}]}");
	struct buf b = BUF_INIT;

	(void)state;
	message_text(m, &b);
	assert_string_equal(b.data, "a\n\nb");
	buf_clear(&b);
	message_free(m);
	m = message_user_text("u", "hi there", 2);
	message_text(m, &b);
	assert_string_equal(b.data, "hi");
	assert_int_equal(m->role, ROLE_USER);
	buf_clear(&b);
	message_free(m);
}

static void
states_have_names(void **state)
{
	int i;

	(void)state;
	for (i = STATE_STREAMING; i <= STATE_OUTPUT_DENIED; i++)
		assert_int_equal(part_state_of(
		    part_state_name((enum part_state)i)), i);
	assert_null(part_state_name(STATE_NONE));
	assert_int_equal(part_state_of("x"), STATE_NONE);
	assert_int_equal(part_state_of(NULL), STATE_NONE);
}

static void
a_client_that_breaks_the_rules_is_told_where(void **state)
{
	static const char *const cases[][2] = {
		{ "[{\"id\":\"u\",\"role\":\"user\",\"parts\":"
		    "[{\"type\":\"text\",\"text\":\"x\"}]}]", "" },
		{ "[{\"id\":\"u\",\"role\":\"assistant\",\"parts\":[]}]", "" },
		{ "[]", "none" },
		{ "[{\"id\":\"u\",\"role\":\"user\",\"parts\":[]}]",
		    "messages[0]: at least one part" },
		{ "[{\"role\":\"user\",\"parts\":[]}]", "messages[0]: id" },
		{ "[{\"id\":\"u\",\"role\":\"user\",\"parts\":"
		    "[{\"type\":\"step-start\"},{\"type\":\"x\"}]}]",
		    "messages[0].parts[1]: type" },
		{ "[{\"id\":\"u\",\"role\":\"assistant\",\"parts\":"
		    "[{\"type\":\"tool-x\",\"toolCallId\":\"c\",\"state\":"
		    "\"input-available\",\"input\":1,\"output\":2}]}]",
		    "messages[0].parts[0]: output" },
		{ "[{\"id\":\"u\",\"role\":\"assistant\",\"parts\":"
		    "[{\"type\":\"dynamic-tool\",\"toolCallId\":\"c\","
		    "\"state\":\"input-available\",\"input\":1}]}]",
		    "messages[0].parts[0]: toolName" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(cases); i++) {
		struct json_doc *doc = json_parse(cases[i][0],
		    strlen(cases[i][0]), 0, NULL);
		struct err e = ERR_INIT;
		int status = message_validate(json_root(doc), &e);

		assert_int_equal(status, cases[i][1][0] == '\0' ? 0 : -1);
		if (strstr(e.text, cases[i][1]) == NULL)
			fail_msg("%s: %s", cases[i][0], e.text);
		json_doc_free(doc);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_come_back_as_they_were),
		cmocka_unit_test(what_is_no_message_is_refused),
		cmocka_unit_test(text_is_joined_without_what_was_interrupted),
		cmocka_unit_test(states_have_names),
		cmocka_unit_test(a_client_that_breaks_the_rules_is_told_where),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
