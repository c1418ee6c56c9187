/* SPDX-License-Identifier: GPL-3.0-or-later */
/* golden.c - our requests beside those of the AI SDK's own providers */

/*
 * tests/vectors/provider-requests is written by tests/peers/golden/record.mjs.
 * Bodies are compared field by field; where we differ on purpose, the table
 * says so, and each of its rows must be met somewhere.
 */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <dirent.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/mem.h"
#include "model/anthropic.h"
#include "model/chat_request.h"
#include "model/gemini.h"
#include "model/model_priv.h"
#include "model/responses.h"

enum { VECTOR_MAX = 1024 * 1024 };

static const char config[] = "{\"providers\":{\"golden\":{\"api\":"
    "\"openai-chat\",\"base_url\":\"http://gateway.example/v1\"}}}";

/* Shell patterns of a file's name and of a place in it, and why. */
static struct difference {
	const char *file, *path, *why;
	bool met;
} differences[] = {
	{ "*", "/tool_choice", "auto is what it is anyway", false },
	{ "gemini-*", "/toolConfig", "the same", false },
	{ "anthropic-*", "/tools/*/strict", "no is what it is anyway", false },
	{ "chat-*", "/tools/*/strict", "the same", false },
	{ "anthropic-*", "/tools/*/eager_input_streaming",
	  "its arguments may be broken JSON", false },
	{ "gemini-*", "/tools/*/parameters", "Google's subset cannot say all",
	  false },
	{ "gemini-*", "/tools/*/parametersJsonSchema", "that MCP tools say",
	  false },
	{ "gemini-*", "/generationConfig/responseSchema", "nor here", false },
	{ "gemini-*", "/generationConfig/responseJsonSchema", "so this", false },
	{ "gemini-*", "*/functionResponse/response/*",
	  "output and error are the documented names", false },
	{ "gemini-foreign.json", "*/functionResponse/id",
	  "only a call that Gemini named has one", false },
	{ "chat-foreign.json", "/messages/*/reasoning_content",
	  "foreign reasoning is not shown", false },
	{ "gemini-foreign.json", "/contents/1/parts", "the same", false },
	{ "chat-picture.json", "/messages",
	  "pictures are shown, not their base64 text", false },
};

static const struct {
	const char *name;
	int (*write)(const struct model *, const struct model_request *,
	    struct buf *, struct err *);
} apis[] = {
	{ "anthropic", anthropic_request_write },
	{ "chat", chat_request_write },
	{ "gemini", gemini_request_write },
	{ "responses", responses_request_write },
};

struct compare {
	const char *file;
	struct buf wrong;
};

static bool
is_allowed(const struct compare *c, const char *path)
{
	for (size_t i = 0; i < NELEM(differences); i++)
		if (fnmatch(differences[i].file, c->file, 0) == 0 &&
		    fnmatch(differences[i].path, path, 0) == 0) {
			differences[i].met = true;
			return true;
		}
	return false;
}

static void
differ(struct compare *c, const char *path, const struct json *ours,
    const struct json *theirs)
{
	char *a = ours != NULL ? json_text(ours) : xstrdup("-");
	char *b = theirs != NULL ? json_text(theirs) : xstrdup("-");

	if (!is_allowed(c, path))
		buf_addf(&c->wrong, "%s %s\n  ours   %.300s\n  theirs "
		    "%.300s\n", c->file, path, a, b);
	free(a);
	free(b);
}

static void compare(struct compare *c, const char *path,
    const struct json *ours, const struct json *theirs);

static void
compare_objects(struct compare *c, const char *path, const struct json *ours,
    const struct json *theirs)
{
	const struct json *m;

	JSON_EACH(m, ours) {
		char *p = xasprintf("%s/%s", path, json_name(m));

		compare(c, p, m, json_get(theirs, json_name(m)));
		free(p);
	}
	JSON_EACH(m, theirs) {
		char *p = xasprintf("%s/%s", path, json_name(m));

		if (json_get(ours, json_name(m)) == NULL)
			compare(c, p, NULL, m);
		free(p);
	}
}

