/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fault.c - why a try failed, and whether another one may help */

#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "model/fault.h"
#include "model/model_priv.h"
#include "wire/fetch.h"

enum { WORDS_MAX = 300 };	/* of a server's, in a message */

/* ------------------------------------------------------- what a server says */

static const char *
string_of(const struct json *v)
{
	return json_is(v, JSON_STRING) && json_len(v) > 0 ? json_str(v) : NULL;
}

/* A list of what did not fit the server's schema, also below message. */
static const struct json *
details_of(const struct json *v)
{
	const struct json *said = json_get(v, "message");

	if (json_is(said, JSON_ARRAY))
		return said;
	return json_get(json_is(said, JSON_OBJECT) ? said : v, "detail");
}

/* providers 9.1: error.message, error, message, detail */
static const char *
words_of(const struct json *v)
{
	const struct json *error, *detail = details_of(v);
	const char *s;

	if (json_is(v, JSON_ARRAY))	/* Gemini without alt=sse */
		return words_of(json_first(v));
	error = json_get(v, "error");
	if ((s = json_get_str(error, "message")) != NULL ||
	    (s = string_of(error)) != NULL ||
	    (s = string_of(json_get(v, "message"))) != NULL ||
	    (s = string_of(detail)) != NULL)
		return s;
	return json_get_str(json_first(detail), "msg");
}

/* code and type may be strings, numbers or null */
static bool
says(const struct json *v, const char *word)
{
	const struct json *error = json_get(v, "error");

	if (json_is(v, JSON_ARRAY))
		return says(json_first(v), word);
	if (!json_is(error, JSON_OBJECT))
		error = v;
	return json_streq(json_get(error, "code"), word) ||
	    json_streq(json_get(error, "type"), word) ||
	    json_streq(json_get(error, "status"), word) ||
	    json_streq(json_path(error, "details", "error_code", NULL), word);
}

static bool
says_one_of(const struct json *v, const char *const *words)
{
	for (; *words != NULL; words++)
		if (says(v, *words))
			return true;
	return false;
}

/* Money, not speed: waiting does not help (providers 9.2). */
static const char *const money[] = {
	"insufficient_quota", "billing_hard_limit_reached",
	"enforced_spend_limit_reached", "contract_spend_limit_reached", NULL,
};

/* Less must be said, not less often (providers 9.2). */
static const char *const too_long[] = {
	"context_length_exceeded", "exceed_context_size_error",
	"prompt is too long", "maximum context length",
	"exceeds the maximum number of tokens", "context window",
	"context length", NULL,
};

static bool
says_too_long(const struct json *v)
{
	const char *words = words_of(v);

	for (size_t i = 0; too_long[i] != NULL; i++)
		if (says(v, too_long[i]) || (words != NULL &&
		    strcasestr(words, too_long[i]) != NULL))
			return true;
	return false;
}

/* A word that is, or looks like, a key. */
static bool
is_secret(const char *word, size_t len, const char *key)
{
	static const char *const signs[] = { "sk-", "gsk_", "xai-", "AIza" };
	size_t n = key != NULL ? strlen(key) : 0;

	if (n >= 4 && n <= len && memmem(word, len, key, n) != NULL)
		return true;
	for (size_t i = 0; i < NELEM(signs); i++)
		if (len > 8 && memmem(word, len, signs[i], strlen(signs[i])) ==
		    word)
			return true;
	return false;
}

/* One line without keys, not too long. Some gateways echo the key back. */
static void
say_words(struct buf *b, const char *s, const char *key)
{
	while (*s != '\0' && b->len < WORDS_MAX) {
		size_t len = strcspn(s, " \t\r\n\"'`,;()<>");

		if (is_secret(s, len, key))
			buf_adds(b, "[key]");
		else
			utf8_add_valid(b, s, len);
		s += len;
		if (*s == '\0')
			break;
		if (strchr(" \t\r\n", *s) == NULL)
			buf_addc(b, *s);
		else if (b->len > 0 && b->data[b->len - 1] != ' ')
			buf_addc(b, ' ');
		s++;
	}
	while (b->len > 0 && strchr(" .", b->data[b->len - 1]) != NULL)
		buf_cut(b, b->len - 1);
	if (b->len > WORDS_MAX)
		buf_cut(b, utf8_prefix(b->data, b->len, WORDS_MAX));
}

