/* SPDX-License-Identifier: GPL-3.0-or-later */
/* providers.c - prices, lists, abilities, addresses, and history told anew */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/mem.h"
#include "base/path.h"
#include "model/ability.h"
#include "model/anthropic.h"
#include "model/chat_request.h"
#include "model/fault.h"
#include "model/gemini.h"
#include "model/list_cache.h"
#include "model/model_priv.h"
#include "model/omit.h"
#include "model/price.h"
#include "model/responses.h"
#include "model/tool_names.h"

struct world {
	struct event_base *base;
	struct json_doc *config;
	struct models *ms;
	char home[64];
};

static void
world_open(struct world *w, const char *config)
{
	struct models_opts mo = { .base = w->base };

	models_free(w->ms);
	json_doc_free(w->config);
	w->config = config != NULL ? json_parse(config, strlen(config), 0,
	    NULL) : NULL;
	mo.config = w->config != NULL ? json_root(w->config) : NULL;
	w->ms = models_new(&mo);
}

static const char *const variables[] = {
	"OPENAI_BASE_URL", "ANTHROPIC_BASE_URL", "GEMINI_BASE_URL",
	"GOOGLE_BASE_URL", "AZURE_OPENAI_ENDPOINT", "AZURE_RESOURCE_NAME",
	"ANTHROPIC_AUTH_TOKEN", "GOOGLE_API_KEY",
	"GOOGLE_GENERATIVE_AI_API_KEY", "AZURE_API_KEY",
};
static const char *const keys[] = {
	"OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY",
	"OPENROUTER_API_KEY", "AZURE_OPENAI_API_KEY", "MISTRAL_API_KEY",
};

static int
setup(void **state)
{
	struct world *w = xcalloc(1, sizeof(*w));

	(void)snprintf(w->home, sizeof w->home, "/tmp/providers-test.XXXXXX");
	assert_non_null(mkdtemp(w->home));
	setenv("CHATD_HOME", w->home, 1);
	for (size_t i = 0; i < NELEM(variables); i++)
		unsetenv(variables[i]);
	for (size_t i = 0; i < NELEM(keys); i++)
		setenv(keys[i], "k", 1);
	w->base = event_base_new();
	world_open(w, NULL);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;
	static const char *const made[] = { "state/models/openai.json",
	    "state/models/openrouter.json", "state/models", "state",
	    "config/prices.yaml", "config" };

	for (size_t i = 0; i < NELEM(made); i++) {
		char *path = path_join(w->home, made[i]);

		(void)remove(path);
		free(path);
	}
	assert_int_equal(rmdir(w->home), 0);
	models_free(w->ms);
	json_doc_free(w->config);
	event_base_free(w->base);
	free(w);
	return 0;
}

static struct model *
model_of(struct world *w, const char *spec)
{
	struct err e = ERR_INIT;
	struct model *m = models_get(w->ms, spec, &e);

	assert_string_equal(e.text, "");
	assert_non_null(m);
	return m;
}

/* ------------------------------------------------------------------ prices */

static void
calls_have_a_price(void **state)
{
	struct world *w = *state;
	struct model_price p;
	struct model_usage u = { .input = 1000000, .input_fresh = 300000,
	    .cache_read = 500000, .cache_write = 200000, .output = 100000,
	    .output_text = -1, .reasoning = -1, .cost = -1 };

	assert_true(price_of(model_of(w,
	    "anthropic:claude-sonnet-4-5-20250929"), &p));
	assert_true(p.input > 2.99 && p.input < 3.01 && p.output > 14.9);
	/* 0.3 * 3 + 0.5 * 0.3 + 0.2 * 3.75 + 0.1 * 15 */
	double usd = price_cost(&p, &u);
	assert_true(usd > 3.2999 && usd < 3.3001);
	assert_true(price_of(model_of(w, "openai:gpt-5"), &p));
	assert_true(price_of(model_of(w, "openai-chat:gpt-5"), &p));
	assert_false(price_of(model_of(w, "openai:gpt-50"), &p));
	assert_false(price_of(model_of(w, "ollama:gpt-5"), &p));
	u.output = -1;
	assert_true(price_cost(&p, &u) < 0);
	assert_int_equal(strlen(price_date(w->ms)), strlen("2026-01-01"));
}