static void
compare(struct compare *c, const char *path, const struct json *ours,
    const struct json *theirs)
{
	const struct json *a = json_first(ours), *b = json_first(theirs);

	if (json_equal(ours, theirs) && ours != NULL && theirs != NULL)
		return;
	if (json_is(ours, JSON_OBJECT) && json_is(theirs, JSON_OBJECT)) {
		compare_objects(c, path, ours, theirs);
		return;
	}
	if (!json_is(ours, JSON_ARRAY) || !json_is(theirs, JSON_ARRAY) ||
	    json_len(ours) != json_len(theirs)) {
		differ(c, path, ours, theirs);
		return;
	}
	for (int i = 0; a != NULL; i++, a = json_next(a), b = json_next(b)) {
		char *p = xasprintf("%s/%d", path, i);

		compare(c, p, a, b);
		free(p);
	}
}

static struct json_doc *
our_body(struct models *ms, const struct json *vector)
{
	const struct json *rq = json_get(vector, "request");
	struct model_request r = {
		.system = json_get_str(rq, "system"),
		.messages = json_get(rq, "messages"),
		.tools = json_get(rq, "tools"),
		.schema = json_get(rq, "schema"),
		.reasoning = json_get_str(rq, "reasoning"),
	};
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	struct model *m = models_get(ms, json_get_str(vector, "spec"), &e);
	struct json_doc *doc = NULL;

	assert_string_equal(e.text, "");
	(void)json_int64(json_get(rq, "maxOutput"), &r.max_output);
	for (size_t i = 0; i < NELEM(apis); i++)
		if (json_streq(json_get(vector, "api"), apis[i].name)) {
			assert_int_equal(apis[i].write(m, &r, &b, &e), 0);
			doc = json_parse(b.data, b.len, 0, &e);
		}
	assert_non_null(doc);
	buf_clear(&b);
	return doc;
}

static void
vector_check(struct models *ms, const char *dir, struct compare *c)
{
	char *path = xasprintf("%s/%s", dir, c->file);
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	assert_int_equal(buf_read_file(&b, path, VECTOR_MAX, &e), 0);
	struct json_doc *vector = json_parse(b.data, b.len, 0, &e);
	assert_non_null(vector);
	struct json_doc *ours = our_body(ms, json_root(vector));
	compare(c, "", json_root(ours), json_get(json_root(vector), "body"));
	json_doc_free(ours);
	json_doc_free(vector);
	buf_clear(&b);
	free(path);
}

static void
requests_are_those_of_the_sdk(void **state)
{
	const char *top = getenv("top_srcdir");
	char *dir = xasprintf("%s/tests/vectors/provider-requests",
	    top != NULL ? top : ".");
	struct json_doc *conf = json_parse(config, strlen(config), 0, NULL);
	struct models_opts mo = { .base = event_base_new(),
	    .config = json_root(conf) };
	struct models *ms = models_new(&mo);
	struct compare c = { .wrong = BUF_INIT };
	DIR *d = opendir(dir);
	struct dirent *en;
	int count = 0;

	(void)state;
	assert_non_null(d);
	while ((en = readdir(d)) != NULL) {
		c.file = en->d_name;
		if (strstr(en->d_name, ".json") == NULL)
			continue;
		vector_check(ms, dir, &c);
		count++;
	}
	closedir(d);
	fputs(c.wrong.data, stderr);	/* longer than a message may be */
	assert_int_equal(c.wrong.len, 0);
	assert_true(count >= 35);
	for (size_t i = 0; i < NELEM(differences); i++)
		if (!differences[i].met)
			fail_msg("no longer different: %s %s",
			    differences[i].file, differences[i].path);
	models_free(ms);
	event_base_free(mo.base);
	json_doc_free(conf);
	buf_clear(&c.wrong);
	free(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_are_those_of_the_sdk),
	};

	/* no lists or prices of the one who runs this; keys are not sent */
	setenv("CHATD_HOME", "/nonexistent", 1);
	setenv("OPENAI_API_KEY", "k", 1);
	setenv("ANTHROPIC_API_KEY", "k", 1);
	setenv("GEMINI_API_KEY", "k", 1);
	unsetenv("OPENAI_BASE_URL");
	unsetenv("ANTHROPIC_BASE_URL");
	unsetenv("GEMINI_BASE_URL");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
