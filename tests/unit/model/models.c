/* SPDX-License-Identifier: GPL-3.0-or-later */
/* models.c - the registry, waits between tries, scripts and the demo */

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

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "model/fault.h"
#include "model/model.h"
#include "model/model_priv.h"
#include "model/retry.h"
#include "wire/fetch.h"

struct world {
	struct event_base *base;
	struct fetch_pool *fetch;
	struct models *ms;
	struct json_doc *config;
	struct model_call *call;
	struct buf text, calls;
	struct err error;
	enum model_finish finish;
	int ends, cancel_after, events;
	char spec[64];
};

static void
world_open(struct world *w, const char *config)
{
	memset(w, 0, sizeof(*w));
	buf_init(&w->text);
	buf_init(&w->calls);
	w->base = event_base_new();
	w->fetch = fetch_pool_new(w->base);
	if (config != NULL)
		w->config = json_parse(config, strlen(config), 0, NULL);
	struct models_opts mo = { .base = w->base, .fetch = w->fetch,
	    .config = w->config != NULL ? json_root(w->config) : NULL };
	w->ms = models_new(&mo);
}

static void
world_close(struct world *w)
{
	models_free(w->ms);
	fetch_pool_free(w->fetch);
	event_base_free(w->base);
	json_doc_free(w->config);
	buf_clear(&w->text);
	buf_clear(&w->calls);
}

static void
event_came(const struct model_event *ev, void *arg)
{
	struct world *w = arg;

	assert_int_equal(w->ends, 0);	/* nothing after the end */
	if (ev->type == MODEL_TEXT_DELTA)
		buf_add(&w->text, ev->text, ev->len);
	if (ev->type == MODEL_TOOL_CALL)
		buf_addf(&w->calls, "%s %.*s;", ev->name, (int)ev->len,
		    ev->text);
	if (ev->type == MODEL_FINISH || ev->type == MODEL_ERROR) {
		w->ends++;
		w->finish = ev->finish;
		if (ev->error != NULL)
			w->error = *ev->error;
	}
	if (++w->events == w->cancel_after)
		model_cancel(w->call);
}

static void
play(struct world *w, const char *spec, const char *messages)
{
	struct json_doc *doc = json_parse(messages, strlen(messages), 0, NULL);
	struct model_request rq = { .messages = json_root(doc) };
	struct err e = ERR_INIT;
	struct model *m = models_get(w->ms, spec, &e);

	assert_string_equal(e.text, "");
	assert_non_null(m);
	buf_reset(&w->text);
	buf_reset(&w->calls);
	err_clear(&w->error);
	w->ends = w->events = 0;
	w->call = model_ask(m, &rq, event_came, w, &e);
	json_doc_free(doc);
	assert_string_equal(e.text, "");
	assert_int_equal(w->events, 0);		/* all come from the loop */
	event_base_dispatch(w->base);
}

#define USER "{\"role\":\"user\",\"content\":\"hello\"}"
#define BOT "{\"role\":\"assistant\",\"content\":\"x\"}"

static void
entries_follow_environment_and_configuration(void **state)
{
	struct world w;
	struct err e = ERR_INIT;
	const struct models_provider *p;
	size_t i;

	(void)state;
	unsetenv("OPENAI_API_KEY");
	world_open(&w, "{\"providers\":{\"mine\":{\"base_url\":"
	    "\"http://127.0.0.1:9000\",\"model\":\"own\"},\"groq\":{"
	    "\"base_url\":\"https://example.org/x/chat/completions/\"},"
	    "\"odd\":{\"base_url\":\"ftp://x\",\"model\":\"y\"}}}");
	assert_null(models_get(w.ms, "openai:gpt-5", &e));
	assert_int_equal(e.code, ERR_AUTH);
	assert_string_equal(e.hint, "export OPENAI_API_KEY=...");
	err_clear(&e);
	assert_null(models_get(w.ms, "nobody:x", &e));
	assert_int_equal(e.code, ERR_USAGE);
	assert_non_null(strstr(e.hint, "ollama"));
	err_clear(&e);
	assert_null(models_get(w.ms, "ollama", &e));
	assert_int_equal(e.code, ERR_USAGE);
	err_clear(&e);
	assert_null(models_get(w.ms, "odd", &e));
	assert_int_equal(e.code, ERR_CONFIG);
	assert_string_equal(model_spec(models_get(w.ms, "mine", NULL)),
	    "mine:own");
	assert_ptr_equal(models_get(w.ms, "mine:own", NULL),
	    models_get(w.ms, "mine", NULL));
	for (i = 0; (p = models_entry(w.ms, i)) != NULL; i++) {
		if (strcmp(p->name, "mine") == 0)
			assert_string_equal(p->base_url,
			    "http://127.0.0.1:9000/v1");
		if (strcmp(p->name, "groq") == 0)
			assert_string_equal(p->base_url,
			    "https://example.org/x");
		if (strcmp(p->name, "ollama") == 0)
			assert_string_equal(p->base_url,
			    "http://127.0.0.1:4321/v1");
	}
	assert_true(i > 10);
	world_close(&w);
}

