/* SPDX-License-Identifier: GPL-3.0-or-later */
/* strip.c - take out of a body what its sender may not say */

/* config.h turns on memmem() */
#include "config.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "server/strip.h"

/* A copy of an object without the member at path. */
static void
write_without(struct json_w *w, const struct json *obj,
    const char *const *path)
{
	const struct json *v;

	json_w_obj(w);
	JSON_EACH(v, obj) {
		bool on_path = json_name_len(v) == strlen(*path) &&
		    memcmp(json_name(v), *path, json_name_len(v)) == 0;

		if (on_path && path[1] == NULL)
			continue;
		json_w_keyn(w, json_name(v), json_name_len(v));
		if (on_path)
			write_without(w, v, path + 1);
		else
			json_w_value(w, v);
	}
	json_w_obj_end(w);
}

static const struct json *
find(const struct json *v, const char *const *path)
{
	for (; *path != NULL; path++) {
		if (!json_is(v, JSON_OBJECT))
			return NULL;
		v = json_get(v, *path);
	}
	return v;
}

static bool
has_code(const struct buf *body)
{
	const char *at = body->data, *end = at + body->len;

	while ((at = memchr(at, '\\', (size_t)(end - at))) != NULL)
		if (*++at == 'u')	/* or the NUL behind the last one */
			return true;
	return false;
}

/* Most bodies can be told apart without reading them; a name may be written
 * with escapes, but only with \u ones. */
static bool
may_have(const struct buf *body, const char *const *path)
{
	while (path[1] != NULL)
		path++;
	return memmem(body->data, body->len, *path, strlen(*path)) != NULL ||
	    has_code(body);
}

void
strip_member(struct buf *body, const char *const *path, const char *value)
{
	struct buf clean = BUF_INIT;
	struct json_doc *doc;
	const struct json *v;
	struct json_w w;

	if (!may_have(body, path))
		return;
	/* read as the agent will read it */
	doc = json_parse(body->data, body->len, JSON_REPLACE_UTF8, NULL);
	v = find(json_root(doc), path);
	if (v != NULL && (value == NULL ||
	    (json_is(v, JSON_STRING) && json_streq(v, value)))) {
		json_w_init(&w, &clean);
		write_without(&w, json_root(doc), path);
		buf_reset(body);
		buf_add(body, clean.data, clean.len);
		buf_clear(&clean);
	}
	json_doc_free(doc);
}
