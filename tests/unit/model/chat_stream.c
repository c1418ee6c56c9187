/* SPDX-License-Identifier: GPL-3.0-or-later */
/* chat_stream.c - recorded answers, cut at every position */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "heard.h"
#include "model/chat_stream.h"
#include "wire/sse.h"

#define CHOICE(delta) "data: {\"choices\":[{\"index\":0,\"delta\":{" delta "}}]}\n\n"
#define TOOLS(call) CHOICE("\"tool_calls\":[{" call "}]")
#define END(reason) \
	"data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"" reason "\"}]}\n\n"
#define DONE "data: [DONE]\n\n"

static const struct {
	const char *bytes, *want;
} streams[] = {
	{ CHOICE("\"role\":\"assistant\",\"content\":\"\"")
	  CHOICE("\"content\":\"Hel\"") CHOICE("\"content\":\"l\xc3\xb6\"")
	  END("stop") "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":11,"
	  "\"completion_tokens\":9}}\n\n" DONE,
	  "t Hell\xc3\xb6{\"inputTokens\":11,\"outputTokens\":9,"
	  "\"totalTokens\":20}\n/t\n[finish stop]\n" },
	{ TOOLS("\"index\":0,\"id\":\"w1\",\"function\":{\"name\":\"f\","
	  "\"arguments\":\"\"}")
	  TOOLS("\"index\":1,\"id\":\"w2\",\"function\":{\"name\":\"g\","
	  "\"arguments\":\"{\\\"b\\\":2\"}")
	  TOOLS("\"index\":0,\"function\":{\"arguments\":\"{\\\"a\\\":1}\"}")
	  TOOLS("\"index\":1,\"function\":{\"arguments\":\"}\"}")
	  END("tool_calls") DONE,
	  "[start w1 f]\n[start w2 g]\n{\"b\":2{\"a\":1}}[call w1 f]\n"
	  "{\"a\":1}\n[call w2 g]\n{\"b\":2}\n[finish tool-calls]\n" },
	/* index order, not order of arrival */
	{ TOOLS("\"index\":1,\"id\":\"b\",\"function\":{\"name\":\"g\"}")
	  TOOLS("\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"f\"}")
	  END("stop"),
	  "[start b g]\n[start a f]\n[call a f]\n{}\n[call b g]\n{}\n"
	  "[finish tool-calls]\n" },
	/* no index: by id, by name; what fits none is dropped */
	{ TOOLS("\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":\"{\"}")
	  TOOLS("\"id\":\"b\",\"function\":{\"name\":\"g\",\"arguments\":\"{\"}")
	  TOOLS("\"id\":\"a\",\"function\":{\"arguments\":\"}\"}")
	  TOOLS("\"function\":{\"arguments\":\"lost\"}")
	  TOOLS("\"id\":\"b\",\"function\":{\"arguments\":\"}\"}") DONE,
	  "[start a f]\n{[start b g]\n{}}[call a f]\n{}\n[call b g]\n{}\n"
	  "[finish tool-calls]\n" },
	/* "{}" may be followed by more; the only open call takes it */
	{ TOOLS("\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}")
	  TOOLS("\"function\":{\"arguments\":\"x\"}") END("stop"),
	  "[start a f]\n{}x[bad a f]\n{}x\nthe arguments are no JSON: invalid "
	  "JSON at byte 2: text behind the value\n"
	  "[finish tool-calls]\n" },
	/* an id that the request has already */
	{ TOOLS("\"index\":0,\"id\":\"call_0\",\"function\":{\"name\":\"f\"}")
	  END("stop"), "[start NEW f]\n[call NEW f]\n{}\n"
	  "[finish tool-calls]\n" },
	/* a signature of Gemini's */
	{ TOOLS("\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"f\"},"
	  "\"extra_content\":{\"google\":{\"thought_signature\":\"S\"}}")
	  END("stop"), "[start a f]\n[call a f]\n{}{\"openai\":{\"model\":"
	  "\"m\",\"extra_content\":{\"google\":{\"thought_signature\":"
	  "\"S\"}}}}\n[finish tool-calls]\n" },
	{ CHOICE("\"reasoning\":\"hm\"") CHOICE("\"content\":\"a\"")
	  CHOICE("\"reasoning\":\"more\"") DONE,
	  "r hm/r\nt a/t\nr more/r\n[finish other]\n" },
	{ ": ping\r\n\r\ndata:{\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\r\n"
	  "\r\nevent: x\r\ndata: {\"choices\":[{\"finish_reason\":\"length\"}]}",
	  "t a/t\n[finish length]\n" },
	{ CHOICE("\"content\":\"a\"")
	  "data: {\"error\":{\"message\":\"Overloaded\",\"code\":529}}\n\n",
	  "t aFAULT openai: Overloaded" },
	{ DONE, "FAULT openai: empty answer" },
	{ "data: {\"choices\":\n\n", "FAULT openai: the answer cannot be "
	  "read: invalid JSON at byte 11: unexpected end" },
};

