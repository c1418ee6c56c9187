/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stencil.c - what fits is told as if it had been parsed */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/json.h"
#include "heard.h"
#include "model/anthropic.h"
#include "model/chat_stream.h"
#include "model/gemini.h"
#include "model/responses.h"
#include "model/stencil.h"

#define CHAT(text)							\
	"{\"id\":\"a\",\"created\":17,\"choices\":[{\"index\":0,\"delta\":"	\
	"{\"content\":\"" text "\"},\"finish_reason\":null}],"		\
	"\"obfuscation\":\"xy\"}"
#define GEMINI(text, n)							\
	"{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"" text	\
	"\"}],\"role\":\"model\"},\"index\":0}],\"usageMetadata\":{"		\
	"\"promptTokenCount\":9,\"candidatesTokenCount\":" n ","	\
	"\"totalTokenCount\":1" n "}}"
#define ANTHROPIC(text)							\
	"{\"type\":\"content_block_delta\",\"index\":0,\"delta\":"	\
	"{\"type\":\"text_delta\",\"text\":\"" text "\"}}"
#define RESPONSES(text)							\
	"{\"type\":\"response.output_text.delta\",\"sequence_number\":47,"	\
	"\"item_id\":\"m\",\"output_index\":0,\"delta\":\"" text "\","	\
	"\"obfuscation\":\"xy\"}"

static void
learn(struct stencil *s, const char *data, const char *member)
{
	static const char *const others[] = { "n", "o", NULL };
	struct stencil_event ev = { data, strlen(data), NULL };
	struct json_doc *doc = json_parse(ev.data, ev.len,
	    JSON_REPLACE_UTF8, NULL);

	assert_non_null(doc);
	ev.doc = doc;
	stencil_learn(s, &ev, json_get(json_root(doc), member),
	    json_root(doc), others);
	json_doc_free(doc);
}

static void
check(const char *learned, const char *data, const char *want)
{
	size_t len = strlen(data), n = 0;
	char *copy = xmemdup(data, len);	/* nothing behind it */
	struct stencil s;
	const char *text = NULL;
	bool fits;

	stencil_init(&s);
	learn(&s, learned, "t");
	fits = stencil_fits(&s, copy, len, &text, &n);
	if (fits != (want != NULL))
		fail_msg("%s %s %s", data, fits ? "fits" : "does not fit",
		    learned);
	if (want != NULL) {
		assert_int_equal(n, strlen(want));
		assert_memory_equal(text, want, n);
	}
	free(copy);
	stencil_clear(&s);
}

static void
what_differs_in_its_holes_fits(void **state)
{
	static const char learned[] = "{\"n\":7,\"t\":\"one\",\"o\":\"x\"}";

	(void)state;
	check(learned, learned, "one");
	check(learned, "{\"n\":123,\"t\":\"\",\"o\":\"\"}", "");
	check(learned, "{\"n\":0,\"t\":\"\xc3\xa4{}[],:\",\"o\":\"zz\"}",
	    "\xc3\xa4{}[],:");
	check("{\"t\":\"a\"}", "{\"t\":\"bcd\"}", "bcd");
	/* of the same keys the last one counts */
	check("{\"t\":\"a\",\"t\":\"b\"}", "{\"t\":\"a\",\"t\":\"c\"}", "c");
	check("{\"t\":\"a\",\"t\":\"b\"}", "{\"t\":\"c\",\"t\":\"b\"}", NULL);
}

