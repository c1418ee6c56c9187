/* SPDX-License-Identifier: GPL-3.0-or-later */
/* part.c - the parts of ModelMessages, as every provider file reads them */

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/mem.h"
#include "model/model_priv.h"
#include "model/part.h"

static const char denied[] = "Tool call execution denied.";

bool
part_is(const struct json *part, const char *type)
{
	return json_streq(json_get(part, "type"), type);
}

bool
part_is_call(const struct json *part)
{
	return part_is(part, "tool-call") &&
	    !json_bool(json_get(part, "providerExecuted"), false);
}

const char *
part_str(const struct json *part, const char *name)
{
	const char *s = json_get_str(part, name);

	return s != NULL ? s : "";
}

/* ------------------------------------------------------------------- files */

const char *
part_media_type(const struct json *part)
{
	const char *type = json_get_str(part, "mediaType");

	if (type == NULL)
		type = json_get_str(part, "mimeType");
	if (type == NULL)
		return "application/octet-stream";
	return strcmp(type, "image/*") == 0 ? "image/jpeg" : type;
}

char *
part_url(const struct json *part)
{
	const struct json *data = json_get(part, "data");
	const char *s = json_get_str(data, "url");

	if (s == NULL)
		s = json_get_str(data, "data");
	if (s == NULL && json_is(data, JSON_STRING))
		s = json_str(data);
	if (s == NULL)
		s = json_get_str(part, "url");
	if (s == NULL)
		return NULL;
	if (strncmp(s, "data:", 5) == 0 || strncmp(s, "http://", 7) == 0 ||
	    strncmp(s, "https://", 8) == 0)
		return xstrdup(s);
	return xasprintf("data:%s;base64,%s", part_media_type(part), s);
}

const char *
url_payload(const char *url)
{
	const char *p = strncmp(url, "data:", 5) == 0 ?
	    strstr(url, ";base64,") : NULL;

	return p != NULL ? p + 8 : NULL;
}

bool
part_is_picture(const struct json *part)
{
	return strncmp(part_media_type(part), "image/", 6) == 0 &&
	    (json_get(part, "data") != NULL || json_get(part, "url") != NULL);
}

bool
type_is_text(const char *media_type)
{
	return strncmp(media_type, "text/", 5) == 0 ||
	    strcmp(media_type, "application/json") == 0;
}

char *
part_file_text(const struct json *part, const char *payload)
{
	const char *name = json_get_str(part, "filename");
	struct buf b = BUF_INIT;

	buf_addf(&b, "<file name=\"%s\">\n", name != NULL ? name : "file");
	/* of what breaks off, what came before is still worth telling */
	if (base64_decode(&b, payload, strlen(payload)) == -1)
		buf_adds(&b, "\n[the rest cannot be read]");
	buf_adds(&b, "\n</file>");
	return buf_take(&b);
}

/* ----------------------------------------------------------------- results */

static bool
is_mcp_content(const struct json *content)
{
	const struct json *p;

	if (!json_is(content, JSON_ARRAY) || json_len(content) == 0)
		return false;
	JSON_EACH(p, content)
		if (!(part_is(p, "text") && json_get_str(p, "text") != NULL) &&
		    !((part_is(p, "image") || part_is(p, "audio")) &&
		    json_get_str(p, "data") != NULL))
			return false;
	return true;
}

const struct json *
output_blocks(const struct json *output)
{
	const struct json *value = json_get(output, "value");

	if (part_is(output, "content") && json_is(value, JSON_ARRAY))
		return value;
	if (part_is(output, "json") && json_get(value, "structuredContent") ==
	    NULL && is_mcp_content(json_get(value, "content")))
		return json_get(value, "content");
	return NULL;
}

bool
output_is_error(const struct json *output)
{
	return part_is(output, "error-text") ||
	    part_is(output, "error-json") ||
	    json_bool(json_path(output, "value", "isError", NULL), false);
}

char *
output_string(const struct json *output)
{
	const struct json *value = json_get(output, "value"), *p;
	const struct json *blocks = output_blocks(output);
	struct buf b = BUF_INIT;

	if (output == NULL)
		return xstrdup("The call was interrupted: it has no result.");
	if (part_is(output, "execution-denied"))
		return xstrdup(json_get_str(output, "reason") != NULL ?
		    json_get_str(output, "reason") : denied);
	if (blocks != NULL) {
		JSON_EACH(p, blocks)
			if (json_get_str(p, "text") != NULL)
				buf_adds(&b, json_get_str(p, "text"));
		return buf_take(&b);
	}
	if (json_is(value, JSON_STRING))
		return xstrndup(json_str(value), json_len(value));
	return json_text(value);
}

