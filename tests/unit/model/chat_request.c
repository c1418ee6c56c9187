/* SPDX-License-Identifier: GPL-3.0-or-later */
/* chat_request.c - ModelMessages as requests, byte for byte */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "heard.h"
#include "model/chat_request.h"
#include "model/schema_clean.h"

#define TAIL ",\"stream\":true,\"stream_options\":{\"include_usage\":true}}"

static struct json_doc *
parse(const char *text)
{
	struct err e = ERR_INIT;
	struct json_doc *doc = text == NULL ? NULL :
	    json_parse(text, strlen(text), 0, &e);

	assert_string_equal(e.text, "");
	return doc;
}

static void
request_is(struct heard *h, struct model_request rq, const char *messages,
    const char *want)
{
	struct json_doc *doc = parse(messages);
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	rq.messages = json_root(doc);
	assert_int_equal(chat_request_write(&h->model, &rq, &b, &e), 0);
	assert_string_equal(b.data, want);
	json_doc_free(doc);
	buf_clear(&b);
}

/* Only "messages": the rest around it is known. */
static void
messages_are(struct heard *h, const char *messages, const char *want)
{
	char *whole = xasprintf("{\"model\":\"m\",\"messages\":%s" TAIL, want);

	request_is(h, (struct model_request){ 0 }, messages, whole);
	free(whole);
}

static int
setup(void **state)
{
	struct heard *h = xmalloc(sizeof(*h));

	heard_init(h);
	*state = h;
	return 0;
}

static int
teardown(void **state)
{
	heard_clear(*state);
	free(*state);
	return 0;
}