struct reader {
	struct heard heard;
	struct chat_stream stream;
	struct fault fault;
};

static int
event_came(const struct sse_event *ev, void *arg)
{
	struct reader *r = arg;

	return chat_stream_feed(&r->stream, ev->data, ev->len, &r->fault);
}

static void
replace_made_ids(char *s)
{
	char *p;

	while ((p = strstr(s, "call_")) != NULL && strlen(p) >= 29) {
		memcpy(p, "NEW", 3);
		memmove(p + 3, p + 29, strlen(p + 29) + 1);
	}
}

/* The answer in two pieces; what was heard. Caller frees. */
static char *
heard_of(const char *bytes, size_t cut)
{
	struct reader r = { .fault = FAULT_INIT };
	struct sse_parser *sse = sse_new(0, event_came, &r);
	bool well;

	heard_init(&r.heard);
	chat_stream_init(&r.stream, &r.heard.call, "{\"id\":\"call_0\"}");
	well = sse_feed(sse, bytes, cut, &r.fault.err) == 0 &&
	    sse_feed(sse, bytes + cut, strlen(bytes) - cut,
	    &r.fault.err) == 0 && sse_finish(sse, &r.fault.err) == 0 &&
	    chat_stream_end(&r.stream, &r.fault) == 0;
	assert_int_equal(well, r.fault.err.code == ERR_NONE);
	if (!well)
		buf_addf(&r.heard.text, "FAULT %s", r.fault.err.text);
	replace_made_ids(r.heard.text.data);
	char *text = xstrdup(r.heard.text.data);
	sse_free(sse);
	chat_stream_clear(&r.stream);
	heard_clear(&r.heard);
	return text;
}

static void
streams_give_the_same_wherever_they_are_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < NELEM(streams); i++)
		for (size_t cut = 0; cut <= strlen(streams[i].bytes); cut++) {
			char *got = heard_of(streams[i].bytes, cut);

			assert_string_equal(got, streams[i].want);
			free(got);
		}
}

static void
calls_have_a_ceiling(void **state)
{
	struct heard h;
	struct chat_stream st;
	struct fault f = FAULT_INIT;

	(void)state;
	heard_init(&h);
	chat_stream_init(&st, &h.call, NULL);
	for (int i = 0; i < TOOL_CALLS_MAX + 10; i++) {
		struct buf b = BUF_INIT;

		buf_addf(&b, "{\"choices\":[{\"delta\":{\"tool_calls\":[{"
		    "\"index\":%d,\"function\":{\"name\":\"f\"}}]}}]}", i);
		assert_int_equal(chat_stream_feed(&st, b.data, b.len, &f), 0);
		buf_clear(&b);
	}
	assert_int_equal(st.tools.count, TOOL_CALLS_MAX);
	chat_stream_clear(&st);
	heard_clear(&h);
}

static void
think_is(bool open, const char *text, const char *want)
{
	for (size_t cut = 0; cut <= strlen(text); cut++) {
		struct heard h;
		struct think t;

		heard_init(&h);
		think_init(&t, open);
		think_feed(&t, &h.call, text, cut);
		think_feed(&t, &h.call, text + cut, strlen(text) - cut);
		think_end(&t, &h.call);
		model_finish(&h.call, FINISH_STOP, NULL);
		assert_string_equal(h.text.data, want);
		heard_clear(&h);
	}
}

static void
thinking_between_tags_is_reasoning(void **state)
{
	(void)state;
	think_is(false, "<think>a<b</think>\n\nc</think>",
	    "r a<b/r\nt c</think>/t\n[finish stop]\n");
	think_is(false, "plain <think>", "t plain <think>/t\n[finish stop]\n");
	think_is(false, "<thin", "t <thin/t\n[finish stop]\n");
	think_is(false, " \n<think>\nnever ends</thi",
	    "r never ends</thi/r\n[finish stop]\n");
	think_is(true, "opened</think>c", "r opened/r\nt c/t\n[finish stop]\n");
	think_is(false, "<<think>", "t <<think>/t\n[finish stop]\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(streams_give_the_same_wherever_they_are_cut),
		cmocka_unit_test(calls_have_a_ceiling),
		cmocka_unit_test(thinking_between_tags_is_reasoning),
	};

	return cmocka_run_group_tests_name("chat_stream", tests, NULL, NULL);
}