/* Where in the request the first thing is that did not fit. */
static void
say_place(struct buf *b, const struct json *root, const char *key)
{
	const struct json *at;
	const char *between = ": ";

	JSON_EACH(at, json_get(json_first(details_of(root)), "loc")) {
		if (!json_is(at, JSON_STRING) || json_streq(at, "body"))
			continue;
		buf_adds(b, between);
		say_words(b, json_str(at), key);
		between = ".";
	}
}

/* --------------------------------------------------------------- the status */

static const struct {
	int status;
	enum err_code code;
	bool retry;
	const char *words;
} statuses[] = {
	{ 400, ERR_REFUSED, false, "the request was refused" },
	{ 401, ERR_AUTH, false, "the key was refused" },
	{ 402, ERR_FORBIDDEN, false, "payment required" },
	{ 403, ERR_FORBIDDEN, false, "forbidden" },
	{ 404, ERR_FAILED, false, "not found" },
	{ 408, ERR_UNREACHABLE, true, "timed out" },
	{ 409, ERR_CONFLICT, true, "conflict" },
	{ 413, ERR_TOO_BIG, false, "the request is too large" },
	{ 422, ERR_INVALID, false, "the request was refused" },
	{ 425, ERR_UNREACHABLE, true, "too early" },
	{ 429, ERR_BUSY, true, "rate limited" },
	{ 500, ERR_UNREACHABLE, true, "internal error" },
	{ 502, ERR_UNREACHABLE, true, "bad gateway" },
	{ 503, ERR_BUSY, true, "overloaded" },
	{ 504, ERR_UNREACHABLE, true, "timed out" },
	{ 529, ERR_BUSY, true, "overloaded" },
};

static void
status_set(struct fault *f, int status, enum err_code *code,
    const char **words)
{
	*code = status >= 500 ? ERR_UNREACHABLE : ERR_FAILED;
	*words = status >= 500 ? "the server failed" :
	    "an answer that cannot be used";
	f->retry = status >= 520 && status < 530;
	for (size_t i = 0; i < NELEM(statuses); i++) {
		if (statuses[i].status != status)
			continue;
		*code = statuses[i].code;
		*words = statuses[i].words;
		f->retry = statuses[i].retry;
	}
}

static void
status_hint(struct fault *f, const struct model_entry *en, int status)
{
	if (status == 401 && en->key_command != NULL)
		err_hint(&f->err, "its key_command told that key");
	else if (status == 401 && en->key_env != NULL && entry_key(en) != NULL)
		err_hint(&f->err, "is %s right?", en->key_env);
	else if (status == 401 && en->key_env != NULL)
		err_hint(&f->err, "export %s=...", en->key_env);
	else if (status == 404)
		err_hint(&f->err, "chatd models %s lists the models",
		    en->name);
}

/* Google says in the body how long to wait, and which quota is at its end: one
 * for a day is no matter of waiting. */
static void
details_read(struct fault *f, const struct json *root)
{
	const struct json *d, *v;

	if (json_is(root, JSON_ARRAY))
		root = json_first(root);
	JSON_EACH(d, json_path(root, "error", "details", NULL)) {
		const char *delay = json_get_str(d, "retryDelay");
		char *end;

		if (delay != NULL && f->wish_ms < 0) {
			double seconds = strtod(delay, &end);

			if (end != delay && seconds >= 0 && seconds < 1e9)
				f->wish_ms = (int64_t)(seconds * 1000);
		}
		JSON_EACH(v, json_get(d, "violations"))
			if (json_get_str(v, "quotaId") != NULL &&
			    strstr(json_get_str(v, "quotaId"), "PerDay") !=
			    NULL)
				f->retry = false;
	}
}

void
fault_status(struct fault *f, const struct model_entry *en, const char *model,
    int status, const char *body, size_t len)
{
	struct json_doc *doc = json_parse(body, len, JSON_REPLACE_UTF8, NULL);
	const struct json *root = doc != NULL ? json_root(doc) : NULL;
	const char *words = words_of(root), *otherwise;
	struct buf said = BUF_INIT;
	enum err_code code;

	status_set(f, status, &code, &otherwise);
	if (status == 400 && says_too_long(root))
		code = ERR_TOO_BIG;
	/* not a page of a gateway: its status says as much */
	if (words == NULL && root == NULL && body[0] != '<')
		words = body;
	if (words != NULL)
		say_words(&said, words, entry_key(en));
	say_place(&said, root, entry_key(en));
	if (said.len == 0)
		buf_adds(&said, otherwise);
	err_set(&f->err, code, "%s: %s%s%s (HTTP %d)", en->name,
	    status == 404 ? model : "", status == 404 ? ": " : "", said.data,
	    status);
	status_hint(f, en, status);
	details_read(f, root);
	if (says_one_of(root, money))
		f->retry = false;
	f->loading = status == 503 && strcasestr(said.data, "loading") != NULL;
	f->no_stream_options = (status == 400 || status == 422) &&
	    strstr(said.data, "stream_options") != NULL;
	buf_clear(&said);
	json_doc_free(doc);
}