static void
people_may_bring_their_own_prices(void **state)
{
	static const char text[] = "date: \"2001-02-03\"\nproviders:\n"
	    "  openai:\n    gpt-5: {input: 7, output: 8}\n";
	struct world *w = *state;
	struct err e = ERR_INIT;
	char *path = path_config("prices.yaml");
	struct model_price p;

	assert_int_equal(path_make_parent(path, &e), 0);
	assert_int_equal(path_write_whole(path, text, strlen(text), 0600, &e),
	    0);
	world_open(w, NULL);
	assert_string_equal(price_date(w->ms), "2001-02-03");
	assert_true(price_of(model_of(w, "openai:gpt-5-2025"), &p));
	assert_true(p.input > 6.9 && p.cache_read < 0);
	assert_false(price_of(model_of(w, "anthropic:claude-opus-5"), &p));
	free(path);
}

/* ------------------------------------------------------------------- lists */

static void
lists_are_kept(void **state)
{
	struct world *w = *state;
	struct model *m = model_of(w, "openrouter:a/b");
	struct model_info info = { .provider = "openrouter", .id = "a/b",
	    .context = 4242, .max_output = 99,
	    .price = { 1.5, 2.5, -1, -1 },
	    .thinking = ABLE_REASON | ABLE_ADAPTIVE };
	struct model_price p;

	assert_null(list_cache_fresh(m->provider));
	list_cache_write(m->provider, &info, 1);
	assert_int_equal(json_len(list_cache_fresh(m->provider)), 1);
	world_open(w, NULL);	/* another process */
	m = model_of(w, "openrouter:a/b");
	assert_int_equal(json_len(list_cache_fresh(m->provider)), 1);
	assert_int_equal(model_context(m), 4242);
	assert_int_equal(ability_of(m).max_output, 99);
	assert_int_equal(ability_of(m).can, ABLE_REASON | ABLE_ADAPTIVE);
	assert_true(price_of(m, &p) && p.input > 1.4 && p.cache_read < 0);
	/* the list of another address is nothing to this one */
	world_open(w, "{\"providers\":{\"openrouter\":{\"base_url\":"
	    "\"https://other.example/v1\"}}}");
	m = model_of(w, "openrouter:a/b");
	assert_null(list_cache_fresh(m->provider));
	assert_int_equal(model_context(m), 0);
}

static void
old_lists_are_asked_for_again(void **state)
{
	static const char old[] = "{\"at\":1000,\"url\":"
	    "\"https://api.openai.com/v1\",\"models\":[{\"id\":\"gpt-x\","
	    "\"context\":77}]}";
	struct world *w = *state;
	struct err e = ERR_INIT;
	char *path = path_state("models/openai.json");
	struct model *m = model_of(w, "openai:gpt-x");

	assert_int_equal(path_make_parent(path, &e), 0);
	assert_int_equal(path_write_whole(path, old, strlen(old), 0600, &e),
	    0);
	assert_null(list_cache_fresh(m->provider));
	assert_int_equal(model_context(m), 77);	/* sizes still hold */
	free(path);
}

/* --------------------------------------------------------------- abilities */

static void
models_differ(void **state)
{
	static const struct {
		const char *spec;
		int64_t max_output;
		unsigned can;
	} rows[] = {
		{ "anthropic:claude-opus-5-5", 128000, ABLE_ALWAYS },
		{ "anthropic:claude-sonnet-4-20250514", 64000, ABLE_BUDGET },
		{ "anthropic:claude-opus-4-7", 128000, NOT_SAMPLING },
		{ "openrouter:anthropic/claude-opus-4-6", 128000,
		  ABLE_ADAPTIVE },
		{ "openai:gpt-5.2", 128000, NOT_SAMPLING },
		{ "openai:o3-mini", 100000, ABLE_REASON },
		{ "openai:o30", 0, 0 }, { "openai:gpt-50", 0, 0 },
		{ "openai:gpt-5-chat-latest", 16384, ABLE_SCHEMA },
		{ "openai:gpt-6.1-sol", 128000, ABLE_ALWAYS },
		{ "google:gemini-2.5-pro", 65536, ABLE_BUDGET },
		{ "google:gemini-3.8-flash", 65536, ABLE_ALWAYS },
		{ "ollama:qwen3", 0, 0 },
	};
	struct world *w = *state;

	for (size_t i = 0; i < NELEM(rows); i++) {
		struct ability a = ability_of(model_of(w, rows[i].spec));

		assert_int_equal(a.max_output, rows[i].max_output);
		assert_int_equal(a.can & rows[i].can, rows[i].can);
		if (rows[i].can == 0)
			assert_int_equal(a.can, 0);
	}
}