static void
default_came(const char *spec, const char *why, void *arg)
{
	struct world *w = arg;

	assert_true(strlen(why) > 0);
	snprintf(w->spec, sizeof w->spec, "%s", spec);
}

static void
default_is(const char *config, const char *want)
{
	struct world w;

	world_open(&w, config);
	models_default(w.ms, default_came, &w);
	assert_string_equal(w.spec, "");
	event_base_dispatch(w.base);
	assert_string_equal(w.spec, want);
	world_close(&w);
}

static void
the_default_is_said_set_or_demo(void **state)
{
	(void)state;
	default_is("{\"model\":\"groq:a\"}", "groq:a");
	default_is(NULL, "demo");
	setenv("OPENROUTER_API_KEY", "k", 1);
	default_is(NULL, "openrouter:openrouter/auto");
	setenv("OPENAI_API_KEY", "k", 1);
	default_is(NULL, "openai:gpt-6.1-sol");
	unsetenv("OPENAI_API_KEY");
	unsetenv("OPENROUTER_API_KEY");
}

static void
a_script_plays_section_by_section(void **state)
{
	char path[] = "script-test-XXXXXX", spec[64];
	const char *lines = "# comment\n"
	    "{\"type\":\"text-delta\",\"text\":\"one\"}\n\n{\"turn\":2}\n"
	    "{\"expect\":\"hello\"}\n{\"repeat\":200,\"type\":\"text-delta\","
	    "\"text\":\"w{n} \"}\n{\"turn\":3}\n{\"type\":\"tool-call\","
	    "\"id\":\"c\",\"name\":\"f\",\"input\":{\"a\":1}}\n{\"turn\":4}\n"
	    "{\"expect\":\"not there\"}\n";
	int fd = mkstemp(path);
	struct world w;

	(void)state;
	assert_int_equal(write(fd, lines, strlen(lines)),
	    (ssize_t)strlen(lines));
	close(fd);
	snprintf(spec, sizeof spec, "script:%s", path);
	world_open(&w, NULL);
	play(&w, spec, "[" USER "]");
	assert_string_equal(w.text.data, "one");
	assert_int_equal(w.finish, FINISH_STOP);
	play(&w, spec, "[" USER "," BOT "," USER "]");
	assert_memory_equal(w.text.data, "w0 w1 ", 6);
	assert_string_equal(w.text.data + w.text.len - 5, "w199 ");
	play(&w, spec, "[" BOT "," BOT "]");
	assert_string_equal(w.calls.data, "f {\"a\":1};");
	assert_int_equal(w.finish, FINISH_TOOL_CALLS);
	play(&w, spec, "[" BOT "," BOT "," BOT "," BOT "," BOT "]");
	assert_int_equal(w.error.code, ERR_FAILED);
	assert_non_null(strstr(w.error.text, ":10: the prompt does not"));
	w.cancel_after = 5;
	play(&w, spec, "[" USER "," BOT "]");
	assert_int_equal(w.events, 5);
	assert_int_equal(w.ends, 0);
	world_close(&w);
	unlink(path);
}

static void
the_demo_says_what_it_is_and_sees_the_history(void **state)
{
	struct world w;

	(void)state;
	world_open(&w, NULL);
	play(&w, "demo", "[" USER "]");
	assert_non_null(strstr(w.text.data, "demo model"));
	assert_non_null(strstr(w.text.data, "OPENAI_API_KEY"));
	assert_non_null(strstr(w.text.data, "| part |"));
	assert_non_null(strstr(w.calls.data, "demo_forecast"));
	assert_int_equal(w.finish, FINISH_STOP);
	play(&w, "demo", "[" USER "," BOT "," USER "]");
	assert_non_null(strstr(w.text.data, "You said: \"hello\". That was "
	    "your message number 2; I was given 3 in all."));
	assert_string_equal(w.calls.data, "");
	world_close(&w);
}