const struct json *
result_find(const struct json *m, const char *call_id)
{
	const struct json *p;

	for (m = json_next(m); json_streq(json_get(m, "role"), "tool");
	    m = json_next(m))
		JSON_EACH(p, json_get(m, "content"))
			if (part_is(p, "tool-result") && json_streq(
			    json_get(p, "toolCallId"), call_id))
				return p;
	return NULL;
}

/* ------------------------------------------------------------------ system */

static void
add_system(struct buf *b, const struct json *content)
{
	const char *s = json_is(content, JSON_STRING) ? json_str(content) :
	    NULL;
	const struct json *p;

	if (s != NULL && s[0] != '\0')
		buf_addf(b, "%s%s", b->len > 0 ? "\n\n" : "", s);
	if (json_is(content, JSON_ARRAY))
		JSON_EACH(p, content)
			add_system(b, json_get(p, "text"));
}

char *
system_text(const struct model_request *rq)
{
	struct buf b = BUF_INIT;
	const struct json *m;

	if (rq->system != NULL)
		buf_adds(&b, rq->system);
	JSON_EACH(m, rq->messages)
		if (json_streq(json_get(m, "role"), "system"))
			add_system(&b, json_get(m, "content"));
	return buf_take(&b);
}

char *
schema_words(const struct json *schema)
{
	char *text = json_text(schema);
	char *words = xasprintf("Answer with one JSON document that fits this "
	    "JSON Schema, and with nothing else:\n%s", text);

	free(text);
	return words;
}

/* --------------------------------------------------------- calls and tools */

char *
call_id_plain(const char *id, size_t max)
{
	uint64_t hash = 14695981039346656037u;	/* FNV-1a */
	size_t len = strlen(id);
	struct buf b = BUF_INIT;
	bool plain = len > 0 && len <= max;

	for (const char *p = id; *p != '\0'; p++) {
		bool fine = isalnum((unsigned char)*p) || *p == '_' ||
		    *p == '-';

		hash = (hash ^ (unsigned char)*p) * 1099511628211u;
		plain = plain && fine;
		if (b.len < max - 17)
			buf_addc(&b, fine ? *p : '_');
	}
	if (plain) {
		buf_reset(&b);
		buf_adds(&b, id);
	} else {	/* two ids must not become one */
		buf_addf(&b, "_%016llx", (unsigned long long)hash);
	}
	return buf_take(&b);
}

static int
by_name(const void *a, const void *b)
{
	const struct json *const *x = a, *const *y = b;

	return strcmp(json_get_str(*x, "name"), json_get_str(*y, "name"));
}

const struct json **
tools_sorted(const struct model_request *rq, size_t *count)
{
	const struct json **sorted, *t;

	*count = 0;
	if (!json_is(rq->tools, JSON_ARRAY) || json_len(rq->tools) == 0)
		return NULL;
	sorted = xcalloc(json_len(rq->tools), sizeof(*sorted));
	JSON_EACH(t, rq->tools)
		if (json_get_str(t, "name") != NULL)
			sorted[(*count)++] = t;
	qsort(sorted, *count, sizeof(*sorted), by_name);
	return sorted;
}

/* ---------------------------------------------------------------- metadata */

const struct json *
part_own(const struct model *m, const struct json *part, const char *key)
{
	const struct json *o = json_path(part, "providerOptions", key, NULL);
	const struct json *model = json_get(o, "model");
	const struct json *from = json_get(o, "provider");

	if (!json_is(o, JSON_OBJECT) ||
	    (model != NULL && !json_streq(model, m->id)) ||
	    (from != NULL && !json_streq(from, m->provider->name)))
		return NULL;
	return o;
}

void
own_begin(struct json_w *w, const struct model *m, const char *key)
{
	json_w_obj(w);
	json_w_key(w, key);
	json_w_obj(w);
	json_w_kstr(w, "model", m->id);
	if (strcmp(m->provider->name, key) != 0)
		json_w_kstr(w, "provider", m->provider->name);
}