static void
request_has(struct model *m, const struct model_request *rq,
    int (*write)(const struct model *, const struct model_request *,
    struct buf *, struct err *), const char *has, const char *lacks)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	assert_int_equal(write(m, rq, &b, &e), 0);
	if (has != NULL && strstr(b.data, has) == NULL)
		fail_msg("%s\nlacks %s", b.data, has);
	if (lacks != NULL && strstr(b.data, lacks) != NULL)
		fail_msg("%s\nhas %s", b.data, lacks);
	buf_clear(&b);
}

static void
requests_keep_to_what_a_model_takes(void **state)
{
	struct world *w = *state;
	struct json_doc *doc = json_parse("[]", 2, 0, NULL);
	struct model_request rq = { .messages = json_root(doc) };
	struct model *m;

	world_open(w, "{\"providers\":{\"anthropic\":{\"body\":"
	    "{\"temperature\":0,\"top_p\":1}}}}");
	m = model_of(w, "anthropic:claude-opus-4-7");
	request_has(m, &rq, anthropic_request_write, "\"max_tokens\":128000",
	    "temperature");
	request_has(model_of(w, "anthropic:claude-sonnet-4-5"), &rq,
	    anthropic_request_write, "\"temperature\":0", "thinking");
	rq.reasoning = "none";
	request_has(m, &rq, anthropic_request_write, "\"thinking\":{\"type\":"
	    "\"disabled\"}", NULL);
	request_has(model_of(w, "anthropic:claude-opus-5-5"), &rq,
	    anthropic_request_write, NULL, "thinking");
	request_has(model_of(w, "openai:gpt-5"), &rq,
	    responses_request_write, "\"effort\":\"minimal\"", "summary");
	request_has(model_of(w, "openai-chat:gpt-5"), &rq,
	    chat_request_write, "\"reasoning_effort\":\"minimal\"", NULL);
	request_has(model_of(w, "openai:gpt-5.2"), &rq,
	    responses_request_write, "\"effort\":\"none\"", "summary");
	request_has(model_of(w, "google:gemini-2.5-flash"), &rq,
	    gemini_request_write, "\"thinkingBudget\":0", "includeThoughts");
	request_has(model_of(w, "google:gemini-2.5-pro"), &rq,
	    gemini_request_write, "\"thinkingBudget\":128", NULL);
	request_has(model_of(w, "google:gemini-3.8-flash"), &rq,
	    gemini_request_write, "\"thinkingLevel\":\"low\"", NULL);
	request_has(model_of(w, "google:gemini-3.5-flash"), &rq,
	    gemini_request_write, "\"thinkingLevel\":\"minimal\"", NULL);
	request_has(model_of(w, "google:gemini-2.0-flash"), &rq,
	    gemini_request_write, NULL, "generationConfig");
	json_doc_free(doc);
}

