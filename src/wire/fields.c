/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fields.c - tables of what an object of the wire must look like */

#include "base/json.h"
#include "wire/fields.h"

#define META	OPT("providerMetadata", META)

static const struct variant cited_list[] = {
	{ "url", { REQ("id", STR), REQ("url", STR), OPT("title", STR), META,
	    FIELD_END } },
	{ "document", { REQ("id", STR), REQ("mediaType", STR),
	    REQ("title", STR), OPT("filename", STR), META, FIELD_END } },
	{ NULL, { FIELD_END } },
};
static const struct variants cited = { "sourceType", cited_list };

static const struct variant source_list[] = {
	{ "source", { FIELD_END } },
	{ NULL, { FIELD_END } },
};
static const struct variants source = { "type", source_list };

/* The source is an object of "type": "source", and one of "sourceType". */
const struct field citation_fields[] = {
	REQ_OF("source", VARIANT, &source),
	REQ_OF("source", VARIANT, &cited),
	OPT("startIndex", INDEX), OPT("endIndex", INDEX),
	OPT("citedText", STR), FIELD_END
};

static const struct variant steering_list[] = {
	{ "text", { REQ("text", STR), META, FIELD_END } },
	{ "file", { REQ("mediaType", STR), REQ("url", STR),
	    OPT("filename", STR), OPT("providerReference", STRINGS), META,
	    FIELD_END } },
	{ NULL, { FIELD_END } },
};
const struct variants steering_parts = { "type", steering_list };

static bool
one_of(const struct json *v, const char *const *names)
{
	for (; *names != NULL; names++)
		if (json_streq(v, *names))
			return true;
	return false;
}

static bool
members_are(const struct json *v, enum json_type type)
{
	const struct json *m;

	if (!json_is(v, JSON_OBJECT))
		return false;
	JSON_EACH(m, v)
		if (!json_is(m, type))
			return false;
	return true;
}

static bool
is_index(const struct json *v)
{
	int64_t n;

	return json_int64(v, &n) == 0 && n >= 0;
}

static bool
list_fits(const struct json *list, const struct field *f)
{
	const struct json *v;
	const char *bad;

	if (!json_is(list, JSON_ARRAY))
		return false;
	JSON_EACH(v, list)
		if (!(f->kind == FIELD_TABLES ?
		    fields_fit(v, f->more, &bad) :
		    fields_fit_variant(v, f->more, &bad)))
			return false;
	return true;
}

static bool
value_fits(const struct json *v, const struct field *f)
{
	const char *bad;

	switch (f->kind) {
	case FIELD_STR:
		return json_is(v, JSON_STRING);
	case FIELD_BOOL:
		return json_is_bool(v);
	case FIELD_TRUE:
		return json_is(v, JSON_TRUE);
	case FIELD_FALSE:
		return json_is(v, JSON_FALSE);
	case FIELD_NEVER:
		return false;
	case FIELD_ANY:
		return true;
	case FIELD_OBJECT:
		return json_is(v, JSON_OBJECT);
	case FIELD_META:
		return members_are(v, JSON_OBJECT);
	case FIELD_STRINGS:
		return members_are(v, JSON_STRING);
	case FIELD_INDEX:
		return is_index(v);
	case FIELD_ONE_OF:
		return one_of(v, f->more);
	case FIELD_TABLE:
		return fields_fit(v, f->more, &bad);
	case FIELD_VARIANT:
		return fields_fit_variant(v, f->more, &bad);
	case FIELD_TABLES:
	case FIELD_VARIANTS:
		return list_fits(v, f);
	}
	return false;
}

bool
fields_fit(const struct json *v, const struct field *f, const char **bad)
{
	const struct json *value;

	*bad = "";
	if (!json_is(v, JSON_OBJECT))
		return false;
	for (; f->name != NULL; f++) {
		*bad = f->name;
		value = json_get(v, f->name);
		if (value == NULL ? f->required : !value_fits(value, f))
			return false;
	}
	return true;
}

bool
fields_fit_variant(const struct json *v, const struct variants *vs,
    const char **bad)
{
	const struct json *name = json_get(v, vs->key);
	const struct variant *it;

	*bad = vs->key;
	for (it = vs->list; it->name != NULL; it++)
		if (json_streq(name, it->name))
			return fields_fit(v, it->fields, bad);
	return false;
}