static void
a_conversation_with_tools(void **state)
{
	messages_are(*state, "[{\"role\":\"system\",\"content\":\"S\"},"
	    "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":"
	    "\"hi\"}]},{\"role\":\"assistant\",\"content\":["
	    "{\"type\":\"reasoning\",\"text\":\"secret\"},"
	    "{\"type\":\"tool-call\",\"toolCallId\":\"c1\",\"toolName\":\"f\","
	    "\"input\":{\"a\":1.0}}]},{\"role\":\"tool\",\"content\":["
	    "{\"type\":\"tool-result\",\"toolCallId\":\"c1\",\"toolName\":"
	    "\"f\",\"output\":{\"type\":\"json\",\"value\":{\"t\":30}}}]},"
	    "{\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":"
	    "\"x\"},{\"type\":\"text\",\"text\":\"y\"}]}]",
	    "[{\"role\":\"system\",\"content\":\"S\"},"
	    "{\"role\":\"user\",\"content\":\"hi\"},"
	    "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":["
	    "{\"id\":\"c1\",\"type\":\"function\",\"function\":{\"name\":"
	    "\"f\",\"arguments\":\"{\\\"a\\\":1.0}\"}}]},"
	    "{\"role\":\"tool\",\"tool_call_id\":\"c1\",\"content\":"
	    "\"{\\\"t\\\":30}\"},"
	    "{\"role\":\"assistant\",\"content\":\"xy\"}]");
}

#define RESULT(output) "{\"type\":\"tool-result\",\"toolCallId\":\"c\"," \
	"\"toolName\":\"f\",\"output\":" output "}"
#define SAID(text) "{\"role\":\"tool\",\"tool_call_id\":\"c\",\"content\":" \
	text "}"

static void
every_form_of_result_is_text(void **state)
{
	messages_are(*state, "[{\"role\":\"tool\",\"content\":["
	    RESULT("{\"type\":\"text\",\"value\":\"t\"}") ","
	    RESULT("{\"type\":\"json\",\"value\":null}") ","
	    RESULT("{\"type\":\"error-text\",\"value\":\"no\"}") ","
	    RESULT("{\"type\":\"error-json\",\"value\":[1]}") ","
	    RESULT("{\"type\":\"execution-denied\",\"reason\":\"why\"}") ","
	    RESULT("{\"type\":\"execution-denied\"}") ","
	    RESULT("{\"type\":\"content\",\"value\":[{\"type\":\"text\","
	    "\"text\":\"see\"},{\"type\":\"media\",\"mediaType\":"
	    "\"image/png\",\"data\":\"AA==\"}]}") "]}]",
	    "[" SAID("\"t\"") "," SAID("\"null\"") "," SAID("\"no\"") ","
	    SAID("\"[1]\"") "," SAID("\"why\"") ","
	    SAID("\"Tool call execution denied.\"") "," SAID("\"see\"")
	    ",{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":"
	    "\"The picture that f gave (call c):\"},{\"type\":\"image_url\","
	    "\"image_url\":{\"url\":\"data:image/png;base64,AA==\"}}]}]");
}

static void
files_take_the_form_of_their_type(void **state)
{
	messages_are(*state, "[{\"role\":\"user\",\"content\":["
	    "{\"type\":\"text\",\"text\":\"look\"},"
	    "{\"type\":\"file\",\"mediaType\":\"image/png\",\"data\":"
	    "{\"type\":\"url\",\"url\":\"https://example.org/a.png\"}},"
	    "{\"type\":\"file\",\"mediaType\":\"audio/wav\",\"data\":\"AA==\"},"
	    "{\"type\":\"file\",\"mediaType\":\"application/pdf\","
	    "\"filename\":\"a.pdf\",\"data\":\"data:application/pdf;base64,"
	    "AA==\"},{\"type\":\"file\",\"mediaType\":\"text/plain\","
	    "\"filename\":\"n.txt\",\"data\":\"aMOk\"},"
	    "{\"type\":\"file\",\"mediaType\":\"image/png\",\"data\":"
	    "{\"type\":\"reference\",\"reference\":{}}}]}]",
	    "[{\"role\":\"user\",\"content\":["
	    "{\"type\":\"text\",\"text\":\"look\"},{\"type\":\"image_url\","
	    "\"image_url\":{\"url\":\"https://example.org/a.png\"}},"
	    "{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"AA==\","
	    "\"format\":\"wav\"}},{\"type\":\"file\",\"file\":{\"filename\":"
	    "\"a.pdf\",\"file_data\":\"data:application/pdf;base64,AA==\"}},"
	    "{\"type\":\"text\",\"text\":\"<file name=\\\"n.txt\\\">\\nh\xc3\xa4"
	    "\\n</file>\"}]}]");
}

static void
one_system_message_and_it_is_first(void **state)
{
	struct heard *h = *state;

	request_is(h, (struct model_request){ .system = "A" },
	    "[{\"role\":\"user\",\"content\":\"u\"},"
	    "{\"role\":\"system\",\"content\":\"B\"}]",
	    "{\"model\":\"m\",\"messages\":[{\"role\":\"system\",\"content\":"
	    "\"A\\n\\nB\"},{\"role\":\"user\",\"content\":\"u\"}]" TAIL);
}

static void
the_vendor_and_others_differ(void **state)
{
	struct heard *h = *state;
	struct model_request rq = { .system = "S", .session = "s1",
	    .max_output = 9, .reasoning = "low" };

	request_is(h, rq, "[]", "{\"model\":\"m\",\"messages\":[{\"role\":"
	    "\"system\",\"content\":\"S\"}],\"max_tokens\":9,"
	    "\"reasoning_effort\":\"low\"" TAIL);
	h->entry.effort = EFFORT_ENDS;
	request_is(h, rq, "[]", "{\"model\":\"m\",\"messages\":[{\"role\":"
	    "\"system\",\"content\":\"S\"}],\"max_tokens\":9,"
	    "\"reasoning_effort\":\"high\"" TAIL);
	h->entry.effort = EFFORT_FIELD;
	h->entry.vendor = true;
	str_replace(&h->entry.max_tokens_field, "max_completion_tokens");
	h->model.id = "gpt-5-mini";
	request_is(h, rq, "[]", "{\"model\":\"gpt-5-mini\",\"messages\":["
	    "{\"role\":\"developer\",\"content\":\"S\"}],"
	    "\"max_completion_tokens\":9,\"reasoning_effort\":\"low\","
	    "\"prompt_cache_key\":\"s1\"" TAIL);
	h->entry.effort = EFFORT_SWITCH;
	rq.reasoning = "none";
	rq.session = NULL;
	rq.system = NULL;
	request_is(h, rq, "[]", "{\"model\":\"gpt-5-mini\",\"messages\":[],"
	    "\"max_completion_tokens\":9,\"thinking\":{\"type\":\"disabled\"}"
	    TAIL);
}

static void
fields_of_the_configuration_win(void **state)
{
	struct heard *h = *state;
	struct json_doc *doc = parse("{\"model\":\"other\",\"temperature\":0}");

	h->entry.body = json_root(doc);
	request_is(h, (struct model_request){ 0 }, "[]", "{\"messages\":[],"
	    "\"model\":\"other\",\"temperature\":0" TAIL);
	json_doc_free(doc);
}

static void
tools_are_sorted_and_clean(void **state)
{
	struct heard *h = *state;
	struct json_doc *tools = parse("[{\"name\":\"b\",\"inputSchema\":{"
	    "\"$schema\":\"x\",\"type\":\"object\",\"properties\":{\"format\":"
	    "{\"type\":\"string\",\"pattern\":\"^a\"},\"any\":true},"
	    "\"additionalProperties\":false}},"
	    "{\"name\":\"a\",\"description\":\"d\"}]");
	struct model_request rq = { .tools = json_root(tools) };
	const char *a = "{\"type\":\"function\",\"function\":{\"name\":\"a\","
	    "\"description\":\"d\",\"parameters\":{\"type\":\"object\","
	    "\"properties\":{}}}}";
	char *want = xasprintf("{\"model\":\"m\",\"tools\":[%s,{\"type\":"
	    "\"function\",\"function\":{\"name\":\"b\",\"parameters\":{"
	    "\"type\":\"object\",\"properties\":{\"format\":{\"type\":"
	    "\"string\"},\"any\":{}},\"additionalProperties\":false}}}],"
	    "\"messages\":[]" TAIL, a);

	h->entry.simple = true;
	request_is(h, rq, "[]", want);
	free(want);
	json_doc_free(tools);
}

static void
a_schema_for_the_answer(void **state)
{
	struct heard *h = *state;
	struct json_doc *loose = parse("{\"type\":\"object\",\"properties\":"
	    "{\"a\":{\"type\":\"string\"}}}");
	struct json_doc *tight = parse("{\"type\":\"object\",\"properties\":"
	    "{\"a\":{\"type\":\"string\"}},\"required\":[\"a\"],"
	    "\"additionalProperties\":false}");
	struct model_request rq = { .schema = json_root(loose) };

	request_is(h, rq, "[]", "{\"model\":\"m\",\"messages\":[],"
	    "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{"
	    "\"name\":\"answer\",\"schema\":{\"type\":\"object\","
	    "\"properties\":{\"a\":{\"type\":\"string\"}}},\"strict\":false}}"
	    TAIL);
	assert_true(schema_is_strict(json_root(tight)));
	json_doc_free(loose);
	json_doc_free(tight);
}

static void
short_ids_match_their_results(void **state)
{
	struct heard *h = *state;

	h->entry.mistral = true;
	messages_are(h, "[{\"role\":\"assistant\",\"content\":["
	    "{\"type\":\"tool-call\",\"toolCallId\":\"call_0\",\"toolName\":"
	    "\"f\",\"input\":{}}]},{\"role\":\"tool\",\"content\":["
	    "{\"type\":\"tool-result\",\"toolCallId\":\"call_0\",\"toolName\":"
	    "\"f\",\"output\":{\"type\":\"text\",\"value\":\"v\"}}]},"
	    "{\"role\":\"tool\",\"content\":[{\"type\":\"tool-result\","
	    "\"toolCallId\":\"abcDEF123\",\"toolName\":\"f\",\"output\":"
	    "{\"type\":\"text\",\"value\":\"v\"}}]}]",
	    "[{\"role\":\"assistant\",\"content\":null,\"tool_calls\":["
	    "{\"id\":\"i5vp5silp\",\"type\":\"function\",\"function\":{"
	    "\"name\":\"f\",\"arguments\":\"{}\"}}]},{\"role\":\"tool\","
	    "\"tool_call_id\":\"i5vp5silp\",\"content\":\"v\"},{\"role\":"
	    "\"tool\",\"tool_call_id\":\"abcDEF123\",\"content\":\"v\"}]");
}

/* Mistral's answer to other orders: 400, code 3230. */
static void
nobody_speaks_behind_a_result_but_the_model(void **state)
{
	static const char talk[] = "[{\"role\":\"assistant\",\"content\":["
	    "{\"type\":\"tool-call\",\"toolCallId\":\"abcDEF123\","
	    "\"toolName\":\"f\",\"input\":{}}]},{\"role\":\"tool\","
	    "\"content\":[{\"type\":\"tool-result\",\"toolCallId\":"
	    "\"abcDEF123\",\"toolName\":\"f\",\"output\":{\"type\":"
	    "\"text\",\"value\":\"v\"}}]},{\"role\":\"user\",\"content\":"
	    "\"no\"},{\"role\":\"assistant\",\"content\":[{\"type\":"
	    "\"reasoning\",\"text\":\"hm\"}]},{\"role\":\"user\","
	    "\"content\":\"so?\"}]";
	static const char begun[] = "{\"role\":\"assistant\",\"content\":"
	    "null,\"tool_calls\":[{\"id\":\"abcDEF123\",\"type\":"
	    "\"function\",\"function\":{\"name\":\"f\",\"arguments\":"
	    "\"{}\"}}]},{\"role\":\"tool\",\"tool_call_id\":\"abcDEF123\","
	    "\"content\":\"v\"}";
	static const char rest[] = "{\"role\":\"user\",\"content\":\"no\"},"
	    "{\"role\":\"user\",\"content\":\"so?\"}";
	struct heard *h = *state;
	char *lax = xasprintf("[%s,%s]", begun, rest);
	char *strict = xasprintf("{\"model\":\"devstral-2\",\"messages\":[%s,"
	    "{\"role\":\"assistant\",\"content\":\"Understood.\"},%s]" TAIL,
	    begun, rest);

	messages_are(h, talk, lax);
	h->model.id = "devstral-2";
	request_is(h, (struct model_request){ 0 }, talk, strict);
	free(strict);
	free(lax);
}

static void
reasoning_goes_back_to_whom_it_came_from(void **state)
{
	struct heard *h = *state;
	const char *messages = "[{\"role\":\"assistant\",\"content\":["
	    "{\"type\":\"reasoning\",\"text\":\"hm\",\"providerOptions\":{"
	    "\"openai\":{\"model\":\"m\",\"reasoning_details\":[{\"x\":1}]}}},"
	    "{\"type\":\"text\",\"text\":\"a\"}]}]";

	h->entry.reasoning_back = true;
	messages_are(h, messages, "[{\"role\":\"assistant\",\"content\":\"a\","
	    "\"reasoning_content\":\"hm\",\"reasoning_details\":[{\"x\":1}]}]");
	str_replace(&h->entry.name, "other");
	messages_are(h, messages, "[{\"role\":\"assistant\",\"content\":\"a\","
	    "\"reasoning_content\":\"\"}]");
}

static void
stream_options_can_be_taken_out(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	buf_adds(&b, "{\"a\":1" TAIL);
	chat_request_plain(&b);
	assert_string_equal(b.data, "{\"a\":1,\"stream\":true}");
	chat_request_plain(&b);
	assert_string_equal(b.data, "{\"a\":1,\"stream\":true}");
	buf_clear(&b);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_conversation_with_tools),
		T(every_form_of_result_is_text),
		T(files_take_the_form_of_their_type),
		T(one_system_message_and_it_is_first),
		T(the_vendor_and_others_differ),
		T(fields_of_the_configuration_win),
		T(tools_are_sorted_and_clean),
		T(a_schema_for_the_answer),
		T(short_ids_match_their_results),
		T(nobody_speaks_behind_a_result_but_the_model),
		T(reasoning_goes_back_to_whom_it_came_from),
		T(stream_options_can_be_taken_out),
	};

	return cmocka_run_group_tests_name("chat_request", tests, NULL, NULL);
}
