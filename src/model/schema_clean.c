/* SPDX-License-Identifier: GPL-3.0-or-later */
/* schema_clean.c - JSON Schemas in the shape that providers take */

#include <stddef.h>
#include <string.h>

#include "base/json.h"
#include "model/schema_clean.h"

enum { DEPTH_MAX = 32 };

struct clean {
	struct json_w *w;
	bool simple;
};

static const char *const always[] = { "$schema", "$id", NULL };
static const char *const fragile[] = { "pattern", "format", "maxItems",
    "minItems", "patternProperties", NULL };

/* Keywords behind which stand schemas: one, a list, a map of names. */
static const char *const one[] = { "items", "additionalProperties", "not",
    "contains", "if", "then", "else", "propertyNames", NULL };
static const char *const list[] = { "anyOf", "oneOf", "allOf", "prefixItems",
    NULL };
static const char *const map[] = { "properties", "$defs", "definitions",
    "patternProperties", NULL };

static bool
in(const char *const *names, const char *name)
{
	for (; *names != NULL; names++)
		if (strcmp(*names, name) == 0)
			return true;
	return false;
}

static void write_schema(struct clean *c, const struct json *v, int depth);

static void
write_member(struct clean *c, const struct json *v, int depth)
{
	const char *name = json_name(v);
	const struct json *m;

	json_w_keyn(c->w, name, json_name_len(v));
	if (in(map, name) && json_is(v, JSON_OBJECT)) {
		json_w_obj(c->w);
		JSON_EACH(m, v) {
			json_w_keyn(c->w, json_name(m), json_name_len(m));
			write_schema(c, m, depth + 1);
		}
		json_w_obj_end(c->w);
	} else if (in(list, name) && json_is(v, JSON_ARRAY)) {
		json_w_arr(c->w);
		JSON_EACH(m, v)
			write_schema(c, m, depth + 1);
		json_w_arr_end(c->w);
	} else if (in(one, name) && json_is(v, JSON_OBJECT)) {
		write_schema(c, v, depth + 1);
	} else if (in(one, name) && json_is_bool(v) &&
	    strcmp(name, "additionalProperties") != 0) {
		write_schema(c, v, depth + 1);	/* true and false: {} */
	} else {
		json_w_value(c->w, v);
	}
}

static bool
kept(const struct clean *c, const char *name)
{
	return !in(always, name) && (!c->simple || !in(fragile, name));
}

static void
write_schema(struct clean *c, const struct json *v, int depth)
{
	const struct json *m;

	json_w_obj(c->w);
	if (json_is(v, JSON_OBJECT) && depth < DEPTH_MAX)
		JSON_EACH(m, v)
			if (kept(c, json_name(m)))
				write_member(c, m, depth);
	json_w_obj_end(c->w);
}

void
schema_clean_write(struct json_w *w, const struct json *schema, bool simple)
{
	struct clean c = { .w = w, .simple = simple };
	const struct json *m;

	json_w_obj(w);
	json_w_kstr(w, "type", "object");
	if (!json_is(json_get(schema, "properties"), JSON_OBJECT)) {
		json_w_key(w, "properties");
		json_w_obj(w);
		json_w_obj_end(w);
	}
	JSON_EACH(m, schema)
		if (json_name(m) != NULL && strcmp(json_name(m), "type") != 0 &&
		    kept(&c, json_name(m)))
			write_member(&c, m, 0);
	json_w_obj_end(w);
}

bool
schema_is_strict(const struct json *schema)
{
	const struct json *props = json_get(schema, "properties"), *v;

	if (json_is(props, JSON_OBJECT) &&
	    (!json_is(json_get(schema, "additionalProperties"), JSON_FALSE) ||
	    json_len(json_get(schema, "required")) != json_len(props)))
		return false;
	if (json_streq(json_get(schema, "type"), "object") && props == NULL)
		return false;
	JSON_EACH(v, props)
		if (!schema_is_strict(v))
			return false;
	for (size_t i = 0; list[i] != NULL; i++) {
		if (strcmp(list[i], "anyOf") != 0 &&
		    json_get(schema, list[i]) != NULL)
			return false;
		JSON_EACH(v, json_get(schema, list[i]))
			if (!schema_is_strict(v))
				return false;
	}
	return json_get(schema, "items") == NULL ||
	    schema_is_strict(json_get(schema, "items"));
}