static void
refused_fields_are_left_out(void **state)
{
	struct world *w = *state;
	struct model *m = model_of(w, "openai:gpt-5");
	struct fault f = FAULT_INIT;
	struct buf b = BUF_INIT;

	buf_adds(&b, "{\"a\":1,\"reasoning\":{\"summary\":\"auto\"},\"b\":2}");
	err_set(&f.err, ERR_REFUSED, "openai: Unsupported: reasoning.summary");
	assert_true(omit_learn(m, &f, &b));
	assert_string_equal(b.data, "{\"a\":1,\"b\":2}");
	assert_false(omit_learn(m, &f, &b));	/* once is enough */
	buf_reset(&b);
	buf_adds(&b, "{\"reasoning\":{\"effort\":\"low\","
	    "\"summary\":\"auto\"}}");
	omit_apply(m, &b);
	assert_string_equal(b.data, "{\"reasoning\":{\"effort\":\"low\"}}");
	/* not for what was said, and not after other faults */
	err_clear(&f.err);
	err_set(&f.err, ERR_REFUSED, "messages.3: reasoning.effort is odd");
	assert_false(omit_learn(m, &f, &b));
	err_clear(&f.err);
	err_set(&f.err, ERR_BUSY, "reasoning.effort");
	assert_false(omit_learn(m, &f, &b));
	buf_clear(&b);
}

/* --------------------------------------------------------------- addresses */

static void
addresses_take_the_form_of_their_api(void **state)
{
	static const struct {
		const char *variable, *value, *name, *url;
	} rows[] = {
		{ "ANTHROPIC_BASE_URL", "https://a.example", "anthropic",
		  "https://a.example/v1" },
		{ "ANTHROPIC_BASE_URL", "https://a.example/x/v1/",
		  "anthropic", "https://a.example/x/v1" },
		{ "ANTHROPIC_BASE_URL", "http://127.0.0.1:1/v1/messages",
		  "anthropic", "http://127.0.0.1:1/v1" },
		{ "GEMINI_BASE_URL", "https://g.example", "google",
		  "https://g.example/v1beta" },
		{ "GOOGLE_BASE_URL", "https://g.example/v1", "google",
		  "https://g.example/v1" },
		{ "OPENAI_BASE_URL", "https://o.example", "openai-responses",
		  "https://o.example" },
		{ "AZURE_OPENAI_ENDPOINT", "https://z.example/", "azure",
		  "https://z.example/openai/v1" },
		{ "AZURE_RESOURCE_NAME", "res", "azure",
		  "https://res.openai.azure.com/openai/v1" },
	};
	struct world *w = *state;

	for (size_t i = 0; i < NELEM(rows); i++) {
		setenv(rows[i].variable, rows[i].value, 1);
		world_open(w, NULL);
		assert_string_equal(registry_find(w->ms,
		    rows[i].name)->base_url, rows[i].url);
		unsetenv(rows[i].variable);
	}
	world_open(w, NULL);
	struct err e = ERR_INIT;
	assert_null(models_get(w->ms, "azure:x", &e));
	assert_int_equal(e.code, ERR_CONFIG);
}

static void
openai_speaks_responses_at_home(void **state)
{
	struct world *w = *state;

	assert_string_equal(registry_find(w->ms, "openai")->api,
	    "openai-responses");
	assert_string_equal(registry_find(w->ms, "openai-chat")->api,
	    "openai-chat");
	setenv("OPENAI_BASE_URL", "https://gateway.example/v1", 1);
	world_open(w, NULL);
	assert_string_equal(registry_find(w->ms, "openai")->api,
	    "openai-chat");
	assert_string_equal(registry_find(w->ms, "openai-responses")->api,
	    "openai-responses");
	unsetenv("OPENAI_BASE_URL");
	world_open(w, "{\"providers\":{\"openai\":{\"api\":\"openai-chat\"}}}");
	assert_string_equal(registry_find(w->ms, "openai")->api,
	    "openai-chat");
}

static void
keys_have_several_names(void **state)
{
	struct world *w = *state;
	struct model_entry *en = registry_find(w->ms, "google");

	assert_string_equal(entry_key_variable(en), "GEMINI_API_KEY");
	setenv("GOOGLE_API_KEY", "x", 1);
	assert_string_equal(entry_key_variable(en), "GEMINI_API_KEY");
	setenv("GOOGLE_GENERATIVE_AI_API_KEY", "x", 1);
	assert_string_equal(entry_key_variable(en),
	    "GOOGLE_GENERATIVE_AI_API_KEY");
	en = registry_find(w->ms, "anthropic");
	unsetenv("ANTHROPIC_API_KEY");
	assert_null(entry_key(en));
	setenv("ANTHROPIC_AUTH_TOKEN", "t", 1);
	char **headers = entry_headers(en, NULL);
	assert_string_equal(headers[0], "anthropic-version: 2023-06-01");
	assert_string_equal(headers[1], "Authorization: Bearer t");
	assert_null(headers[2]);
	headers_free(headers);
}