static void
what_must_be_looked_at_does_not_fit(void **state)
{
	static const char learned[] = "{\"n\":7,\"t\":\"one\",\"o\":\"x\"}";
	static const char *const others[] = {
		"", "{", "{\"n\":7,\"t\":\"one\",\"o\":\"x\"",
		"{\"n\":7,\"t\":\"one\",\"o\":\"x\"}}",
		"{\"n\":7,\"t\":\"one\",\"o\":\"x\",\"e\":1}",
		"{\"n\":7,\"t\":\"o\\ne\",\"o\":\"x\"}",
		"{\"n\":7,\"t\":\"o\ne\",\"o\":\"x\"}",
		"{\"n\":7,\"t\":\"\xc3\",\"o\":\"x\"}",
		"{\"n\":7,\"t\":\"one\",\"o\":\"\xff\"}",
		"{\"n\":07,\"t\":\"one\",\"o\":\"x\"}",
		"{\"n\":-7,\"t\":\"one\",\"o\":\"x\"}",
		"{\"n\":7.5,\"t\":\"one\",\"o\":\"x\"}",
		"{\"n\":,\"t\":\"one\",\"o\":\"x\"}",
		"{\"m\":7,\"t\":\"one\",\"o\":\"x\"}",
		"{\"n\":7,\"t\":\"one", "{\"n\":7",
	};

	(void)state;
	for (size_t i = 0; i < NELEM(others); i++)
		check(learned, others[i], NULL);
}

/* Where the text does not stand as it is, there is nothing to compare. */
static void
what_was_changed_on_the_way_is_not_learned(void **state)
{
	static const char *const odd[] = { "{\"t\":\"\\u0061\"}",
	    "{\"t\":\"\\\\\\\\\"}", "{\"t\":17}", "{\"t\":null}", "{}",
	    "{\"a\":\"\xff\",\"t\":\"x\"}", "[\"t\"]" };

	(void)state;
	for (size_t i = 0; i < NELEM(odd); i++)
		check(odd[i], odd[i], NULL);
}

/* ------------------------------------------------ the same as if parsed */

struct reader {
	struct heard heard;
	union {
		struct chat_stream chat;
		struct anthropic_stream anthropic;
		struct responses_stream responses;
		struct gemini_stream gemini;
	} stream;
	struct fault fault;
};

static int
chat_feed(struct reader *r, const char *data, bool fresh)
{
	struct chat_stream *st = &r->stream.chat;

	if (st->call == NULL)
		chat_stream_init(st, &r->heard.call, NULL);
	if (data == NULL) {
		chat_stream_clear(st);
		return 0;
	}
	if (fresh)
		stencil_forget(&st->same);
	return chat_stream_feed(st, data, strlen(data), &r->fault);
}

static int
anthropic_feed(struct reader *r, const char *data, bool fresh)
{
	struct anthropic_stream *st = &r->stream.anthropic;

	if (st->call == NULL)
		anthropic_stream_init(st, &r->heard.call, NULL);
	if (data == NULL) {
		anthropic_stream_clear(st);
		return 0;
	}
	if (fresh)
		stencil_forget(&st->same);
	return anthropic_stream_feed(st, data, strlen(data), &r->fault);
}

static int
responses_feed(struct reader *r, const char *data, bool fresh)
{
	struct responses_stream *st = &r->stream.responses;

	if (st->call == NULL)
		responses_stream_init(st, &r->heard.call, NULL);
	if (data == NULL) {
		responses_stream_clear(st);
		return 0;
	}
	if (fresh)
		stencil_forget(&st->same);
	return responses_stream_feed(st, data, strlen(data), &r->fault);
}

/* At its end it has counted what no event was parsed for. */
static int
gemini_feed(struct reader *r, const char *data, bool fresh)
{
	struct gemini_stream *st = &r->stream.gemini;

	if (st->call == NULL)
		gemini_stream_init(st, &r->heard.call, NULL);
	if (data == NULL) {
		(void)!gemini_stream_end(st, &r->fault);
		buf_addf(&r->heard.text, "%lld %lld",
		    (long long)st->usage.input, (long long)st->usage.output);
		gemini_stream_clear(st);
		return 0;
	}
	if (fresh)
		stencil_forget(&st->same);
	return gemini_stream_feed(st, data, strlen(data), &r->fault);
}

static const struct api {
	int (*feed)(struct reader *, const char *, bool fresh);
	const char *first, *again;
} apis[] = {
	{ chat_feed, CHAT("one"), CHAT(" two") },
	{ anthropic_feed, ANTHROPIC("one"), ANTHROPIC(" two") },
	{ responses_feed, RESPONSES("one"), RESPONSES(" two") },
	{ gemini_feed, GEMINI("one", "1"), GEMINI(" two", "23") },
};

