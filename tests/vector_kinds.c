/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vector_kinds.c - the kinds of vectors but for the reducer's */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/utf8.h"
#include "vector.h"
#include "wire/convert.h"
#include "wire/message.h"
#include "wire/uistream.h"

/* The first so many UTF-16 units; half of a pair stays as a surrogate. */
static void
cut_units(const char *s, size_t len, int64_t units, struct buf *out)
{
	uint32_t cp;
	size_t n;
	char half[4];

	for (; len > 0 && units > 0; s += n, len -= n, units--) {
		n = utf8_decode_wtf(s, len, &cp);
		if (cp < 0x10000) {
			buf_add(out, s, n);
			continue;
		}
		if (--units > 0) {
			buf_add(out, s, n);
			continue;
		}
		cp = 0xd800 + ((cp - 0x10000) >> 10);
		buf_add(out, half, utf8_encode(cp, half));
		return;
	}
}

static void
check_cut(struct vector *v, const struct json *cut, size_t i,
    const char *text, size_t len)
{
	static const char *const states[] = {
		[JSON_PARTIAL_FAILED] = "failed-parse",
		[JSON_PARTIAL_REPAIRED] = "repaired-parse",
		[JSON_PARTIAL_WHOLE] = "successful-parse",
	};
	struct json_doc *doc = NULL;
	enum json_partial state = json_parse_partial(text, len, &doc);
	struct buf got = BUF_INIT;
	struct json_w w;
	char path[64];

	json_w_init(&w, &got);
	json_w_obj(&w);
	json_w_kvalue(&w, "units", json_get(cut, "units"));
	if (json_get(cut, "bytes") != NULL)
		json_w_kvalue(&w, "bytes", json_get(cut, "bytes"));
	json_w_kstr(&w, "state", states[state]);
	if (doc != NULL)
		json_w_kvalue(&w, "value", json_root(doc));
	json_w_obj_end(&w);
	(void)snprintf(path, sizeof path, "expect.cuts[%zu]", i);
	vector_compare_text(v, path, cut, &got);
	buf_clear(&got);
	json_doc_free(doc);
}

static void
run_partial(struct vector *v)
{
	const struct json *text = json_get(v->root, "text"), *cut;
	const struct json *cuts = json_get(v->expect, "cuts");
	struct buf part = BUF_INIT;
	int64_t units, bytes;
	size_t i = 0;

	if (!json_is(text, JSON_STRING) || json_len(cuts) == 0)
		vector_fail(v, "no text, or no cuts");
	JSON_EACH(cut, cuts) {
		if (json_int64(json_get(cut, "units"), &units) == -1) {
			vector_fail(v, "cut %zu: no units", i);
			break;
		}
		buf_reset(&part);
		cut_units(json_str(text), json_len(text), units, &part);
		check_cut(v, cut, i, part.data, part.len);
		/* the same place counted in bytes */
		if (json_int64(json_get(cut, "bytes"), &bytes) == 0) {
			if (bytes < 0 || (size_t)bytes > json_len(text))
				vector_fail(v, "cut %zu: bad bytes", i);
			else
				check_cut(v, cut, i, json_str(text),
				    (size_t)bytes);
		}
		i++;
	}
	buf_clear(&part);
}

static int
base64_value(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c == '\0' ? NULL : strchr(digits, c);

	return at == NULL ? -1 : (int)(at - digits);
}

static int
base64_decode(const struct json *text, struct buf *out)
{
	const char *s = json_str(text);
	unsigned bits = 0, have = 0;
	int n;

	if (!json_is(text, JSON_STRING))
		return -1;
	for (; *s != '\0' && *s != '='; s++) {
		n = base64_value(*s);
		if (n == -1)
			return -1;
		bits = bits << 6 | (unsigned)n;
		have += 6;
		if (have >= 8) {
			have -= 8;
			buf_addc(out, (char)(bits >> have));
			bits &= (1u << have) - 1;
		}
	}
	return 0;
}

static int
note_event(const struct json *chunk, const struct err *why ATTR_UNUSED,
    void *arg)
{
	struct json_w *w = arg;

	json_w_obj(w);
	json_w_kbool(w, "ok", chunk != NULL);
	if (chunk != NULL)
		json_w_kvalue(w, "value", chunk);
	json_w_obj_end(w);
	return 0;
}

static size_t
piece_size(const struct json *split, size_t whole)
{
	int64_t n;

	if (json_streq(split, "each"))
		return 1;
	if (json_int64(split, &n) == 0 && n > 0)
		return (size_t)n;
	return whole > 0 ? whole : 1;
}