/* ----------------------------------------------------------------- history */

#define USER "{\"role\":\"user\",\"content\":\"hi\"}"
#define CALL(id, options) "{\"type\":\"tool-call\",\"toolCallId\":\"" id \
	"\",\"toolName\":\"f\",\"input\":{}" options "}"
#define RESULT(id, text) "{\"type\":\"tool-result\",\"toolCallId\":\"" id \
	"\",\"toolName\":\"f\",\"output\":{\"type\":\"text\",\"value\":\"" \
	text "\"}}"

static void
told_is(struct world *w, const char *spec, int (*write)(const struct model *,
    const struct model_request *, struct buf *, struct err *),
    const char *messages, const char *has, const char *lacks)
{
	struct err e = ERR_INIT;
	struct json_doc *doc = json_parse(messages, strlen(messages), 0, &e);
	struct model_request rq = { .reasoning = "low" };

	assert_string_equal(e.text, "");
	rq.messages = json_root(doc);
	request_has(model_of(w, spec), &rq, write, has, lacks);
	json_doc_free(doc);
}

static void
every_call_has_its_result(void **state)
{
	struct world *w = *state;
	/* results in another order, one missing, one of no call */
	static const char messages[] = "[" USER ",{\"role\":\"assistant\","
	    "\"content\":[" CALL("a", "") "," CALL("b.1", "") ","
	    CALL("c", "") "]},{\"role\":\"tool\",\"content\":["
	    RESULT("x", "no") "," RESULT("b.1", "B") "," RESULT("a", "A")
	    "]}," USER "]";

	told_is(w, "anthropic:claude-sonnet-4-5", anthropic_request_write,
	    messages, "{\"role\":\"user\",\"content\":[{\"type\":"
	    "\"tool_result\",\"tool_use_id\":\"a\",\"content\":\"A\"},"
	    "{\"type\":\"tool_result\",\"tool_use_id\":\"b_1_", "\"no\"");
	told_is(w, "anthropic:claude-sonnet-4-5", anthropic_request_write,
	    messages, "\"tool_use_id\":\"c\",\"content\":\"The call was "
	    "interrupted: it has no result.\",\"is_error\":true},{\"type\":"
	    "\"text\",\"text\":\"hi\"", "b.1");
	told_is(w, "google:gemini-3-pro", gemini_request_write, messages,
	    "\"response\":{\"output\":\"A\"}}},{\"functionResponse\":{"
	    "\"name\":\"f\",\"response\":{\"output\":\"B\"}}},"
	    "{\"functionResponse\":{\"name\":\"f\",\"response\":{\"error\":"
	    "\"The call", "\"no\"");
	told_is(w, "openai:gpt-5", responses_request_write, messages,
	    "{\"type\":\"function_call_output\",\"call_id\":\"c\",\"output\":"
	    "\"The call was", "\"no\"");
}

static void
what_others_gave_is_not_sent(void **state)
{
	struct world *w = *state;
	static const char messages[] = "[" USER ",{\"role\":\"assistant\","
	    "\"content\":[{\"type\":\"reasoning\",\"text\":\"secret\","
	    "\"providerOptions\":{\"anthropic\":{\"signature\":\"S1\","
	    "\"model\":\"claude-sonnet-4-5\"},\"openai\":{\"itemId\":\"rs_1\","
	    "\"reasoningEncryptedContent\":\"E1\",\"model\":\"gpt-5\"},"
	    "\"google\":{\"thoughtSignature\":\"G1\",\"model\":"
	    "\"gemini-3-pro\"}}},{\"type\":\"text\",\"text\":\"said\"}]},"
	    USER "]";

	told_is(w, "anthropic:claude-sonnet-4-5", anthropic_request_write,
	    messages, "\"thinking\":\"secret\",\"signature\":\"S1\"", "E1");
	told_is(w, "anthropic:claude-opus-4-5", anthropic_request_write,
	    messages, "said", "secret");
	told_is(w, "openai:gpt-5", responses_request_write, messages,
	    "\"encrypted_content\":\"E1\"", "S1");
	told_is(w, "openai:gpt-5.1", responses_request_write, messages,
	    "said", "secret");
	told_is(w, "google:gemini-3-pro", gemini_request_write, messages,
	    "\"thought\":true,\"thoughtSignature\":\"G1\"", "S1");
	told_is(w, "google:gemini-2.5-pro", gemini_request_write, messages,
	    "said", "secret");
}

