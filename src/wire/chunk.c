/* SPDX-License-Identifier: GPL-3.0-or-later */
/* chunk.c - the vocabulary of the UI message stream, checked */

#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "wire/chunk.h"

static const char *const type_names[] = {
#define X(id, name) [CHUNK_##id] = name,
	CHUNK_TYPES(X)
#undef X
};

/* What a field may hold. */
enum kind {
	KIND_STR,
	KIND_BOOL,
	KIND_ANY,
	KIND_OBJECT,
	KIND_META,		/* an object of objects */
	KIND_INDEX,		/* a whole number from 0 */
	KIND_FINISH_REASON,
	KIND_ENCODING,
	KIND_STRINGS,		/* an object of strings */
	KIND_CITATIONS,
	KIND_CITED,
	KIND_STEERING,
};

struct field {
	const char *name;
	enum kind kind;
	bool required;
};

#define REQ(name, kind)	{ name, KIND_##kind, true }
#define OPT(name, kind)	{ name, KIND_##kind, false }
#define END		{ NULL, KIND_ANY, false }
#define META		OPT("providerMetadata", META)
#define TOOL_MORE	OPT("providerExecuted", BOOL), META,		\
			OPT("toolMetadata", OBJECT), OPT("dynamic", BOOL)

enum { FIELDS_MAX = 11 };

/*
 * ui-message-stream 2. A required field that may hold anything is OPT: absent
 * counts as undefined, as in the releases that take it.
 */
static const struct field fields[CHUNK_TYPE_COUNT][FIELDS_MAX] = {
	[CHUNK_START] = { OPT("messageId", STR),
	    OPT("messageMetadata", ANY), END },
	[CHUNK_FINISH] = { OPT("finishReason", FINISH_REASON),
	    OPT("messageMetadata", ANY), END },
	[CHUNK_MESSAGE_METADATA] = { OPT("messageMetadata", ANY), END },
	[CHUNK_START_STEP] = { END },
	[CHUNK_FINISH_STEP] = { END },
	[CHUNK_RESET_STEP] = { END },
	[CHUNK_ABORT] = { OPT("reason", STR), END },
	[CHUNK_ERROR] = { REQ("errorText", STR), END },
	[CHUNK_TEXT_START] = { REQ("id", STR), META, END },
	[CHUNK_TEXT_DELTA] = { REQ("id", STR), REQ("delta", STR), META, END },
	[CHUNK_TEXT_END] = { REQ("id", STR), META,
	    OPT("citations", CITATIONS), END },
	[CHUNK_REASONING_START] = { REQ("id", STR), META, END },
	[CHUNK_REASONING_DELTA] = { REQ("id", STR), REQ("delta", STR), META,
	    END },
	[CHUNK_REASONING_END] = { REQ("id", STR), META, END },
	[CHUNK_CUSTOM] = { REQ("kind", STR), META, END },
	[CHUNK_SOURCE_URL] = { REQ("sourceId", STR), REQ("url", STR),
	    OPT("title", STR), META, END },
	[CHUNK_SOURCE_DOCUMENT] = { REQ("sourceId", STR),
	    REQ("mediaType", STR), REQ("title", STR), OPT("filename", STR),
	    META, END },
	[CHUNK_FILE] = { REQ("url", STR), REQ("mediaType", STR), META, END },
	[CHUNK_REASONING_FILE] = { REQ("url", STR), REQ("mediaType", STR),
	    META, END },
	[CHUNK_STEERING_MESSAGE] = { REQ("id", STR), REQ("parts", STEERING),
	    END },
	[CHUNK_TOOL_INPUT_START] = { REQ("toolCallId", STR),
	    REQ("toolName", STR), TOOL_MORE, OPT("title", STR),
	    OPT("inputEncoding", ENCODING), END },
	[CHUNK_TOOL_INPUT_DELTA] = { REQ("toolCallId", STR),
	    REQ("inputTextDelta", STR), END },
	[CHUNK_TOOL_INPUT_AVAILABLE] = { REQ("toolCallId", STR),
	    REQ("toolName", STR), OPT("input", ANY), TOOL_MORE,
	    OPT("title", STR), END },
	[CHUNK_TOOL_INPUT_ERROR] = { REQ("toolCallId", STR),
	    REQ("toolName", STR), OPT("input", ANY), REQ("errorText", STR),
	    TOOL_MORE, OPT("title", STR), END },
	[CHUNK_TOOL_APPROVAL_REQUEST] = { REQ("approvalId", STR),
	    REQ("toolCallId", STR), OPT("approvalDescriptor", ANY),
	    OPT("inputSchemaInput", ANY), OPT("reason", STR),
	    OPT("isAutomatic", BOOL), OPT("signature", STR), END },
	[CHUNK_TOOL_APPROVAL_RESPONSE] = { REQ("approvalId", STR),
	    REQ("approved", BOOL), OPT("reason", STR),
	    OPT("providerExecuted", BOOL), META, END },
	[CHUNK_TOOL_OUTPUT_AVAILABLE] = { REQ("toolCallId", STR),
	    OPT("output", ANY), TOOL_MORE, OPT("preliminary", BOOL), END },
	[CHUNK_TOOL_OUTPUT_ERROR] = { REQ("toolCallId", STR),
	    REQ("errorText", STR), TOOL_MORE, END },
	[CHUNK_TOOL_OUTPUT_DENIED] = { REQ("toolCallId", STR), END },
	[CHUNK_DATA] = { OPT("data", ANY), OPT("id", STR),
	    OPT("transient", BOOL), END },
};