static void
waits_follow_the_server_and_the_limit(void **state)
{
	struct retry r;
	struct fault f = FAULT_INIT;
	int64_t wait;

	(void)state;
	retry_init(&r, 0, 0, false);
	assert_int_equal(retry_wait(&r, &f, 0), -1);	/* not to be retried */
	retry_init(&r, 0, 0, false);
	f.retry = true;
	wait = retry_wait(&r, &f, 0);
	assert_in_range(wait, 750, 1250);
	wait = retry_wait(&r, &f, 0);
	assert_in_range(wait, 1500, 2500);
	f.wish_ms = 4000;
	assert_int_equal(retry_wait(&r, &f, 0), 4000);
	assert_int_equal(retry_wait(&r, &f, 0), -1);	/* the fourth try */
	retry_init(&r, 0, 0, false);
	f.wish_ms = 31000;
	err_set(&f.err, ERR_BUSY, "slow");
	assert_int_equal(retry_wait(&r, &f, 0), -1);
	assert_string_equal(f.err.text, "slow; it asks to wait 31 s");
	retry_init(&r, 0, 0, true);
	f.wish_ms = -1;
	f.refused = true;
	assert_in_range(retry_wait(&r, &f, 0), 75, 125);
	retry_init(&r, 2, 5000, false);
	assert_int_equal(retry_wait(&r, &f, 5000), -1);
}

/* providers 9.2: who asks for a summary goes by the code. */
static void
too_long_is_told_from_wrong(void **state)
{
	static const struct {
		enum err_code code;
		const char *body;
	} all[] = {
		{ ERR_TOO_BIG, "{\"error\":{\"message\":\"This model's maximum "
		    "context length is 128000 tokens.\",\"type\":"
		    "\"invalid_request_error\",\"code\":"
		    "\"context_length_exceeded\"}}" },
		{ ERR_TOO_BIG, "{\"type\":\"error\",\"error\":{\"type\":"
		    "\"invalid_request_error\",\"message\":\"prompt is too "
		    "long: 210000 tokens > 200000 maximum\"}}" },
		{ ERR_TOO_BIG, "{\"error\":{\"code\":400,\"message\":\"The "
		    "input token count (1200000) exceeds the maximum number "
		    "of tokens allowed (1048575).\",\"status\":"
		    "\"INVALID_ARGUMENT\"}}" },
		{ ERR_TOO_BIG, "{\"error\":{\"code\":400,\"message\":\"the "
		    "request exceeds the available context size\",\"type\":"
		    "\"exceed_context_size_error\"}}" },
		{ ERR_REFUSED, "{\"error\":{\"message\":\"Unknown parameter: "
		    "'x'\",\"type\":\"invalid_request_error\"}}" },
	};
	char name[] = "some";
	struct model_entry en = { .name = name };

	(void)state;
	for (size_t i = 0; i < NELEM(all); i++) {
		struct fault f = FAULT_INIT;

		fault_status(&f, &en, "m", 400, all[i].body,
		    strlen(all[i].body));
		if (f.err.code != all[i].code)
			fail_msg("%s: %s", err_code_name(f.err.code),
			    all[i].body);
		assert_false(f.retry);
	}
}

static void
retry_after_is_seconds_or_a_date(void **state)
{
	(void)state;
	assert_int_equal(fault_retry_after("3", 0), 3000);
	assert_int_equal(fault_retry_after("0.5", 0), 500);
	assert_int_equal(fault_retry_after(
	    "Thu, 01 Jan 1970 00:01:00 GMT", 20000), 40000);
	assert_int_equal(fault_retry_after(
	    "Thu, 01 Jan 1970 00:00:01 GMT", 20000), 0);
	assert_int_equal(fault_retry_after("soon", 0), -1);
}

static void
usage_leaves_out_what_is_unknown(void **state)
{
	struct model_usage u = MODEL_USAGE_INIT;
	struct buf b = BUF_INIT;

	(void)state;
	u.output = 3;
	model_usage_write(&u, &b);
	assert_string_equal(b.data, "{\"outputTokens\":3}");
	buf_clear(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_follow_environment_and_configuration),
		cmocka_unit_test(the_default_is_said_set_or_demo),
		cmocka_unit_test(a_script_plays_section_by_section),
		cmocka_unit_test(the_demo_says_what_it_is_and_sees_the_history),
		cmocka_unit_test(waits_follow_the_server_and_the_limit),
		cmocka_unit_test(too_long_is_told_from_wrong),
		cmocka_unit_test(retry_after_is_seconds_or_a_date),
		cmocka_unit_test(usage_leaves_out_what_is_unknown),
	};
	static const char *const keys[] = { "OPENAI", "OPENROUTER", "GROQ",
	    "DEEPSEEK", "MISTRAL", "XAI", "TOGETHER", "MINE", "OLLAMA" };
	char name[64];

	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		snprintf(name, sizeof name, "%s_API_KEY", keys[i]);
		unsetenv(name);
		snprintf(name, sizeof name, "%s_BASE_URL", keys[i]);
		unsetenv(name);
	}
	setenv("OLLAMA_HOST", "0.0.0.0:4321", 1);
	setenv("CHATD_NO_DISCOVERY", "1", 1);
	setenv("CHATD_DEMO_DELAY_MS", "0", 1);
	return cmocka_run_group_tests_name("models", tests, NULL, NULL);
}