static void
signed_calls_of_a_gateway_go_back(void **state)
{
	static const char messages[] = "[" USER ",{\"role\":\"assistant\","
	    "\"content\":[" CALL("a", ",\"providerOptions\":{\"openrouter\":"
	    "{\"model\":\"g\",\"extra_content\":{\"google\":{\"x\":1}}}}")
	    "]},{\"role\":\"tool\",\"content\":[" RESULT("a", "A") "]}]";

	told_is(*state, "openrouter:g", chat_request_write, messages,
	    "\"arguments\":\"{}\"},\"extra_content\":{\"google\":"
	    "{\"x\":1}}}", NULL);
	told_is(*state, "openrouter:h", chat_request_write, messages,
	    "\"arguments\":\"{}\"}}]", "extra_content");
}

static void
reasoning_alone_at_the_end_is_dropped(void **state)
{
	told_is(*state, "openai:gpt-5", responses_request_write,
	    "[" USER ",{\"role\":\"assistant\",\"content\":[{\"type\":"
	    "\"reasoning\",\"text\":\"hm\",\"providerOptions\":{\"openai\":"
	    "{\"itemId\":\"rs_1\",\"reasoningEncryptedContent\":\"E1\"}}}]},"
	    USER "]", NULL, "E1");
}

static void
turns_begin_with_the_user_and_hold_no_blanks(void **state)
{
	static const char messages[] = "[{\"role\":\"assistant\",\"content\":"
	    "[{\"type\":\"text\",\"text\":\" \\n\"},{\"type\":\"text\","
	    "\"text\":\"first\"}]}," USER "," USER ",{\"role\":\"assistant\","
	    "\"content\":[{\"type\":\"text\",\"text\":\"So \"}]}]";

	told_is(*state, "anthropic:claude-sonnet-4-5",
	    anthropic_request_write, messages, "\"messages\":[{\"role\":"
	    "\"user\",\"content\":[{\"type\":\"text\",\"text\":"
	    "\"(continued)\",\"cache_control\":{\"type\":\"ephemeral\"}}]},"
	    "{\"role\":\"assistant\",\"content\":[{\"type\":\"text\","
	    "\"text\":\"first\"}]},{\"role\":\"user\",\"content\":[{\"type\":"
	    "\"text\",\"text\":\"hi\"},{\"type\":\"text\",\"text\":\"hi\","
	    "\"cache_control\":{\"type\":\"ephemeral\"}}]},{\"role\":"
	    "\"assistant\",\"content\":[{\"type\":\"text\",\"text\":\"So\"}]}"
	    "]", NULL);
}