static void
run_sse(struct vector *v)
{
	struct buf body = BUF_INIT, got = BUF_INIT;
	struct err e = ERR_INIT;
	struct uistream *stream;
	struct json_w w;
	size_t i, n, piece;

	if (base64_decode(json_get(v->root, "bodyBase64"), &body) == -1)
		vector_fail(v, "bodyBase64 is no base64");
	json_w_init(&w, &got);
	json_w_arr(&w);
	stream = uistream_new(note_event, &w);
	piece = piece_size(json_get(v->root, "split"), body.len);
	for (i = 0; i < body.len; i += n) {
		n = body.len - i < piece ? body.len - i : piece;
		if (uistream_feed(stream, body.data + i, n, &e) == -1) {
			vector_fail(v, "byte %zu: %s", i, e.text);
			break;
		}
	}
	uistream_free(stream);
	json_w_arr_end(&w);
	vector_compare_text(v, "expect.events",
	    json_get(v->expect, "events"), &got);
	buf_clear(&body);
	buf_clear(&got);
}

static void
run_encode(struct vector *v)
{
	const struct json *want = json_get(v->expect, "body"), *chunk;
	const char *const *h = uistream_headers;
	struct buf body = BUF_INIT, headers = BUF_INIT, quoted = BUF_INIT;
	struct json_w w;
	char *text;

	JSON_EACH(chunk, json_get(v->root, "chunks")) {
		text = json_text(chunk);
		uistream_write(&body, text, strlen(text));
		free(text);
	}
	uistream_write_done(&body);
	json_add_quoted(&quoted, body.data, body.len);
	vector_compare_text(v, "expect.body", want, &quoted);
	json_w_init(&w, &headers);
	json_w_obj(&w);
	for (; *h != NULL; h += 2)
		json_w_kstr(&w, h[0], h[1]);
	json_w_obj_end(&w);
	if (json_get(v->expect, "headers") != NULL)
		vector_compare_text(v, "expect.headers",
		    json_get(v->expect, "headers"), &headers);
	buf_clear(&body);
	buf_clear(&headers);
	buf_clear(&quoted);
}

static void
run_convert(struct vector *v)
{
	struct convert_opts opts = {
		.options = json_get(v->root, "options"),
	};
	struct buf out = BUF_INIT, got = BUF_INIT;
	struct json_w w;
	int status;

	status = convert_messages(json_get(v->root, "messages"), &opts, &out,
	    NULL);
	json_w_init(&w, &got);
	json_w_obj(&w);
	if (status == -1)
		json_w_kbool(&w, "error", true);
	else
		json_w_kraw(&w, "modelMessages", out.data);
	json_w_obj_end(&w);
	vector_compare_text(v, "expect", v->expect, &got);
	buf_clear(&out);
	buf_clear(&got);
}

static void
run_complete(struct vector *v)
{
	const struct json *list = json_get(v->root, "messages");
	struct buf got = BUF_INIT;
	struct json_w w;

	json_w_init(&w, &got);
	json_w_obj(&w);
	json_w_kbool(&w, "withToolCalls", message_complete_with_tools(list));
	json_w_kbool(&w, "withApprovalResponses",
	    message_complete_with_approvals(list));
	json_w_obj_end(&w);
	vector_compare_text(v, "expect", v->expect, &got);
	buf_clear(&got);
}

static void
run_validate(struct vector *v)
{
	const struct json *list = json_get(v->root, "messages");
	struct err e = ERR_INIT;
	bool valid = message_validate(list, &e) == 0;
	bool want = json_bool(json_get(v->expect, "valid"), !valid);

	if (valid != want)
		vector_fail(v, "expect.valid: expected %s, got %s %s",
		    want ? "true" : "false", valid ? "true" : "false",
		    e.text);
}

static const struct {
	const char *name;
	vector_fn run;
} kinds[] = {
	{ "reduce", vector_reduce },
	{ "partial-json", run_partial },
	{ "sse", run_sse },
	{ "sse-encode", run_encode },
	{ "convert", run_convert },
	{ "complete", run_complete },
	{ "validate", run_validate },
};

vector_fn
vector_kind(const char *kind)
{
	size_t i;

	for (i = 0; kind != NULL && i < NELEM(kinds); i++)
		if (strcmp(kinds[i].name, kind) == 0)
			return kinds[i].run;
	return NULL;
}
