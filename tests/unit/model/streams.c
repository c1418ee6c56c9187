/* SPDX-License-Identifier: GPL-3.0-or-later */
/* streams.c - recorded answers of three APIs, cut at every position */

/*
 * tests/vectors/provider-streams: NAME.sse is the body as it comes, NAME.want
 * what is heard of it. The API is the first word of the name.
 */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>

#include "heard.h"
#include "model/anthropic.h"
#include "model/gemini.h"
#include "model/responses.h"
#include "wire/sse.h"

enum { VECTOR_MAX = 1024 * 1024 };

struct reader {
	const struct api *api;
	struct heard heard;
	union {
		struct anthropic_stream anthropic;
		struct responses_stream responses;
		struct gemini_stream gemini;
	} stream;
	struct fault fault;
};

static void
anthropic_open(struct reader *r)
{
	anthropic_stream_init(&r->stream.anthropic, &r->heard.call, NULL);
}

static int
anthropic_feed(struct reader *r, const char *data, size_t len)
{
	return anthropic_stream_feed(&r->stream.anthropic, data, len,
	    &r->fault);
}

static int
anthropic_end(struct reader *r)
{
	return anthropic_stream_end(&r->stream.anthropic, &r->fault);
}

static void
anthropic_close(struct reader *r)
{
	anthropic_stream_clear(&r->stream.anthropic);
}

static void
responses_open(struct reader *r)
{
	responses_stream_init(&r->stream.responses, &r->heard.call, NULL);
}

static int
responses_feed(struct reader *r, const char *data, size_t len)
{
	return responses_stream_feed(&r->stream.responses, data, len,
	    &r->fault);
}

static int
responses_end(struct reader *r)
{
	return responses_stream_end(&r->stream.responses, &r->fault);
}

static void
responses_close(struct reader *r)
{
	responses_stream_clear(&r->stream.responses);
}

static void
gemini_open(struct reader *r)
{
	gemini_stream_init(&r->stream.gemini, &r->heard.call, NULL);
}

static int
gemini_feed(struct reader *r, const char *data, size_t len)
{
	return gemini_stream_feed(&r->stream.gemini, data, len, &r->fault);
}

static int
gemini_end(struct reader *r)
{
	return gemini_stream_end(&r->stream.gemini, &r->fault);
}

static void
gemini_close(struct reader *r)
{
	gemini_stream_clear(&r->stream.gemini);
}

static const struct api {
	const char *name;
	const char *provider;
	void (*open)(struct reader *);
	int (*feed)(struct reader *, const char *, size_t);
	int (*end)(struct reader *);
	void (*close)(struct reader *);
} apis[] = {
	{ "anthropic", "anthropic", anthropic_open, anthropic_feed,
	  anthropic_end, anthropic_close },
	{ "responses", "openai", responses_open, responses_feed,
	  responses_end, responses_close },
	{ "gemini", "google", gemini_open, gemini_feed, gemini_end,
	  gemini_close },
};

static int
event_came(const struct sse_event *ev, void *arg)
{
	struct reader *r = arg;

	return r->api->feed(r, ev->data, ev->len);
}

static void
replace_made_ids(char *s)
{
	char *p;

	while ((p = strstr(s, "call_")) != NULL && strlen(p) >= 29 &&
	    strcspn(p, " ]") == 29) {
		memcpy(p, "NEW", 3);
		memmove(p + 3, p + 29, strlen(p + 29) + 1);
	}
}

static bool
read_body(struct reader *r, const char *bytes, size_t cut)
{
	struct sse_parser *sse;
	bool well;

	/* a server that does not stream */
	if (bytes[0] == '{' || bytes[0] == '[')
		return r->api->feed(r, bytes, strlen(bytes)) == 0;
	sse = sse_new(0, event_came, r);
	well = sse_feed(sse, bytes, cut, &r->fault.err) == 0 &&
	    sse_feed(sse, bytes + cut, strlen(bytes) - cut,
	    &r->fault.err) == 0 && sse_finish(sse, &r->fault.err) == 0;
	sse_free(sse);
	return well;
}

/* What is heard of the body in two pieces. Caller frees. */
static char *
heard_of(const struct api *api, const char *bytes, size_t cut)
{
	struct reader r = { .api = api, .fault = FAULT_INIT };
	bool well;

	heard_init(&r.heard);
	str_replace(&r.heard.entry.name, api->provider);
	api->open(&r);
	well = read_body(&r, bytes, cut) && api->end(&r) == 0;
	assert_int_equal(well, r.fault.err.code == ERR_NONE);
	if (!well)
		buf_addf(&r.heard.text, "FAULT %s %s%s\n",
		    err_code_name(r.fault.err.code), r.fault.err.text,
		    r.fault.retry ? " (again)" : "");
	api->close(&r);
	char *text = xstrdup(r.heard.text.data);
	replace_made_ids(text);
	heard_clear(&r.heard);
	return text;
}

static const struct api *
api_of(const char *name)
{
	for (size_t i = 0; i < NELEM(apis); i++)
		if (strncmp(name, apis[i].name, strcspn(name, "-")) == 0)
			return &apis[i];
	fail_msg("%s: no such API", name);
	return NULL;
}

static char *
vector_read(const char *name, const char *suffix)
{
	const char *top = getenv("top_srcdir");
	char *path = xasprintf("%s/tests/vectors/provider-streams/%s%s",
	    top != NULL ? top : ".", name, suffix);
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	if (buf_read_file(&b, path, VECTOR_MAX, &e) == -1)
		fail_msg("%s", e.text);
	free(path);
	return buf_take(&b);
}

static void
vector_check(const char *name)
{
	char *bytes = vector_read(name, ".sse");
	char *want = vector_read(name, ".want");

	for (size_t cut = 0; cut <= strlen(bytes); cut++) {
		char *got = heard_of(api_of(name), bytes, cut);

		if (strcmp(got, want) != 0)
			fail_msg("%s cut at %zu:\n%s\nwanted:\n%s", name, cut,
			    got, want);
		free(got);
	}
	free(bytes);
	free(want);
}

static void
streams_give_the_same_wherever_they_are_cut(void **state)
{
	const char *top = getenv("top_srcdir");
	char *path = xasprintf("%s/tests/vectors/provider-streams",
	    top != NULL ? top : ".");
	DIR *dir = opendir(path);
	struct dirent *d;
	int count = 0;

	(void)state;
	assert_non_null(dir);
	while ((d = readdir(dir)) != NULL) {
		size_t len = strlen(d->d_name);

		if (len < 5 || strcmp(d->d_name + len - 4, ".sse") != 0)
			continue;
		char *name = xstrndup(d->d_name, len - 4);
		vector_check(name);
		free(name);
		count++;
	}
	closedir(dir);
	free(path);
	assert_true(count >= 30);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(streams_give_the_same_wherever_they_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
