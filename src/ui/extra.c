/* SPDX-License-Identifier: GPL-3.0-or-later */
/* extra.c - what is no text in an answer, in a few words: data, files */

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "ui/extra.h"

enum { SHOWN = 8 };		/* members of an object */

/* "weather-report", "weather_report" and "weatherReport" are two words. */
static void
add_name(struct buf *out, const char *name)
{
	for (const char *s = name; *s != '\0'; s++) {
		bool upper = *s >= 'A' && *s <= 'Z';

		if (upper && s > name && s[-1] >= 'a' && s[-1] <= 'z')
			buf_addc(out, ' ');
		buf_addc(out, *s == '-' || *s == '_' ? ' ' :
		    upper ? *s - 'A' + 'a' : *s);
	}
}

static const char *
plural(size_t n)
{
	return n == 1 ? "" : "s";
}

/* What holds others is only counted. */
static void
add_value(struct buf *out, const struct json *v)
{
	char *text;

	if (json_is(v, JSON_STRING)) {
		buf_add(out, json_str(v), json_len(v));
	} else if (json_is(v, JSON_ARRAY) || json_is(v, JSON_OBJECT)) {
		buf_addf(out, "(%zu %s%s)", json_len(v),
		    json_is(v, JSON_ARRAY) ? "entr" : "member",
		    json_is(v, JSON_OBJECT) ? plural(json_len(v)) :
		    json_len(v) == 1 ? "y" : "ies");
	} else {
		text = json_text(v);
		buf_adds(out, text);
		free(text);
	}
}

static void
add_members(struct buf *out, const struct json *object)
{
	const struct json *v;
	size_t n = 0;

	JSON_EACH(v, object) {
		if (n++ == SHOWN) {
			buf_addf(out, ", \u2026 %zu more", json_len(object) -
			    SHOWN);
			return;
		}
		buf_adds(out, n > 1 ? ", " : "");
		add_name(out, json_name(v));
		buf_addc(out, ' ');
		add_value(out, v);
	}
}

void
extra_data(struct buf *out, const char *type, const char *data)
{
	struct json_doc *doc = data == NULL ? NULL :
	    json_parse(data, strlen(data), JSON_REPLACE_UTF8, NULL);
	const struct json *v = json_root(doc);

	add_name(out, strncmp(type, "data-", 5) == 0 ? type + 5 : type);
	if (json_is(v, JSON_OBJECT) ? json_len(v) > 0 : json_is_set(v))
		buf_adds(out, ": ");
	if (json_is(v, JSON_OBJECT))
		add_members(out, v);
	else if (json_is_set(v))
		add_value(out, v);
	json_doc_free(doc);
}

/* Bytes behind a data: URL, or 0. */
static size_t
size_of(const char *url)
{
	const char *s = url != NULL && strncmp(url, "data:", 5) == 0 ?
	    strstr(url, ";base64,") : NULL;

	if (s == NULL)
		return 0;
	s += strlen(";base64,");
	return strcspn(s, "=") * 3 / 4;
}

void
extra_file(struct buf *out, const struct json *file)
{
	const char *name = json_get_str(file, "filename");
	const char *url = json_get_str(file, "url");
	const char *type = json_get_str(file, "mediaType");
	const char *last = url != NULL && strncmp(url, "http", 4) == 0 ?
	    strrchr(url, '/') : NULL;
	size_t size = size_of(url);

	if (name != NULL && *name != '\0')
		buf_adds(out, name);
	else if (last != NULL && last[1] != '\0')
		buf_add(out, last + 1, strcspn(last + 1, "?#"));
	else
		buf_adds(out, type != NULL &&
		    strncmp(type, "image/", 6) == 0 ? "image" : "file");
	if (type != NULL && *type != '\0')
		buf_addf(out, ", %s", type);
	if (size >= 1000)
		buf_addf(out, ", %.1f kB", (double)size / 1000);
	else if (size > 0)
		buf_addf(out, ", %zu bytes", size);
}