/* --------------------------------------------------- errors within a stream */

static const struct {
	const char *word;
	int status;
} names[] = {
	{ "overloaded_error", 529 }, { "rate_limit_error", 429 },
	{ "rate_limit_exceeded", 429 }, { "api_error", 500 },
	{ "server_error", 500 }, { "timeout_error", 504 },
	{ "UNAVAILABLE", 503 }, { "RESOURCE_EXHAUSTED", 429 },
	{ "INTERNAL", 500 }, { "DEADLINE_EXCEEDED", 504 },
	{ "authentication_error", 401 }, { "permission_error", 403 },
	{ "not_found_error", 404 }, { "request_too_large", 413 },
	{ "invalid_request_error", 400 }, { "billing_error", 402 },
	{ "insufficient_quota", 429 },
};

bool
fault_is_object(const struct json *v)
{
	const struct json *error = json_get(v, "error");

	if (json_is(error, JSON_OBJECT) || string_of(error) != NULL)
		return true;
	return json_streq(json_get(v, "object"), "error") ||
	    (json_streq(json_get(v, "type"), "error") &&
	    words_of(v) != NULL);
}

static int
status_of(const struct json *v)
{
	int64_t code;

	if (json_int64(json_path(v, "error", "code", NULL), &code) == 0 &&
	    code >= 400 && code < 600)
		return (int)code;
	for (size_t i = 0; i < NELEM(names); i++)
		if (says(v, names[i].word))
			return names[i].status;
	return 0;
}

void
fault_object(struct fault *f, const struct model_entry *en,
    const struct json *v)
{
	const char *words = words_of(v), *otherwise = "an error";
	struct buf said = BUF_INIT;
	enum err_code code = ERR_UNREACHABLE;
	int status = status_of(v);

	if (status != 0)
		status_set(f, status, &code, &otherwise);
	if (says_too_long(v))
		code = ERR_TOO_BIG;
	if (words != NULL)
		say_words(&said, words, entry_key(en));
	if (said.len == 0)
		buf_adds(&said, otherwise);
	err_set(&f->err, code, "%s: %s", en->name, said.data);
	status_hint(f, en, status);
	if (says_one_of(v, money))
		f->retry = false;
	buf_clear(&said);
}

/* ------------------------------------------------------------- the transfer */

void
fault_transfer(struct fault *f, const struct model_entry *en,
    const struct fetch_result *res)
{
	enum err_code code = res->err.code;

	if (code == ERR_TIMEOUT)	/* 124 is for --timeout (cli.md 4) */
		code = ERR_UNREACHABLE;
	f->retry = code == ERR_UNREACHABLE;
	f->refused = strstr(res->err.text, "Connection refused") != NULL ||
	    strstr(res->err.text, "No such file") != NULL;
	err_set(&f->err, code, "%s: %s", en->name, res->err.text);
	if (f->refused && en->local)
		err_hint(&f->err, "is it running? chatd doctor shows which "
		    "local servers answer");
}

int64_t
fault_retry_after(const char *value, int64_t now_ms)
{
	struct tm tm = { 0 };
	char *end;
	double seconds = strtod(value, &end);

	if (end != value && *end == '\0' && seconds >= 0 && seconds < 1e9)
		return (int64_t)(seconds * 1000);
	if (strptime(value, "%a, %d %b %Y %H:%M:%S", &tm) == NULL)
		return -1;
	int64_t at = (int64_t)timegm(&tm) * 1000;
	return at > now_ms ? at - now_ms : 0;
}

void
fault_headers(struct fault *f, const struct fetch *fetch, bool *forced,
    bool *forbidden)
{
	const char *should = fetch_header(fetch, "x-should-retry");

	*forced = should != NULL && strcmp(should, "true") == 0;
	*forbidden = should != NULL && strcmp(should, "false") == 0;
	const char *ms = fetch_header(fetch, "retry-after-ms");
	if (ms != NULL) {
		f->wish_ms = fault_retry_after(ms, 0);
		if (f->wish_ms >= 0)
			f->wish_ms /= 1000;
	}
	const char *after = fetch_header(fetch, "retry-after");
	if (f->wish_ms < 0 && after != NULL)
		f->wish_ms = fault_retry_after(after, clock_ms());
}
