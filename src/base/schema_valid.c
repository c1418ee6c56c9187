/* SPDX-License-Identifier: GPL-3.0-or-later */
/* schema_valid.c - is this a JSON Schema that can be used? */

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/pattern.h"
#include "base/schema.h"
#include "base/schema_priv.h"

struct valid {
	const struct json *root;
	struct err *e;
};

static int schema_ok(struct valid *v, const struct json *schema);

/* Undo %xx, then ~1 and ~0, in one step of a pointer. */
static void
unescape(struct buf *b, const char *s, size_t len)
{
	size_t i;

	buf_reset(b);
	for (i = 0; i < len; i++) {
		char hex[3] = { 0 }, *end;

		if (s[i] == '%' && len - i > 2) {
			memcpy(hex, s + i + 1, 2);
			buf_addc(b, (char)strtoul(hex, &end, 16));
			i += 2;
		} else if (s[i] == '~' && len - i > 1) {
			buf_addc(b, s[++i] == '1' ? '/' : '~');
		} else {
			buf_addc(b, s[i]);
		}
	}
}

const struct json *
schema_resolve(const struct json *root, const char *ref)
{
	const struct json *v = root;
	struct buf b = BUF_INIT;
	const char *p = ref + 1;

	if (ref[0] != '#' || (*p != '\0' && *p != '/'))
		return NULL;
	while (*p == '/' && v != NULL) {
		size_t len = strcspn(++p, "/");

		unescape(&b, p, len);
		v = json_is(v, JSON_ARRAY) ?
		    json_at(v, strtoul(b.data, NULL, 10)) :
		    json_getn(v, b.data, b.len);
		p += len;
	}
	buf_clear(&b);
	return v;
}

static int
wrong(struct valid *v, const struct json *word, const char *wanted)
{
	return err_set(v->e, ERR_CONFIG, "schema: \"%s\" must be %s",
	    json_name(word), wanted);
}

static int
pattern_ok(struct valid *v, const char *text)
{
	struct pattern *p = pattern_new(text, v->e);

	pattern_free(p);
	return p == NULL ? -1 : 0;
}

static int
shape_any(struct valid *v, const struct json *word)
{
	(void)v;
	(void)word;
	return 0;
}

static int
shape_bool(struct valid *v, const struct json *word)
{
	return json_is_bool(word) ? 0 : wrong(v, word, "true or false");
}

static int
shape_count(struct valid *v, const struct json *word)
{
	int64_t n;

	return json_int64(word, &n) == 0 && n >= 0 ? 0 :
	    wrong(v, word, "a number of things");
}

static int
shape_list(struct valid *v, const struct json *word)
{
	return json_is(word, JSON_ARRAY) ? 0 : wrong(v, word, "a list");
}

static int
shape_names(struct valid *v, const struct json *word)
{
	const struct json *name;

	if (!json_is(word, JSON_ARRAY))
		return wrong(v, word, "a list of names");
	JSON_EACH(name, word)
		if (!json_is(name, JSON_STRING))
			return wrong(v, word, "a list of names");
	return 0;
}

static int
shape_number(struct valid *v, const struct json *word)
{
	double d;

	return json_double(word, &d) == 0 ? 0 : wrong(v, word, "a number");
}

static int
shape_pattern(struct valid *v, const struct json *word)
{
	if (!json_is(word, JSON_STRING))
		return wrong(v, word, "a pattern");
	return pattern_ok(v, json_str(word));
}

static int
shape_schema_map(struct valid *v, const struct json *word)
{
	const struct json *sub;

	if (!json_is(word, JSON_OBJECT))
		return wrong(v, word, "an object of schemas");
	JSON_EACH(sub, word)
		if (schema_ok(v, sub) == -1)
			return -1;
	return 0;
}

static int
shape_pattern_map(struct valid *v, const struct json *word)
{
	const struct json *sub;

	JSON_EACH(sub, word)
		if (pattern_ok(v, json_name(sub)) == -1)
			return -1;
	return shape_schema_map(v, word);
}

static int
shape_ref(struct valid *v, const struct json *word)
{
	if (!json_is(word, JSON_STRING))
		return wrong(v, word, "a text");
	if (schema_resolve(v->root, json_str(word)) != NULL)
		return 0;
	return err_set(v->e, ERR_CONFIG, "schema: the $ref \"%.200s\" leads "
	    "nowhere", json_str(word));
}

static int
shape_schema(struct valid *v, const struct json *word)
{
	return schema_ok(v, word);
}

static int
shape_schema_list(struct valid *v, const struct json *word)
{
	const struct json *sub;

	if (!json_is(word, JSON_ARRAY) || json_len(word) == 0)
		return wrong(v, word, "a list of schemas");
	JSON_EACH(sub, word)
		if (schema_ok(v, sub) == -1)
			return -1;
	return 0;
}

static int
shape_schema_or_list(struct valid *v, const struct json *word)
{
	return json_is(word, JSON_ARRAY) && json_len(word) > 0 ?
	    shape_schema_list(v, word) : schema_ok(v, word);
}

static int
shape_type(struct valid *v, const struct json *word)
{
	const struct json *name;

	if (json_is(word, JSON_STRING))
		return schema_is_type_name(word) ? 0 :
		    wrong(v, word, "the name of a type");
	if (!json_is(word, JSON_ARRAY) || json_len(word) == 0)
		return wrong(v, word, "the name of a type");
	JSON_EACH(name, word)
		if (!schema_is_type_name(name))
			return wrong(v, word, "a list of types");
	return 0;
}

static const struct {
	const char *name;
	int (*ok)(struct valid *, const struct json *word);
} shapes[] = {
#define X(name, shape, check) { name, shape_##shape },
	SCHEMA_KEYWORDS(X)
#undef X
};

static int
schema_ok(struct valid *v, const struct json *schema)
{
	const struct json *word;
	size_t i;

	if (json_is_bool(schema))
		return 0;
	if (!json_is(schema, JSON_OBJECT))
		return err_set(v->e, ERR_CONFIG, "schema: neither an object "
		    "nor true or false");
	JSON_EACH(word, schema)
		for (i = 0; i < NELEM(shapes); i++)
			if (strcmp(shapes[i].name, json_name(word)) == 0 &&
			    shapes[i].ok(v, word) == -1)
				return -1;
	return 0;
}

int
schema_valid(const struct json *schema, struct err *e)
{
	struct valid v = { schema, e };

	return schema_ok(&v, schema);
}