static const struct field citation_fields[] = {
	REQ("source", CITED), OPT("startIndex", INDEX),
	OPT("endIndex", INDEX), OPT("citedText", STR), END,
};

/* Objects told apart by "type": in a citation by "sourceType". */
struct variant {
	const char *name;
	struct field fields[7];
};

static const struct variant cited_sources[] = {
	{ "url", { REQ("id", STR), REQ("url", STR), OPT("title", STR), META,
	    END } },
	{ "document", { REQ("id", STR), REQ("mediaType", STR),
	    REQ("title", STR), OPT("filename", STR), META, END } },
};

static const struct variant steering_parts[] = {
	{ "text", { REQ("text", STR), META, END } },
	{ "file", { REQ("mediaType", STR), REQ("url", STR),
	    OPT("filename", STR), OPT("providerReference", STRINGS), META,
	    END } },
};

static const char *const finish_reasons[] = {
	"stop", "length", "content-filter", "tool-calls", "error",
	"interrupted", "other", NULL
};
static const char *const encodings[] = { "json", "text", NULL };

static bool	fields_fit(const struct json *, const struct field *,
		    const char **);

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
variant_fits(const struct json *v, const char *key,
    const struct variant *variants, size_t count)
{
	const char *bad;
	size_t i;

	for (i = 0; i < count; i++)
		if (json_streq(json_get(v, key), variants[i].name))
			return fields_fit(v, variants[i].fields, &bad);
	return false;
}

static bool
steering_fits(const struct json *list)
{
	const struct json *v;

	if (!json_is(list, JSON_ARRAY))
		return false;
	JSON_EACH(v, list)
		if (!variant_fits(v, "type", steering_parts,
		    NELEM(steering_parts)))
			return false;
	return true;
}

static bool
citations_fit(const struct json *list)
{
	const struct json *v;
	const char *bad;

	if (!json_is(list, JSON_ARRAY))
		return false;
	JSON_EACH(v, list)
		if (!json_is(v, JSON_OBJECT) ||
		    !fields_fit(v, citation_fields, &bad))
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
kind_fits(const struct json *v, enum kind kind)
{
	switch (kind) {
	case KIND_STR:
		return json_is(v, JSON_STRING);
	case KIND_BOOL:
		return json_is_bool(v);
	case KIND_ANY:
		return true;
	case KIND_OBJECT:
		return json_is(v, JSON_OBJECT);
	case KIND_META:
		return members_are(v, JSON_OBJECT);
	case KIND_STRINGS:
		return members_are(v, JSON_STRING);
	case KIND_INDEX:
		return is_index(v);
	case KIND_FINISH_REASON:
		return one_of(v, finish_reasons);
	case KIND_ENCODING:
		return one_of(v, encodings);
	case KIND_CITATIONS:
		return citations_fit(v);
	case KIND_CITED:
		return json_streq(json_get(v, "type"), "source") &&
		    variant_fits(v, "sourceType", cited_sources,
		    NELEM(cited_sources));
	case KIND_STEERING:
		return steering_fits(v);
	}
	return false;
}

/* *bad is the name of the field that does not fit. */
static bool
fields_fit(const struct json *v, const struct field *f, const char **bad)
{
	const struct json *value;

	for (; f->name != NULL; f++) {
		*bad = f->name;
		value = json_get(v, f->name);
		if (value == NULL ? f->required : !kind_fits(value, f->kind))
			return false;
	}
	return true;
}

const char *
chunk_type_name(enum chunk_type type)
{
	return type_names[type];
}

int
chunk_type_of(const struct json *json, enum chunk_type *type)
{
	const struct json *name = json_get(json, "type");
	size_t i;

	if (!json_is(name, JSON_STRING))
		return -1;
	for (i = 0; i < CHUNK_DATA; i++) {
		if (json_streq(name, type_names[i])) {
			*type = (enum chunk_type)i;
			return 0;
		}
	}
	if (strncmp(json_str(name), type_names[CHUNK_DATA],
	    strlen(type_names[CHUNK_DATA])) != 0)
		return -1;
	*type = CHUNK_DATA;
	return 0;
}

int
chunk_check(const struct json *json, enum chunk_type *type, struct err *e)
{
	const char *bad;

	if (!json_is(json, JSON_OBJECT))
		return err_set(e, ERR_INPUT, "chunk: not an object");
	if (chunk_type_of(json, type) == -1)
		return err_set(e, ERR_INPUT, "chunk: unknown type \"%.64s\"",
		    json_get_str(json, "type") == NULL ? "" :
		    json_get_str(json, "type"));
	if (!fields_fit(json, fields[*type], &bad))
		return err_set(e, ERR_INPUT,
		    "chunk %s: \"%s\" is missing or of a wrong type",
		    type_names[*type], bad);
	return 0;
}