/* Three events, of which the second may be odd. Caller frees. */
static char *
heard_of(const struct api *api, const char *second, bool fresh)
{
	struct reader r = { .fault = FAULT_INIT };
	const char *const events[] = { api->first, second, api->again };
	char *text;

	heard_init(&r.heard);
	for (size_t i = 0; i < NELEM(events); i++) {
		int rc = api->feed(&r, events[i], fresh);

		buf_addf(&r.heard.text, "|%d|", rc);
	}
	(void)api->feed(&r, NULL, false);
	buf_adds(&r.heard.text, r.fault.err.text);
	text = xstrdup(r.heard.text.data);
	heard_clear(&r.heard);
	return text;
}

static void
same_either_way(const struct api *api, const char *second)
{
	char *parsed = heard_of(api, second, true);
	char *compared = heard_of(api, second, false);

	if (strcmp(parsed, compared) != 0)
		fail_msg("%s:\n%s\nbut parsed:\n%s", second, compared, parsed);
	free(parsed);
	free(compared);
}

static void
an_answer_is_the_same_as_if_all_was_parsed(void **state)
{
	static const char bytes[] = "\"\\0x-,}]: \n\x7f\xc3\xff";

	(void)state;
	for (size_t k = 0; k < NELEM(apis); k++) {
		char *odd = xstrdup(apis[k].again);
		size_t i, len = strlen(odd);

		same_either_way(&apis[k], odd);
		for (i = 0; i < len; i++) {
			char was = odd[i];

			for (const char *b = bytes; *b != '\0'; b++) {
				odd[i] = *b;
				same_either_way(&apis[k], odd);
			}
			odd[i] = '\0';
			same_either_way(&apis[k], odd);
			odd[i] = was;
		}
		free(odd);
	}
}

/* The test above would pass if nothing ever fitted. */
static void
the_events_of_each_api_fit(void **state)
{
	struct reader r = { .fault = FAULT_INIT };
	const char *text;
	size_t len;

	(void)state;
	heard_init(&r.heard);
	assert_int_equal(chat_feed(&r, CHAT("one"), false), 0);
	assert_true(stencil_fits(&r.stream.chat.same, CHAT(" two"),
	    strlen(CHAT(" two")), &text, &len));
	(void)chat_feed(&r, NULL, false);
	memset(&r.stream, 0, sizeof r.stream);
	assert_int_equal(anthropic_feed(&r, ANTHROPIC("one"), false), 0);
	assert_true(stencil_fits(&r.stream.anthropic.same, ANTHROPIC(" two"),
	    strlen(ANTHROPIC(" two")), &text, &len));
	(void)anthropic_feed(&r, NULL, false);
	memset(&r.stream, 0, sizeof r.stream);
	assert_int_equal(responses_feed(&r, RESPONSES("one"), false), 0);
	assert_true(stencil_fits(&r.stream.responses.same, RESPONSES(" two"),
	    strlen(RESPONSES(" two")), &text, &len));
	(void)responses_feed(&r, NULL, false);
	memset(&r.stream, 0, sizeof r.stream);
	assert_int_equal(gemini_feed(&r, GEMINI("one", "1"), false), 0);
	assert_true(stencil_fits(&r.stream.gemini.same, GEMINI(" two", "23"),
	    strlen(GEMINI(" two", "23")), &text, &len));
	assert_int_equal(gemini_feed(&r, GEMINI(" two", "23"), false), 0);
	(void)gemini_feed(&r, NULL, false);
	assert_int_equal(r.stream.gemini.usage.output, 23);
	heard_clear(&r.heard);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_differs_in_its_holes_fits),
		cmocka_unit_test(what_must_be_looked_at_does_not_fit),
		cmocka_unit_test(what_was_changed_on_the_way_is_not_learned),
		cmocka_unit_test(an_answer_is_the_same_as_if_all_was_parsed),
		cmocka_unit_test(the_events_of_each_api_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