static void
pictures_of_mcp_tools_are_shown(void **state)
{
	static const char messages[] = "[" USER ",{\"role\":\"assistant\","
	    "\"content\":[" CALL("a", "") "]},{\"role\":\"tool\",\"content\":"
	    "[{\"type\":\"tool-result\",\"toolCallId\":\"a\",\"toolName\":"
	    "\"f\",\"output\":{\"type\":\"json\",\"value\":{\"content\":[{"
	    "\"type\":\"text\",\"text\":\"map\"},{\"type\":\"image\","
	    "\"mimeType\":\"image/png\",\"data\":\"iVBO\"}],\"isError\":true}"
	    "}}]}]";

	told_is(*state, "anthropic:claude-sonnet-4-5",
	    anthropic_request_write, messages, "\"content\":[{\"type\":"
	    "\"text\",\"text\":\"map\"},{\"type\":\"image\",\"source\":{"
	    "\"type\":\"base64\",\"media_type\":\"image/png\",\"data\":"
	    "\"iVBO\"}}],\"is_error\":true", NULL);
	told_is(*state, "openai:gpt-5", responses_request_write, messages,
	    "\"output\":[{\"type\":\"input_text\",\"text\":\"map\"},{\"type\":"
	    "\"input_image\",\"image_url\":\"data:image/png;base64,iVBO\"}]",
	    NULL);
	told_is(*state, "google:gemini-2.5-pro", gemini_request_write,
	    messages, "\"response\":{\"error\":\"map\"}}},{\"inlineData\":{"
	    "\"mimeType\":\"image/png\",\"data\":\"iVBO\"}}", NULL);
}

static void
names_of_tools_take_another_form(void **state)
{
	static const char tools[] = "[{\"name\":\"a.b\"},{\"name\":\"9\"},"
	    "{\"name\":\"plain\"}]";
	struct world *w = *state;
	struct json_doc *doc = json_parse(tools, strlen(tools), 0, NULL);
	struct json_doc *none = json_parse("[]", 2, 0, NULL);
	struct model_request rq = { .messages = json_root(none),
	    .tools = json_root(doc) };
	struct model_call call = { .model = model_of(w, "openai:gpt-5") };

	request_has(call.model, &rq, responses_request_write,
	    "\"name\":\"_9\"", "a.b");
	request_has(call.model, &rq, chat_request_write,
	    "\"name\":\"a_b_", "a.b");
	request_has(call.model, &rq, anthropic_request_write,
	    "\"name\":\"plain\"", "a.b");
	request_has(call.model, &rq, gemini_request_write,
	    "\"name\":\"a_b_", "a.b");
	tool_names_keep(&call, &rq);
	assert_int_equal(call.name_count, 2);
	assert_string_equal(tool_name_own(&call, "_9"), "9");
	assert_string_equal(tool_name_own(&call, "plain"), "plain");
	tool_names_clear(&call);
	json_doc_free(doc);
	json_doc_free(none);
}

static void
signatures_can_be_taken_back(void **state)
{
	struct model *m = model_of(*state, "google:gemini-3-pro");
	struct buf b = BUF_INIT;

	assert_false(gemini_refused(m, "S"));
	buf_adds(&b, "{\"parts\":[{\"text\":\"a\",\"thoughtSignature\":\"S\"},"
	    "{\"functionCall\":{\"args\":{\"thoughtSignature\":1}},"
	    "\"thoughtSignature\":\"S\"}]}");
	assert_true(gemini_unsign(m, &b));
	assert_string_equal(b.data, "{\"parts\":[{\"text\":\"a\"},"
	    "{\"functionCall\":{\"args\":{\"thoughtSignature\":1}},"
	    "\"thoughtSignature\":\"skip_thought_signature_validator\"}]}");
	assert_false(gemini_unsign(m, &b));
	assert_true(gemini_refused(m, "S"));
	assert_false(gemini_refused(m, "T"));
	assert_false(gemini_refused(m, GEMINI_UNSIGNED));
	buf_clear(&b);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(calls_have_a_price),
		TEST(people_may_bring_their_own_prices),
		TEST(lists_are_kept),
		TEST(old_lists_are_asked_for_again),
		TEST(models_differ),
		TEST(requests_keep_to_what_a_model_takes),
		TEST(refused_fields_are_left_out),
		TEST(addresses_take_the_form_of_their_api),
		TEST(openai_speaks_responses_at_home),
		TEST(keys_have_several_names),
		TEST(every_call_has_its_result),
		TEST(what_others_gave_is_not_sent),
		TEST(signed_calls_of_a_gateway_go_back),
		TEST(reasoning_alone_at_the_end_is_dropped),
		TEST(turns_begin_with_the_user_and_hold_no_blanks),
		TEST(pictures_of_mcp_tools_are_shown),
		TEST(names_of_tools_take_another_form),
		TEST(signatures_can_be_taken_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
